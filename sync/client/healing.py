"""A server that was restored from a backup gets back what it lost, as far as this laptop has it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from uuid_utils import uuid7

from sync import offers, outbox, restored
from sync.client.session import Session
from sync.protocol import Scope, ScopeArea, to_wire


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
        known = outbox.standing(c)
        granted = [area for area in scope.areas if area.mode == "write"]
        changed = [area for area in granted if self._is_changed(area, *known.get(area.area, ("", 0)))]
        for area in changed:
            where = area.restored_seq if area.gen != known[area.area][0] else 0
            count = restored.begin(c, session.store, area.area, area.gen, where, self.since())
            session.add(resent=count)
        if changed or went_back:
            restored.keep_missing(c, outbox.held_areas(c).keys() - {area.area for area in scope.areas})
            session.add(resent=restored.send_mail_drops_again(c, self.since()))
        self._doubted -= {area.area for area in changed}
        session.note(healed=tuple(sorted({*session.done.healed, *(area.area for area in changed)})))

    def _is_changed(self, area: ScopeArea, gen: str, seq: int) -> bool:
        return bool(gen) and (gen != area.gen or seq > area.seq or area.area in self._doubted)

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
