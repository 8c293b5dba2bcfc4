"""Text with a cursor, as a field edits it. Pure: no textual, no screen.

The text is always NFC and the cursor stands only between whole letters, never before a mark that belongs
to the letter on its left.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from rich.cells import cell_len

from tui_app.text import nfc

_JOINER = "\u200d"


def joins(char: str) -> bool:
    """Whether ``char`` belongs to the letter before it (a mark, a variation selector, a joiner)."""
    return char == _JOINER or unicodedata.category(char) in ("Mn", "Me", "Mc")


def letter_starts(text: str) -> list[int]:
    """Where whole letters begin, and the end of the text: all the places a cursor may stand."""
    starts = [
        place
        for place, char in enumerate(text)
        if place == 0 or not (joins(char) or text[place - 1] == _JOINER)
    ]
    return [*starts, len(text)] if text else [0]


def typeable(text: str) -> str:
    """``text`` as it may enter a one-line field: NFC, line ends and tabs as spaces, no control characters."""
    spaced = "".join(" " if char in "\t\n\r\v\f\u2028\u2029" else char for char in text.replace("\r\n", "\n"))
    return nfc("".join(char for char in spaced if unicodedata.category(char) != "Cc"))


@dataclass(frozen=True, slots=True)
class TypedText:
    """A text and a cursor in it. Every edit gives a new one."""

    text: str = ""
    cursor: int = 0

    @classmethod
    def at_end(cls, text: str) -> TypedText:
        """``text`` in NFC, cursor behind it."""
        composed = nfc(text)
        return cls(composed, len(composed))

    @property
    def before(self) -> str:
        """The text left of the cursor."""
        return self.text[: self.cursor]

    @property
    def after(self) -> str:
        """The text right of the cursor."""
        return self.text[self.cursor :]

    def with_before(self, before: str) -> TypedText:
        """The same with the part left of the cursor replaced.

        A mark without a letter is dropped: a cursor could never stand in front of it.
        """
        composed = nfc(before)
        while composed and joins(composed[0]):
            composed = composed[1:]
        return TypedText(composed + self.after, len(composed))

    def insert(self, addition: str) -> TypedText:
        """``addition`` typed at the cursor; a mark joins the letter before it."""
        return self.with_before(self.before + addition)

    def moved_to(self, place: int) -> TypedText:
        """The cursor at ``place``, or at the letter ``place`` is inside of."""
        place = max(0, min(place, len(self.text)))
        return TypedText(self.text, max(start for start in letter_starts(self.text) if start <= place))

    def left(self) -> TypedText:
        """One letter to the left."""
        return self.moved_to(self.cursor - 1)

    def right(self) -> TypedText:
        """One letter to the right."""
        return TypedText(
            self.text, min((s for s in letter_starts(self.text) if s > self.cursor), default=self.cursor)
        )

    def word_left(self) -> TypedText:
        """To the start of this word, or of the one before."""
        head = self.before.rstrip()
        return self.moved_to(head.rfind(" ") + 1)

    def word_right(self) -> TypedText:
        """Behind the next word."""
        tail = self.after
        skipped = len(tail) - len(tail.lstrip())
        end = tail.find(" ", skipped)
        return self.moved_to(len(self.text) if end < 0 else self.cursor + end)

    def cut_back_to(self, place: TypedText) -> TypedText:
        """Without what lies between ``place`` and the cursor; ``place`` is further left."""
        return TypedText(self.text[: place.cursor] + self.after, place.cursor)

    def cut_on_to(self, place: TypedText) -> TypedText:
        """Without what lies between the cursor and ``place``; ``place`` is further right."""
        return TypedText(self.before + self.text[place.cursor :], self.cursor)

    def cells_before(self) -> int:
        """Width of the text left of the cursor, in terminal cells."""
        return cell_len(self.before)

    def at_cell(self, cell: int) -> TypedText:
        """The cursor where a click on ``cell`` puts it."""
        starts = letter_starts(self.text)
        best = max((s for s in starts if cell_len(self.text[:s]) <= cell), default=0)
        return TypedText(self.text, best)
