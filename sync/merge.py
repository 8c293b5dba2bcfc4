"""The merge rule: one op meets the record as the server holds it. Pure; no clock, no database.

For each field of the op, ``[was, new]``, with ``cur`` the server's value:

1. ``cur`` is ``was`` or ``new``: set.
2. an undecided conflict on the field lists ``was``: that candidate becomes ``new``.
3. plain: the later corrected time shows, the other value is listed in a `conflict` row that is ``settled``.
4. clinical: the row stays, a `conflict` row that is ``open`` lists both until a person decides.

Whatever an op says ends in the row, in a conflict row, or in an answer that refuses the op with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from sync.conflicts import CONFLICT, candidate, conflict_id, decide, in_order, joined
from sync.protocol import Op, ResultName
from sync.record import Mark, Outcome, Record, same
from sync.registry import FieldClass, RecordType

CLOCK_WRONG = "clock_wrong"  # a field the server adds, so its absence in an op is no other content
_SHAPES = 1000  # sets of field names that are known to be in order
_MOST_NAMES = 200  # of one of them
_RESERVED = frozenset({"id", "type", "area", "commune", "seq", "gone"})
_FIELD_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}").fullmatch
_FIELD_NAMES = re.compile(r"[a-z][a-z0-9_]{0,62}(?:,[a-z][a-z0-9_]{0,62})*").fullmatch
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}").fullmatch
_in_order: set[tuple[str, ...]] = set()
_WORSE = {"duplicate": 0, "applied": 1, "merged": 2, "conflict": 3}


def merge(
    op: Op,
    record: Record | None,
    conflicts: Mapping[str, Record],
    kind: RecordType | None,
    *,
    at: str,
    seq: int,
    trusted: bool = False,
    clock_wrong: bool = False,
    emptied: Collection[str] = (),
) -> Outcome:
    """Apply ``op`` to ``record`` (None: the server has none). Nothing passed in is changed.

    ``conflicts``: the record's conflict rows by field; ``kind``: None for a type this server does not know;
    ``at``: corrected wire moment; ``seq``: the counter the change will get; ``trusted``: the server's own op;
    ``clock_wrong``: its laptop's clock was wrong by more than a day, which an observation then says; ``emptied``:
    fields that lost their words by an erasure, which may be given new ones on a record that is made once too.
    """
    refused = refusal(op, kind, trusted)
    if refused:
        return Outcome(result="rejected", reason=refused[0], field=refused[1])
    assert kind is not None
    mark = Mark(at, op.who, op.device, op.id, seq)
    if record is None:
        outcome = _create(op, mark)
        if clock_wrong and kind.append_only and outcome.record is not None:
            outcome.record.body[CLOCK_WRONG] = True
        return outcome
    if record.gone == "moved":
        return Outcome(result="held", reason="moved")
    if op.type == CONFLICT:
        return decide(op, record, mark)
    return _Meeting(op, record, conflicts, kind, mark, emptied).outcome()


def refusal(op: Op, kind: RecordType | None, trusted: bool) -> tuple[str, str] | None:
    """The rule that an op breaks whatever the record is, and the field; None when it breaks none."""
    if kind is None:
        return "unknown-type", ""
    if kind.server_written and not trusted:
        return "server-written", ""
    if not _ID(op.id) or not _ID(op.record):
        return "bad-id", ""
    if not op.set:
        return "empty", ""
    if op.type != CONFLICT and "deleted" not in op.set and _ordinary(op.set):
        return None
    for field, (was, new) in op.set.items():
        if not _FIELD_NAME(field):
            return "bad-field", ""
        if field in _RESERVED or (op.type == CONFLICT and field not in kind.fields):
            return "reserved-field", field
        if field == "deleted" and not (isinstance(new, bool) and (was is None or isinstance(was, bool))):
            return "bad-value", field
        if op.type == CONFLICT and field == "state" and new not in ("open", "resolved"):
            return "bad-value", field
    return None


def makes_record(op: Op, kind: RecordType | None) -> bool:
    """Whether `merge` makes a record of the op's values where the server has none, whatever else is there."""
    if op.base_seq or op.type == CONFLICT or "deleted" in op.set or refusal(op, kind, trusted=False):
        return False
    for was, _ in op.set.values():
        if was is not None:
            return False
    return op.set.keys() != {"deleted_reason"}


