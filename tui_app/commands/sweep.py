"""sweep: start, change and call off a sweep, see how far it is, file its report and who has not."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tui_app.clock import today
from tui_app.commands import common
from tui_app.commands.common import Arguments, day_of, put, put_json, say
from tui_app.errors import NotFound, UserError
from tui_app.i18n import t

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace
    from tui_app.services.station.units import Units
    from tui_app.services.sweeps.sweeps import Sweep


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    from tui_app.commands import sweep_results

    actions = commands.add_parser("sweep", help=t("sweep.help")).add_subparsers(
        metavar="ACTION", required=True
    )
    start = action(actions, "start", _start)
    start.add_argument("name", metavar="NAME")
    _add_plan(start)
    change = action(actions, "change", _change)
    change.add_argument("sweep", metavar="SWEEP", help=t("sweep.help_which"))
    change.add_argument("--name", metavar="NAME")
    _add_plan(change)
    call_off = action(actions, "cancel", _cancel)
    call_off.add_argument("sweep", metavar="SWEEP", help=t("sweep.help_which"))
    call_off.add_argument("--undo", action="store_true", help=t("sweep.help_cancel_undo"))
    action(actions, "list", _list)
    sweep_results.add(actions)


def action(actions: Any, name: str, run: Any) -> argparse.ArgumentParser:
    """A command under ``sweep`` with the options all of them have."""
    parser: argparse.ArgumentParser = actions.add_parser(name, help=t(f"sweep.help_{name}"))
    common.add_json(parser)
    common.add_login(parser)
    parser.set_defaults(run=run)
    return parser


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--units", metavar="UNITS", help=t("sweep.help_units"))
    parser.add_argument("--from", dest="started_on", metavar="D", help=t("sweep.help_from"))
    parser.add_argument("--to", dest="ended_on", metavar="D", help=t("sweep.help_to"))
    parser.add_argument("--due", metavar="MOMENT", help=t("sweep.help_due"))
    parser.add_argument("--epidemic", metavar="PLACES", help=t("sweep.help_epidemic"))
    parser.add_argument("--note", metavar="TEXT")


def _start(arguments: Arguments) -> int:
    from tui_app.services.station.units import Units
    from tui_app.services.sweeps import sweeps

    with common.unlocked(arguments) as workspace:
        first = day_of(arguments.started_on) or today(workspace.clock)
        with workspace.store.read() as c:
            units = Units(c)
            areas = _areas(units, arguments.units) if arguments.units else units.ids
        plan = sweeps.Plan(
            name=arguments.name,
            areas=areas,
            started_on=first,
            ended_on=day_of(arguments.ended_on) or first,
            due_at=_moment(arguments.due),
            epidemic_areas=_places(arguments.epidemic),
            note=arguments.note or "",
        )
        campaign = sweeps.start(workspace.store, workspace.user, plan)
        return _told(arguments, workspace, campaign, "sweep.started")


def _change(arguments: Arguments) -> int:
    from tui_app.services.station.units import Units
    from tui_app.services.sweeps import sweeps

    with common.unlocked(arguments) as workspace:
        found = one(workspace, arguments.sweep)
        plan = sweeps.plan_of(found)
        with workspace.store.read() as c:
            areas = _areas(Units(c), arguments.units) if arguments.units else plan.areas
        ended_on = day_of(arguments.ended_on) or plan.ended_on
        plan = replace(
            plan,
            name=arguments.name or plan.name,
            areas=areas,
            started_on=day_of(arguments.started_on) or plan.started_on,
            ended_on=ended_on,
            due_at=_moment(arguments.due) or (plan.due_at if ended_on == found.ended_on else None),
            epidemic_areas=plan.epidemic_areas if arguments.epidemic is None else _places(arguments.epidemic),
            note=plan.note if arguments.note is None else arguments.note,
        )
        changed = sweeps.change(workspace.store, workspace.user, found.campaign, plan)
        return _told(arguments, workspace, found.campaign, "sweep.changed" if changed else "sweep.unchanged")


def _cancel(arguments: Arguments) -> int:
    from tui_app.services.sweeps import sweeps

    with common.unlocked(arguments) as workspace:
        found = one(workspace, arguments.sweep)
        sweeps.cancel(workspace.store, workspace.user, found.campaign, back=arguments.undo)
        return _told(
            arguments, workspace, found.campaign, "sweep.resumed" if arguments.undo else "sweep.called_off"
        )


def _list(arguments: Arguments) -> int:
    from tui_app.services.sweeps import sweep_words, sweeps

    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            found = sweeps.sweeps(c)
        day = today(workspace.clock)
    for each in found:
        if arguments.json:
            put_json(as_json(each, day))
        else:
            put(
                "  ".join(
                    (
                        each.campaign,
                        each.name,
                        sweep_words.dates(each),
                        sweep_words.due(each),
                        sweep_words.state(each, day),
                    )
                )
            )
    if not found and not arguments.json:
        say("sweep.none")
    return 0


def _told(arguments: Arguments, workspace: Workspace, campaign: str, key: str) -> int:
    """Say what the sweep is now, and which others run beside it."""
    from tui_app.services.sweeps import sweep_words, sweeps

    with workspace.store.read() as c:
        found = sweeps.sweep(c, campaign)
        beside = [] if found.cancelled else sweeps.beside(c, sweeps.plan_of(found), campaign)
    if arguments.json:
        answer = as_json(found, today(workspace.clock))
        put_json(answer | {"beside": [other.campaign for other in beside]})
        return 0
    say(
        key,
        name=found.name,
        dates=sweep_words.dates(found),
        units=len(found.units),
        due=sweep_words.due(found),
    )
    put(found.campaign)
    for other in beside:
        say("sweep.beside", name=other.name, dates=sweep_words.dates(other))
    return 0


# ---- what sweep_results shares


def one(workspace: Workspace, typed: str | None) -> Sweep:
    """The sweep meant: by its key or the end of it, by its name, or the latest that was not called off. Raises
    NotFound."""
    from tui_app.services.sweeps import sweeps
    from tui_app.text import fold

    with workspace.store.read() as c:
        every = sweeps.sweeps(c)
    if not typed:
        found = [each for each in every if not each.cancelled][:1]
    else:
        found = [
            each
            for each in every
            if typed == each.campaign or (len(typed) > 5 and each.campaign.endswith(typed))
        ]
        found = found or [each for each in every if fold(each.name) == fold(typed)]
    if len(found) != 1:
        raise NotFound("errors.record_not_found", kind="sweep_campaign")
    return found[0]


def area_of(workspace: Workspace, found: Sweep, typed: str | None) -> str:
    """The unit of a sweep that is meant; the only one there is by itself. Raises UserError."""
    from tui_app.services.station.units import Units

    if typed is None and len(found.units) == 1:
        return found.units[0].area
    with workspace.store.read() as c:
        named = Units(c).named(typed) if typed else None
    if named is None or named.id not in found.areas:
        raise UserError("sweep.which_unit", units=", ".join(unit.name for unit in found.units))
    return named.id


def as_json(found: Sweep, day: date) -> dict[str, Any]:
    """A sweep for programs."""
    return asdict(found) | {"runs": found.runs_on(day)}


def _areas(units: Units, typed: str) -> list[str]:
    found = []
    for word in filter(None, (part.strip() for part in typed.split(","))):
        unit = units.named(word)
        if unit is None:
            raise NotFound("batch.no_such_unit", unit=word, units=units.names)
        found.append(unit.id)
    return found


def _places(typed: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in (typed or "").split(","))))


def _moment(typed: str | None) -> datetime | None:
    """A moment as typed. Raises UserError."""
    from tui_app.services.sweeps.sweep_words import read_moment

    try:
        return read_moment(typed or "")
    except ValueError as error:
        raise UserError("sweep.bad_moment", value=typed) from error
