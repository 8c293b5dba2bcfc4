"""Persons who may be one: within a list, and between a list and the database. It only points; a person
decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from tui_app.intake.plan import Likeness, PlannedHousehold, PlannedPerson
from tui_app.records.checked import folded
from tui_app.text import alphabet_key, clean

NEAR = 88
"""Least likeness of two folded names, 0–100 (rapidfuzz ratio of the sorted syllables), that is worth a
look."""


@dataclass(frozen=True, slots=True)
class ExistingPerson:
    """A person already kept, as far as likeness needs it. ``birth_date``: ISO; ``address``: that of the household,
    whose id is ``household``."""

    id: str
    full_name: str
    birth_year: int | None = None
    national_id: str | None = None
    phone: str | None = None
    address: str | None = None
    birth_date: str | None = None
    household: str | None = None


def marks_differ(one: str, other: str, *, given: bool = False) -> bool:
    """Whether both names are written with marks and differ by them: An is not Ân, nor Hùng Hưng. ``given``: the given
    names alone."""
    first, second = _marked(one, given), _marked(other, given)
    return bool(first and second and first != second)


@cache
def _marked(name: str, given: bool) -> str:
    """The sort key of a name written with marks, or of its given name; empty for one without any."""
    said = clean(name)
    return "" if said.isascii() else alphabet_key(said.rpartition(" ")[2] if given else said)


@dataclass(frozen=True, slots=True)
class _Face:
    source: Any
    full_name: str
    name: str
    birth_year: int | None
    birth_date: str
    national_id: str | None
    phone: str | None
    address: str
    place: int

    def agrees(self, other: _Face) -> tuple[bool, bool]:
        """Whether somebody of the same folded name and year has the same day of birth, and is written the same."""
        return self.birth_date == other.birth_date, not marks_differ(self.full_name, other.full_name)


class _Known:
    """Faces seen so far, found by number, by name, and by the things near names must share."""

    def __init__(self) -> None:
        self.by_number: dict[str, _Face] = {}
        self.by_name: dict[str, list[_Face]] = {}
        self.by_year: dict[tuple[int, str], list[_Face]] = {}
        self.by_phone: dict[str, list[_Face]] = {}

    def add(self, face: _Face) -> None:
        if face.national_id:
            self.by_number.setdefault(face.national_id, face)
        self.by_name.setdefault(face.name, []).append(face)
        if face.birth_year is not None:
            self.by_year.setdefault((face.birth_year, _last_syllable(face.name)), []).append(face)
        if face.phone:
            self.by_phone.setdefault(face.phone, []).append(face)

    def like(self, face: _Face) -> tuple[_Face, str, int] | None:
        """The most alike face, with the reason and the score."""
        from rapidfuzz import fuzz

        if face.national_id and face.national_id in self.by_number:
            return self.by_number[face.national_id], "import.same_national_id", 100
        alike = [
            other
            for other in self.by_name.get(face.name, ())
            if other.birth_year is not None
            and other.birth_year == face.birth_year
            and _may_be_one(face, other)
        ]
        if alike:
            return max(alike, key=face.agrees), "import.same_name_birth", 100
        near: tuple[_Face, str, int] | None = None
        if face.birth_year is not None:
            for other in self.by_year.get((face.birth_year, _last_syllable(face.name)), ()):
                shared = _shared(face, other)
                if shared and _may_be_one(face, other):
                    score = round(fuzz.token_sort_ratio(face.name, other.name))
                    if score >= NEAR and (near is None or score > near[2]):
                        near = other, "import.near_name_birth", score
        if near is None and face.phone:
            for other in self.by_phone.get(face.phone, ()):
                if other.place == face.place:  # a telephone that a family shares is no evidence
                    continue
                close_years = abs((face.birth_year or 0) - (other.birth_year or 0)) <= 1 or not (
                    face.birth_year and other.birth_year
                )
                if close_years and _may_be_one(face, other):
                    score = round(fuzz.token_sort_ratio(face.name, other.name))
                    if score >= NEAR and (near is None or score > near[2]):
                        near = other, "import.near_name_phone", score
        return near


def _last_syllable(name: str) -> str:
    return name.rpartition(" ")[2]


def _shared(one: _Face, other: _Face) -> bool:
    return bool((one.phone and one.phone == other.phone) or (one.address and one.address == other.address))


def _may_be_one(one: _Face, other: _Face) -> bool:
    """Two different personal numbers are two persons."""
    return not (one.national_id and other.national_id and one.national_id != other.national_id)


def _planned_faces(households: Iterable[PlannedHousehold]) -> list[_Face]:
    faces = []
    for place, household in enumerate(households):
        address = folded(household.address or "")
        for person in household.persons:
            get = person.fields.get
            faces.append(
                _Face(
                    person,
                    get("full_name", ""),
                    " ".join(folded(get("full_name", "")).split()),
                    person.birth_year,
                    str(get("birth_date") or ""),
                    get("national_id"),
                    get("phone") or household.phone,
                    address,
                    place,
                )
            )
    return faces


def duplicates_within(households: Iterable[PlannedHousehold]) -> list[Likeness]:
    """Pairs of the list that may be one person, each later row at most once, in the order of the
    households."""
    known = _Known()
    found = []
    for face in _planned_faces(households):
        match = known.like(face)
        if match is not None:
            found.append(Likeness(match[0].source, face.source, match[1], match[2]))
        known.add(face)
    return found


def possible_duplicates(
    planned: Iterable[PlannedHousehold], existing: Iterable[ExistingPerson]
) -> list[Likeness]:
    """Planned persons who may already be kept: same personal number; same name and birth year; near name
    with the same birth year and telephone or address; near name and telephone. ``first`` is the
    `ExistingPerson`.
    """
    known = _Known()
    for place, person in enumerate(existing):
        name = " ".join(folded(person.full_name).split())
        address = folded(person.address or "")
        known.add(
            _Face(
                person,
                person.full_name,
                name,
                person.birth_year,
                person.birth_date or "",
                person.national_id,
                person.phone,
                address,
                -1 - place,
            )
        )
    found = []
    for face in _planned_faces(planned):
        match = known.like(face)
        if match is not None:
            found.append(Likeness(match[0].source, face.source, match[1], match[2]))
    return found


def same_person(one: PlannedPerson, other: PlannedPerson) -> bool:
    """Whether two rows are word for word one person: same name, birth and personal number."""
    names = ("full_name", "birth_date", "birth_year", "national_id")
    return all(one.fields.get(name) == other.fields.get(name) for name in names)
