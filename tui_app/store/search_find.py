"""Finding persons and households while someone types: ranked, and quick for every prefix.

A query is answered in stages, from the best kind of match to the weakest. A stage that matches few entries
is sorted; one that matches many is read in name order from an index until the limit is full, so neither "n"
(most of the ward) nor a rare name makes anyone wait.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from tui_app.store.search_stages import (
    Match,
    Stage,
    begins,
    door_stages,
    every,
    number_match,
    parameters,
    person_stages,
    tier,
)
from tui_app.store.search_terms import DOOR, GONE, LIVING, Query, Word, key_range, parse

FEW = 400  # up to here a stage is sorted; beyond it, the index is walked
DOORS_AT_ONCE = 150  # households whose persons are looked through for a name beside an address
_NUMBER_WHOLE, _NUMBER_PART, _WEAKEST = 0, 4, 7


@dataclass(frozen=True, slots=True)
class Hit:
    """A person or household found. ``title``: the person's name, or the head's name for a household.

    ``household``: the person's household, or the household itself. ``phone`` is unmasked: the screen decides
    what to show. Dates are wire text. ``number``: the query named this record's number or telephone.
    """

    kind: Literal["person", "household"]
    id: str
    area: str
    household: str | None
    title: str
    code: str | None = None
    address: str | None = None
    alley: str | None = None
    birth_date: str | None = None
    birth_year: int | None = None
    sex: str | None = None
    phone: str | None = None
    died_on: str | None = None
    moved_on: str | None = None
    number: bool = False


@dataclass(slots=True)
class _Found:
    gone: bool
    tier: int
    place: int
    n: int
    key: str = ""
    number: bool = False


def find(c: Any, query: str, *, limit: int = 100) -> list[Hit]:
    """Up to ``limit`` persons and households for what was typed, pasted or scanned. No text makes it raise.

    Order: the living and present first; then exact marks, whole words, beginnings of words; the given name
    before other names; then Vietnamese order, given name first.
    """
    asked = parse(query)
    found: list[_Found] = []
    if asked.words:
        found += _people(c, asked, limit)
        full = len(found) >= limit and not found[limit - 1].gone
        found += _doors(c, asked, limit, found[limit - 1].tier if full else _WEAKEST)
    if asked.numbers:
        found += _by_number(c, asked, limit)
    if not found and len(asked.words) > 1:
        found = _across(c, asked, limit)
    best: dict[int, _Found] = {}
    for one in found:
        kept = best.get(one.n)
        if kept is None or (one.tier, not one.number) < (kept.tier, not kept.number):
            best[one.n] = one
    ranked = sorted(best.values(), key=lambda one: (one.gone, one.tier, one.place == DOOR))
    return _hits(c, ranked[:limit])


def _people(c: Any, asked: Query, limit: int) -> list[_Found]:
    stages = person_stages(asked.words)
    values = parameters(asked.words)
    weakest = stages[-1]
    few = _few(c, weakest.match)
    if few is not None:
        return _sorted(c, stages, few, values, limit, f"e.place <> {DOOR}")
    if asked.digits:
        return []  # these digits begin many numbers; names do not begin with digits
    found: dict[int, _Found] = {}
    for stage in stages:
        few = None if stage is weakest else _few(c, stage.match)
        if stage.given:
            rows = _walked_by_given_name(c, stage, asked.words, values, limit)
        elif few is None:
            rows = _walked(c, stage, values, limit, f"e.place = {LIVING}")
        else:
            rows = _sorted(c, [stage], few, values, limit, f"e.place = {LIVING}")
        for one in rows:
            found.setdefault(one.n, one)
        if len(found) >= limit:
            return list(found.values())
    for one in _walked(c, weakest, values, limit, f"e.place = {GONE}"):
        found.setdefault(one.n, one)
    return list(found.values())


def _walked_by_given_name(
    c: Any, stage: Stage, asked: tuple[Word, ...], values: dict[str, Any], limit: int
) -> list[_Found]:
    """The first living persons in name order whose given name is one of the words."""
    found: list[_Found] = []
    for word in dict.fromkeys(asked):
        low, high = key_range(word.fold, whole=stage.whole)
        stretch = f"e.place = {LIVING} AND e.name_key >= :low AND e.name_key < :high"
        found += _walked(c, stage, values | {"low": low, "high": high}, limit, stretch)
    return sorted(found, key=lambda one: one.key)[:limit]


def _doors(c: Any, asked: Query, limit: int, worst: int) -> list[_Found]:
    """Households; ``worst``: the tier from which on none would be shown."""
    values = parameters(asked.words)
    stages = [stage for stage in door_stages(asked.words) if stage.tier <= worst]
    if not stages:
        return []
    few = _few(c, stages[-1].match)
    if few is not None:
        return _sorted(c, stages, few, values, limit, f"e.place = {DOOR}")
    found: dict[int, _Found] = {}
    for stage in stages:
        few = None if stage is stages[-1] else _few(c, stage.match)
        if few is None:
            rows = _walked(c, stage, values, limit, f"e.place = {DOOR}")
        else:
            rows = _sorted(c, [stage], few, values, limit, f"e.place = {DOOR}")
        for one in rows:
            found.setdefault(one.n, one)
        if len(found) >= limit:
            break
    return list(found.values())


def _by_number(c: Any, asked: Query, limit: int) -> list[_Found]:
    """Entries whose numbers begin or end with the number asked for, and whose words fit the words beside it.

    Of a beginning that very many share (079…) only the first FEW are looked at.
    """
    whole = " OR ".join(f"instr(e.numbers || ' ', :x{at})" for at in range(len(asked.numbers)))
    fit = f"CASE WHEN {whole} THEN {_NUMBER_WHOLE} ELSE {_NUMBER_PART} END"
    if asked.number_words:
        fit = tier(person_stages(asked.number_words))
    ids = _first(c, number_match(asked.numbers, asked.number_words, whole=asked.whole), FEW)
    rows = c.execute(
        f"SELECT e.n AS n, e.place AS place, {fit} AS tier, e.name_key AS name_key"
        " FROM json_each(:ids) m CROSS JOIN search_entry e ON e.n = m.value"
        f" WHERE {begins(asked.number_words)}"
        f" ORDER BY e.place = {GONE}, tier, e.place, e.name_key LIMIT :limit",
        {f"x{at}": f" {digits} " for at, digits in enumerate(asked.numbers)}
        | parameters(asked.number_words)
        | {"ids": json.dumps(ids), "limit": limit},
    )
    return _read(rows, number=True)


def _across(c: Any, asked: Query, limit: int) -> list[_Found]:
    """Persons by words of the name on one side of the query and words of the household on the other."""
    found: dict[int, _Found] = {}
    for first in (True, False):
        for count in range(1, min(len(asked.words), 5)):
            cut = count if first else len(asked.words) - count
            names, door = asked.words[:cut], asked.words[cut:]
            if not first:
                names, door = door, names
            people = [] if Query(names).digits else _few(c, person_stages(names)[-1].match)
            if people == []:
                break  # nor will anyone have these names and one more
            for one in _living_at(c, names, people, door, limit):
                found.setdefault(one.n, one)
    return list(found.values())


def _living_at(
    c: Any, names: tuple[Word, ...], people: list[int] | None, door: tuple[Word, ...], limit: int
) -> list[_Found]:
    """Persons with these names in households with those words; read from the side that costs less.

    ``people``: the entries with these names, None for more than FEW. If they are that many, only the first
    DOORS_AT_ONCE households are looked through: another word or two makes them enough.
    """
    stages, doors = person_stages(names), door_stages(door)[-1]
    homes = _first(c, doors.match.exact, DOORS_AT_ONCE) if doors.match else []
    if people is None or 5 * len(homes) <= len(people):  # a household holds several persons
        ids, source = homes, "search_entry d ON d.n = m.value CROSS JOIN person p ON p.household = d.id"
        source += " CROSS JOIN search_entry e ON e.id = p.id"
    else:
        ids, source = people, "search_entry e ON e.n = m.value CROSS JOIN person p ON p.id = e.id"
        source += " CROSS JOIN search_entry d ON d.id = p.household"
    if not homes:
        return []
    at_door = every(f"instr(d.words, :d{at})" for at in range(len(door)))
    rows = c.execute(
        f"SELECT e.n AS n, e.place AS place, {tier(stages)} AS tier, e.name_key AS name_key"
        f" FROM json_each(:ids) m CROSS JOIN {source} WHERE {at_door} AND {stages[-1].condition}"
        " ORDER BY e.place, tier, e.name_key LIMIT :limit",
        parameters(names)
        | {f"d{at}": f" {word.fold}" for at, word in enumerate(door)}
        | {"ids": json.dumps(ids), "limit": limit},
    )
    return _read(rows)


def _few(c: Any, match: Match | None) -> list[int] | None:
    """The entries of a match, perhaps with some that do not fit its condition; None if more than FEW fit."""
    if match is None:
        return None
    ids = _first(c, match.fewer, FEW + 1)
    if len(ids) <= FEW and match.fewer != match.exact:
        ids = _first(c, match.more, FEW + 1)
        if len(ids) > FEW:
            ids = _first(c, match.exact, FEW + 1)
    return ids if len(ids) <= FEW else None


def _first(c: Any, match: str, most: int) -> list[int]:
    found = c.execute("SELECT rowid FROM search_words WHERE search_words MATCH ? LIMIT ?", (match, most))
    return [n for (n,) in found]


def _sorted(
    c: Any, stages: list[Stage], ids: list[int], values: dict[str, Any], limit: int, only: str
) -> list[_Found]:
    """Those of the entries that fit the last stage, each with the tier of the best one it fits, ranked."""
    if not ids:
        return []
    rows = c.execute(
        f"SELECT e.n AS n, e.place AS place, {tier(stages)} AS tier, e.name_key AS name_key"
        " FROM json_each(:ids) m CROSS JOIN search_entry e ON e.n = m.value"
        f" WHERE {only} AND {stages[-1].condition} ORDER BY e.place, tier, e.name_key LIMIT :limit",
        values | {"ids": json.dumps(ids), "limit": limit},
    )
    return _read(rows)


def _walked(c: Any, stage: Stage, values: dict[str, Any], limit: int, stretch: str) -> list[_Found]:
    """The first entries in name order, within a stretch of the index, that fit the stage."""
    rows = c.execute(
        f"SELECT e.n AS n, e.place AS place, {stage.tier} AS tier, e.name_key AS name_key"
        " FROM search_entry e INDEXED BY search_by_name"
        f" WHERE {stretch} AND {stage.condition} ORDER BY e.place, e.name_key LIMIT :limit",
        values | {"limit": limit},
    )
    return _read(rows)


def _read(rows: Any, *, number: bool = False) -> list[_Found]:
    return [_Found(place == GONE, tier, place, n, key, number) for n, place, tier, key in rows]


def _hits(c: Any, ranked: list[_Found]) -> list[Hit]:
    """What the records say of the entries found; one without a record is left out, and `check` counts it."""
    at = {one.n: one for one in ranked}
    hits: dict[int, Hit] = {}
    for n, *fields in c.execute(_PERSON_SQL, (json.dumps([n for n in at if at[n].place != DOOR]),)):
        hits[n] = Hit("person", *[*fields, at[n].number])
    for n, *fields in c.execute(_DOOR_SQL, (json.dumps([n for n in at if at[n].place == DOOR]),)):
        hits[n] = Hit("household", *[*fields, at[n].number])
    return [hits[n] for n in at if n in hits]


# both in the order of Hit's fields, after the entry's number
_PERSON_SQL = """SELECT e.n AS n, p.id AS id, p.area AS area, p.household AS household,
coalesce(p.full_name, '') AS title, h.code AS code, h.address AS address, h.alley AS alley,
p.birth_date AS birth_date, p.birth_year AS birth_year, p.sex AS sex, p.phone AS phone,
p.died_on AS died_on, p.moved_on AS moved_on
FROM json_each(?) j CROSS JOIN search_entry e ON e.n = j.value CROSS JOIN person p ON p.id = e.id
LEFT JOIN household h ON h.id = p.household AND NOT h.deleted"""
_DOOR_SQL = """SELECT e.n AS n, h.id AS id, h.area AS area, h.id AS household,
coalesce(p.full_name, '') AS title, h.code AS code, h.address AS address, h.alley AS alley,
NULL AS birth_date, NULL AS birth_year, NULL AS sex, h.phone AS phone, NULL AS died_on, NULL AS moved_on
FROM json_each(?) j CROSS JOIN search_entry e ON e.n = j.value CROSS JOIN household h ON h.id = e.id
LEFT JOIN person p ON p.id = h.head AND NOT p.deleted"""
