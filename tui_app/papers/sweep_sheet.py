"""The report of a sweep as a paper: a line a figure, a column a unit, with the names the units had on its last day."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, show_moment, to_wire, today
from tui_app.errors import NotFound
from tui_app.i18n import t
from tui_app.papers.letterhead import Letterhead, letterhead
from tui_app.papers.pdf import SIGNATURES, Paper
from tui_app.papers.sheets import Column, write_table
from tui_app.papers.table import Column as PaperColumn
from tui_app.papers.table import Table
from tui_app.services.access.access import log_access
from tui_app.services.station.unit_names import named_on
from tui_app.services.sweeps.sweep_figures import Difference, Figure, together
from tui_app.services.sweeps.sweep_report import Filed, UnitReport, changes, unit_report, unit_reports
from tui_app.services.sweeps.sweep_tally import last_day, tally
from tui_app.services.sweeps.sweeps import Sweep
from tui_app.store.rows import table

FORMATS = ("pdf", "xlsx", "csv", "json")
_LINE = 10.0  # points
_UPRIGHT, _MOST_ACROSS = 4, 9
"""Columns of figures that an upright and a lying page have room for."""


@dataclass(frozen=True, slots=True)
class UnitColumn:
    """A unit's share. ``filed``: the report its figures come from, None for figures of this moment that nobody filed;
    ``since``: what changed after it; ``changed``: what it says otherwise than the version before it."""

    area: str
    name: str
    figures: tuple[Figure, ...]
    filed: Filed | None
    late: bool
    since: tuple[Difference, ...]
    changed: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class SweepSheet:
    """``commune``: fields of a unit with the names of the last day; ``made_at``: wire moment."""

    sweep: Sweep
    commune: Mapping[str, Any]
    units: tuple[UnitColumn, ...]
    made_at: str

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Of all units together."""
        return together(unit.figures for unit in self.units)

    @property
    def since(self) -> tuple[Difference, ...]:
        """What changed after the reports were filed, unit by unit."""
        return tuple(one for unit in self.units for one in unit.since)

    def said(self) -> list[str]:
        """The lines above the figures: dates, deadline, what each unit's figures are."""
        found = self.sweep
        last = show_date(found.ended_on) if found.ended_on else "…"
        lines = [
            t("sweep.paper_dates", first=show_date(found.started_on), last=last),
            t("sweep.due", at=show_moment(found.due_at)) if found.due_at else t("sweep.no_due"),
        ]
        if found.epidemic_areas:
            lines.append(t("sweep.paper_epidemic", places=", ".join(found.epidemic_areas)))
        return lines + [unit_words(unit) for unit in self.units]

    def as_json(self, *, ids: bool = False) -> dict[str, Any]:
        """For programs; with ``ids`` also the records behind each figure."""
        return {
            "campaign": self.sweep.campaign,
            "name": self.sweep.name,
            "commune": self.commune.get("commune_name"),
            "from": self.sweep.started_on.isoformat(),
            "to": self.sweep.ended_on.isoformat() if self.sweep.ended_on else None,
            "due_at": self.sweep.due_at,
            "figures": _figures(self.figures, ids),
            "units": [
                {
                    "area": unit.area,
                    "unit": unit.name,
                    "filed": unit.filed is not None,
                    "version": unit.filed.version if unit.filed else None,
                    "known_at": unit.filed.known_at if unit.filed else self.made_at,
                    "by": unit.filed.who if unit.filed else None,
                    "reason": unit.filed.reason if unit.filed else "",
                    "late": unit.late,
                    "figures": _figures(unit.figures, ids),
                    "changed": [asdict(one) for one in unit.changed],
                    "since": [asdict(one) for one in unit.since],
                }
                for unit in self.units
            ],
        }


def unit_words(unit: UnitColumn) -> str:
    """Whose figures they are: filed by whom and when, or nobody's yet."""
    if unit.filed is None:
        return t("sweep.paper_late" if unit.late else "sweep.paper_not_filed", unit=unit.name)
    params = {"unit": unit.name, "version": unit.filed.version, "who": unit.filed.who}
    words = t("sweep.paper_filed", at=show_moment(unit.filed.known_at), **params)
    if unit.filed.reason:
        words += t("sweep.paper_reason", reason=unit.filed.reason)
    words += t("sweep.paper_since", count=len(unit.since)) if unit.since else ""
    return f"{words}. {t('sweep.paper_changed', changes=_changes(unit.changed))}" if unit.changed else words


def _changes(found: tuple[Difference, ...]) -> str:
    """Each figure that a version says otherwise than the one before."""
    return "; ".join(
        f"{t(f'sweep.figure_{one.name}').removeprefix('… ')} {_shown(one.was)} → {_shown(one.now)}"
        for one in found
    )


