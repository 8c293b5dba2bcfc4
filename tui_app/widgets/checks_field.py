"""Several of a list: a field of a form. Its value is the codes that are ticked, with commas between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.geometry import Size

from tui_app.text import fold
from tui_app.widgets.choice import Choice
from tui_app.widgets.rows import fit_text

BOX = 4  # cells of "[x] "
GAP = 2
LEAST = 24  # cells of a box with its label below which labels are not cut


class ChecksField(Choice):
    """``[x] Tăng huyết áp  [ ] Hen phế quản``: arrows or a first letter move, Space or a digit ticks.

    ``value``: codes in the order of the options; codes that have no option here are kept and never unticked.
    """

    KEYS_HELP: ClassVar[tuple[tuple[str, str], ...]] = (("← → ↑ ↓ Space", "person.keys_tick"),)

    def __init__(self, options: Sequence[tuple[str, str]], value: str = "", *, id: str | None = None) -> None:
        self._ticked: dict[str, None] = {}
        super().__init__(options, id=id)
        self._at = 0
        self.value = value

    @property
    def value(self) -> str:
        """The ticked codes, comma-separated; empty when none is."""
        known = [option for option, _ in self.options if option in self._ticked]
        return ",".join([*known, *(code for code in self._ticked if code not in known)])

    @value.setter
    def value(self, value: str) -> None:
        self._ticked = dict.fromkeys(filter(None, value.split(",")))
        self.refresh()

    # ---- keys

    async def _on_key(self, event: events.Key) -> None:
        across = self._across(self.size.width)
        match event.key:
            case "space":
                self._tick(self._at, self.options[self._at][0] not in self._ticked)
            case "backspace" | "delete":
                self._tick(self._at, False)
            case "down" if self._at + across < len(self.options):
                self._step(across)
            case "up" if self._at >= across:
                self._step(-across)
            case _:
                await super()._on_key(event)
                return
        event.stop()
        event.prevent_default()

    def _step(self, by: int) -> None:
        self._at = (self._at + by) % len(self.options)
        self.refresh()

    def _choose_by(self, character: str) -> None:
        if character in set("123456789"):
            if int(character) <= len(self.options):
                self._at = int(character) - 1
                self._tick(self._at, self.options[self._at][0] not in self._ticked)
            return
        first = fold(character)
        for step in range(1, len(self.options) + 1):
            place = (self._at + step) % len(self.options)
            if first and fold(self.options[place][1]).startswith(first):
                self._at = place
                self.refresh()
                return

    def _tick(self, place: int, on: bool) -> None:
        code = self.options[place][0]
        if on == (code in self._ticked):
            return
        if on:
            self._ticked[code] = None
        else:
            del self._ticked[code]
        self.refresh()
        self.post_message(self.Changed(self, self.value))

    # ---- looks

    def _cell(self, width: int) -> int:
        """Cells of one box with its label: the longest, or half the width where that makes two columns."""
        longest = max((cell_len(label) for _, label in self.options), default=0) + BOX
        half = (width - GAP) // 2
        return half if LEAST <= half < longest else longest

    def _across(self, width: int) -> int:
        return max(1, (width + GAP) // (self._cell(width) + GAP))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the columns that fit leave."""
        return -(-len(self.options) // self._across(width))

    def render(self) -> Content:
        """Boxes in columns; the one under the cursor is reversed while the field has the focus."""
        across, cell = self._across(self.size.width), self._cell(self.size.width)
        lines: list[Content] = []
        for start in range(0, len(self.options), across):
            drawn = []
            for place, (code, label) in list(enumerate(self.options))[start : start + across]:
                ticked = code in self._ticked
                words = f"[{'x' if ticked else ' '}] {fit_text(label, min(cell_len(label), cell - BOX))}"
                style = "reverse" if self.has_focus and place == self._at else "bold" if ticked else ""
                shown = Content.styled(words, style) if style else Content(words)
                drawn.append(Content.assemble(shown, " " * (cell - cell_len(words))))
            lines.append(Content(" " * GAP).join(drawn))
        return Content("\n").join(lines)
