"""Ending a case: what the rules of today say of a release, the test it rests on, how it ended and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sync.protocol import Row
from tui_app.clock import show_date, show_moment
from tui_app.codes import code_word
from tui_app.errors import FieldProblem
from tui_app.i18n import t
from tui_app.records.cases import CaseOutcome
from tui_app.screens.cases.case_form import CaseForm, code_choice, day_field, day_text, yes_no_choice
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.cases import cases
from tui_app.services.cases.case_card import CaseCard
from tui_app.services.cases.case_overview import Overview, overview
from tui_app.services.people.entries import YES, Entry
from tui_app.services.people.values import field_word
from tui_app.widgets.case_standing import release_row
from tui_app.widgets.choice import Choice
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import TextField

TESTS_SHOWN = 4


class EndCaseForm(CaseForm):
    """``about``: id of the case; ``person``: whose it is. Answers the event's id."""

    form = "case_end"
    title_key = "case.end_title"

    def __init__(self, about: str, name: str, person: str) -> None:
        super().__init__(about, name)
        self.person = person

    def opened(self, c: Any) -> Opened:
        """Proposed: today, and recovered with the last negative test when the rules of today give it."""
        seen = overview(c, self.person, self.app.clock(), self.about)
        card = seen.card
        values = {"ended_on": day_text(self.today)}
        if card is not None and card.release.may_end:
            values["outcome"] = str(CaseOutcome.RECOVERED)
            values["test"] = next(
                (row.id for row in _tests(card) if row.body.get("result") == "negative"), ""
            )
        return Opened(card.fields if card else {}, values, (seen, card))

    def says(self, opened: Opened) -> Sequence[str]:
        """Whether it may end today, the rules behind it, the alerts nobody has answered."""
        seen, card = opened.more
        lines = _release_lines(seen, card)
        waiting = sum(one.state == "open" for one in card.alerts)
        return [*lines, t("care.alerts_left", count=waiting)] if waiting else lines

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """How, when, by which test, why."""
        card: CaseCard = opened.more[1]
        tests = [(row.id, _test_words(row)) for row in _tests(card)]
        by_test = [FormRow("test", Choice(tests), t("case.by_test"))] if tests else []
        return [
            FormRow("outcome", code_choice("outcome", CaseOutcome), field_word("outcome", "case")),
            FormRow("ended_on", day_field(), field_word("ended_on", "case")),
            *by_test,
            FormRow("reason", TextField(max_length=300)),
            FormRow("person_too", yes_no_choice(), t("case.person_too")),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed; whether a reason is needed the service says."""
        values, entry = {**opened.values, **typed}, Entry()
        self.take_day(entry, values, "ended_on", required=True)
        self.take_text(entry, values, "outcome", "reason", "test", required=("outcome",))
        entry.fields["person_too"] = values.get("person_too") == YES
        on, started = entry.fields.get("ended_on"), opened.fields.get("started_on")
        if on and started and on.isoformat() < str(started):
            entry.problems.append(FieldProblem("ended_on", "care.ends_before_start"))
        return entry

    def write(self, entry: Entry) -> str:
        """End the case."""
        said = dict(entry.fields)
        return cases.end_case(
            self.workspace.store,
            self.workspace.user,
            self.about,
            said["outcome"],
            said["ended_on"],
            said["reason"],
            said["test"] or None,
            person_too=said["person_too"],
        )

    def saved(self, record: str, entry: Entry) -> str:
        """How it ended."""
        return t(
            "case.ended_done",
            name=self.name_of_person,
            outcome=code_word("outcome", entry.fields["outcome"]),
            date=show_date(entry.fields["ended_on"]),
        )


def _release_lines(seen: Overview, card: CaseCard) -> list[str]:
    row = release_row(seen, card)
    return [f"{row.what} {row.said}", *row.why]


def _tests(card: CaseCard) -> list[Row]:
    """The last tests, newest first."""
    return list(card.tests[:TESTS_SHOWN])


def _test_words(row: Row) -> str:
    body = row.body
    words = [show_moment(body["at"])[:10], code_word("method", body.get("method"))]
    words.append(code_word("result", body.get("result")))
    if body.get("supervised_by"):
        words.append(t("case.supervised", who=body["supervised_by"]))
    return " ".join(words)
