"""How a found person or household looks in a list: what was typed is underlined, numbers are masked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rich.text import Text

from tui_app.i18n import t
from tui_app.rules.age import Age, age_on
from tui_app.services.access.access import masked
from tui_app.store.search import Hit
from tui_app.text import fold, place_words, words
from tui_app.widgets.ages import age_text
from tui_app.widgets.rows import Column, Row


def columns() -> list[Column]:
    """The columns of *Tìm*."""
    return [
        Column("name", t("find.column_name"), width=20, flex=3, names=True),
        Column("age", t("find.column_age"), width=6, align="right"),
        Column("address", t("find.column_address"), width=18, flex=3),
        Column("unit", t("find.column_unit"), width=12, flex=1, optional=2),
        Column("phone", t("find.column_phone"), width=12, align="right", optional=1),
    ]


def row_of(hit: Hit, query: str, units: Mapping[str, str], day: date) -> Row:
    """A hit's row. ``units``: name of each area."""
    gone = t("find.died") if hit.died_on else t("find.moved") if hit.moved_on else ""
    place = ", ".join(filter(None, (hit.code, place_words(hit.address, hit.alley))))
    return Row(
        key=hit.id,
        cells=(
            underlined(_name(hit, gone), query),
            "" if hit.kind == "household" else age_text(_age(hit, day)),
            underlined(place, query),
            units.get(hit.area, ""),
            masked(hit.phone) if hit.phone else t("find.number") if hit.number else "",
        ),
        tone="muted" if gone else "",
    )


def underlined(text: str, query: str) -> Text:
    """``text`` with the beginnings of words that were typed set off by weight and a line."""
    asked = sorted(words(fold(query)), key=len, reverse=True)
    shown = Text(text, no_wrap=True)
    start = 0
    for word, folded in zip(text.split(" "), fold(text).split(" "), strict=True):  # folding keeps the spaces
        found = next((len(part) for part in asked if folded.startswith(part)), 0)
        if found:
            shown.stylize("bold underline", start, start + found)
        start += len(word) + 1
    return shown


def _name(hit: Hit, gone: str) -> str:
    if hit.kind == "household":
        return t("find.household", head=hit.title) if hit.title else t("find.household_unnamed")
    return f"{hit.title} ({gone})" if gone else hit.title


def _age(hit: Hit, day: date) -> Age | None:
    born = date.fromisoformat(hit.birth_date) if hit.birth_date else None
    return age_on(day, born, hit.birth_year)
