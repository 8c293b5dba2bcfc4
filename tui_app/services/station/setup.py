"""The beginning of a workspace: alone on this laptop, with a server, or joining one later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sync import outbox
from sync.protocol import Enrolled, Row
from tui_app.bootstrap import Workspace, create_workspace
from tui_app.clock import Clock, clock_from_environment, to_wire
from tui_app.errors import GonhaError, NotFound, SyncRefused, VaultError
from tui_app.records import RECORDS
from tui_app.services.exchange import bundle_keys
from tui_app.services.exchange.link import link_of, told
from tui_app.services.exchange.syncing import sync_now
from tui_app.services.station import facts
from tui_app.services.station.units import Units
from tui_app.settings import Places
from tui_app.store import search, vault, vault_rules
from tui_app.store.rows import RecordRows, table
from tui_app.text import clean

if TYPE_CHECKING:
    from sync.client import Link


def init_local(
    places: Places, *, commune: str, user: str, password: str, clock: Clock | None = None
) -> tuple[Workspace, str]:
    """A workspace without a server: one unit called ``commune``, one user, who is its chief.

    Returns the workspace and the recovery code to write on paper. Raises VaultError, UserError.
    """
    workspace, recovery_code = create_workspace(places, user, password, "chief", clock=clock)
    area = str(uuid4())
    row = Row(
        type="area",
        id=area,
        commune=outbox.LOCAL,
        area=area,
        seq=0,
        body={"commune_name": clean(commune), "unit_name": clean(commune)},
        at=to_wire(workspace.clock()),
        who=user,
    )
    with workspace.store.write() as c:
        RecordRows().upsert(c, [row])
        outbox.hold_area(c, area, outbox.LOCAL, outbox.LOCAL)
        facts.put(c, facts.DEVICE, str(uuid4()))
    return workspace, recovery_code


def init_server(
    places: Places,
    *,
    server: str,
    code: str,
    user: str,
    password: str,
    clock: Clock | None = None,
    link: Link | None = None,
) -> tuple[Workspace, str]:
    """A workspace enrolled at a server. The code is used before anything is written, so a refused code leaves nothing.

    Returns the workspace and the recovery code. Raises SyncRefused, NoLink, VaultError, UserError.
    """
    vault_rules.checked_name(user)
    vault_rules.check_password(password)
    if vault.exists(places):
        raise VaultError("vault.exists", folder=str(places.home))
    keys = bundle_keys.fresh()
    enrolled = _enrol(server, code, user, keys, link)
    workspace, recovery_code = create_workspace(
        places, user, password, enrolled.scope.role, clock=clock or clock_from_environment()
    )
    with workspace.store.write() as c:
        _keep_enrolment(c, server, enrolled, keys)
    return workspace, recovery_code


def join(
    workspace: Workspace, *, server: str, code: str, unit: str | None = None, link: Link | None = None
) -> int:
    """Let a local workspace meet its server: what was written alone moves to the granted unit and waits to be sent.

    With several granted units the one named like the local unit is taken, or ``unit``. A join that stopped there can
    be repeated: the code is not asked for twice. A laptop whose server no longer knows it is enrolled anew, and what it
    holds and has not sent goes on. Returns how many ops will be sent.
    Raises SyncRefused (unknown code), NotFound (no unit of that name), GonhaError (joined before), NoLink.
    """
    with workspace.store.read() as c:
        local, known = _local_area(c), facts.get(c, facts.SERVER)
    again = bool(known) and local is None
    if again and not _is_unknown_now(workspace, link):
        raise GonhaError("errors.already_joined", server=known)
    if again or not known:
        keys = bundle_keys.fresh()
        enrolled = _enrol(server, code, workspace.user, keys, link)
        with workspace.store.write() as c:
            _keep_enrolment(c, server, enrolled, keys)
    sync_now(workspace, link=link)  # brings the names of the granted units; local ops stay where they are
    if local is not None:
        _adopt(workspace, local, unit)
    with workspace.store.read() as c:
        return outbox.waiting_count(c)


def _is_unknown_now(workspace: Workspace, link: Link | None) -> bool:
    """Whether the server has forgotten this laptop, as one restored from an old backup has. Raises NoLink."""
    from sync.client import Refused

    with workspace.store.read() as c:
        meeting = link or link_of(c, workspace.clock)
    try:
        with told():
            meeting.scope()
    except SyncRefused as refused:
        cause = refused.__cause__
        return isinstance(cause, Refused) and cause.status == 401
    finally:
        if link is None:
            meeting.close()
    return False


def is_local(c: Any) -> bool:
    """Whether no server has been joined yet."""
    return facts.get(c, facts.SERVER) is None


def _enrol(server: str, code: str, user: str, keys: bundle_keys.OwnKeys, link: Link | None) -> Enrolled:
    from sync.client import Link as RealLink

    with told():
        meeting = link or RealLink(address(server))
        try:
            return meeting.enrol(
                code, device=user, public_key=keys.sealing_public, signing_key=keys.signing_public
            )
        finally:
            if link is None:
                meeting.close()


def address(server: str) -> str:
    """A server address as people type it: https unless it says otherwise, no slash at the end."""
    server = server.strip().rstrip("/")
    return server if "://" in server else f"https://{server}"


def _keep_enrolment(c: Any, server: str, enrolled: Enrolled, keys: bundle_keys.OwnKeys) -> None:
    facts.put(c, facts.SERVER, address(server))
    facts.put(c, facts.TOKEN, enrolled.token)
    facts.put(c, facts.DEVICE, enrolled.device)
    facts.put(c, facts.SERVER_USER, enrolled.scope.user)
    bundle_keys.keep(c, keys, told=enrolled.device if enrolled.sealing_key else "")
    bundle_keys.learn(c, enrolled.sealing_key, enrolled.signing_key)
    for area in enrolled.scope.areas:
        if area.mode == "write":
            outbox.hold_area(c, area.area, area.commune, area.mode)


def _local_area(c: Any) -> Row | None:
    found = c.execute("SELECT area FROM cursor WHERE mode = ?", (outbox.LOCAL,)).fetchone()
    return None if found is None else table("area").read(c, [found[0]]).get(found[0])


def _adopt(workspace: Workspace, local: Row, unit: str | None) -> None:
    """Move everything written under the local unit to the granted one."""
    with workspace.store.write() as c:
        units = Units(c, unit, without=local.id)
        target = units.default or units.named(str(local.body.get("unit_name", "")))
        if target is None:
            raise NotFound("errors.which_unit", units=units.names)
        c.execute("DELETE FROM area WHERE id = ?", (local.id,))
        c.execute("DELETE FROM cursor WHERE area = ?", (local.id,))
        for name in [*(str(record.__tablename__) for record in RECORDS), "outbox"]:
            c.execute(
                f'UPDATE "{name}" SET area = ?, commune = ? WHERE area = ?',
                (target.area, target.commune, local.id),
            )
        search.rebuild(c)
