"""A sweep: its units, households, persons, who knocks, suspected cases and report. Every count opens its list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.records.visits import TestMethod, TestOutcome
from tui_app.screens.sweeps.sweep_list import SweepListScreen
from tui_app.services.sweeps import sweep_report, sweeps
from tui_app.services.sweeps.sweep_figures import HOUSEHOLD, TEST
from tui_app.services.sweeps.sweep_tally import SweptPerson
from tui_app.services.sweeps.sweep_words import dates, state
from tui_app.services.visits import testing
from tui_app.widgets.dialogs import Ask, Choose, Confirm
from tui_app.widgets.row_list import RowList
from tui_app.widgets.text_field import TextField

TESTS = [(method, result) for method in TestMethod for result in (TestOutcome.POSITIVE, TestOutcome.NEGATIVE)]


class SweepScreen(SweepListScreen):
    """The chief starts, changes and calls off a sweep; a unit files its report; who is suspected is tested."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "sweep.key_open", id="sweep.open", tooltip="sweep.key_open_tip"),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "sweep.key_tab",
            id="sweep.next_tab",
            tooltip="sweep.key_tab_tip",
        ),
        Binding("left_square_bracket", "tab(-1)", show=False, system=True, id="sweep.previous_tab"),
        Binding("slash", "filter", "today.key_filter", id="sweep.filter", tooltip="today.key_filter_tip"),
        Binding("f", "file", "sweep.key_file", id="sweep.file", tooltip="sweep.key_file_tip"),
        Binding("p", "paper", "sweep.key_paper", id="sweep.paper", tooltip="sweep.key_paper_tip"),
        Binding("t", "test", "sweep.key_test", id="sweep.test", tooltip="sweep.key_test_tip"),
        Binding("c", "case", "sweep.key_case", id="sweep.case", tooltip="sweep.key_case_tip"),
        Binding("n", "new", "sweep.key_new", id="sweep.new", tooltip="sweep.key_new_tip"),
        Binding("e", "edit", show=False, id="sweep.edit", tooltip="sweep.key_edit_tip"),
        Binding("x", "call_off", show=False, id="sweep.call_off", tooltip="sweep.key_call_off_tip"),
        Binding("l", "others", show=False, id="sweep.others", tooltip="sweep.key_others_tip"),
        Binding("escape", "back", "app.key_back", id="sweep.back", tooltip="sweep.key_back_tip"),
    ]

    # ---- going on

    @on(RowList.Selected, "#lines")
    def action_open(self) -> None:
        """What lies behind the line: a unit's doors, a team's, a figure's records, a household, a person."""
        row, place = self._list.cursor_row, self.place
        if row is None or place is None or place.tally is None:
            return
        if self._tab == "units":
            self._area = row.key
            self._go("doors")
        elif self._tab == "teams":
            team = next(one for one in place.teams if one.who == row.key)
            self._narrow(team.who, team.households, "doors")
        elif self._tab == "report":
            figure = next(one for one in place.figures(self._area) if one.name == row.key)
            ids: Iterable[str] = figure.ids
            if figure.kind == TEST:
                ids = [
                    one.id
                    for one in place.tally.persons.values()
                    if not set(figure.ids).isdisjoint(one.tests)
                ]
            self._narrow(str(row.cells[0]), ids, "doors" if figure.kind == HOUSEHOLD else "people")
        else:
            self._open_record(row.key)

    def _open_record(self, key: str) -> None:
        from tui_app.screens.people.household import HouseholdScreen
        from tui_app.screens.people.person_card import PersonCardScreen

        self.app.push_screen(HouseholdScreen(key) if self._tab == "doors" else PersonCardScreen(key))

    def action_others(self) -> None:
        """Choose another sweep."""
        if self.place is None or not self.place.every:
            return
        options = [
            (one.campaign, f"{one.name} · {dates(one)} · {state(one, self.app.today())}")
            for one in self.place.every
        ]

        def chosen(campaign: str | None) -> None:
            if campaign:
                self.campaign = campaign
                self._widen()
                self.reload()

        self.app.push_screen(Choose(t("sweep.choose"), options, value=self.campaign), chosen)

    # ---- the chief's keys

    def action_new(self) -> None:
        """Start a sweep."""
        from tui_app.screens.sweeps.sweep_form import SweepForm

        def made(campaign: str | None) -> None:
            if campaign:
                self.campaign = campaign
                self._widen()
                self.reload()

        self.app.push_screen(SweepForm(""), made)

    def action_edit(self) -> None:
        """Change this sweep."""
        from tui_app.screens.sweeps.sweep_form import SweepForm

        if self.place is not None and self.place.sweep is not None:
            self.app.push_screen(SweepForm(self.campaign), lambda _: self.reload())

    def action_call_off(self) -> None:
        """Call this sweep off, or go on with it."""
        found = self.place.sweep if self.place else None
        if found is None:
            return
        store, who, back = self.workspace.store, self.workspace.user, found.cancelled

        def answered(sure: bool | None) -> None:
            if sure:
                self.save(
                    lambda: sweeps.cancel(store, who, found.campaign, back=back), lambda _: self.reload()
                )

        title = t("sweep.ask_resume" if back else "sweep.ask_call_off", name=found.name)
        self.app.push_screen(Confirm(title, t("sweep.visits_stay")), answered)

    # ---- report

    def action_file(self) -> None:
        """Báo xong: file the report of the unit under the cursor, or of the chosen one."""
        place = self.place
        if place is None or place.sweep is None:
            return
        row = self._list.cursor_row
        area = row.key if self._tab == "units" and row is not None else self._area
        if not area and len(place.sweep.units) == 1:
            area = place.sweep.units[0].area
        report = place.report(area)
        if report is None:
            self.app.say(t("sweep.choose_unit"))
            return
        not_yet = next((one.value for one in report.now if one.name == "state_not_yet"), 0)
        text = t("sweep.ask_file_left", count=not_yet) if not_yet else t("sweep.ask_file_done")
        if report.filed is None:
            title = t("sweep.ask_file", unit=report.unit.name)
            self.app.push_screen(Confirm(title, text), lambda sure: self._file(area, "") if sure else None)
            return
        title = t("sweep.ask_file_again", unit=report.unit.name, version=report.filed.version + 1)
        again = t("sweep.ask_reason", count=len(report.since))
        self.app.push_screen(
            Ask(title, again, field=TextField(max_length=300)),
            lambda reason: self._file(area, reason) if reason is not None else None,
        )

    def _file(self, area: str, reason: str) -> None:
        store, who, campaign = self.workspace.store, self.workspace.user, self.campaign

        def then(_: str) -> None:
            self.app.say(t("sweep.was_filed"))
            self.reload()

        self.save(lambda: sweep_report.file_report(store, who, campaign, area, reason), then)

    def action_paper(self) -> None:
        """Write the report into a file."""
        from tui_app.screens.frame.paper_file import sweep_paper, write_paper

        if self.place is not None and self.place.sweep is not None:
            write_paper(self, sweep_paper(self.place.sweep, self._area))

    # ---- suspected cases

    @property
    def _person(self) -> SweptPerson | None:
        row = self._list.cursor_row
        if (
            self.place is None
            or self.place.tally is None
            or row is None
            or self._tab not in ("suspects", "people")
        ):
            return None
        return self.place.tally.persons.get(row.key)

    def action_test(self) -> None:
        """Note a test of the person under the cursor."""
        person = self._person
        if person is None:
            self.app.say(t("sweep.choose_person"))
            return
        options = [
            (f"{method} {result}", f"{t(f'sweep.method_{method}')}: {t(f'visit.test_{result}')}")
            for method, result in TESTS
        ]
        store, who = self.workspace.store, self.workspace.user

        def chosen(answer: str | None) -> None:
            if answer is None:
                return
            method, result = answer.split()

            def then(_: str) -> None:
                self.app.say(t("sweep.test_noted", name=person.full_name))
                self.reload()

            self.save(
                lambda: testing.record_test(store, who, person.id, TestMethod(method), TestOutcome(result)),
                then,
            )

        self.app.push_screen(Choose(t("sweep.ask_test", name=person.full_name), options), chosen)

    def action_case(self) -> None:
        """Open a case of the person under the cursor."""
        from tui_app.screens.cases.case_open import OpenCaseForm

        person = self._person
        if person is None:
            self.app.say(t("sweep.choose_person"))
        elif person.has_case:
            self.app.say(t("sweep.case_there", name=person.full_name))
        else:
            self.app.push_screen(OpenCaseForm(person.id, person.full_name), lambda _: self.reload())
