"""The F0 board as it was known at an earlier moment: the question for it, and the list, which is only to be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from tui_app.clock import VIETNAM, show_date, show_time
from tui_app.errors import FieldProblem
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.rules import slots
from tui_app.rules.rule_set import RuleSets
from tui_app.screens.cases.case_form import day_field
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.cases.f0_list import LIST_KEYS, F0ListScreen
from tui_app.screens.frame.base import WorkScreen
from tui_app.widgets.ask_rows import AskRows
from tui_app.widgets.f0_patient import F0Patient
from tui_app.widgets.form import FormRow
from tui_app.widgets.row_list import RowList
from tui_app.widgets.text_field import TextField
from tui_app.widgets.warning_line import WarningLine

_A_MINUTE = timedelta(minutes=1)
_TIME = re.compile(r"(\d{1,2})(?:[h:.](\d{2})?)?|(\d{2})(\d{2})").fullmatch


class F0PastScreen(F0ListScreen):
    """``moment``: what was written until then counts. Nothing can be done with a patient here; Esc goes back to now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "read", "f0.key_read", id="past.read", tooltip="f0.key_read_tip"),
        Binding("b", "other", "f0.key_past", id="past.other", tooltip="f0.key_past_tip"),
        *LIST_KEYS,
        Binding("escape", "back", "f0.key_now", id="past.back", tooltip="f0.key_now_tip"),
    ]

    def __init__(self, moment: datetime) -> None:
        super().__init__()
        self.as_of = moment

    def paint_warning(self) -> None:
        """That this is not how it stands now."""
        self.query_one("#late", WarningLine).say(t("f0.past_only", **_words(self.moment)))

    def name_of_list(self) -> str:
        """With the moment."""
        return t("f0.past_title", **_words(self.moment))

    def minute_passed(self) -> None:
        """What was known then does not change with time."""

    def nobody_words(self) -> str:
        """What an empty board says."""
        return t("f0.past_none")

    @on(RowList.Selected, "#patients")
    def action_read(self) -> None:
        """Read in full how the patient stood, and why."""
        patient = self.patient
        if patient is not None:
            facts = [line.plain for line in self.query_one(F0Patient).facts(patient)]
            self.app.push_screen(WhyScreen(self.name_of_list(), facts))

    def action_other(self) -> None:
        """Ask for another moment."""

        def chosen(moment: datetime) -> None:
            self.as_of = moment
            self.reload()

        ask_moment(self, self.moment, chosen)

    def action_back(self) -> None:
        """Filters go first, then the past."""
        if self.is_filtered:
            self.action_unfilter()
        else:
            self.dismiss(None)


def end_of_last_half_day(sets: RuleSets, now: datetime) -> datetime:
    """The last minute of the half-day before the present one."""
    return slots.begins(sets, slots.slot_at(sets, now)) - _A_MINUTE


def ask_moment(
    screen: WorkScreen[Any],
    proposed: datetime,
    then: Callable[[datetime], object],
    *,
    title: str = "f0.past_ask",
    text: str = "f0.past_ask_text",
) -> None:
    """Ask for a day and a time that have passed. ``title``, ``text``: catalogue keys of what is asked."""
    now = screen.app.clock()

    def check(typed: Mapping[str, str]) -> list[FieldProblem]:
        found = moment_typed(typed, now)
        return found if isinstance(found, list) else []

    def answered(typed: Mapping[str, str] | None) -> None:
        found = moment_typed(typed, now) if typed is not None else None
        if isinstance(found, datetime):
            then(found)

    rows = [FormRow("on", day_field()), FormRow("time", TextField(max_length=5, composing=False))]
    values = {"on": show_date(proposed.astimezone(VIETNAM).date()), "time": show_time(proposed)}
    screen.app.push_screen(AskRows(t(title), rows, values, check, text=t(text)), answered)


def moment_typed(typed: Mapping[str, str], now: datetime) -> datetime | list[FieldProblem]:
    """The moment of ``on`` (a day) and ``time`` (17:30, 17h30, 1730, 17h) in Viet Nam, or what is wrong with them. The
    whole minute counts, as far as it has passed."""
    day = checks.day(typed["on"], now.astimezone(VIETNAM).date(), "on")
    at = _time_of(typed["time"])
    problems = [day.problem] if day.problem else []
    if day.value is None and not problems:
        problems.append(FieldProblem("on", "problems.missing"))
    if at is None:
        problems.append(FieldProblem("time", "f0.bad_time"))
    if problems or day.value is None or at is None:
        return problems
    begun = datetime.combine(day.value, at, VIETNAM)
    if begun > now:
        return [FieldProblem("time", "f0.time_to_come")]
    return min(begun + _A_MINUTE - timedelta(milliseconds=1), now)


def _time_of(text: str) -> time | None:
    found = _TIME(text.strip().casefold())
    if found is None:
        return None
    hour, minute = int(found[1] or found[3]), int(found[2] or found[4] or 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _words(moment: datetime) -> dict[str, str]:
    return {"date": show_date(moment.astimezone(VIETNAM).date()), "time": show_time(moment)}
