"""The only wiring: places -> vault -> store -> a Workspace for services and screens. Tests pass fakes here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui_app.clock import Clock, NewId, clock_from_environment, new_id
from tui_app.settings import Places

if TYPE_CHECKING:
    from tui_app.store.engine import Store
    from tui_app.store.vault import Opened


@dataclass
class Workspace:
    """An unlocked workspace. ``user``, ``role``: who unlocked it (member, chief or viewer); ``sees_restricted``:
    whether the chief had let them see restricted conditions when they unlocked it."""

    places: Places
    opened: Opened
    store: Store
    clock: Clock
    ids: NewId
    sees_restricted: bool = False

    @property
    def user(self) -> str:
        """The name of who unlocked it; every op carries it."""
        return self.opened.user

    @property
    def role(self) -> str:
        """member, chief or viewer."""
        return self.opened.role

    def close(self) -> None:
        """Lock it again: connections closed, the key forgotten with this object."""
        self.store.close()


def open_workspace(
    places: Places, user: str, password: str, *, clock: Clock | None = None, ids: NewId = new_id
) -> Workspace:
    """Unlock the vault and open the database, migrating it if needed.

    Raises WrongPassword, VaultMissing, VaultBroken, VaultTooNew.
    """
    from tui_app.store import vault

    clock = clock or clock_from_environment()
    return open_with(places, vault.unlock(places, user, password, clock), clock=clock, ids=ids)


def create_workspace(
    places: Places, user: str, password: str, role: str, *, clock: Clock | None = None, ids: NewId = new_id
) -> tuple[Workspace, str]:
    """A new vault with its first user and an empty database. Returns the workspace and the recovery code to write down.

    Raises VaultError when the folder already holds a workspace, UserError for a name or password that cannot be used.
    """
    from tui_app.store import vault

    clock = clock or clock_from_environment()
    opened, recovery_code = vault.create(places, user, password, role, clock)
    return open_with(places, opened, clock=clock, ids=ids, create=True), recovery_code


def open_with(
    places: Places, opened: Opened, *, clock: Clock, ids: NewId = new_id, create: bool = False
) -> Workspace:
    """The workspace of an already unlocked vault."""
    from tui_app.store import permissions, safety
    from tui_app.store.engine import Store

    store = Store(
        places.database,
        opened.data_key,
        clock=clock,
        ids=ids,
        create=create,
        role=opened.role,
        safety_copy=lambda c: safety.safety_copy(places, c, "migration", clock),
        renew_copies=lambda c: safety.renew_copies(places, c, clock),
    )
    _keep_erased(places, store, opened.data_key)
    with store.read() as c:
        sees_restricted = opened.user in permissions.restricted_readers(c)
    return Workspace(places, opened, store, clock, ids, sees_restricted)


def _keep_erased(places: Places, store: Store, key: bytes) -> None:
    """After a restore: what was erased since that backup was made stays erased."""
    from tui_app.store import erasing, restore
    from tui_app.store.rows import RecordRows

    kept = restore.kept_workspaces(places)
    if not kept:
        return
    with store.read() as c:
        if erasing.taken_over(c, kept[-1]):
            return
    with store.write() as c:
        erasing.take_over(c, RecordRows(), kept[-1] / places.database.name, key)
