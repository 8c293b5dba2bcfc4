"""Who is asking, and which areas that laptop may use."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any, Literal

from sync.conflicts import CONFLICT
from sync.protocol import LEASE_DAYS, Enrolled, EnrolRequest, ForkRequest, Scope, ScopeArea
from sync.server import lineage
from sync.server.database import Transaction
from sync.server.keys import SEALING_PUBLIC, SIGNING_PUBLIC
from sync.server.problems import Refused
from sync.server.tables import WHOLE_COMMUNE

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O, U: read aloud and typed by hand
_MISREAD = str.maketrans("ILO", "110")


Mode = Literal["write", "counts"]


@dataclass(frozen=True, slots=True)
class Grant:
    """One area of a laptop. ``until``: since then nothing comes back, and only ops made before it apply; ``gen``: the
    history it had when this was read, "" for whichever it has."""

    commune: str
    area: str
    mode: Mode
    until: str | None
    gen: str = ""

    def may_write(self, corrected: str) -> bool:
        """Whether an op made at ``corrected`` (wire moment) may change the area."""
        return self.mode == "write" and (self.until is None or corrected < self.until)

    def may_read(self, now: str) -> bool:
        """Whether rows of the area may leave the server now."""
        return self.mode == "write" and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Caller:
    """The laptop that is asking. ``areas``: by area id."""

    device: str
    user: str
    role: str
    epoch: int
    areas: dict[str, Grant] = field(default_factory=dict)

    def may_write(self, place: tuple[str, str], now: str) -> bool:
        """Whether what is made now may change an area, named with its commune."""
        grant = self.areas.get(place[1])
        return grant is not None and grant.commune == place[0] and grant.may_write(now)


def hashed(secret: str) -> str:
    """How tokens and codes are kept."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_token() -> str:
    """A bearer token: 32 random bytes."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def new_code() -> str:
    """A one-time code of 60 random bits, in three groups of four letters."""
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(12))
    return "-".join(letters[i : i + 4] for i in (0, 4, 8))


def code_hash(code: str) -> str:
    """The hash of a code as typed: case, spaces, dashes and look-alike letters do not matter."""
    return hashed("".join(code.upper().split()).replace("-", "").translate(_MISREAD))


def caller(tx: Transaction, authorization: str) -> Caller:
    """The device of a bearer header, with its areas. Raises Refused 401 or 403."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused(401, "no-token", "a device token is needed")
    found = tx.one(
        "SELECT id, user_name, role, scope_epoch, revoked, parent FROM device WHERE token_hash = :hash",
        hash=hashed(token.strip()),
    )
    if found is None:
        raise Refused(401, "bad-token", "this token is not known here")
    device, user, role, epoch, revoked, parent = found
    if revoked or _copied_from_revoked(tx, parent):
        raise Refused(403, "device-revoked", "this laptop was taken out of service")
    return Caller(device, user, role, int(epoch), _grants(tx, device))


def _copied_from_revoked(tx: Transaction, parent: str | None) -> bool:
    """Whether a disk that this laptop's was copied from, however long ago, was taken out of service."""
    seen: set[str] = set()
    while parent is not None and parent not in seen:
        seen.add(parent)
        found = tx.one("SELECT revoked, parent FROM device WHERE id = :id", id=parent)
        if found is None or found[0]:
            return True
        parent = found[1]
    return False


def named_caller(tx: Transaction, device: str) -> Caller:
    """The device of that id, with its areas: for a file it signed itself. Raises Refused 403."""
    found = tx.one(
        "SELECT user_name, role, scope_epoch, parent FROM device WHERE id = :device AND revoked IS NULL",
        device=device,
    )
    if found is None or _copied_from_revoked(tx, found[3]):
        raise Refused(403, "device-revoked", "this laptop was taken out of service")
    user, role, epoch, _parent = found
    return Caller(device, user, role, int(epoch), _grants(tx, device))


def caller_of(tx: Transaction, device: str, like: Caller) -> Caller:
    """A new device of the same person as ``like``, with its own grants."""
    return Caller(device, like.user, like.role, like.epoch, _grants(tx, device))


