"""Conflict rows: one a field of a record at most, listing the values that met and what a person decided.

Body: ``record_type``, ``record``, ``field``, ``state`` (open: a person must decide; settled: a plain
field, the later value shows; resolved), ``values`` (each ``value, who, device, at, op``), ``chosen`` once
resolved, ``past``: the values of earlier, decided rounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha1
from typing import Any
from uuid import UUID

import msgspec

from sync.protocol import Op, ResultName
from sync.record import Mark, Outcome, Record, same
from sync.registry import FieldClass, RecordType

CONFLICT = "conflict"
CONFLICT_TYPE = RecordType(CONFLICT, {"state": FieldClass.CLINICAL, "chosen": FieldClass.CLINICAL})
NAMES = UUID("6f0c7b0e-52a4-5d0c-9b52-3f1d4c9f7a11")


def conflict_id(type_name: str, record: str, field: str) -> str:
    """The id of the one conflict row that a field of a record can have: UUIDv5 of ``type|record|field``.

    Written out by hand because every edit asks for a few of them, and `uuid.uuid5` takes more than twice
    as long.
    """
    h = sha1(NAMES.bytes + f"{type_name}|{record}|{field}".encode(), usedforsecurity=False).hexdigest()
    return f"{h[:8]}-{h[8:12]}-5{h[13:16]}-{'89ab'[int(h[16], 16) & 3]}{h[17:20]}-{h[20:32]}"


def candidate(value: Any, mark: Mark) -> dict[str, Any]:
    """One value of a conflict row's list."""
    return {"value": value, "who": mark.who, "device": mark.device, "at": mark.at, "op": mark.op}


def joined(values: list[dict[str, Any]], found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """``values`` and those of ``found`` not listed yet; of two equal ones the later giver is named."""
    whole = list(values)
    for new in found:
        for place, value in enumerate(whole):
            if same(value["value"], new["value"]):
                if (new["at"], new["op"]) > (value["at"], value["op"]):
                    whole[place] = new
                break
        else:
            whole.append(new)
    return in_order(whole)


def in_order(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """``values`` by the time they were given."""
    return sorted(values, key=lambda value: (value["at"], value["op"]))


def united(here: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Two conflict rows on one field of one record, made in two areas, as one: undecided unless both were
    decided alike."""
    body = dict(here)
    body["values"] = joined(here["values"], other["values"])
    past = [*here.get("past", ()), *other.get("past", ())]
    if past:
        body["past"] = past
    states = {here["state"], other["state"]}
    if states == {"resolved"} and same(here.get("chosen"), other.get("chosen")):
        return body
    for choice in (one["chosen"] for one in (here, other) if one["state"] == "resolved" and "chosen" in one):
        if not any(same(value["value"], choice) for value in body["values"]):
            body["values"].append({"value": choice, "who": "", "device": "", "at": "", "op": ""})
    body.pop("chosen", None)
    body["state"] = "settled" if states == {"settled"} else "open"
    return body


def decide(op: Op, conflict: Record, mark: Mark) -> Outcome:
    """A person's decision on a conflict row. Two decisions that differ, or one made before the list was
    complete, leave the question open with both choices listed. That a person asks again is always heard."""
    body, marks = dict(conflict.body), dict(conflict.marks)
    clash = any(
        not same(body.get(field), was) and not same(body.get(field), new)
        for field, (was, new) in op.set.items()
    )
    if body.get("state") == "resolved" and op.set.get("state", ("resolved", None))[0] != "resolved":
        # decided by somebody else meanwhile; an empty value can be a choice too
        clash = clash or not same(body.get("chosen"), op.set.get("chosen", (None, None))[1])
    choice = op.set.get("chosen", (None, None))[1]
    decides = choice is not None or op.set.get("state", (None, None))[1] == "resolved"
    if clash or (decides and conflict.mark("values").seq > op.base_seq):
        found = []
        if body.get("state") == "resolved":  # an empty value can be a choice too
            found.append(
                candidate(body.get("chosen"), conflict.marks.get("chosen") or conflict.mark("state"))
            )
        if decides:
            found.append(candidate(choice, mark))
        body["values"] = joined(body["values"], found)
        if clash:
            body.pop("chosen", None)
            body["state"] = "open"
        if same(body, conflict.body):
            agreed = body.get("state") == "resolved"
            return Outcome(result="applied") if agreed else Outcome(result="conflict", field="state")
        marks["values"] = msgspec.structs.replace(mark, device="")
        result: ResultName = "conflict"
    else:
        for field, (_, new) in op.set.items():
            if not same(body.get(field), new):
                marks[field] = mark
            if new is None:
                body.pop(field, None)
            else:
                body[field] = new
        if same(body, conflict.body):
            return Outcome(result="applied")
        result = "applied"
    decided = msgspec.structs.replace(conflict, body=body, marks=marks, seq=mark.seq)
    return Outcome(result=result, field="state" if result == "conflict" else "", record=decided)
