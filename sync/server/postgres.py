"""PostgreSQL: one database for several server processes of a province, and with Citus for a country.

Writers run at read committed and lock the head of their area first, so the next writer of that area sees
everything the one before it wrote, and commits in that order. Readers see one moment (repeatable read).
Text is compared byte by byte, as in SQLite, whatever the language of the database.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import msgspec
import psycopg
from psycopg import errors
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.types.numeric import Int8Dumper

from sync.server.database import AlreadyThere, DatabaseBusy, Transaction, put_statement
from sync.server.problems import AdminError
from sync.server.tables import Bulk

CONNECTIONS = 12  # of one process
WAIT_SECONDS = 10  # for a free one of them
MIGRATION_TURN = 0x676F6E6861  # any number that only this program uses
# Unless the address says otherwise: a database that cannot be reached is noticed in seconds.
_REACH = {
    "connect_timeout": "5",
    "keepalives_idle": "20",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "20000",
    "application_name": "gonha",
}
# A plan is made for the tables as they are now: one kept from when a table was empty would read all of it later.
# Pages are read in the order of an index, not by sorting all that follows, even before anything was counted.
# Commits are on disk before they are answered.
_SET_UP = """
    SET statement_timeout = '30s'; SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s';
    SET jit = off; SET enable_sort = off; SET plan_cache_mode = force_custom_plan; SET client_min_messages = warning;
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
"""
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
# A standby that was written to, a transaction that idled for too long; the rest of what passes is an OperationalError:
# connection lost, shutting down, deadlock, time-out, too many connections, disk full.
_ALSO_BUSY = (errors.ReadOnlySqlTransaction, errors.IdleInTransactionSessionTimeout)
_IDLE = psycopg.pq.TransactionStatus.IDLE
_encode = msgspec.json.Encoder().encode
_Connection = psycopg.Connection[tuple[Any, ...]]


_WITH_CONTENT = ("record", "op")


class _Json(bytes):
    """A JSON parameter that is encoded already."""


class _JsonDumper(Dumper):
    oid = psycopg.adapters.types["jsonb"].oid

    def dump(self, obj: Any) -> Buffer:
        return bytes(obj)


class _BoolDumper(Int8Dumper):
    """SQLite has no booleans, so the tables have none."""

    def dump(self, obj: Any) -> Buffer:
        return b"1" if obj else b"0"


class PostgresDatabase:
    """A database at a URL. ``connections``: at most so many at once. ``wait``: seconds for a free one.

    Connections are made when they are needed and kept; a dead one is dropped and replaced.
    """

    kind = "postgresql"

    def __init__(self, url: str, connections: int = CONNECTIONS, wait: float = WAIT_SECONDS) -> None:
        self._where = make_conninfo(**{**_REACH, **conninfo_to_dict(url)})  # type: ignore[arg-type]
        self._free = threading.BoundedSemaphore(connections)
        self._count, self._wait = connections, wait
        self._lock = threading.Lock()
        self._kept: list[_Connection] = []

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A snapshot: what is committed now, unchanged until the end. Raises DatabaseBusy."""
        with self._transaction(_READ) as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Commits at the end, or nothing of it happened. Raises DatabaseBusy."""
        with self._transaction(_WRITE) as tx:
            yield tx

    def size(self) -> int:
        """Bytes of the tables that hold what people said."""
        with self.read() as tx:
            found = tx.one(
                "SELECT " + " + ".join(f"pg_total_relation_size('{name}')" for name in _WITH_CONTENT)
            )
        return int(found[0]) if found else 0

    def scrub(self) -> bool:
        """Write the tables anew, so that nothing is left in them of what was deleted, nor in the samples of them that
        the planner keeps. What the write-ahead log and its archive keep, and for how long, is the operator's to say.
        Raises DatabaseBusy."""
        with _translated():
            connection = self._connect()
            try:
                connection.execute("SET statement_timeout = 0")
                for name in _WITH_CONTENT:
                    connection.execute(f"VACUUM (FULL, ANALYZE) {name}")
                # only a superuser may; others leave the old samples to autovacuum
                connection.execute("VACUUM (FULL) pg_statistic")
            finally:
                connection.close()
        return True

    def close(self) -> None:
        """Close every connection; those in use are waited for."""
        for _ in range(self._count):
            self._free.acquire()
        self._drop()
        for _ in range(self._count):
            self._free.release()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Transaction]:
        if not self._free.acquire(timeout=self._wait):
            raise DatabaseBusy("all connections are in use")
        try:
            with _translated():
                connection = self._begun(begin)
                try:
                    yield _PostgresTransaction(connection)
                    connection.execute("COMMIT")
                finally:
                    self._back(connection)
        finally:
            self._free.release()

    def _begun(self, begin: str) -> _Connection:
        """A connection in a fresh transaction. When a kept one turns out to be dead, all kept ones are
        dropped: what ended it, such as a restart, has ended the others.
        """
        with self._lock:
            connection = self._kept.pop() if self._kept else None
        if connection is not None:
            try:
                connection.execute(begin)
                return connection
            except psycopg.OperationalError:
                connection.close()
                self._drop()
        connection = self._connect()
        connection.execute(begin)
        return connection

    def _back(self, connection: _Connection) -> None:
        if connection.info.transaction_status != _IDLE:
            with suppress(psycopg.Error):
                connection.execute("ROLLBACK")
        if connection.info.transaction_status == _IDLE:
            with self._lock:
                self._kept.append(connection)
        else:
            connection.close()

    def _drop(self) -> None:
        with self._lock:
            dropped, self._kept = self._kept, []
        for connection in dropped:
            connection.close()

    def _connect(self) -> _Connection:
        connection = psycopg.connect(
            self._where, autocommit=True, prepare_threshold=0, client_encoding="utf8"
        )
        connection.adapters.register_dumper(int, Int8Dumper)  # one type for every number: prepared once
        connection.adapters.register_dumper(bool, _BoolDumper)
        connection.adapters.register_dumper(_Json, _JsonDumper)
        connection.execute(_SET_UP, prepare=False)
        return connection


def open_postgres(url: str) -> PostgresDatabase:
    """The database at ``postgresql://...``, after looking whether it is one that can be used. Raises
    AdminError.
    """
    try:
        named = conninfo_to_dict(url)
        with psycopg.connect(make_conninfo(**{**_REACH, **named})) as connection:  # type: ignore[arg-type]
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.ProgrammingError:
        raise AdminError("database_url") from None  # its text would quote the password
    except psycopg.OperationalError as error:
        raise AdminError("database_unreachable", host=named.get("host") or "localhost") from error
    if encoding != "UTF8":
        raise AdminError("database_encoding", encoding=encoding)
    return PostgresDatabase(url)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (psycopg.OperationalError, *_ALSO_BUSY) as error:
        raise DatabaseBusy(type(error).__name__) from error


class _PostgresTransaction:
    def __init__(self, connection: _Connection) -> None:
        self._c = connection

    def all(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        return self._execute(statement, values).fetchall()

    def one(self, statement: str, **values: Any) -> tuple[Any, ...] | None:
        return self._execute(statement, values).fetchone()

    def run(self, statement: str, **values: Any) -> int:
        return self._execute(statement, values).rowcount

    def put(self, bulk: Bulk, rows: Sequence[msgspec.Struct]) -> None:
        if rows:
            self._c.execute(_postgres_put(bulk), (_json_rows(rows),))

    def create(self, bulk: Bulk, same: tuple[Any, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Write rows that are new, without NUL in any text and without NULL. Raises AlreadyThere."""
        # Half of what an insert from one JSON parameter costs the database (8 against 17 us for the rows of an op).
        text = _copy_text(bulk, same, rows)
        try:
            with self._c.cursor().copy(_postgres_copy(bulk)) as copy:
                if text is not None:
                    copy.write(text)
                else:
                    for row in rows:
                        copy.write_row(same + row)
        except errors.UniqueViolation as error:
            raise AlreadyThere(bulk.table) from error

    def turn(self) -> None:
        """Wait until no other process changes tables, however long that takes."""
        self._c.execute("SET LOCAL lock_timeout = 0")
        self._c.execute("SET LOCAL statement_timeout = 0")
        self._c.execute("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_TURN,))

    def _execute(self, statement: str, values: dict[str, Any]) -> psycopg.Cursor[tuple[Any, ...]]:
        words, lists = _for_postgres(statement)
        for name, value in values.items():
            if name in lists:
                values[name] = _json_list(value)
            elif isinstance(value, str) and "\0" in value:
                values[name] = _without_nul(value)
        return self._c.execute(words, values)


_PARAMETER = re.compile(r"'(?:[^']|'')*'|\beach\(:(?P<list>\w+)\)|(?<!:):(?P<name>[a-z_]\w*)|%")
# Looking up the elements of a list: each by the key of the table, whatever the planner believes about a table it has
# not counted yet. Left to itself it reads all that a commune has, once a push.
_LOOK_UP = re.compile(
    r"( AS k) CROSS JOIN (?P<table>\w+) AS (?P<short>\w+)\s+WHERE (?P<found>.*?)(?=\s(?:GROUP|ORDER|LIMIT)\b|$)",
    re.DOTALL,
)
_TABLE = re.compile(r"\s*(CREATE|ALTER)\s+TABLE\b", re.IGNORECASE)


@cache
def _for_postgres(statement: str) -> tuple[str, frozenset[str]]:
    """The statement in words that PostgreSQL and its driver understand, and which parameters are lists."""
    lists = set()

    def translated(match: re.Match[str]) -> str:
        if match["list"]:
            lists.add(match["list"])
            return f"jsonb_array_elements(%({match['list']})s)"
        return f"%({match['name']})s" if match["name"] else match.group().replace("%", "%%")

    words = _PARAMETER.sub(translated, statement)
    if lists:
        words = _LOOK_UP.sub(
            r"\1 CROSS JOIN LATERAL (SELECT * FROM \g<table> AS \g<short> WHERE \g<found> OFFSET 0) AS \g<short>",
            words,
        )
    if _TABLE.match(words):
        words = re.sub(r"\bTEXT\b", 'TEXT COLLATE "C"', words)
    return words, frozenset(lists)


@cache
def _postgres_put(bulk: Bulk) -> str:
    # Rows as arrays, read by place: a third of the time of jsonb_to_recordset.
    values = ", ".join(f"CAST(r->>{n} AS {kind})" for n, (_, kind) in enumerate(bulk.columns))
    return put_statement(bulk, f"SELECT {values} FROM jsonb_array_elements(%s) AS r")


@cache
def _postgres_copy(bulk: Bulk) -> str:
    return f"COPY {bulk.table} ({', '.join(name for name, _ in bulk.columns)}) FROM STDIN"


def _copy_text(bulk: Bulk, same: tuple[Any, ...], rows: Sequence[tuple[Any, ...]]) -> str | None:
    """The rows as COPY reads them, None when a text holds what separates them. Written out here because the driver's
    own way, a value at a time, takes three times as long.
    """
    first = "".join(f"{value}\t" for value in same).replace("%", "%%")
    form = first + "\t".join("%s" for _ in bulk.columns[len(same) :]) + "\n"
    text = "".join([form % row for row in rows])
    apart = text.count("\t") == len(rows) * (len(bulk.columns) - 1) and text.count("\n") == len(rows)
    if not apart or "\r" in text:
        return None
    return text.replace("\\", "\\\\")


def _json_rows(rows: Sequence[msgspec.Struct]) -> _Json:
    found = [msgspec.structs.astuple(row) for row in rows]
    encoded = _encode(found)
    if b"\\u0000" in encoded:
        encoded = _encode(_without_nul(found))
    return _Json(encoded)


def _json_list(text: str) -> _Json:
    if "\\u0000" in text:
        return _Json(_encode(_without_nul(msgspec.json.decode(text))))
    return _Json(text.encode())


def _without_nul(value: Any) -> Any:
    """The value with U+FFFD in place of each NUL, which fits into no text here. The escape ``\\u0000`` within a body
    is text as any other and stays.
    """
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {_without_nul(key): _without_nul(inner) for key, inner in value.items()}
    return [_without_nul(inner) for inner in value] if isinstance(value, list | tuple) else value
