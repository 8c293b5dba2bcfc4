"""The risk lists of a ward: who is on them on a day (domain/rules.md §1.1). What is shown of them is `RiskBook`'s."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from tui_app.records.people import RiskGroup
from tui_app.rules.carers import carers_named
from tui_app.rules.risk import CARER, ELDERLY, LIVES_WITH, DayRules, Facts
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row
from tui_app.services.people.doors import walking_order
from tui_app.services.risk.risk_facts import conditions_of, open_needs, open_values, variants, written_groups
from tui_app.services.risk.risk_people import (
    AGE_UNSURE,
    DOSES_UNKNOWN,
    FORGOTTEN,
    IN_NEED,
    OVERDUE,
    STATES,
    UNDER_DOSED,
    Door,
    RiskBook,
    RiskPerson,
)
from tui_app.services.station import facts
from tui_app.services.vaccination.dose_facts import written_doses
from tui_app.services.visits.last_contacts import contacted_since, overdue_since
from tui_app.store.engine import Store
from tui_app.text import fold

OVERDUE_DAYS = "risk_overdue_days"
DEFAULT_DAYS, MOST_DAYS = 7, 365


def overdue_days(c: Any) -> int:
    """After how many days without contact somebody is overdue on this laptop."""
    return int(facts.get(c, OVERDUE_DAYS, DEFAULT_DAYS))


def set_overdue_days(store: Store, days: int) -> None:
    """Choose it. ``days``: 1–365."""
    with store.write() as c:
        facts.put(c, OVERDUE_DAYS, max(1, min(days, MOST_DAYS)))


def risk_people(c: Any, day: date) -> list[RiskPerson]:
    """Everybody at risk on a day, in walking order."""
    return risk_book(c, day).choose()


def risk_book(c: Any, day: date, *, overdue: int | None = None) -> RiskBook:
    """Everybody of any list on a day whom this laptop may name now. ``overdue``: days, else as chosen here.

    Raises NotOpened for a viewer.
    """
    gate.check_role(c)
    return _book(c, day, overdue, gate.closed(c))


def risk_counts(c: Any, day: date, *, overdue: int | None = None) -> RiskBook:
    """The same for whoever may see counts only: nobody is in it, but how many are in which groups at once."""
    book = _book(c, day, overdue, frozenset())
    return RiskBook(book.rules, book.overdue_days, {}, carers_unknown=book.carers_unknown, counted=book.kinds)


def household_people(c: Any, day: date, household: str) -> list[RiskPerson]:
    """Everybody of one household, at risk or not, the oldest first. Raises NotFound, NotOpened."""
    live_row(c, "household", household)
    book = RiskBook(day_rules(c, day), overdue_days(c), _doors(c, frozenset()))
    people = _Reading(c, book).people(frozenset())
    _with_others(book.rules, people, book)
    found = [one for one in people if one.household == household]
    return sorted(found, key=lambda one: (one.birth_date or str(one.birth_year or "9999"), one.person))


def _book(c: Any, day: date, overdue: int | None, shut: frozenset[str]) -> RiskBook:
    rules = day_rules(c, day)
    days = overdue_days(c) if overdue is None else overdue
    book = RiskBook(rules, days, _doors(c, shut))
    with _no_collection():
        people = _Reading(c, book).people(shut)
    _with_others(rules, people, book)
    seen = rules.core | rules.mask((LIVES_WITH, CARER, AGE_UNSURE, *book.age_groups))
    order = {household: place for place, household in enumerate(book.doors)}
    found = [one for one in people if one.mask & seen]
    found.sort(key=lambda one: order.get(one.household, len(order)))
    book.people = found
    return book


@contextmanager
def _no_collection() -> Iterator[None]:
    """No search for garbage while thousands of persons are made that all stay: with it the lists of 40 000 take 500 ms
    of processor time instead of 380 (``python -m tests.bench --only risk``)."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def day_rules(c: Any, day: date) -> DayRules:
    """The rules in force on a day, with bits for the groups of list A and the states."""
    rules = DayRules.on(rule_sets(c), day)
    for group in RiskGroup:
        rules.written(str(group))
    for code in (LIVES_WITH, CARER, AGE_UNSURE, *STATES):
        rules.bit(code)
    return rules


