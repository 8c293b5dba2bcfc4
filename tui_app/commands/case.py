"""case: opened, handed on, corrected, ended."""

from __future__ import annotations

import argparse
from typing import Any

from tui_app.bootstrap import Workspace
from tui_app.clock import show_date, today
from tui_app.codes import code_word
from tui_app.commands import case_follow_ups, case_words, common
from tui_app.commands.care_arguments import add_vitals, day_of, facts_of, typed_vitals, vitals_of, whole_id
from tui_app.commands.case_actions import action, add_text, write
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    case = commands.add_parser("case", help=t("care.help_case"))
    actions = case.add_subparsers(metavar="ACTION", required=True)
    opened = action(actions, "open", _open, "person", "PERSON")
    opened.add_argument("--source", metavar="SOURCE", default="positive_test", help=t("care.help_source"))
    opened.add_argument("--started-on", metavar="D", help=t("care.help_started_on"))
    opened.add_argument("--first-positive-on", metavar="D", help=t("fields.first_positive_on"))
    opened.add_argument("--onset-on", metavar="D", help=t("fields.onset_on"))
    opened.add_argument("--place", metavar="PLACE", default="home", help=t("fields.place"))
    opened.add_argument("--managed-by", metavar="UNIT", default="", help=t("fields.managed_by"))
    opened.add_argument("--followed-by", metavar="WHO", default="", help=t("fields.followed_by"))
    opened.add_argument("--fact", action="append", default=[], metavar="NAME=VALUE", help=t("care.help_fact"))
    add_text(opened, "note")
    add_vitals(opened)
    listed = action(actions, "list", _list)
    listed.add_argument("--ended", action="store_true", help=t("care.help_ended"))
    listed.add_argument("--person", metavar="PERSON", help=t("care.help_of_person"))
    action(actions, "show", _show, "case", "ID")
    _change(actions, "place", "place")
    _change(actions, "hand-over", "managed_by")
    _change(actions, "follow", "followed_by")
    _change(actions, "grade", "severity_grade")
    _change(actions, "risk", "risk_class")
    correct = action(actions, "correct", _correct, "case", "ID")
    correct.add_argument("--first-positive-on", metavar="D", help=t("fields.first_positive_on"))
    correct.add_argument("--onset-on", metavar="D", help=t("fields.onset_on"))
    add_text(correct, "reason")
    answer = action(actions, "answer", _answer, "case", "ID")
    answer.add_argument("--fact", action="append", default=[], metavar="NAME=VALUE", help=t("care.help_fact"))
    silent = action(actions, "no-answer", _no_answer, "case", "ID")
    add_text(silent, "note")
    end = action(actions, "end", _end, "case", "ID")
    end.add_argument("outcome", metavar="OUTCOME", help=t("care.help_outcome"))
    end.add_argument("--on", metavar="D", help=t("care.help_on"))
    end.add_argument("--test", metavar="ID", help=t("care.help_test"))
    end.add_argument("--person-too", action="store_true", help=t("care.help_person_too"))
    add_text(end, "reason")
    reopen = action(actions, "reopen", _reopen, "case", "ID")
    reopen.add_argument("--person-too", action="store_true", help=t("care.help_reopen_person_too"))
    add_text(reopen, "reason")
    undo = action(actions, "undo", _undo, "event", "EVENT")
    add_text(undo, "reason")
    action(actions, "suggest", _suggest)
    case_follow_ups.add(actions)


def _change(actions: Any, name: str, field: str) -> None:
    parser = action(actions, name, _set, "case", "ID")
    parser.add_argument("value", metavar="VALUE", help=t(f"fields.{field}"))
    parser.add_argument("--on", metavar="D", help=t("care.help_on"))
    add_text(parser, "reason")
    parser.set_defaults(field=field)


def _open(arguments: Arguments) -> int:
    from tui_app.services.care.vaccinated import recorded_facts
    from tui_app.services.cases import cases

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
            vitals=vitals_of(workspace, typed) if typed else None,
        )
        case_words.tell_judgement(
            workspace, arguments.json, opened.judgement, case=opened.case, alert=opened.alert
        )
    if not arguments.json:
        say("care.opened", id=opened.case)
    return 4 if opened.alert else 0


