"""Copying of the reports that laptops filed what the pages show of them.

A report's row in `record` stays what is true. `bring_up` copies what is new of it before a page is made, found by when
the server last wrote a row. What a laptop sent may be anything: here it is held to what it can be, and trusted after.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from sync.protocol import from_wire, to_wire
from sync.server.database import Database, Transaction, as_json
from sync.server.pages.filed import Figures, Said, Value
from sync.server.pages.slots import KINDS
from sync.server.pages.words import FIRST_DAY, LAST_DAY, aware
from sync.server.tables import FILED

PAGE = 500
MOST = 10**12  # more than a count of people can be; beyond it is no figure
# Of the whole, and characters: one report must not make a page too large to read.
MOST_FIGURES, LONGEST_NAME = 500, 200
_OVERLAP = timedelta(days=1)  # a long transaction's rows are dated before others that were copied already


class _Row(msgspec.Struct):
    commune: str
    area: str
    id: str
    seq: int
    kind: str
    subject: str
    period_from: str
    period_to: str
    version: int
    due_at: str
    written_at: str
    received: str
    updated: str
    figures: str


def bring_up(database: Database, now: datetime) -> int:
    """Copy what is new. Returns how many rows."""
    done = 0
    while True:
        with database.read() as tx:
            rows = list(_new_rows(tx, now))
        if rows:
            # in one order, so that two readers who copy the same wait for each other and not both
            rows.sort(key=lambda row: (row.commune, row.area, row.id))
            with database.write() as tx:
                tx.put(FILED, rows)
        done += len(rows)
        if len(rows) < PAGE:
            return done


def _new_rows(tx: Transaction, now: datetime) -> Iterator[_Row]:
    newest = tx.one("SELECT updated FROM filed_report ORDER BY updated DESC LIMIT 1")
    # never from later than now: a clock that was ahead for a while dated what it took then
    since = to_wire(min(from_wire(newest[0]), now) - _OVERLAP) if newest else ""
    keys = tx.all(
        "SELECT r.commune, r.area, r.id FROM record AS r LEFT JOIN filed_report AS f"
        " ON f.commune = r.commune AND f.area = r.area AND f.id = r.id"
        " WHERE r.type = 'report' AND r.updated >= :since AND (f.seq IS NULL OR f.seq <> r.seq)"
        " ORDER BY r.updated LIMIT :page",
        since=since,
        page=PAGE,
    )
    found = tx.all(
        "SELECT r.commune, r.area, r.id, r.seq, r.body, r.updated,"
        " (SELECT min(o.received) FROM op AS o WHERE o.commune = r.commune AND o.record = r.id"
        " AND o.type = 'report' AND o.result = 'applied')"
        " FROM each(:keys) AS k CROSS JOIN record AS r WHERE r.commune = k.value->>0"
        " AND r.area = k.value->>1 AND r.type = 'report' AND r.id = k.value->>2",
        keys=as_json(keys),
    )
    for home, area, ident, seq, body, updated, received in found:
        yield _row(home, area, ident, int(seq), body, updated, received or updated)


class _Body(msgspec.Struct):
    """Of a report's body, what is read; a laptop may have sent anything."""

    kind: Any = None
    subject: Any = None
    period_from: Any = None
    period_to: Any = None
    version: Any = None
    due_at: Any = None
    written_at: Any = None
    known_at: Any = None
    figures: Any = None


_body = msgspec.json.Decoder(_Body)
_encode = msgspec.json.Encoder().encode


def _row(home: str, area: str, ident: str, seq: int, raw: str, updated: str, received: str) -> _Row:
    body = _body.decode(raw)
    period_to = _day(body.period_to)
    written = _moment(body.written_at) or _moment(body.known_at) or received
    # of another kind (one may name persons), or not readable: kept by its key only, so that it is not read again
    known = isinstance(body.kind, str) and body.kind in KINDS and bool(period_to)
    return _Row(
        commune=home,
        area=area,
        id=ident,
        seq=seq,
        kind=body.kind if known else "",
        subject=body.subject if isinstance(body.subject, str) and known else "",
        period_from=_day(body.period_from) or period_to,
        period_to=period_to,
        version=body.version if isinstance(body.version, int) and 1 <= body.version <= MOST else 1,
        due_at=_moment(body.due_at),
        written_at=written,
        received=received,
        updated=updated,
        figures=str(_encode(_figures(body.figures) if known else Figures()), "utf-8"),
    )


def _figures(found: Any) -> Figures:
    figures = Figures({}, [], {})
    for one in found if isinstance(found, list) else ():
        if (
            not isinstance(one, dict)
            or not isinstance(name := one.get("name"), str)
            or len(name) > LONGEST_NAME
        ):
            continue
        value, unit = _number(one.get("value")), one.get("unit")
        if isinstance(unit, str) and unit:
            figures.units.append((name, unit, value))
            continue
        if len(figures.totals) == MOST_FIGURES:
            continue
        figures.totals[name] = value
        detail = one.get("detail")
        if isinstance(detail, dict):
            said = Said(
                vi=str(detail.get("word_vi", ""))[:LONGEST_NAME],
                en=str(detail.get("word_en", ""))[:LONGEST_NAME],
                of=_number(detail.get("denominator", detail.get("of"))),
            )
            if said != Said():
                figures.said[name] = said
    return figures


def _number(value: Any) -> Value:
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and -MOST <= value <= MOST
    return value if known else None


def _day(value: Any) -> str:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        return ""
    return day.isoformat() if FIRST_DAY <= day <= LAST_DAY else ""


def _moment(value: Any) -> str:
    moment = aware(value) if isinstance(value, str) else None
    return to_wire(moment) if moment else ""
