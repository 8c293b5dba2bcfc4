"""export, conflicts: records going out, and those whose values met."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tui_app.clock import show_moment
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.i18n import catalogue, language, t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    export = commands.add_parser("export", help=t("cli.help_export"))
    export.add_argument("--type", metavar="T")
    export.add_argument("--format", choices=("ndjson", "csv", "xlsx"), default="ndjson")
    export.add_argument("--out", type=Path, metavar="FILE")
    common.add_login(export)
    export.set_defaults(run=run_export)

    conflicts = commands.add_parser("conflicts", help=t("cli.help_conflicts"))
    common.add_json(conflicts)
    common.add_login(conflicts)
    conflicts.set_defaults(run=run_conflicts)


def run_export(arguments: Arguments) -> int:
    """Records to a file or stdout; warns that they name people. Locked units are left out and named: exit 4."""
    from tui_app.services import exporting, gate

    with common.unlocked(arguments) as workspace:
        say("cli.export_warning")
        with common.output(arguments.out) as stream:
            written = exporting.export(workspace, arguments.type, arguments.format, stream)
        with workspace.store.read() as c:
            locked = gate.locked(c)
    say("cli.exported", count=written)
    if locked:
        say("gate.export_left_out", units=", ".join(unit.name for unit in locked))
    return 4 if locked else 0


def run_conflicts(arguments: Arguments) -> int:
    """Every field whose values met: open ones, and plain ones that settled by themselves."""
    from tui_app.services import gate, syncing

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        gate.check_role(c)
        lines = syncing.conflicts(c)
    for line in lines:
        if arguments.json:
            put_json(
                {
                    "id": line.id,
                    "type": line.type,
                    "record": line.record,
                    "field": line.field,
                    "state": line.state,
                    "values": [asdict(value) for value in line.values],
                }
            )
        else:
            put(
                t(
                    "cli.conflict",
                    field=_word("fields", line.field),
                    type=_word("types", line.type),
                    id=line.record,
                )
            )
            put("  " + t("cli.conflict_" + line.state))
            for value in line.values:
                put(f"  - {_shown(value.value)}  ({value.who}, {value.at and show_moment(value.at)})")
    if not arguments.json and not lines:
        say("cli.no_conflicts")
    return 4 if any(line.state == "open" for line in lines) else 0


def _shown(value: Any) -> str:
    return t("cli.empty_value") if value is None else str(value)


def _word(subject: str, name: str) -> str:
    """The word for a field or type; one of a newer version goes by its own name."""
    return catalogue(language(), subject).get(name, name)
