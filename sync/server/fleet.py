"""The laptops of a commune as their chief may know them: whose each is, when it was last here, what it had not sent."""

from __future__ import annotations

import msgspec

from sync.protocol import Laptop, Scope
from sync.server.database import Transaction
from sync.server.scope import Caller, scope_of
from sync.server.tables import WHOLE_COMMUNE

CHIEF = "chief"


def note_waiting(tx: Transaction, device: str, waiting: int, now: str) -> None:
    """Note how many saves a laptop says it has not sent; a negative number says nothing."""
    if waiting >= 0:
        tx.run(
            "UPDATE device SET waiting = :waiting, told = :now WHERE id = :device",
            waiting=waiting,
            now=now,
            device=device,
        )


def scope_and_laptops(tx: Transaction, who: Caller, now: str) -> Scope:
    """What a laptop may use now, and to a chief the commune's laptops."""
    return msgspec.structs.replace(scope_of(tx, who, now), laptops=laptops_for(tx, who, now))


def laptops_for(tx: Transaction, who: Caller, now: str) -> list[Laptop] | None:
    """The laptops in service that may write in a unit of the chief who asks; None for anybody else."""
    if who.role != CHIEF:
        return None
    own = {grant.area for grant in who.areas.values() if grant.may_read(now)}
    found: dict[str, Laptop] = {}
    for commune in sorted({grant.commune for grant in who.areas.values()}):
        units = {grant.area for grant in who.areas.values() if grant.commune == commune} & own
        for device, user, role, seen, waiting, told, area in tx.all(_OF_COMMUNE, commune=commune, now=now):
            shared = units if area == WHOLE_COMMUNE else units & {area}
            if shared:
                one = found.setdefault(
                    device,
                    Laptop(
                        device=device,
                        user=user,
                        role=role,
                        seen=seen,
                        waiting=None if waiting is None else int(waiting),
                        told=told or "",
                    ),
                )
                one.areas = sorted({*one.areas, *shared})
    return sorted(found.values(), key=lambda one: (one.user, one.device))


_OF_COMMUNE = """
SELECT d.id, d.user_name, d.role, d.seen, d.waiting, d.told, g.area
FROM area_grant AS g JOIN device AS d ON d.id = g.device
WHERE g.commune = :commune AND g.mode = 'write' AND (g.until IS NULL OR g.until > :now) AND d.revoked IS NULL
"""
