"""A damaged page is found, and what can be read goes on: over the safety copy, or over nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from vault_home import LAN, HandClock

from sync import digests, outbox
from sync.protocol import Result
from tests.conftest import AREA
from tui_app.errors import VaultBroken
from tui_app.settings import Places
from tui_app.store import cipher, doctor, healing, safety, vault
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows
from tui_app.store.vault_file import Cost

PEOPLE, PAGE = 300, 4096
HOME = "0190-home"


class Ward:
    """A workspace with people, most of them sent, and its file to damage."""

    def __init__(self, folder: Path, clock: HandClock) -> None:
        self.places, self.clock = Places(folder), clock
        self.opened, _ = vault.create(self.places, "lan", LAN, "chief", clock, Cost(1, 64, 1))
        with self.store(create=True) as store:
            with store.read() as c:
                (self.empty,) = c.execute("PRAGMA page_count").fetchone()  # the schema lies below
            with store.write() as c:
                RecordRows().upsert(c, [AREA])
                outbox.hold_area(c, AREA.area, AREA.commune, "write")
            self.add(store, PEOPLE)
            with store.write() as c:
                ops = outbox.waiting(c, "d", 2000, 1 << 20)
                answers = [(op, Result(op=op.id, n=op.n, result="applied", seq=2 + op.n)) for op in ops]
                outbox.answer(c, RecordRows(), answers, "2026-11-22T02:00:00.000Z")
                outbox.set_cursor(c, AREA.area, "g1", PEOPLE + 10, "2026-11-22T02:00:00.000Z")

    def store(self, *, create: bool = False) -> _Open:
        return _Open(Store(self.places.database, self.opened.data_key, clock=self.clock, create=create))

    def add(self, store: Store, count: int, name: str = "Nguyễn Văn Đức") -> None:
        with store.work("lan") as work:
            for n in range(count):
                fields = {"full_name": name, "household": HOME, "note": f"ghi chú {n} " + "x" * 200}
                work.create("person", fields, place=AREA)

    def damage(self, pages: list[int]) -> None:
        with self.store() as store, store.read() as c:
            c.execute("SELECT 1")
        with self.places.database.open("r+b") as file:
            for page in pages:
                file.seek(page * PAGE + 1000)
                file.write(b"\0" * 64)

    def pages(self) -> int:
        return self.places.database.stat().st_size // PAGE

    def counts(self) -> dict[str, int]:
        with self.store() as store, store.read() as c:
            found = outbox.counts(c)
            found["person"] = c.execute("SELECT count(*) FROM person").fetchone()[0]
            found["cursor"] = c.execute("SELECT seq FROM cursor").fetchone()[0]
            found["words"] = c.execute("SELECT count(*) FROM search_entry").fetchone()[0]
            return found


class _Open:
    def __init__(self, store: Store) -> None:
        self._store = store

    def __enter__(self) -> Store:
        return self._store

    def __exit__(self, *more: object) -> None:
        self._store.close()


@pytest.fixture
def ward(tmp_path: Path, clock: HandClock) -> Ward:
    return Ward(tmp_path / "home", clock)


def page_of(ward: Ward, table: str) -> int:
    """A leaf page of a table."""
    with ward.store() as store, store.read() as c:
        (root,) = c.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    with ward.store() as store, store.read() as c:
        pages = c.execute("PRAGMA page_count").fetchone()[0]
    assert pages > root
    return int(root) - 1


def test_a_sound_database_has_nothing_to_repair(ward: Ward) -> None:
    assert not any(map(doctor.is_damage, doctor.examine(ward.places, ward.opened, ward.clock)))


def test_a_broken_page_is_found_and_what_can_be_read_goes_on(ward: Ward) -> None:
    with ward.store() as store:
        ward.add(store, 20, "Trần Thị Thủy")
    before = ward.counts()
    chosen = random.Random(5)
    ward.damage([chosen.randrange(ward.empty, ward.pages()) for _ in range(2)])
    assert any(map(doctor.is_damage, doctor.examine(ward.places, ward.opened, ward.clock)))

    healed = healing.heal(ward.places, ward.opened, ward.clock)

    after = ward.counts()
    assert not any(map(doctor.is_damage, doctor.examine(ward.places, ward.opened, ward.clock)))
    assert healed.kept
    assert after["words"] == after["person"] > before["person"] - 60
    assert after["new"] + 30 > before["new"]
    if healed.gaps:
        assert after["cursor"] in (0, before["cursor"])


def test_rows_that_are_lost_are_asked_for_again(ward: Ward) -> None:
    ward.damage([page_of(ward, "person")])
    healed = healing.heal(ward.places, ward.opened, ward.clock)
    assert "person" in healed.gaps
    after = ward.counts()
    assert after["cursor"] == 0, "the next sync fetches the area from its beginning"
    assert after["acked"] == PEOPLE, "the outbox could be read"


def test_unsent_ops_made_after_the_safety_copy_are_saved_from_the_damaged_file(ward: Ward) -> None:
    connection = cipher.open_database(ward.places.database, ward.opened.data_key)
    safety.safety_copy(ward.places, connection, "day", ward.clock)
    connection.close()
    ward.clock.forward(60)
    with ward.store() as store:
        ward.add(store, 5, "Lê Thị Hằng")
    ward.damage([page_of(ward, "person")])

    healed = healing.heal(ward.places, ward.opened, ward.clock)

    assert healed.copy
    assert healed.waiting == 5
    after = ward.counts()
    assert (after["new"], after["cursor"]) == (5, 0)
    assert after["person"] >= PEOPLE, "the copy's persons are there"


def test_a_file_that_cannot_be_opened_at_all_needs_a_copy(ward: Ward) -> None:
    content = ward.places.database.read_bytes()
    ward.damage([0])
    with pytest.raises(VaultBroken):
        healing.heal(ward.places, ward.opened, ward.clock)
    ward.places.database.write_bytes(content)
    connection = cipher.open_database(ward.places.database, ward.opened.data_key)
    safety.safety_copy(ward.places, connection, "day", ward.clock)
    connection.close()
    ward.damage([0])
    healed = healing.heal(ward.places, ward.opened, ward.clock)
    assert healed.gaps == ["*"]
    assert ward.counts()["person"] == PEOPLE


def test_every_row_but_those_of_the_broken_pages_is_read(ward: Ward) -> None:
    everything = _rows(ward)
    sound, pages = ward.places.database.read_bytes(), ward.pages()
    found, whole = everything, True
    for page in range(pages - 1, 10, -2):  # until one of them is the table's
        ward.places.database.write_bytes(sound)
        ward.damage([page])
        damaged = healing.Damaged(ward.places.database, ward.opened.data_key)
        found, whole = healing.readable(damaged, "outbox", ["n", "id"])
        if not whole:
            break
    assert not whole
    assert set(found) <= set(everything)
    assert len(everything) > len(found) == len(set(found)) > 0


def _rows(ward: Ward) -> list[tuple[int, str]]:
    with ward.store() as store, store.read() as c:
        return [(n, ident) for n, ident in c.execute("SELECT n, id FROM outbox")]


def test_a_sum_that_its_rows_do_not_add_up_to_is_found_named_and_counted_anew(ward: Ward) -> None:
    def about_sums() -> list[tuple[str, str, object]]:
        found = doctor.examine(ward.places, ward.opened, ward.clock)
        return [(f.level, f.key, f.params.get("units")) for f in found if "digest" in f.key]

    with ward.store() as store, store.write() as c:
        digests.recount(c, RecordRows())
    assert about_sums() == [("ok", "vault.doctor_digests", None)]
    with ward.store() as store, store.write() as c:  # a row that a broken disk lost
        c.execute("DELETE FROM person WHERE id = (SELECT min(id) FROM person)")
    unit = AREA.body["unit_name"]
    assert about_sums() == [("warn", "vault.doctor_digests_wrong", unit)]
    assert about_sums() == [("warn", "vault.doctor_digests_wrong", unit)], "looking changes nothing"
    (done,) = doctor.recount(ward.places, ward.opened)
    assert (done.key, done.params) == ("vault.doctor_recounted", {"units": unit})
    assert about_sums() == [("ok", "vault.doctor_digests", None)]
