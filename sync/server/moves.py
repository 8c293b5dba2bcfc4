"""Records that go to another area, one area a transaction, so that each stays on its shard.

The op that moves a record is answered by the old area: there the record is claimed (table `moving`), which
cannot be undone and freezes it. Then it is made in the new area, then the old row becomes a signpost:
``gone = moved``, body ``{"moved_to": [commune, area]}``, and the claim ends. Whoever meets a claim that was left
behind by a crash carries it on; each step looks whether it was done already.

A record keeps its marks, so the counter of the new area first jumps to that of the old row: what somebody
has not seen of the record stays above the counter he knew, in either area.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec

from sync.conflicts import CONFLICT, conflict_id, united
from sync.merge import merge
from sync.protocol import ERASED, Op
from sync.record import Mark, Outcome, Record
from sync.registry import RecordType, Registry
from sync.server.area_rows import AreaRows, Key, Stored, fetched
from sync.server.database import Database, Transaction, as_json
from sync.server.forgetting import forget_on_the_way
from sync.server.intake import Arrived, Place
from sync.server.rows import OpRow, op_copies
from sync.server.tables import OPS

_PLACE_FIELDS = ("area", "commune")


class Claim(msgspec.Struct):
    """A row of table `moving`: a record that leaves an area through an op. ``at``, ``who``, ``device``: of it."""

    commune: str
    area: str
    type: str
    record: str
    op: str
    to_commune: str
    to_area: str
    at: str
    corrected: str
    who: str
    device: str

    @property
    def key(self) -> Key:
        """(type, id) of the record."""
        return self.type, self.record

    @property
    def to(self) -> Place:
        """Where it goes."""
        return self.to_commune, self.to_area


def destination(op: Op) -> Place | Outcome | None:
    """Where an op moves its record; None when it does not; an answer when it says so in a way that makes no
    sense."""
    if op.type == CONFLICT or "area" not in op.set or op.set["area"][0] is None:
        return None
    was, new = op.set["area"]
    commune_was, commune_new = op.set.get("commune", (op.commune, op.commune))
    if (commune_was, was) != (op.commune, op.area):
        return Outcome(result="rejected", reason="bad-value", field="area")
    if not (isinstance(new, str) and isinstance(commune_new, str)):
        return Outcome(result="rejected", reason="bad-value", field="area")
    return commune_new, new


def edit_of(one: Arrived) -> Op:
    """What an op changes of the record apart from its area."""
    op = one.op
    if one.to is None and not one.carried:
        return op
    if not any(field in op.set for field in _PLACE_FIELDS):
        return op
    rest = {field: change for field, change in op.set.items() if field not in _PLACE_FIELDS}
    return msgspec.structs.replace(op, set=rest)


def moved_to(record: Record) -> Place | None:
    """Where the signpost that a record left behind points, None where it left none."""
    if record.gone != "moved":
        return None
    commune, area = record.body["moved_to"]
    return str(commune), str(area)


def signpost(rows: AreaRows, one: Arrived, to: Place) -> Stored:
    """Leave a signpost to where a record is that this area does not have, and that ``one`` says went from here."""
    op = one.op
    mark = Mark(one.corrected, op.who, op.device, op.id, rows.seq + 1)
    body: dict[str, Any] = {"moved_to": list(to)}
    rows.put(
        Record(type=op.type, id=op.record, body=body, marks={"": mark}, gone="moved"),
        op.at,
        op.who,
        op.device,
    )
    rows.others = True
    return rows.stored[op.type, op.record]


def claims_of(tx: Transaction, commune: str, area: str) -> list[Claim]:
    """What is on its way out of an area."""
    found = tx.all(
        "SELECT commune, area, type, record, op, to_commune, to_area, at, corrected, who, device FROM moving"
        " WHERE commune = :commune AND area = :area",
        commune=commune,
        area=area,
    )
    return [Claim(*row) for row in found]


def fetch_conflicts(rows: AreaRows) -> None:
    """Read every conflict row of an area."""
    found = rows.tx.all(
        "SELECT id FROM record WHERE commune = :commune AND area = :area AND type = :type AND gone IS NULL",
        commune=rows.commune,
        area=rows.area,
        type=CONFLICT,
    )
    rows.fetch([(CONFLICT, ident) for (ident,) in found])


def conflicts_of(rows: AreaRows, type_name: str, record: str) -> Iterator[Key]:
    """The conflict rows of a record among those that were read or made."""
    for key, stored in list(rows.stored.items()):
        body = stored.record.body
        if key[0] == CONFLICT and (body.get("record_type"), body.get("record")) == (type_name, record):
            yield key


def waiting_areas(database: Database) -> list[Place]:
    """The areas that records are still on their way out of."""
    with database.read() as tx:
        return [(commune, area) for commune, area in tx.all("SELECT DISTINCT commune, area FROM moving")]


def carry_on(
    database: Database, registry: Registry, place: Place, now: str, device: str = ""
) -> list[AreaRows]:
    """Finish what was claimed in an area: the new areas, then the old one, a transaction each. Returns
    them as they were left; ``device``: who learns of its own moves otherwise. Raises DatabaseBusy; trying
    again is safe at any point.
    """
    with database.read() as tx:
        claims = claims_of(tx, *place)
        leaving = {(s.record.type, s.record.id): s for s in fetched(tx, *place, [c.key for c in claims])}
        copies = op_copies(tx, place[0], {claim.op for claim in claims if claim.to_commune != place[0]})
    done = []
    erased: dict[Place, set[Key]] = defaultdict(set)
    for to in sorted({claim.to for claim in claims}):
        with database.write() as tx:
            rows, mine = _still_claimed(tx, to, place, now, device, [c for c in claims if c.to == to])
            for claim in mine:
                _arrive(rows, claim, leaving[claim.key], registry)
            erased[to] = {claim.key for claim in mine if rows.stored[claim.key].record.gone == ERASED}
            arrived = {claim.op: rows.stored[claim.key].record.seq for claim in reversed(mine)}
            tx.put(OPS, [_told_there(copy, to, arrived[copy.id]) for copy in copies if copy.id in arrived])
            rows.write()
        done.append(rows)
    if claims:
        with database.write() as tx:
            rows, mine = _still_claimed(tx, place, place, now, device, claims)
            for claim in mine:
                _depart(rows, claim)
            tx.run(
                "DELETE FROM moving WHERE commune = :commune AND area = :area"
                " AND op IN (SELECT k.value->>0 FROM each(:ops) AS k)",
                commune=place[0],
                area=place[1],
                ops=as_json(sorted({(claim.op,) for claim in claims})),
            )
            rows.write()
            for to, keys in erased.items():
                if keys:
                    forget_on_the_way(tx, to, keys, now)
        done.append(rows)
    return done


def _still_claimed(
    tx: Transaction, area: Place, place: Place, now: str, device: str, claims: list[Claim]
) -> tuple[AreaRows, list[Claim]]:
    """Take the head of ``area``, then see which claims of ``place`` nobody else has finished meanwhile."""
    rows = AreaRows(tx, *area, now)
    still = {(claim.key, claim.op) for claim in claims_of(tx, *place)}
    mine = [claim for claim in claims if (claim.key, claim.op) in still]
    rows.fetch([claim.key for claim in mine])
    rows.others = any(claim.device != device or claim.type == CONFLICT for claim in mine)
    return rows, mine


def _told_there(copy: OpRow, to: Place, seq: int) -> OpRow:
    """The op as the other commune keeps it, whose people cannot look into the old one's."""
    return msgspec.structs.replace(copy, commune=to[0], area=to[1], seq=seq)


