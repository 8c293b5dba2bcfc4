"""Free words as lists and papers may show them: those that name a restricted condition are left out whole."""

from __future__ import annotations

from tui_app.records.code_words import conditions
from tui_app.records.people import RESTRICTED_CONDITIONS


def names_restricted(text: str | None) -> bool:
    """Whether words name a restricted condition, in any usual writing."""
    return bool(text) and any(one.code in RESTRICTED_CONDITIONS for one in conditions(text or "").found)


def open_words(text: str | None) -> str:
    """The words, or nothing."""
    return "" if not text or names_restricted(text) else text
