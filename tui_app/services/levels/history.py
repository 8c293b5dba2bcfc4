"""Levels as they were set: computed or published, from what inputs, by which rules, why; never changed afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.records.levels import LevelOrigin
from tui_app.store.rows import table


@dataclass(frozen=True, slots=True)
class Kept:
    """A level as it was set for a day. ``level``: None where it could not be worked out; ``inputs``: as they were;
    ``known_at``: wire moment; ``source``: who published it; ``who``: who kept it here."""

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


def kept(c: Any, scale: str | None = None, subject: str | None = None) -> list[Kept]:
    """What was kept (of a scale, of a subject), the earliest day first, each day in the order it was known."""
    rows = table("level_assessment").where(c, "NOT deleted")
    found = (_of(row) for row in rows)
    return sorted(
        (one for one in found if scale in (None, one.scale) and subject in (None, one.subject)),
        key=lambda one: (one.day, one.known_at, one.id),
    )


def in_force(
    c: Any, scale: str, subject: str, day: date, *, published: bool = False
) -> tuple[Kept | None, Kept | None]:
    """The last level set for a day before this one, and the last one set for this day. ``published``: only of those."""
    found: Sequence[Kept] = [
        one
        for one in kept(c, scale, subject)
        if one.day <= day and one.level is not None and (not published or one.origin == LevelOrigin.PUBLISHED)
    ]
    before = [one for one in found if one.day < day]
    today = [one for one in found if one.day == day]
    return (before[-1] if before else None, today[-1] if today else None)


def history(c: Any, scale: str | None = None, subject: str | None = None) -> list[Change]:
    """What was kept with what it changed, the latest first."""
    last: dict[tuple[str, str], str | None] = {}
    found = []
    for one in kept(c, scale, subject):
        key = (one.scale, one.subject)
        was = last.get(key)
        found.append(Change(one, was, key in last and was != one.level))
        last[key] = one.level
    return found[::-1]


def _of(row: Row) -> Kept:
    body = row.body
    inputs: Iterable[Mapping[str, Any]] = body.get("inputs") or ()
    return Kept(
        id=row.id,
        scale=str(body.get("scale") or ""),
        subject=str(body.get("subject") or ""),
        day=date.fromisoformat(body["on"]),
        level=body.get("level"),
        origin=str(body.get("origin") or ""),
        inputs=tuple(inputs),
        rules=tuple(body.get("rules") or ()),
        known_at=str(body.get("known_at") or ""),
        reason=str(body.get("reason") or ""),
        who=row.who,
    )
