"""duplicates: records that may be one, and deciding about them."""

from __future__ import annotations

import argparse
from typing import Any

from tui_app.bootstrap import Workspace
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t

ACTIONS = ("merge", "not-same", "undo")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    duplicates = commands.add_parser("duplicates", help=t("duplicates.help"))
    duplicates.add_argument("action", nargs="?", choices=ACTIONS, help=t("duplicates.help_action"))
    duplicates.add_argument("ids", nargs="*", metavar="ID", help=t("duplicates.help_ids"))
    duplicates.add_argument("--households", action="store_true", help=t("duplicates.help_households"))
    duplicates.add_argument("--decided", action="store_true", help=t("duplicates.help_decided"))
    duplicates.add_argument(
        "--take", action="append", default=[], metavar="FIELD=1|2|VALUE", help=t("duplicates.help_take")
    )
    duplicates.add_argument("--reason", metavar="TEXT", default="", help=t("duplicates.help_reason"))
    common.add_json(duplicates)
    common.add_login(duplicates)
    duplicates.set_defaults(run=run_duplicates)


def run_duplicates(arguments: Arguments) -> int:
    """List pairs that may be one (exit 4 while there are some), or decide about one."""
    if arguments.action is None:
        return _decided(arguments) if arguments.decided else _list(arguments)
    wanted = 1 if arguments.action == "undo" else 2
    if len(arguments.ids) != wanted:
        raise UserError(
            "duplicates.needs_one" if wanted == 1 else "duplicates.needs_two", action=arguments.action
        )
    with common.unlocked(arguments) as workspace:
        return {"merge": _merge, "not-same": _not_same, "undo": _undo}[arguments.action](workspace, arguments)


def _subject(arguments: Arguments) -> str:
    return "household" if arguments.households else "person"


def _merge(workspace: Workspace, arguments: Arguments) -> int:
    from tui_app.services.duplicates import merging

    if not arguments.reason.strip():
        raise UserError("duplicates.needs_reason")
    subject = _subject(arguments)
    first, second = arguments.ids
    taken = _taken(subject, arguments.take)
    done = merging.merge(
        workspace.store, workspace.user, subject, first, second, taken, arguments.reason.strip()
    )
    if arguments.json:
        put_json(
            {
                "decision": done.decision,
                "kept": done.kept,
                "merged": done.merged,
                "fields": done.fields,
                "open_cases": done.open_cases,
            }
        )
    else:
        say("duplicates.told_merge", first=first, second=second, id=done.decision)
        if done.open_cases:
            say("duplicates.told_cases", count=len(done.open_cases), cases=", ".join(done.open_cases))
    return 4 if done.open_cases else 0


def _not_same(workspace: Workspace, arguments: Arguments) -> int:
    from tui_app.services.duplicates import merging

    subject, (first, second) = _subject(arguments), arguments.ids
    seen = _seen(workspace, arguments)
    reason = arguments.reason.strip()
    ident = merging.not_same(workspace.store, workspace.user, subject, first, second, reason, seen)
    if arguments.json:
        put_json({"decision": ident})
    else:
        say("duplicates.told_not_same", id=ident)
    return 0


def _undo(workspace: Workspace, arguments: Arguments) -> int:
    from tui_app.services.duplicates import merging
    from tui_app.services.people.values import field_word

    (ident,) = arguments.ids
    left = merging.undo(workspace.store, workspace.user, ident, arguments.reason.strip())
    if arguments.json:
        put_json({"decision": ident, "left": left})
    else:
        say("duplicates.told_undo", id=ident)
        if left:
            say("duplicates.told_left", fields=", ".join(map(field_word, left)))
    return 0


def _taken(subject: str, typed: list[str]) -> dict[str, Any]:
    """What was chosen for fields. Raises UserError for what cannot be read."""
    from tui_app.services.duplicates.merging import Given
    from tui_app.services.people.values import read_value

    taken: dict[str, Any] = {}
    for text in typed:
        field, sign, value = text.partition("=")
        if not sign or not field.strip():
            raise UserError("duplicates.bad_take", text=text)
        field = field.strip()
        taken[field] = int(value) if value in ("1", "2") else Given(read_value(subject, field, value))
    return taken


def _seen(workspace: Workspace, arguments: Arguments) -> tuple[str, ...]:
    """What makes the two look like one now."""
    from tui_app.services.duplicates.duplicates import reasons_of

    with workspace.store.read() as c:
        return reasons_of(c, _subject(arguments), *arguments.ids)


def _decided(arguments: Arguments) -> int:
    from tui_app.clock import show_moment
    from tui_app.codes import code_word
    from tui_app.services.duplicates.decided import decided

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        found = decided(c, _subject(arguments))
    for one in found:
        if arguments.json:
            put_json({name: getattr(one, name) for name in _TOLD})
            continue
        verdict = code_word("verdict", one.verdict)
        put(
            f"{one.id} {show_moment(one.at)} {one.who}: {verdict}: {one.kept_name} | {one.merged_name} {one.reason}"
        )
    return 0


_TOLD = ("id", "subject", "verdict", "kept", "merged", "who", "at", "reason")


def _list(arguments: Arguments) -> int:
    from tui_app.services.duplicates.duplicates import candidates
    from tui_app.services.duplicates.pair_words import birth_words, reason_words

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        found = candidates(c, subject=_subject(arguments))
    for pair in found:
        if arguments.json:
            put_json(_json(pair))
            continue
        sides = [
            " ".join(filter(None, (one.name, birth_words(one), one.address, one.unit)))
            for one in (pair.first, pair.second)
        ]
        put(t("duplicates.line", first=pair.first.id, one=sides[0], second=pair.second.id, other=sides[1]))
        strength = t(f"duplicates.strength_{pair.strength}")
        put(t("duplicates.line_why", strength=strength, reasons=reason_words(pair)))
    if not found and not arguments.json:
        say("duplicates.none")
    return 4 if found else 0


def _json(pair: Any) -> dict[str, Any]:
    return {
        "subject": pair.subject,
        "first": pair.first.id,
        "second": pair.second.id,
        "strength": pair.strength,
        "reasons": pair.reasons,
        "score": pair.score,
    }
