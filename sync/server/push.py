"""Ops in: each op finds its area, each area is one transaction, and what may reach no area is kept."""

from __future__ import annotations

from collections import defaultdict

from sync.protocol import AreaMark, Result
from sync.record import Outcome
from sync.registry import Registry
from sync.server.area import AreaPush
from sync.server.database import Database, Transaction
from sync.server.intake import Arrived
from sync.server.rows import FINAL, again, known_ops, last_of_each, op_row, result_of, same_op
from sync.server.scope import Caller
from sync.server.tables import OPS


def push(
    database: Database,
    registry: Registry,
    caller: Caller,
    arrived: list[Arrived],
    now: str,
    secret: bytes,
) -> tuple[list[Result], list[AreaMark]]:
    """Take the ops of one body. Returns a result for each, in order, and where their areas stand.

    ``now``: wire moment; ``secret``: keys the receipts. Raises Refused 409 for a cloned laptop; areas
    finished before that stay, which harms nothing because ops are known by their ids.
    """
    groups: dict[tuple[str, str], list[Arrived]] = defaultdict(list)
    kept: dict[str, list[tuple[Arrived, Outcome]]] = defaultdict(list)
    for one in arrived:
        outside = _outside(one, caller)
        if outside is None:
            groups[one.op.commune, one.op.area].append(one)
        else:
            kept[one.op.commune].append((one, outside))
    results: dict[int, Result] = {}
    marks = []
    for commune, area in sorted(groups):
        with database.write() as tx:
            work = AreaPush(tx, registry, commune, area, now, secret)
            results.update(work.take(groups[commune, area], quiet=not caller.areas[area].may_read(now)))
        if caller.areas[area].may_read(now):
            marks.append(work.mark())
    for commune in sorted(kept):
        with database.write() as tx:
            results.update(_keep(tx, caller.device, commune, kept[commune], now, secret))
    return [results[one.place] for one in arrived], marks


def _outside(one: Arrived, caller: Caller) -> Outcome | None:
    """Why an op must not reach an area, or None. An area that is somebody else's looks like one that is
    not there.
    """
    if one.refusal:
        return Outcome(result="rejected", reason=one.refusal)
    grant = caller.areas.get(one.op.area)
    if grant is None or grant.commune != one.op.commune:
        return Outcome(result="held", reason="out-of-scope")
    if grant.mode != "write":
        return Outcome(result="held", reason="read-only")
    if not grant.may_write(one.corrected):
        return Outcome(result="held", reason="out-of-scope")
    return None


def _keep(
    tx: Transaction,
    device: str,
    commune: str,
    kept: list[tuple[Arrived, Outcome]],
    now: str,
    secret: bytes,
) -> dict[int, Result]:
    """Keep ops that reach no area now, so that a person can decide about them later."""
    known = known_ops(tx, commune, [one.op.id for one, _ in kept])
    results, rows = {}, []
    for one, outcome in kept:
        before = known.get(one.op.id)
        if before and before.device == device and before.result in FINAL and same_op(before, one.op):
            results[one.place] = again(one.op, before)
            continue
        if before is None or before.device == device:
            rows.append(op_row(one, outcome, 0, "", now))
        results[one.place] = result_of(one.op, outcome, 0, "")
    tx.put(OPS, last_of_each(rows))
    return results
