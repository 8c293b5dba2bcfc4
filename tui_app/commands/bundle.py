"""bundle out, bundle in: a sync by USB stick, on the laptop and (server bundle …) at the server."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tui_app.clock import show_moment
from tui_app.commands import common
from tui_app.commands.common import Arguments, put_json, say
from tui_app.i18n import t

if TYPE_CHECKING:
    from sync.server.bundles import Taken


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    actions = commands.add_parser("bundle", help=t("bundle.help_bundle")).add_subparsers(
        required=True, metavar="ACTION"
    )
    for name, run in (("out", run_out), ("in", run_in)):
        action = actions.add_parser(name, help=t(f"bundle.help_{name}"))
        action.add_argument("file", type=Path, metavar="FILE", help=t("bundle.help_file"))
        common.add_json(action)
        common.add_login(action)
        action.set_defaults(run=run)


def run_out(arguments: Arguments) -> int:
    """What waits, into a file for the server."""
    from tui_app.services.exchange import bundles

    with common.unlocked(arguments) as workspace:
        written = bundles.write_out(workspace, arguments.file)
    if arguments.json:
        put_json(
            {
                "ok": True,
                "file": str(written.path),
                "bundle": written.bundle,
                "ops": written.ops,
                "left": written.left,
                "bytes": written.size,
                "expires": written.expires,
            }
        )
    for line in bundles.written_words(written):
        common.tell(line)
    return 0


def run_in(arguments: Arguments) -> int:
    """The server's answer, into the records."""
    from tui_app.services.exchange import bundles

    with common.unlocked(arguments) as workspace:
        brought = bundles.take_in(workspace, arguments.file)
    summary = brought.synced.summary
    if arguments.json:
        names = ("pushed", "applied", "merged", "conflicts", "held", "rejected", "pulled", "pending")
        put_json(
            {
                "ok": True,
                **{name: getattr(summary, name) for name in names},
                "made": brought.made,
                "again": brought.again or None,
                "another_round": brought.another_round,
                "seconds": round(brought.synced.seconds, 3),
            }
        )
    for line in bundles.brought_words(brought):
        common.tell(line)
    return 4 if brought.synced.waits_for_person or brought.another_round else 0


def add_server(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """``server bundle in`` and ``server bundle out``."""
    from tui_app.commands.server_common import finish

    files = actions.add_parser("bundle", help=t("bundle.help_server_bundle")).add_subparsers(
        required=True, metavar="ACTION"
    )
    take = files.add_parser("in", help=t("bundle.help_server_in"))
    take.add_argument("file", type=Path, metavar="FILE", help=t("bundle.help_file"))
    take.add_argument("--out", type=Path, required=True, metavar="ANSWER", help=t("bundle.help_answer"))
    common.add_json(take)
    finish(take, run_server_in)

    give = files.add_parser("out", help=t("bundle.help_server_out"))
    give.add_argument("device")
    give.add_argument("file", type=Path, metavar="FILE", help=t("bundle.help_file"))
    common.add_json(give)
    finish(give, run_server_out)


def run_server_in(arguments: Arguments) -> int:
    """A laptop's file in, its answer out."""
    from sync.bundle import BundleError
    from sync.server import bundles
    from sync.server.scrubbing import clean_up
    from tui_app.commands.server_common import now, opened
    from tui_app.records import REGISTRY
    from tui_app.services.exchange import bundle_files

    content = bundle_files.read(arguments.file)
    answer = bundle_files.target(arguments.out, f"{arguments.file.stem}-answer.gonha")
    with opened(arguments) as database:
        try:
            taken = bundles.take(database, REGISTRY, content, now=now())
        except BundleError as error:
            raise bundle_files.refused(error, "server") from error
        clean_up(database, REGISTRY)
    bundle_files.write(answer, taken.answer, "server")
    if arguments.json:
        _put_taken(taken, answer)
    if taken.again:
        say("bundle.server_took_again", at=show_moment(taken.again))
    results = ", ".join(f"{name} {count}" for name, count in sorted(taken.results.items())) or "0"
    say(
        "bundle.server_took",
        ops=sum(taken.results.values()),
        device=taken.device,
        user=taken.user,
        results=results,
        file=str(answer),
        rows=taken.rows,
    )
    if taken.more:
        say("bundle.server_more")
    if taken.postponed:
        say("bundle.server_postponed", count=taken.postponed)
    if taken.clock != "ok":
        say("bundle.server_clock")
    return 0


def run_server_out(arguments: Arguments) -> int:
    """Everything a laptop's areas hold, in a file for it."""
    from sync.bundle import BundleError
    from sync.server import bundles
    from tui_app.commands.server_common import now, opened
    from tui_app.services.exchange import bundle_files

    written = bundle_files.target(arguments.file, f"gonha-{arguments.device[-8:]}.gonha")
    with opened(arguments) as database:
        try:
            taken = bundles.give(database, arguments.device, now=now())
        except BundleError as error:
            raise bundle_files.refused(error, "server") from error
    bundle_files.write(written, taken.answer, "server")
    if arguments.json:
        _put_taken(taken, written)
    say("bundle.server_gave", rows=taken.rows, device=taken.device, user=taken.user, file=str(written))
    if taken.more:
        say("bundle.server_more")
    return 0


def _put_taken(taken: Taken, written: Path) -> None:
    put_json(
        {
            "ok": True,
            "file": str(written),
            "device": taken.device,
            "user": taken.user,
            "bundle": taken.bundle or None,
            "results": taken.results,
            "rows": taken.rows,
            "bytes": len(taken.answer),
            "again": taken.again or None,
            "more": taken.more,
            "postponed": taken.postponed,
            "clock": taken.clock,
        }
    )
