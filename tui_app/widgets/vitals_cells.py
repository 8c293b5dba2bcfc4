"""What typing does to one cell of vital signs. Pure; no textual.

Few keys: a temperature needs no comma (375 is 37,5, seen at once as such), nor a blood pressure of three digits its
stroke. Whether a value is one a patient can have is for `tui_app.services.cases.observing.check_vitals`.
"""

from __future__ import annotations

import re

from tui_app.services.cases.observing import check_vitals

TEMPERATURE, PRESSURE = "temperature_c", "blood_pressure"
FIELDS = (TEMPERATURE, "pulse", "respiratory_rate", "spo2", PRESSURE)
WHOLE_DEGREES = range(34, 43)  # two digits behind which a third one is a decimal

_TEMPERATURE = re.compile(r"\d{0,2}(?:,\d?)?").fullmatch
_PRESSURE = re.compile(r"\d{0,3}(?:/\d{0,3})?").fullmatch
_COUNT = re.compile(r"\d{0,3}").fullmatch
CHARACTERS = frozenset("0123456789,./-")


def typed_on(field: str, text: str, character: str) -> str | None:
    """``text`` with ``character`` behind it; None when that cannot stand there."""
    if field == TEMPERATURE:
        if character.isdigit() and len(text) == 2 and text.isdigit() and int(text) in WHOLE_DEGREES:
            return f"{text},{character}"
        longer = text + character.replace(".", ",")
        return longer if _TEMPERATURE(longer) else None
    if field == PRESSURE:
        if character.isdigit() and len(text) == 3 and text.isdigit():
            return f"{text}/{character}"
        longer = text + ("/" if character in ",.-" else character)
        return longer if _PRESSURE(longer) and longer != "/" else None
    longer = text + character
    return longer if _COUNT(longer) else None


def is_full(field: str, text: str) -> bool:
    """Whether a digit more can only be the first one of the next cell: behind the decimal of a temperature."""
    return field == TEMPERATURE and re.fullmatch(r"\d\d,\d", text) is not None


def problem_of(field: str, text: str) -> str:
    """Why the value of a cell is refused, with its range; empty when it may stand. An empty cell always may."""
    checked = check_vitals({field: text})
    return " ".join(str(problem) for problem in checked.problems)
