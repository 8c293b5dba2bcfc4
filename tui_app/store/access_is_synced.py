"""The second schema: what was noted about access on this laptop alone becomes records that meet the server.

Never edited: a change is a new migration. The statements name the columns of that day themselves.
"""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID, uuid5

_ENTRIES = UUID("0b3c5f52-5a0e-5d0e-9a57-7a1d3f2b6c84")
_FORMER = {"open_form": ("unmask", "form")}  # the form of a person shows the full numbers

DDL = (
    """CREATE TABLE access_entry (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "at" TEXT, "who" TEXT, "what" TEXT, "record_type" TEXT, "record" TEXT, "detail" TEXT)""",
    "CREATE INDEX access_entry_area ON access_entry (area)",
    "CREATE INDEX access_entry_at ON access_entry (at)",
    "CREATE INDEX access_entry_record ON access_entry (record)",
)


def m0002_access_is_synced(c: Any) -> None:
    """Each entry gets an id, the unit of its record, and an op that waits for the server.

    Its ids follow from this laptop's own, so that the same laptop could only ever make the same ones. An entry of
    a laptop that holds no unit yet stays in ``access_before``.
    """
    c.execute("ALTER TABLE access_entry RENAME TO access_before")
    for statement in DDL:
        c.execute(statement)
    found = c.execute("SELECT value FROM setting WHERE key = 'device'").fetchone()
    device = json.loads(found[0]) if found else ""
    first = c.execute("SELECT area, commune FROM cursor ORDER BY area LIMIT 1").fetchone()
    entries = c.execute(
        "SELECT id, at, who, what, type, record, detail FROM access_before ORDER BY id"
    ).fetchall()
    for number, at, who, what, kind, record, detail in entries:
        place = _place(c, kind, record) or first
        if place is None:
            continue
        what, detail = _FORMER.get(what, (what, detail))
        fields = {"at": at, "who": who, "what": what, "record_type": kind, "record": record, "detail": detail}
        _write(c, f"{device}|{number}|{at}|{who}", place, {n: v for n, v in fields.items() if v})
        c.execute("DELETE FROM access_before WHERE id = ?", (number,))
    if c.execute("SELECT 1 FROM access_before LIMIT 1").fetchone() is None:
        c.execute("DROP TABLE access_before")


def _place(c: Any, kind: str | None, record: str | None) -> Any:
    """Area and commune of the record an entry speaks of, None when it is not here."""
    if kind not in ("person", "household") or not record:
        return None
    return c.execute(f"SELECT area, commune FROM {kind} WHERE id = ?", (record,)).fetchone()


def _write(c: Any, name: str, place: Any, fields: dict[str, str]) -> None:
    ident, (area, commune) = str(uuid5(_ENTRIES, name)), place
    names = ", ".join(f'"{column}"' for column in fields)
    c.execute(
        f"INSERT INTO access_entry (id, area, commune, seq, deleted, changed_at, changed_by, {names})"
        f" VALUES (?, ?, ?, 0, 0, ?, ?{', ?' * len(fields)})",
        (ident, area, commune, fields.get("at"), fields.get("who"), *fields.values()),
    )
    changes = {column: [None, value] for column, value in fields.items()}
    c.execute(
        'INSERT INTO outbox (id, commune, area, type, record, at, who, base_seq, "set")'
        " VALUES (?, ?, ?, 'access_entry', ?, ?, ?, 0, ?)",
        (
            str(uuid5(_ENTRIES, f"op|{name}")),
            commune,
            area,
            ident,
            fields.get("at", ""),
            fields.get("who", ""),
            json.dumps(changes, ensure_ascii=False),
        ),
    )
