"""case: opened, handed on, ended; what is due after a recovery."""

from __future__ import annotations

import argparse
from typing import Any

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, today
from tui_app.codes import code_word
from tui_app.commands import case_words, common
from tui_app.commands.care_arguments import (
    add_vitals,
    day_of,
    facts_of,
    typed_vitals,
    vitals_of,
    whole_id,
    yes_no_of,
)
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    case = commands.add_parser("case", help=t("care.help_case"))
    actions = case.add_subparsers(metavar="ACTION", required=True)
    opened = _action(actions, "open", _open, "person", "PERSON")
    opened.add_argument("--source", metavar="SOURCE", default="positive_test", help=t("care.help_source"))
    opened.add_argument("--started-on", metavar="D", help=t("care.help_started_on"))
    opened.add_argument("--first-positive-on", metavar="D", help=t("fields.first_positive_on"))
    opened.add_argument("--onset-on", metavar="D", help=t("fields.onset_on"))
    opened.add_argument("--place", metavar="PLACE", default="home", help=t("fields.place"))
    opened.add_argument("--managed-by", metavar="UNIT", default="", help=t("fields.managed_by"))
    opened.add_argument("--followed-by", metavar="WHO", default="", help=t("fields.followed_by"))
    opened.add_argument("--fact", action="append", default=[], metavar="NAME=VALUE", help=t("care.help_fact"))
    _text(opened, "note")
    add_vitals(opened)
    listed = _action(actions, "list", _list)
    listed.add_argument("--ended", action="store_true", help=t("care.help_ended"))
    listed.add_argument("--person", metavar="PERSON", help=t("care.help_of_person"))
    _action(actions, "show", _show, "case", "ID")
    _change(actions, "place", "place")
    _change(actions, "hand-over", "managed_by")
    _change(actions, "follow", "followed_by")
    _change(actions, "grade", "severity_grade")
    _change(actions, "risk", "risk_class")
    silent = _action(actions, "no-answer", _no_answer, "case", "ID")
    _text(silent, "note")
    end = _action(actions, "end", _end, "case", "ID")
    end.add_argument("outcome", metavar="OUTCOME", help=t("care.help_outcome"))
    end.add_argument("--on", metavar="D", help=t("care.help_on"))
    end.add_argument("--test", metavar="ID", help=t("care.help_test"))
    end.add_argument("--person-too", action="store_true", help=t("care.help_person_too"))
    _text(end, "reason")
    reopen = _action(actions, "reopen", _reopen, "case", "ID")
    _text(reopen, "reason")
    undo = _action(actions, "undo", _undo, "event", "EVENT")
    _text(undo, "reason")
    _action(actions, "suggest", _suggest)
    _action(actions, "follow-ups", _follow_ups)
    visit = _action(actions, "follow-up", _follow_up, "case", "ID")
    visit.add_argument("--due-on", metavar="D", help=t("care.help_due_on"))
    visit.add_argument("--well", choices=("yes", "no"), help=t("fields.well"))
    visit.add_argument("--symptoms", metavar="CODES", help=t("care.help_symptoms"))
    _text(visit, "needs")
    _text(visit, "note")


