"""Which persons and households may be one, and how sure that is: hand-made pairs beside domain/rules.md §3.1–3.5 and
the plan of merging ("never by the name alone; a telephone that a family shares is no evidence").
"""

from __future__ import annotations

from typing import Any

import pytest

from tui_app.intake.blocks import person_pairs
from tui_app.intake.door_pairs import Door, door_pairs
from tui_app.intake.pairs import Births, Face, births, compared_numbers

BE = {"full_name": "Nguyễn Thị Bé", "birth_date": "1955-03-12", "sex": "female"}
AN = {"full_name": "Trần Văn An", "birth_date": "1980-02-01", "sex": "male"}
ID = ("national_id", "079155000123")


def face(ident: str, household: str = "", **fields: Any) -> Face:
    numbers = frozenset(fields.pop("numbers", ()))
    return Face(id=ident, household=household or f"h-{ident}", area="a", numbers=numbers, **fields)


def found(*faces: Face, phones: dict[str, frozenset[str]] | None = None) -> list[tuple[str, str, str]]:
    return [
        (one.id, other.id, str(judged.strength)) for one, other, judged in person_pairs(faces, phones or {})
    ]


def strength(one: Face, other: Face) -> str:
    pairs = found(one, other)
    return pairs[0][2] if pairs else ""


@pytest.mark.parametrize(
    ("one", "other", "sure"),
    [
        # one number: sure where name and birth fit, else two persons may have one number by a slip
        (
            {**BE, "numbers": [ID]},
            {"full_name": "NGUYEN THI BE", "birth_year": 1955, "numbers": [ID]},
            "strong",
        ),
        ({**BE, "numbers": [ID]}, {**BE, "sex": "male", "numbers": [ID]}, "likely"),
        ({**BE, "numbers": [ID]}, {**AN, "numbers": [ID]}, "possible"),
        # never by the name alone; with the whole birth date it is worth a look
        ({"full_name": "Nguyễn Thị Bé"}, {"full_name": "Nguyễn Thị Bé"}, ""),
        (
            {"full_name": "Nguyễn Thị Bé", "birth_year": 1955},
            {"full_name": "Nguyễn Thị Bé", "birth_year": 1955},
            "",
        ),
        (BE, BE, "possible"),
        # a telephone of their own
        ({**BE, "phone": "0903000001"}, {**BE, "phone": "0903000001"}, "strong"),
        (
            {**BE, "phone": "0903000001"},
            {"full_name": "nguyen thi be", "birth_year": 1955, "phone": "0903000001"},
            "likely",
        ),
        (
            {**BE, "phone": "0903000001"},
            {"full_name": "Nguyễn Bé", "birth_year": 1955, "phone": "0903000001"},
            "possible",
        ),
        ({**BE, "phone": "0903000001"}, {"full_name": "Nguyễn Thị Bé", "phone": "0903000001"}, "possible"),
        # the door next to it says the same as the same door
        ({**BE, "address": "a 12 le loi"}, {**BE, "address": "a 12 le loi"}, "strong"),
        # two personal numbers are two persons (§3.1)
        ({**BE, "numbers": [ID]}, {**BE, "numbers": [("national_id", "079155000999")]}, ""),
        # a father and a son of one name
        ({**AN, "phone": "0903000001"}, {**AN, "birth_date": "1955-02-01", "phone": "0903000001"}, ""),
    ],
)
def test_two_of_different_households(one: dict[str, Any], other: dict[str, Any], sure: str) -> None:
    assert strength(face("1", **one), face("2", **other)) == sure


@pytest.mark.parametrize(
    ("one", "other", "sure"),
    [
        (BE, BE, "strong"),  # typed twice
        (BE, {"full_name": "Nguyễn Thị Bé", "birth_year": 1955}, "likely"),
        (AN, {**AN, "full_name": "Trần Văn Bình"}, ""),  # twins
        (AN, {**AN, "full_name": "Trần Văn Ân"}, "possible"),  # twins whose names differ by a mark
        (AN, {**AN, "full_name": "TRAN VAN AN"}, "strong"),  # a list without marks
        (AN, {**AN, "full_name": "Trần Văn Anh"}, ""),
        (AN, {"full_name": "Trần Văn An", "birth_year": 1952}, ""),  # father and son
        (AN, {"full_name": "Trần Văn An"}, "possible"),  # perhaps father and son
        (
            {**AN, "phone": "0903000001"},
            {"full_name": "Trần Thị Bưởi", "birth_date": "1980-02-01", "phone": "0903000001"},
            "",
        ),
    ],
)
def test_two_of_one_household(one: dict[str, Any], other: dict[str, Any], sure: str) -> None:
    assert strength(face("1", "h", **one), face("2", "h", **other)) == sure


