"""Five SpO2 values in sixteen cells, and a mark that reads without colour and in plain letters."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tui_app.widgets.spo2_trend import WIDTH, trend, trend_text
from tui_app.widgets.symbols import choose_symbols


@pytest.fixture(autouse=True)
def full_symbols() -> Iterator[None]:
    choose_symbols("unicode")
    yield
    choose_symbols("unicode")


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        ((97, 96, 95, 93, 91), "drop"),
        ((97, 97, 97, 96, 94), "drop"),
        ((97, 97, 97, 96, 95), "fall"),
        ((97, 95, 96, 97, 97), "level"),
        ((93, 94, None, 96, 96), "rise"),
        ((None, None, 96, None, 95), "fall"),
        ((None, None, None, None, 95), ""),
        ((), ""),
    ],
)
def test_the_mark_compares_the_first_and_last_measured_value(
    values: tuple[int | None, ...], mark: str
) -> None:
    assert trend(values) == mark


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ((97, 96, 95, 93, 91), "97 96 95 93 91 ↓"),
        ((97, None, 95, 93, 95), "97  – 95 93 95 ↘"),
        ((98,), "            98  "),
        ((100, 97, 97, 97), "100 97 97 97 ↓"),
        ((100, 97, 97, 97, 97), "97 97 97 97 ↓"),
        ((), "                "),
    ],
)
def test_values_end_in_the_same_cell_whatever_their_number(
    values: tuple[int | None, ...], shown: str
) -> None:
    assert trend_text(values) == shown.rjust(WIDTH)


def test_the_mark_is_there_in_plain_letters() -> None:
    choose_symbols("ascii")
    assert trend_text((97, 96, None, 93, 91)).strip() == "97 96  - 93 91 v"
    assert trend_text((93, 94)).strip() == "93 94 /"
