"""Records that go to another unit on a laptop, with the real client against the real server."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from sync import stopped
from sync.protocol import Row
from sync.server import grants
from tests.sync.ward import Laptop, Ward, agreed, calm
from tests.sync.wire import cut, lost
from tui_app.errors import InvalidFields
from tui_app.records.people import membership_id
from tui_app.records.visits import TestOutcome
from tui_app.services.exchange import inbox
from tui_app.services.people import cards, finding, moving, people, values
from tui_app.services.visits import visits
from tui_app.services.visits.visit_lines import VisitSheet
from tui_app.store import search
from tui_app.store.rows import RecordRows

DAY = date(2026, 11, 22)


def family(laptop: Laptop, unit: str = "01", address: str = "12 Lê Lợi") -> tuple[str, str, str]:
    """A household of two; the first has a risk group, a condition, a need, and was visited and tested."""
    store, who = laptop.store, laptop.user
    door = people.save_household(store, who, {"address": address}, area=laptop.area(unit).area)
    one = people.save_person(
        store,
        who,
        {"full_name": "Nguyễn Văn Đức", "birth_year": 1950},
        household=door,
        risk_groups=frozenset({"elderly"}),
        conditions=frozenset({"asthma"}),
    )
    other = people.save_person(store, who, {"full_name": "Trần Thị Thủy"}, household=door)
    with store.work(who) as work:
        place = work.get("person", one)
        work.create(
            "support_need",
            {"person": one, "household": door, "kind": "food", "status": "open"},
            place=place,
        )
        work.create("test_result", {"person": one, "at": work.at, "result": "negative"}, place=place)
    sheet = sheet_of(laptop, door)
    visits.record_visit(store, who, sheet.with_line(sheet.lines[0].well()))
    return door, one, other


def sheet_of(laptop: Laptop, door: str) -> VisitSheet:
    with laptop.store.read() as c:
        return visits.visit_sheet(c, door, DAY)


def where(laptop: Laptop, unit: str) -> dict[str, int]:
    """type -> how many live records a unit has on this laptop."""
    area = laptop.area(unit).area
    kinds = ("household", "person", "risk_membership", "person_condition", "support_need", "test_result")
    found = {
        kind: laptop.all(f"SELECT count(*) FROM {kind} WHERE area = ? AND NOT deleted", area)[0][0]
        for kind in (*kinds, "household_visit", "screening")
    }
    return {kind: count for kind, count in found.items() if count}


def indexed(*laptops: Laptop) -> None:
    """The search index is in step with the records."""
    for laptop in laptops:
        with laptop.store.read() as c:
            assert search.check(c) == 0


def test_a_person_goes_to_another_unit_with_everything_but_the_visit(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    door, one, other = family(lan)
    new = people.save_household(lan.store, "lan", {"address": "7 Hàn Hải Nguyên"}, area=lan.area("02").area)
    calm(lan, minh)
    moving.move_person(lan.store, "lan", one, new)
    assert where(lan, "02") == {
        "household": 1, "person": 1, "risk_membership": 1, "person_condition": 1, "support_need": 1,
        "test_result": 1, "screening": 1,
    }  # fmt: skip
    assert where(lan, "01") == {"household": 1, "person": 1, "household_visit": 1, "screening": 1}
    calm(lan, minh)
    agreed(ward, lan, minh)
    indexed(lan, minh)
    assert where(minh, "02") == where(lan, "02")
    with minh.store.read() as c:
        card = cards.person_card(c, one, DAY)
        assert (card.household_id, card.unit) == (new, "Khu phố 2")
        assert [group.code for group in card.risk_groups] == ["elderly"]
        assert cards.household_card(c, door, DAY).head_name == ""
        assert [member.id for member in cards.household_members(c, door, DAY)] == [other]
        (hit,) = finding.search(c, "đức").hits
        assert hit.area == minh.area("02").area


def test_a_household_goes_to_another_unit_with_persons_and_visits(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    door, _, _ = family(lan)
    calm(lan, minh)
    before = where(lan, "01")
    assert moving.move_household(lan.store, "lan", door, lan.area("02").area) == 2
    assert (where(lan, "01"), where(lan, "02")) == ({}, before)
    calm(lan, minh)
    agreed(ward, lan, minh)
    indexed(lan, minh)
    assert (where(minh, "01"), where(minh, "02")) == ({}, before)


def test_a_move_before_the_first_sync_arrives_in_the_new_unit(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    door, one, _ = family(lan)
    moving.move_household(lan.store, "lan", door, lan.area("02").area)
    people.save_person(lan.store, "lan", {"occupation": "thợ hồ"}, person=one)
    calm(lan, minh)
    agreed(ward, lan, minh)
    assert where(minh, "01") == {}
    moved = minh.row("person", one)
    assert moved is not None
    assert moved.body["occupation"] == "thợ hồ"


def test_edits_after_a_move_and_edits_elsewhere_before_it_was_known_meet(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    door, one, _ = family(lan)
    calm(lan, minh)
    moving.move_household(lan.store, "lan", door, lan.area("02").area)
    people.save_person(lan.store, "lan", {"note": "chuyển nhà"}, person=one)
    people.save_person(minh.store, "minh", {"occupation": "thợ hồ"}, person=one)
    calm(lan, minh)
    agreed(ward, lan, minh)
    for laptop in (lan, minh):
        row = laptop.row("person", one)
        assert row is not None
        assert (row.area, row.body["note"], row.body["occupation"]) == (
            laptop.area("02").area, "chuyển nhà", "thợ hồ",
        )  # fmt: skip


def test_an_edit_typed_while_the_move_arrives_is_kept_and_sent(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    door, one, _ = family(lan)
    calm(lan, minh)
    moving.move_household(lan.store, "lan", door, lan.area("02").area)
    lan.sync()

    def typing() -> bool:
        if not typed and minh.row("person", one) is not None and minh.steps and minh.steps[-1].step == "pull":
            people.save_person(minh.store, "minh", {"occupation": "thợ hồ"}, person=one)
            typed.append(1)
        return False

    typed: list[int] = []
    minh.cancelled = typing
    minh.sync()
    assert typed
    calm(lan, minh)
    agreed(ward, lan, minh)
    row = lan.row("person", one)
    assert row is not None
    assert row.body["occupation"] == "thợ hồ"


def test_two_laptops_move_the_same_person_at_once(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    door, one, _ = family(lan)
    near = people.save_household(lan.store, "lan", {"address": "1 Lê Lợi"}, area=lan.area("02").area)
    calm(lan, minh)
    moving.move_person(lan.store, "lan", one, near)
    moving.move_person(minh.store, "minh", one, near)
    calm(lan, minh)
    agreed(ward, lan, minh)
    assert lan.counts()["held"] + minh.counts()["held"] == 0
    assert where(lan, "02")["person"] == 1
    assert door


def test_there_and_back_again(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    door, _, _ = family(lan)
    calm(lan, minh)
    before = where(lan, "01")
    moving.move_household(lan.store, "lan", door, lan.area("02").area)
    moving.move_household(lan.store, "lan", door, lan.area("01").area)
    calm(lan, minh)
    agreed(ward, lan, minh)
    moving.move_household(minh.store, "minh", door, minh.area("02").area)
    calm(lan, minh)
    moving.move_household(lan.store, "lan", door, lan.area("01").area)
    calm(lan, minh)
    agreed(ward, lan, minh)
    assert (where(minh, "01"), where(minh, "02")) == (before, {})


@pytest.mark.parametrize("fault", ["request", "answer"])
def test_a_move_whose_answer_was_lost_is_done_once(ward: Ward, lan: Laptop, minh: Laptop, fault: str) -> None:
    door, _, _ = family(lan)
    calm(lan, minh)
    before = where(lan, "01")
    moving.move_household(lan.store, "lan", door, lan.area("02").area)
    lan.wire.then = [("/v1/push", lost if fault == "answer" else cut(0))]
    lan.tried()
    calm(lan, minh)
    agreed(ward, lan, minh)
    assert where(minh, "02") == before


def test_a_move_into_a_unit_that_was_taken_away_is_held_and_shown_where_it_is(
    ward: Ward, lan: Laptop
) -> None:
    door, one, _ = family(lan)
    lan.sync()
    area, other = lan.area("01").area, lan.area("02").area
    grants.withdraw(ward.database, lan.device, "27211/02", now=ward.clock())
    moving.move_household(lan.store, "lan", door, other)
    lan.sync()
    held = lan.all("SELECT DISTINCT reason FROM outbox WHERE state = 'held'")
    assert held == [("out-of-scope",)]
    row = lan.row("person", one)
    assert row is not None
    assert row.area == area, "where the server has it"
    assert lan.digests()[area] == ward.digests()[area]
    indexed(lan)


def test_a_held_move_goes_out_again_from_the_inbox(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    door, one, _ = family(lan)
    calm(lan, minh)
    before = where(lan, "01")
    other = lan.area("02").area
    grants.withdraw(ward.database, lan.device, "27211/02", now=ward.clock())
    moving.move_household(lan.store, "lan", door, other)
    lan.sync()
    grants.grant(ward.database, lan.device, "27211/02", now=ward.clock())
    lan.sync()
    desk: Any = SimpleNamespace(store=lan.store, user="lan", clock=lan.clock)
    with lan.store.read() as c:
        held = stopped.stopped_ops(c)
        assert values.names(c, [("person", "area", other)]) == {("area", other): "Khu phố 2"}
    assert len(held) == sum(before.values())
    for number, op in enumerate(held):
        if number % 2:
            inbox.send_again(desk, op.n)
        else:
            inbox.resend(desk, op.n)
    assert where(lan, "02") == before
    calm(lan, minh)
    agreed(ward, lan, minh)
    assert where(minh, "02") == before
    moved = lan.row("person", one)
    assert moved is not None
    assert "area" not in moved.body


def test_a_held_move_that_is_withdrawn_leaves_everything_where_it_was(ward: Ward, lan: Laptop) -> None:
    door, _, _ = family(lan)
    lan.sync()
    before = where(lan, "01")
    grants.withdraw(ward.database, lan.device, "27211/02", now=ward.clock())
    moving.move_household(lan.store, "lan", door, lan.area("02").area)
    lan.sync()
    desk: Any = SimpleNamespace(store=lan.store, user="lan", clock=lan.clock)
    with lan.store.read() as c:
        held = stopped.stopped_ops(c)
    for op in held:
        inbox.withdraw(desk, op.n, "nhầm đơn vị")
    lan.sync()
    assert where(lan, "01") == before
    assert lan.digests().items() <= ward.digests().items()


def test_what_was_found_of_a_person_goes_along_though_the_visit_stays(ward: Ward, lan: Laptop) -> None:
    second = ward.laptop("binh", "27211/02")
    door, one, _ = family(lan)
    sheet = sheet_of(lan, door)
    tested = replace(sheet.lines[0], test=TestOutcome.POSITIVE)
    visits.record_visit(lan.store, "lan", sheet.with_line(tested))
    new = people.save_household(lan.store, "lan", {"address": "7 Hàn Hải Nguyên"}, area=lan.area("02").area)
    lan.sync()
    moving.move_person(lan.store, "lan", one, new)
    lan.sync()
    second.sync()
    assert second.all("SELECT count(*) FROM household_visit") == [(0,)]
    with second.store.read() as c:
        there = cards.person_card(c, one, DAY).events
    with lan.store.read() as c:
        here = cards.person_card(c, one, DAY).events
    assert [(event.kind, event.record) for event in there] == [(event.kind, event.record) for event in here]
    assert [event.kind for event in there].count("screening") == 1, "the first sheet was gone on with"
    assert "positive" in [event.fields.get("result") for event in there]


def test_a_membership_left_behind_is_brought_along_when_it_is_set_again(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    door, one, _ = family(lan)
    people.save_person(lan.store, "lan", {}, person=one, conditions=frozenset())
    calm(lan, minh)
    moving.move_household(lan.store, "lan", door, lan.area("02").area)
    people.save_person(lan.store, "lan", {}, person=one, conditions=frozenset({"asthma"}))
    calm(lan, minh)
    agreed(ward, lan, minh)
    row = minh.row("person_condition", membership_id(one, "asthma"))
    assert row is not None
    assert (row.area, row.deleted) == (minh.area("02").area, False)


def test_a_laptop_of_one_unit_loses_and_gains_what_was_moved(ward: Ward, lan: Laptop) -> None:
    first, second = ward.laptop("an", "27211/01"), ward.laptop("binh", "27211/02")
    door, one, _ = family(lan)
    for laptop in (lan, first, second):
        laptop.sync()
    assert first.row("person", one) is not None
    moving.move_household(lan.store, "lan", door, lan.area("02").area)
    for laptop in (lan, first, second):
        laptop.sync()
    assert first.row("person", one) is None
    assert first.all("SELECT count(*) FROM household_visit") == [(0,)]
    moved = second.row("person", one)
    assert moved is not None
    for laptop in (first, second):
        assert laptop.digests().items() <= ward.digests().items()
    with first.store.read() as c:
        assert finding.search(c, "đức").hits == ()
    with second.store.read() as c:
        assert [event.kind for event in cards.person_card(c, one, DAY).events] == ["screening", "test_result"]
    indexed(first, second)


def test_a_laptop_of_one_unit_may_not_move_into_another(ward: Ward, lan: Laptop) -> None:
    first = ward.laptop("an", "27211/01")
    door, one, _ = family(lan)
    lan.sync()
    first.sync()
    far = Row(type="household", id="far", commune="27211", area="elsewhere", seq=3, body={"address": "x"})
    with first.store.write() as c:
        RecordRows().upsert(c, [far])
    with pytest.raises(InvalidFields):
        moving.move_person(first.store, "an", one, "far")
    with first.store.read() as c:
        assert moving.units_to_move_to(c, door) == []
        assert moving.doors_to_move_to(c, one) == []
