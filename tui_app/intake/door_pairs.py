"""Whether two households may be one: by address, number, telephone, head and the persons recorded there. Pure.

An address alone says nothing: several families live behind one door. Nor does a telephone alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from tui_app.intake.pairs import Births, Face, Judged, Progress, Strength, births

MOST = 4
"""A number, address or telephone of more households than this is no sign of one."""
STEP = 1000


@dataclass(slots=True)
class Door:
    """A household as far as likeness needs it. ``address``, ``code``, ``phone``: as compared, empty when they say
    nothing; ``head``: id of a person; ``persons``: who is recorded there."""

    id: str
    area: str
    address: str = ""
    code: str = ""
    phone: str = ""
    head: str = ""
    persons: tuple[Face, ...] = ()

    @property
    def head_face(self) -> Face | None:
        """The head, where known."""
        return next((face for face in self.persons if face.id == self.head), None)


def door_pairs(
    doors: Iterable[Door],
    progress: Progress = lambda done, of: None,
    stopped: Callable[[], bool] = lambda: False,
) -> list[tuple[Door, Door, Judged]]:
    """The pairs that may be one household; those found so far when it is stopped."""
    known = {door.id: door for door in doors}
    pairs = sorted({(min(a.id, b.id), max(a.id, b.id)) for a, b in _worth_comparing(list(known.values()))})
    found: list[tuple[Door, Door, Judged]] = []
    for done, (first, second) in enumerate(pairs):
        if done % STEP == 0:
            progress(done, len(pairs))
            if stopped():
                return found
        judged = judge_doors(known[first], known[second])
        if judged is not None:
            found.append((known[first], known[second], judged))
    progress(len(pairs), len(pairs))
    return found


def judge_doors(one: Door, other: Door) -> Judged | None:
    """What speaks for it that two households are one; None for too little."""
    address = bool(one.address) and (one.area, one.address) == (other.area, other.address)
    code = bool(one.code) and (one.area, one.code) == (other.area, other.code)
    phone = bool(one.phone) and one.phone == other.phone
    head = _one_person(one.head_face, other.head_face)
    shared = sum(any(_one_person(face, there) for there in other.persons) for face in one.persons)
    people = head or shared > 0
    if (address or code) and people:
        strength = Strength.STRONG
    elif (phone and people) or sum((address, code, phone)) > 1:
        strength = Strength.LIKELY
    elif code or shared > 1:
        strength = Strength.POSSIBLE
    else:
        return None
    said = {
        "address": address,
        "code": code,
        "phone": phone,
        "same_head": head,
        "same_persons": shared > 0 and not head,
    }
    return Judged(strength, tuple(name for name, holds in said.items() if holds), 100 if head else shared)


def _one_person(one: Face | None, other: Face | None) -> bool:
    return (
        one is not None
        and other is not None
        and one.name == other.name
        and births(one, other) in (Births.EXACT, Births.YEAR)
    )


def _worth_comparing(doors: list[Door]) -> Iterator[tuple[Door, Door]]:
    groups: dict[tuple[str, ...], list[Door]] = defaultdict(list)
    for door in doors:
        for kind, value in (("address", door.address), ("code", door.code)):
            if value:
                groups[kind, door.area, value].append(door)
        if door.phone:
            groups["phone", door.phone].append(door)
        for face in door.persons:
            if face.birth_date or face.id == door.head:
                groups["person", face.name, face.birth_date or str(face.birth_year)].append(door)
    for same in groups.values():
        if 1 < len(same) <= MOST:
            yield from ((one, other) for one, other in combinations(same, 2) if one is not other)
