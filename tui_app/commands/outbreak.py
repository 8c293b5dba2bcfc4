"""outbreak: declare, correct and end an outbreak, its numbers by day, its forms."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tui_app.clock import show_date, today
from tui_app.commands import common
from tui_app.commands.common import Arguments, day_of, put, put_json, say
from tui_app.commands.outbreak_words import (
    areas_of,
    as_json,
    meant,
    moment_of,
    numbers_json,
    put_numbers,
    told,
)
from tui_app.errors import UserError
from tui_app.i18n import t

FORMS = ("declared", "ended", "daily")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    actions = commands.add_parser("outbreak", help=t("outbreak.help")).add_subparsers(
        metavar="ACTION", required=True
    )
    declare = _action(actions, "declare", _declare)
    declare.add_argument("name", metavar="NAME", help=t("outbreak.help_name"))
    _add_plan(declare, units=True)
    change = _action(actions, "change", _change, which=True)
    change.add_argument("--name", metavar="NAME", help=t("outbreak.help_name"))
    _add_plan(change)
    _action(actions, "list", _list)
    _action(actions, "show", _show, which=True)
    daily = _action(actions, "daily", _daily, which=True)
    daily.add_argument("--date", metavar="D", help=t("outbreak.help_date"))
    daily.add_argument("--out", type=Path, metavar="FILE", help=t("outbreak.help_out"))
    end = _action(actions, "end", _end, which=True)
    end.add_argument("--on", metavar="D", help=t("outbreak.help_on"))
    end.add_argument("--found", metavar="MOMENT", help=t("outbreak.help_found"))
    end.add_argument("--recommend", metavar="TEXT", default="", help=t("outbreak.help_recommend"))
    end.add_argument("--reason", metavar="TEXT", default="", help=t("outbreak.help_reason"))
    _action(actions, "reopen", _reopen, which=True)
    _action(actions, "withdraw", _withdraw, which=True)
    form = _action(actions, "form", _form)
    form.add_argument("form", metavar="FORM", choices=FORMS, help=t("outbreak.help_form_kind"))
    _add_which(form)
    form.add_argument("--date", metavar="D", help=t("outbreak.help_date"))
    form.add_argument("--out", type=Path, metavar="FILE", required=True, help=t("outbreak.help_out"))


def _action(actions: Any, name: str, run: Any, *, which: bool = False) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=t(f"outbreak.help_{name}"))
    if which:
        _add_which(parser)
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _add_which(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("outbreak", metavar="OUTBREAK", nargs="?", help=t("outbreak.help_which"))


def _add_plan(parser: argparse.ArgumentParser, *, units: bool = False) -> None:
    parser.add_argument("--units", metavar="UNITS", required=units, help=t("outbreak.help_units"))
    parser.add_argument("--from", dest="started_on", metavar="D", help=t("outbreak.help_from"))
    parser.add_argument("--place", metavar="TEXT", help=t("outbreak.help_place"))
    parser.add_argument("--disease", metavar="NAME", help=t("outbreak.help_disease"))
    parser.add_argument("--found", metavar="MOMENT", help=t("outbreak.help_found"))
    parser.add_argument("--recommend", metavar="TEXT", help=t("outbreak.help_recommend"))
    parser.add_argument("--note", metavar="TEXT")


def _declare(arguments: Arguments) -> int:
    from tui_app.services.outbreaks import declaring

    with common.unlocked(arguments) as workspace:
        first = day_of(arguments.started_on) or today(workspace.clock)
        areas = areas_of(workspace, arguments.units)
        plan = declaring.Plan(name=arguments.name, areas=areas, started_on=first)
        ident = declaring.declare(workspace.store, workspace.user, _planned(plan, arguments))
        return told(arguments, workspace, ident, "outbreak.declared")


def _change(arguments: Arguments) -> int:
    from tui_app.services.outbreaks import declaring

    with common.unlocked(arguments) as workspace:
        found = meant(workspace, arguments.outbreak)
        plan = declaring.plan_of(found)
        if arguments.units:
            plan = replace(plan, areas=areas_of(workspace, arguments.units))
        plan = _planned(plan, arguments)
        changed = declaring.change(workspace.store, workspace.user, found.id, plan)
        return told(arguments, workspace, found.id, "outbreak.changed" if changed else "outbreak.unchanged")


def _planned(plan: Any, arguments: Arguments) -> Any:
    """The plan with what was given."""
    given = {
        "name": arguments.name,
        "started_on": day_of(arguments.started_on),
        "place": arguments.place,
        "disease": arguments.disease,
        "identified_at": moment_of(arguments.found),
        "recommendation": arguments.recommend,
        "note": arguments.note,
    }
    return replace(plan, **{name: value for name, value in given.items() if value is not None})


def _list(arguments: Arguments) -> int:
    from tui_app.services.outbreaks import declaring, words

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        found = declaring.outbreaks(c)
    for one in found:
        if arguments.json:
            put_json(as_json(one))
        else:
            put(
                "  ".join(
                    (one.id, one.name, one.disease, words.dates(one), words.units(one), words.state(one))
                )
            )
    if not found and not arguments.json:
        say("outbreak.none")
    return 0


def _show(arguments: Arguments) -> int:
    """What was declared, its deadlines, the numbers of today."""
    from tui_app.services.outbreaks import words
    from tui_app.services.outbreaks.standing import standing

    with common.unlocked(arguments) as workspace:
        found = meant(workspace, arguments.outbreak)
        with workspace.store.read() as c:
            now = standing(c, found, workspace.clock())
    if arguments.json:
        told = {
            "deadlines": [asdict(one) for one in now.due],
            "quiet": now.quiet and now.quiet.kept(),
            "numbers": numbers_json(now.numbers),
        }
        put_json(as_json(found) | told)
        return 0
    put("  ".join((found.name, found.disease, words.where(found), words.dates(found), words.state(found))))
    for one in now.due:
        put(words.deadline(one))
    if now.quiet and now.rules:
        put(words.quiet(now.rules, now.quiet))
    put_numbers(now.numbers)
    return 0


def _daily(arguments: Arguments) -> int:
    """Every day on which anything happened, unit by unit; or the form in a file."""
    from tui_app.services.outbreaks import words
    from tui_app.services.outbreaks.numbers import daily_numbers

    if arguments.out is not None:
        return _form(arguments)
    with common.unlocked(arguments) as workspace:
        found = meant(workspace, arguments.outbreak)
        day = day_of(arguments.date) or today(workspace.clock)
        with workspace.store.read() as c:
            numbers = daily_numbers(c, found.id, day, workspace.clock())
    if arguments.json:
        put_json(numbers_json(numbers))
        return 0
    for line in numbers.days:
        put("  ".join((show_date(line.day), line.unit, words.numbers(line.numbers))))
    put_numbers(numbers)
    return 0


def _end(arguments: Arguments) -> int:
    from tui_app.services.outbreaks import declaring

    with common.unlocked(arguments) as workspace:
        found = meant(workspace, arguments.outbreak)
        declaring.end(
            workspace.store,
            workspace.user,
            found.id,
            day_of(arguments.on) or today(workspace.clock),
            over_at=moment_of(arguments.found),
            recommendation=arguments.recommend,
            reason=arguments.reason,
        )
        return told(arguments, workspace, found.id, "outbreak.ended")


def _reopen(arguments: Arguments) -> int:
    from tui_app.services.outbreaks import declaring

    with common.unlocked(arguments) as workspace:
        found = meant(workspace, arguments.outbreak)
        declaring.reopen(workspace.store, workspace.user, found.id)
        return told(arguments, workspace, found.id, "outbreak.reopened")


def _withdraw(arguments: Arguments) -> int:
    from tui_app.services.outbreaks import declaring

    with common.unlocked(arguments) as workspace:
        found = meant(workspace, arguments.outbreak)
        declaring.withdraw(workspace.store, workspace.user, found.id)
    if arguments.json:
        put_json({"id": found.id})
    else:
        say("outbreak.withdrawn", name=found.name)
    return 0


def _form(arguments: Arguments) -> int:
    """A form in a file."""
    from tui_app.papers import outbreak_daily, outbreak_notice

    form = getattr(arguments, "form", "daily")
    formats = outbreak_daily.FORMATS if form == "daily" else outbreak_notice.FORMATS
    file_format = arguments.out.suffix[1:].lower()
    if file_format not in formats:
        raise UserError("papers.bad_format", file=str(arguments.out), formats=", ".join(formats))
    with common.unlocked(arguments) as workspace:
        found = meant(workspace, arguments.outbreak)
        if form == "daily":
            day = day_of(arguments.date) or today(workspace.clock)
            body = outbreak_daily.write_daily(workspace, found.id, day, file_format)
        else:
            body = outbreak_notice.write_notice(
                workspace, found.id, "ended" if form == "ended" else "declared"
            )
        with common.output(arguments.out) as stream:
            stream.write(body)
    if arguments.json:
        put_json({"file": str(arguments.out)})
    else:
        say("papers.written", file=str(arguments.out))
    return 0
