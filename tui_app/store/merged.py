"""Records that people found to be one: the others are hidden behind the one shown, and what names them names that one.

All of it follows from the rows of `merge_decision` (`tui_app.records.sameness`) and from nothing else. It is brought
up to date in the transaction that writes a decision or a record, whether typed here or come from the server, and is
never sent: sync reads and keeps every record as it was said (`as_said`). So undoing a decision brings everything
back on any laptop, and append-only records need no change.

``merged_into``: hidden record -> the one shown. ``said_of``: what a reference said where its column now names the one
shown. A hidden record has 2 in its column ``deleted``: every list that leaves out deleted rows leaves it out as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.records import BY_NAME, JOURNALS
from tui_app.records.base import own_columns
from tui_app.records.sameness import Decided, shown_as
from tui_app.store import twins
from tui_app.store.twins import HIDDEN

DDL = (
    "CREATE TABLE merged_into (id TEXT PRIMARY KEY, kept TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX merged_into_kept ON merged_into (kept)",
    """CREATE TABLE said_of (type TEXT NOT NULL, record TEXT NOT NULL, field TEXT NOT NULL, said TEXT NOT NULL,
    PRIMARY KEY (type, record, field)) WITHOUT ROWID""",
    "CREATE INDEX said_of_said ON said_of (said)",
)
DECISION = "merge_decision"
SUBJECTS = ("person", "household")
_REFERENCES = ("person", "household", "head")


@cache
def references() -> Mapping[str, tuple[str, ...]]:
    """type -> its fields that name a person or household."""
    named = {
        name: tuple(field for field in own_columns(record) if field in _REFERENCES)
        for name, record in BY_NAME.items()
        if name not in JOURNALS
    }
    return {name: fields for name, fields in named.items() if fields}


@cache
def by_case() -> frozenset[str]:
    """The types whose rows name the person of their case and are found by the case.

    Looking for a person through 300 000 observations takes half a second of processor time, by the case a millisecond.
    """
    found = set()
    for name in references():
        columns = BY_NAME[name].__table__.columns  # type: ignore[attr-defined]
        if "case" in columns and "person" in columns and not columns["person"].index:
            found.add(name)
    return frozenset(found)


def shown_for(c: Any, ident: str) -> str:
    """The record shown in the place of ``ident``: itself where it was merged into none."""
    found = c.execute("SELECT kept FROM merged_into WHERE id = ?", (ident,)).fetchone()
    return str(found[0]) if found else ident


def members(c: Any, shown: str) -> list[str]:
    """The records hidden behind one that is shown."""
    return [
        ident for (ident,) in c.execute("SELECT id FROM merged_into WHERE kept = ? ORDER BY id", (shown,))
    ]


def as_shown(c: Any, row: Row) -> Row:
    """A record whose references name the records that are shown."""
    fields = references().get(row.type, ())
    said = {field: row.body[field] for field in fields if isinstance(row.body.get(field), str)}
    kept = {field: shown for field, one in said.items() if (shown := shown_for(c, one)) != one}
    return msgspec.structs.replace(row, body=row.body | kept) if kept else row


def leaving(c: Any, type_name: str, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of a type, those that are hidden as deleted ones: no index keeps them."""
    if type_name not in SUBJECTS or not _any(c, "merged_into"):
        return rows
    ids = json.dumps([row.id for row in rows])
    found = c.execute(f"SELECT id FROM merged_into WHERE id IN {_AMONG}", (ids,)).fetchall()
    hidden = {ident for (ident,) in found}
    return [msgspec.structs.replace(row, deleted=True) if row.id in hidden else row for row in rows]


def as_said(c: Any, type_name: str, rows: dict[str, Row]) -> dict[str, Row]:
    """Records read from their table, with what their references said."""
    if type_name not in references() or not rows or not _any(c, "said_of"):
        return rows
    found = c.execute(
        "SELECT record, field, said FROM said_of WHERE type = ? AND record IN (SELECT value FROM json_each(?))",
        (type_name, json.dumps(list(rows))),
    )
    for record, field, said in found.fetchall():
        rows[record] = msgspec.structs.replace(rows[record], body=rows[record].body | {field: said})
    return rows


