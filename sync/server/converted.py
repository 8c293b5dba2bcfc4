"""What is kept of a conversion of communes, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import msgspec

from sync.server.area_table import Pair
from sync.server.unit_changes import Totals


class Kept(msgspec.Struct):
    """What is kept of a table. ``pairs``: old, new, name, note; ``missing``: codes of units it does not have."""

    effective: str
    document: str
    pairs: list[tuple[str, str, str, str]]
    missing: list[str] = []

    def of(self) -> dict[str, list[Pair]]:
        """old code -> its lines."""
        found: dict[str, list[Pair]] = defaultdict(list)
        for pair in self.pairs:
            found[pair[0]].append(Pair(*pair))
        return found


@dataclass(frozen=True, slots=True)
class Moved:
    """A unit that got other names. ``was``, ``now``: ``27211/01``."""

    area: str
    was: str
    now: str
    was_commune: str
    commune: str
    unit: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A unit that a person has to decide on. ``targets``: new code, name and note of each commune it may belong to;
    ``reason``: ``split``, ``missing`` (the table does not have its code), ``otherwise`` (it was given another commune
    on that day already), ``later`` (it was converted on a later day)."""

    area: str
    place: str
    unit: str
    commune: str
    effective: str
    reason: str
    targets: list[tuple[str, str, str]]
    households: int = 0
    persons: int = 0


@dataclass(slots=True)
class Conversion:
    """What came of a table. ``same``: units that are called as it says already; ``communes``: code, name, units,
    households and persons of each commune that a moved unit is in now; ``problems``: lines of the table."""

    effective: str
    document: str
    dry_run: bool
    before: Totals
    after: Totals
    moved: list[Moved] = field(default_factory=list)
    same: int = 0
    waiting: list[Waiting] = field(default_factory=list)
    communes: list[tuple[str, str, int, int, int]] = field(default_factory=list)
    problems: list[tuple[int, str, str]] = field(default_factory=list)
