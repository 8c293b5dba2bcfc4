"""The same tables spread over many machines by Citus: each commune lives on one of them.

What grows with the work is distributed by ``commune`` and kept together; the rest is small and copied everywhere.
"""

from __future__ import annotations

import re

from sync.server.database import Database, Transaction
from sync.server.problems import AdminError
from sync.server.tables import MIGRATIONS

FIRST = "area_head"  # what the other tables of a commune are kept beside
# Asked for by device before anything else is known of a request, and as few as devices: copied everywhere although it
# has a commune.
COPIED = ("area_grant",)
_CREATED = re.compile(r"CREATE TABLE (\w+) \(.*?(?:PRIMARY KEY \(([\w, ]+)\)|\bPRIMARY KEY)", re.DOTALL)


def layout() -> dict[str, bool]:
    """Every table of the server: whether it is distributed by commune, else copied to every machine."""
    found = {"migration": False}
    for _, statements in MIGRATIONS:
        for statement in statements:
            created = _CREATED.match(statement)
            if created:
                key = (created[2] or "").replace(" ", "").split(",")
                found[created[1]] = "commune" in key and created[1] not in COPIED
    return found


def distribute(database: Database) -> list[str]:
    """Spread the tables that are not spread yet; returns their names. Raises AdminError when the database
    cannot do it.
    """
    if database.kind != "postgresql":
        raise AdminError("citus_needs_postgresql")
    with database.read() as tx:
        if not _there(tx):
            raise AdminError("citus_missing")
    done = []
    for table, by_commune in sorted(layout().items(), key=lambda one: (one[0] != FIRST, not one[1], one[0])):
        with database.write() as tx:
            tx.turn()
            if table in _spread(tx):
                continue
            if not by_commune:
                tx.run(f"SELECT create_reference_table('{table}')")
            elif table == FIRST:
                tx.run(f"SELECT create_distributed_table('{table}', 'commune')")
            else:
                tx.run(f"SELECT create_distributed_table('{table}', 'commune', colocate_with => '{FIRST}')")
        done.append(table)
    return done


def follow(database: Database) -> list[str]:
    """Spread tables that a newer version made, where the first ones are spread already; returns their names."""
    if database.kind != "postgresql":
        return []
    with database.read() as tx:
        if not _there(tx) or FIRST not in _spread(tx):
            return []
    return distribute(database)


def _there(tx: Transaction) -> bool:
    found = tx.one(
        "SELECT count(DISTINCT proname) FROM pg_proc WHERE pg_function_is_visible(oid)"
        " AND proname IN ('create_distributed_table', 'create_reference_table')"
    )
    return found == (2,)


def _spread(tx: Transaction) -> set[str]:
    return {str(name) for (name,) in tx.all("SELECT CAST(logicalrelid AS TEXT) FROM pg_dist_partition")}
