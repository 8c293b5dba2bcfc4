"""Figures of many reports: side by side by commune or unit, added up where they may be, and from period to period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sync.server.pages.charts import Point, trend
from sync.server.pages.filed import FiledReport, Said, Value
from sync.server.pages.frame import Visit
from sync.server.pages.markup import Html, el
from sync.server.pages.standing import Standing
from sync.server.pages.table import Cell, Share, Table

TRENDS = 12  # figures whose course is drawn; the others are in the table


def names_of(reports: Iterable[FiledReport]) -> list[str]:
    """The figures of the whole that any of them has, in the order of the reports."""
    names: dict[str, Value] = {}
    for report in reports:
        names |= report.totals
    return list(names)


def called(visit: Visit, reports: Iterable[FiledReport], names: Iterable[str], *, block: bool) -> list[str]:
    """What figures are called, as the reports say where they do; with their block where ``block``."""
    words, said = visit.words, dict[str, Said]()
    for report in reports:
        said |= report.figures.said
    usual = words.figure if block else words.part
    return [(getattr(said[name], words.language) if name in said else "") or usual(name) for name in names]


def blocks_of(visit: Visit, names: Iterable[str]) -> list[str]:
    """The blocks of the form that figures stand in, in their order."""
    return list(dict.fromkeys(map(visit.words.block, names)))


def figure_table(visit: Visit, standings: Sequence[Standing], head: str, block: str | None = None) -> Table:
    """The latest figures, a row for each place that has reported. ``head``: what the rows are; ``block``: only those of
    this block of the form."""
    words = visit.words
    given = [(one.commune, one.latest) for one in standings if one.latest]
    names = names_of(report for _, report in given)
    if block is not None:
        names = [name for name in names if words.block(name) == block]
    heads = called(visit, (report for _, report in given), names, block=block is None)
    reports = [report for _, report in given]
    rows: list[Sequence[Cell]] = [
        (commune.name, commune.code, *(_shown(report, name) for name in names)) for commune, report in given
    ]
    sums = (_together(reports, name) for name in names)
    foot: Sequence[Cell] = (words("sum"), words("sum_of", count=len(given)), *sums) if rows else ()
    return Table("figures", [head, words("code"), *heads], rows, foot, wide=True)


def added(values: Sequence[Value | str]) -> Value | str:
    """The sum of what was reported; None where one of them could not be worked out; nothing for rates and averages,
    which are not added up."""
    known = [value for value in values if not isinstance(value, str)]
    if not known or any(isinstance(value, float) for value in known):
        return ""
    return None if None in known else sum(value for value in known if value is not None)


def unit_table(
    visit: Visit, report: FiledReport, names: Mapping[str, str], block: str | None = None
) -> Table:
    """A report's figures: the whole first, then each unit that it tells of. ``names``: of units by area; ``block``:
    only those of this block of the form."""
    words, figures = visit.words, report.figures
    of_unit = {(name, unit): value for name, unit, value in figures.units}
    every = dict.fromkeys([*figures.totals, *(name for name, _ in of_unit)])
    shown = [name for name in every if block is None or words.block(name) == block]
    units = [area for area in names if any((name, area) in of_unit for name in shown)]
    rows = [
        (word, _shown(report, name), *(of_unit.get((name, unit), "") for unit in units))
        for name, word in zip(shown, called(visit, [report], shown, block=block is None), strict=True)
    ]
    first = words("figure") if block is None else words.heading(block) or words("figure")
    return Table(
        f"figures-{report.kind}", [first, words("whole"), *(names[area] for area in units)], rows, wide=True
    )


def unit_tables(visit: Visit, report: FiledReport, names: Mapping[str, str]) -> list[Table]:
    """The same, a table for each block of the form."""
    figures = report.figures
    blocks = blocks_of(visit, [*figures.totals, *(name for name, _, _ in figures.units)])
    return [unit_table(visit, report, names, block) for block in blocks]


def trends(
    visit: Visit, periods: Sequence[tuple[str, Sequence[FiledReport]]], block: str, *, of_many: bool = True
) -> Html | None:
    """How the figures of a block went; those that never changed are left to the table. ``periods``: what to call each,
    and the reports whose figures count; ``of_many``: how many reported is drawn as well, for a sum of fewer reports is
    no fall."""
    words = visit.words
    newest = next((reports for _, reports in reversed(periods) if reports), ())
    names = [name for name in names_of(newest) if words.block(name) == block]
    heads = called(visit, newest, names, block=False)
    columns = [[report.totals for report in reports] for _, reports in periods]
    drawn = []
    if of_many:
        points = [Point(label, len(reports)) for label, reports in periods]
        drawn.append(trend(words("reporting"), points, words))
    for name, head in zip(names, heads, strict=True):
        points = [
            Point(label, _one(added([totals.get(name, "") for totals in column])))
            for (label, _), column in zip(periods, columns, strict=True)
        ]
        if len(drawn) < TRENDS and len({point.value for point in points} - {None}) > 1:
            drawn.append(trend(head, points, words))
    return el("div", drawn, class_="trends") if drawn else None


def _shown(report: FiledReport, name: str) -> Cell:
    """A figure as it stands in a table; one that is a share of another with its rate."""
    value, of = report.totals.get(name, ""), _of(report, name)
    return Share(value, of) if isinstance(value, int) and of is not None else value


def _of(report: FiledReport, name: str) -> int | None:
    said = report.figures.said.get(name)
    return said.of if said and isinstance(said.of, int) else None


def _together(reports: Sequence[FiledReport], name: str) -> Cell:
    """The figures of all under their column; of shares the share of all together."""
    given = [one for one in reports if name in one.totals]
    total, parts = added([one.totals[name] for one in given]), [_of(one, name) for one in given]
    known = [part for part in parts if part is not None]
    if isinstance(total, int) and known and len(known) == len(given):
        return Share(total, sum(known))
    return total


def _one(value: Value | str) -> Value:
    return None if isinstance(value, str) else value
