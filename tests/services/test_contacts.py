"""Contacts: a household in one step, nobody twice, watched by the rule of the day they met the case."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from sync import outbox
from tests.conftest import AREA
from tests.services.door_to_door import WHO, person, rows
from tests.services.patients import FIRST, Home, at, home
from tui_app.errors import InvalidFields, UserError
from tui_app.records.contacts import ContactKind
from tui_app.services.cases import contacts
from tui_app.services.cases.contact_lists import ContactLine, Day, contact_line, to_look_after
from tui_app.services.cases.contact_lists import contacts as lines_of
from tui_app.services.cases.contacts import Meeting
from tui_app.services.people import moving, people
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows

MET = Meeting(last_met_on=FIRST, protected=True)


@pytest.fixture
def patient(store: Store) -> Home:
    return home(store)


def lines(store: Store, case: str) -> list[ContactLine]:
    with store.read() as c:
        return lines_of(c, case, FIRST)


def line(store: Store, contact: str) -> ContactLine:
    with store.read() as c:
        return contact_line(c, contact, FIRST)


def test_everybody_of_the_household_but_the_patient_and_the_dead(store: Store, patient: Home) -> None:
    people.mark_died(store, WHO, patient.others[0], FIRST)
    assert len(contacts.add_household(store, WHO, patient.case, MET)) == 2
    assert {one.person for one in lines(store, patient.case)} == set(patient.others[1:])


def test_who_is_known_already_stays_as_they_are(store: Store, patient: Home) -> None:
    first = contacts.add_household(store, WHO, patient.case, MET)
    newcomer = person(store, patient.door, "Bà Tư")
    again = contacts.add_household(store, WHO, patient.case, Meeting(last_met_on=FIRST, protected=False))
    assert len(first) == 3
    assert [line(store, one).person for one in again] == [newcomer]
    assert [one.protected for one in lines(store, patient.case)].count(True) == 3


def test_two_laptops_that_note_the_same_person_write_the_same_record(store: Store, patient: Home) -> None:
    by_household = set(contacts.add_household(store, WHO, patient.case, MET))
    assert contacts.add_person(store, "minh", patient.case, patient.others[0], MET) in by_household


def test_each_is_protected_as_said_of_them(store: Store, patient: Home) -> None:
    said = {patient.others[0]: False}
    contacts.add_household(store, WHO, patient.case, MET, protected=said, without=[patient.others[1]])
    assert {one.person: one.protected for one in lines(store, patient.case)} == {
        patient.others[0]: False,
        patient.others[2]: True,
    }


# CV 762/BYT-DP, 21/02/2022: 5 + 5 days when fully vaccinated, else 7 + 3; CV 1909/BYT-DP, 15/04/2022: none any more;
# CV 10696/BYT-MT, 16/12/2021: 7 + 7 days (rules §2.11).
@pytest.mark.parametrize(
    ("met", "protected", "until"),
    [
        (date(2022, 3, 1), True, date(2022, 3, 11)),
        (date(2022, 3, 1), False, date(2022, 3, 11)),
        (date(2022, 2, 1), True, date(2022, 2, 15)),
        (date(2022, 4, 15), True, None),
        (date(2022, 4, 15), False, None),
    ],
)
def test_the_watch_is_the_one_of_the_day_they_met(
    store: Store, patient: Home, met: date, protected: bool, until: date | None
) -> None:
    at(store, 40, 9)
    made = contacts.add_named(
        store,
        WHO,
        patient.case,
        "Lê Văn Tám",
        Meeting(last_met_on=met, met=ContactKind.CARE, protected=protected),
    )
    assert line(store, made).watch_until == until
    (finding,) = line(store, made).findings
    assert (finding.kind, finding.outcome == "none_any_more") == ("contact_watch", until is None)


def test_the_contact_of_a_contact_is_noted_and_not_watched(store: Store, patient: Home) -> None:
    made = contacts.add_named(store, WHO, patient.case, "Lê Văn Tám", Meeting(last_met_on=FIRST, level=2))
    assert (line(store, made).level, line(store, made).watch_until, line(store, made).findings) == (
        2,
        None,
        (),
    )


def test_somebody_named_has_a_telephone_that_can_be_called(store: Store, patient: Home) -> None:
    made = contacts.add_named(store, WHO, patient.case, "  lê văn tám ", MET, phone="0903 222 333")
    assert rows(store, "SELECT phone FROM contact WHERE id = ?", made) == [{"phone": "+84903222333"}]
    assert line(store, made).phone.endswith("333")
    assert "222" not in line(store, made).phone
    with pytest.raises(InvalidFields):
        contacts.add_named(store, WHO, patient.case, "Tám", MET, phone="12")


def test_nobody_meets_the_case_tomorrow_and_the_patient_is_no_contact(store: Store, patient: Home) -> None:
    with pytest.raises(InvalidFields):
        contacts.add_household(store, WHO, patient.case, Meeting(last_met_on=date(2022, 3, 16)))
    with pytest.raises(InvalidFields):
        contacts.add_person(store, WHO, patient.case, patient.person, MET)
    assert lines(store, patient.case) == []


def test_a_day_is_noted_and_takes_somebody_off_the_list_of_that_day(store: Store, patient: Home) -> None:
    first, *others = contacts.add_household(store, WHO, patient.case, MET)
    at(store, 1, 9)
    contacts.check(store, WHO, first, Day(on=date(2022, 3, 16), temperature_c=36.8, symptoms=(), well=True))
    with store.read() as c:
        assert {one.id for one in to_look_after(c, date(2022, 3, 16))} == set(others)
        assert {one.id for one in to_look_after(c, date(2022, 3, 17))} == {first, *others}
        assert to_look_after(c, date(2022, 3, 26)) == [], "watched until the 25th"


def test_a_corrected_day_counts_as_it_was_corrected(store: Store, patient: Home) -> None:
    first = contacts.add_household(store, WHO, patient.case, MET)[0]
    wrong = contacts.check(store, WHO, first, Day(on=FIRST, temperature_c=39.0))
    contacts.check(store, WHO, first, Day(on=FIRST, temperature_c=36.9), amends=wrong)
    assert [check.day.temperature_c for check in line(store, first).checks] == [36.9]


@pytest.mark.parametrize(
    "day",
    [
        Day(on=FIRST, away=True, temperature_c=36.5),
        Day(on=FIRST, well=True, symptoms=("fever",)),
        Day(on=date(2022, 3, 16), well=True),
        Day(on=FIRST, note="gọi rồi"),
        Day(on=FIRST, symptoms=("fevr",)),
    ],
    ids=["away and seen", "well with fever", "tomorrow", "nothing known", "a symptom no set knows"],
)
def test_a_day_that_cannot_be_is_refused(store: Store, patient: Home, day: Day) -> None:
    first = contacts.add_household(store, WHO, patient.case, MET)[0]
    with pytest.raises(InvalidFields):
        contacts.check(store, WHO, first, day)
    assert line(store, first).checks == ()


def test_what_is_learned_later_moves_the_watch_by_the_rule_of_its_day(store: Store, patient: Home) -> None:
    """CV 10696/BYT-MT: 7 + 7 days; CV 762/BYT-DP from 21/02/2022: 5 + 5, else 7 + 3; CV 1909: none (rules §2.11)."""
    at(store, 40, 9)
    made = contacts.add_named(store, WHO, patient.case, "Lê Văn Tám", Meeting(last_met_on=FIRST))
    assert line(store, made).findings[0].limit == "7 + 3", "nobody asked: the longer isolation"
    assert contacts.correct(store, WHO, made, protected=True) == date(2022, 3, 25)
    assert (line(store, made).protected, line(store, made).findings[0].limit) == (True, "5 + 5")
    assert contacts.correct(store, WHO, made, last_met_on=date(2022, 2, 1)) == date(2022, 2, 15)
    assert line(store, made).protected is True
    assert contacts.correct(store, WHO, made, last_met_on=date(2022, 4, 15)) is None
    assert line(store, made).findings[0].outcome == "none_any_more"
    with pytest.raises(InvalidFields):
        contacts.correct(store, WHO, made, last_met_on=date(2022, 5, 1))


def test_the_watch_ends_with_a_reason_and_can_go_on(store: Store, patient: Home) -> None:
    first = contacts.add_household(store, WHO, patient.case, MET)[0]
    with pytest.raises(InvalidFields):
        contacts.end_watch(store, WHO, first, "")
    contacts.end_watch(store, WHO, first, "đủ ngày")
    assert not line(store, first).watched(FIRST)
    contacts.watch_again(store, WHO, first)
    assert line(store, first).watched(FIRST)


def test_a_contact_who_tests_positive_has_a_case_of_their_own(store: Store, patient: Home) -> None:
    first = contacts.add_household(store, WHO, patient.case, MET)[0]
    at(store, 2, 9)
    day = date(2022, 3, 17)
    opened = contacts.becomes_case(store, WHO, first, started_on=day, first_positive_on=day)
    (row,) = rows(store, 'SELECT person FROM "case" WHERE id = ?', opened.case)
    assert row["person"] == line(store, first).person
    assert (line(store, first).ended_on, line(store, first).end_reason) == (day, contacts.BECAME_CASE)


def test_somebody_who_is_only_named_has_to_be_a_person_first(store: Store, patient: Home) -> None:
    made = contacts.add_named(store, WHO, patient.case, "Lê Văn Tám", MET)
    with pytest.raises(UserError):
        contacts.becomes_case(store, WHO, made, started_on=FIRST, first_positive_on=FIRST)


def test_who_moves_to_another_unit_is_watched_there_with_the_days_already_seen(
    store: Store, patient: Home
) -> None:
    with store.write() as c:
        other = msgspec.structs.replace(AREA, id="0190-area-2", area="0190-area-2")
        RecordRows().upsert(c, [other])
        outbox.hold_area(c, other.area, other.commune, "write")
    first = contacts.add_household(store, WHO, patient.case, MET)[0]
    contacts.check(store, WHO, first, Day(on=FIRST, temperature_c=36.9))
    door = people.save_household(store, WHO, {"address": "5 Hòa Bình"}, area=other.id)
    moving.move_person(store, WHO, line(store, first).person, door)
    assert rows(store, "SELECT area FROM contact WHERE id = ?", first) == [{"area": other.id}]
    assert rows(store, "SELECT area FROM contact_check") == [{"area": other.id}]
    assert len(line(store, first).checks) == 1