def _arrive(rows: AreaRows, claim: Claim, leaving: Stored, registry: Registry) -> None:
    here = rows.stored.get(claim.key)
    if here is not None and (here.record.gone == ERASED or _came_by(here.record, claim)):
        return
    rows.seq = max(rows.seq, leaving.record.seq)
    mark = Mark(claim.corrected, claim.who, claim.device, claim.op, rows.seq + 1)
    if here is None or here.record.gone is not None:
        record = msgspec.structs.replace(leaving.record, marks={**leaving.record.marks, "area": mark})
        rows.put(record, leaving.at, leaving.who, leaving.device)
    elif claim.type == CONFLICT:
        body = united(here.record.body, leaving.record.body)
        values = msgspec.structs.replace(mark, device="")
        record = msgspec.structs.replace(
            here.record, body=body, marks={**here.record.marks, "values": values, "area": mark}
        )
        rows.put(record, claim.at, claim.who, claim.device)
        rows.others = True
    else:
        _meet(rows, claim, here, leaving, mark, registry)


def _meet(
    rows: AreaRows, claim: Claim, here: Stored, leaving: Stored, mark: Mark, registry: Registry
) -> None:
    """Both areas had made a record of the same id (ids that follow from what they name can do that): each
    value that differs meets the other as two edits would."""
    kind = registry.get(claim.type) or RecordType(claim.type, {})
    rows.others = True
    body = leaving.record.body
    deletion: dict[str, Any] = {}
    if leaving.record.deleted and not here.record.deleted:  # whoever works on it here had not seen that
        deletion = {"deleted": True, "deleted_reason": body.get("deleted_reason")}
        body = {field: value for field, value in body.items() if field != "deleted_reason"}
    # One op for a type that is made once: there a field left out is a difference too.
    sets = [body] if kind.append_only else [{field: value} for field, value in body.items()]
    for values in [*sets, deletion] if deletion else sets:
        given = leaving.record.mark(next(iter(values), ""))
        op = Op(
            id=given.op,
            device=given.device,
            n=0,
            commune=rows.commune,
            area=rows.area,
            type=claim.type,
            record=claim.record,
            at=given.at,
            who=given.who,
            set={field: (True if field == "deleted" else None, value) for field, value in values.items()},
        )
        known = _known_conflicts(rows, claim, {"deleted", *values, *(body if kind.append_only else ())})
        outcome = merge(
            op, rows.stored[claim.key].record, known, kind, at=given.at, seq=rows.seq + 1, trusted=True
        )
        for made in (outcome.record, *outcome.conflicts.values()):
            if made is not None:
                rows.put(made, claim.at, claim.who, claim.device)
    record = rows.stored[claim.key].record
    record = msgspec.structs.replace(record, marks={**record.marks, "area": mark})
    rows.put(record, claim.at, claim.who, claim.device)


def _known_conflicts(rows: AreaRows, claim: Claim, fields: set[str]) -> dict[str, Record]:
    fields = fields | rows.stored[claim.key].record.body.keys()
    keys = {field: (CONFLICT, conflict_id(claim.type, claim.record, field)) for field in fields}
    rows.fetch(keys.values())
    found = {field: rows.stored[key].record for field, key in keys.items() if key in rows.stored}
    return {field: record for field, record in found.items() if record.gone is None}


def _depart(rows: AreaRows, claim: Claim) -> None:
    stored = rows.stored[claim.key]
    seq = rows.seq + 1
    marks = {"": Mark(claim.corrected, claim.who, claim.device, claim.op, seq)}
    if "area" in stored.record.marks:
        marks["area"] = stored.record.marks["area"]
    body: dict[str, Any] = {"moved_to": list(claim.to)}
    record = msgspec.structs.replace(stored.record, body=body, marks=marks, gone="moved")
    rows.put(record, claim.at, claim.who, claim.device)


def _came_by(record: Record, claim: Claim) -> bool:
    """Whether a record is here through this very move, even if it has left again since."""
    mark = record.marks.get("area")
    return mark is not None and mark.op == claim.op
