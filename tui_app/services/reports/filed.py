"""Reports as they were filed: versions that never change, the figures and the records each counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sync.protocol import Row
from tui_app.services.reports.kinds import Figure
from tui_app.services.reports.knowing import knowing
from tui_app.services.sweeps.counted_ids import ids_of, kept_ids
from tui_app.store.rows import table

PLAIN, ROOM = 200, 40_000
"""How many ids are kept as they are, and letters of all ids that go with a report: it is filed every day and travels
to every laptop and the server. The longest lists, running totals of months, are left out first; the report as of its
moment lists them again."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A report as it was filed. ``known_at``, ``written_at``, ``due_at``: wire moments; ``conventions``: name -> value;
    ``narrative``: name -> words."""

    id: str
    kind: str
    subject: str
    first: date
    last: date
    version: int
    known_at: str
    written_at: str
    due_at: str
    who: str
    figures: tuple[Figure, ...]
    rules: tuple[str, ...]
    conventions: dict[str, str]
    narrative: dict[str, str]
    reason: str
    supersedes: str
    seq: int

    def figure(self, name: str, unit: str | None = None) -> Figure | None:
        """One of its figures."""
        return next((one for one in self.figures if (one.name, one.unit) == (name, unit)), None)


@dataclass(frozen=True, slots=True)
class Difference:
    """How a figure differs between two counts. ``gained``, ``lost``: the records that came and went."""

    name: str
    unit: str | None
    kind: str
    was: int | float | None
    now: int | float | None
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def filed(
    c: Any, kind: str, subject: str = "", last: date | None = None, as_of: datetime | None = None
) -> list[Filed]:
    """What was filed of a kind about a subject (for the period that ends on ``last``), the latest version first.

    ``as_of``: as it was at that moment.
    """
    where, values = "kind = ? AND coalesce(subject, '') = ?", [kind, subject]
    if last is not None:
        where, values = f"{where} AND period_to = ?", [*values, last.isoformat()]
    rows = list(table("report").where(c, where, tuple(values)))
    if as_of is not None:
        known = knowing(c, as_of)
        rows = [row for row in rows if known.knew(row, str(row.body["written_at"]))]
    found = [_filed(row) for row in rows]
    return sorted(found, key=lambda one: (one.last, one.version, one.known_at, one.id), reverse=True)


def latest(c: Any, kind: str, subject: str, last: date, as_of: datetime | None = None) -> Filed | None:
    """The last version for a period; of two that were filed apart, the one that knew more."""
    return next(iter(filed(c, kind, subject, last, as_of)), None)


def kept(figures: Iterable[Figure]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """As a report keeps them: its ``figures`` and what it ``counted``."""
    figures = tuple(figures)
    values = []
    for one in figures:
        value: dict[str, Any] = {"name": one.name, "value": one.value}
        for name in ("unit", "kind", "detail"):
            if said := getattr(one, name):
                value[name] = said
        values.append(value)
    return values, kept_ids({_key(one.name, one.unit): one.ids for one in figures}, plain=PLAIN, room=ROOM)


def differences(was: Iterable[Figure], now: Iterable[Figure]) -> tuple[Difference, ...]:
    """The figures that are other now, or count other records; those that only one of them has, too."""
    before = {(one.name, one.unit): one for one in was}
    after = {(one.name, one.unit): one for one in now}
    found = []
    for key in dict.fromkeys((*after, *before)):
        old, new = before.get(key), after.get(key)
        one = new or old
        assert one is not None
        both = old is None or new is None or (old.listed and new.listed)
        old_ids, new_ids = set(old.ids if old else ()), set(new.ids if new else ())
        gained = tuple(sorted(new_ids - old_ids)) if both else ()
        lost = tuple(sorted(old_ids - new_ids)) if both else ()
        values = (old.value if old else None, new.value if new else None)
        if gained or lost or values[0] != values[1]:
            found.append(Difference(*key, one.kind, *values, gained, lost))
    return tuple(found)


def changes(versions: Sequence[Filed], this: Filed) -> tuple[Difference, ...]:
    """What a version says otherwise than the one it takes the place of; nothing for a first one."""
    before = next((one for one in versions if one.id == this.supersedes), None)
    return differences(before.figures, this.figures) if before else ()


def _filed(row: Row) -> Filed:
    body = row.body
    return Filed(
        id=row.id,
        kind=str(body["kind"]),
        subject=str(body.get("subject") or ""),
        first=date.fromisoformat(body["period_from"]),
        last=date.fromisoformat(body["period_to"]),
        version=int(body.get("version") or 1),
        known_at=str(body["known_at"]),
        written_at=str(body["written_at"]),
        due_at=str(body.get("due_at") or ""),
        who=row.who,
        figures=_figures(body.get("figures") or (), ids_of(body.get("counted") or ())),
        rules=tuple(body.get("rules") or ()),
        conventions={one["name"]: one["value"] for one in body.get("conventions") or ()},
        narrative={one["name"]: one["text"] for one in body.get("narrative") or ()},
        reason=str(body.get("reason") or ""),
        supersedes=str(body.get("supersedes") or ""),
        seq=row.seq,
    )


def _figures(values: Iterable[dict[str, Any]], ids: dict[str, tuple[str, ...] | None]) -> tuple[Figure, ...]:
    found = []
    for one in values:
        listed = ids.get(_key(one["name"], one.get("unit")), ())
        found.append(
            Figure(
                str(one["name"]),
                one.get("value"),
                str(one.get("kind") or ""),
                listed or (),
                one.get("unit"),
                listed is not None,
                one.get("detail"),
            )
        )
    return tuple(found)


def _key(name: str, unit: str | None) -> str:
    return f"{name}@{unit}" if unit else name
