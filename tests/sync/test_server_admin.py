"""An operator's side: preparing, the list of units, invitations; and serving on a real socket."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from sync.server.admin import FILE_NAME, init, invite, open_database
from sync.server.app import create_app
from sync.server.areas import AreasImport, area_records, areas_import
from sync.server.database import Database, DatabaseBusy
from sync.server.problems import AdminError
from sync.server.run import run
from sync.server.sqlite import SqliteDatabase
from sync.server.tables import MIGRATIONS
from tests.sync.meeting import REGISTRY, START, Ids, Meeting

HEAD = "commune_code,commune_name,unit_code,unit_name,valid_from,valid_to,aliases"


def load(database: Database, *lines: str, head: str = HEAD) -> AreasImport:
    return areas_import(database, REGISTRY, [head, *lines], now=START, new_id=Ids())


@pytest.fixture
def database(tmp_path: Path) -> Any:
    made = init(tmp_path / "server", START)
    yield made
    made.close()


def units(database: Database, commune: str) -> dict[str, dict[str, Any]]:
    with database.read() as tx:
        return {body["unit_code"]: body for _, body, _ in area_records(tx, commune)}


def test_preparing_twice_keeps_what_is_there(tmp_path: Path) -> None:
    first = init(tmp_path / "deep" / "server")
    with first.read() as tx:
        key = tx.one("SELECT value FROM server_state WHERE name = 'receipt_key'")
    first.close()
    again = init(tmp_path / "deep" / "server")
    with again.read() as tx:
        assert tx.one("SELECT value FROM server_state WHERE name = 'receipt_key'") == key
        assert tx.all("SELECT name FROM migration ORDER BY name") == [(name,) for name, _ in MIGRATIONS]
    again.close()
    assert (tmp_path / "deep" / "server" / FILE_NAME).exists()


def test_a_server_does_not_start_on_a_database_that_was_never_prepared(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "empty.db")
    with pytest.raises(sqlite3.OperationalError):
        create_app(database, REGISTRY)
    database.close()


def test_a_kind_of_database_nobody_knows_is_refused() -> None:
    with pytest.raises(AdminError) as refused:
        open_database("mysql://host/base")
    assert (refused.value.code, refused.value.params) == ("unknown_database", {"kind": "mysql"})


def test_commits_are_on_disk_before_they_are_answered(database: SqliteDatabase) -> None:
    with database.write() as tx:
        assert tx.one("PRAGMA synchronous") == (2,)  # FULL
        assert tx.one("PRAGMA journal_mode") == ("wal",)


def test_a_failed_write_leaves_nothing_and_the_next_one_works(database: SqliteDatabase) -> None:
    def fail() -> None:
        with database.write() as tx:
            tx.run("INSERT INTO server_state (name, value) VALUES ('half', '1')")
            raise KeyError("stop")

    with pytest.raises(KeyError):
        fail()
    with database.write() as tx:
        assert tx.one("SELECT 1 FROM server_state WHERE name = 'half'") is None


def test_a_reader_sees_one_moment_while_a_writer_goes_on(database: SqliteDatabase) -> None:
    with database.read() as tx:
        before = tx.all("SELECT name FROM server_state")
        with database.write() as other:
            other.run("INSERT INTO server_state (name, value) VALUES ('new', '1')")
        assert tx.all("SELECT name FROM server_state") == before
    with database.read() as tx:
        assert tx.one("SELECT 1 FROM server_state WHERE name = 'new'") == (1,)


def test_another_process_that_holds_the_file_makes_it_busy_not_broken(
    database: SqliteDatabase, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "server" / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    def write() -> None:
        with database.write() as tx:
            tx.run("DELETE FROM server_state")

    database._writer.execute("PRAGMA busy_timeout = 20")
    with pytest.raises(DatabaseBusy):
        write()
    other.execute("ROLLBACK")
    other.close()
    with database.read() as tx:
        assert tx.one("SELECT 1 FROM server_state") == (1,)


# ---- units


def test_units_become_area_records_with_opaque_ids_and_dates(database: Database) -> None:
    done = load(
        database,
        "27211,Phường Bến Nghé,01,Tổ dân phố 1,2025-07-01,,Tổ 1; KP 1",
        '27211,"Phường Bến Nghé, cũ",02,Tổ dân phố 2,,,',
    )
    assert (done.added, done.changed, done.same, done.problems) == (2, 0, 0, [])
    assert units(database, "27211") == {
        "01": {
            "commune_code": "27211",
            "commune_name": "Phường Bến Nghé",
            "unit_code": "01",
            "unit_name": "Tổ dân phố 1",
            "valid_from": "2025-07-01",
            "aliases": ["Tổ 1", "KP 1"],
        },
        "02": {
            "commune_code": "27211",
            "commune_name": "Phường Bến Nghé, cũ",
            "unit_code": "02",
            "unit_name": "Tổ dân phố 2",
        },
    }
    with database.read() as tx:
        assert tx.all("SELECT seq FROM area_head") == [(1,), (1,)]
        areas = {row[0] for row in tx.all("SELECT area FROM area_head")}
    assert all(len(area) == 36 and "27211" not in area for area in areas)


def test_the_same_list_again_changes_nothing_and_a_new_name_changes_one(database: Database) -> None:
    lines = ["27211,Bến Nghé,01,Tổ 1,,,", "27211,Bến Nghé,02,Tổ 2,,,"]
    load(database, *lines)
    again = load(database, *lines)
    assert (again.added, again.changed, again.same) == (0, 0, 2)
    renamed = areas_import(database, REGISTRY, [HEAD, lines[0], "27211,Bến Nghé,02,Tổ Hai,,,"], now=START)
    assert (renamed.added, renamed.changed, renamed.same) == (0, 1, 1)
    assert units(database, "27211")["02"]["unit_name"] == "Tổ Hai"
    with database.read() as tx:
        assert sorted(tx.all("SELECT seq FROM area_head")) == [(1,), (2,)]


def test_bad_lines_are_listed_by_number_and_the_good_ones_go_in(database: Database) -> None:
    done = load(
        database,
        "27211,Bến Nghé,01,Tổ 1,,,",
        ",Bến Nghé,02,Tổ 2,,,",
        "27211,Bến Nghé,03,,,,",
        "",
        "27211,Bến Nghé,0/4,Tổ 4,,,",
        "27211,Bến Nghé,05,Tổ 5,01/07/2025,,",
        "27211,Bến Nghé,06,Tổ 6,2025-07-01,2024-07-01,",
        "27211,Bến Nghé,01,Tổ 1 nữa,,,",
        "27211,Bến Nghé,07,Tổ 7,,,",
    )
    assert done.problems == [
        (3, "missing", "commune_code"),
        (4, "missing", "unit_name"),
        (6, "bad_code", "unit_code"),
        (7, "bad_date", "valid_from"),
        (8, "ends_before_start", "valid_to"),
        (9, "twice", "unit_code"),
    ]
    assert done.added == 2
    assert sorted(units(database, "27211")) == ["01", "07"]


def test_a_list_without_its_columns_is_refused_and_a_byte_order_mark_is_not(database: Database) -> None:
    with pytest.raises(AdminError) as refused:
        load(database, "27211,01", head="commune_code,unit_code")
    assert refused.value.params == {"columns": "commune_name, unit_name"}
    assert load(database, "27211,Bến Nghé,01,Tổ 1,,,", head="\ufeff" + HEAD).added == 1


# ---- invitations


@pytest.mark.parametrize(
    ("user", "role", "areas", "code"),
    [
        ("  ", "member", "27211", "no_user"),
        ("lan", "king", "27211", "unknown_role"),
        ("lan", "member", " , ", "no_areas"),
        ("lan", "member", "99999", "unknown_place"),
        ("lan", "member", "27211/77", "unknown_place"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused(
    database: Database, user: str, role: str, areas: str, code: str
) -> None:
    load(database, "27211,Bến Nghé,01,Tổ 1,,,")
    with pytest.raises(AdminError) as refused:
        invite(database, user, role, areas)
    assert refused.value.code == code


def test_a_code_is_easy_to_read_aloud_and_lasts_seven_days(database: Database) -> None:
    load(database, "27211,Bến Nghé,01,Tổ 1,,,")
    made = invite(database, " lan   anh ", "member", "27211/01", now=START)
    assert (made.user, made.expires) == ("lan anh", "2026-11-29T02:00:00.000Z")
    assert [len(part) for part in made.code.split("-")] == [4, 4, 4]
    assert not set(made.code) & set("ILOU")


# ---- serving


def test_serving_on_a_socket_until_told_to_stop(database: Database) -> None:
    ready = threading.Event()
    told: list[Any] = []

    def on_ready(url: str, stop: Any) -> None:
        told.extend([url, stop])
        ready.set()

    thread = threading.Thread(target=run, args=(database, REGISTRY), kwargs={"port": 0, "on_ready": on_ready})
    thread.start()
    assert ready.wait(10)
    url, stop = told
    answer = httpx.get(f"{url}/v1/hello")
    assert answer.status_code == 200
    assert msgspec.json.decode(answer.content)["protocols"] == [1]
    assert "server" not in answer.headers
    with pytest.raises(AdminError):
        run(database, REGISTRY, port=int(url.rpartition(":")[2]))
    stop()
    thread.join(15)
    assert not thread.is_alive()
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/v1/hello")


async def test_a_database_that_is_busy_answers_503_and_when_to_come_back(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await meeting.laptop("27211/01")

    def busy(*_: Any) -> None:
        raise DatabaseBusy("locked")

    monkeypatch.setattr("sync.server.routes.push", busy)
    answer = await one.push()
    assert (answer.status, answer.problem) == (503, "busy")
    assert answer.response.headers["Retry-After"] == "5"
