"""The queue of records that may be one: pairs by strength with what makes them look so, and what waits after merges.

Pairs are sought among all that is held and open (`tui_app.intake.blocks`). A pair that people called not the same
is not offered again, unless a number of the person has come to be equal since.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tui_app.intake.blocks import person_pairs
from tui_app.intake.door_pairs import Door, door_pairs
from tui_app.intake.pairs import NUMBERS, Face, Judged, Progress, Strength, compared_numbers
from tui_app.records.identity import MergeVerdict
from tui_app.records.sameness import disputes
from tui_app.services.access import gate
from tui_app.services.duplicates.comparing import decisions, entries_of, standing_decisions
from tui_app.services.duplicates.late_changes import changed_since
from tui_app.store import merged
from tui_app.store.rows import table
from tui_app.store.search_terms import national_phone
from tui_app.text import clean, fold, name_key, place_words

PERSON, HOUSEHOLD = merged.SUBJECTS
_ORDER = tuple(Strength)


@dataclass(frozen=True, slots=True)
class Listed:
    """One of a pair, as a list shows it. ``name``: of the person, or of the household's head; ``birth``: wire date or
    year; ``gone``: died or moved away."""

    id: str
    name: str
    birth: str = ""
    address: str = ""
    unit: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that may be one. ``reasons``: codes of `tui_app.intake.pairs`, those that count most first."""

    subject: str
    first: Listed
    second: Listed
    strength: Strength
    reasons: tuple[str, ...]
    score: int = 0

    @property
    def id(self) -> str:
        """The pair, for a list."""
        return f"{self.first.id}:{self.second.id}"

    def matches(self, words: list[str]) -> bool:
        """Whether every folded word is in a name, address or unit of the two."""
        text = fold(
            " ".join(f"{one.name} {one.birth} {one.address} {one.unit}" for one in (self.first, self.second))
        )
        return all(word in text for word in words)


def candidates(
    c: Any,
    progress: Progress = lambda done, of: None,
    stopped: Callable[[], bool] = lambda: False,
    *,
    subject: str = PERSON,
) -> list[Pair]:
    """Everything that waits for a person to say whether two are one: disagreements first, then changes that came to a
    merged record since, then pairs from the strongest to the weakest. When stopped, what was found so far.

    Raises NotOpened.
    """
    gate.check_role(c)
    people = _People(c)
    if subject == PERSON:
        found = person_pairs(people.faces.values(), people.door_phones, progress, stopped)
        listed = people.person
    else:
        found = door_pairs(people.doors(), progress, stopped)  # type: ignore[assignment]
        listed = people.door
    apart = _called_apart(c, subject)
    pairs = [
        Pair(subject, listed(one.id), listed(other.id), judged.strength, judged.reasons, judged.score)
        for one, other, judged in found
        if not _known(apart.get(frozenset((one.id, other.id))), judged)
    ]
    waiting = _waiting(c, subject, people)
    taken = {pair.id for pair in waiting}
    pairs = [*waiting, *(pair for pair in pairs if pair.id not in taken)]
    return sorted(
        pairs, key=lambda pair: (_ORDER.index(pair.strength), -pair.score, name_key(pair.first.name), pair.id)
    )


def candidates_of(c: Any, person: str) -> list[Pair]:
    """The pairs that one person is in, found without comparing all others. Raises NotOpened."""
    gate.check_role(c)
    person = merged.shown_for(c, person)
    people = _People(c, near=person)
    apart = _called_apart(c, PERSON)
    found = [
        Pair(
            PERSON,
            people.person(one.id),
            people.person(other.id),
            judged.strength,
            judged.reasons,
            judged.score,
        )
        for one, other, judged in person_pairs(people.faces.values(), people.door_phones)
        if person in (one.id, other.id) and not _known(apart.get(frozenset((one.id, other.id))), judged)
    ]
    return sorted(found, key=lambda pair: (_ORDER.index(pair.strength), -pair.score, pair.id))


