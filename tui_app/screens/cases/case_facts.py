"""What is asked at entry, answered or put right later; the entry is judged again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.i18n import language, t
from tui_app.screens.cases.case_form import CaseForm, day_text, yes_no_answer
from tui_app.screens.cases.case_open import FACT_DAYS, TRUTHS, fact_rows, take_facts
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.cases import case_facts
from tui_app.services.cases.case_overview import overview
from tui_app.services.judging.rule_sets import input_word
from tui_app.services.people.cards import live_row
from tui_app.services.people.entries import Entry
from tui_app.widgets.form import FormRow


class CaseFactsForm(CaseForm):
    """``about``: id of the case, which it answers."""

    form = "case_facts"
    title_key = "case.facts_title"

    def opened(self, c: Any) -> Opened:
        """As it is known now, and what the rules still miss."""
        case = live_row(c, "case", self.about)
        missing = overview(c, str(case.body["person"]), self.app.clock(), self.about).missing
        values = {name: yes_no_answer(case.body.get(name)) for name in TRUTHS}
        values |= {name: day_text(case.body.get(name)) for name in FACT_DAYS}
        doses = case.body.get("basic_doses")
        values["basic_doses"] = "" if doses is None else str(doses)
        return Opened(
            case.body, values, tuple(dict.fromkeys(one for kind in missing.values() for one in kind))
        )

    def says(self, opened: Opened) -> Sequence[str]:
        """What the rules still miss."""
        if not opened.more:
            return []
        return [t("case.missing", fields=", ".join(input_word(one, language()) for one in opened.more))]

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """The questions of the entry."""
        return fact_rows()

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        entry = Entry()
        take_facts(self, entry, {**opened.values, **typed})
        return entry

    def write(self, entry: Entry) -> str:
        """Keep the answers; the case is judged again."""
        case_facts.answer_entry(self.workspace.store, self.workspace.user, self.about, entry.fields)
        return self.about
