"""A server that was restored from a backup gets back what it lost, as far as this laptop has it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from uuid_utils import uuid7

from sync import offers, outbox, restored
from sync.client.session import Session
from sync.protocol import Scope, to_wire


class Healing:
    """Notices that areas have a new history, and gives back what is missing once they were read anew."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._doubted: set[str] = set()

    def doubt(self, area: str) -> None:
        """The server refused a cursor of this area: its history is another one, even under the same name."""
        self._doubted.add(area)

    def since(self) -> str:
        """Answers before this wire moment are beyond recall."""
        return to_wire(self._session.link.now() - timedelta(days=outbox.KEEP_DAYS))

    def notice(self, c: Any, scope: Scope, went_back: bool) -> None:
        """Compare a new scope with what this laptop knew, in the transaction that notes it. ``went_back``: the
        server had told something newer before."""
        session = self._session
        changed, again = restored.notice(c, session.store, scope, went_back, self.since(), self._doubted)
        session.add(resent=again)
        self._doubted -= set(changed)
        session.note(healed=tuple(sorted({*session.done.healed, *changed})))

    def give_back(self) -> bool:
        """Everything was pulled: offer what is missing. Returns whether there is something to send now."""
        session = self._session
        with session.database.read() as c:
            areas = sorted({*restored.healing(c), *restored.unsettled(c)})
        if areas:
            session.tell("heal")
        with session.database.write() as c:
            if areas:
                session.add(offered=offers.offer(c, session.store, areas, lambda: str(uuid7())))
            tried = outbox.try_held_again(c, session.store)
        return bool(areas or tried)
