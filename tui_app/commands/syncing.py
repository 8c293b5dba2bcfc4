"""sync: once, what waits, or again and again as long as there is a link."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_moment, to_wire
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import GonhaError
from tui_app.i18n import catalogue, language, t

if TYPE_CHECKING:
    from sync.client import Summary
    from tui_app.services.exchange.syncing import Synced

FIGURES = (
    "pushed",
    "applied",
    "merged",
    "conflicts",
    "held",
    "rejected",
    "pulled",
    "pending",
    "bytes_up",
    "bytes_down",
    "retries",
    "clock",
)


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    sync = commands.add_parser("sync", help=t("cli.help_sync"))
    sync.add_argument("action", nargs="?", choices=("status",), help=t("cli.help_sync_status"))
    sync.add_argument("--watch", action="store_true", help=t("cli.help_watch"))
    common.add_json(sync)
    common.add_login(sync)
    sync.set_defaults(run=run_sync)


def run_sync(arguments: Arguments) -> int:
    """One sync, or what waits for one."""
    if arguments.action == "status":
        return _status(arguments)
    if arguments.watch:
        return _watch(arguments)
    from tui_app.services.exchange import syncing

    try:
        with common.unlocked(arguments) as workspace:
            synced = syncing.sync_now(workspace)
    except GonhaError as error:
        if arguments.json:
            put_json(failed(error))
        raise
    if arguments.json:
        put_json(done(synced))
    tell(synced)
    return 4 if synced.waits_for_person else 0


def _watch(arguments: Arguments) -> int:
    """Sync again and again until SIGINT or SIGTERM; one line for each."""
    from tui_app.services.exchange.watching import watch

    stop = threading.Event()
    kept = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        with common.unlocked(arguments) as workspace:

            def told(what: Synced | GonhaError) -> None:
                at = to_wire(workspace.clock())
                if arguments.json:
                    put_json({"at": at, **(failed(what) if isinstance(what, GonhaError) else done(what))})
                elif isinstance(what, GonhaError):
                    print(f"{show_moment(at)} {what}", file=sys.stderr, flush=True)
                else:
                    summary = what.summary
                    figures = {name: getattr(summary, name) for name in ("pushed", "pulled", "pending")}
                    say("cli.watch_synced", at=show_moment(at), conflicts=what.open_conflicts, **figures)

            if not arguments.json:
                say("cli.watching")
            try:
                watch(workspace, told, stop)
            except GonhaError as error:
                if arguments.json:
                    put_json({"at": to_wire(workspace.clock()), **failed(error)})
                raise
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    return 0


def done(synced: Synced) -> dict[str, Any]:
    """What a sync that came to its end answers to a program."""
    return {
        "ok": True,
        **figures(synced.summary),
        "areas": [asdict(area) for area in synced.summary.areas],
        "seconds": round(synced.seconds, 3),
    }


def failed(error: GonhaError) -> dict[str, Any]:
    """What a sync that stopped answers to a program: why, and what had happened until then."""
    summary = getattr(error.__cause__, "summary", None)
    return {"ok": False, "error": error.key, **({} if summary is None else figures(summary))}


def figures(summary: Summary) -> dict[str, Any]:
    """The numbers of a sync."""
    return {name: getattr(summary, name) for name in FIGURES}


def tell(synced: Synced) -> None:
    """What a sync did, for a person."""
    from tui_app.services.exchange.link import notes

    summary = synced.summary
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
    for note in notes(summary):
        print(note, file=sys.stderr, flush=True)


def _status(arguments: Arguments) -> int:
    from tui_app.services.exchange import syncing

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
                "leases": [asdict(one) for one in state.leases],
                "open_conflicts": state.open_conflicts,
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
    for one in state.leases:
        put("  " + one.words())
    if last is not None:
        put(t("cli.status_last", at=show_moment(last.at), outcome=t("cli.outcome_" + last.outcome)))
    return 0


def _word(subject: str, name: str) -> str:
    """The word for a type; one of a newer version goes by its own name."""
    return catalogue(language(), subject).get(name, name)
