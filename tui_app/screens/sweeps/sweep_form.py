"""Starting a sweep or changing one: name, units, dates, deadline, epidemic areas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tui_app.clock import show_date
from tui_app.errors import FieldProblem
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.screens.cases.case_form import CaseForm, day_field, day_text
from tui_app.screens.frame.form_screen import Opened
from tui_app.services.access import gate
from tui_app.services.people.entries import Entry
from tui_app.services.people.people import areas_going_on
from tui_app.services.sweeps import sweeps
from tui_app.services.sweeps.sweep_words import moment_text, read_moment
from tui_app.services.sweeps.sweeps import Plan
from tui_app.text import clean
from tui_app.widgets.checks_field import ChecksField
from tui_app.widgets.form import FormRow
from tui_app.widgets.text_field import TextField

YEARS_AHEAD = 2


class SweepForm(CaseForm):
    """``about``: key of the sweep, "" for a new one. Answers its key."""

    form = "sweep"
    title_key = "sweep.form_title"

    def __init__(self, about: str) -> None:
        super().__init__(about, "")
        self._rule = ""

    def words(self) -> str:
        """A new sweep, or changing one."""
        return t("sweep.form_change" if self.about else "sweep.form_title")

    def opened(self, c: Any) -> Opened:
        """Proposed: all units, today."""
        gate.check_chief(c)
        units = [(unit.id, unit.name) for unit in areas_going_on(c)]
        self._rule = sweeps.rule_words(c, self.today)
        if not self.about:
            values = {
                "area": ",".join(ident for ident, _ in units),
                "started_on": day_text(self.today),
                "ended_on": day_text(self.today),
            }
            return Opened({}, values, units)
        found = sweeps.sweep(c, self.about)
        values = {
            "name": found.name,
            "area": ",".join(found.areas),
            "started_on": day_text(found.started_on),
            "ended_on": day_text(found.ended_on),
            "due_at": moment_text(found.due_at),
            "epidemic_areas": ", ".join(found.epidemic_areas),
            "note": found.note,
        }
        return Opened({}, values, units)

    def says(self, opened: Opened) -> Sequence[str]:
        """What an empty deadline means by the rule set in force."""
        return [t("sweep.form_due", rule=self._rule) if self._rule else t("sweep.form_no_rule")]

    def rows(self, opened: Opened) -> Sequence[FormRow]:
        """The name first; the units by name."""
        return [
            FormRow("name", TextField(max_length=80)),
            FormRow("area", ChecksField(opened.more), t("sweep.units")),
            FormRow("started_on", day_field(), t("fields.period_from")),
            FormRow("ended_on", day_field(), t("fields.period_to")),
            FormRow("due_at", TextField(max_length=30, composing=False)),
            FormRow("epidemic_areas", TextField(max_length=300)),
            FormRow("note", TextField(max_length=300)),
        ]

    def entry(self, typed: Mapping[str, str], opened: Opened) -> Entry:
        """Check what was typed; days may lie ahead."""
        values, entry = self.whole(typed), Entry()
        self.take_text(entry, values, "name", "note", required=("name",))
        entry.lists["area"] = frozenset(filter(None, values.get("area", "").split(",")))
        latest = date(self.today.year + YEARS_AHEAD, 12, 31)
        for name in ("started_on", "ended_on"):
            entry.take(name, checks.day(values.get(name, ""), latest, name))
        if entry.fields.get("started_on") is None and not entry.problems:
            entry.problems.append(FieldProblem("started_on", "problems.missing"))
        try:
            entry.fields["due_at"] = read_moment(values.get("due_at", ""))
        except ValueError:
            entry.problems.append(FieldProblem("due_at", "sweep.bad_due"))
        places = values.get("epidemic_areas", "").split(",")
        entry.fields["epidemic_areas"] = tuple(filter(None, map(clean, places)))
        return entry

    def write(self, entry: Entry) -> str:
        """Start it, or change it. A deadline that was the rule's goes along with another last day."""
        said, store, who = entry.fields, self.workspace.store, self.workspace.user
        due_at = said["due_at"]
        with store.read() as c:
            kept = sweeps.sweep(c, self.about) if self.about else None
            was_rule = kept and kept.ended_on and sweeps.rule_due(c, kept.ended_on)
        if kept and was_rule and due_at == was_rule and said["ended_on"] != kept.ended_on:
            due_at = None
        plan = Plan(
            name=said["name"],
            areas=[ident for ident, _ in self._units() if ident in entry.lists["area"]],
            started_on=said["started_on"],
            ended_on=said["ended_on"],
            due_at=due_at,
            epidemic_areas=said["epidemic_areas"],
            note=said["note"],
        )
        if not self.about:
            return sweeps.start(store, who, plan)
        sweeps.change(store, who, self.about, plan)
        return self.about

    def _units(self) -> list[tuple[str, str]]:
        return list(self._opened.more) if self._opened else []

    def saved(self, record: str, entry: Entry) -> str:
        """What runs from when, and what runs beside it."""
        with self.workspace.store.read() as c:
            found = sweeps.sweep(c, record)
            others = [one.name for one in sweeps.beside(c, sweeps.plan_of(found), record)]
        words = t("sweep.form_saved", name=found.name, day=show_date(found.started_on))
        return f"{words} {t('sweep.form_beside', names=', '.join(others))}" if others else words
