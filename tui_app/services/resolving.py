"""Fields whose values met: what was typed, by whom, on which laptop, and what a person decides about it.

A decision is two ordinary ops in one transaction: the conflict row says what was chosen, then the record gets it.
It needs no network. Two laptops that decide differently meet the server's rule: the question opens again with both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from sync.protocol import Row
from sync.record import same
from tui_app.bootstrap import Workspace
from tui_app.errors import GonhaError, NotFound
from tui_app.i18n import t
from tui_app.records import BY_NAME, REGISTRY
from tui_app.records.base import own_columns
from tui_app.records.validation import checked
from tui_app.services import facts, gate
from tui_app.services.values import Whose, field_word, kind_of, names, reference_of, value_words, whose
from tui_app.store.rows import RecordRows, table
from tui_app.store.work import Work

OPEN, SETTLED, RESOLVED = "open", "settled", "resolved"
RESOLVED_SHOWN = 200  # newest decided questions that are still listed
MAX_TEXT = 500  # letters; what the field of a note takes
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


# ---- reading


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
            current=_value(records[key], field) if key in records else None,
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


def _value(row: Row, field: str) -> Any:
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


# ---- deciding


def take(workspace: Workspace, ident: str, place: int) -> Question:
    """Choose the value at ``place`` of `Question.choices` (from 0). Raises NotFound, Undecidable."""

    def chosen(asked: Question) -> Any:
        if not 0 <= place < len(asked.choices):
            raise NotFound("resolve.no_such_choice", count=len(asked.choices))
        return asked.choices[place].value

    return _decide(workspace, ident, lambda asked, row: {asked.field: chosen(asked)})


def give(workspace: Workspace, ident: str, value: Any) -> Question:
    """Choose a value that nobody gave so far. Raises NotFound, Undecidable, InvalidFields."""

    def fields(asked: Question, row: Row) -> dict[str, Any]:
        if kind_of(asked.type, asked.field) in ("deleted", "unknown"):
            raise Undecidable("resolve.only_listed")
        return checked(asked.type, {asked.field: value}, new=False)

    return _decide(workspace, ident, fields)


def take_each(workspace: Workspace, ident: str) -> Question:
    """Keep all the values, in the way `Question.each` says. Raises NotFound, Undecidable, InvalidFields."""

    def fields(asked: Question, row: Row) -> dict[str, Any]:
        given = [one.value for one in asked.choices]
        if asked.each in ("join", "union"):
            value = asked.together
            if isinstance(value, str) and len(value) > MAX_TEXT:
                raise Undecidable("resolve.too_long", count=len(value), limit=MAX_TEXT)
            return checked(asked.type, {asked.field: value}, new=False)
        if asked.each == "note":
            shown = asked.current if asked.current is not None else given[0]
            others = [one for one in given if one and one != shown]
            lines = [f"{field_word(asked.field)}: {asked.words(one)}" for one in others]
            return {asked.field: shown, **_noted(asked, row, lines)}
        raise Undecidable("resolve.no_each", field=field_word(asked.field))

    return _decide(workspace, ident, fields)


def ask_later(workspace: Workspace, ident: str, text: str) -> Question:
    """Leave the question open, and write into the record's note what has to be asked. Raises NotFound, Undecidable."""
    with workspace.store.work(workspace.user) as work:
        asked = question(work.connection, ident)
        row = _record(work, asked)
        if asked.each != "ask":
            raise Undecidable("resolve.no_note", field=field_word(asked.field))
        line = t("resolve.note_ask", field=field_word(asked.field), text=text.strip())
        work.change(asked.type, asked.record, _noted(asked, row, [line]))
    return asked


def swap(workspace: Workspace, ident: str) -> Question:
    """Show the other value of a field that settled by itself; it stays listed, and swaps back the same way."""
    with workspace.store.work(workspace.user) as work:
        asked = question(work.connection, ident)
        if asked.state != SETTLED:
            raise Undecidable("resolve.not_settled")
        row = _record(work, asked)
        values = [one.value for one in asked.choices]
        here = next((place for place, one in enumerate(values) if same(one, asked.current)), -1)
        work.settle(row.type, row.id, {asked.field: values[(here + 1) % len(values)]})
    return asked


