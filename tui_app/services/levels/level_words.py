"""Scales, levels and their colours in words."""

from __future__ import annotations

from collections.abc import Mapping

from tui_app.i18n import t
from tui_app.records.levels import COMMUNE_COLOURS, LEVEL_COLOURS, LEVELS, PERSON_COLOURS, LevelScale
from tui_app.text import decimal

_COLOURS: dict[str, Mapping[str, str]] = {
    LevelScale.EPIDEMIC_LEVEL: {level.value: colour.value for level, colour in LEVEL_COLOURS.items()},
    LevelScale.COMMUNE_RISK_COLOUR: {risk.value: colour.value for risk, colour in COMMUNE_COLOURS.items()},
}


def scale_words(scale: str) -> str:
    """What a scale is called."""
    return t(f"levels.scale_{scale}")


def level_words(scale: str, level: str | None) -> str:
    """A level with its colour where the scale has one; "không tính được" for None."""
    if level is None:
        return t("levels.not_computable")
    known = {one.value: one for one in LevelScale}
    if scale not in known:
        return t(f"levels.target_{level}")
    if level not in [one.value for one in LEVELS[known[scale]]]:
        return level  # a level of another version
    words = t(f"levels.{scale}_{level}")
    colour = _COLOURS.get(scale, {}).get(level)
    return f"{words} ({t(f'levels.{colour}')})" if colour else words


def share_words(has: int, of: int, *, typed: bool) -> str:
    """``87,5 %``, of a list with what it counted; what was ``typed`` in is a percentage only."""
    share = f"{decimal(round(has * 100 / of, 2))} %"
    return share if typed else f"{has}/{of} = {share}"


def years_words(kept: str) -> str:
    """``4 6 ? 90* 12`` of the counts of earlier years as a record keeps them."""
    return " ".join(word.partition(":")[2] for word in kept.split())


def colour_scales() -> list[str]:
    """The three scales of colours side by side, which have the same four words for different things."""
    said = []
    for name, colours in (("commune", COMMUNE_COLOURS), ("level", LEVEL_COLOURS), ("person", PERSON_COLOURS)):
        each = ", ".join(
            f"{t(f'levels.{colour}')} = {t(f'levels.of_{name}_{of}')}" for of, colour in colours.items()
        )
        said.append(f"{t(f'levels.colours_{name}')}: {each}")
    return said
