"""Who is due, overdue, to be vaccinated at home, or not recorded whole, on a day; one reading for all four lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import msgspec

from tui_app.clock import show_date
from tui_app.rules.age import Age, age_on
from tui_app.rules.vaccination import status
from tui_app.rules.vaccine_day import DayRules
from tui_app.rules.vaccine_facts import DoseState, DoseStatus
from tui_app.services.access import gate
from tui_app.services.access.access import masked
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.risk.open_words import open_words
from tui_app.services.vaccination.dose_status import HERE, facts_of
from tui_app.text import fold, name_key, natural_key, place_words

LISTS = ("due", "overdue", "at_home", "unrecorded")
_TO_GIVE = frozenset({DoseState.DUE, DoseState.OVERDUE})
_PEOPLE = f"""
SELECT p.id, p.full_name, p.birth_date, p.birth_year, p.phone, p.mobility_limited, p.carer, p.area, p.household,
    p.unvaccinated_reason, p.contraindication_reason, p.postponement_reason, p.postponed_until,
    h.address, h.alley, h.walk_order, h.phone AS door_phone, a.unit_name, a.unit_code
FROM person AS p LEFT JOIN household AS h ON h.id = p.household LEFT JOIN area AS a ON a.id = p.area
WHERE {HERE}"""

_CANNOT_TRAVEL = f"SELECT p.id FROM person AS p WHERE {HERE} AND p.mobility_limited"
_LIVING_THERE = (
    f"SELECT p.id FROM person AS p WHERE {HERE} AND p.household IN (SELECT value FROM json_each(?2))"
)


@dataclass(frozen=True, slots=True)
class DoseLine:
    """A person of a list. ``phone``: masked, the household's where the person has none; ``with_person``: on the at-home
    list whom somebody lives with, empty for who cannot travel; ``reason``: why no dose, as noted,
    without words that name a restricted condition."""

    person: str
    full_name: str
    age: Age | None
    born: str
    household: str
    address: str
    unit: str
    phone: str
    carer: str
    mobility_limited: bool
    status: DoseStatus
    reason: str = ""
    until: str | None = None
    with_person: str = ""
    place: tuple[Any, ...] = ()
    folded: str = field(default="", repr=False)

    def matches(self, words: Iterable[str]) -> bool:
        """Whether name, address or unit has all these folded words.

        Folded once, in the worker that reads: 15 000 lines folded at each key take 16 ms of the screen's own thread.
        """
        return all(word in self.folded for word in words)


def vaccination_lists(c: Any, day: date) -> dict[str, list[DoseLine]]:
    """Each of `LISTS` in walking order. Raises NotOpened for a viewer; locked units are left out."""
    gate.check_role(c)
    rules = DayRules.of(rule_sets(c), day)
    lines = _lines(c, day, rules)
    soon = day + rules.ahead
    return {
        "due": [one for one in lines if _is_due(one.status, soon)],
        "overdue": [one for one in lines if one.status.overdue],
        "at_home": _at_home(lines),
        "unrecorded": [one for one in lines if _is_unrecorded(one.status)],
    }


def at_home(c: Any, day: date) -> list[DoseLine]:
    """The at-home list alone, each with the rules that say so, read without the rest of the ward. Raises NotOpened for
    a viewer."""
    gate.check_role(c)
    rules = DayRules.of(rule_sets(c), day)
    persons = [person for (person,) in c.execute(_CANNOT_TRAVEL, (day.isoformat(),))]
    cannot = _at_home(_lines(c, day, rules, persons)) if persons else []
    if not cannot:
        return []
    doors = msgspec.json.encode([one.household for one in cannot if one.household]).decode()
    with_them = {person for (person,) in c.execute(_LIVING_THERE, (day.isoformat(), doors))}
    return _at_home(_lines(c, day, rules, sorted(with_them | {one.person for one in cannot}), explain=True))


def lines_of(c: Any, persons: Iterable[str], day: date) -> list[DoseLine]:
    """These persons as lines in walking order, such as those behind a figure. Raises NotOpened for a viewer."""
    gate.check_role(c)
    return _lines(c, day, DayRules.of(rule_sets(c), day), list(persons))


def _lines(
    c: Any, day: date, rules: DayRules, persons: list[str] | None = None, *, explain: bool = False
) -> list[DoseLine]:
    shut, facts = gate.closed(c), facts_of(c, persons, day)
    found = []
    for p in _people(c, day, persons):
        known = facts.get(p["id"])
        if known is None or p["area"] in shut:
            continue
        waits = (
            p["postponed_until"] if p["postponed_until"] and p["postponed_until"] > day.isoformat() else None
        )
        reasons = (
            p["contraindication_reason"] if known.contraindicated else None,
            p["postponement_reason"] if waits else None,
            p["unvaccinated_reason"],
        )
        phone = p["phone"] or p["door_phone"]
        name, address, unit = (
            p["full_name"] or "",
            place_words(p["address"], p["alley"]),
            p["unit_name"] or "",
        )
        found.append(
            DoseLine(
                person=p["id"],
                full_name=name,
                age=age_on(day, known.birth_date, known.birth_year),
                born=show_date(known.birth_date) if known.birth_date else str(known.birth_year or ""),
                household=p["household"] or "",
                address=address,
                unit=unit,
                phone=masked(phone) if phone else "",
                carer=p["carer"] or "",
                mobility_limited=bool(p["mobility_limited"]),
                status=status(rules, known, explain=explain),
                reason="; ".join(filter(None, map(open_words, reasons))),
                until=waits,
                folded=fold(f"{name} {address} {unit}"),
                place=(p["unit_code"] or "", p["alley"] or "", p["walk_order"] or 0, p["address"] or ""),
            )
        )
    return sorted(
        found,
        key=lambda one: (one.place[:3], natural_key(one.place[3]), one.household, name_key(one.full_name)),
    )


def _people(c: Any, day: date, persons: list[str] | None) -> Any:
    if persons is None:
        return c.execute(_PEOPLE, (day.isoformat(),))
    wanted = msgspec.json.encode(persons).decode()
    return c.execute(f"{_PEOPLE} AND p.id IN (SELECT value FROM json_each(?2))", (day.isoformat(), wanted))


def _is_due(found: DoseStatus, soon: date) -> bool:
    waiting = found.state is DoseState.WAITING and found.next_due is not None and found.next_due <= soon
    return found.state is DoseState.DUE or waiting


def _is_unrecorded(found: DoseStatus) -> bool:
    return found.recorded != "whole" and found.state is not DoseState.NOT_IN_PROGRAMME


def _at_home(lines: list[DoseLine]) -> list[DoseLine]:
    """Who cannot travel and is due or not known to be, each followed by those of the household who are due too."""
    doors: dict[str, list[DoseLine]] = defaultdict(list)
    for one in lines:
        doors[one.household or one.person].append(one)
    found: list[DoseLine] = []
    for members in doors.values():
        cannot = [
            one
            for one in members
            if one.mobility_limited and (one.status.state in _TO_GIVE or one.status.state is DoseState.UNSURE)
        ]
        if cannot:
            found += cannot
            found += [
                _living_with(one, cannot[0])
                for one in members
                if not one.mobility_limited and one.status.state in _TO_GIVE
            ]
    return found


def _living_with(one: DoseLine, whom: DoseLine) -> DoseLine:
    return replace(one, with_person=whom.full_name)
