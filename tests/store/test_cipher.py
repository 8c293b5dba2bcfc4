from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from tui_app.errors import VaultBroken, VaultBusy, VaultMissing
from tui_app.store import cipher

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
NAMES = [f"Nguyễn Thị Bé {n}" for n in range(3000)]


def filled(path: Path) -> Path:
    connection = cipher.open_database(path, KEY, create=True)
    connection.execute("BEGIN")
    connection.execute("CREATE TABLE person (id TEXT PRIMARY KEY, name TEXT)")
    connection.executemany(
        "INSERT INTO person VALUES (?, ?)", [(name.encode().hex(), name) for name in NAMES]
    )
    connection.execute("COMMIT")
    connection.close()
    return path


def test_the_modes_that_keep_a_save_through_a_power_cut(tmp_path: Path) -> None:
    connection = cipher.open_database(tmp_path / "gonha.db", KEY, create=True)
    asked = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
    }
    assert asked == {"journal_mode": "wal", "synchronous": 2}  # 2 is FULL
    assert connection.isolation_level is None
    connection.close()


def test_what_is_empty_and_what_is_true_are_kept_as_they_are(tmp_path: Path) -> None:
    c = cipher.open_database(tmp_path / "gonha.db", KEY, create=True)
    values = (None, True, False, 0, "", 1.5, b"x")
    found = c.execute(
        "SELECT " + ", ".join("?, typeof(?)" for _ in values), [v for v in values for _ in "12"]
    )
    assert tuple(found.fetchone()) == (
        *(None, "null"),
        *(1, "integer"),
        *(0, "integer"),
        *(0, "integer"),
        *("", "text"),
        *(1.5, "real"),
        *(b"x", "blob"),
    )
    c.close()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "gonha.db"
    connection = cipher.open_database(path, KEY, create=True)
    connection.execute("CREATE TABLE person (name TEXT)")
    rights = {file.name: file.stat().st_mode & 0o777 for file in tmp_path.iterdir()}
    assert sorted(rights) == ["gonha.db", "gonha.db-shm", "gonha.db-wal"]
    assert os.name == "nt" or set(rights.values()) == {0o600}
    connection.close()


def test_a_missing_file_is_told_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(VaultMissing) as refused:
        cipher.open_database(tmp_path / "gonha.db", KEY)
    assert refused.value.key == "vault.database_missing"
    assert not list(tmp_path.iterdir())


def test_another_key_does_not_open_it(tmp_path: Path) -> None:
    path = filled(tmp_path / "gonha.db")
    with pytest.raises(VaultBroken) as refused:
        cipher.open_database(path, OTHER)
    assert refused.value.key == "vault.database_damaged"
    assert not cipher.key_opens(path, OTHER)
    assert cipher.key_opens(path, KEY)


