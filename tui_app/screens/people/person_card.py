"""A person's card: who, risk and why, then tabs; numbers stay masked until asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.screens.cases.case_pane import CasePane
from tui_app.screens.people.person_risk import PersonRiskScreen
from tui_app.screens.vaccination.vaccination_pane import VaccinationPane
from tui_app.services.cases.case_overview import Overview, overview
from tui_app.services.duplicates.duplicates import Pair, candidates_of
from tui_app.services.duplicates.pair_words import double_words
from tui_app.services.exchange.record_history import RecordHistory, record_history
from tui_app.services.people import cards, moving, people
from tui_app.services.people.cards import PersonCard
from tui_app.services.people.values import field_word
from tui_app.services.requests import register
from tui_app.services.requests.register import Request
from tui_app.services.requests.words import asked_words
from tui_app.services.vaccination.vaccination_card import VaccinationCard, vaccination_card
from tui_app.widgets import card_rows
from tui_app.widgets.dialogs import Ask
from tui_app.widgets.facts import Facts
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import ListSource
from tui_app.widgets.symbols import symbol
from tui_app.widgets.tab_line import Tab, TabLine
from tui_app.widgets.text_field import TextField

_FOCUS = {"overview": "#overview", "f0": "#case_rows", "doses": "#dose_rows"}
"""What has the focus on a tab; on the others it is their list."""


class PersonCardScreen(PersonRiskScreen):
    """``person``: their id; ``tab``: the one shown first."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "c", "conflicts", "resolve.key_conflict", id="card.conflicts", tooltip="resolve.key_conflict_tip"
        ),
        Binding("e", "edit", "person.key_edit", id="card.edit", tooltip="person.key_edit_tip"),
        Binding("v", "visit", "person.key_visit", id="card.visit", tooltip="person.key_visit_tip"),
        Binding("h", "numbers", "person.key_numbers", id="card.numbers", tooltip="person.key_numbers_tip"),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "person.key_next_tab",
            id="card.next_tab",
            tooltip="person.key_next_tab_tip",
        ),
        Binding(
            "left_square_bracket",
            "tab(-1)",
            show=False,
            id="card.previous_tab",
            tooltip="person.key_previous_tab_tip",
        ),
        Binding("s", "ask_server", "person.key_ask", id="card.ask_server", tooltip="person.key_ask_tip"),
        Binding("m", "move", "person.key_move", id="card.move", tooltip="person.key_move_tip"),
        Binding("d", "died", "person.key_died", id="card.died", tooltip="person.key_died_tip"),
        Binding("o", "moved", "person.key_moved", id="card.moved", tooltip="person.key_moved_tip"),
        Binding("u", "unmark", "person.key_unmark", id="card.unmark", tooltip="person.key_unmark_tip"),
        Binding("i", "identifiers", show=False, id="card.identifiers", tooltip="identity.key_numbers_tip"),
        Binding(
            "equals_sign",
            "double",
            "duplicates.key_card",
            id="card.double",
            tooltip="duplicates.key_card_tip",
        ),
        Binding("g", "household", show=False, id="card.household", tooltip="person.key_household_tip"),
        Binding("y", "ask_data", show=False, id="card.ask_data", tooltip="privacy.key_card_new_tip"),
        Binding("escape", "back", "app.key_back", id="card.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, person: str, tab: str = "overview") -> None:
        super().__init__()
        self.person = person
        self._first_tab = tab
        self.about = ("person", person)
        self.card: PersonCard | None = None
        self.told: RecordHistory | None = None  # by the server, when it was asked
        self.doubles: list[Pair] = []
        self.asked: list[Request] = []

    def compose(self) -> ComposeResult:
        """Tabs; the overview scrolls, F0 and vaccination have panes of their own, the other tabs share one list."""
        yield from self.frame_top("types.person")
        yield TabLine([Tab(key, f"person.tab_{key}") for key in card_rows.TABS], id="tabs")
        yield CasePane(id="pane")
        yield VaccinationPane(id="doses")
        with VerticalScroll(id="overview"):
            yield Facts(id="facts")
        yield RowList([], id="events", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The tab that was asked for first."""
        tabs = self.query_one("#tabs", TabLine)
        tabs.step(card_rows.TABS.index(self._first_tab))
        self._show_tab(tabs.chosen)
        self._focus_tab(tabs.chosen)

    def on_screen_resume(self) -> None:
        """Read again whenever the screen comes to the front."""
        self.reload()

    def reload(self) -> None:
        """Read the person and the case."""
        day, now, looks = self.app.today(), self.app.clock(), self.workspace.role == "chief"
        pane = self.query_one(CasePane)

        def job(c: Any) -> tuple[PersonCard, Overview, VaccinationCard]:
            card = cards.person_card(c, self.person, day, looks=looks)
            return card, overview(c, card.id, now, pane.chosen), vaccination_card(c, card.id, day)

        def show(answer: tuple[PersonCard, Overview, VaccinationCard]) -> None:
            card, seen, doses = answer
            self.person, self.about = card.id, ("person", card.id)
            self.card = card if self.told is None else cards.with_history(card, self.told)
            pane.show(seen)
            self.query_one(VaccinationPane).show(doses)
            self.paint()
            self.note_opened()

        self.read_card(job, show)
        self.read(lambda c: candidates_of(c, self.person), self._show_doubles, group="doubles")
        self.read(lambda c: register.waiting_of(c, self.person, day), self._show_asked, group="asked")

    def _show_doubles(self, found: list[Pair]) -> None:
        self.doubles = found
        self.paint()

    def _show_asked(self, found: list[Request]) -> None:
        self.asked = found
        self.paint()

    def _show_tab(self, tab: str) -> None:
        self.query_one("#overview").display = tab == "overview"
        self.query_one("#pane").display = tab == "f0"
        self.query_one("#doses").display = tab == "doses"
        self.query_one("#events").display = tab in card_rows.LISTED

    def _focus_tab(self, tab: str) -> None:
        self.query_one(_FOCUS.get(tab, "#events")).focus()

    # ---- showing

    @property
    def is_gone(self) -> bool:
        """Died or moved away."""
        return bool(self.card and card_rows.gone(self.card.fields))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Who is gone can be taken back; who is not can die, leave or move."""
        if action in ("died", "moved", "move"):
            return not self.is_gone
        if action == "unmark":
            return self.is_gone
        if action == "ask_server":
            return self.is_mounted and self.query_one("#tabs", TabLine).chosen == "history"
        if action == "conflicts":
            return bool(self.card and self.card.conflicts)
        if action == "double":
            return bool(self.doubles or (self.card and self.card.merges))
        return super().check_action(action, parameters)

    def paint(self) -> None:
        """Show the card as it was read."""
        card = self.card
        if card is None:
            return
        marks = []
        if card.conflicts:
            fields = ", ".join(field_word(field, "person") for field in card.conflicts)
            marks.append(f"{symbol('conflict')} {t('person.conflict', fields=fields)}")
        if card.unsent:
            marks.append(f"{symbol('unsent')} {t('person.unsent')}")
        self.set_title(card_rows.heading(card), "  ".join(marks))
        counts = {tab: len(card_rows.rows(tab, card)) for tab in card_rows.LISTED}
        if waiting := self.query_one(CasePane).count:
            counts["f0"] = waiting
        if (doses := self.query_one(VaccinationPane).count) is not None:
            counts["doses"] = doses
        tabs = self.query_one("#tabs", TabLine)
        tabs.show([Tab(key, f"person.tab_{key}", counts.get(key)) for key in card_rows.TABS])
        tab = tabs.chosen
        facts = card_rows.overview(card, self.with_numbers(card.fields))
        if self.doubles:
            facts.insert(0, card_rows.warned(double_words(self.doubles, self.person)))
        if self.asked:
            facts.insert(0, card_rows.warned(asked_words(self.asked)))
        self.query_one("#facts", Facts).show(facts)
        listed = self.query_one("#events", RowList)
        self._show_tab(tab)
        if tab in card_rows.LISTED:
            listed.empty = t(f"person.empty_{tab}")
            listed.set_columns(card_rows.columns(tab))
            listed.show(ListSource(card_rows.rows(tab, card)))
        self.refresh_bindings()

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self.paint()
        self.reload()  # what the rules say comes in the language it was read in

    def records_changed(self) -> None:
        """After a sync."""
        self.reload()

    def action_tab(self, by: int) -> None:
        """Next or previous tab."""
        tabs = self.query_one("#tabs", TabLine)
        tabs.step(by)
        self.paint()
        self._focus_tab(tabs.chosen)

    def on_tab_line_chosen(self) -> None:
        """A tab was clicked."""
        self.paint()

    def action_ask_server(self) -> None:
        """Ask the server who else changed the record, and for what this laptop keeps no longer."""
        workspace = self.workspace

        def show(found: RecordHistory) -> None:
            self.told = found
            self.app.say(t("person.history_told" if found.asked == "asked" else f"receipts.{found.asked}"))
            self.reload()

        self.app.say(t("person.history_asking"))
        self._run(lambda: record_history(workspace, self.person), show, "history")

    # ---- other places

    def action_edit(self) -> None:
        """Edit the record."""
        from tui_app.screens.people.person_form import PersonForm

        self.app.push_screen(PersonForm(self.person))

    def action_visit(self) -> None:
        """Visit the household."""
        from tui_app.screens.visits.visit import VisitScreen

        if self.card and self.card.household_id:
            self.app.push_screen(VisitScreen(self.card.household_id))

    def action_identifiers(self) -> None:
        """See all numbers of the person."""
        from tui_app.screens.people.identifiers import IdentifiersScreen

        self.app.push_screen(IdentifiersScreen(self.person))

    def action_household(self) -> None:
        """See the household."""
        from tui_app.screens.people.household import HouseholdScreen

        if self.card and self.card.household_id:
            self.app.push_screen(HouseholdScreen(self.card.household_id))

    def action_ask_data(self) -> None:
        """Write down what the person asks of the data kept about them."""
        from tui_app.screens.privacy.request_forms import RequestForm

        self.app.push_screen(RequestForm(self.person, self.full_name))

    def action_conflicts(self) -> None:
        """See the fields whose values met, and choose."""
        from tui_app.screens.exchange.conflict import ConflictScreen

        self.app.push_screen(ConflictScreen(record=self.person))

    def action_double(self) -> None:
        """Compare with the record that may be the same person, else with one that was merged into this one."""
        from tui_app.screens.duplicates.merge import MergeScreen

        if self.doubles:
            pair = self.doubles[0]
            other = pair.second if pair.first.id == self.person else pair.first
            self.app.push_screen(MergeScreen("person", self.person, other.id, pair.reasons))
        elif self.card and self.card.merges:
            merge = self.card.merges[0]
            self.app.push_screen(MergeScreen("person", merge.kept, merge.merged))

    def action_back(self) -> None:
        """Back."""
        self.dismiss()

    # ---- moving, death, leaving

    def action_move(self) -> None:
        """Choose the household to move to."""
        from tui_app.screens.people.pick_household import PickHouseholdScreen, Place

        store, who, name = self.workspace.store, self.workspace.user, self.full_name

        def chosen(place: Place | None) -> None:
            if place is not None:
                done = t("person.move_done", name=name, place=place[1])
                self._keep(lambda: moving.move_person(store, who, self.person, place[0]), done)

        self.app.push_screen(
            PickHouseholdScreen(
                t("person.move", name=name), lambda c: moving.doors_to_move_to(c, self.person)
            ),
            chosen,
        )

    def action_died(self) -> None:
        """Ask for the day of death."""
        store, who, name = self.workspace.store, self.workspace.user, self.full_name

        def on(day: date) -> None:
            done = t("person.died_done", name=name, date=show_date(day))
            self._keep(lambda: people.mark_died(store, who, self.person, day), done)

        self._ask_day(t("person.died_title", name=name), "died_on", on)

    def action_moved(self) -> None:
        """Ask for the day of leaving, then where to."""
        store, who, name = self.workspace.store, self.workspace.user, self.full_name

        def on(day: date) -> None:
            def where(moved_to: str | None) -> None:
                if moved_to is None:
                    return
                done = t("person.moved_done", name=name, date=show_date(day))
                self._keep(lambda: people.mark_moved(store, who, self.person, day, moved_to), done)

            field = TextField(max_length=80)
            title, text = t("person.moved_to_title", name=name), t("person.moved_to_text")
            self.app.push_screen(Ask(title, text, field=field), where)

        self._ask_day(t("person.moved_title", name=name), "moved_on", on)

    def action_unmark(self) -> None:
        """Take back a death or a leaving."""
        store, who = self.workspace.store, self.workspace.user
        done = t("person.unmarked", name=self.full_name)
        self._keep(lambda: people.unmark(store, who, self.person), done)

    def _ask_day(self, title: str, name: str, then: Callable[[date], None]) -> None:
        today = self.app.today()

        def check(typed: str) -> str:
            checked = checks.day(typed, today, name)
            return str(checked.problem) if checked.problem else ""

        def answered(typed: str | None) -> None:
            if typed is not None:
                then(checks.day(typed, today, name).value or today)

        field = TextField(placeholder=show_date(today), max_length=20, composing=False)
        self.app.push_screen(Ask(title, t("person.date_text"), field=field, check=check), answered)

    def _keep(self, job: Callable[[], None], done: str) -> None:
        def then(_: None) -> None:
            self.app.say(done)
            self.reload()

        self.save(job, then)
