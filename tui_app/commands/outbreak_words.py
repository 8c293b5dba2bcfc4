"""What the commands about outbreaks share: which one is meant, what is said of it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_date
from tui_app.commands import common
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import NotFound, UserError
from tui_app.i18n import t

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace
    from tui_app.services.outbreaks.declaring import Outbreak
    from tui_app.services.outbreaks.numbers import DailyNumbers


def meant(workspace: Workspace, typed: str | None) -> Outbreak:
    """The outbreak meant: by its id or the end of it, by its name, or the latest that goes on. Raises NotFound."""
    from tui_app.commands.care_arguments import SHORTEST_END
    from tui_app.services.outbreaks.declaring import outbreaks
    from tui_app.text import fold

    with workspace.store.read() as c:
        every = outbreaks(c)
    if not typed:
        found = every[:1]
    else:
        found = [one for one in every if len(typed) >= SHORTEST_END and one.id.endswith(typed)]
        found = found or [one for one in every if fold(one.name) == fold(typed)]
    if len(found) != 1:
        raise NotFound("errors.record_not_found", kind="outbreak")
    return found[0]


def areas_of(workspace: Workspace, typed: str) -> list[str]:
    """The units named, with commas between them. Raises NotFound."""
    from tui_app.services.station.units import Units

    with workspace.store.read() as c:
        units = Units(c)
    found = []
    for word in filter(None, (part.strip() for part in typed.split(","))):
        unit = units.named(word)
        if unit is None:
            raise NotFound("batch.no_such_unit", unit=word, units=units.names)
        found.append(unit.id)
    return found


def moment_of(typed: str | None) -> datetime | None:
    """A moment as typed, in Viet Nam time when it names no other. Raises UserError."""
    from tui_app.services.sweeps.sweep_words import read_moment

    try:
        return read_moment(typed or "")
    except ValueError as error:
        raise UserError("sweep.bad_moment", value=typed) from error


def told(arguments: Arguments, workspace: Workspace, ident: str, key: str) -> int:
    """Say what the outbreak is now, and its deadlines."""
    from tui_app.services.outbreaks import words
    from tui_app.services.outbreaks.deadlines import deadlines
    from tui_app.services.outbreaks.declaring import outbreak

    with workspace.store.read() as c:
        found = outbreak(c, ident)
        due = deadlines(c, found, workspace.clock())
    if arguments.json:
        put_json(as_json(found) | {"deadlines": [asdict(one) for one in due]})
        return 0
    say(key, name=found.name, date=show_date(found.ended_on))
    put(found.id)
    for one in due:
        common.tell(words.deadline(one))
    return 0


def as_json(found: Outbreak) -> dict[str, Any]:
    """An outbreak for programs."""
    return asdict(found) | {"goes_on": found.ended_on is None}


def numbers_json(found: DailyNumbers) -> dict[str, Any]:
    """Its numbers for programs."""
    return {
        "outbreak": found.outbreak.id,
        "date": found.day.isoformat(),
        "cut_off": found.cut_off,
        "of_day": dict(found.of_day),
        "total": dict(found.total),
        "days": [{"date": one.day.isoformat(), "unit": one.unit, **one.numbers} for one in found.days],
    }


def put_numbers(found: DailyNumbers) -> None:
    """The sums of the day and since the first case, for people."""
    from tui_app.services.outbreaks import words

    put(t("outbreak.of_day", date=show_date(found.day), numbers=words.numbers(found.of_day)))
    since = show_date(found.outbreak.started_on)
    put(t("outbreak.total", date=since, numbers=words.numbers(found.total)))
    if not found.outbreak.counted:
        say("outbreak.not_counted")
