"""What records lack or cannot be: found by looking, told with the records behind each count, changed by nobody here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tui_app.clock import VIETNAM
from tui_app.records.checks import OLDEST_AGE
from tui_app.services.access import gate

PERSON, CASE = "person", "case"
NO_IDENTITY, NO_BIRTH, NO_HOUSEHOLD, DATES, CASE_DATES, NO_READINGS, GONE = FLAWS = (
    "no_identity",
    "no_birth",
    "no_household",
    "impossible_dates",
    "impossible_case",
    "no_readings",
    "gone_case",
)
_OF_CASES = frozenset({CASE_DATES, NO_READINGS, GONE})


@dataclass(frozen=True, slots=True)
class Flaw:
    """``kind``: the record type of ``ids``; what is wrong with them is ``name``, one of `FLAWS`."""

    name: str
    kind: str
    ids: tuple[str, ...]


def flaws(c: Any, now: datetime) -> list[Flaw]:
    """Every check with what it found, those that found nothing too. Raises NotOpened for a viewer.

    ``no_identity``: living persons without any identity or insurance number; ``no_birth``: with neither birth date nor
    year; ``no_household``: living persons whose household is missing or deleted; ``impossible_dates``: persons with a
    birth, death or dose to come, older than anybody, or with a death, a dose or a positive test before their birth;
    ``impossible_case``: cases with a day to come, or that end before they begin; ``no_readings``: open cases at home
    that were never measured nor asked; ``gone_case``: open cases of persons who died or moved away, who are counted
    and overdue though nobody goes there.
    """
    gate.check_role(c)
    shut = gate.closed(c)
    values = {"today": now.astimezone(VIETNAM).date().isoformat(), "oldest": f"-{OLDEST_AGE + 1} years"}
    found: dict[str, set[str]] = {name: set() for name in FLAWS}
    for ident, area, *wrong in c.execute(_PERSONS, values):
        if area not in shut:
            for name, is_so in zip((NO_IDENTITY, NO_BIRTH, NO_HOUSEHOLD, DATES), wrong, strict=True):
                if is_so:
                    found[name].add(ident)
    for name, query in (
        (DATES, _DOSES),
        (DATES, _BEFORE_BIRTH),
        (CASE_DATES, _CASES),
        (NO_READINGS, _UNREAD),
        (GONE, _GONE),
    ):
        found[name].update(ident for ident, area in c.execute(query, values) if area not in shut)
    return [Flaw(name, CASE if name in _OF_CASES else PERSON, tuple(sorted(found[name]))) for name in FLAWS]


_BORN = "coalesce(p.birth_date, p.birth_year || '-01-01')"  # not later than anybody born in that year
_PERSONS = f"""
SELECT p.id, p.area,
    alive AND coalesce(p.national_id, p.citizen_id_old, p.insurance_number) IS NULL AS nobody,
    alive AND p.birth_date IS NULL AND p.birth_year IS NULL AS unborn,
    alive AND (p.household IS NULL OR h.id IS NULL) AS homeless,
    coalesce({_BORN} > :today, 0) OR coalesce({_BORN} < date(:today, :oldest), 0)
        OR coalesce(p.died_on > :today, 0) OR coalesce(p.died_on < {_BORN}, 0) AS impossible
FROM (SELECT *, died_on IS NULL AND moved_on IS NULL AS alive FROM person WHERE NOT deleted) AS p
LEFT JOIN household AS h ON h.id = p.household AND NOT h.deleted
WHERE nobody OR unborn OR homeless OR impossible
"""
_DOSES = f"""
SELECT p.id, p.area FROM vaccination_dose AS d JOIN person AS p ON p.id = d.person AND NOT p.deleted
WHERE NOT d.deleted AND (d.given_on > :today OR d.given_on < {_BORN})
"""
_BEFORE_BIRTH = f"""
SELECT p.id, p.area FROM "case" AS k JOIN person AS p ON p.id = k.person AND NOT p.deleted
WHERE NOT k.deleted AND k.first_positive_on < {_BORN}
"""
_CASES = """
SELECT id, area FROM "case"
WHERE NOT deleted AND (max(coalesce(started_on, ''), coalesce(first_positive_on, ''), coalesce(onset_on, ''),
    coalesce(ended_on, '')) > :today OR ended_on < started_on OR ended_on < first_positive_on)
"""
_UNREAD = """
SELECT k.id, k.area FROM "case" AS k
WHERE NOT k.deleted AND k.ended_on IS NULL AND k.place = 'home' AND NOT EXISTS (
    SELECT 1 FROM observation AS o WHERE o."case" = k.id AND NOT o.deleted
        AND coalesce(o.temperature_c, o.pulse, o.respiratory_rate, o.spo2, o.spo2_repeat, o.systolic_bp,
            o.diastolic_bp, o.symptoms, o.signs) IS NOT NULL)
"""
_GONE = """
SELECT k.id, k.area FROM "case" AS k JOIN person AS p ON p.id = k.person AND NOT p.deleted
WHERE NOT k.deleted AND k.ended_on IS NULL AND (p.died_on IS NOT NULL OR p.moved_on IS NOT NULL)
"""
