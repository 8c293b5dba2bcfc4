"""What the shape of a rule set cannot say: dates, ages, limits, codes and words that must fit together."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from tui_app.rules import level_checks, vaccine_checks
from tui_app.rules.condition import Condition, leaves
from tui_app.rules.fields import ANSWERS, CODES, NUMBERS
from tui_app.rules.set_text import Step

if TYPE_CHECKING:
    from tui_app.rules.rule_set import RuleSet
    from tui_app.rules.set_parts import Cover

Found = tuple[tuple[Step, ...], str, dict[str, Any]]

SEVERITY = ("critical", "severe", "moderate", "mild", "asymptomatic")
RISK_CLASS = ("very_high", "high", "medium", "low")
OUTCOMES = {"severity": SEVERITY, "risk_class": RISK_CLASS, "case_definition": ("confirmed", "suspected")}
"""From the worst to the mildest: the order in which the lines of a set are written and asked."""
LINES = ("danger_sign", "eligibility", *OUTCOMES)
VACCINATION = (
    "vaccine",
    "programme",
    "additional_dose",
    "booster_dose",
    "after_infection",
    "dose_watch",
    "coverage",
)
PARTS = {
    "sheet": "sheet",
    "slots": "slot",
    "attention": "attention",
    "repeated_spo2": "repeated_spo2",
    "release": "release",
    "discharge": "discharge",
    "contact_watch": "contact_watch",
    "medicine": "medicine",
    "follow_up": "follow_up",
    "report_due": "report_due",
    "roster": "roster",
    "event_due": "event_due",
    "outbreak_end": "outbreak_end",
    "request_due": "request_due",
    "holiday": "holiday",
    "retention": "retention",
    **{table: table for table in VACCINATION},
    "risk_group": "risk_rule",
    "enough_doses": "enough_doses",
    **level_checks.SUBJECTS,
}
NAMED = (
    *LINES,
    "caution",
    "release",
    "discharge",
    "contact_watch",
    "follow_up",
    "attention",
    "report_due",
    "roster",
    "event_due",
    "outbreak_end",
    "request_due",
    "holiday",
    "retention",
    *VACCINATION,
    "risk_rule",
    "enough_doses",
    *level_checks.TABLES,
)
"""Tables whose parts have an id and words."""
TABLES = (*NAMED, "medicine", "sheet", "slot")
"""Tables whose parts say how sure they are."""
SUBJECTS = {**{kind: kind for kind in LINES}, **PARTS}
"""A subject, and the table of a set that speaks about it."""
PROFILES = ("2022", "2026")


def problems(found: RuleSet, codes: set[str]) -> Iterator[Found]:
    """All that is wrong, each with its path, catalogue key and parameters. ``codes``: those that have words."""
    yield from _head(found)
    yield from _covers(found)
    yield from _ids(found)
    yield from _words(found, codes)
    for name, condition in found.facts.items():
        yield from _condition(condition, ("facts", name), found)
    for kind in (*LINES, "caution"):
        for number, line in enumerate(getattr(found, kind)):
            path = (kind, number)
            yield from _condition(line.when, (*path, "when"), found)
            if kind != "caution":
                yield from _ages(line, path)
    yield from vaccine_checks.problems(found, _ages)
    yield from level_checks.problems(found)
    for kind, order in OUTCOMES.items():
        yield from _order(found, kind, order)
    yield from _risk_rules(found)
    yield from _certainty(found)


def _head(found: RuleSet) -> Iterator[Found]:
    if found.effective_to and found.effective_to < found.effective_from:
        yield ("effective_to",), "rules.ends_before_start", {}
    for profile in found.profile:
        if profile not in PROFILES:
            yield ("profile",), "rules.wrong_choice", {"value": profile, "name": "profile"}
    if not found.source:
        yield ("source",), "rules.field_missing", {"name": "source"}
    if found.id in found.replaces:
        yield ("replaces",), "rules.replaces_itself", {}


def _covers(found: RuleSet) -> Iterator[Found]:
    for number, cover in enumerate(found.covers):
        path = ("covers", number)
        if cover.subject not in SUBJECTS:
            yield (*path, "subject"), "rules.wrong_choice", {"value": cover.subject, "name": "subject"}
        elif not getattr(found, SUBJECTS[cover.subject]):
            yield (*path, "subject"), "rules.covers_nothing", {"subject": cover.subject}
        yield from _ages(cover, path)
        yield from _dates(found, cover, path)
        for earlier in found.covers[:number]:
            if _same_ground(found, cover, earlier):
                yield path, "rules.overlap", {"subject": cover.subject, "other": found.id}
    covered = {cover.subject for cover in found.covers}
    for subject, table in SUBJECTS.items():
        if getattr(found, table) and subject not in covered:
            yield (table, 0), "rules.not_covered", {"subject": subject}


def _dates(found: RuleSet, cover: Cover, path: tuple[Step, ...]) -> Iterator[Found]:
    since, until = _span(found, cover)
    if until < since:
        yield (*path, "effective_to"), "rules.ends_before_start", {}
    if since < found.effective_from or until > (found.effective_to or date.max):
        yield path, "rules.outside_set", {}


def _span(found: RuleSet, cover: Cover) -> tuple[date, date]:
    return (
        cover.effective_from or found.effective_from,
        cover.effective_to or found.effective_to or date.max,
    )


def _same_ground(found: RuleSet, one: Cover, other: Cover) -> bool:
    (since, until), (other_since, other_until) = _span(found, one), _span(found, other)
    ages = one.from_months < (other.below_months or 10**6) and other.from_months < (one.below_months or 10**6)
    return one.subject == other.subject and ages and since <= other_until and other_since <= until


def _ages(banded: Any, path: tuple[Step, ...]) -> Iterator[Found]:
    if banded.from_months < 0 or (
        banded.below_months is not None and banded.below_months <= banded.from_months
    ):
        yield (*path, "below_months"), "rules.empty_band", {}


def _ids(found: RuleSet) -> Iterator[Found]:
    seen: set[str] = set()
    for table in NAMED:
        for number, part in enumerate(getattr(found, table)):
            if part.id in seen:
                yield (table, number, "id"), "rules.twice", {"id": part.id}
            seen.add(part.id)
    items: set[str] = set()
    for number, item in enumerate(found.medicine):
        if item.code in items:
            yield ("medicine", number, "code"), "rules.twice", {"id": item.code}
        items.add(item.code)
    for number, conflict in enumerate(found.conflict):
        for line in conflict.lines:
            if line not in seen | items:
                yield ("conflict", number, "lines"), "rules.unknown_line", {"id": line}


def _words(found: RuleSet, codes: set[str]) -> Iterator[Found]:
    for path, text in _texts(found):
        if not text.strip():
            yield path, "rules.words_missing", {}
        elif not unicodedata.is_normalized("NFC", text):
            yield path, "rules.not_nfc", {}
    for path, code in _codes(found):
        if code not in codes:
            yield path, "rules.code_without_words", {"code": code}


def _texts(found: RuleSet) -> Iterator[tuple[tuple[Step, ...], str]]:
    for name in ("id", "document", "vi", "en"):
        yield (name,), getattr(found, name)
    for code, words in found.words.items():
        yield from ((("words", code), text) for text in (words.vi, words.en))
    for table in (*NAMED, "medicine", "conflict", "orientation"):
        for number, part in enumerate(getattr(found, table)):
            yield from (((table, number, language), getattr(part, language)) for language in ("vi", "en"))


def _codes(found: RuleSet) -> Iterator[tuple[tuple[Step, ...], str]]:
    for table in (*LINES, "caution"):
        for number, line in enumerate(getattr(found, table)):
            for leaf in leaves(line.when):
                yield from (((table, number, "when"), code) for code in leaf.any_of)
    for table in ("additional_dose", "booster_dose"):
        for number, rule in enumerate(getattr(found, table)):
            yield from (((table, number, "conditions"), code) for code in rule.conditions)
    for number, part in enumerate(found.sheet):
        yield from ((("sheet", number, "symptoms"), code) for code in part.symptoms)
        yield from ((("sheet", number, "signs"), code) for code in part.signs)


def _condition(condition: Condition, path: tuple[Step, ...], found: RuleSet) -> Iterator[Found]:
    for leaf in leaves(condition):
        forms = [
            bool(leaf.parts),
            bool(leaf.fact),
            leaf.op is not None,
            bool(leaf.any_of),
            leaf.empty is not None,
            leaf.is_ is not None and not leaf.fact,
        ]
        if sum(forms) != 1:
            yield path, "rules.one_condition", {}
        elif leaf.fact and leaf.fact not in found.facts:
            yield path, "rules.unknown_fact", {"fact": leaf.fact}
        elif leaf.op is not None:
            yield from _limit(leaf, path)
        elif (
            not leaf.parts
            and not leaf.fact
            and leaf.field not in (ANSWERS if leaf.is_ is not None else CODES)
        ):
            yield path, "rules.unknown_field", {"name": leaf.field}


def _limit(leaf: Condition, path: tuple[Step, ...]) -> Iterator[Found]:
    if leaf.field not in NUMBERS:
        yield path, "rules.unknown_field", {"name": leaf.field}
    elif leaf.limit is None:
        yield path, "rules.field_missing", {"name": "limit"}
    else:
        low, high = NUMBERS[leaf.field]
        if not low <= leaf.limit <= high:
            params = {"name": leaf.field, "limit": f"{leaf.limit:g}", "low": f"{low:g}", "high": f"{high:g}"}
            yield path, "rules.limit_outside", params


def _order(found: RuleSet, kind: str, order: tuple[str, ...]) -> Iterator[Found]:
    last = 0
    for number, line in enumerate(getattr(found, kind)):
        if line.outcome not in order:
            yield (kind, number, "outcome"), "rules.wrong_choice", {"value": line.outcome, "name": "outcome"}
        elif order.index(line.outcome) < last:
            yield (kind, number, "outcome"), "rules.worst_first", {}
        else:
            last = order.index(line.outcome)


def _risk_rules(found: RuleSet) -> Iterator[Found]:
    """Each way into a group says what it needs."""
    for number, rule in enumerate(found.risk_rule):
        for by, name in (("age", "from_years"), ("unvaccinated", "of_group"), ("ethnicity", "without")):
            if rule.by == by and not getattr(rule, name):
                yield ("risk_rule", number), "rules.field_missing", {"name": name}
        if rule.elderly and rule.by != "age":
            yield ("risk_rule", number, "elderly"), "rules.wrong_choice", {"value": rule.by, "name": "by"}


def _certainty(found: RuleSet) -> Iterator[Found]:
    """What is verified has the mark of it, and what is not says how sure it is."""
    for path, part in found.parts():
        if found.sure(part) is not (found.mark_of(part) in ("V", "SEED")):
            yield path, "rules.mark_and_verified", {"mark": found.mark_of(part)}
