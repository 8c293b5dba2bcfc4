"""Rows of pairs that may be one, of what was decided about them, and of two records side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from tui_app.clock import show_moment
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.intake.pairs import Strength
from tui_app.services.duplicates.comparing import FIRST, SECOND, FieldPair
from tui_app.services.duplicates.decided import Decision
from tui_app.services.duplicates.duplicates import Listed, Pair
from tui_app.services.duplicates.merging import Given
from tui_app.services.duplicates.pair_words import birth_words, reason_words
from tui_app.services.people.values import field_word
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.symbols import State

_STATES: dict[Strength, State] = {
    Strength.DISPUTED: "conflict",
    Strength.REVIEW: "warning",
    Strength.STRONG: "warning",
    Strength.LIKELY: "steady",
    Strength.POSSIBLE: "unknown",
}
TAKEN = "▸ "


def pair_columns() -> list[Column]:
    """The columns of the queue."""
    return [
        Column("first", t("duplicates.col_first"), width=18, flex=2),
        Column("second", t("duplicates.col_second"), width=18, flex=2),
        Column("why", t("duplicates.col_why"), width=22, flex=3),
        Column("strength", t("duplicates.col_strength"), width=15, optional=1),
    ]


def pair_row(pair: Pair) -> Row:
    """A pair of the queue."""
    strength = t(f"duplicates.strength_{pair.strength}")
    cells = (_named(pair.first), _named(pair.second), reason_words(pair), strength)
    return Row(pair.id, cells, state=_STATES[pair.strength])


def _named(one: Listed) -> str:
    return " · ".join(filter(None, (one.name or one.address, one.birth[:4])))


def detail(pair: Pair) -> str:
    """Both records of a pair with birth, address and unit, and all that makes them look like one."""
    sides = [
        " · ".join(filter(None, (one.name, birth_words(one), one.address, one.unit)))
        for one in (pair.first, pair.second)
    ]
    return "\n".join((*sides, reason_words(pair)))


def decision_columns() -> list[Column]:
    """The columns of what was decided."""
    return [
        Column("at", t("person.column_when"), width=16),
        Column("what", t("fields.verdict"), width=14),
        Column("kept", t("duplicates.col_first"), width=16, flex=2),
        Column("merged", t("duplicates.col_second"), width=16, flex=2),
        Column("who", t("person.column_by"), width=8, flex=1, optional=1),
    ]


def decision_row(one: Decision) -> Row:
    """A decision."""
    verdict = code_word("verdict", one.verdict)
    return Row(one.id, (show_moment(one.at), verdict, one.kept_name, one.merged_name, one.who), state="sent")


def field_columns() -> list[Column]:
    """The columns of two records side by side."""
    return [
        Column("field", t("duplicates.col_field"), width=17),
        Column("one", t("duplicates.col_one"), width=20, flex=1),
        Column("two", t("duplicates.col_two"), width=20, flex=1),
        Column("chosen", "", width=12, flex=1, optional=1),
    ]


def field_row(
    pair: FieldPair, subject: str, words: Mapping[int, str], choice: int | Given | None, own: str
) -> Row:
    """A field that differs. ``words``: the two values; ``own``: the typed one."""
    cells: list[str | Text] = [field_word(pair.field, subject)]
    for side in (FIRST, SECOND):
        taken = choice == side
        cells.append(Text(f"{TAKEN}{words[side]}", style="bold") if taken else f"  {words[side]}")
    mark = t("duplicates.must_choose") if choice is None else ""
    if isinstance(choice, Given):
        mark = t("duplicates.chosen", value=own)
    return Row(pair.field, (*cells, mark), state="warning" if choice is None else "sent")


def looked_at(counts: Mapping[str, Any]) -> str:
    """Record types with how many of each, in words."""
    from tui_app.services.people.values import type_word

    return ", ".join(f"{count} {type_word(name)}" for name, count in counts.items())
