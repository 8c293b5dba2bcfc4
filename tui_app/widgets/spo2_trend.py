"""The last SpO2 values of a patient in a few cells, with a mark that says where they go. It judges nothing."""

from __future__ import annotations

from collections.abc import Sequence

from tui_app.widgets.signs import sign

STEEP = 3  # percent lost over the values shown, from which the mark is a drop
WIDTH = 16  # cells: five values of two digits, a space and the mark


def trend(values: Sequence[int | None]) -> str:
    """``drop``, ``fall``, ``level`` or ``rise`` from the first to the last measured value; empty for fewer than two."""
    measured = [value for value in values if value is not None]
    if len(measured) < 2:
        return ""
    change = measured[-1] - measured[0]
    if change > 0:
        return "rise"
    if change == 0:
        return "level"
    return "drop" if change <= -STEEP else "fall"


def trend_text(values: Sequence[int | None], width: int = WIDTH) -> str:
    """``97 96 95 93 91 ↓`` in ``width`` cells, the newest at the right, so that they stand below each other.

    A reading without SpO2 is a dash. When 100 % leaves no room for all of them the oldest go.
    """
    mark = sign(found) if (found := trend(values)) else " "
    words = [sign("unmeasured") if value is None else str(value) for value in values]
    room = width - 2
    while words and sum(map(_cells, words)) + len(words) - 1 > room:
        words.pop(0)
    return f"{' '.join(word.rjust(2) for word in words).rjust(room)} {mark}"


def _cells(word: str) -> int:
    return max(2, len(word))
