"""What a laptop offers back to a server that was restored from a backup: see `sync.restored`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from sync import outbox
from sync.conflicts import CONFLICT
from sync.outbox import AGAIN, Change
from sync.protocol import Row, Unsent
from sync.record import same
from sync.restored import RecordStore, healing

UNSEEN = (
    ""  # as ``was``: nobody can have seen it, so the server keeps its own value and lists the offered one
)
_ANSWERED = f"UPDATE outbox SET state = 'acked', reason = substr(reason, {len(AGAIN) + 1}) WHERE n = ?"

_row = msgspec.json.Decoder(Row)
_set = msgspec.json.Decoder(dict[str, tuple[Any, Any]])
_to_json = msgspec.json.Encoder().encode
_Set = dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Ops:
    """A record's waiting ops: ``again`` had been answered before, ``new`` never were."""

    again: list[Unsent]
    new: list[Unsent]


def offer(c: Any, store: RecordStore, areas: Iterable[str], new_id: Callable[[], str]) -> int:
    """These areas were read anew: offer back what the server lacks. Returns how many ops were made.

    A conflict that had been decided stays set aside until the server has made its row anew; call this again then.
    """
    began = healing(c)
    made = 0
    keys = []
    for area in areas:
        lost = c.execute(
            "SELECT gen, offered, row FROM lost_row WHERE area = ? ORDER BY type = ?, type, id, gen",
            (area, CONFLICT),
        ).fetchall()
        for gen, offered, text in lost:
            mine = _row.decode(text)
            if mine.type == CONFLICT:
                question = _Question(c, store, mine, began.get(area, 0), new_id)
                count, settled = question.offer(bool(offered))
            else:
                count, settled = _Record(c, store, mine, began, new_id).offer(), True
            made += count
            keys.append((mine.type, mine.id))
            key = (mine.type, mine.id, gen)
            if settled:
                c.execute("DELETE FROM lost_row WHERE type = ? AND id = ? AND gen = ?", key)
            else:
                c.execute("UPDATE lost_row SET offered = 1 WHERE type = ? AND id = ? AND gen = ?", key)
    c.executemany("UPDATE cursor SET lost_after = NULL WHERE area = ?", [(area,) for area in areas])
    outbox.drop_idle_bases(c, store)  # of ops that the server turned out to have
    if outbox.empty_answered_texts(c, keys):  # those had kept their words until now
        store.scrub_later(c)
    return made


