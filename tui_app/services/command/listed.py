"""The records behind a figure as lines with a name and a place, each with the card it opens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from tui_app.clock import show_date, show_moment
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.services.access import gate
from tui_app.services.command.day_work import CASE, READING, VISIT
from tui_app.services.command.words import reading
from tui_app.store.rows import table
from tui_app.text import name_key, place_words

HOUSEHOLD, PERSON = "household", "person"


@dataclass(frozen=True, slots=True)
class Listed:
    """``person``, ``household``: whose card it opens; ``said``: what the record says, on one line."""

    id: str
    kind: str
    person: str
    household: str
    name: str
    place: str
    unit: str
    said: str


def listed(c: Any, kind: str, ids: Iterable[str]) -> list[Listed]:
    """The records of a kind that may be named now, by name. Raises NotOpened for a viewer, KeyError for a kind that is
    not listed."""
    gate.check_role(c)
    shut = gate.closed(c)
    rows = c.execute(_QUERIES[kind], (msgspec.json.encode(list(ids)).decode(),)).fetchall()
    rows = [row for row in rows if row["area"] not in shut]
    said = _said(c, kind, rows)
    found = [
        Listed(
            row["id"],
            kind,
            row["person"] or "",
            row["household"] or "",
            row["full_name"] or "",
            place_words(row["address"], row["alley"]),
            row["unit_name"] or "",
            said[row["id"]],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (name_key(one.name), one.said, one.id))


def _said(c: Any, kind: str, rows: list[Any]) -> dict[str, str]:
    if kind == READING:
        bodies = table(READING).read(c, [row["id"] for row in rows])
        return {
            ident: f"{show_moment(row.body['at'])} · {reading(row.body)}" for ident, row in bodies.items()
        }
    return {row["id"]: _WORDS[kind](row) for row in rows}


def _case(row: Any) -> str:
    follows = row["followed_by"] or t("command.nobody")
    return f"{show_date(row['began'])} · {code_word('place', row['place'])} · {follows}"


def _person(row: Any) -> str:
    return str(row["birth_year"] or show_date(row["birth_date"]))


_WORDS = {
    HOUSEHOLD: lambda row: row["code"] or "",
    PERSON: _person,
    CASE: _case,
    VISIT: lambda row: f"{show_moment(row['at'])} · {code_word('outcome', row['outcome'], VISIT)}",
}
_AT_HOME = """LEFT JOIN household AS h ON h.id = p.household AND NOT h.deleted LEFT JOIN area AS a ON a.id = r.area
WHERE r.id IN (SELECT value FROM json_each(?)) AND NOT r.deleted"""
_AT_DOOR = """LEFT JOIN person AS p ON p.id = h.head AND NOT p.deleted LEFT JOIN area AS a ON a.id = r.area
WHERE r.id IN (SELECT value FROM json_each(?)) AND NOT r.deleted"""
_SHOWN = "r.id, r.area, p.full_name, h.address, h.alley, a.unit_name"
_QUERIES = {
    HOUSEHOLD: f"""SELECT {_SHOWN}, NULL AS person, r.id AS household, r.code
        FROM household AS r JOIN household AS h ON h.id = r.id {_AT_DOOR}""",
    PERSON: f"""SELECT {_SHOWN}, r.id AS person, r.household, r.birth_date, r.birth_year
        FROM person AS r JOIN person AS p ON p.id = r.id {_AT_HOME}""",
    CASE: f"""SELECT {_SHOWN}, r.person, p.household, r.place, r.followed_by,
            coalesce(r.first_positive_on, r.started_on) AS began
        FROM "case" AS r LEFT JOIN person AS p ON p.id = r.person {_AT_HOME}""",
    READING: f"""SELECT {_SHOWN}, r.person, p.household
        FROM observation AS r LEFT JOIN person AS p ON p.id = r.person {_AT_HOME}""",
    VISIT: f"""SELECT {_SHOWN}, NULL AS person, r.household, r.at, r.outcome
        FROM household_visit AS r LEFT JOIN household AS h ON h.id = r.household {_AT_DOOR}""",
}