def reasons_of(c: Any, subject: str, one: str, other: str) -> tuple[str, ...]:
    """What makes two records look like one now; nothing where nothing does. Raises NotOpened."""
    pair = {one, other}
    found = (pair_ for pair_ in candidates(c, subject=subject) if {pair_.first.id, pair_.second.id} == pair)
    return next((pair_.reasons for pair_ in found), ())


class _People:
    """Everybody held in units that are open now, with their households; ``near``: only who may be this person."""

    def __init__(self, c: Any, near: str | None = None) -> None:
        shut = gate.closed(c)
        self.units = dict(c.execute("SELECT id, unit_name FROM area").fetchall())
        found = c.execute(_PERSONS) if near is None else c.execute(_PERSONS + _NEAR, {"near": near})
        self.rows = {row["id"]: row for row in found if row["area"] not in shut}
        doors = (
            c.execute(_DOORS) if near is None else c.execute(_DOORS + _DOORS_OF, (json.dumps(self._homes()),))
        )
        self.houses = {row["id"]: row for row in doors if row["area"] not in shut}
        more: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for person, kind, number in c.execute(
            "SELECT person, kind, number FROM person_identifier WHERE NOT deleted AND number IS NOT NULL"
        ):
            more[person].append((kind, number))
        for person, *numbers in c.execute(_BEHIND):
            more[person] += [(kind, number) for kind, number in zip(NUMBERS, numbers, strict=False) if number]
        self.addresses = {ident: _address_key(row) for ident, row in self.houses.items()}
        self.faces = {ident: self._face(row, more.get(ident, ())) for ident, row in self.rows.items()}
        phones: dict[str, set[str]] = defaultdict(set)
        for ident, phone in c.execute(
            "SELECT id, phone FROM household WHERE NOT deleted AND phone IS NOT NULL"
        ):
            phones[national_phone(phone)].add(ident)
        self.door_phones = {phone: frozenset(doors) for phone, doors in phones.items()}

    def _homes(self) -> list[str]:
        return list({row["household"] for row in self.rows.values() if row["household"]})

    def _face(self, row: Any, more: Iterable[tuple[str, str]]) -> Face:
        own = [(kind, row[kind]) for kind in NUMBERS[:3] if row[kind]]
        return Face(
            id=row["id"],
            household=row["household"] or "",
            area=row["area"],
            full_name=row["full_name"] or "",
            birth_date=row["birth_date"],
            birth_year=row["birth_year"],
            sex=row["sex"],
            phone=national_phone(row["phone"]) if row["phone"] else "",
            address=self.addresses.get(row["household"], ""),
            numbers=frozenset(
                key for kind, number in (*own, *more) for key in compared_numbers(kind, number)
            ),
        )

    def doors(self) -> list[Door]:
        """The households."""
        homes: dict[str, list[Face]] = defaultdict(list)
        for face in self.faces.values():
            homes[face.household].append(face)
        return [
            Door(
                id=ident,
                area=row["area"],
                address=self.addresses[ident],
                code=fold(row["code"] or ""),
                phone=national_phone(row["phone"]) if row["phone"] else "",
                head=row["head"] or "",
                persons=tuple(homes.get(ident, ())),
            )
            for ident, row in self.houses.items()
        ]

    def person(self, ident: str) -> Listed:
        """A person, for the list."""
        row = self.rows.get(ident)
        if row is None:
            return Listed(ident, "")
        house = self.houses.get(row["household"])
        return Listed(
            ident,
            row["full_name"] or "",
            str(row["birth_date"] or row["birth_year"] or ""),
            _address(house) if house else "",
            self.units.get(row["area"]) or "",
            bool(row["died_on"] or row["moved_on"]),
        )

    def door(self, ident: str) -> Listed:
        """A household, for the list."""
        row = self.houses.get(ident)
        if row is None:
            return Listed(ident, "")
        head = self.rows.get(row["head"])
        name = (head["full_name"] or "") if head else ""
        return Listed(ident, name, "", _address(row), self.units.get(row["area"]) or "")


