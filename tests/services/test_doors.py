"""Hôm nay: walking order and what became of each door."""

from __future__ import annotations

from datetime import timedelta

from door_to_door import TODAY, WHO, family, household, later, person, sheet_of

from tui_app.records.visits import Symptom, VisitOutcome
from tui_app.services.people import doors
from tui_app.services.people.doors import Door, DoorState
from tui_app.services.visits import visits
from tui_app.store.engine import Store
from tui_app.text import fold


def listed(store: Store) -> list[Door]:
    with store.read() as c:
        return doors.doors(c, TODAY)


def only(store: Store) -> Door:
    (door,) = listed(store)
    return door


def test_walking_order_is_alley_then_place_then_house_number(store: Store) -> None:
    household(store, "12 Lê Lợi", alley="Hẻm 2")
    household(store, "9 Lê Lợi", alley="Hẻm 2")
    household(store, "12/3 Lê Lợi", alley="Hẻm 2")
    household(store, "80 Lê Lợi", alley="Hẻm 2", walk_order=1)
    household(store, "1 Lê Lợi", alley="Hẻm 10")
    assert [door.address for door in listed(store)] == [
        "80 Lê Lợi",
        "9 Lê Lợi",
        "12 Lê Lợi",
        "12/3 Lê Lợi",
        "1 Lê Lợi",
    ]


def test_an_unvisited_door_is_left_and_says_who_lives_there(store: Store) -> None:
    family(store, code="0712")
    door = only(store)
    assert (door.state, door.code, door.head_name) == (DoorState.LEFT, "0712", "Nguyễn Văn Đức")
    assert (door.persons, door.asked, door.unwell, door.last_visit) == (5, 0, 0, None)
    assert door.unit == "Khu phố 1"


def test_the_dead_and_the_gone_are_not_counted(store: Store) -> None:
    door, _ = family(store, count=2)
    person(store, door, "Lê Văn Cũ", died_on="2026-01-02")
    person(store, door, "Lê Văn Xa", moved_on="2026-01-02")
    assert only(store).persons == 2


def test_a_door_is_met_when_everybody_was_asked(store: Store) -> None:
    door, _ = family(store)
    sheet = sheet_of(store, door)
    unwell = sheet.with_line(sheet.lines[1].toggle(Symptom.FEVER)).rest_well()
    visits.record_visit(store, WHO, unwell)
    found = only(store)
    assert (found.state, found.asked, found.unwell) == (DoorState.MET, 5, 1)
    assert found.last_visit == "2026-11-22T02:05:00.000Z"


def test_a_door_is_partly_done_while_somebody_was_not_asked(store: Store) -> None:
    door, _ = family(store)
    sheet = sheet_of(store, door)
    visits.record_visit(store, WHO, sheet.with_line(sheet.lines[0].well()))
    found = only(store)
    assert (found.state, found.asked, found.persons) == (DoorState.PARTLY, 1, 5)


def test_absent_refused_and_moved_are_told_apart(store: Store) -> None:
    for place, outcome in enumerate((VisitOutcome.ABSENT, VisitOutcome.REFUSED, VisitOutcome.MOVED)):
        visits.record_outcome(store, WHO, household(store, f"{place + 1} Lê Lợi"), outcome)
    assert [door.state for door in listed(store)] == [DoorState.ABSENT, DoorState.REFUSED, DoorState.MOVED]


def test_somebody_met_later_outranks_the_empty_knock_and_stays_so(store: Store) -> None:
    door, _ = family(store)
    visits.record_outcome(store, WHO, door, VisitOutcome.ABSENT)
    later(store, hours=1)
    visits.record_visit(store, WHO, sheet_of(store, door).rest_well())
    later(store, hours=1)
    visits.record_outcome(store, WHO, door, VisitOutcome.ABSENT)
    assert only(store).state == DoorState.MET


def test_a_visit_of_yesterday_leaves_the_door_to_do_today(store: Store) -> None:
    door, _ = family(store)
    today = store.clock()
    later(store, days=-1)
    visits.record_visit(store, WHO, sheet_of(store, door, TODAY - timedelta(days=1)).rest_well())
    assert today - store.clock() == timedelta(days=1)
    found = only(store)
    assert (found.state, found.asked) == (DoorState.LEFT, 0)
    assert found.last_visit == "2026-11-21T02:05:00.000Z"


def test_the_day_ends_at_midnight_in_viet_nam(store: Store) -> None:
    door, _ = family(store)
    later(store, hours=-9, minutes=-6)  # 23:59 on the day before, in Viet Nam
    visits.record_outcome(store, WHO, door, VisitOutcome.ABSENT)
    assert only(store).state == DoorState.LEFT
    later(store, minutes=1)  # 00:00
    visits.record_outcome(store, WHO, door, VisitOutcome.ABSENT)
    assert only(store).state == DoorState.ABSENT


def test_a_draft_shows_at_its_door(store: Store) -> None:
    door, _ = family(store)
    visits.keep_draft(store, WHO, sheet_of(store, door).rest_well())
    assert only(store).state == DoorState.DRAFT
    visits.drop_draft(store, door)
    assert only(store).state == DoorState.LEFT


def test_a_visit_taken_back_no_longer_counts(store: Store) -> None:
    door, _ = family(store)
    visit = visits.record_outcome(store, WHO, door, VisitOutcome.ABSENT)
    visits.withdraw_visit(store, WHO, visit)
    found = only(store)
    assert (found.state, found.visit, found.last_visit) == (DoorState.LEFT, None, None)


def test_a_correction_taken_back_lets_the_first_visit_stand_again(store: Store) -> None:
    door, _ = family(store)
    sheet = sheet_of(store, door)
    first = visits.record_visit(store, WHO, sheet.with_line(sheet.lines[0].well()))
    later(store, minutes=5)
    second = visits.record_visit(store, WHO, sheet_of(store, door).rest_well())
    assert (only(store).visit, only(store).state) == (second, DoorState.MET)
    visits.withdraw_visit(store, WHO, second)
    visits.drop_draft(store, door)
    assert (only(store).visit, only(store).state) == (first, DoorState.PARTLY)


def test_counts_by_state(store: Store) -> None:
    visits.record_outcome(store, WHO, household(store, "1 Lê Lợi"), VisitOutcome.ABSENT)
    household(store, "2 Lê Lợi")
    household(store, "3 Lê Lợi")
    counted = doors.summary(listed(store))
    assert (counted[DoorState.ABSENT], counted[DoorState.LEFT], counted[DoorState.MET]) == (1, 2, 0)


def test_the_next_door_is_the_next_open_one_and_wraps_round(store: Store) -> None:
    ids = [household(store, f"{number} Lê Lợi") for number in (1, 2, 3)]
    visits.record_outcome(store, WHO, ids[1], VisitOutcome.ABSENT)
    lines = listed(store)
    after = doors.next_door(lines, ids[0])
    assert after is not None
    assert after.household == ids[2]
    after = doors.next_door(lines, ids[2])
    assert after is not None
    assert after.household == ids[0]


def test_after_the_last_open_door_there_is_none(store: Store) -> None:
    door = household(store, "1 Lê Lợi")
    assert doors.next_door(listed(store), door) is None


def test_the_filter_takes_beginnings_of_words_without_marks(store: Store) -> None:
    family(store, "12 Lê Lợi", code="0712")
    door = only(store)
    assert door.matches([fold("Lợi"), "duc"])
    assert door.matches(["071"])
    assert not door.matches(["uc"])
