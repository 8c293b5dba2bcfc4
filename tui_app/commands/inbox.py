"""inbox: changes the server held or rejected, and the ways on."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tui_app.bootstrap import Workspace
from tui_app.clock import show_moment
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t

ACTIONS = ("withdraw", "resend", "again", "hand")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    inbox = commands.add_parser("inbox", help=t("inbox.help"))
    inbox.add_argument("action", nargs="?", choices=ACTIONS, help=t("inbox.help_action"))
    inbox.add_argument("numbers", nargs="*", type=int, metavar="N", help=t("inbox.help_numbers"))
    inbox.add_argument("--reason", metavar="TEXT", help=t("inbox.help_reason"))
    inbox.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help=t("inbox.help_set"))
    inbox.add_argument("--to", metavar="WHO", help=t("inbox.help_to"))
    inbox.add_argument("--out", type=Path, metavar="FILE", help=t("inbox.help_out"))
    inbox.add_argument("--settled", action="store_true", help=t("inbox.help_settled"))
    inbox.add_argument("--show", action="store_true", help=t("resolve.help_show"))
    common.add_json(inbox)
    common.add_login(inbox)
    inbox.set_defaults(run=run_inbox)


def run_inbox(arguments: Arguments) -> int:
    """List what waits to be settled (exit 4 while something does), or settle it."""
    if arguments.action is None:
        return _list(arguments)
    if not arguments.numbers:
        raise UserError("inbox.needs_numbers", action=arguments.action)
    with common.unlocked(arguments) as workspace:
        count = _ACTS[arguments.action](workspace, arguments)
    if arguments.json:
        put_json({"ok": True, "action": arguments.action, "count": count})
    else:
        say(f"inbox.told_{arguments.action}", count=count)
    return 0


def _withdraw(workspace: Workspace, arguments: Arguments) -> int:
    from tui_app.services.exchange import inbox

    return sum(inbox.withdraw(workspace, n, arguments.reason or "") for n in arguments.numbers)


def _again(workspace: Workspace, arguments: Arguments) -> int:
    from tui_app.services.exchange import inbox

    for n in sorted(arguments.numbers):
        inbox.send_again(workspace, n)
    return len(arguments.numbers)


def _resend(workspace: Workspace, arguments: Arguments) -> int:
    from tui_app.services.exchange import inbox
    from tui_app.services.people.values import read_value

    if len(arguments.numbers) != 1:
        raise UserError("inbox.one_number")
    (n,) = arguments.numbers
    with workspace.store.read() as c:
        kind = inbox.item(c, n).type
    fields: dict[str, Any] = {}
    for given in arguments.set:
        name, sign, value = given.partition("=")
        if not sign or not name:
            raise UserError("inbox.bad_set", given=given)
        fields[name] = read_value(kind, name, value)
    inbox.resend(workspace, n, fields)
    return 1


def _hand(workspace: Workspace, arguments: Arguments) -> int:
    from tui_app.services.exchange.hand_over import HAND_OVER_FORMATS, hand_over

    if arguments.out is None or arguments.out.suffix[1:].lower() not in HAND_OVER_FORMATS:
        raise UserError("inbox.hand_suffix")
    say("cli.export_warning")

    def keep(body: bytes) -> None:
        with common.output(arguments.out) as stream:
            stream.write(body)

    suffix = arguments.out.suffix[1:].lower()
    return hand_over(workspace, sorted(arguments.numbers), arguments.to or "", suffix, keep)


_ACTS = {"withdraw": _withdraw, "again": _again, "resend": _resend, "hand": _hand}


def _list(arguments: Arguments) -> int:
    from tui_app.services.access import gate
    from tui_app.services.exchange import inbox
    from tui_app.services.people.values import field_word, type_word

    with common.unlocked(arguments) as workspace:
        restricted = workspace.sees_restricted
        with workspace.store.read() as c:
            gate.check_role(c)
            found = inbox.items(c, settled=arguments.settled, restricted=restricted)
        if arguments.json or arguments.show:
            _note(workspace, found)
    for one in found:
        if arguments.json:
            put_json(_json(one, restricted))
            continue
        what = t("inbox.new_record") if one.creates else t("inbox.edit_of")
        whose = " · ".join(filter(None, (one.whose.code, one.whose.detail)))
        put(f"{one.n}  {type_word(one.type)} ({what})  {whose}  {one.who}, {show_moment(one.at)}")
        if one.settled is None:
            put("   " + t(f"inbox.says_{one.state}", reason=inbox.reason_words(one.reason)))
        else:
            done = one.settled
            words = {"who": done.who, "at": show_moment(done.at), "reason": done.reason, "to": done.to}
            put("   " + t(f"inbox.settled_{done.how}", **words))
        for typed in one.fields:
            was, new = (
                one.words(typed, side, hide=not arguments.show, restricted=restricted)
                for side in (False, True)
            )
            shown = new if one.creates else t("inbox.was_new", was=was, new=new)
            put(f"   {field_word(typed.field, one.type)}: {shown}")
    if not found and not arguments.json:
        say("inbox.empty")
    return 4 if found and not arguments.settled else 0


def _json(one: Any, restricted: bool) -> dict[str, Any]:
    """``restricted``: whether what tells of a restricted condition is said; else it is null."""
    from tui_app.services.people.values import tells_restricted

    def said(value: Any) -> Any:
        return None if not restricted and tells_restricted(one.type, value) else value

    answer = {
        "n": one.n,
        "type": one.type,
        "record": one.record,
        "state": one.state,
        "reason": one.reason,
        "field": one.at_fault,
        "at": one.at,
        "who": one.who,
        "set": {typed.field: [said(typed.was), said(typed.new)] for typed in one.fields},
    }
    if one.settled is None:
        return answer
    done = one.settled
    told = {
        "how": done.how,
        "who": done.who,
        "at": done.at,
        "reason": done.reason,
        "op": done.op,
        "to": done.to,
    }
    return answer | {"settled": {name: value for name, value in told.items() if value}}


def _note(workspace: Workspace, found: list[Any]) -> None:
    """Numbers are about to be shown unmasked: note whose."""
    from tui_app.clock import to_wire
    from tui_app.services.access.access import MASKED, log_access

    shown = {(one.type, one.record) for one in found if any(typed.field in MASKED for typed in one.fields)}
    if shown:
        with workspace.store.write() as c:
            for kind, record in sorted(shown):
                log_access(c, workspace.user, to_wire(workspace.clock()), "unmask", kind, record, "inbox")