def _grants(tx: Transaction, device: str) -> dict[str, Grant]:
    given: dict[str, dict[str, tuple[Mode, str | None]]] = {}
    for commune, area, mode, until in tx.all(
        "SELECT commune, area, mode, until FROM area_grant WHERE device = :device", device=device
    ):
        given.setdefault(commune, {})[area] = (mode, until)
    grants: dict[str, Grant] = {}
    for commune, places in given.items():
        heads = tx.all("SELECT area, gen FROM area_head WHERE commune = :commune", commune=commune)
        for area, gen in heads:
            # a grant of the unit itself is the more exact word
            found = places.get(area) or places.get(WHOLE_COMMUNE)
            if found:
                grants[area] = Grant(commune, area, *found, gen)
    return grants


def scope_of(tx: Transaction, who: Caller, now: str) -> Scope:
    """What the laptop may use now; areas that were taken away are not listed."""
    heads: dict[str, dict[str, Any]] = {}
    histories = lineage.kept(tx)
    for commune in {grant.commune for grant in who.areas.values()}:
        for area, gen, seq, restored in tx.all(
            "SELECT area, gen, seq, restored_seq FROM area_head WHERE commune = :commune", commune=commune
        ):
            shared = {earlier: known.seq for earlier, known in histories.get(area, {}).items()}
            heads[area] = {"gen": gen, "seq": int(seq), "restored_seq": int(restored), "shared": shared}
    areas = [
        ScopeArea(area=g.area, commune=g.commune, mode=g.mode, **heads[g.area])
        for g in sorted(who.areas.values(), key=lambda g: (g.commune, g.area))
        if g.until is None or now < g.until
    ]
    readable = {area.area for area in areas if area.mode == "write"}
    public = public_keys(tx)
    return Scope(
        device=who.device,
        user=who.user,
        role=who.role,
        epoch=who.epoch,
        lease_days=LEASE_DAYS,
        areas=areas,
        now=now,
        history=history_of(tx),
        erased=_erased_elsewhere(tx, who, readable),
        erased_texts=_texts_elsewhere(tx, who, readable),
        sealing_key=public["sealing_key"],
        signing_key=public["signing_key"],
    )


def _erased_elsewhere(tx: Transaction, who: Caller, readable: set[str]) -> list[tuple[str, str]]:
    """Erased records from which no row tells this laptop so any more: those it worked on, and those of areas it had:
    after a restore it keeps their rows for a while."""
    found: set[tuple[str, str]] = set()
    for commune in {grant.commune for grant in who.areas.values()}:
        rows = tx.all(
            "SELECT e.type, e.record, e.area, EXISTS (SELECT 1"
            " FROM op AS o WHERE o.commune = :commune AND o.record = e.record AND o.type = e.type"
            " AND o.device = :device) FROM erased AS e WHERE e.commune = :commune",
            commune=commune,
            device=who.device,
        )
        found |= {
            (type_name, ident)
            for type_name, ident, area, worked_on in rows
            if area not in readable and (worked_on or area in who.areas)
        }
    return sorted(found)


def _texts_elsewhere(tx: Transaction, who: Caller, readable: set[str]) -> list[tuple[str, str, str, str]]:
    """Likewise fields that were emptied by an erasure that this laptop may not read: its record can have moved on."""
    found: set[tuple[str, str, str, str]] = set()
    for commune in {grant.commune for grant in who.areas.values()}:
        rows = tx.all(
            "SELECT e.type, e.record, e.field, e.erasure, e.area, EXISTS (SELECT 1"
            " FROM op AS o WHERE o.commune = :commune AND o.record = e.record AND o.type = e.type"
            " AND o.device = :device), (SELECT o.area FROM op AS o WHERE o.commune = :commune AND o.record = e.erasure"
            " LIMIT 1) FROM erased_text AS e WHERE e.commune = :commune AND e.type <> :question",
            commune=commune,
            device=who.device,
            question=CONFLICT,
        )
        found |= {
            (type_name, ident, field, erasure)
            for type_name, ident, field, erasure, area, worked_on, lies in rows
            if lies not in readable and (worked_on or area in who.areas)
        }
    return sorted(found)


