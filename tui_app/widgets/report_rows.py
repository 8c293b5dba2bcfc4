"""How reports look in lists: deadlines, figures beside what was filed, the records behind a figure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tui_app.clock import from_wire, show_date, show_moment
from tui_app.i18n import t
from tui_app.services.reports.behind import Behind
from tui_app.services.reports.deadlines import Deadline, Timing
from tui_app.services.reports.due_words import name_of, received_words, timing_word
from tui_app.services.reports.filed import Difference, Filed
from tui_app.services.reports.kinds import Figure, Kind
from tui_app.services.reports.words import note_words, period_words, value_words
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.symbols import State, Tone

_LOOKS: dict[Timing, tuple[State, Tone]] = {
    Timing.DUE: ("unknown", ""),
    Timing.ON_TIME: ("sent", ""),
    Timing.LATE: ("warning", "warning"),
    Timing.MISSING: ("danger", "danger"),
}


def due_columns() -> list[Column]:
    """Of the list of deadlines."""
    return [
        Column("name", t("reports.col_report"), width=18, flex=2),
        Column("period", t("reports.col_period"), width=16),
        Column("due", t("reports.col_due"), width=16),
        Column("state", t("reports.col_state"), width=13, flex=1),
        Column("version", t("reports.col_version"), width=4, align="right"),
        Column("written", t("reports.col_written"), width=16, optional=1),
        Column("received", t("reports.col_received"), width=24, optional=2),
    ]


def due_row(one: Deadline) -> Row:
    """A report that is expected."""
    state, tone = _LOOKS[one.timing]
    said = timing_word(one.timing)
    if one.units_missing:
        said = f"{said} {t('reports.units_left', count=len(one.units_missing))}"
    return Row(
        due_key(one),
        (
            name_of(one),
            period_words(one.period),
            show_moment(one.due_at),
            said,
            str(one.version or ""),
            show_moment(one.written_at) if one.written_at else "",
            received_words(one) if one.written_at else "",
        ),
        state,
        tone,
    )


def due_key(one: Deadline) -> str:
    """Tells a deadline from the others."""
    return f"{one.kind}|{one.subject}|{one.period.last.isoformat()}"


def figure_columns(version: int) -> list[Column]:
    """Of a report's figures. ``version``: the one beside, 0 when none was filed."""
    beside = [Column("filed", t("reports.col_filed", version=version), width=9, align="right")]
    return [
        Column("name", t("reports.col_figure"), width=30, flex=2),
        Column("value", t("reports.col_value"), width=16, align="right"),
        *(beside if version else []),
        Column("note", t("reports.col_note"), width=14, flex=1),
    ]


def figure_rows(
    kind: Kind,
    figures: tuple[Figure, ...],
    beside: Filed | None,
    changed: Mapping[tuple[str, str | None], Difference],
    off: Mapping[str, float],
) -> Iterator[Row]:
    """Figures under their headings. ``beside``: the version they are compared with; ``off``: what does not add up."""
    section = ""
    for figure in figures:
        if (here := kind.section(figure)) != section:
            section = here
            yield Row(f"§{here}", (here,), None, "strong")
        gap, key = off.get(figure.name), (figure.name, figure.unit)
        note = t("reports.gap_short", off=value_words(abs(gap))) if gap else note_words(kind, figure)
        cells = [f"  {kind.word(figure)}", value_words(figure.value)]
        if beside is not None:
            old = beside.figure(*key)
            cells.append("" if old is None else "?" if old.value is None else value_words(old.value))
        state: State | None = "danger" if gap else "warning" if key in changed else None
        tone: Tone = "danger" if gap else "warning" if key in changed else ""
        if figure.value is None:
            tone = "muted"
        yield Row(figure_key(figure), (*cells, note), state, tone)


def figure_key(figure: Figure) -> str:
    """Tells a figure from the others of its report."""
    return f"{figure.name}@{figure.unit or ''}"


def behind_columns() -> list[Column]:
    """Of the records behind a figure."""
    return [
        Column("name", t("visit.column_name"), width=22, flex=2),
        Column("address", t("today.column_address"), width=16, flex=2),
        Column("unit", t("sweep.col_unit"), width=12, flex=1),
        Column("on", t("reports.col_on"), width=16),
    ]


def behind_row(one: Behind) -> Row:
    """A record with whom it is about."""
    on = show_moment(from_wire(one.on)) if "T" in one.on else show_date(one.on)
    return Row(one.id, (one.full_name or "?", one.address, one.unit, on if one.on else ""))
