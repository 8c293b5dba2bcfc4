"""The index by which persons and households are found: kept in step with every save, in its transaction.

Two tables: ``search_entry`` (one row a record, with the sort key of its name) and ``search_words`` (FTS5 over
words and numbers, prefixes indexed, no copy of the text). What is shown of a hit is read from the records
themselves, so nothing on the screen is older than they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sync.protocol import Row
from tui_app.store.search_find import Hit, find
from tui_app.store.search_terms import HOUSEHOLD, PERSON, Terms, terms_of

__all__ = ["DDL", "Hit", "check", "find", "forget_area", "index", "rebuild"]

DDL: tuple[str, ...] = (
    "CREATE TABLE search_area (n INTEGER PRIMARY KEY, area TEXT NOT NULL UNIQUE)",
    """CREATE TABLE search_entry (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, area INTEGER NOT NULL, place INTEGER NOT NULL,
    name_key TEXT NOT NULL, words TEXT NOT NULL, numbers TEXT NOT NULL)""",
    "CREATE INDEX search_by_name ON search_entry (place, name_key, words)",
    """CREATE VIRTUAL TABLE search_words USING fts5(
    words, content='', columnsize=0, detail=none, prefix='1 2 3 4', tokenize="ascii tokenchars '!@#'")""",
)
_TYPES = (PERSON, HOUSEHOLD)
_CHUNK = 4000
_FIELDS = {
    PERSON: (
        "full_name",
        "phone",
        "national_id",
        "citizen_id_old",
        "insurance_number",
        "died_on",
        "moved_on",
    ),
    HOUSEHOLD: ("code", "address", "alley", "phone"),
}


def index(c: Any, type_name: str, rows: Iterable[Row]) -> None:
    """Bring the entries of these rows up to date; types other than person and household are ignored.

    Call it in the transaction that wrote the rows. A row that is deleted or gone leaves the index.
    """
    if type_name not in _TYPES:
        return
    latest = {row.id: row for row in rows}
    areas: dict[str, int] = {}
    every = list(latest.values())
    for start in range(0, len(every), _CHUNK):
        _index_some(c, type_name, every[start : start + _CHUNK], areas)


def forget_area(c: Any, area: str) -> None:
    """Take all entries of an area out of the index."""
    number = c.execute("SELECT n FROM search_area WHERE area = ?", (area,)).fetchone()
    if number is None:
        return
    entries = c.execute(
        "SELECT n, place, name_key, words, numbers FROM search_entry WHERE area = ?", (number["n"],)
    ).fetchall()
    _remove(c, {entry["n"]: _terms(entry) for entry in entries})
    c.executemany("DELETE FROM search_entry WHERE n = ?", [(entry["n"],) for entry in entries])
    c.execute("DELETE FROM search_area WHERE n = ?", (number["n"],))


def rebuild(c: Any) -> None:
    """Make the whole index anew from the records, in the caller's transaction."""
    c.execute("INSERT INTO search_words (search_words) VALUES ('delete-all')")
    c.execute("DELETE FROM search_entry")
    c.execute("DELETE FROM search_area")
    for type_name in _TYPES:
        index(c, type_name, (row for row, _ in _records(c, type_name)))
    c.execute("INSERT INTO search_words (search_words) VALUES ('optimize')")


def check(c: Any) -> int:
    """How many entries are missing, left over or out of step with their record.

    Reads everything: for `gonha doctor`, not for a screen (some seconds for 15 000 persons).
    """
    entries = {
        entry["id"]: (entry["n"], entry["area"], _terms(entry))
        for entry in c.execute(
            "SELECT e.n, e.id, a.area, e.place, e.name_key, e.words, e.numbers"
            " FROM search_entry e LEFT JOIN search_area a ON a.n = e.area"
        )
    }
    documents = _documents(c)
    wrong = 0
    for type_name in _TYPES:
        for row, terms in _records(c, type_name):
            n, area, kept = entries.pop(row.id, (-1, "", None))
            held = documents.pop(n, set())
            wrong += kept != terms or area != row.area or held != set(terms.document().split())
    return wrong + len({n for n, _, _ in entries.values()} | set(documents))


