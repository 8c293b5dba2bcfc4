"""A workspace without a vault for tests of services: an encrypted store, some units, a clock that moves by hand."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sync import outbox
from sync.protocol import Row
from tui_app.bootstrap import Workspace
from tui_app.clock import new_id
from tui_app.services.lists import exporting
from tui_app.settings import Places
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows, table

KEY = bytes(range(32))
UNITS = tuple(f"Khu phố {number}" for number in range(1, 7))


class HandClock:
    """A clock that moves only by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


def area_id(number: int) -> str:
    """The area of the unit with this number, the same on every laptop of these tests."""
    return f"area-{number:02d}"


def laptop(folder: Path, user: str = "lan", units: tuple[str, ...] = UNITS) -> Workspace:
    """An unlocked workspace that holds these units."""
    folder.mkdir(parents=True, exist_ok=True)
    clock = HandClock()
    places = Places(folder)
    store = Store(places.database, KEY, clock=clock, create=True)
    rows = [
        Row(
            type="area",
            id=area_id(number),
            commune="27211",
            area=area_id(number),
            seq=1,
            body={"commune_name": "Phường Hòa Bình", "unit_code": f"{number:02d}", "unit_name": name},
        )
        for number, name in enumerate(units, 1)
    ]
    with store.write() as c:
        RecordRows().upsert(c, rows)
        for row in rows:
            outbox.hold_area(c, row.area, row.commune, "write")
    opened: Any = SimpleNamespace(user=user, role="chief")
    return Workspace(places, opened, store, clock, new_id)


def live(workspace: Workspace, type_name: str, condition: str = "1", *values: Any) -> list[Row]:
    """Live records of a type."""
    with workspace.store.read() as c:
        return list(table(type_name).where(c, condition, values))


def total(workspace: Workspace, what: str) -> int:
    """How many rows a table has, or meet a condition after WHERE."""
    with workspace.store.read() as c:
        return int(c.execute(f"SELECT count(*) FROM {what}").fetchone()[0])


def exported(workspace: Workspace, type_name: str | None = None, file_format: str = "ndjson") -> bytes:
    """What ``gonha export`` writes."""
    out = io.BytesIO()
    exporting.export(workspace, type_name, file_format, out)
    return out.getvalue()
