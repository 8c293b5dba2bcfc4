"""The figures of a run: what is compared with what, against which limit, and how they are printed and kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Against(StrEnum):
    """What a limit is a limit of: the figure itself, or its ratio to the comparison."""

    FIGURE = "figure"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Limit:
    """What a figure must reach. ``least``: it must be at least ``value``, else at most."""

    value: float
    against: Against = Against.FIGURE
    least: bool = False

    def words(self, unit: str) -> str:
        """As the table says it: ``≤ 50 ms``, ``≥ 3 ×``."""
        sign = "≥" if self.least else "≤"
        return f"{sign} {short(self.value)} {unit if self.against is Against.FIGURE else '×'}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. ``other``: the comparison's figure in the same run and unit, None when there is none;
    ``beside``: what the comparison is, or why there is none. ``note``: what one has to know to read it."""

    name: str
    ours: float
    unit: str
    other: float | None = None
    beside: str = ""
    limit: Limit | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours divided by the other; None without one."""
        return self.ours / self.other if self.other else None

    @property
    def met(self) -> bool | None:
        """Whether the limit holds; None without a limit, or when it needs a comparison that was not there."""
        if self.limit is None:
            return None
        value = self.ours if self.limit.against is Against.FIGURE else self.ratio
        if value is None:
            return None
        return value >= self.limit.value if self.limit.least else value <= self.limit.value

    def as_json(self) -> dict[str, Any]:
        """Everything, for the file."""
        limit = self.limit
        return {
            "name": self.name,
            "unit": self.unit,
            "ours": self.ours,
            "other": self.other,
            "beside": self.beside,
            "ratio": self.ratio,
            "limit": limit and {"value": limit.value, "against": str(limit.against), "least": limit.least},
            "met": self.met,
            "note": self.note,
        }


def at_most(value: float) -> Limit:
    """A limit above which the figure fails."""
    return Limit(value)


def times_at_most(value: float) -> Limit:
    """A limit above which the ratio to the comparison fails."""
    return Limit(value, Against.RATIO)


def times_at_least(value: float) -> Limit:
    """A limit below which the ratio to the comparison fails."""
    return Limit(value, Against.RATIO, least=True)


def short(value: float) -> str:
    """Three digits that count: 0.125, 4.55, 39.8, 2 155."""
    if value == 0:
        return "0"
    if abs(value) >= 99.95:
        return many(round(value))
    if abs(value) >= 9.995:
        return f"{value:.1f}".removesuffix(".0")
    digits = 2 if abs(value) >= 0.995 else 3
    return f"{value:.{digits}f}".rstrip("0").rstrip(".")


def many(count: int) -> str:
    """A count with its thousands apart: 50 000."""
    return f"{count:,}".replace(",", " ")


def met_word(figure: Figure) -> str:
    """``yes``, ``NO``, or ``–`` where there is nothing to meet."""
    return {True: "yes", False: "NO", None: "–"}[figure.met]


TITLES = ("figure", "ours", "comparison", "ratio", "limit", "met")


def lines(figures: Iterable[Figure]) -> list[str]:
    """The table as text, its notes below."""
    every = list(figures)
    cells = [TITLES, *(_cells(figure) for figure in every)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(TITLES))]
    table = [_line(row, widths) for row in cells]
    table.insert(1, "  ".join("─" * width for width in widths))
    notes = [f"{figure.name}: {figure.note}" for figure in every if figure.note]
    return [*table, *(["", *notes] if notes else [])]


def _cells(figure: Figure) -> tuple[str, ...]:
    other = (
        f"{short(figure.other)} {figure.unit} {figure.beside}" if figure.other is not None else figure.beside
    )
    return (
        figure.name,
        f"{short(figure.ours)} {figure.unit}",
        other or "–",
        f"{short(figure.ratio)} ×" if figure.ratio is not None else "–",
        figure.limit.words(figure.unit) if figure.limit else "–",
        met_word(figure),
    )


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    name, ours, other, ratio, limit, met = (
        cell.ljust(width) for cell, width in zip(row, widths, strict=True)
    )
    return "  ".join(
        (name, ours.strip().rjust(widths[1]), other, ratio.strip().rjust(widths[3]), limit, met)
    ).rstrip()
