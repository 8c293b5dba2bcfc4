"""What form 5.1 says of the persons of a list: read for those chosen only, without restricted conditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from tui_app.clock import VIETNAM, from_wire
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.services.risk.open_words import open_words
from tui_app.services.risk.risk_people import RiskPerson
from tui_app.services.vaccination.dose_facts import doses_of
from tui_app.services.visits.last_contacts import last_contacts


@dataclass(frozen=True, slots=True)
class FormLine:
    """One person of the form. ``treated_at``: places; ``reason``: why not vaccinated or not yet, as said;
    ``at_home``: names of those they live with; ``test``: day and result of the last one; ``contact_at``: wire moment of
    the last contact."""

    line: RiskPerson
    national_id: str
    phone: str
    conditions: tuple[str, ...]
    treated_at: tuple[str, ...]
    doses: int | None
    last_dose_on: date | None
    reason: str
    mobility_limited: bool | None
    at_home: tuple[str, ...]
    test: tuple[date, str] | None
    contact_at: str | None


def form_lines(c: Any, people: Sequence[RiskPerson]) -> list[FormLine]:
    """The form's lines of these persons, in their order. Full numbers: the caller notes that they were taken."""
    wanted = msgspec.json.encode([one.person for one in people]).decode()
    day = people[0].book.rules.day.isoformat() if people else ""
    more = {row["id"]: row for row in c.execute(_PERSONS, (wanted, day))}
    conditions, places = _conditions(c, wanted)
    tests = {
        person: (from_wire(at).astimezone(VIETNAM).date(), result)
        for person, result, at in c.execute(_TESTS, (wanted,))
    }
    homes = _homes(c, {one.household for one in people})
    doses, contacts = doses_of(c), last_contacts(c, [one.person for one in people])
    lines = []
    for one in people:
        row = more[one.person]
        number, last = doses.get(one.person, (None, None))
        lines.append(
            FormLine(
                line=one,
                national_id=row["national_id"] or "",
                phone=row["phone"] or one.door.phone or "",
                conditions=conditions.get(one.person, ()),
                treated_at=places.get(one.person, ()),
                doses=number,
                last_dose_on=last,
                reason="; ".join(filter(None, (open_words(row[name]) for name in _REASONS))),
                mobility_limited=None if row["mobility_limited"] is None else bool(row["mobility_limited"]),
                at_home=tuple(name for ident, name in homes.get(one.household, ()) if ident != one.person),
                test=tests.get(one.person),
                contact_at=contacts.get(one.person),
            )
        )
    return lines


def _conditions(c: Any, wanted: str) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    codes: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    places: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for person, condition, place in c.execute(_CONDITIONS, (wanted,)):
        if condition in RESTRICTED_CONDITIONS:
            continue
        codes[person] = (*codes[person], condition)
        said = open_words(place)
        if said and said not in places[person]:
            places[person] = (*places[person], said)
    return codes, places


def _homes(c: Any, households: set[str]) -> dict[str, list[tuple[str, str]]]:
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for person, household, name in c.execute(_MEMBERS, (msgspec.json.encode(sorted(households)).decode(),)):
        found[household].append((person, name or ""))
    return found


_REASONS = ("contraindication_reason", "postponement_reason", "unvaccinated_reason")
_PERSONS = """
SELECT p.id, p.national_id, p.phone, p.mobility_limited,
    p.contraindication_reason, iif(p.postponed_until > ?2, p.postponement_reason, NULL) AS postponement_reason,
    p.unvaccinated_reason
FROM json_each(?1) AS j JOIN person AS p ON p.id = j.value
"""
_CONDITIONS = """
SELECT k.person, k.condition, k.treated_at FROM json_each(?) AS j JOIN person_condition AS k ON k.person = j.value
WHERE NOT k.deleted ORDER BY k.condition
"""
_TESTS = """
SELECT r.person, r.result, max(r.at) AS at FROM json_each(?) AS j JOIN test_result AS r ON r.person = j.value
WHERE NOT r.deleted AND r.id NOT IN (SELECT amends FROM test_result WHERE amends IS NOT NULL AND NOT deleted)
GROUP BY r.person
"""
_MEMBERS = """
SELECT p.id, p.household, p.full_name FROM json_each(?) AS j JOIN person AS p ON p.household = j.value
WHERE NOT p.deleted AND p.died_on IS NULL AND p.moved_on IS NULL ORDER BY p.id
"""
