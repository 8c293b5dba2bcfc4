"""The roster to take along: for each team what there is to do, door by door in walking order, with room for the result.
A4 PDF to sign, spreadsheet or CSV. No condition of anybody is on it."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import groupby

from tui_app.bootstrap import Workspace
from tui_app.clock import from_wire, show_date, show_moment, to_wire, today
from tui_app.i18n import t
from tui_app.papers import pdf, sheets, words
from tui_app.papers.letterhead import Letterhead, station_head
from tui_app.papers.sheets import Column, write_table
from tui_app.papers.table import Column as PaperColumn
from tui_app.papers.table import Table
from tui_app.rules.rule_set import RuleSets
from tui_app.services.access.access import log_export
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.roster import words as said
from tui_app.services.roster.lines import RosterLine, by_walk
from tui_app.services.roster.roster import name_heads, roster
from tui_app.services.station.units import held
from tui_app.text import fold, natural_key, place_words

FORMATS = ("pdf", *sheets.FORMATS)
KIND = "roster"
_SIZE, _TALL = 9.5, 8.5  # points, mm: room to write by hand


def write_roster(
    workspace: Workspace,
    file_format: str,
    *,
    to: str | None = None,
    day: date | None = None,
    slot: str | None = None,
) -> bytes:
    """What is to be done on a day (today) as pdf, xlsx or csv, a sheet a team; ``to``: of this person or team only,
    empty for what nobody has. That it was made is noted first in each unit it takes. Raises NotOpened for a viewer.
    """
    now, on = workspace.clock(), day or today(workspace.clock)
    with workspace.store.read() as c:
        lines = [line for line in by_walk(roster(c, now, slot, on)) if not line.done]
        if to is not None:
            lines = [line for line in lines if fold(line.to) == fold(to)]
        name_heads(c, lines)
        units = [unit for unit in held(c) if unit.id in {line.area for line in lines}]
        head = station_head(c, today(workspace.clock))
        sets = rule_sets(c)
    with workspace.store.write() as c:
        log_export(c, workspace.user, to_wire(now), units, "assignment", KIND)
    title = t("roster.paper_title", day=show_date(on), slot=t(f"roster.slot_{slot}") if slot else "").strip()
    if file_format == "pdf":
        return _pdf(head, title, lines, sets, now)
    out = io.BytesIO()
    rows = [_row(number, line, sets) for number, line in enumerate(lines, 1)]
    notes = [t("roster.paper_made", at=show_moment(now), who=workspace.user, count=len(lines))]
    write_table(out, file_format, title=title, heading=head, columns=_columns(), rows=rows, notes=notes)
    return out.getvalue()


def _pdf(head: Letterhead, title: str, lines: Iterable[RosterLine], sets: RuleSets, now: datetime) -> bytes:
    """A team begins on a page of its own, so that each takes its sheets and nobody another's."""
    paper, remark = pdf.Paper(title, now), t("roster.paper_remark", at=words.moment_words(now))
    teams: dict[str, list[RosterLine]] = {}
    for line in lines:
        teams.setdefault(line.to, []).append(line)
    in_order = sorted(teams.items(), key=lambda one: (not one[0], natural_key(one[0])))
    for number, (team, of) in enumerate(in_order):
        if number:
            paper.new_page()
        paper.remark(f"{_team(team)} · {remark}")  # whose a loose sheet is
        _sheet(paper, head, title, team, of, sets)
    if not teams:
        paper.remark(remark)
        _sheet(paper, head, title, "", [], sets)
    return paper.write()


def _sheet(
    paper: pdf.Paper, head: Letterhead, title: str, team: str, lines: Sequence[RosterLine], sets: RuleSets
) -> None:
    paper.heading(head)
    doors = len({line.household for line in lines})
    counts = t("roster.paper_counts", count=len(lines), doors=doors)
    paper.title(title, f"{_team(team)} · {counts}")
    if not lines:
        paper.line(t("roster.paper_empty"))
        return
    columns = [
        PaperColumn(t("roster.column_number"), 5, "C"),
        PaperColumn(t("roster.paper_where"), 24),
        PaperColumn(t("roster.column_full_name"), 25),
        PaperColumn(t("roster.paper_what"), 42),
        PaperColumn(t("roster.column_result"), 26),
    ]
    paper.table(
        Table(columns, list(_printed(lines, sets)), size=_SIZE, tall=_TALL, carried=1), keep=pdf.SIGNATURES
    )
    paper.signatures((t("roster.sign_team"), t("papers.sign_chief")))


def _team(name: str) -> str:
    return name or t("roster.paper_nobody")


def _printed(lines: Sequence[RosterLine], sets: RuleSets) -> Iterable[Sequence[str]]:
    """A heading an alley, then a line a task; the door stands at its first line only."""
    number = 0
    for (unit, alley), of in groupby(lines, key=lambda line: (line.unit, line.alley)):
        yield [place_words(unit, alley or t("roster.paper_no_alley"))]
        for _, at_door in groupby(of, key=lambda line: line.household):
            for place, line in enumerate(at_door):
                number += 1
                where = "" if place else "\n".join(filter(None, (line.address or "?", line.code)))
                phone = words.phone_words(line.number) if line.number else ""
                who = "\n".join(filter(None, (said.name_words(line), phone)))
                urgent = "" if line.state == "due" else f"{said.state_word(line)}. "
                what = f"{urgent}{said.task_word(line).capitalize()}: {said.short_words(sets, line)}"
                yield [str(number), where, who, what, ""]


def _columns() -> list[Column]:
    return [
        Column(t("roster.column_number"), "number", 5),
        Column(t("roster.column_unit"), "text", 14),
        Column(t("roster.column_alley"), "text", 14),
        Column(t("roster.column_address"), "text", 20),
        Column(t("roster.column_code"), "text", 8),
        Column(t("roster.column_full_name"), "text", 22),
        Column(t("roster.column_phone"), "text", 14),
        Column(t("roster.column_state"), "text", 12),
        Column(t("roster.column_task"), "text", 14),
        Column(t("roster.column_why"), "text", 40),
        Column(t("roster.column_since"), "moment", 16),
        Column(t("roster.column_to"), "text", 14),
    ]


def _row(number: int, line: RosterLine, sets: RuleSets) -> list[object]:
    return [
        number,
        line.unit,
        line.alley,
        line.address,
        line.code,
        said.name_words(line),
        words.phone_words(line.number) if line.number else "",
        said.state_word(line),
        said.task_word(line),
        said.short_words(sets, line),
        _since(line.since),
        line.to,
    ]


def _since(since: str) -> date | datetime | None:
    """An ISO day or wire moment as a value."""
    if not since:
        return None
    return from_wire(since) if "T" in since else date.fromisoformat(since)
