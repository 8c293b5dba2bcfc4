"""Whatever meets an erasure late, on a laptop that did not know of it: moves, deletions, decisions, a cut first load, a
database from before. Nothing of the person comes back, and nothing of anybody else is lost."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from sync import stopped
from sync.client import first_load
from sync.server.grants import withdraw
from tests.sync.test_erasing_meets import NAME, erase, left, ward
from tests.sync.ward import COMMUNE, KEY, Laptop, QuickStore, Ward, agreed, calm
from tests.sync.wire import lost
from tui_app.services.requests import erasing, register
from tui_app.store.rows import RecordRows, table

__all__ = ["ward"]  # a fixture


@pytest.fixture
def minh(ward: Ward) -> Laptop:
    """A member's laptop."""
    laptop = ward.laptop("minh", role="member")
    laptop.sync()
    return laptop


@pytest.fixture
def nhu(lan: Laptop, minh: Laptop) -> str:
    """Như, of a household of two, known to both."""
    door = lan.create("household", address="12 Lê Lợi")
    lan.create("person", household=door, full_name="Lê Văn Hai")
    one = lan.create("person", household=door, full_name=NAME)
    calm(lan, minh)
    return one


def test_one_of_everything_about_the_person_goes_on_every_laptop(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    """Written by both, in both units, long enough ago that no law keeps it."""
    door = str(lan.row("person", nhu).body["household"])  # type: ignore[union-attr]
    other = lan.create("household", unit="02", address="3 Hàng Bè")
    friend = lan.create("person", unit="02", household=other, full_name="Trần Thị Ba")
    day, at = "2026-11-02", "2026-11-02T01:00:00Z"
    visit = minh.create("household_visit", household=door, at=at, outcome="met", asked="each")
    began = {"first_positive_on": day, "started_on": day, "place": "home", "source": "positive_test"}
    case = minh.create("case", person=nhu, **began)
    seen = lan.create("observation", case=case, person=nhu, at=at, slot="am", slot_on=day, note=NAME)
    met = {"level": 1, "met": "other", "last_met_on": day}
    written: list[tuple[Laptop, str, dict[str, Any]]] = [
        (minh, "screening", {"visit": visit, "person": nhu, "wellbeing": "well"}),
        (minh, "vaccination_dose", {"person": nhu, "given_on": day, "note": NAME}),
        (lan, "contact", {"unit": "02", "case": "elsewhere", "person": nhu, **met}),
        (minh, "contact", {"case": case, "person": friend, **met}),
        (minh, "case_event", {"case": case, "at": at, "event": "note", "note": NAME}),
        (minh, "referral", {"case": case, "person": nhu, "at": at, "sent_to": "BV", "reason": NAME}),
        (
            lan,
            "alert",
            {"case": case, "person": nhu, "observation": seen, "at": at, "rule": "x", "state": "open"},
        ),
        (lan, "person_identifier", {"person": nhu, "kind": "national_id", "number": "079168009876"}),
        (lan, "assignment", {"person": nhu, "on": day, "task": "visit"}),
    ]
    made = {(kind, laptop.create(kind, **fields)) for laptop, kind, fields in written}
    made |= {("person", nhu), ("case", case), ("observation", seen)}
    calm(lan, minh)
    lan.clock.now += timedelta(days=366 * 31)  # type: ignore[attr-defined]
    calm(lan, minh)
    erase(lan, nhu)
    calm(minh, lan)
    for laptop in (lan, minh):
        assert {key for key in made if laptop.row(*key).body} == set()  # type: ignore[union-attr]
        for key in (
            ("household", door),
            ("household_visit", visit),
            ("person", friend),
            ("household", other),
        ):
            assert laptop.row(*key).body  # type: ignore[union-attr]
    assert left(ward, lan, minh) == {}
    agreed(ward, lan, minh)


def test_moves_deletions_and_decisions_that_come_late(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    lan.change("person", nhu, sex="female", note=NAME)
    lan.sync()
    minh.change("person", nhu, sex="male")
    calm(minh, lan)
    ((question,),) = minh.all("SELECT id FROM conflict")
    minh.change("conflict", question, chosen="male", state="resolved")
    with minh.store.work("minh") as work:
        work.move("person", nhu, minh.area("02"))
    minh.change("person", nhu, phone="+84903777123")
    minh.delete("person", nhu, f"{NAME} trùng")
    kept = minh.create("household", address="9 Trần Phú")
    erase(lan, nhu)
    done = minh.sync()
    assert (done.rejected, done.pending, done.mismatched) == (4, 0, ())
    calm(lan, minh)
    with minh.store.read() as c:
        assert {(op.reason, op.set == {}) for op in stopped.stopped_ops(c)} == {("erased", True)}
    assert lan.row("household", kept) is not None
    assert left(ward, lan, minh) == {}
    agreed(ward, lan, minh)


def test_a_first_load_that_was_cut_before_and_goes_on_after(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_load, "MANY", 3)
    hoa = ward.laptop("hoa", role="member")
    hoa.wire.then.append(("/v1/pull", lost))
    assert hoa.tried() is not None
    assert hoa.row("person", nhu).body["full_name"] == NAME  # type: ignore[union-attr]
    hoa.change("person", nhu, note="gọi là Quỳnh")
    erase(lan, nhu)
    calm(hoa, lan, minh)
    assert left(ward, lan, minh, hoa) == {}
    agreed(ward, lan, minh, hoa)


def test_a_laptop_whose_disk_is_from_before(ward: Ward, lan: Laptop, minh: Laptop, nhu: str) -> None:
    minh.change("person", nhu, note=f"{NAME} ở nhà con")
    with minh.store.write() as c:
        c.execute("COMMIT")
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        c.execute("BEGIN IMMEDIATE")
    shutil.copy(minh.store.path, ward.folder / "old.db")
    erase(lan, nhu)
    calm(minh, lan)
    newer = minh.create("household", address="9 Trần Phú")
    minh.sync()
    minh.store.close()
    minh.store = QuickStore(ward.folder / "old.db", KEY, clock=ward.clock)
    assert NAME in minh.row("person", nhu).body["note"]  # type: ignore[union-attr]
    calm(minh, lan)
    assert minh.row("household", newer) is not None
    assert left(ward, lan, minh) == {}
    agreed(ward, lan, minh)


def test_a_move_is_told_again_to_a_restored_server_though_its_person_was_erased(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    """The old unit is another team's by then. Without the move she would live in both, and a laptop of both units read
    one of the two rows at each sync."""
    hoa = ward.laptop("hoa", f"{COMMUNE}/02", role="member")
    minh.change("person", nhu, note=f"{NAME} ở nhà con")
    calm(minh, lan, hoa)
    early = ward.back_up()
    with lan.store.work("lan") as work:
        work.move("person", nhu, lan.area("02"))
    calm(lan, hoa)
    hoa.change("person", nhu, sex="female")
    asked = register.add(lan.store, "lan", nhu, "deletion")
    lan.sync()
    erasing.erase(lan.store, "lan", nhu, asked)
    ward.clock.now += timedelta(minutes=5)  # moved and erased well before the unit went
    withdraw(ward.database, lan.device, f"{COMMUNE}/01", now=ward.clock())
    ward.restore(early)
    assert hoa.sync().offered == 1
    calm(minh, lan, hoa)
    calm(minh, lan, hoa)
    assert [(laptop.sync().pulled, laptop.sync().mismatched) for laptop in (minh, lan, hoa)] == [(0, ())] * 3
    assert left(ward, lan, minh, hoa) == {}
    assert set(ward.all("SELECT gone FROM record WHERE id = :id", id=nhu)) == {("moved",), ("erased",)}


def test_somebody_new_in_a_household_that_was_erased_is_not_lost(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    door = lan.create("household", address="12 Lê Lợi")
    one = lan.create("person", household=door, full_name=NAME)
    calm(lan, minh)
    child = minh.create("person", household=door, full_name="Phạm An")
    erase(lan, one)
    calm(minh, lan)
    for laptop in (lan, minh):
        assert laptop.row("person", child).body["full_name"] == "Phạm An"  # type: ignore[union-attr]
    again = minh.create("household", address="12 Lê Lợi")
    minh.change("person", child, household=again)
    calm(minh, lan)
    with lan.store.read() as c:
        (found,) = table("person").where(c, "household = ?", (again,))
    assert found.id == child
    agreed(ward, lan, minh)


@pytest.mark.parametrize("beside", [0, 40])
def test_a_row_with_content_that_comes_after_is_kept_without(
    ward: Ward, lan: Laptop, nhu: str, beside: int
) -> None:
    """From a server that forgot the erasure: few rows at once, and many."""
    before = lan.row("person", nhu)
    assert before is not None
    erase(lan, nhu)
    others = [msgspec.structs.replace(before, id=f"other {number}") for number in range(beside)]
    with lan.store.write() as c:
        RecordRows().upsert(c, [*others, before])
    assert lan.row("person", nhu).body == {}  # type: ignore[union-attr]
    assert all(lan.row("person", row.id).body for row in others)  # type: ignore[union-attr]
    assert left(ward, lan) == ({"lan": [NAME, "Quỳnh", "quynh"]} if beside else {})


def test_nothing_is_kept_beneath_in_a_unit_that_a_restored_server_took_away(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    before = ward.back_up()
    asked = register.add(lan.store, "lan", nhu, "deletion")
    lan.sync()
    erasing.erase(lan.store, "lan", nhu, asked)
    assert (nhu,) in lan.all("SELECT id FROM base")
    withdraw(ward.database, lan.device, "27211/01", now=ward.clock())
    ward.restore(before)
    calm(lan, minh)
    assert lan.all("SELECT mode FROM cursor WHERE mode <> 'write'") == [("missing",)]
    assert lan.all("SELECT * FROM base") == []
    assert ward.server_body("person", nhu) == {}
    assert minh.row("person", nhu).body == {}  # type: ignore[union-attr]


def test_rows_that_are_kept_of_a_unit_that_was_given_away_go_as_well(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    """After a restore a laptop keeps what it had of units nobody names to it: nothing else tells it of the erasure."""
    withdraw(ward.database, minh.device, "27211/01", now=ward.clock())
    ward.restore(ward.back_up())
    minh.sync()
    assert minh.all("SELECT mode FROM cursor WHERE mode <> 'write'") == [("missing",)]
    assert minh.row("person", nhu).body["full_name"] == NAME  # type: ignore[union-attr]
    erase(lan, nhu)
    minh.sync()
    assert left(ward, lan, minh) == {}


def gone_to_others(ward: Ward, lan: Laptop, nhu: str) -> tuple[Laptop, str]:
    """The laptop of a chief of one unit, which has not heard that Như moved to another, and her request there."""
    tam = ward.laptop("tam", "27211/01")
    tam.sync()
    asked = register.add(tam.store, "tam", nhu, "deletion")
    tam.sync()
    with lan.store.work("lan") as work:
        work.move("person", nhu, lan.area("02"))
    lan.sync()
    return tam, asked


def test_one_who_has_gone_to_a_unit_of_others_is_not_erased(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    """The chief of one unit decides without a link; what he wrote of it waits, and his laptop reads on."""
    tam, asked = gone_to_others(ward, lan, nhu)
    erasing.erase(tam.store, "tam", nhu, asked)
    calm(tam, lan, minh)
    for laptop in (lan, minh):
        assert laptop.row("person", nhu).body["full_name"] == NAME  # type: ignore[union-attr]
    assert tam.row("person", nhu) is None
    with tam.store.read() as c:
        assert {(op.type, op.reason) for op in stopped.stopped_ops(c)} == {("erasure", "out-of-scope")}
    agreed(ward, lan, minh)
    assert tam.digests().items() <= ward.digests().items()
    assert tam.all("SELECT * FROM base") == []


def shown(laptop: Laptop) -> list[tuple[str, str, bool]]:
    """The register: (state, how far the erasure is, whether something is still to be done)."""
    with laptop.store.read() as c:
        found = register.requests(c, laptop.clock().date())
    return [(one.state, one.not_taken, one.is_open) for one in found]


def test_a_request_is_not_done_before_the_server_has_erased(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    asked = register.add(lan.store, "lan", nhu, "deletion")
    lan.sync()
    assert shown(lan) == [("open", "", True)]
    _, kept = erasing.erase(lan.store, "lan", nhu, asked)
    assert shown(lan) == [("done", "waits", True)]
    with lan.store.read() as c:
        one = register.request(c, kept, lan.clock().date())
        assert (one.end.met_on, one.end.state, one.next_due) == (None, "due", one.end.on)
    lan.sync()
    assert shown(lan) == [("done", "", False)]
    tam = ward.laptop("tam")
    calm(tam, lan, minh)
    assert shown(tam) == [("done", "", False)]


def test_an_erasure_the_server_holds_is_told_until_it_is_taken(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    """The request that came back with the person is the one to work on; sent again and taken, both are over."""
    tam, asked = gone_to_others(ward, lan, nhu)
    _, kept = erasing.erase(tam.store, "tam", nhu, asked)
    calm(tam, lan, minh)
    assert shown(tam) == [("open", "", True), ("done", "refused", False)]
    assert shown(lan) == [("open", "", True), ("done", "waits", False)]
    with lan.store.work("lan") as work:
        work.move("person", nhu, lan.area("01"))
    calm(lan, tam, minh)
    with tam.store.write() as c:
        for op in stopped.stopped_ops(c):
            stopped.send_again(c, RecordRows(), op)
    assert ("done", "waits", True) in shown(tam)
    calm(tam, lan, minh)
    assert shown(tam) == shown(lan) == [("done", "", False)]
    assert [one.id for one in requests(tam)] == [kept]


def test_a_withdrawn_erasure_is_none(ward: Ward, lan: Laptop, minh: Laptop, nhu: str) -> None:
    """The request it was made for goes on where it came back, else the register says what was not done."""
    tam, asked = gone_to_others(ward, lan, nhu)
    erasing.erase(tam.store, "tam", nhu, asked)
    calm(tam, lan, minh)
    with tam.store.write() as c:
        for op in stopped.stopped_ops(c):
            stopped.take_back(c, RecordRows(), op)
            stopped.settle(
                c, op.n, stopped.Settled("withdrawn", "tam", "2026-11-02T01:00:00Z", reason="nhầm")
            )
    assert shown(tam) == [("open", "", True), ("done", "refused", False)]
    register.refuse(tam.store, "tam", asked, "đã chuyển đi")
    assert shown(tam) == [("refused", "", False), ("done", "refused", False)]


def requests(laptop: Laptop) -> list[register.Request]:
    with laptop.store.read() as c:
        return register.requests(c, laptop.clock().date())
