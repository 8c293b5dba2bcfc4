"""Removing words from records that stay: an erasure names fields (``texts``), which lose their value for good.

The record goes on without the field, under a new counter, so that every laptop reads it anew; the ops on it lose what
they say of the field in every commune it came through, and the question about the field what it listed. What was said
before is gone, what is said by somebody who knows of the erasure is an edit like any other, on a record that is made
once too. Table `erased_text` remembers which erasure emptied which field: that one empties it once, however often it is
sent, and an op made by somebody who could not know of it (`late`) loses the field before it is merged or kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from sync.conflicts import CONFLICT
from sync.protocol import ERASED_TEXT, Op
from sync.record import Mark, Outcome, Record
from sync.registry import Registry
from sync.server.area_rows import AreaRows, Key
from sync.server.database import Transaction, as_json
from sync.server.forgetting import NOTHING, empty_ops, scrub_later
from sync.server.intake import Arrived, Place
from sync.server.moves import moved_to
from sync.server.tables import ERASED_TEXTS
from sync.server.whereabouts import came_through, whereabouts
from sync.texts import ALL, REASON, Text, along, named_texts, nothing_asked, without_reasons

if TYPE_CHECKING:
    from sync.server.erasing import Erasing

_changes = msgspec.json.Decoder(dict[str, tuple[Any, Any]])
_encode = msgspec.json.Encoder().encode


class Emptied(msgspec.Struct, frozen=True):
    """That an erasure emptied a field of a record. ``seq``: the counter the record got by it."""

    field: str
    erasure: str
    seq: int


class _TextRow(msgspec.Struct):
    commune: str
    type: str
    record: str
    field: str
    erasure: str
    area: str
    seq: int
    at: str


Remembered = Mapping[Key, list[Emptied]]


def texts_of(op: Op, registry: Registry) -> set[Text]:
    """The fields an op empties: of types that laptops write, and only those that hold words."""
    _, listed = op.set.get("texts", (None, None))
    return {text for text in named_texts(listed) if _may_go(text, registry)}


def _may_go(text: Text, registry: Registry) -> bool:
    kind = registry.get(text[0])
    return kind is not None and not (kind.erases or kind.server_written) and text[2] in kind.words


def remembered(tx: Transaction, commune: str, keys: Iterable[Key]) -> Remembered:
    """What was emptied of these records of a commune."""
    wanted = set(keys)
    most = len(wanted) // 4 + 1
    # as in `forgetting.erased_among`: there is hardly ever any, and what there is is read in one go
    found = tx.all(
        "SELECT type, record, field, erasure, seq FROM erased_text WHERE commune = :commune LIMIT :most",
        commune=commune,
        most=most,
    )
    if len(found) >= most:
        found = tx.all(
            "SELECT e.type, e.record, e.field, e.erasure, e.seq FROM each(:keys) AS k CROSS JOIN erased_text AS e"
            " WHERE e.commune = :commune AND e.type = k.value->>0 AND e.record = k.value->>1",
            keys=as_json(sorted(wanted)),
            commune=commune,
        )
    known: dict[Key, list[Emptied]] = defaultdict(list)
    for type_name, record, field, erasure, seq in found:
        if (type_name, record) in wanted:
            known[type_name, record].append(Emptied(field, erasure, int(seq)))
    return known


def unheard(op: Op, known: Remembered) -> list[Emptied]:
    """What was emptied of an op's record before its author could know: their laptop shows the words still."""
    return [
        emptied
        for emptied in known.get((op.type, op.record), ())
        if op.base_seq < emptied.seq and emptied.erasure not in op.knows
    ]


def without_late(one: Arrived, known: Remembered) -> Arrived:
    """An op without what it says of fields that were emptied before its author could know; `Arrived.lost` names
    them."""
    op = one.op
    late = unheard(op, known)
    lost = {
        (field, emptied.erasure)
        for emptied in late
        for field in (op.set if emptied.field == ALL else (emptied.field,))
        if field in op.set
    }
    unread = bool(one.raw) and any(
        emptied.field == ALL or f'"{emptied.field}"'.encode() in one.raw for emptied in late
    )
    if not (lost or unread):
        return one
    gone = {field for field, _ in lost}
    rest = {field: change for field, change in op.set.items() if field not in gone}
    return msgspec.structs.replace(
        one,
        op=msgspec.structs.replace(op, set=rest),
        raw=b"" if unread else one.raw,
        lost=tuple(sorted(lost)),
    )


def said(one: Arrived, outcome: Outcome) -> Outcome:
    """What comes of an op that lost words, so that its answer says which."""
    if not one.lost or one.refusal:
        return outcome
    fields = ",".join(sorted({field for field, _ in one.lost}))
    if not one.op.set:
        return Outcome(result="rejected", reason=ERASED_TEXT, field=fields)
    if outcome.result in ("held", "rejected"):
        return outcome
    return msgspec.structs.replace(outcome, reason=ERASED_TEXT, field=fields)


