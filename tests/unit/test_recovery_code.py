from __future__ import annotations

import re

import pytest

from tui_app.errors import UserError
from tui_app.store.recovery_code import SIGNS, new_code, read_code


def test_a_code_is_eight_groups_of_four_signs_that_no_vietnamese_keyboard_changes() -> None:
    code = new_code()
    assert re.fullmatch(r"([2-9B-Z]{4}-){7}[2-9B-Z]{4}", code)
    assert not set(code) & set("AEIOUYDWSL01")
    assert len(SIGNS) == len(set(SIGNS)) == 24


def test_two_codes_differ() -> None:
    assert new_code() != new_code()


def test_case_spaces_and_dashes_do_not_matter() -> None:
    code = new_code()
    assert (
        read_code(code)
        == read_code(f"  {code.lower().replace('-', ' ')}\n")
        == read_code(code.replace("-", ""))
    )


def test_one_wrong_sign_is_told_as_a_slip() -> None:
    code = new_code()
    for place in (0, 13, 38):
        other = next(sign for sign in SIGNS if sign != code[place])
        with pytest.raises(UserError) as refused:
            read_code(code[:place] + other + code[place + 1 :])
        assert refused.value.key == "vault.recovery_code_mistyped"


@pytest.mark.parametrize("typed", ["", "K7RP", "không phải mã", "O" * 32])
def test_anything_else_is_told_as_a_slip(typed: str) -> None:
    with pytest.raises(UserError):
        read_code(typed)
