"""Ops that reached no area: listed for the operator and the chief, and taken in when they decide so.

An op is held when its laptop may not change that area now: the unit was handed over before the work was
done, the laptop only counts, or the record has moved. Nothing is lost, but nobody on the new team sees it until
it is released.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from sync.protocol import Op, Result, to_wire
from sync.registry import Registry
from sync.server.database import Database, Transaction
from sync.server.grants import place_names
from sync.server.intake import Arrived
from sync.server.problems import AdminError
from sync.server.push import push
from sync.server.scope import Caller, Grant

_COLUMNS = (
    "commune, id, area, device, n, type, record, changes, base_seq, at, who, corrected, received, reason"
)


@dataclass(frozen=True, slots=True)
class HeldOp:
    """One op that waits, without what it says. ``fields``: which fields it would change; ``at``: when it was
    made by the laptop's clock, ``received``: when it came; ``place``: ``27211/01``, or the area's id where the
    server has no such unit.
    """

    op: str
    device: str
    user: str
    at: str
    received: str
    type: str
    record: str
    place: str
    reason: str
    fields: list[str]


def held_ops(database: Database) -> list[HeldOp]:
    """Every op that is held, the oldest first."""
    with database.read() as tx:
        places = place_names(tx)
        return [
            HeldOp(
                op.id,
                op.device,
                op.who,
                op.at,
                received,
                op.type,
                op.record,
                places.get(op.area, f"{op.commune}/{op.area}"),
                reason,
                sorted(op.set),
            )
            for op, _corrected, received, reason in _held(tx)
        ]


def release(
    database: Database,
    registry: Registry,
    *,
    ops: Iterable[str] = (),
    areas: Iterable[str] = (),
    now: datetime | None = None,
) -> list[Result]:
    """Take held ops in as if their laptop still had the area: the same merge, the same conflicts for a
    person to decide.

    ``ops``: their ids; ``areas``: places like ``27211/01``, all that is held there. Returns a result each;
    ``held`` where something else stands in the way. Raises AdminError for an id or place with nothing held.
    """
    with database.read() as tx:
        places = place_names(tx)
        waiting = _held(tx)
        secret = tx.one("SELECT value FROM server_state WHERE name = 'receipt_key'")
        everywhere = _everywhere(tx)
    wanted_ops, wanted_places = set(ops), set(areas)
    chosen = [
        (op, corrected)
        for op, corrected, *_ in waiting
        if op.id in wanted_ops or places.get(op.area) in wanted_places
    ]
    for missing in sorted(wanted_ops - {op.id for op, _ in chosen}):
        raise AdminError("nothing_held", what=missing)
    for missing in sorted(wanted_places - {places.get(op.area, "") for op, _ in chosen}):
        raise AdminError("nothing_held", what=missing)
    assert secret is not None
    of_device: dict[str, list[Arrived]] = defaultdict(list)
    for op, corrected in chosen:
        of_device[op.device].append(Arrived(len(of_device[op.device]), op, corrected))
    results = []
    for device, arrived in of_device.items():
        caller = Caller(device=device, user="", role="member", epoch=0, areas=everywhere)
        answered, _marks = push(
            database, registry, caller, arrived, to_wire(now or datetime.now(UTC)), bytes.fromhex(secret[0])
        )
        results += answered
    return results


def _everywhere(tx: Transaction) -> dict[str, Grant]:
    return {
        area: Grant(commune, area, "write", None)
        for commune, area in tx.all("SELECT commune, area FROM area_head")
    }


def _held(tx: Transaction) -> list[tuple[Op, str, str, str]]:
    """op, corrected, received, reason; in the order they were made, laptop by laptop."""
    found = tx.all(f"SELECT {_COLUMNS} FROM op WHERE result = 'held' ORDER BY received, device, n")
    return [(_op(row), *row[-3:]) for row in found]


def _op(row: tuple[Any, ...]) -> Op:
    commune, ident, area, device, n, type_name, record, changes, base_seq, at, who, *_ = row
    return Op(
        id=ident,
        device=device,
        n=int(n),
        commune=commune,
        area=area,
        type=type_name,
        record=record,
        at=at,
        who=who,
        set=msgspec.json.decode(changes),
        base_seq=int(base_seq),
    )
