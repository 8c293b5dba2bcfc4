"""How a database comes to its shape, and what happens when it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync import outbox
from tests.conftest import KEY
from tui_app.errors import VaultTooNew
from tui_app.i18n import set_language
from tui_app.records import RECORDS
from tui_app.store import cipher, migrations
from tui_app.store.engine import Store

AT = "2026-11-22T02:05:00.000Z"


@pytest.fixture
def c(tmp_path: Path) -> Iterator[Any]:
    connection = cipher.open_database(tmp_path / "gonha.db", KEY, create=True)
    yield connection
    connection.close()


class Copies:
    """Counts safety copies, and what the database knew when each was made."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.made: list[list[str]] = []

    def __call__(self) -> None:
        self.made.append(migrations.applied(self.connection))


def tables(connection: Any) -> set[str]:
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}


def m9001_adds(connection: Any) -> None:
    connection.execute("CREATE TABLE added (id TEXT PRIMARY KEY)")


def m9002_fails(connection: Any) -> None:
    connection.execute("CREATE TABLE half (id TEXT PRIMARY KEY)")
    connection.execute("INSERT INTO added VALUES ('x')")
    raise RuntimeError("no")


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: str(record.__tablename__))
def test_a_migrated_database_has_the_columns_of_the_records(c: Any, record: Any) -> None:
    migrations.migrate(c, AT, lambda: None)
    table = record.__table__
    found = c.execute(f'PRAGMA table_info("{table.name}")').fetchall()
    assert {name for _, name, *_ in found} == {column.name for column in table.columns}
    assert len(found) == len(table.columns)
    assert [name for _, name, _, _, _, key in found if key] == ["id"]
    required = {column.name for column in table.columns if not column.nullable}
    assert {name for _, name, _, obliged, *_ in found if obliged} == required
    indexed = {
        column
        for _, index, *_ in c.execute(f'PRAGMA index_list("{table.name}")').fetchall()
        for _, _, column in c.execute(f'PRAGMA index_info("{index}")').fetchall()
    }
    assert {column.name for column in table.columns if column.index} <= indexed


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: str(record.__tablename__))
def test_numbers_and_text_keep_their_kind(c: Any, record: Any) -> None:
    migrations.migrate(c, AT, lambda: None)
    kinds = {name: kind for _, name, kind, *_ in c.execute(f'PRAGMA table_info("{record.__tablename__}")')}
    for column in record.__table__.columns:
        wanted = {"INTEGER": "INTEGER", "FLOAT": "REAL", "BOOLEAN": "BOOLEAN"}.get(str(column.type), "TEXT")
        assert kinds[column.name] == wanted, column.name


def test_a_new_database_needs_no_copy_and_notes_each_step(c: Any) -> None:
    copies = Copies(c)
    taken = migrations.migrate(c, AT, copies)
    assert taken == [step.__name__ for step in migrations.MIGRATIONS]
    assert migrations.applied(c) == taken
    assert {at for (at,) in c.execute("SELECT at FROM migration")} == {AT}
    assert copies.made == []


def test_a_database_that_is_up_to_date_is_left_alone(c: Any) -> None:
    migrations.migrate(c, AT, lambda: None)
    copies = Copies(c)
    before = c.execute("PRAGMA data_version").fetchone(), tables(c)
    assert migrations.migrate(c, "2027-01-01T00:00:00.000Z", copies) == []
    assert (c.execute("PRAGMA data_version").fetchone(), tables(c)) == before
    assert copies.made == []


def test_a_filled_database_is_copied_once_before_it_changes(c: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    migrations.migrate(c, AT, lambda: None)
    first = migrations.applied(c)

    def m9003_more(connection: Any) -> None:
        connection.execute("CREATE TABLE more (id TEXT PRIMARY KEY)")

    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, m9001_adds, m9003_more))
    copies = Copies(c)
    assert migrations.migrate(c, AT, copies) == ["m9001_adds", "m9003_more"]
    assert copies.made == [first]
    assert {"added", "more"} <= tables(c)


def test_a_copy_that_fails_stops_everything(c: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    migrations.migrate(c, AT, lambda: None)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, m9001_adds))

    def full() -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        migrations.migrate(c, AT, full)
    assert "added" not in tables(c)


def test_a_step_that_fails_leaves_nothing_of_itself(c: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    migrations.migrate(c, AT, lambda: None)
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, m9001_adds, m9002_fails))
    with pytest.raises(RuntimeError):
        migrations.migrate(c, AT, lambda: None)
    assert migrations.applied(c)[-1] == "m9001_adds", "what was done before it stays"
    assert "half" not in tables(c)
    assert c.execute("SELECT count(*) FROM added").fetchone()[0] == 0
    assert not c.in_transaction
    monkeypatch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:-1])
    assert migrations.migrate(c, AT, lambda: None) == []


