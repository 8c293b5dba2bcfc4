"""Labels and values in two columns; a value that is not known is a question mark, never a blank."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

UNKNOWN = "?"


class Facts(Widget):
    """As high as its facts; long values go on below themselves."""

    DEFAULT_CSS = "Facts { height: auto; width: 100%; padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._facts: list[tuple[str, Content]] = []

    def show(self, facts: Sequence[tuple[str, str | Content]]) -> None:
        """Replace all facts: label and value."""
        self._facts = [
            (label, value if isinstance(value, Content) else Content(value or UNKNOWN))
            for label, value in facts
        ]
        self.refresh(layout=True)

    def render(self) -> Content:
        """Values stand in one column behind the longest label."""
        width = max((cell_len(label) for label, _ in self._facts), default=0) + 2
        room = max(10, self.size.width - width) if self.size.width else 60
        lines: list[Content] = []
        for label, value in self._facts:
            front = Content.styled(label + " " * (width - cell_len(label)), "$text-muted")
            for part in value.wrap(room):
                lines.append(Content.assemble(front, part))
                front = Content(" " * width)
        return Content("\n").join(lines)