def test_a_telephone_that_somebody_of_another_name_has_says_nothing() -> None:
    year = {"full_name": "Nguyễn Thị Bé", "birth_year": 1955, "phone": "0903000001"}
    wife = face("3", "h-1", full_name="Lê Văn Tư", birth_year=1950, phone="0903000001")
    assert found(face("1", **year), face("2", **year)) == [("1", "2", "likely")]
    assert found(face("1", **year), face("2", **year), wife) == []
    of_a_third_family = {"0903000001": frozenset({"h-9"})}
    assert found(face("1", **year), face("2", **year), phones=of_a_third_family) == []


def test_a_number_that_a_whole_list_has_is_a_placeholder() -> None:
    copied = [
        face(str(n), full_name=name, numbers=[ID]) for n, name in enumerate(("Một", "Hai", "Ba", "Bốn"))
    ]
    assert found(*copied) == []
    assert len(found(*copied[:3])) == 3


def test_a_large_home_is_not_compared_each_with_each() -> None:
    home = [
        face(f"{n:03}", "h", full_name=f"Lê Văn {chr(97 + n % 26)}{n}", birth_year=1940) for n in range(300)
    ]
    assert found(*home, face("x", "h", full_name="Lê Văn a0", birth_year=1940)) == [("000", "x", "likely")]


@pytest.mark.parametrize(
    ("one", "other", "fit"),
    [
        (("1955-03-12", None), ("1955-03-12", None), Births.EXACT),
        (("1955-03-12", None), (None, 1955), Births.YEAR),
        (("1955-03-12", None), ("1955-12-03", None), Births.YEAR),  # day and month changed places
        (("1955-03-12", None), ("1955-01-01", None), Births.YEAR),  # what lists write for a year alone
        (("1955-03-12", None), ("1955-07-20", None), Births.NEARLY),
        ((None, 1955), (None, 1956), Births.NEARLY),  # an age, counted the old way
        ((None, 1955), (None, 1957), Births.APART),
        (("1955-03-12", None), ("1956-03-12", None), Births.APART),
        (("1955-03-12", None), (None, None), Births.UNKNOWN),
    ],
)
def test_births_that_fit(one: Any, other: Any, fit: Births) -> None:
    first, second = (
        face(str(n), full_name="x", birth_date=d, birth_year=y) for n, (d, y) in enumerate((one, other))
    )
    assert births(first, second) is fit
    assert births(second, first) is fit


@pytest.mark.parametrize(
    ("kind", "number", "compared"),
    [
        # rules §3.3: accept 15, 10 or 12; compare on the last 10
        ("insurance_number", "GD4797912345678", {("insurance_number", "7912345678")}),
        ("insurance_number", "7912345678", {("insurance_number", "7912345678")}),
        (
            "insurance_number",
            "079155000123",
            {("insurance_number", "9155000123"), ("national_id", "079155000123")},
        ),
        ("national_id", "079155000123", {("national_id", "079155000123")}),
        ("citizen_id_old", "021234567", {("citizen_id_old", "021234567")}),
        ("passport", "C1234567", {("passport", "C1234567")}),
        ("national_id", "000000000000", set()),
        ("national_id", "123", set()),
    ],
)
def test_numbers_as_they_are_compared(kind: str, number: str, compared: set[tuple[str, str]]) -> None:
    assert set(compared_numbers(kind, number)) == compared


def door(ident: str, head: dict[str, Any] | None = None, **fields: Any) -> Door:
    persons = (face(f"p{ident}", ident, **head),) if head else ()
    return Door(id=ident, area="a", head=f"p{ident}" if head else "", persons=persons, **fields)


@pytest.mark.parametrize(
    ("one", "other", "sure"),
    [
        ({"address": "12 le loi", "head": BE}, {"address": "12 le loi", "head": BE}, "strong"),
        ({"code": "0712", "head": BE}, {"code": "0712", "head": BE}, "strong"),
        ({"phone": "0903000001", "head": BE}, {"phone": "0903000001", "head": BE}, "likely"),
        ({"address": "12 le loi", "phone": "09030"}, {"address": "12 le loi", "phone": "09030"}, "likely"),
        ({"code": "0712", "head": BE}, {"code": "0712", "head": AN}, "possible"),
        (
            {"address": "12 le loi", "head": BE},
            {"address": "12 le loi", "head": AN},
            "",
        ),  # two families, one door
        ({"phone": "0903000001", "head": BE}, {"phone": "0903000001", "head": AN}, ""),
    ],
)
def test_two_households(one: dict[str, Any], other: dict[str, Any], sure: str) -> None:
    pairs = door_pairs([door("1", **one), door("2", **other)])
    assert [str(judged.strength) for _, _, judged in pairs] == ([sure] if sure else [])


def test_comparing_tells_how_far_it_is_and_stops_when_asked() -> None:
    faces = [
        face(f"{n}{side}", f"h{n}", full_name=f"Lê {n}", birth_date="1950-01-02")
        for n in range(3000)
        for side in "ab"
    ]
    told: list[tuple[int, int]] = []
    assert len(person_pairs(faces, {}, lambda done, of: told.append((done, of)))) == 3000
    assert told == [(0, 3000), (2000, 3000), (3000, 3000)]
    assert len(person_pairs(faces, {}, stopped=lambda: True)) == 0
