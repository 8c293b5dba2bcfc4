"""A vital sign over fourteen days: a column a half-day, gaps where nothing was measured, the rules' limits of each day
as lines."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from textual.content import Content
from textual.widget import Widget

from tui_app.i18n import t
from tui_app.rules.limits import Limit
from tui_app.services.cases.case_overview import DAYS, HalfDays, Point
from tui_app.widgets.signs import sign
from tui_app.widgets.symbols import symbol

LINES = 6  # of the plot
CELL = 2  # cells a half-day
LABEL = 6  # cells left of the plot
_WITH_DECIMALS = frozenset({"temperature_c"})
STEPS = (0.2, 0.5, 1, 2, 3, 5, 10, 20, 50)


@dataclass(frozen=True, slots=True)
class Scale:
    """``top``: value of the first line; ``step``: between lines."""

    top: float
    step: float

    def line(self, value: float) -> int:
        """The line of a value, counted from the top."""
        return min(LINES - 1, max(0, round((self.top - value) / self.step)))


@dataclass(slots=True)
class _Line:
    """One line of the plot: its cells, and which of them are seen first."""

    cells: list[str] = field(default_factory=lambda: [" " * CELL] * (2 * DAYS))
    danger: set[int] = field(default_factory=set)
    limits: list[str] = field(default_factory=list)


def scale_of(values: Iterable[float], finest: float = STEPS[0]) -> Scale:
    """The finest scale on which all values stand, with whole steps at its lines, none smaller than ``finest``."""
    known = list(values) or [0.0]
    low, high = min(known), max(known)
    for step in (one for one in STEPS if one >= finest):
        top = math.ceil(high / step) * step
        if top - step * (LINES - 1) <= low:
            return Scale(top, step)
    return Scale(high, (high - low) / (LINES - 1))


def plot(found: HalfDays) -> list[Content]:
    """The lines of the plot, from top to bottom, then the days below it."""
    limits = [one.limit.value for one in found.limits]
    values = [*(one.value for one in found.points.values()), *limits]
    scale = scale_of(values, STEPS[0] if found.field in _WITH_DECIMALS else 1)
    lines = [_Line() for _ in range(LINES)]
    for one in found.limits:
        line = lines[scale.line(one.limit.value)]
        for place in range(2 * one.since, 2 * one.until):
            line.cells[place] = sign("rule") * CELL
        line.limits.append(limit_words(one.limit))
    _put_points(lines, found.points, scale)
    drawn = [
        Content.assemble(
            f"{number(scale.top - place * scale.step):>{LABEL - 1}} ",
            *(_cell(line, at) for at in range(2 * DAYS)),
            Content.styled(" " + " ".join(dict.fromkeys(line.limits)) if line.limits else "", "$text-muted"),
        )
        for place, line in enumerate(lines)
    ]
    return [*drawn, Content.styled(days_line(found), "$text-muted")]


def days_line(found: HalfDays) -> str:
    """The number of each day below its morning; days of the month where it is not known."""
    words = []
    for day in range(DAYS):
        if found.first_number is None:
            words.append(f"{(found.first + timedelta(days=day)).day:02d}".ljust(2 * CELL))
        else:
            words.append(str(found.first_number + day).ljust(2 * CELL))
    return " " * LABEL + "".join(words).rstrip()


def changes_line(found: HalfDays) -> str:
    """On which days the limits are others than the day before, and which they are then; empty when they stay."""
    said = []
    for day in range(1, DAYS):
        if any(day in (one.since, one.until) for one in found.limits):
            holds = [limit_words(one.limit) for one in found.limits if one.since <= day < one.until]
            on = found.first + timedelta(days=day)
            said.append(
                t("case.limit_from", date=f"{on:%d/%m}", limits=", ".join(holds) or t("case.no_limit"))
            )
    return " · ".join(said)


def limit_words(limit: Limit) -> str:
    """``≤ 96``"""
    return f"{limit.op} {number(limit.value)}"


def number(value: float) -> str:
    """Without decimals that say nothing, with a decimal comma."""
    return f"{round(value, 1):g}".replace(".", ",")


def _put_points(lines: list[_Line], points: Mapping[int, Point], scale: Scale) -> None:
    for place, point in points.items():
        line = lines[scale.line(point.value)]
        line.cells[place] = symbol("danger") if point.danger else sign("done").ljust(CELL)
        if point.danger:
            line.danger.add(place)


def _cell(line: _Line, at: int) -> Content:
    words = line.cells[at]
    if at in line.danger:
        return Content.styled(words, "bold $text-error")
    return Content.styled(words, "$text-muted") if words[0] == sign("rule") else Content.styled(words, "bold")


class DayChart(Widget):
    """A heading, the plot, the days. ``show(None)`` takes it away."""

    DEFAULT_CSS = f"DayChart {{ height: {LINES + 2}; width: 100%; padding: 0 1; }}"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._heading = ""
        self._found: HalfDays | None = None

    def show(self, heading: str, found: HalfDays | None) -> None:
        """Show another vital sign."""
        self._heading, self._found = heading, found
        self.display = found is not None
        self.refresh()

    def render(self) -> Content:
        """Heading and plot; what has no room at the right is cut."""
        if self._found is None:
            return Content("")
        heading = Content.styled(" · ".join(filter(None, (self._heading, changes_line(self._found)))), "bold")
        room = max(1, self.size.width)
        return Content("\n").join(line.truncate(room) for line in [heading, *plot(self._found)])
