"""Everything a sweep found so far, counted from what stands now: a state a household, an answer a person, the tests."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import msgspec

from tui_app.clock import VIETNAM, day_bounds, from_wire
from tui_app.records.visits import Asked, VisitOutcome
from tui_app.rules.definition import CaseFacts, definition
from tui_app.rules.findings import Finding
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.doors import walking_order
from tui_app.services.people.severity import UNWELL
from tui_app.services.sweeps.sweep_states import HouseholdState, Knock, household_state
from tui_app.services.sweeps.sweeps import Sweep
from tui_app.services.visits.standing import standing
from tui_app.text import fold, words


@dataclass(frozen=True, slots=True)
class SweptHousehold:
    """A household of a sweep. ``newcomer``: found at the door while it ran; ``knocks``: those that count."""

    id: str
    area: str
    code: str
    address: str
    alley: str
    head_name: str
    unit: str
    living: frozenset[str]
    standing: HouseholdState
    newcomer: bool
    knocks: tuple[Knock, ...]


@dataclass(slots=True)
class SweptPerson:
    """A person of a sweep. ``asked``: each, all (one spoke for all), or None; ``travel_from``: as said;
    ``epidemic``: it names an epidemic area of the sweep; ``findings``: lines of the case definition that hold;
    ``tests``: ids of the tests made in the sweep, with their results."""

    id: str
    area: str
    household: str
    full_name: str
    asked: str | None = None
    unwell: bool = False
    symptoms: frozenset[str] = frozenset()
    exposure: bool | None = None
    travelled: bool | None = None
    travel_from: str = ""
    arrived_on: str | None = None
    epidemic: bool = False
    tests: dict[str, str] = field(default_factory=dict)
    antigen: list[tuple[datetime, bool]] = field(default_factory=list)
    pcr: list[tuple[datetime, bool]] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    has_case: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """``judged``: whether a case definition is in force on ``day``; without one nobody is called suspected."""

    sweep: Sweep
    day: date
    households: tuple[SweptHousehold, ...]
    persons: dict[str, SweptPerson]
    judged: bool

    def part(self, area: str) -> Tally:
        """One unit of it."""
        persons = {ident: person for ident, person in self.persons.items() if person.area == area}
        return replace(
            self, households=tuple(door for door in self.households if door.area == area), persons=persons
        )


_HOUSEHOLDS = """
SELECT h.id, h.area, h.code, h.address, h.alley, h.walk_order, h.added_on, p.full_name AS head_name, a.unit_name
FROM household AS h LEFT JOIN person AS p ON p.id = h.head AND NOT p.deleted LEFT JOIN area AS a ON a.id = h.area
WHERE NOT h.deleted AND h.area IN (SELECT value FROM json_each(?))
"""
_PERSONS = """
SELECT id, area, household, full_name FROM person
WHERE NOT deleted AND area IN (SELECT value FROM json_each(?1))
    AND (died_on IS NULL OR died_on > ?2) AND (moved_on IS NULL OR moved_on > ?2)
"""
_WITH_CASE = """SELECT person FROM "case" WHERE NOT deleted AND (ended_on IS NULL OR ended_on >= ?)"""
_KNOCKS = f"""
WITH {standing("(SELECT * FROM household_visit WHERE area IN (SELECT value FROM json_each(?1)))")}
SELECT id, household, at, outcome, changed_by FROM standing
WHERE campaign = ?2 OR (at >= ?3 AND at < ?4) ORDER BY at, id
"""
_LINES = f"""
SELECT s.*, {UNWELL} AS unwell FROM screening AS s
WHERE NOT s.deleted AND s.visit IN (SELECT value FROM json_each(?)) ORDER BY s.id
"""
_TESTS = """
SELECT t.id, t.person, t.visit, t.at, t.method, t.result FROM test_result AS t
WHERE NOT t.deleted AND t.area IN (SELECT value FROM json_each(?1))
    AND (t.visit IN (SELECT value FROM json_each(?2)) OR (t.visit IS NULL AND t.at >= ?3 AND t.at < ?4))
    AND NOT EXISTS (SELECT 1 FROM test_result AS later WHERE later.amends = t.id AND NOT later.deleted)
