"""How bad the epidemic is where, what that was judged from, and the outbreaks that were declared."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID, uuid5

from sync.registry import FieldClass
from tui_app.records.base import Record, listing, moment, objects, plain
from tui_app.records.cases import CaseRiskClass

_VALUES = UUID("7d6c1f53-5d36-5a0c-9a57-0f3d3b1c8e21")
_BASELINES = UUID("a4f0c2d9-37b1-5c1e-8a43-6d2b9f7e5c62")


class LevelScale(StrEnum):
    """What a level is one of (rules §1.4, §2.10, §2.12). Colours of two scales are never the same thing."""

    RESPONSE_SCENARIO = "response_scenario"
    EPIDEMIC_LEVEL = "epidemic_level"
    COMMUNE_RISK_COLOUR = "commune_risk_colour"
    EPIDEMIC_THRESHOLD = "epidemic_threshold"


class ResponseScenario(StrEnum):
    """The scenarios of a plan by active cases (rules §1.4)."""

    ONE = "scenario_1"
    TWO = "scenario_2"
    THREE = "scenario_3"


class EpidemicLevel(StrEnum):
    """The levels of QĐ 4800 and QĐ 218 (rules §2.10), the mildest first."""

    ONE = "1"
    TWO = "2"
    THREE = "3"
    FOUR = "4"


class CommuneRisk(StrEnum):
    """The levels of risk of QĐ 2686 (rules §1.4), the mildest first."""

    NEW_NORMAL = "new_normal"
    RISK = "risk"
    HIGH_RISK = "high_risk"
    VERY_HIGH_RISK = "very_high_risk"


class EpidemicThreshold(StrEnum):
    """What the thresholds of TT 15/2026 say (rules §2.12), the mildest first."""

    BELOW = "below"
    WARNING = "warning"
    EPIDEMIC = "epidemic"


class CommuneColour(StrEnum):
    """The colours of QĐ 2686. The values of the three scales of colours differ, so that none passes for another."""

    GREEN = "commune_green"
    YELLOW = "commune_yellow"
    ORANGE = "commune_orange"
    RED = "commune_red"


class LevelColour(StrEnum):
    """The colours of Nghị quyết 128/NQ-CP for the levels of QĐ 4800 and QĐ 218."""

    GREEN = "level_green"
    YELLOW = "level_yellow"
    ORANGE = "level_orange"
    RED = "level_red"


class PersonColour(StrEnum):
    """The colours of QĐ 3646 and QĐ 5525 for the risk classes of an infected person."""

    GREEN = "person_green"
    YELLOW = "person_yellow"
    ORANGE = "person_orange"
    RED = "person_red"


LEVELS: dict[LevelScale, type[StrEnum]] = {
    LevelScale.RESPONSE_SCENARIO: ResponseScenario,
    LevelScale.EPIDEMIC_LEVEL: EpidemicLevel,
    LevelScale.COMMUNE_RISK_COLOUR: CommuneRisk,
    LevelScale.EPIDEMIC_THRESHOLD: EpidemicThreshold,
}
"""What a level of each scale may be, the mildest first."""
COMMUNE_COLOURS = dict(zip(CommuneRisk, CommuneColour, strict=True))
LEVEL_COLOURS = dict(zip(EpidemicLevel, LevelColour, strict=True))
PERSON_COLOURS = dict(zip(CaseRiskClass, PersonColour, strict=True))


class LevelOrigin(StrEnum):
    """Whether the program worked a level out of its inputs, or a person typed in what the province published."""

    COMPUTED = "computed"
    PUBLISHED = "published"


class LevelAssessment(Record, table=True):
    """A level as it was set for a day; a new one takes its place, none is changed.

    ``scale`` and ``subject``: what of whom (a commune code, an outbreak's id); ``level``: a code of the scale, None
    where it cannot be worked out; ``inputs``: [{"name", "value", "source"}]; ``rules``: ids of the rule sets;
    ``reason``: why it was raised, or typed in.
    """

    __tablename__ = "level_assessment"
    append_only: ClassVar[bool] = True

    scale: str | None = plain(codes=LevelScale, required=True)
    subject: str | None = plain(index=True)
    on: date | None = plain(required=True)
    level: str | None = plain()
    origin: str | None = plain(codes=LevelOrigin, required=True)
    inputs: list[dict[str, Any]] | None = objects()
    rules: list[str] | None = listing(FieldClass.PLAIN)
    known_at: datetime | None = moment(FieldClass.PLAIN, required=True)
    reason: str | None = plain()


class StationValue(Record, table=True):
    """A choice or a number the station works with and no list can tell: when a reporting day begins, a population.

    ``name``: of a choice (`tui_app.services.station.station_values`) or of an input of a level; ``value``: as text;
    ``as_of``: the day it holds from; ``source``: who says so.
    """

    __tablename__ = "station_value"

    name: str | None = plain(index=True, required=True)
    value: str | None = plain()
    as_of: date | None = plain(required=True)
    source: str | None = plain()
    note: str | None = plain()


class Outbreak(Record, table=True):
    """An outbreak (ổ dịch) as TT 15/2026 has it declared and ended: forms 01 and 02, and the daily report between.

    ``units``: areas whose cases count, from ``started_on`` to ``ended_on``; ``identified_at``, ``over_at``: when the
    station found that there is an epidemic, that it is over, from which the 24 hours run; ``declared_at``,
    ``end_declared_at``: when form 01, form 02 was made out.
    """

    __tablename__ = "outbreak"

    disease: str | None = plain(required=True)
    name: str | None = plain(required=True)
    place: str | None = plain()
    units: list[str] | None = listing(FieldClass.PLAIN)
    started_on: date | None = plain(required=True)
    identified_at: datetime | None = moment(FieldClass.PLAIN)
    declared_at: datetime | None = moment(FieldClass.PLAIN)
    ended_on: date | None = plain()
    over_at: datetime | None = moment(FieldClass.PLAIN)
    end_declared_at: datetime | None = moment(FieldClass.PLAIN)
    recommendation: str | None = plain()
    end_recommendation: str | None = plain()
    note: str | None = plain()


class BaselineCount(Record, table=True):
    """Cases of one month or week of an earlier year, for the thresholds of TT 15/2026 Đ16, Đ22. ``period``: ``month``
    or ``week``; ``number``: 1–12 or 1–53; ``epidemic``: the year is left out of the mean."""

    __tablename__ = "baseline_count"

    disease: str | None = plain(required=True)
    year: int | None = plain(ge=1990, le=2100, required=True)
    period: str | None = plain(required=True)
    number: int | None = plain(ge=1, le=53, required=True)
    cases: int | None = plain(ge=0)
    epidemic: bool | None = plain()
    source: str | None = plain()


def station_value_id(commune: str, name: str, as_of: date) -> str:
    """The id of a value of a commune from a day on: the same on every laptop."""
    return str(uuid5(_VALUES, f"{commune}|{name}|{as_of.isoformat()}"))


def baseline_id(commune: str, disease: str, year: int, period: str, number: int) -> str:
    """The id of a count of an earlier year: the same on every laptop."""
    return str(uuid5(_BASELINES, f"{commune}|{disease}|{year}|{period}|{number}"))