@pytest.mark.parametrize(
    "content",
    [b"", b"not a database", b"SQLite format 3\0" + bytes(8176), bytes(4096)],
    ids=["empty", "text", "plain SQLite", "zeros"],
)
def test_a_file_that_is_no_encrypted_database_is_broken(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "gonha.db"
    path.write_bytes(content)
    with pytest.raises(VaultBroken):
        cipher.open_database(path, KEY)
    assert path.read_bytes() == content


def found_wrong(path: Path) -> bool:
    """Whether damage shows at opening or at reading through."""
    try:
        connection = cipher.open_copy(path, KEY)
    except VaultBroken:
        return True
    try:
        return bool(cipher.damage(connection))
    finally:
        connection.close()


def test_damage_at_any_byte_is_found(tmp_path: Path) -> None:
    path = filled(tmp_path / "gonha.db")
    sound = path.read_bytes()
    chance = random.Random(7)
    for place in [0, 20, 4095, 4096, len(sound) - 1, *(chance.randrange(len(sound)) for _ in range(25))]:
        path.write_bytes(sound[:place] + bytes([sound[place] ^ 0x10]) + sound[place + 1 :])
        assert found_wrong(path), f"byte {place}"
    path.write_bytes(sound)
    assert not found_wrong(path)


@pytest.mark.parametrize("missing", [1, 4096, 5000, 40_960])
def test_a_cut_file_is_found(tmp_path: Path, missing: int) -> None:
    path = filled(tmp_path / "gonha.db")
    path.write_bytes(path.read_bytes()[:-missing])
    assert found_wrong(path)


def test_a_wrong_key_and_a_damaged_file_print_nothing(tmp_path: Path) -> None:
    path = filled(tmp_path / "gonha.db")
    script = (
        "import sys; from pathlib import Path; from tui_app.store import cipher; path = Path(sys.argv[1])\n"
        "print(cipher.key_opens(path, bytes(32)))\n"
        "raw = bytearray(path.read_bytes()); raw[9000] ^= 1; path.write_bytes(raw)\n"
        "print(bool(cipher.damage(cipher.open_copy(path, bytes(range(32))))))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert (ran.stdout.split(), ran.stderr) == (["False", "True"], "")


def test_a_copy_keeps_row_ids_and_writers_go_on(tmp_path: Path) -> None:
    path = filled(tmp_path / "gonha.db")
    connection = cipher.open_database(path, KEY)
    connection.execute("DELETE FROM person WHERE rowid % 3 = 0")
    connection.execute("PRAGMA user_version = 41")
    cipher.copy_into(connection, tmp_path / "copy.db")
    connection.execute("DELETE FROM person")
    copy = cipher.open_copy(tmp_path / "copy.db", KEY)
    kept = copy.execute("SELECT rowid, name FROM person ORDER BY rowid").fetchall()
    assert kept == [(n, NAMES[n - 1]) for n in range(1, 3001) if n % 3]
    assert copy.execute("PRAGMA user_version").fetchone()[0] == 41
    copy.close()
    connection.close()


def test_re_keying_changes_the_key_and_nothing_else(tmp_path: Path) -> None:
    path = filled(tmp_path / "gonha.db")
    connection = cipher.open_alone(path, KEY)
    cipher.rekey(connection, OTHER)
    connection.close()
    assert not cipher.key_opens(path, KEY)
    again = cipher.open_database(path, OTHER)
    assert [row[0] for row in again.execute("SELECT name FROM person ORDER BY rowid")] == NAMES
    assert cipher.damage(again) == []
    again.close()


HOLD = (
    "import sys; from pathlib import Path; from tui_app.store import cipher\n"
    "c = cipher.open_database(Path(sys.argv[1]), bytes(range(32)))\n"
    "c.execute('SELECT 1 FROM person').fetchone()\n"
    "print('open', flush=True); sys.stdin.read(); c.close()"
)


def test_nobody_is_alone_while_another_process_has_it_open(tmp_path: Path) -> None:
    path = filled(tmp_path / "gonha.db")
    assert not cipher.in_use(path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        assert os.name == "nt" or cipher.in_use(path)
        with pytest.raises(VaultBusy):
            cipher.open_alone(path, KEY)
        other.communicate("")
    assert not cipher.in_use(path)
    cipher.open_alone(path, KEY).close()


def test_while_alone_nobody_else_comes_in(tmp_path: Path) -> None:
    path = filled(tmp_path / "gonha.db")
    alone = cipher.open_alone(path, KEY)
    script = (
        "import sys; from pathlib import Path; from tui_app.store import cipher\n"
        "path, key = Path(sys.argv[1]), bytes(range(32))\n"
        "try: cipher._open(path, key, create=False, wal=True, wait_milliseconds=50)\n"
        "except Exception as error: print(error.key)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "vault.database_in_use"
    alone.close()


def test_no_name_is_in_any_file_while_the_database_is_open(tmp_path: Path) -> None:
    path = filled(tmp_path / "gonha.db")
    connection = cipher.open_database(path, KEY)
    connection.execute("BEGIN")
    connection.execute("CREATE VIRTUAL TABLE found USING fts5(name)")
    connection.execute("INSERT INTO found SELECT name FROM person")
    connection.execute("COMMIT")
    connection.execute("CREATE TEMP TABLE sorted AS SELECT name FROM person ORDER BY name DESC")
    files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    assert len(files["gonha.db-wal"]) > 10_000
    for name, raw in files.items():
        assert "Nguyễn".encode() not in raw, name
        assert b"CREATE TABLE" not in raw, name
        assert b"SQLite format" not in raw, name
    connection.close()
