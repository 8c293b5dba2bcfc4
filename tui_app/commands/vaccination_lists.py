"""vaccination list: who is due, overdue, to be vaccinated at home, not recorded whole."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tui_app.clock import today
from tui_app.commands import common
from tui_app.commands.care_arguments import day_of
from tui_app.commands.case_words import note_export, plain
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t

NAMES = ("due", "overdue", "at-home", "unrecorded")
_INSIDE = frozenset({"place", "folded"})
"""What a line keeps for its order and its filter."""


def add(actions: Any) -> None:
    """Declare ``list``."""
    parser: argparse.ArgumentParser = actions.add_parser("list", help=t("vaccination.help_list"))
    parser.add_argument("name", choices=NAMES)
    parser.add_argument("--date", metavar="D", help=t("vaccination.help_date"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=t("vaccination.help_out"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=_list)


def _list(arguments: Arguments) -> int:
    """Named lines, warned of and noted."""
    from tui_app.services.vaccination.vaccination_lists import vaccination_lists
    from tui_app.services.vaccination.vaccination_words import given_words, status_words

    name = arguments.name.replace("-", "_")
    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        day = day_of(arguments.date) or today(workspace.clock)
        if arguments.out is not None:
            count = _write(arguments, workspace, name, day)
        else:
            note_export(workspace, "vaccination_dose")
            with workspace.store.read() as c:
                lines = vaccination_lists(c, day)[name]
            count = len(lines)
            for one in lines:
                if arguments.json:
                    put_json({name: value for name, value in plain(one).items() if name not in _INSIDE})
                    continue
                said = status_words(one.status, until=one.until)
                with_whom = f"+ {one.with_person}" if one.with_person else ""
                cells = (
                    one.full_name,
                    one.born,
                    one.address,
                    one.unit,
                    given_words(one.status),
                    said,
                    with_whom,
                )
                put("  ".join(filter(None, (*cells, one.reason, one.person))))
    if not arguments.json:
        say("vaccination.listed", count=count)
    return 0


def _write(arguments: Arguments, workspace: Any, name: str, day: Any) -> int:
    from tui_app.papers.vaccination_sheets import FORMATS, write_list

    ending: Any = arguments.out.suffix[1:].lower()
    if ending not in FORMATS:
        raise UserError("papers.bad_format", file=str(arguments.out), formats=", ".join(FORMATS))
    count, body = write_list(workspace, name, day, ending)
    with common.output(arguments.out) as stream:
        stream.write(body)
    say("papers.written", file=str(arguments.out))
    return count
