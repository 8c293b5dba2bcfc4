from __future__ import annotations

import io
import json
import os
import random
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from killing import killed_at_every_touch
from vault_home import LAN, TAM, HandClock, Home

from tui_app.errors import BadFile, GonhaError, NotFound, VaultBroken, VaultBusy, VaultError, VaultTooNew
from tui_app.settings import Places
from tui_app.store import cipher, doctor, restore, safety, vault, vault_file

NAMES = ["Nguyễn Thị Bé", "Trần Văn Tý"]


@pytest.fixture
def backed(home: Home, tmp_path: Path) -> Path:
    home.write(*NAMES)
    safety.backup(home.places, home.opened.data_key, tmp_path / "ward.gonha", home.clock)
    return tmp_path / "ward.gonha"


def repacked(backup: Path, **changed: bytes) -> Path:
    """The same archive with other contents for some entries (a dot in a name is written as __)."""
    path = backup.with_name("repacked.gonha")
    with zipfile.ZipFile(backup) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, changed.get(name.replace(".", "__"), source.read(name)))
    return path


# -- backup


def test_a_backup_restores_on_another_laptop(home: Home, backed: Path, tmp_path: Path) -> None:
    other = Places(tmp_path / "another")
    assert restore.restore(backed, other, home.clock) is None
    opened = vault.unlock(other, "lan", LAN, home.clock)
    connection = cipher.open_database(other.database, opened.data_key)
    assert [row[0] for row in connection.execute("SELECT name FROM person")] == NAMES
    connection.close()


def test_a_backup_is_made_while_people_work_and_holds_what_was_saved(home: Home, tmp_path: Path) -> None:
    home.write(*NAMES)
    connection = cipher.open_database(home.places.database, home.opened.data_key)
    connection.execute("INSERT INTO person VALUES ('chưa gộp vào tệp chính')")
    connection.execute("BEGIN")
    connection.execute("INSERT INTO person VALUES ('chưa lưu')")
    info = safety.backup(home.places, home.opened.data_key, tmp_path / "b.gonha", home.clock)
    connection.execute("COMMIT")
    connection.close()
    assert (info.users, info.made_at) == (("lan",), home.clock())
    restore.restore(tmp_path / "b.gonha", home.places, home.clock)
    assert home.rows(home.opened.data_key) == [*NAMES, "chưa gộp vào tệp chính"]


