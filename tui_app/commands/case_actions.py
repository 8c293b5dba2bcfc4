"""What the actions of ``gonha case`` share: how one is declared, and how it tells what it wrote."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from tui_app.bootstrap import Workspace
from tui_app.commands import common
from tui_app.commands.care_arguments import whole_id
from tui_app.commands.common import Arguments, put_json, say
from tui_app.i18n import t


def action(
    actions: Any, name: str, run: Callable[[Arguments], int], positional: str = "", metavar: str = ""
) -> argparse.ArgumentParser:
    """Declare an action; ``positional``: the one argument it cannot do without."""
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=t("care.help_case_" + name.replace("-", "_"))
    )
    if positional:
        parser.add_argument(positional, metavar=metavar)
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def add_text(parser: argparse.ArgumentParser, field: str) -> None:
    """An option that takes words, called like the field they go to."""
    parser.add_argument(f"--{field}", metavar="TEXT", default="", help=t(f"fields.{field}"))


def write(
    arguments: Arguments,
    type_name: str,
    typed: str,
    deed: Callable[[Workspace, str], str],
    made: str = "event",
) -> int:
    """Do something with the record called ``typed`` and tell the id of the ``made`` row that says so."""
    with common.unlocked(arguments) as workspace:
        ident = deed(workspace, whole_id(workspace, type_name, typed))
    if arguments.json:
        put_json({"ok": True, made: ident})
    else:
        say("care.noted", id=ident)
    return 0
