"""A small street for tests: two alleys, three doors, and short ways to say who lives where."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tui_app.clock import pinned_clock
from tui_app.services.people import people
from tui_app.services.visits.visits import VisitSheet, visit_sheet
from tui_app.store.engine import Store

TODAY = date(2026, 11, 22)
AREA_ID = "0190-area-1"
WHO = "lan"


def household(store: Store, address: str, **fields: Any) -> str:
    """A new household of the one area."""
    return people.save_household(store, WHO, {"address": address, **fields}, area=AREA_ID)


def person(store: Store, door: str, name: str, **fields: Any) -> str:
    """A new person of a household."""
    return people.save_person(store, WHO, {"full_name": name, **fields}, household=door)


def family(store: Store, address: str = "12 Lê Lợi", count: int = 5, **fields: Any) -> tuple[str, list[str]]:
    """A household of ``count`` persons; the first is the head and the oldest."""
    names = ["Nguyễn Văn Đức", "Trần Thị Thủy", "Nguyễn Thị Hoa", "Nguyễn Văn Minh", "Nguyễn Thị Bé"]
    door = household(store, address, **fields)
    return door, [
        person(store, door, name, birth_date=f"{1961 + 7 * i}-03-04") for i, name in enumerate(names[:count])
    ]


def sheet_of(store: Store, door: str, day: date = TODAY) -> VisitSheet:
    """The sheet of a household as the visit screen opens it."""
    with store.read() as c:
        return visit_sheet(c, door, day)


def rows(store: Store, sql: str, *parameters: Any) -> list[dict[str, Any]]:
    """What the database answers, as dictionaries."""
    with store.read() as c:
        return [dict(zip(row.keys(), row, strict=True)) for row in c.execute(sql, parameters)]


def later(store: Store, **delta: float) -> datetime:
    """Let the store's clock stand that much later; returns the new moment."""
    moment = store.clock() + timedelta(**delta)
    store.clock = pinned_clock(moment)
    return moment
