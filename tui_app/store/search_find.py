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
    Stage,
    begun_token,
    door_stages,
    every,
    parameters,
    person_stages,
    tier,
)
from tui_app.store.search_terms import DOOR, GONE, LIVING, Query, Word, key_range, parse, tail_token

FEW = 800  # up to here a stage is sorted; beyond it, the index is walked
_NUMBER_WHOLE, _NUMBER_PART = 0, 4


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
        found += _doors(c, asked, limit)
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
    count = _count(c, weakest.match)
    if asked.digits:  # the same digits begin telephones and identity numbers, which are not words of a name
        only = f"e.place <> {DOOR} AND {weakest.condition}"
        return [] if count > FEW else _sorted(c, stages, values, limit, only)
    if count <= FEW:
        return _sorted(c, stages, values, limit)
    found: dict[int, _Found] = {}
    for stage in stages:
        if stage.given:
            rows = _walked_by_given_name(c, stage, asked.words, values, limit)
        elif stage is not weakest and _count(c, stage.match) <= FEW:
            rows = _sorted(c, [stage], values, limit, f"e.place = {LIVING}")
        else:
            rows = _walked(c, stage, values, limit, f"e.place = {LIVING}")
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


def _doors(c: Any, asked: Query, limit: int) -> list[_Found]:
    values = parameters(asked.words)
    whole, begun = door_stages(asked.words)
    if _count(c, begun.match) <= FEW:
        return _sorted(c, [whole, begun], values, limit)
    found: dict[int, _Found] = {}
    for stage in (whole, begun):
        few = _count(c, stage.match) <= FEW
        only = f"e.place = {DOOR}"
        rows = _sorted(c, [stage], values, limit) if few else _walked(c, stage, values, limit, only)
        for one in rows:
            found.setdefault(one.n, one)
        if len(found) >= limit:
            break
    return list(found.values())


def _by_number(c: Any, asked: Query, limit: int) -> list[_Found]:
    """Entries whose numbers begin or end with the number asked for, and whose words fit the words beside it.

    Of a beginning that very many share (079…) only the first FEW are looked at.
    """
    star = "" if asked.whole else "*"
    either = " OR ".join(f'"{n}"{star} OR "{tail_token(n)}"{star}' for n in asked.numbers)
    beside = "".join(f' AND ({begun_token(word)} OR "@{word.fold}"*)' for word in asked.number_words)
    whole = " OR ".join(f"instr(e.numbers || ' ', :x{at})" for at in range(len(asked.numbers)))
    fit = f"CASE WHEN {whole} THEN {_NUMBER_WHOLE} ELSE {_NUMBER_PART} END"
    if asked.number_words:
        fit = tier(person_stages(asked.number_words))
    rows = c.execute(
        f"SELECT e.n AS n, e.place AS place, {fit} AS tier, e.name_key AS name_key FROM"
        " (SELECT rowid FROM search_words WHERE search_words MATCH :match LIMIT :most) m"
        " CROSS JOIN search_entry e ON e.n = m.rowid"
        f" ORDER BY e.place = {GONE}, tier, e.place, e.name_key LIMIT :limit",
        {f"x{at}": f" {digits} " for at, digits in enumerate(asked.numbers)}
        | parameters(asked.number_words)
        | {"match": f"({either}){beside}", "most": FEW, "limit": limit},
    )
    return _read(rows, number=True)


def _across(c: Any, asked: Query, limit: int) -> list[_Found]:
    """Persons by words of the name on one side of the query and words of the household on the other."""
    found: dict[int, _Found] = {}
    most = min(len(asked.words), 5)
    for first in (True, False):
        for count in range(1, most):
            cut = count if first else len(asked.words) - count
            names, door = asked.words[:cut], asked.words[cut:]
            if not first:
                names, door = door, names
            people = 0 if Query(names).digits else _count(c, person_stages(names)[-1].match)
            if not people:
                break  # nor will anyone have these names and one more
            for one in _living_at(c, names, door, people, limit):
                found.setdefault(one.n, one)
    return list(found.values())