def erase_texts(
    rows: AreaRows, texts: Collection[Text], by: Erasing, leaving: Mapping[Key, Place]
) -> dict[Place, set[Text]]:
    """Empty fields of records of an area, in the transaction that holds its head. The caller writes ``rows``.

    ``leaving``: records on their way out of it. Returns the fields of those that have moved, by where to.
    """
    known = remembered(rows.tx, rows.commune, {text[:2] for text in texts})
    fields: dict[Key, set[str]] = defaultdict(set)
    before: set[Key] = set()
    for type_name, ident, field in texts:
        if _emptied_by(known.get((type_name, ident), ()), field, by.ident):
            text = (type_name, ident, field)
            before |= {one[:2] for one in (text, *along(text))}  # what was said since stays
        else:
            fields[type_name, ident].add(field)
    rows.fetch({*fields, *before})
    _newer_than(rows, before - fields.keys(), by)
    lying = whereabouts(rows.tx, fields, rows.commune)
    here = (rows.commune, rows.area)
    lives = {one.key: one.place for one in lying if one.to is None and one.place != here}
    away: dict[Place, set[Text]] = defaultdict(set)
    ways = came_through(lying, here)
    for key in sorted(fields):
        stored = rows.stored.get(key)
        to = leaving.get(key) or (moved_to(stored.record) if stored is not None else None) or lives.get(key)
        if to is not None:
            away[to] |= {(*key, field) for field in fields[key]}
        else:
            _empty(rows, key, fields[key], by, sorted({here[0], *ways.get(key, ())}))
    return away


def _newer_than(rows: AreaRows, keys: Iterable[Key], by: Erasing) -> None:
    """Records that a restored server had emptied before it was given the erasure back get a counter above it: laptops
    take a row with a smaller one for what was there before."""
    given = next((stored for key, stored in rows.stored.items() if key[1] == by.ident), None)
    for key in sorted(keys):
        stored = rows.stored.get(key)
        if given and stored and stored.record.gone is None and stored.record.seq < given.record.seq:
            rows.put(stored.record, stored.at, stored.who, stored.device)
            rows.others = True


def _emptied_by(known: Iterable[Emptied], field: str, erasure: str) -> bool:
    """Whether this erasure emptied the field before."""
    return any((one.field, one.erasure) == (field, erasure) for one in known)


def _empty(rows: AreaRows, key: Key, fields: set[str], by: Erasing, communes: list[str]) -> None:
    kept: set[str] = set()  # ops that were made after the erasure, by its own laptop
    for commune in communes:
        kept |= _empty_ops(rows.tx, commune, key, fields, by)
    seq = rows.seq + 1  # also of a record that is not there: whoever gives it back later knew less
    stored = rows.stored.get(key)
    if stored is not None and stored.record.gone is None:
        record = stored.record
        said_since = {field for field in fields if field in record.marks and record.marks[field].op in kept}
        body = {name: value for name, value in record.body.items() if name not in fields - said_since}
        marks = {name: mark for name, mark in record.marks.items() if name not in fields - said_since}
        record = msgspec.structs.replace(record, body=body, marks=marks)
        rows.put(record, by.at, by.who, by.device)
        rows.others = True
    texts = [(*key, field) for field in sorted(fields)]
    rows.fetch(one[:2] for text in texts for one in along(text))
    noted = list(texts)
    for text in texts:
        for one in along(text):
            noted.append(one)
            if one[2] == REASON:
                _drop_reasons(rows, one[:2], by)
                continue
            _empty_question(rows, one[:2], text, by)
            for commune in communes:
                empty_ops(rows.tx, commune, *one[:2])
    rows.tx.put(
        ERASED_TEXTS,
        [
            _TextRow(commune, *one, by.ident, rows.area, seq, by.corrected)
            for commune in communes
            for one in noted
        ],
    )
    scrub_later(rows.tx, rows.now)


def _empty_question(rows: AreaRows, asked: Key, text: Text, by: Erasing) -> None:
    stored = rows.stored.get(asked)
    if stored is None or stored.record.gone is not None:
        return
    mark = Mark(by.corrected, by.who, "", by.op, rows.seq + 1)
    record = Record(
        type=CONFLICT, id=asked[1], body=nothing_asked(text), marks={"": mark, "values": mark}, deleted=False
    )
    rows.put(record, by.at, by.who, by.device)
    rows.others = True


def _drop_reasons(rows: AreaRows, asked: Key, by: Erasing) -> None:
    stored = rows.stored.get(asked)
    if stored is not None and stored.record.gone is None:
        record = msgspec.structs.replace(stored.record, body=without_reasons(stored.record.body))
        rows.put(record, by.at, by.who, by.device)
        rows.others = True


def _empty_ops(tx: Transaction, commune: str, key: Key, fields: set[str], by: Erasing) -> set[str]:
    """Take fields out of what the ops on a record say. Returns the ops that the erasure's laptop made after it, which
    stay as they are."""
    found = tx.all(
        "SELECT id, device, n, changes, result FROM op WHERE commune = :commune AND record = :record AND type = :type",
        commune=commune,
        record=key[1],
        type=key[0],
    )
    kept = set()
    for ident, device, n, text, result in found:
        if device == by.device and int(n) > by.n:
            kept.add(ident)
            continue
        rest = _without(text, fields)
        if rest is None:
            continue
        refused = rest == NOTHING and result in ("held", "rejected")
        tx.run(
            "UPDATE op SET changes = :rest"
            + (f", result = 'rejected', reason = '{ERASED_TEXT}', field = :field" if refused else "")
            + " WHERE commune = :commune AND id = :id",
            rest=rest,
            commune=commune,
            id=ident,
            **({"field": ",".join(sorted(fields))} if refused else {}),
        )
    return kept


def _without(text: str, fields: set[str]) -> str | None:
    """What an op says, without these fields; None when it says nothing of them."""
    try:
        changes = _changes.decode(text)
    except msgspec.DecodeError:  # a line that could not be read as an op is kept as it came
        return NOTHING if any(f'"{field}"' in text for field in fields) else None
    rest = {field: change for field, change in changes.items() if field not in fields}
    return None if len(rest) == len(changes) else str(_encode(rest), "utf-8")
