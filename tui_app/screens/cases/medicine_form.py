"""Giving a medicine: what the rules warn of stands above the form before it is saved; going on needs a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.errors import FieldProblem, InvalidFields
from tui_app.i18n import language, t
from tui_app.rules.findings import Finding
from tui_app.rules.medicines import caution_codes
from tui_app.rules.rule_set import RuleSets
from tui_app.screens.cases.case_form import CaseForm, yes_no_choice
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row
from tui_app.services.people.entries import NO, YES, Entry
from tui_app.services.treatment import medicine
from tui_app.services.treatment.medicine import Flagged, Giving
from tui_app.widgets.checks_field import ChecksField
from tui_app.widgets.choice import Choice
from tui_app.widgets.form import FormRow
from tui_app.widgets.signs import sign
from tui_app.widgets.text_field import DecimalField, DigitField, TextField


class MedicineForm(CaseForm):
    """``about``: id of the case. It records and warns; it proposes no medicine and no dose. Answers the giving's id."""

    form = "medicine"
    title_key = "case.give_title"

    def __init__(self, about: str, name: str) -> None:
        super().__init__(about, name)
        self._sets: RuleSets | None = None
        self._flags: tuple[Finding, ...] = ()

    def opened(self, c: Any) -> Opened:
        """The kits and drugs the rule sets of today know, and what they ask of a patient."""
        case = live_row(c, "case", self.about)
        self._sets = rule_sets(c)
        known = [(one.code, one.words[language()]) for one in medicine.known_items(c, self.today)]
        asked = [(code, self._sets.word(code, language())) for code in caution_codes(self._sets, self.today)]
        return Opened(case.body, {"from_stock": YES}, (known, asked))

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """What and how much; what was asked; the reason last, where a warning asks for it."""
        known, asked = opened.more
        items = [FormRow("item", Choice(known))] if known else []
        cautions = (
            [
                FormRow("cautions_asked", yes_no_choice(), t("case.cautions_asked")),
                FormRow("cautions", ChecksField(asked), t("case.cautions")),
            ]
            if asked
            else []
        )
        return [
            *items,
            FormRow("other", TextField(max_length=120), t("case.other_item")),
            FormRow("quantity", DecimalField(decimals=2)),
            FormRow("unit", TextField(max_length=30)),
            FormRow("days", DigitField(max_length=2)),
            FormRow("lot", TextField(max_length=40, composing=False)),
            FormRow("prescribed_by", TextField(max_length=80)),
            FormRow("breastfeeding", yes_no_choice(), t("case.breastfeeding")),
            *cautions,
            FormRow("from_stock", yes_no_choice(), t("case.from_stock")),
            FormRow("note", TextField(max_length=300)),
            FormRow("flag_reason", TextField(max_length=300)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        values, entry = {**opened.values, **typed}, Entry()
        texts = ("item", "other", "unit", "lot", "prescribed_by", "note", "flag_reason")
        self.take_text(entry, values, *texts)
        if not entry.fields["item"] and not entry.fields["other"]:
            entry.problems.append(FieldProblem("item", "problems.missing"))
        self.take_truth(entry, values, "breastfeeding")
        self.take_number(entry, values, "quantity")
        days = values.get("days", "")
        entry.fields["days"] = int(days) if days else None
        if not entry.fields["quantity"]:
            entry.problems.append(FieldProblem("quantity", "medicine.quantity_positive"))
        ticked = frozenset(self.ticked(values, "cautions"))
        asked = values.get("cautions_asked") == YES or bool(ticked)
        entry.fields["cautions"] = ticked if asked else None
        entry.fields["from_stock"] = values.get("from_stock") != NO
        return entry

    # ---- warnings before saving

    def on_descendant_blur(self) -> None:
        """Leaving a field: ask the rules what they say of what is typed so far."""
        if self._opened is None or not self.is_attached:
            return
        entry = self.entry(self.typed(), self._opened)
        if not entry.fields["item"] and not entry.fields["other"]:
            return
        giving, case, now = _giving(entry), self.about, self.app.clock()
        self.read(lambda c: medicine.check_giving(c, case, giving, now), self._warn, group="flags")

    def _warn(self, flags: tuple[Finding, ...]) -> None:
        self._flags = flags
        sets = self._sets
        if sets is None:
            return
        lines = [f"{sign('pointer')} {words}" for words in medicine.flags_words(sets, flags)]
        self.tell([t("case.flags_above", count=len(flags)), *lines] if lines else [])

    # ---- saving

    def write(self, entry: Entry) -> str:
        """Keep the giving; a warning without a reason refuses it."""
        try:
            saved = medicine.give(
                self.workspace.store,
                self.workspace.user,
                self.about,
                _giving(entry),
                reason=entry.fields["flag_reason"],
            )
        except Flagged as refused:
            self._flags = refused.flags
            raise InvalidFields([FieldProblem("flag_reason", "case.flag_reason_missing")]) from refused
        return saved.dispense

    def _show_problems(self, problems: Sequence[FieldProblem]) -> bool:
        if any(one.field == "flag_reason" for one in problems):
            self._warn(self._flags)
        return super()._show_problems(problems)

    def saved(self, record: str, entry: Entry) -> str:
        """What was given."""
        item = entry.fields["other"] or entry.fields["item"]
        known = dict(self._opened.more[0]) if self._opened else {}
        return t("case.given_done", item=known.get(item, item), name=self.name_of_person)


def _giving(entry: Entry) -> Giving:
    said = entry.fields
    return Giving(
        item=said["other"] or said["item"],
        quantity=said["quantity"] or 0,
        unit=said["unit"],
        days=said["days"],
        lot=said["lot"],
        prescribed_by=said["prescribed_by"],
        note=said["note"],
        breastfeeding=said["breastfeeding"],
        cautions=said["cautions"],
        from_stock=said["from_stock"],
    )
