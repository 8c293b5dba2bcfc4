"""Laptops whose disk was copied become devices of their own, and laptops from before there were keys tell
theirs.
"""

from __future__ import annotations

from sync.protocol import Enrolled, ForkRequest, KeysRequest
from sync.server.database import Database, Transaction
from sync.server.problems import AdminError, Refused
from sync.server.scope import Caller, add_device, caller_of, told

MAX_COPIES = 20  # of one device: a thief of a token must not fill the list of laptops


def fork(tx: Transaction, who: Caller, request: ForkRequest, device: str, now: str) -> Enrolled:
    """A new device with the user, role and grants of ``who``, whose child it is: revoking the one revokes
    the other. Raises Refused 403 when there are too many.
    """
    count = tx.one("SELECT count(*) FROM device WHERE parent = :device", device=who.device)
    if count is not None and int(count[0]) >= MAX_COPIES:
        raise Refused(403, "too-many-copies", "this laptop was copied too often; enrol it with a new code")
    token = add_device(tx, device, who.user, who.role, who.epoch, request, now, who.device)
    tx.run(
        "INSERT INTO area_grant (commune, device, area, mode, since, until)"
        " SELECT g.commune, CAST(:child AS TEXT), g.area, g.mode, g.since, g.until FROM area_grant AS g"
        " WHERE g.device = :device",
        child=device,
        device=who.device,
    )
    return told(tx, caller_of(tx, device, who), token, now)


def register_keys(tx: Transaction, who: Caller, request: KeysRequest) -> None:
    """Note the public keys of a device that had none. Raises Refused 400, and 409 when it told others
    before: a key is never exchanged by whoever holds the token, only after `forget_keys`.
    """
    if not 0 < len(request.public_key) <= 1000 or not 0 < len(request.signing_key) <= 1000:
        raise Refused(400, "bad-body", "two public keys are needed")
    if "\0" in request.public_key + request.signing_key:
        raise Refused(400, "bad-body", "a key cannot be read")
    found = tx.one("SELECT public_key, signing_key FROM device WHERE id = :device", device=who.device)
    assert found is not None  # the caller was read from this row
    for before, new in zip(found, (request.public_key, request.signing_key), strict=True):
        if before and before != new:
            raise Refused(409, "keys-known", "this laptop told other keys before")
    tx.run(
        "UPDATE device SET public_key = :public, signing_key = :signing WHERE id = :device",
        public=request.public_key,
        signing=request.signing_key,
        device=who.device,
    )


def forget_keys(database: Database, device: str) -> bool:
    """Let a laptop tell new keys at its next sync: it goes on from a backup that is older than the ones it told. Until
    then no file goes either way. Returns whether it had any. Raises AdminError when there is none of this id.
    """
    with database.write() as tx:
        if not tx.one("SELECT 1 FROM device WHERE id = :device", device=device):
            raise AdminError("unknown_device", device=device)
        return bool(
            tx.run(
                "UPDATE device SET public_key = '', signing_key = ''"
                " WHERE id = :device AND (public_key <> '' OR signing_key <> '')",
                device=device,
            )
        )
