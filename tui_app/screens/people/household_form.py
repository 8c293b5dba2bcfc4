"""A household's form: new, or edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.clock import to_wire
from tui_app.i18n import t
from tui_app.records.access import Access
from tui_app.screens.frame.form_screen import FormScreen, Opened
from tui_app.services.access import access, gate
from tui_app.services.people import people
from tui_app.services.people.entries import Entry, household_entry, household_values
from tui_app.widgets.choice import Choice
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import DigitField, TextField
from tui_app.widgets.visit_sheet import label


class HouseholdForm(FormScreen):
    """``household``: the one to edit, None for a new one; ``area``: the unit proposed for a new one."""

    def __init__(self, household: str | None = None, *, area: str | None = None) -> None:
        super().__init__()
        self.household = household
        self.area = area
        self._areas: tuple[people.AreaChoice, ...] = ()

    @property
    def draft_key(self) -> str:
        """One draft for all new households, one for each that is edited."""
        return f"household:{self.household or 'new'}"

    def words(self) -> str:
        """Which household."""
        if self.household is None:
            return t("household.new")
        fields = self._opened.fields if self._opened else {}
        return t("household.edit", label=label(fields.get("code", ""), fields.get("address", "")))

    def opened(self, c: Any) -> Opened:
        """The record, or the units a new one can be in."""
        if self.household is not None:
            fields = people.household_fields(c, self.household)
            if fields.get("phone"):
                workspace = self.workspace
                with workspace.store.write() as w:
                    at = to_wire(workspace.clock())
                    access.log_access(
                        w, workspace.user, at, Access.UNMASK, "household", self.household, "form"
                    )
            return Opened(fields, household_values(fields))
        known = people.areas_going_on(c)
        writable = gate.open_only(c, [unit.id for unit in known])
        areas = tuple(unit for unit in known if unit.id in writable)
        proposed = next((a.id for a in areas if a.id == self.area), areas[0].id if len(areas) == 1 else "")
        return Opened({}, {**household_values({}), "area": proposed}, areas)

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """The unit only when there is a choice."""
        self._areas = opened.more or ()
        units = (
            [FormRow("area", Choice([(a.id, a.name) for a in self._areas]))] if len(self._areas) > 1 else []
        )
        return [
            *units,
            FormRow("address", TextField(max_length=120)),
            FormRow("alley", TextField(max_length=80)),
            FormRow("code", TextField(max_length=20, composing=False)),
            FormRow("walk_order", DigitField(max_length=5)),
            FormRow("phone", TextField(max_length=60, composing=False)),
            FormRow("note", TextField(max_length=500)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        return household_entry(typed, note=opened.fields.get("note", ""))

    def store(self, entry: Entry, typed: Mapping[str, str]) -> str:
        """Save in the chosen unit."""
        workspace = self.workspace
        only = self._areas[0].id if len(self._areas) == 1 else None
        area = typed.get("area") or only or self.area
        return people.save_household(
            workspace.store, workspace.user, entry.fields, household=self.household, area=area
        )

    def saved(self, record: str, entry: Entry) -> str:
        """Name the household."""
        known = {**(self._opened.fields if self._opened else {}), **entry.fields}
        return t("household.saved", label=label(known.get("code") or "", known.get("address") or ""))
