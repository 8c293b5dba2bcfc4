"""Records as table rows: the one place that turns a `sync.protocol.Row` into columns and back.

A body's unknown fields go to ``extra`` and come back from it, so what a newer program wrote is never lost here.
What people see of records that were merged is not what those say (`tui_app.store.merged`): a `RowTable` reads what is
seen, `RecordRows` what was said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import repeat
from types import MappingProxyType
from typing import Any

import msgspec
from sqlalchemy import JSON, Boolean

from sync.digests import Key, Mark
from sync.protocol import Row
from sync.texts import ErasedText, Text
from tui_app.records import BY_NAME, RECORDS, REGISTRY
from tui_app.records.base import COMMON, own_columns
from tui_app.store import erasing, merged, search

_to_json = msgspec.json.Encoder().encode
_from_json = msgspec.json.Decoder().decode
_NESTED = frozenset({dict, list})
MANY = 100  # rows of a type from which on it is worth looking for columns that none of them uses


class _Columns:
    """How rows of a table are written of which only some fields say anything: one statement, and its values."""

    def __init__(self, type_name: str, fields: tuple[str, ...], json_fields: frozenset[str]) -> None:
        self._fields = fields
        self._json_at = tuple(at for at, name in enumerate(fields) if name in json_fields)
        columns = (*COMMON, *fields)
        names = ", ".join(f'"{name}"' for name in columns)
        self.upsert = (
            f'INSERT OR REPLACE INTO "{type_name}" ({names}) VALUES ({", ".join("?" * len(columns))})'
        )

    def encode(self, row: Row) -> tuple[Any, ...]:
        """A row as the statement takes it; what is in none of the fields goes to ``extra``."""
        rest = row.body.copy()
        values = [*map(rest.pop, self._fields, repeat(None))]
        for at in self._json_at:
            if values[at] is not None:
                values[at] = _json_text(values[at])
        if not _NESTED.isdisjoint(map(type, values)):
            # a newer program's shape for a field this one keeps as text
            values = [_json_text(value) if type(value) in _NESTED else value for value in values]
        return (
            row.id,
            row.area,
            row.commune,
            row.seq,
            _gone(row),
            _json_text(rest) if rest else None,
            row.at or None,
            row.who or None,
            row.device or None,
            *values,
        )


class RowTable:
    """One type's table: encodes a Row to a tuple of columns and decodes a table row to a Row."""

    def __init__(self, type_name: str) -> None:
        table = BY_NAME[type_name].__table__  # type: ignore[attr-defined]
        self.type = type_name
        self.fields = tuple(own_columns(BY_NAME[type_name]))
        self._json = frozenset(c.name for c in table.columns if isinstance(c.type, JSON))
        self._bool = frozenset(c.name for c in table.columns if isinstance(c.type, Boolean))
        self._all = _Columns(type_name, self.fields, self._json)
        self._some: dict[frozenset[str], _Columns] = {}
        names = ", ".join(f'"{name}"' for name in (*COMMON, *self.fields))
        self._select = f'SELECT {names} FROM "{type_name}"'

    def upsert(self, c: Any, rows: Sequence[Row]) -> None:
        """Write rows as they are, whatever stood there before."""
        columns = self._all if len(rows) < MANY else self._said_by(rows)
        c.executemany(columns.upsert, map(columns.encode, rows))

    def _said_by(self, rows: Sequence[Row]) -> _Columns:
        """The columns of the fields that any of the rows has: a column that is not named is empty, and each one that
        is costs time: a tenth of the processor time of a first load of 50 000 rows."""
        said = frozenset().union(*(row.body for row in rows)).intersection(self.fields)
        if said not in self._some:
            fields = tuple(name for name in self.fields if name in said)
            self._some[said] = _Columns(self.type, fields, self._json)
        return self._some[said]

    def read(self, c: Any, ids: Iterable[str]) -> dict[str, Row]:
        """The rows with these ids, deleted ones included; one that is hidden by a merge counts as deleted."""
        return {row.id: row for row in map(self._decode, self._with_ids(c, ids))}

    def said(self, c: Any, ids: Iterable[str]) -> dict[str, Row]:
        """The same as they were said, whatever was merged."""
        rows = (self._decode(found, said=True) for found in self._with_ids(c, ids))
        return merged.as_said(c, self.type, {row.id: row for row in rows})

    def where(self, c: Any, condition: str = "1", parameters: tuple[Any, ...] = ()) -> Iterator[Row]:
        """Live rows that meet a SQL condition, in no particular order unless it says one."""
        return map(self._decode, c.execute(f"{self._select} WHERE NOT deleted AND {condition}", parameters))

    def every(self, c: Any, condition: str, parameters: tuple[Any, ...]) -> Iterator[Row]:
        """Rows that meet a SQL condition, deleted ones included, as they were said."""
        found = c.execute(f"{self._select} WHERE {condition}", parameters)
        rows = (self._decode(row, said=True) for row in found.fetchall())
        return iter(merged.as_said(c, self.type, {row.id: row for row in rows}).values())

    def _with_ids(self, c: Any, ids: Iterable[str]) -> Any:
        wanted = _to_json(list(ids)).decode()
        return c.execute(f"{self._select} WHERE id IN (SELECT value FROM json_each(?))", (wanted,)).fetchall()

    def _decode(self, found: Any, said: bool = False) -> Row:
        body: dict[str, Any] = {}
        for name, value in zip(self.fields, found[len(COMMON) :], strict=True):
            if value is None:
                continue
            if name in self._json:
                value = _from_json(value)
            elif name in self._bool:
                value = bool(value)
            body[name] = value
        ident, area, commune, seq, deleted, extra, at, who, device = found[: len(COMMON)]
        if extra:
            body |= _from_json(extra)
        return Row(
            type=self.type,
            id=ident,
            commune=commune,
            area=area,
            seq=seq,
            deleted=deleted == 1 if said else bool(deleted),
            body=body,
            at=at or "",
            who=who or "",
            device=device or "",
        )


