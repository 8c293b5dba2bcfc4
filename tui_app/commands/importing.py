"""import: a ward list or the lines of an export, tried first or taken back."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_moment
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import BadFile
from tui_app.i18n import t

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace
    from tui_app.services.lists.importing import ImportReport


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("import", help=t("cli.help_import"))
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE")
    parser.add_argument("--undo", metavar="ID", help=t("cli.help_undo"))
    parser.add_argument("--dry-run", action="store_true", help=t("cli.help_dry_run"))
    parser.add_argument("--as", dest="kind", choices=("list", "records"), help=t("cli.help_as"))
    parser.add_argument("--map", metavar="FILE|NAME", help=t("sheets.help_map"))
    parser.add_argument("--save-map", metavar="NAME", help=t("sheets.help_save_map"))
    parser.add_argument("--maps", action="store_true", help=t("sheets.help_maps"))
    parser.add_argument("--forget-map", metavar="NAME", help=t("sheets.help_forget_map"))
    parser.add_argument("--area", metavar="UNIT", help=t("cli.help_area"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)


def run(arguments: Arguments) -> int:
    """Import, try, or undo. Exit 4 when rows were skipped: they wait for a person."""
    from tui_app.services.lists import column_maps, import_batches, importing

    if sum(map(bool, (arguments.file, arguments.undo, arguments.maps, arguments.forget_map))) != 1:
        raise BadFile("cli.import_file_or_undo")
    with common.unlocked(arguments) as workspace:
        if arguments.maps or arguments.forget_map:
            return _maps(workspace, arguments)
        if arguments.undo:
            undone = import_batches.undo_import(workspace, arguments.undo)
            if arguments.json:
                put_json({"undone": arguments.undo, "removed": undone.removed, "kept": undone.kept})
            say("cli.undone", removed=undone.removed, kept=undone.kept)
            return 4 if undone.kept else 0
        kind = arguments.kind or ("records" if arguments.file.suffix == ".ndjson" else "list")
        if kind == "records":
            report = importing.import_records(workspace, arguments.file, dry_run=arguments.dry_run)
        else:
            with workspace.store.read() as c:
                mapping = column_maps.meaning(c, arguments.map) if arguments.map else None
            with common.progress_bar("sheets") as progress:
                report = importing.import_list(
                    workspace,
                    arguments.file,
                    mapping=mapping,
                    area=arguments.area,
                    dry_run=arguments.dry_run,
                    progress=progress,
                )
            if arguments.save_map:
                count = column_maps.keep(
                    workspace.store, workspace.user, arguments.save_map, report.plan.columns
                )
                say("sheets.map_kept", name=arguments.save_map, count=count)
    if arguments.json:
        put_json(as_json(report))
    else:
        _print(report, arguments.dry_run)
        total = _total_of_records if kind == "records" else _total
        put(total(report, arguments.dry_run))
    if report.batch and kind == "records":
        say("cli.imported_records", count=report.records, batch=report.batch)
    elif report.batch:
        say(
            "cli.imported",
            households=report.households,
            persons=report.persons,
            skipped=len(report.bad_rows),
            batch=report.batch,
        )
    return 4 if report.bad_rows else 0


def _maps(workspace: Workspace, arguments: Arguments) -> int:
    """List the kept mappings, or forget one."""
    from tui_app.services.lists import column_maps

    if arguments.forget_map:
        column_maps.forget(workspace.store, arguments.forget_map)
        say("sheets.map_forgotten", name=arguments.forget_map)
        return 0
    with workspace.store.read() as c:
        found = column_maps.kept(c)
    for one in found:
        if arguments.json:
            put_json({"name": one.name, "at": one.at, "who": one.who, "columns": one.titles})
        else:
            put(
                t(
                    "sheets.map_line",
                    name=one.name,
                    at=show_moment(one.at),
                    who=one.who,
                    count=len(one.titles),
                )
            )
    if not found and not arguments.json:
        say("sheets.no_maps")
    return 0


def as_json(report: ImportReport) -> dict[str, Any]:
    """The report as one object; cells are named, their content is not repeated."""
    return {
        "id": report.batch or None,
        "households": report.households,
        "households_met": report.households_met,
        "persons": report.persons,
        "already_here": len(report.already_here),
        "records": report.records,
        "types": report.types,
        "bad_rows": [
            {"sheet": b.sheet, "row": b.row, "cell": b.cell, "key": b.problem.key, "problem": str(b.problem)}
            for b in report.bad_rows
        ],
        "warnings": [
            {
                "row": person.row,
                "cell": remark.cell,
                "key": remark.problem.key,
                "problem": str(remark.problem),
            }
            for person, remark in report.plan.warnings
        ],
        "duplicates": [
            {"row": pair.second.row, "reason": t(pair.reason), "score": pair.score}
            for pair in report.likenesses
        ],
        "converted": [
            {"sheet": one.sheet, "column": one.column, "font": one.font} for one in report.plan.conversions
        ],
        "columns": [
            {"sheet": column.sheet, "column": column.column, "title": column.title, "field": column.kind}
            for column in report.plan.columns
        ],
    }


def _print(report: ImportReport, dry_run: bool) -> None:
    plan = report.plan
    for sheet, rows in plan.header_rows.items():
        put(t("cli.header_found", sheet=sheet, rows=", ".join(map(str, rows))))
    for column in plan.columns:
        target = t("columns." + column.kind) if column.kind else t("cli.column_to_note")
        put(f"  {column.column:>3}  {column.title}  →  {target}")
    for one in plan.conversions:
        pairs = "; ".join(f"{was} → {now}" for was, now in one.samples) if dry_run else ""
        words = t("sheets.converted", sheet=one.sheet, column=one.column, font=one.font)
        put(f"{words} {pairs}".rstrip())
    if dry_run:
        for household in plan.households:
            for person in household.persons:
                name = person.fields.get("full_name", "")
                put(t("cli.would_add", row=person.row, name=name, address=household.address or "?"))
    for bad in report.bad_rows:
        put(
            t("cli.skipped_row", sheet=bad.sheet, row=bad.row, cell=bad.cell or "-", problem=str(bad.problem))
        )
    for person, remark in plan.warnings:
        put(t("cli.warned_row", row=person.row, cell=remark.cell, problem=str(remark.problem)))
    for pair in report.likenesses:
        put(t("cli.duplicate_row", row=pair.second.row, reason=t(pair.reason), score=pair.score))
    if report.already_here:
        put(t("cli.already_here", count=len(report.already_here)))


def _total(report: ImportReport, dry_run: bool) -> str:
    """What a ward list came to."""
    return t(
        "cli.would_import" if dry_run else "cli.import_total",
        households=report.households,
        met=report.households_met,
        persons=report.persons,
        skipped=len(report.bad_rows),
    )


def _total_of_records(report: ImportReport, dry_run: bool) -> str:
    """What the lines of an export came to, type by type."""
    from tui_app.services.people.values import type_word

    types = ", ".join(f"{count} {type_word(name)}" for name, count in report.types.items())
    return t(
        "cli.would_import_records" if dry_run else "cli.import_total_records",
        count=report.records,
        types=f" ({types})" if types else "",
        skipped=len(report.bad_rows),
    )
