"""vaccination reconcile: a list from the national system beside what is recorded here; accepted row by row."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t

ALL = "all"


def add(actions: Any) -> None:
    """Declare ``reconcile``."""
    parser: argparse.ArgumentParser = actions.add_parser("reconcile", help=t("reconcile.help"))
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument("--map", type=Path, metavar="FILE", help=t("sheets.help_map_file"))
    parser.add_argument("--accept", metavar="ROWS", help=t("reconcile.help_accept"))
    parser.add_argument(
        "--choose", action="append", default=[], metavar="ROW=PERSON", help=t("reconcile.help_choose")
    )
    parser.add_argument("--dry-run", action="store_true", help=t("cli.help_dry_run"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=_run)


def _run(arguments: Arguments) -> int:
    """Exit 4 while rows wait for a person."""
    from tui_app.services.judging.rule_sets import rule_sets
    from tui_app.services.vaccination import reconciling
    from tui_app.services.vaccination.reconcile_words import reconciliation_json

    with common.unlocked(arguments) as workspace:
        chosen = _chosen(workspace, arguments.choose)
        found = reconciling.reconcile(workspace, arguments.file, mapping=arguments.map, chosen=chosen)
        rows = _rows(arguments.accept, found)
        accepted = None
        if rows and not arguments.dry_run:
            accepted = reconciling.accept(workspace, found, rows)
        with workspace.store.read() as c:
            sets = rule_sets(c)
    waits = [
        one
        for one in found.rows
        if one.state in ("ambiguous", "only_there")
        or (one.to_write and (accepted is None or one.key not in rows))
    ]
    if arguments.json:
        answer = reconciliation_json(found)
        answer["accepted"] = rows if accepted else []
        answer["batch"] = accepted.batch if accepted else None
        put_json(answer)
    else:
        _print(sets, found)
        if accepted is not None:
            say("reconcile.accepted", added=accepted.added, changed=accepted.changed, batch=accepted.batch)
        elif not arguments.accept or arguments.dry_run:
            say("reconcile.nothing_written")
    return 4 if waits or found.listed.bad_rows else 0


def _print(sets: Any, found: Any) -> None:
    from tui_app.services.vaccination.reconcile_words import row_lines, short_words
    from tui_app.services.vaccination.reconciling import STATES

    for column, title, kind in found.listed.columns:
        target = t(f"reconcile.field_{kind}") if kind else t("reconcile.column_unused")
        put(f"  {column:>3}  {title}  →  {target}")
    for state in STATES:
        rows = found.of(state)
        put(t("reconcile.section", state=t(f"reconcile.tab_{state}"), count=len(rows)))
        if state == "matched":
            continue
        for one in rows:
            put(f"  {one.row or '-':>4}  {one.full_name}  {one.birth}  {short_words(one)}")
            for line in row_lines(sets, one):
                put(f"        {line}")
    for bad in found.listed.bad_rows:
        put(
            t("cli.skipped_row", sheet=bad.sheet, row=bad.row, cell=bad.cell or "-", problem=str(bad.problem))
        )


def _rows(typed: str | None, found: Any) -> list[str]:
    """The rows to accept: those named, or all that have something to write."""
    if not typed:
        return []
    if typed == ALL:
        return [one.key for one in found.of("differing") if one.to_write]
    return [one.strip() for one in typed.split(",") if one.strip()]


def _chosen(workspace: Any, pairs: list[str]) -> dict[str, str]:
    from tui_app.commands.care_arguments import whole_id

    chosen = {}
    for pair in pairs:
        row, sign, person = pair.partition("=")
        if not sign:
            raise UserError("reconcile.bad_choice", given=pair)
        chosen[row.strip()] = whole_id(workspace, "person", person.strip())
    return chosen
