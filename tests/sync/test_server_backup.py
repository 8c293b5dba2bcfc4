"""A server's backup: one moment of a serving server, whole or refused, and a new history once it is back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sync.server import backup_file
from sync.server.admin import devices, init, invite, revoke
from sync.server.backups import backup, check_backup, tables
from sync.server.database import Database
from sync.server.grants import grant, withdraw
from sync.server.problems import AdminError
from sync.server.restoring import restore
from sync.server.tables import MIGRATIONS
from tests.sync.meeting import START, Laptop, Meeting, names

NAME = "Nguyễn Thị Sao Lưu"
PASSWORD = "mật khẩu của trạm"
CHEAP = {"passes": 1, "memory_kib": 64, "lanes": 1}
seal = partial(backup, password=PASSWORD, **CHEAP)


@pytest.fixture
def other(tmp_path: Path) -> Any:
    """An empty server in another place."""
    database = init(tmp_path / "other", START)
    yield database
    database.close()


async def filled(meeting: Meeting) -> Laptop:
    """A laptop that sent three persons and a conflict."""
    one = await meeting.laptop("27211")
    ident = meeting.new_id()
    ops = [one.op("27211/01", ident, names({"full_name": NAME}))]
    ops += [one.op("27211/02", meeting.new_id(), names({"full_name": f"Người {n}"})) for n in range(2)]
    assert {r.result for r in (await one.push(*ops)).results} == {"applied"}
    two = await meeting.laptop("27211")
    await two.push(two.op("27211/01", ident, {"full_name": ("Sai", "Khác")}))
    return one


def content(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but the histories."""
    with database.read() as tx:
        found = {table: sorted(map(repr, tx.all(f"SELECT * FROM {table}"))) for table in tables()}
        state = tx.all("SELECT name, value FROM server_state WHERE name NOT IN ('history', 'histories')")
        found["server_state"] = sorted(map(repr, state))
        found["area_head"] = sorted(tx.all("SELECT commune, area, seq, digest, updated FROM area_head"))
    return found  # type: ignore[return-value]


def history(database: Database) -> str:
    """What a server calls its history."""
    with database.read() as tx:
        found = tx.one("SELECT value FROM server_state WHERE name = 'history'")
    assert found is not None
    return str(found[0])


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(AdminError) as refused:
        act()
    return refused.value.code


async def test_what_is_restored_is_what_was_backed_up_in_a_new_history(
    meeting: Meeting, other: Database, tmp_path: Path
) -> None:
    await filled(meeting)
    info = backup(meeting.database, tmp_path / "a.backup", now=meeting.clock())
    assert (info.made_at, info.sealed) == ("2026-11-22T02:00:00.000Z", False)
    # three persons, a conflict and three units; four ops of laptops and three of the server
    assert (info.rows["record"], info.rows["op"], info.rows["device"], info.rows["area_head"]) == (7, 7, 2, 3)
    with meeting.database.read() as tx:
        before = {area: (gen, seq) for area, gen, seq in tx.all("SELECT area, gen, seq FROM area_head")}
    done = restore(other, tmp_path / "a.backup", now=meeting.clock())
    assert history(other) != history(meeting.database)
    assert content(other) == content(meeting.database)
    assert (done.areas, done.rows) == (3, info.rows)
    with other.read() as tx:
        for area, gen, seq, restored in tx.all("SELECT area, gen, seq, restored_seq FROM area_head"):
            assert gen != before[area][0]
            assert (seq, restored) == (before[area][1], seq)


@pytest.mark.parametrize("password", [None, PASSWORD], ids=["plain", "sealed"])
async def test_a_sealed_backup_says_nothing_of_anybody(
    meeting: Meeting, other: Database, tmp_path: Path, password: str | None
) -> None:
    await filled(meeting)
    file = tmp_path / "a.backup"
    info = backup(meeting.database, file, password=password, **(CHEAP if password else {}))
    assert info.sealed == (password is not None)
    assert (file.stat().st_mode & 0o777) == 0o600
    assert NAME.encode() not in file.read_bytes()  # packed or sealed
    restore(other, file, password=password)
    assert content(other)["record"] == content(meeting.database)["record"]


