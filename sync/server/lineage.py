"""What an area's history has in common with the ones that were in force before it.

A restore begins a new history at the backup's counter. A laptop that meets it may have stayed on any earlier one, also
where the server was restored twice since: what it has above the last counter that both histories share is lost.
Kept in ``server_state``, as long as laptops keep what was answered.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec

from sync.protocol import to_wire
from sync.server.database import Transaction

KEEP_DAYS = 30
_NAME = "histories"


class Shared(msgspec.Struct, array_like=True):
    """How far a history is the same as the present one: up to counter ``seq``. ``until``: when it was left, wire
    moment."""

    seq: int
    until: str


Lineage = dict[str, dict[str, Shared]]  # area -> history -> what of it the present one has
_decode = msgspec.json.Decoder(Lineage).decode
_encode = msgspec.json.Encoder().encode


def kept(tx: Transaction) -> Lineage:
    """The earlier histories of each area."""
    found = tx.one("SELECT value FROM server_state WHERE name = :name", name=_NAME)
    return _decode(found[0]) if found else {}


def with_present(tx: Transaction, now: str) -> Lineage:
    """The same with the histories in force, which are left ``now``."""
    lineage = kept(tx)
    for area, gen, seq in tx.all("SELECT area, gen, seq FROM area_head"):
        lineage.setdefault(area, {})[gen] = Shared(int(seq), now)
    return lineage


def restored_at(tx: Transaction) -> str:
    """When a backup was last put back, wire moment; empty for not within the days that are kept."""
    return max((shared.until for own in kept(tx).values() for shared in own.values()), default="")


def begin_anew(tx: Transaction, replaced: Lineage, new_id: Callable[[], str], now: datetime) -> int:
    """Give every area of a backup that was just put back a history of its own. ``replaced``: `with_present` of the
    same server's database whose place it takes. Returns how many areas."""
    oldest = to_wire(now - timedelta(days=KEEP_DAYS))
    lineage = with_present(tx, to_wire(now))
    for area, own in lineage.items():
        other = replaced.get(area, {})
        meeting = max((min(own[gen].seq, other[gen].seq) for gen in own.keys() & other.keys()), default=0)
        for gen in other.keys() - own.keys():
            own[gen] = Shared(min(other[gen].seq, meeting), other[gen].until)
        lineage[area] = {gen: shared for gen, shared in own.items() if shared.until >= oldest}
    areas = tx.all("SELECT commune, area FROM area_head")
    for commune, area in areas:
        tx.run(
            "UPDATE area_head SET gen = :gen, restored_seq = :seq WHERE commune = :commune AND area = :area",
            gen=new_id(),
            seq=min(shared.seq for shared in lineage[area].values()),
            commune=commune,
            area=area,
        )
    tx.run(
        "INSERT INTO server_state (name, value) VALUES (:name, :value)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name=_NAME,
        value=_encode(lineage).decode(),
    )
    return len(areas)
