"""How a patient's line of the vitals grid looks: what is typed, what is saved, what was before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rich.text import Text

from tui_app.clock import show_time
from tui_app.i18n import t
from tui_app.services.cases.board import BoardLine, Standing
from tui_app.services.cases.observing import Vitals, check_vitals
from tui_app.widgets.ages import age_text
from tui_app.widgets.f0_rows import seen_words
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.signs import sign
from tui_app.widgets.spo2_trend import trend
from tui_app.widgets.symbols import State, symbol
from tui_app.widgets.vitals_cells import FIELDS, PRESSURE, TEMPERATURE

WIDTHS = {TEMPERATURE: 5, "pulse": 5, "respiratory_rate": 4, "spo2": 5, PRESSURE: 7}
FIRST = 3  # columns before the first value


@dataclass(slots=True)
class VitalsLine:
    """One patient in one half-day.

    ``typed``: what the cells hold; ``saved``: what the reading ``observation`` (taken at the wire moment ``at``, whole
    in ``reading``) holds, empty before there is one; ``alert``: whether it found a danger sign.
    """

    patient: BoardLine
    typed: dict[str, str] = field(default_factory=dict)
    saved: dict[str, str] = field(default_factory=dict)
    observation: str = ""
    reading: Vitals | None = None
    at: str = ""
    alert: bool = False

    @property
    def is_changed(self) -> bool:
        """Whether something is typed that is not saved."""
        return self.typed != self.saved

    def vitals(self) -> Vitals | None:
        """The cells as vitals; what else the corrected reading holds stays. None while a cell holds what cannot be.

        A second SpO2 stays only with the first one it was measured after.
        """
        found, kept = check_vitals(self.typed).vitals, self.reading
        if found is None or kept is None:
            return found
        found = replace(
            found, symptoms=kept.symptoms, signs=kept.signs, contacted=kept.contacted, note=kept.note
        )
        if found.spo2 == kept.spo2:
            found = replace(found, spo2_repeat=kept.spo2_repeat, spo2_repeat_after=kept.spo2_repeat_after)
        return found

    def type(self, name: str, text: str) -> None:
        """Put ``text`` into a cell; an empty one is not measured."""
        if text:
            self.typed[name] = text
        else:
            self.typed.pop(name, None)


def typed_of(fields: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a saved reading."""
    typed = {name: number_text(fields.get(name)) for name in FIELDS if name != PRESSURE}
    if fields.get("systolic_bp") is not None:
        typed[PRESSURE] = f"{fields['systolic_bp']}/{fields.get('diastolic_bp') or ''}"
    return {name: text for name, text in typed.items() if text}


def vitals_of(fields: Mapping[str, Any]) -> Vitals:
    """The vitals of a saved reading."""
    kept: dict[str, Any] = {name: fields.get(name) for name in Vitals.__dataclass_fields__}
    for name in ("symptoms", "signs"):
        kept[name] = None if kept[name] is None else tuple(kept[name])
    return Vitals(**(kept | {"note": kept["note"] or ""}))


def number_text(value: float | int | None) -> str:
    """A number with a decimal comma; empty for None."""
    if value is None:
        return ""
    return f"{value:.1f}".replace(".", ",") if isinstance(value, float) else str(value)


def columns() -> list[Column]:
    """The columns of the grid."""
    values = [Column(name, t(f"f0.column_{name}"), width=WIDTHS[name], align="right") for name in FIELDS]
    return [
        Column("name", t("f0.column_name"), width=15, flex=2, names=True),
        Column("age", t("f0.column_age"), width=5, align="right"),
        Column("day", t("f0.column_day"), width=4, align="right", optional=1),
        *values,
        Column("said", t("f0.column_said"), width=14, flex=1),
    ]


def row_of(line: VitalsLine, today: str) -> Row:
    """A patient's row; ``today``: ISO day.

    A value that was not measured in a saved reading is a dash, one not typed yet a dot.
    """
    nothing = sign("unmeasured") if line.observation else symbol("steady")
    patient = line.patient
    values = (line.typed.get(name) or Text.assemble((nothing, "dim")) for name in FIELDS)
    return Row(
        key=patient.case,
        cells=(
            patient.full_name,
            age_text(patient.age),
            "?" if patient.day is None else str(patient.day),
            *values,
            _said(line, today),
        ),
        state=_state(line),
    )


def _state(line: VitalsLine) -> State | None:
    if line.alert or line.patient.standing is Standing.DANGER:
        return "danger"
    if line.patient.standing is Standing.WORSE:
        return "warning"
    return "steady" if line.observation else None


def _said(line: VitalsLine, today: str) -> str:
    if line.is_changed:
        word = "f0.said_amending" if line.observation else "f0.said_draft"
        return f"{sign('draft')} {t(word)}"
    if line.observation:
        return f"{sign('done')} {show_time(line.at)}"
    patient = line.patient
    known = [value for value in patient.spo2 if value is not None]
    mark = trend(patient.spo2)
    before = f" {known[-1]}%{' ' + sign(mark) if mark else ''}" if known else ""
    return f"{seen_words(patient, today)}{before}"
