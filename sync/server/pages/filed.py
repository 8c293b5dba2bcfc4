"""The reports that laptops filed, as the pages read them: without the ids they counted, the words and the name of who
wrote them. `copying` brings them there; a row of `record` that was deleted or moved since is not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

import msgspec

from sync.protocol import from_wire
from sync.server.database import Transaction, as_json

Value = int | float | None


class Said(msgspec.Struct, array_like=True, frozen=True):
    """What a report says of a figure besides its value: what it is called, empty where the catalogues know (``vi``,
    ``en``), and how many it is out of, None for no share."""

    vi: str = ""
    en: str = ""
    of: Value = None


class Figures(msgspec.Struct, array_like=True, frozen=True):
    """``totals``: of the whole; a value is None where it could not be worked out. ``units``: name, area and value of
    one unit each. ``said``: by name."""

    totals: dict[str, Value] = {}
    units: list[tuple[str, str, Value]] = []
    said: dict[str, Said] = {}


class _Totals(msgspec.Struct, array_like=True, frozen=True):
    totals: dict[str, Value] = {}


_figures = msgspec.json.Decoder(Figures)
_totals = msgspec.json.Decoder(_Totals)  # 30 us beside 86 for a report that tells of ten units


@dataclass(frozen=True)
class FiledReport:
    """A version of a report; moments and figures are read when they are looked at, for of most versions few are.

    ``due``: wire moment, empty where no document says; ``written``; ``taken``: when the server took it; ``raw``: its
    `Figures` as JSON.
    """

    home: str
    area: str
    id: str
    kind: str
    subject: str
    first: date
    last: date
    version: int
    due: str
    written: str
    taken: str
    raw: str

    @cached_property
    def due_at(self) -> datetime | None:
        """None where no document says."""
        return from_wire(self.due) if self.due else None

    @cached_property
    def written_at(self) -> datetime:
        """When it was filed on its laptop, by the laptop's clock."""
        return from_wire(self.written)

    @cached_property
    def received(self) -> datetime:
        """When the server took it."""
        return from_wire(self.taken)

    @cached_property
    def figures(self) -> Figures:
        """All of them."""
        return _figures.decode(self.raw)

    @property
    def totals(self) -> dict[str, Value]:
        """Name -> value of the figures of the whole."""
        return self.figures.totals

    def picked(self, names: Sequence[str]) -> list[Value | str]:
        """The values of some figures of the whole, ``""`` for one it does not have; nothing of it is kept, for a trend
        looks once at thousands of reports."""
        totals = _totals.decode(self.raw).totals
        return [totals.get(name, "") for name in names]


_COLUMNS = (
    "f.commune, f.area, f.id, f.kind, f.subject, f.period_from, f.period_to, f.version, f.due_at, f.written_at,"
    " f.received, f.figures"
)
_STANDS = (
    "JOIN record AS r ON r.commune = f.commune AND r.area = f.area AND r.type = 'report' AND r.id = f.id"
    " WHERE f.kind = :kind AND f.period_to >= :first AND f.period_to <= :last AND r.deleted = 0 AND r.gone IS NULL"
)


def filed(tx: Transaction, kind: str, first: date, last: date) -> list[FiledReport]:
    """The reports of a kind about a period that ends on one of these days, in the order in which they came."""
    found = tx.all(
        f"SELECT {_COLUMNS} FROM filed_report AS f {_STANDS}",
        kind=kind,
        first=first.isoformat(),
        last=last.isoformat(),
    )
    return sorted(map(_filed, found), key=lambda one: (one.taken, one.id))


def filed_in(
    tx: Transaction, units: Iterable[tuple[str, str]], kind: str, first: date, last: date
) -> list[FiledReport]:
    """The same of a few units only. ``units``: home and area."""
    found = tx.all(
        f"SELECT {_COLUMNS} FROM each(:units) AS k CROSS JOIN filed_report AS f {_STANDS}"
        " AND f.commune = k.value->>0 AND f.area = k.value->>1",
        units=as_json(list(units)),
        kind=kind,
        first=first.isoformat(),
        last=last.isoformat(),
    )
    return sorted(map(_filed, found), key=lambda one: (one.taken, one.id))


def named_deadlines(tx: Transaction, kind: str, first: date, last: date) -> list[tuple[date, datetime, int]]:
    """Last day of a period, a deadline that reports of it name, and how many do."""
    found = tx.all(
        "SELECT period_to, due_at, count(*) FROM filed_report WHERE kind = :kind AND period_to >= :first"
        " AND period_to <= :last AND due_at <> '' GROUP BY period_to, due_at",
        kind=kind,
        first=first.isoformat(),
        last=last.isoformat(),
    )
    return [(date.fromisoformat(day), from_wire(due_at), int(count)) for day, due_at, count in found]


def _filed(row: tuple[Any, ...]) -> FiledReport:
    home, area, ident, kind, subject, first, last, version, due, written, received, raw = row
    return FiledReport(
        home=home,
        area=area,
        id=ident,
        kind=kind,
        subject=subject,
        first=date.fromisoformat(first),
        last=date.fromisoformat(last),
        version=int(version),
        due=due,
        written=written,
        taken=received,
        raw=raw,
    )
