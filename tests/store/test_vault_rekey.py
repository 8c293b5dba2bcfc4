from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from killing import killed_at_every_touch
from vault_home import CHEAP, LAN, TAM, HandClock, Home

from tui_app.errors import UserError, VaultBusy, WrongPassword
from tui_app.settings import Places
from tui_app.store import cipher, restore, safety, vault

HOA = "hoa nở bên sông"


def three_users(home: Home) -> Home:
    home.add_tam()
    vault.add_user(home.places, home.opened, "hoa", HOA, "viewer")
    home.write("Nguyễn Thị Bé", "Trần Văn Tý")
    return home


def test_everybody_who_stays_opens_the_re_keyed_database_with_their_own_password(home: Home) -> None:
    three_users(home)
    opened = vault.remove_user(home.places, home.opened, "Tâm")
    assert opened.data_key != home.opened.data_key
    assert not cipher.key_opens(home.places.database, home.opened.data_key)
    for user, password in (("lan", LAN), ("hoa", HOA)):
        key = home.unlock(user, password).data_key
        assert key == opened.data_key
        assert home.rows(key) == ["Nguyễn Thị Bé", "Trần Văn Tý"]
    with pytest.raises(WrongPassword):
        home.unlock("tâm", TAM)
    assert [user.name for user in vault.users(home.places)] == ["lan", "hoa"]


def test_nothing_the_removed_user_could_know_opens_what_is_left(home: Home) -> None:
    three_users(home)
    old_vault = home.places.vault.read_bytes()
    connection = cipher.open_database(home.places.database, home.opened.data_key)
    safety.safety_copy(home.places, connection, "migration", home.clock)
    connection.close()
    opened = vault.remove_user(home.places, home.opened, "tâm")
    (copy,) = safety.safety_copies(home.places)
    assert safety.check_backup(copy).users == ("lan", "hoa")
    elsewhere = Places(home.places.home.parent / "elsewhere")
    restore.restore(copy, elsewhere, home.clock)
    assert not cipher.key_opens(elsewhere.database, home.opened.data_key)
    assert vault.unlock(elsewhere, "hoa", HOA, home.clock).data_key == opened.data_key
    assert old_vault not in (home.places.vault.read_bytes(), home.places.vault_copy.read_bytes())
    assert sorted(path.name for path in home.places.home.rglob("*") if path.is_file()) == sorted(
        ["gonha.db", "vault.json", "vault.copy.json", "vault.lock", copy.name]
    )


def test_who_may_not_be_removed(home: Home) -> None:
    def refused(user: str, opened: vault.Opened) -> str:
        with pytest.raises(UserError) as refusal:
            vault.remove_user(home.places, opened, user)
        return refusal.value.key

    assert refused("lan", home.opened) == "vault.last_user"
    three_users(home)
    assert refused("lan", home.opened) == "vault.last_chief"
    assert refused("ai đó", home.opened) == "vault.user_unknown"
    assert refused("hoa", home.unlock("tâm", TAM)) == "vault.chief_only"
    vault.add_user(home.places, home.opened, "chi", "trưởng trạm thứ hai", "chief")
    assert refused("lan", home.opened) == "vault.remove_self"
    assert home.unlock() == home.opened


def test_an_old_key_in_another_window_changes_nothing(home: Home) -> None:
    three_users(home)
    vault.remove_user(home.places, home.opened, "tâm")
    before = home.places.vault.read_bytes()
    for attempt in (
        lambda: vault.add_user(home.places, home.opened, "chi", TAM, "member"),
        lambda: vault.remove_user(home.places, home.opened, "hoa"),
        lambda: vault.renew_recovery_code(home.places, home.opened),
    ):
        with pytest.raises(VaultBusy) as stale:
            attempt()
        assert stale.value.key == "vault.changed_meanwhile"
    assert home.places.vault.read_bytes() == before


def test_a_database_in_use_refuses_and_changes_nothing(home: Home) -> None:
    three_users(home)
    before = home.places.vault.read_bytes()
    other = cipher.open_database(home.places.database, home.opened.data_key)
    other.execute("SELECT name FROM person").fetchone()
    with pytest.raises(VaultBusy):
        vault.remove_user(home.places, home.opened, "tâm")
    other.execute("INSERT INTO person VALUES ('vẫn ghi được')")
    other.close()
    assert home.places.vault.read_bytes() == before
    assert home.rows(home.unlock("tâm", TAM).data_key)[-1] == "vẫn ghi được"


