"""The work of a reporting day: approve it, return it with a reason, close the day or open it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.screens.frame.counted import open_record
from tui_app.screens.frame.filtered_list import FilteredListScreen
from tui_app.services.access import gate
from tui_app.services.command import approval, words
from tui_app.services.command.approval import Approved, DayReview, Reviewed, State
from tui_app.text import each_begins, fold
from tui_app.widgets import command_rows
from tui_app.widgets.dialogs import Ask, Confirm
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import LazySource
from tui_app.widgets.tab_line import Tab, TabLine
from tui_app.widgets.text_field import TextField
from tui_app.widgets.warning_line import WarningLine

TABS: dict[str, frozenset[State]] = {
    "undecided": frozenset({State.UNDECIDED, State.CHANGED}),
    "returned": frozenset({State.RETURNED}),
    "approved": frozenset({State.APPROVED}),
    "all": frozenset(State),
}


class ReviewScreen(FilteredListScreen):
    """``on``: the reporting day; ``who``: only what this author wrote, until Esc."""

    leaves_when_refused = True
    AUTO_FOCUS = "#lines"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "command.key_open", id="review.open", tooltip="review.key_open_tip"),
        Binding("a", "approve", "review.key_approve", id="review.approve", tooltip="review.key_approve_tip"),
        Binding(
            "d",
            "approve_all",
            "review.key_approve_all",
            id="review.all",
            tooltip="review.key_approve_all_tip",
        ),
        Binding("r", "give_back", "review.key_return", id="review.return", tooltip="review.key_return_tip"),
        Binding("c", "close_day", "review.key_close", id="review.close", tooltip="review.key_close_tip"),
        Binding("o", "reopen", "review.key_reopen", id="review.reopen", tooltip="review.key_reopen_tip"),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "command.key_tab",
            id="review.next_tab",
            tooltip="command.key_tab_tip",
        ),
        Binding("left_square_bracket", "tab(-1)", show=False, system=True, id="review.previous_tab"),
        Binding("slash", "filter", show=False, id="review.filter", tooltip="today.key_filter_tip"),
        Binding("left", "day(-1)", show=False, id="review.day_before", tooltip="command.key_day_tip"),
        Binding("right", "day(1)", show=False, system=True, id="review.day_after"),
        Binding("escape", "back", "app.key_back", id="review.back", tooltip="app.key_back_tip"),
    ]

    def __init__(self, on: date, who: str | None = None) -> None:
        super().__init__()
        self.on, self.who = on, who
        self.review: DayReview | None = None

    def compose(self) -> ComposeResult:
        """Which units are left out, tabs, the filter when it is used, the list, all that its line says and what was
        decided of it."""
        yield from self.frame_top("review.title")
        yield WarningLine(id="locked")
        yield TabLine([], id="tabs")
        yield TextField(id="filter", placeholder=t("today.filter"))
        yield RowList(
            command_rows.review_columns(), id="lines", markable=True, empty=t("widgets.list_loading")
        )
        yield Static(id="decided", markup=False)
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The filter shows once it is asked for."""
        self.query_one("#filter").display = False

    def reload(self) -> None:
        """Read the day."""
        on, self.fresh = self.on, False

        def show(answer: tuple[DayReview, str]) -> None:
            self.review, left_out = answer
            self.fresh = self.is_behind_dialogs
            self.query_one("#locked", WarningLine).say(left_out)
            self._paint()
            self.refresh_bindings()

        self.read(lambda c: (approval.day_review(c, on), gate.left_out(c)), show, group="review")

    # ---- showing

    @property
    def _list(self) -> RowList:
        return self.query_one("#lines", RowList)

    def _paint(self) -> None:
        review = self.review
        if review is None:
            return
        tabs, lines = self.query_one("#tabs", TabLine), self._of_author
        counts = Counter(line.state for line in lines)
        tabs.show(
            [Tab(tab, f"review.tab_{tab}", sum(counts[state] for state in of)) for tab, of in TABS.items()]
        )
        title = t("review.title_day", date=words.day_words(review.day))
        self.set_title(f"{title} · {self.who}" if self.who else title, words.standing(review))
        typed = fold(self._filter.value).split()
        lines = [line for line in lines if line.state in TABS[tabs.chosen] and _has(line, typed)]
        self._list.set_columns(command_rows.review_columns())
        waiting = "review.nothing" if tabs.chosen == "undecided" and not typed else "review.nothing_here"
        self._list.empty = t(waiting if review.lines else "review.nothing_done")
        self._list.show(LazySource(lines, command_rows.review_row, lambda line: line.done.row.id))
        self._tell_decision()

    @on(RowList.Highlighted)
    @on(RowList.Shown)
    def _tell_decision(self) -> None:
        line = self._line
        said = () if line is None else (words.what(line.done), words.decision(line.last))
        self.query_one("#decided", Static).update("\n".join(filter(None, said)))

    def language_changed(self) -> None:
        """Lists hold finished words."""
        super().language_changed()
        self._paint()

    @property
    def _of_author(self) -> list[Reviewed]:
        lines = self.review.lines if self.review else ()
        return [line for line in lines if self.who in (None, line.done.who)]

    @property
    def _line(self) -> Reviewed | None:
        row = self._list.cursor_row
        return self._of(row.key) if row is not None else None

    def _of(self, record: str) -> Reviewed | None:
        lines = self.review.lines if self.review else ()
        return next((line for line in lines if line.done.row.id == record), None)

    # ---- deciding

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A closed day is only opened again, or what came since decided; an open one is not opened."""
        if self.review is None:
            return super().check_action(action, parameters)
        closed, waits = self.review.closed, bool(self.review.undecided)
        if action in ("approve", "approve_all", "give_back"):
            return waits or not closed
        if action == "close_day":
            return not closed
        if action == "reopen":
            return closed
        return super().check_action(action, parameters)

    def _save(self, job: Callable[[], Any], then: Callable[[Any], str]) -> None:
        def done(answer: Any) -> None:
            self._list.mark(())
            self.app.say(then(answer))
            self.reload()

        self.save(job, done)

    def _approve(self, shown: list[Reviewed]) -> None:
        store, who, on = self.workspace.store, self.workspace.user, self.on

        def said(done: Approved) -> str:
            left = len(self.review.undecided) - done.count if self.review else 0
            words_of = [t("review.approved", count=done.count, left=max(left, 0))]
            if done.changed:
                words_of.append(t("review.changed_meanwhile", count=done.changed))
            return " ".join(words_of)

        self._save(lambda: approval.approve(store, who, on, shown), said)

    def action_approve(self) -> None:
        """Approve those marked, else the one under the cursor."""
        marked = [line for key in self._list.marked if (line := self._of(key)) is not None]
        line = self._line
        chosen = marked or ([line] if line is not None else [])
        if chosen:
            self._approve(chosen)

    def action_approve_all(self) -> None:
        """Approve everything that is undecided, of the author chosen, once asked."""
        waits = [line for line in self._of_author if line.state.open]
        if not waits:
            self.app.say(t("review.nothing"))
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self._approve(waits)

        title = t("review.ask_approve_all", count=len(waits), date=show_date(self.on))
        self.app.push_screen(Confirm(title, t("review.ask_approve_all_text")), answered)

    def action_give_back(self) -> None:
        """Return the record under the cursor to its author, with the reason."""
        line, store, who, on = self._line, self.workspace.store, self.workspace.user, self.on
        if line is None:
            return
        title = t("review.ask_return", who=line.done.who or "?")
        self._ask(
            title,
            f"{line.done.name} · {words.what(line.done)}",
            lambda reason: approval.give_back(store, who, on, line, reason),
            t("review.given_back", to=line.done.who or "?"),
        )

    def action_close_day(self) -> None:
        """Close the day, once nothing is undecided."""
        review, store, who, on = self.review, self.workspace.store, self.workspace.user, self.on
        if review is None:
            return
        if review.undecided:
            self.app.say(t("review.undecided_left", count=len(review.undecided)))
            return
        back = review.counts[State.RETURNED]

        def answered(sure: bool | None) -> None:
            if sure:
                day = show_date(on)
                self._save(
                    lambda: approval.close(store, who, on), lambda _: t("review.day_is_closed", date=day)
                )

        text = t("review.returned_left", count=back) if back else t("review.ask_close_text")
        self.app.push_screen(Confirm(t("review.ask_close", date=show_date(on)), text), answered)

    def action_reopen(self) -> None:
        """Open the closed day again, with the reason."""
        store, who, on = self.workspace.store, self.workspace.user, self.on
        self._ask(
            t("review.ask_reopen", date=show_date(on)),
            "",
            lambda reason: approval.reopen(store, who, on, reason),
            t("review.day_is_open", date=show_date(on)),
        )

    def _ask(self, title: str, text: str, job: Callable[[str], Any], said: str) -> None:
        def answered(reason: str | None) -> None:
            if reason is not None:
                self._save(lambda: job(reason), lambda _: said)

        def missing(typed: str) -> str:
            return "" if typed.strip() else t("review.reason_needed", field=t("fields.reason"))

        self.app.push_screen(Ask(title, text, field=TextField(max_length=300), check=missing), answered)

    # ---- going on

    @on(RowList.Selected, "#lines")
    def action_open(self) -> None:
        """Open the card of the person or household."""
        line = self._line
        if line is not None:
            open_record(self, line.done.row.type, line.done.person, line.done.household)

    def action_day(self, by: int) -> None:
        """The day before or after."""
        self.on += timedelta(days=by)
        self._list.mark(())
        self.reload()

    def action_back(self) -> None:
        """Take the filter and the author away, else back."""
        if self._filter.display or self.who is not None:
            self.who = None
            self.action_unfilter()
        else:
            self.dismiss(None)


def _has(line: Reviewed, typed: list[str]) -> bool:
    done = line.done
    said = fold(" ".join((done.name, done.who, done.unit, words.what(done)))).split() if typed else []
    return each_begins(typed, said)
