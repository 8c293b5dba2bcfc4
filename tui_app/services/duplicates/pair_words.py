"""What makes two records look like one, in words."""

from __future__ import annotations

from collections.abc import Sequence

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.intake.pairs import Strength
from tui_app.services.duplicates.duplicates import Listed, Pair
from tui_app.services.people.values import field_word


def reason_words(pair: Pair) -> str:
    """Why the pair is listed, those that count most first."""
    if pair.strength is Strength.REVIEW:
        fields = ", ".join(field_word(field, pair.subject) for field in pair.reasons)
        return t("duplicates.reason_changed", fields=fields)
    return ", ".join(t(f"duplicates.reason_{reason}") for reason in pair.reasons)


def birth_words(one: Listed) -> str:
    """A birth date, or the year alone."""
    return show_date(one.birth) if len(one.birth) == 10 else one.birth


def double_words(pairs: Sequence[Pair], person: str) -> str:
    """Whom a person may be the same as, the surest first."""
    pair = pairs[0]
    other = pair.second if pair.first.id == person else pair.first
    name = " ".join(filter(None, (other.name, other.birth[:4])))
    key = "duplicates.may_be" if len(pairs) == 1 else "duplicates.may_be_more"
    return t(key, name=name, count=len(pairs) - 1)
