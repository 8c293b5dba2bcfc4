"""Every record field has a label and every code a word, in both languages."""

from __future__ import annotations

import string

import pytest

from tui_app.codes import alert_word, code_word, yes_no
from tui_app.i18n import LANGUAGES, catalogue, set_language
from tui_app.records import BY_NAME
from tui_app.records.base import own_columns
from tui_app.records.people import RiskGroup, UnderlyingCondition

MINE = ("fields", "codes", "today", "visit", "find", "person", "household")


@pytest.fixture(autouse=True)
def vietnamese() -> None:
    set_language("vi")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_has_a_label(language: str) -> None:
    fields = {name for record in BY_NAME.values() for name in own_columns(record)}
    assert fields - catalogue(language, "fields").keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_word(language: str) -> None:
    codes = {
        f"{column.name}_{code}"
        for record in BY_NAME.values()
        for column in record.__table__.columns  # type: ignore[attr-defined]
        for code in column.info.get("codes") or ()
    }
    codes |= {f"risk_group_{code}" for code in RiskGroup}
    codes |= {f"condition_{code}" for code in UnderlyingCondition}
    assert codes - catalogue(language, "codes").keys() == set()


@pytest.mark.parametrize("subject", MINE)
def test_both_languages_have_the_same_words_with_the_same_blanks(subject: str) -> None:
    vietnamese, english = (catalogue(language, subject) for language in ("vi", "en"))
    assert vietnamese.keys() == english.keys()
    for key in vietnamese:
        blanks = [
            {name for _, name, _, _ in string.Formatter().parse(words[key]) if name}
            for words in (vietnamese, english)
        ]
        assert blanks[0] == blanks[1], key


def test_an_unknown_code_is_shown_as_it_is_and_nothing_as_a_question() -> None:
    assert code_word("risk_group", "long_covid") == "long_covid"
    assert alert_word("long_covid") == "long_covid"
    assert alert_word("hypertension") == "Tăng huyết áp"
    assert code_word("sex", None) == "?"
    assert [yes_no(value) for value in (True, False, None)] == ["Có", "Không", "?"]
