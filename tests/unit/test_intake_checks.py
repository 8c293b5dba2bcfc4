"""What the field checks take, refuse and doubt. Expected values are by hand from domain/rules.md §3."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app import intake
from tui_app.i18n import catalogue
from tui_app.records import checks, code_words, numbers
from tui_app.records.checks import Birth
from tui_app.records.code_words import CONDITION_CODES, can_move, support_needs
from tui_app.records.people import RiskGroup, UnderlyingCondition

TODAY = date(2026, 11, 22)
RECORDS = [Path(checks.__file__), Path(numbers.__file__), Path(code_words.__file__)]
INTAKE = Path(intake.__file__).parent


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("0903 123 456", "+84903123456"),
        ("0903.123.456", "+84903123456"),
        (903123456.0, "+84903123456"),
        ("903123456.0", "+84903123456"),
        ("9.03123456E+08", "+84903123456"),
        ("+84 903 123 456", "+84903123456"),
        ("84903123456", "+84903123456"),
        ("0084903123456", "+84903123456"),
        ("ĐT: 0903123456", "+84903123456"),
        ("(028) 3865 4321", "+842838654321"),
        (2838654321.0, "+842838654321"),
    ],
)
def test_a_telephone_becomes_e164(cell: object, number: str) -> None:
    checked = checks.phone(cell)  # type: ignore[arg-type]
    assert (checked.value, checked.problem, checked.rest) == (number, None, "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("01201234567", "+84701234567"),
        ("01231234567", "+84831234567"),
        ("01291234567", "+84821234567"),
        ("01621234567", "+84321234567"),
        ("01691234567", "+84391234567"),
        ("01861234567", "+84561234567"),
        ("01991234567", "+84591234567"),
        (1212345678.0, "+84792345678"),
    ],
)
def test_eleven_digit_mobiles_get_their_prefix_of_2018(old: object, new: str) -> None:
    checked = checks.phone(old)  # type: ignore[arg-type]
    assert checked.value == new
    assert [warning.key for warning in checked.warnings] == ["import.phone_old_prefix"]


@pytest.mark.parametrize(
    ("cell", "rest"),
    [
        ("0903123456 - 0912345678", "0912345678"),
        ("0903123456 0912345678", "0912345678"),
        ("0903.123.456/0912.345.678", "0912345678"),
        ("0903123456\n0912345678", "0912345678"),
        ("0903123456 (con gái)", "con gái"),
        ("0903123456; 0903123456", ""),
    ],
)
def test_of_several_numbers_the_first_is_taken_and_nothing_is_lost(cell: str, rest: str) -> None:
    checked = checks.phone(cell)
    assert (checked.value, checked.rest) == ("+84903123456", rest)


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("09O3123456", "import.phone_letters"),
        ("hỏi con trai", "import.phone_letters"),
        ("9.03E+08", "import.digits_lost"),
        ("0903123", "import.phone_wrong"),
        ("38654321", "import.phone_wrong"),
    ],
)
def test_what_is_no_telephone_is_refused(cell: str, key: str) -> None:
    checked = checks.phone(cell)
    assert checked.value is None
    assert checked.problem is not None
    assert checked.problem.key == key


@pytest.mark.parametrize("cell", [None, "", "-", "không", "Không có", "chưa có"])
def test_a_cell_that_says_there_is_none_is_missing_not_wrong(cell: str | None) -> None:
    for check in (checks.phone, checks.national_id, checks.insurance_number, checks.citizen_id_old):
        assert check(cell) == checks.Checked()


def test_lost_zeros_of_identity_numbers_come_back_with_a_doubt() -> None:
    for cell in (79054001234.0, "79054001234", "7.9054001234E+10"):
        checked = checks.national_id(cell)
        assert checked.value == "079054001234"
        assert [warning.key for warning in checked.warnings] == ["import.id_zero_restored"]
    assert checks.national_id("1090123456").value == "001090123456"


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("7.90541E+10", "import.digits_lost"),
        ("021234567", "import.id_is_old_card"),
        ("0790540012", "import.id_length"),
        ("07905400123x", "import.id_not_digits"),
    ],
)
def test_wrong_identity_numbers_are_refused(cell: str, key: str) -> None:
    problem = checks.national_id(cell).problem
    assert problem is not None
    assert problem.key == key


def test_an_unknown_province_is_a_doubt_only() -> None:
    checked = checks.national_id("003054001234")
    assert checked.value == "003054001234"
    assert checked.warnings[0].key == "import.id_province"


def test_one_cell_may_hold_the_new_and_the_old_number() -> None:
    found = checks.identity("079054001234 / 21234567")
    assert [(field, checked.value) for field, checked in found] == [
        ("national_id", "079054001234"),
        ("citizen_id_old", "021234567"),
    ]


def test_sex_and_year_inside_the_number_warn_and_never_block() -> None:
    # 079 0 54: male, 1954; 079 3 05: female, 2005
    assert checks.identity_doubts("079054001234", "male", 1954) == []
    assert checks.identity_doubts("079305001234", "female", 2005) == []
    keys = [doubt.key for doubt in checks.identity_doubts("079054001234", "female", 1955)]
    assert keys == ["import.id_sex_differs", "import.id_year_differs"]
    assert checks.identity_doubts("079054001234", None, None) == []


def test_insurance_numbers_of_three_lengths() -> None:
    assert checks.insurance_number("ht 3 79 0123456789").value == "HT3790123456789"
    assert checks.insurance_number("7912345678").value == "7912345678"
    assert checks.insurance_number("079054001234").value == "079054001234"
    problem = checks.insurance_number("HT979012345").problem
    assert problem is not None
    assert problem.key == "import.insurance_shape"


@pytest.mark.parametrize(
    "cell",
    [
        "12/3/1954",
        "12-03-1954",
        "12.03.1954",
        "12/3/54",
        "12 tháng 3 năm 1954",
        "ngày 12 tháng 03 năm 1954",
        "1954-03-12",
        "1954-03-12 00:00:00",
        "12031954",
        12031954.0,
        datetime(1954, 3, 12),
        date(1954, 3, 12),
        19795.0,
    ],
)
def test_birth_days_in_many_styles(cell: checks.Cell) -> None:
    # 19795 days after 30/12/1899 (spreadsheet day zero) is 12/03/1954: 25569 is 01/01/1970, 5774 days later
    assert checks.birth(cell, TODAY).value == Birth(date(1954, 3, 12), None)


@pytest.mark.parametrize("cell", ["1954", 1954, 1954.0, "sn 1954", "Sinh năm 1954", "00/00/1954"])
def test_a_year_alone_stays_a_year(cell: checks.Cell) -> None:
    checked = checks.birth(cell, TODAY)
    assert (checked.value, checked.rest, checked.warnings) == (Birth(None, 1954), "", ())


def test_what_the_year_does_not_hold_is_kept_in_words() -> None:
    assert checks.birth("03/1954", TODAY).value == Birth(None, 1954)
    assert checks.birth("03/1954", TODAY).rest == "03/1954"
    unsure = checks.birth("1954?", TODAY)
    assert (unsure.value, unsure.rest) == (Birth(None, 1954), "1954?")
    assert unsure.warnings[0].key == "import.birth_unsure"


def test_doubtful_dates_are_taken_with_a_warning() -> None:
    short = checks.birth("5/6/05", TODAY)
    assert short.value == Birth(date(2005, 6, 5), None)
    assert short.warnings[0].key == "import.year_two_digits"
    american = checks.birth("03/25/1954", TODAY)
    assert american.value == Birth(date(1954, 3, 25), None)
    assert american.warnings[0].key == "import.date_month_first"


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("31/02/1960", "import.date_impossible"),
        ("29/02/1955", "import.date_impossible"),
        ("32/01/1975", "import.date_impossible"),
        ("23/11/2026", "import.birth_future"),
        ("2027", "import.birth_future"),
        ("1899", "import.birth_too_old"),
        ("1905", "import.birth_too_old"),
        ("67t", "import.birth_shape"),
        ("già", "import.birth_shape"),
    ],
)
def test_impossible_births_are_refused(cell: str, key: str) -> None:
    problem = checks.birth(cell, TODAY).problem
    assert problem is not None
    assert problem.key == key


def test_an_age_gives_a_year_with_a_doubt() -> None:
    for cell in ("67", "67t", "67 tuổi", 67.0):
        checked = checks.age(cell, TODAY)
        assert checked.value == Birth(None, 1959)
        assert checked.warnings[0].key == "import.birth_from_age"
    assert checks.age("8 tháng", TODAY).value == Birth(None, 2026)
    assert checks.age("11 tháng", TODAY).value == Birth(None, 2025)
    assert checks.age("130", TODAY).problem is not None


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("NGUYỄN THỊ BÉ", "Nguyễn Thị Bé"),
        ("Nguye\u0302\u0303n  Thi\u0323 Be\u0301 ", "Nguyễn Thị Bé"),
        ("nguyễn thị bé", "Nguyễn Thị Bé"),
        ("H' HEN NIÊ", "H' Hen Niê"),
        ("K'BRÔI", "K'Brôi"),
        ("H' Hen Niê", "H' Hen Niê"),
        ("Y Blok", "Y Blok"),
        ("3. Trần Văn Ba", "Trần Văn Ba"),
    ],
)
def test_names(cell: str, name: str) -> None:
    assert checks.full_name(cell).value == name


def test_bracketed_words_of_a_name_are_kept_apart() -> None:
    checked = checks.full_name("Trần Văn Ba (chủ hộ)")
    assert (checked.value, checked.rest) == ("Trần Văn Ba", "chủ hộ")
    assert checks.full_name("Tr4n V4n Ba").problem is not None


def test_sex_words() -> None:
    assert [checks.sex(cell).value for cell in ("Nam", "NU", "nữ", "m", "F", 1.0, "2", "khác")] == [
        *("male", "female", "female", "male", "female", "male", "female", "unknown")
    ]
    assert checks.sex("").value is None
    assert checks.sex("abc").problem is not None


def test_ethnic_groups_by_name_alias_and_code() -> None:
    names = ["Kinh", "tày", "Khmer", "H'Mông", "Ê Đê", "Hoa", 5.0, "09", "Vân Kiều"]
    assert [checks.ethnicity(name).value for name in names] == [
        "01",
        "02",
        "05",
        "08",
        "12",
        "04",
        "05",
        "09",
        "23",
    ]
    assert checks.ethnicity("Sao Hỏa").problem is not None


def test_diseases_from_free_text() -> None:
    said = checks.conditions("THA, ĐTĐ type 2, hen PQ")
    assert [(found.code, found.words) for found in said.found] == [
        ("hypertension", None),
        ("diabetes", "ĐTĐ type 2"),
        ("asthma", None),
    ]
    assert said.rest == ""
    more = checks.conditions("Tăng huyết áp; K phổi\nviêm khớp")
    assert [found.code for found in more.found] == ["hypertension", "cancer"]
    assert more.rest == "viêm khớp"


def test_no_disease_is_told_from_nothing_said() -> None:
    assert checks.conditions("không").said_none
    assert checks.conditions("Không có bệnh nền").said_none
    assert not checks.conditions("").said_none
    denied = checks.conditions("không ĐTĐ")
    assert (denied.found, denied.rest) == ((), "không ĐTĐ")


def test_pregnancy_and_disability_are_groups_not_diseases() -> None:
    assert checks.conditions("mang thai, THA").risk_groups == ("pregnant",)
    assert checks.risk_groups("Người cao tuổi; khuyết tật; neo đơn")[0] == (
        "elderly",
        "disabled",
        "no_support",
    )


def test_every_code_is_one_that_records_know() -> None:
    assert set(CONDITION_CODES) == {code.value for code in UnderlyingCondition}
    assert set(checks.risk_groups("NCT, PNMT, NKT, mồ côi, neo đơn, DTTS, nhập cư, bệnh nền")[0]) == {
        code.value for code in RiskGroup
    }


def test_able_to_walk_is_turned_round() -> None:
    assert [can_move(cell).value for cell in ("x", "Được", "không", "nằm liệt", "")] == [
        False,
        False,
        True,
        True,
        None,
    ]


def test_support_needs_are_split_and_named() -> None:
    assert support_needs("thuốc huyết áp, gạo và xe lăn") == [
        ("medicine", "thuốc huyết áp"),
        ("food", "gạo"),
        ("other", "xe lăn"),
    ]
    assert support_needs("không") == []


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.integers(),
    st.text(max_size=30),
    st.text("0123456789 /.-+()E,xT?", max_size=24),
    st.dates(),
    st.datetimes(),
    st.times(),
)


@given(CELLS)
def test_no_cell_breaks_a_check_and_no_value_comes_with_a_problem(cell: checks.Cell) -> None:
    answers: list[checks.Checked[Any]] = [
        checks.full_name(cell),
        checks.sex(cell),
        checks.birth(cell, TODAY),
        checks.age(cell, TODAY),
        checks.day(cell, TODAY, "at"),
        checks.phone(cell),
        checks.national_id(cell),
        checks.citizen_id_old(cell),
        checks.insurance_number(cell),
        checks.ethnicity(cell),
        checks.residence_type(cell),
        can_move(cell),
        *(answer for _, answer in checks.identity(cell)),
    ]
    assert all(answer.problem is None or answer.value is None for answer in answers)
    assert set(checks.conditions(cell).risk_groups) <= {group.value for group in RiskGroup}
    assert all(words for _, words in support_needs(cell))


def test_every_field_that_a_problem_may_name_has_a_label() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (*INTAKE.glob("*.py"), *RECORDS)]
    named = set(re.findall(r'(?:FieldProblem|unknown_word)\("(\w+)"', " ".join(sources)))
    named |= set(re.findall(r'field: str = "(\w+)"', " ".join(sources)))
    assert {"full_name", "phone", "birth_date"} <= named
    assert named <= catalogue("vi", "fields").keys()


def test_both_languages_have_the_same_words_and_blanks() -> None:
    vietnamese, english = catalogue("vi", "import"), catalogue("en", "import")
    assert vietnamese.keys() == english.keys()
    for key, words in vietnamese.items():
        assert set(re.findall(r"{(\w+)}", words)) == set(re.findall(r"{(\w+)}", english[key])), key


def test_a_digit_that_is_no_number_is_told_and_breaks_nothing() -> None:
    for cell in ("²", "199²", "①②"):
        assert checks.birth(cell, TODAY).value is None
