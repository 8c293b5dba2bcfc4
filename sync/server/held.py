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

from sync.protocol import FINAL, Op, Result, to_wire
from sync.registry import Registry
from sync.server.database import Database, Transaction
from sync.server.grants import place_names, resolved
from sync.server.intake import Arrived
from sync.server.problems import AdminError
from sync.server.push import push
from sync.server.scope import Caller, Grant

_COLUMNS = "commune, id, area, device, n, type, record, changes, base_seq, at, who, knows, corrected, received, reason"


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
                _place(op, places),
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
    unit: str = "",
    now: datetime | None = None,
) -> list[Result]:
    """Take held ops in as if their laptop still had the area: the same merge, the same conflicts for a
    person to decide.

    ``ops``: their ids; ``areas``: places as `held_ops` names them, all that is held there; ``unit``: the place to
    take them into, for ops that name a unit which this server does not know. Returns a result each; ``held`` where
    something else stands in the way. Raises AdminError for an id or place with nothing held, and for a ``unit`` that
    is not known, of another commune, or given for an op whose own unit is known.
    """
    with database.read() as tx:
        places = place_names(tx)
        waiting = _held(tx)
        secret = tx.one("SELECT value FROM server_state WHERE name = 'receipt_key'")
        everywhere = _everywhere(tx)
        roles = dict(tx.all("SELECT id, role FROM device"))
        target = resolved(tx, unit)[0].partition("/")[2] if unit else ""
    wanted_ops, wanted_places = set(ops), set(areas)
    chosen = [
        (op, corrected)
        for op, corrected, *_ in waiting
        if op.id in wanted_ops or _place(op, places) in wanted_places
    ]
    for missing in sorted(wanted_ops - {op.id for op, _ in chosen}):
        raise AdminError("nothing_held", what=missing)
    for missing in sorted(wanted_places - {_place(op, places) for op, _ in chosen}):
        raise AdminError("nothing_held", what=missing)
    assert secret is not None
    meant = {op.id: op.area for op, _ in chosen}
    if unit:
        _check_unit(unit, target, [op for op, _ in chosen], everywhere)
        chosen = [(_in_unit(op, everywhere, target), corrected) for op, corrected in chosen]
    of_device: dict[str, list[Arrived]] = defaultdict(list)
    for op, corrected in chosen:
        of_device[op.device].append(Arrived(len(of_device[op.device]), op, corrected))
    results = []
    for device, arrived in of_device.items():
        caller = Caller(device=device, user="", role=roles.get(device, "member"), epoch=0, areas=everywhere)
        answered, _marks = push(
            database, registry, caller, arrived, to_wire(now or datetime.now(UTC)), bytes.fromhex(secret[0])
        )
        results += answered
    if unit:
        _note_units(database, results, everywhere[target].commune, meant)
    return results


def _place(op: Op, places: dict[str, str]) -> str:
    return places.get(op.area, f"{op.commune}/{op.area}")


def _check_unit(unit: str, target: str, ops: list[Op], everywhere: dict[str, Grant]) -> None:
    if not target:
        raise AdminError("unit_needed", place=unit)
    for op in ops:
        if op.commune != everywhere[target].commune:
            raise AdminError("held_other_commune", what=op.id, place=unit)
        if not _unknown(op, everywhere):
            raise AdminError("held_unit_known", what=op.id)


def _unknown(op: Op, everywhere: dict[str, Grant]) -> set[str]:
    """The units an op names that are not here: where its record lives, and where it moves it."""
    named = [op.area, *op.set.get("area", ())]
    return {area for area in named if isinstance(area, str) and area not in everywhere}


def _in_unit(op: Op, everywhere: dict[str, Grant], target: str) -> Op:
    """The op as if it had been made in the unit ``target``."""
    unknown = _unknown(op, everywhere)
    changes = dict(op.set)
    if "area" in changes:
        was, new = changes["area"]
        changes["area"] = (target if was in unknown else was, target if new in unknown else new)
    return msgspec.structs.replace(op, area=target if op.area in unknown else op.area, set=changes)


def _note_units(database: Database, results: list[Result], commune: str, meant: dict[str, str]) -> None:
    """Keep with each op that was taken into another unit which one its laptop had named."""
    with database.write() as tx:
        for result in results:
            if result.result in FINAL:
                tx.run(
                    "UPDATE op SET reason = :reason WHERE commune = :commune AND id = :id",
                    reason=f"unit {meant[result.op]}",
                    commune=commune,
                    id=result.op,
                )


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
    commune, ident, area, device, n, type_name, record, changes, base_seq, at, who, knows, *_ = row
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
        knows=msgspec.json.decode(knows, type=tuple[str, ...]) if knows else (),
    )
