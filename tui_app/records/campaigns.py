"""Sweeps over units, what is given out to whom, and the reports that are filed."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sync.registry import FieldClass
from tui_app.records.base import Record, listing, moment, objects, plain

_CAMPAIGNS = UUID("c1a3c6d4-7f57-5c0b-b7c5-4b8a4f5b9e10")
_ASSIGNMENTS = UUID("3e9a4d0b-2c43-5a52-9d1c-6a7e0b5f8c33")


class Task(StrEnum):
    """What there is to do at a door or for a person."""

    VISIT = "visit"
    MEASURE = "measure"
    TEST = "test"
    DOSE = "dose"
    SUPPORT = "support"
    FOLLOW_UP = "follow_up"
    OTHER = "other"


class SweepCampaign(Record, table=True):
    """A sweep "đi từng ngõ, gõ từng nhà, rà từng người" in one unit; the rows of one ``campaign`` name all its units.

    ``campaign``: the key the rows share and visits name; ``due_at``: when the report is due (UTC); ``epidemic_areas``:
    where travellers come from that are asked for; ``finished_at``: the team has said that the unit is done.
    """

    __tablename__ = "sweep_campaign"

    campaign: str | None = plain(index=True, required=True)
    name: str | None = plain(required=True)
    started_on: date | None = plain(required=True)
    ended_on: date | None = plain()
    due_at: datetime | None = moment(FieldClass.PLAIN)
    epidemic_areas: list[str] | None = listing(FieldClass.PLAIN)
    finished_at: datetime | None = moment(FieldClass.PLAIN)
    finished_by: str | None = plain()
    cancelled: bool | None = plain()
    note: str | None = plain()


class Assignment(Record, table=True):
    """Something given out for a day. ``assigned_to``: a user or team, None for whoever goes there; ``reason``: why, in
    words or as the name of the list it came from; ``slot``: ``am`` or ``pm``, None for the whole day; ``carried_from``:
    the day it was first given out, if it was not done then; ``done_at``: somebody said that it is done, where no record
    shows it."""

    __tablename__ = "assignment"

    on: date | None = plain(index=True, required=True)
    task: str | None = plain(codes=Task, required=True)
    household: str | None = plain(index=True)
    person: str | None = plain(index=True)
    assigned_to: str | None = plain()
    reason: str | None = plain()
    withdrawn: bool | None = plain()
    note: str | None = plain()
    slot: str | None = plain()
    carried_from: date | None = plain()
    done_at: datetime | None = moment(FieldClass.PLAIN)


class Report(Record, table=True):
    """A report as it was filed; its figures never change, a new version says why.

    ``kind``: daily, weekly, sweep, coverage …; ``subject``: the campaign or thing it is about; ``version``: from 1;
    ``figures``: [{"name", "value", "unit" …}], with the area in ``unit`` where a figure is of one unit only;
    ``counted``: [{"name", "ids"}] the records behind each figure, packed where they are many
    (`tui_app.services.sweeps.counted_ids`); ``rules``: ids of the rule sets that judged; ``conventions``: [{"name",
    "value"}] the station's choices that counted; ``narrative``: [{"name", "text"}] words a person wrote (causes,
    solutions); ``known_at``: the data as of when, ``due_at``: its deadline (UTC); ``supersedes``: the version before.
    """

    __tablename__ = "report"
    append_only: ClassVar[bool] = True

    kind: str | None = plain(required=True)
    subject: str | None = plain(index=True)
    period_from: date | None = plain()
    period_to: date | None = plain()
    version: int | None = plain(ge=1)
    figures: list[dict[str, Any]] | None = objects()
    counted: list[dict[str, Any]] | None = objects()
    rules: list[str] | None = listing(FieldClass.PLAIN)
    known_at: datetime | None = moment(FieldClass.PLAIN, required=True)
    written_at: datetime | None = moment(FieldClass.PLAIN, required=True)
    supersedes: str | None = plain()
    reason: str | None = plain()
    note: str | None = plain()
    due_at: datetime | None = moment(FieldClass.PLAIN)
    conventions: list[dict[str, Any]] | None = objects()
    narrative: list[dict[str, Any]] | None = objects()


def campaign_row_id(campaign: str, area: str) -> str:
    """The id of a campaign's row in a unit."""
    return str(uuid5(_CAMPAIGNS, f"{campaign}|{area}"))


def assignment_id(on: date, task: str, subject: str, slot: str = "") -> str:
    """The id of a task for a person or household on a day, or in a half-day of it: two that give it out agree, or are
    listed both."""
    half = f"|{slot}" if slot else ""
    return str(uuid5(_ASSIGNMENTS, f"{on.isoformat()}|{task}|{subject}{half}"))