class _Record:
    """One record that the server may have lost, or hold older. ``began``: area -> where its new history began."""

    def __init__(
        self, c: Any, store: RecordStore, mine: Row, began: dict[str, int], new_id: Callable[[], str]
    ) -> None:
        self._c, self._store, self._mine, self._new_id = c, store, mine, new_id
        self._theirs = server_row(c, store, mine.type, mine.id)
        self._restored = began.get((self._theirs or mine).area, 0)
        self._ops = _waiting(c, mine.type, mine.id)
        self._disputed: set[str] = set()  # fields of ops that are sent again and had met another value
        self._left_out = False  # whether an op that the row was shown with is not sent again after all

    def offer(self) -> int:
        """Write the ops that give back what is missing, and show the record with them. Returns how many."""
        if self._theirs is None:
            made = self._offer_lost()
        else:
            made = self._offer_older(self._theirs)
            if made or self._left_out:
                ops = outbox.waiting_ops(self._c, self._mine.type, self._mine.id)
                self._store.upsert(self._c, [outbox.on_top(self._theirs, ops)])
        return made

    def _offer_lost(self) -> int:
        """The server has no such record: it is made as it was before the ops that are sent again, then comes what
        else had happened to it."""
        mine, again = self._mine, self._ops.again
        start = msgspec.structs.replace(mine, seq=0, body={}, deleted=False)
        if again and _creates(again[0]):
            creation: _Set = {}
            start = msgspec.structs.replace(start, area=again[0].area, commune=again[0].commune)
        else:
            creation = self._as_it_began()
        if creation:
            start = outbox.on_top(start, [_as_op(mine, creation)])
            self._add(mine, creation, 0)
            _to_the_end(self._c, [*again, *self._ops.new])
        expected, again = self._send_fitting(start)
        if not creation and not again:
            return 0
        move, rest = _move(expected, mine), self._rest(expected)
        if move:
            self._add(expected, move, self._restored)
        if rest:
            self._add(mine, rest, self._restored)
        if move or rest:
            _to_the_end(self._c, self._ops.new)
        return bool(creation) + bool(move) + bool(rest)

    def _offer_older(self, theirs: Row) -> int:
        mine = self._mine
        expected, again = self._send_fitting(theirs)
        exact = theirs.seq <= self._restored
        rest = self._rest(expected) if exact else self._blindly(expected)
        moved = any(map(_moves, again))
        move = {} if moved else _move(theirs, mine)
        if not move and not rest:
            return 0
        outbox.add(self._c, [], [theirs])
        if move:
            self._add(theirs, move, theirs.seq)
        if rest:
            base = 0 if theirs.area != mine.area else min(theirs.seq, self._restored)
            self._add(mine, rest, base)
        _to_the_end(self._c, self._ops.new)
        return bool(move) + bool(rest)

    def _add(self, place: Row, changes: _Set, base_seq: int) -> None:
        mine = self._mine
        change = Change(
            id=self._new_id(),
            commune=place.commune,
            area=place.area,
            type=mine.type,
            record=mine.id,
            at=mine.at,
            who=mine.who,
            base_seq=base_seq,
            set=changes,
        )
        outbox.add(self._c, [change], [])

    def _as_it_began(self) -> _Set:
        """What creates a record that the server lacks, as it was before this laptop's own answered ops."""
        body = dict(self._mine.body)
        touched: set[str] = set()
        deleted = self._mine.deleted
        for op in self._ops.again:
            for field, (was, _) in _set.decode(op.set).items():
                if field == "deleted" and field not in touched:
                    deleted = bool(was)
                elif field not in touched:
                    body[field] = was
                touched.add(field)
        made: _Set = {field: (None, value) for field, value in body.items() if value is not None}
        if not made:
            return {}
        return made | ({"deleted": (None, True)} if deleted else {})

    def _blindly(self, theirs: Row) -> _Set:
        """Somebody changed the record since the restore: what is here is offered beside it, not instead of it."""
        mine = self._mine
        fixed = self._store.append_only(mine.type)
        found: _Set = {
            field: (UNSEEN if fixed or theirs.body.get(field) is not None else None, value)
            for field, value in mine.body.items()
            if not same(theirs.body.get(field), value)
        }
        if mine.deleted and not theirs.deleted:
            found["deleted"] = (False, True)
        return found

    def _send_fitting(self, start: Row) -> tuple[Row, list[Unsent]]:
        """Of the ops that are sent again, keep those that will be taken as they were the first time: in the area
        where the server has the record, and without a question. What came of the others is part of the row that is
        offered. Returns the row as the server will have it, and what is kept.
        """
        expected, kept = start, []
        for op in self._ops.again:
            met = _met_another(self._c, op)
            if op.area == expected.area and _fits(op, expected):
                expected = outbox.on_top(expected, [op])
            elif not met and not _moves(op):
                self._c.execute(_ANSWERED, (op.n,))
                self._left_out = True
                continue
            # also where its value may be in no row, only in the conflict it met; and where the record is already
            # where this moves it: the server may have it in the old unit too
            kept.append(op)
            if met:
                self._disputed |= _set.decode(op.set).keys()
        return expected, kept

    def _rest(self, expected: Row) -> _Set:
        """What the record is here besides what the ops that are sent again make of it. A value that had met one of
        theirs did not replace it: it is offered beside it."""
        rest = _difference(expected, self._mine)
        for field in rest.keys() & self._disputed:
            new = rest[field][1]
            rest[field] = (new if field == "deleted" else UNSEEN, new)
        return rest


class _Question:
    """A conflict row that the server may have lost. Only the server makes such rows: offering the values that met
    lets it make the row again; what a person had decided is told once it is there."""

    def __init__(
        self, c: Any, store: RecordStore, mine: Row, restored: int, new_id: Callable[[], str]
    ) -> None:
        self._c, self._store, self._mine, self._restored, self._new_id = c, store, mine, restored, new_id
        self._theirs = server_row(c, store, mine.type, mine.id)
        self._decided = mine.body.get("state") == "resolved"

    def offer(self, offered: bool) -> tuple[int, bool]:
        """Returns how many ops were made, and whether nothing is left to do for it."""
        mine, theirs = self._mine, self._theirs
        if offered:
            return (self._decide(theirs) if theirs else 0), True
        made = self._offer_values(theirs)
        if theirs is None:
            # The server will make the row; until then there is none.
            self._store.upsert(self._c, [msgspec.structs.replace(mine, gone="moved")])
            return made, not (made and self._decided)
        if made and self._decided:
            return made, False
        return made + self._decide(theirs), True

    def _offer_values(self, theirs: Row | None) -> int:
        body = self._mine.body
        kind, ident, field = (str(body.get(name, "")) for name in ("record_type", "record", "field"))
        record = self._store.read(self._c, kind, [ident]).get(ident)
        if record is None:
            return 0
        current = record.deleted if field == "deleted" else record.body.get(field)
        listed = [v["value"] for v in _values(theirs)] if theirs else []
        base = server_row(self._c, self._store, kind, ident)
        changes = []
        for value in _values(self._mine):
            new = value.get("value")
            if same(new, current) or any(same(new, one) for one in listed):
                continue
            if field == "deleted":
                change: _Set = {field: (new, new)}
                if "reason" in value:
                    change["deleted_reason"] = (None, value["reason"])
            else:
                change = {field: (UNSEEN, new)}
            changes.append(
                Change(
                    id=self._new_id(),
                    commune=record.commune,
                    area=record.area,
                    type=kind,
                    record=ident,
                    at=str(value.get("at") or self._mine.at),
                    who=str(value.get("who") or self._mine.who),
                    base_seq=min(base.seq, self._restored) if base else 0,
                    set=change,
                )
            )
        outbox.add(self._c, changes, [base] if base and changes else [])
        return len(changes)

    def _decide(self, theirs: Row) -> int:
        """Tell the decision again, if the server's list holds nothing that the decider had not seen."""
        mine = self._mine
        seen = [value["value"] for value in _values(mine)]
        if not self._decided or theirs.body.get("state") == "resolved":
            return 0
        if not all(any(same(value["value"], one) for one in seen) for value in _values(theirs)):
            return 0
        changes: _Set = {"state": (theirs.body.get("state"), "resolved")}
        if "chosen" in mine.body:
            changes["chosen"] = (theirs.body.get("chosen"), mine.body["chosen"])
        change = Change(
            id=self._new_id(),
            commune=theirs.commune,
            area=theirs.area,
            type=CONFLICT,
            record=theirs.id,
            at=mine.at,
            who=mine.who,
            base_seq=theirs.seq,
            set=changes,
        )
        outbox.add(self._c, [change], [theirs])
        ops = outbox.waiting_ops(self._c, CONFLICT, theirs.id)
        self._store.upsert(self._c, [outbox.on_top(theirs, ops)])
        return 1


