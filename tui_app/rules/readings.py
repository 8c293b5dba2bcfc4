"""What the conditions of rules find of a reading, and what of it counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta, timezone
from typing import Any

from tui_app.rules.condition import NOT_APPLICABLE
from tui_app.rules.findings import Reading
from tui_app.rules.set_parts import RepeatedSpo2

VIETNAM = timezone(timedelta(hours=7))


def day_of(reading: Reading) -> date:
    """The calendar day in Viet Nam, whose rules judge the reading."""
    return reading.at.astimezone(VIETNAM).date()


def valid_repeat(reading: Reading, rule: RepeatedSpo2 | None) -> bool:
    """Whether the second SpO2 was taken in the time the rule allows; without a gap nobody knows, so it was not."""
    return (
        rule is not None
        and reading.spo2_repeat is not None
        and reading.spo2_repeat_after is not None
        and rule.from_seconds <= reading.spo2_repeat_after <= rule.to_seconds
    )


def counted_spo2(reading: Reading, rule: RepeatedSpo2 | None) -> tuple[str, int | None]:
    """The field and value of the SpO2 that is judged."""
    first, second = reading.spo2, reading.spo2_repeat
    if second is None or not valid_repeat(reading, rule) or (rule and rule.counts == "first"):
        return "spo2", first
    if rule and rule.counts == "lower" and first is not None and first < second:
        return "spo2", first
    return "spo2_repeat", second


@dataclass(frozen=True, slots=True)
class ReadingInputs:
    """A reading of somebody who is exactly ``months`` old, as conditions see it. ``spo2``: the field that counts, and
    its value."""

    reading: Reading
    months: int
    day: date
    spo2: tuple[str, int | None]

    def number(self, field: str) -> tuple[str, Any]:
        """See `tui_app.rules.condition.Inputs`."""
        if field == "spo2":
            return self.spo2
        derived = _DERIVED.get(field)
        return field, derived(self) if derived else getattr(self.reading, field)

    def codes(self, field: str) -> tuple[frozenset[str], bool]:
        """See `tui_app.rules.condition.Inputs`."""
        return codes_of(self.reading, field)

    def answer(self, field: str) -> Any:
        """See `tui_app.rules.condition.Inputs`."""
        if field in ("pregnant", "breastfeeding") and self.reading.sex == "male":
            return NOT_APPLICABLE
        return getattr(self.reading, field, None)

    def asks(self, field: str) -> str:
        """See `tui_app.rules.condition.Inputs`."""
        return asked_for(self.reading, field)


def codes_of(reading: Any, field: str) -> tuple[frozenset[str], bool]:
    """The codes of a field. A sign counts wherever it was ticked, among the symptoms or the signs."""
    there: frozenset[str] | None = getattr(reading, field)
    if field not in ("symptoms", "signs"):
        return there or frozenset(), there is not None
    ticked = (reading.symptoms or frozenset()) | (reading.signs or frozenset())
    return ticked, there is not None


def asked_for(reading: Reading, field: str) -> str:
    """The field of a reading that would answer for a derived one."""
    if field == "days_from_last_dose_to_positive" and reading.last_dose_on is not None:
        return "first_positive_on"
    return _ASKED.get(field, field)


_ASKED = {
    "days_from_last_dose_to_positive": "last_dose_on",
    "days_since_last_dose": "last_dose_on",
    "days_after_delivery": "pregnant",
    "days_since_start": "first_positive_on",
}


def _since_last_dose(inputs: ReadingInputs) -> Any:
    return _days(inputs.reading.last_dose_on, inputs.day, inputs.reading)


def _dose_to_positive(inputs: ReadingInputs) -> Any:
    return _days(inputs.reading.last_dose_on, inputs.reading.first_positive_on, inputs.reading)


def _days(dose: date | None, until: date | None, reading: Reading) -> Any:
    if reading.basic_doses == 0:
        return NOT_APPLICABLE
    return None if dose is None or until is None else (until - dose).days


def _after_delivery(inputs: ReadingInputs) -> Any:
    reading = inputs.reading
    if reading.delivered_on is not None:
        days = (inputs.day - reading.delivered_on).days
        return days if days >= 0 else NOT_APPLICABLE
    # whoever was asked about pregnancy was asked about a birth: then no date says that there was none lately
    return NOT_APPLICABLE if reading.sex == "male" or reading.pregnant is not None else None


def _since_start(inputs: ReadingInputs) -> Any:
    known = [day for day in (inputs.reading.onset_on, inputs.reading.first_positive_on) if day is not None]
    return (inputs.day - min(known)).days if known else None


_DERIVED: Mapping[str, Any] = {
    "age_months": lambda inputs: inputs.months,
    "age_years": lambda inputs: inputs.months // 12,
    "days_since_last_dose": _since_last_dose,
    "days_from_last_dose_to_positive": _dose_to_positive,
    "days_after_delivery": _after_delivery,
    "days_since_start": _since_start,
}
