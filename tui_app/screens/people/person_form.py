"""A person's form: new in a household, or edited. One birth field takes a day or a year alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from tui_app.clock import to_wire
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.records.access import Access
from tui_app.records.people import RESTRICTED_CONDITIONS, ResidenceType, RiskGroup, Sex, UnderlyingCondition
from tui_app.screens.frame.form_screen import FormScreen, Opened
from tui_app.services.access import access, gate
from tui_app.services.people import people
from tui_app.services.people.entries import NO, YES, Entry, person_entry, person_values
from tui_app.widgets.checks_field import ChecksField
from tui_app.widgets.choice import Choice
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import DigitField, TextField


class PersonForm(FormScreen):
    """``person``: the one to edit; or ``household``: where a new one lives; ``given``: what a card says.

    Restricted conditions are shown to the station chief only, and left untouched by everybody else.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f9", "save_next", "person.key_save_next", id="person.next", tooltip="person.key_save_next_tip"
        ),
    ]

    def __init__(
        self,
        person: str | None = None,
        *,
        household: str | None = None,
        given: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.given = given or {}
        self.person = person
        self.household = household

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The next new person follows a new one only."""
        if action == "save_next":
            return self.person is None
        return super().check_action(action, parameters)

    @property
    def draft_key(self) -> str:
        """One draft for the new person of each household, one for each person edited."""
        return f"person:{self.person or f'new:{self.household}'}"

    def words(self) -> str:
        """Who."""
        if self.person is None:
            return t("person.new")
        return t("person.edit", name=self._opened.fields.get("full_name", "") if self._opened else "")

    def opened(self, c: Any) -> Opened:
        """The record with its full numbers: that they are shown is logged."""
        if self.person is None:
            gate.check_role(c)
            return Opened({}, person_values({}, frozenset(), frozenset()))
        fields = people.person_fields(c, self.person)
        codes = people.person_codes(c, self.person, self.app.today())
        workspace = self.workspace
        with workspace.store.write() as w:
            at = to_wire(workspace.clock())
            access.log_access(w, workspace.user, at, Access.UNMASK, "person", self.person, "form")
        return Opened(fields, person_values(fields, *codes))

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """Who, how to reach, risk, vaccination, the rest."""
        yes_no = [(YES, t("codes.yes")), (NO, t("codes.no"))]
        conditions = [code for code in UnderlyingCondition if code not in RESTRICTED_CONDITIONS]
        return [
            FormRow("full_name", TextField(max_length=80)),
            FormRow("birth_date", TextField(max_length=30, composing=False), t("person.birth")),
            FormRow("sex", Choice(_options("sex", Sex))),
            FormRow("relation_to_head", TextField(max_length=40)),
            FormRow("phone", TextField(max_length=60, composing=False)),
            FormRow("national_id", TextField(max_length=30, composing=False)),
            FormRow("citizen_id_old", TextField(max_length=20, composing=False)),
            FormRow("insurance_number", TextField(max_length=20, composing=False)),
            FormRow("residence_type", Choice(_options("residence_type", ResidenceType))),
            FormRow("risk_groups", ChecksField(_options("risk_group", RiskGroup))),
            FormRow("conditions", ChecksField(_options("condition", conditions))),
            FormRow("reported_doses", DigitField(max_length=1)),
            FormRow("contraindicated", Choice(yes_no)),
            FormRow("contraindication_reason", TextField(max_length=120)),
            FormRow("mobility_limited", Choice(yes_no)),
            FormRow("carer", TextField(max_length=80)),
            FormRow("ethnicity", TextField(max_length=30)),
            FormRow("occupation", TextField(max_length=60)),
            FormRow("note", TextField(max_length=500)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed; a new person needs a name even when nothing was typed there."""
        asked = typed if self.person else {"full_name": "", **typed}
        return person_entry(asked, self.app.today(), opened.fields, note=opened.fields.get("note", ""))

    def store(self, entry: Entry, typed: Mapping[str, str]) -> str:
        """Save the person with groups and conditions."""
        workspace = self.workspace
        return people.save_person(
            workspace.store,
            workspace.user,
            entry.fields,
            person=self.person,
            household=self.household,
            risk_groups=entry.lists.get("risk_groups"),
            conditions=entry.lists.get("conditions"),
        )

    def saved(self, record: str, entry: Entry) -> str:
        """Name the person."""
        known = {**(self._opened.fields if self._opened else {}), **entry.fields}
        return t("person.saved", name=known.get("full_name", ""))

    def action_save_next(self) -> None:
        """Save, and open an empty form for the next person of the household."""

        def then(record: str, words: str) -> None:
            self.app.say(words)
            self.load()

        self._save(then)


def _options(field: str, codes: Any) -> list[tuple[str, str]]:
    return [(str(code), code_word(field, code)) for code in codes]