def _ordinary(fields: Mapping[str, Any]) -> bool:
    """Whether every name is well formed and none reserved, in one look at all of them."""
    shape = tuple(fields)
    if shape in _in_order:
        return True
    names = ",".join(shape)
    apart = names.count(",") == len(shape) - 1  # a comma inside a name would make two of it
    good = apart and _FIELD_NAMES(names) is not None and _RESERVED.isdisjoint(shape)
    if good and len(shape) <= _MOST_NAMES and len(_in_order) < _SHAPES:
        _in_order.add(shape)
    return good


def _create(op: Op, mark: Mark) -> Outcome:
    edits = op.base_seq > 0
    body: dict[str, Any] = {}
    for field, (was, new) in op.set.items():
        if field != "deleted":
            edits = edits or was is not None
            if new is not None:
                body[field] = new
    if op.type == CONFLICT or edits or op.set.keys() <= {"deleted", "deleted_reason"}:
        # An edit without its create must not make half a record; sent again after the create it is applied.
        return Outcome(result="held", reason="unknown-record")
    deleted = bool(op.set["deleted"][1]) if "deleted" in op.set else False
    made = Record(type=op.type, id=op.record, body=body, deleted=deleted, marks={"": mark}, seq=mark.seq)
    return Outcome(result="applied", record=made)


