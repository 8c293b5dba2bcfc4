"""The inputs a rule may name, and the range each can have: a limit outside it is a slip of whoever typed the rule."""

from __future__ import annotations

NUMBERS: dict[str, tuple[float, float]] = {
    "temperature_c": (30, 45),
    "pulse": (20, 250),
    "respiratory_rate": (5, 100),
    "spo2": (50, 100),
    "systolic_bp": (40, 300),
    "diastolic_bp": (20, 200),
    "age_months": (0, 1500),
    "age_years": (0, 125),
    "basic_doses": (0, 9),
    "days_from_last_dose_to_positive": (0, 3650),
    "days_since_last_dose": (0, 3650),
    "days_after_delivery": (0, 3650),
    "days_since_start": (0, 365),
    "hours_between_antigen_positives": (0, 240),
    "ct_value": (5, 50),
}
"""Units as in `tui_app.records.observations.Observation`; ages are completed months or years on the day.

``days_from_last_dose_to_positive``: from the last dose to the first positive test; ``days_since_last_dose``: to the
day judged; ``days_since_start``: from onset or first positive test, the earlier one, to the day judged.
"""

CODES = frozenset({"symptoms", "signs", "conditions", "drug_cautions"})
"""Sets of codes. A sign counts wherever it was ticked: among the symptoms or among the signs."""

ANSWERS = frozenset(
    {
        "pregnant",
        "breastfeeding",
        "conditions_stable",
        "self_care",
        "can_report",
        "carer_able",
        "household_at_risk",
        "epidemiological_factor",
        "severe_pneumonia",
        "antigen_positive",
        "pcr_positive",
    }
)
"""Questions answered by yes, no or not at all."""

AGES = {"age_months": 1, "age_years": 12}
"""How many months one step of an age counts."""
