"""The facts about vaccination that are asked at entry, as far as recorded doses answer them: proposed, never forced."""

from __future__ import annotations

from datetime import date
from typing import Any

from tui_app.services.vaccination.dose_status import dose_status

TWO = 2
"""The rule sets of cases take the basic doses as two (their own notes say so)."""


def recorded_facts(c: Any, person: str, on: date) -> dict[str, Any]:
    """``basic_doses`` and ``last_dose_on`` up to a day; empty where the doses are not recorded whole.

    Nothing is proposed for two doses of a product that needs three: the sets would take them for a full schedule.
    """
    found = dose_status(c, [person], on).get(person)
    if found is None or found.recorded != "whole":
        return {}
    if found.basic_given >= TWO and found.basic_complete is not True:
        return {}
    return {"basic_doses": found.basic_given, "last_dose_on": found.last_dose_on}
