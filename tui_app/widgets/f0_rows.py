"""How a patient of the F0 board looks in a list: level, the last values, when seen, by whom."""

from __future__ import annotations

from datetime import timedelta

from tui_app.clock import VIETNAM, from_wire, show_time
from tui_app.i18n import t
from tui_app.services.cases.board import BoardLine, Standing
from tui_app.widgets.ages import age_text
from tui_app.widgets.rows import Column, Row, fit_text
from tui_app.widgets.signs import sign
from tui_app.widgets.spo2_trend import WIDTH, trend_text
from tui_app.widgets.symbols import WIDTH as MARK_WIDTH
from tui_app.widgets.symbols import Tone, symbol

_TONES: dict[Standing, Tone] = {
    Standing.DANGER: "danger",
    Standing.WORSE: "warning",
    Standing.OVERDUE: "warning",
    Standing.MISSING: "warning",
    Standing.DONE: "good",
    Standing.AWAY: "muted",
    Standing.ENDED: "muted",
}
_LEVEL = 0


def columns() -> list[Column]:
    """The columns of the board; they stand in 80 cells."""
    return [
        Column("level", t("f0.column_level"), width=11, tone=_level_tone),
        Column("name", t("f0.column_name"), width=14, flex=3, names=True),
        Column("age", t("f0.column_age"), width=5, align="right"),
        Column("day", t("f0.column_day"), width=4, align="right"),
        Column("spo2", t("f0.column_spo2_five"), width=WIDTH),
        Column("temperature", t("f0.column_temperature_c"), width=4, align="right"),
        Column("breathing", t("f0.column_respiratory_rate"), width=3, align="right"),
        Column("seen", t("f0.column_seen"), width=7),
        Column("follower", t("f0.column_follower"), width=5, flex=1, optional=1),
    ]


def row_of(line: BoardLine, today: str) -> Row:
    """A patient's row; ``today``: ISO day the board is of."""
    return Row(
        key=line.case,
        cells=(
            standing_words(line),
            name_words(line),
            age_text(line.age),
            "?" if line.day is None else str(line.day),
            trend_text(line.spo2),
            "?" if line.temperature_c is None else f"{line.temperature_c:.1f}".replace(".", ","),
            "?" if line.respiratory_rate is None else str(line.respiratory_rate),
            seen_words(line, today),
            line.followed_by or "?",
        ),
    )


def name_words(line: BoardLine) -> str:
    """The name; in front of it that the person has several open cases, so that nobody is there twice without a word."""
    if line.open_cases < 2:
        return line.full_name
    return t("duplicates.cases_of", count=line.open_cases, name=line.full_name)


def standing_words(line: BoardLine) -> str:
    """Symbol and word of how a patient stands; an alert unanswered for too long says so."""
    late = line.standing is Standing.DANGER and line.alert_late
    return _words(line.standing, late=late)


def _words(standing: Standing, *, late: bool = False) -> str:
    key = f"f0.standing_{standing}_late" if late else f"f0.standing_{standing}"
    return f"{fit_text(_mark(standing), MARK_WIDTH)} {t(key)}"


def seen_words(line: BoardLine, today: str = "") -> str:
    """When the patient was last measured: the time today, else the day. ``today``: ISO day."""
    if line.last_at is None:
        return t("f0.never_seen")
    local = from_wire(line.last_at).astimezone(VIETNAM)
    if local.date().isoformat() == today:
        return show_time(line.last_at)
    if (local.date() + timedelta(days=1)).isoformat() == today:
        return t("f0.yesterday")
    return local.strftime("%d/%m")


def _mark(standing: Standing) -> str:
    match standing:
        case Standing.DANGER:
            return symbol("danger")
        case Standing.WORSE:
            return symbol("warning")
        case Standing.OVERDUE:
            return sign("late")
        case Standing.MISSING:
            return symbol("unknown")
        case Standing.DUE:
            return sign("due")
        case Standing.DONE:
            return sign("done")
        case _:
            return sign("unmeasured")


def _level_tone(row: Row) -> Tone:
    said = str(row.cells[_LEVEL])
    if said == _words(Standing.DANGER, late=True):
        return "danger"
    return next((tone for standing, tone in _TONES.items() if said == _words(standing)), "")
