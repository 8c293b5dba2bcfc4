"""States as people see them: a symbol, a word and a colour together, so that none of them is needed alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rich.text import Text

from tui_app.i18n import t

State = Literal["danger", "warning", "steady", "unknown", "unsent", "sent", "conflict"]
Tone = Literal["", "muted", "strong", "good", "warning", "danger"]
SymbolSet = Literal["unicode", "ascii"]

WIDTH = 2  # cells kept for a symbol; the widest is !!


@dataclass(frozen=True, slots=True)
class Look:
    """How a state is drawn. ``bold`` carries on monochrome screens what ``tone`` does by colour."""

    unicode: str
    ascii: str
    tone: Tone = ""
    bold: bool = False


LOOKS: dict[State, Look] = {
    "danger": Look("!!", "!!", "danger", bold=True),
    "warning": Look("!", "!", "warning", bold=True),
    "steady": Look("·", "."),
    "unknown": Look("?", "?"),
    "unsent": Look("▲", "^", "warning"),
    "sent": Look("✓", "v", "good"),
    "conflict": Look("⚠", "#", "danger", bold=True),
}

_set: SymbolSet = "unicode"


def choose_symbols(symbols: SymbolSet) -> None:
    """Choose ``unicode``, or ``ascii`` for raster fonts, from now on. Raises ValueError for others."""
    global _set
    if symbols not in ("unicode", "ascii"):
        raise ValueError(symbols)
    _set = symbols


def symbols_in_use() -> SymbolSet:
    """The set in use."""
    return _set


def symbol(state: State) -> str:
    """The one or two characters for ``state``."""
    look = LOOKS[state]
    return look.ascii if _set == "ascii" else look.unicode


def word(state: State) -> str:
    """The word for ``state`` in the language in use."""
    return t(f"widgets.{state}")


def labelled(state: State, style: str = "") -> Text:
    """Symbol and word, in ``style``; bold where the state wants to be seen first."""
    bold = " bold" if LOOKS[state].bold else ""
    return Text(f"{symbol(state)} {word(state)}", style=(style + bold).strip(), no_wrap=True)


def ellipsis() -> str:
    """What stands for the part of a text that has no room."""
    return "~" if _set == "ascii" else "…"
