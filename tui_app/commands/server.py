"""server …: the meeting point, for its operator."""

from __future__ import annotations

import argparse
import logging
import sys
from dataclasses import asdict
from pathlib import Path

from tui_app.clock import show_moment
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import BadFile, GonhaError
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    actions = commands.add_parser("server", help=t("cli.help_server")).add_subparsers(
        required=True, metavar="ACTION"
    )
    init = actions.add_parser("init", help=t("cli.help_server_init"))
    _finish(init, run_init)

    areas = actions.add_parser("areas", help=t("cli.help_server_areas")).add_subparsers(
        required=True, metavar="ACTION"
    )
    load = areas.add_parser("import", help=t("cli.help_server_areas"))
    load.add_argument("file", type=Path)
    _finish(load, run_areas_import)

    invite = actions.add_parser("invite", help=t("cli.help_server_invite"))
    invite.add_argument("--user", required=True, metavar="NAME")
    invite.add_argument("--role", required=True, choices=("member", "chief", "viewer"))
    invite.add_argument("--areas", required=True, help=t("cli.help_areas"))
    common.add_json(invite)
    _finish(invite, run_invite)

    serve = actions.add_parser("run", help=t("cli.help_server_run"))
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8020)
    serve.add_argument("--certificate", type=Path, metavar="FILE")
    serve.add_argument("--key", type=Path, metavar="FILE")
    _finish(serve, run_serve)

    devices = actions.add_parser("devices", help=t("cli.help_server_devices"))
    common.add_json(devices)
    _finish(devices, run_devices)
    revoke = actions.add_parser("revoke", help=t("cli.help_server_revoke"))
    revoke.add_argument("device")
    _finish(revoke, run_revoke)


def _finish(parser: argparse.ArgumentParser, run: object) -> None:
    parser.add_argument("--dir", type=Path, default=None, help=t("cli.help_dir"))
    parser.add_argument("--database", metavar="URL")
    parser.set_defaults(run=lambda arguments: _told(run, arguments))


def _told(run: object, arguments: Arguments) -> int:
    from sync.server.problems import AdminError

    assert callable(run)
    try:
        return int(run(arguments))
    except AdminError as error:
        raise GonhaError(f"server.{error.code}", **error.params) from error
    except ModuleNotFoundError as error:
        raise GonhaError("server.extra_missing", module=error.name) from error


def _place(arguments: Arguments) -> Path | str:
    return arguments.database or arguments.dir or common.places().home / "server"


def run_init(arguments: Arguments) -> int:
    """Make the database, or bring it up to date."""
    from sync.server import admin

    admin.init(_place(arguments)).close()
    say("cli.server_ready", folder=_place(arguments))
    return 0


def run_areas_import(arguments: Arguments) -> int:
    """Communes and units from CSV; lines that cannot be used are listed and skipped."""
    from sync.server import admin
    from sync.server.areas import areas_import
    from tui_app.records import REGISTRY

    try:
        lines = arguments.file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile("cli.cannot_read", file=str(arguments.file), reason=type(error).__name__) from error
    database = admin.init(_place(arguments))
    try:
        done = areas_import(database, REGISTRY, lines)
    finally:
        database.close()
    for number, word, detail in done.problems:
        put(t("cli.areas_bad_line", line=number, problem=t("server.area_" + word, detail=detail)))
    say("cli.areas_imported", added=done.added, changed=done.changed, same=done.same)
    return 4 if done.problems else 0


def run_invite(arguments: Arguments) -> int:
    """A one-time code."""
    from sync.server import admin

    database = admin.open_database(_place(arguments))
    try:
        invite = admin.invite(database, arguments.user, arguments.role, arguments.areas)
    finally:
        database.close()
    if arguments.json:
        put_json(asdict(invite))
    else:
        put(t("cli.invited", user=invite.user, expires=show_moment(invite.expires), code=invite.code))
    return 0


def run_serve(arguments: Arguments) -> int:
    """Serve until told to stop."""
    from sync.server import admin
    from sync.server.run import run as serve
    from tui_app.records import REGISTRY

    log = logging.getLogger(
        "gonha.server"
    )  # a line a request on stderr: device, route and counts, never a person
    log.addHandler(logging.StreamHandler(sys.stderr))
    log.setLevel(logging.INFO)
    database = admin.init(_place(arguments))
    try:
        serve(
            database,
            REGISTRY,
            arguments.host,
            arguments.port,
            certificate=arguments.certificate,
            key=arguments.key,
            on_ready=lambda url, stop: say("cli.serving", url=url),
        )
    finally:
        database.close()
    return 0


def run_devices(arguments: Arguments) -> int:
    """Every laptop that was ever enrolled."""
    from sync.server import admin

    database = admin.open_database(_place(arguments))
    try:
        devices = admin.devices(database)
    finally:
        database.close()
    for device in devices:
        if arguments.json:
            put_json(asdict(device))
        else:
            put(
                "\t".join(
                    (device.id, device.user, device.role, show_moment(device.seen), device.revoked or "")
                )
            )
    return 0


def run_revoke(arguments: Arguments) -> int:
    """Take a lost laptop out of service."""
    from sync.server import admin

    database = admin.open_database(_place(arguments))
    try:
        admin.revoke(database, arguments.device)
    finally:
        database.close()
    say("cli.revoked", device=arguments.device)
    return 0