def history_of(tx: Transaction) -> str:
    """What the server calls its history; another name after each restore."""
    found = tx.one("SELECT value FROM server_state WHERE name = 'history'")
    return str(found[0]) if found else ""


def public_keys(tx: Transaction) -> dict[str, str]:
    """The server's public keys as `Scope` and `Enrolled` name them; "" where it has none."""
    found = dict(
        tx.all(
            "SELECT name, value FROM server_state WHERE name IN (:sealing, :signing)",
            sealing=SEALING_PUBLIC,
            signing=SIGNING_PUBLIC,
        )
    )
    return {"sealing_key": found.get(SEALING_PUBLIC, ""), "signing_key": found.get(SIGNING_PUBLIC, "")}


def touch(tx: Transaction, device: str, now: str) -> None:
    """Note when a device was last here."""
    tx.run("UPDATE device SET seen = :now WHERE id = :device", now=now, device=device)


def enrol(tx: Transaction, request: EnrolRequest, device: str, now: str) -> Enrolled:
    """Spend a one-time code: a device, its token, its grants. Raises Refused 403 for a code that is not
    good.
    """
    spent = tx.one(
        "UPDATE invite SET used = :now, device = :device"
        " WHERE code_hash = :hash AND used IS NULL AND expires > :now RETURNING user_name, role, areas",
        hash=code_hash(request.code),
        device=device,
        now=now,
    )
    if spent is None:
        raise _code_refused(tx, request.code)
    user, role, areas = spent
    token = add_device(tx, device, user, role, 1, request, now)
    mode = "counts" if role == "viewer" else "write"
    for place in areas.split(","):
        commune, _, area = place.partition("/")
        tx.run(
            "INSERT INTO area_grant (commune, device, area, mode, since, until)"
            " VALUES (:commune, :device, :area, :mode, :now, NULL)",
            commune=commune,
            device=device,
            area=area or WHOLE_COMMUNE,
            mode=mode,
            now=now,
        )
    return told(tx, Caller(device, user, role, 1, _grants(tx, device)), token, now)


def add_device(
    tx: Transaction,
    device: str,
    user: str,
    role: str,
    epoch: int,
    request: EnrolRequest | ForkRequest,
    now: str,
    parent: str | None = None,
) -> str:
    """A row for a new device; its grants are the caller's business. Returns its token."""
    token = new_token()
    tx.run(
        "INSERT INTO device (id, user_name, role, label, public_key, signing_key, token_hash, scope_epoch,"
        " created, seen, revoked, parent)"
        " VALUES (:id, :user, :role, :label, :key, :signing, :hash, :epoch, :now, :now, NULL, :parent)",
        id=device,
        user=user,
        role=role,
        label=request.device[:100].replace("\0", ""),
        key=request.public_key[:1000].replace("\0", ""),
        signing=request.signing_key[:1000].replace("\0", ""),
        hash=hashed(token),
        epoch=epoch,
        now=now,
        parent=parent,
    )
    return token


def told(tx: Transaction, who: Caller, token: str, now: str) -> Enrolled:
    """What a new device is told."""
    scope = scope_of(tx, who, now)
    return Enrolled(
        device=who.device,
        token=token,
        scope=scope,
        sealing_key=scope.sealing_key,
        signing_key=scope.signing_key,
    )


def _code_refused(tx: Transaction, code: str) -> Refused:
    # Telling used from expired apart helps the person who holds a real code and nobody else.
    found = tx.one("SELECT used FROM invite WHERE code_hash = :hash", hash=code_hash(code))
    if found is None:
        return Refused(403, "bad-code", "this code is not known here")
    if found[0]:
        return Refused(403, "code-used", "this code was used already")
    return Refused(403, "code-expired", "this code has expired")