def server_row(c: Any, store: outbox.RecordStore, type_name: str, ident: str) -> Row | None:
    """A record as the server has it: beneath what waits. None when it has none."""
    found = c.execute("SELECT row FROM base WHERE type = ? AND id = ?", (type_name, ident)).fetchone()
    row = _row.decode(found[0]) if found else store.read(c, type_name, [ident]).get(ident)
    return row if row is not None and row.seq > 0 and row.gone is None else None


def _waiting(c: Any, type_name: str, ident: str) -> Ops:
    again = {
        n
        for (n,) in c.execute(
            f"SELECT n FROM outbox WHERE record = ? AND state IN ('new', 'sent') AND reason LIKE '{AGAIN}%'",
            (ident,),
        )
    }
    ops = outbox.waiting_ops(c, type_name, ident)
    return Ops([op for op in ops if op.n in again], [op for op in ops if op.n not in again])


def _creates(op: Unsent) -> bool:
    return op.base_seq == 0 and all(was is None for was, _ in _set.decode(op.set).values())


def _moves(op: Unsent) -> bool:
    return "area" in _set.decode(op.set)


def _fits(op: Unsent, row: Row) -> bool:
    """Whether an op changes ``row`` without a question."""
    changes = _set.decode(op.set)
    if row.deleted and "deleted" not in changes:
        return False
    for field, (was, new) in changes.items():
        current: Any = row.deleted if field == "deleted" else row.body.get(field)
        if field == "deleted":
            was = bool(was)
        if field not in ("area", "commune") and not same(current, was) and not same(current, new):
            return False
    return True


def _met_another(c: Any, op: Unsent) -> bool:
    """Whether the value of an answered op met another one, or may have."""
    result, reason = c.execute("SELECT result, reason FROM outbox WHERE id = ?", (op.id,)).fetchone()
    first = reason.removeprefix(AGAIN) if result == "duplicate" else result
    return first not in ("applied", "duplicate", "")


def _move(here: Row, there: Row) -> _Set:
    """What takes a record from the place of one row to that of another; nothing when it is the same."""
    if here.area == there.area:
        return {}
    move: _Set = {"area": (here.area, there.area)}
    return move if here.commune == there.commune else move | {"commune": (here.commune, there.commune)}


def _difference(expected: Row, mine: Row) -> _Set:
    fields = expected.body.keys() | mine.body.keys()
    found: _Set = {
        field: (expected.body.get(field), mine.body.get(field))
        for field in sorted(fields)
        if not same(expected.body.get(field), mine.body.get(field))
    }
    if expected.deleted != mine.deleted:
        found["deleted"] = (expected.deleted, mine.deleted)
    return found


def _values(conflict: Row) -> list[dict[str, Any]]:
    """Every value a conflict row lists, of earlier rounds too."""
    return [*conflict.body.get("past", ()), *conflict.body.get("values", ())]


def _as_op(row: Row, changes: _Set) -> Unsent:
    return Unsent(
        id="", device="", n=0, commune=row.commune, area=row.area, type=row.type, record=row.id, at=row.at,
        who=row.who, set=msgspec.Raw(_to_json(changes)),
    )  # fmt: skip


def _to_the_end(c: Any, ops: list[Unsent]) -> None:
    """Give ops new numbers, in their order, above all that were ever given."""
    for op in ops:
        c.execute("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'outbox'")
        c.execute(
            "UPDATE outbox SET n = (SELECT seq FROM sqlite_sequence WHERE name = 'outbox') WHERE id = ?",
            (op.id,),
        )
