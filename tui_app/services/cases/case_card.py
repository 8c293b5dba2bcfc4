"""What a case shows: its events, readings with what was found, alerts, tests, and what the rules say of its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM
from tui_app.records.cases import CaseOutcome
from tui_app.rules.age import Age, age_on
from tui_app.rules.findings import Finding
from tui_app.rules.follow_up import due_dates
from tui_app.rules.release import ReleaseAnswer
from tui_app.services.access import gate
from tui_app.services.access.access import mask_fields
from tui_app.services.care.opening import SUGGESTED_WITHIN_DAYS
from tui_app.services.care.patient import vitals_of
from tui_app.services.care.releasing import convention_words, days_since, release_of
from tui_app.services.cases.alerts import AlertLine, alerts_of
from tui_app.services.exchange.questions import open_fields
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row, tests_of
from tui_app.services.people.severity import severest
from tui_app.services.visits.standing import standing
from tui_app.store.rows import table
from tui_app.text import place_words


@dataclass(frozen=True, slots=True)
class CaseHead:
    """One case of a person, for a list. ``day``: of an open case; ``alerts``: those nobody has answered; wire dates;
    ``open_cases``: how many of the person's cases are open, more than one until a person ends one as mistaken."""

    id: str
    person: str
    full_name: str
    started_on: str
    first_positive_on: str | None
    place: str
    managed_by: str
    outcome: str | None
    ended_on: str | None
    day: int | None
    alerts: int
    open_cases: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A person with a positive test that no case followed. ``on``: day of the test."""

    person: str
    full_name: str
    household: str
    address: str
    test: str
    on: date
    method: str


@dataclass(frozen=True, slots=True)
class CaseLook:
    """One observation of the case. ``row``: as it is kept; ``findings``: of it; ``stands``: nothing amends it;
    ``taken_back``: it takes another one back and holds no values."""

    row: Row
    findings: tuple[Finding, ...]
    stands: bool
    taken_back: bool


@dataclass(frozen=True, slots=True)
class CaseCard:
    """All a case shows. ``fields``: the case, the more severe value where two wait for a decision; ``person``: the
    person's fields, numbers masked; ``events``, ``observations``, ``tests``, ``dispenses``, ``referrals``,
    ``contacts``, ``follow_ups`` (visits that stand): newest first; ``release``, ``day``: what the rules in force
    say of its end, and the day number, today or on the day it ended; ``follow_up_on``: due dates after recovery;
    ``convention``: in words how days are counted; ``conflicts``: fields that wait for a person."""

    id: str
    area: str
    unit: str
    fields: Mapping[str, Any]
    person_id: str
    person: Mapping[str, Any]
    household: Mapping[str, Any]
    age: Age | None
    day: int | None
    convention: str
    events: tuple[Row, ...]
    observations: tuple[CaseLook, ...]
    alerts: tuple[AlertLine, ...]
    tests: tuple[Row, ...]
    dispenses: tuple[Row, ...]
    referrals: tuple[Row, ...]
    contacts: tuple[Row, ...]
    follow_ups: tuple[Row, ...]
    release: ReleaseAnswer
    follow_up_on: tuple[date, ...]
    conflicts: tuple[str, ...]


def case_card(c: Any, case: str, now: datetime) -> CaseCard:
    """Everything about a case. Raises NotFound, NotOpened."""
    row = live_row(c, "case", case)
    person = live_row(c, "person", str(row.body.get("person")))
    door = table("household").read(c, [str(person.body.get("household"))])
    household = next((one.body for one in door.values()), {})
    day = now.astimezone(VIETNAM).date()
    ended = row.body.get("ended_on")
    last = min(day, date.fromisoformat(str(ended))) if ended else day
    worst = severest(c, [case])
    fields = row.body | {field: value for (_, field), value in worst.items()}
    unit = c.execute("SELECT unit_name FROM area WHERE id = ?", (row.area,)).fetchone()
    sets = rule_sets(c)
    born = person.body.get("birth_date")
    return CaseCard(
        id=case,
        area=row.area,
        unit=(unit["unit_name"] or "") if unit else "",
        fields=fields,
        person_id=person.id,
        person=mask_fields(person.body),
        household=mask_fields(household),
        age=age_on(day, date.fromisoformat(born) if born else None, person.body.get("birth_year")),
        day=days_since(sets, row.body.get("first_positive_on"), last),
        convention=convention_words(sets, last),
        events=_rows(c, "case_event", case),
        observations=_looks(_rows(c, "observation", case)),
        alerts=tuple(alerts_of(c, case, now)),
        tests=tuple(tests_of(c, person.id)),
        dispenses=_rows(c, "dispense", case),
        referrals=_rows(c, "referral", case),
        contacts=tuple(table("contact").where(c, '"case" = ? ORDER BY last_met_on DESC, id DESC', (case,))),
        follow_ups=visits_of(c, case),
        release=release_of(c, row, last),
        follow_up_on=follow_up_dates(c, fields),
        conflicts=open_fields(c, case),
    )


def cases_of(c: Any, person: str, now: datetime | None = None) -> list[CaseHead]:
    """A person's cases, the open one first, then the newest; their day only when ``now`` is given. Raises NotFound,
    NotOpened."""
    live_row(c, "person", person)
    return _heads(c, "k.person = ?", (person,), now)


def all_cases(c: Any, now: datetime, *, ended: bool = False) -> list[CaseHead]:
    """The open cases this laptop may open, or with ``ended`` every case; newest first."""
    return _heads(c, "1" if ended else "k.ended_on IS NULL", (), now)


def suggested(c: Any, day: date) -> list[Suggestion]:
    """Persons whose last positive test no case followed, newest test first."""
    shut = gate.closed(c)
    found = c.execute(_SUGGESTED, (day.isoformat(), f"-{SUGGESTED_WITHIN_DAYS} days"))
    return [
        Suggestion(
            person=row["person"],
            full_name=row["full_name"] or "",
            household=row["household"] or "",
            address=place_words(row["address"], row["alley"]),
            test=row["test"],
            on=date.fromisoformat(row["day"]),
            method=row["method"] or "",
        )
        for row in found
        if row["area"] not in shut
    ]


def follow_up_dates(c: Any, case: Mapping[str, Any]) -> tuple[date, ...]:
    """When somebody who recovered should be looked at again; nothing for another end."""
    if case.get("outcome") != CaseOutcome.RECOVERED or not case.get("ended_on"):
        return ()
    return due_dates(rule_sets(c), date.fromisoformat(str(case["ended_on"])))


def visits_of(c: Any, case: str) -> tuple[Row, ...]:
    """The visits after a recovery that stand, newest first: not corrected since, and not a taking back."""
    rows = _rows(c, "follow_up_visit", case)
    amended = {row.body.get("amends") for row in rows}
    said = ("well", "symptoms", "needs")
    return tuple(
        row
        for row in rows
        if row.id not in amended
        and not (row.body.get("amends") and all(row.body.get(n) is None for n in said))
    )


_SUGGESTED = f"""
WITH {standing()},
positive AS (
    SELECT t.id AS test, t.person, t.method, date(t.at, '+7 hours') AS day,
        row_number() OVER (PARTITION BY t.person ORDER BY t.at DESC, t.id DESC) AS place
    FROM test_result AS t
    WHERE NOT t.deleted AND t.result = 'positive' AND (t.visit IS NULL OR t.visit IN (SELECT id FROM standing)))
