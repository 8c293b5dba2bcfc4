"""server rules …: rule sets the server signs and offers to its laptops."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from tui_app.commands import common
from tui_app.commands.common import Arguments, put_json, say
from tui_app.commands.server_common import finish, now, opened
from tui_app.errors import BadFile
from tui_app.i18n import t


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    rules = actions.add_parser("rules", help=t("rules.help_server")).add_subparsers(
        required=True, metavar="ACTION"
    )
    publish = rules.add_parser("publish", help=t("rules.help_publish"))
    publish.add_argument("file", type=Path)
    common.add_json(publish)
    finish(publish, run_publish)
    withdraw = rules.add_parser("withdraw", help=t("rules.help_withdraw"))
    withdraw.add_argument("id", metavar="ID")
    common.add_json(withdraw)
    finish(withdraw, run_withdraw)


def run_publish(arguments: Arguments) -> int:
    """Check a set as a laptop would, sign it, and put it into every unit."""
    from sync.server import rule_sets
    from tui_app.records import REGISTRY
    from tui_app.rules.rule_set import load
    from tui_app.services.judging.rule_sets import shared_words

    try:
        text = arguments.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile("cli.cannot_read", file=str(arguments.file), reason=type(error).__name__) from error
    found = load(text, arguments.file.name, shared_words())
    with opened(arguments) as database:
        done = rule_sets.publish(database, REGISTRY, found.id, text, now=now())
    if arguments.json:
        put_json(asdict(done))
    else:
        say("rules.published", id=done.rule_set, changed=done.changed, same=done.same)
    return 0


def run_withdraw(arguments: Arguments) -> int:
    """No longer offer a set."""
    from sync.server import rule_sets
    from tui_app.records import REGISTRY

    with opened(arguments) as database:
        done = rule_sets.withdraw(database, REGISTRY, arguments.id, now=now())
    if arguments.json:
        put_json(asdict(done))
    else:
        say("rules.withdrawn", id=done.rule_set, changed=done.changed)
    return 0
