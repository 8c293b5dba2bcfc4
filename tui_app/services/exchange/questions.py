"""Fields whose values met, as questions to a person: what was typed, by whom, on which laptop, and what shows now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.errors import NotFound
from tui_app.records import BY_NAME, REGISTRY
from tui_app.records.base import own_columns
from tui_app.services.access import gate
from tui_app.services.people.values import Whose, kind_of, names, reference_of, value_words, whose
from tui_app.services.station import facts
from tui_app.store.rows import RecordRows, table

OPEN, SETTLED, RESOLVED = "open", "settled", "resolved"
RESOLVED_SHOWN = 200  # newest decided questions that are still listed
_FIRST = {OPEN: 0, SETTLED: 1, RESOLVED: 2}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that was given. ``mine``: on this laptop; ``name``: of the record a reference points to; ``reason``:
    why somebody deleted."""

    value: Any
    who: str
    device: str
    at: str
    mine: bool = False
    name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A field with several values.

    ``choices``: this laptop's first, then by time; ``current``: what the record shows now; ``chosen``: once resolved;
    ``here``: whether the record is on this laptop; ``each``: what keeping every value means for this field: ``join``
    (texts), ``union`` (lists), ``note`` (the other telephone number goes to the note), ``ask`` (a line in the note
    says what to ask; the question stays open), or nothing; ``together``: what joined or united values would be;
    ``severe``: lists show the most severe value while it is open.
    """

    id: str
    type: str
    record: str
    whose: Whose
    field: str
    state: str
    choices: tuple[Choice, ...]
    current: Any
    chosen: Any
    here: bool
    each: str
    together: Any = None
    severe: bool = False

    def words(self, value: Any, name: str = "", *, hide: bool = False, restricted: bool = True) -> str:
        """One of its values as people read it."""
        return value_words(self.type, self.field, value, name=name, hide=hide, restricted=restricted)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A field of a record that waits for a person. ``id``: of the conflict."""

    id: str
    type: str
    record: str
    field: str


def questions(
    c: Any, *, record: str | None = None, resolved: bool = True, restricted: bool = False
) -> list[Question]:
    """Open questions first, then fields that settled by themselves, then the newest decided ones. Those of units
    that are shut to this user now are left out.

    ``record``: only those of one record; ``restricted``: as in `values.whose`.
    """
    rows = [*_rows(c, f"state <> '{RESOLVED}' ORDER BY changed_at DESC, id", record)]
    if resolved:
        rows += _rows(c, f"state = '{RESOLVED}' ORDER BY changed_at DESC, id LIMIT {RESOLVED_SHOWN}", record)
    shut = gate.closed(c)
    found = _questions(c, [row for row in rows if row.area not in shut], restricted)
    return sorted(found, key=lambda one: _FIRST.get(one.state, 0))


def question(c: Any, ident: str, *, restricted: bool = False) -> Question:
    """One question. Raises NotFound, NotOpened."""
    row = RecordRows().read(c, "conflict", [ident]).get(ident)
    if row is None or row.deleted:
        raise NotFound("resolve.not_found")
    gate.check(c, row.area, row.body.get("record_type", ""), row.body.get("record", ""))
    gate.check(c, row.area, "conflict", ident)
    return _questions(c, [row], restricted)[0]


def open_fields(c: Any, record: str) -> tuple[str, ...]:
    """The fields of a record that wait for a person."""
    found = c.execute(
        "SELECT field FROM conflict WHERE record = ? AND state = 'open' AND NOT deleted ORDER BY field",
        (record,),
    )
    return tuple(field for (field,) in found)


def waiting(c: Any, records: Iterable[str]) -> tuple[Waiting, ...]:
    """The fields of some records that wait for a person, in the order they met; without the values."""
    found = c.execute(
        "SELECT id, record_type, record, field FROM conflict WHERE state = 'open' AND NOT deleted"
        " AND record IN (SELECT value FROM json_each(?)) ORDER BY id",
        (msgspec.json.encode(list(records)).decode(),),
    )
    return tuple(Waiting(*row) for row in found)


def _rows(c: Any, condition: str, record: str | None) -> Sequence[Row]:
    if record is None:
        found = table("conflict").where(c, condition)
    else:
        found = table("conflict").where(c, f"record = ? AND {condition}", (record,))
    shut = gate.closed(c)
    return [row for row in found if row.area not in shut]


