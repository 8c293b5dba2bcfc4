"""Cases of earlier years, month by month and week by week: typed in or imported, for the thresholds of TT 15/2026."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.levels import baseline_id
from tui_app.rules.level_thresholds import YearCount, years_before
from tui_app.services.access import gate
from tui_app.services.station.station_place import station_place
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import clean, fold

COVID = "covid-19"
"""``disease`` of the counts of this program's cases."""
COLUMNS = ("year", "period", "number", "cases", "epidemic", "source")
PERIODS = {"month": 12, "week": 53}
_YES = ("1", "x", "co", "yes", "true")


@dataclass(frozen=True, slots=True)
class Baseline:
    """``number``: the month (1–12) or the week of the year (ISO 8601, 1–53); ``epidemic``: left out of the mean."""

    year: int
    period: str
    number: int
    cases: int
    epidemic: bool = False
    source: str = ""


def baselines(c: Any) -> list[Baseline]:
    """All that was kept, the latest year first."""
    rows = table("baseline_count").where(c, "NOT deleted AND disease = ?", (COVID,))
    found = [
        Baseline(
            row.body["year"],
            row.body["period"],
            row.body["number"],
            row.body["cases"],
            bool(row.body.get("epidemic")),
            row.body.get("source") or "",
        )
        for row in rows
        if row.body.get("cases") is not None
    ]
    return sorted(found, key=lambda one: (-one.year, one.period, one.number))


def period_of(day: date) -> Mapping[str, tuple[int, int]]:
    """month and week -> year and number a day lies in; weeks are those of ISO 8601, which begin on Monday."""
    week = day.isocalendar()
    return {"month": (day.year, day.month), "week": (week.year, week.week)}


def year_counts(c: Any, day: date, period: str, years: int) -> tuple[list[YearCount], str]:
    """The counts of the same month or week in so many years before, None in a year nobody counted, and who says so."""
    year, number = period_of(day)[period]
    known = {one.year: one for one in baselines(c) if (one.period, one.number) == (period, number)}
    wanted = [(one, known.get(one)) for one in years_before(year, years)]
    counts = [
        YearCount(one, found.cases, found.epidemic) if found else YearCount(one, None)
        for one, found in wanted
    ]
    return counts, ", ".join(dict.fromkeys(found.source for _, found in wanted if found and found.source))


def typed_years(text: str, day: date, period: str, years: int, source: str) -> list[Baseline]:
    """Counts typed in one line, a number a year from the earliest, ``*`` behind one with an epidemic: ``4 6 8 90* 12``.

    Raises InvalidFields for another number of years, or what is no whole number.
    """
    year, number = period_of(day)[period]
    words, wanted = text.replace(",", " ").split(), years_before(year, years)
    numbers = [word.removesuffix("*") for word in words]
    if len(words) != len(wanted) or not all(one.isascii() and one.isdigit() for one in numbers):
        raise InvalidFields([FieldProblem("cases", "levels.bad_years", years=len(wanted))])
    return [
        Baseline(one, period, number, int(cases), word.endswith("*"), source)
        for one, cases, word in zip(wanted, numbers, words, strict=True)
    ]


def keep_baselines(store: Store, who: str, counts: Iterable[Baseline]) -> int:
    """Keep counts, in place of those of the same month or week; returns how many. Only the chief may.

    Raises InvalidFields, which names the line, for a number out of range, a year to come, or no source; NotOpened.
    """
    counts = list(counts)
    this_year = today(store.clock).year
    problems = [
        FieldProblem(name, "levels.bad_baseline", line=str(line))
        for line, one in enumerate(counts, 1)
        for name in _wrong(one, this_year)
    ]
    if problems:
        raise InvalidFields(problems)
    with store.work(who) as work:
        gate.check_chief(work.connection, "levels.chief_only", "level_assessment")
        for one in counts:
            _keep(work, one)
    return len(counts)


def _keep(work: Work, one: Baseline) -> None:
    place = station_place(work.connection)
    fields = {
        "disease": COVID,
        "year": one.year,
        "period": one.period,
        "number": one.number,
        "cases": one.cases,
        "epidemic": one.epidemic,
        "source": clean(one.source),
    }
    ident = baseline_id(place.commune, COVID, one.year, one.period, one.number)
    work.ensure("baseline_count", ident, fields, place=place)


def _wrong(one: Baseline, this_year: int) -> list[str]:
    wrong = [] if 1990 <= one.year < this_year else ["year"]
    if one.period not in PERIODS:
        wrong.append("period")
    elif not 1 <= one.number <= PERIODS[one.period]:
        wrong.append("number")
    if one.cases < 0:
        wrong.append("cases")
    return wrong if clean(one.source) else [*wrong, "source"]


def read_baselines(text: str, source: str = "") -> list[Baseline]:
    """Counts of a CSV file with the columns of `COLUMNS`; ``source``: for lines that name none.

    Raises InvalidFields, which names the line, where a column is missing or holds no whole number.
    """
    lines = csv.DictReader(
        io.StringIO(text.lstrip("\ufeff")), delimiter=";" if ";" in text.split("\n", 1)[0] else ","
    )
    if lacks := [name for name in COLUMNS[:4] if name not in (lines.fieldnames or ())]:
        raise InvalidFields([FieldProblem(name, "levels.no_column") for name in lacks])
    found = []
    for number, line in enumerate(lines, 1):
        try:
            year, which, cases = (int(line[name]) for name in ("year", "number", "cases"))
        except (TypeError, ValueError) as error:
            problem = FieldProblem("year, number, cases", "levels.bad_baseline", line=str(number))
            raise InvalidFields([problem]) from error
        epidemic = fold(line.get("epidemic") or "") in _YES
        said = line.get("source") or source
        found.append(Baseline(year, (line["period"] or "").strip(), which, cases, epidemic, said))
    return found
