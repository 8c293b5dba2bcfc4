"""roster: what there is to do on a day or half-day, why, since when and who does it; giving it out."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_date, to_wire, today
from tui_app.commands import common
from tui_app.commands.care_arguments import SLOTS, whole_id
from tui_app.commands.common import Arguments, day_of, put, put_json, say, tell
from tui_app.errors import NotFound, UserError
from tui_app.i18n import t
from tui_app.text import fold, natural_key

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace
    from tui_app.services.roster.giving import Changed
    from tui_app.services.roster.lines import RosterLine

FORMATS = (".pdf", ".xlsx", ".csv")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    roster = commands.add_parser("roster", help=t("roster.help"))
    roster.add_argument("--date", metavar="D", help=t("roster.help_date"))
    roster.add_argument("--slot", choices=SLOTS, help=t("roster.help_slot"))
    roster.add_argument("--of", metavar="NAME", help=t("roster.help_to_filter"))
    roster.add_argument("--out", type=Path, metavar="FILE", help=t("roster.help_out"))
    _common(roster, _show)
    actions = roster.add_subparsers(metavar="ACTION")
    give = _action(actions, "give", _give)
    give.add_argument("--to", metavar="NAME", required=True, help=t("roster.help_to"))
    give.add_argument("--slot", dest="for_slot", choices=SLOTS, help=t("roster.help_give_slot"))
    back = _action(actions, "take-back", _take_back)
    carry = _action(actions, "carry", _carry)
    for chosen in (give, back, carry):
        _selection(chosen)
    adding = _action(actions, "add", _add)
    adding.add_argument("subject", metavar="ID", help=t("roster.help_subject"))
    adding.add_argument("note", metavar="TEXT", help=t("roster.help_note"))
    adding.add_argument("--to", metavar="NAME", default="", help=t("roster.help_to"))
    adding.add_argument("--on", metavar="D", help=t("roster.help_on"))
    done = _action(actions, "done", _done)
    done.add_argument("key", metavar="KEY", help=t("roster.help_key"))


def _action(actions: Any, name: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=t(f"roster.help_{name.replace('-', '_')}")
    )
    _common(parser, run)
    return parser


def _common(parser: argparse.ArgumentParser, run: Any) -> None:
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)


def _selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("keys", nargs="*", metavar="KEY", help=t("roster.help_keys"))
    parser.add_argument("--alley", metavar="ALLEY", help=t("roster.help_alley"))
    parser.add_argument("--unit", metavar="UNIT", help=t("roster.help_unit"))
    parser.add_argument("--task", metavar="TASK", help=t("roster.help_task"))
    parser.add_argument("--from", dest="first", metavar="HOUSEHOLD", help=t("roster.help_from"))
    parser.add_argument("--until", dest="last", metavar="HOUSEHOLD", help=t("roster.help_until"))
    parser.add_argument("--all", action="store_true", help=t("roster.help_all"))


def _show(arguments: Arguments) -> int:
    """The roster; exit 4 while an alert on it is unanswered."""
    from tui_app.services.access import gate
    from tui_app.services.cases.board import Standing
    from tui_app.services.roster.lines import STATES
    from tui_app.services.roster.roster import name_heads, roster

    if arguments.out is not None and arguments.out.suffix.lower() not in FORMATS:
        raise UserError("roster.out_suffix")
    if arguments.out is not None:
        return _write(arguments)
    with common.unlocked(arguments) as workspace:
        day = day_of(arguments.date) or today(workspace.clock)
        with workspace.store.read() as c:
            lines = roster(c, workspace.clock(), arguments.slot, day)
            name_heads(c, lines)
            left_out = gate.left_out(c)
        if left_out:
            tell(left_out)
        if arguments.of is not None:
            lines = [line for line in lines if fold(line.to) == fold(arguments.of)]
        if arguments.json:
            _note(workspace)
        for line in lines:
            if arguments.json:
                put_json(line_json(line))
            else:
                put(_text(workspace, line))
    found = Counter(line.state for line in lines)
    if not arguments.json:
        said = [f"{t(f'roster.state_{state}')} {found[state]}" for state in STATES if found[state]]
        if said:
            say("roster.counts", day=show_date(day), counts=", ".join(said))
        else:
            say("roster.none", day=show_date(day))
        open_ones = sum(not line.to and not line.done for line in lines)
        if open_ones:
            say("roster.unassigned", count=open_ones)
    return 4 if found[Standing.DANGER] else 0


def _write(arguments: Arguments) -> int:
    """The roster as a file to take along."""
    from tui_app.papers.roster_sheet import write_roster

    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        body = write_roster(
            workspace,
            arguments.out.suffix[1:].lower(),
            to=arguments.of,
            day=day_of(arguments.date),
            slot=arguments.slot,
        )
        with common.output(arguments.out) as stream:
            stream.write(body)
    if arguments.json:
        put_json({"file": str(arguments.out)})
    else:
        say("papers.written", file=str(arguments.out))
    return 0


def line_json(line: RosterLine) -> dict[str, Any]:
    """A line of the roster for programs."""
    names = (
        "key", "task", "state", "late", "person", "household", "record", "full_name", "code", "address", "alley",
        "unit", "phone", "since", "assigned_to", "followed_by", "slot", "carried_from", "given",
    )  # fmt: skip
    reasons = [
        {
            "code": one.code,
            "since": one.since,
            "text": one.text,
            "findings": [found.kept() for found in one.findings],
        }
        for one in line.reasons
    ]
    return {name: getattr(line, name) for name in names} | {"reasons": reasons}


def _text(workspace: Workspace, line: RosterLine) -> str:
    from tui_app.services.judging.rule_sets import rule_sets
    from tui_app.services.roster import words

    with workspace.store.read() as c:
        why = words.short_words(rule_sets(c), line)
    who = t("roster.to", to=line.to) if line.to else ""
    said = (
        words.state_word(line),
        words.task_word(line),
        words.name_words(line),
        line.place,
        line.unit,
        why,
        who,
    )
    return "  ".join(filter(None, said))


def _note(workspace: Workspace) -> None:
    """Note in the journal of access that a list with names leaves the laptop."""
    from tui_app.services.access.access import log_access

    with workspace.store.write() as c:
        log_access(c, workspace.user, to_wire(workspace.clock()), "export", "assignment", "", "roster")


def _chosen(workspace: Workspace, arguments: Arguments) -> list[RosterLine]:
    """The lines that the options name, of those that are not done. Raises UserError when nothing names any."""
    from tui_app.services.roster.lines import TASKS, by_walk
    from tui_app.services.roster.roster import roster

    named = (arguments.alley, arguments.unit, arguments.task, arguments.first, arguments.last)
    if not arguments.all and not arguments.keys and all(one is None for one in named):
        raise UserError("roster.nothing_chosen")
    if arguments.task is not None and arguments.task not in TASKS:
        raise UserError("roster.unknown_task", task=arguments.task, tasks=", ".join(TASKS))
    with workspace.store.read() as c:
        lines = by_walk(roster(c, workspace.clock()))
    for key in arguments.keys:
        if all(line.key != key for line in lines):
            raise NotFound("roster.unknown_line", line=key)
    _check_place("alley", arguments.alley, {line.alley for line in lines})
    _check_place("unit", arguments.unit, {line.unit for line in lines})
    lines = _between(workspace, arguments, [line for line in lines if not line.done])
    return [
        line
        for line in lines
        if (not arguments.keys or line.key in arguments.keys)
        and (arguments.alley is None or fold(line.alley) == fold(arguments.alley))
        and (arguments.unit is None or fold(line.unit) == fold(arguments.unit))
        and arguments.task in (None, line.task)
    ]


def _check_place(kind: str, asked: str | None, known: Iterable[str]) -> None:
    """Raises NotFound, with those there are, for an alley or unit in which there is nothing to do."""
    if asked is not None and fold(asked) not in map(fold, known):
        there = ", ".join(sorted(filter(None, known), key=natural_key))
        raise NotFound(f"roster.unknown_{kind}", name=asked, known=there)


def _between(workspace: Workspace, arguments: Arguments, lines: list[RosterLine]) -> list[RosterLine]:
    """From one household to another in walking order, both included."""
    first, last = (
        whole_id(workspace, "household", one) if one else "" for one in (arguments.first, arguments.last)
    )
    places = {line.household: place for place, line in enumerate(lines)}  # of the last line at each door
    starts = {line.household: place for place, line in reversed(list(enumerate(lines)))}
    for one in filter(None, (first, last)):
        if one not in places:
            raise NotFound("roster.unknown_line", line=one)
    return lines[starts[first] if first else 0 : places[last] + 1 if last else None]


def _give(arguments: Arguments) -> int:
    from tui_app.services.roster.giving import give

    with common.unlocked(arguments) as workspace:
        lines = _chosen(workspace, arguments)
        changed = give(workspace.store, workspace.user, lines, arguments.to, slot=arguments.for_slot or "")
    key = "roster.given" if arguments.to else "roster.given_nobody"
    return _said(arguments, changed, key, to=arguments.to)


def _take_back(arguments: Arguments) -> int:
    from tui_app.services.roster.giving import take_back

    with common.unlocked(arguments) as workspace:
        changed = take_back(workspace.store, workspace.user, _chosen(workspace, arguments))
    return _said(arguments, changed, "roster.taken_back")


def _carry(arguments: Arguments) -> int:
    from tui_app.services.roster.giving import carry_over

    arguments.all = arguments.all or not arguments.keys
    with common.unlocked(arguments) as workspace:
        changed = carry_over(workspace.store, workspace.user, _chosen(workspace, arguments))
    return _said(arguments, changed, "roster.carried_over")


def _add(arguments: Arguments) -> int:
    from tui_app.services.roster.giving import add as put_on

    with common.unlocked(arguments) as workspace:
        person, household = "", ""
        try:
            person = whole_id(workspace, "person", arguments.subject)
        except NotFound:
            household = whole_id(workspace, "household", arguments.subject)
        day = day_of(arguments.on) or today(workspace.clock)
        changed = put_on(
            workspace.store,
            workspace.user,
            arguments.note,
            person=person,
            household=household,
            to=arguments.to,
            on=day,
        )
    return _said(arguments, changed, "roster.added", day=show_date(day))


def _done(arguments: Arguments) -> int:
    from tui_app.services.roster.giving import say_done
    from tui_app.services.roster.roster import roster

    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            lines = roster(c, workspace.clock())
        line = next((one for one in lines if one.key == arguments.key), None)
        if line is None:
            raise NotFound("roster.unknown_line", line=arguments.key)
        changed = say_done(workspace.store, workspace.user, line)
    return _said(arguments, changed, "roster.said_done")


def _said(arguments: Arguments, changed: Changed, key: str, **params: object) -> int:
    if arguments.json:
        put_json({"changed": changed.count, "left": changed.left, "assignments": list(changed.before)})
        return 0
    say(key, count=changed.count, **params)
    if changed.left:
        say("roster.left", count=changed.left)
    return 0
