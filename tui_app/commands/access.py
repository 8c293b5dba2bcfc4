"""access: who opened, exported or was refused which named record, for the station chief."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from tui_app.clock import show_date, show_moment, today
from tui_app.codes import code_word
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.i18n import catalogue, language, t

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace
    from tui_app.services.access.access import Entry, Wanted

WHATS = ("open", "search_identity", "unmask", "permit", "export", "refused", "merge")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    access = commands.add_parser("access", help=t("cli.help_access"))
    access.add_argument("action", nargs="?", choices=("list",), default="list", help=argparse.SUPPRESS)
    access.add_argument("--record", metavar="ID", help=t("cli.help_access_record"))
    access.add_argument("--date", metavar="D", help=t("cli.help_access_date"))
    access.add_argument("--from", dest="first", metavar="D", help=t("cli.help_access_from"))
    access.add_argument("--to", dest="last", metavar="D", help=t("cli.help_access_to"))
    access.add_argument("--who", metavar="NAME", default="", help=t("cli.help_access_who"))
    access.add_argument("--what", choices=WHATS, default="", help=t("cli.help_access_what"))
    access.add_argument("--out", type=Path, metavar="FILE", help=t("cli.help_access_out"))
    common.add_json(access)
    common.add_login(access)
    access.set_defaults(run=run_access)


def run_access(arguments: Arguments) -> int:
    """The journal of access, newest first: its last thousand lines, or those asked for; to a file all of them. That it
    was read is noted."""
    from tui_app.services.access import access, gate
    from tui_app.services.judging.rule_sets import rule_sets
    from tui_app.services.requests import retention

    day = common.day_of(arguments.date)
    first, last = day or common.day_of(arguments.first), day or common.day_of(arguments.last)
    wanted = access.Wanted(arguments.record, arguments.who, arguments.what, first, last)
    with common.unlocked(arguments) as workspace:
        if arguments.out is not None:
            return _to_file(arguments, workspace, wanted)
        with workspace.store.read() as c:
            gate.check_chief(c)
            found = access.entries(c, wanted)
            kept = retention.journal_kept(rule_sets(c), today(workspace.clock), today(workspace.clock))
        access.note_journal_read(workspace.store, workspace.user)
    for entry in found:
        if arguments.json:
            put_json({name: value for name, value in asdict(entry).items() if value})
        else:
            put(_line(entry))
    if not found and not arguments.json:
        say("gate.access_none")
    if kept is not None and not arguments.json:
        say("requests.journal_kept", words=kept.words, document=kept.document, on=show_date(kept.until))
    return 0


def _to_file(arguments: Arguments, workspace: Workspace, wanted: Wanted) -> int:
    from tui_app.papers.access_sheet import write_journal

    with common.output(arguments.out) as stream:
        count = write_journal(workspace, wanted, "xlsx" if arguments.out.suffix == ".xlsx" else "csv", stream)
    say("cli.exported", count=count)
    return 0


def _line(entry: Entry) -> str:
    what = code_word("what", entry.what)
    if entry.detail:
        what += f" ({code_word('detail', entry.detail)})"
    kind = catalogue(language(), "types").get(entry.record_type, entry.record_type)
    about = " ".join(filter(None, (kind, entry.name, entry.record)))
    return "  ".join(filter(None, (show_moment(entry.at), entry.who, what, about)))
