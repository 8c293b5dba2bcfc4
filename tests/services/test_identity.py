"""Whom a card or number means, and the numbers a person has had."""

from __future__ import annotations

from datetime import date

import pytest
from door_to_door import WHO, household, later, person

from sync import outbox
from tui_app.errors import InvalidFields, NotOpened
from tui_app.records.identity import IdentifierKind
from tui_app.records.scans import Garbled, ScanKind
from tui_app.records.tokens import token
from tui_app.services.duplicates import merging
from tui_app.services.duplicates.comparing import FIRST
from tui_app.services.people import identity, people
from tui_app.services.people.identity import Difference, Recognised
from tui_app.store.engine import Store

CARD = "001090123456|012345678|NGUYEN VAN A|01011990|Nam|Số 1, Phường X|15042021"


def recognised(store: Store, text: str) -> Recognised:
    with store.read() as c:
        return identity.recognise(c, text)


def by_number(store: Store, number: str) -> set[str]:
    with store.read() as c:
        return set(identity.find_by_number(c, number))


@pytest.fixture
def door(store: Store) -> str:
    return household(store, "12 Lê Lợi")


def test_the_person_with_the_cards_number_is_found_and_agrees(store: Store, door: str) -> None:
    known = person(
        store,
        door,
        "Nguyễn Văn A",
        national_id="001090123456",
        citizen_id_old="012345678",
        birth_date="1990-01-01",
        sex="male",
    )
    (match,) = recognised(store, CARD).matches
    assert (match.person, match.by, match.address, match.gone) == (known, "national_id", "12 Lê Lợi", False)
    assert match.differs == (), "marks a card lacks are no difference"


def test_what_a_card_says_otherwise_is_listed_and_nothing_is_written(store: Store, door: str) -> None:
    known = person(store, door, "Nguyễn Văn Ba", national_id="001090123456", birth_year=1991)
    with store.read() as c:
        before = outbox.counts(c)
    (match,) = recognised(store, CARD).matches
    assert match.person == known
    assert match.differs == (
        Difference("full_name", "Nguyen Van A", "Nguyễn Văn Ba"),
        Difference("birth_date", "1990-01-01", "1991"),
        Difference("sex", "male", ""),
        Difference("citizen_id_old", "012345678", ""),
    )
    with store.read() as c:
        assert outbox.counts(c) == before


def test_without_the_number_the_same_name_and_birth_may_be_meant(store: Store, door: str) -> None:
    same_day = person(store, door, "Nguyễn Văn A", birth_date="1990-01-01")
    same_year = person(store, door, "Nguyễn Văn A", birth_year=1990)
    person(store, door, "Nguyễn Văn A", birth_date="1990-02-01")
    person(store, door, "Nguyễn Văn A", birth_year=1990, national_id="001090000000")
    person(store, door, "Nguyễn Văn A")
    matches = recognised(store, CARD).matches
    assert {match.person for match in matches} == {same_day, same_year}
    assert {match.by for match in matches} == {""}


def test_an_old_number_that_is_kept_beside_the_record_still_finds_them(store: Store, door: str) -> None:
    known = person(store, door, "Trần Thị Bé", national_id="079168001234")
    ident = identity.add_identifier(
        store, WHO, known, IdentifierKind.NATIONAL_ID, "001090123456", valid_to=date(2024, 7, 1)
    )
    again = identity.add_identifier(
        store, WHO, known, IdentifierKind.NATIONAL_ID, "001 090 123 456", valid_to=date(2024, 7, 1)
    )
    assert ident == again
    assert by_number(store, "001090123456") == {known}
    with store.read() as c:
        numbers = identity.identifiers(c, known)
    assert [(one.kind, one.number, one.valid_to) for one in numbers] == [
        ("national_id", "079168001234", ""),
        ("national_id", "001090123456", "2024-07-01"),
    ]
    assert [one.valid(date(2024, 7, 1)) for one in numbers] == [True, True]
    assert [one.valid(date(2024, 7, 2)) for one in numbers] == [True, False]


def test_a_number_can_be_ended_and_taken_back(store: Store, door: str) -> None:
    known = person(store, door, "Trần Thị Bé")
    ident = identity.add_identifier(store, WHO, known, IdentifierKind.PASSPORT, "b1234567")
    assert by_number(store, "B1234567") == {known}
    identity.end_identifier(store, WHO, ident, date(2026, 1, 1))
    with store.read() as c:
        assert [(one.number, one.valid_to) for one in identity.identifiers(c, known)] == [
            ("B1234567", "2026-01-01")
        ]
    identity.remove_identifier(store, WHO, ident)
    assert by_number(store, "B1234567") == set()


