"""review: the day's work listed, approved or returned, the day closed and opened again."""

from __future__ import annotations

import argparse
from datetime import date
from typing import TYPE_CHECKING, Any

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, show_time
from tui_app.commands import common
from tui_app.commands.common import Arguments, day_of, put, put_json, say, tell
from tui_app.errors import NotFound
from tui_app.i18n import t

if TYPE_CHECKING:
    from tui_app.services.command.approval import DayReview, Decision, Reviewed

LEAST = 6  # letters of the end of an id


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    actions = commands.add_parser("review", help=t("review.help")).add_subparsers(
        metavar="ACTION", required=True
    )
    listed = _action(actions, "list", _list)
    which = listed.add_mutually_exclusive_group()
    which.add_argument("--undecided", action="store_true", help=t("review.help_undecided"))
    which.add_argument("--returned", metavar="NAME", nargs="?", const="", help=t("review.help_returned"))
    approve = _action(actions, "approve", _approve)
    which = approve.add_mutually_exclusive_group(required=True)
    which.add_argument("records", metavar="RECORD", nargs="*", default=[], help=t("review.help_record"))
    which.add_argument("--all", action="store_true", help=t("review.help_all"))
    back = _action(actions, "return", _return)
    back.add_argument("record", metavar="RECORD", help=t("review.help_record"))
    back.add_argument("--reason", metavar="TEXT", required=True, help=t("review.help_reason"))
    _action(actions, "close", _close)
    again = _action(actions, "reopen", _reopen)
    again.add_argument("--reason", metavar="TEXT", required=True, help=t("review.help_reason"))


def _action(actions: Any, name: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=t(f"review.help_{name}"))
    parser.add_argument("--date", metavar="D", help=t("review.help_date"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _list(arguments: Arguments) -> int:
    from tui_app.commands.case_words import note_export
    from tui_app.services.access import gate
    from tui_app.services.command import words
    from tui_app.services.command.approval import history

    if arguments.returned is not None:
        return _returned(arguments)
    with common.unlocked(arguments) as workspace:
        on = _day(workspace, arguments)
        review = _read(workspace, on)
        lines = review.undecided if arguments.undecided else review.lines
        with workspace.store.read() as c:
            told, left_out = history(c, on), gate.left_out(c)
        if left_out:
            tell(left_out)
        if arguments.json:
            note_export(workspace, "review", "json")
    if arguments.json:
        put_json(
            _day_json(review)
            | {"lines": list(map(_line_json, lines)), "history": list(map(_decision_json, told))}
        )
        return 0
    for line in lines:
        _put(line)
    tell(words.summary(review))
    return 0


def _returned(arguments: Arguments) -> int:
    """What waits for its authors, of all days."""
    from tui_app.commands.case_words import note_export
    from tui_app.services.command.approval import returned

    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            lines = returned(c, arguments.returned or None)
        if arguments.json:
            note_export(workspace, "review", "json")
    if arguments.json:
        put_json({"lines": list(map(_line_json, lines))})
    for line in () if arguments.json else lines:
        _put(line)
    return 0


def _put(line: Reviewed) -> None:
    """A record, and below it why it was returned."""
    from tui_app.services.command import words

    done = line.done
    cells = (words.state(line), show_time(done.at), done.who, done.name, words.what(done), done.row.id)
    put("  ".join(filter(None, cells)))
    if line.last is not None and line.last.reason:
        put(f"    {words.decision(line.last)}")


def _approve(arguments: Arguments) -> int:
    from tui_app.services.command import approval

    with common.unlocked(arguments) as workspace:
        on = _day(workspace, arguments)
        review = _read(workspace, on)
        shown = review.undecided if arguments.all else [_one(review, typed) for typed in arguments.records]
        done = approval.approve(workspace.store, workspace.user, on, shown)
        left = _read(workspace, on)
    if arguments.json:
        put_json({"approved": done.count, "changed": done.changed, **_day_json(left)})
    else:
        say("review.approved", count=done.count, left=len(left.undecided))
        if done.changed:
            say("review.changed_meanwhile", count=done.changed)
    return 4 if done.changed else 0


def _return(arguments: Arguments) -> int:
    from tui_app.services.command import approval

    with common.unlocked(arguments) as workspace:
        on = _day(workspace, arguments)
        line = _one(_read(workspace, on), arguments.record)
        ident = approval.give_back(workspace.store, workspace.user, on, line, arguments.reason)
    if arguments.json:
        put_json({"review": ident, "record": line.done.row.id, "returned_to": line.done.who})
    else:
        say("review.given_back", to=line.done.who or "?")
    return 0


def _close(arguments: Arguments) -> int:
    from tui_app.services.command import approval
    from tui_app.services.command.approval import State

    with common.unlocked(arguments) as workspace:
        on = _day(workspace, arguments)
        approval.close(workspace.store, workspace.user, on)
        review = _read(workspace, on)
    if arguments.json:
        put_json(_day_json(review))
    else:
        say("review.day_is_closed", date=show_date(on))
        if back := review.counts[State.RETURNED]:
            say("review.returned_left", count=back)
    return 0


def _reopen(arguments: Arguments) -> int:
    from tui_app.services.command import approval

    with common.unlocked(arguments) as workspace:
        on = _day(workspace, arguments)
        approval.reopen(workspace.store, workspace.user, on, arguments.reason)
        review = _read(workspace, on)
    if arguments.json:
        put_json(_day_json(review))
    else:
        say("review.day_is_open", date=show_date(on))
    return 0


def _day(workspace: Workspace, arguments: Arguments) -> date:
    """The reporting day meant: the one given, else the one that runs."""
    from tui_app.services.command.days import day_at

    given = day_of(arguments.date)
    if given is not None:
        return given
    with workspace.store.read() as c:
        return day_at(c, workspace.clock())


def _read(workspace: Workspace, on: date) -> DayReview:
    from tui_app.services.command.approval import day_review

    with workspace.store.read() as c:
        return day_review(c, on)


def _one(review: DayReview, typed: str) -> Reviewed:
    """The line of a record by its id or the end of it. Raises NotFound."""
    found = [
        line
        for line in review.lines
        if line.done.row.id == typed or (len(typed) >= LEAST and line.done.row.id.endswith(typed))
    ]
    if len(found) != 1:
        raise NotFound("review.no_such_record", record=typed, date=show_date(review.day.on))
    return found[0]


def _day_json(review: DayReview) -> dict[str, Any]:
    from tui_app.services.command.approval import State

    return {
        "on": review.day.on,
        "cut_off": review.day.cut_off,
        "begins": review.day.begins,
        "ends": review.day.ends,
        "closed": review.closed,
        "counts": {state.value: review.counts[state] for state in State},
        "undecided": len(review.undecided),
        "day": _decision_json(review.day_decision) if review.day_decision else None,
    }


def _line_json(line: Reviewed) -> dict[str, Any]:
    done = line.done
    return {
        "type": done.row.type,
        "id": done.row.id,
        "area": done.row.area,
        "at": done.at,
        "who": done.who,
        "name": done.name,
        "person": done.person or None,
        "household": done.household or None,
        "state": line.state,
        "events": done.events,
        "last": _decision_json(line.last) if line.last else None,
    }


def _decision_json(one: Decision) -> dict[str, Any]:
    return {
        "id": one.id,
        "on": one.on,
        "record_type": one.record_type,
        "record": one.record or None,
        "decision": one.decision,
        "at": one.at,
        "who": one.who,
        "returned_to": one.returned_to or None,
        "reason": one.reason or None,
    }
