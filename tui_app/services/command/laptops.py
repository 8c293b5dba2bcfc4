"""The commune's laptops as the server told them to the chief's: last sync, and what each had not sent then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import msgspec

from sync.protocol import Laptop, Scope
from tui_app.clock import VIETNAM, from_wire
from tui_app.services.access import gate
from tui_app.services.exchange import journals
from tui_app.services.station import facts

KEPT_DAYS = 30


@dataclass(frozen=True, slots=True)
class LaptopLine:
    """A laptop. ``seen``: wire moment of its last sync, empty when it never was; ``unsent``: what it had not sent then,
    of this laptop what it has not sent now, None when it did not say; ``units``: names of the units it works in,
    ``everywhere``: in all that this laptop holds."""

    device: str
    user: str
    role: str
    seen: str
    unsent: int | None
    units: tuple[str, ...]
    own: bool = False
    everywhere: bool = False


@dataclass(frozen=True, slots=True)
class Fleet:
    """``told``: whether the others are known, told by the server or none as this laptop works alone; ``by_day``: day
    (ISO) -> what was unsent, as last told on it."""

    lines: tuple[LaptopLine, ...]
    told: bool
    by_day: Mapping[str, int]

    @property
    def unsent(self) -> int | None:
        """What is not sent yet by all of them; None where one has never said, or the others are not known."""
        counts = [line.unsent for line in self.lines]
        known = self.told and None not in counts
        return sum(count for count in counts if count is not None) if known else None


def note(c: Any, scope: Scope) -> None:
    """Keep what the server told of the laptops; only a chief is told, and whoever is no chief any more forgets it."""
    facts.put(c, facts.LAPTOPS, scope.laptops)
    if scope.laptops is None:
        facts.put(c, facts.UNSENT, None)
        return
    today = from_wire(scope.now).astimezone(VIETNAM).date()
    kept = facts.get(c, facts.UNSENT, {})
    first = (today - timedelta(days=KEPT_DAYS)).isoformat()
    by_day = {day: count for day, count in kept.items() if day > first}
    unsent = _fleet(c).unsent
    if unsent is not None:
        by_day[today.isoformat()] = unsent
    facts.put(c, facts.UNSENT, by_day)


def fleet(c: Any) -> Fleet:
    """The laptops, those with most unsent first, then those seen longest ago; this one always.

    Raises NotOpened for anybody but the chief.
    """
    gate.check_chief(c)
    return _fleet(c)


def _fleet(c: Any) -> Fleet:
    told = facts.get(c, facts.LAPTOPS)
    known = msgspec.convert(told or [], list[Laptop])
    own = facts.get(c, facts.DEVICE, "")
    names = dict(c.execute("SELECT id, unit_name FROM area").fetchall())
    held = {area for (area,) in c.execute("SELECT area FROM cursor WHERE mode = 'write'")}
    waiting = journals.waiting(c)[0]
    lines = [
        LaptopLine(
            one.device,
            one.user,
            one.role,
            one.seen,
            waiting if one.device == own else one.waiting,
            tuple(names.get(area) or area for area in one.areas),
            one.device == own,
            len(held) > 1 and held <= set(one.areas),
        )
        for one in known
    ]
    if not any(line.own for line in lines):
        last = c.execute(
            "SELECT max(started_at) FROM sync_session WHERE outcome IN ('done', 'waiting')"
        ).fetchone()
        user = facts.get(c, facts.SERVER_USER, "")
        lines.append(LaptopLine(own, user, "", last[0] or "", waiting, (), own=True))
    lines.sort(key=lambda line: (-(line.unsent or 0), line.seen, line.user))
    alone = facts.get(c, facts.SERVER) is None
    return Fleet(tuple(lines), alone or told is not None, facts.get(c, facts.UNSENT, {}))
