"""conflicts: fields whose values met, and deciding between them."""

from __future__ import annotations

import argparse
from typing import Any

from tui_app.bootstrap import Workspace
from tui_app.clock import show_moment, to_wire
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t

ACTIONS = ("resolve", "undo", "swap")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    conflicts = commands.add_parser("conflicts", help=t("cli.help_conflicts"))
    conflicts.add_argument("action", nargs="?", choices=ACTIONS, help=t("resolve.help_action"))
    conflicts.add_argument("id", nargs="?", metavar="ID", help=t("resolve.help_id"))
    conflicts.add_argument("--take", type=int, metavar="N", help=t("resolve.help_take"))
    conflicts.add_argument("--value", metavar="V", help=t("resolve.help_value"))
    conflicts.add_argument("--each", action="store_true", help=t("resolve.help_each"))
    conflicts.add_argument("--ask", metavar="TEXT", help=t("resolve.help_ask"))
    conflicts.add_argument("--all", action="store_true", help=t("resolve.help_all"))
    conflicts.add_argument("--show", action="store_true", help=t("resolve.help_show"))
    common.add_json(conflicts)
    common.add_login(conflicts)
    conflicts.set_defaults(run=run_conflicts)


def run_conflicts(arguments: Arguments) -> int:
    """List fields whose values met (exit 4 while one is open), or decide about one."""
    if arguments.action is None:
        return _list(arguments)
    if not arguments.id:
        raise UserError("resolve.needs_id", action=arguments.action)
    with common.unlocked(arguments) as workspace:
        ident = _whole_id(workspace, arguments.id)
        _act(workspace, arguments, ident)
        answer = _told(workspace, ident)
    if arguments.json:
        put_json(answer)
    else:
        say(f"resolve.told_{arguments.action}", id=ident, state=t(f"resolve.state_{answer['state']}"))
    return 0


def _act(workspace: Workspace, arguments: Arguments, ident: str) -> None:
    from tui_app.services.exchange import questions, resolving
    from tui_app.services.people.values import read_value

    if arguments.action != "resolve":
        (resolving.undo if arguments.action == "undo" else resolving.swap)(workspace, ident)
        return
    ways = [
        arguments.take is not None,
        arguments.value is not None,
        arguments.each,
        arguments.ask is not None,
    ]
    if sum(ways) != 1:
        raise UserError("resolve.needs_way")
    if arguments.take is not None:
        resolving.take(workspace, ident, arguments.take - 1)
    elif arguments.each:
        resolving.take_each(workspace, ident)
    elif arguments.ask is not None:
        resolving.ask_later(workspace, ident, arguments.ask)
    else:
        with workspace.store.read() as c:
            asked = questions.question(c, ident)
        resolving.give(workspace, ident, read_value(asked.type, asked.field, arguments.value))


def _list(arguments: Arguments) -> int:
    from tui_app.services.access import gate
    from tui_app.services.exchange import questions
    from tui_app.services.people.values import field_word, type_word

    with common.unlocked(arguments) as workspace:
        restricted = workspace.sees_restricted
        with workspace.store.read() as c:
            gate.check_role(c)
            found = questions.questions(c, resolved=arguments.all, restricted=restricted)
        if arguments.json or arguments.show:
            _note(workspace, found)
    for one in found:
        if arguments.json:
            put_json(_json(one, restricted))
            continue
        whose = " · ".join(filter(None, (one.whose.code, one.whose.detail)))
        put(
            t(
                "resolve.line",
                id=one.id,
                type=type_word(one.type),
                whose=whose,
                field=field_word(one.field, one.type),
            )
        )
        put("  " + t(f"resolve.state_{one.state}"))
        for number, choice in enumerate(one.choices, 1):
            words = one.words(choice.value, choice.name, hide=not arguments.show, restricted=restricted)
            at = show_moment(choice.at) if choice.at else "?"
            where = (
                t("resolve.this_laptop")
                if choice.mine
                else t("resolve.other_laptop", device=choice.device[-6:])
            )
            put(f"  {number}  {words}  ({t('resolve.by', who=choice.who, where=where, at=at)})")
    if not arguments.json and not found:
        say("cli.no_conflicts")
    return 4 if any(one.state == questions.OPEN for one in found) else 0


def _json(one: Any, restricted: bool) -> dict[str, Any]:
    """``restricted``: whether what tells of a restricted condition is said; else it is null."""
    from tui_app.services.people.values import tells_restricted

    def said(value: Any) -> Any:
        return None if not restricted and tells_restricted(one.type, value) else value

    answer = {
        "id": one.id,
        "type": one.type,
        "record": one.record,
        "field": one.field,
        "state": one.state,
        "values": [
            {"value": said(choice.value), "who": choice.who, "device": choice.device, "at": choice.at}
            for choice in one.choices
        ],
    }
    return answer | {"chosen": said(one.chosen)} if one.state == "resolved" else answer


def _told(workspace: Workspace, ident: str) -> dict[str, Any]:
    from tui_app.services.exchange import questions
    from tui_app.services.people.values import tells_restricted

    with workspace.store.read() as c:
        one = questions.question(c, ident)
    answer = _json(one, workspace.sees_restricted)
    hidden = not workspace.sees_restricted and tells_restricted(one.type, one.current)
    return {**answer, "current": None if hidden else one.current}


def _note(workspace: Workspace, found: list[Any]) -> None:
    """Numbers are about to be shown unmasked: note whose."""
    from tui_app.services.access.access import MASKED, log_access

    shown = {(one.type, one.record) for one in found if one.field in MASKED}
    if shown:
        with workspace.store.write() as c:
            for kind, record in sorted(shown):
                at = to_wire(workspace.clock())
                log_access(c, workspace.user, at, "unmask", kind, record, "conflict")


def _whole_id(workspace: Workspace, typed: str) -> str:
    """The conflict whose id begins as typed; as it is when that is none or several."""
    with workspace.store.read() as c:
        found = c.execute(
            "SELECT id FROM conflict WHERE NOT deleted AND substr(id, 1, ?) = ? LIMIT 2", (len(typed), typed)
        ).fetchall()
    return str(found[0][0]) if len(found) == 1 else typed