def _action(
    actions: Any, name: str, run: Any, positional: str = "", metavar: str = ""
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(
        name, help=t("care.help_case_" + name.replace("-", "_"))
    )
    if positional:
        parser.add_argument(positional, metavar=metavar)
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _change(actions: Any, name: str, field: str) -> None:
    parser = _action(actions, name, _set, "case", "ID")
    parser.add_argument("value", metavar="VALUE", help=t(f"fields.{field}"))
    parser.add_argument("--on", metavar="D", help=t("care.help_on"))
    _text(parser, "reason")
    parser.set_defaults(field=field)


def _text(parser: argparse.ArgumentParser, field: str) -> None:
    parser.add_argument(f"--{field}", metavar="TEXT", default="", help=t(f"fields.{field}"))


def _open(arguments: Arguments) -> int:
    from tui_app.services import cases
    from tui_app.services.care.vaccinated import recorded_facts

    facts = facts_of(arguments.fact, cases.FACTS)
    typed = typed_vitals(arguments)
    with common.unlocked(arguments) as workspace:
        person = whole_id(workspace, "person", arguments.person)
        positive = day_of(arguments.first_positive_on)
        with workspace.store.read() as c:
            facts = recorded_facts(c, person, positive or today(workspace.clock)) | facts
        opened = cases.open_case(
            workspace.store,
            workspace.user,
            person,
            source=arguments.source,
            started_on=day_of(arguments.started_on) or today(workspace.clock),
            first_positive_on=positive,
            onset_on=day_of(arguments.onset_on),
            place=arguments.place,
            managed_by=arguments.managed_by,
            followed_by=arguments.followed_by,
            facts=facts,
            note=arguments.note,
            vitals=vitals_of(typed) if typed else None,
        )
        case_words.tell_judgement(
            workspace, arguments.json, opened.judgement, case=opened.case, alert=opened.alert
        )
    if not arguments.json:
        say("care.opened", id=opened.case)
    return 4 if opened.alert else 0


def _list(arguments: Arguments) -> int:
    from tui_app.services import cases, gate

    with common.unlocked(arguments) as workspace:
        now = workspace.clock()
        with workspace.store.read() as c:
            gate.check_role(c)
            if arguments.person:
                heads = cases.cases_of(c, whole_id(workspace, "person", arguments.person), now)
            else:
                heads = cases.all_cases(c, now, ended=arguments.ended)
        if arguments.json:
            case_words.note_export(workspace, "case")
    for head in heads:
        if arguments.json:
            put_json(case_words.plain(head))
        else:
            put(case_words.head_line(head))
    if not heads and not arguments.json:
        say("care.no_cases")
    return 0


def _show(arguments: Arguments) -> int:
    from tui_app.services import access, cases

    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            card = cases.case_card(c, whole_id(workspace, "case", arguments.case), workspace.clock())
        access.note_opened(workspace.store, workspace.user, "person", card.person_id)
        if arguments.json:
            put_json(case_words.card_json(card))
        else:
            case_words.put_card(workspace, card)
    return 0


def _set(arguments: Arguments) -> int:
    from tui_app.services import cases

    with common.unlocked(arguments) as workspace:
        store, who, value, reason = workspace.store, workspace.user, arguments.value, arguments.reason
        case = whole_id(workspace, "case", arguments.case)
        on = day_of(arguments.on) or today(workspace.clock)
        if arguments.field == "place":
            event = cases.set_place(store, who, case, value, on, reason)
        elif arguments.field == "managed_by":
            event = cases.hand_over(store, who, case, value, on, reason)
        else:
            change = {
                "followed_by": cases.set_follower,
                "severity_grade": cases.take_severity,
                "risk_class": cases.take_risk,
            }[arguments.field]
            event = change(store, who, case, value, reason)
    return _told(arguments, event)


def _no_answer(arguments: Arguments) -> int:
    from tui_app.services import cases

    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        event = cases.note_no_answer(workspace.store, workspace.user, case, arguments.note)
    return _told(arguments, event)


def _end(arguments: Arguments) -> int:
    from tui_app.services import alerts, cases

    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        event = cases.end_case(
            workspace.store,
            workspace.user,
            case,
            arguments.outcome,
            day_of(arguments.on) or today(workspace.clock),
            arguments.reason,
            whole_id(workspace, "test_result", arguments.test) if arguments.test else None,
            person_too=arguments.person_too,
        )
        with workspace.store.read() as c:
            left = [one for one in alerts.open_alerts(c, workspace.clock()) if one.case == case]
    if left:
        say("care.alerts_left", count=len(left))
    return _told(arguments, event) or (4 if left else 0)


def _reopen(arguments: Arguments) -> int:
    from tui_app.services import cases

    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        event = cases.reopen(workspace.store, workspace.user, case, arguments.reason)
    return _told(arguments, event)


def _undo(arguments: Arguments) -> int:
    from tui_app.services import cases

    with common.unlocked(arguments) as workspace:
        event = whole_id(workspace, "case_event", arguments.event)
        made = cases.undo(workspace.store, workspace.user, event, arguments.reason)
    return _told(arguments, made)


def _told(arguments: Arguments, event: str) -> int:
    if arguments.json:
        put_json({"ok": True, "event": event})
    else:
        say("care.noted", id=event)
    return 0


def _suggest(arguments: Arguments) -> int:
    from tui_app.services import cases, gate

    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            gate.check_role(c)
            found = cases.suggested(c, today(workspace.clock))
        _note(workspace, arguments, "person")
    for one in found:
        if arguments.json:
            put_json(case_words.plain(one))
        else:
            method = code_word("method", one.method)
            put(f"{one.person}  {one.full_name}  {one.address}  {method} {show_date(one.on)}")
    return 4 if found else 0


def _follow_ups(arguments: Arguments) -> int:
    from tui_app.services import follow_ups, gate

    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            gate.check_role(c)
            found = follow_ups.follow_ups_due(c, today(workspace.clock))
        _note(workspace, arguments, "case")
    for one in found:
        if arguments.json:
            put_json(case_words.plain(one))
        else:
            put(f"{one.case}  {one.full_name}  {one.address}  {show_date(one.due_on)}")
    return 0


def _follow_up(arguments: Arguments) -> int:
    from tui_app.services import follow_ups

    symptoms = arguments.symptoms
    with common.unlocked(arguments) as workspace:
        visit = follow_ups.record_follow_up(
            workspace.store,
            workspace.user,
            whole_id(workspace, "case", arguments.case),
            due_on=day_of(arguments.due_on),
            well=yes_no_of(arguments.well),
            symptoms=None if symptoms is None else [code for code in symptoms.split(",") if code],
            needs=arguments.needs,
            note=arguments.note,
        )
    if arguments.json:
        put_json({"ok": True, "follow_up_visit": visit})
    else:
        say("care.noted", id=visit)
    return 0


def _note(workspace: Workspace, arguments: Arguments, kind: str) -> None:
    if arguments.json:
        case_words.note_export(workspace, kind)
