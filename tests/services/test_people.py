"""Households and persons: made, changed, moved, dead, gone, and what their cards show."""

from __future__ import annotations

from datetime import date

import pytest
from door_to_door import AREA_ID, TODAY, WHO, family, household, later, person, rows, sheet_of

from sync.protocol import Row
from tui_app.errors import InvalidFields, NotFound
from tui_app.records.visits import Symptom, TestOutcome
from tui_app.services.access import access
from tui_app.services.people import cards, moving, people
from tui_app.services.people.cards import HouseholdCard, PersonCard
from tui_app.services.station import drafts
from tui_app.services.visits import visits
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows


def card_of(store: Store, ident: str) -> PersonCard:
    with store.read() as c:
        return cards.person_card(c, ident, TODAY)


def house_of(store: Store, ident: str) -> HouseholdCard:
    with store.read() as c:
        return cards.household_card(c, ident, TODAY)


def codes_of(store: Store, ident: str, *, restricted: bool = False) -> tuple[frozenset[str], frozenset[str]]:
    with store.read() as c:
        return people.person_codes(c, ident, TODAY, restricted=restricted)


def problem(refused: pytest.ExceptionInfo[InvalidFields]) -> tuple[str, str]:
    (one,) = refused.value.problems
    return one.field, one.key


def test_a_household_needs_an_address_or_a_code(store: Store) -> None:
    with pytest.raises(InvalidFields) as refused:
        people.save_household(store, WHO, {"phone": "+84903123456"}, area=AREA_ID)
    assert problem(refused) == ("address", "problems.missing")
    assert people.save_household(store, WHO, {"code": "0712"}, area=AREA_ID)


def test_a_household_cannot_lose_both_address_and_code(store: Store) -> None:
    door = household(store, "12 Lê Lợi")
    with pytest.raises(InvalidFields) as refused:
        people.save_household(store, WHO, {"address": "", "code": None}, household=door)
    assert problem(refused) == ("address", "problems.missing")


def test_a_household_without_a_unit_is_refused(store: Store) -> None:
    with pytest.raises(NotFound) as refused:
        people.save_household(store, WHO, {"address": "12 Lê Lợi"})
    assert refused.value.key == "errors.no_area"


def test_the_first_person_becomes_the_head(store: Store) -> None:
    door, members = family(store, count=2)
    card = house_of(store, door)
    assert card.fields["head"] == members[0]
    assert card.head_name == "Nguyễn Văn Đức"
    assert [member.full_name for member in card.members] == ["Nguyễn Văn Đức", "Trần Thị Thủy"]


def test_a_birth_in_the_future_is_refused(store: Store) -> None:
    door = household(store, "12 Lê Lợi")
    with pytest.raises(InvalidFields) as refused:
        person(store, door, "Nguyễn Văn Mai", birth_date="2026-11-23")
    assert problem(refused) == ("birth_date", "problems.day_to_come")


def test_groups_and_conditions_come_go_and_come_back(store: Store) -> None:
    door, (one,) = family(store, count=1)
    people.save_person(
        store, WHO, {}, person=one, risk_groups=frozenset({"elderly"}), conditions=frozenset({"asthma"})
    )
    assert codes_of(store, one) == (frozenset({"elderly"}), frozenset({"asthma"}))
    people.save_person(store, WHO, {}, person=one, risk_groups=frozenset(), conditions=frozenset())
    assert codes_of(store, one) == (frozenset(), frozenset())
    assert sheet_of(store, door).lines[0].alerts == ()
    people.save_person(
        store, WHO, {}, person=one, risk_groups=frozenset({"elderly"}), conditions=frozenset({"asthma"})
    )
    assert codes_of(store, one) == (frozenset({"elderly"}), frozenset({"asthma"}))
    assert len(rows(store, "SELECT id FROM risk_membership")) == 1  # one row a person and group, for ever


def test_a_form_that_does_not_show_restricted_conditions_leaves_them(store: Store) -> None:
    _, (one,) = family(store, count=1)
    people.save_person(store, WHO, {}, person=one, conditions=frozenset({"hiv"}), restricted=True)
    people.save_person(store, WHO, {}, person=one, conditions=frozenset({"asthma"}))
    assert codes_of(store, one)[1] == frozenset({"asthma"})
    assert codes_of(store, one, restricted=True)[1] == frozenset({"asthma", "hiv"})
    assert [one.code for one in card_of(store, one).conditions] == ["asthma"]


def test_saving_takes_the_forms_draft_away(store: Store) -> None:
    door = household(store, "12 Lê Lợi")
    drafts.keep(store, WHO, f"person:new:{door}", "person", {"full_name": "Ng"})
    person(store, door, "Nguyễn Văn Đức")
    with store.read() as c:
        assert drafts.count(c) == 0


def test_a_person_moves_to_another_door_of_the_unit(store: Store) -> None:
    door, (head, other) = family(store, count=2)
    empty = household(store, "20 Lê Lợi")
    moving.move_person(store, WHO, head, empty)
    assert [member.id for member in house_of(store, empty).members] == [head]
    assert house_of(store, empty).head_name == "Nguyễn Văn Đức"
    assert house_of(store, door).head_name == ""
    assert [member.id for member in house_of(store, door).members] == [other]


