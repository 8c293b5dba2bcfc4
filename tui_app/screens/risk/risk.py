"""Nguy cơ (F5): who is at risk and why, what they need, who is to be gone to today, the official list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.records.campaigns import Task
from tui_app.screens.frame.deeds import note_deed, take_back
from tui_app.screens.risk.risk_list import FIRST, RiskListScreen
from tui_app.services.risk import assignments
from tui_app.services.risk.assignments import GivenOut
from tui_app.services.risk.risk_lists import MOST_DAYS, set_overdue_days
from tui_app.services.risk.risk_people import RiskPerson
from tui_app.services.station import saved_lists
from tui_app.services.station.saved_lists import SavedList
from tui_app.widgets.dialogs import Ask, Choose
from tui_app.widgets.row_list import RowList
from tui_app.widgets.text_field import TextField

KIND = "risk"
TASKS = (Task.VISIT, Task.SUPPORT, Task.DOSE, Task.TEST)
_NEW, _FORGET = "new", "forget"


class RiskScreen(RiskListScreen):
    """The list with its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "why", "risk.key_why", id="risk.why", tooltip="risk.key_why_tip"),
        Binding("l", "roster", "risk.key_roster", id="risk.roster", tooltip="risk.key_roster_tip"),
        Binding("c", "chips", "risk.key_more", id="risk.chips", tooltip="risk.key_more_tip"),
        Binding("slash", "filter", "risk.key_filter", id="risk.filter", tooltip="risk.key_filter_tip"),
        Binding("a", "mark_all", "risk.key_mark_all", id="risk.mark_all", tooltip="risk.key_mark_all_tip"),
        Binding("n", "need", "risk.key_need", id="risk.need", tooltip="risk.key_need_tip"),
        Binding("p", "print", "risk.key_print", id="risk.print", tooltip="risk.key_print_tip"),
        Binding("o", "open", "risk.key_open", id="risk.open", tooltip="risk.key_open_tip"),
        Binding("h", "needs", "risk.key_needs", id="risk.needs", tooltip="risk.key_needs_tip"),
        Binding("s", "saved", "risk.key_saved", id="risk.saved", tooltip="risk.key_saved_tip"),
        Binding("d", "days", "risk.key_days", id="risk.days", tooltip="risk.key_days_tip"),
        *(
            Binding(
                str(digit), f"chip({digit})", show=False, id=f"risk.chip_{digit}", tooltip="risk.key_chip_tip"
            )
            for digit in range(1, len(FIRST) + 1)
        ),
        Binding("ctrl+z", "undo", show=False, id="risk.undo", tooltip="risk.key_undo_tip"),
        Binding("escape", "unfilter", show=False, id="risk.unfilter", tooltip="risk.key_unfilter_tip"),
    ]

    # ---- one person

    @on(RowList.Selected, "#people")
    def action_why(self) -> None:
        """Why the person under the cursor is listed."""
        from tui_app.screens.risk.risk_why import RiskWhyScreen

        if self.person is not None:
            self.app.push_screen(RiskWhyScreen(self.person.person))

    def action_open(self) -> None:
        """Open the person's card."""
        from tui_app.screens.people.person_card import PersonCardScreen

        if self.person is not None:
            self.app.push_screen(PersonCardScreen(self.person.person))

    def action_need(self) -> None:
        """Write down what the person needs, or change what is written."""
        from tui_app.screens.risk.need_dialogs import choose_need

        one = self.person
        if one is not None:
            choose_need(self, one.full_name, person=one.person, household=one.household, then=self.reload)

    def action_needs(self) -> None:
        """All support needs by kind."""
        from tui_app.screens.risk.needs import NeedsScreen

        self.app.push_screen(NeedsScreen())

    # ---- marks and today's roster

    def action_mark_all(self) -> None:
        """Mark everybody shown; when they all are marked, none."""
        shown = {one.person for one in self.shown}
        marks = self._list.marked
        self._list.mark(marks - shown if shown <= marks else marks | shown)
        self._paint_title()

    def _meant(self) -> list[RiskPerson]:
        """Those marked, else the one under the cursor."""
        return self.marked or ([self.person] if self.person else [])

    def action_roster(self) -> None:
        """Give those marked out for today."""
        people = self._meant()
        if not people:
            self.app.say(t("risk.nobody_to_assign"))
            return
        homes = len({one.household for one in people})
        title = t("risk.choose_task", count=len(people), homes=homes)

        def chosen(task: str | None) -> None:
            if task is not None:
                self._give_out([one.person for one in people], Task(task))

        self.app.push_screen(Choose(title, [(task, code_word("task", task)) for task in TASKS]), chosen)

    def _give_out(self, persons: list[str], task: Task) -> None:
        store, who = self.workspace.store, self.workspace.user
        reason = self.choice_words()

        def then(given: GivenOut) -> None:
            if given.new:
                words = t("risk.taken_back", count=len(given.new))
                note_deed(self.app, lambda: assignments.withdraw(store, who, given.new), words)
            self._list.mark(())
            key = "risk.assigned_some" if given.already else "risk.assigned"
            self.app.say(t(key, count=len(given.new), already=given.already))
            self.reload()

        self.save(lambda: assignments.assign(store, who, persons, task, reason=reason), then)

    def action_undo(self) -> None:
        """Take the last giving out or need of this session back."""
        take_back(self, self.reload)

    # ---- the choice itself

    def choice_words(self) -> str:
        """What is chosen, in words."""
        codes = self.book.rules.bits if self.book else {}
        said = [self.chip_word(code) for code in codes if code in self.chosen]
        if words := self._filter.value.strip():
            said.append(f"“{words}”")
        return ", ".join(said) or t("risk.everybody")

    def action_days(self) -> None:
        """After how many days without contact somebody is overdue."""
        store = self.workspace.store
        days = self.book.overdue_days if self.book else 0

        def check(typed: str) -> str:
            good = typed.strip().isdecimal() and 1 <= int(typed) <= MOST_DAYS
            return "" if good else t("risk.bad_days")

        def answered(typed: str | None) -> None:
            if typed is not None:
                self.save(lambda: set_overdue_days(store, int(typed)), lambda _: self.reload())

        field = TextField(str(days), composing=False, max_length=3)
        text = t("risk.ask_days_text", days=days)
        self.app.push_screen(Ask(t("risk.ask_days"), text, field=field, check=check), answered)

    def action_saved(self) -> None:
        """Open a list kept by name, keep this one, or delete one."""

        def offer(known: list[SavedList]) -> None:
            options = [(str(one.id), one.name) for one in known]
            options.append((_NEW, t("risk.saved_new")))
            if known:
                options.append((_FORGET, t("risk.saved_forget")))

            def answered(value: str | None) -> None:
                if value == _NEW:
                    self._keep_list()
                elif value == _FORGET:
                    self._forget_list(known)
                elif value is not None:
                    self._open_list(next(one.chosen for one in known if str(one.id) == value))

            self.app.push_screen(Choose(t("risk.saved_title"), options), answered)

        self.ask(lambda c: saved_lists.saved(c, KIND), offer)

    def _open_list(self, kept: Mapping[str, Any]) -> None:
        self.chosen = set(kept.get("chosen", ()))
        words = str(kept.get("words", ""))
        self._filter.value = words
        self._filter.display = bool(words)
        self._paint()

    def _keep_list(self) -> None:
        store, who = self.workspace.store, self.workspace.user
        kept = {"chosen": sorted(self.chosen), "words": self._filter.value.strip()}
        text = t("risk.saved_ask_text", chosen=self.choice_words())

        def answered(name: str | None) -> None:
            if name is not None:
                self.save(
                    lambda: saved_lists.keep(store, who, KIND, name, kept),
                    lambda _: self.app.say(t("risk.saved_kept", name=name.strip())),
                )

        self.app.push_screen(
            Ask(t("risk.saved_ask"), text, field=TextField(max_length=saved_lists.NAME_LENGTH)), answered
        )

    def _forget_list(self, known: list[SavedList]) -> None:
        store = self.workspace.store
        names = {str(one.id): one.name for one in known}

        def answered(value: str | None) -> None:
            if value is not None:
                self.save(
                    lambda: saved_lists.forget(store, int(value)),
                    lambda _: self.app.say(t("risk.saved_forgotten", name=names[value])),
                )

        self.app.push_screen(Choose(t("risk.saved_forget_title"), list(names.items())), answered)

    # ---- what leaves

    def action_print(self) -> None:
        """Form 5.1 of those marked, else of everybody shown."""
        from tui_app.screens.frame.paper_file import risk_paper, write_paper

        people = self.marked or self.shown
        if people:
            write_paper(self, risk_paper(people, self.choice_words()))