def written(c: Any, type_name: str, rows: Sequence[Row]) -> None:
    """Bring what follows from the decisions up to date after rows of a type were written or left their table."""
    if type_name == DECISION:
        refresh(c)
        return
    ids = json.dumps([row.id for row in rows])
    if _any(c, "merged_into"):
        _point(c, type_name, ids)
        if type_name == "case":  # what hangs on one may have come before it
            for below in by_case():
                _note_and_point(c, below, "person", f'"case" IN {_AMONG}', (ids,))
        _hide(c, type_name, ids)
        if type_name in twins.ONE_EACH:
            twins.hide(c, type_name, _shown_of(c, type_name, ids))
    if type_name in SUBJECTS and _is_decided(c, ids):
        refresh(c, touched=[row.id for row in rows])


def refresh(c: Any, touched: Iterable[str] = ()) -> None:
    """Work out anew which records are hidden, and let everything that names them follow.

    ``touched``: records whose words the index of their group has to learn, whatever else changed.
    """
    wanted = _wanted(c)
    now: dict[str, str] = dict(c.execute("SELECT id, kept FROM merged_into").fetchall())
    changed = [one for one in wanted.keys() | now.keys() if wanted.get(one) != now.get(one)]
    if changed:
        c.executemany("DELETE FROM merged_into WHERE id = ?", [(one,) for one in changed])
        c.executemany(
            "INSERT INTO merged_into (id, kept) VALUES (?, ?)",
            [(one, wanted[one]) for one in changed if one in wanted],
        )
        ids = json.dumps(changed)
        cases = _cases_of(c, ids)
        for type_name in references():
            _repoint(c, type_name, ids, cases)
        c.execute(
            f"DELETE FROM said_of WHERE said IN {_AMONG} AND said NOT IN (SELECT id FROM merged_into)", (ids,)
        )
        for subject in SUBJECTS:
            _hide(c, subject, ids)
        around = {*changed, *(wanted.get(one, "") for one in changed), *(now.get(one, "") for one in changed)}
        for type_name in twins.ONE_EACH:
            twins.hide(c, type_name, around)
    reached = {*changed, *touched} & (wanted.keys() | now.keys() | set(wanted.values()) | set(now.values()))
    reached |= {found[one] for found in (wanted, now) for one in reached if one in found}
    if reached:
        _index(c, reached)


def rebuild(c: Any) -> None:
    """Make all of it anew from what was said, in the caller's transaction: rows came or went behind it."""
    before = dict(c.execute("SELECT id, kept FROM merged_into").fetchall())
    for type_name, fields in references().items():
        for field in fields:
            c.execute(
                f'UPDATE "{type_name}" SET "{field}" = (SELECT said FROM said_of WHERE type = ? AND field = ?'
                f' AND record = "{type_name}".id) WHERE id IN'
                " (SELECT record FROM said_of WHERE type = ? AND field = ?)",
                (type_name, field, type_name, field),
            )
    c.execute("DELETE FROM said_of")
    c.execute("DELETE FROM merged_into")
    for type_name in (*SUBJECTS, *twins.ONE_EACH) if before else ():
        c.execute(f'UPDATE "{type_name}" SET deleted = 0 WHERE deleted = {HIDDEN}')
    refresh(c)
    _index(c, {*before, *before.values()})


_AMONG = "(SELECT value FROM json_each(?))"


def _any(c: Any, table: str) -> bool:
    return c.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None


def _is_decided(c: Any, ids: str) -> bool:
    found = c.execute(
        f"SELECT 1 FROM merge_decision WHERE kept IN {_AMONG} OR merged IN {_AMONG} LIMIT 1", (ids, ids)
    )
    return found.fetchone() is not None


