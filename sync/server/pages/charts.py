"""Charts as SVG, drawn by the server: they need no script, and print as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sync.server.pages.filed import Value
from sync.server.pages.markup import Html, el
from sync.server.pages.words import Words

WIDTH, HEIGHT = 260, 92
_LEFT, _RIGHT, _TOP, _BOTTOM = 6, 6, 16, 18
_BAR = 8
PART = "○"  # marks a point that is not whole


@dataclass(frozen=True, slots=True)
class Point:
    """A figure of a period. ``label``: the period in short; ``value``: None where nobody reported it; ``whole``: False
    for a sum that not all have reported to."""

    label: str
    value: Value
    whole: bool = True


def trend(title: str, points: Sequence[Point], words: Words) -> Html:
    """A line from zero to the largest figure, broken where one is missing and hollow where it is not whole, under its
    title and the last figure."""
    known = [point.value for point in points if point.value is not None]
    last = points[-1].value if points else None
    top = max([*known, 1])
    step = (WIDTH - _LEFT - _RIGHT) / max(len(points) - 1, 1)
    floor = HEIGHT - _BOTTOM
    places = [
        None
        if point.value is None
        else (_LEFT + n * step, floor - (floor - _TOP) * max(point.value, 0) / top)
        for n, point in enumerate(points)
    ]
    marks = [
        *[el("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in run)) for run in _runs(places)],
        *[
            el("circle", cx=f"{at[0]:.1f}", cy=f"{at[1]:.1f}", r=2, class_=None if point.whole else "part")
            for at, point in zip(places, points, strict=True)
            if at
        ],
    ]
    spoken = "; ".join(
        f"{point.label}: {_said(point.value, words)}{'' if point.whole else f' {PART}'}" for point in points
    )
    picture = el(
        "svg",
        el("title", f"{title}. {spoken}"),
        el("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=floor, y2=floor, class_="axis"),
        el("line", x1=_LEFT, x2=WIDTH - _RIGHT, y1=_TOP, y2=_TOP, class_="limit"),
        marks,
        el("text", points[0].label if points else "", x=_LEFT, y=HEIGHT - 4),
        el("text", points[-1].label if points else "", x=WIDTH - _RIGHT, y=HEIGHT - 4, class_="end"),
        el("text", words.number(max(known)) if known else "", x=_LEFT, y=_TOP - 5),
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
    )
    return el(
        "figure",
        el("figcaption", el("span", title), el("strong", _said(last, words))),
        picture,
        class_="trend",
    )


def shares(parts: Sequence[tuple[str, int]]) -> Html:
    """A bar of parts side by side, as long as their numbers. ``parts``: class and number."""
    total = sum(number for _, number in parts) or 1
    at, drawn = 0.0, []
    for name, number in parts:
        width = 100 * number / total
        if number:
            drawn.append(el("rect", x=f"{at:.2f}", y=0, width=f"{width:.2f}", height=_BAR, class_=name))
        at += width
    return el(
        "svg",
        drawn,
        viewBox=f"0 0 100 {_BAR}",
        preserveAspectRatio="none",
        class_="shares",
        aria_hidden="true",
    )


def _said(value: Value, words: Words) -> str:
    return "–" if value is None else words.number(value)


def _runs(places: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """What a line goes through without a break."""
    runs: list[list[tuple[float, float]]] = [[]]
    for place in places:
        if place is None:
            runs.append([])
        else:
            runs[-1].append(place)
    return [run for run in runs if len(run) > 1]