ORDER BY t.at, t.id
"""


def tally(c: Any, sweep: Sweep, today: date, areas: tuple[str, ...] | None = None) -> Tally:
    """Count a sweep, in ``areas`` of it (all that may be opened by default), as things stand on ``today``.

    Knocks count by standing visits only, in the sweep's dates or saved under its name. Raises NotOpened.
    """
    wanted = [area for area in sweep.areas if areas is None or area in areas]
    shown = gate.open_only(c, wanted)
    day = min(today, sweep.ended_on or today)
    places = msgspec.json.encode(shown).decode()
    start, end = day_bounds(sweep.started_on)[0], day_bounds(max(day, sweep.started_on))[1]
    sets = rule_sets(c)
    persons = {
        row["id"]: SweptPerson(row["id"], row["area"], row["household"], row["full_name"] or "")
        for row in c.execute(_PERSONS, (places, day.isoformat()))
    }
    for (person,) in c.execute(_WITH_CASE, (sweep.started_on.isoformat(),)):
        if person in persons:
            persons[person].has_case = True
    visits = c.execute(_KNOCKS, (places, sweep.campaign, start, end)).fetchall()
    met = msgspec.json.encode([v["id"] for v in visits if v["outcome"] == VisitOutcome.MET]).decode()
    asked = _answers(c, met, persons, sweep)
    _tests(c, (places, met, start, end), persons)
    rules = sets.part("case_definition", day)
    # nearly all have the same facts; 15 000 persons: 0,60 s of CPU without, 0,25 with
    judged: dict[CaseFacts, tuple[Finding, ...]] = {}
    for one in persons.values():
        facts = _facts(one, sweep)
        if facts is not None and facts not in judged:
            judged[facts] = definition(rules, facts) if rules else ()
        one.findings = judged[facts] if facts is not None else ()
    knocks: dict[str, list[Knock]] = defaultdict(list)
    for visit in visits:
        knocks[visit["household"]].append(
            Knock(
                visit["id"],
                visit["at"],
                visit["outcome"],
                visit["changed_by"] or "",
                frozenset(asked[visit["id"]]),
            )
        )
    living: dict[str, set[str]] = defaultdict(set)
    for one in persons.values():
        living[one.household].add(one.id)
    doors = sorted(c.execute(_HOUSEHOLDS, (places,)).fetchall(), key=walking_order)
    households = tuple(
        _household(row, knocks[row["id"]], frozenset(living[row["id"]]), sweep, day) for row in doors
    )
    return Tally(sweep, day, households, persons, sets.part("case_definition", day) is not None)


def _household(
    row: Any, knocks: list[Knock], living: frozenset[str], sweep: Sweep, day: date
) -> SweptHousehold:
    added = row["added_on"]
    return SweptHousehold(
        id=row["id"],
        area=row["area"],
        code=row["code"] or "",
        address=row["address"] or "",
        alley=row["alley"] or "",
        head_name=row["head_name"] or "",
        unit=row["unit_name"] or "",
        living=living,
        standing=household_state(knocks, living),
        newcomer=added is not None and sweep.started_on.isoformat() <= added <= day.isoformat(),
        knocks=tuple(knocks),
    )


def _answers(c: Any, met: str, persons: dict[str, SweptPerson], sweep: Sweep) -> dict[str, set[str]]:
    """Puts each answer with its person; visit -> whom somebody answered for. What was found once stays found: a
    person who was unwell on the first of two meetings was unwell in the sweep."""
    places = [_runs(place) for place in sweep.epidemic_areas]
    asked: dict[str, set[str]] = defaultdict(set)
    for line in c.execute(_LINES, (met,)):
        answered = line["wellbeing"] != "not_asked" or bool(line["unwell"])
        if answered:
            asked[line["visit"]].add(line["person"])
        person = persons.get(line["person"])
        if person is None:
            continue
        if answered and person.asked != Asked.EACH:
            person.asked = line["asked"] or Asked.EACH
        person.unwell = person.unwell or bool(line["unwell"])
        if line["symptoms"] not in (None, "[]"):
            person.symptoms |= frozenset(msgspec.json.decode(line["symptoms"]))
        person.exposure = _either(person.exposure, line["exposure"])
        person.travelled = _either(person.travelled, line["travel"])
        person.travel_from = line["travel_from"] or person.travel_from
        person.arrived_on = line["arrived_on"] or person.arrived_on
        said = _runs(line["travel_from"] or "")
        named = any(place in said or said in place for place in places if said.strip() and place.strip())
        person.epidemic = person.epidemic or named
    return asked


def _runs(place: str) -> str:
    """The words of a place, a space before and behind each: part of a word names no place."""
    return f" {' '.join(words(fold(place)))} "


def _tests(c: Any, values: tuple[str, ...], persons: dict[str, SweptPerson]) -> None:
    for test in c.execute(_TESTS, values):
        person = persons.get(test["person"])
        if person is None:
            continue
        person.tests[test["id"]] = test["result"]
        if test["result"] != "invalid":
            of = person.pcr if test["method"] == "pcr" else person.antigen
            of.append((from_wire(test["at"]), test["result"] == "positive"))


def _either(known: bool | None, said: Any) -> bool | None:
    """Yes once somebody said so; None while nobody asked."""
    return known if said is None else bool(known) or bool(said)


def _facts(person: SweptPerson, sweep: Sweep) -> CaseFacts | None:
    """What the case definition judges; None of somebody who was neither asked nor tested. The factor is contact with a
    case, or coming from an epidemic area: one the sweep names, or anywhere where it names none or nobody said where
    from."""
    if person.asked is None and not person.tests:
        return None
    factor = person.exposure
    if person.travelled is not None or person.epidemic:
        anywhere = bool(person.travelled) and not (sweep.epidemic_areas and person.travel_from)
        factor = bool(factor) or person.epidemic or anywhere
    return CaseFacts(
        symptoms=person.symptoms if person.asked else None,
        epidemiological_factor=factor,
        antigen=tuple(person.antigen),
        pcr=tuple(person.pcr),
    )


def last_day(sweep: Sweep, now: datetime) -> date:
    """The last day that counts so far."""
    today = now.astimezone(VIETNAM).date()
    return min(today, sweep.ended_on or today)
