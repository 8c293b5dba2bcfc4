"""Text with a cursor: NFC always, and never a cursor inside a letter."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_app.widgets.typed_text import TypedText, joins, letter_starts, typeable

E_ACUTE_OVER_CIRCUMFLEX = "e\u0302\u0301"  # ế, decomposed
KEYCAP = "1\ufe0f\u20e3"  # one letter of three characters that NFC does not compose


def test_decomposed_letters_become_one() -> None:
    typed = TypedText().insert("Bi").insert("e").insert("\u0302").insert("\u0301").insert("t")
    assert typed.text == "Biết"
    assert typed.cursor == 4


def test_a_mark_without_a_letter_is_dropped() -> None:
    assert TypedText().insert("\u0301").text == ""


def test_one_step_crosses_a_whole_letter() -> None:
    typed = TypedText.at_end("a" + KEYCAP + "b")
    assert [typed.left().cursor, typed.left().left().cursor] == [4, 1]
    assert typed.moved_to(2).cursor == 1
    assert typed.moved_to(1).right().cursor == 4


def test_deleting_takes_a_whole_letter() -> None:
    typed = TypedText.at_end("a" + KEYCAP)
    assert typed.cut_back_to(typed.left()).text == "a"


def test_words_are_crossed_by_spaces() -> None:
    typed = TypedText.at_end("Nguyễn Văn Đức")
    assert typed.word_left().before == "Nguyễn Văn "
    assert typed.word_left().word_left().before == "Nguyễn "
    assert typed.moved_to(0).word_right().before == "Nguyễn"


def test_a_click_lands_between_letters_of_two_cells() -> None:
    typed = TypedText.at_end("漢字a")
    assert [typed.at_cell(cell).cursor for cell in (0, 1, 2, 3, 4, 9)] == [0, 0, 1, 1, 2, 3]


@pytest.mark.parametrize(
    ("pasted", "entered"),
    [
        ("a\tb", "a b"),
        ("a\r\nb", "a b"),
        ("a\x1b[0m", "a[0m"),
        ("Bi" + E_ACUTE_OVER_CIRCUMFLEX + "t", "Biết"),
    ],
)
def test_what_may_enter_a_line(pasted: str, entered: str) -> None:
    assert typeable(pasted) == entered


@given(st.text(alphabet="aeêđ1 \u0301\u0302\u0323\ufe0f\u20e3\u200d漢", max_size=12), st.integers(0, 12))
def test_whatever_is_typed_the_cursor_stands_at_a_letter_and_the_text_is_composed(
    text: str, place: int
) -> None:
    typed = TypedText()
    for char in text:
        typed = typed.insert(char)
        assert unicodedata.is_normalized("NFC", typed.text)
    moved = typed.moved_to(place)
    assert moved.cursor in letter_starts(moved.text)
    assert not moved.after or not joins(moved.after[0])