async def test_many_rows_go_through_pages(
    meeting: Meeting, other: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.server.backups.PAGE", 3)
    monkeypatch.setattr(backup_file, "PIECE", 100)
    one = await meeting.laptop("27211")
    ops = [one.op("27211/01", meeting.new_id(), names({"full_name": f"Người {n}"})) for n in range(20)]
    await one.push(*ops)
    seal(meeting.database, tmp_path / "a.backup")
    restore(other, tmp_path / "a.backup", password=PASSWORD)
    assert content(other) == content(meeting.database)
    assert len(content(other)["record"]) == 23


def break_first_piece(raw: bytes) -> bytes:
    return raw[:-100] + bytes([raw[-100] ^ 1]) + raw[-99:]


@pytest.mark.parametrize("password", [None, PASSWORD], ids=["plain", "sealed"])
async def test_a_bad_file_has_its_own_message_and_changes_nothing(
    meeting: Meeting, other: Database, tmp_path: Path, password: str | None
) -> None:
    await filled(meeting)
    file, empty = tmp_path / "a.backup", content(other)
    backup(meeting.database, file, password=password, **(CHEAP if password else {}))
    raw = file.read_bytes()
    for broken, code in (
        (raw[:-1], "backup_cut"),
        (raw[: len(raw) // 2], "backup_cut"),
        (raw[:25], "backup_cut"),
        (break_first_piece(raw), "backup_altered"),
        (raw[:-40] + bytes(8) + raw[-32:], "backup_altered"),
        (raw + b"more", "backup_altered"),
        (b"PK\x03\x04" + raw, "backup_not_one"),
        (b"", "backup_not_one"),
    ):
        file.write_bytes(broken)
        assert refusal(lambda: restore(other, file, password=password)) == code
    file.unlink()
    assert refusal(lambda: restore(other, file, password=password)) == "backup_unreadable"
    assert content(other) == empty


async def test_an_altered_piece_with_a_new_digest_is_found_by_its_seal(
    meeting: Meeting, other: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup_file, "PIECE", 200)
    await filled(meeting)
    file = tmp_path / "a.backup"
    seal(meeting.database, file)
    raw = file.read_bytes()

    def signed(body: bytes) -> bytes:
        body = body[:20] + (len(body) + 32).to_bytes(8, "big") + body[28:]
        return body + backup_file.hashlib.sha256(body).digest()

    start = 32 + int.from_bytes(raw[28:32], "big")
    piece = 4 + 200 + 16
    first, second = raw[start : start + piece], raw[start + piece : start + 2 * piece]
    for body in (
        raw[:start] + second + first + raw[start + 2 * piece : -32],  # swapped: the first does not open
        raw[: start + piece] + raw[start + 2 * piece : -32],  # one left out
        raw[: start + 2 * piece] + bytes(4),  # the rest left out
    ):
        file.write_bytes(signed(body))
        assert refusal(lambda: restore(other, file, password=PASSWORD)) in (
            "backup_altered",
            "backup_wrong_password",
        )
    with other.read() as tx:
        assert tx.all("SELECT 1 FROM device") == []


async def test_the_password_is_needed_and_a_wrong_one_is_no_damage(
    meeting: Meeting, other: Database, tmp_path: Path
) -> None:
    await filled(meeting)
    seal(meeting.database, tmp_path / "a.backup")
    assert refusal(lambda: restore(other, tmp_path / "a.backup")) == "backup_sealed"
    wrong = lambda: restore(other, tmp_path / "a.backup", password="khác")  # noqa: E731
    assert refusal(wrong) == "backup_wrong_password"


async def test_a_backup_of_a_newer_program_is_not_guessed_at(
    meeting: Meeting, other: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with meeting.database.write() as tx:
        tx.run("INSERT INTO migration (name, applied) VALUES ('0999_future', '')")
    monkeypatch.setattr("sync.server.backups.check_backup", lambda *_: None)
    backup(meeting.database, tmp_path / "a.backup")
    monkeypatch.undo()
    assert refusal(lambda: restore(other, tmp_path / "a.backup")) == "backup_too_new"


async def test_a_server_that_holds_something_is_only_replaced_when_told(
    meeting: Meeting, other: Database, tmp_path: Path
) -> None:
    await filled(meeting)
    backup(other, tmp_path / "empty.backup")
    before = content(meeting.database)
    assert refusal(lambda: restore(meeting.database, tmp_path / "empty.backup")) == "restore_not_empty"
    assert content(meeting.database) == before
    restore(meeting.database, tmp_path / "empty.backup", force=True)
    assert content(meeting.database)["record"] == []


def test_a_file_that_is_there_is_not_overwritten_and_a_full_disk_leaves_nothing(
    meeting: Meeting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.backup").write_bytes(b"mine")
    assert refusal(lambda: backup(meeting.database, tmp_path / "a.backup")) == "backup_exists"
    assert (tmp_path / "a.backup").read_bytes() == b"mine"
    assert refusal(lambda: backup(meeting.database, tmp_path / "no" / "b.backup")) == "backup_unwritable"

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_file, "_write_piece", full)
    assert refusal(lambda: backup(meeting.database, tmp_path / "c.backup")) == "backup_unwritable"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["a.backup"]


# ---- who may come in after a restore


async def test_the_operators_newer_word_about_laptops_stands(meeting: Meeting, tmp_path: Path) -> None:
    lost, moved = await meeting.laptop("27211/01"), await meeting.laptop("27211")
    code = invite(meeting.database, "hoa", "member", "27211", now=meeting.clock()).code
    backup(meeting.database, tmp_path / "a.backup")
    revoke(meeting.database, lost.device, now=meeting.clock())
    withdraw(meeting.database, moved.device, "27211/02", now=meeting.clock())
    grant(meeting.database, moved.device, "27300", now=meeting.clock())
    newer = await meeting.laptop("27300")
    done = restore(meeting.database, tmp_path / "a.backup", force=True, now=meeting.clock())
    assert (done.still_revoked, done.kept_devices, done.invites_ended) == ([lost.device], [newer.device], 1)
    assert (await lost.push()).status == 403
    places = {d.id: [(p.place, p.until is None) for p in d.places] for d in devices(meeting.database)}
    assert places[newer.device] == [("27300", True)]
    assert places[moved.device] == [("27211", True), ("27211/02", False), ("27300", True)]
    answer = await meeting.http.post("/v1/enrol", json={"code": code}, headers={"Sync-Protocol": "1"})
    assert (answer.status_code, answer.json()["type"]) == (403, "code-expired")


async def test_laptops_of_another_server_that_lay_here_do_not_get_in(
    meeting: Meeting, other: Database, tmp_path: Path
) -> None:
    stranger = await meeting.laptop("27211")
    backup(other, tmp_path / "theirs.backup")
    done = restore(meeting.database, tmp_path / "theirs.backup", force=True)
    assert done.kept_devices == []
    assert (await stranger.push()).status == 401


async def test_a_laptop_meets_the_new_history_and_sends_again_what_the_backup_lacks(
    meeting: Meeting, tmp_path: Path
) -> None:
    one = await filled(meeting)
    cursors = {area.area: (area.gen, area.seq) for area in (await one.ask_scope()).areas}
    backup(meeting.database, tmp_path / "a.backup")
    late = one.op("27211/01", meeting.new_id(), names({"full_name": "Sau sao lưu"}))
    await one.push(late)
    restore(meeting.database, tmp_path / "a.backup", force=True)
    answer = await one.pull(cursors)
    assert (answer.status, answer.problem) == (410, "generation-changed")
    scope = await one.ask_scope()
    assert {area.seq == area.restored_seq for area in scope.areas} == {True}
    assert [r.result for r in (await one.push(late)).results] == ["applied"]


# ---- while serving


async def test_a_backup_made_while_laptops_push_holds_one_moment(
    meeting: Meeting, other: Database, tmp_path: Path
) -> None:
    one = await meeting.laptop("27211")
    stop, files = threading.Event(), []

    def keep_backing_up() -> None:
        while not stop.is_set() or not files:
            file = tmp_path / f"{len(files)}.backup"
            backup(meeting.database, file)
            files.append(file)

    thread = threading.Thread(target=keep_backing_up)
    thread.start()
    for n in range(60):
        ops = [one.op(f"27211/0{u}", meeting.new_id(), names({"full_name": f"{n}"})) for u in (1, 2)]
        await one.push(*ops)
    stop.set()
    thread.join(30)
    for file in (files[0], files[len(files) // 2], files[-1]):
        restore(other, file, force=True)
        with other.read() as tx:
            for area, seq in tx.all("SELECT area, seq FROM area_head"):
                (top,) = tx.one("SELECT max(seq) FROM record WHERE area = :area", area=area) or (0,)
                assert top == seq
            (persons,) = tx.one("SELECT count(*) FROM record WHERE type = 'person'") or (0,)
            (ops_kept,) = tx.one("SELECT count(*) FROM op WHERE type = 'person'") or (0,)
            assert persons == ops_kept


def test_an_older_schema_is_brought_up_to_date_on_the_way(
    other: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of a database that knew the first tables only."""
    with monkeypatch.context() as patched:
        patched.setattr("sync.server.backups.MIGRATIONS", MIGRATIONS[:1])
        patched.setattr("sync.server.database.MIGRATIONS", MIGRATIONS[:1])
        tables.cache_clear()
        old = init(tmp_path / "old", START)
        with old.write() as tx:
            tx.run(
                "INSERT INTO area_head (commune, area, seq, gen, digest, updated) VALUES ('1','a',7,'g','0','')"
            )
            tx.run(
                "INSERT INTO device (id, user_name, role, label, public_key, token_hash, scope_epoch, created,"
                " seen, revoked) VALUES ('d', 'lan', 'member', '', '', 'h', 1, '', '', NULL)"
            )
        backup(old, tmp_path / "old.backup")
        old.close()
    tables.cache_clear()
    restore(other, tmp_path / "old.backup")
    with other.read() as tx:
        assert tx.all("SELECT seq, restored_seq FROM area_head") == [(7, 7)]
        assert tx.all("SELECT id, parent FROM device") == [("d", None)]


def test_every_table_has_a_key_and_kinds_that_every_database_knows() -> None:
    assert {"area_head", "record", "op", "device", "area_grant", "invite", "server_state"} <= tables().keys()
    for bulk in tables().values():
        assert bulk.key, bulk.table
        assert set(bulk.key) < {name for name, _ in bulk.columns}


def test_backups_are_read_in_the_time_they_were_made(meeting: Meeting, tmp_path: Path) -> None:
    backup(meeting.database, tmp_path / "a.backup", now=START + timedelta(hours=5))
    assert check_backup(tmp_path / "a.backup").made_at == "2026-11-22T07:00:00.000Z"


# ---- from one kind of database into the other


async def test_what_sqlite_held_goes_on_in_postgresql_and_back(tmp_path: Path, postgres_url: str) -> None:
    small = Meeting(tmp_path / "small")
    one = await filled(small)
    with small.database.write() as tx:
        tx.run(
            "UPDATE device SET label = :odd WHERE id = :id",
            odd="Ổ “mới” \U0001f4bb \\u0000 %s",
            id=one.device,
        )
    seal(small.database, tmp_path / "small.backup")
    large = init(postgres_url, START)
    restore(large, tmp_path / "small.backup", password=PASSWORD)
    assert content(large) == content(small.database)
    backup(large, tmp_path / "large.backup")
    again = init(tmp_path / "again", START)
    restore(again, tmp_path / "large.backup")
    assert content(again) == content(small.database)
    for database in (large, again):
        database.close()
    await small.close()


async def test_a_restore_that_breaks_off_changes_nothing(
    meeting: Meeting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(meeting)
    backup(meeting.database, tmp_path / "a.backup")
    one = await filled(meeting)
    before = content(meeting.database)

    def power_cut(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sync.server.restoring._new_history", power_cut)
    with pytest.raises(KeyboardInterrupt):
        restore(meeting.database, tmp_path / "a.backup", force=True)
    assert content(meeting.database) == before
    assert (await one.push()).status == 200