@pytest.mark.parametrize("done", range(1, len(migrations.MIGRATIONS)))
def test_from_every_earlier_version_ops_keep_waiting_and_what_was_sent_is_known(
    c: Any, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    every = migrations.MIGRATIONS
    monkeypatch.setattr(migrations, "MIGRATIONS", every[:done])
    migrations.migrate(c, AT, lambda: None)
    states = ("sent", "new", "acked", "new", "held")
    c.executemany(
        'INSERT INTO outbox (id, commune, area, type, record, at, who, base_seq, "set", state)'
        " VALUES (?, '27211', 'u', 'household', ?, ?, 'lan', 0, '{}', ?)",
        [(f"op{n}", f"h{n}", AT, state) for n, state in enumerate(states)],
    )
    monkeypatch.setattr(migrations, "MIGRATIONS", every)
    assert migrations.migrate(c, AT, lambda: None) == [step.__name__ for step in every[done:]]
    waiting = outbox.waiting(c, "d", 9, 1 << 20)
    assert [op.record for op in waiting] == ["h0", "h1", "h3"]
    assert outbox.counts(c) == {"new": 2, "sent": 1, "acked": 1, "held": 1, "rejected": 0}
    outbox.mark_sent(c, waiting[:2])
    outbox.mark_sent(c, waiting[:2])
    assert outbox.counts(c) == {"new": 1, "sent": 2, "acked": 1, "held": 1, "rejected": 0}
    assert outbox.sendable_count(c) == outbox.waiting_count(c) == 3


@pytest.mark.parametrize(("language", "word"), [("vi", "mới hơn"), ("en", "newer")])
def test_a_database_of_a_newer_version_is_left_untouched(tmp_path: Path, language: str, word: str) -> None:
    file = tmp_path / "gonha.db"
    Store(file, KEY, create=True).close()
    connection = cipher.open_database(file, KEY)
    connection.execute("INSERT INTO migration VALUES ('m9999_from_later', '2030-01-01T00:00:00.000Z')")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    before = file.read_bytes()
    copies: list[Any] = []
    set_language(language)
    try:
        with pytest.raises(VaultTooNew) as refused:
            Store(file, KEY, safety_copy=copies.append)
        assert word in str(refused.value)
    finally:
        set_language("vi")
    assert copies == []
    assert file.read_bytes() == before


def test_a_field_a_newer_program_sent_early_goes_to_its_column(
    c: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = migrations.MIGRATIONS
    before = [step.__name__ for step in every].index("m0008_everyone_known_once")
    monkeypatch.setattr(migrations, "MIGRATIONS", every[:before])
    migrations.migrate(c, AT, lambda: None)
    for ident, extra in (
        ("p1", '{"postponed_until":"2026-12-31"}'),
        ("p2", '{"postponed_until":"2026-12-31","later":1}'),
        ("p3", None),
    ):
        c.execute(
            "INSERT INTO person (id, area, commune, seq, deleted, extra) VALUES (?, 'u', '27211', 1, 0, ?)",
            (ident, extra),
        )
    monkeypatch.setattr(migrations, "MIGRATIONS", every)
    migrations.migrate(c, AT, lambda: None)
    found = c.execute("SELECT id, postponed_until, extra FROM person ORDER BY id").fetchall()
    assert [tuple(row) for row in found] == [
        ("p1", "2026-12-31", None),
        ("p2", "2026-12-31", '{"later":1}'),
        ("p3", None, None),
    ]


def test_an_erasure_of_words_that_came_early_is_done_when_it_is_understood(
    c: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = migrations.MIGRATIONS
    before = [step.__name__ for step in every].index("m0011_erased_words")
    monkeypatch.setattr(migrations, "MIGRATIONS", every[:before])
    migrations.migrate(c, AT, lambda: None)
    extra = '{"texts":[{"type":"support_need","id":"n1","field":"note"}],"later":1}'
    c.execute(
        "INSERT INTO erasure (id, area, commune, seq, deleted, extra) VALUES ('e1', 'u', '27211', 9, 0, ?)",
        (extra,),
    )
    for ident, note in (("n1", "Trịnh Quỳnh Như"), ("n2", "khác")):
        c.execute(
            "INSERT INTO support_need (id, area, commune, seq, deleted, note) VALUES (?, 'u', '27211', 5, 0, ?)",
            (ident, note),
        )
    c.execute(
        'INSERT INTO outbox (id, commune, area, type, record, at, who, base_seq, "set", state)'
        """ VALUES ('o1', '27211', 'u', 'support_need', 'n1', ?, 'lan', 0, '{"note":[null,"Như"]}', 'acked')""",
        (AT,),
    )
    monkeypatch.setattr(migrations, "MIGRATIONS", every)
    migrations.migrate(c, AT, lambda: None)
    assert [row[0] for row in c.execute("SELECT note FROM support_need ORDER BY id")] == [None, "khác"]
    assert [tuple(row) for row in c.execute('SELECT "set" FROM outbox')] == [("{}",)]
    assert [tuple(row) for row in c.execute("SELECT extra FROM erasure")] == [('{"later":1}',)]
