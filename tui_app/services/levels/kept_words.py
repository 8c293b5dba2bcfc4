"""Levels that were set in words, and as values for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_app.clock import show_date
from tui_app.i18n import language, t
from tui_app.records.levels import LevelOrigin, LevelScale
from tui_app.rules.level_thresholds import BASELINE
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.levels.history import Change, Kept
from tui_app.services.levels.inputs import Origin
from tui_app.services.levels.level_words import level_words, share_words, years_words
from tui_app.services.station.station_values import CHOICES
from tui_app.services.sweeps.counted_ids import ids_of


def kept_words(one: Kept) -> str:
    """A level as it was set: which, computed or published and by whom, why."""
    by = t("levels.computed")
    if one.origin == LevelOrigin.PUBLISHED:
        by = t("levels.published_by", source=one.source)
    return " · ".join(filter(None, (level_words(one.scale, one.level), by, one.reason)))


def kept_name(given: Mapping[str, Any]) -> str:
    """What an input, or a choice of the station, is called."""
    name = str(given["name"])
    if name in CHOICES:
        return t(f"station.{name}")
    needs = {need.id: str(getattr(need, language())) for one in rule_sets() for need in one.level_need}
    return needs.get(name) or t(f"levels.input_{name}")


def kept_value(one: Kept, given: Mapping[str, Any]) -> str:
    """The value of an input as it was; a dash where it was missing."""
    name, value = given["name"], given.get("value")
    if value is None:
        return "–"
    if name in CHOICES:
        return t(f"station.{name}_{value}")
    if name == "published":
        return level_words(one.scale or LevelScale.COMMUNE_RISK_COLOUR, value)
    if name.startswith(BASELINE):
        return years_words(str(value))
    if isinstance(value, str) and "/" in value:
        return share_words(*map(int, value.split("/")), typed=given.get("origin") != Origin.COUNTED)
    return t("codes.yes" if value else "codes.no") if isinstance(value, bool) else str(value)


def kept_source(given: Mapping[str, Any]) -> str:
    """Who said so and from when; the lists of the laptop for what was counted."""
    if given.get("origin") == Origin.COUNTED:
        return t("levels.from_lists")
    since = show_date(given["as_of"]) if given.get("as_of") else ""
    return ", ".join(filter(None, (given.get("source"), since)))


def kept_json(one: Kept) -> dict[str, Any]:
    """A level as it was set, for programs; how many records each input counted, nobody's id."""
    counts = {name: None if ids is None else len(ids) for name, ids in kept_ids_of(one).items()}
    return {
        "id": one.id,
        "scale": one.scale,
        "subject": one.subject,
        "date": one.day.isoformat(),
        "level": one.level,
        "origin": one.origin,
        "reason": one.reason or None,
        "rules": list(one.rules),
        "known_at": one.known_at,
        "who": one.who,
        "inputs": [
            {name: value for name, value in given.items() if name not in ("ids", "packed")}
            | ({"records": counts[given["name"]]} if given["name"] in counts else {})
            for given in one.inputs
        ],
    }


def change_json(one: Change) -> dict[str, Any]:
    """An entry of the history for programs."""
    return kept_json(one.kept) | {"was": one.was, "changed": one.changed}


def kept_ids_of(one: Kept) -> dict[str, tuple[str, ...] | None]:
    """Input -> ids of the cases it counted; None where they had no room."""
    return ids_of(given for given in one.inputs if {"ids", "packed", "left_out"} & set(given))
