"""A person's case as the card shows it: the case, what belongs to it, and its readings half-day by half-day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from tui_app.clock import VIETNAM, from_wire
from tui_app.records.cases import CaseRiskClass, SeverityGrade
from tui_app.rules.age import Age, age_on
from tui_app.rules.findings import Finding, Judgement
from tui_app.rules.judging import judge
from tui_app.rules.limits import Limit, danger_limits
from tui_app.rules.rule_set import RuleSets
from tui_app.services.care import recording
from tui_app.services.care.patient import patient, reading, vitals_of
from tui_app.services.care.releasing import days_since
from tui_app.services.cases import contact_lists
from tui_app.services.cases.case_card import CaseCard, CaseHead, CaseLook, case_card, cases_of
from tui_app.services.cases.contact_lists import ContactLine
from tui_app.services.exchange.questions import Waiting, waiting
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row, tests_of
from tui_app.services.treatment import medicine
from tui_app.services.treatment.medicine import Given

DAYS = 14
JUDGED = ("eligibility", "severity", "risk_class")
CHARTED = ("spo2", "temperature_c", "respiratory_rate", "pulse")


@dataclass(frozen=True, slots=True)
class Point:
    """What a half-day shows of one vital sign. ``danger``: the rules found a danger sign in it."""

    value: float
    danger: bool


@dataclass(frozen=True, slots=True)
class DayLimit:
    """A limit and the days it holds on, counted from 0: from ``since`` until before ``until``."""

    limit: Limit
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class HalfDays:
    """One vital sign over fourteen days. ``points``: half-day from 0, the morning of ``first``, -> what was measured;
    a half-day without a measurement has none. ``limits``: of each day, as the sets and the age of that day have it."""

    field: str
    first: date
    first_number: int | None
    points: dict[int, Point]
    limits: tuple[DayLimit, ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """``card``: the case chosen, the open or newest one by default, None when there never was one; ``judged``: kind of
    judgement -> what the rules say now, with the inputs they ask for that nobody knows; ``last``: what the rules of
    its moment say of the last reading, None without one; ``positive``: the person has a
    positive test; ``conflicts``: what waits for a decision in the case and in all that belongs to it."""

    heads: tuple[CaseHead, ...]
    card: CaseCard | None
    given: tuple[Given, ...]
    contacts: tuple[ContactLine, ...]
    judged: Mapping[str, Judgement]
    sets: RuleSets
    day: date
    positive: bool
    conflicts: tuple[Waiting, ...] = ()
    last: Judgement | None = None

    @property
    def missing(self) -> Mapping[str, tuple[str, ...]]:
        """Kind of judgement -> the inputs it misses."""
        return {kind: said.missing for kind, said in self.judged.items()}

    @property
    def unsaid(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The rules that are unsure, and the kinds no rule speaks about: of the last reading, and of the rest now."""
        last = self.last
        rest = [said for kind, said in self.judged.items() if last is None or kind != "severity"]
        said = [one for one in (last, *rest) if one is not None]
        unsure = dict.fromkeys(rule for one in said for rule in one.unsure)
        return tuple(unsure), tuple(dict.fromkeys(kind for one in said for kind in one.not_judged))

    @property
    def is_open(self) -> bool:
        """Whether the case shown goes on."""
        return self.card is not None and not self.card.fields.get("ended_on")


def overview(c: Any, person: str, now: datetime, case: str | None = None) -> Overview:
    """A person's cases with the one chosen in full. Raises NotFound, NotOpened."""
    heads = tuple(cases_of(c, person, now))
    day = now.astimezone(VIETNAM).date()
    chosen = next((head.id for head in heads if head.id == case), heads[0].id if heads else None)
    positive = any(row.body.get("result") == "positive" for row in tests_of(c, person))
    if chosen is None:
        return Overview((), None, (), (), {}, rule_sets(c), day, positive)
    card = case_card(c, chosen, now)
    return Overview(
        heads,
        card,
        tuple(medicine.given(c, chosen)),
        tuple(contact_lists.contacts(c, chosen, day)),
        _judged(c, card, now),
        rule_sets(c),
        day,
        positive,
        waiting(c, [card.id, *_belonging(card)]),
        _last_judged(c, card),
    )


def _belonging(card: CaseCard) -> Iterator[str]:
    looks = (look.row for look in card.observations)
    for rows in (
        card.events,
        looks,
        card.alerts,
        card.dispenses,
        card.referrals,
        card.contacts,
        card.follow_ups,
    ):
        yield from (row.id for row in rows)


