"""Ages as people read them: completed years, a range when only the year is known, months for infants."""

from __future__ import annotations

from tui_app.i18n import t
from tui_app.rules.age import Age


def age_text(age: Age | None) -> str:
    """``65``, ``64–65``, ``8th`` (months, below two years), ``?`` when nothing is known."""
    if age is None:
        return "?"
    if age.high_months < 24:
        low, high = age.low_months, age.high_months
        return t("person.months", months=low if low == high else f"{low}–{high}")
    return str(age.low) if age.low == age.high else f"{age.low}–{age.high}"
