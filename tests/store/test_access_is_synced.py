"""The second schema: notes of access that stayed on the laptop become records, once, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sync.protocol import Row
from tests.conftest import AREA, KEY
from tui_app.store import cipher, migrations
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows, take_known

AT = "2026-11-22T02:05:00.000Z"
OLD = "INSERT INTO access_entry (at, who, what, type, record, detail) VALUES (?, ?, ?, ?, ?, ?)"


@pytest.fixture
def first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A database of the first schema, with a person in the second of two units and four notes."""
    connection = cipher.open_database(tmp_path / "gonha.db", KEY, create=True)
    with monkeypatch.context() as patched:
        patched.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:1])
        migrations.migrate(connection, AT, lambda: None)
    connection.execute("INSERT INTO setting VALUES ('device', '\"may-1\"')")
    connection.execute(
        "INSERT INTO person (id, area, commune, seq, deleted) VALUES ('p1', '0190-area-2', '27211', 4, 0)"
    )
    for entry in (
        (AT, "lan", "unmask", "person", "p1", ""),
        (AT, "lan", "open_form", "person", "p1", ""),
        (AT, "minh", "export", "", "", "ndjson"),
        (AT, "minh", "unmask", "household", "gone", "conflict"),
    ):
        connection.execute(OLD, entry)
    yield connection
    connection.close()


def holds(connection: Any, *areas: str) -> None:
    for area in areas:
        connection.execute("INSERT INTO cursor (area, commune) VALUES (?, '27211')", (area,))


def notes(connection: Any) -> list[tuple[Any, ...]]:
    found = connection.execute(
        "SELECT who, what, record_type, record, detail, area FROM access_entry ORDER BY who, what, record_type"
    )
    return [tuple(row) for row in found]


def test_each_note_becomes_a_record_with_an_op(first: Any) -> None:
    holds(first, "0190-area-1", "0190-area-2")
    migrations.migrate(first, AT, lambda: None)
    assert notes(first) == [
        ("lan", "unmask", "person", "p1", None, "0190-area-2"),
        ("lan", "unmask", "person", "p1", "form", "0190-area-2"),
        ("minh", "export", None, None, "ndjson", "0190-area-1"),
        ("minh", "unmask", "household", "gone", "conflict", "0190-area-1"),
    ]
    ops = first.execute('SELECT record, type, who, at, state, "set" FROM outbox ORDER BY n').fetchall()
    assert len(ops) == len({record for record, *_ in ops}) == 4
    assert {record for record, *_ in ops} == {i for (i,) in first.execute("SELECT id FROM access_entry")}
    assert {tuple(op[1:5]) for op in ops} == {
        ("access_entry", "lan", AT, "new"),
        ("access_entry", "minh", AT, "new"),
    }
    assert json.loads(ops[2][5]) == {
        "at": [None, AT], "who": [None, "minh"], "what": [None, "export"], "detail": [None, "ndjson"],
    }  # fmt: skip
    assert not first.execute("SELECT 1 FROM sqlite_master WHERE name = 'access_before'").fetchall()


def test_without_a_unit_the_notes_stay_where_they_were_kept(first: Any) -> None:
    first.execute("DELETE FROM person")
    migrations.migrate(first, AT, lambda: None)
    assert notes(first) == []
    assert first.execute("SELECT count(*) FROM access_before").fetchone()[0] == 4


def test_the_same_laptop_makes_the_same_ids(first: Any, tmp_path: Path) -> None:
    holds(first, "0190-area-1")
    first.execute("BEGIN")
    migrations.m0002_access_is_synced(first)
    once = first.execute("SELECT id FROM access_entry ORDER BY id").fetchall()
    first.execute("ROLLBACK")
    migrations.migrate(first, AT, lambda: None)
    assert [tuple(row) for row in first.execute("SELECT id FROM access_entry ORDER BY id")] == [
        tuple(row) for row in once
    ]


def test_rows_kept_whole_until_their_type_was_known_go_into_its_table(store: Store) -> None:
    row = Row(
        type="access_entry",
        id="e1",
        commune=AREA.commune,
        area=AREA.area,
        seq=7,
        body={"at": AT, "who": "minh", "what": "open", "later": 1},
        at=AT,
        who="minh",
    )
    with store.write() as c:
        c.execute(
            "INSERT INTO later_row (type, id, area, seq, deleted, row) VALUES (?, ?, ?, 7, 0, ?)",
            (row.type, row.id, row.area, msgspec.json.encode(row)),
        )
        assert migrations.has_known(c)
        take_known(c)
        assert RecordRows().read(c, "access_entry", ["e1"]) == {"e1": row}
        assert list(RecordRows().marks(c, AREA.area)).count(("access_entry", "e1", 7)) == 1
        assert not migrations.has_known(c)
