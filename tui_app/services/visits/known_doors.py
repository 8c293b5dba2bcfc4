"""Which household the rows of a list belong to: one that is here, one the list told of before, or a new one.

An address alone is no household: several families live behind one door. Two that have different household numbers are
two, and so are two of which different heads are known.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from tui_app.intake.plan import PlannedHousehold
from tui_app.text import fold


@dataclass(frozen=True, slots=True)
class _Family:
    """``code``, ``head``: folded, empty where they are not known."""

    household: str
    code: str
    head: str

    def may_be(self, other: _Family) -> bool:
        if self.code and other.code:
            return self.code == other.code
        return not (self.head and other.head) or self.head == other.head


class KnownDoors:
    """The households of a laptop by unit and address; those of a list are added as they are made."""

    def __init__(self, c: Any) -> None:
        self._at: defaultdict[tuple[str, str], list[_Family]] = defaultdict(list)
        for row in c.execute(_HOUSEHOLDS):
            self._at[row["area"], fold(row["address"])].append(
                _Family(row["id"], fold(row["code"] or ""), fold(row["head_name"] or ""))
            )

    def of(self, area: str, listed: PlannedHousehold, home: str | None = None) -> str | None:
        """The household of these rows, None for a new one. ``home``: where somebody of them lives already."""
        if not listed.address:
            return None
        wanted = _family("", listed)
        known = self._at[area, fold(listed.address)]
        if home is not None and any(one.household == home for one in known):
            return home
        fitting = [one for one in known if one.may_be(wanted)]
        fitting.sort(key=lambda one: (one.code != wanted.code, one.head != wanted.head))
        return fitting[0].household if fitting else None

    def add(self, area: str, listed: PlannedHousehold, household: str) -> None:
        """A household that is made of these rows."""
        if listed.address:
            self._at[area, fold(listed.address)].append(_family(household, listed))


def _family(household: str, listed: PlannedHousehold) -> _Family:
    head = listed.persons[listed.head_index] if listed.head_index is not None else None
    return _Family(
        household, fold(listed.code or ""), fold(str(head.fields.get("full_name", ""))) if head else ""
    )


_HOUSEHOLDS = """
SELECT h.id, h.area, h.address, h.code, p.full_name AS head_name FROM household AS h
LEFT JOIN person AS p ON p.id = h.head AND NOT p.deleted
WHERE NOT h.deleted AND h.address IS NOT NULL ORDER BY h.id
"""
