"""Which persons are worth comparing: only those that share a number, a door, a telephone, or name and day of birth.

Comparing everybody with everybody would be 112 million pairs for 15 000 persons; these are some ten thousand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations, pairwise

from tui_app.intake.likeness import NEAR
from tui_app.intake.pairs import Face, Judged, Progress, judge, likeness

MOST_NAMES = 3
"""A number of more different names than this is a placeholder, or a slip copied down a list."""
MOST_DOORS = 4
"""An address of more households than this is a street, not a door."""
SMALL = 24
"""Persons of a household that are all compared; of a larger one only those with the same given name."""
STEP = 2000  # pairs between two looks at whether somebody stopped it


def person_pairs(
    faces: Iterable[Face],
    door_phones: Mapping[str, frozenset[str]],
    progress: Progress = lambda done, of: None,
    stopped: Callable[[], bool] = lambda: False,
) -> list[tuple[Face, Face, Judged]]:
    """The pairs that may be one person, in no particular order; those found so far when it is stopped.

    ``door_phones``: telephone -> the households that have it themselves.
    """
    known = {face.id: face for face in faces}
    phones = _own_phones(known.values(), door_phones)
    doors = _shared_doors(known.values())
    pairs = sorted(
        {
            (min(one.id, other.id), max(one.id, other.id))
            for block in (
                _by_number(known.values()),
                _by_household(known.values()),
                _by_door(doors),
                _by_phone(known.values(), phones),
                _by_birth(known.values()),
            )
            for one, other in block
        }
    )
    found: list[tuple[Face, Face, Judged]] = []
    for done, (first, second) in enumerate(pairs):
        if done % STEP == 0:
            progress(done, len(pairs))
            if stopped():
                return found
        one, other = known[first], known[second]
        judged = judge(
            one,
            other,
            phone=bool(one.phone) and one.phone == other.phone and one.phone in phones,
            address=bool(one.address) and one.address == other.address and one.address in doors,
        )
        if judged is not None:
            found.append((one, other, judged))
    progress(len(pairs), len(pairs))
    return found


def _by_number(faces: Iterable[Face]) -> Iterator[tuple[Face, Face]]:
    holders: dict[tuple[str, str], list[Face]] = defaultdict(list)
    for face in faces:
        for number in face.numbers:
            holders[number].append(face)
    for same in holders.values():
        if len(same) > 1 and len({face.name for face in same}) <= MOST_NAMES:
            yield from _some(same)


def _by_household(faces: Iterable[Face]) -> Iterator[tuple[Face, Face]]:
    homes: dict[str, list[Face]] = defaultdict(list)
    for face in faces:
        homes[face.household].append(face)
    for same in homes.values():
        if len(same) <= SMALL:
            yield from combinations(same, 2)
        else:
            yield from _of_one_given_name(same)


def _shared_doors(faces: Iterable[Face]) -> dict[str, list[Face]]:
    """Addresses that a few households have, with the persons there."""
    doors: dict[str, list[Face]] = defaultdict(list)
    for face in faces:
        if face.address:
            doors[face.address].append(face)
    return {
        address: same for address, same in doors.items() if 1 < len({f.household for f in same}) <= MOST_DOORS
    }


def _by_door(doors: Mapping[str, list[Face]]) -> Iterator[tuple[Face, Face]]:
    for same in doors.values():
        yield from _of_one_given_name(same)


def _own_phones(faces: Iterable[Face], door_phones: Mapping[str, frozenset[str]]) -> set[str]:
    """Telephones that count: those of several records of like name, and of no other household.

    A telephone that a family shares, or that several of different names have, says nothing.
    """
    holders: dict[str, list[Face]] = defaultdict(list)
    for face in faces:
        if face.phone:
            holders[face.phone].append(face)
    return {
        phone
        for phone, same in holders.items()
        if 1 < len(same) <= MOST_DOORS
        and len({face.household for face in same}) > 1
        and door_phones.get(phone, frozenset()) <= {face.household for face in same}
        and all(likeness(same[0], other) >= NEAR for other in same[1:])
    }


def _by_phone(faces: Iterable[Face], phones: set[str]) -> Iterator[tuple[Face, Face]]:
    holders: dict[str, list[Face]] = defaultdict(list)
    for face in faces:
        if face.phone in phones:
            holders[face.phone].append(face)
    for same in holders.values():
        yield from combinations(same, 2)


def _by_birth(faces: Iterable[Face]) -> Iterator[tuple[Face, Face]]:
    born: dict[tuple[str, str], list[Face]] = defaultdict(list)
    for face in faces:
        if face.birth_date and " " in face.name:
            born[face.birth_date, face.name].append(face)
    for same in born.values():
        if len(same) > 1:
            yield from _some(same)


def _of_one_given_name(faces: Iterable[Face]) -> Iterator[tuple[Face, Face]]:
    named: dict[str, list[Face]] = defaultdict(list)
    for face in faces:
        named[face.given].append(face)
    for same in named.values():
        yield from _some(same)


def _some(faces: list[Face]) -> Iterator[tuple[Face, Face]]:
    """All pairs of a few; of many each with the one before it."""
    if len(faces) <= SMALL:
        yield from combinations(faces, 2)
    else:
        yield from pairwise(faces)
