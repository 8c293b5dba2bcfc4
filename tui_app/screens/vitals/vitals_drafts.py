"""Half-days and half-typed rows of the vitals grid."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tui_app.clock import to_wire
from tui_app.records.observations import Slot
from tui_app.screens.vitals.taking import DANGER
from tui_app.services.cases.observing import GridRow
from tui_app.services.station import drafts
from tui_app.widgets.vitals_lines import VitalsLine, typed_of, vitals_of

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace

KIND = "vitals"
HalfDay = tuple[date, str]


def draft_key(case: str, slot: HalfDay) -> str:
    """Under which key a half-typed row is kept."""
    return f"{KIND}:{slot[0].isoformat()}:{slot[1]}:{case}"


def beside(slot: HalfDay, by: int) -> HalfDay:
    """The half-day before (-1) or after (1) this one."""
    day, half = slot
    if (half == Slot.PM) == (by > 0):
        day += timedelta(days=by)
    return day, Slot.AM if half == Slot.PM else Slot.PM


def vitals_line(row: GridRow, draft: dict[str, Any] | None) -> VitalsLine:
    line = VitalsLine(row.line)
    if row.taken is not None:
        body = row.taken.body
        line.saved, line.observation, line.at = typed_of(body), row.taken.id, str(body.get("at") or "")
        line.reading = vitals_of(body)
        line.alert = any(found.get("kind") == DANGER for found in body.get("findings") or ())
    line.typed = dict(draft["values"]) if draft else dict(line.saved)
    return line


def keep_row(workspace: Workspace, key: str, typed: dict[str, str]) -> None:
    if typed:
        body = {"values": typed, "at": to_wire(workspace.store.clock())}
        drafts.keep(workspace.store, workspace.user, key, KIND, body)
    else:
        drafts.discard(workspace.store, key)