def _wanted(c: Any) -> dict[str, str]:
    by_subject: dict[str, list[Decided]] = {}
    for subject, *said in c.execute(
        "SELECT subject, id, verdict, kept, merged, undoes FROM merge_decision"
        " WHERE NOT deleted AND kept IS NOT NULL AND merged IS NOT NULL"
    ):
        by_subject.setdefault(subject, []).append(Decided(*said))
    answer: dict[str, str] = {}
    for subject in SUBJECTS:
        known = by_subject.get(subject, [])
        named = json.dumps(list({one for decided in known for one in decided.pair}))
        live = c.execute(f'SELECT id FROM "{subject}" WHERE id IN {_AMONG} AND deleted <> 1', (named,))
        answer |= shown_as(known, frozenset(ident for (ident,) in live.fetchall()))
    return answer


def _point(c: Any, type_name: str, ids: str) -> None:
    """Let rows that were just written as they were said name the records that are shown."""
    for field in references().get(type_name, ()):
        c.execute(
            f"DELETE FROM said_of WHERE type = ? AND field = ? AND record IN {_AMONG}",
            (type_name, field, ids),
        )
        _note_and_point(c, type_name, field, f"id IN {_AMONG}", (ids,))


def _cases_of(c: Any, persons: str) -> str:
    found = c.execute(
        f'SELECT id FROM "case" WHERE person IN {_AMONG} UNION'
        f" SELECT record FROM said_of WHERE type = 'case' AND said IN {_AMONG}",
        (persons, persons),
    )
    return json.dumps([case for (case,) in found.fetchall()])


def _repoint(c: Any, type_name: str, changed: str, cases: str) -> None:
    """Let the rows that name one of the ``changed`` records name what is shown in its place now."""
    for field in references()[type_name]:
        c.execute(
            f'UPDATE "{type_name}" SET "{field}" = (SELECT coalesce(m.kept, s.said) FROM said_of AS s'
            " LEFT JOIN merged_into AS m ON m.id = s.said WHERE s.type = ? AND s.field = ?"
            f' AND s.record = "{type_name}".id) WHERE id IN'
            f" (SELECT record FROM said_of WHERE type = ? AND field = ? AND said IN {_AMONG})",
            (type_name, field, type_name, field, changed),
        )
        which = (
            f'"{field}" IN {_AMONG} AND id NOT IN (SELECT record FROM said_of WHERE type = ? AND field = ?)'
        )
        values: tuple[str, ...] = (changed, type_name, field)
        if type_name in by_case():
            which, values = f'"case" IN {_AMONG} AND {which}', (cases, *values)
        _note_and_point(c, type_name, field, which, values)


def _note_and_point(c: Any, type_name: str, field: str, which: str, values: tuple[str, ...]) -> None:
    hidden = f'{which} AND "{field}" IN (SELECT id FROM merged_into)'
    found = c.execute(f'SELECT id, "{field}" FROM "{type_name}" WHERE {hidden}', values).fetchall()
    c.executemany(
        "INSERT INTO said_of (type, record, field, said) VALUES (?, ?, ?, ?)",
        [(type_name, record, field, said) for record, said in found],
    )
    c.executemany(
        f'UPDATE "{type_name}" SET "{field}" = (SELECT kept FROM merged_into WHERE id = ?) WHERE id = ?',
        [(said, record) for record, said in found],
    )


def _hide(c: Any, type_name: str, ids: str) -> None:
    if type_name in SUBJECTS:
        c.execute(
            f'UPDATE "{type_name}" SET deleted = CASE WHEN id IN (SELECT id FROM merged_into) THEN {HIDDEN} ELSE 0 END'
            f" WHERE deleted <> 1 AND id IN {_AMONG}",
            (ids,),
        )


def _shown_of(c: Any, type_name: str, ids: str) -> set[str]:
    found = c.execute(
        f'SELECT DISTINCT person FROM "{type_name}" WHERE id IN {_AMONG} AND person IN (SELECT kept FROM merged_into)',
        (ids,),
    )
    return {person for (person,) in found.fetchall()}


def _index(c: Any, ids: Iterable[str]) -> None:
    from tui_app.store import search
    from tui_app.store.rows import table

    wanted = list(ids)
    for subject in SUBJECTS:
        search.index(c, subject, table(subject).read(c, wanted).values())