class _Reading:
    """What is written about all persons, put together person by person."""

    def __init__(self, c: Any, book: RiskBook) -> None:
        self._c, self._book = c, book
        rules = book.rules
        self._open = open_values(c)
        self._rows, self._doubtful = written_groups(c, rules)
        self._conditions = conditions_of(c)
        self._doses = written_doses(c)
        self._contacts = contacted_since(c, overdue_since(rules.day, book.overdue_days))
        self._needs, self._house_needs = open_needs(c)
        self._migrants = {rule.of_group for _, rule in rules.rules if rule.by == "unvaccinated"}

    def people(self, shut: frozenset[str]) -> list[RiskPerson]:
        """Everybody who lives and is here, with what their own facts say."""
        book, rules, bits = self._book, self._book.rules, self._book.rules.bits
        today, nothing = rules.day.isoformat(), frozenset[str]()
        overdue, need = bits[OVERDUE], bits[IN_NEED]
        under, unknown, age_unsure = bits[UNDER_DOSED], bits[DOSES_UNKNOWN], bits[AGE_UNSURE]
        ages = rules.mask((*book.age_groups, ELDERLY))
        others = self._others()
        found = []
        for (
            person, household, area, name, born, year, sex, phone, carer, ethnicity, limited, contraindicated, doses,
        ) in self._c.execute(_PERSONS, (today, today)):  # fmt: skip
            if area in shut:
                continue
            if person in self._doses:
                doses = max(self._doses[person][0], doses or 0)
            conditions = self._conditions.get(person, nothing)
            written = self._rows.get(person, 0)
            mask, unsure, enough = rules.aged(born, year)
            if conditions or limited or written or ethnicity not in others or person in self._open:
                told = Facts(born, year, ethnicity, conditions, bool(limited), doses, self._narrowed(written))
                mask, unsure = self._groups(person, told)
            mask |= written
            unsure = (unsure | self._doubtful.get(person, 0)) & ~mask
            if unsure & ages:
                mask |= age_unsure
            contact = self._contacts.get(person)
            if contact is None:
                mask |= overdue
            own, house = self._needs.get(person, ()), self._house_needs.get(household, ())
            if own or house:
                mask |= need
            if not contraindicated:
                if doses is None:
                    mask |= unknown
                elif enough is not None and doses < enough:
                    mask |= under
            said = (person, household or "", area, name or "", born, year, sex or "", phone, carer or "")
            found.append(RiskPerson(book, *said, mask, unsure, written, doses, contact, own, house))
        return found

    def _others(self) -> frozenset[str | None]:
        """Ethnic codes that no rule asks about."""
        asked = [set(rule.without) for _, rule in self._book.rules.rules if rule.by == "ethnicity"]
        return frozenset({None}) | frozenset(set.intersection(*asked) if asked else set())

    def _narrowed(self, written: int) -> frozenset[str]:
        return frozenset(code for code in self._migrants if written & self._book.rules.bits.get(code, 0))

    def _groups(self, person: str, told: Facts) -> tuple[int, int]:
        """The groups by rule; where values wait for a person to decide, those of each of them."""
        alternatives = self._open.get(person)
        if alternatives is None:
            return self._book.rules.groups(told)
        mask = unsure = 0
        for one in variants(told, alternatives):
            found, doubtful = self._book.rules.groups(one)
            mask, unsure = mask | found, unsure | doubtful
        return mask, unsure & ~mask


def _with_others(rules: DayRules, people: list[RiskPerson], book: RiskBook) -> None:
    """What follows from those one lives with: co-residents and carers of persons at risk; and who is forgotten."""
    lives, carer, core = rules.bits[LIVES_WITH], rules.bits[CARER], rules.core
    forgotten = rules.bits[FORGOTTEN]
    left_alone = rules.bits[OVERDUE] | rules.bits[IN_NEED]
    homes: defaultdict[str, list[RiskPerson]] = defaultdict(list)
    at_risk: defaultdict[str, int] = defaultdict(int)
    for one in people:
        if one.household:
            homes[one.household].append(one)
        if one.mask & core:
            at_risk[one.household] += 1
            if one.mask & left_alone == left_alone:
                one.mask |= forgotten
    for household, count in at_risk.items():
        for one in homes[household]:
            if count - bool(one.mask & core):
                one.mask |= lives
    for one in people:
        if one.carer and one.mask & core:
            members = [other for other in homes[one.household] if other is not one]
            named = set(carers_named(fold(one.carer), ((m.person, fold(m.full_name)) for m in members)))
            book.carers_unknown += not named
            for member in members:
                if member.person in named:
                    member.mask |= carer


def _doors(c: Any, shut: frozenset[str]) -> dict[str, Door]:
    """All households in walking order."""
    units = {ident: name or "" for ident, name in c.execute("SELECT id, unit_name FROM area")}
    found = [row for row in c.execute(_HOUSEHOLDS) if row["area"] not in shut]
    found.sort(key=walking_order)
    return {
        row["id"]: Door(
            row["address"] or "", row["alley"] or "", units.get(row["area"], ""), row["phone"], row["head"]
        )
        for row in found
    }


_PERSONS = """
SELECT id, household, area, full_name, birth_date, birth_year, sex, phone, carer, ethnicity, mobility_limited,
    contraindicated, reported_doses
FROM person WHERE NOT deleted AND (died_on IS NULL OR died_on > ?) AND (moved_on IS NULL OR moved_on > ?)
"""
_HOUSEHOLDS = """
SELECT h.id, h.area, h.address, h.alley, h.walk_order, h.phone, h.head, a.unit_name
FROM household AS h LEFT JOIN area AS a ON a.id = h.area WHERE NOT h.deleted
"""
