"""The unit of work: one save is rows, ops and search entries in one transaction.

Nothing reaches a record's table except through here (what a person did) or through `sync.outbox.apply` (what the
server says), so a row can never change without its op.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from sync import outbox
from sync.protocol import Row
from sync.record import same
from tui_app.clock import Clock, NewId, to_wire
from tui_app.errors import NotFound
from tui_app.records import REGISTRY
from tui_app.records.validation import checked
from tui_app.store import merged, twins
from tui_app.store.rows import RecordRows


class Work:
    """Creates and changes records; `flush` writes them. Made by `Store.work`, which also commits.

    ``connection``: the open transaction, for the local-only tables (drafts, imports) that belong to the same save.
    """

    def __init__(self, connection: Any, *, who: str, clock: Clock, ids: NewId) -> None:
        self.connection = connection
        self.who = who
        self.at = to_wire(clock())
        self.ids = ids
        self._rows: dict[tuple[str, str], Row] = {}
        self._before: list[Row] = []
        self._ops: list[outbox.Change] = []

    def get(self, type_name: str, ident: str) -> Row:
        """The record as it stands in this unit of work, naming the records that are shown. Raises NotFound."""
        return merged.as_shown(self.connection, self._said(type_name, ident))

    def find(self, type_name: str, ident: str) -> Row | None:
        """The same, or None."""
        row = self._found(type_name, ident)
        return row and merged.as_shown(self.connection, row)

    def _said(self, type_name: str, ident: str) -> Row:
        row = self._found(type_name, ident)
        if row is None:
            raise NotFound("errors.record_not_found", kind=type_name)
        return row

    def _found(self, type_name: str, ident: str) -> Row | None:
        here = self._rows.get((type_name, ident))
        return here or RecordRows().read(self.connection, type_name, [ident]).get(ident)

    def create(
        self, type_name: str, fields: Mapping[str, Any], *, place: Row, ident: str | None = None
    ) -> str:
        """Add a record in the area and commune of ``place``; returns its id. Raises InvalidFields."""
        body = {k: v for k, v in checked(type_name, fields, new=True).items() if v is not None}
        ident = ident or self.ids()
        row = Row(
            type=type_name,
            id=ident,
            commune=place.commune,
            area=place.area,
            seq=0,
            body=body,
            at=self.at,
            who=self.who,
        )
        self._rows[type_name, ident] = row
        self._op(row, {name: (None, value) for name, value in body.items()}, 0)
        return ident

    def ensure(self, type_name: str, ident: str, fields: Mapping[str, Any], *, place: Row) -> None:
        """Create the record with this (deterministic) id, or bring it back and change it to ``fields``.

        One that was left behind in another area is brought to ``place`` first.
        """
        row = self.find(type_name, ident)
        if row is None:
            self.create(type_name, fields, place=place, ident=ident)
        else:
            self.move(type_name, ident, place)
            self.change(type_name, ident, fields, undelete=True)

    def change(
        self, type_name: str, ident: str, fields: Mapping[str, Any], *, undelete: bool = False
    ) -> bool:
        """Set fields of a record. Values that are the same make no op; returns whether anything changed.

        Raises InvalidFields, NotFound, and ValueError for an append-only type (correct it by a row with ``amends``).
        """
        if REGISTRY[type_name].append_only:
            raise ValueError(f"{type_name} is append-only")
        row = self._said(type_name, ident)
        shown = merged.as_shown(self.connection, row).body
        new = checked(type_name, fields, new=False)
        changes = {
            name: (row.body.get(name), value) for name, value in new.items() if shown.get(name) != value
        }
        for twin in twins.of(self.connection, type_name, ident) if changes else ():
            self.change(type_name, twin, fields)
        return self._save(row, changes | _back(row) if undelete else changes)

    def settle(self, type_name: str, ident: str, fields: Mapping[str, Any]) -> bool:
        """Set fields, ``deleted`` among them, to what a person decided between values that met.

        The values stay as they are, and the record may be of any type, unknown and append-only ones too. Returns
        whether anything changed. Raises NotFound.
        """
        row = self._said(type_name, ident)
        held = {**row.body, "deleted": row.deleted}
        changes = {
            name: (held.get(name), value) for name, value in fields.items() if not same(held.get(name), value)
        }
        kind = REGISTRY.get(type_name)
        if changes and (kind is None or kind.append_only):
            changes = _unlike_a_create(row, changes)
        return self._save(row, changes)

    def move(self, type_name: str, ident: str, place: Row) -> bool:
        """Let a record, of any type, live in the area and commune of ``place`` from now on.

        The op goes out under the area it leaves; later ones under the new one. Returns whether it lived elsewhere.
        Raises NotFound.
        """
        row = self._said(type_name, ident)
        changes = {
            name: (getattr(row, name), getattr(place, name))
            for name in outbox.PLACE
            if getattr(row, name) != getattr(place, name)
        }
        if row.area == place.area:
            return False
        self._keep_before(row)
        self._rows[row.type, row.id] = msgspec.structs.replace(row, area=place.area, commune=place.commune)
        self._op(row, changes, row.seq)
        return True

    def revive(self, type_name: str, ident: str) -> bool:
        """Bring a deleted record back as it was, of any type. Returns whether it had been deleted."""
        row = self._said(type_name, ident)
        return self._save(row, _back(row))

    def delete(self, type_name: str, ident: str, reason: str) -> bool:
        """Mark a record deleted, with the reason. The row and its history stay."""
        row = self._said(type_name, ident)
        if row.deleted:
            return False
        for twin in twins.of(self.connection, type_name, ident):
            self.delete(type_name, twin, reason)
        return self._save(
            row, {"deleted": (False, True), "deleted_reason": (row.body.get("deleted_reason"), reason)}
        )

    def flush(self) -> None:
        """Write rows with their search entries, then their ops."""
        RecordRows().upsert(self.connection, self._rows.values())
        outbox.add(self.connection, self._ops, self._before)
        self.forget()

    def forget(self) -> None:
        """Drop what has not been flushed: nothing of it is saved."""
        self._rows, self._before, self._ops = {}, [], []

    def _save(self, row: Row, changes: dict[str, tuple[Any, Any]]) -> bool:
        if not changes:
            return False
        if row.seq == 0:  # the server may refuse the create: what comes after it must not pass for one
            changes = _unlike_a_create(row, changes)
        body = dict(row.body)
        deleted = row.deleted
        for name, (_, value) in changes.items():
            if name == "deleted":
                deleted = bool(value)
            elif value is None:
                body.pop(name, None)
            else:
                body[name] = value
        self._keep_before(row)
        self._rows[row.type, row.id] = msgspec.structs.replace(
            row, body=body, deleted=deleted, at=self.at, who=self.who, device=""
        )
        self._op(row, changes, row.seq)
        return True

    def _keep_before(self, row: Row) -> None:
        if (row.type, row.id) not in self._rows:
            self._before.append(row)

    def _op(self, row: Row, changes: dict[str, tuple[Any, Any]], base_seq: int) -> None:
        self._ops.append(
            outbox.Change(
                id=self.ids(),
                commune=row.commune,
                area=row.area,
                type=row.type,
                record=row.id,
                at=self.at,
                who=self.who,
                base_seq=base_seq,
                set=changes,
            )
        )


def _unlike_a_create(row: Row, changes: dict[str, tuple[Any, Any]]) -> dict[str, tuple[Any, Any]]:
    """The changes with one value that stays, where they name no former value: without it they look like a create."""
    named = any(was is not None for name, (was, _) in changes.items() if name != "deleted")
    if named or changes.keys() <= {"deleted", "deleted_reason"}:  # those alone make no record
        return changes
    witness = next((name for name in row.body if name not in changes), None)
    return changes if witness is None else changes | {witness: (row.body[witness], row.body[witness])}


def _back(row: Row) -> dict[str, tuple[Any, Any]]:
    """What brings a row back; nothing when it is live."""
    if not row.deleted:
        return {}
    reason = row.body.get("deleted_reason")
    back: dict[str, tuple[Any, Any]] = {"deleted": (True, False)}
    return back if reason is None else back | {"deleted_reason": (reason, None)}
