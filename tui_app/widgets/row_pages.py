"""The pages of a row source that a list has read, and the questions it puts to the source. Pure; no textual.

A question is asked in the UI thread, answered in a worker when the source blocks, and taken in the UI
thread again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from tui_app.widgets.rows import Row, RowSource

PAGE = 64  # rows
KEPT = 48  # pages


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source said. ``place``: where the cursor belongs, in the answer to an opening."""

    question: Question
    start: int
    rows: Sequence[Row]
    count: int
    place: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """Asks for the rows from ``start`` to ``stop``."""

    pages: Pages
    start: int
    stop: int

    def answer(self) -> Answer:
        """Ask the source; takes as long as the source takes."""
        rows = self.pages.source.window(self.start, self.stop)
        return Answer(self, self.start, rows, self.pages.count)


@dataclass(frozen=True, slots=True)
class Opening:
    """Asks how many rows there are, where ``key`` stands (else ``place``), and for the rows around that."""

    pages: Pages
    number: int
    key: str | None
    place: int
    room: int

    def answer(self) -> Answer:
        """Ask the source; takes as long as the source takes."""
        source = self.pages.source
        count = source.count()
        found = source.place_of(self.key) if self.key is not None and count else None
        place = max(0, min(self.place if found is None else found, count - 1))
        start = _page_start(max(0, place - self.room))
        stop = min(count, _page_start(place + self.room) + PAGE)
        return Answer(self, start, source.window(start, stop) if count else (), count, place)


Question = Window | Opening


class Pages:
    """What is known of ``source``: its count, and the pages read last.

    ``waiting``: the question that is being answered; only one at a time is put to a source.
    """

    def __init__(self, source: RowSource) -> None:
        self.source = source
        self.count = 0
        self.waiting: Question | None = None
        self._kept: OrderedDict[int, Sequence[Row]] = OrderedDict()

    def row(self, place: int) -> Row | None:
        """The row at ``place``, or None while its page is not read."""
        page = self._kept.get(place // PAGE)
        inside = place % PAGE
        return page[inside] if page is not None and inside < len(page) else None

    def take(self, answer: Answer) -> None:
        """Keep what was read; the pages read longest ago are forgotten."""
        self.count = answer.count
        for offset in range(0, len(answer.rows), PAGE):
            page = (answer.start + offset) // PAGE
            self._kept[page] = answer.rows[offset : offset + PAGE]
            self._kept.move_to_end(page)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def missing(self, start: int, stop: int, margin: int) -> Window | None:
        """What to read for a view of ``start`` to ``stop``: rows in view first, then a margin around them."""
        return self._missing(start, stop) or self._missing(start - margin, stop + margin)

    def _missing(self, start: int, stop: int) -> Window | None:
        first, last = max(0, start) // PAGE, (min(stop, self.count) - 1) // PAGE
        absent = [page for page in range(first, last + 1) if page not in self._kept]
        if not absent:
            return None
        return Window(self, absent[0] * PAGE, min(self.count, (absent[-1] + 1) * PAGE))


def _page_start(place: int) -> int:
    return place // PAGE * PAGE