def _living_at(
    c: Any, names: tuple[Word, ...], door: tuple[Word, ...], people: int, limit: int
) -> list[_Found]:
    """Persons with these words in the name, in households with those; read from the side that has fewer."""
    stages, doors = person_stages(names), door_stages(door)[1]
    homes = _count(c, doors.match)
    if not homes:
        return []
    values = parameters(names) | {"limit": limit, "first": FEW // 2}
    if homes <= people:
        values["match"] = doors.match
        source = "search_entry d ON d.n = m.rowid CROSS JOIN person p ON p.household = d.id"
        source += " CROSS JOIN search_entry e ON e.id = p.id"
        condition = stages[-1].condition
    else:
        values["match"] = stages[-1].match
        source = "search_entry e ON e.n = m.rowid CROSS JOIN person p ON p.id = e.id"
        source += " CROSS JOIN search_entry d ON d.id = p.household"
        condition = every(f"instr(d.words, :d{at})" for at in range(len(door)))
        values |= {f"d{at}": f" {word.fold}" for at, word in enumerate(door)}
    rows = c.execute(
        f"SELECT e.n AS n, e.place AS place, {tier(stages)} AS tier, e.name_key AS name_key"
        " FROM (SELECT rowid FROM search_words WHERE search_words MATCH :match LIMIT :first) m"
        f" CROSS JOIN {source} WHERE {condition} ORDER BY e.place, tier, e.name_key LIMIT :limit",
        values,
    )
    return _read(rows)


def _count(c: Any, match: str) -> int:
    """How many entries match, counted no further than one more than FEW."""
    counted = c.execute(
        f"SELECT count(*) AS k FROM (SELECT 1 FROM search_words WHERE search_words MATCH ? LIMIT {FEW + 1})",
        (match,),
    )
    return int(counted.fetchone()["k"])


def _sorted(c: Any, stages: list[Stage], values: dict[str, Any], limit: int, only: str = "1") -> list[_Found]:
    """The entries of the last stage, each with the tier of the best one it fits, ranked."""
    rows = c.execute(
        f"SELECT e.n AS n, e.place AS place, {tier(stages)} AS tier, e.name_key AS name_key"
        " FROM search_words m CROSS JOIN search_entry e ON e.n = m.rowid"
        f" WHERE m.search_words MATCH :match AND {only} ORDER BY e.place, tier, e.name_key LIMIT :limit",
        values | {"match": stages[-1].match, "limit": limit},
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
    return [
        _Found(row["place"] == GONE, row["tier"], row["place"], row["n"], row["name_key"], number)
        for row in rows
    ]


def _hits(c: Any, ranked: list[_Found]) -> list[Hit]:
    """What the records say of the entries found; one without a record is left out, and `check` counts it."""
    people = json.dumps([one.n for one in ranked if one.place != DOOR])
    doors = json.dumps([one.n for one in ranked if one.place == DOOR])
    rows = {row["n"]: row for row in c.execute(_PERSON_SQL, (people,))}
    rows |= {row["n"]: row for row in c.execute(_DOOR_SQL, (doors,))}
    return [_hit(rows[one.n], one) for one in ranked if one.n in rows]


def _hit(row: Any, one: _Found) -> Hit:
    kind: Literal["person", "household"] = "household" if one.place == DOOR else "person"
    return Hit(kind=kind, number=one.number, **{name: row[name] for name in _COLUMNS})


_COLUMNS = (
    *("id", "area", "household", "title", "code", "address", "alley"),
    *("birth_date", "birth_year", "sex", "phone", "died_on", "moved_on"),
)
_PERSON_SQL = """SELECT e.n AS n, p.id AS id, p.area AS area, p.household AS household,
coalesce(p.full_name, '') AS title, h.code AS code, h.address AS address, h.alley AS alley,
p.birth_date AS birth_date, p.birth_year AS birth_year, p.sex AS sex, p.phone AS phone,
p.died_on AS died_on, p.moved_on AS moved_on
FROM json_each(?) j CROSS JOIN search_entry e ON e.n = j.value CROSS JOIN person p ON p.id = e.id
LEFT JOIN household h ON h.id = p.household"""
_DOOR_SQL = """SELECT e.n AS n, h.id AS id, h.area AS area, h.id AS household,
coalesce(p.full_name, '') AS title, h.code AS code, h.address AS address, h.alley AS alley,
NULL AS birth_date, NULL AS birth_year, NULL AS sex, h.phone AS phone, NULL AS died_on, NULL AS moved_on
FROM json_each(?) j CROSS JOIN search_entry e ON e.n = j.value CROSS JOIN household h ON h.id = e.id
LEFT JOIN person p ON p.id = h.head AND NOT p.deleted"""
