"""One area's share of a push: the head first, then reads, merges, writes - each one statement."""

from __future__ import annotations

import msgspec

from sync.conflicts import CONFLICT, CONFLICT_TYPE, conflict_id
from sync.merge import CLOCK_WRONG, merge, refusal
from sync.protocol import ERASED, FINAL, AreaMark, Op, Result, Row
from sync.record import Outcome, Record
from sync.registry import RecordType, Registry
from sync.server.area_rows import AreaRows, Key
from sync.server.database import Transaction, as_json
from sync.server.erased_texts import Remembered, remembered, said, unheard, without_late
from sync.server.erasing import Erasing, Target, emptied, erase, erases, named
from sync.server.fresh import Fresh, new_ones
from sync.server.intake import Arrived, Place
from sync.server.moves import Claim, claims_of, conflicts_of, edit_of, fetch_conflicts, moved_to, signpost
from sync.server.problems import Refused
from sync.server.rows import (
    Known,
    Receipts,
    again,
    known_ops,
    last_of_each,
    op_row,
    result_of,
    same_op,
)
from sync.server.tables import MOVING, OPS


class AreaPush:
    """One area's share of a push, inside the caller's transaction.

    ``elsewhere``: ops that were not taken because their record has left, with where it went, or None while it
    is still on its way. ``followed``: results whose record has left: the place of the op, and the record.
    ``erased_elsewhere``: what is to be erased in areas that records have moved to.
    """

    def __init__(
        self, tx: Transaction, registry: Registry, commune: str, area: str, now: str, secret: bytes
    ) -> None:
        self.tx, self.registry, self.now = tx, registry, now
        self.rows = AreaRows(tx, commune, area, now)
        self.receipts = Receipts(secret, self.rows.gen)
        self.commune, self.area = commune, area
        self.elsewhere: list[tuple[Arrived, Place | None]] = []
        self.followed: dict[int, Key] = {}
        self._leaving: dict[Key, Claim] = {}
        self._claims: list[Claim] = []
        self._saw_conflicts = False
        self._erasing: list[Arrived] = []
        self.erased_elsewhere: dict[Place, list[tuple[Erasing, set[Target]]]] = {}
        self._texts: Remembered = {}

    @property
    def leaving(self) -> bool:
        """Whether records are on their way out of this area."""
        return bool(self._leaving)

    def mark(self) -> AreaMark:
        """Where the area stands now."""
        return self.rows.mark()

    def take(
        self, arrived: list[Arrived], *, quiet: bool = False, trusted: bool = False, look: bool = False
    ) -> dict[int, Result]:
        """Merge and write the ops. ``quiet``: tell no rows; ``trusted``: the server's own ops; ``look``: at what
        is there for each of them. Raises AlreadyThere, without ``look``, when something that seemed new is not.
        """
        self._texts = remembered(self.tx, self.commune, {(one.op.type, one.op.record) for one in arrived})
        if self._texts:
            arrived = [without_late(one, self._texts) for one in arrived]
        fresh = set() if trusted or look else {one.place for one in self._fresh(arrived)}
        others = arrived if not fresh else [one for one in arrived if one.place not in fresh]
        known = known_ops(self.tx, self.commune, [one.op.id for one in others])
        self._refuse_forks(others, trusted)
        self._load(others)
        made = Fresh(self.rows, self.receipts, arrived[0].op.device)
        results = {} if others else made.take(arrived)
        rows = []
        for one in arrived if others else ():
            if one.place in fresh:
                results |= made.take([one])
                continue
            before = known.get(one.op.id)
            away = self._away(one)
            freed = (
                before is not None and before.result == "held"
            )  # the operator may take it into another unit
            if before and not same_op(before, one.op, anywhere=away or one.carried or freed):
                results[one.place] = result_of(
                    one.op, Outcome(result="rejected", reason="op-id-reused"), 0, ""
                )
            elif before and before.result in FINAL:
                results[one.place] = self._duplicate(one, before, quiet)
                if erases(one.op, self.registry):  # a crash may have come before what it erases elsewhere
                    self._erasing.append(one)
                if away:
                    self.followed[one.place] = (one.op.type, one.op.record)
            elif away:
                stored = self.rows.stored[one.op.type, one.op.record]
                self.elsewhere.append((one, moved_to(stored.record)))
            else:
                outcome, seq, row = self._merge(one, trusted)
                if outcome.reason == ERASED:
                    one = emptied(one)
                elif outcome.result in FINAL and erases(one.op, self.registry):
                    self._erasing.append(one)
                receipt = self.receipts.of(one.op.id, seq) if outcome.result in FINAL else ""
                rows.append(op_row(one, outcome, seq, receipt, self.now))
                op = one.op
                known[op.id] = Known(
                    op.id, op.area, op.type, op.record, op.device, outcome.result, seq, receipt
                )
                results[one.place] = result_of(op, outcome, seq, receipt, None if quiet else row)
        for one in arrived if self._texts else ():
            if one.place in results:
                results[one.place].erased = one.lost
        made.write()
        self.tx.put(OPS, last_of_each(rows))
        self.tx.put(MOVING, self._claims)
        self.rows.write()
        if self._erasing:
            self._erase()
        return results

    def _erase(self) -> None:
        """Erase what the ops that were taken name, now that all of this push is written."""
        for one in self._erasing:
            by = Erasing.of(one)
            for place, keys in erase(self.rows, self._named(one.op), by).items():
                self.erased_elsewhere.setdefault(place, []).append((by, keys))
        self.rows.write()

    def _named(self, op: Op) -> set[Target]:
        """What an erasure's op names; of one that only adds to a record, what that names: it has a newer counter now,
        and what it emptied must get one above it."""
        stands = self.rows.stored.get((op.type, op.record))
        says = {} if stands is None else {field: (None, value) for field, value in stands.record.body.items()}
        return named(msgspec.structs.replace(op, set=says | op.set), self.registry)

    def _away(self, one: Arrived) -> bool:
        """Whether the record of an op has left this area or is on its way."""
        key = (one.op.type, one.op.record)
        stored = self.rows.stored.get(key)
        if stored is None and one.to is not None and one.there:  # a restored server was given it there first
            stored = signpost(self.rows, one, one.to)
        return stored is not None and (stored.record.gone == "moved" or key in self._leaving)

    def _merge(self, one: Arrived, trusted: bool) -> tuple[Outcome, int, Row | None]:
        op = edit_of(one)
        kind = CONFLICT_TYPE if op.type == CONFLICT else self.registry.get(op.type)
        held = self.rows.stored.get((op.type, op.record))
        if held is not None and held.record.gone == ERASED:
            return Outcome(result="rejected", reason=ERASED), 0, None
        if one.lost and not op.set:
            told = self.rows.row(held) if held is not None and held.record.gone is None else None
            return said(one, Outcome(result="rejected")), 0, told
        conflicts = {} if held is None else self._conflicts(op, held.record, kind)
        outcome = self._only_moved(op, held.record if held else None, kind) if one.moves else None
        if outcome is None:
            outcome = merge(
                op,
                held.record if held else None,
                conflicts,
                kind,
                at=one.corrected,
                seq=self.rows.seq + 1,
                trusted=trusted,
                clock_wrong=one.clock_wrong,
                emptied={one.field for one in self._texts.get((op.type, op.record), ())},
            )
        outcome = said(one, outcome)
        if outcome.record is not None:
            self.rows.put(outcome.record, op.at, op.who, op.device)
        for conflict in outcome.conflicts.values():
            self.rows.put(conflict, op.at, op.who, op.device)
            self.rows.others = True
        stands = self.rows.stored.get((op.type, op.record))
        if stands is None or outcome.result not in FINAL:
            return outcome, 0, None
        if one.to is not None:
            self._claim(one, one.to)
        unseen = held is not None and held.record.changed_since(op.base_seq, op.device)
        unseen = unseen or bool(self._texts and unheard(op, self._texts))
        tell = unseen or outcome.result in ("merged", "conflict") or one.carried or bool(one.lost)
        tell = tell or (one.clock_wrong and held is None)  # an observation then says so
        told_by = [conflict.seq for conflict in outcome.conflicts.values()] if not outcome.record else []
        return outcome, max([stands.record.seq, *told_by]), self.rows.row(stands) if tell else None

    def _only_moved(self, op: Op, record: Record | None, kind: RecordType | None) -> Outcome | None:
        """What comes of the move of a record that is not here, or of nothing but a move; None when there is
        more to merge."""
        refused = refusal(op, kind, trusted=False)
        if refused and refused[0] != "empty":
            return Outcome(result="rejected", reason=refused[0], field=refused[1])
        if record is None:
            return Outcome(result="held", reason="unknown-record")
        return None if op.set else Outcome(result="applied")

    def _claim(self, one: Arrived, to: Place) -> None:
        """From here on the record is on its way, and its conflict rows with it; no edit reaches it here."""
        op = one.op
        if not self._saw_conflicts:
            fetch_conflicts(self.rows)
            self._saw_conflicts = True
        keys = [(op.type, op.record), *conflicts_of(self.rows, op.type, op.record)]
        for type_name, record in keys:
            claim = Claim(
                self.commune,
                self.area,
                type_name,
                record,
                op.id,
                *to,
                op.at,
                one.corrected,
                op.who,
                op.device,
            )
            self._leaving[type_name, record] = claim
            self._claims.append(claim)
        self.followed[one.place] = (op.type, op.record)

    def _conflicts(self, op: Op, record: Record, kind: RecordType | None) -> dict[str, Record]:
        found = {}
        for field in _conflict_fields(op, record, kind):
            stored = self.rows.stored.get((CONFLICT, conflict_id(op.type, op.record, field)))
            if stored and stored.record.gone is None:
                found[field] = stored.record
        return found

    def _duplicate(self, one: Arrived, before: Known, quiet: bool) -> Result:
        op = one.op
        stored = self.rows.stored.get((op.type, op.record))
        if quiet or stored is None or stored.record.gone is not None:
            return again(op, before)
        moved_on = stored.record.seq != before.seq or before.result != "applied" or one.carried or one.lost
        added = CLOCK_WRONG in stored.record.body  # by the server, in an answer that may have been lost
        return again(op, before, self.rows.row(stored) if moved_on or added else None)

    def _refuse_forks(self, arrived: list[Arrived], trusted: bool) -> None:
        """Two different ops with the same number from the same laptop: its disk was copied."""
        if trusted or not arrived:
            return
        mine = {(one.op.device, one.op.n): one.op.id for one in arrived}
        forked = any(mine[one.op.device, one.op.n] != one.op.id for one in arrived)
        if forked or any(mine[device, n] != ident for device, n, ident in self._numbered(list(mine))):
            raise Refused(409, "device-forked", "another laptop has this name; enrol as new")

    def _numbered(self, numbers: list[tuple[str, int]]) -> list[tuple[str, int, str]]:
        """Laptop, number and id of the ops that are kept under these numbers."""
        found = self.tx.all(
            "SELECT o.device, o.n, o.id FROM each(:keys) AS k CROSS JOIN op AS o WHERE o.commune = :commune"
            " AND o.device = k.value->>0 AND o.n = CAST(k.value->>1 AS BIGINT)",
            keys=as_json(numbers),
            commune=self.commune,
        )
        return [(device, int(n), ident) for device, n, ident in found]

    def _fresh(self, arrived: list[Arrived]) -> list[Arrived]:
        """The ops that make records nobody seems to have: nothing with their number came before."""
        fresh = new_ones(arrived, self.registry)
        if not fresh:
            return []
        device = fresh[0].op.device
        last = self.tx.one(
            "SELECT n FROM op WHERE commune = :commune AND device = :device AND n >= :lowest"
            " ORDER BY n DESC LIMIT 1",
            commune=self.commune,
            device=device,
            lowest=min(one.op.n for one in fresh),
        )
        if last is None:
            return fresh
        came = {n for _, n, _ in self._numbered([(device, one.op.n) for one in fresh])}
        return [one for one in fresh if one.op.n not in came]

    def _load(self, arrived: list[Arrived]) -> None:
        self._leaving = {claim.key: claim for claim in claims_of(self.tx, self.commune, self.area)}
        self.rows.fetch({(one.op.type, one.op.record) for one in arrived})
        wanted = set()
        for one in arrived:
            held = self.rows.stored.get((one.op.type, one.op.record))
            if held is not None and one.op.type != CONFLICT:
                for field in _conflict_fields(one.op, held.record, self.registry.get(one.op.type)):
                    wanted.add((CONFLICT, conflict_id(one.op.type, one.op.record, field)))
        self.rows.fetch(wanted)


def _conflict_fields(op: Op, record: Record, kind: RecordType | None) -> set[str]:
    """The fields that may get or have a conflict row through this op, or that a deletion has to look at."""
    fields = {*op.set, "deleted"}
    if all(was is None for was, _ in op.set.values()):
        fields |= record.body.keys()
    if "deleted" in op.set and op.set["deleted"][1]:
        fields |= record.body.keys() | record.marks.keys() | (kind.fields.keys() if kind else set())
    return fields
