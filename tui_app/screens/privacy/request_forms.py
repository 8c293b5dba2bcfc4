"""Writing down what somebody asks of the data kept about them, and what came of it; the rules stand above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.records.data_requests import RequestKind
from tui_app.screens.cases.case_form import CaseForm, code_choice, day_field, day_text, yes_no_choice
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row
from tui_app.services.people.entries import Entry
from tui_app.services.people.values import field_word
from tui_app.services.requests import register, words
from tui_app.services.requests.register import Request
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import TextField

LONG = 500  # letters of what was asked, or of what was done


class RequestForm(CaseForm):
    """``about``: id of the person. Answers the request's id."""

    form = "data_request"
    title_key = "privacy.form_new"

    def opened(self, c: Any) -> Opened:
        """Proposed: it came in today."""
        live_row(c, "person", self.about)
        rules = words.rules(rule_sets(c), self.today)
        return Opened({}, {"received_on": day_text(self.today)}, rules)

    def says(self, opened: Opened) -> Sequence[str]:
        """How long each kind may take."""
        said: list[str] = opened.more
        return said

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """What is asked, when, by whom, in which words."""
        kind = code_choice("data_request_kind", RequestKind)
        return [
            FormRow("kind", kind, field_word("kind", register.TYPE)),
            FormRow("received_on", day_field()),
            FormRow("asked_by", TextField(max_length=120), t("privacy.asked_by")),
            FormRow("wording", TextField(max_length=LONG)),
            FormRow("third_parties", yes_no_choice(), t("privacy.third_parties")),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        values, entry = self.whole(typed), Entry()
        self.take_text(entry, values, "kind", "asked_by", "wording", required=("kind",))
        self.take_day(entry, values, "received_on", required=True)
        self.take_truth(entry, values, "third_parties")
        return entry

    def write(self, entry: Entry) -> str:
        """Note it."""
        said = entry.fields
        return register.add(
            self.workspace.store,
            self.workspace.user,
            self.about,
            said["kind"],
            received_on=said["received_on"],
            asked_by=said["asked_by"],
            wording=said["wording"],
            third_parties=said["third_parties"],
        )

    def saved(self, record: str, entry: Entry) -> str:
        """Under which number."""
        return t("requests.added", id=record[-6:])


class StepForm(CaseForm):
    """``request``: whose step it is; ``step``: answer, done, refuse or cancel. Answers the request's id."""

    def __init__(self, request: Request, step: str) -> None:
        super().__init__(request.id, request.full_name or t("requests.nameless"))
        self.step = step
        self.kind = request.kind

    @property
    def draft_key(self) -> str:
        """One draft for each step of a request."""
        return f"request_{self.step}:{self.about}"

    def words(self) -> str:
        """The step, what was asked, and by whom."""
        kind = code_word("kind", self.kind, register.TYPE)
        return t(
            "privacy.form_step", step=t(f"privacy.step_{self.step}"), kind=kind, name=self.name_of_person
        )

    def opened(self, c: Any) -> Opened:
        """Proposed: today."""
        found, sets = register.request(c, self.about, self.today), rule_sets(c)
        asked = "answer" if self.step == "answer" else "end"
        due = found.answer if asked == "answer" else found.end
        lines = [words.deadline(asked, due), words.rule(sets, due), t(f"privacy.says_{self.step}")]
        return Opened({}, {"ended_on": day_text(self.today)}, [line for line in lines if line])

    def says(self, opened: Opened) -> Sequence[str]:
        """By when, by which rule, and what the step means."""
        said: list[str] = opened.more
        return said

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """The day, and at the end what was done or why not."""
        day = FormRow("ended_on", day_field(), t("privacy.on"))
        if self.step == "answer":
            return [day]
        outcome = TextField(max_length=LONG)
        return [FormRow("outcome", outcome, t(f"privacy.outcome_{self.step}")), day]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        values, entry = self.whole(typed), Entry()
        self.take_day(entry, values, "ended_on", required=True)
        if self.step != "answer":
            self.take_text(entry, values, "outcome", required=("outcome",))
        return entry

    def write(self, entry: Entry) -> str:
        """Note the step."""
        store, who, day = self.workspace.store, self.workspace.user, entry.fields["ended_on"]
        if self.step == "answer":
            register.answer(store, who, self.about, on=day)
        else:
            end = {"done": register.finish, "refuse": register.refuse, "cancel": register.cancel}[self.step]
            end(store, who, self.about, entry.fields["outcome"], on=day)
        return self.about

    def saved(self, record: str, entry: Entry) -> str:
        """What is noted now."""
        return t(_SAVED[self.step], id=record[-6:])


_SAVED = {
    "answer": "requests.answered",
    "done": "requests.done",
    "refuse": "requests.refused",
    "cancel": "requests.cancelled",
}