def test_no_file_holds_a_plain_name_at_any_time(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write(*NAMES * 500)
    looked_at: set[str] = set()
    copy_into, pack = cipher.copy_into, safety._pack

    def look() -> None:
        for path in tmp_path.rglob("*"):
            if path.is_file():
                raw = path.read_bytes()
                looked_at.add(path.name)
                for secret in (*NAMES, "CREATE TABLE", "SQLite format"):
                    assert secret.encode() not in raw, path.name

    def looking_copy(*arguments: object) -> None:
        copy_into(*arguments)
        look()

    def looking_pack(*arguments: object) -> None:
        pack(*arguments)
        look()

    monkeypatch.setattr(cipher, "copy_into", looking_copy)
    monkeypatch.setattr(safety, "_pack", looking_pack)
    home.add_tam()
    connection = cipher.open_database(home.places.database, home.opened.data_key)
    connection.execute("INSERT INTO person VALUES (?)", NAMES[:1])
    safety.safety_copy(home.places, connection, "migration", home.clock)
    safety.backup(home.places, home.opened.data_key, tmp_path / "ward.gonha", home.clock)
    connection.close()
    vault.remove_user(home.places, home.opened, "tâm")
    look()
    assert {"gonha.db", "gonha.db-wal", "gonha.db-shm", "ward.gonha", "vault.json"} <= looked_at


def test_a_backup_never_overwrites(home: Home, backed: Path) -> None:
    before = backed.read_bytes()
    with pytest.raises(BadFile) as refusal:
        safety.backup(home.places, home.opened.data_key, backed, home.clock)
    assert refusal.value.key == "vault.backup_exists"
    assert backed.read_bytes() == before


def test_a_damaged_database_makes_no_backup_that_looks_sound(home: Home, tmp_path: Path) -> None:
    home.write(*(f"người {n}" for n in range(5000)))
    raw = bytearray(home.places.database.read_bytes())
    raw[len(raw) // 2] ^= 1
    home.places.database.write_bytes(raw)
    with pytest.raises(VaultBroken):
        safety.backup(home.places, home.opened.data_key, tmp_path / "b.gonha", home.clock)
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_a_backup_to_nowhere_is_told(home: Home, tmp_path: Path) -> None:
    with pytest.raises(VaultError) as refusal:
        safety.backup(home.places, home.opened.data_key, tmp_path / "no such drive" / "b.gonha", home.clock)
    assert refusal.value.key == "vault.cannot_write"


# -- what is no sound backup


def assert_untouched(home: Home, attempt: Path, kind: type[GonhaError], key: str) -> None:
    before = {path.name: path.read_bytes() for path in home.places.home.iterdir()}
    with pytest.raises(kind) as refusal:
        restore.restore(attempt, home.places, home.clock)
    assert refusal.value.key == key
    assert {path.name: path.read_bytes() for path in home.places.home.iterdir()} == before


def test_a_missing_a_foreign_and_a_newer_file_are_told_apart(
    home: Home, backed: Path, tmp_path: Path
) -> None:
    assert_untouched(home, tmp_path / "none.gonha", NotFound, "vault.backup_missing")
    (tmp_path / "text.gonha").write_text("không phải", encoding="utf-8")
    assert_untouched(home, tmp_path / "text.gonha", BadFile, "vault.backup_not_one")
    with zipfile.ZipFile(tmp_path / "other.gonha", "w") as archive:
        archive.writestr("readme.txt", "xin chào")
    assert_untouched(home, tmp_path / "other.gonha", BadFile, "vault.backup_not_one")
    with zipfile.ZipFile(backed) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    newer = json.dumps({**manifest, "version": 2}).encode()
    assert_untouched(home, repacked(backed, manifest__json=newer), VaultTooNew, "vault.backup_too_new")


def test_swapped_parts_are_damage(home: Home, backed: Path) -> None:
    assert_untouched(home, repacked(backed, gonha__db=bytes(8192)), VaultBroken, "vault.backup_damaged")
    assert_untouched(home, repacked(backed, vault__json=b"{}"), VaultBroken, "vault.backup_damaged")


def test_any_damaged_byte_and_any_cut_is_refused_or_harmless(home: Home, backed: Path) -> None:
    sound = backed.read_bytes()
    whole = parts(sound)
    chance = random.Random(5)
    edges = [*range(60), *range(len(sound) - 300, len(sound))]
    for place in [*edges, *(chance.randrange(len(sound)) for _ in range(150))]:
        damaged = bytearray(sound)
        damaged[place] ^= 1 << chance.randrange(8)
        backed.write_bytes(damaged)
        try:
            safety.check_backup(backed)
        except (BadFile, VaultBroken, VaultTooNew):
            continue
        assert parts(bytes(damaged)) == whole, place  # a date in the archive's own directory, for instance
    for size in [0, 1, *(chance.randrange(len(sound)) for _ in range(30)), len(sound) - 1]:
        backed.write_bytes(sound[:size])
        with pytest.raises((BadFile, VaultBroken)):
            safety.check_backup(backed)


def parts(raw: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return {name: archive.read(name) for name in ("vault.json", "gonha.db")}


# -- restore


def test_the_present_workspace_is_kept_aside_and_still_opens(home: Home, backed: Path) -> None:
    home.write("sau bản sao lưu")
    kept = restore.restore(backed, home.places, home.clock)
    assert kept is not None
    assert kept.name == "kept-20261122-090000"  # 02:00 UTC in Viet Nam time
    assert home.rows(home.unlock().data_key) == NAMES
    aside = Places(kept)
    key = vault.unlock(aside, "lan", LAN, home.clock).data_key
    connection = cipher.open_database(aside.database, key)
    assert [row[0] for row in connection.execute("SELECT name FROM person")] == [*NAMES, "sau bản sao lưu"]
    connection.close()


def test_unsaved_log_of_the_present_workspace_goes_with_it(home: Home, backed: Path) -> None:
    connection = cipher.open_database(home.places.database, home.opened.data_key)
    connection.execute("INSERT INTO person VALUES ('chỉ có trong nhật ký')")
    raw = {end: (home.places.home / f"gonha.db{end}").read_bytes() for end in ("", "-wal")}
    connection.close()
    for end, content in raw.items():  # as a kill leaves them
        (home.places.home / f"gonha.db{end}").write_bytes(content)
    kept = restore.restore(backed, home.places, home.clock)
    assert kept is not None
    assert home.rows(home.opened.data_key) == NAMES
    aside = cipher.open_database(kept / "gonha.db", home.opened.data_key)
    assert aside.execute("SELECT name FROM person").fetchall()[-1][0] == "chỉ có trong nhật ký"
    aside.close()


def test_two_restores_in_one_second_keep_both(home: Home, backed: Path) -> None:
    kept = [restore.restore(backed, home.places, home.clock) for _ in range(2)]
    assert kept[0] != kept[1]
    assert restore.kept_workspaces(home.places) == kept


def test_a_workspace_in_use_is_not_replaced(
    home: Home, backed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cipher, "in_use", lambda path: True)
    with pytest.raises(VaultBusy):
        restore.restore(backed, home.places, home.clock)
    assert restore.kept_workspaces(home.places) == []


def test_a_kill_at_any_touch_leaves_all_of_the_old_or_all_of_the_new(
    home: Home, backed: Path, tmp_path: Path, clock: HandClock
) -> None:
    home.add_tam()
    home.write("sau bản sao lưu")

    def fresh(moment: int) -> Places:
        return Places(Path(shutil.copytree(home.places.home, tmp_path / f"run-{moment}")))

    seen = set()
    for moment, places in killed_at_every_touch(fresh, lambda p: restore.restore(backed, p, clock)):
        users = [user.name for user in vault.users(places)]  # finishes what was decided
        opened = vault.unlock(places, "lan", LAN, clock)
        connection = cipher.open_database(places.database, opened.data_key)
        rows = [row[0] for row in connection.execute("SELECT name FROM person")]
        connection.close()
        assert (users, rows) in [(["lan"], NAMES), (["lan", "tâm"], [*NAMES, "sau bản sao lưu"])], moment
        seen.add(len(rows))
        if len(rows) == 2:
            (kept,) = restore.kept_workspaces(places)
            assert vault.unlock(Places(kept), "tâm", TAM, clock).user == "tâm"
        shutil.rmtree(places.home)
    assert seen == {2, 3}


# -- safety copies


def test_the_newest_five_safety_copies_are_kept(home: Home) -> None:
    home.write(*NAMES)
    connection = cipher.open_database(home.places.database, home.opened.data_key)
    for number in range(7):
        home.clock.forward(1)
        safety.safety_copy(home.places, connection, f"step-{number}", home.clock)
    connection.close()
    names = [path.name for path in safety.safety_copies(home.places)]
    assert [name[-len("step-0.gonha") :] for name in names] == [f"step-{n}.gonha" for n in (6, 5, 4, 3, 2)]
    assert len(list(home.places.backups.iterdir())) == 5
    restore.restore(home.places.backups / names[0], home.places, home.clock)
    assert home.rows(home.unlock().data_key) == NAMES


def test_a_safety_copy_that_cannot_be_written_stops_what_it_guards(home: Home) -> None:
    home.write(*NAMES)
    home.places.backups.write_bytes(b"a file in the way")
    connection = cipher.open_database(home.places.database, home.opened.data_key)
    with pytest.raises(VaultError) as refusal:
        safety.safety_copy(home.places, connection, "migration", home.clock)
    connection.close()
    assert refusal.value.key == "vault.cannot_write"


# -- doctor


def told(findings: list[doctor.Finding], *levels: str) -> set[str]:
    for finding in findings:
        assert str(finding)
    return {finding.key for finding in findings if finding.level in levels}


def test_a_sound_workspace_has_nothing_to_tell(home: Home) -> None:
    home.write(*NAMES)
    assert told(doctor.examine(home.places, home.opened, home.clock), "warn", "bad") == set()
    assert told(doctor.examine(home.places, None, home.clock), "warn") == {"vault.doctor_database_not_read"}


def test_looking_changes_nothing(home: Home) -> None:
    home.write(*NAMES)
    before = {path: path.read_bytes() for path in home.places.home.iterdir()}
    doctor.examine(home.places, home.opened, home.clock)
    assert {path: path.read_bytes() for path in home.places.home.iterdir()} == before


def test_damage_is_found(home: Home) -> None:
    home.write(*(f"người {n}" for n in range(5000)))
    raw = bytearray(home.places.database.read_bytes())
    raw[len(raw) // 2] ^= 1
    home.places.database.write_bytes(raw)
    home.places.vault.write_bytes(b"{")
    home.places.settings.write_text("language = 3", encoding="utf-8")
    findings = doctor.examine(home.places, home.opened, home.clock)
    assert told(findings, "bad") == {"vault.broken", "vault.doctor_database_damaged", "vault.settings_value"}
    assert told(findings, "warn") == {"vault.doctor_copy_helps"}


def test_missing_parts_are_found(home: Home, tmp_path: Path) -> None:
    home.places.database.unlink()
    home.places.vault_copy.unlink()
    findings = doctor.examine(home.places, home.opened, home.clock)
    assert told(findings, "bad") == {"vault.database_missing"}
    assert told(findings, "warn") == {"vault.doctor_copy_missing"}
    assert told(doctor.examine(Places(tmp_path / "none"), None, home.clock), "bad") == {
        "vault.doctor_no_home"
    }


def test_rights_for_others_are_found(home: Home) -> None:
    os.chmod(home.places.database, 0o644)
    assert os.name == "nt" or told(doctor.examine(home.places, home.opened, home.clock), "warn") == {
        "vault.doctor_rights"
    }


def test_a_clock_before_the_workspace_is_found(home: Home) -> None:
    home.clock.now -= timedelta(days=2)
    assert told(doctor.examine(home.places, home.opened, home.clock), "bad") == {"vault.doctor_clock_behind"}


def test_a_full_disk_is_found(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = 300_000_000

    monkeypatch.setattr(shutil, "disk_usage", lambda path: Usage)
    assert told(doctor.examine(home.places, home.opened, home.clock), "warn") == {"vault.doctor_room_scarce"}
    Usage.free = 10_000_000
    assert told(doctor.examine(home.places, home.opened, home.clock), "bad") == {"vault.doctor_room_scarce"}


def test_safety_copies_and_kept_workspaces_are_listed(home: Home, backed: Path) -> None:
    connection = cipher.open_database(home.places.database, home.opened.data_key)
    sound = safety.safety_copy(home.places, connection, "migration", home.clock)
    connection.close()
    sound.with_name(f"safety-0{safety.SUFFIX}").write_bytes(b"cut")
    restore.restore(backed, home.places, home.clock)
    findings = doctor.examine(home.places, home.opened, home.clock)
    assert "vault.doctor_copy" in told(findings, "ok")
    assert told(findings, "warn") == {"vault.backup_not_one", "vault.doctor_kept"}


def test_the_time_in_the_vault_is_when_it_was_made(home: Home) -> None:
    assert vault_file.read(home.places.vault).created_at == datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
