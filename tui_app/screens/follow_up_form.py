"""A visit in the twelve months after a recovery: the due date it answers, how the person is, what is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tui_app.clock import show_date
from tui_app.screens.case_form import CaseForm, yes_no_choice
from tui_app.screens.form_screen import Opened
from tui_app.services import follow_ups
from tui_app.services.case_card import case_card
from tui_app.services.entries import Entry
from tui_app.widgets.choice import Choice
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import TextField


class FollowUpForm(CaseForm):
    """``about``: id of the case. Answers the visit's id."""

    form = "follow_up"
    title_key = "case.follow_up_title"

    def opened(self, c: Any) -> Opened:
        """Proposed: the earliest due date nobody answered."""
        card = case_card(c, self.about, self.app.clock())
        answered = {str(row.body.get("due_on")) for row in card.follow_ups}
        due = [on.isoformat() for on in card.follow_up_on if on.isoformat() not in answered]
        return Opened(card.fields, {"due_on": due[0] if due else ""}, due)

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """How the person is first."""
        due = [(on, show_date(on)) for on in opened.more]
        answers = [FormRow("due_on", Choice(due))] if due else []
        return [
            FormRow("well", yes_no_choice()),
            FormRow("needs", TextField(max_length=300)),
            *answers,
            FormRow("note", TextField(max_length=500)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed; that something was asked the service checks."""
        values, entry = {**opened.values, **typed}, Entry()
        self.take_truth(entry, values, "well")
        self.take_text(entry, values, "needs", "note")
        due = values.get("due_on", "")
        entry.fields["due_on"] = date.fromisoformat(due) if due else None
        return entry

    def write(self, entry: Entry) -> str:
        """Keep the visit."""
        store, who = self.workspace.store, self.workspace.user
        return follow_ups.record_follow_up(store, who, self.about, **entry.fields)
