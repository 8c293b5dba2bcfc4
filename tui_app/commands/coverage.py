"""coverage, report coverage: who has what a plan's targets ask, against whom, met or not."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from tui_app.clock import today
from tui_app.commands import common
from tui_app.commands.care_arguments import day_of
from tui_app.commands.case_words import note_export
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    parser = commands.add_parser("coverage", help=t("coverage.help"))
    add_options(parser)
    parser.add_argument("--list", dest="goal", metavar="TARGET", help=t("coverage.help_list"))
    parser.add_argument("--of", dest="which", metavar="NAME", default="lack", help=t("coverage.help_of"))
    parser.add_argument(
        "--denominator", nargs=2, metavar=("TARGET", "COUNT"), help=t("coverage.help_denominator")
    )
    parser.add_argument("--source", metavar="TEXT", help=t("coverage.help_source"))
    parser.add_argument("--as-of", metavar="D", help=t("coverage.help_as_of"))
    parser.add_argument("--forget", metavar="TARGET", help=t("coverage.help_forget"))
    parser.set_defaults(run=_run)


def add_report(kinds: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Declare ``report coverage`` among the reports; who asked runs `report`."""
    parser = kinds.add_parser("coverage", help=t("coverage.help"))
    add_options(parser)
    return parser


def add_options(parser: argparse.ArgumentParser) -> None:
    """Of which day, unit by unit or not, on the screen, for a program or into a file."""
    parser.add_argument("--date", metavar="D", help=t("vaccination.help_date"))
    parser.add_argument("--by-unit", action="store_true", help=t("coverage.help_by_unit"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=t("vaccination.help_out"))
    common.add_json(parser)
    common.add_login(parser)


def _run(arguments: Arguments) -> int:
    if arguments.denominator:
        return _type_in(arguments)
    if arguments.forget:
        return _forget(arguments)
    return _list(arguments) if arguments.goal else report(arguments)


def report(arguments: Arguments) -> int:
    """Every target of the day."""
    from tui_app.services.vaccination.coverage import coverage
    from tui_app.services.vaccination.coverage_words import report_json

    with common.unlocked(arguments) as workspace:
        day = day_of(arguments.date) or today(workspace.clock)
        if arguments.out is not None:
            return _write(arguments, workspace, day)
        with workspace.store.read() as c:
            found = coverage(c, day, by_unit=arguments.by_unit)
    if arguments.json:
        put_json(report_json(found))
        return 0
    _print(found)
    if not found.figures:
        say("coverage.no_plan")
    for unit in found.locked:
        say("coverage.locked", unit=unit)
    return 0


def _print(report: Any) -> None:
    from tui_app.services.vaccination.coverage_words import (
        beside,
        count_words,
        document_words,
        goal_words,
        limit_words,
        met_words,
        source_words,
    )

    for found in report.figures:
        target = found.goal.target
        limit = limit_words(found.goal)
        put(f"{goal_words(found.goal)}  [{found.goal.key}]")
        put(f"  {count_words(found.judged)}" + (f"  {limit}: {met_words(found)}" if limit else ""))
        other = found.plain if target.without_contraindicated else found.without
        if found.ids["contraindicated"] or target.without_contraindicated:
            key = "coverage.plain" if target.without_contraindicated else "coverage.without"
            put("  " + t(key, count=count_words(other)))
        if found.typed is not None:
            put("  " + t("coverage.of_list", count=count_words(found.plain)))
        if more := beside(found):
            put("  " + " · ".join(more))
        put("  " + source_words(found, report))
        put("  " + document_words(found.goal))
        for area, one in sorted(found.areas.items(), key=lambda pair: report.units[pair[0]]):
            put(f"    {report.units[area]}: {count_words(one.judged)}  {met_words(one)}")


def _write(arguments: Arguments, workspace: Any, day: date) -> int:
    from tui_app.papers.coverage_sheet import FORMATS, write_coverage

    ending: Any = arguments.out.suffix[1:].lower()
    if ending not in FORMATS:
        raise UserError("papers.bad_format", file=str(arguments.out), formats=", ".join(FORMATS))
    body = write_coverage(workspace, day, ending)
    with common.output(arguments.out) as stream:
        stream.write(body)
    if arguments.json:
        put_json({"file": str(arguments.out), "date": day.isoformat()})
    else:
        say("papers.written", file=str(arguments.out))
    return 0


def _list(arguments: Arguments) -> int:
    """The persons behind a figure: named lines, warned of and noted."""
    from tui_app.services.vaccination.coverage import LISTS, coverage
    from tui_app.services.vaccination.vaccination_lists import lines_of
    from tui_app.services.vaccination.vaccination_words import given_words, status_words

    if arguments.which not in LISTS:
        raise UserError("vaccination.bad_list", name=arguments.which, known=", ".join(LISTS))
    say("papers.names_warning")
    with common.unlocked(arguments) as workspace:
        day = day_of(arguments.date) or today(workspace.clock)
        note_export(workspace, "vaccination_dose")
        with workspace.store.read() as c:
            figures = {one.goal.key: one for one in coverage(c, day).figures}
            if arguments.goal not in figures:
                raise UserError("coverage.unknown_goal", goal=arguments.goal, known=", ".join(figures))
            lines = lines_of(c, figures[arguments.goal].ids[arguments.which], day)
    for one in lines:
        if arguments.json:
            put_json({"person": one.person, "full_name": one.full_name, "born": one.born, "unit": one.unit})
        else:
            cells = (
                one.full_name,
                one.born,
                one.address,
                one.unit,
                given_words(one.status),
                status_words(one.status),
            )
            put("  ".join(filter(None, (*cells, one.person))))
    if not arguments.json:
        say("vaccination.listed", count=len(lines))
    return 0


def _type_in(arguments: Arguments) -> int:
    from tui_app.services.vaccination import denominators

    goal, count = arguments.denominator
    if not count.isdigit():
        raise UserError("coverage.bad_count", count=count)
    with common.unlocked(arguments) as workspace:
        as_of = day_of(arguments.as_of) or today(workspace.clock)
        denominators.type_in(workspace.store, workspace.user, goal, int(count), arguments.source or "", as_of)
    say("coverage.typed")
    return 0


def _forget(arguments: Arguments) -> int:
    from tui_app.services.vaccination import denominators

    with common.unlocked(arguments) as workspace:
        known = denominators.take_away(workspace.store, arguments.forget)
    say("coverage.forgotten" if known else "coverage.nothing_forgotten")
    return 0
