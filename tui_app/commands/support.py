"""support: what persons and households need; opened, met, refused, followed."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.commands import common
from tui_app.commands.care_arguments import day_of, whole_id
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    actions = commands.add_parser("support", help=t("support.help")).add_subparsers(
        metavar="ACTION", required=True
    )
    listed = _action(actions, "list", _list)
    listed.add_argument("--kind", action="append", default=[], metavar="KIND", help=t("support.help_kind"))
    listed.add_argument("--all", action="store_true", help=t("support.help_all"))
    listed.add_argument("--counts", action="store_true", help=t("support.help_counts"))
    new = _action(actions, "add", _add)
    new.add_argument("kind", metavar="KIND", help=t("support.help_kind"))
    whose = new.add_mutually_exclusive_group(required=True)
    whose.add_argument("--person", metavar="PERSON")
    whose.add_argument("--household", metavar="HOUSEHOLD")
    new.add_argument("--note", metavar="TEXT", default="")
    new.add_argument("--follow", metavar="WHO", default="")
    for name, run in (
        ("follow", _follow),
        ("met", _met),
        ("refuse", _refuse),
        ("reopen", _reopen),
        ("withdraw", _withdraw),
    ):
        _action(actions, name, run).add_argument("need", metavar="ID")
    actions.choices["follow"].add_argument("who", metavar="WHO")
    actions.choices["met"].add_argument("--on", metavar="D")
    actions.choices["met"].add_argument("--note", metavar="TEXT", default="")
    actions.choices["refuse"].add_argument("--reason", metavar="TEXT", required=True)
    actions.choices["refuse"].add_argument("--on", metavar="D")


def _action(actions: Any, name: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=t(f"support.help_{name}"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _list(arguments: Arguments) -> int:
    """Open needs, or all; with counts by kind in which nobody counts twice."""
    from tui_app.commands import case_words
    from tui_app.services.risk import support_needs

    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            lines = support_needs.needs(c, kinds=arguments.kind, open_only=not arguments.all)
        counted = support_needs.counts(lines)
        total = support_needs.count(lines)
        if arguments.json and not arguments.counts:
            case_words.note_export(workspace, "support_need")
            for one in lines:
                fields = asdict(one)
                del fields["words"]
                put_json(fields)
        elif arguments.json:
            put_json({"total": asdict(total), "kinds": {kind: asdict(one) for kind, one in counted.items()}})
            return 0
        elif not arguments.counts:
            for one in lines:
                put("  ".join(filter(None, _cells(one))))
    for kind, many in counted.items():
        say("support.counted", kind=code_word("kind", kind), **asdict(many))
    say("support.counted_all", **asdict(total))
    return 0


def _cells(one: Any) -> tuple[str, ...]:
    return (
        one.id[-6:],
        code_word("kind", one.kind),
        code_word("status", one.status),
        one.full_name or t("support.whole_household"),
        one.address,
        one.unit,
        show_date(one.opened_on) if one.opened_on else "",
        one.followed_by,
        one.reason,
        one.note,
    )


def _add(arguments: Arguments) -> int:
    from tui_app.services.risk import support_needs

    with common.unlocked(arguments) as workspace:
        whose = {
            name: whole_id(workspace, name, getattr(arguments, name))
            for name in ("person", "household")
            if getattr(arguments, name)
        }
        ident = support_needs.open_need(
            workspace.store,
            workspace.user,
            arguments.kind,
            note=arguments.note,
            followed_by=arguments.follow,
            **whose,
        )
    return _said(arguments, ident, "support.added")


def _follow(arguments: Arguments) -> int:
    from tui_app.services.risk import support_needs

    with common.unlocked(arguments) as workspace:
        ident = whole_id(workspace, "support_need", arguments.need)
        support_needs.follow(workspace.store, workspace.user, ident, arguments.who)
    return _said(arguments, ident, "support.followed")


def _met(arguments: Arguments) -> int:
    from tui_app.services.risk import support_needs

    with common.unlocked(arguments) as workspace:
        ident = whole_id(workspace, "support_need", arguments.need)
        on = day_of(arguments.on)
        support_needs.meet(workspace.store, workspace.user, ident, on=on, note=arguments.note)
    return _said(arguments, ident, "support.met")


def _refuse(arguments: Arguments) -> int:
    from tui_app.services.risk import support_needs

    with common.unlocked(arguments) as workspace:
        ident = whole_id(workspace, "support_need", arguments.need)
        on = day_of(arguments.on)
        support_needs.refuse(workspace.store, workspace.user, ident, arguments.reason, on=on)
    return _said(arguments, ident, "support.refused")


def _reopen(arguments: Arguments) -> int:
    from tui_app.services.risk import support_needs

    with common.unlocked(arguments) as workspace:
        ident = whole_id(workspace, "support_need", arguments.need)
        support_needs.reopen(workspace.store, workspace.user, ident)
    return _said(arguments, ident, "support.reopened")


def _withdraw(arguments: Arguments) -> int:
    from tui_app.services.risk import support_needs

    with common.unlocked(arguments) as workspace:
        ident = whole_id(workspace, "support_need", arguments.need)
        support_needs.withdraw(workspace.store, workspace.user, ident)
    return _said(arguments, ident, "support.withdrawn")


def _said(arguments: Arguments, ident: str, key: str) -> int:
    if arguments.json:
        put_json({"id": ident})
    else:
        say(key)
    return 0
