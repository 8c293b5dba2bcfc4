"""Setting a level for a day: the one worked out, or the one the province published."""

from __future__ import annotations

from datetime import date
from typing import Any

from tui_app.clock import today
from tui_app.errors import FieldProblem, GonhaError, InvalidFields
from tui_app.records.levels import LEVELS, LevelOrigin, LevelScale
from tui_app.services.access import gate
from tui_app.services.levels.inputs import Input, plain_value
from tui_app.services.levels.judging import Judged, judge, subject_of
from tui_app.services.station.station_place import station_place
from tui_app.services.sweeps.counted_ids import kept_ids
from tui_app.store.engine import Store
from tui_app.text import clean


class NoHistory(GonhaError):
    """It is a target, which is met or not on a day, and not a level that is set."""


def keep_level(
    store: Store, who: str, scale: str, day: date | None = None, reason: str = "", *, asked: str = ""
) -> str:
    """Work a level out again and keep it with its inputs, also when it cannot be told. Returns the record's id.

    Raises NoHistory for a target; InvalidFields for a day to come, or a colour raised without a reason; NotOpened;
    NotFound.
    """
    on = _day(store, day)
    _scale(scale)
    with store.work(who) as work:
        found = judge(work.connection, on, scale, asked=asked)
        raised = any(one.field == "border_raise" for one in found.findings)
        if raised and not clean(reason):
            raise InvalidFields([FieldProblem("reason", "levels.reason_needed")])
        return work.create(
            "level_assessment",
            {
                "scale": scale,
                "subject": found.subject,
                "on": on,
                "level": found.level,
                "origin": LevelOrigin.COMPUTED,
                "inputs": kept_inputs(found),
                "rules": [found.rules.id] if found.rules else [],
                "known_at": work.at,
                "reason": clean(reason) or None,
            },
            place=station_place(work.connection),
        )


def publish_level(
    store: Store, who: str, scale: str, level: str, source: str, day: date | None = None, reason: str = ""
) -> str:
    """Keep a level as it was published for a day (today). Returns the record's id.

    Raises NoHistory for a target; InvalidFields for a level the scale has not, no source, a day to come; NotOpened.
    """
    on = _day(store, day)
    known = [one.value for one in LEVELS[_scale(scale)]]
    problems = []
    if level not in known:
        problems.append(FieldProblem("level", "levels.no_such_level", choices=", ".join(known)))
    if not clean(source):
        problems.append(FieldProblem("source", "problems.missing"))
    if problems:
        raise InvalidFields(problems)
    with store.work(who) as work:
        gate.check_chief(work.connection, "levels.chief_only", "level_assessment")
        place = station_place(work.connection)
        return work.create(
            "level_assessment",
            {
                "scale": scale,
                "subject": subject_of(work.connection, scale, on),
                "on": on,
                "level": level,
                "origin": LevelOrigin.PUBLISHED,
                "inputs": [{"name": "published", "value": level, "source": clean(source)}],
                "known_at": work.at,
                "reason": clean(reason) or None,
            },
            place=place,
        )


def kept_inputs(found: Judged) -> list[dict[str, Any]]:
    """The inputs as a record keeps them: [{"name", "value", "source", "origin", "as_of", ids}], and the choices of the
    station the level depends on."""
    lists = {one.name: one.counted.ids for one in found.inputs if _rests_on_lists(one) and one.counted}
    ids = {one["name"]: one for one in kept_ids(lists)}
    kept = [
        {
            "name": one.name,
            "value": plain_value(one),
            "source": one.source,
            "origin": one.origin.value,
            "as_of": one.as_of.isoformat() if one.as_of else None,
            **ids.get(one.name, {}),
        }
        for one in found.inputs
    ]
    return kept + [{"name": one.name, "value": one.value, "source": one.source} for one in found.choices]


def _rests_on_lists(one: Input) -> bool:
    return one.counted is not None and one.value == one.counted.value and not one.record


def _scale(scale: str) -> LevelScale:
    known = {one.value: one for one in LevelScale}
    if scale not in known:
        raise NoHistory("levels.no_history", known=", ".join(known))
    return known[scale]


def _day(store: Store, day: date | None) -> date:
    if day is not None and day > today(store.clock):
        raise InvalidFields([FieldProblem("on", "problems.day_to_come")])
    return day or today(store.clock)
