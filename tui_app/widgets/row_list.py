"""The one long list of the application: paints only the rows in view and reads only the pages around them.

50 000 rows from a file, 120×40, two busy cores: first paint 0.1–0.2 s, PgDn 10–19 ms of processor time
(p95); Textual's DataTable with 5 000 rows in memory needs 3 s and 270 ms. Measure again with ``python -m
tests.bench.list_bench``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar, TypeAlias

from rich.style import Style
from textual import events
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.worker import Worker, WorkerState

from tui_app.i18n import t
from tui_app.widgets import row_said as said
from tui_app.widgets.row_pages import PAGE, Answer, Opening, Pages, Question
from tui_app.widgets.row_paint import EDGE, RowPainter, thumb_lines
from tui_app.widgets.rows import Column, ListSource, Row, RowSource
from tui_app.widgets.symbols import Tone

HEADER = 1  # lines
GROUP = "row_list"  # of the workers that read
_TONES: tuple[Tone, ...] = ("muted", "strong", "good", "warning", "danger")


class RowList(ScrollView, can_focus=True, inherit_bindings=False):
    """Columns, and rows from a source. The cursor stays with its row, by key, when the rows are replaced.

    ``empty``: what to do next, shown when there are no rows. ``markable``: Space marks rows. ``states``: keep
    room for a state symbol in front.
    """

    KEYS_HELP: ClassVar[tuple[tuple[str, str], ...]] = (
        ("↑ ↓", "widgets.keys_move"),
        ("PgUp PgDn", "widgets.keys_page"),
        ("Home End", "widgets.keys_ends"),
        ("Enter", "widgets.keys_open"),
        ("Space", "widgets.keys_mark"),
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "row-list--header",
        "row-list--cursor",
        *(f"row-list--{tone}" for tone in _TONES),
    }
    DEFAULT_CSS = """
    RowList {
        height: 1fr; background: $background; color: $foreground;
        overflow-x: hidden; overflow-y: auto; scrollbar-size: 0 0;
        & > .row-list--header { color: $text-muted; text-style: bold; }
        & > .row-list--cursor { background: $surface; text-style: bold; }
        &:focus > .row-list--cursor { background: $primary 30%; text-style: bold; }
        & > .row-list--muted { color: $text-muted; }
        & > .row-list--strong { text-style: bold; }
        & > .row-list--good { color: $text-success; }
        & > .row-list--warning { color: $text-warning; text-style: bold; }
        & > .row-list--danger { color: $text-error; text-style: bold; }
    }
    """

    Highlighted: TypeAlias = said.Highlighted
    Selected: TypeAlias = said.Selected
    Marked: TypeAlias = said.Marked
    Shown: TypeAlias = said.Shown
    Failed: TypeAlias = said.Failed

    class _Read(Message, bubble=False):
        def __init__(self, answer: Answer) -> None:
            super().__init__()
            self.answer = answer

    # Nothing around the list depends on how much there is to scroll: no layout of the screen for it.
    virtual_size = Reactive(Size(0, 0), layout=False)

    def __init__(
        self,
        columns: Sequence[Column],
        source: RowSource | None = None,
        *,
        empty: str = "",
        markable: bool = False,
        states: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.empty = empty
        self.markable = markable
        self._pages = Pages(source or ListSource(()))
        self._cursor = 0
        self._marked: set[str] = set()
        self._strips: LRUCache[tuple[int, bool], Strip] = LRUCache(512)
        self._tones: dict[str, Style] = {}
        self._painter = RowPainter(columns, markable=markable, states=states, tone=self._tone)
        self._message = ""
        self._openings = 0
        self._opened = 0
        if source is not None:
            self.call_later(self.show, source)

    # ---- rows

    @property
    def source(self) -> RowSource:
        """Where the rows come from."""
        return self._pages.source

    @property
    def count(self) -> int:
        """How many rows the list has."""
        return self._pages.count

    @property
    def cursor(self) -> int:
        """Place of the row under the cursor, from 0."""
        return self._cursor

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor; None while it is not read, or when there are none."""
        return self._pages.row(self._cursor)

    @property
    def marked(self) -> frozenset[str]:
        """Keys of all marked rows, in view or not."""
        return frozenset(self._marked)

    def mark(self, keys: Iterable[str]) -> None:
        """Mark exactly these rows."""
        self._marked = set(keys)
        self._repaint()

    def show(self, source: RowSource | None = None, *, at: str | None = None) -> None:
        """Show ``source``, or read the present one again.

        ``Shown`` tells when it is there; until then the old rows stay.

        ``at``: key of the row for the cursor; without it the cursor stays with its row if that is still
        there, and else at its place in the list.
        """
        row = self.cursor_row
        key = at if at is not None else row.key if row else None
        self._openings += 1
        room = max(self._room, PAGE)
        self._ask(Opening(Pages(source or self.source), self._openings, key, self._cursor, room))

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Other columns for the same rows."""
        self._painter.columns = tuple(columns)
        self._lay_out()

    def move_to(self, place: int) -> None:
        """Put the cursor on the row at ``place`` (the nearest there is) and bring it into view."""
        if not self.count:
            return
        place = max(0, min(place, self.count - 1))
        old, self._cursor = self._cursor, place
        self._show_cursor()
        for changed in {old, place}:
            self.refresh_line(changed + HEADER)
        if old != place:
            self._tell_highlighted()

    def move_to_key(self, key: str) -> None:
        """Put the cursor on the row with ``key``, if it is in the list."""
        self.show(at=key)

    def _tell_highlighted(self) -> None:
        row = self.cursor_row
        if row is not None:
            self.post_message(self.Highlighted(self, row, self._cursor))

    # ---- reading

    def _ask(self, question: Question) -> None:
        """Answer at once from memory, else from a worker; a later opening makes an earlier one void."""
        if not question.pages.source.blocking:
            self._take(question.answer())
            return
        question.pages.waiting = question
        self.run_worker(partial(self._answer, question), thread=True, group=GROUP, exit_on_error=False)

    def _answer(self, question: Question) -> None:
        self.post_message(self._Read(question.answer()))

    def _on_row_list__read(self, message: _Read) -> None:
        self._take(message.answer)

    def _take(self, answer: Answer) -> None:
        question = answer.question
        question.pages.waiting = None
        if isinstance(question, Opening):
            if question.number < self._opened:
                return  # a later one was quicker
            self._opened = question.number
            self._pages = question.pages
        elif question.pages is not self._pages:
            return
        question.pages.take(answer)
        self._message = ""
        if isinstance(question, Opening):
            self._cursor = answer.place
            self._lay_out()
            self._show_cursor()
            self.post_message(self.Shown(self, self.count))
            self._tell_highlighted()
        else:
            if question.start <= self._cursor < question.stop:
                self._tell_highlighted()
            top = self.scroll_offset.y
            if question.start < top + self._room and top < question.stop:
                self.refresh()
        self._want_window()

    def _want_window(self) -> None:
        """Ask for the pages in view, and for one screen more on both sides."""
        if self._pages.waiting is None:
            top = self.scroll_offset.y
            question = self._pages.missing(top, top + self._room, self._room)
            if question is not None:
                self._ask(question)

    def _on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == GROUP and event.state is WorkerState.ERROR:
            self._pages.waiting = None
            self._message = t("widgets.list_failed")
            self.refresh()
            self.post_message(self.Failed(self, event.worker.error))

    # ---- keys and mouse

    async def _on_key(self, event: events.Key) -> None:
        page = max(1, self._room)
        match event.key:
            case "up" if self._cursor > 0:
                self.move_to(self._cursor - 1)
            case "down":
                self.move_to(self._cursor + 1)
            case "pageup":
                self._turn_page(-page)
            case "pagedown":
                self._turn_page(page)
            case "home":
                self.move_to(0)
            case "end":
                self.move_to(self.count - 1)
            case "enter":
                self._select()
            case "space" if self.markable:
                self._toggle_mark()
            case _:
                return
        event.stop()
        event.prevent_default()

    def _turn_page(self, rows: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)
        self.move_to(self._cursor + rows)

    def _select(self) -> None:
        row = self.cursor_row
        if row is not None:
            self.post_message(self.Selected(self, row, self._cursor))

    def _toggle_mark(self) -> None:
        row = self.cursor_row
        if row is not None:
            self._marked ^= {row.key}
            self._repaint()
            self.post_message(self.Marked(self, self.marked))
            self.move_to(self._cursor + 1)

    async def _on_click(self, event: events.Click) -> None:
        event.stop()
        at = event.get_content_offset(self)
        if at is None or at.y < HEADER:
            return
        place = at.y - HEADER + self.scroll_offset.y
        if at.x >= self.size.width - EDGE and self.count > self._room:
            self.move_to(round((at.y - HEADER) / max(1, self._room - 1) * (self.count - 1)))
            return
        if place >= self.count:
            return
        again = place == self._cursor
        self.move_to(place)
        if again:
            self._select()

    # ---- size and scrolling

    @property
    def _room(self) -> int:
        """Rows that fit in view."""
        return max(0, self.size.height - HEADER)

    def _lay_out(self) -> None:
        """Tell how much there is to scroll, and share out the width again."""
        self.virtual_size = Size(0, self.count + HEADER)
        if self.scroll_offset.y > self.max_scroll_y:
            self.scroll_to(y=self.max_scroll_y, animate=False)
        self._painter.fit(self.size.width)
        self._repaint()

    def _show_cursor(self) -> None:
        room = self._room
        top = self.scroll_offset.y
        if room and not top <= self._cursor < top + room:
            top = self._cursor if self._cursor < top else self._cursor - room + 1
            self.scroll_to(y=top, animate=False)

    def _on_resize(self, event: events.Resize) -> None:
        self._lay_out()
        self._show_cursor()
        self._want_window()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Paint, and read what came into view."""
        if round(old_value) != round(new_value):
            self.refresh(Region(0, HEADER, self.size.width, self._room))
            self._want_window()

    def _repaint(self) -> None:
        self._strips.clear()
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget painted lines when the theme or the focus changes."""
        super().notify_style_update()
        self._tones.clear()
        self._strips.clear()

    # ---- looks

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a repaint, straight to the compositor when nothing surrounds the list.

        Textual's way through borders, padding and effects costs more than the lines do.
        """
        styles = self.styles
        if self.gutter.totals != (0, 0) or self.opacity != 1 or styles.tint.a:
            return super().render_lines(crop)
        strips = [self.render_line(y) for y in crop.line_range]
        background = self.background_colors[1]
        for line_filter in self.get_line_filters():
            strips = [strip.apply_filter(line_filter, background) for strip in strips]
        start, stop = crop.column_span
        return strips if (start, stop) == (0, self.size.width) else [s.crop(start, stop) for s in strips]

    def render_line(self, y: int) -> Strip:
        """The header, a row, or a line of what there is to say when there are no rows."""
        painter = self._painter
        if self._message or not self.count:
            lines = painter.paragraph(
                self._message or self.empty or t("widgets.list_empty"), self.app.console
            )
            return lines[y] if y < len(lines) else painter.blank()
        if y < HEADER:
            return painter.header()
        top = self.scroll_offset.y
        place = top + y - HEADER
        if place >= self.count:
            return painter.blank()
        strip = self._row_strip(place)
        on_thumb = y - HEADER in thumb_lines(top, self._room, self.count)
        return painter.with_thumb(strip) if on_thumb else strip

    def _row_strip(self, place: int) -> Strip:
        under_cursor = place == self._cursor
        strip = self._strips.get((place, under_cursor))
        if strip is None:
            row = self._pages.row(place)
            if row is None:
                return self._painter.unread()
            strip = self._painter.row(
                row, self.app.console, under_cursor=under_cursor, marked=row.key in self._marked
            )
            self._strips[(place, under_cursor)] = strip
        return strip

    def _tone(self, name: str) -> Style:
        if name not in self._tones:
            self._tones[name] = (
                self.get_component_rich_style(f"row-list--{name}", partial=True) if name else self.rich_style
            )
        return self._tones[name]

    def refresh_line(self, y: int) -> None:
        """Repaint one line if it is in view; ``y`` counts the header as 0."""
        line = y - self.scroll_offset.y
        if HEADER <= line < self.size.height:
            self.refresh(Region(0, line, self.size.width, 1))
