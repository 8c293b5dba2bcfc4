"""export: records going out."""

from __future__ import annotations

import argparse
from pathlib import Path

from tui_app.commands import common
from tui_app.commands.common import Arguments, say
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    export = commands.add_parser("export", help=t("cli.help_export"))
    export.add_argument("--type", metavar="T")
    export.add_argument("--format", choices=("ndjson", "csv", "xlsx", "fhir"), default="ndjson")
    export.add_argument("--out", type=Path, metavar="FILE")
    common.add_login(export)
    export.set_defaults(run=run_export)


def run_export(arguments: Arguments) -> int:
    """Records to a file or stdout; warns that they name people. Locked units are left out and named: exit 4."""
    from tui_app.papers.record_sheets import write_records
    from tui_app.services.access import gate
    from tui_app.services.lists import exporting

    with common.unlocked(arguments) as workspace:
        say("cli.export_warning")
        with common.output(arguments.out) as stream:
            if arguments.format == "xlsx":
                written = write_records(workspace, arguments.type, stream)
            else:
                written = exporting.export(workspace, arguments.type, arguments.format, stream)
        with workspace.store.read() as c:
            locked = gate.locked(c)
    say("cli.exported", count=written)
    if locked:
        say("gate.export_left_out", units=", ".join(unit.name for unit in locked))
    return 4 if locked else 0
