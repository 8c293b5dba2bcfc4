"""A dose of a person: as the card says it, in few keys; the same form corrects one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.i18n import language, t
from tui_app.records.vaccination import DoseSource, DoseType
from tui_app.screens.cases.case_form import CaseForm, code_choice, day_field, day_text
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.people.cards import live_row
from tui_app.services.people.entries import Entry
from tui_app.services.people.values import field_word
from tui_app.services.vaccination import vaccination
from tui_app.services.vaccination.vaccination_card import vaccination_card
from tui_app.services.vaccination.vaccination_words import next_lines, status_words
from tui_app.widgets.choice import Choice
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import DigitField, TextField

OTHER = "other"
TEXTS = ("dose_type", "place", "lot", "source", "note")


class DoseForm(CaseForm):
    """``about``: id of the person; ``dose``: id of the dose to correct, None for a new one."""

    title_key = "vaccination.form_title"

    def __init__(self, about: str, name: str, dose: str | None = None) -> None:
        super().__init__(about, name)
        self.dose = dose

    @property
    def draft_key(self) -> str:
        """One draft for a new dose of a person, and one for each dose corrected."""
        return f"dose:{self.dose or self.about}"

    def opened(self, c: Any) -> Opened:
        """A new one: of the type that comes next, of the product given last."""
        card = vaccination_card(c, self.about, self.today)
        products = [
            (one.id, str(getattr(one, language())))
            for held in card.sets.in_force("vaccine", self.today)
            for one in held.vaccine
        ]
        says = [] if card.status is None else [status_words(card.status), *next_lines(card.sets, card.status)]
        if self.dose is not None:
            body = live_row(c, "vaccination_dose", self.dose).body
            return Opened(body, _shown(body, {code for code, _ in products}), (products, []))
        last = next((one.body.get("product") for one in reversed(card.doses) if one.body.get("product")), "")
        kind = (card.status.next_dose or "") if card.status else ""
        values = {
            "product": last if any(last == code for code, _ in products) else "",
            "dose_type": kind.partition("_")[0],
            "source": DoseSource.CARD,
        }
        return Opened({}, {name: str(value) for name, value in values.items()}, (products, says))

    def says(self, opened: Opened) -> Sequence[str]:
        """Which dose comes next and the rule that says so."""
        found: list[str] = opened.more[1]
        return found

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """What a card says, the commonest first."""
        products = [*opened.more[0], (OTHER, t("vaccination.other_product"))]
        return [
            FormRow("given_on", day_field()),
            FormRow("product", Choice(products)),
            FormRow("dose_type", code_choice("dose_type", DoseType)),
            FormRow("source", _sources(), field_word("source", "vaccination_dose")),
            FormRow("place", TextField(max_length=120), field_word("place", "vaccination_dose")),
            FormRow("lot", TextField(max_length=40)),
            FormRow("number", DigitField(max_length=1)),
            FormRow("product_other", TextField(max_length=60), t("vaccination.product_other")),
            FormRow("note", TextField(max_length=300)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        values, entry = {**opened.values, **typed}, Entry()
        self.take_day(entry, values, "given_on")
        self.take_text(entry, values, *TEXTS)
        other, chosen = values.get("product_other", ""), values.get("product", "")
        entry.fields["product"] = other if chosen in ("", OTHER) else chosen
        number = values.get("number", "")
        entry.fields["number"] = int(number) if number else None
        return entry

    def write(self, entry: Entry) -> str:
        """Record or correct it."""
        fields = {name: value if value != "" else None for name, value in entry.fields.items()}
        store, who = self.workspace.store, self.workspace.user
        if self.dose is None:
            return vaccination.add_dose(store, who, self.about, fields)
        return vaccination.change_dose(store, who, self.dose, fields)

    def saved(self, record: str, entry: Entry) -> str:
        """That it is recorded."""
        return t("vaccination.added" if self.dose is None else "vaccination.changed")


def _sources() -> Choice:
    return Choice([(str(one), t(f"codes.vaccination_dose_source_{one}")) for one in DoseSource])


def _shown(body: Mapping[str, Any], products: set[str]) -> dict[str, str]:
    """A dose as the form shows it."""
    product = str(body.get("product") or "")
    known = product in products
    return {
        "given_on": day_text(body.get("given_on")),
        "product": product if known else OTHER if product else "",
        "product_other": "" if known else product,
        "number": str(body.get("number") or ""),
        **{name: str(body.get(name) or "") for name in TEXTS},
    }
