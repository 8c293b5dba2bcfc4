"""Two records made one, called two, and taken back: values chosen, what goes along, who may, what is found then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sync.protocol import Row
from tests.services.laptop_alone import KEY, UNITS, area_id, exported, laptop, live, total
from tui_app.bootstrap import Workspace
from tui_app.errors import InvalidFields, NotFound, NotOpened
from tui_app.services.access import access
from tui_app.services.cases import board, cases
from tui_app.services.duplicates import merging
from tui_app.services.duplicates.comparing import FIRST, SECOND, Comparison, compare
from tui_app.services.duplicates.decided import decided, merged_into
from tui_app.services.duplicates.duplicates import candidates, candidates_of, reasons_of
from tui_app.services.duplicates.merging import Given, NotMerged
from tui_app.services.people import cards, moving, people
from tui_app.services.people.finding import matched_identity
from tui_app.services.visits import visits
from tui_app.store import search
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows, table

WHO = "lan"
GOES_ALONG = ("person", "risk_membership", "merge_decision")
BE = {"full_name": "Nguyễn Thị Bé", "birth_date": "1955-03-12", "sex": "female"}


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Workspace]:
    made = laptop(tmp_path)
    yield made
    made.store.close()


def door(ward: Workspace, address: str = "12 Lê Lợi", unit: int = 1, **fields: Any) -> str:
    return people.save_household(ward.store, WHO, {"address": address, **fields}, area=area_id(unit))


def person(ward: Workspace, home: str, *, groups: frozenset[str] | None = None, **fields: Any) -> str:
    return people.save_person(ward.store, WHO, {**BE, **fields}, household=home, risk_groups=groups)


def merge(ward: Workspace, kept: str, other: str, subject: str = "person", **taken: Any) -> merging.Merged:
    return merging.merge(ward.store, WHO, subject, kept, other, taken, "xem CCCD")


def side_by_side(ward: Workspace, kept: str, other: str, subject: str = "person") -> Comparison:
    with ward.store.read() as c:
        return compare(c, subject, kept, other)


def queue(ward: Workspace, subject: str = "person") -> list[tuple[str, str, str]]:
    with ward.store.read() as c:
        return [(one.first.id, one.second.id, str(one.strength)) for one in candidates(c, subject=subject)]


def body(ward: Workspace, ident: str, type_name: str = "person") -> dict[str, Any]:
    with ward.store.read() as c:
        return dict(table(type_name).read(c, [ident])[ident].body)


def hits(ward: Workspace, typed: str) -> list[str]:
    with ward.store.read() as c:
        return [hit.id for hit in search.find(c, typed)]


# ---- choosing


def test_plain_fields_propose_the_later_and_clinical_ones_nothing(ward: Workspace) -> None:
    home = door(ward)
    kept = person(ward, home, phone="+84903000001", occupation="làm ruộng")
    ward.clock.forward(minutes=1)  # type: ignore[attr-defined]
    other = person(ward, home, full_name="Nguyễn Thị Bế", phone="+84903000002", national_id="079155000123")
    pairs = {one.field: (one.clinical, one.proposed) for one in side_by_side(ward, kept, other).fields}
    assert pairs == {
        "full_name": (True, None),
        "national_id": (True, SECOND),  # the only number there is
        "phone": (False, SECOND),
        "occupation": (False, FIRST),
    }


def test_what_emptiness_says_is_for_a_person_to_choose(ward: Workspace) -> None:
    """That one record says died and the other nothing is a difference: nobody dies by a proposal."""
    home = door(ward)
    kept, other = person(ward, home), person(ward, home)
    people.mark_died(ward.store, WHO, other, date(2026, 11, 20))
    assert [(one.field, one.proposed) for one in side_by_side(ward, kept, other).fields] == [
        ("died_on", None)
    ]


def test_a_clinical_difference_refuses_until_chosen(ward: Workspace) -> None:
    home = door(ward)
    kept, other = person(ward, home), person(ward, home, sex="male", full_name="Nguyễn Thị Bế")
    with pytest.raises(InvalidFields) as refused:
        merge(ward, kept, other, sex=FIRST)
    assert [problem.field for problem in refused.value.problems] == ["full_name"]
    assert total(ward, "merge_decision") == 0
    merge(ward, kept, other, sex=SECOND, full_name=Given("Nguyễn Thị Bé Ba"))
    assert (body(ward, kept)["sex"], body(ward, kept)["full_name"]) == ("male", "Nguyễn Thị Bé Ba")


def test_a_typed_value_is_checked(ward: Workspace) -> None:
    home = door(ward)
    kept, other = person(ward, home), person(ward, home, sex="male")
    with pytest.raises(InvalidFields):
        merge(ward, kept, other, sex=Given("nam giới"))


def test_a_full_date_and_its_year_are_no_question(ward: Workspace) -> None:
    home = door(ward)
    kept = person(ward, home, birth_date=None, birth_year=1955)
    other = person(ward, home)
    assert [(one.field, one.proposed) for one in side_by_side(ward, kept, other).fields] == [
        ("birth_date", SECOND)
    ]
    merge(ward, kept, other)
    assert (body(ward, kept)["birth_date"], body(ward, kept).get("birth_year")) == ("1955-03-12", None)


def test_years_that_do_not_fit_are_a_question(ward: Workspace) -> None:
    home = door(ward)
    kept, other = person(ward, home, birth_date=None, birth_year=1950), person(ward, home)
    pairs = {one.field: one.proposed for one in side_by_side(ward, kept, other).fields}
    assert pairs == {"birth_date": None, "birth_year": None}


# ---- what goes along


def test_records_of_both_are_one_persons_and_come_back(ward: Workspace) -> None:
    here, there = door(ward), door(ward, "14 Lê Lợi")
    kept, other = person(ward, here), person(ward, there, groups=frozenset({"elderly"}))
    before = exported(ward)
    with ward.store.read() as c:
        sheet = visits.visit_sheet(c, there, date(2026, 11, 22))
    visits.record_visit(ward.store, WHO, sheet)
    screened = exported(ward, "screening")
    done = merge(ward, kept, other, household=FIRST)
    with ward.store.read() as c:
        card = cards.person_card(c, kept, date(2026, 11, 22))
        assert [group.code for group in card.risk_groups] == ["elderly"]
        assert len(card.events) == 1
        assert [one.merged for one in card.merges] == [other]
        assert cards.person_card(c, other, date(2026, 11, 22)).id == kept, "a bookmark leads to the one kept"
    assert [row.id for row in live(ward, "person")] == [kept]
    assert [row.body["person"] for row in live(ward, "screening")] == [kept]
    assert merging.undo(ward.store, WHO, done.decision) == ()
    assert exported(ward, "screening") == screened
    assert len(live(ward, "person")) == 2
    assert body(ward, there, "household")["head"] == other, "the head of the household is back"
    assert exported(ward, "risk_membership") in before


def test_the_head_who_lives_elsewhere_now_is_the_head_no_more(ward: Workspace) -> None:
    here, there = door(ward), door(ward, "14 Lê Lợi")
    kept, other = person(ward, here), person(ward, there)
    merge(ward, kept, other, household=FIRST)
    assert body(ward, there, "household").get("head") is None
    assert body(ward, here, "household")["head"] == kept


def test_a_group_both_have_is_ended_once_and_for_all(ward: Workspace) -> None:
    home, groups = door(ward), frozenset({"elderly"})
    kept, other = person(ward, home, groups=groups), person(ward, home, groups=groups)
    done = merge(ward, kept, other)
    assert len(live(ward, "risk_membership")) == 1
    people.save_person(ward.store, WHO, {}, person=kept, risk_groups=frozenset())
    with ward.store.read() as c:
        assert people.person_codes(c, kept, date(2026, 11, 22)) == (frozenset(), frozenset())
    merging.undo(ward.store, WHO, done.decision)
    with ward.store.read() as c:
        assert people.person_codes(c, other, date(2026, 11, 22)) == (frozenset(), frozenset())


def test_a_condition_taken_away_does_not_come_back_from_the_merged_record(ward: Workspace) -> None:
    home = door(ward)
    kept, other = person(ward, home), person(ward, home)
    for one in (kept, other):
        people.save_person(ward.store, WHO, {}, person=one, conditions=frozenset({"asthma"}))
    merge(ward, kept, other)
    people.save_person(ward.store, WHO, {}, person=kept, conditions=frozenset())
    assert live(ward, "person_condition") == []


def test_two_that_say_different_things_of_one_condition_both_stay(ward: Workspace) -> None:
    home = door(ward)
    kept, other = person(ward, home), person(ward, home)
    for one, treated in ((kept, True), (other, False)):
        people.save_person(ward.store, WHO, {}, person=one, conditions=frozenset({"asthma"}))
        (row,) = live(ward, "person_condition", "person = ?", one)
        with ward.store.work(WHO) as work:
            work.change("person_condition", row.id, {"treated": treated})
    merge(ward, kept, other)
    assert {row.body["treated"] for row in live(ward, "person_condition")} == {True, False}


def test_two_open_cases_are_said_and_stand_first_on_the_board(ward: Workspace) -> None:
    home = door(ward)
    ward.clock.now = datetime(2022, 2, 20, 2, tzinfo=UTC)  # type: ignore[attr-defined]
    kept, other, third = (
        person(ward, home),
        person(ward, home),
        person(ward, door(ward, "1 An Dương"), full_name="Lê An"),
    )
    opened = [
        cases.open_case(
            ward.store, WHO, one, source="screening", started_on=date(2022, 2, 20), place="home"
        ).case
        for one in (third, kept, other)
    ]
    assert side_by_side(ward, kept, other).two_cases
    assert set(merge(ward, kept, other).open_cases) == set(opened[1:])
    with ward.store.read() as c:
        lines = board.board(c, ward.clock())
    assert [(line.person, line.open_cases) for line in lines] == [(kept, 2), (kept, 2), (third, 1)]
    cases.end_case(ward.store, WHO, opened[2], "mistaken", date(2022, 2, 20), "ghi hai lần")
    with ward.store.read() as c:
        assert {line.open_cases for line in board.board(c, ward.clock()) if line.round != "ended"} == {1}


def test_old_name_and_numbers_find_the_one_kept(ward: Workspace) -> None:
    home = door(ward)
    kept = person(ward, home, national_id="079155000123")
    other = person(ward, home, full_name="Trần Thị Mùi", citizen_id_old="021234567", phone="+84903000009")
    done = merge(ward, kept, other, full_name=FIRST, citizen_id_old=FIRST, phone=FIRST)
    assert body(ward, kept).get("phone") is None
    for typed in ("mui", "Trần Mùi", "021234567", "000009", "nguyen be", "079155000123"):
        assert hits(ward, typed) == [kept], typed
    with ward.store.read() as c:
        assert search.check(c) == 0
    merging.undo(ward.store, WHO, done.decision)
    assert hits(ward, "mui") == [other]
    with ward.store.read() as c:
        assert search.check(c) == 0


# ---- units and roles


def test_records_of_another_unit_come_along_and_go_back(ward: Workspace) -> None:
    here, there = door(ward), door(ward, "3 Hòa Hưng", unit=2)
    kept, other = person(ward, here), person(ward, there, groups=frozenset({"elderly"}))
    assert side_by_side(ward, kept, other).other_unit
    done = merge(ward, kept, other, household=FIRST)
    assert {row.area for name in ("risk_membership", "merge_decision") for row in live(ward, name)} == {
        area_id(1)
    }
    merging.undo(ward.store, WHO, done.decision)
    with ward.store.read() as c:
        rows = table("person").read(c, [kept, other])
    assert (rows[kept].area, rows[other].area) == (area_id(1), area_id(2))
    assert [row.area for row in live(ward, "risk_membership")] == [area_id(2)]


def test_the_kept_person_goes_to_the_unit_of_the_chosen_household(ward: Workspace) -> None:
    here, there = door(ward), door(ward, "3 Hòa Hưng", unit=2)
    kept, other = person(ward, here), person(ward, there)
    done = merge(ward, kept, other, household=SECOND)
    (row,) = live(ward, "person")
    assert (row.id, row.area, row.body["household"]) == (kept, area_id(2), there)
    merging.undo(ward.store, WHO, done.decision)
    assert {row.id: row.area for row in live(ward, "person")} == {kept: area_id(1), other: area_id(2)}


def test_a_unit_that_may_only_be_read_is_refused(ward: Workspace) -> None:
    kept, other = person(ward, door(ward)), person(ward, door(ward, "3 Hòa Hưng", unit=2))
    with ward.store.write() as c:
        c.execute("UPDATE cursor SET mode = 'read' WHERE area = ?", (area_id(2),))
    with pytest.raises(NotMerged) as refused:
        merge(ward, kept, other, household=FIRST)
    assert refused.value.key == "duplicates.other_unit"
    assert total(ward, "merge_decision") == 0


def test_a_merged_person_moves_with_everything_behind(ward: Workspace) -> None:
    here, there = door(ward), door(ward, "3 Hòa Hưng", unit=2)
    groups = frozenset({"elderly"})
    kept, other = person(ward, here, groups=groups), person(ward, here, groups=groups)
    done = merge(ward, kept, other)
    moving.move_person(ward.store, WHO, kept, there)
    with ward.store.read() as c:
        areas = [c.execute(f"SELECT DISTINCT area FROM {name}").fetchall() for name in GOES_ALONG]
    assert [[area for (area,) in found] for found in areas] == [[area_id(2)]] * len(GOES_ALONG)
    merging.undo(ward.store, WHO, done.decision)
    assert {row.id for row in live(ward, "person")} == {kept, other}


def test_a_merged_record_that_was_put_elsewhere_since_is_brought_back(ward: Workspace) -> None:
    """On another laptop, by whoever did not know of the merge."""
    here, there = door(ward), door(ward, "3 Hòa Hưng", unit=2)
    kept, other = person(ward, here), person(ward, here, groups=frozenset({"elderly"}))
    merge(ward, kept, other)
    with ward.store.work("tu") as work:
        place = work.get("household", there)
        work.move("person", other, place)
        for row in live(ward, "risk_membership"):
            work.move(row.type, row.id, place)
    assert queue(ward) == [(kept, other, "review")]
    merge(ward, kept, other, household=FIRST)
    assert queue(ward) == []
    with ward.store.read() as c:
        assert table("person").read(c, [other])[other].area == area_id(1)
    assert [row.area for row in live(ward, "risk_membership")] == [area_id(1)]


def test_a_viewer_sees_no_pair_and_merges_nothing(ward: Workspace) -> None:
    home = door(ward)
    kept, other = person(ward, home), person(ward, home)
    looker = Store(ward.store.path, KEY, clock=ward.clock, role="viewer")
    try:
        with looker.read() as c, pytest.raises(NotOpened):
            candidates(c)
        with pytest.raises(NotOpened):
            merging.merge(looker, "xem", "person", kept, other, {})
    finally:
        looker.close()


def test_what_somebody_called_two_is_overruled_by_them_or_by_the_chief(ward: Workspace) -> None:
    home = door(ward)
    kept, other = person(ward, home), person(ward, home)
    merging.not_same(ward.store, "tu", "person", kept, other, "hai chị em")
    (against,) = side_by_side(ward, kept, other).against
    assert (against.who, against.reason) == ("tu", "hai chị em")
    member = Store(ward.store.path, KEY, clock=ward.clock, role="member")
    try:
        with pytest.raises(NotMerged) as refused:
            merging.merge(member, WHO, "person", kept, other, {})
        assert refused.value.key == "duplicates.said_not_same"
        merging.merge(member, "tu", "person", kept, other, {})
    finally:
        member.close()
    assert [row.id for row in live(ward, "person")] == [kept]


def test_each_decision_is_in_the_journal_of_access(ward: Workspace) -> None:
    home = door(ward)
    kept, other = person(ward, home), person(ward, home)
    done = merge(ward, kept, other)
    merging.undo(ward.store, "tu", done.decision)
    with ward.store.read() as c:
        noted = {(e.who, e.record, e.detail) for e in access.entries(c) if e.what == "merge"}
    assert noted == {
        (who, one, what) for who, what in ((WHO, "same"), ("tu", "undone")) for one in (kept, other)
    }


def test_what_is_decided_can_be_taken_back_once(ward: Workspace) -> None:
    home = door(ward)
    kept, other = person(ward, home), person(ward, home)
    done = merge(ward, kept, other)
    with ward.store.read() as c:
        assert [(one.id, one.verdict, one.reason) for one in decided(c, "person")] == [
            (done.decision, "same", "xem CCCD")
        ]
        assert [one.id for one in merged_into(c, "person", kept)] == [done.decision]
    merging.undo(ward.store, WHO, done.decision)
    with pytest.raises(NotMerged):
        merging.undo(ward.store, WHO, done.decision)
    with pytest.raises(NotFound):
        merging.undo(ward.store, WHO, "không có")
    with pytest.raises(NotFound):
        merge(ward, kept, kept)


# ---- the queue


def test_not_the_same_is_remembered_until_a_number_is_equal(ward: Workspace) -> None:
    home = door(ward)
    one, other = sorted((person(ward, home), person(ward, home)))
    assert queue(ward) == [(one, other, "strong")]
    with ward.store.read() as c:
        seen = reasons_of(c, "person", one, other)
    merging.not_same(ward.store, WHO, "person", one, other, "hai chị em", seen)
    assert queue(ward) == []
    with ward.store.read() as c:
        assert candidates_of(c, one) == []
    for ident in (one, other):
        people.save_person(ward.store, WHO, {"national_id": "079155000123"}, person=ident)
    assert queue(ward) == [(one, other, "strong")]


def test_a_card_names_its_double_as_the_queue_does(ward: Workspace) -> None:
    home = door(ward)
    one = person(ward, home, insurance_number="GD4797912345678")
    other = person(ward, door(ward, "3 Hòa Hưng", unit=2), birth_date=None, insurance_number="7912345678")
    person(ward, home, full_name="Lê Văn Tư", insurance_number="7912345679")
    with ward.store.read() as c:
        assert candidates_of(c, one) == candidates(c) != []
        assert {pair.first.id for pair in candidates_of(c, other)} | {
            pair.second.id for pair in candidates(c)
        } == {
            one,
            other,
        }


def test_an_old_number_of_a_person_counts(ward: Workspace) -> None:
    one, other = person(ward, door(ward)), person(ward, door(ward, "3 Hòa Hưng"), full_name="Nguyễn Thị Bế")
    people.save_person(ward.store, WHO, {"citizen_id_old": "021234567"}, person=one)
    with ward.store.work(WHO) as work:
        number = {"person": other, "kind": "citizen_id_old", "number": "021234567"}
        work.create("person_identifier", number, place=work.get("person", other))
    assert {(first, second) for first, second, _ in queue(ward)} == {tuple(sorted((one, other)))}


def test_a_number_of_a_merged_record_is_the_kept_ones(ward: Workspace) -> None:
    home = door(ward)
    kept, other = person(ward, home), person(ward, home, citizen_id_old="021234567")
    merge(ward, kept, other, citizen_id_old=FIRST)
    third = person(ward, door(ward, "3 Hòa Hưng"), full_name="Nguyễn Thị Bế", citizen_id_old="021234567")
    assert queue(ward) == [(*sorted((kept, third)), "strong")]
    with ward.store.read() as c:
        assert matched_identity(c, kept, "021234567") == "citizen_id_old"


# ---- households


def test_households_become_one_with_their_persons_and_visits(ward: Workspace) -> None:
    here, there = door(ward, phone="+84903000001"), door(ward, "12 lê lợi", phone="+84903000001")
    one, other = person(ward, here), person(ward, there, full_name="Lê Văn Tư", sex="male")
    visits.record_outcome(ward.store, WHO, there, visits.VisitOutcome.ABSENT)
    assert [strength for *_, strength in queue(ward, "household")] == ["likely"]
    done = merge(ward, here, there, "household", head=SECOND)
    with ward.store.read() as c:
        card = cards.household_card(c, here, date(2026, 11, 22))
    assert {member.id for member in card.members} == {one, other}
    assert card.head_name == "Lê Văn Tư"
    assert [visit.kind for visit in card.visits] == ["absent"]
    assert [row.id for row in live(ward, "household")] == [here]
    merging.undo(ward.store, WHO, done.decision)
    with ward.store.read() as c:
        assert [member.id for member in cards.household_card(c, here, date(2026, 11, 22)).members] == [one]
        assert [member.id for member in cards.household_card(c, there, date(2026, 11, 22)).members] == [other]
        assert cards.household_card(c, here, date(2026, 11, 22)).head_name == "Nguyễn Thị Bé"


def test_what_a_door_was_told_before_a_merge_is_kept_by_units_and_exports(ward: Workspace) -> None:
    assert len(UNITS) == 6
    here, there = door(ward), door(ward, "3 Hòa Hưng", unit=2)
    person(ward, here)
    other = person(ward, there, full_name="Lê Văn Tư")
    done = merge(ward, here, there, "household", address=FIRST, head=FIRST)
    assert {row.area for row in live(ward, "person")} == {area_id(1)}
    merging.undo(ward.store, WHO, done.decision)
    with ward.store.read() as c:
        assert table("person").read(c, [other])[other].area == area_id(2)


def test_a_decision_that_another_program_wrote_otherwise_breaks_nothing(ward: Workspace) -> None:
    home = door(ward)
    kept, other = person(ward, home), person(ward, home)
    odd = {
        "subject": "person",
        "verdict": "same",
        "kept": kept,
        "merged": other,
        "at": ward.clock().isoformat(),
    }
    with ward.store.write() as c:
        place = table("person").said(c, [kept])[kept]
        rows = [
            Row(
                type="merge_decision",
                id="d1",
                commune=place.commune,
                area=place.area,
                seq=1,
                body={**odd, **more},
            )
            for more in (
                {
                    "fields": ["x", {"field": "sex"}],
                    "carried": [7, {"type": "person", "id": other, "was": 1}],
                },
            )
        ]
        rows.append(
            Row(type="merge_decision", id="d2", commune=place.commune, area=place.area, seq=2, body={})
        )
        RecordRows().upsert(c, rows)
    assert [row.id for row in live(ward, "person")] == [kept]
    assert queue(ward) == []
    assert merging.undo(ward.store, WHO, "d1") == ()
    assert len(live(ward, "person")) == 2
