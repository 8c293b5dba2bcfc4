"""Handing changes over that the server did not take: a file for the team in charge, and a note of who takes it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from sync import stopped
from sync.outbox import PLACE
from sync.stopped import Settled, StoppedOp
from tui_app.bootstrap import Workspace
from tui_app.clock import show_moment, to_wire
from tui_app.errors import NotOpened
from tui_app.i18n import t
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.services.access.access import log_access
from tui_app.services.exchange.inbox import (
    HANDED,
    CannotSettle,
    Item,
    items_of,
    open_op,
    reason_words,
    refused,
)
from tui_app.services.lists.exporting import grid_csv, grid_xlsx
from tui_app.services.people.values import field_word, type_word
from tui_app.store.rows import RecordRows

HAND_OVER_FORMATS = ("xlsx", "ndjson", "csv")


def hand_over(
    workspace: Workspace, numbers: Iterable[int], to: str, file_format: str, keep: Callable[[bytes], object]
) -> int:
    """Write changes into a file for whoever takes them, and note who that is. Returns how many.

    ``keep`` puts the bytes where they are to stay, or raises; until then nothing is settled. The export is logged
    first. xlsx, csv: a sheet for people, with names; ndjson: lines that `gonha import` takes. Raises NotFound,
    CannotSettle, NotOpened for a restricted condition that this user may not see.
    """
    if not to.strip():
        raise CannotSettle("inbox.needs_receiver")
    at = to_wire(workspace.clock())
    with workspace.store.write() as c:
        ops = [open_op(c, n) for n in numbers]
        for op in ops:
            log_access(c, workspace.user, at, "export", op.type, op.record, "hand-over")
        if not workspace.sees_restricted:
            _check_open(c, ops)
        found = items_of(c, ops, workspace.sees_restricted)
    keep(_lines(ops) if file_format == "ndjson" else _sheet(found, file_format, workspace.sees_restricted))
    with workspace.store.write() as c:
        for op in sorted(ops, key=lambda op: -op.n):
            stopped.take_back(c, RecordRows(), op)
            stopped.settle(c, op.n, Settled(HANDED, workspace.user, at, to=to.strip()))
    return len(ops)


def _check_open(c: Any, ops: Iterable[StoppedOp]) -> None:
    for op in ops:
        if op.type == "person_condition":
            here = RecordRows().read(c, op.type, [op.record]).get(op.record)
            known = {*op.changes.get("condition", ()), here.body.get("condition") if here else None}
            if known & RESTRICTED_CONDITIONS:
                raise NotOpened("risk.restricted_not_allowed", "role", op.type, op.record)


def _lines(ops: Sequence[StoppedOp]) -> bytes:
    """A line a change: only what was typed, so that nothing else of the record is touched where it is imported."""
    lines = []
    for op in sorted(ops, key=lambda op: op.n):
        left_out = {"deleted", *PLACE}
        fields = {f: new for f, (_, new) in op.changes.items() if not (f in left_out or refused(op, f))}
        lines.append(msgspec.json.encode({"type": op.type, "id": op.record, "area": op.area, **fields}))
    return b"\n".join(lines) + b"\n"


def _sheet(found: Sequence[Item], file_format: str, restricted: bool) -> bytes:
    header = [
        t(f"inbox.sheet_{name}")
        for name in ("at", "by", "kind", "code", "name", "field", "was", "new", "why")
    ]
    rows = [
        [
            show_moment(one.at),
            one.who,
            type_word(one.type),
            one.whose.code,
            " · ".join(filter(None, (one.whose.name, one.whose.detail))),
            field_word(typed.field, one.type),
            "" if one.creates else one.words(typed, False, restricted=restricted),
            one.words(typed, True, restricted=restricted),
            reason_words(one.reason),
        ]
        for one in sorted(found, key=lambda one: one.n)
        for typed in one.fields
    ]
    out = io.BytesIO()
    (grid_csv if file_format == "csv" else grid_xlsx)(header, rows, out)
    return out.getvalue()
