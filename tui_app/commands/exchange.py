"""import, export, sync, conflicts: records coming and going."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tui_app.clock import show_moment
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import GonhaError
from tui_app.i18n import catalogue, language, t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    export = commands.add_parser("export", help=t("cli.help_export"))
    export.add_argument("--type", metavar="T")
    export.add_argument("--format", choices=("ndjson", "csv", "xlsx"), default="ndjson")
    export.add_argument("--out", type=Path, metavar="FILE")
    common.add_login(export)
    export.set_defaults(run=run_export)

    sync = commands.add_parser("sync", help=t("cli.help_sync"))
    sync.add_argument("action", nargs="?", choices=("status",), help=t("cli.help_sync_status"))
    common.add_json(sync)
    common.add_login(sync)
    sync.set_defaults(run=run_sync)

    conflicts = commands.add_parser("conflicts", help=t("cli.help_conflicts"))
    common.add_json(conflicts)
    common.add_login(conflicts)
    conflicts.set_defaults(run=run_conflicts)


def run_export(arguments: Arguments) -> int:
    """Records to a file or stdout; warns that they name people."""
    from tui_app.services import exporting

    with common.unlocked(arguments) as workspace:
        say("cli.export_warning")
        with common.output(arguments.out) as stream:
            written = exporting.export(workspace, arguments.type, arguments.format, stream)
    say("cli.exported", count=written)
    return 0


def run_sync(arguments: Arguments) -> int:
    """One sync, or what waits for one."""
    if arguments.action == "status":
        return _status(arguments)
    from tui_app.services import syncing

    try:
        with common.unlocked(arguments) as workspace:
            synced = syncing.sync_now(workspace)
    except GonhaError as error:
        if arguments.json:
            done = {name: error.params[name] for name in ("pushed", "pending") if name in error.params}
            put_json({"ok": False, "error": error.key, **done})
        raise
    summary = synced.summary
    if arguments.json:
        names = (
            "pushed",
            "applied",
            "merged",
            "held",
            "rejected",
            "pulled",
            "pending",
            "bytes_up",
            "bytes_down",
        )
        put_json(
            {
                "ok": True,
                **{name: getattr(summary, name) for name in names},
                "conflicts": summary.conflicts,
                "areas": [asdict(area) for area in summary.areas],
                "seconds": round(synced.seconds, 3),
            }
        )
    say(
        "cli.synced",
        pushed=summary.pushed,
        pulled=summary.pulled,
        pending=summary.pending,
        conflicts=synced.open_conflicts,
        stopped=summary.held + summary.rejected,
    )
    if summary.mismatched:
        say("cli.mismatched", count=len(summary.mismatched))
    return 4 if synced.waits_for_person else 0


def _status(arguments: Arguments) -> int:
    from tui_app.services import syncing

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        state = syncing.sync_state(c)
    waiting = sum(state.waiting_by_type.values())
    last = state.sessions[0] if state.sessions else None
    if arguments.json:
        put_json(
            {
                "server": state.server,
                "waiting": waiting,
                "waiting_by_type": state.waiting_by_type,
                "waiting_access": state.waiting_notes,
                "held": state.counts["held"],
                "rejected": state.counts["rejected"],
                "open_conflicts": sum(line.state == "open" for line in state.conflicts),
                "last": None if last is None else {"at": last.at, "outcome": last.outcome, **last.figures},
            }
        )
        return 0
    put(t("cli.status_server", server=state.server or t("cli.status_local")))
    put(t("cli.status_waiting", count=waiting))
    for type_name, count in sorted(state.waiting_by_type.items()):
        put(f"  {_word('types', type_name)}: {count}")
    if state.waiting_notes:
        put(t("cli.status_notes", count=state.waiting_notes))
    put(t("cli.status_stopped", held=state.counts["held"], rejected=state.counts["rejected"]))
    if last is not None:
        put(t("cli.status_last", at=show_moment(last.at), outcome=t("cli.outcome_" + last.outcome)))
    return 0


def run_conflicts(arguments: Arguments) -> int:
    """Every field whose values met: open ones, and plain ones that settled by themselves."""
    from tui_app.services import syncing

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
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