def test_a_person_does_not_move_into_another_unit(store: Store) -> None:
    _, (one,) = family(store, count=1)
    with store.write() as c:
        RecordRows().upsert(
            c, [Row(type="household", id="far", commune="27211", area="0190-area-2", seq=3, body={})]
        )
    with pytest.raises(InvalidFields) as refused:
        moving.move_person(store, WHO, one, "far")
    assert problem(refused) == ("household", "problems.other_unit")


def test_the_doors_a_person_can_move_to_are_the_others_of_the_unit_in_order(store: Store) -> None:
    door, (one,) = family(store, count=1)
    household(store, "20 Lê Lợi")
    near, _ = family(store, "9 Lê Lợi", count=1, code="0709")
    with store.read() as c:
        found = moving.doors_to_move_to(c, one)
    assert [label for _, label, _ in found] == ["0709, 9 Lê Lợi", "20 Lê Lợi"]
    assert found[0] == (near, "0709, 9 Lê Lợi", "Nguyễn Văn Đức")
    assert door not in [ident for ident, _, _ in found]


def test_a_death_takes_the_person_off_the_lists_and_can_be_taken_back(store: Store) -> None:
    door, members = family(store, count=2)
    people.mark_died(store, WHO, members[1], date(2026, 11, 20))
    assert [line.person for line in sheet_of(store, door).lines] == [members[0]]
    gone = house_of(store, door).members[1]
    assert (gone.id, gone.gone, gone.died) == (members[1], True, True)
    people.unmark(store, WHO, members[1])
    assert len(sheet_of(store, door).lines) == 2


def test_a_leaving_says_where_to(store: Store) -> None:
    _, members = family(store, count=2)
    people.mark_moved(store, WHO, members[1], TODAY, "Đồng Nai")
    fields = card_of(store, members[1]).fields
    assert (fields["moved_on"], fields["moved_to"]) == ("2026-11-22", "Đồng Nai")


def test_nobody_dies_tomorrow(store: Store) -> None:
    _, (one,) = family(store, count=1)
    with pytest.raises(InvalidFields) as refused:
        people.mark_died(store, WHO, one, date(2026, 11, 23))
    assert problem(refused) == ("died_on", "problems.day_to_come")


def test_numbers_are_masked_until_asked_for_and_asking_is_logged(store: Store) -> None:
    door = household(store, "12 Lê Lợi", phone="+84283855123")
    one = person(store, door, "Nguyễn Văn Đức", national_id="079061001234", phone="+84903123456")
    fields = card_of(store, one).fields
    assert (fields["national_id"], fields["phone"]) == ("•••••••••234", "•••••••••456")
    assert house_of(store, door).fields["phone"] == "•••••••••123"
    assert rows(store, "SELECT count(*) AS n FROM access_entry") == [{"n": 0}]
    shown = access.unmasked(store, WHO, one)
    assert shown == {"national_id": "079061001234", "phone": "+84903123456"}
    assert access.unmasked(store, WHO, door, "household") == {"phone": "+84283855123"}
    logged = rows(store, "SELECT who, what, record_type, record FROM access_entry ORDER BY id")
    assert logged == [
        {"who": "lan", "what": "unmask", "record_type": "person", "record": one},
        {"who": "lan", "what": "unmask", "record_type": "household", "record": door},
    ]


def test_a_card_lists_what_stands_newest_first(store: Store) -> None:
    door, (one,) = family(store, count=1)
    sheet = sheet_of(store, door)
    line = sheet.lines[0].toggle(Symptom.FEVER)
    first = visits.record_visit(store, WHO, sheet.with_line(line))
    later(store, minutes=10)
    again = sheet_of(store, door)
    from dataclasses import replace

    visits.record_visit(store, WHO, again.with_line(replace(again.lines[0], test=TestOutcome.POSITIVE)))
    events = card_of(store, one).events
    assert [(event.at, event.kind) for event in events] == [
        ("2026-11-22T02:15:00.000Z", "screening"),
        ("2026-11-22T02:15:00.000Z", "test_result"),
    ]
    assert events[0].fields["symptoms"] == ["fever"]
    assert events[1].fields["result"] == "positive"
    assert first not in [visit.record for visit in house_of(store, door).visits]
    assert [visit.kind for visit in house_of(store, door).visits] == ["met"]


def test_a_card_counts_what_is_not_sent_and_lists_who_changed_what(store: Store) -> None:
    _, (one,) = family(store, count=1)
    later(store, minutes=1)
    people.save_person(store, "minh", {"occupation": "thợ hồ"}, person=one)
    card = card_of(store, one)
    assert card.unsent == 2
    assert [(change.who, change.new, change.sent) for change in card.changes] == [
        ("minh", False, False),
        ("lan", True, False),
    ]
    assert card.changes[0].fields == ("occupation",)
    assert card.changed_by == "minh"


def test_age_of_a_year_alone_is_a_range_on_the_card(store: Store) -> None:
    door = household(store, "12 Lê Lợi")
    one = person(store, door, "Trần Thị Bé", birth_year=1961)
    age = card_of(store, one).age
    assert age is not None
    assert (age.low, age.high) == (64, 65)


def test_units_to_write_in_are_listed_by_name(store: Store) -> None:
    with store.read() as c:
        (unit,) = people.areas(c)
    assert (unit.id, unit.name, unit.commune_name) == (AREA_ID, "Khu phố 1", "Phường Hòa Bình")
