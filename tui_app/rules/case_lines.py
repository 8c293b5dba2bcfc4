"""What a line of ``gonha rules judge`` tells of a case besides the reading: tests, contact with a case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tui_app.rules.definition import CaseFacts
from tui_app.rules.fields import NUMBERS
from tui_app.rules.findings import Reading
from tui_app.rules.readings import VIETNAM, day_of
from tui_app.rules.release import ReleaseFacts, TestFact

METHODS = ("antigen", "pcr")
RESULTS = ("positive", "negative", "invalid")
ANSWERS = ("epidemiological_factor", "severe_pneumonia")
NAMES = frozenset({"tests", *METHODS, *ANSWERS})
"""The keys of a line that tell of the case."""


@dataclass(frozen=True, slots=True)
class ToldTest:
    """A test. ``at``: aware, None when only its day was told; ``supervised``: done or watched by health staff."""

    on: date
    at: datetime | None
    method: str
    result: str
    supervised: bool | None = None
    ct_value: float | None = None


@dataclass(frozen=True, slots=True)
class CaseLine:
    """``tests``: None when the line says nothing of tests, empty when there was none."""

    tests: tuple[ToldTest, ...] | None = None
    epidemiological_factor: bool | None = None
    severe_pneumonia: bool | None = None

    @property
    def defines(self) -> bool:
        """Whether it says anything a case definition asks for besides symptoms."""
        return (self.tests, self.epidemiological_factor, self.severe_pneumonia) != (None, None, None)

    def case_facts(self, reading: Reading) -> CaseFacts:
        """What is known for the case definition at the moment of a reading."""
        told = [one for one in self.tests or () if one.on <= day_of(reading) and one.result != "invalid"]
        return CaseFacts(
            symptoms=reading.symptoms,
            signs=reading.signs,
            epidemiological_factor=self.epidemiological_factor,
            severe_pneumonia=self.severe_pneumonia,
            antigen=tuple((one.at, one.result == "positive") for one in told if one.method == "antigen"),
            pcr=tuple((one.at, one.result == "positive") for one in told if one.method == "pcr"),
        )

    def release_facts(self, reading: Reading) -> ReleaseFacts | None:
        """What decides about the end of an isolation; None when the first positive day or the tests were not told."""
        if self.tests is None or reading.first_positive_on is None:
            return None
        tests = [
            TestFact(one.on, one.method, one.result, one.supervised, one.ct_value)
            for one in sorted(self.tests, key=lambda one: (one.on, one.at is not None and one.at.timestamp()))
            if one.on >= reading.first_positive_on
        ]
        return ReleaseFacts(
            reading.first_positive_on, reading.basic_doses, reading.last_dose_on, tuple(tests)
        )


NOTHING_TOLD = CaseLine()


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a value was refused: its key in the line, the catalogue entry and its parameters."""

    name: str
    key: str
    params: Mapping[str, Any]


def read_case(said: Mapping[str, Any], at: datetime) -> CaseLine | Refused:
    """What a line says of the case. ``at``: moment of its reading, and of a result under ``antigen`` or ``pcr``."""
    answers: dict[str, bool | None] = {}
    for name in ANSWERS:
        answers[name] = said.get(name)
        if not isinstance(answers[name], bool | None):
            return Refused(name, "rules.input_yes_no", {})
    listed = said.get("tests")
    if listed is not None and not isinstance(listed, list):
        return Refused("tests", "rules.tests_list", {})
    tests = [_test(one) for one in listed or ()]
    for name in METHODS:
        if name in said:
            tests.append(_now(name, said[name], at))
    refused = next((one for one in tests if isinstance(one, Refused)), None)
    if refused is not None:
        return refused
    told = None if listed is None and not tests else tuple(one for one in tests if isinstance(one, ToldTest))
    return CaseLine(told, **answers)


def _now(method: str, value: Any, at: datetime) -> ToldTest | Refused:
    result = {True: "positive", False: "negative"}.get(value) if isinstance(value, bool) else value
    if result not in RESULTS:
        return Refused(method, "rules.input_choice", {"choices": ", ".join(RESULTS)})
    return ToldTest(at.astimezone(VIETNAM).date(), at, method, str(result))


def _test(one: Any) -> ToldTest | Refused:
    if not isinstance(one, dict):
        return Refused("tests", "rules.tests_list", {})
    on, at = _when(one)
    if on is None:
        return Refused("tests", "rules.test_when", {})
    for name, choices in (("method", METHODS), ("result", RESULTS)):
        if one.get(name) not in choices:
            return Refused(f"tests.{name}", "rules.input_choice", {"choices": ", ".join(choices)})
    supervised, ct = one.get("supervised"), one.get("ct_value")
    if not isinstance(supervised, bool | None):
        return Refused("tests.supervised", "rules.input_yes_no", {})
    low, high = NUMBERS["ct_value"]
    if ct is not None and not (
        isinstance(ct, int | float) and not isinstance(ct, bool) and low <= ct <= high
    ):
        return Refused("tests.ct_value", "rules.input_range", {"low": f"{low:g}", "high": f"{high:g}"})
    return ToldTest(on, at, one["method"], one["result"], supervised, ct)


def _when(one: Mapping[str, Any]) -> tuple[date | None, datetime | None]:
    try:
        if "at" in one:
            at = datetime.fromisoformat(one["at"])
            at = at if at.tzinfo else at.replace(tzinfo=VIETNAM)
            return at.astimezone(VIETNAM).date(), at
        return date.fromisoformat(one["on"]), None
    except (KeyError, TypeError, ValueError):
        return None, None
