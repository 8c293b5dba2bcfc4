"""Spreading by commune: the calls, the rules of the tables, and that no request asks more than one commune's machine.

Citus itself is not here. Its functions are stood in for by ones that note what they were called with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from sync.server import admin, citus, tables
from sync.server.citus import FIRST, layout
from sync.server.postgres import PostgresDatabase, _for_postgres, _postgres_put, _PostgresTransaction
from sync.server.problems import AdminError
from tests.sync.cluster import Databases
from tests.sync.meeting import Meeting, names

STAND_IN = """
CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY, called text NOT NULL);
CREATE FUNCTION create_distributed_table(name regclass, by text, colocate_with text DEFAULT 'default') RETURNS void
    LANGUAGE sql AS $$ INSERT INTO pg_dist_partition VALUES (name, by || ' beside ' || colocate_with) $$;
CREATE FUNCTION create_reference_table(name regclass) RETURNS void
    LANGUAGE sql AS $$ INSERT INTO pg_dist_partition VALUES (name, 'copied') $$;
"""
BY_COMMUNE = {name for name, spread in layout().items() if spread}


@pytest.fixture
def with_citus(postgres: Databases) -> Iterator[str]:
    """The address of an empty database where the functions of Citus are."""
    url = postgres.make()
    with psycopg.connect(url) as connection:
        connection.execute(STAND_IN)
    yield url
    postgres.drop(url)


def spread(database: Any) -> dict[str, str]:
    with database.read() as tx:
        return dict(tx.all("SELECT CAST(logicalrelid AS TEXT), called FROM pg_dist_partition"))


def test_what_grows_with_the_work_is_spread_by_commune_and_the_rest_is_copied(with_citus: str) -> None:
    database = admin.init(with_citus, citus=True)
    called = spread(database)
    assert called.pop(FIRST) == "commune beside default"
    for name in ("record", "op", "refusal", "moving"):
        assert called.pop(name) == f"commune beside {FIRST}"
    for name in ("device", "invite", "area_grant", "server_state", "bundle", "migration"):
        assert called.pop(name) == "copied"
    assert set(called.values()) <= {"copied", f"commune beside {FIRST}"}
    with database.read() as tx:
        found = tx.all("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {name for (name,) in found} == layout().keys() | {"pg_dist_partition"}
    database.close()


def test_spreading_again_changes_nothing_and_a_later_table_follows(
    with_citus: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin.init(with_citus, citus=True).close()
    admin.init(with_citus, citus=True).close()
    later = (
        "9999_later",
        ("CREATE TABLE later (commune TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (commune, id))",),
    )
    monkeypatch.setattr(tables, "MIGRATIONS", (*tables.MIGRATIONS, later))
    for module in ("database", "citus"):
        monkeypatch.setattr(f"sync.server.{module}.MIGRATIONS", tables.MIGRATIONS)
    database = admin.init(with_citus)
    assert spread(database)["later"] == f"commune beside {FIRST}"
    assert citus.distribute(database) == []
    database.close()


def test_without_citus_it_says_so_and_the_tables_are_ready(postgres_url: str, tmp_path: Any) -> None:
    for place, code in ((postgres_url, "citus_missing"), (tmp_path / "server", "citus_needs_postgresql")):
        with pytest.raises(AdminError) as refused:
            admin.init(place, citus=True)
        assert refused.value.code == code
        admin.init(place).close()


def test_the_tables_keep_to_its_rules(postgres_url: str) -> None:
    """No trigger, no foreign key, no sequence, and no unique key without the commune where it is spread."""
    database = PostgresDatabase(postgres_url)
    with database.read() as tx:
        assert tx.all("SELECT tgname FROM pg_trigger") == []
        assert tx.all("SELECT conname FROM pg_constraint WHERE contype = 'f'") == []
        assert tx.all("SELECT relname FROM pg_class WHERE relkind = 'S'") == []
        unique = tx.all(
            "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef LIKE 'CREATE UNIQUE%'"
        )
    spread_keys = {str(index) for table, index in unique if table in BY_COMMUNE}
    assert len(spread_keys) == len(BY_COMMUNE)
    assert [index for index in spread_keys if "(commune" not in index] == []
    database.close()


class Told:
    """The statements of requests, in PostgreSQL's words."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: set[str] = set()
        execute, put = _PostgresTransaction._execute, _PostgresTransaction.put

        def noting(tx: Any, statement: str, values: dict[str, Any]) -> Any:
            self.statements.add(_for_postgres(statement)[0])
            return execute(tx, statement, values)

        def putting(tx: Any, bulk: Any, rows: Any) -> None:
            self.statements.add(_postgres_put(bulk))
            put(tx, bulk, rows)

        monkeypatch.setattr(_PostgresTransaction, "_execute", noting)
        monkeypatch.setattr(_PostgresTransaction, "put", putting)


async def test_no_request_asks_for_more_than_one_commune_at_a_time(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = Meeting(postgres_url)
    one, two = await meeting.laptop("27211"), await meeting.laptop("27211,27300")
    told = Told(monkeypatch)
    await one.push(one.op("27211/01", "an", names({"full_name": "An", "sex": "female"})))
    await two.push(
        two.op("27211/01", "an", {"sex": ("male", "unknown")}),
        two.op("27300/01", "bình", names({"full_name": "Bình"})),
        two.op("27211/01", "an", {"area": (meeting.areas["27211/01"], meeting.areas["27211/02"])}),
        two.op("nowhere/01", "chi", names({"full_name": "Chi"})),
    )
    await one.push(one.op("27211/01", "an", {"note": (None, "sau khi chuyển")}))
    await two.pull()
    await two.ask_scope()
    area = meeting.areas["27211/01"]
    for part in ("first", "rest"):
        answer = await meeting.http.get(f"/v1/snapshot/{area}?part={part}", headers=two.headers)
        assert answer.status_code == 200
    assert (await meeting.http.get("/v1/history/person/an", headers=two.headers)).status_code == 200
    await meeting.close()

    touching = re.compile(rf"\b(?:FROM|JOIN|UPDATE|INTO) ({'|'.join(BY_COMMUNE)})\b")
    asked = {statement for statement in told.statements if touching.search(statement)}
    assert {match[1] for statement in asked for match in touching.finditer(statement)} >= {
        "record",
        "op",
        "area_head",
    }
    loose = [s for s in asked if not re.search(r"\bcommune = %\(|INTO \w+ \(commune,", s)]
    # asked only by a push that moves records, of a table that is empty but for moments
    assert loose == ["SELECT DISTINCT commune, area FROM moving"]
    assert [s for s in asked if re.search(r"SET (?:[^W]*, )?commune =", s)] == []
