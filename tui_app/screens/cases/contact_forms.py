"""Contacts of a case: everybody at home in one step, somebody by name, and a day of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.clock import show_date
from tui_app.errors import FieldProblem
from tui_app.i18n import language, t
from tui_app.records import checks
from tui_app.records.cases import CasePlace
from tui_app.records.contacts import ContactKind
from tui_app.rules.sheet import sheet
from tui_app.screens.cases.case_form import (
    CaseForm,
    code_choice,
    day_field,
    day_text,
    yes_no_answer,
    yes_no_choice,
)
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.cases import contact_lists, contacts
from tui_app.services.cases.case_card import cases_of
from tui_app.services.cases.contact_lists import Day
from tui_app.services.cases.contacts import Meeting
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import household_members, live_row
from tui_app.services.people.entries import Entry
from tui_app.widgets.ages import age_text
from tui_app.widgets.checks_field import ChecksField
from tui_app.widgets.choice import Choice
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import DecimalField, TextField

LEVELS = ("1", "2")
WELL, UNWELL, AWAY = "well", "unwell", "away"


class HouseholdContactsForm(CaseForm):
    """``about``: id of the case. Everybody who lives there is ticked at first."""

    form = "contacts"
    title_key = "case.contacts_title"

    def opened(self, c: Any) -> Opened:
        """Who lives with the patient and is no contact yet. Somebody who has a case of their own is not ticked."""
        case = live_row(c, "case", self.about)
        person = str(case.body["person"])
        door = str(live_row(c, "person", person).body.get("household"))
        known = {one.person for one in contact_lists.contacts(c, self.about, self.today)}
        members = [
            one
            for one in household_members(c, door, self.today)
            if one.id != person and one.id not in known and not one.gone
        ]
        ill = {one.id for one in members if any(head.ended_on is None for head in cases_of(c, one.id))}
        at_home = case.body.get("place") == CasePlace.HOME
        values = {
            "who": ",".join(one.id for one in members if one.id not in ill),
            "last_met_on": day_text(self.today) if at_home else "",
        }
        marks = {one: f" {t('case.contacts_is_f0')}" for one in ill}
        names = [(one.id, f"{one.full_name}{marks.get(one.id, '')} {age_text(one.age)}") for one in members]
        return Opened(case.body, values, names)

    def says(self, opened: Opened) -> Sequence[str]:
        """That nobody is left to note, when so."""
        return [] if opened.more else [t("case.contacts_nobody")]

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """Who met the patient, when, and who is protected as the rule of the day counts it."""
        if not opened.more:
            return [FormRow("last_met_on", day_field())]
        return [
            FormRow("who", ChecksField(opened.more), t("case.contacts_who")),
            FormRow("last_met_on", day_field()),
            FormRow("protected_ones", ChecksField(opened.more), t("fields.protected")),
            FormRow("protected", yes_no_choice(), t("case.contacts_others_protected")),
            FormRow("note", TextField(max_length=300)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        values, entry = {**opened.values, **typed}, Entry()
        self.take_day(entry, values, "last_met_on", required=True)
        self.take_truth(entry, values, "protected")
        self.take_text(entry, values, "note")
        for name in ("who", "protected_ones"):
            entry.lists[name] = frozenset(self.ticked(values, name))
        if opened.more and not entry.lists["who"]:
            entry.problems.append(FieldProblem("who", "problems.missing"))
        return entry

    def write(self, entry: Entry) -> str:
        """Note them in one save."""
        said = entry.fields
        everybody = [ident for ident, _ in self._opened.more] if self._opened else []
        meeting = Meeting(last_met_on=said["last_met_on"], protected=said["protected"], note=said["note"])
        made = contacts.add_household(
            self.workspace.store,
            self.workspace.user,
            self.about,
            meeting,
            protected=dict.fromkeys(entry.lists["protected_ones"], True),
            without=[ident for ident in everybody if ident not in entry.lists["who"]],
        )
        entry.fields["count"] = len(made)
        return self.about

    def saved(self, record: str, entry: Entry) -> str:
        """How many are new."""
        return t("contacts.household_added", count=entry.fields["count"])


class NamedContactForm(CaseForm):
    """``about``: id of the case. Somebody who is not on this laptop."""

    form = "contact"
    title_key = "case.contact_title"

    def opened(self, c: Any) -> Opened:
        """Level 1 is proposed."""
        return Opened(live_row(c, "case", self.about).body, {"level": "1"})

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """Who, how and when."""
        return [
            FormRow("full_name", TextField(max_length=80)),
            FormRow("phone", TextField(max_length=60, composing=False)),
            FormRow("last_met_on", day_field()),
            FormRow("met", code_choice("met", ContactKind)),
            FormRow("level", Choice([(one, f"F{one}") for one in LEVELS])),
            FormRow("protected", yes_no_choice()),
            FormRow("note", TextField(max_length=300)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        values, entry = {**opened.values, **typed}, Entry()
        self.take_text(
            entry, values, "full_name", "met", "level", "note", required=("full_name", "met", "level")
        )
        self.take_day(entry, values, "last_met_on", required=True)
        self.take_truth(entry, values, "protected")
        entry.take("phone", checks.phone(values.get("phone", "")))
        return entry

    def write(self, entry: Entry) -> str:
        """Note them."""
        said = entry.fields
        meeting = Meeting(
            last_met_on=said["last_met_on"],
            met=ContactKind(said["met"]),
            level=int(said["level"]),
            protected=said["protected"],
            note=said["note"],
        )
        store, who = self.workspace.store, self.workspace.user
        return contacts.add_named(
            store, who, self.about, said["full_name"], meeting, phone=said["phone"] or ""
        )

    def saved(self, record: str, entry: Entry) -> str:
        """That it is noted."""
        return t("contacts.added")


class CorrectContactForm(CaseForm):
    """``about``: id of the contact. What was learned later; until when they are watched follows from it."""

    form = "contact_correct"
    title_key = "case.contact_correct_title"

    def opened(self, c: Any) -> Opened:
        """As it is noted."""
        line = contact_lists.contact_line(c, self.about, self.today)
        values = {
            "last_met_on": day_text(line.last_met_on),
            "met": line.met,
            "protected": yes_no_answer(line.protected),
        }
        return Opened({}, values)

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """When and how they met, and whether protected."""
        return [
            FormRow("last_met_on", day_field()),
            FormRow("met", code_choice("met", ContactKind)),
            FormRow("protected", yes_no_choice()),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        values, entry = {**opened.values, **typed}, Entry()
        self.take_day(entry, values, "last_met_on", required=True)
        self.take_text(entry, values, "met", required=("met",))
        self.take_truth(entry, values, "protected")
        return entry

    def write(self, entry: Entry) -> str:
        """Keep what was learned."""
        said = entry.fields
        entry.fields["until"] = contacts.correct(
            self.workspace.store,
            self.workspace.user,
            self.about,
            last_met_on=said["last_met_on"],
            met=ContactKind(said["met"]),
            protected=said["protected"],
        )
        return self.about

    def saved(self, record: str, entry: Entry) -> str:
        """Until when they are watched now."""
        until = entry.fields["until"]
        return t("contacts.corrected", date=show_date(until) if until else "–")


class ContactDayForm(CaseForm):
    """``about``: id of the contact. How they are on a day."""

    form = "contact_day"
    title_key = "case.contact_day_title"

    def opened(self, c: Any) -> Opened:
        """Today; the symptoms that the monitoring sheet of their age asks."""
        line = contact_lists.contact_line(c, self.about, self.today)
        asked = sheet(rule_sets(c), self.today, line.age).symptoms
        return Opened(
            {}, {"on": day_text(self.today)}, [(one.code, getattr(one, language())) for one in asked]
        )

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """How they are first."""
        states = [(one, t(f"case.contact_{one}")) for one in (WELL, UNWELL, AWAY)]
        symptoms = [FormRow("symptoms", ChecksField(opened.more))] if opened.more else []
        return [
            FormRow("state", Choice(states), t("case.contact_state")),
            FormRow("on", day_field(), t("case.contact_on")),
            FormRow("temperature_c", DecimalField(decimals=1), t("f0.label_temperature_c")),
            *symptoms,
            FormRow("note", TextField(max_length=300)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed; symptoms ticked with "well" the service refuses."""
        values, entry = {**opened.values, **typed}, Entry()
        self.take_text(entry, values, "state", "note", required=("state",))
        self.take_day(entry, values, "on", required=True)
        self.take_number(entry, values, "temperature_c")
        ticked = self.ticked(values, "symptoms")
        entry.fields["symptoms"] = ticked or (() if entry.fields["state"] == WELL else None)
        return entry

    def write(self, entry: Entry) -> str:
        """Keep the day."""
        said = entry.fields
        state = said["state"]
        day = Day(
            on=said["on"],
            temperature_c=said["temperature_c"],
            symptoms=said["symptoms"],
            well=None if state == AWAY else state == WELL,
            away=state == AWAY,
            note=said["note"],
        )
        return contacts.check(self.workspace.store, self.workspace.user, self.about, day)

    def saved(self, record: str, entry: Entry) -> str:
        """That it is noted."""
        return t("contacts.checked")
