"""Levels as they were set: computed or published, from what inputs, by which rules, why; never changed afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from tui_app.errors import NotFound
from tui_app.records.levels import LevelOrigin


@dataclass(frozen=True, slots=True)
class Kept:
    """A level as it was set for a day. ``level``: None where it could not be worked out; ``inputs``: as they were,
    empty for one worked out that was read without them; ``known_at``: wire moment; ``source``: who published it;
    ``who``: who kept it here."""

    id: str
    scale: str
    subject: str
    day: date
    level: str | None
    origin: str
    inputs: tuple[Mapping[str, Any], ...]
    rules: tuple[str, ...]
    known_at: str
    reason: str
    who: str

    @property
    def source(self) -> str:
        """Who published it; empty for one that was worked out."""
        named = (one.get("source") for one in self.inputs if one.get("name") == "published")
        return str(next(named, "") or "") if self.origin == LevelOrigin.PUBLISHED else ""


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of the history. ``was``: the level before it, None for the first or one that could not be told;
    ``changed``: whether it differs."""

    kept: Kept
    was: str | None
    changed: bool


def kept(c: Any, scale: str = "", subject: str = "", *, whole: bool = False) -> list[Kept]:
    """What was kept (of a scale, of a subject), the earliest day first, each day in the order it was known.

    ``whole``: with the inputs of those that were worked out, whose lists of cases are long.
    """
    found = c.execute(f"{_KEPT} {_ORDER}", {"scale": scale, "subject": subject, "whole": whole})
    return [_of(row) for row in found]


def kept_level(c: Any, ident: str) -> Kept:
    """One of them, with its inputs. Raises NotFound."""
    values = {"scale": "", "subject": "", "whole": True, "id": ident}
    row = c.execute(f"{_KEPT} AND id = :id", values).fetchone()
    if row is None:
        raise NotFound("errors.record_not_found", kind="level_assessment")
    return _of(row)


def in_force(
    c: Any, scale: str, subject: str, day: date, *, published: bool = False
) -> tuple[Kept | None, Kept | None]:
    """The last level set for a day before this one, and the last one set for this day. ``published``: only of those."""
    values = {"scale": scale, "subject": subject, "whole": False, "day": day.isoformat()}
    told = "level IS NOT NULL" + (f" AND origin = '{LevelOrigin.PUBLISHED}'" if published else "")
    # The day first: what stands behind the long lists of a row is read of one day only.
    last = f'(SELECT max("on") FROM level_assessment WHERE {_OF} AND {told} AND "on" < :day)'
    before = c.execute(f'{_KEPT} AND {told} AND "on" = {last} {_LATEST}', values).fetchone()
    today = c.execute(f'{_KEPT} AND {told} AND "on" = :day {_LATEST}', values).fetchone()
    return before and _of(before), today and _of(today)


def history(c: Any, scale: str = "", subject: str = "", *, whole: bool = False) -> list[Change]:
    """What was kept with what it changed, the latest first. ``whole``: as of `kept`."""
    last: dict[tuple[str, str], str | None] = {}
    found = []
    for one in kept(c, scale, subject, whole=whole):
        key = (one.scale, one.subject)
        was = last.get(key)
        found.append(Change(one, was, key in last and was != one.level))
        last[key] = one.level
    return found[::-1]


_OF = "NOT deleted AND :scale IN ('', scale) AND :subject IN ('', subject)"
_KEPT = f"""
SELECT id, scale, subject, "on", level, origin, rules, known_at, reason, changed_by,
    CASE WHEN :whole OR origin = '{LevelOrigin.PUBLISHED}' THEN inputs END AS inputs
FROM level_assessment WHERE {_OF}"""
_ORDER = 'ORDER BY "on", known_at, id'
_LATEST = "ORDER BY known_at DESC, id DESC LIMIT 1"


def _of(row: Any) -> Kept:
    return Kept(
        id=row["id"],
        scale=row["scale"] or "",
        subject=row["subject"] or "",
        day=date.fromisoformat(row["on"]),
        level=row["level"],
        origin=row["origin"] or "",
        inputs=tuple(msgspec.json.decode(row["inputs"] or "[]")),
        rules=tuple(msgspec.json.decode(row["rules"] or "[]")),
        known_at=row["known_at"] or "",
        reason=row["reason"] or "",
        who=row["changed_by"] or "",
    )
