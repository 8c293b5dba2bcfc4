"""A condition of a rule as data, and its answer: yes, no, or not known. What is not known is never taken as normal."""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import msgspec

from tui_app.rules.fields import AGES, CODES, NUMBERS

Op = Literal["<", "≤", ">", "≥"]
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "≤": operator.le,
    ">": operator.gt,
    "≥": operator.ge,
}
NOT_APPLICABLE = object()
"""The value of an input that this person cannot have: it meets no condition and is not missing."""


class Condition(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename={"is_": "is"}
):
    """One of: a number against a ``limit`` (``op`` as the document prints it); a set of codes that has ``at_least``
    so many of ``any_of``, or is ``empty``; an answer that ``is`` yes or no; a ``fact`` its set defines; ``all``,
    ``any`` (or ``at_least`` so many) or ``none`` of other conditions."""

    field: str = ""
    op: Op | None = None
    limit: float | None = None
    any_of: tuple[str, ...] = ()
    at_least: int = 1
    empty: bool | None = None
    is_: bool | None = None
    fact: str = ""
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    none: tuple[Condition, ...] = ()

    @property
    def parts(self) -> tuple[Condition, ...]:
        """The conditions it is made of."""
        return self.all or self.any or self.none


@dataclass(frozen=True, slots=True)
class Because:
    """An input that decided, and the limit it met or did not meet."""

    field: str
    value: Any
    limit: str


@dataclass(frozen=True, slots=True)
class Answer:
    """``holds``: None when ``missing`` inputs would decide; ``because``: what decided otherwise."""

    holds: bool | None
    because: tuple[Because, ...] = ()
    missing: tuple[str, ...] = ()


class Inputs(Protocol):
    """Where a condition finds its values."""

    def number(self, field: str) -> tuple[str, Any]:
        """The name of the input that counts and its value; None when not known, or `NOT_APPLICABLE`."""

    def codes(self, field: str) -> tuple[frozenset[str], bool]:
        """The codes that are there, and whether the others are known not to be."""

    def answer(self, field: str) -> Any:
        """True, False, None when not known, or `NOT_APPLICABLE`."""

    def asks(self, field: str) -> str:
        """What to ask for when ``field`` is not known."""


Facts = Mapping[str, Condition]


def answer(condition: Condition, inputs: Inputs, facts: Facts) -> Answer:
    """Whether the condition holds. ``facts``: what the set means by its facts."""
    if condition.all:
        return _all([answer(part, inputs, facts) for part in condition.all])
    if condition.any:
        return _some([answer(part, inputs, facts) for part in condition.any], condition.at_least)
    if condition.none:
        return _all([_turned(answer(part, inputs, facts)) for part in condition.none])
    if condition.fact:
        found = answer(facts[condition.fact], inputs, facts)
        return found if condition.is_ in (True, None) else _turned(found)
    if condition.op is not None:
        return _number(condition, inputs)
    if condition.field in CODES:
        return _codes(condition, inputs)
    return _yes_or_no(condition, inputs)


def _all(answers: list[Answer]) -> Answer:
    refused = [one for one in answers if one.holds is False]
    if refused:
        return Answer(False, tuple(b for one in refused for b in one.because))
    missing = tuple(dict.fromkeys(name for one in answers for name in one.missing))
    if any(one.holds is None for one in answers):
        return Answer(None, (), missing)
    return Answer(True, tuple(b for one in answers for b in one.because))


def _some(answers: list[Answer], at_least: int) -> Answer:
    met = [one for one in answers if one.holds]
    if len(met) >= at_least:
        return Answer(True, tuple(b for one in met for b in one.because))
    if len(met) + sum(one.holds is None for one in answers) >= at_least:
        return Answer(None, (), tuple(dict.fromkeys(name for one in answers for name in one.missing)))
    return Answer(False, tuple(b for one in answers if one.holds is False for b in one.because))


def _turned(found: Answer) -> Answer:
    return found if found.holds is None else Answer(not found.holds, found.because)


def _number(condition: Condition, inputs: Inputs) -> Answer:
    assert condition.op is not None
    assert condition.limit is not None
    name, value = inputs.number(condition.field)
    if value is None:
        return Answer(None, (), (inputs.asks(condition.field),))
    holds = value is not NOT_APPLICABLE and _COMPARE[condition.op](value, condition.limit)
    return Answer(holds, (Because(name, None if value is NOT_APPLICABLE else value, printed(condition)),))


def _codes(condition: Condition, inputs: Inputs) -> Answer:
    there, all_known = inputs.codes(condition.field)
    if condition.empty is not None:
        if not there and not all_known:
            return Answer(None, (), (inputs.asks(condition.field),))
        return Answer(
            bool(there) is not condition.empty,
            (Because(condition.field, sorted(there), "0" if condition.empty else "≥ 1"),),
        )
    met = [code for code in condition.any_of if code in there]
    if len(met) >= condition.at_least or all_known:
        limit = f"≥ {condition.at_least}"
        return Answer(len(met) >= condition.at_least, (Because(condition.field, met, limit),))
    return Answer(None, (), (inputs.asks(condition.field),))


def _yes_or_no(condition: Condition, inputs: Inputs) -> Answer:
    value = inputs.answer(condition.field)
    if value is None:
        return Answer(None, (), (inputs.asks(condition.field),))
    wanted = condition.is_ is not False
    holds = value is not NOT_APPLICABLE and value is wanted
    limit = "true" if wanted else "false"
    return Answer(holds, (Because(condition.field, None if value is NOT_APPLICABLE else value, limit),))


def printed(condition: Condition) -> str:
    """The limit of a number as a document prints it: sign, decimal comma."""
    return f"{condition.op} {condition.limit:g}".replace(".", ",")


def leaves(condition: Condition) -> Iterator[Condition]:
    """The condition and all it is made of."""
    yield condition
    for part in condition.parts:
        yield from leaves(part)


def codes_of(condition: Condition, fields: Collection[str] = CODES) -> Iterator[str]:
    """The codes it looks for in these fields, in the order written."""
    for leaf in leaves(condition):
        if leaf.field in fields:
            yield from leaf.any_of


def age_edges(condition: Condition) -> Iterator[int]:
    """The ages in months at which its answer may change."""
    for leaf in leaves(condition):
        if leaf.field in AGES and leaf.limit is not None:
            step = AGES[leaf.field]
            yield int(leaf.limit) * step if leaf.op in ("<", "≥") else (int(leaf.limit) + 1) * step


def is_number(field: str) -> bool:
    """Whether a field is compared with a limit."""
    return field in NUMBERS
