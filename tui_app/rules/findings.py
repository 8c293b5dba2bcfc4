"""What a judgement is made of and what it says: plain values, kept with a record and explained later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec

from tui_app.rules.age import Age


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A patient at one moment, as far as it is known. None: not measured, not asked, not known; never normal.

    ``at``: aware. Vital signs in the units of `tui_app.records.observations.Observation`. ``symptoms``, ``signs``:
    codes of the rule sets; an empty set says that it was asked and there was none. ``conditions``: codes of
    underlying conditions (rules §2.9), likewise; ``conditions_stable``: all of them treated and stable.
    ``basic_doses``, ``last_dose_on``: of vaccine, before the infection. ``delivered_on``: end of the last pregnancy.
    ``household_at_risk``: somebody of a risk group lives there; ``breastfeeding``, ``drug_cautions``: asked before a
    medicine is given (codes of the rule sets).
    """

    at: datetime
    birth_date: date | None = None
    birth_year: int | None = None
    sex: str | None = None
    temperature_c: float | None = None
    pulse: int | None = None
    respiratory_rate: int | None = None
    spo2: int | None = None
    spo2_repeat: int | None = None
    spo2_repeat_after: int | None = None
    systolic_bp: int | None = None
    diastolic_bp: int | None = None
    symptoms: frozenset[str] | None = None
    signs: frozenset[str] | None = None
    conditions: frozenset[str] | None = None
    conditions_stable: bool | None = None
    pregnant: bool | None = None
    delivered_on: date | None = None
    basic_doses: int | None = None
    last_dose_on: date | None = None
    first_positive_on: date | None = None
    onset_on: date | None = None
    self_care: bool | None = None
    can_report: bool | None = None
    carer_able: bool | None = None
    household_at_risk: bool | None = None
    breastfeeding: bool | None = None
    drug_cautions: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One judgement.

    ``kind``: danger_sign, eligibility, severity, risk_class, release, case_definition, contact_watch, medicine, or
    measurement (which of two SpO2 values counted); ``rule``: its id in ``rule_set``; ``field``, ``value``: the input
    that decided; ``limit``: as the document prints it; ``outcome``: what follows, a code (a grade, a class,
    ``eligible``, ``not_eligible`` …), empty for a sign that is simply there; ``verified``: whether somebody read it in
    the document.
    """

    kind: str
    rule: str
    rule_set: str
    field: str
    value: Any
    limit: str
    verified: bool
    outcome: str = ""

    def kept(self) -> dict[str, Any]:
        """As a record keeps it; without the outcome where there is none."""
        return {name: value for name, value in asdict(self).items() if name != "outcome" or value}

    @staticmethod
    def of(kept: Mapping[str, Any]) -> Finding:
        """From what `kept` answered. Fields a newer version added are left out."""
        known = Finding.__dataclass_fields__
        return Finding(**{name: value for name, value in kept.items() if name in known})


_decode = msgspec.json.Decoder(tuple[Finding, ...]).decode


@lru_cache(4096)  # a board reads five readings a patient again and again, many of which say the same
def as_findings(text: str) -> tuple[Finding, ...]:
    """Findings from the JSON text of a record, as `Finding.of` reads each of them."""
    return _decode(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """``missing``: inputs a rule asked for and did not get; ``unsure``: rules whose age band or input is a range that
    crosses their edge, each as ``rule_set/rule``; of those nothing is said."""

    age: Age | None
    findings: tuple[Finding, ...]
    missing: tuple[str, ...]
    unsure: tuple[str, ...]
