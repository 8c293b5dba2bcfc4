"""A visit in the twelve months after a recovery: the due date it answers, how the person is, what is needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.clock import show_date
from tui_app.errors import NotFound
from tui_app.i18n import language, t
from tui_app.rules.sheet import sheet
from tui_app.screens.cases.case_form import CaseForm, yes_no_answer, yes_no_choice
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.cases import follow_ups
from tui_app.services.cases.case_card import CaseCard, case_card
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.entries import YES, Entry
from tui_app.widgets.checks_field import ChecksField
from tui_app.widgets.choice import Choice
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import TextField


class FollowUpForm(CaseForm):
    """``about``: id of the case; ``visit``: the one that is corrected, a new one when not given. Answers the visit's
    id."""

    form = "follow_up"

    def __init__(self, about: str, name: str, visit: str | None = None) -> None:
        super().__init__(about, name)
        self._visit = visit

    @property
    def draft_key(self) -> str:
        """A correction has a draft of its own."""
        return f"{self.form}:{self._visit or self.about}"

    def words(self) -> str:
        """A visit, or its correction."""
        return t("case.visit_title" if self._visit else "case.follow_up_title", name=self.name_of_person)

    def opened(self, c: Any) -> Opened:
        """Proposed: the earliest due date nobody answered; of a visit that is corrected, what it says."""
        card = case_card(c, self.about, self.app.clock())
        asked = sheet(rule_sets(c), self.today, card.age).symptoms
        symptoms = [(one.code, getattr(one, language())) for one in asked]
        if self._visit is not None:
            corrected = next((row for row in card.follow_ups if row.id == self._visit), None)
            if corrected is None:
                raise NotFound("errors.record_not_found", kind="follow_up_visit")
            return Opened(card.fields, _said(corrected), ([], symptoms))
        due = _open_dates(card)
        return Opened(card.fields, {"due_on": due[0] if due else ""}, (due, symptoms))

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """How the person is first."""
        due, symptoms = opened.more
        answers = [FormRow("due_on", Choice([(on, show_date(on)) for on in due]))] if due else []
        reason = [FormRow("reason", TextField(max_length=300))] if self._visit else []
        return [
            FormRow("well", yes_no_choice()),
            FormRow("symptoms_asked", yes_no_choice(), t("case.symptoms_asked")),
            FormRow("symptoms", ChecksField(symptoms), t("case.symptoms_found")),
            FormRow("needs", TextField(max_length=300)),
            *answers,
            FormRow("note", TextField(max_length=500)),
            *reason,
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed; that something was asked the service checks."""
        values, entry = {**opened.values, **typed}, Entry()
        self.take_truth(entry, values, "well")
        self.take_text(entry, values, "needs", "note")
        ticked = self.ticked(values, "symptoms")
        asked = values.get("symptoms_asked") == YES or bool(ticked)
        entry.fields["symptoms"] = ticked if asked else None
        if self._visit is not None:
            self.take_text(entry, values, "reason", required=("reason",))
        else:
            due = values.get("due_on", "")
            entry.fields["due_on"] = date.fromisoformat(due) if due else None
        return entry

    def write(self, entry: Entry) -> str:
        """Keep the visit."""
        store, who = self.workspace.store, self.workspace.user
        if self._visit is not None:
            return follow_ups.amend_follow_up(store, who, self._visit, **entry.fields)
        return follow_ups.record_follow_up(store, who, self.about, **entry.fields)


def _open_dates(card: CaseCard) -> list[str]:
    answered = {str(row.body.get("due_on")) for row in card.follow_ups}
    return [on.isoformat() for on in card.follow_up_on if on.isoformat() not in answered]


def _said(visit: Row) -> dict[str, str]:
    """What a visit says, as the form shows it."""
    body = visit.body
    symptoms = body.get("symptoms")
    return {
        "well": yes_no_answer(body.get("well")),
        "symptoms_asked": "" if symptoms is None else YES,
        "symptoms": ",".join(symptoms or ()),
        "needs": str(body.get("needs") or ""),
        "note": str(body.get("note") or ""),
    }