def _shown(value: int | None) -> str:
    return "?" if value is None else str(value)


def sheet_of(
    workspace: Workspace, found: Sweep, area: str | None = None, version: int | None = None
) -> SweepSheet:
    """The report of a unit or of all that may be opened: what was filed, else the figures of now. ``version``: another
    than the latest, of one unit. Raises NotFound, NotOpened."""
    now = workspace.clock()
    day = last_day(found, now)
    with workspace.store.read() as c:
        states = [unit_report(c, found, area, now)] if area else unit_reports(c, tally(c, found, day), now)
        bodies = {row.id: row.body for row in table("area").read(c, found.areas).values()}
    names = {ident: named_on(body, day) for ident, body in bodies.items()}
    units = tuple(_column(state, names.get(state.unit.area, {}), version) for state in states)
    commune = names.get(units[0].area, {}) if units else {}
    return SweepSheet(found, commune, units, to_wire(now))


def write_sheet(workspace: Workspace, made: SweepSheet, file_format: str, *, ids: bool = False) -> bytes:
    """The report in one of `FORMATS`. That it was made is noted first; it names nobody."""
    now = workspace.clock()
    with workspace.store.write() as c:
        log_access(c, workspace.user, to_wire(now), "export", "sweep_campaign", "", "sweep-report")
    if file_format == "json":
        return msgspec.json.encode(made.as_json(ids=ids)) + b"\n"
    head = letterhead(made.commune, today(workspace.clock))
    if file_format == "pdf":
        return _drawn(made, head, now)
    out = io.BytesIO()
    columns = [
        Column(t("sweep.col_figure"), "text", 44),
        *(Column(name, "number", 12) for name, _ in _across(made)),
    ]
    write_table(
        out,
        file_format,
        title=_title(made),
        heading=head,
        columns=columns,
        rows=_rows(made, _across(made)),
        notes=[*made.said(), _made_at(made)],
    )
    return out.getvalue()


def _drawn(made: SweepSheet, head: Letterhead, now: datetime) -> bytes:
    """As many units side by side as can be read, on lying pages where they are more than a few."""
    across = _across(made)
    paper = Paper(_title(made), now, landscape=len(across) > _UPRIGHT, remark=_made_at(made))
    paper.heading(head)
    paper.title(_title(made))
    for line in made.said():
        paper.line(f"• {line}", size=_LINE)
    paper.gap(1)
    parts = [across[start : start + _MOST_ACROSS] for start in range(0, len(across), _MOST_ACROSS)]
    for part in parts:
        columns = [PaperColumn(t("sweep.col_figure"), 70), *(PaperColumn(name, 20, "R") for name, _ in part)]
        rows = [[str(cell) for cell in row] for row in _rows(made, part)]
        paper.table(Table(columns, rows), keep=SIGNATURES if part is parts[-1] else 0.0)
    paper.signatures((t("reports.sign_by"), t("reports.sign_chief")))
    return paper.write()


def _across(made: SweepSheet) -> list[tuple[str, Mapping[str, int | None]]]:
    """What stands side by side: all units together where there are several, then each; its name and its figures."""
    units: list[tuple[str, Mapping[str, int | None]]] = [
        (unit.name, {figure.name: figure.value for figure in unit.figures}) for unit in made.units
    ]
    if len(units) < 2:
        return units
    return [(t("sweep.col_total"), {figure.name: figure.value for figure in made.figures}), *units]


def _rows(made: SweepSheet, across: Sequence[tuple[str, Mapping[str, int | None]]]) -> Iterator[list[object]]:
    for figure in made.figures:
        values = [values.get(figure.name) for _, values in across]
        yield [t(f"sweep.figure_{figure.name}"), *("?" if value is None else value for value in values)]


def _title(made: SweepSheet) -> str:
    return t("sweep.paper_title", name=made.sweep.name)


def _made_at(made: SweepSheet) -> str:
    return t("papers.made_at", at=show_moment(made.made_at))


def _column(state: UnitReport, names: Mapping[str, Any], version: int | None) -> UnitColumn:
    filed = state.filed
    if version is not None:
        filed = next((one for one in state.versions if one.version == version), None)
        if filed is None:
            raise NotFound("sweep.no_such_version", version=version)
    latest = filed is not None and filed is state.filed
    return UnitColumn(
        area=state.unit.area,
        name=str(names.get("unit_name") or state.unit.name),
        figures=filed.figures if filed else state.now,
        filed=filed,
        late=state.late,
        since=state.since if latest else (),
        changed=changes(state.versions, filed.version) if filed else (),
    )


def _figures(found: tuple[Figure, ...], ids: bool) -> list[dict[str, Any]]:
    return [
        {"name": figure.name, "value": figure.value} | ({"ids": list(figure.ids)} if ids else {})
        for figure in found
    ]
