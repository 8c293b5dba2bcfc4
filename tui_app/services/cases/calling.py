"""Whom to call, and on which number: shown in full, and that it was shown is noted in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from tui_app.clock import to_wire
from tui_app.errors import NotFound
from tui_app.records.access import Access
from tui_app.services.access import gate
from tui_app.services.access.access import log_access
from tui_app.services.cases.board import BoardLine, Standing
from tui_app.store.engine import Store
from tui_app.store.rows import table

TO_CALL = frozenset(Standing) - {Standing.DONE, Standing.AWAY, Standing.ENDED}


def to_call(lines: Iterable[BoardLine], slot: tuple[date, str]) -> list[BoardLine]:
    """Those still to be measured in a half-day, in the board's order."""
    return [line for line in lines if line.standing in TO_CALL and line.last_slot != slot]


def number_to_call(store: Store, who: str, person: str) -> str:
    """The person's telephone, else the household's; empty when neither has one. Raises NotFound, NotOpened."""
    with store.write() as c:
        row = table("person").read(c, [person]).get(person)
        if row is None or row.deleted:
            raise NotFound("errors.record_not_found", kind="person")
        gate.check(c, row.area, "person", person)
        if row.body.get("phone"):
            log_access(c, who, to_wire(store.clock()), Access.UNMASK, "person", person, "phone")
            return str(row.body["phone"])
        home = str(row.body.get("household") or "")
        house = table("household").read(c, [home]).get(home) if home else None
        if house is None or house.deleted or not house.body.get("phone"):
            return ""
        gate.check(c, house.area, "household", home)
        log_access(c, who, to_wire(store.clock()), Access.UNMASK, "household", home, "phone")
        return str(house.body["phone"])
