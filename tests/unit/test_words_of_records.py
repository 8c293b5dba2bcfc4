"""Every code of a record has a word in both languages."""

from __future__ import annotations

import pytest

from tui_app.codes import alert_word, alert_words, code_word, yes_no
from tui_app.i18n import LANGUAGES, catalogue, set_language
from tui_app.records import BY_NAME
from tui_app.records.people import RiskGroup, UnderlyingCondition
from tui_app.services.people.values import field_word


@pytest.fixture(autouse=True)
def vietnamese() -> None:
    set_language("vi")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_word(language: str) -> None:
    words = catalogue(language, "codes")
    codes = {
        f"{column.name}_{code}"
        for name, record in BY_NAME.items()
        for column in record.__table__.columns  # type: ignore[attr-defined]
        for code in column.info.get("codes") or ()
        if f"{name}_{column.name}_{code}" not in words
    }
    codes |= {f"risk_group_{code}" for code in RiskGroup}
    codes |= {f"condition_{code}" for code in UnderlyingCondition}
    assert codes - words.keys() == set()


def test_the_same_code_may_mean_something_else_in_another_type() -> None:
    assert code_word("state", "open") == "Chờ chọn"
    assert code_word("state", "open", "alert") == "Chưa ai trả lời"
    assert field_word("outcome", "household_visit") == "Kết quả lượt thăm"
    assert field_word("outcome", "case") == "Kết quả"


def test_an_unknown_code_is_shown_as_it_is_and_nothing_as_a_question() -> None:
    assert code_word("risk_group", "long_covid") == "long_covid"
    assert alert_word("long_covid") == "long_covid"
    assert alert_word("hypertension") == "Tăng huyết áp"
    assert code_word("sex", None) == "?"
    assert [yes_no(value) for value in (True, False, None)] == ["Có", "Không", "?"]


def test_that_there_is_a_condition_is_left_out_where_it_is_named() -> None:
    assert alert_words(["diabetes", "underlying_condition", "elderly"]) == "Đái tháo đường, Người cao tuổi"
    assert alert_words(["underlying_condition"]) == "Có bệnh nền"
