"""The tab "Danh sách" of Hôm nay: what there is to do today, marked and given out by keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.rules.rule_set import RuleSets
from tui_app.screens.deeds import note_deed
from tui_app.services.roster import giving, words
from tui_app.services.roster.giving import NAME_LENGTH, NOTE_LENGTH, Changed
from tui_app.services.roster.lines import RosterLine, by_urgency, by_walk
from tui_app.services.roster.roster import name_heads, roster
from tui_app.services.roster.teams import known_names
from tui_app.services.rule_sets import rule_sets
from tui_app.widgets import roster_rows
from tui_app.widgets.dialogs import Ask, Choose
from tui_app.widgets.roster_rows import RosterFacts
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import LazySource
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.app import GonhaApp
    from tui_app.screens.base import WorkScreen

_OTHER, _NOBODY, _ALL = "other:", "nobody:", "all:"  # no name ends so


class RosterPane(Vertical):
    """The roster of now. The screen it is on reads and saves; marks stay until something was done with them."""

    app: GonhaApp
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

    class Told(Message):
        """The lines, their order or the marks are others."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: list[RosterLine] = []
        self.shown: list[RosterLine] = []
        self.sets: RuleSets | None = None
        self._words: list[str] = []
        self._on_the_way = False
        self._anchor = ""
        self._marks: frozenset[str] = frozenset()

    def compose(self) -> ComposeResult:
        """The list, and below it why the line under the cursor is there."""
        yield RowList(
            roster_rows.columns(), id="roster", states=False, markable=True, empty=t("widgets.list_loading")
        )
        yield RosterFacts()

    # ---- reading

    @property
    def _host(self) -> WorkScreen[Any]:
        screen: Any = self.screen
        return screen

    def reload(self) -> None:
        """Read the roster as it stands now."""
        now = self.app.clock()

        def job(c: Any) -> tuple[list[RosterLine], RuleSets]:
            lines = roster(c, now)
            name_heads(c, lines)
            return lines, rule_sets(c)

        def show(answer: tuple[list[RosterLine], RuleSets]) -> None:
            self.lines, self.sets = answer
            self.paint()

        self._host.read(job, show, group="roster")

    # ---- showing

    @property
    def listed(self) -> RowList:
        """The list."""
        return self.query_one("#roster", RowList)

    @property
    def line(self) -> RosterLine | None:
        """The line under the cursor."""
        place = self.listed.cursor
        return self.shown[place] if self.listed.count and place < len(self.shown) else None

    def narrow(self, folded_words: list[str]) -> None:
        """Show what has these words."""
        self._words = folded_words
        self.paint()

    def paint(self) -> None:
        """Show what filter and order leave of what was read."""
        sets = self.sets
        if sets is None:
            return
        kept = [line for line in self.lines if line.matches(self._words)] if self._words else self.lines
        self.shown = by_walk(kept) if self._on_the_way else by_urgency(kept)
        typed = " ".join(self._words)
        self.listed.empty = t("roster.empty_filter", words=typed) if typed else t("roster.empty")
        source = LazySource(self.shown, lambda line: roster_rows.row_of(line, sets), lambda line: line.key)
        self.listed.show(source)
        self._moved()
        self.post_message(self.Told())

    def language_changed(self) -> None:
        """Make the columns anew."""
        self.listed.set_columns(roster_rows.columns())
        self.paint()

    @property
    def counts(self) -> str:
        """What there is to do, how much of it nobody has, and how many are marked."""
        left = [line for line in self.lines if not line.done]
        nobody = sum(not line.to for line in left)
        said = [t("roster.count_left", count=len(left))]
        said += [t("roster.count_nobody", count=nobody)] if nobody else []
        said += [t("roster.count_marked", count=len(self.listed.marked))] if self.listed.marked else []
        return " · ".join([*said, t("roster.order_walk" if self._on_the_way else "roster.order_urgency")])

    @on(RowList.Highlighted, "#roster")
    def _moved(self) -> None:
        self.query_one(RosterFacts).show(self.line, self.sets)

    @on(RowList.Marked, "#roster")
    def _marked(self, message: RowList.Marked) -> None:
        message.stop()
        changed = self.listed.marked ^ self._marks
        self._marks = self.listed.marked
        if len(changed) == 1:
            (self._anchor,) = changed
        self.post_message(self.Told())

    def action_order(self) -> None:
        """By urgency, or in walking order."""
        self._on_the_way = not self._on_the_way
        self.paint()

    # ---- one line

    @on(RowList.Selected, "#roster")
    def action_open(self) -> None:
        """The visit sheet of a household, the card of a person."""
        from tui_app.screens.household import HouseholdScreen
        from tui_app.screens.person_card import PersonCardScreen
        from tui_app.screens.visit import VisitScreen

        line = self.line
        if line is None:
            return
        if line.person:
            self.app.push_screen(PersonCardScreen(line.person))
        elif line.task == "visit":
            self.app.push_screen(VisitScreen(line.household, []))
        else:
            self.app.push_screen(HouseholdScreen(line.household))

    def action_why(self) -> None:
        """Rule, set and inputs of each reason."""
        from tui_app.screens.case_why import WhyScreen

        if self.line is not None and self.sets is not None:
            said = [part for reason in self.line.reasons for part in words.long(self.sets, reason)]
            self.app.push_screen(WhyScreen(words.name_words(self.line), said))

    def action_add(self) -> None:
        """Something of the station's own for the person or household under the cursor."""
        line = self.line
        if line is None:
            return

        def answered(note: str | None) -> None:
            if note is not None:
                store, who = self._host.workspace.store, self._host.workspace.user
                household = "" if line.person else line.household

                def job() -> Changed:
                    return giving.add(store, who, note, person=line.person, household=household)

                self._save(job, "roster.added", day=show_date(self.app.today()))

        ask = Ask(t("roster.ask_note", name=words.name_words(line)), field=TextField(max_length=NOTE_LENGTH))
        self.app.push_screen(ask, answered)

    def action_done(self) -> None:
        """Note that what no record shows is done."""
        line = self.line
        if line is not None:
            store, who = self._host.workspace.store, self._host.workspace.user
            self._save(lambda: giving.say_done(store, who, line), "roster.said_done")

    # ---- marks

    def action_alley(self) -> None:
        """Mark all that is left in the alley under the cursor; when it is all marked, none of it."""
        here = self.line
        if here is not None:
            there = {
                line.key
                for line in self.shown
                if (line.unit, line.alley) == (here.unit, here.alley) and not line.done
            }
            marks = self.listed.marked
            self._mark(marks - there if there <= marks else marks | there)

    def action_range(self) -> None:
        """Mark what is left from the line marked last to the cursor."""
        places = {line.key: place for place, line in enumerate(self.shown)}
        if self.line is None or self._anchor not in places:
            return
        first, last = sorted((places[self._anchor], places[self.line.key]))
        between = {line.key for line in self.shown[first : last + 1] if not line.done}
        self._mark(self.listed.marked | between)

    def _mark(self, keys: frozenset[str] | set[str]) -> None:
        self.listed.mark(keys)
        self._marks = self.listed.marked
        self.post_message(self.Told())

    def _meant(self) -> list[RosterLine]:
        """Those marked, shown or not, else the one under the cursor."""
        marks = self.listed.marked
        marked = [line for line in self.lines if line.key in marks]
        return marked or ([self.line] if self.line else [])

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
        elif to is not None:
            self._give(lines, "" if to == _NOBODY else to)

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
            self.reload()

        self._host.save(job, then)

    # ---- paper

    def action_print(self) -> None:
        """The sheets of all teams, or of one."""
        from tui_app.screens.paper_file import roster_paper, write_paper

        names = sorted({line.to for line in self.lines if line.to and not line.done})
        options = [(_ALL, t("roster.print_all")), *((name, name) for name in names)]

        def chosen(to: str | None) -> None:
            if to is not None:
                write_paper(self._host, roster_paper(None if to == _ALL else to, self.app.today()))

        self.app.push_screen(Choose(t("roster.print_whom"), options), chosen)
