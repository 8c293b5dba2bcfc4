"""server …: the meeting point, for its operator. Here: preparing it and serving; the rest is in its neighbours."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from tui_app.commands import (
    bundle,
    common,
    server_areas,
    server_keep,
    server_laptops,
    server_look,
    server_pages,
    server_rules,
    server_run,
)
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.commands.server_common import finish, folder_of, shown_place
from tui_app.errors import BadFile
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module and its neighbours."""
    actions = commands.add_parser("server", help=t("cli.help_server")).add_subparsers(
        required=True, metavar="ACTION"
    )
    init = actions.add_parser("init", help=t("cli.help_server_init"))
    common.add_json(init)
    init.add_argument("--citus", action="store_true", help=t("server.help_citus"))
    finish(init, run_init)

    areas = actions.add_parser("areas", help=t("cli.help_server_areas")).add_subparsers(
        required=True, metavar="ACTION"
    )
    load = areas.add_parser(
        "import", help=t("cli.help_server_areas"), description=t("server.about_areas_import")
    )
    load.add_argument("file", type=Path)
    common.add_json(load)
    finish(load, run_areas_import)
    server_areas.add(areas)
    for module in (server_run, server_laptops, server_look, server_keep, server_rules, server_pages):
        module.add(actions)
    bundle.add_server(actions)


def run_init(arguments: Arguments) -> int:
    """Make the database, or bring it up to date."""
    from sync.server import admin

    admin.init(folder_of(arguments), citus=arguments.citus).close()
    if arguments.json:
        put_json({"server": shown_place(arguments)})
    else:
        say("cli.server_ready", folder=shown_place(arguments))
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
    database = admin.init(folder_of(arguments))
    try:
        done = areas_import(database, REGISTRY, lines)
    finally:
        database.close()
    if arguments.json:
        put_json(asdict(done))
        return 4 if done.problems else 0
    for number, word, detail in done.problems:
        put(t("cli.areas_bad_line", line=number, problem=t("server.area_" + word, detail=detail)))
    say("cli.areas_imported", added=done.added, changed=done.changed, same=done.same)
    if done.adopted:
        say("server.areas_adopted", count=done.adopted)
    return 4 if done.problems else 0