def _gone(row: Row) -> int:
    """Whether a row is to be shown nowhere, as the column ``deleted`` keeps it."""
    return int(row.deleted or row.gone is not None)


def _json_text(value: Any) -> str:
    return _to_json(value).decode()


@cache
def table(type_name: str) -> RowTable:
    """The table of a type. Raises KeyError for a type this version does not keep."""
    return RowTable(type_name)


def has_known(c: Any) -> bool:
    """Whether rows wait in ``later_row`` whose type this version knows."""
    found = c.execute("SELECT DISTINCT type FROM later_row")
    return any(type_name in BY_NAME for (type_name,) in found)


def take_known(c: Any) -> None:
    """Put rows that an older version kept whole into the tables of their types, in the caller's transaction."""
    found = c.execute("SELECT type, row FROM later_row").fetchall()
    rows = [msgspec.json.decode(row, type=Row) for type_name, row in found if type_name in BY_NAME]
    RecordRows().upsert(c, rows)
    c.executemany("DELETE FROM later_row WHERE type = ?", [(name,) for name in {row.type for row in rows}])


def has_texts(c: Any) -> bool:
    """Whether an erasure that is here takes words out of records that stay."""
    return c.execute("SELECT 1 FROM erasure WHERE texts IS NOT NULL LIMIT 1").fetchone() is not None


def take_texts(c: Any) -> None:
    """Let those erasures take them out, in the caller's transaction."""
    RecordRows().upsert(c, list(table("erasure").where(c, "texts IS NOT NULL")))


def _later(found: Any) -> Row:
    return msgspec.structs.replace(msgspec.json.decode(found[0], type=Row), seq=found[1])