def test_a_kill_at_any_touch_of_the_disk_leaves_it_openable(tmp_path: Path, clock: HandClock) -> None:
    model = three_users(Home(tmp_path / "model", clock))
    connection = cipher.open_database(model.places.database, model.opened.data_key)
    for name in ("one", "two"):
        safety.safety_copy(model.places, connection, name, clock)
        clock.forward(1)
    connection.close()

    def fresh(moment: int) -> Places:
        return Places(Path(shutil.copytree(model.places.home, tmp_path / f"run-{moment}")))

    seen = set()
    for moment, places in killed_at_every_touch(fresh, lambda p: vault.remove_user(p, model.opened, "tâm")):
        names = [user.name for user in vault.users(places)]
        decided = "tâm" not in names
        seen.add(decided)
        if decided:  # from the first new vault on, the removed user stays out
            with pytest.raises(WrongPassword):
                vault.unlock(places, "tâm", TAM, clock)
        else:
            assert vault.unlock(places, "tâm", TAM, clock) == vault.Opened(
                "tâm", "member", model.opened.vault_id, model.opened.data_key
            )
        opened = vault.unlock(places, "hoa", HOA, clock)
        assert model_rows(places, opened.data_key) == ["Nguyễn Thị Bé", "Trần Văn Tý"], moment
        assert vault.unlock(places, "lan", LAN, clock).data_key == opened.data_key
        assert vault.recover(places, model.code, "lan", LAN, clock).data_key == opened.data_key
        assert (opened.data_key == model.opened.data_key) is not decided
        for copy in safety.safety_copies(places):
            assert ("tâm" in safety.check_backup(copy).users) is not decided
        assert len(safety.safety_copies(places)) == len(list(places.backups.iterdir())) == 2
        shutil.rmtree(places.home)
    assert seen == {False, True}


def model_rows(places: Places, key: bytes) -> list[str]:
    connection = cipher.open_database(places.database, key)
    try:
        assert cipher.damage(connection) == []
        return [row[0] for row in connection.execute("SELECT name FROM person ORDER BY rowid")]
    finally:
        connection.close()


def test_a_kill_in_the_middle_of_encrypting_anew_is_repaired(tmp_path: Path, clock: HandClock) -> None:
    home = Home(tmp_path / "home", clock)
    home.add_tam()
    connection = cipher.open_database(home.places.database, home.opened.data_key)
    connection.execute("CREATE TABLE person (name TEXT, note BLOB)")
    connection.execute("BEGIN")
    for n in range(3000):  # 12 MB: more than SQLite's cache, so pages reach the file before the commit
        connection.execute("INSERT INTO person VALUES (?, randomblob(4000))", (f"người {n}",))
    connection.execute("COMMIT")
    connection.close()
    journal = home.places.database.with_name("gonha.db-journal")
    chance = random.Random(3)
    caught = 0
    for run in range(3):
        places = Places(Path(shutil.copytree(home.places.home, tmp_path / f"run-{run}")))
        child = os.fork()
        if child == 0:
            try:
                vault.remove_user(places, home.opened, "tâm")
            finally:
                os._exit(0)
        hot = places.home / journal.name
        while not (hot.exists() and hot.stat().st_size > 1_000_000) and os.waitpid(child, os.WNOHANG) == (
            0,
            0,
        ):
            time.sleep(0.001)
        time.sleep(chance.random() * 0.1)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        caught += hot.exists() and hot.stat().st_size > 0
        key = vault.unlock(places, "lan", LAN, clock).data_key
        assert key != home.opened.data_key
        assert model_rows(places, key) == [f"người {n}" for n in range(3000)]
        shutil.rmtree(places.home)
    assert caught > 0


HOLD = (
    "import sys; from pathlib import Path; from tui_app.store import cipher\n"
    "c = cipher.open_database(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))\n"
    "c.execute('SELECT 1 FROM person').fetchone()\n"
    "print('open', flush=True); sys.stdin.read(); c.close()"
)


def test_an_unfinished_change_waits_while_somebody_still_works(tmp_path: Path, clock: HandClock) -> None:
    model = three_users(Home(tmp_path / "model", clock))

    def fresh(moment: int) -> Places:
        return Places(Path(shutil.copytree(model.places.home, tmp_path / f"run-{moment}")))

    for _, places in killed_at_every_touch(fresh, lambda p: vault.remove_user(p, model.opened, "tâm")):
        if "tâm" not in [user.name for user in vault.users(places)]:
            break
    old = model.opened.data_key
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(places.database), old.hex()],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        opened = vault.unlock(places, "lan", LAN, clock)
        assert opened.data_key == old
        assert model_rows(places, old) == ["Nguyễn Thị Bé", "Trần Văn Tý"]
        with pytest.raises(VaultBusy):
            vault.change_password(places, "lan", LAN, "mật khẩu mới tinh", clock)
        other.communicate("")
    assert vault.unlock(places, "lan", LAN, clock).data_key != old


def test_the_cheap_cost_of_these_tests_is_kept_by_the_vault(home: Home) -> None:
    from tui_app.store import vault_file

    home.add_tam()
    assert {slot.cost for slot in vault_file.read(home.places.vault).slots} == {CHEAP}
