"""Whether two persons may be one: which facts speak for it, which against, and how strong that is. Pure.

Never by the name alone. It only points; a person decides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from tui_app.intake.likeness import NEAR, marks_differ
from tui_app.text import clean, fold

SHORTER = 90
"""The likeness of a name and the same without some of its middle names."""


class Strength(StrEnum):
    """How sure it is that two are one. ``disputed``: people disagree; ``review``: merged, and changed since."""

    DISPUTED = "disputed"
    REVIEW = "review"
    STRONG = "strong"
    LIKELY = "likely"
    POSSIBLE = "possible"


WEAKER = {Strength.STRONG: Strength.LIKELY, Strength.LIKELY: Strength.POSSIBLE}
NUMBERS = ("national_id", "citizen_id_old", "insurance_number", "passport", "temporary")
"""Reasons that are numbers of the person."""


class Births(StrEnum):
    """How two births fit: to the day, by the year, nearly, one not known, or not at all."""

    EXACT = "same_birth"
    YEAR = "birth_fits"
    NEARLY = "birth_near"
    UNKNOWN = "birth_unknown"
    APART = "birth_differs"


@dataclass(slots=True)
class Face:
    """A person as far as likeness needs it. ``numbers``: (kind, digits as compared), with old ones; ``address``:
    what the household's address is compared by, empty when it says nothing."""

    id: str
    household: str
    area: str
    full_name: str
    birth_date: str | None = None
    birth_year: int | None = None
    sex: str | None = None
    phone: str = ""
    address: str = ""
    numbers: frozenset[tuple[str, str]] = frozenset()
    name: str = field(init=False)
    given: str = field(init=False)

    def __post_init__(self) -> None:
        self.name = fold(clean(self.full_name))
        self.given = self.name.rpartition(" ")[2]


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found of two. ``reasons``: codes, those that count most first; ``score``: likeness of names, 0–100."""

    strength: Strength
    reasons: tuple[str, ...]
    score: int


def compared_numbers(kind: str, number: str) -> Iterable[tuple[str, str]]:
    """A number as it is compared with others: an insurance number by its last ten digits (rules §3.3), and by all
    twelve where it is the personal number; placeholders are none."""
    digits = "".join(char for char in number.upper() if char.isalnum())
    if len(digits) < 8 or len(set(digits)) < 3:
        return
    if kind == "insurance_number":
        yield kind, digits[-10:]
    if (
        len(digits) == 12
        and digits.isdecimal()
        and kind in ("insurance_number", "citizen_id_old", "national_id")
    ):
        yield "national_id", digits
    elif kind != "insurance_number":
        yield kind, digits


def births(one: Face, other: Face) -> Births:
    """How two births fit. A year alone fits a full date of that year; a year apart may be an age that was counted."""
    if one.birth_date and other.birth_date:
        if one.birth_date == other.birth_date:
            return Births.EXACT
        if one.birth_date[:4] != other.birth_date[:4]:
            return Births.APART
        day, month = one.birth_date[8:], one.birth_date[5:7]
        guessed = "01-01" in (one.birth_date[5:], other.birth_date[5:])
        return Births.YEAR if guessed or other.birth_date[5:] == f"{day}-{month}" else Births.NEARLY
    years = _year(one), _year(other)
    if years[0] is None or years[1] is None:
        return Births.UNKNOWN
    apart = abs(years[0] - years[1])
    return Births.YEAR if apart == 0 else Births.NEARLY if apart == 1 else Births.APART


def likeness(one: Face, other: Face) -> int:
    """Likeness of two folded names, 0–100; a name without some of its middle names is like the whole."""
    from rapidfuzz import fuzz

    if one.name == other.name:
        return 100
    first, second = one.name.split(), other.name.split()
    if len(first) > 1 < len(second) and (first[0], first[-1]) == (second[0], second[-1]):
        short, long = sorted((set(first), set(second)), key=len)
        if short < long:
            return SHORTER
    return round(fuzz.token_sort_ratio(one.name, other.name))


def judge(one: Face, other: Face, *, phone: bool, address: bool) -> Judged | None:
    """What speaks for it that two persons are one; None for too little.

    ``phone``: they share a telephone that nobody of another name has; ``address``: their households have one address.
    """
    shared = [kind for kind in NUMBERS if kind in {kind for kind, _ in one.numbers & other.numbers}]
    if not shared and _other_number(one, other):
        return None
    score, fit = likeness(one, other), births(one, other)
    at_home = one.household == other.household
    if shared:
        return _by_number(one, other, shared, score, fit)
    if score < NEAR or fit is Births.APART:  # a father and a son may have one name
        return None
    strength = (
        _at_one_door(one, other, score, fit)
        if at_home
        else _elsewhere(one, other, score, fit, phone or address)
    )
    if strength is not None and _differ(one.sex, other.sex):
        strength = WEAKER.get(strength)
    if strength is None:
        return None
    marks = score == 100 and _marks_differ(one, other)
    reasons = [
        *(["phone"] if phone and not at_home else []),
        *(["household"] if at_home else ["address"] if address else []),
        "same_name" if score == 100 else "near_name",
        str(fit),
        *(["marks_differ"] if marks else []),
        *(["sex_differs"] if _differ(one.sex, other.sex) else []),
    ]
    return Judged(strength, tuple(reasons), score)


def _by_number(one: Face, other: Face, shared: list[str], score: int, fit: Births) -> Judged:
    alike, sexes = score >= NEAR, _differ(one.sex, other.sex)
    strength = Strength.POSSIBLE
    if alike and fit is not Births.APART and not sexes:
        strength = Strength.STRONG
    elif alike or fit in (Births.EXACT, Births.YEAR):
        strength = Strength.LIKELY
    name = "same_name" if score == 100 else "near_name" if alike else "names_differ"
    return Judged(strength, (*shared, name, str(fit), *(["sex_differs"] if sexes else [])), score)


def _at_one_door(one: Face, other: Face, score: int, fit: Births) -> Strength | None:
    """Within a household twins share the day, and a father and a son may share the name."""
    if one.given != other.given:
        return None
    if _marks_differ(one, other):
        return Strength.POSSIBLE if score == 100 and fit in (Births.EXACT, Births.YEAR) else None
    if score == 100:
        return {Births.EXACT: Strength.STRONG, Births.YEAR: Strength.LIKELY}.get(fit, Strength.POSSIBLE)
    return {Births.EXACT: Strength.LIKELY, Births.YEAR: Strength.POSSIBLE}.get(fit)


def _elsewhere(one: Face, other: Face, score: int, fit: Births, evidence: bool) -> Strength | None:
    if not evidence:
        exact = score == 100 and fit is Births.EXACT and not _marks_differ(one, other)
        return Strength.POSSIBLE if exact else None
    if one.given != other.given:
        return Strength.POSSIBLE if fit is Births.EXACT else None
    if score == 100:
        found = {Births.EXACT: Strength.STRONG, Births.YEAR: Strength.LIKELY}.get(fit, Strength.POSSIBLE)
        return WEAKER.get(found, found) if _marks_differ(one, other) else found
    return {Births.EXACT: Strength.LIKELY, Births.YEAR: Strength.POSSIBLE}.get(fit)


def _other_number(one: Face, other: Face) -> bool:
    """Whether each has a personal number, and they have none in common."""
    return all("national_id" in {kind for kind, _ in face.numbers} for face in (one, other))


def _marks_differ(one: Face, other: Face) -> bool:
    """Whether both names are written with marks and the given names differ by them: An is not Ân."""
    return marks_differ(one.full_name, other.full_name, given=True)


def _differ(one: str | None, other: str | None) -> bool:
    known = ("male", "female")
    return one in known and other in known and one != other


def _year(face: Face) -> int | None:
    return int(face.birth_date[:4]) if face.birth_date else face.birth_year


Progress = Callable[[int, int], None]
"""How much was looked at, of how much."""