def undo(workspace: Workspace, ident: str) -> Question:
    """Ask a decided question again. What the decision changed in the record goes back, if this laptop made it and
    nobody changed it since; a decision of another laptop leaves the record as it is. Raises NotFound, Undecidable."""
    with workspace.store.work(workspace.user) as work:
        asked = question(work.connection, ident)
        if asked.state != RESOLVED:
            raise Undecidable("resolve.nothing_to_undo")
        changes = _made_by_decision(work.connection, asked)
        work.settle("conflict", ident, {"state": OPEN, "chosen": None})
        row = work.find(asked.type, asked.record)
        if row is not None:
            back = {field: was for field, (was, new) in changes.items() if same(_value(row, field), new)}
            work.settle(row.type, row.id, back)
    return asked


def severity_of(type_name: str) -> Mapping[str, tuple[object, ...]]:
    """A type's clinical fields with their values from harmless to severe."""
    kind = REGISTRY.get(type_name)
    return (kind.severity or {}) if kind else {}


class Undecidable(GonhaError):
    """This question cannot be decided in this way, or not on this laptop."""


def _decide(
    workspace: Workspace, ident: str, fields_of: Callable[[Question, Row], dict[str, Any]]
) -> Question:
    with workspace.store.work(workspace.user) as work:
        asked = question(work.connection, ident)
        if asked.state == RESOLVED:
            raise Undecidable("resolve.already")
        row = _record(work, asked)
        fields = fields_of(asked, row)
        value = fields[asked.field]
        # first the decision: while the question is open, a change of the field would count as one more answer
        work.settle("conflict", ident, {"state": RESOLVED, "chosen": value})
        if asked.field == "deleted":
            _keep_or_delete(work, row, asked, bool(value))
        else:
            work.settle(row.type, row.id, fields)
    return asked


def _keep_or_delete(work: Work, row: Row, asked: Question, delete: bool) -> None:
    if not delete:
        work.revive(row.type, row.id)
    elif not row.deleted:
        reason = next((one.reason for one in asked.choices if one.value and one.reason), "")
        work.delete(row.type, row.id, reason or t("resolve.deleted_by_choice"))


def _record(work: Work, asked: Question) -> Row:
    row = work.find(asked.type, asked.record)
    if row is None:
        raise Undecidable("resolve.not_here")
    return row


def _made_by_decision(c: Any, asked: Question) -> dict[str, tuple[Any, Any]]:
    """What this laptop's last decision changed in the record: the op that follows the one on the conflict row."""
    made = c.execute(
        "SELECT n, at, who, \"set\" FROM outbox WHERE type = 'conflict' AND record = ? ORDER BY n DESC LIMIT 1",
        (asked.id,),
    ).fetchone()
    if made is None or "state" not in (changes := msgspec.json.decode(made["set"])):
        return {}
    if changes["state"][1] != RESOLVED:
        return {}
    op = c.execute(
        'SELECT "set" FROM outbox WHERE n = ? AND at = ? AND who = ? AND type = ? AND record = ?',
        (made["n"] + 1, made["at"], made["who"], asked.type, asked.record),
    ).fetchone()
    return {} if op is None else {name: (was, new) for name, (was, new) in msgspec.json.decode(op[0]).items()}


def _together(each: str, given: Sequence[Any]) -> Any:
    """Texts one behind the other, lists in one; what another contains is not said twice."""
    if each == "union":
        return list(dict.fromkeys(code for one in given for code in one))
    if each != "join":
        return None
    texts = [one for one in given if isinstance(one, str) and one]
    kept = [one for one in texts if not any(one != other and one in other for other in texts)]
    return "; ".join(dict.fromkeys(kept))


def _noted(asked: Question, row: Row, lines: Sequence[str]) -> dict[str, Any]:
    now = str(row.body.get("note") or "")
    return {"note": "; ".join(dict.fromkeys([*([now] if now else []), *lines]))}
