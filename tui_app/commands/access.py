"""access: who opened, exported or was refused which named record, for the station chief."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from tui_app.clock import show_moment
from tui_app.codes import code_word
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.i18n import catalogue, language, t

if TYPE_CHECKING:
    from tui_app.services.access import Entry


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    access = commands.add_parser("access", help=t("cli.help_access"))
    access.add_argument("--record", metavar="ID", help=t("cli.help_access_record"))
    access.add_argument("--date", metavar="D", help=t("cli.help_access_date"))
    common.add_json(access)
    common.add_login(access)
    access.set_defaults(run=run_access)


def run_access(arguments: Arguments) -> int:
    """The journal of access, newest first: of one record, of one day, or its last thousand lines."""
    from tui_app.services import access, gate

    day = common.day_of(arguments.date)
    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        gate.check_chief(c)
        found = access.entries(c, record=arguments.record, day=day)
    for entry in found:
        if arguments.json:
            put_json({name: value for name, value in asdict(entry).items() if value})
        else:
            put(_line(entry))
    if not found and not arguments.json:
        say("gate.access_none")
    return 0


def _line(entry: Entry) -> str:
    what = code_word("what", entry.what)
    if entry.detail:
        what += f" ({code_word('detail', entry.detail)})"
    kind = catalogue(language(), "types").get(entry.record_type, entry.record_type)
    about = " ".join(filter(None, (kind, entry.name, entry.record)))
    return "  ".join(filter(None, (show_moment(entry.at), entry.who, what, about)))
