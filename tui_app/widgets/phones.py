"""Telephone numbers as people write them."""

from __future__ import annotations

from tui_app.store.search_terms import national_phone


def phone_text(number: str | None) -> str:
    """``0903 123 456`` for an E.164 number; a masked or other one as it is; ``?`` for none."""
    if not number:
        return "?"
    digits = national_phone(number)
    if not (number.startswith("+84") and digits.isdigit()):
        return number
    return f"{digits[:-6]} {digits[-6:-3]} {digits[-3:]}"
