"""Kits and drugs the documents know, and what speaks against giving one. Nothing here proposes a dose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from tui_app.rules.age import Age, age_on
from tui_app.rules.attention import one_treatment
from tui_app.rules.condition import Answer, Condition, age_edges, answer
from tui_app.rules.findings import Finding, Reading
from tui_app.rules.held import OLDEST_MONTHS
from tui_app.rules.judging import repeat_rule
from tui_app.rules.readings import ReadingInputs, counted_spo2
from tui_app.rules.rule_set import RuleSet, RuleSets
from tui_app.rules.set_parts import Caution, Medicine


@dataclass(frozen=True, slots=True)
class MedicineItem:
    """A kit or drug. ``words``, ``says``: by language; ``says``: what the document says about its use, told only."""

    code: str
    words: Mapping[str, str]
    kind: str
    rule_set: str
    verified: bool
    says: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class GivenBefore:
    """Something this patient was given. ``days``: how long it was to last, ``at``: when; None when nobody said."""

    item: str
    on: date
    days: int | None
    at: datetime | None = None


def items(sets: RuleSets, day: date) -> tuple[MedicineItem, ...]:
    """The kits and drugs that documents in force on a day know."""
    return tuple(
        MedicineItem(
            code=medicine.code,
            words=MappingProxyType({"vi": medicine.vi, "en": medicine.en}),
            kind=medicine.kind,
            rule_set=one.id,
            verified=one.sure(medicine),
            says=MappingProxyType({"vi": medicine.says_vi, "en": medicine.says_en}),
        )
        for one in sets.in_force("medicine", day)
        for medicine in one.medicine
    )


def flags(
    sets: RuleSets, item: str, reading: Reading, given: tuple[GivenBefore, ...], day: date
) -> tuple[Finding, ...]:
    """What speaks against giving ``item`` on a day: contraindications (``contraindicated``), conditions of the
    document that are not met (``not_met``), what has to be asked first (``ask``), the same kind of drug given before
    and not used up (``duplicate``). An item no document knows is only looked for among what was given.

    What was given before lasts as long as was said, else as its document says, else nobody knows when it is used up.
    A drug (not a kit, which is handed over once) of which nobody knows that is used up by the next giving of it when
    that follows soon enough to go on with one treatment (`attention.one_treatment`); after fewer hours than the house
    asks for between two givings of a drug it was given twice."""
    found: list[Finding] = []
    for one in sets.in_force("medicine", day):
        for caution in one.caution:
            if item in caution.items:
                found += _caution(sets, one, caution, reading, day)
    return (*found, *duplicates(sets, item, given, reading.at, day))


def too_long(sets: RuleSets, item: str, days: int | None, day: date) -> Finding | None:
    """The finding that ``item`` is given for longer than its document allows, if it is."""
    for one, medicine in _known(sets, item, day):
        if medicine.max_days is not None and days is not None and days > medicine.max_days:
            return _finding(one, item, "days", days, f"≤ {medicine.max_days}", one.sure(medicine), "too_long")
    return None


def _caution(
    sets: RuleSets, one: RuleSet, caution: Caution, reading: Reading, day: date
) -> Iterator[Finding]:
    """What a caution says at every age the patient may have; when the ages differ, the birth date has to be asked."""
    repeat = repeat_rule(sets, day)
    spo2 = counted_spo2(reading, repeat[1] if repeat else None)
    age = age_on(day, reading.birth_date, reading.birth_year) or Age(0, OLDEST_MONTHS)
    edges = [edge for edge in age_edges(caution.when) if age.low_months < edge <= age.high_months]
    answers = [
        answer(caution.when, ReadingInputs(reading, months, day, spo2), one.facts)
        for months in (age.low_months, *edges)
    ]
    held = {found.holds for found in answers}
    if held == {False}:
        return
    if held == {True}:
        yield _met(one, caution, answers[0])
        return
    missing = list(dict.fromkeys(name for found in answers for name in found.missing)) or ["birth_date"]
    yield _finding(
        one, caution.id, ", ".join(missing), None, caution.printed or "?", one.sure(caution), "ask"
    )


def _met(one: RuleSet, caution: Caution, found: Answer) -> Finding:
    values = {because.field: because.value for because in found.because}
    value = next(iter(values.values())) if len(values) == 1 else values
    limit = caution.printed or ", ".join(dict.fromkeys(because.limit for because in found.because))
    return _finding(one, caution.id, ", ".join(values), value, limit, one.sure(caution), caution.outcome)


def duplicates(
    sets: RuleSets, item: str, given: tuple[GivenBefore, ...], at: datetime, day: date
) -> Iterator[Finding]:
    """What was ``given`` before a moment of a day that makes ``item`` given twice (see `flags`)."""
    own = list(_known(sets, item, day))
    mine = {group for _, medicine in own for group in medicine.groups}
    own_set = next((one.id for one, _ in own), "")
    soon = one_treatment(sets, day)
    ordered = [*sorted(given, key=lambda one: one.on), GivenBefore(item, day, None, at)]
    for place, before in enumerate(ordered[:-1], 1):
        if soon is not None and _goes_on(sets, before, ordered[place:], soon):
            yield from _too_soon(sets, item, before, at, day)
            continue
        known = list(_known(sets, before.item, before.on))
        groups = {group for _, medicine in known for group in medicine.groups}
        days = before.days or next((medicine.days for _, medicine in known if medicine.days), None)
        running = days is None or day < before.on + timedelta(days=days)
        if before.on <= day and running and (item == before.item or mine & groups):
            shared = ", ".join(sorted(mine & groups)) or item
            yield Finding(
                kind="medicine",
                rule="given_before",
                rule_set=own_set or next((one.id for one, _ in known), ""),
                field="given",
                value={"item": before.item, "on": before.on.isoformat(), "days": days},
                limit=shared,
                verified=all(one.sure(medicine) for one, medicine in [*own, *known]),
                outcome="duplicate",
            )


def _too_soon(sets: RuleSets, item: str, before: GivenBefore, at: datetime, day: date) -> Iterator[Finding]:
    """The same drug again before the hours are over that the house asks for; on the same day also when nobody knows."""
    held = sets.part("attention", day)
    hours = held.attention[0].same_drug_hours if held else None
    if held is None or hours is None or before.item != item:
        return
    if (before.on == day) if before.at is None else abs(at - before.at) < timedelta(hours=hours):
        yield Finding(
            kind="medicine",
            rule="given_twice",
            rule_set=held.id,
            field="given",
            value={
                "item": item,
                "on": before.on.isoformat(),
                "at": before.at.isoformat() if before.at else None,
                "days": before.days,
            },
            limit=f"≥ {hours} h",
            verified=held.sure(held.attention[0]),
            outcome="duplicate",
        )


def _goes_on(sets: RuleSets, before: GivenBefore, after: list[GivenBefore], soon: timedelta) -> bool:
    """Whether a giving ``after`` it, of the same drug, goes on with the treatment this one belongs to."""
    known = [medicine for _, medicine in _known(sets, before.item, before.on)]
    if before.days or any(medicine.days or medicine.kind == "kit" for medicine in known):
        return False
    return any(one.item == before.item and one.on - before.on <= soon for one in after)


def _known(sets: RuleSets, item: str, day: date) -> Iterator[tuple[RuleSet, Medicine]]:
    for one in sets.in_force("medicine", day):
        for medicine in one.medicine:
            if medicine.code == item:
                yield one, medicine


def _finding(
    one: RuleSet, rule: str, field: str, value: object, limit: str, verified: bool, outcome: str
) -> Finding:
    return Finding(
        kind="medicine",
        rule=rule,
        rule_set=one.id,
        field=field,
        value=value,
        limit=limit,
        verified=verified,
        outcome=outcome,
    )


def caution_codes(sets: RuleSets, day: date) -> tuple[str, ...]:
    """What the documents in force on a day ask of a patient before any of their medicines is given."""
    found: dict[str, None] = {}
    for one in sets.in_force("medicine", day):
        for caution in one.caution:
            found |= dict.fromkeys(_asked(caution.when))
    return tuple(found)


def _asked(condition: Condition) -> Iterator[str]:
    if condition.field == "drug_cautions":
        yield from condition.any_of
    for part in condition.parts:
        yield from _asked(part)
