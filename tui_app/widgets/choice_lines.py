"""Values to choose from, each with its digit, and below or beside it who gave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.widget import Widget

from tui_app.clock import from_wire, show_moment
from tui_app.i18n import t
from tui_app.services.exchange.questions import Choice
from tui_app.services.people.values import SHORT_ID

KEY_WIDTH = 4
BESIDE = 100  # from this width on, who gave a value stands beside it


def by_words(choice: Choice) -> str:
    """Who gave a value, on which laptop, when."""
    where = (
        t("resolve.this_laptop")
        if choice.mine
        else t("resolve.other_laptop", device=choice.device[-SHORT_ID:] or "?")
    )
    at = show_moment(from_wire(choice.at)) if choice.at else t("resolve.nobody")
    return t("resolve.by", who=choice.who or t("resolve.nobody"), where=where, at=at)


@dataclass(frozen=True, slots=True)
class ChoiceLine:
    """``key``: its digit, empty when it cannot be chosen; ``by``: who gave it; ``mark``: what it is now; ``first``:
    whether it is to be seen first."""

    key: str
    value: str
    by: str = ""
    mark: str = ""
    first: bool = False


class ChoiceLines(Widget):
    """As high as its lines; long values go on below themselves."""

    DEFAULT_CSS = "ChoiceLines { height: auto; width: 100%; padding: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: tuple[ChoiceLine, ...] = ()

    def show(self, lines: Sequence[ChoiceLine]) -> None:
        """Replace all lines."""
        self.lines = tuple(lines)
        self.refresh(layout=True)

    def render(self) -> Content:
        """Digits in one column, values in the next."""
        width = self.size.width or 76
        beside = width >= BESIDE and any(line.by for line in self.lines)
        column = min(
            width // 2, max((Content(_value(line)).cell_length for line in self.lines), default=0) + 2
        )
        drawn: list[Content] = []
        for line in self.lines:
            front = Content.styled(line.key.ljust(KEY_WIDTH), "bold $text-primary")
            style = "bold" if line.first else ""
            if beside and line.by:
                wrapped = Content.styled(line.value, style).wrap(max(10, column - 2))
                for place, part in enumerate(wrapped):
                    by = Content.styled(_by(line), "$text-muted") if not place else Content("")
                    drawn.append(
                        Content.assemble(front, part.pad_right(max(0, column - part.cell_length)), by)
                    )
                    front = Content(" " * KEY_WIDTH)
                continue
            for part in Content.styled(line.value, style).wrap(max(10, width - KEY_WIDTH)):
                drawn.append(Content.assemble(front, part))
                front = Content(" " * KEY_WIDTH)
            if line.by:
                for part in Content.styled(_by(line), "$text-muted").wrap(max(10, width - KEY_WIDTH)):
                    drawn.append(Content.assemble(front, part))
        return Content("\n").join(drawn)


def _value(line: ChoiceLine) -> str:
    return line.value if line.by else ""


def _by(line: ChoiceLine) -> str:
    return f"{line.by} · {line.mark}" if line.mark else line.by
