"""Every code of a record has a word in both languages."""

from __future__ import annotations

import pytest

from tui_app.codes import alert_word, alert_words, code_word, yes_no
from tui_app.i18n import LANGUAGES, catalogue, set_language
from tui_app.records import BY_NAME
from tui_app.records.people import RiskGroup, UnderlyingCondition


@pytest.fixture(autouse=True)
def vietnamese() -> None:
    set_language("vi")


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


def test_an_unknown_code_is_shown_as_it_is_and_nothing_as_a_question() -> None:
    assert code_word("risk_group", "long_covid") == "long_covid"
    assert alert_word("long_covid") == "long_covid"
    assert alert_word("hypertension") == "Tăng huyết áp"
    assert code_word("sex", None) == "?"
    assert [yes_no(value) for value in (True, False, None)] == ["Có", "Không", "?"]


def test_that_there_is_a_condition_is_left_out_where_it_is_named() -> None:
    assert alert_words(["diabetes", "underlying_condition", "elderly"]) == "Đái tháo đường, Người cao tuổi"
    assert alert_words(["underlying_condition"]) == "Có bệnh nền"
