"""What this laptop knew at a moment: what was written by then, here or elsewhere, and had come here by then.

Each time an area's rows are read from the server it is kept how far (`arrival`). Rows of other laptops that came later
were not known, whenever they were written. From before that was kept, when a row was written has to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.clock import to_wire
from tui_app.services.people.severity import given_by
from tui_app.services.station import facts


@dataclass(frozen=True, slots=True)
class Knowing:
    """``until``: wire moment; ``late``: area -> how far its rows had come by then, of the areas that got more since;
    ``device``: this laptop's id at the server."""

    until: str
    late: dict[str, int]
    device: str

    @property
    def values(self) -> dict[str, str]:
        """The named parameters of `came` and `was_known`."""
        late = msgspec.json.encode(self.late).decode()
        return {"until": self.until} | ({"late": late, "device": self.device} if self.late else {})

    def came(self, alias: str) -> str:
        """SQL: whether the record under ``alias`` was here by then, whenever it was written."""
        if not self.late:
            return "1"
        return (
            f"(coalesce({alias}.changed_device, '') IN ('', :device) OR NOT EXISTS (SELECT 1 FROM json_each(:late)"
            f" AS had WHERE had.key = {alias}.area AND {alias}.seq > had.value))"
        )

    def was_known(self, alias: str) -> str:
        """SQL: whether the record under ``alias``, of a type that is never changed, was written and here by then."""
        return f"({given_by(alias)} AND {self.came(alias)})"

    def knew(self, row: Row, written_at: str) -> bool:
        """The same of a row at hand."""
        own = row.device in ("", self.device)
        return written_at <= self.until and (own or row.seq <= self.late.get(row.area, row.seq))


def knowing(c: Any, as_of: datetime) -> Knowing:
    """What was known at a moment."""
    until = to_wire(as_of)
    rows = c.execute(
        "SELECT area, max(CASE WHEN at <= ?1 THEN seq END) FROM arrival GROUP BY area HAVING max(at) > ?1",
        (until,),
    )
    late = {area: seq for area, seq in rows if seq is not None}
    return Knowing(until, late, facts.get(c, facts.DEVICE, ""))