def _list(arguments: Arguments) -> int:
    from tui_app.services.access import gate
    from tui_app.services.cases import cases

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
    if not arguments.json and any(head.ended_on is None and head.open_cases > 1 for head in heads):
        say("care.end_mistaken")
    return 0


def _show(arguments: Arguments) -> int:
    from tui_app.services.access import access
    from tui_app.services.cases import cases

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
    from tui_app.services.cases import cases

    def changed(desk: Workspace, case: str) -> str:
        store, who, value, reason = desk.store, desk.user, arguments.value, arguments.reason
        if arguments.field in ("place", "managed_by"):
            change = cases.set_place if arguments.field == "place" else cases.hand_over
            return change(store, who, case, value, day_of(arguments.on) or today(desk.clock), reason)
        take = {
            "followed_by": cases.set_follower,
            "severity_grade": cases.take_severity,
            "risk_class": cases.take_risk,
        }[arguments.field]
        return take(store, who, case, value, reason)

    return write(arguments, "case", arguments.case, changed)


def _no_answer(arguments: Arguments) -> int:
    from tui_app.services.cases import cases

    return write(
        arguments,
        "case",
        arguments.case,
        lambda desk, case: cases.note_no_answer(desk.store, desk.user, case, arguments.note),
    )


def _correct(arguments: Arguments) -> int:
    from tui_app.services.care.known import DAY_FIELDS
    from tui_app.services.cases.case_facts import correct_days

    given = {name: getattr(arguments, name) for name in DAY_FIELDS}
    days = {name: day_of(typed) for name, typed in given.items() if typed is not None}
    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        events = correct_days(workspace.store, workspace.user, case, days, arguments.reason)
    if arguments.json:
        put_json({"ok": True, "events": list(events)})
    else:
        say("care.noted", id=", ".join(events))
    return 0


def _answer(arguments: Arguments) -> int:
    from tui_app.services.cases.case_facts import answer_entry
    from tui_app.services.cases.cases import FACTS
    from tui_app.services.people.values import field_word

    facts = facts_of(arguments.fact, FACTS)
    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        new = answer_entry(workspace.store, workspace.user, case, facts)
    if arguments.json:
        put_json({"ok": True, "fields": list(new)})
    else:
        say("care.noted", id=", ".join(field_word(name, "case") for name in new))
    return 0


def _end(arguments: Arguments) -> int:
    from tui_app.services.cases import alerts, cases

    left: list[str] = []

    def ended(desk: Workspace, case: str) -> str:
        test = whole_id(desk, "test_result", arguments.test) if arguments.test else None
        on, outcome = day_of(arguments.on) or today(desk.clock), arguments.outcome
        event = cases.end_case(
            desk.store,
            desk.user,
            case,
            outcome,
            on,
            arguments.reason,
            test,
            person_too=arguments.person_too,
        )
        with desk.store.read() as c:
            left.extend(one.id for one in alerts.open_alerts(c, desk.clock()) if one.case == case)
        return event

    code = write(arguments, "case", arguments.case, ended)
    if left:
        say("care.alerts_left", count=len(left))
    return code or (4 if left else 0)


def _reopen(arguments: Arguments) -> int:
    from tui_app.services.cases import cases

    return write(
        arguments,
        "case",
        arguments.case,
        lambda desk, case: cases.reopen(
            desk.store, desk.user, case, arguments.reason, person_too=arguments.person_too
        ),
    )


def _undo(arguments: Arguments) -> int:
    from tui_app.services.cases import cases

    return write(
        arguments,
        "case_event",
        arguments.event,
        lambda desk, event: cases.undo(desk.store, desk.user, event, arguments.reason),
    )


def _suggest(arguments: Arguments) -> int:
    from tui_app.services.access import gate
    from tui_app.services.cases import cases

    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            gate.check_role(c)
            found = cases.suggested(c, today(workspace.clock))
        if arguments.json:
            case_words.note_export(workspace, "person")
    for one in found:
        if arguments.json:
            put_json(case_words.plain(one))
        else:
            method = code_word("method", one.method)
            put(f"{one.person}  {one.full_name}  {one.address}  {method} {show_date(one.on)}")
    return 4 if found else 0
