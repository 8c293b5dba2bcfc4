"""Vital signs as they are typed: checked once, at the border, by the limits of the record."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from tui_app.errors import FieldProblem
from tui_app.records import BY_NAME
from tui_app.records.observations import Contacted
from tui_app.text import clean

COUNTED = (
    "pulse",
    "respiratory_rate",
    "spo2",
    "spo2_repeat",
    "spo2_repeat_after",
    "systolic_bp",
    "diastolic_bp",
)
MEASURED = ("temperature_c", *COUNTED)
_PRESSURE = re.compile(r"(\d{2,3})\s*[/-]\s*(\d{2,3})").fullmatch
_DECIMAL = re.compile(r"\d+(?:[.,]\d+)?").fullmatch


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at a patient. None: not measured, not asked; never normal.

    Units and ranges as in `tui_app.records.observations.Observation`. ``symptoms``, ``signs``: codes, an empty tuple
    when it was asked and there was none.
    """

    temperature_c: float | None = None
    pulse: int | None = None
    respiratory_rate: int | None = None
    spo2: int | None = None
    spo2_repeat: int | None = None
    spo2_repeat_after: int | None = None
    systolic_bp: int | None = None
    diastolic_bp: int | None = None
    symptoms: tuple[str, ...] | None = None
    signs: tuple[str, ...] | None = None
    contacted: str | None = None
    note: str = ""

    @property
    def says_something(self) -> bool:
        """Whether anything was measured or asked."""
        asked = self.symptoms is not None or self.signs is not None
        return asked or any(getattr(self, name) is not None for name in MEASURED)

    def fields(self) -> dict[str, Any]:
        """As an observation keeps them."""
        said = asdict(self)
        for name in ("symptoms", "signs"):
            said[name] = None if said[name] is None else list(said[name])
        return said


@dataclass(frozen=True, slots=True)
class CheckedVitals:
    """What was typed, as vitals, or why not: one problem a field, each with its range and the remedy."""

    vitals: Vitals | None
    problems: tuple[FieldProblem, ...] = ()


def check_vitals(typed: Mapping[str, str]) -> CheckedVitals:
    """Read a row as it was typed: ``38,5``, ``120/80`` under ``blood_pressure``, codes with commas.

    Empty is not measured. Nothing outside the range of its field is taken, and nothing is bent into it.
    """
    texts = {name: clean(text) for name, text in typed.items() if clean(text)}
    problems: list[FieldProblem] = []
    said: dict[str, Any] = {"note": texts.get("note", "")}
    if "blood_pressure" in texts:
        found = _PRESSURE(texts["blood_pressure"])
        if found:
            texts |= {"systolic_bp": found[1], "diastolic_bp": found[2]}
        else:
            problems.append(FieldProblem("systolic_bp", "care.blood_pressure"))
    for name in MEASURED:
        if name in texts:
            said[name] = _number(name, texts[name], problems)
    if said.get("systolic_bp") and said.get("diastolic_bp") and said["systolic_bp"] <= said["diastolic_bp"]:
        problems.append(FieldProblem("systolic_bp", "care.pressures_swapped"))
    if said.get("spo2_repeat") is not None and said.get("spo2") is None:
        problems.append(FieldProblem("spo2_repeat", "care.repeat_without_first"))
    for name in ("symptoms", "signs"):
        if name in typed:
            said[name] = tuple(dict.fromkeys(filter(None, (code.strip() for code in typed[name].split(",")))))
    if contacted := texts.get("contacted"):
        if contacted not in set(Contacted):
            problems.append(FieldProblem("contacted", "problems.code", codes=", ".join(Contacted)))
        said["contacted"] = contacted
    return CheckedVitals(None, tuple(problems)) if problems else CheckedVitals(Vitals(**said))


def out_of_range(vitals: Vitals) -> list[FieldProblem]:
    """The measured values that no patient has, each with its range and the remedy."""
    problems = []
    for name in MEASURED:
        value = getattr(vitals, name)
        low, high = limits(name)
        if value is not None and not low <= value <= high:
            problems.append(_outside(name, low, high))
    return problems


def limits(field: str) -> tuple[float, float]:
    """Lowest and highest value of a vital sign that is taken."""
    bounds = {type(rule).__name__: rule for rule in BY_NAME["observation"].model_fields[field].metadata}
    return bounds["Ge"].ge, bounds["Le"].le


def _number(name: str, text: str, problems: list[FieldProblem]) -> float | int | None:
    if not _DECIMAL(text):
        problems.append(
            FieldProblem(name, "problems.number" if name == "temperature_c" else "problems.integer")
        )
        return None
    number = float(text.replace(",", "."))
    if name in COUNTED and not number.is_integer():
        problems.append(FieldProblem(name, "problems.integer"))
        return None
    low, high = limits(name)
    if not low <= number <= high:
        problems.append(_outside(name, low, high))
        return None
    return int(number) if name in COUNTED else number


def _outside(name: str, low: float, high: float) -> FieldProblem:
    return FieldProblem(name, "care.out_of_range", low=f"{low:g}", high=f"{high:g}")
