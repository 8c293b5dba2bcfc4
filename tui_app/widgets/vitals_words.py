"""Readings in a few words, for titles and messages."""

from __future__ import annotations

from collections.abc import Mapping

from tui_app.i18n import t
from tui_app.services.cases.board import BoardLine
from tui_app.widgets.f0_rows import seen_words
from tui_app.widgets.spo2_trend import trend_text
from tui_app.widgets.vitals_cells import FIELDS


def reading_words(typed: Mapping[str, str]) -> str:
    """What was typed: ``37,5 °C, mạch 88, SpO2 97``."""
    said = [t(f"f0.value_{name}", value=typed[name]) for name in FIELDS if typed.get(name)]
    return ", ".join(said) or t("f0.answers_only")


def before_words(patient: BoardLine, today: str) -> str:
    """When seen, and the last SpO2 values; ``today``: ISO day."""
    seen = seen_words(patient, today)
    return t("f0.before", when=seen, spo2=trend_text(patient.spo2).strip()) if patient.last_at else seen