_PERSONS = """
SELECT id, area, household, full_name, birth_date, birth_year, sex, national_id, citizen_id_old, insurance_number,
    phone, died_on, moved_on
FROM person WHERE NOT deleted
"""
_BEHIND = """
SELECT m.kept, p.national_id, p.citizen_id_old, p.insurance_number
FROM merged_into AS m JOIN person AS p ON p.id = m.id
"""
"""The numbers of merged records are numbers of the one that is shown."""
_NEAR = """
AND (id = :near OR household IN (
        SELECT other.id FROM household AS own JOIN household AS other
            ON other.id = own.id OR (other.area = own.area AND other.address = own.address)
        WHERE own.id = (SELECT household FROM person WHERE id = :near) AND NOT other.deleted)
    OR phone = (SELECT phone FROM person WHERE id = :near)
    OR national_id = (SELECT national_id FROM person WHERE id = :near)
    OR citizen_id_old = (SELECT citizen_id_old FROM person WHERE id = :near)
    OR substr(insurance_number, -10) = (SELECT substr(insurance_number, -10) FROM person WHERE id = :near)
    OR birth_date = (SELECT birth_date FROM person WHERE id = :near)
    OR id IN (SELECT theirs.person FROM person_identifier AS own JOIN person_identifier AS theirs
        ON theirs.number = own.number WHERE own.person = :near AND NOT theirs.deleted))
"""
"""Who shares a door, a number or the day of birth with one person: one look through the table."""
_DOORS = "SELECT id, area, code, address, alley, phone, head FROM household WHERE NOT deleted"
_DOORS_OF = " AND id IN (SELECT value FROM json_each(?))"


def _address(row: Any) -> str:
    return place_words(row["code"], row["address"], row["alley"])


def _address_key(row: Any) -> str:
    """What an address is compared by; one without a house number is a street and says nothing."""
    text = fold(clean(f"{row['address'] or ''} {row['alley'] or ''}"))
    return f"{row['area']} {text}" if any(char.isdigit() for char in row["address"] or "") else ""


def _called_apart(c: Any, subject: str) -> dict[frozenset[str], frozenset[str]]:
    """Pair of records as shown -> what made them look like one when somebody said that they are not."""
    said = [one.id for one in standing_decisions(c, subject) if one.verdict == MergeVerdict.NOT_SAME]
    found: dict[frozenset[str], frozenset[str]] = {}
    for row in table(merged.DECISION).read(c, said).values():
        pair = frozenset(merged.shown_for(c, str(row.body[field])) for field in ("kept", "merged"))
        codes = frozenset(str(one["field"]) for one in entries_of(row, "fields", "field"))
        found[pair] = found.get(pair, frozenset()) | codes
    return found


def _known(seen: frozenset[str] | None, judged: Judged) -> bool:
    """Whether people have said already that these are two, knowing every number that is equal now."""
    return seen is not None and not {reason for reason in judged.reasons if reason in NUMBERS} - seen


def _waiting(c: Any, subject: str, people: _People) -> list[Pair]:
    """Disagreements between people, and merged records that say more than when they were merged."""
    listed = people.person if subject == PERSON else people.door
    here = people.rows if subject == PERSON else people.houses
    said = [one for one in standing_decisions(c, subject) if one.verdict == MergeVerdict.NOT_SAME]
    found: dict[str, Pair] = {}
    for group in disputes(decisions(c, subject)):
        for one in said:
            first, second = sorted(one.pair)
            if one.pair <= group and first in here and second in here:
                pair = Pair(subject, listed(first), listed(second), Strength.DISPUTED, ("disputed",))
                found[pair.id] = pair
    for hidden, shown, fields in changed_since(c, subject):
        if shown in here:
            pair = Pair(subject, listed(shown), Listed(hidden, listed(shown).name), Strength.REVIEW, fields)
            found[pair.id] = pair
    return list(found.values())
