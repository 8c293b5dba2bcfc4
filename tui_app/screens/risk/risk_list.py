"""The list of *Nguy cơ*: reading it, chips, filter, marks. What is done with persons is `RiskScreen`'s."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from tui_app.i18n import catalogue, language, t
from tui_app.records.people import RiskGroup
from tui_app.rules.risk import CARER
from tui_app.rules.rule_set import RuleSets
from tui_app.screens.frame.filtered_list import FilteredListScreen
from tui_app.services.access import gate
from tui_app.services.access.gate import Shut
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.risk import assignments
from tui_app.services.risk.risk_lists import risk_book, risk_counts
from tui_app.services.risk.risk_people import (
    AGE_UNSURE,
    DOSES_UNKNOWN,
    FORGOTTEN,
    IN_NEED,
    OVERDUE,
    UNDER_DOSED,
    RiskBook,
    RiskPerson,
)
from tui_app.services.risk.risk_words import group_word
from tui_app.services.visits.last_contacts import last_contacts
from tui_app.text import fold
from tui_app.widgets import risk_rows
from tui_app.widgets.chips import Chip, ChipLine
from tui_app.widgets.locked_words import locked_words
from tui_app.widgets.risk_rows import RiskFacts
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import LazySource
from tui_app.widgets.text_field import TextField
from tui_app.widgets.warning_line import WarningLine

FIRST = (
    FORGOTTEN,
    OVERDUE,
    IN_NEED,
    UNDER_DOSED,
    "age_65",
    "age_60",
    "age_50",
    str(RiskGroup.UNDERLYING_CONDITION),
    str(RiskGroup.PREGNANT),
)
"""The chips with a digit; they always stand."""
OLD = str(RiskGroup.ELDERLY)
"""It has a chip only where a person wrote it of somebody: the age it stands for has one."""
LAST = (AGE_UNSURE, DOSES_UNKNOWN)


class RiskListScreen(FilteredListScreen):
    """The list is read in a worker; chips and filter work on what was read."""

    AUTO_FOCUS = "#people"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]

    def __init__(self) -> None:
        super().__init__()
        self.book: RiskBook | None = None
        self.chosen: set[str] = set()
        self.shown: list[RiskPerson] = []
        self.sets: RuleSets | None = None
        self._given: frozenset[str] = frozenset()
        self._shut = Shut()

    def compose(self) -> ComposeResult:
        """Chips, the filter when it is used, the list, and below or beside it the person."""
        yield from self.frame_top("risk.title")
        yield WarningLine(id="locked")
        yield ChipLine(id="chips")
        yield TextField(id="filter", placeholder=t("risk.filter"))
        with Horizontal(id="board"):
            yield RowList(risk_rows.columns(), id="people", markable=True, empty=t("widgets.list_loading"))
            yield RiskFacts()
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The filter shows once it is asked for."""
        self.query_one("#filter").display = False

    # ---- reading

    def reload(self) -> None:
        """Read the lists as they stand today."""
        day = self.app.today()

        def job(c: Any) -> tuple[RiskBook, RuleSets, frozenset[str], Shut]:
            shut = gate.shut(c)
            book = risk_counts(c, day) if shut.viewer else risk_book(c, day)
            return book, rule_sets(c), assignments.persons_given(c, day), shut

        def show(answer: tuple[RiskBook, RuleSets, frozenset[str], Shut]) -> None:
            self.book, self.sets, self._given, self._shut = answer
            self._paint()

        self.read(job, show, group="risk")

    # ---- showing

    @property
    def _list(self) -> RowList:
        return self.query_one("#people", RowList)

    @property
    def person(self) -> RiskPerson | None:
        """The person under the cursor."""
        place = self._list.cursor
        return self.shown[place] if self._list.count and place < len(self.shown) else None

    @property
    def marked(self) -> list[RiskPerson]:
        """Those marked, shown or not, in the order of the list."""
        marks = self._list.marked
        return [one for one in self.book.people if one.person in marks] if self.book else []

    def _paint(self) -> None:
        book, sets = self.book, self.sets
        self.query_one("#locked", WarningLine).say(locked_words(self._shut))
        words = fold(self._filter.value).split()
        if book is not None and sets is not None:
            self.chosen &= book.rules.bits.keys()
            self.shown = book.choose(self.chosen, words=words)
            self.query_one("#chips", ChipLine).show(self._chips(book, sets, words))
            given = self._given
            source = LazySource(
                self.shown, lambda one: risk_rows.row_of(one, sets, given), lambda one: one.person
            )
            self._list.empty = self._empty_words(book)
            self._list.show(source)
        self._paint_title()
        self._paint_person()

    def _chips(self, book: RiskBook, sets: RuleSets, words: list[str]) -> list[Chip]:
        codes = [*FIRST, *(code for code in book.rules.bits if code not in (*FIRST, *LAST)), *LAST]
        codes = [code for code in codes if code in book.rules.bits]
        counted = book.counts(codes, self.chosen, words=words)
        if OLD not in self.chosen and counted[OLD] <= max(counted[age] for age in book.age_groups):
            codes.remove(OLD)
        return [
            Chip(
                code,
                self.chip_word(code),
                counted[code],
                code in self.chosen,
                FIRST.index(code) + 1 if code in FIRST else 0,
            )
            for code in sorted(codes, key=lambda code: code not in FIRST and code not in self.chosen)
            if code in FIRST or code in self.chosen or counted[code]
        ]

    def chip_word(self, code: str) -> str:
        """The short word of a chip."""
        words = catalogue(language(), "risk")
        if own := words.get(f"chip_{code}"):
            return own.format(days=self.book.overdue_days if self.book else "?")
        return group_word(self.sets, code) if self.sets else code

    def _paint_title(self) -> None:
        marked = len(self._list.marked)
        homes = len({one.household for one in self.shown})
        counts = [t("risk.count_shown", count=len(self.shown), homes=homes)] if self.shown else []
        if marked:
            counts.append(t("risk.count_marked", count=marked))
        if self.book is not None and CARER in self.chosen and self.book.carers_unknown:
            counts.append(t("risk.count_carers", count=self.book.carers_unknown))
        if self.book is not None and AGE_UNSURE not in self.chosen:
            unsure = self.book.how_many({AGE_UNSURE})
            counts += [t("risk.count_unsure", count=unsure)] if unsure else []
        self.set_title(t("risk.title"), " · ".join(counts))

    def _paint_person(self) -> None:
        self.query_one(RiskFacts).show(self.person, self.sets)

    def _empty_words(self, book: RiskBook) -> str:
        if self._shut.viewer:
            return t("risk.empty_viewer", count=book.how_many(self.chosen))
        if self._filter.value.strip():
            return t("risk.empty_filter", words=self._filter.value.strip())
        return t("risk.empty_chips" if self.chosen else "risk.empty_none")

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._filter.placeholder = t("risk.filter")
        self._list.set_columns(risk_rows.columns())
        self._paint()

    @on(RowList.Highlighted, "#people")
    def _person_changed(self) -> None:
        one = self.person
        self._paint_person()
        if one is None or one.contact_at is not None:
            return

        def show(found: dict[str, str]) -> None:
            self.query_one(RiskFacts).contacted(one.person, found.get(one.person))

        self.read(lambda c: last_contacts(c, [one.person]), show, group="contact")

    @on(RowList.Marked, "#people")
    def _marks_changed(self) -> None:
        self._paint_title()

    # ---- chips

    def _widen(self) -> None:
        self.chosen.clear()

    def switch(self, code: str) -> None:
        """Choose a chip or take it away."""
        self.chosen ^= {code}
        self._paint()

    @on(ChipLine.Switched)
    def _chip_switched(self, message: ChipLine.Switched) -> None:
        self.switch(message.key)

    @on(ChipLine.Left)
    def _chips_left(self) -> None:
        self._list.focus()

    def action_chip(self, digit: int) -> None:
        """The chip with this digit."""
        self.switch(FIRST[digit - 1])

    def action_chips(self) -> None:
        """Go to the chips."""
        self.query_one("#chips", ChipLine).focus()