class RecordRows:
    """What sync may do with the laptop's records (`sync.outbox.RecordStore`): all within the caller's transaction.

    Rows of types this version does not know are kept whole in ``later_row`` until a newer version reads them.
    """

    def read(self, c: Any, type_name: str, ids: Iterable[str]) -> dict[str, Row]:
        """The rows with these ids."""
        if type_name in BY_NAME:
            return table(type_name).said(c, ids)
        wanted = _to_json(list(ids)).decode()
        found = c.execute(
            "SELECT row, seq FROM later_row WHERE type = ? AND id IN (SELECT value FROM json_each(?))",
            (type_name, wanted),
        )
        return {row.id: row for row in map(_later, found)}

    def lives(self, c: Any, type_name: str, ids: Iterable[str]) -> dict[str, tuple[str, int]]:
        """id -> (area, the server's counter) of the rows that live and that the server has."""
        known = type_name in BY_NAME
        name = type_name if known else "later_row"
        if c.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone() is None:
            return {}  # a first load
        found = c.execute(
            f'SELECT id, area, seq FROM "{name}"'
            " WHERE id IN (SELECT value FROM json_each(?)) AND seq > 0 AND deleted <> 1"
            + ("" if known else " AND type = ?"),
            (_to_json(list(ids)).decode(), *(() if known else (type_name,))),
        )
        return {ident: (area, seq) for ident, area, seq in found}

    def above(self, c: Any, area: str, seq: int) -> Iterator[Row]:
        """The rows of an area above a counter that laptops may write (and conflicts), deleted ones included."""
        for record in RECORDS:
            if record.__tablename__ == erasing.ERASURE and not erasing.may_erase(c):
                continue  # its chief's laptop gives it back
            if not record.server_written or record.__tablename__ == "conflict":
                yield from table(str(record.__tablename__)).every(c, "area = ? AND seq > ?", (area, seq))
        found = c.execute("SELECT row, seq FROM later_row WHERE area = ? AND seq > ?", (area, seq))
        yield from map(_later, found)

    def append_only(self, type_name: str) -> bool:
        """Whether records of the type are made once and never changed."""
        kind = REGISTRY.get(type_name)
        return kind is not None and kind.append_only

    def unsee(self, c: Any, area: str, seq: int) -> None:
        """Forget that the server has the rows of an area above a counter; the rows stay."""
        for name in [*(str(record.__tablename__) for record in RECORDS), "later_row"]:
            c.execute(f'UPDATE "{name}" SET seq = 0 WHERE area = ? AND seq > ?', (area, seq))

    def seqs(self, c: Any, type_name: str, ids: Iterable[str]) -> dict[str, tuple[str, int]]:
        """id -> (area, the server's counter) of the rows that are here."""
        name = type_name if type_name in BY_NAME else "later_row"
        found = c.execute(
            f'SELECT id, area, seq FROM "{name}" WHERE id IN (SELECT value FROM json_each(?))',
            (_to_json(list(ids)).decode(),),
        )
        return {ident: (area, seq) for ident, area, seq in found}

    def upsert(self, c: Any, rows: Iterable[Row]) -> None:
        """Write rows and their search entries; a row that went to another area leaves its table, and what an erasure
        names its content."""
        by_type: dict[str, list[Row]] = defaultdict(list)
        for row in erasing.without_erased(c, self, rows):
            by_type[row.type].append(row)
        for type_name, same in by_type.items():
            if type_name not in BY_NAME:
                c.executemany(
                    "INSERT OR REPLACE INTO later_row (type, id, area, seq, deleted, row) VALUES (?, ?, ?, ?, ?, ?)",
                    [(r.type, r.id, r.area, r.seq, int(r.deleted), _to_json(r)) for r in same if not r.gone],
                )
                c.executemany(
                    "DELETE FROM later_row WHERE type = ? AND id = ? AND area = ?",
                    [(r.type, r.id, r.area) for r in same if r.gone],
                )
                continue
            moved = [row for row in same if row.gone == "moved"]
            here = [row for row in same if row.gone != "moved"] if moved else same
            table(type_name).upsert(c, here)
            merged.written(c, type_name, here)
            search.index(c, type_name, merged.leaving(c, type_name, here))
            self._moved_away(c, type_name, moved)

    def erase(self, c: Any, keys: Iterable[Key]) -> None:
        """Take the content of records off this laptop: the server says that they are erased."""
        erasing.erase(c, self, set(keys))

    def erase_texts(self, c: Any, texts: Iterable[ErasedText]) -> None:
        """Take fields out of records on this laptop: the server says that their words are erased."""
        named: dict[str, set[Text]] = defaultdict(set)
        for type_name, ident, field, erasure in texts:
            named[erasure].add((type_name, ident, field))
        for erasure, fields in named.items():
            erasing.erase_texts(c, self, fields, erasure)

    def scrub_later(self, c: Any) -> None:
        """Words that were erased have left a row or an op only now: pages may still hold them."""
        erasing.scrub_later(c)

    def without_texts(
        self, c: Any, rows: list[Row], answered: Mapping[str, Mark] = MappingProxyType({})
    ) -> list[Row]:
        """Rows of the server without words of which this laptop knows that they are erased. ``answered``: records that
        the same answer gave a counter, with their area."""
        return erasing.without_texts(c, self, rows, answered)

    def _moved_away(self, c: Any, type_name: str, rows: list[Row]) -> None:
        """Drop rows whose record now lives elsewhere, unless its new row has arrived already."""
        for row in rows:
            gone = c.execute(
                f'DELETE FROM "{type_name}" WHERE id = ? AND area = ? RETURNING id', (row.id, row.area)
            ).fetchall()
            if gone:
                merged.written(c, type_name, [row])
                search.index(c, type_name, [msgspec.structs.replace(row, deleted=True)])

    def set_seq(
        self, c: Any, type_name: str, seqs: Mapping[str, int]
    ) -> tuple[dict[str, Mark], dict[str, Mark]]:
        """Note the server's counters (id -> seq) of rows it took unchanged; none goes back to a smaller one.

        Returns id -> (area, counter) of those that live, before (without rows the server did not have) and now.
        """
        known = type_name in BY_NAME
        name = type_name if known else "later_row"
        found = c.execute(
            f'SELECT rowid, id, area, seq, deleted FROM "{name}" WHERE id IN (SELECT value FROM json_each(?))'
            + ("" if known else " AND type = ?"),
            (_to_json(list(seqs)).decode(), *(() if known else (type_name,))),
        ).fetchall()
        later = [
            (n, ident, area, seqs[ident], gone) for n, ident, area, was, gone in found if was < seqs[ident]
        ]
        c.executemany(f'UPDATE "{name}" SET seq = ? WHERE rowid = ?', [(seq, n) for n, _, _, seq, _ in later])
        before = {ident: (area, seq) for _, ident, area, seq, gone in found if seq > 0 and gone != 1}
        return before, before | {ident: (area, seq) for _, ident, area, seq, gone in later if gone != 1}

    def marks(self, c: Any, area: str) -> Iterator[tuple[str, str, int]]:
        """(type, id, seq) of the live rows of an area, for its digest."""
        for record in RECORDS:
            name = str(record.__tablename__)
            found = c.execute(
                f'SELECT id, seq FROM "{name}" WHERE area = ? AND seq > 0 AND deleted <> 1', (area,)
            )
            for ident, seq in found:
                yield name, ident, seq
        later = c.execute(
            "SELECT type, id, seq FROM later_row WHERE area = ? AND seq > 0 AND NOT deleted", (area,)
        )
        yield from map(tuple, later)

    def forget_area(self, c: Any, area: str) -> None:
        """Take every row of an area off this laptop (its ops are not touched)."""
        search.forget_area(c, area)
        for record in RECORDS:
            c.execute(f'DELETE FROM "{record.__tablename__}" WHERE area = ?', (area,))
        c.execute("DELETE FROM later_row WHERE area = ?", (area,))
        merged.rebuild(c)
