"""A unit is younger than the backup that was put back: its work reaches the restored server all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync.protocol import Row
from sync.server import admin, grants
from sync.server.areas import AreasImport, areas_import
from sync.server.held import held_ops, release
from sync.server.problems import AdminError
from tests.sync.test_restored_server import begin_anew
from tests.sync.ward import AREAS, COMMUNE, Laptop, Ward, agreed, calm
from tui_app.records import REGISTRY
from tui_app.services.station.units import Units

NEW = f"{COMMUNE},Phường Hòa Bình,03,Khu phố 3"


def units(ward: Ward, *lines: str) -> AreasImport:
    """Read a list of units."""
    head = AREAS[0] + (",unit_id" if lines[0].count(",") > 3 else "")
    return areas_import(ward.database, REGISTRY, [head, *lines], now=ward.clock())


def area_of(ward: Ward, unit: str) -> str:
    """The id of a unit at the server."""
    with ward.database.read() as tx:
        return grants.resolved(tx, f"{COMMUNE}/{unit}")[0].partition("/")[2]


def door_in(laptop: Laptop, area: str, address: str) -> str:
    """A new household in the unit of this id: a laptop may hold two of the same code."""
    with laptop.store.work(laptop.user) as work:
        place = Row(type="area", id=area, area=area, commune=COMMUNE, seq=0)
        return work.create("household", {"address": address}, place=place)


class Lost:
    """Two laptops have worked in a unit that the backup does not know, and the server's disk died. ``known``: a
    household the server had, ``late``: one typed since."""

    def __init__(self, ward: Ward, place: Path) -> None:
        self.ward = ward
        self.lan, self.minh = ward.laptop("lan"), ward.laptop("minh")
        calm(self.lan, self.minh)
        file = ward.back_up()
        units(ward, NEW)
        self.lan.sync()
        self.known = self.lan.create("household", "03", address="3 Lê Lợi")
        calm(self.lan, self.minh)
        self.id = area_of(ward, "03")
        self.late = self.minh.create("household", "03", address="4 Lê Lợi")
        self.minh.change("household", self.known, note="chó dữ")
        begin_anew(ward, file, place)
        calm(self.lan, self.minh)

    def address(self, ident: str) -> str:
        """As the server has it."""
        return str(self.ward.server_body("household", ident)["address"])


@pytest.fixture
def lost(ward: Ward, tmp_path: Path) -> Lost:
    return Lost(ward, tmp_path / "new")


def test_a_unit_that_gets_its_old_id_back_gets_everything_the_laptops_hold(ward: Ward, lost: Lost) -> None:
    assert {op.place for op in held_ops(ward.database)} == {f"{COMMUNE}/{lost.id}"}
    units(ward, NEW)  # as one does before one knows; lan's laptop has it already
    lost.lan.sync()
    done = units(ward, f"{NEW},{lost.id}")
    assert (done.added, done.adopted, done.problems) == (0, 1, [])
    assert area_of(ward, "03") == lost.id
    calm(lost.lan, lost.minh)
    assert lost.address(lost.known) == "3 Lê Lợi", "the laptop that had it from the old server gives it back"
    release(ward.database, REGISTRY, areas=[f"{COMMUNE}/03"], now=ward.clock())
    assert held_ops(ward.database) == []
    calm(lost.lan, lost.minh)
    assert lost.address(lost.late) == "4 Lê Lợi"
    assert ward.server_body("household", lost.known)["note"] == "chó dữ"
    again = units(ward, f"{NEW},{lost.id}")
    assert (again.same, again.adopted) == (1, 0)
    agreed(ward, lost.lan, lost.minh)


def test_who_was_given_the_unit_by_its_new_id_has_it_by_the_old_one(ward: Ward, lost: Lost) -> None:
    units(ward, NEW)
    hoa = ward.laptop("hoa", f"{COMMUNE}/03")
    hoa.sync()
    units(ward, f"{NEW},{lost.id}")
    hoa.sync()
    assert hoa.area("03").area == lost.id
    assert [area for (area,) in hoa.all("SELECT area FROM cursor")] == [lost.id]


def test_an_id_is_only_given_back_where_it_does_no_harm(ward: Ward, lost: Lost) -> None:
    first = area_of(ward, "01")
    for given, why in ((first, "id_taken"), (first[:-4] + "beef", "id_unknown")):
        assert units(ward, f"{NEW},{given}").problems == [(2, why, given)]
    units(ward, NEW)
    lost.lan.sync()
    door_in(lost.lan, area_of(ward, "03"), "9 Lê Lợi")
    lost.lan.sync()
    assert units(ward, f"{NEW},{lost.id}").problems == [(2, "id_in_use", lost.id)]


def test_held_work_is_taken_into_the_unit_under_its_new_id(ward: Ward, lost: Lost) -> None:
    units(ward, NEW)
    lost.lan.sync()
    other = door_in(lost.lan, area_of(ward, "03"), "9 Lê Lợi")
    lost.lan.sync()
    place, unit = f"{COMMUNE}/{lost.id}", f"{COMMUNE}/03"
    results = release(ward.database, REGISTRY, areas=[place], unit=unit, now=ward.clock())
    assert {result.result for result in results} == {"applied"}
    assert held_ops(ward.database) == []
    rows = ward.all("SELECT id, area FROM record WHERE type = 'household'")
    assert sorted(rows) == sorted((door, area_of(ward, "03")) for door in (other, lost.known, lost.late))
    assert ward.server_body("household", lost.known) == {"address": "3 Lê Lợi", "note": "chó dữ"}
    kept = ward.all("SELECT result, reason FROM op WHERE record = :r", r=lost.late)
    assert kept == [("applied", f"unit {lost.id}")], "what the laptop had named stays on record"
    calm(lost.lan, lost.minh)
    row = lost.minh.row("household", lost.late)
    assert row is not None
    assert (row.area, row.body["address"]) == (area_of(ward, "03"), "4 Lê Lợi")


def test_new_work_goes_to_the_unit_that_the_server_knows(ward: Ward, lost: Lost) -> None:
    with lost.lan.store.read() as c:
        meant = Units(c).named("Khu phố 3")
        assert meant is not None, "as long as there is no other, it is the one"
        assert meant.id == lost.id
    units(ward, NEW)
    lost.lan.sync()
    with lost.lan.store.read() as c:
        meant = Units(c).named("Khu phố 3")
    assert meant is not None
    assert meant.id == area_of(ward, "03")


def test_a_laptop_that_sends_released_work_again_is_told_what_became_of_it(ward: Ward, lost: Lost) -> None:
    units(ward, NEW)
    release(ward.database, REGISTRY, areas=[f"{COMMUNE}/{lost.id}"], unit=f"{COMMUNE}/03", now=ward.clock())
    with lost.minh.store.write() as c:
        c.execute("UPDATE outbox SET state = 'new' WHERE record = ?", (lost.late,))
    done = lost.minh.sync()
    assert (done.pushed, done.applied, done.held) == (1, 1, 0)
    assert ward.all("SELECT result FROM op WHERE record = :r", r=lost.late) == [("applied",)]
    assert lost.minh.row("household", lost.late) is not None


def test_work_of_a_known_unit_or_of_another_commune_is_not_taken_elsewhere(ward: Ward, lost: Lost) -> None:
    units(ward, NEW, "27300,Xã Long Hòa,01,Ấp 1")
    grants.withdraw(ward.database, lost.lan.device, f"{COMMUNE}/01", now=ward.clock())
    lost.lan.create("household", address="5 Lê Lợi")
    lost.lan.sync()
    (known,) = [op.op for op in held_ops(ward.database) if op.place == f"{COMMUNE}/01"]
    (forgotten,) = [op.op for op in held_ops(ward.database) if op.record == lost.late]
    for ops, unit, why in (
        ([known], f"{COMMUNE}/03", "held_unit_known"),
        ([forgotten, known], f"{COMMUNE}/03", "held_unit_known"),
        ([forgotten], "27300/01", "held_other_commune"),
        ([forgotten], COMMUNE, "unit_needed"),
        ([forgotten], f"{COMMUNE}/99", "unknown_place"),
    ):
        with pytest.raises(AdminError) as refused:
            release(ward.database, REGISTRY, ops=ops, unit=unit, now=ward.clock())
        assert refused.value.code == why
    assert ward.all("SELECT id FROM record WHERE id = :r", r=lost.late) == []


def test_a_restore_over_the_same_server_keeps_younger_units(ward: Ward) -> None:
    lan, minh = ward.laptop("lan"), ward.laptop("minh")
    calm(lan, minh)
    file = ward.back_up()
    units(ward, NEW)
    lan.sync()
    before = area_of(ward, "03")
    door = lan.create("household", "03", address="3 Lê Lợi")
    calm(lan, minh)
    ward.restore(file)
    assert area_of(ward, "03") == before
    done = lan.sync()
    assert (done.held, done.pending) == (0, 0)
    calm(lan, minh)
    assert ward.server_body("household", door)["address"] == "3 Lê Lợi"
    agreed(ward, lan, minh)


def test_another_server_s_units_are_not_kept(ward: Ward, tmp_path: Path) -> None:
    other = Ward(tmp_path / "other")
    file = other.back_up()
    units(ward, NEW)
    ward.restore(file)
    with pytest.raises(AdminError):
        area_of(ward, "03")
    other.close()
    assert admin.devices(ward.database) == []