@pytest.mark.parametrize(
    ("kind", "number", "key"),
    [
        (IdentifierKind.NATIONAL_ID, "12345", "import.id_length"),
        (IdentifierKind.CITIZEN_ID_OLD, "1234", "import.old_id_length"),
        (IdentifierKind.INSURANCE_NUMBER, "XX", "import.insurance_shape"),
        (IdentifierKind.PASSPORT, " ", "problems.missing"),
    ],
)
def test_a_number_of_the_wrong_shape_is_refused(
    store: Store, door: str, kind: IdentifierKind, number: str, key: str
) -> None:
    known = person(store, door, "Trần Thị Bé")
    with pytest.raises(InvalidFields) as refused:
        identity.add_identifier(store, WHO, known, kind, number)
    assert [(one.field, one.key) for one in refused.value.problems] == [("number", key)]


def test_validity_cannot_end_before_it_begins(store: Store, door: str) -> None:
    known = person(store, door, "Trần Thị Bé")
    with pytest.raises(InvalidFields) as refused:
        identity.add_identifier(
            store,
            WHO,
            known,
            IdentifierKind.PASSPORT,
            "B1234567",
            valid_from=date(2024, 2, 1),
            valid_to=date(2024, 1, 31),
        )
    assert refused.value.problems[0].field == "valid_to"


def test_insurance_cards_are_compared_on_their_last_ten_digits(store: Store, door: str) -> None:
    old = person(store, door, "Trần Thị Bé", insurance_number="DN4797912345678")
    new = person(store, door, "Lê Văn Tám", insurance_number="7912345678")
    person(store, door, "Lê Văn Chín", insurance_number="7912345679")
    assert by_number(store, "7912345678") == {old, new}
    assert {match.by for match in recognised(store, "GD4797912345678").matches} == {"insurance_number"}
    beside = person(store, door, "Lê Thị Mười")
    identity.add_identifier(store, WHO, beside, IdentifierKind.INSURANCE_NUMBER, "HT3797912345678")
    assert by_number(store, "7912345678") == by_number(store, "DN4797912345678") == {old, new, beside}


def test_a_token_leads_to_its_record_until_that_is_gone(store: Store, door: str) -> None:
    known = person(store, door, "Trần Thị Bé")
    assert recognised(store, token("household", door)).record == ("household", door)
    assert recognised(store, identity.temporary_code(known).lower()).record == ("person", known)
    assert recognised(store, token("household", "elsewhere")).record is None
    with store.work(WHO) as work:
        work.delete("household", door, "withdrawn")
    assert recognised(store, token("household", door)).record is None


def test_a_temporary_code_never_looks_like_an_identity_number(store: Store, door: str) -> None:
    code = identity.temporary_code(person(store, door, "Bé sơ sinh"))
    assert not code.isdecimal()
    assert code.startswith("GNP")


def test_somebody_gone_is_found_last(store: Store, door: str) -> None:
    gone = person(store, door, "Nguyễn Văn A", national_id="001090123456")
    people.mark_moved(store, WHO, gone, date(2026, 11, 1))
    later(store)
    here = person(store, door, "Nguyễn Văn A", national_id="001090123456")
    assert [(match.person, match.gone) for match in recognised(store, CARD).matches] == [
        (here, False),
        (gone, True),
    ]


def test_a_garbled_line_is_explained_and_finds_nobody(store: Store, door: str) -> None:
    found = recognised(store, "079054001234|021234567|Nguyễn V")
    assert (found.scan.kind, found.scan.garbled, found.matches) == (ScanKind.GARBLED, (Garbled.CUT,), ())


def test_a_viewer_finds_nobody_by_a_card(store: Store, door: str) -> None:
    store.role = "viewer"
    with pytest.raises(NotOpened):
        recognised(store, CARD)


def test_numbers_and_labels_of_a_merged_record_lead_to_the_one_kept(store: Store, door: str) -> None:
    kept = person(store, door, "Nguyễn Văn A", national_id="079090123456", birth_year=1990)
    other = person(store, door, "Nguyễn Văn A", national_id="001090123456", birth_year=1990)
    merged = merging.merge(store, WHO, "person", kept, other, {"national_id": FIRST})
    assert by_number(store, "001090123456") == {kept}
    assert recognised(store, token("person", other)).record == ("person", kept)
    assert [match.person for match in recognised(store, CARD).matches] == [kept]
    merging.undo(store, WHO, merged.decision)
    assert by_number(store, "001090123456") == {other}
    assert recognised(store, token("person", other)).record == ("person", other)
