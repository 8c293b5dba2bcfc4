"""Declaring an outbreak or correcting it, and declaring that it is over; what the rules say stands above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tui_app.clock import show_date, to_wire
from tui_app.errors import FieldProblem
from tui_app.i18n import t
from tui_app.rules.outbreak import event_due
from tui_app.screens.cases.case_form import CaseForm, day_field, day_text
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.outbreaks import declaring, words
from tui_app.services.outbreaks.declaring import COVID, Outbreak, Plan
from tui_app.services.people.entries import Entry
from tui_app.services.people.people import areas_going_on
from tui_app.services.people.values import field_word
from tui_app.services.sweeps.sweep_words import moment_text, read_moment
from tui_app.widgets.checks_field import ChecksField
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import TextField

LONG = 1000  # letters of a recommendation


class OutbreakForm(CaseForm):
    """``about``: id of the outbreak, "" for a new one. Answers its id."""

    form = "outbreak"
    title_key = "outbreak.form_title"

    def __init__(self, about: str) -> None:
        super().__init__(about, "")
        self._rule = ""

    def words(self) -> str:
        """A new one, or correcting one."""
        return t("outbreak.form_change" if self.about else "outbreak.form_title")

    def opened(self, c: Any) -> Opened:
        """Proposed: COVID-19, found now, from today on, in the only unit there is."""
        gate.check_chief(c)
        units = [(unit.id, unit.name) for unit in areas_going_on(c)]
        now = self.app.clock()
        said = event_due(rule_sets(c), "outbreak_declared", now, self.today)
        self._rule = words.rule(rule_sets(c), said[1]) if said else ""
        if not self.about:
            values = {
                "disease": COVID,
                "units": units[0][0] if len(units) == 1 else "",
                "started_on": day_text(self.today),
                "identified_at": moment_text(to_wire(now)),
            }
            return Opened({}, values, units)
        found = declaring.outbreak(c, self.about)
        values = {
            "name": found.name,
            "disease": found.disease,
            "units": ",".join(found.areas),
            "place": found.place,
            "started_on": day_text(found.started_on),
            "identified_at": moment_text(found.identified_at),
            "recommendation": found.recommendation,
            "note": found.note,
        }
        return Opened({}, values, units)

    def says(self, opened: Opened) -> Sequence[str]:
        """By when form 01 is due, and which cases count."""
        return [line for line in (self._rule, t("outbreak.form_disease_note")) if line]

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """The name first."""
        return [
            FormRow("name", TextField(max_length=80), field_word("name", "outbreak")),
            FormRow("units", ChecksField(opened.more)),
            FormRow("place", TextField(max_length=120), field_word("place", "outbreak")),
            FormRow("started_on", day_field(), field_word("started_on", "outbreak")),
            FormRow("identified_at", TextField(max_length=30, composing=False)),
            FormRow("recommendation", TextField(max_length=LONG)),
            FormRow("disease", TextField(max_length=80)),
            FormRow("note", TextField(max_length=300)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed."""
        values, entry = self.whole(typed), Entry()
        self.take_text(
            entry, values, "name", "place", "recommendation", "disease", "note", required=("name", "disease")
        )
        entry.lists["units"] = frozenset(filter(None, values.get("units", "").split(",")))
        if not entry.lists["units"]:
            entry.problems.append(FieldProblem("units", "problems.missing"))
        self.take_day(entry, values, "started_on", required=True)
        _take_moment(entry, values, "identified_at")
        return entry

    def write(self, entry: Entry) -> str:
        """Declare it, or correct it."""
        said, store, who = entry.fields, self.workspace.store, self.workspace.user
        units = list(self._opened.more) if self._opened else []
        plan = Plan(
            name=said["name"],
            areas=[ident for ident, _ in units if ident in entry.lists["units"]],
            started_on=said["started_on"],
            place=said["place"],
            disease=said["disease"],
            identified_at=said["identified_at"],
            recommendation=said["recommendation"],
            note=said["note"],
        )
        if not self.about:
            return declaring.declare(store, who, plan)
        declaring.change(store, who, self.about, plan)
        return self.about

    def saved(self, record: str, entry: Entry) -> str:
        """What was declared; its form is printed from the list."""
        key = "outbreak.changed" if self.about else "outbreak.form_declared"
        return t(key, name=entry.fields["name"])


class EndOutbreakForm(CaseForm):
    """``about``: id of the outbreak. Answers it."""

    form = "outbreak_end"
    title_key = "outbreak.form_end"

    def opened(self, c: Any) -> Opened:
        """Proposed: today, found now."""
        gate.check_chief(c)
        found, now = declaring.outbreak(c, self.about), self.app.clock()
        values = {"ended_on": day_text(self.today), "over_at": moment_text(to_wire(now))}
        return Opened({}, values, self._lines(c, found))

    def _lines(self, c: Any, found: Outbreak) -> list[str]:
        """How many days there was no new case, as the rule asks; by when form 02 is due."""
        sets, now = rule_sets(c), self.app.clock()
        lines, judged = list[str](), declaring.quiet_on(c, found, self.today, now)
        if judged is not None:
            lines.append(words.quiet(sets.get(judged[1].rule_set), judged[1]))
        due = event_due(sets, "outbreak_ended", now, self.today)
        return lines + ([words.rule(sets, due[1])] if due else [])

    def says(self, opened: Opened) -> Sequence[str]:
        """The same."""
        said: list[str] = opened.more
        return said

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """When, what is recommended, why before its time."""
        return [
            FormRow("ended_on", day_field(), field_word("ended_on", "outbreak")),
            FormRow("over_at", TextField(max_length=30, composing=False)),
            FormRow("end_recommendation", TextField(max_length=LONG)),
            FormRow("reason", TextField(max_length=300), t("outbreak.reason")),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed; whether a reason is needed the service says."""
        values, entry = self.whole(typed), Entry()
        self.take_day(entry, values, "ended_on", required=True)
        _take_moment(entry, values, "over_at")
        self.take_text(entry, values, "end_recommendation", "reason")
        return entry

    def write(self, entry: Entry) -> str:
        """Declare it over."""
        said = entry.fields
        declaring.end(
            self.workspace.store,
            self.workspace.user,
            self.about,
            said["ended_on"],
            over_at=said["over_at"],
            recommendation=said["end_recommendation"],
            reason=said["reason"],
        )
        return self.about

    def saved(self, record: str, entry: Entry) -> str:
        """Since when."""
        return t("outbreak.ended", name=self.name_of_person, date=show_date(entry.fields["ended_on"]))


def _take_moment(entry: Entry, values: Mapping[str, str], name: str) -> None:
    try:
        entry.fields[name] = read_moment(values.get(name, ""))
    except ValueError:
        entry.problems.append(FieldProblem(name, "outbreak.bad_moment"))
