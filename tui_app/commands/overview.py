"""overview: the chief's six numbers with their line, teams, laptops, what is undecided and what records lack."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from tui_app.clock import show_moment
from tui_app.commands import common
from tui_app.commands.common import Arguments, day_of, put, put_json, say, tell
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    overview = commands.add_parser("overview", help=t("command.help"))
    overview.add_argument("--date", metavar="D", help=t("review.help_date"))
    overview.add_argument("--ids", action="store_true", help=t("command.help_ids"))
    common.add_json(overview)
    common.add_login(overview)
    overview.set_defaults(run=run_overview)


def run_overview(arguments: Arguments) -> int:
    """Print the day; exit 4 while a danger sign is unanswered."""
    from tui_app.services.access import gate
    from tui_app.services.command import overview_words as words
    from tui_app.services.command import quality, teams
    from tui_app.services.command.approval import day_review
    from tui_app.services.command.numbers import DANGER, overview
    from tui_app.services.command.words import summary

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        now = workspace.clock()
        seen = overview(c, now, day_of(arguments.date))
        review = day_review(c, seen.day.on)
        lines = teams.teams(seen, review)
        flaws = quality.flaws(c, now)
        left_out = gate.left_out(c)
    if left_out:
        tell(left_out)
    danger = 4 if seen.number(DANGER).value else 0
    if arguments.json:
        put_json(
            {
                **asdict(seen.day),
                "at": seen.moment,
                "numbers": [
                    _fields(one, arguments.ids) | {"yesterday": one.yesterday} for one in seen.numbers
                ],
                "teams": [_fields(one, arguments.ids) for one in lines],
                "laptops": [asdict(one) for one in seen.fleet.lines],
                "laptops_told": seen.fleet.told,
                "review": {"closed": review.closed, "undecided": len(review.undecided), **review.counts},
                "quality": [_fields(one, arguments.ids) for one in flaws],
            }
        )
        return danger
    for one in seen.numbers:
        put(f"{words.name(one):<28} {words.value(one):>9}  {words.yesterday(one):<16}  {words.line(one)}")
    put("")
    for line in lines:
        put(words.team(line))
    put("")
    for laptop in seen.fleet.lines:
        put(words.laptop(laptop))
    if not seen.fleet.told:
        say("command.laptops_untold")
    wrong = [one for one in flaws if one.ids]
    put("" if wrong else "\n" + t("command.no_flaws"))
    for flaw in wrong:
        put(words.flaw(flaw))
    tell(f"{show_moment(seen.moment)} · {summary(review)}")
    return danger


def _fields(one: Any, ids: bool) -> dict[str, Any]:
    """A line for programs: lists of ids as such, or how many they are."""
    fields = asdict(one)
    if ids:
        return fields
    return {
        name: len(value) if isinstance(value, (list, tuple)) and name != "line" else value
        for name, value in fields.items()
    }
