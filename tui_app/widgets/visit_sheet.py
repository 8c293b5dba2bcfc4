"""How a household's visit sheet looks: a row a person, a column of signs under the digits that set them."""

from __future__ import annotations

from tui_app.i18n import t
from tui_app.records.visits import Asked, Symptom, TestOutcome, Wellbeing
from tui_app.services.visits.visit_lines import VisitLine, VisitSheet
from tui_app.widgets.ages import age_text
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.symbols import State, Tone

WORDS_FROM = 112  # cells of the sheet from which the signs have words above them
PRESENT, NOT_PRESENT = "x", "."
_WELL, _SIGNS, _DOSES, _TEST, _NOTE = 2, 3, 4, 5, 6


def columns(width: int) -> list[Column]:
    """The columns of the sheet for a list ``width`` cells wide."""
    heads = _sign_heads(width)
    signs = " ".join(heads)
    return [
        Column("name", t("visit.column_name"), width=14, flex=3, names=True),
        Column("age", t("visit.column_age"), width=5, align="right"),
        Column("well", t("visit.column_well"), width=10, tone=_well_tone),
        Column("signs", signs, width=len(signs), tone=_signs_tone),
        Column("doses", t("visit.column_doses"), width=4, align="right", optional=2),
        Column("test", t("visit.column_test"), width=7, tone=_test_tone),
        Column("note", t("visit.column_note"), width=7, flex=2, optional=1),
    ]


def row_of(line: VisitLine, width: int) -> Row:
    """A person's row of the sheet."""
    return Row(
        key=line.person,
        cells=(
            line.full_name,
            age_text(line.age),
            _well_word(line),
            _signs(line, width),
            "?" if line.reported_doses is None else str(line.reported_doses),
            t(f"visit.test_{line.test or 'none'}"),
            line.note,
        ),
        state=_state(line),
    )


def found(sheet: VisitSheet) -> str:
    """What a sheet found, in a few words: so many well, unwell, positive, not asked."""
    well = sum(line.wellbeing == Wellbeing.WELL for line in sheet.lines)
    unwell = sum(line.wellbeing == Wellbeing.UNWELL for line in sheet.lines)
    positive = sum(line.test == TestOutcome.POSITIVE for line in sheet.lines)
    counts = {
        "well": well,
        "unwell": unwell,
        "positive": positive,
        "not_asked": len(sheet.lines) - sheet.answered,
    }
    said = [t(f"visit.found_{name}", count=count) for name, count in counts.items() if count]
    return ", ".join(said) or t("visit.found_not_asked", count=0)


def label(code: str, address: str) -> str:
    """How a household is called in titles and messages."""
    return " · ".join(part for part in (code, address) if part) or "?"


def _sign_heads(width: int) -> list[str]:
    if width < WORDS_FROM:
        return [str(n) for n in range(1, len(Symptom) + 1)]
    return [f"{n}{t(f'visit.sign_{sign}')}" for n, sign in enumerate(Symptom, 1)]


def _signs(line: VisitLine, width: int) -> str:
    if not line.answered:
        return t("visit.not_asked")
    cells = (
        (PRESENT if sign in line.symptoms else NOT_PRESENT).center(len(head))
        for sign, head in zip(Symptom, _sign_heads(width), strict=True)
    )
    return " ".join(cells)


def _well_word(line: VisitLine) -> str:
    if line.wellbeing is None:
        return "?"
    if line.wellbeing == Wellbeing.UNWELL:
        return t("visit.unwell")
    return t("visit.well_all") if line.asked == Asked.ALL else t("visit.well")


def _state(line: VisitLine) -> State:
    if line.wellbeing == Wellbeing.UNWELL or line.test == TestOutcome.POSITIVE:
        return "warning"
    return "steady" if line.answered else "unknown"


def _well_tone(row: Row) -> Tone:
    return "warning" if _cell(row, _WELL) == t("visit.unwell") else ""


def _signs_tone(row: Row) -> Tone:
    return "strong" if PRESENT in _cell(row, _SIGNS) else "muted"


def _test_tone(row: Row) -> Tone:
    test = _cell(row, _TEST)
    return "danger" if test.startswith("+") else "muted" if test == t("visit.test_none") else ""


def _cell(row: Row, place: int) -> str:
    return str(row.cells[place])
