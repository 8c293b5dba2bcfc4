"""f0: the F0 board as lines, now or as it was known at another moment."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, show_moment, to_wire
from tui_app.codes import code_word
from tui_app.commands import case_words, common
from tui_app.commands.care_arguments import SLOTS, day_of, moment_of
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t
from tui_app.text import decimal

if TYPE_CHECKING:
    from tui_app.services.cases.board import BoardLine

COLUMNS = (
    "standing",
    "full_name",
    "age",
    "day",
    "spo2",
    "temperature_c",
    "respiratory_rate",
    "pulse",
    "last_at",
    "severity_grade",
    "risk_class",
    "followed_by",
    "managed_by",
    "phone",
    "address",
    "unit",
    "why",
    "open_cases",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    f0 = commands.add_parser("f0", help=t("care.help_f0"))
    f0.add_argument("--date", metavar="D", help=t("care.help_date"))
    f0.add_argument("--slot", choices=SLOTS, help=t("care.help_f0_slot"))
    f0.add_argument("--as-of", metavar="MOMENT", help=t("care.help_as_of"))
    f0.add_argument("--out", type=Path, metavar="FILE", help=t("care.help_out"))
    common.add_json(f0)
    common.add_login(f0)
    f0.set_defaults(run=run_f0)


def run_f0(arguments: Arguments) -> int:
    """The board, worst first; exit 4 while an alert on it is unanswered."""
    from tui_app.services.access import gate
    from tui_app.services.cases.board import Standing, board, counts

    if arguments.out is not None and arguments.out.suffix not in (".xlsx", ".csv"):
        raise UserError("care.out_suffix")
    with common.unlocked(arguments) as workspace:
        as_of = _as_of(workspace, arguments)
        with workspace.store.read() as c:
            gate.check_role(c)
            lines = board(c, workspace.clock(), as_of=as_of)
        if arguments.json or arguments.out is not None:
            suffix = arguments.out.suffix[1:] if arguments.out else "ndjson"
            case_words.note_export(workspace, "case", suffix)
        if arguments.out is not None:
            _write(workspace, lines, arguments.out)
        for line in () if arguments.out is not None else lines:
            if arguments.json:
                put_json(case_words.line_json(line))
            else:
                put(_text(workspace, line))
    found = counts(lines)
    if not arguments.json:
        summed = [
            f"{code_word('standing', standing)} {found[standing]}" for standing in Standing if found[standing]
        ]
        say("care.f0_counts", at=show_moment(as_of or workspace.clock()), counts=", ".join(summed) or "0")
        if any(line.open_cases > 1 for line in lines):
            say("care.end_mistaken")
    return 4 if found[Standing.DANGER] else 0


def _as_of(workspace: Workspace, arguments: Arguments) -> datetime | None:
    """The moment that is asked about: the one given, or the end of a half-day or day that has passed; None for now."""
    from tui_app.services.care.half_days import last_moment

    now = workspace.clock()
    if arguments.as_of:
        moment = moment_of(arguments.as_of)
    elif arguments.date or arguments.slot:
        day = day_of(arguments.date) or now.astimezone(VIETNAM).date()
        with workspace.store.read() as c:
            moment = last_moment(c, day, arguments.slot, now)
    else:
        return None
    if moment is not None and moment > now + timedelta(seconds=1):
        raise UserError("care.f0_to_come", moment=show_moment(to_wire(moment)))
    return None if moment == now else moment


def _text(workspace: Workspace, line: BoardLine) -> str:
    cells = _cells(workspace, line)
    short = (
        "standing",
        "full_name",
        "open_cases",
        "age",
        "day",
        "spo2",
        "temperature_c",
        "respiratory_rate",
        "last_at",
        "why",
    )
    said = [decimal(cells[name]) if isinstance(cells[name], float) else cells[name] for name in short]
    return "  ".join(str(one) for one in said if one not in ("", None))


def _write(workspace: Workspace, lines: list[BoardLine], file: Path) -> None:
    from tui_app.services.lists.exporting import grid_csv, grid_xlsx

    say("cli.export_warning")
    header = [t(f"care.column_{name}") for name in COLUMNS]
    rows = [[cells[name] for name in COLUMNS] for cells in (_cells(workspace, line) for line in lines)]
    with common.output(file) as stream:
        (grid_xlsx if file.suffix == ".xlsx" else grid_csv)(header, rows, stream)


def _cells(workspace: Workspace, line: BoardLine) -> dict[str, Any]:
    age = line.age
    years = "?" if age is None else str(age.low) if age.low == age.high else f"{age.low}–{age.high}"
    return {
        "standing": t("care.alert_late") if line.alert_late else code_word("standing", line.standing),
        "full_name": line.full_name,
        "age": years,
        "day": line.day,
        "spo2": " ".join("–" if value is None else str(value) for value in line.spo2),
        "temperature_c": line.temperature_c,
        "respiratory_rate": line.respiratory_rate,
        "pulse": line.pulse,
        "last_at": show_moment(line.last_at) if line.last_at else "",
        "severity_grade": code_word("severity_grade", line.severity_grade),
        "risk_class": code_word("risk_class", line.risk_class),
        "followed_by": line.followed_by,
        "managed_by": line.managed_by,
        "phone": line.phone,
        "address": line.address,
        "unit": line.unit,
        "why": "; ".join(case_words.finding_words(workspace, line.why)),
        "open_cases": t("care.open_cases", count=line.open_cases) if line.open_cases > 1 else "",
    }
