"""Opening a case: how it began, its days, what is asked at entry; then what the rules say of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.clock import VIETNAM, from_wire
from tui_app.i18n import t
from tui_app.records.cases import CasePlace, CaseSource
from tui_app.rules.findings import Judgement
from tui_app.rules.rule_set import RuleSets
from tui_app.screens.cases.case_form import CaseForm, code_choice, day_field, day_text, yes_no_choice
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.care.vaccinated import recorded_facts
from tui_app.services.cases import cases
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row
from tui_app.services.people.entries import Entry
from tui_app.services.people.values import field_word
from tui_app.widgets.form import FormRow
from tui_app.widgets.judgement_words import judgement_lines
from tui_app.widgets.text_field import DigitField, TextField

DAYS = ("first_positive_on", "onset_on")
FACT_DAYS = ("delivered_on", "last_dose_on")
TRUTHS = ("pregnant", "conditions_asked", "self_care", "can_report", "carer_able")


class OpenCaseForm(CaseForm):
    """``about``: id of the person. Answers the case's id once it is open and what the rules say was read."""

    form = "case_open"
    title_key = "case.open_title"

    def __init__(self, about: str, name: str) -> None:
        super().__init__(about, name)
        self._said: Judgement | None = None
        self._sets: RuleSets | None = None

    def opened(self, c: Any) -> Opened:
        """Proposed: today, day 0 by the first positive test when there is one, and the doses where they are recorded
        whole."""
        live_row(c, "person", self.about)
        self._sets = rule_sets(c)
        positive = cases.first_positive(c, self.about)
        on = from_wire(str(positive.body["at"])).astimezone(VIETNAM).date() if positive else None
        values = {
            "source": CaseSource.POSITIVE_TEST if positive else "",
            "started_on": day_text(self.today),
            "first_positive_on": day_text(on),
            "place": CasePlace.HOME,
            "followed_by": self.workspace.user,
        }
        doses = recorded_facts(c, self.about, on or self.today)
        if doses:
            values["basic_doses"] = doses["basic_doses"]
            values["last_dose_on"] = day_text(doses["last_dose_on"])
        return Opened({}, {name: str(value) for name, value in values.items()})

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """How it began, who follows, what is asked."""
        return [
            FormRow("source", code_choice("source", CaseSource), field_word("source", "case")),
            FormRow("started_on", day_field(), field_word("started_on", "case")),
            FormRow("first_positive_on", day_field()),
            FormRow("onset_on", day_field()),
            FormRow("place", code_choice("place", CasePlace)),
            FormRow("managed_by", TextField(max_length=120)),
            FormRow("followed_by", TextField(max_length=80)),
            *fact_rows(),
            FormRow("note", TextField(max_length=500)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        values, entry = {**opened.values, **typed}, Entry()
        self.take_day(entry, values, "started_on", required=True)
        for name in DAYS:
            self.take_day(entry, values, name)
        self.take_text(
            entry,
            values,
            "source",
            "place",
            "managed_by",
            "followed_by",
            "note",
            required=("source", "place"),
        )
        take_facts(self, entry, values)
        return entry

    def write(self, entry: Entry) -> str:
        """Open the case."""
        said = dict(entry.fields)
        facts = {name: said.pop(name) for name in cases.FACTS}
        opened = cases.open_case(self.workspace.store, self.workspace.user, self.about, facts=facts, **said)
        self._said = opened.judgement
        return opened.case

    def saved(self, record: str, entry: Entry) -> str:
        """Who is followed from now on."""
        return t("case.opened", name=self.name_of_person)

    def _finish(self, record: str, words: str) -> None:
        """Show what the rules say of it before going on."""
        self.app.say(words)
        if self._said is None or self._sets is None:
            self.dismiss(record)
            return
        title = t("case.judged_title", name=self.name_of_person)
        lines = judgement_lines(self._sets, self._said)
        self.app.push_screen(WhyScreen(title, lines), lambda _: self.dismiss(record))


def fact_rows() -> list[FormRow]:
    """What is asked at entry (rules §2.1–2.3)."""
    return [
        FormRow("conditions_asked", yes_no_choice()),
        FormRow("basic_doses", DigitField(max_length=1)),
        FormRow("last_dose_on", day_field()),
        FormRow("self_care", yes_no_choice()),
        FormRow("can_report", yes_no_choice()),
        FormRow("carer_able", yes_no_choice()),
        FormRow("pregnant", yes_no_choice()),
        FormRow("delivered_on", day_field()),
    ]


def take_facts(form: CaseForm, entry: Entry, values: Mapping[str, str]) -> None:
    """Take the answers to `fact_rows`; what was not asked is None."""
    form.take_truth(entry, values, *TRUTHS)
    for name in FACT_DAYS:
        form.take_day(entry, values, name)
    doses = values.get("basic_doses", "")
    entry.fields["basic_doses"] = int(doses) if doses else None
