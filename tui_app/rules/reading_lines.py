"""A reading as a line of JSON (``gonha rules judge``): checked here, because it comes from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec

from tui_app.rules.case_lines import NAMES, NOTHING_TOLD, CaseLine, Refused, read_case
from tui_app.rules.fields import NUMBERS
from tui_app.rules.findings import Reading
from tui_app.rules.readings import VIETNAM
from tui_app.rules.set_parts import Words
from tui_app.text import fold

_VITALS = ("pulse", "respiratory_rate", "spo2", "spo2_repeat", "systolic_bp", "diastolic_bp", "temperature_c")
_DATES = ("birth_date", "delivered_on", "last_dose_on", "first_positive_on", "onset_on")
_ANSWERS = (
    *("conditions_stable", "pregnant", "self_care", "can_report", "carer_able"),
    *("household_at_risk", "breastfeeding"),
)
_CODES = ("symptoms", "signs", "conditions", "drug_cautions")
_SEXES = ("male", "female", "unknown")


@dataclass(frozen=True, slots=True)
class InputProblem:
    """Why a value was refused. ``name``: its key in the line; ``key``: the catalogue entry."""

    name: str
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        from tui_app.i18n import t

        return t(self.key, name=self.name, **self.params)


@dataclass(frozen=True, slots=True)
class ReadLine:
    """What a line holds. ``reading``: None when ``problems`` say why; ``ignored``: keys nothing is known about;
    ``case``: what it tells of the case."""

    reading: Reading | None
    problems: tuple[InputProblem, ...] = ()
    ignored: tuple[str, ...] = ()
    case: CaseLine = NOTHING_TOLD


def read_line(line: bytes, words: Mapping[str, Words]) -> ReadLine:
    """The reading of a line: ``birth_date`` or ``birth_year``, ``sex``, ``at``, vital signs (at the top or under
    ``vitals``), ``symptoms``, ``signs``, ``conditions`` (codes or their words), ``vaccination`` and the other fields of
    `Reading`, and of the case ``tests`` (each ``on`` or ``at``, ``method``, ``result``, ``supervised``, ``ct_value``),
    ``antigen`` and ``pcr`` (a result of that moment), ``epidemiological_factor``, ``severe_pneumonia``.
    Symptoms without signs are all that was asked. A moment without an offset is Viet Nam time.
    """
    try:
        said = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return ReadLine(None, (InputProblem("line", "rules.line_no_json"),))
    if not isinstance(said, dict):
        return ReadLine(None, (InputProblem("line", "rules.line_no_object"),))
    said = {name: value for name, value in said.items() if value is not None}
    problems: list[InputProblem] = []
    for group in ("vitals", "vaccination"):
        said |= _opened(group, said.pop(group, {}), problems)
    asked: dict[str, Callable[[str, Any], Any]] = {
        "at": _moment,
        "birth_year": _year,
        "sex": _sex,
        "spo2_repeat_after": _whole(0, 3600),
        "basic_doses": _whole(0, 9),
        **{name: _number(name) for name in _VITALS},
        **dict.fromkeys(_DATES, _date),
        **dict.fromkeys(_ANSWERS, _answer),
        **{name: _codes(words) for name in _CODES},
    }
    values: dict[str, Any] = {}
    for name in said.keys() & asked.keys():
        value = asked[name](name, said[name])
        if isinstance(value, InputProblem):
            problems.append(value)
        else:
            values[name] = value
    if "at" not in said:
        problems.append(InputProblem("at", "rules.input_missing"))
    problems += _births(values)
    ignored = tuple(sorted(said.keys() - asked.keys() - NAMES))
    told = read_case(said, values["at"]) if "at" in values else NOTHING_TOLD
    if isinstance(told, Refused):
        problems.append(InputProblem(told.name, told.key, told.params))
    if problems or isinstance(told, Refused):
        return ReadLine(None, tuple(problems), ignored)
    if "signs" not in values and "symptoms" in values:
        values["signs"] = frozenset()
    return ReadLine(Reading(**values), (), ignored, told)


def _opened(group: str, said: Any, problems: list[InputProblem]) -> dict[str, Any]:
    """The values of a group. Of vaccination also a list of doses, or just how many."""
    if group == "vaccination" and isinstance(said, int) and not isinstance(said, bool):
        return {"basic_doses": said}
    if group == "vaccination" and isinstance(said, list):
        days = [dose.get("given_on") if isinstance(dose, dict) else dose for dose in said]
        known = [day for day in days if isinstance(day, str)]
        if len(known) == len(days):
            return {"basic_doses": len(days)} | ({"last_dose_on": max(known)} if known else {})
    if isinstance(said, dict):
        return {name: value for name, value in said.items() if value is not None}
    problems.append(InputProblem(group, "rules.input_group"))
    return {}


def _births(values: dict[str, Any]) -> list[InputProblem]:
    at, born, year = values.get("at"), values.get("birth_date"), values.get("birth_year")
    if at is None:
        return []
    day = at.astimezone(VIETNAM).date()
    if born is not None and born > day:
        return [InputProblem("birth_date", "rules.input_future")]
    if year is not None and year > day.year:
        return [InputProblem("birth_year", "rules.input_future")]
    if born is not None and year is not None and born.year != year:
        return [InputProblem("birth_year", "rules.input_births_differ")]
    return []


def _moment(name: str, value: Any) -> datetime | InputProblem:
    try:
        read = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return InputProblem(name, "rules.input_moment")
    return read if read.tzinfo else read.replace(tzinfo=VIETNAM)


def _date(name: str, value: Any) -> date | InputProblem:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return InputProblem(name, "rules.input_date")


def _year(name: str, value: Any) -> int | InputProblem:
    return _whole(1900, 2100)(name, value)


def _sex(name: str, value: Any) -> str | InputProblem:
    return value if value in _SEXES else InputProblem(name, "rules.input_sex", {"choices": ", ".join(_SEXES)})


def _answer(name: str, value: Any) -> bool | InputProblem:
    return value if isinstance(value, bool) else InputProblem(name, "rules.input_yes_no")


def _whole(low: int, high: int) -> Callable[[str, Any], int | InputProblem]:
    def read(name: str, value: Any) -> int | InputProblem:
        whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
        if whole and low <= value <= high:
            return int(value)
        return InputProblem(name, "rules.input_range", {"low": low, "high": high})

    return read


def _number(name: str) -> Callable[[str, Any], float | InputProblem]:
    low, high = NUMBERS["spo2" if name == "spo2_repeat" else name]
    if name != "temperature_c":
        return _whole(int(low), int(high))

    def read(name: str, value: Any) -> float | InputProblem:
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return float(value)
        return InputProblem(name, "rules.input_range", {"low": f"{low:g}", "high": f"{high:g}"})

    return read


def _codes(words: Mapping[str, Words]) -> Callable[[str, Any], frozenset[str] | InputProblem]:
    def read(name: str, value: Any) -> frozenset[str] | InputProblem:
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            return InputProblem(name, "rules.input_list")
        codes = {one: one if one in words else by_words(words).get(fold(one).strip()) for one in value}
        unknown = [one for one, code in codes.items() if code is None]
        if unknown:
            return InputProblem(name, "rules.input_unknown_code", {"codes": ", ".join(unknown)})
        return frozenset(code for code in codes.values() if code is not None)

    return read


def by_words(words: Mapping[str, Words]) -> dict[str, str]:
    """The code of each wording, and of each part of one that lists several; without marks and capitals."""
    found: dict[str, str] = {}
    for code, said in words.items():
        for text in (said.vi, said.en):
            for part in (text, *text.split(",")):
                found.setdefault(fold(part).strip(), code)
    return found
