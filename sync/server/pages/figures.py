"""Figures of many reports: side by side by commune or unit, added up where they may be, and from period to period."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sync.server.pages.charts import PART, Point, trend
from sync.server.pages.filed import FiledReport, Said, Value
from sync.server.pages.frame import Visit
from sync.server.pages.markup import Html, el, joined
from sync.server.pages.standing import Standing
from sync.server.pages.table import Cell, Link, Share, Table

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


def figure_table(
    visit: Visit, standings: Sequence[Standing], block: str | None = None, *, of: str = "commune"
) -> Table:
    """The latest figures, a row for each place that has reported. ``block``: only those of this block of the form, for
    a page, which says of when they are where that is not the same of all; ``of``: what the rows are."""
    words = visit.words
    given = [(one.commune, one.latest) for one in standings if one.latest]
    reports = [report for _, report in given]
    names = names_of(reports)
    about = ["period", "received_at"]
    if block is not None:
        names = [name for name in names if words.block(name) == block]
        about = ["period"] if len({(report.first, report.last) for report in reports}) > 1 else []
    heads = called(visit, reports, names, block=block is None)
    rows: list[Sequence[Cell]] = []
    for commune, report in given:
        when: dict[str, Cell] = {
            "period": words.period(report.first, report.last),
            "received_at": report.received,
        }
        rows.append(
            (
                Link(commune.name, visit.to_commune(commune, report.last)),
                commune.code,
                *(when[column] for column in about),
                *(_shown(report, name) for name in names),
            )
        )
    sums = (_together(reports, name) for name in names)
    foot: Sequence[Cell] = ()
    if rows:
        foot = (words("sum"), words(f"sum_of_{of}", count=len(given)), *("" for _ in about), *sums)
    return Table("figures", [words(of), words("code"), *map(words, about), *heads], rows, foot, wide=True)


def added(values: Sequence[Value | str]) -> Value | str:
    """The sum of what was reported; None where one of them could not be worked out; nothing for rates and averages,
    which are not added up."""
    kinds = set(map(type, values)) - {str}
    if not kinds or float in kinds:
        return ""
    return sum(value for value in values if isinstance(value, int)) if kinds == {int} else None


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
    first, whole = words("figure"), f"{words('whole')}, {words.period(report.first, report.last)}"
    if block is not None:  # on a page, under a heading that says of when
        first, whole = words.heading(block) or first, words("whole")
    return Table(f"figures-{report.kind}", [first, whole, *(names[area] for area in units)], rows, wide=True)


def unit_tables(visit: Visit, report: FiledReport, names: Mapping[str, str]) -> list[Table]:
    """The same, a table for each block of the form."""
    figures = report.figures
    blocks = blocks_of(visit, [*figures.totals, *(name for name, _, _ in figures.units)])
    return [unit_table(visit, report, names, block) for block in blocks]


@dataclass(frozen=True, slots=True)
class Period:
    """A point of time in a trend. ``label``: what it is called; ``reports``: whose figures count; ``owed``: how many
    there should be, None for a single commune's, of which there are all or none."""

    label: str
    reports: Sequence[FiledReport]
    owed: int | None = None

    @property
    def whole(self) -> bool:
        """Whether nobody is missing, or everybody: a fall of the sum is one."""
        return self.owed is None or len(self.reports) in (0, self.owed)


def trends(visit: Visit, periods: Sequence[Period], block: str) -> Html | None:
    """How the figures of a block went; those that never changed are left to the table. Of many communes, how many
    reported is drawn as well."""
    words = visit.words
    if len(periods) < 2:
        return None
    newest = next((period.reports for period in reversed(periods) if period.reports), ())
    names = [name for name in names_of(newest) if words.block(name) == block]
    heads = called(visit, newest, names, block=False)
    # of each period the values of each figure, report by report
    columns = [
        list(zip(*(report.picked(names) for report in period.reports), strict=True)) for period in periods
    ]
    drawn = []
    if periods[-1].owed is not None:
        points = [Point(period.label, len(period.reports)) for period in periods]
        drawn.append(trend(words("reporting"), points, words))
    for n, head in enumerate(heads):
        points = [
            Point(period.label, _one(added(column[n] if column else ())), period.whole)
            for period, column in zip(periods, columns, strict=True)
        ]
        if len(drawn) < TRENDS and len({point.value for point in points} - {None}) > 1:
            drawn.append(trend(head, points, words))
    if not drawn:
        return None
    whole = all(period.whole for period in periods)
    note = None if whole else el("p", f"{PART}: {words('not_whole')}", class_="note")
    return joined((el("div", drawn, class_="trends"), note))


def told_of(visit: Visit, report: FiledReport) -> Html:
    """Of figures: when they were written, when the server took them, and which version they are."""
    words = visit.words
    said = [
        f"{words('written_at')} {words.moment(report.written_at)}",
        f"{words('received_at')} {words.moment(report.received)}",
        f"{words('version')} {report.version}",
    ]
    return el("p", " · ".join(said), class_="told")


def version_of(visit: Visit, standing: Standing) -> Cell:
    """Which version counts; where several have its number, that a person has to ask which is right."""
    if standing.latest is None:
        return ""
    version = standing.latest.version
    if standing.alike == 1:
        return version
    return visit.words("version_alike", version=version, count=standing.alike)


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