SELECT positive.*, p.full_name, p.household, p.area, h.address, h.alley
FROM positive JOIN person AS p ON p.id = positive.person LEFT JOIN household AS h ON h.id = p.household
WHERE positive.place = 1 AND positive.day BETWEEN date(?1, ?2) AND ?1
    AND NOT p.deleted AND p.died_on IS NULL AND p.moved_on IS NULL
    AND NOT EXISTS (SELECT 1 FROM "case" AS k WHERE k.person = p.id AND NOT k.deleted
        AND (k.ended_on IS NULL OR k.ended_on >= positive.day))
ORDER BY positive.day DESC, p.id
"""
_HEADS = """
SELECT k.*, p.full_name, (
    SELECT count(*) FROM alert WHERE alert."case" = k.id AND NOT alert.deleted AND alert.state = 'open') AS alerts, (
    SELECT count(*) FROM "case" AS o WHERE o.person = k.person AND o.ended_on IS NULL AND NOT o.deleted) AS open_cases
FROM "case" AS k LEFT JOIN person AS p ON p.id = k.person
WHERE NOT k.deleted AND {condition} ORDER BY k.ended_on IS NOT NULL, k.started_on DESC, k.id
"""


def _heads(c: Any, condition: str, values: tuple[str, ...], now: datetime | None) -> list[CaseHead]:
    shut = gate.closed(c)
    found = c.execute(_HEADS.format(condition=condition), values)
    return [_head(c, row, now) for row in found.fetchall() if row["area"] not in shut]


def _head(c: Any, row: Any, now: datetime | None) -> CaseHead:
    positive, day = row["first_positive_on"], None
    if now is not None and row["ended_on"] is None:
        day = days_since(rule_sets(c), positive, now.astimezone(VIETNAM).date())
    return CaseHead(
        id=row["id"],
        person=row["person"] or "",
        full_name=row["full_name"] or "",
        started_on=row["started_on"],
        first_positive_on=positive,
        place=row["place"] or "",
        managed_by=row["managed_by"] or "",
        outcome=row["outcome"],
        ended_on=row["ended_on"],
        day=day,
        alerts=row["alerts"],
        open_cases=row["open_cases"],
    )


def _rows(c: Any, type_name: str, case: str) -> tuple[Row, ...]:
    return tuple(table(type_name).where(c, '"case" = ? ORDER BY at DESC, id DESC', (case,)))


def _looks(rows: tuple[Row, ...]) -> tuple[CaseLook, ...]:
    amended = {row.body.get("amends") for row in rows}
    return tuple(
        CaseLook(
            row,
            tuple(Finding.of(kept) for kept in row.body.get("findings") or ()),
            row.id not in amended,
            bool(row.body.get("amends")) and not vitals_of(row).says_something,
        )
        for row in rows
    )
