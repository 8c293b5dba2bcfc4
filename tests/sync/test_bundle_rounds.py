"""Whole rounds by stick against either kind of database, and what any damaged byte of a file does: nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.bundle import MAGIC, BundleError
from sync.server import admin
from tests.services.by_hand import Stick, held
from tests.sync.ward import Laptop, Ward, agreed
from tui_app.errors import BundleRefused

TABLES = ("area_head", "record", "op", "bundle", "device", "area_grant", "server_state")


def kept(ward: Ward) -> list[Any]:
    """Everything the server keeps."""
    with ward.database.read() as tx:
        return [sorted(map(str, tx.all(f"SELECT * FROM {table}"))) for table in TABLES]


def filled(ward: Ward, folder: Path) -> tuple[Stick, Laptop]:
    """A laptop that meets the server by stick, with something to send."""
    lan = ward.laptop("lan")
    stick = Stick(ward, lan, folder)
    stick.round()
    door = lan.create("household", address="12 Lê Lợi", phone="+84903000001")
    lan.create("person", full_name="Lê Thị Hằng", household=door, birth_year=1955)
    return stick, lan


def test_one_laptop_online_and_one_only_by_stick_end_with_the_same_bytes(ward: Ward, tmp_path: Path) -> None:
    stick, lan = filled(ward, tmp_path)
    minh = ward.laptop("minh")
    assert stick.round().synced.summary.applied == 2
    minh.sync()
    ((door,),) = minh.all("SELECT id FROM household")
    ((who,),) = minh.all("SELECT id FROM person")
    minh.change("household", door, phone="+84903000002")
    minh.change("person", who, birth_year=1956)
    minh.create("household", "02", address="7 Hàn Hải Nguyên")
    lan.change("household", door, phone="+84903000003")
    lan.change("person", who, birth_year=1957)
    minh.sync()
    done = stick.round().synced
    assert (done.summary.merged, done.summary.conflicts, done.open_conflicts) == (1, 1, 1)
    assert done.waits_for_person
    minh.sync()
    assert stick.round().synced.summary.pushed == 0
    agreed(ward, lan, minh)


def test_the_same_file_twice_and_then_the_network_are_one_op(ward: Ward, tmp_path: Path) -> None:
    stick, lan = filled(ward, tmp_path)
    file = stick.out()
    answers = [stick.carry(file), stick.carry(file)]
    assert stick.sync().pending == 0
    for answer in reversed(answers):
        stick.back(answer)
    with ward.database.read() as tx:
        assert tx.one("SELECT count(*) FROM op WHERE device = :d", d=lan.device) == (2,)
    agreed(ward, lan)


def test_a_revoked_laptops_file_changes_nothing(ward: Ward, tmp_path: Path) -> None:
    stick, lan = filled(ward, tmp_path)
    file = stick.out()
    admin.revoke(ward.database, lan.device, now=ward.clock())
    before = kept(ward)
    with pytest.raises(BundleError, match="revoked"):
        stick.carry(file)
    assert kept(ward) == before


def test_no_damaged_byte_gets_into_either_database(ward: Ward, tmp_path: Path) -> None:
    """Both ways: the laptop's file at the server, the server's answer at the laptop."""
    stick, lan = filled(ward, tmp_path)
    file = stick.out()
    answer = stick.carry(file)
    damaged = stick.folder / "damaged.gonha"
    whole = {"file": file.read_bytes(), "answer": answer.read_bytes()}
    server, laptop = kept(ward), held(lan)

    def word(name: str, content: bytes) -> str:
        damaged.write_bytes(content)
        if name == "file":
            with pytest.raises(BundleError) as at_server:
                stick.carry(damaged)
            return at_server.value.word
        with pytest.raises(BundleRefused) as at_laptop:
            stick.back(damaged)
        return at_laptop.value.key.removeprefix("bundle.")

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(name=st.sampled_from(["file", "answer"]), place=st.floats(0, 0.999999), flip=st.integers(1, 255))
    def flipped(name: str, place: float, flip: int) -> None:
        content = bytearray(whole[name])
        at = int(place * len(content))
        content[at] ^= flip
        assert word(name, bytes(content)) == ("not_a_bundle" if at < len(MAGIC) else "altered")

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(name=st.sampled_from(["file", "answer"]), place=st.floats(0, 0.999999))
    def shortened(name: str, place: float) -> None:
        assert word(name, whole[name][: int(place * len(whole[name]))]) == "cut"

    flipped()
    shortened()
    assert (kept(ward), held(lan)) == (server, laptop)
    assert stick.back(answer).synced.summary.applied == 2
    agreed(ward, lan)


def test_a_server_restored_from_a_backup_gets_everything_back_by_stick(ward: Ward, tmp_path: Path) -> None:
    """What Lan sent, what she received from Minh, and what she typed meanwhile: nobody ever has a network again."""
    stick, lan = filled(ward, tmp_path)
    minh = ward.laptop("minh")
    stick.round()
    backup = ward.back_up()
    ((door,),) = lan.all("SELECT id FROM household")
    lan.change("household", door, note="gọi trước khi đến")
    mine = lan.create("household", address="14 Lê Lợi")
    stick.round()
    minh.sync()
    theirs = minh.create("household", "02", address="7 Hàn Hải Nguyên")
    minh.sync()
    stick.round()
    ward.restore(backup)
    assert mine not in {ident for _, ident in ward.server_rows()}
    typed = lan.create("household", address="16 Lê Lợi")
    rounds = 0
    while stick.round().another_round:
        rounds += 1
        assert rounds < 5
    kinds = {ident for kind, ident in ward.server_rows() if kind == "household"}
    assert kinds >= {door, mine, theirs, typed}
    assert ward.server_body("household", door)["note"] == "gọi trước khi đến"
    assert lan.counts()["held"] == lan.counts()["rejected"] == 0
    assert lan.all("SELECT * FROM conflict") == []
    minh.sync()
    stick.round()
    agreed(ward, lan, minh)