def _index_some(c: Any, type_name: str, rows: list[Row], areas: dict[str, int]) -> None:
    entries = {
        entry["id"]: entry
        for entry in c.execute(
            "SELECT n, id, area, place, name_key, words, numbers FROM search_entry"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps([row.id for row in rows]),),
        )
    }
    n = c.execute("SELECT coalesce(max(n), 0) AS n FROM search_entry").fetchone()["n"]
    old: dict[int, Terms] = {}
    new: dict[int, Terms] = {}
    also = _also(c, type_name, [row.id for row in rows])
    dropped: list[tuple[int]] = []
    written: list[tuple[Any, ...]] = []
    for row in rows:
        entry = entries.get(row.id)
        if row.deleted or row.gone:
            if entry is not None:
                old[entry["n"]] = _terms(entry)
                dropped.append((entry["n"],))
            continue
        terms = terms_of(type_name, row.body, also.get(row.id, ()))
        area = areas.get(row.area) or areas.setdefault(row.area, _area(c, row.area))
        if entry is None:
            n += 1
            at = n
        else:
            at, kept = entry["n"], _terms(entry)
            if kept == terms and entry["area"] == area:
                continue
            old[at] = kept
        new[at] = terms
        written.append((at, row.id, area, terms.place, terms.key, terms.words, terms.numbers))
    _remove(c, old)
    c.executemany("DELETE FROM search_entry WHERE n = ?", dropped)
    c.executemany(
        "INSERT INTO search_entry (n, id, area, place, name_key, words, numbers) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (n) DO UPDATE SET area = excluded.area, place = excluded.place,"
        " name_key = excluded.name_key, words = excluded.words, numbers = excluded.numbers",
        written,
    )
    c.executemany(
        "INSERT INTO search_words (rowid, words) VALUES (?, ?)",
        [(at, terms.document()) for at, terms in sorted(new.items())],
    )


def _remove(c: Any, old: Mapping[int, Terms]) -> None:
    """Take the words of entries out; FTS5 without a copy of the text must be told what it held."""
    c.executemany(
        "INSERT INTO search_words (search_words, rowid, words) VALUES ('delete', ?, ?)",
        [(n, terms.document()) for n, terms in sorted(old.items())],
    )


def _terms(entry: Any) -> Terms:
    return Terms(entry["place"], entry["words"], entry["name_key"], entry["numbers"])


def _area(c: Any, area: str) -> int:
    c.execute("INSERT INTO search_area (area) VALUES (?) ON CONFLICT DO NOTHING", (area,))
    number: int = c.execute("SELECT n FROM search_area WHERE area = ?", (area,)).fetchone()["n"]
    return number


def _records(c: Any, type_name: str) -> Iterator[tuple[Row, Terms]]:
    fields = _FIELDS[type_name]
    also = _also(c, type_name)
    for found in c.execute(
        f"SELECT id, area, {', '.join(fields)} FROM {type_name} WHERE NOT deleted ORDER BY id"
    ):
        body = {name: found[name] for name in fields if found[name] is not None}
        row = Row(type=type_name, id=found["id"], commune="", area=found["area"], seq=0, body=body)
        yield row, terms_of(type_name, body, also.get(row.id, ()))


def _also(c: Any, type_name: str, ids: Sequence[str] | None = None) -> dict[str, list[dict[str, Any]]]:
    """Record -> what the records that were merged into it say; of these records, or of all."""
    fields = _FIELDS[type_name]
    among = "" if ids is None else "WHERE m.kept IN (SELECT value FROM json_each(?))"
    answer: dict[str, list[dict[str, Any]]] = {}
    for kept, *found in c.execute(
        f"SELECT m.kept, {', '.join(f't.{name}' for name in fields)} FROM merged_into AS m"
        f" JOIN {type_name} AS t ON t.id = m.id AND t.deleted = 2 {among} ORDER BY m.id",
        () if ids is None else (json.dumps(ids),),
    ):
        said = {name: value for name, value in zip(fields, found, strict=True) if value is not None}
        answer.setdefault(kept, []).append(said)
    return answer


def _documents(c: Any) -> dict[int, set[str]]:
    """The tokens FTS5 holds of every entry."""
    c.execute("CREATE VIRTUAL TABLE temp.search_held USING fts5vocab(main, search_words, instance)")
    try:
        found: dict[int, set[str]] = {}
        for held in c.execute("SELECT term, doc FROM temp.search_held"):
            found.setdefault(held["doc"], set()).add(held["term"])
        return found
    finally:
        c.execute("DROP TABLE temp.search_held")
