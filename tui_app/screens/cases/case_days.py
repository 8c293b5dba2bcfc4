"""Correcting the days everything about a case is counted from: the first positive test and the onset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.i18n import t
from tui_app.screens.cases.case_form import CaseForm, day_field, day_text
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.care.known import DAY_FIELDS
from tui_app.services.cases import case_facts
from tui_app.services.people.cards import live_row
from tui_app.services.people.entries import Entry
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import TextField


class CaseDaysForm(CaseForm):
    """``about``: id of the case, open or ended, which it answers."""

    form = "case_days"
    title_key = "case.days_title"

    def opened(self, c: Any) -> Opened:
        """As they are known now."""
        fields = live_row(c, "case", self.about).body
        return Opened(fields, {name: day_text(fields.get(name)) for name in DAY_FIELDS})

    def says(self, opened: Opened) -> Sequence[str]:
        """What hangs on these days."""
        return [t("case.days_text")]

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """Both days, and why."""
        days = [FormRow(name, day_field()) for name in DAY_FIELDS]
        return [*days, FormRow("reason", TextField(max_length=300))]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed; whether it is a change the service says."""
        values, entry = {**opened.values, **typed}, Entry()
        for name in DAY_FIELDS:
            self.take_day(entry, values, name)
        self.take_text(entry, values, "reason", required=("reason",))
        return entry

    def write(self, entry: Entry) -> str:
        """Correct them; the case is judged again."""
        said = dict(entry.fields)
        reason = said.pop("reason")
        case_facts.correct_days(self.workspace.store, self.workspace.user, self.about, said, reason)
        return self.about
