"""contacts: who met a case, how long they are watched, and how they are day by day."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tui_app.clock import show_date, today
from tui_app.codes import code_word, yes_no
from tui_app.commands import common
from tui_app.commands.care_arguments import day_of, whole_id, yes_no_of
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    actions = commands.add_parser("contacts", help=t("contacts.help")).add_subparsers(
        metavar="ACTION", required=True
    )
    household = _action(actions, "household", _household)
    household.add_argument("case", metavar="CASE")
    household.add_argument("--without", action="append", default=[], metavar="PERSON")
    _add_meeting(household, "household")
    named = _action(actions, "add", _add)
    named.add_argument("case", metavar="CASE")
    who = named.add_mutually_exclusive_group(required=True)
    who.add_argument("--person", metavar="PERSON", help=t("contacts.help_person"))
    who.add_argument("--name", metavar="NAME", help=t("contacts.help_name"))
    named.add_argument("--phone", metavar="PHONE", default="")
    _add_meeting(named, "other")
    check = _action(actions, "check", _check)
    check.add_argument("contact", metavar="ID")
    check.add_argument("--on", metavar="D")
    check.add_argument("--temperature", metavar="C")
    check.add_argument("--symptoms", metavar="CODES", help=t("contacts.help_symptoms"))
    check.add_argument("--well", action="store_true", help=t("contacts.help_well"))
    check.add_argument("--away", action="store_true", help=t("contacts.help_away"))
    check.add_argument("--amends", metavar="CHECK")
    check.add_argument("--note", metavar="TEXT", default="")
    listed = _action(actions, "list", _list)
    listed.add_argument("--case", metavar="CASE", help=t("contacts.help_case"))
    correct = _action(actions, "correct", _correct)
    correct.add_argument("contact", metavar="ID")
    correct.add_argument("--last-met-on", metavar="D")
    correct.add_argument("--met", metavar="HOW")
    correct.add_argument("--protected", choices=("yes", "no"), help=t("contacts.help_protected"))
    end = _action(actions, "end", _end)
    end.add_argument("contact", metavar="ID")
    end.add_argument("--on", metavar="D")
    end.add_argument("--reason", metavar="TEXT", default="")
    sheet = _action(actions, "sheet", _sheet)
    sheet.add_argument("contact", metavar="ID")
    sheet.add_argument("--out", type=Path, metavar="FILE.pdf", required=True)
    sheet.add_argument("--blank", action="store_true", help=t("papers.help_blank"))


def _action(actions: Any, name: str, run: Any) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=t(f"contacts.help_{name}"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _add_meeting(parser: argparse.ArgumentParser, met: str) -> None:
    parser.add_argument("--last-met-on", metavar="D", help=t("contacts.help_last_met"))
    parser.add_argument("--met", metavar="HOW", default=met)
    parser.add_argument("--level", type=int, choices=(1, 2), default=1)
    parser.add_argument("--protected", choices=("yes", "no"), help=t("contacts.help_protected"))
    parser.add_argument("--note", metavar="TEXT", default="")


def _kind(typed: str) -> Any:
    from tui_app.records.contacts import ContactKind

    if typed not in set(ContactKind):
        raise UserError("contacts.bad_kind", kind=typed, kinds=", ".join(ContactKind))
    return ContactKind(typed)


def _meeting(arguments: Arguments, workspace: Any) -> Any:
    from tui_app.services.cases.contacts import Meeting

    return Meeting(
        last_met_on=day_of(arguments.last_met_on) or today(workspace.clock),
        met=_kind(arguments.met),
        level=arguments.level,
        protected=yes_no_of(arguments.protected),
        note=arguments.note,
    )


def _household(arguments: Arguments) -> int:
    """Everybody who lives with the patient; those known already stay as they are."""
    from tui_app.services.cases import contacts

    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        without = [whole_id(workspace, "person", one) for one in arguments.without]
        meeting = _meeting(arguments, workspace)
        made = contacts.add_household(workspace.store, workspace.user, case, meeting, without=without)
    if arguments.json:
        put_json({"case": case, "contacts": made})
    else:
        say("contacts.household_added", count=len(made))
    return 0


def _add(arguments: Arguments) -> int:
    from tui_app.services.cases import contacts

    with common.unlocked(arguments) as workspace:
        case = whole_id(workspace, "case", arguments.case)
        meeting = _meeting(arguments, workspace)
        store, user = workspace.store, workspace.user
        if arguments.person:
            person = whole_id(workspace, "person", arguments.person)
            ident = contacts.add_person(store, user, case, person, meeting)
        else:
            ident = contacts.add_named(store, user, case, arguments.name, meeting, phone=arguments.phone)
    return _said(arguments, ident, "contacts.added")


def _check(arguments: Arguments) -> int:
    from tui_app.services.cases import contacts
    from tui_app.services.cases.contact_lists import Day

    typed = arguments.symptoms
    symptoms = () if arguments.well and typed is None else typed
    if typed is not None:
        symptoms = tuple(filter(None, (code.strip() for code in typed.split(","))))
    with common.unlocked(arguments) as workspace:
        day = Day(
            on=day_of(arguments.on) or today(workspace.clock),
            temperature_c=_degrees(arguments.temperature),
            symptoms=symptoms,
            well=True if arguments.well else False if symptoms else None,
            away=arguments.away,
            note=arguments.note,
        )
        contact = whole_id(workspace, "contact", arguments.contact)
        amends = whole_id(workspace, "contact_check", arguments.amends) if arguments.amends else None
        ident = contacts.check(workspace.store, workspace.user, contact, day, amends=amends)
    return _said(arguments, ident, "contacts.checked")


def _list(arguments: Arguments) -> int:
    """The contacts of a case, or all that have to be looked after today."""
    from tui_app.services.cases import contact_lists

    with common.unlocked(arguments) as workspace:
        day = today(workspace.clock)
        case = whole_id(workspace, "case", arguments.case) if arguments.case else None
        with workspace.store.read() as c:
            found = contact_lists.contacts(c, case, day) if case else contact_lists.to_look_after(c, day)
    for one in found:
        if arguments.json:
            line = {name: value for name, value in asdict(one).items() if name != "age"}
            put_json(line | {"findings": [finding.kept() for finding in one.findings]})
            continue
        if one.ended_on:
            until = t("contacts.ended", date=show_date(one.ended_on))
        elif one.watch_until:
            until = t("contacts.until", date=show_date(one.watch_until))
        else:
            until = t("contacts.no_watch" if one.findings else "contacts.unknown_watch")
        seen = t("contacts.seen" if one.checked(day) else "contacts.not_seen")
        cells = (
            f"F{one.level}",
            one.full_name,
            code_word("met", one.met),
            yes_no(one.protected),
            until,
            seen,
            one.id,
        )
        put("  ".join(cells))
    if not found and not arguments.json:
        say("contacts.none")
    return 0


def _correct(arguments: Arguments) -> int:
    """What was learned later about a contact; the watch follows the rule of the day they last met."""
    from tui_app.services.cases import contacts

    with common.unlocked(arguments) as workspace:
        ident = whole_id(workspace, "contact", arguments.contact)
        until = contacts.correct(
            workspace.store,
            workspace.user,
            ident,
            last_met_on=day_of(arguments.last_met_on),
            met=_kind(arguments.met) if arguments.met else None,
            protected=yes_no_of(arguments.protected),
        )
    if arguments.json:
        put_json({"id": ident, "watch_until": until})
    else:
        say("contacts.corrected", date=show_date(until) if until else "–")
    return 0


def _end(arguments: Arguments) -> int:
    from tui_app.services.cases import contacts

    with common.unlocked(arguments) as workspace:
        contact = whole_id(workspace, "contact", arguments.contact)
        contacts.end_watch(
            workspace.store, workspace.user, contact, arguments.reason, on=day_of(arguments.on)
        )
    return _said(arguments, contact, "contacts.watch_ended")


def _sheet(arguments: Arguments) -> int:
    """Sheet 5.5: a named paper, warned of and noted."""
    from tui_app.papers.contact_sheet import FORMATS, write_sheet

    if arguments.out.suffix[1:].lower() not in FORMATS:
        raise UserError("papers.bad_format", file=str(arguments.out), formats=", ".join(FORMATS))
    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        contact = whole_id(workspace, "contact", arguments.contact)
        body = write_sheet(workspace, contact, blank=arguments.blank)
        with common.output(arguments.out) as stream:
            stream.write(body)
    return _said(arguments, contact, "contacts.sheet_written")


def _said(arguments: Arguments, ident: str, key: str) -> int:
    if arguments.json:
        put_json({"id": ident})
    else:
        say(key)
    return 0


def _degrees(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError as error:
        raise UserError("contacts.bad_temperature", value=text) from error
