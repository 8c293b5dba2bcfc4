"""Restricted conditions (HIV, substance use; Luật HIV 2020 Điều 30): who may see them; each look and change is noted.

They are on no list, paper or export. The permission is each user's own, given on this laptop by the station chief, who
has it no more than others until they give it to themselves.
"""

from __future__ import annotations

from typing import Any

from tui_app.clock import to_wire
from tui_app.errors import NotOpened
from tui_app.records.access import Access
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.services.access import gate
from tui_app.services.access.access import log_access
from tui_app.services.people.people import save_person
from tui_app.services.station import facts
from tui_app.store.engine import CHIEF, Store
from tui_app.store.permissions import RESTRICTED_READERS, restricted_readers
from tui_app.store.rows import table

DETAIL = "restricted"


def permit(store: Store, who: str, user: str, *, may: bool) -> None:
    """Let a user of this laptop see them, or no longer. Raises NotOpened for anybody but the chief."""
    with store.write() as c:
        if c.execute("SELECT gonha_role()").fetchone()[0] != CHIEF:
            raise NotOpened("risk.only_chief_permits", "role", "person")
        known = restricted_readers(c)
        facts.put(c, RESTRICTED_READERS, sorted(known | {user} if may else known - {user}))
        detail = f"{DETAIL} {'+' if may else '-'} {user}"
        log_access(c, who, to_wire(store.clock()), Access.PERMIT, "", "", detail)


def forget(store: Store, who: str, user: str) -> None:
    """Take the permission of a user who leaves. Raises NotOpened for anybody but the chief, where there is one."""
    with store.read() as c:
        may = user in restricted_readers(c)
    if may:
        permit(store, who, user, may=False)


def restricted_of(store: Store, who: str, person: str) -> frozenset[str]:
    """The restricted conditions written of a person; that they were looked at is noted first.

    Raises NotFound, NotOpened without the permission.
    """
    with store.write() as c:
        _check(c, who, person)
        log_access(c, who, to_wire(store.clock()), Access.UNMASK, "person", person, DETAIL)
        return _codes(c, person) & RESTRICTED_CONDITIONS


def write_restricted(store: Store, who: str, person: str, codes: frozenset[str]) -> None:
    """Set which restricted conditions a person has; the others stay. Raises NotFound, NotOpened."""
    with store.write() as c:
        _check(c, who, person)
        log_access(c, who, to_wire(store.clock()), Access.UNMASK, "person", person, DETAIL)
        others = _codes(c, person) - RESTRICTED_CONDITIONS
    save_person(
        store, who, {}, person=person, conditions=others | (codes & RESTRICTED_CONDITIONS), restricted=True
    )


def _check(c: Any, who: str, person: str) -> None:
    row = table("person").read(c, [person]).get(person)
    gate.check(c, row.area if row else "", "person", person)
    if who not in restricted_readers(c):
        raise NotOpened("risk.restricted_not_allowed", "role", "person", person)


def _codes(c: Any, person: str) -> frozenset[str]:
    found = c.execute("SELECT condition FROM person_condition WHERE person = ? AND NOT deleted", (person,))
    return frozenset(code for (code,) in found)
