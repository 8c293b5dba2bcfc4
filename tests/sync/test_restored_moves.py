"""The server comes back from a backup while records are on their way to other units, or units to other teams."""

from __future__ import annotations

from datetime import timedelta

from sync.server import grants
from tests.sync.ward import COMMUNE, Laptop, Ward, agreed, calm
from tests.sync.wire import unreachable


def test_work_sent_again_for_a_unit_that_was_handed_over_brings_nothing_of_it_back(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    """It meets what a colleague gave meanwhile, so the answers are more than a counter."""
    door = lan.create("household", address="1 Lê Lợi")
    calm(lan, minh)
    early = ward.back_up()
    lan.change("household", door, note="chó dữ")
    lan.change("household", door, phone="+84903000001")
    lan.sync()
    grants.withdraw(ward.database, lan.device, f"{COMMUNE}/01", now=ward.clock())
    lan.sync()
    ward.restore(early)
    minh.change("household", door, note="chó hiền")
    minh.sync()
    done = lan.sync()
    assert (done.resent, done.merged, done.pending) == (3, 1, 0)
    assert lan.row("household", door) is None
    calm(minh, lan)
    assert lan.row("household", door) is None
    assert ward.server_body("household", door)["phone"] == "+84903000001"


def test_what_is_kept_of_a_unit_that_was_handed_over_is_no_older_for_the_work_sent_again(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    """The only laptop that has a colleague's word may not give it back now, and has it when it may again."""
    door = lan.create("household", address="1 Lê Lợi")
    calm(lan, minh)
    early = ward.back_up()
    lan.change("household", door, note="chó dữ")
    calm(lan, minh)
    minh.change("household", door, note="chó hiền", phone="+84903000001")
    calm(minh, lan)
    ward.restore(early)
    lan.change("household", door, alley="Hẻm 2")
    grants.withdraw(ward.database, lan.device, f"{COMMUNE}/01", now=ward.clock())
    assert lan.sync().resent == 2
    kept = lan.row("household", door)
    assert kept is not None
    assert (kept.body["note"], kept.body["phone"]) == ("chó hiền", "+84903000001")
    assert ward.server_body("household", door)["note"] == "chó dữ"
    grants.grant(ward.database, lan.device, f"{COMMUNE}/01", now=ward.clock())
    calm(lan)
    agreed(ward, lan)
    assert ward.server_body("household", door)["note"] == "chó hiền"
    assert ward.server_body("household", door)["phone"] == "+84903000001"


def test_a_held_move_out_of_a_unit_that_was_handed_over_leaves_the_record_there(
    ward: Ward, lan: Laptop
) -> None:
    """It was typed while work of the lost history waited to be sent again, and moves what may not leave."""
    door = lan.create("household", address="1 Lê Lợi")
    lan.sync()
    early = ward.back_up()
    lan.change("household", door, note="chó dữ")
    lan.sync()
    ward.restore(early)
    grants.withdraw(ward.database, lan.device, f"{COMMUNE}/01", now=ward.clock())
    lan.wire.then = [("/v1/push", unreachable)]
    assert lan.tried() is not None
    here = lan.area("01").area
    with lan.store.work("lan") as work:
        work.move("household", door, lan.area("02"))
    done = lan.sync()
    assert (done.applied, done.held, done.pending, done.mismatched) == (2, 1, 0, ())
    kept = lan.row("household", door)
    assert kept is not None
    assert kept.area == here
    assert lan.sync().pulled == 0


def test_a_move_sent_again_into_a_unit_that_was_handed_over_takes_the_row_along(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    """The restored server has it in the old unit once more, so it comes here with that unit, to leave again."""
    door = lan.create("household", address="1 Lê Lợi")
    calm(lan, minh)
    with lan.store.work("lan") as work:
        work.move("household", door, lan.area("02"))
    ward.clock.now += timedelta(minutes=5)  # moved well before the unit went
    grants.withdraw(ward.database, lan.device, f"{COMMUNE}/02", now=ward.clock())
    early = ward.back_up()
    lan.sync()
    assert lan.row("household", door) is None
    ward.restore(early)
    done = lan.sync()
    assert (done.resent, done.applied, done.pending, done.mismatched) == (1, 1, 0, ())
    assert lan.row("household", door) is None
    calm(minh, lan)
    assert lan.row("household", door) is None
    moved = minh.row("household", door)
    assert moved is not None
    assert moved.area == minh.area("02").area
    assert lan.digests().items() <= ward.digests().items()


def test_a_record_that_a_waiting_op_moves_is_given_back_where_it_was_lost(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    """The counter of the unit it goes to stands above that of the record, and it is not there all the same."""
    for n in range(5):
        minh.create("household", "02", address=f"{n} Lý Thường Kiệt")
    calm(minh, lan)
    early = ward.back_up()
    door = lan.create("household", address="1 Lê Lợi")
    lan.sync()
    ward.restore(early)
    with lan.store.work("lan") as work:
        work.move("household", door, lan.area("02"))
    lan.change("household", door, note="chó dữ")
    done = lan.sync()
    assert (done.resent, done.held, done.pending, done.mismatched) == (1, 0, 0, ())
    calm(minh, lan)
    agreed(ward, lan, minh)
    moved = minh.row("household", door)
    assert moved is not None
    assert (moved.area, moved.body) == (lan.area("02").area, {"address": "1 Lê Lợi", "note": "chó dữ"})


def test_a_record_given_back_in_its_new_unit_is_in_both_until_its_move_is_sent_again(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    """Whoever knows it only in the new unit cannot know that the restored server has it in the old one."""
    hoa = ward.laptop("hoa", f"{COMMUNE}/02")
    door = lan.create("household", address="1 Lê Lợi")
    calm(lan, minh, hoa)
    early = ward.back_up()
    with minh.store.work("minh") as work:
        work.move("household", door, minh.area("02"))
    calm(minh, hoa)
    ward.restore(early)
    assert hoa.sync().offered == 1
    assert lan.sync().mismatched, "one id is one row here, and the server has two"
    minh.sync()
    calm(lan, hoa)
    assert lan.sync().mismatched == ()
    agreed(ward, lan, minh)
    moved = lan.row("household", door)
    assert moved is not None
    assert moved.area == lan.area("02").area


def test_a_signpost_beneath_work_that_waits_is_not_given_back_as_a_record(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    hoa = ward.laptop("hoa", f"{COMMUNE}/01")
    door = lan.create("household", address="1 Lê Lợi")
    calm(lan, minh, hoa)
    early = ward.back_up()
    ward.restore(early)
    with minh.store.work("minh") as work:
        work.move("household", door, minh.area("02"))
    minh.sync()
    hoa.change("household", door, note="chó dữ")
    hoa.wire.then = [("/v1/push", unreachable)]  # the unit was read anew, its work has still to go out
    assert hoa.tried() is not None
    ward.restore(early)
    done = hoa.sync()
    assert (done.offered, done.applied, done.pending) == (0, 1, 0)
    calm(minh, lan)
    moved = lan.row("household", door)
    assert moved is not None
    assert (moved.area, moved.body) == (lan.area("02").area, {"address": "1 Lê Lợi", "note": "chó dữ"})
    agreed(ward, lan, minh)
