"""Changing one thing about a case: place, managing unit, follower, severity, risk class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.i18n import t
from tui_app.records.cases import CasePlace, CaseRiskClass, SeverityGrade
from tui_app.screens.cases.case_form import CaseForm, code_choice, day_field, day_text
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.cases import cases
from tui_app.services.cases.case_overview import standing
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.entries import Entry
from tui_app.widgets.case_row import findings_of, why_lines
from tui_app.widgets.form import Field, FormRow
from tui_app.widgets.text_field import TextField

CHANGES = ("place", "managed_by", "followed_by", "severity_grade", "risk_class")
_CODES = {"place": CasePlace, "severity_grade": SeverityGrade, "risk_class": CaseRiskClass}
_DATED = ("place", "managed_by")
_KINDS = {"severity_grade": "severity", "risk_class": "risk_class"}
_SERVICES: dict[str, Any] = {
    "place": cases.set_place,
    "managed_by": cases.hand_over,
    "followed_by": cases.set_follower,
    "severity_grade": cases.take_severity,
    "risk_class": cases.take_risk,
}


class ChangeCaseForm(CaseForm):
    """``change``: one of `CHANGES`. Answers the event's id."""

    def __init__(self, about: str, name: str, change: str) -> None:
        super().__init__(about, name)
        self.change = change

    @property
    def draft_key(self) -> str:
        """One draft for each thing that is changed."""
        return f"case_{self.change}:{self.about}"

    def words(self) -> str:
        """What is changed."""
        return t("case.change_title", what=t(f"fields.{self.change}"), name=self.name_of_person)

    def opened(self, c: Any) -> Opened:
        """A code as it is now, a name to be typed anew; for a grade or class what the rules say of the last reading."""
        card = cases.case_card(c, self.about, self.app.clock())
        now = str(card.fields.get(self.change) or "")
        values = {self.change: now} if self.change in _CODES else {}
        if self.change in _DATED:
            values["on"] = day_text(self.today)
        kind = _KINDS.get(self.change)
        last = next(iter(standing(card)), None)
        kept = [one.kept() for one in last.findings if one.kind == kind] if last else []
        return Opened(card.fields, values, why_lines(rule_sets(c), findings_of(kept)))

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """The value, from when, why."""
        codes = _CODES.get(self.change)
        now = str(opened.fields.get(self.change) or "")
        field: Field = (
            code_choice(self.change, codes) if codes else TextField(max_length=120, placeholder=now)
        )
        rows = [FormRow(self.change, field)]
        if self.change in _DATED:
            rows.append(FormRow("on", day_field(), t("case.from_day")))
        return [*rows, FormRow("reason", TextField(max_length=300))]

    def says(self, opened: Opened) -> Sequence[str]:
        """What the rules say of the last reading."""
        if self.change not in _KINDS:
            return ()
        return [t("case.rules_say"), *(opened.more or (t("case.no_rule"),))]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        values, entry = {**opened.values, **typed}, Entry()
        self.take_text(entry, values, self.change, "reason", required=(self.change,))
        if self.change in _DATED:
            self.take_day(entry, values, "on", required=True)
        return entry

    def write(self, entry: Entry) -> str:
        """Change it, with an event that says why."""
        said = dict(entry.fields)
        value = said.pop(self.change)
        event: str = _SERVICES[self.change](
            self.workspace.store, self.workspace.user, self.about, value, **said
        )
        return event

    def saved(self, record: str, entry: Entry) -> str:
        """What changed, and how to take it back."""
        return t("case.changed", what=t(f"fields.{self.change}"), name=self.name_of_person)
