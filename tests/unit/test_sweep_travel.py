"""Where somebody came from, as it is typed at the door."""

from __future__ import annotations

from datetime import date

import pytest

from tui_app.services.sweeps.sweep_travel import Travel, read_travel, travel_text

AREAS = ("Đà Nẵng", "Bắc Giang")
TODAY = date(2021, 8, 19)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", Travel()),
        ("1", Travel("Đà Nẵng")),
        ("2 18/8", Travel("Bắc Giang", date(2021, 8, 18))),
        ("18/8", Travel("", date(2021, 8, 18))),
        ("1  18/08/2021", Travel("Đà Nẵng", date(2021, 8, 18))),
        ("Thành phố Huế 1/8", Travel("Thành phố Huế", date(2021, 8, 1))),
        ("Huế 25/12", Travel("Huế", date(2020, 12, 25))),  # a day without a year is the last such day
        ("3", Travel("3")),
        ("1 31/2", Travel("Đà Nẵng", None, "visit.travel_bad_day")),
        ("1 20/8/2021", Travel("Đà Nẵng", None, "visit.travel_day_to_come")),
        ("Quận 1", Travel("Quận 1")),
    ],
)
def test_a_digit_is_an_epidemic_area_and_what_looks_like_a_day_is_one(typed: str, told: Travel) -> None:
    assert read_travel(typed, AREAS, TODAY) == told


def test_it_is_shown_as_it_would_be_typed() -> None:
    assert travel_text("Đà Nẵng", date(2021, 8, 18)) == "Đà Nẵng 18/08/2021"
    assert travel_text("", None) == ""
