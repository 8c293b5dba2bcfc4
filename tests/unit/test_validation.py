"""The border for records: what is stored is what was meant, and a refusal names the field and the remedy."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from tui_app.errors import FieldProblem, InvalidFields
from tui_app.i18n import set_language
from tui_app.records import BY_NAME
from tui_app.records.validation import checked, required

PERSON = {"full_name": "Trần Thị Thủy", "household": "h1"}
VISIT = {"household": "h1", "at": "2026-11-22T02:00:00.000Z", "outcome": "met"}


@pytest.fixture(autouse=True)
def vietnamese() -> Iterator[None]:
    yield
    set_language("vi")


def refused(type_name: str, fields: dict[str, Any], *, new: bool = False) -> list[FieldProblem]:
    with pytest.raises(InvalidFields) as problems:
        checked(type_name, fields, new=new)
    return problems.value.problems


@pytest.mark.parametrize(
    ("type_name", "field", "value", "vietnamese", "english"),
    [
        ("person", "birth_date", "05/03/1962", ("Ngày sinh", "dd/mm/yyyy"), ("Date of birth", "dd/mm/yyyy")),
        ("person", "birth_date", "1961-02-30", ("Ngày sinh", "dd/mm/yyyy"), ("Date of birth", "dd/mm/yyyy")),
        ("person", "birth_year", 1899, ("Năm sinh", "1900"), ("Year of birth", "1900")),
        ("person", "birth_year", 2101, ("Năm sinh", "2100"), ("Year of birth", "2100")),
        ("person", "birth_year", "năm sáu mốt", ("Năm sinh", "số nguyên"), ("Year of birth", "whole number")),
        ("person", "sex", "nữ", ("Giới tính", "female"), ("Sex", "female")),
        ("person", "mobility_limited", "có lẽ", ("", "Không"), ("", "No")),
        ("person", "full_name", 5, ("Họ và tên", "chữ"), ("name", "text")),
        ("screening", "symptoms", ["fever", "hắt hơi"], ("", "runny_nose"), ("", "runny_nose")),
        ("screening", "symptoms", "fever", ("", "danh sách"), ("", "list")),
        ("test_result", "ct_value", 51, ("Ct", "50"), ("Ct", "50")),
        ("test_result", "ct_value", "cao", ("Ct", "số"), ("Ct", "number")),
        ("household_visit", "at", "2026-11-22T09:05:00", ("", "giờ"), ("", "time")),
        ("household_visit", "at", "hôm qua", ("", "giờ"), ("", "time")),
    ],
)  # fmt: skip
def test_a_refusal_names_the_field_and_the_remedy(
    type_name: str, field: str, value: Any, vietnamese: tuple[str, str], english: tuple[str, str]
) -> None:
    problems = refused(type_name, {field: value})
    assert {problem.field for problem in problems} == {field}
    for language, (name, remedy) in (("vi", vietnamese), ("en", english)):
        set_language(language)
        text = str(problems[0])
        assert name.lower() in text.split(":")[0].lower()
        assert remedy in text
        assert str(value) not in text or isinstance(value, int), "a message may reach a log"


@pytest.mark.parametrize(
    ("type_name", "needs"),
    [
        ("person", {"full_name", "household"}),
        ("household", set()),
        ("risk_membership", {"person", "risk_group"}),
        ("person_condition", {"person", "condition"}),
        ("household_visit", {"household", "at", "outcome"}),
        ("screening", {"visit", "person", "wellbeing"}),
        ("test_result", {"person", "at", "result"}),
        ("support_need", {"kind", "status"}),
    ],
)
def test_a_new_record_must_have_what_makes_it_one(type_name: str, needs: set[str]) -> None:
    assert required(type_name) == needs
    if needs:
        problems = refused(type_name, {"note": "x"}, new=True)
        assert {(problem.field, problem.key) for problem in problems} == {
            (n, "problems.missing") for n in needs
        }
    assert checked(type_name, {"note": "x"}, new=False) == {"note": "x"}


@pytest.mark.parametrize("empty", ["", "   ", None, "\u0007"])
def test_an_empty_name_is_a_missing_one(empty: str | None) -> None:
    (problem,) = refused("person", {**PERSON, "full_name": empty}, new=True)
    assert (problem.field, problem.key) == ("full_name", "problems.missing")


def test_every_wrong_field_is_named_at_once() -> None:
    problems = refused(
        "person", {**PERSON, "birth_year": 1, "birth_date": "1961-13-01", "reported_doses": 10}
    )
    assert {problem.field for problem in problems} == {"birth_year", "birth_date", "reported_doses"}


def test_the_ends_of_a_range_belong_to_it() -> None:
    for year in (1900, 2100):
        assert checked("person", {"birth_year": year}, new=False) == {"birth_year": year}
    for value in (5, 50, 17.5):
        assert checked("test_result", {"ct_value": value}, new=False) == {"ct_value": value}
    for doses in (0, 9):
        assert checked("person", {"reported_doses": doses}, new=False) == {"reported_doses": doses}


def test_letters_are_composed_and_ends_trimmed() -> None:
    taken = unicodedata.normalize("NFD", "  Trần Thị Thủy ")
    assert checked("person", {"full_name": taken}, new=False) == {"full_name": "Trần Thị Thủy"}
    assert checked("person", {"note": "  "}, new=False) == {"note": None}


def test_a_note_keeps_its_lines_and_loses_what_no_column_takes() -> None:
    typed = "gọi trước\nkhi đến\t\x00\x07được"
    assert checked("person", {"note": typed}, new=False) == {"note": "gọi trước\nkhi đến\tđược"}


def test_dates_and_moments_are_stored_as_on_the_wire() -> None:
    assert checked("person", {"birth_date": date(1961, 3, 4)}, new=False) == {"birth_date": "1961-03-04"}
    hanoi = datetime(2026, 11, 22, 9, 5, 0, 123_456, tzinfo=timezone(timedelta(hours=7)))
    assert checked("household_visit", {**VISIT, "at": hanoi}, new=True)["at"] == "2026-11-22T02:05:00.123Z"
    assert checked("household_visit", {"at": "2026-11-22T09:05:00+07:00"}, new=False) == {
        "at": "2026-11-22T02:05:00.000Z"
    }
    (problem,) = refused("household_visit", {"at": datetime(2026, 11, 22, 9, 5)})
    assert problem.key == "problems.moment"
    assert checked("household_visit", {"at": datetime(2026, 1, 1, tzinfo=UTC)}, new=False)["at"][:4] == "2026"


@pytest.mark.parametrize("value", [0, 86_400, 86_400.0, "86400", "0", True], ids=repr)
@pytest.mark.parametrize(("type_name", "field"), [("person", "birth_date"), ("household_visit", "at")])
def test_a_number_is_no_day(type_name: str, field: str, value: Any) -> None:
    (problem,) = refused(type_name, {field: value})
    assert problem.field == field


def test_yes_is_no_number() -> None:
    (problem,) = refused("household", {"walk_order": True})
    assert (problem.field, problem.key) == ("walk_order", "problems.integer")
    assert checked("person", {"mobility_limited": True}, new=False) == {"mobility_limited": True}


def test_what_was_not_asked_is_none_and_not_a_refusal() -> None:
    blank = {"exposure": None, "travel": None, "symptoms": None, "note": None}
    assert checked("screening", blank, new=False) == blank


def test_unknown_fields_pass_and_names_no_field_may_have_do_not() -> None:
    later = {"blood_group": "O+", "later": {"deep": [1, None]}}
    assert checked("person", {**PERSON, **later}, new=True) == {**PERSON, **later}
    for name in ("seq", "deleted", "area", "gone", "type", "changed_by", "Ghi chú", "a" * 64, "", "x-y"):
        (problem,) = refused("person", {**PERSON, name: 1})
        assert problem.key == "problems.field_name"
        for language in ("vi", "en"):
            set_language(language)
            assert name[:63] in str(problem)


def test_every_code_of_every_field_is_taken() -> None:
    for type_name, record in BY_NAME.items():
        for column in record.__table__.columns:  # type: ignore[attr-defined]
            for code in column.info.get("codes") or ():
                value = [code] if column.name == "symptoms" else code
                assert checked(type_name, {column.name: value}, new=False) == {column.name: value}
