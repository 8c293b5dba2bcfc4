"""A station's medicine: what came in and went out, what should be there, what runs low or out of date.

What is on hand is never kept, it is counted from the movements, so laptops that meet agree. The movements of all units
this laptop holds are one stock: the chief's laptop sees what every team gave of it. A team's laptop, to which nothing
came in, knows only what it gave, and what is left at the station is not known there. A quantity below nothing is shown
as it is: something was not written down.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sync.protocol import Row
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.treatment import Movement, stock_item_id
from tui_app.services.access import gate
from tui_app.services.station.station_place import station_place
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import alphabet_key, clean, decimal

EXPIRES_SOON = 30
"""Days ahead that the list of lots that run out of date looks."""


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of a lot. ``lot``: empty for what was noted without one."""

    lot: str
    expires_on: date | None
    on_hand: float


@dataclass(frozen=True, slots=True)
class Stock:
    """What is left of an item, in ``unit``. ``low_at``: None when nobody said when it runs low; ``known``: whether
    this laptop knows what came in, else ``on_hand`` is only what left."""

    item: str
    unit: str
    low_at: float | None
    on_hand: float
    lots: tuple[Lot, ...]
    known: bool

    @property
    def off(self) -> bool:
        """Whether the books cannot be right: less than nothing is left of it or of one of its lots ("lệch")."""
        return self.known and (self.on_hand < 0 or any(lot.on_hand < 0 for lot in self.lots if lot.lot))

    @property
    def low(self) -> bool:
        """Whether it is on the list of what runs low."""
        return self.known and self.low_at is not None and self.on_hand <= self.low_at


@dataclass(frozen=True, slots=True)
class MovementLine:
    """One movement that counts, newest first in lists. ``at``: wire moment."""

    id: str
    at: str
    movement: str
    item: str
    quantity: float
    lot: str
    expires_on: date | None
    dispense: str
    note: str
    who: str


def movements(c: Any, item: str = "") -> list[MovementLine]:
    """The movements that count, of all items or one, newest first; one that was amended does not."""
    found = table("stock_movement").where(
        c,
        "(? = '' OR item = ?) AND id NOT IN"
        " (SELECT amends FROM stock_movement WHERE amends IS NOT NULL AND NOT deleted) ORDER BY at DESC, id DESC",
        (item, item),
    )
    return [
        MovementLine(
            row.id,
            row.body["at"],
            row.body["movement"],
            row.body["item"],
            row.body["quantity"],
            row.body.get("lot", ""),
            _day(row.body.get("expires_on")),
            row.body.get("dispense", ""),
            row.body.get("note", ""),
            row.who,
        )
        for row in found
    ]


def stock(c: Any) -> list[Stock]:
    """Every item the station keeps or ever moved, in alphabetical order."""
    kept = {row.body["item"]: row.body for row in table("stock_item").where(c)}
    moved: dict[str, list[MovementLine]] = defaultdict(list)
    for line in reversed(movements(c)):
        moved[line.item].append(line)
    chief = gate.is_chief(c)
    return [
        _stock(item, kept.get(item, {}), moved.get(item, []), chief)
        for item in sorted(kept.keys() | moved.keys(), key=alphabet_key)
    ]


def on_hand(c: Any, item: str) -> Stock:
    """What is left of one item; nothing of one that was never moved."""
    body = next((row.body for row in table("stock_item").where(c, "item = ?", (item,))), {})
    return _stock(item, body, movements(c, item)[::-1], gate.is_chief(c))


def low(c: Any) -> list[Stock]:
    """What runs low or cannot be right."""
    return [one for one in stock(c) if one.low or one.off]


def expiring(c: Any, day: date, days: int = EXPIRES_SOON) -> list[tuple[Stock, Lot]]:
    """Lots of which something is left and that run out of date by ``day`` + ``days``, the earliest first."""
    until = day + timedelta(days=days)
    found = [
        (lot.expires_on, one, lot)
        for one in stock(c)
        for lot in one.lots
        if lot.on_hand > 0 and lot.expires_on is not None and lot.expires_on <= until
    ]
    return [(one, lot) for _, one, lot in sorted(found, key=lambda entry: entry[0])]


