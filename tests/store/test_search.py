"""What a person types and whom they find. Expected orders are by hand."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from search_ward import Ward

from tui_app.store import search


@pytest.fixture(scope="module")
def ward() -> Ward:
    ward = Ward()
    ward.household(
        "h1", code="0712", address="12 Lê Lợi", alley="Tổ 5", head="Nguyễn Thị Bé", phone="+842838123456"
    )
    ward.household("h2", code="0713", address="12/3 Lê Lợi", alley="Tổ 5")
    ward.household("h3", code="0801", address="9 Nguyễn Thị Minh Khai", alley="Tổ 6")
    ward.person(
        "Nguyễn Thị Bé",
        birth_date="1950-03-02",
        sex="female",
        phone="+84901234567",
        national_id="079150001234",
        citizen_id_old="023456789",
    )
    ward.person("Nguyễn Văn Bê", household="h2", phone="+84912004567")
    ward.person("Nguyễn Thị Bền", household="h3", insurance_number="DN4790123456789")
    ward.person("Bé Thị Nguyên", household="h3")
    ward.person("Trần Thị Hòa", household="h2", national_id="079188123456")
    ward.person("Lê Văn Thuỷ", household="h2")
    ward.person("Đặng Văn Bé", moved_on="2022-01-05")
    ward.person("Nguyễn Bé Ba", died_on="2021-08-20")
    ward.person("H' Hen Niê", household="h3")
    ward.person("K'Brôi", household="h3")
    ward.person("Y Blok", household="h3")
    return ward


@pytest.mark.parametrize("query", ["nguyen thi be", "be nguyen thi", "Bé Nguyễn", "NGUYEN BE", "ng th b"])
def test_a_name_in_any_order_without_marks_and_begun(ward: Ward, query: str) -> None:
    assert ward.found(query)[0] == "Nguyễn Thị Bé"


def test_begun_words_find_every_name_that_begins_so(ward: Ward) -> None:
    # given name first: Bé, Bền; the family name Bé comes last; the street is a household's
    assert ward.found("ng th b")[:3] == ["Nguyễn Thị Bé", "Nguyễn Thị Bền", "Bé Thị Nguyên"]


def test_marks_rank_first(ward: Ward) -> None:
    # Bé as typed (given name, then family name), other marks, the beginning; who died or moved at the end
    living = ["Nguyễn Thị Bé", "Bé Thị Nguyên", "Nguyễn Văn Bê", "Nguyễn Thị Bền"]
    assert ward.found("Bé") == [*living, "Đặng Văn Bé", "Nguyễn Bé Ba"]
    assert ward.found("bê")[0] == "Nguyễn Văn Bê"
    assert ward.found(unicodedata.normalize("NFD", "BÊ"))[0] == "Nguyễn Văn Bê"


def test_without_marks_the_alphabet_decides(ward: Ward) -> None:
    # Bé before Bê as given names, then the family name Bé; a beginning after whole words
    living = ["Nguyễn Thị Bé", "Nguyễn Văn Bê", "Bé Thị Nguyên", "Nguyễn Thị Bền"]
    assert ward.found("be") == [*living, "Đặng Văn Bé", "Nguyễn Bé Ba"]


@pytest.mark.parametrize("query", ["hoà", "hòa", "HOÀ", "hoa", unicodedata.normalize("NFD", "hoà")])
def test_both_places_of_the_tone(ward: Ward, query: str) -> None:
    assert ward.found(query) == ["Trần Thị Hòa"]


@pytest.mark.parametrize("query", ["thủy", "thuỷ", "Lê Thủy"])
def test_both_spellings_of_uy(ward: Ward, query: str) -> None:
    assert ward.found(query) == ["Lê Văn Thuỷ"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("h hen", "H' Hen Niê"),
        ("H'Hen", "H' Hen Niê"),
        ("hhen", "H' Hen Niê"),
        ("nie", "H' Hen Niê"),
        ("kbroi", "K'Brôi"),
        ("K’Brôi", "K'Brôi"),
        ("broi", "K'Brôi"),
        ("y blok", "Y Blok"),
    ],
)
def test_ethnic_names(ward: Ward, query: str, name: str) -> None:
    assert ward.found(query) == [name]


@pytest.mark.parametrize("query", ["12 le loi", "12 Lê Lợi", "le loi 12", "12 LÊ LỢ"])
def test_an_address_finds_the_door(ward: Ward, query: str) -> None:
    assert ward.found(query) == ["h1", "h2"]


def test_the_number_of_a_house_with_a_stroke(ward: Ward) -> None:
    assert ward.found("12/3 le") == ["h2"]


def test_a_household_code_with_and_without_its_zero(ward: Ward) -> None:
    assert ward.found("0712") == ["h1"]
    assert ward.found("712") == ["h1"]
    assert ward.found("071") == ["h1", "h2"]


def test_a_telephone_tail(ward: Ward) -> None:
    assert ward.found("4567") == ["Nguyễn Thị Bé", "Nguyễn Văn Bê"]
    assert ward.found("567") == ["Nguyễn Thị Bé", "Nguyễn Văn Bê"]
    assert ward.found("1234567") == ["Nguyễn Thị Bé"]


@pytest.mark.parametrize(
    "query",
    [
        "0901234567",
        "090 123 4567",
        "090.123.4567",
        "+84901234567",
        "+84 (90) 123-45-67",
        "84901234567",
        "0084901234567",
    ],
)
def test_a_telephone_in_any_writing(ward: Ward, query: str) -> None:
    hits = search.find(ward.c, query)
    assert [(hit.id, hit.number) for hit in hits] == [("Nguyễn Thị Bé", True)]


def test_every_prefix_of_a_telephone_finds_its_owner(ward: Ward) -> None:
    for writing in ("0901234567", "+84901234567"):
        for end in range(6, len(writing) + 1):
            assert "Nguyễn Thị Bé" in ward.found(writing[:end]), writing[:end]


def test_a_landline_of_the_household(ward: Ward) -> None:
    assert ward.found("028 3812 3456") == ["h1"]


@pytest.mark.parametrize("query", ["079150001234", "0791500", "1234", "001234", "023456789", "0234"])
def test_identity_numbers_whole_begun_and_tail(ward: Ward, query: str) -> None:
    assert ward.found(query) == ["Nguyễn Thị Bé"]


def test_insurance_numbers_old_and_new(ward: Ward) -> None:
    assert ward.found("DN4790123456789") == ["Nguyễn Thị Bền"]
    assert ward.found("0123456789") == ["Nguyễn Thị Bền"]


def test_a_name_and_a_telephone_tail(ward: Ward) -> None:
    assert ward.found("bê 4567") == ["Nguyễn Văn Bê", "Nguyễn Thị Bé"]  # marks: both fit, Bê as typed
    assert ward.found("van 4567") == ["Nguyễn Văn Bê"]
    assert ward.found("hoa 4567") == []


def test_a_name_and_an_address(ward: Ward) -> None:
    assert ward.found("hoa le loi") == ["Trần Thị Hòa"]
    assert ward.found("12 le loi be") == ["Nguyễn Thị Bé", "Nguyễn Văn Bê", "Đặng Văn Bé", "Nguyễn Bé Ba"]
    assert ward.found("0713 thuy") == ["Lê Văn Thuỷ"]


def test_a_card_held_before_the_scanner(ward: Ward) -> None:
    card = "079150001234|023456789|NGUYEN THI BE|02031950|Nữ|12 Lê Lợi, Phường Hòa Bình|15042021"
    assert ward.found(card) == ["Nguyễn Thị Bé"]
    assert ward.found("079150009999|023456789|X|02031950|Nữ|Y|15042021") == [
        "Nguyễn Thị Bé"
    ]  # the old number
    assert ward.found("079150009999||X|02031950|Nữ|Y|15042021") == []
    assert ward.found("DN4790123456789|4e67|12/05/1960|2|") == ["Nguyễn Thị Bền"]


def test_a_street_named_after_a_person_comes_after_the_persons(ward: Ward) -> None:
    assert ward.found("nguyen thi") == ["Bé Thị Nguyên", "Nguyễn Thị Bé", "Nguyễn Thị Bền", "h3"]


def test_a_hit_holds_what_the_list_shows(ward: Ward) -> None:
    (hit,) = search.find(ward.c, "079150001234")
    assert hit == search.Hit(
        kind="person",
        id="Nguyễn Thị Bé",
        area="area-1",
        household="h1",
        title="Nguyễn Thị Bé",
        code="0712",
        address="12 Lê Lợi",
        alley="Tổ 5",
        birth_date="1950-03-02",
        sex="female",
        phone="+84901234567",
        number=True,
    )
    door = search.find(ward.c, "12 le loi")[0]
    assert (door.kind, door.household, door.title, door.code) == ("household", "h1", "Nguyễn Thị Bé", "0712")


def test_nothing_typed_finds_nothing(ward: Ward) -> None:
    for query in ("", "   ", "|", "\x00", "***", "!!!"):
        assert ward.found(query) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('"', ""),
        ("'", ""),
        ("be*", "be"),
        ('"be', "be"),
        ("be AND", "be and"),
        ("NOT be", "not be"),
        ("be OR", "be or"),
        ("NEAR(be nguyen)", "near be nguyen"),
        ("NEAR(be nguyen", "near be nguyen"),
        ("be:", "be"),
        ("{be}", "be"),
        ("^be", "be"),
        ("-be", "be"),
        ("be;--", "be"),
        ("((", ""),
    ],
)
def test_signs_of_the_query_language_are_only_signs(ward: Ward, query: str, words: str) -> None:
    assert ward.found(query) == ward.found(words)
    assert ward.found("be") != []


def test_words_of_the_query_language_are_words(ward: Ward) -> None:
    ward.person("Nguyễn Not", ident="not", household="h3")
    assert ward.found("NOT") == ["not"]
    ward.save(search_row(ward, "not"))
    assert ward.found("NOT") == []


def search_row(ward: Ward, ident: str) -> search.Row:
    return search.Row(type="person", id=ident, commune="27211", area="area-1", seq=1, deleted=True)


@settings(max_examples=150, deadline=None)
@given(query=st.text(max_size=25) | st.text(alphabet="bénguyễ 0123+|\"'*():-^.", max_size=25))
def test_no_text_makes_a_search_raise(ward: Ward, query: str) -> None:
    found = search.find(ward.c, query)
    assert {hit.kind for hit in found} <= {"person", "household"}
