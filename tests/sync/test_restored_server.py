"""A server's disk dies: yesterday's backup is put into a new place, and the laptops bring the rest back."""

from __future__ import annotations

from pathlib import Path

from sync.server import admin, grants
from sync.server.app import create_app
from sync.server.backups import backup
from sync.server.restoring import restore
from tests.sync.ward import Ward, agreed, calm
from tui_app.records import REGISTRY


def begin_anew(ward: Ward, file: Path, place: Path) -> None:
    """A new server with what the backup holds; the laptops' way leads there from now on."""
    ward.database.close()
    ward.database = admin.init(place, ward.clock())
    restore(ward.database, file, now=ward.clock())
    ward.app = create_app(ward.database, REGISTRY, clock=ward.clock)
    for laptop in ward.laptops:
        laptop.wire.app = ward.app


def test_work_since_the_backup_comes_back_from_the_laptops(ward: Ward, tmp_path: Path) -> None:
    lan, minh = ward.laptop("lan"), ward.laptop("minh")
    calm(lan, minh)
    before = lan.create("household", code="A1", address="1 Lê Lợi")
    calm(lan, minh)
    backup(ward.database, tmp_path / "yesterday.backup", now=ward.clock())
    after = minh.create("household", "02", code="B2", address="2 Trần Phú")
    lan.change("household", before, note="sửa sau sao lưu")
    calm(lan, minh)
    lan.change("household", before, phone="0901234567")  # not sent yet
    begin_anew(ward, tmp_path / "yesterday.backup", tmp_path / "new")
    assert (("household", after) in ward.server_rows()) is False
    for _ in range(2):
        calm(lan, minh)
    assert ward.server_body("household", before)["note"] == "sửa sau sao lưu"
    assert ward.server_body("household", before)["phone"] == "0901234567"
    assert ward.server_body("household", after)["address"] == "2 Trần Phú"
    agreed(ward, lan, minh)


def test_work_on_a_unit_that_was_taken_away_names_no_counter_of_the_lost_history(
    ward: Ward, tmp_path: Path
) -> None:
    """Kept at the server, it would pass for the work of somebody who had seen what happened since (seed 8026610)."""
    lan, minh = ward.laptop("lan"), ward.laptop("minh")
    calm(lan, minh)
    backup(ward.database, tmp_path / "yesterday.backup", now=ward.clock())
    door = lan.create("household", code="A1", address="1 Lê Lợi")
    for number in range(3):
        lan.change("household", door, note=f"lần {number}")
    calm(lan, minh)
    minh.change("household", door, phone="0901234567")
    grants.withdraw(ward.database, minh.device, "27211/01", now=ward.clock())
    begin_anew(ward, tmp_path / "yesterday.backup", tmp_path / "new")
    grants.withdraw(ward.database, minh.device, "27211/01", now=ward.clock())
    minh.sync()
    (kept,) = ward.all("SELECT base_seq FROM op WHERE result = 'held' AND changes LIKE '%phone%'")
    assert kept == (1,)
