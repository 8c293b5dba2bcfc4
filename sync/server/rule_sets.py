"""Rule sets the server hands to laptops: a text and its signature, as a `rule_set` record in every unit.

The server does not read the text; whoever publishes has checked it. A laptop believes the signature, not the link.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import uuid_utils

from sync.protocol import Op, to_wire
from sync.registry import Registry
from sync.server.area import AreaPush
from sync.server.area_rows import Stored, fetched
from sync.server.database import Database, Transaction
from sync.server.intake import Arrived
from sync.server.keys import server_keys
from sync.server.problems import AdminError

SERVER = "server"
TYPE = "rule_set"
_RECORDS = UUID("b0d2f3f6-1f37-5f41-9c2a-7d8e2b6c4a90")


def _new_id() -> str:
    return str(uuid_utils.uuid7())


@dataclass(frozen=True, slots=True)
class Published:
    """What came of it, in units."""

    rule_set: str
    changed: int
    same: int


def record_id(area: str, rule_set: str) -> str:
    """The record of a set in a unit: the same each time it is published."""
    return str(uuid5(_RECORDS, f"{area}|{rule_set}"))


def publish(
    database: Database,
    registry: Registry,
    rule_set: str,
    text: str,
    *,
    now: datetime | None = None,
    new_id: Callable[[], str] = _new_id,
) -> Published:
    """Sign a text and put it into every unit; a unit that has it already is left as it is."""
    at = now or datetime.now(UTC)
    with database.read() as tx:
        signature = base64.b64encode(server_keys(tx).signing.sign(text.encode())).decode()
    fields = {
        "rule_set": rule_set,
        "text": text,
        "signature": signature,
        "published_on": at.date().isoformat(),
        "withdrawn": None,
    }
    return _write(database, registry, rule_set, fields, at, new_id)


def withdraw(
    database: Database,
    registry: Registry,
    rule_set: str,
    *,
    now: datetime | None = None,
    new_id: Callable[[], str] = _new_id,
) -> Published:
    """Say in every unit that a set is no longer offered; where it was installed it stays. Raises AdminError for a set
    that was never published."""
    done = _write(database, registry, rule_set, {"withdrawn": True}, now or datetime.now(UTC), new_id)
    if not done.changed and not done.same:
        raise AdminError("unknown_rule_set", id=rule_set)
    return done


def offered(tx: Transaction) -> list[dict[str, Any]]:
    """The bodies of the sets that are offered, as the unit that has the most of them holds them."""
    found = tx.one(
        "SELECT h.commune, h.area, (SELECT count(*) FROM record AS r WHERE r.commune = h.commune"
        " AND r.area = h.area AND r.type = :type) AS many FROM area_head AS h ORDER BY many DESC, 1, 2 LIMIT 1",
        type=TYPE,
    )
    if found is None:
        return []
    commune, area = str(found[0]), str(found[1])
    bodies = [stored.record.body for stored in held(tx, commune, area)]
    return [body for body in bodies if not body.get("withdrawn")]


def hand_out(
    tx: Transaction,
    registry: Registry,
    commune: str,
    area: str,
    sets: list[dict[str, Any]],
    now: str,
    new_id: Callable[[], str],
) -> None:
    """Put the sets of `offered` into a unit that has come since; what it holds already is left as it is."""
    there = {stored.record.id for stored in held(tx, commune, area)} if sets else set()
    for body in sets:
        name = str(body["rule_set"])
        if record_id(area, name) not in there:
            _write_area(tx, registry, commune, area, name, body, now, new_id)


def held(tx: Transaction, commune: str, area: str) -> list[Stored]:
    """The records of the sets in a unit, withdrawn ones too."""
    ids = tx.all(
        "SELECT id FROM record WHERE commune = :commune AND area = :area AND type = :type ORDER BY id",
        commune=commune,
        area=area,
        type=TYPE,
    )
    return fetched(tx, commune, area, [(TYPE, str(ident)) for (ident,) in ids])


def _write(
    database: Database,
    registry: Registry,
    rule_set: str,
    fields: dict[str, Any],
    at: datetime,
    new_id: Callable[[], str],
) -> Published:
    changed = same = 0
    with database.read() as tx:
        places = [(str(c), str(a)) for c, a in tx.all("SELECT commune, area FROM area_head ORDER BY 1, 2")]
    for commune, area in places:
        with database.write() as tx:  # an area a transaction, as everywhere
            done = _write_area(tx, registry, commune, area, rule_set, fields, to_wire(at), new_id)
        changed += done is True
        same += done is False
    return Published(rule_set, changed, same)


def _write_area(
    tx: Transaction,
    registry: Registry,
    commune: str,
    area: str,
    rule_set: str,
    fields: dict[str, Any],
    now: str,
    new_id: Callable[[], str],
) -> bool | None:
    """Whether something changed; None when there was nothing to withdraw."""
    record = record_id(area, rule_set)
    stored = next(iter(fetched(tx, commune, area, [(TYPE, record)])), None)
    body = stored.record.body if stored else {}
    if stored is None and "text" not in fields:
        return None
    same_text = all(body.get(name) == fields.get(name) for name in ("text", "withdrawn") if name in fields)
    if stored is not None and same_text:
        return False
    changes = {name: (body.get(name), value) for name, value in fields.items() if body.get(name) != value}
    op = Op(
        id=new_id(),
        device=SERVER,
        n=0,
        commune=commune,
        area=area,
        type=TYPE,
        record=record,
        at=now,
        who=SERVER,
        set=changes,
        base_seq=stored.record.seq if stored else 0,
    )
    result = AreaPush(tx, registry, commune, area, now, b"").take([Arrived(0, op, now)], trusted=True)[0]
    if result.result != "applied":
        raise AdminError("rule_set_refused", id=rule_set, reason=result.reason or result.result)
    return True
