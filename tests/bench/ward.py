"""A laptop's workspace that holds a made-up ward, made once a run and size."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from sync import outbox
from sync.protocol import Row
from tests.bench.search_bench import MadeUpWard
from tui_app.bootstrap import Workspace, open_with
from tui_app.clock import system_clock
from tui_app.services.station import facts
from tui_app.settings import Places
from tui_app.store import vault
from tui_app.store.rows import RecordRows
from tui_app.store.vault_file import Cost

USER, PASSWORD = "lan", "mot cau ngan de nho"
CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
COMMUNE = "27211"
LOT = 5000


def home(folder: Path, persons: int) -> Path:
    """The home of a laptop that has received a ward of so many persons; made when ``folder`` has none yet.

    Beside it lie queries as someone would type them (`queries`).
    """
    place = folder / f"ward-{persons}"
    if not place.exists():
        ward = MadeUpWard(persons)
        workspace = empty(place, ward.areas)
        try:
            for rows in (ward.households, ward.persons):
                for start in range(0, len(rows), LOT):
                    with workspace.store.write() as c:
                        RecordRows().upsert(c, rows[start : start + LOT])
        finally:
            workspace.close()
        asked = [json.dumps(query, ensure_ascii=False) for query in ward.queries(200)]
        (folder / f"ward-{persons}.queries").write_text("\n".join(asked), encoding="utf-8")
    return place


def queries(place: Path, count: int) -> list[str]:
    """What someone types in a day in the ward whose home is ``place``."""
    lines = place.with_suffix(".queries").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[:count]]


def copy_of(place: Path, name: str = "copy") -> Path:
    """The same home once more, to write in; ``name``: of the copy, where more than one is made in a run."""
    copy = place.with_name(f"{place.name}-{name}")
    shutil.copytree(place, copy)
    return copy


def empty(place: Path, areas: Iterable[str]) -> Workspace:
    """A new workspace with these areas; their units are called Khu phố 1 and so on."""
    places = Places(place)
    opened, _ = vault.create(places, USER, PASSWORD, "chief", system_clock, CHEAP)
    workspace = open_with(places, opened, clock=system_clock, create=True)
    with workspace.store.write() as c:
        for number, area in enumerate(areas, 1):
            RecordRows().upsert(c, [_area(area, number)])
            outbox.hold_area(c, area, COMMUNE, "write")
        facts.put(c, facts.DEVICE, "0190c0de-0000-7000-8000-000000000001")
    return workspace


def unlocked(place: Path) -> Workspace:
    """The workspace of a home."""
    places = Places(place)
    return open_with(places, vault.unlock(places, USER, PASSWORD, system_clock), clock=system_clock)


def _area(area: str, number: int) -> Row:
    body = {
        "commune_code": COMMUNE,
        "commune_name": "Phường Hòa Bình",
        "unit_code": f"{number:02d}",
        "unit_name": f"Khu phố {number}",
    }
    return Row(type="area", id=area, commune=COMMUNE, area=area, seq=1, body=body)