def keep_item(store: Store, who: str, item: str, *, unit: str = "", low_at: float | None = None) -> str:
    """Say in what unit an item is counted and when it runs low. Returns the id of its row. Raises InvalidFields."""
    item = _named(item)
    with store.work(who) as work:
        place = station_place(work.connection)
        ident = stock_item_id(place.commune, item)
        said = {"unit": unit or None, "low_at": low_at}
        fields = {"item": item} | {name: value for name, value in said.items() if value is not None}
        work.ensure("stock_item", ident, fields, place=place)
        return ident


def receive(
    store: Store,
    who: str,
    item: str,
    quantity: float,
    *,
    lot: str = "",
    expires_on: date | None = None,
    note: str = "",
) -> str:
    """Something came in. Returns the movement's id. Raises InvalidFields."""
    return _move(store, who, Movement.RECEIVED, item, quantity, lot=lot, expires_on=expires_on, note=note)


def send_back(store: Store, who: str, item: str, quantity: float, *, lot: str = "", note: str = "") -> str:
    """Something went back to whoever supplied it."""
    return _move(store, who, Movement.RETURNED, item, quantity, lot=lot, note=note)


def spoil(store: Store, who: str, item: str, quantity: float, *, lot: str = "", note: str = "") -> str:
    """Something cannot be used any more. Raises InvalidFields without a note that says why."""
    if not note.strip():
        raise InvalidFields([FieldProblem("note", "medicine.spoil_why")])
    return _move(store, who, Movement.SPOILED, item, quantity, lot=lot, note=note)


def count(store: Store, who: str, item: str, found: float, *, lot: str = "", note: str = "") -> float:
    """How many were there when somebody counted, of a lot or of all. Returns the difference to the books.

    Raises InvalidFields when there is one and ``note`` does not say what it comes from.
    """
    item, lot = _named(item), clean(lot)
    with store.work(who) as work:
        books = on_hand(work.connection, item)
        expected = next((one.on_hand for one in books.lots if one.lot == lot), 0.0) if lot else books.on_hand
        difference = found - expected
        if difference and not note.strip():
            raise InvalidFields(
                [FieldProblem("note", "medicine.count_why", books=decimal(expected), found=decimal(found))]
            )
        move(work, Movement.COUNTED, item, found, place=station_place(work.connection), lot=lot, note=note)
        return difference


def move(
    work: Work,
    movement: Movement,
    item: str,
    quantity: float,
    *,
    place: Row,
    lot: str = "",
    expires_on: date | None = None,
    dispense: str | None = None,
    note: str = "",
    amends: str | None = None,
    at: str = "",
) -> str:
    """Write a movement within the caller's save; returns its id. ``at``: wire moment, now when empty."""
    fields = {
        "item": item,
        "at": at or work.at,
        "movement": movement,
        "quantity": quantity,
        "lot": lot,
        "expires_on": expires_on,
        "dispense": dispense,
        "note": note,
        "amends": amends,
    }
    return work.create("stock_movement", fields, place=place)


def _move(store: Store, who: str, movement: Movement, item: str, quantity: float, **more: Any) -> str:
    item = _named(item)
    if quantity <= 0:
        raise InvalidFields([FieldProblem("quantity", "medicine.quantity_positive")])
    more["lot"] = clean(more.get("lot", ""))
    with store.work(who) as work:
        return move(work, movement, item, quantity, place=station_place(work.connection), **more)


def _named(item: str) -> str:
    item = clean(item)
    if not item:
        raise InvalidFields([FieldProblem("item", "problems.missing")])
    return item


def _stock(item: str, body: dict[str, Any], moved: list[MovementLine], chief: bool) -> Stock:
    """``moved``: of this item, oldest first; ``chief``: the books of the station are kept here."""
    left: dict[str, float] = defaultdict(float)
    expires: dict[str, date] = {}
    for line in moved:
        if line.expires_on is not None:
            expires[line.lot] = line.expires_on
        if line.movement == Movement.COUNTED:
            rest = 0.0 if line.lot else sum(n for lot, n in left.items() if lot)
            left[line.lot] = line.quantity - rest
        else:
            left[line.lot] += line.quantity if _comes_in(line) else -line.quantity
    lots = tuple(
        Lot(lot, expires.get(lot), number) for lot, number in sorted(left.items()) if number or lot in expires
    )
    known = chief or any(line.movement in (Movement.RECEIVED, Movement.COUNTED) for line in moved)
    return Stock(item, body.get("unit", ""), body.get("low_at"), sum(left.values()), lots, known)


def _comes_in(line: MovementLine) -> bool:
    back = line.movement == Movement.RETURNED and bool(line.dispense)
    return back or line.movement == Movement.RECEIVED


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
