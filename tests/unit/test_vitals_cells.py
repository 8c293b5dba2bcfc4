"""Typing into a cell: commas and strokes that need not be typed, and what cannot stand."""

from __future__ import annotations

import pytest

from tui_app.widgets.vitals_cells import FIELDS, is_full, typed_on


def typed(field: str, keys: str) -> str:
    text = ""
    for key in keys:
        text = typed_on(field, text, key) or text
    return text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("375", "37,5"),
        ("37,5", "37,5"),
        ("37.5", "37,5"),
        ("37", "37"),
        ("37.", "37,"),
        ("401", "40,1"),
        ("429", "42,9"),
        ("430", "43"),
        ("340", "34,0"),
        ("335", "33"),
        ("3755", "37,5"),
        ("120", "12"),
    ],
)
def test_a_temperature_needs_no_comma_between_34_and_42_degrees(keys: str, text: str) -> None:
    assert typed("temperature_c", keys) == text


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ("12080", "120/80"),
        ("120/80", "120/80"),
        ("95/60", "95/60"),
        ("95-60", "95/60"),
        ("120,80", "120/80"),
        ("/80", "80"),
        ("120//80", "120/80"),
    ],
)
def test_a_blood_pressure_of_three_digits_needs_no_stroke(keys: str, text: str) -> None:
    assert typed("blood_pressure", keys) == text


@pytest.mark.parametrize("field", ["pulse", "respiratory_rate", "spo2"])
def test_counts_are_up_to_three_digits(field: str) -> None:
    assert typed(field, "97,5") == "975"
    assert typed(field, "1000") == "100"


def test_only_the_decimal_of_a_temperature_ends_a_cell() -> None:
    assert is_full("temperature_c", "37,5")
    assert not is_full("temperature_c", "37,")
    assert not any(is_full(field, "100") for field in FIELDS)
