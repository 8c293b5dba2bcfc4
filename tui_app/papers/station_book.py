"""The station's book of infected persons at home (form 5.4) as a lying PDF to keep, or as a spreadsheet."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, to_wire
from tui_app.i18n import language, t
from tui_app.papers import sheets, words
from tui_app.papers.letterhead import Letterhead, station_head
from tui_app.papers.pdf import MISSING, SIGNATURES, Paper
from tui_app.papers.table import Column, Table
from tui_app.rules.rule_set import RuleSets
from tui_app.services.access import gate
from tui_app.services.access.access import log_export
from tui_app.services.cases.station_book import LAST_DAY, BookLine, DayMark, station_book
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.station.units import held
from tui_app.services.treatment.medicine import item_words
from tui_app.text import place_words

FORMATS = ("pdf", "xlsx")
KIND = "station-book"
_BEFORE = {
    "number": 7.0,
    "name": 22.0,
    "age_sex": 12.0,
    "address": 26.0,
    "phone": 18.5,
    "onset": 15.0,
    "positive": 15.0,
    "method": 11.0,
    "symptoms": 16.0,
    "doses": 9.5,
    "conditions": 16.0,
    "risk_class": 13.0,
    "started": 15.0,
    "given": 20.0,
}
_AFTER = {
    "negative": 15.0,
    "ended": 15.0,
    "outcome": 14.0,
    "follower": 13.0,
}
"""Columns with their share of the sheet, before and after the days; in a spreadsheet as many letters."""
_KINDS: dict[str, sheets.Kind] = {
    "number": "number",
    "onset": "date",
    "positive": "date",
    "doses": "number",
    "started": "date",
    "negative": "date",
    "ended": "date",
}
_DAY_WIDTH = 5.6
_SIZE = 6.0
_LEGEND = 8.5


def write_book(workspace: Workspace, since: date, until: date, file_format: str) -> tuple[int, bytes]:
    """The cases open in a period: how many, and the book as pdf or xlsx; noted first in each unit it takes.

    Raises NotOpened for a viewer.
    """
    now = workspace.clock()
    with workspace.store.write() as c:
        areas = set(gate.open_only(c, (unit.id for unit in held(c))))
        units = [unit for unit in held(c) if unit.id in areas]
        log_export(c, workspace.user, to_wire(now), units, "case", KIND)
        lines = station_book(c, since, until)
        head = station_head(c, until)
        sets = rule_sets(c)
        rows = [_row(c, number, line) for number, line in enumerate(lines, 1)]
    legend = _legend(sets, lines)
    title = t("papers.book_title")
    period = t("papers.book_period", since=show_date(since), until=show_date(until))
    if file_format == "xlsx":
        return len(rows), _xlsx(f"{title} · {period}", head, rows, legend)
    paper = Paper(title, now, landscape=True, remark=t("papers.made_at", at=words.moment_words(now)))
    paper.heading(head)
    paper.title(title, period)
    days = [Column(str(day), _DAY_WIDTH, "C") for day in range(LAST_DAY + 1)]
    book = Table(
        [*_columns(_BEFORE), *days, *_columns(_AFTER)],
        [[words.cell_words(cell) for cell in row] for row in rows],
        above=[("", len(_BEFORE)), (t("papers.book_days"), len(days)), ("", len(_AFTER))],
        size=_SIZE,
        padding=0.4,
    )
    paper.table(book, keep=paper.tall(legend, _LEGEND) + SIGNATURES)
    if not rows:
        paper.line(t("papers.book_empty"))
    for line in legend:
        paper.line(line, size=_LEGEND)
    paper.signatures((t("papers.sign_writer"), t("papers.sign_chief")))
    return len(rows), paper.write()


def _columns(named: Mapping[str, float]) -> list[Column]:
    return [
        Column(t(f"papers.book_{name}"), width, "C" if width <= 15 else "L") for name, width in named.items()
    ]


def _row(c: Any, number: int, line: BookLine) -> list[object]:
    fields, person = line.fields, line.person
    symptoms = MISSING
    if line.symptoms is not None:
        sets = rule_sets(c)
        found = [sets.word(code, language()) for code in line.symptoms]
        symptoms = ", ".join(found) or t("papers.book_no_symptom")
    given: dict[str, list[str]] = {}
    for day, item in line.given:
        given.setdefault(item_words(c, item, day), []).append(f"{day:%d/%m}")
    return [
        number,
        person.get("full_name", ""),
        f"{words.age_words(line.age)}, {words.coded('sex', person.get('sex'))}",
        place_words(line.address, line.alley, line.unit) or MISSING,
        words.phone_words(person.get("phone")),
        _day(fields.get("onset_on")),
        _day(fields.get("first_positive_on")),
        words.coded("method", line.method),
        symptoms,
        fields.get("basic_doses"),
        words.risk_words((), line.conditions),
        words.coded("risk_class", fields.get("risk_class")),
        _day(fields.get("started_on")),
        "; ".join(f"{item} ({', '.join(days)})" for item, days in given.items()) or MISSING,
        *(_mark(line.days.get(day), come=day <= line.last_day) for day in range(LAST_DAY + 1)),
        line.negative_on,
        _day(fields.get("ended_on")),
        words.coded("outcome", fields.get("outcome"), "case"),
        fields.get("followed_by") or MISSING,
    ]


def _day(day: str | None) -> date | None:
    return date.fromisoformat(day) if day else None


def _legend(sets: RuleSets, lines: Iterable[BookLine]) -> list[str]:
    """What the marks mean, and which documents behind them nobody read."""
    used = sorted({ident for line in lines for ident in line.unverified})
    documents = "; ".join(sets.sets[ident].document if ident in sets.sets else ident for ident in used)
    unverified = [t("papers.book_unverified", documents=documents)] if used else []
    return [t("papers.book_legend"), *unverified]


def _mark(day: DayMark | None, *, come: bool) -> str:
    """The lowest SpO2 of a day; x when somebody looked and did not measure it; ! for a danger sign; empty for a day
    that has not come."""
    if day is None:
        return MISSING if come else ""
    return (t("papers.mark") if day.spo2 is None else str(day.spo2)) + ("!" if day.danger else "")


def _xlsx(title: str, head: Letterhead, rows: Iterable[Sequence[object]], legend: Sequence[str]) -> bytes:
    out = io.BytesIO()
    before, after = (
        [
            sheets.Column(t(f"papers.book_{name}"), _KINDS.get(name, "text"), round(width))
            for name, width in some.items()
        ]
        for some in (_BEFORE, _AFTER)
    )
    days = [sheets.Column(t("papers.book_day", day=day), width=6) for day in range(LAST_DAY + 1)]
    told = range(len(before), len(before) + len(days))  # a day nobody looked is told by its dash
    cells = (
        [None if cell == MISSING and place not in told else cell for place, cell in enumerate(row)]
        for row in rows
    )
    columns = [*before, *days, *after]
    sheets.write_table(out, "xlsx", title=title, heading=head, columns=columns, rows=cells, notes=legend)
    return out.getvalue()
