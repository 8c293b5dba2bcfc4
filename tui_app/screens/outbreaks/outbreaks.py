"""Outbreaks: those that go on first, with today's cases and their deadlines; declared, ended and printed from here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.frame.base import ReadingScreen
from tui_app.services.access import gate
from tui_app.services.outbreaks import declaring, words
from tui_app.services.outbreaks.deadlines import Deadline, DueState
from tui_app.services.outbreaks.standing import Standing, standing
from tui_app.widgets.dialogs import Confirm
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.symbols import State


class OutbreaksScreen(ReadingScreen[None]):
    """One line an outbreak."""

    AUTO_FOCUS = "#outbreaks"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "outbreak.key_open", id="outbreak.open", tooltip="outbreak.key_open_tip"),
        Binding("n", "new", "outbreak.key_new", id="outbreak.new", tooltip="outbreak.key_new_tip"),
        Binding("e", "edit", "outbreak.key_change", id="outbreak.edit", tooltip="outbreak.key_change_tip"),
        Binding("x", "end", "outbreak.key_end", id="outbreak.end", tooltip="outbreak.key_end_tip"),
        Binding("p", "paper", "outbreak.key_paper", id="outbreak.paper", tooltip="outbreak.key_paper_tip"),
        Binding("w", "withdraw", show=False, id="outbreak.withdraw", tooltip="outbreak.key_withdraw_tip"),
        Binding("escape", "back", "app.key_back", id="outbreak.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._seen: list[Standing] = []
        self._counts_only = False

    def compose(self) -> ComposeResult:
        """One list."""
        yield from self.frame_top("outbreak.title")
        yield RowList(_columns(), id="outbreaks", empty=t("widgets.list_loading"))
        yield from self.frame_bottom()

    def reload(self) -> None:
        """Read them with the numbers of today."""
        now = self.app.clock()

        def show(seen: list[Standing] | None) -> None:
            self._seen, self._counts_only = seen or [], seen is None
            self._paint()

        self.read(lambda c: _read(c, now), show, group="outbreaks")

    def _paint(self) -> None:
        listed = self.query_one("#outbreaks", RowList)
        listed.empty = t("f0.empty_viewer" if self._counts_only else "outbreak.empty")
        listed.set_columns(_columns())
        listed.show(ListSource([_row(one) for one in self._seen]))
        going = sum(one.outbreak.ended_on is None for one in self._seen)
        counts = t("outbreak.title_counts", going=going, all=len(self._seen)) if self._seen else ""
        self.set_title("outbreak.title", counts)

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._paint()

    @property
    def _chosen(self) -> Standing | None:
        row = self.query_one("#outbreaks", RowList).cursor_row
        return next((one for one in self._seen if row and one.outbreak.id == row.key), None)

    # ---- keys

    @on(RowList.Selected, "#outbreaks")
    def action_open(self) -> None:
        """What was declared, its deadlines, the numbers of each unit."""
        if self._chosen is None:
            return
        seen = self._chosen
        found, numbers = seen.outbreak, seen.numbers
        lines = [
            f"{found.disease} · {words.where(found)}",
            f"{words.dates(found)} · {words.state(found)}",
            *map(words.deadline, seen.due),
            *([words.quiet(seen.rules, seen.quiet)] if seen.quiet and seen.rules else []),
            "",
            t("outbreak.of_day", date=show_date(numbers.day), numbers=words.numbers(numbers.of_day)),
            *(
                t("outbreak.unit_line", unit=line.unit, numbers=words.numbers(line.numbers))
                for line in numbers.on_day
            ),
            t("outbreak.total", date=show_date(found.started_on), numbers=words.numbers(numbers.total)),
            *([] if found.counted else [t("outbreak.not_counted")]),
            *filter(None, (found.recommendation, found.end_recommendation, found.note)),
        ]
        self.app.push_screen(WhyScreen(found.name, lines))

    def action_new(self) -> None:
        """Declare one."""
        from tui_app.screens.outbreaks.outbreak_forms import OutbreakForm

        self.app.push_screen(OutbreakForm(""), lambda _: self.reload())

    def action_edit(self) -> None:
        """Correct what was declared."""
        from tui_app.screens.outbreaks.outbreak_forms import OutbreakForm

        if self._chosen is not None:
            self.app.push_screen(OutbreakForm(self._chosen.outbreak.id), lambda _: self.reload())

    def action_end(self) -> None:
        """Declare that it is over, or let it go on."""
        from tui_app.screens.outbreaks.outbreak_forms import EndOutbreakForm

        if self._chosen is None:
            return
        found, store, who = self._chosen.outbreak, self.workspace.store, self.workspace.user
        if found.ended_on is None:
            self.app.push_screen(EndOutbreakForm(found.id, found.name), lambda _: self.reload())
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self.save(lambda: declaring.reopen(store, who, found.id), lambda _: self.reload())

        ask = Confirm(t("outbreak.ask_reopen", name=found.name), t("outbreak.ask_reopen_text"))
        self.app.push_screen(ask, answered)

    def action_withdraw(self) -> None:
        """Take back one that was declared by mistake."""
        if self._chosen is None:
            return
        found, store, who = self._chosen.outbreak, self.workspace.store, self.workspace.user

        def answered(sure: bool | None) -> None:
            if sure:
                self.save(lambda: declaring.withdraw(store, who, found.id), lambda _: self.reload())

        ask = Confirm(t("outbreak.ask_withdraw", name=found.name), t("outbreak.ask_withdraw_text"))
        self.app.push_screen(ask, answered)

    def action_paper(self) -> None:
        """Print form 01, form 02 once it is over, or the daily form."""
        from tui_app.screens.frame.paper_file import choose_paper, outbreak_papers

        if self._chosen is not None:
            choose_paper(self, outbreak_papers(self._chosen.outbreak, self.app.today()))

    def action_back(self) -> None:
        """Back."""
        self.dismiss(None)


def _read(c: Any, now: datetime) -> list[Standing] | None:
    """All of them, None for who gets counts only."""
    if gate.is_viewer(c):
        return None
    return [standing(c, one, now) for one in declaring.outbreaks(c)]


def _columns() -> list[Column]:
    return [
        Column("state", t("outbreak.col_state"), width=20),
        Column("name", t("outbreak.col_name"), width=16, flex=2),
        Column("units", t("outbreak.col_units"), width=14, flex=1),
        Column("day", t("outbreak.col_day"), width=8, align="right"),
        Column("total", t("outbreak.col_total"), width=9, align="right"),
        Column("dates", t("outbreak.col_dates"), width=24, optional=1),
        Column("due", t("outbreak.col_due"), width=44, optional=2),
    ]


def _row(seen: Standing) -> Row:
    found, numbers, due = seen.outbreak, seen.numbers, seen.due
    cells = (
        words.state(found),
        found.name,
        words.units(found),
        _count(numbers.of_day["cases"]),
        _count(numbers.total["cases"]),
        words.dates(found),
        words.deadline(due[-1]) if due else "",
    )
    return Row(found.id, cells, _state(found, due))


def _count(value: int | None) -> str:
    return "?" if value is None else str(value)


def _state(found: declaring.Outbreak, due: Sequence[Deadline]) -> State:
    if any(one.state is DueState.MISSING for one in due):
        return "danger"
    return "warning" if found.ended_on is None else "steady"