class _Meeting:
    """One op on a record that is there."""

    def __init__(
        self,
        op: Op,
        record: Record,
        conflicts: Mapping[str, Record],
        kind: RecordType,
        mark: Mark,
        emptied: Collection[str],
    ) -> None:
        self.op, self.record, self.kind, self.mark = op, record, kind, mark
        self.known, self.emptied = conflicts, emptied
        self.body, self.marks = dict(record.body), dict(record.marks)
        self.deleted = record.deleted
        self.listed: dict[str, Record] = {}
        self.result: ResultName = "duplicate" if kind.append_only else "applied"
        self.where = ""
        self.changed = False

    def outcome(self) -> Outcome:
        ride_along = self._delete_or_revive()
        for field, (was, new) in self.op.set.items():
            if field == "deleted" or (ride_along and field == "deleted_reason") or same(was, new):
                continue  # a field that was not changed says nothing
            if self.kind.append_only and field == CLOCK_WRONG:
                if new is True and self.body.get(field) is not True:
                    self._set(field, new)
                continue
            self._field(field, was, new)
        content = self.op.set.keys() - {CLOCK_WRONG}
        if self.kind.append_only and content and all(was is None for was, _ in self.op.set.values()):
            for field in self.record.body.keys() - content - {CLOCK_WRONG, *self.emptied}:
                self._field(field, None, None)  # the other content lacks a field that this one has
        record = None
        if self.changed:
            record = msgspec.structs.replace(
                self.record, body=self.body, marks=self.marks, deleted=self.deleted, seq=self.mark.seq
            )
        return Outcome(result=self.result, field=self.where, record=record, conflicts=self.listed)

    def _note(self, result: ResultName, field: str) -> None:
        if _WORSE[result] > _WORSE[self.result]:
            self.result, self.where = result, "" if result == "applied" else field

    def _set(self, field: str, new: Any) -> None:
        if new is None:
            self.body.pop(field, None)
        else:
            self.body[field] = new
        self.marks[field] = self.mark
        self.changed = True

    def _delete_or_revive(self) -> bool:
        """The `deleted` part of the op. True when the deletion stays a question, and its reason with it."""
        op, record = self.op, self.record
        if "deleted" not in op.set:
            gone = record.mark("deleted")
            if record.deleted and gone.seq > op.base_seq and gone.device != op.device:
                self._ask("deleted", candidate(True, gone), candidate(False, self.mark))
            return False
        was, new = op.set["deleted"]
        if new == record.deleted:
            self._note("applied", "")
            return False
        edited = new and (record.changed_since(op.base_seq, op.device) or self._asked_since())
        if bool(was) == record.deleted and not edited:
            self.deleted, self.marks["deleted"], self.changed = new, self.mark, True
            self._note("applied", "")
            return False
        given = [mark for field, mark in record.marks.items() if field != "area"]
        latest = max(given, key=lambda mark: mark.seq)
        mine = candidate(new, self.mark)
        if "deleted_reason" in op.set:
            mine["reason"] = op.set["deleted_reason"][1]
        self._ask("deleted", candidate(record.deleted, latest), mine)
        return True

    def _asked_since(self) -> bool:
        """Whether an edit that the op may not have seen waits in a question, where the row does not show it."""
        op = self.op
        return any(
            conflict.body["state"] == "open"
            and field != "deleted"
            and conflict.mark("values").seq > op.base_seq
            and any(value["device"] != op.device for value in conflict.body["values"])
            for field, conflict in self.known.items()
        )

    def _field(self, field: str, was: Any, new: Any) -> None:
        cur = self.body.get(field)
        mark = self.record.mark(field)
        fixed = self.kind.append_only and field != "deleted_reason" and field not in self.emptied
        if same(cur, new):
            if not fixed and _later(self.mark, mark):
                self.marks[field], self.changed = self.mark, True
            return
        if same(cur, was) and (not fixed or field in self.known):
            self._set(field, new)
            self._follow(field, was, new)
            self._note("applied", field)
            return
        followed = self._follow(field, was, new)
        # What the row shows is listed too: it may have been given since without meeting anything.
        found = (candidate(cur, mark), *(() if followed else (candidate(new, self.mark),)))
        if fixed or (field != "deleted_reason" and self.kind.field_class(field) is FieldClass.CLINICAL):
            self._ask(field, *found)
            return
        self._list(field, "settled", *found)
        if _later(self.mark, mark):
            self._set(field, new)
        self._note("merged", field)

    def _conflict(self, field: str) -> Record | None:
        return self.listed.get(field) or self.known.get(field)

    def _follow(self, field: str, was: Any, new: Any) -> bool:
        """Rule 2. True when an undecided conflict lists ``was``; two candidates that meet stay both
        listed.
        """
        conflict = self._conflict(field)
        if conflict is None or conflict.body["state"] == "resolved":
            return False
        values = conflict.body["values"]
        if not any(same(value["value"], was) for value in values):
            return False
        if not any(same(value["value"], new) for value in values):
            moved = [v if not same(v["value"], was) else candidate(new, self.mark) for v in values]
            self._write(field, conflict, {**conflict.body, "values": in_order(moved)})
        return True

    def _ask(self, field: str, *found: dict[str, Any]) -> None:
        self._list(field, "open", *found)
        self._note("conflict", field)

    def _list(self, field: str, state: str, *found: dict[str, Any]) -> None:
        conflict = self._conflict(field)
        if conflict is None:
            body: dict[str, Any] = {"record_type": self.op.type, "record": self.op.record, "field": field}
            conflict = Record(
                type=CONFLICT, id=conflict_id(self.op.type, self.op.record, field), body={}, marks={}
            )
        else:
            body = dict(conflict.body)
        if (
            body.get("state") == "resolved" and found
        ):  # a new question: what was decided before stays on record
            body["past"] = [*body.get("past", ()), *body.pop("values", ())]
            body.pop("chosen", None)
            body.pop("state")
        if body.get("state") != "open":
            body["state"] = state
        body["values"] = joined(body.get("values", []), found)
        if body != conflict.body:
            self._write(field, conflict, body)

    def _write(self, field: str, conflict: Record, body: dict[str, Any]) -> None:
        # The device is left out: a decision must have seen the list, whoever added to it.
        mark = msgspec.structs.replace(self.mark, device="")
        marks = {"": conflict.marks.get("", mark), "values": mark}
        self.listed[field] = Record(
            type=CONFLICT, id=conflict.id, body=body, marks=marks, seq=conflict.seq, deleted=conflict.deleted
        )


def _later(mine: Mark, other: Mark) -> bool:
    return (mine.at, mine.op) > (other.at, other.op)