def _questions(c: Any, rows: Sequence[Row], restricted: bool) -> list[Question]:
    keys = [(row.body.get("record_type", ""), row.body.get("record", "")) for row in rows]
    about = whose(c, keys, restricted=restricted)
    records: dict[tuple[str, str], Row] = {}
    for type_name in {kind for kind, _ in keys}:
        ids = [ident for kind, ident in keys if kind == type_name]
        records |= {(type_name, ident): row for ident, row in RecordRows().read(c, type_name, ids).items()}
    listed = [
        (key[0], row.body.get("field", ""), row.body.get("values") or [])
        for key, row in zip(keys, rows, strict=True)
    ]
    called = names(c, ((kind, field, one.get("value")) for kind, field, values in listed for one in values))
    device = facts.get(c, facts.DEVICE, "")
    sent = _own_ops(c, [one.get("op", "") for _, _, values in listed for one in values])

    def choices(type_name: str, field: str, values: list[dict[str, Any]]) -> tuple[Choice, ...]:
        kind = reference_of(type_name, field)
        made = [
            Choice(
                value=one.get("value"),
                who=one.get("who", ""),
                device=one.get("device", ""),
                at=one.get("at", ""),
                mine=one.get("op", "") in sent or bool(device and one.get("device") == device),
                name=called.get((kind, str(one.get("value"))), "") if kind else "",
                reason=str(one.get("reason") or ""),
            )
            for one in values
        ]
        return tuple(sorted(made, key=lambda one: not one.mine))

    return [
        Question(
            id=row.id,
            type=key[0],
            record=key[1],
            whose=about.get(key, Whose()),
            field=field,
            state=row.body.get("state", ""),
            choices=choices(type_name, field, values),
            current=value_of(records[key], field) if key in records else None,
            chosen=row.body.get("chosen"),
            here=key in records,
            each=(each := _each_way(type_name, field, values) if key in records else ""),
            together=_together(each, [one.get("value") for one in values]),
            severe=row.body.get("state") == OPEN and field in severity_of(type_name),
        )
        for row, key, (type_name, field, values) in zip(rows, keys, listed, strict=True)
    ]


def _own_ops(c: Any, ids: Sequence[str]) -> frozenset[str]:
    wanted = msgspec.json.encode([ident for ident in ids if ident]).decode()
    found = c.execute("SELECT id FROM outbox WHERE id IN (SELECT value FROM json_each(?))", (wanted,))
    return frozenset(ident for (ident,) in found)


def value_of(row: Row, field: str) -> Any:
    """What a record shows for a field, ``deleted`` among them."""
    return row.deleted if field == "deleted" else row.body.get(field)


def _each_way(type_name: str, field: str, values: Sequence[Mapping[str, Any]]) -> str:
    """What keeping all values means for a field."""
    record = BY_NAME.get(type_name)
    kind = kind_of(type_name, field)
    if record is None or kind in ("deleted", "unknown"):
        return ""
    given = [one.get("value") for one in values]
    noted = "note" in own_columns(record) and not record.append_only
    if kind == "text" and field not in (
        "national_id",
        "citizen_id_old",
        "insurance_number",
        "full_name",
        "location",
    ):
        if field == "phone":
            return "note" if noted else ""
        return "join" if sum(isinstance(one, str) and bool(one) for one in given) > 1 else ""
    if kind == "list" and all(isinstance(one, list) for one in given):
        return "union"
    return "ask" if noted else ""


def _together(each: str, given: Sequence[Any]) -> Any:
    """Texts one behind the other, lists in one; what another contains is not said twice."""
    if each == "union":
        return list(dict.fromkeys(code for one in given for code in one))
    if each != "join":
        return None
    texts = [one for one in given if isinstance(one, str) and one]
    kept = [one for one in texts if not any(one != other and one in other for other in texts)]
    return "; ".join(dict.fromkeys(kept))


def severity_of(type_name: str) -> Mapping[str, tuple[object, ...]]:
    """A type's clinical fields with their values from harmless to severe."""
    kind = REGISTRY.get(type_name)
    return (kind.severity or {}) if kind else {}
