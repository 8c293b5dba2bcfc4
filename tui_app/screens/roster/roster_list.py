"""The roster as a list on Hôm nay: read in a worker, by urgency or in walking order, with marks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message

from tui_app.i18n import t
from tui_app.rules.rule_set import RuleSets
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.roster.lines import RosterLine, by_walk
from tui_app.services.roster.roster import name_heads, roster
from tui_app.widgets import roster_rows
from tui_app.widgets.roster_rows import RosterFacts
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import LazySource

if TYPE_CHECKING:
    from tui_app.app import GonhaApp
    from tui_app.screens.frame.base import WorkScreen


class RosterList(Vertical):
    """The roster of now. The screen it is on reads and saves; marks stay until something was done with them."""

    app: GonhaApp

    class Told(Message):
        """The lines, their order or the marks are others."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: list[RosterLine] = []  # the most urgent first, as `roster` answers
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
            self.paint(at=self._left_after())

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

    def _left_after(self) -> str | None:
        """The line to go to where the one under the cursor was done meanwhile: the next one that is left."""
        here, left = self.line, {line.key for line in self.lines if not line.done}
        if here is None or here.done or here.key in left:
            return None
        ahead = self.shown[self.listed.cursor + 1 :]
        return next((line.key for line in ahead if line.key in left), None)

    def paint(self, at: str | None = None) -> None:
        """Show what filter and order leave of what was read. ``at``: line to put the cursor on."""
        sets = self.sets
        if sets is None:
            return
        kept = [line for line in self.lines if line.matches(self._words)] if self._words else self.lines
        self.shown = by_walk(kept) if self._on_the_way else kept
        typed = " ".join(self._words)
        self.listed.empty = t("roster.empty_filter", words=typed) if typed else t("roster.empty")
        source = LazySource(self.shown, lambda line: roster_rows.row_of(line, sets), lambda line: line.key)
        self.listed.show(source, at=at)
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
