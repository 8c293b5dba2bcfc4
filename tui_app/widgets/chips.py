"""Choices in a few lines of words with their counts; any of them may be on. Those with a digit are switched by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from tui_app.widgets.symbols import ellipsis

GAP = 2  # cells between chips
MOST_LINES = 4  # without the focus; with it all are shown


@dataclass(frozen=True, slots=True)
class Chip:
    """``word``: as shown; ``on``: chosen; ``digit``: 1–9, 0 for none."""

    key: str
    word: str
    count: int
    on: bool = False
    digit: int = 0

    @property
    def words(self) -> str:
        """As it stands in the line."""
        front = f"{self.digit}·" if self.digit else ""
        return f" {front}{self.word} {self.count} "


class ChipLine(Widget, can_focus=True):
    """With the focus, arrows go from chip to chip and Space switches the one under the cursor; Enter goes back."""

    DEFAULT_CSS = "ChipLine { height: auto; padding: 0 1; background: $background; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "switch", "risk.key_chip", id="chips.switch", tooltip="risk.key_chip_tip"),
        Binding("right", "step(1)", show=False, id="chips.next"),
        Binding("left", "step(-1)", show=False, id="chips.previous"),
        Binding("down", "line(1)", show=False, id="chips.down"),
        Binding("up", "line(-1)", show=False, id="chips.up"),
        Binding("enter", "leave", show=False, id="chips.leave"),
    ]

    class Switched(Message):
        """A person switched a chip."""

        def __init__(self, chips: ChipLine, key: str) -> None:
            super().__init__()
            self.chips = chips
            self.key = key

        @property
        def control(self) -> ChipLine:
            return self.chips

    class Left(Message):
        """Enter: back to the list."""

        def __init__(self, chips: ChipLine) -> None:
            super().__init__()
            self.chips = chips

        @property
        def control(self) -> ChipLine:
            return self.chips

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.chips: tuple[Chip, ...] = ()
        self._at = 0

    def show(self, chips: Sequence[Chip]) -> None:
        """Other chips or counts; the cursor stays with its chip if that is still there."""
        here = self.chips[self._at].key if self._at < len(self.chips) else ""
        self.chips = tuple(chips)
        self._at = next((place for place, chip in enumerate(self.chips) if chip.key == here), 0)
        self.refresh(layout=True)

    def lines(self, width: int) -> list[list[int]]:
        """Places of the chips by line, for a width in cells."""
        found: list[list[int]] = [[]]
        room = width
        for place, chip in enumerate(self.chips):
            cells = Content(chip.words).cell_length
            if found[-1] and room < cells:
                found.append([])
                room = width
            found[-1].append(place)
            room -= cells + GAP
        return found

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as are shown."""
        return len(self._shown(width))

    def _shown(self, width: int) -> list[list[int]]:
        lines = self.lines(width)
        return lines if self.has_focus else lines[:MOST_LINES]

    def render(self) -> Content:
        """Chosen ones are reversed and bold; the one under the cursor is underlined while the line has the focus."""
        width = max(1, self.size.width)
        lines = [
            Content(" " * GAP).join([self._drawn(place) for place in line]) for line in self._shown(width)
        ]
        if len(lines) < len(self.lines(width)):
            lines[-1] = Content.assemble(
                lines[-1].truncate(width - GAP), " ", Content.styled(ellipsis(), "bold")
            )
        return Content("\n").join(lines)

    def _drawn(self, place: int) -> Content:
        chip = self.chips[place]
        style = "bold reverse" if chip.on else "" if chip.count else "$text-muted"
        if self.has_focus and place == self._at:
            style += " underline bold"
        return Content.styled(chip.words, style.strip()) if style else Content(chip.words)

    def action_step(self, by: int) -> None:
        """The next or the previous chip, round and round."""
        if self.chips:
            self._at = (self._at + by) % len(self.chips)
            self.refresh()

    def action_line(self, by: int) -> None:
        """The chip below or above; below the last line back to the list."""
        lines = self.lines(max(1, self.size.width))
        here = next((number for number, places in enumerate(lines) if self._at in places), 0)
        if not 0 <= here + by < len(lines):
            self.post_message(self.Left(self))
            return
        within = lines[here].index(self._at)
        self._at = lines[here + by][min(within, len(lines[here + by]) - 1)]
        self.refresh()

    def action_switch(self) -> None:
        """Switch the chip under the cursor."""
        if self.chips:
            self.post_message(self.Switched(self, self.chips[self._at].key))

    def action_leave(self) -> None:
        """Back to the list."""
        self.post_message(self.Left(self))

    def on_focus(self) -> None:
        """Show the cursor, and all chips."""
        self.refresh(layout=True)

    def on_blur(self) -> None:
        """Hide it."""
        self.refresh(layout=True)

    def on_click(self, event: events.Click) -> None:
        """A click switches a chip."""
        at = event.get_content_offset(self)
        lines = self.lines(max(1, self.size.width))
        if at is None or at.y >= len(lines):
            return
        left = 0
        for place in lines[at.y]:
            cells = Content(self.chips[place].words).cell_length
            if left <= at.x < left + cells:
                self._at = place
                self.action_switch()
            left += cells + GAP
