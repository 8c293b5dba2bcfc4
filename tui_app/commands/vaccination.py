"""vaccination: doses of a person, who is not to be vaccinated, and how somebody stands."""

from __future__ import annotations

import argparse
from typing import Any

from tui_app.clock import show_date, today
from tui_app.commands import common, reconciling, vaccination_lists
from tui_app.commands.care_arguments import day_of, whole_id
from tui_app.commands.case_words import plain
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    actions = commands.add_parser("vaccination", help=t("vaccination.help")).add_subparsers(
        metavar="ACTION", required=True
    )
    new = _action(actions, "add", _add, "person")
    _add_dose(new)
    change = _action(actions, "change", _change, "dose")
    _add_dose(change)
    remove = _action(actions, "remove", _remove, "dose")
    remove.add_argument("--reason", metavar="TEXT", required=True, help=t("vaccination.help_reason"))
    never = _action(actions, "contraindicate", _contraindicate, "person")
    never.add_argument("--reason", metavar="TEXT", required=True, help=t("vaccination.help_reason"))
    later = _action(actions, "postpone", _postpone, "person")
    later.add_argument("--until", metavar="D", required=True, help=t("vaccination.help_until"))
    later.add_argument("--reason", metavar="TEXT", required=True, help=t("vaccination.help_reason"))
    _action(actions, "clear", _clear, "person")
    none = _action(actions, "none", _none, "person")
    none.add_argument("--reason", metavar="TEXT", required=True, help=t("vaccination.help_reason"))
    show = _action(actions, "show", _show, "person")
    show.add_argument("--date", metavar="D", help=t("vaccination.help_date"))
    vaccination_lists.add(actions)
    reconciling.add(actions)


def _action(actions: Any, name: str, run: Any, about: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=t(f"vaccination.help_{name}"))
    parser.add_argument(about, metavar=about.upper())
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _add_dose(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--on", dest="given_on", metavar="D", help=t("vaccination.help_given_on"))
    parser.add_argument("--product", metavar="NAME", help=t("vaccination.help_product"))
    parser.add_argument("--type", dest="dose_type", metavar="TYPE", help=t("vaccination.help_type"))
    parser.add_argument("--number", metavar="N", type=int, help=t("vaccination.help_number"))
    parser.add_argument("--place", metavar="TEXT")
    parser.add_argument("--lot", metavar="TEXT")
    parser.add_argument("--source", metavar="SOURCE", help=t("vaccination.help_source"))
    parser.add_argument("--note", metavar="TEXT")


def _dose(arguments: Arguments) -> dict[str, Any]:
    """The options of `_add_dose` that were given. Raises UserError for a code that does not exist."""
    from tui_app.records.vaccination import DoseSource, DoseType

    names = ("product", "dose_type", "number", "place", "lot", "source", "note")
    fields = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    if arguments.given_on is not None:
        fields["given_on"] = day_of(arguments.given_on)
    for name, codes in (("dose_type", DoseType), ("source", DoseSource)):
        if name in fields and fields[name] not in set(codes):
            raise UserError("vaccination.bad_code", name=name, value=fields[name], known=", ".join(codes))
    return fields


def _add(arguments: Arguments) -> int:
    from tui_app.services.vaccination import vaccination

    with common.unlocked(arguments) as workspace:
        person = whole_id(workspace, "person", arguments.person)
        fields = {"source": "card", **_dose(arguments)}
        ident = vaccination.add_dose(workspace.store, workspace.user, person, fields)
    return _said(arguments, "vaccination.added", id=ident)


def _change(arguments: Arguments) -> int:
    from tui_app.services.vaccination import vaccination

    with common.unlocked(arguments) as workspace:
        dose = whole_id(workspace, "vaccination_dose", arguments.dose)
        ident = vaccination.change_dose(workspace.store, workspace.user, dose, _dose(arguments))
    return _said(arguments, "vaccination.changed", id=ident)


def _remove(arguments: Arguments) -> int:
    from tui_app.services.vaccination import vaccination

    with common.unlocked(arguments) as workspace:
        dose = whole_id(workspace, "vaccination_dose", arguments.dose)
        vaccination.remove_dose(workspace.store, workspace.user, dose, arguments.reason)
    return _said(arguments, "vaccination.removed", id=dose)


def _contraindicate(arguments: Arguments) -> int:
    from tui_app.services.vaccination import vaccination

    with common.unlocked(arguments) as workspace:
        person = whole_id(workspace, "person", arguments.person)
        vaccination.contraindicate(workspace.store, workspace.user, person, arguments.reason)
    return _said(arguments, "vaccination.contraindicated", id=person)


def _postpone(arguments: Arguments) -> int:
    from tui_app.services.vaccination import vaccination

    until = day_of(arguments.until)
    if until is None:
        raise UserError("cli.bad_day", day=arguments.until)
    with common.unlocked(arguments) as workspace:
        person = whole_id(workspace, "person", arguments.person)
        vaccination.postpone(workspace.store, workspace.user, person, until, arguments.reason)
    return _said(arguments, "vaccination.postponed", id=person, date=show_date(until))


def _clear(arguments: Arguments) -> int:
    from tui_app.services.vaccination import vaccination

    with common.unlocked(arguments) as workspace:
        person = whole_id(workspace, "person", arguments.person)
        stood = vaccination.clear(workspace.store, workspace.user, person)
    return _said(arguments, "vaccination.cleared" if stood else "vaccination.nothing_to_clear", id=person)


def _none(arguments: Arguments) -> int:
    from tui_app.services.vaccination import vaccination

    with common.unlocked(arguments) as workspace:
        person = whole_id(workspace, "person", arguments.person)
        vaccination.not_vaccinated(workspace.store, workspace.user, person, arguments.reason)
    return _said(arguments, "vaccination.noted_none", id=person)


def _show(arguments: Arguments) -> int:
    """The doses, how the person stands on the day, and which rules say so; that it was opened is noted."""
    from tui_app.services.access import access
    from tui_app.services.vaccination.vaccination_card import vaccination_card
    from tui_app.services.vaccination.vaccination_words import dose_line, given_words, status_words, why_lines

    with common.unlocked(arguments) as workspace:
        day = day_of(arguments.date) or today(workspace.clock)
        person = whole_id(workspace, "person", arguments.person)
        with workspace.store.read() as c:
            card = vaccination_card(c, person, day)
        access.note_opened(workspace.store, workspace.user, "person", person)
    if arguments.json:
        doses = [{"id": dose.id, **dose.body} for dose in card.doses]
        status = plain(card.status) | {"overdue": card.status.overdue} if card.status else None
        put_json({"person": person, "date": day.isoformat(), "doses": doses, "status": status})
        return 0
    for dose in card.doses:
        put("  ".join((*dose_line(card.sets, dose.body), dose.id)))
    if card.status is not None:
        put(f"{given_words(card.status)}  {status_words(card.status, until=card.until)}")
        for line in why_lines(card.sets, card.status):
            put("  " + line)
    if card.reason:
        put("  " + card.reason)
    return 0


def _said(arguments: Arguments, key: str, **params: Any) -> int:
    if arguments.json:
        put_json({"id": params["id"]})
    else:
        say(key, **params)
    return 0
