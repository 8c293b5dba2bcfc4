"""Folding and the Vietnamese alphabet. Expected orders are by hand, after quy tắc ABC (domain rules §3.5)."""

from __future__ import annotations

import random
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.text import alphabet_key, clean, fold, given_name, name_key, natural_key, place_words, words


def backwards(names: list[str]) -> list[str]:
    return names[::-1]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Nguyễn Thị Bé", "nguyen thi be"),
        ("NGUYỄN THỊ BÉ", "nguyen thi be"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Bé"), "nguyen thi be"),
        ("Đặng Đức Ưởng", "dang duc uong"),
        ("Ðặng", "dang"),  # U+00D0, the Icelandic letter that old tables put for Đ
        ("Hoà", "hoa"),
        ("Hòa", "hoa"),
        ("Thuỷ", "thuy"),
        ("Thủy", "thuy"),
        ("H' Hen Niê", "h' hen nie"),
        ("K'Brôi", "k'broi"),
        ("Y Blok", "y blok"),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_words_of_ethnic_names() -> None:
    assert words(fold("H' Hen Niê")) == ["h", "hen", "nie"]
    assert words(fold("K'Brôi")) == ["k", "broi"]


def test_letters_come_in_the_order_of_the_alphabet() -> None:
    letters = list("aăâbcdđeêghiklmnoôơpqrstuưvxy")
    assert sorted(backwards(letters), key=alphabet_key) == letters


def test_tones_come_in_the_order_level_falling_asking_tumbling_rising_heavy() -> None:
    tones = ["Ba", "Bà", "Bả", "Bã", "Bá", "Bạ"]
    assert sorted(backwards(tones), key=alphabet_key) == tones


def test_letters_weigh_more_than_tones() -> None:
    # the shorter word first whatever its tone, ê after every word with e
    expected = ["Bé Hai", "Bẹ", "Ben", "Bê", "Bên"]
    assert sorted(backwards(expected), key=alphabet_key) == expected


def test_both_places_of_the_tone_sort_alike() -> None:
    assert alphabet_key("Hoà") == alphabet_key("Hòa")
    assert alphabet_key("Thuỷ") == alphabet_key("Thủy")
    assert alphabet_key("QUÝ") == alphabet_key(unicodedata.normalize("NFD", "quý"))


ROSTER = [
    "Lê Văn An",
    "Nguyễn An",
    "Nguyễn Bình An",
    "Trần Văn An",
    "Nguyễn Văn Án",
    "Lê Thị Anh",
    "Phạm Ánh",
    "Nguyễn Văn Ân",
    "Phan Thị Bé",
    "Nguyễn Văn Bê",
    "Y Blok",
    "Trần Thị Cúc",
    "Lê Văn Dũng",
    "Nguyễn Văn Đạt",
    "Trần Thị Hoa",
    "Trần Thị Hòa",
    "Lê Thị Hoá",
    "K'Brôi",
    "H' Hen Niê",
    "Đinh Thị Oanh",
    "Bùi Văn Ổn",
    "Bùi Văn Ơn",
    "Võ Thị Út",
    "Võ Thị Ư",
    "Hoàng Như Ý",
]


def test_a_roster_is_sorted_by_given_name_then_family_and_middle() -> None:
    shuffled = ROSTER[:]
    random.Random(5).shuffle(shuffled)
    assert sorted(shuffled, key=name_key) == ROSTER


def test_punctuation_does_not_move_a_name() -> None:
    assert name_key("K'Brôi") == name_key("K’Brôi") == name_key("Kbrôi")
    assert name_key("Nguyễn Văn A (Tí)") == name_key("Nguyễn Văn A Tí")


def test_given_name() -> None:
    assert given_name("Nguyễn Thị Bé") == "Bé"
    assert given_name(" Y Blok ") == "Blok"
    assert given_name("") == ""


def test_house_numbers_sort_as_numbers() -> None:
    addresses = ["2 Lê Lợi", "9 Lê Lợi", "12 Lê Lợi", "12 Nguyễn Huệ", "12/3 Lê Lợi", "100 Lê Lợi"]
    assert sorted(backwards(addresses), key=natural_key) == addresses


def test_clean_removes_what_nobody_sees() -> None:
    assert clean("  Ngu\u200byễn\u00a0\tVăn\r\n  A\ufeff ") == "Nguyễn Văn A"


@given(st.text(max_size=30))
def test_any_text_folds_and_sorts_the_same_however_it_is_composed(text: str) -> None:
    text = clean(text)
    apart = unicodedata.normalize("NFD", text)
    assert fold(apart) == fold(text)
    assert name_key(apart) == name_key(text)
    assert clean(text) == text


def test_an_address_says_its_alley_once() -> None:
    assert place_words("12 hẻm 45 Lê Lợi", "Hẻm 45 Lê Lợi", "Khu phố 2") == "12 hẻm 45 Lê Lợi, Khu phố 2"
    assert place_words("12", "Lê Lợi", None) == "12, Lê Lợi"
