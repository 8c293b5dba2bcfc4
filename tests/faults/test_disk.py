"""A disk that is full, and a write-ahead log that a power cut left short."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sync.client import Refused
from tests.faults.deeds import Deeds
from tests.faults.world import Laptop, World
from tui_app.errors import VaultError


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, light=False, team=2)
    yield made
    made.close()


@contextmanager
def full(connection: Any) -> Iterator[None]:
    """No page more than there are: what a full disk is to a database."""
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    try:
        yield
    finally:
        connection.execute("PRAGMA max_page_count = 1073741823")


@contextmanager
def full_laptop(laptop: Laptop, patch: pytest.MonkeyPatch) -> Iterator[None]:
    store = laptop.store
    store.engine.dispose()
    real = store._connect
    with store.read() as c:
        pages = c.execute("PRAGMA page_count").fetchone()[0]
    store.engine.dispose()

    def connect(key: bytes) -> Any:
        connection = real(key)
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
        return connection

    with patch.context() as patched:
        patched.setattr(store, "_connect", connect)
        yield
    store.engine.dispose()


def many(world: World, laptop: Laptop, count: int = 150) -> None:
    place = laptop.area("01")
    assert place is not None
    with laptop.store.work(laptop.user) as work:
        for number in range(count):
            work.create(
                "person",
                {"full_name": "Lê Thị Hằng", "household": "h1", "note": f"{number} " * 80},
                place=place,
            )
    world.ledger.note(laptop)


def test_a_save_on_a_full_disk_says_so_and_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    laptop = world.laptops[0]
    before = laptop.counts()
    with full_laptop(laptop, monkeypatch), pytest.raises(VaultError) as told:
        many(world, laptop)
    assert told.value.key == "vault.disk_full"
    assert laptop.counts() == before
    assert laptop.all("SELECT count(*) FROM person") == [(0,)]
    many(world, laptop, 3)
    assert world.settle() == []
    assert laptop.counts()["acked"] == 3


def test_a_sync_onto_a_full_disk_keeps_what_was_whole_and_goes_on_later(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = world.laptops
    many(world, one)
    one.sync()
    with full_laptop(other, monkeypatch), pytest.raises(VaultError) as told:
        other.sync()
    assert told.value.key == "vault.disk_full"
    assert world.settle() == []
    assert other.all("SELECT count(*) FROM person") == [(150,)]


def test_a_push_to_a_server_whose_disk_is_full_is_refused_whole_and_sent_again(world: World) -> None:
    laptop = world.laptops[0]
    many(world, laptop)
    with full(world.server.database._writer), pytest.raises(Refused) as told:
        laptop.sync()
    assert (told.value.status, told.value.problem) == (503, "busy")
    assert world.rows("SELECT count(*) FROM record WHERE type = 'person'") == [(0,)]
    assert laptop.counts()["sent"] > 0
    assert world.settle() == []
    assert world.rows("SELECT count(*) FROM record WHERE type = 'person'") == [(150,)]


@contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """A file system of 4 MB in a folder where mounting one is allowed; else the folder as it is. Gives whether it is
    small."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    mounted = (
        shutil.which("mount") is not None
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(folder)], check=True)


def test_saving_until_a_small_disk_is_full_leaves_whole_saves_only(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    with small_disk(folder) as small:
        world = World(folder, light=False, team=1)
        try:
            laptop, saves, stopped = world.laptops[0], 0, ""
            ballast = folder / "ballast"
            ballast.write_bytes(b"\0" * 500_000)
            try:
                for _ in range(60 if small else 3):
                    many(world, laptop, 40)
                    saves += 1
            except VaultError as told:
                stopped = told.key
            assert stopped in ("vault.disk_full", "vault.disk_failing") if small else not stopped
            ballast.unlink()
            assert laptop.all("SELECT count(*) FROM person") == [(40 * saves,)]
            assert sum(laptop.counts().values()) == 40 * saves
            assert laptop.all("PRAGMA integrity_check") == [("ok",)]
            many(world, laptop, 1)
        finally:
            world.close()


def test_a_log_cut_anywhere_opens_and_what_was_answered_comes_back(world: World) -> None:
    random = Random(11)
    for _ in range(10):
        world.begin()
        deeds, (one, other) = Deeds(world), world.laptops
        deeds.person(one, "01")
        deeds.edit(one, 0, ["phone", "full_name"])
        deeds.sync(one, [])
        deeds.sync(other, [])
        deeds.edit(other, 0, ["full_name", "note"])
        deeds.sync(other, [])
        deeds.edit(one, 0, ["note", "occupation"])
        deeds.sync(one, [])
        deeds.edit(one, 0, ["birth_year"])
        log = one.path.with_name(one.path.name + "-wal")
        database, whole = one.path.read_bytes(), log.read_bytes()
        assert len(whole) > 10_000
        one.store.close()
        one.put_back(database, whole[: random.randrange(len(whole))])
        world.restores += 1
        world.ledger.disk_lost(one)
        assert one.all("PRAGMA integrity_check") == [("ok",)]
        deeds.edit(one, 0, ["note"])
        assert world.settle() == []
        assert deeds.edits > 0
