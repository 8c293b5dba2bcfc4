"""Doses as people record them, and the four lists of a day; the documents are those of rules §2.11."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.services.care_ward import CareWard
from tests.services.laptop_alone import laptop
from tui_app.errors import InvalidFields
from tui_app.records.vaccination import dose_id
from tui_app.rules.vaccine_facts import DoseState, DoseStatus
from tui_app.services.care.vaccinated import recorded_facts
from tui_app.services.lists.importing import import_list
from tui_app.services.people import people
from tui_app.services.station.demo_doses import record_cards
from tui_app.services.vaccination import vaccination
from tui_app.services.vaccination.vaccination_card import vaccination_card
from tui_app.services.vaccination.vaccination_lists import vaccination_lists
from tui_app.settings import asset

DAY = date(2022, 9, 14)


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    made.at(DAY, 8)
    yield made
    made.close()


def add(
    ward: CareWard, person: str, *days: str, kind: str = "basic", product: str = "Pfizer", **more: Any
) -> None:
    for day in days:
        fields = {"given_on": day, "product": product, "dose_type": kind, "source": "card", **more}
        vaccination.add_dose(ward.store, ward.who, person, fields)


def status(ward: CareWard, person: str, day: date = DAY) -> DoseStatus:
    with ward.store.read() as c:
        return vaccination.dose_status(c, [person], day)[person]


def listed(ward: CareWard, day: date = DAY) -> dict[str, list[str]]:
    with ward.store.read() as c:
        found = vaccination_lists(c, day)
    return {name: [one.full_name for one in lines] for name, lines in found.items()}


def test_a_dose_is_kept_under_the_id_of_its_day_with_the_code_of_its_product(ward: CareWard) -> None:
    who = ward.person()
    ident = vaccination.add_dose(
        ward.store, ward.who, who, {"given_on": "2022-03-01", "product": "PFIZER-BioNTech"}
    )
    assert ident == dose_id(who, date(2022, 3, 1))
    assert ward.row("vaccination_dose", ident).body["product"] == "comirnaty"
    other = vaccination.add_dose(ward.store, ward.who, who, {"product": "Nanocovax", "number": 1})
    assert ward.row("vaccination_dose", other).body["product"] == "Nanocovax"


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"given_on": "2022-09-15"}, "problems.day_to_come"),
        ({"given_on": "1980-04-30"}, "vaccination.before_birth"),
        ({"given_on": "2022-03-01"}, "vaccination.day_taken"),
        ({"place": "trường học"}, "vaccination.says_nothing"),
    ],
)
def test_what_cannot_be_a_dose_is_refused(ward: CareWard, fields: dict[str, Any], key: str) -> None:
    who = ward.person()
    add(ward, who, "2022-03-01")
    with pytest.raises(InvalidFields) as refused:
        vaccination.add_dose(ward.store, ward.who, who, fields)
    assert [one.key for one in refused.value.problems] == [key]
    assert len(ward.rows("vaccination_dose")) == 1


def test_a_corrected_day_makes_it_the_dose_of_that_day(ward: CareWard) -> None:
    who = ward.person()
    add(ward, who, "2022-03-01", lot="A1")
    old = dose_id(who, date(2022, 3, 1))
    new = vaccination.change_dose(ward.store, ward.who, old, {"given_on": date(2022, 3, 2)})
    assert new == dose_id(who, date(2022, 3, 2))
    (kept,) = ward.rows("vaccination_dose")
    assert (kept.id, kept.body["lot"]) == (new, "A1")
    again = vaccination.change_dose(ward.store, ward.who, new, {"lot": "B2"})
    assert (again, ward.row("vaccination_dose", new).body["lot"]) == (new, "B2")


def test_a_dose_taken_back_can_be_recorded_anew_and_brings_nothing_old(ward: CareWard) -> None:
    who = ward.person()
    add(ward, who, "2022-03-01", lot="A1")
    ident = dose_id(who, date(2022, 3, 1))
    with pytest.raises(InvalidFields):
        vaccination.remove_dose(ward.store, ward.who, ident, " ")
    vaccination.remove_dose(ward.store, ward.who, ident, "nhầm người")
    assert ward.rows("vaccination_dose") == []
    add(ward, who, "2022-03-01")
    (row,) = ward.rows("vaccination_dose")
    assert "lot" not in row.body


def test_contraindication_and_postponement_with_their_reasons(ward: CareWard) -> None:
    who = ward.person()
    add(ward, who, "2022-03-01", "2022-04-01")
    assert status(ward, who).state is DoseState.OVERDUE
    vaccination.contraindicate(ward.store, ward.who, who, "phản vệ độ 3 sau mũi 2")
    assert status(ward, who).state is DoseState.CONTRAINDICATED
    assert vaccination.clear(ward.store, ward.who, who) is True
    assert vaccination.clear(ward.store, ward.who, who) is False
    vaccination.postpone(ward.store, ward.who, who, date(2022, 10, 1), "đang sốt")
    found = status(ward, who)
    assert (found.state, found.next_due) == (DoseState.POSTPONED, date(2022, 10, 1))
    with ward.store.read() as c:
        assert vaccination_card(c, who, DAY).reason == "đang sốt"
    assert status(ward, who, date(2022, 10, 1)).state is DoseState.OVERDUE
    for until, reason in ((DAY, "đang sốt"), (date(2022, 10, 1), "")):
        with pytest.raises(InvalidFields):
            vaccination.postpone(ward.store, ward.who, who, until, reason)


def test_the_lists_of_a_day(ward: CareWard) -> None:
    overdue = ward.person("Trễ Hạn")
    add(ward, overdue, "2022-03-01", "2022-04-01")  # dose 3 from 01/07/2022
    due = ward.person("Đến Hạn")
    add(ward, due, "2022-05-01", "2022-06-01")  # from 01/09/2022
    soon = ward.person("Tuần Sau")
    add(ward, soon, "2022-05-01", "2022-06-21")  # from 21/09/2022, seven days ahead
    later = ward.person("Còn Lâu")
    add(ward, later, "2022-05-01", "2022-06-22")
    done = ward.person("Đủ Mũi")
    add(ward, done, "2021-06-01", "2021-07-01")
    add(ward, done, "2022-01-01", "2022-06-01", kind="booster")
    ward.person("Chưa Ghi")
    ward.person("Chỉ Nói", reported_doses=3)
    ward.person("Trẻ Nhỏ", birth_year=2020)
    found = listed(ward)
    assert found["overdue"] == ["Trễ Hạn"]
    assert found["due"] == ["Đến Hạn", "Tuần Sau"]
    assert found["unrecorded"] == ["Chưa Ghi", "Chỉ Nói"]
    assert found["at_home"] == []


def test_at_home_lists_who_cannot_travel_with_those_of_the_household_who_are_due(ward: CareWard) -> None:
    """S1 §III.11: nhóm đi lại khó khăn at home, and người sống chung of a risk person."""
    grandmother = ward.person("Bà Nội", birth_year=1940, mobility_limited=True)
    add(ward, grandmother, "2022-03-01", "2022-04-01")
    son = ward.person("Con Trai")
    add(ward, son, "2022-03-01", "2022-04-01")
    complete = ward.person("Con Dâu")
    add(ward, complete, "2022-05-01", "2022-09-01")
    with ward.store.read() as c:
        found = vaccination_lists(c, DAY)["at_home"]
    assert [(one.full_name, one.with_person) for one in found] == [("Bà Nội", ""), ("Con Trai", "Bà Nội")]
    vaccination.contraindicate(ward.store, ward.who, grandmother, "phản vệ")
    assert listed(ward)["at_home"] == []


def test_who_died_or_moved_away_counts_until_that_day(ward: CareWard) -> None:
    who = ward.person("Đã Chuyển")
    add(ward, who, "2022-03-01", "2022-04-01")
    people.mark_moved(ward.store, ward.who, who, date(2022, 9, 10))
    assert listed(ward, date(2022, 9, 9))["overdue"] == ["Đã Chuyển"]
    assert listed(ward, date(2022, 9, 10))["overdue"] == []


def test_a_restricted_condition_makes_nobody_due_for_an_additional_dose(ward: CareWard) -> None:
    """A list that called an additional dose by HIV alone would tell the condition."""
    shown, hidden = ward.person("Ghép Thận"), ward.person("Kín")
    for who, code in ((shown, "transplant"), (hidden, "hiv")):
        people.save_person(
            ward.store, ward.who, {}, person=who, conditions=frozenset({code}), restricted=True
        )
        add(ward, who, "2022-03-01", "2022-04-01")
    assert status(ward, shown).next_dose == "additional"
    assert status(ward, hidden).next_dose == "booster_1"


def test_a_case_moves_the_next_dose_and_an_open_one_holds_it(ward: CareWard) -> None:
    who = ward.person()
    add(ward, who, "2021-06-01", "2021-07-01")
    add(ward, who, "2022-02-01", kind="booster")
    ward.at(date(2022, 8, 20), 8)
    ward.case(who, first_positive_on=date(2022, 8, 20))
    ward.at(DAY, 8)
    assert status(ward, who).state is DoseState.INFECTED


@pytest.mark.parametrize(
    ("days", "product", "more", "facts"),
    [
        (("2022-03-01", "2022-04-01"), "pfizer", {}, {"basic_doses": 2, "last_dose_on": date(2022, 4, 1)}),
        (("2022-03-01",), "pfizer", {}, {"basic_doses": 1, "last_dose_on": date(2022, 3, 1)}),
        ((), "pfizer", {"reported_doses": 0}, {"basic_doses": 0, "last_dose_on": None}),
        ((), "pfizer", {}, {}),  # nobody asked: missing is not "none"
        (("2022-03-01",), "pfizer", {"reported_doses": 2}, {}),  # recorded in part
        (("2022-03-01", "2022-04-01"), "abdala", {}, {}),  # two of three are no full schedule
    ],
)
def test_the_doses_asked_at_entry_are_proposed_where_they_are_recorded_whole(
    ward: CareWard, days: tuple[str, ...], product: str, more: dict[str, Any], facts: dict[str, Any]
) -> None:
    who = ward.person(**more)
    add(ward, who, *days, product=product)
    with ward.store.read() as c:
        assert recorded_facts(c, who, DAY) == facts


def test_doses_after_the_positive_test_are_no_facts_of_the_entry(ward: CareWard) -> None:
    who = ward.person()
    add(ward, who, "2022-03-01", "2022-04-01")
    with ward.store.read() as c:
        assert recorded_facts(c, who, date(2022, 3, 31)) == {
            "basic_doses": 1,
            "last_dose_on": date(2022, 3, 1),
        }


def test_no_dose_with_its_reason_is_known_and_leaves_the_unrecorded_list(ward: CareWard) -> None:
    who = ward.person("Chưa Tiêm")
    assert listed(ward)["unrecorded"] == ["Chưa Tiêm"]
    vaccination.not_vaccinated(ward.store, ward.who, who, "sợ tiêm")
    found = listed(ward)
    assert (found["unrecorded"], found["overdue"]) == ([], ["Chưa Tiêm"])
    add(ward, who, "2022-09-14")
    with pytest.raises(InvalidFields):
        vaccination.not_vaccinated(ward.store, ward.who, who, "sợ tiêm")


def test_the_sample_ward_has_somebody_on_every_list(tmp_path: Path) -> None:
    workspace = laptop(tmp_path / "mẫu")
    try:
        import_list(workspace, asset("samples", "danh_sach_phuong_mau.xlsx"))
        assert record_cards(workspace) > 100
        with workspace.store.read() as c:
            found = vaccination_lists(c, DAY)
        assert all(found.values())
    finally:
        workspace.close()
