"""What is particular about PostgreSQL: its words, its connections, its plans, and what keeps it from answering."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import msgspec
import psycopg
import pytest

from sync.server import admin, postgres
from sync.server.area_rows import fetched
from sync.server.database import DatabaseBusy, as_json, migrate
from sync.server.postgres import PostgresDatabase, _for_postgres, _Json, open_postgres
from sync.server.problems import AdminError
from sync.server.rows import RecordRow
from sync.server.tables import MIGRATIONS, RECORDS
from tests.sync.cluster import Databases
from tests.sync.meeting import Meeting, names

NOW = "2026-11-22T02:00:00.000Z"


@pytest.fixture
def database(postgres_url: str) -> Iterator[PostgresDatabase]:
    made = PostgresDatabase(postgres_url)
    yield made
    made.close()


def row(ident: str, body: str = "{}", seq: int = 1) -> RecordRow:
    return RecordRow("27211", "a1", "person", ident, seq, 0, None, body, "{}", NOW, "lan", "d1", NOW)


# -- its words ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("SELECT a FROM t WHERE b = :b", "SELECT a FROM t WHERE b = %(b)s"),
        ("SELECT ':b', 'it''s :c' || :d", "SELECT ':b', 'it''s :c' || %(d)s"),
        (
            "SELECT a FROM t WHERE a LIKE '10%' AND b % 2 = :b",
            "SELECT a FROM t WHERE a LIKE '10%%' AND b %% 2 = %(b)s",
        ),
        ("CREATE TABLE t (a TEXT NOT NULL)", 'CREATE TABLE t (a TEXT COLLATE "C" NOT NULL)'),
        ("SELECT CAST(a AS TEXT) FROM t", "SELECT CAST(a AS TEXT) FROM t"),
        (
            "SELECT o.a FROM each(:ids) AS k CROSS JOIN op AS o WHERE o.b = :b AND o.id = k.value->>0 GROUP BY o.a",
            "SELECT o.a FROM jsonb_array_elements(%(ids)s) AS k CROSS JOIN LATERAL (SELECT * FROM op AS o"
            " WHERE o.b = %(b)s AND o.id = k.value->>0 OFFSET 0) AS o GROUP BY o.a",
        ),
    ],
)
def test_statements_are_written_once_and_told_in_its_words(written: str, told: str) -> None:
    assert _for_postgres(written)[0] == told


def test_a_nul_that_fits_into_no_text_is_replaced_and_its_escape_in_a_body_stays(
    database: PostgresDatabase,
) -> None:
    escaped = msgspec.json.encode({"note": "a\0b"}).decode()
    with database.write() as tx:
        tx.put(RECORDS, [row("x\0y", escaped)])
    with database.read() as tx:
        assert tx.all("SELECT id, body FROM record WHERE id = :id", id="x\0y") == [("x\ufffdy", escaped)]
        assert [one.record.id for one in fetched(tx, "27211", "a1", [("person", "x\0y")])] == ["x\ufffdy"]
        assert tx.one("SELECT k.value->>0 FROM each(:k) AS k", k=as_json([["\\u0000"]])) == ("\\u0000",)


def test_text_is_ordered_by_its_bytes_as_in_sqlite(database: PostgresDatabase) -> None:
    with database.write() as tx:
        tx.put(RECORDS, [row(name) for name in ("b", "A", "a", "Đ", "_", "-a", "Z")])
    with database.read() as tx:
        found = [ident for (ident,) in tx.all("SELECT id FROM record ORDER BY id")]
        other = tx.all(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        )
    assert found == ["-a", "A", "Z", "_", "a", "b", "Đ"]
    assert other == []


def test_a_list_is_looked_up_by_the_key_although_nothing_was_counted_yet(postgres: Databases) -> None:
    """A plan that reads the whole area for each push would be right, and slower with every record. A database that was
    emptied after another test may still have what was counted of it then."""
    url = postgres.make()
    admin.init(url).close()
    database = PostgresDatabase(url)
    with database.write() as tx:
        for start in range(0, 6000, 1000):
            tx.put(RECORDS, [row(f"p{n:05}", seq=n) for n in range(start, start + 1000)])
    words, _ = _for_postgres(
        "SELECT r.id FROM each(:keys) AS k CROSS JOIN record AS r WHERE r.commune = :commune AND r.area = :area"
        " AND r.type = k.value->>0 AND r.id = k.value->>1"
    )
    values = {"keys": _Json(b'[["person","p00001"]]'), "commune": "27211", "area": "a1"}
    with database.read() as tx:
        plan = "\n".join(line for (line,) in tx._c.execute("EXPLAIN " + words, values))  # type: ignore[attr-defined]
        page = tx.all(
            "EXPLAIN SELECT id FROM record WHERE commune = :c AND area = :a AND seq > 5000 ORDER BY seq LIMIT 500",
            c="27211",
            a="a1",
        )
    assert "record_pkey" in plan, plan
    assert "record_seq" not in plan
    assert "record_seq" in "\n".join(line for (line,) in page)
    database.close()


# -- connections and waiting --------------------------------------------------------------------------------------


def test_servers_that_start_at_the_same_time_prepare_the_database_once(postgres: Databases) -> None:
    url = postgres.make()
    failed: list[BaseException] = []

    def start() -> None:
        try:
            admin.init(url).close()
        except Exception as error:  # noqa: BLE001 - looked at below
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    database = PostgresDatabase(url)
    with database.read() as tx:
        assert [name for (name,) in tx.all("SELECT name FROM migration ORDER BY name")] == sorted(
            dict(MIGRATIONS)
        )
        assert tx.one("SELECT count(*) FROM server_state WHERE name = 'receipt_key'") == (1,)
    assert migrate(database, NOW) == []
    database.close()
    postgres.drop(url)


def test_a_reader_sees_one_moment_and_cannot_write(database: PostgresDatabase) -> None:
    with database.read() as tx:
        assert tx.all("SELECT id FROM record") == []
        with database.write() as other:
            other.put(RECORDS, [row("p1")])
        assert tx.all("SELECT id FROM record") == []
        with pytest.raises(DatabaseBusy), database.read() as second:
            second.run("DELETE FROM record")
    with database.read() as tx:
        assert tx.all("SELECT id FROM record") == [("p1",)]


def test_an_error_leaves_nothing_and_its_connection_serves_again(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url, connections=1)

    def half() -> None:
        with database.write() as tx:
            tx.put(RECORDS, [row("p1")])
            raise KeyError("stop")

    with pytest.raises(KeyError):
        half()
    with pytest.raises(psycopg.errors.UndefinedTable), database.write() as tx:
        tx.run("DELETE FROM nothing")
    with database.write() as tx:
        assert tx.all("SELECT id FROM record") == []
    database.close()


def test_more_askers_than_connections_wait_and_then_are_told_to_come_back(postgres_url: str) -> None:
    database = PostgresDatabase(postgres_url, connections=1, wait=0.05)
    with database.read(), pytest.raises(DatabaseBusy), database.read():
        pass
    with database.read() as tx:
        assert tx.one("SELECT 1") == (1,)
    database.close()


def test_connections_that_were_ended_while_nobody_asked_are_replaced_unnoticed(
    database: PostgresDatabase,
) -> None:
    with database.read(), database.read(), database.read():
        pass
    assert len(database._kept) == 3
    with database.write() as tx:
        assert tx.one(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ) == (2,)
    with database.read() as tx, database.read() as other, database.read() as third:
        assert [one.one("SELECT 1") for one in (tx, other, third)] == [(1,)] * 3


async def test_a_push_that_waits_too_long_for_its_area_answers_503_and_succeeds_later(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_SET_UP", postgres._SET_UP.replace("'10s'", "'80ms'"))
    meeting = Meeting(postgres_url)
    one = await meeting.laptop("27211/01")
    op = one.op("27211/01", "an", names({"full_name": "An"}))
    with meeting.database.write() as tx:
        tx.run("UPDATE area_head SET updated = updated")  # somebody works in every area
        refused = await one.push(op)
    assert (refused.status, refused.problem) == (503, "busy")
    assert refused.response.headers["Retry-After"] == "5"
    assert [result.result for result in (await one.push(op)).results] == ["applied"]
    await meeting.close()


# -- addresses -----------------------------------------------------------------------------------------------------


def test_addresses_that_cannot_be_used_are_told_without_their_password(postgres: Databases) -> None:
    latin = postgres.make(encoding="LATIN1")
    for url, code in (
        ("postgresql://lan:geheim@127.0.0.1:1/x", "database_unreachable"),
        ("postgresql://lan:geheim@h/x?no_such_word=1", "database_url"),
        (latin, "database_encoding"),
    ):
        with pytest.raises(AdminError) as refused:
            open_postgres(url)
        assert refused.value.code == code
        assert "geheim" not in str(refused.value.params)
    postgres.drop(latin)
