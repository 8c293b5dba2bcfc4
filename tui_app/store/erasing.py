"""What an erasure takes off this laptop besides rows and ops: search entries, drafts, what imports remember, old pages.

`without_erased` is asked by whatever writes rows, so an erasure works wherever it arrives: typed here, by a pull, by a
file, out of an older database. What SQLite leaves behind in free pages, in its log and in the safety copies goes when
the file is scrubbed (`scrub`), which waits for nobody: it is done when the workspace is closed, at the latest when it
is opened the next time.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from sync import outbox
from sync.conflicts import CONFLICT
from sync.digests import Key, Mark
from sync.outbox import RecordStore
from sync.protocol import ERASED, Row
from sync.texts import Text, named_texts
from tui_app.errors import VaultError
from tui_app.records import REGISTRY
from tui_app.store import cipher

ERASURE = "erasure"  # the type of record
SCRUB_DUE = "scrub_due"  # in `setting`
TAKEN_FROM = (
    "erased_from"  # in `setting`: the workspace put aside by a restore whose erasures were taken over
)
_CHIEF = "chief"


def may_erase(c: Any) -> bool:
    """Whether who unlocked this workspace may erase: a chief."""
    return bool(c.execute("SELECT gonha_role()").fetchone()[0] == _CHIEF)


def without_erased(c: Any, store: RecordStore, rows: Iterable[Row]) -> list[Row]:
    """Rows as they may be written: erased records without content. What they say is erased loses its content here."""
    rows = list(rows)
    named: dict[str, set[Key]] = defaultdict(set)
    for row in rows:
        if row.gone == ERASED:
            named[""].add((row.type, row.id))
        elif row.type == ERASURE and not row.deleted and not row.gone:
            named[row.id] |= named_by(row.body)
            erase_texts(c, store, texts_of(row.body), row.id, row.area, row.seq)
    for erasure, keys in named.items():
        erase(c, store, keys, erasure)
    if not named and not outbox.any_erased(c):
        return rows
    erased = outbox.erased_among(c, {(row.type, row.id) for row in rows})
    if erased:
        outbox.keep_beneath(c, [row for row in rows if (row.type, row.id) in erased])
    return [outbox.stripped(row) if (row.type, row.id) in erased else row for row in rows]


def texts_of(body: Mapping[str, Any]) -> set[Text]:
    """The fields that an erasure names, of those in which somebody may be named."""
    found = named_texts(body.get("texts"))
    return {text for text in found if text[0] in REGISTRY and text[2] in REGISTRY[text[0]].words}


def erase_texts(
    c: Any, store: RecordStore, texts: Collection[Text], erasure: str, area: str = "", seq: int | None = None
) -> None:
    """Take fields out of records on this laptop, within the caller's transaction. ``erasure``: the id of the record
    that says so; ``area``, ``seq``: where the server has it, None when the server says so."""
    if outbox.erase_texts(c, store, texts, erasure, area, seq):
        _drop_drafts(c, {ident for _, ident, _ in texts})
        scrub_later(c)


def without_texts(c: Any, store: RecordStore, rows: list[Row], answered: Mapping[str, Mark]) -> list[Row]:
    """Rows of the server, those from before it took in an erasure that this laptop has heard of without what that
    names. Erasures among them are noted first: what waits lies on top of rows of the same answer. ``answered``: records
    that the same answer gave a counter, with their area."""
    told = dict(answered)
    for row in rows:
        if row.type == ERASURE and not row.deleted and not row.gone:
            erase_texts(c, store, texts_of(row.body), row.id, row.area, row.seq)
            told[row.id] = (row.area, row.seq)
    found = c.execute(
        "SELECT e.type, e.id, e.field, r.id, r.area, r.seq, e.told, EXISTS (SELECT 1 FROM outbox AS o"
        " WHERE o.record = r.id AND o.state IN ('new', 'sent'))"
        f" FROM erased_text AS e JOIN erasure AS r ON r.id = e.erasure WHERE {outbox.TEXT_IN_FORCE}"
    )
    noted: dict[Key, list[tuple[str, str, int, bool]]] = defaultdict(list)
    for type_name, ident, field, erasure, area, seq, by_server, waits in found:
        area, seq = told.get(erasure, (area, seq))
        if (
            seq or waits or not by_server
        ):  # else the server did it without the record: its rows are from after
            noted[type_name, ident].append((field, area, seq, bool(waits)))
    if not noted:
        return rows
    return [_without_older(row, noted.get((row.type, row.id), ())) for row in rows]


def _without_older(row: Row, noted: Iterable[tuple[str, str, int, bool]]) -> Row:
    """``noted``: field, the erasure's area and counter, whether it waits for the server's answer. Where another area
    has the record by now, the row itself tells once the answer has come."""
    gone = {
        field
        for field, area, seq, waits in noted
        if (row.area == area and (not seq or row.seq < seq)) or (not seq and waits)
    }
    return outbox.without_texts(row, gone) if gone and row.gone is None else row


def scrub_later(c: Any) -> None:
    """Note that pages or copies may still hold what was erased."""
    c.execute("INSERT OR REPLACE INTO setting (key, value) VALUES (?, 'true')", (SCRUB_DUE,))


def named_by(body: Mapping[str, Any]) -> set[Key]:
    """The records that an erasure names; whatever else stands in the list names none."""
    listed = body.get("records")
    return {
        (one["type"], one["id"])
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict) and isinstance(one.get("type"), str) and isinstance(one.get("id"), str)
    }


def erase(c: Any, store: RecordStore, keys: Collection[Key], erasure: str = "") -> None:
    """Take the content of records off this laptop, within the caller's transaction. ``erasure``: the id of the record
    that says so, "" when the server does."""
    keys = {*keys, *_questions(c, keys)}
    fresh = outbox.erase(c, store, keys, erasure)
    if fresh:
        ids = {ident for _, ident in fresh}
        _drop_drafts(c, ids)
        _forget_imports(c, ids)
        scrub_later(c)


def _questions(c: Any, keys: Iterable[Key]) -> set[Key]:
    """The conflict rows of these records, which list what they said."""
    ids = json.dumps([ident for _, ident in keys])
    found = c.execute("SELECT id FROM conflict WHERE record IN (SELECT value FROM json_each(?))", (ids,))
    return {("conflict", ident) for (ident,) in found}


def _drop_drafts(c: Any, ids: Collection[str]) -> None:
    """What was typed and not saved of these records; lines about others stay."""
    for key, kind, text in c.execute("SELECT key, kind, body FROM draft").fetchall():
        if any(ident in key for ident in ids):
            c.execute("DELETE FROM draft WHERE key = ?", (key,))
        elif any(ident in text for ident in ids):
            body = msgspec.json.encode(_without(msgspec.json.decode(text), ids)).decode()
            c.execute("UPDATE draft SET body = ? WHERE key = ? AND kind = ?", (body, key, kind))


def _without(value: Any, ids: Collection[str]) -> Any:
    """A value without what stands under one of the ids, and without list entries that name one."""
    if isinstance(value, dict):
        return {name: _without(one, ids) for name, one in value.items() if name not in ids}
    if isinstance(value, list):
        return [_without(one, ids) for one in value if not _names(one, ids)]
    return value


def _names(value: Any, ids: Collection[str]) -> bool:
    if isinstance(value, dict):
        return any(isinstance(one, str) and one in ids for one in value.values())
    return isinstance(value, str) and value in ids


def _forget_imports(c: Any, ids: Collection[str]) -> None:
    """What imports remember of these records, so that they could be taken back."""
    for batch, text in c.execute("SELECT id, records FROM import_batch").fetchall():
        remembered = msgspec.json.decode(text)
        kept = [one for one in remembered if one[1] not in ids]
        if len(kept) < len(remembered):
            records = msgspec.json.encode(kept).decode()
            c.execute("UPDATE import_batch SET records = ? WHERE id = ?", (records, batch))


def scrub_due(c: Any) -> bool:
    """Whether pages or copies may still hold what was erased."""
    return c.execute("SELECT 1 FROM setting WHERE key = ?", (SCRUB_DUE,)).fetchone() is not None


def scrub(c: Any) -> bool:
    """Write the file anew without what was deleted, and empty its log. Returns False when somebody else reads it now:
    it stays due then.

    ``c``: outside a transaction. Some seconds for a large ward. Raises the driver's errors.
    """
    c.execute("INSERT INTO search_words (search_words) VALUES ('optimize')")
    c.execute("VACUUM")
    busy, *_ = c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def scrubbed(c: Any) -> None:
    """Note that nothing is left to scrub."""
    c.execute("DELETE FROM setting WHERE key = ?", (SCRUB_DUE,))
    c.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def taken_over(c: Any, kept: Path) -> bool:
    """Whether the erasures of the workspace in the folder ``kept`` were taken over before."""
    found = c.execute("SELECT value FROM setting WHERE key = ?", (TAKEN_FROM,)).fetchone()
    return found is not None and str(found[0]) == json.dumps(kept.name)


def take_over(c: Any, store: RecordStore, database: Path, key: bytes) -> None:
    """Erase here what the workspace that a restore put aside had erased: the backup may be older than that.

    ``database``: of that workspace; nothing of it is taken when it does not open with ``key``.
    """
    erased, texts = _erased_in(database, key)
    for erasure, keys in erased.items():
        erase(c, store, keys, erasure)
    for erasure, fields in texts.items():
        erase_texts(c, store, fields, erasure, seq=0)
    name = json.dumps(database.parent.name)
    c.execute("INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)", (TAKEN_FROM, name))


def _erased_in(database: Path, key: bytes) -> tuple[dict[str, set[Key]], dict[str, set[Text]]]:
    named: dict[str, set[Key]] = defaultdict(set)
    texts: dict[str, set[Text]] = defaultdict(set)
    try:
        other = cipher.open_copy(database, key)
    except VaultError:  # of another workspace, or damaged
        return named, texts
    try:
        if other.execute("SELECT 1 FROM sqlite_master WHERE name = 'erased'").fetchone():
            for type_name, ident, erasure in other.execute("SELECT type, id, erasure FROM erased"):
                named[erasure].add((type_name, ident))
        if other.execute("SELECT 1 FROM sqlite_master WHERE name = 'erased_text'").fetchone():
            found = other.execute(
                "SELECT type, id, field, erasure FROM erased_text WHERE type <> ?", (CONFLICT,)
            )
            for type_name, ident, field, erasure in found:
                texts[erasure].add((type_name, ident, field))
    finally:
        other.close()
    return named, texts
