"""Hồ sơ trùng: pairs of persons or households that may be one, by how sure that is; and what was decided."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message

from tui_app.i18n import t
from tui_app.intake.pairs import Strength
from tui_app.screens.frame.filtered_list import FilteredListScreen
from tui_app.services.access.gate import Shut, shut
from tui_app.services.duplicates import merging
from tui_app.services.duplicates.decided import Decision, decided
from tui_app.services.duplicates.duplicates import HOUSEHOLD, PERSON, Pair, candidates
from tui_app.services.people.values import field_word
from tui_app.text import fold
from tui_app.widgets import pair_rows
from tui_app.widgets.notice import Notice
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import LazySource
from tui_app.widgets.tab_line import Tab, TabLine
from tui_app.widgets.text_field import TextField

TABS: dict[str, frozenset[Strength]] = {
    "all": frozenset(Strength),
    "waiting": frozenset({Strength.DISPUTED, Strength.REVIEW}),
    "strong": frozenset({Strength.STRONG}),
    "likely": frozenset({Strength.LIKELY}),
    "possible": frozenset({Strength.POSSIBLE}),
}
DECIDED = "decided"


class DuplicatesScreen(FilteredListScreen):
    """The queue is compared in a worker that tells how far it is; tabs and filter work on what was found."""

    AUTO_FOCUS = "#pairs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "duplicates.key_open", id="pairs.open", tooltip="duplicates.key_open_tip"),
        Binding(
            "g", "subject", "duplicates.key_subject", id="pairs.subject", tooltip="duplicates.key_subject_tip"
        ),
        Binding(
            "slash", "filter", "duplicates.key_filter", id="pairs.filter", tooltip="duplicates.key_filter_tip"
        ),
        Binding(
            "right_square_bracket",
            "tab(1)",
            "duplicates.key_tab",
            id="pairs.next_tab",
            tooltip="duplicates.key_tab_tip",
        ),
        Binding(
            "left_square_bracket",
            "tab(-1)",
            show=False,
            id="pairs.previous_tab",
            tooltip="duplicates.key_previous_tab_tip",
        ),
        Binding("r", "again", "duplicates.key_again", id="pairs.again", tooltip="duplicates.key_again_tip"),
        Binding("ctrl+z", "undo", "duplicates.key_undo", id="pairs.undo", tooltip="duplicates.key_undo_tip"),
        Binding("escape", "back", "app.key_back", id="pairs.back", tooltip="duplicates.key_stop_tip"),
    ]

    class Looked(Message):
        """How many pairs were compared, of how many."""

        def __init__(self, done: int, of: int) -> None:
            super().__init__()
            self.done, self.of = done, of

    def __init__(self, subject: str = PERSON) -> None:
        super().__init__()
        self.subject = subject
        self.pairs: list[Pair] = []
        self.decisions: list[Decision] = []
        self._shown: list[Any] = []
        self._shut = Shut()
        self._progress: tuple[int, int] | None = None
        self._stop = False
        self._stopped: tuple[int, int] | None = None
        self._done: list[str] = []  # decisions of this session, for Ctrl+Z

    def compose(self) -> ComposeResult:
        """Tabs, the filter when it is used, the pairs, and below them the one under the cursor."""
        yield from self.frame_top("duplicates.title")
        yield TabLine([], id="tabs")
        yield TextField(id="filter", placeholder=t("duplicates.filter"))
        yield RowList(pair_rows.pair_columns(), id="pairs", empty=t("widgets.list_loading"))
        yield Notice(self._detail, id="about")
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """The filter shows once it is asked for."""
        self.query_one("#filter").display = False

    def reload(self) -> None:
        """Compare everything again; the list stays until the answer is there."""
        subject = self.subject
        self._stop, self._stopped, self._progress = False, None, (0, 0)
        seen: dict[str, tuple[int, int]] = {}

        def told(done: int, of: int) -> None:
            seen["last"] = done, of
            self.post_message(self.Looked(done, of))  # from the worker's thread, which waits for nobody

        def job(c: Any) -> tuple[list[Pair], list[Decision], Shut]:
            closed = shut(c)
            if closed.viewer:
                return [], [], closed
            return candidates(c, told, lambda: self._stop, subject=subject), decided(c, subject), closed

        def show(answer: tuple[list[Pair], list[Decision], Shut]) -> None:
            self.pairs, self.decisions, self._shut = answer
            self._progress = None
            done, of = seen.get("last", (0, 0))
            self._stopped = (done, of) if self._stop and done < of else None
            self._paint()

        self._paint_title()
        self.read(job, show, group="pairs")

    @on(Looked)
    def _looked(self, looked: Looked) -> None:
        if self._progress is not None and self.is_attached:
            self._progress = looked.done, looked.of
            self._paint_title()

    # ---- showing

    @property
    def _list(self) -> RowList:
        return self.query_one("#pairs", RowList)

    @property
    def _tab(self) -> str:
        return self.query_one("#tabs", TabLine).chosen or "all"

    @property
    def chosen(self) -> Any:
        """The pair or decision under the cursor."""
        place = self._list.cursor
        return self._shown[place] if self._list.count and place < len(self._shown) else None

    def _paint(self) -> None:
        counted = Counter(pair.strength for pair in self.pairs)
        tabs = self.query_one("#tabs", TabLine)
        tabs.show(
            [
                *(
                    Tab(key, f"duplicates.tab_{key}", sum(counted[one] for one in strengths))
                    for key, strengths in TABS.items()
                ),
                Tab(DECIDED, "duplicates.tab_decided", len(self.decisions)),
            ]
        )
        words, listed = fold(self._filter.value).split(), self._list
        listed.empty = self._empty_words()
        if self._tab == DECIDED:
            self._shown = [one for one in self.decisions if one.matches(words)]
            listed.set_columns(pair_rows.decision_columns())
            listed.show(LazySource(self._shown, pair_rows.decision_row, lambda one: one.id))
        else:
            strengths = TABS[self._tab]
            self._shown = [pair for pair in self.pairs if pair.strength in strengths and pair.matches(words)]
            listed.set_columns(pair_rows.pair_columns())
            listed.show(LazySource(self._shown, pair_rows.pair_row, lambda one: one.id))
        self._paint_title()
        self._paint_detail()

    def _paint_title(self) -> None:
        title = t("duplicates.title" if self.subject == PERSON else "duplicates.title_household")
        self.set_title(title, self._counts())

    def _counts(self) -> str:
        if self._progress is not None:
            done, of = self._progress
            return t("duplicates.looking", done=done, total=of)
        if self._stopped is not None:
            done, of = self._stopped
            return t("duplicates.stopped", done=done, total=of)
        waiting = sum(pair.strength in TABS["waiting"] for pair in self.pairs)
        key = "duplicates.counts" if waiting else "duplicates.counts_plain"
        return t(key, count=len(self.pairs), waiting=waiting)

    def _empty_words(self) -> str:
        if self._shut.viewer:
            return t("duplicates.empty_viewer")
        if self._filter.value.strip():
            return t("duplicates.empty_filter", words=self._filter.value.strip())
        return t("duplicates.empty_tab" if self.pairs or self._tab == DECIDED else "duplicates.empty_none")

    def _detail(self) -> str:
        chosen = self.chosen if self.is_mounted else None
        if isinstance(chosen, Decision):
            return chosen.reason
        return pair_rows.detail(chosen) if chosen is not None else ""

    @on(RowList.Highlighted, "#pairs")
    @on(RowList.Shown, "#pairs")
    def _paint_detail(self) -> None:
        self.query_one("#about", Notice).refresh(layout=True)
        self.refresh_bindings()

    def language_changed(self) -> None:
        """Make columns and sentences anew."""
        super().language_changed()
        self._paint()

    # ---- doing

    @on(RowList.Selected, "#pairs")
    def action_open(self) -> None:
        """Compare the two under the cursor, field by field."""
        from tui_app.screens.duplicates.merge import MergeScreen

        chosen = self.chosen
        if chosen is None:
            return
        if isinstance(chosen, Decision):
            screen = MergeScreen(self.subject, chosen.kept, chosen.merged)
        else:
            screen = MergeScreen(self.subject, chosen.first.id, chosen.second.id, chosen.reasons)

        def decided_on(_: None) -> None:
            if screen.decision is not None:
                self._done.append(screen.decision)

        self.app.push_screen(screen, decided_on)

    def action_subject(self) -> None:
        """Persons or households."""
        self.subject = HOUSEHOLD if self.subject == PERSON else PERSON
        self.pairs, self.decisions = [], []
        self._paint()
        self.reload()

    def action_again(self) -> None:
        """Compare again from the start."""
        self.reload()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is something to open, or to take back."""
        if action == "undo":
            return bool(self._done) or (self.is_mounted and isinstance(self.chosen, Decision))
        return super().check_action(action, parameters)

    def action_undo(self) -> None:
        """Take the last decision of this session back, else the one under the cursor."""
        chosen = self.chosen
        decision = self._done.pop() if self._done else chosen.id if isinstance(chosen, Decision) else None
        if decision is None:
            return
        store, who = self.workspace.store, self.workspace.user

        def then(left: tuple[str, ...]) -> None:
            fields = ", ".join(field_word(field, self.subject) for field in left)
            self.app.say(
                t("duplicates.done_undone_left", fields=fields) if left else t("duplicates.done_undone")
            )
            self.reload()

        self.save(lambda: merging.undo(store, who, decision), then)

    def action_back(self) -> None:
        """Stop comparing; else take the filter away; else back."""
        if self._progress is not None and not self._stop:
            self._stop = True
        elif self._filter.display:
            self.action_unfilter()
        else:
            self.dismiss(None)
