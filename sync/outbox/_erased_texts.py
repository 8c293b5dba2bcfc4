"""Words that an erasure takes out of records that stay.

An erasure names fields; what it names is noted here, wherever it arrives, and leaves the record as it is shown and
what lies beneath it. What was said of such a field before goes with it: out of ops that were answered at once, out of
those that wait once they are, since that is somebody's work. A row of the server from after the erasure has lost the
words by itself, and what somebody said of the field since stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from sync.conflicts import CONFLICT
from sync.digests import Key
from sync.outbox._areas import held_areas, read_again
from sync.outbox._bases import put_base
from sync.outbox._noted_texts import Noted, late_fields, noted_texts
from sync.outbox._tables import LOCAL, WAITING, RecordStore, row_decoder, to_json
from sync.protocol import ERASED_TEXT, Row
from sync.texts import ALL, REASON, Text, along, nothing_asked, without_reasons

_set = msgspec.json.Decoder(dict[str, tuple[Any, Any]])
_NOTHING = "{}"


def erase_texts(
    c: Any, store: RecordStore, texts: Collection[Text], erasure: str, area: str = "", seq: int | None = None
) -> set[Text]:
    """Take fields out of records on this laptop, within the caller's transaction. Returns those that this erasure had
    not taken out before.

    ``erasure``: the id of the record that says so; ``area``, ``seq``: where it stands in the history of the server, 0
    when the server does not have it as far as is known here, None when it was the server that said so: then a row that
    has the field may be from before or after; it loses it, and is read once more where the server has newer words.
    """
    noted = noted_texts(c, {text[:2] for text in texts})
    fresh = {text for text in texts if Noted(text[2], erasure) not in noted.get(text[:2], ())}
    by_record: dict[Key, set[str]] = defaultdict(set)
    for text in sorted(fresh):
        by_record[text[:2]].add(text[2])
        c.executemany(
            "INSERT OR REPLACE INTO erased_text (type, id, field, erasure, told) VALUES (?, ?, ?, ?, ?)",
            [(*one, erasure, seq is None) for one in (text, *along(text))],
        )
    for key, fields in by_record.items():
        _take_out(c, store, key, fields, area, seq)
    if fresh:
        empty_answered_texts(c, [*by_record, *(one[:2] for text in fresh for one in along(text))])
    return fresh


def without_texts(row: Row, fields: Collection[str]) -> Row:
    """A row without the words of these fields; a question about such a field lists nothing, or no reasons."""
    if ALL in fields:
        if not {"record_type", "record", "field"} <= row.body.keys():
            return row
        text = tuple(str(row.body[name]) for name in ("record_type", "record", "field"))
        return msgspec.structs.replace(row, body=nothing_asked((text[0], text[1], text[2])))
    if row.type == CONFLICT:
        return msgspec.structs.replace(row, body=without_reasons(row.body)) if REASON in fields else row
    body = {name: value for name, value in row.body.items() if name not in fields}
    return msgspec.structs.replace(row, body=body)


def _emptied(c: Any, row: Row, fields: set[str], area: str, seq: int | None) -> Row:
    """A row as it is without these fields. One from after the server took the erasure in stays as it is: it has lost
    the words, and may have new ones; and one that is elsewhere by now, where it comes emptied to who shares that."""
    if seq and (row.seq >= seq if row.area == area else row.area in held_areas(c)):
        return row
    rest = without_texts(row, fields)
    if rest != row and (seq is None or (seq and row.area != area)):
        read_again(c, row)
    return rest


def _take_out(c: Any, store: RecordStore, key: Key, fields: set[str], area: str, seq: int | None) -> None:
    beside = [one for field in fields for one in along((*key, field))]
    for (type_name, ident), gone in [(key, fields), *((one[:2], {one[2]}) for one in beside)]:
        row = store.read(c, type_name, [ident]).get(ident)
        found = c.execute("SELECT row FROM base WHERE type = ? AND id = ?", (type_name, ident)).fetchone()
        base = row_decoder.decode(found[0]) if found else None
        under = base or row
        if under is not None:
            under = _emptied(c, under, gone, area, seq)
            if base is not None:
                put_base(c, under)
        if row is not None and under is not None:
            store.upsert(c, [_shown(row, under, gone)])
        _clear_lost(c, type_name, ident, gone)


def _shown(row: Row, under: Row, fields: set[str]) -> Row:
    """The record as it is shown, with these fields as they are beneath what waits."""
    if ALL in fields:
        return msgspec.structs.replace(row, body=under.body)
    said = {name: value for name, value in under.body.items() if name in fields}
    rest = without_texts(row, fields)
    return msgspec.structs.replace(rest, body=rest.body | said)


def _clear_lost(c: Any, type_name: str, ident: str, fields: set[str]) -> None:
    """What was set aside when the server was restored."""
    if ALL in fields:
        c.execute("DELETE FROM lost_row WHERE type = ? AND id = ?", (type_name, ident))
        return
    found = c.execute("SELECT gen, row FROM lost_row WHERE type = ? AND id = ?", (type_name, ident))
    for gen, text in found.fetchall():
        row = without_texts(row_decoder.decode(text), fields)
        c.execute(
            "UPDATE lost_row SET row = ? WHERE type = ? AND id = ? AND gen = ?",
            (to_json(row).decode(), type_name, ident, gen),
        )


def empty_answered_texts(c: Any, keys: Iterable[Key]) -> bool:
    """Take what answered ops on these records say of fields that lost their words; an op that then says nothing, and
    that the server had not taken, is told so. Nobody will ever answer ops of a unit that no server knows: they go out
    without it. Returns whether any said something."""
    emptied = False
    for (type_name, ident), noted in noted_texts(c, keys).items():
        found = c.execute(
            f"""SELECT o.n, o."set", o.state, o.knows FROM outbox AS o LEFT JOIN cursor AS a ON a.area = o.area
            WHERE o.record = ? AND o.type = ? AND (NOT o.{WAITING} OR a.mode = '{LOCAL}')""",
            (ident, type_name),
        )
        for n, text, state, knows in found.fetchall():
            late = late_fields(noted, msgspec.json.decode(knows) if knows else ())
            changes = _set.decode(text)
            lost = changes.keys() if ALL in late else changes.keys() & late
            if not lost:
                continue
            emptied = True
            rest = {field: change for field, change in changes.items() if field not in lost}
            _rewrite(c, n, rest, refused=not rest and state != "acked", fields=lost)
    return emptied


def _rewrite(c: Any, n: int, rest: Mapping[str, Any], *, refused: bool, fields: Collection[str]) -> None:
    c.execute(
        """UPDATE outbox SET "set" = ? WHERE n = ?""", (to_json(rest).decode() if rest else _NOTHING, n)
    )
    if refused:
        c.execute(
            "UPDATE outbox SET state = 'rejected', result = 'rejected', reason = ?, field = ?,"
            " settled = json_remove(settled, '$.reason') WHERE n = ?",
            (ERASED_TEXT, ",".join(sorted(fields)), n),
        )


def let_back_texts(c: Any, store: RecordStore, erasures: Iterable[str]) -> None:
    """These erasures were refused: what the server has of the records they named is read once more."""
    found = c.execute(
        "SELECT DISTINCT type, id FROM erased_text WHERE erasure IN (SELECT value FROM json_each(?))",
        (to_json(list(erasures)).decode(),),
    )
    for type_name, ident in found.fetchall():
        for row in store.read(c, type_name, [ident]).values():
            read_again(c, row)
        base = c.execute("SELECT row FROM base WHERE type = ? AND id = ?", (type_name, ident)).fetchone()
        if base is not None:
            read_again(c, row_decoder.decode(base[0]))
