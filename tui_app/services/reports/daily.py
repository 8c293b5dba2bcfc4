"""The daily report (form 5.9, rules §5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tui_app.services.reports.choices import FIGURES
from tui_app.services.reports.form import (
    NOTES,
    TYPED,
    facts,
    form_figures,
    form_gaps,
    form_section,
    form_word,
)
from tui_app.services.reports.kinds import Figure, Kind, Period
from tui_app.services.reports.periods import day_period

NAME = "daily"


def _count(c: Any, period: Period, as_of: datetime, subject: str) -> tuple[Figure, ...]:
    return form_figures(c, NAME, period, as_of, facts(c, period, as_of))


DAILY = Kind(
    name=NAME,
    period=day_period,
    count=_count,
    gaps=form_gaps,
    due_kind=NAME,
    conventions=FIGURES,
    rule_subjects=("contact_watch",),
    word=form_word,
    section=form_section,
    notes=NOTES,
    typed=TYPED,
)
