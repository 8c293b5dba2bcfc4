"""The words of codes. Lists of codes are open: one that a newer program or another commune uses is shown as it is."""

from __future__ import annotations

from collections.abc import Iterable

from tui_app.i18n import catalogue, language, t

UNDERLYING = "underlying_condition"  # the group of all who have a condition


def code_word(field: str, code: str | None, of: str = "") -> str:
    """The word for a field's code in the language in use; ``?`` for None, the code itself when it has no word.

    ``of``: the record type, where the same code of the same field means something else in another one.
    """
    if code is None or code == "":
        return t("codes.unset")
    words = catalogue(language(), "codes")
    return words.get(f"{of}_{field}_{code}") or words.get(f"{field}_{code}", code)


def yes_no(value: bool | None) -> str:
    """Có, Không, or ``?`` when nobody asked."""
    return t("codes.unset") if value is None else t("codes.yes") if value else t("codes.no")


def alert_word(code: str) -> str:
    """The word for a risk group's or a condition's code."""
    words = catalogue(language(), "codes")
    return words.get(f"condition_{code}") or words.get(f"risk_group_{code}") or code


def alert_words(codes: Iterable[str]) -> str:
    """Groups and conditions in one line; that there is a condition is left out where it is named."""
    words = catalogue(language(), "codes")
    named = list(codes)
    if any(f"condition_{code}" in words for code in named):
        named = [code for code in named if code != UNDERLYING]
    return ", ".join(alert_word(code) for code in named)
