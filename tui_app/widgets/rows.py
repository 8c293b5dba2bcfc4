"""What a row list shows: rows, the columns they stand in, and where they come from. Pure; no textual.

A source that reads a database says ``blocking = True``; the list then asks it from a worker only, a page
at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from tui_app.text import clean
from tui_app.widgets.symbols import State, Tone, ellipsis

Align = Literal["left", "right", "center"]
T = TypeVar("T")
GAP = 1  # cells between columns


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list. ``cells`` stand in the order of the columns; ``tone`` colours the whole line."""

    key: str
    cells: tuple[str | Text, ...]
    state: State | None = None
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list.

    ``width``: cells; for a column with ``flex`` the least it can do with. ``flex``: its share of what is
    left over. ``optional``: 0 always stands; of the others the highest number goes first when there is no
    room. ``tone``: how a row's cell is coloured, if not as the row. ``names``: it holds names of persons (`fit_name`).
    """

    key: str
    title: str
    width: int = 6
    flex: int = 0
    align: Align = "left"
    optional: int = 0
    tone: Callable[[Row], Tone] | None = None
    names: bool = False


class RowSource(Protocol):
    """Where rows come from. ``blocking``: whether asking it may take longer than a keystroke may wait."""

    blocking: bool

    def count(self) -> int:
        """How many rows there are."""
        ...

    def window(self, start: int, stop: int) -> Sequence[Row]:
        """Rows ``start`` to ``stop``, without ``stop``; fewer at the end."""
        ...

    def place_of(self, key: str) -> int | None:
        """Where the row with ``key`` stands, or None."""
        ...


@dataclass(slots=True)
class ListSource:
    """Rows that are already in memory."""

    rows: Sequence[Row]
    blocking: bool = False
    _places: dict[str, int] = field(default_factory=dict, repr=False)

    def count(self) -> int:
        """How many rows there are."""
        return len(self.rows)

    def window(self, start: int, stop: int) -> Sequence[Row]:
        """Rows ``start`` to ``stop``."""
        return self.rows[start:stop]

    def place_of(self, key: str) -> int | None:
        """Where the row with ``key`` stands, or None."""
        if not self._places:
            self._places = {row.key: place for place, row in enumerate(self.rows)}
        return self._places.get(key)


@dataclass
class LazySource(Generic[T]):
    """Things in memory that become rows only when they are seen. ``make``: the row of one; ``key_of``: its key."""

    things: Sequence[T]
    make: Callable[[T], Row]
    key_of: Callable[[T], str]
    blocking: bool = False

    def count(self) -> int:
        """How many rows there are."""
        return len(self.things)

    def window(self, start: int, stop: int) -> Sequence[Row]:
        """Rows ``start`` to ``stop``."""
        return [self.make(thing) for thing in self.things[start:stop]]

    def place_of(self, key: str) -> int | None:
        """Where the row with ``key`` stands, or None."""
        return next((place for place, thing in enumerate(self.things) if self.key_of(thing) == key), None)


def fit_columns(columns: Sequence[Column], width: int) -> list[tuple[int, int]]:
    """Which columns stand in ``width`` cells, as (place in ``columns``, cells).

    Optional columns go while the least widths do not fit; what is left over goes to the flexible ones. If
    even the columns that must stay do not fit, the last ones are cut by the edge of the screen.
    """
    standing = list(range(len(columns)))
    while sum(columns[place].width + GAP for place in standing) - GAP > width:
        optional = [place for place in standing if columns[place].optional]
        if not optional:
            break
        standing.remove(max(optional, key=lambda place: (columns[place].optional, place)))
    widths = {place: columns[place].width for place in standing}
    spare = width - sum(widths.values()) - GAP * (len(standing) - 1)
    shares = sum(columns[place].flex for place in standing)
    for place in standing:
        flex = columns[place].flex
        if spare > 0 and flex:
            share = spare * flex // shares
            widths[place] += share
            spare -= share
            shares -= flex
    return list(widths.items())


def fit_text(text: str, width: int, align: Align = "left") -> str:
    """``text`` in exactly ``width`` cells: padded, or cut with an ellipsis; wide letters are never halved."""
    if not text.isprintable():
        text = clean(text)
    length = cell_len(text)
    if length > width:
        return set_cell_size(set_cell_size(text, max(0, width - 1)).rstrip() + ellipsis(), width)
    if align == "left" or length == width:
        return text + " " * (width - length)
    left = width - length if align == "right" else (width - length) // 2
    return " " * left + text + " " * (width - length - left)


def fit_name(name: str, width: int) -> str:
    """A person's name that is too long with initials for its middle words, then for the family name: the given name, by
    which two patients are told apart, stands last and would be cut first."""
    parts = name.split(" ")
    for place in (*range(1, len(parts) - 1), 0):
        if cell_len(name) <= width or len(parts) < 2:
            break
        part = parts[place]
        parts[place] = f"{part[0]}." if len(part) > 2 and part[0].isupper() else part
        name = " ".join(parts)
    return name


def fit_rich(text: Text, width: int, align: Align = "left") -> Text:
    """The same for styled text."""
    fitted = text.copy()
    fitted.end = ""
    if fitted.cell_len > width:
        fitted.truncate(max(0, width - 1))
        fitted.rstrip()
        fitted.append(ellipsis())
    spare = width - fitted.cell_len
    left = 0 if align == "left" else spare if align == "right" else spare // 2
    fitted.pad_left(left)
    fitted.pad_right(spare - left)
    return fitted
