"""The tab "Danh sách" of Hôm nay: what there is to do today, given out, carried over, added to and printed by keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.screens.frame.deeds import note_deed
from tui_app.screens.roster.roster_list import RosterList
from tui_app.services.roster import giving, words
from tui_app.services.roster.giving import NAME_LENGTH, NOTE_LENGTH, Changed
from tui_app.services.roster.lines import RosterLine
from tui_app.services.roster.teams import known_names
from tui_app.text import natural_key
from tui_app.widgets.dialogs import Ask, Choose
from tui_app.widgets.row_list import RowList
from tui_app.widgets.text_field import TextField

_OTHER, _NOBODY, _ALL = "other:", "nobody:", "all:"  # no name ends so


class RosterPane(RosterList):
    """The list with its keys. What it saved, and the door of a visit, are told to the screen it is on."""

    class Saved(Message):
        """Something was given out, taken back, added or done."""

    class Visit(Message):
        """``household``: whose visit sheet is wanted; ``way``: households still to be visited, as they are listed."""

        def __init__(self, household: str, way: list[str]) -> None:
            super().__init__()
            self.household, self.way = household, way

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "roster.key_open", id="roster.open", tooltip="roster.key_open_tip"),
        Binding("g", "give", "roster.key_give", id="roster.give", tooltip="roster.key_give_tip"),
        Binding("a", "alley", "roster.key_alley", id="roster.alley", tooltip="roster.key_alley_tip"),
        Binding("e", "range", "roster.key_range", id="roster.range", tooltip="roster.key_range_tip"),
        Binding("i", "why", "roster.key_why", id="roster.why", tooltip="roster.key_why_tip"),
        Binding("c", "carry", "roster.key_carry", id="roster.carry", tooltip="roster.key_carry_tip"),
        Binding("p", "print", "roster.key_print", id="roster.print", tooltip="roster.key_print_tip"),
        Binding("t", "order", "roster.key_order", id="roster.order", tooltip="roster.key_order_tip"),
        Binding("n", "add", "roster.key_add", id="roster.add", tooltip="roster.key_add_tip"),
        Binding("x", "done", "roster.key_done", id="roster.done", tooltip="roster.key_done_tip"),
        Binding("u", "take_back", show=False, id="roster.back", tooltip="roster.key_back_tip"),
    ]

    # ---- one line

    @on(RowList.Selected, "#roster")
    def action_open(self) -> None:
        """The visit sheet of a household, the card of a person: at the readings where one is to be taken."""
        from tui_app.screens.people.household import HouseholdScreen
        from tui_app.screens.people.person_card import PersonCardScreen

        line = self.line
        if line is None:
            return
        if line.person:
            tab = "f0" if line.task == "measure" else "overview"
            self.app.push_screen(PersonCardScreen(line.person, tab))
        elif line.task == "visit":
            way = [one.household for one in self.shown if one.task == "visit" and not one.done]
            self.post_message(self.Visit(line.household, way))
        else:
            self.app.push_screen(HouseholdScreen(line.household))

    def action_why(self) -> None:
        """Rule, set and inputs of each reason."""
        from tui_app.screens.cases.case_why import WhyScreen

        if self.line is not None and self.sets is not None:
            said = [part for reason in self.line.reasons for part in words.long(self.sets, reason)]
            self.app.push_screen(WhyScreen(words.name_words(self.line), said))

    def action_add(self) -> None:
        """Something of the station's own for the person or household under the cursor."""
        line = self.line
        if line is None:
            self.app.say(t("roster.add_to_whom"))
            return

        def missing(note: str) -> str:
            return "" if note.strip() else t("roster.note_needed")

        def answered(note: str | None) -> None:
            if note is not None:
                store, who = self._host.workspace.store, self._host.workspace.user
                household = "" if line.person else line.household

                def job() -> Changed:
                    return giving.add(store, who, note, person=line.person, household=household)

                self._save(job, "roster.added", day=show_date(self.app.today()))

        title, field = t("roster.ask_note", name=words.name_words(line)), TextField(max_length=NOTE_LENGTH)
        self.app.push_screen(Ask(title, field=field, check=missing), answered)

    def action_done(self) -> None:
        """Note that what no record shows is done."""
        line = self.line
        if line is None:
            return
        if line.done:
            self.app.say(t("roster.is_done"))
            return
        store, who = self._host.workspace.store, self._host.workspace.user
        self._save(lambda: giving.say_done(store, who, line), "roster.said_done")

    # ---- giving out

    def action_give(self) -> None:
        """Give those marked to a person or team that is known here, or to another."""
        lines, day = self._meant(), self.app.today()
        if not lines:
            return

        def offer(names: list[str]) -> None:
            options = [(name, name) for name in names]
            options += [(_OTHER, t("roster.other_name")), (_NOBODY, t("roster.nobody_any_more"))]
            title = t("roster.ask_to", count=len(lines))
            self.app.push_screen(Choose(title, options), lambda to: self._chosen(lines, to))

        self._host.ask(lambda c: known_names(c, day), offer)

    def _chosen(self, lines: list[RosterLine], to: str | None) -> None:
        if to == _OTHER:
            ask = Ask(t("roster.ask_name"), field=TextField(max_length=NAME_LENGTH))
            self.app.push_screen(ask, lambda typed: self._give(lines, typed) if typed else None)
        elif to == _NOBODY:
            held = [line for line in lines if line.assigned_to]
            if held:
                self._give(held, "")
            else:
                self.app.say(t("roster.nobody_has_it"))
        elif to is not None:
            self._give(lines, to)

    def _give(self, lines: list[RosterLine], to: str) -> None:
        store, who = self._host.workspace.store, self._host.workspace.user
        key = "roster.given" if to else "roster.given_nobody"
        self._save(lambda: giving.give(store, who, lines, to), key, to=to)

    def action_take_back(self) -> None:
        """Take back what was given out of those marked."""
        lines, store, who = self._meant(), self._host.workspace.store, self._host.workspace.user
        self._save(lambda: giving.take_back(store, who, lines), "roster.taken_back")

    def action_carry(self) -> None:
        """Carry over whatever of the days before is not done."""
        lines, store, who = list(self.lines), self._host.workspace.store, self._host.workspace.user
        if any(line.undone and not line.done for line in lines):
            self._save(lambda: giving.carry_over(store, who, lines), "roster.carried_over")
        else:
            self.app.say(t("roster.nothing_to_carry"))

    def _save(self, job: Callable[[], Changed], key: str, **params: object) -> None:
        store, who = self._host.workspace.store, self._host.workspace.user

        def then(changed: Changed) -> None:
            if changed.count:
                note_deed(
                    self.app,
                    lambda: giving.put_back(store, who, changed),
                    t("roster.undone_back", count=changed.count),
                )
            said = [t(key, count=changed.count, **params)]
            if changed.left:
                said.append(t("roster.left", count=changed.left))
            self.app.say(" ".join(said))
            self._mark(frozenset())
            self.post_message(self.Saved())

        self._host.save(job, then)

    # ---- paper

    def action_print(self) -> None:
        """The sheets of all teams, or of one."""
        from tui_app.screens.frame.paper_file import roster_paper, write_paper

        names = sorted({line.to for line in self.lines if line.to and not line.done}, key=natural_key)
        options = [(_ALL, t("roster.print_all")), *((name, name) for name in names)]

        def chosen(to: str | None) -> None:
            if to is not None:
                write_paper(self._host, roster_paper(None if to == _ALL else to, self.app.today()))

        self.app.push_screen(Choose(t("roster.print_whom"), options), chosen)