def half_days(seen: Overview, card: CaseCard, field: str) -> HalfDays:
    """A vital sign of a case over its first fourteen days, or over its last when it has lasted longer."""
    zero = date.fromisoformat(str(card.fields.get("first_positive_on") or card.fields["started_on"]))
    ended = card.fields.get("ended_on")
    last = min(seen.day, date.fromisoformat(str(ended))) if ended else seen.day
    first = max(zero, last - timedelta(days=DAYS - 1))
    number = days_since(seen.sets, card.fields.get("first_positive_on"), first)
    measured = _measured(card.observations, field, first)
    points = {place: _shown(found, field) for place, found in measured.items()}
    return HalfDays(field, first, number, points, _day_limits(seen.sets, card, field, first))


def _day_limits(sets: RuleSets, card: CaseCard, field: str, first: date) -> tuple[DayLimit, ...]:
    """The limits of fourteen days; one that stays the same from day to day is one, whichever set prints it."""
    runs: dict[tuple[str, float], list[DayLimit]] = {}
    for place in range(DAYS):
        day = first + timedelta(days=place)
        for limit in danger_limits(sets, field, day, _age(card, day)):
            run = runs.setdefault((limit.op, limit.value), [])
            if run and run[-1].until >= place:
                run[-1] = replace(run[-1], until=place + 1)
            else:
                run.append(DayLimit(limit, place, place + 1))
    return tuple(one for run in runs.values() for one in run)


def _age(card: CaseCard, day: date) -> Age | None:
    born = card.person.get("birth_date")
    return age_on(day, date.fromisoformat(str(born)) if born else None, card.person.get("birth_year"))


def counted(look: CaseLook, field: str) -> Any:
    """The value that counts of a vital sign; of an SpO2 measured twice, the one the judgement took."""
    if field == "spo2":
        took = next((one.field for one in look.findings if one.kind == "measurement"), field)
        return look.row.body.get("spo2_repeat" if took == "spo2_repeat" else "spo2")
    return look.row.body.get(field)


def standing(card: CaseCard) -> Iterable[CaseLook]:
    """The readings that count, newest first."""
    return (look for look in card.observations if look.stands and not look.taken_back)


def last_said(card: CaseCard, kind: str) -> str:
    """The gravest grade or class that the rules found in the last reading; empty when they found none."""
    last = next(iter(standing(card)), None)
    if last is None:
        return ""
    found = {one.outcome for one in last.findings if one.kind == kind}
    return max(found & set(_ORDERS[kind]), key=_ORDERS[kind].index, default="")


_ORDERS = {
    "severity": [grade.value for grade in SeverityGrade],
    "risk_class": [level.value for level in CaseRiskClass],
}


def _judged(c: Any, card: CaseCard, now: datetime) -> dict[str, Judgement]:
    last = next(iter(standing(card)), None)
    vitals = None if last is None else vitals_of(last.row)
    said = reading(patient(c, live_row(c, "case", card.id)), now, vitals)
    return {kind: judge(said, rule_sets(c), kinds=(kind,)) for kind in JUDGED}


def _last_judged(c: Any, card: CaseCard) -> Judgement | None:
    last = next(iter(standing(card)), None)
    if last is None:
        return None
    at, one = from_wire(str(last.row.body["at"])), patient(c, live_row(c, "case", card.id))
    return recording.judged(one, vitals_of(last.row), at, rule_sets(c))


def _measured(looks: Iterable[CaseLook], field: str, first: date) -> dict[int, list[Point]]:
    found: dict[int, list[Point]] = {}
    for look in looks:
        value = counted(look, field)
        if not look.stands or look.taken_back or value is None:
            continue
        days = (date.fromisoformat(str(look.row.body["slot_on"])) - first).days
        if 0 <= days < DAYS:
            place = 2 * days + (look.row.body["slot"] == "pm")
            found.setdefault(place, []).append(Point(value, _in_danger(look.findings, field)))
    return found


def _in_danger(findings: Iterable[Finding], field: str) -> bool:
    return any(one.kind == "danger_sign" and field in one.field for one in findings)


def _shown(points: list[Point], field: str) -> Point:
    """Of several readings in a half-day the one in danger, then the one farther on the bad side."""
    lower_is_worse = field == "spo2"
    return max(points, key=lambda point: (point.danger, -point.value if lower_is_worse else point.value))
