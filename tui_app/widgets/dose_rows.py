"""The lines of the vaccination tab: how the person stands first, then each dose, oldest first."""

from __future__ import annotations

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.rules.vaccine_facts import DoseState
from tui_app.services.vaccination.vaccination_card import VaccinationCard
from tui_app.services.vaccination.vaccination_words import (
    dose_line,
    given_words,
    short_words,
    state_word,
    status_words,
)
from tui_app.widgets.case_row import why_lines
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.symbols import State

STATUS = "status"
STATES: dict[DoseState, State] = {
    DoseState.OVERDUE: "warning",
    DoseState.DUE: "warning",
    DoseState.WAITING: "steady",
    DoseState.COMPLETE: "steady",
    DoseState.UNSURE: "unknown",
}


def columns() -> list[Column]:
    """Day, which dose, product, source; they stand in 80 cells."""
    return [
        Column("when", t("vaccination.col_day"), width=10),
        Column("which", t("vaccination.col_which"), width=26, flex=2),
        Column("product", t("vaccination.col_product"), width=20, flex=1),
        Column("source", t("vaccination.col_source"), width=14),
        Column("place", t("vaccination.col_place"), width=16, flex=1, optional=1),
    ]


def rows(card: VaccinationCard) -> list[Row]:
    """The lines."""
    doses = [Row(dose.id, dose_line(card.sets, dose.body)) for dose in card.doses]
    if card.status is None:
        return doses
    found = card.status
    due = show_date(found.next_due) if found.next_due else ""
    said = (due, short_words(found, until=card.until), given_words(found), "", "")
    return [Row(STATUS, said, STATES.get(found.state, "unknown"), "strong"), *doses]


def why(card: VaccinationCard) -> tuple[str, list[str]]:
    """Title and lines: what was noted, what was only said, and each rule with its set."""
    found = card.status
    assert found is not None
    lines = [status_words(found, until=card.until)]
    if card.reason:
        lines.append(t("vaccination.why_reason", reason=card.reason))
    if card.reported is not None:
        lines.append(t("vaccination.why_reported", count=card.reported))
    lines += ["", *why_lines(card.sets, found.findings)]
    return state_word(found), lines
