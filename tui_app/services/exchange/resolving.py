"""What a person decides about a field whose values met.

A decision is two ordinary ops in one transaction: the conflict row says what was chosen, then the record gets it.
It needs no network. Two laptops that decide differently meet the server's rule: the question opens again with both.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from sync.protocol import Row
from sync.record import same
from tui_app.bootstrap import Workspace
from tui_app.errors import GonhaError, NotFound
from tui_app.i18n import t
from tui_app.records.validation import checked
from tui_app.services.care import rejudging
from tui_app.services.exchange.questions import OPEN, RESOLVED, SETTLED, Question, question, value_of
from tui_app.services.people.values import field_word, kind_of
from tui_app.store.work import Work

MAX_TEXT = 500  # letters; what the field of a note takes


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
            lines = [f"{field_word(asked.field, asked.type)}: {asked.words(one)}" for one in others]
            return {asked.field: shown, **_noted(asked, row, lines)}
        raise Undecidable("resolve.no_each", field=field_word(asked.field, asked.type))

    return _decide(workspace, ident, fields)


def ask_later(workspace: Workspace, ident: str, text: str) -> Question:
    """Leave the question open, and write into the record's note what has to be asked. Raises NotFound, Undecidable."""
    with workspace.store.work(workspace.user) as work:
        asked = question(work.connection, ident)
        row = _record(work, asked)
        if asked.each != "ask":
            raise Undecidable("resolve.no_note", field=field_word(asked.field, asked.type))
        line = t("resolve.note_ask", field=field_word(asked.field, asked.type), text=text.strip())
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
            back = {field: was for field, (was, new) in changes.items() if same(value_of(row, field), new)}
            work.settle(row.type, row.id, back)
            rejudging.decided(work, row.type, row.id, asked.field)
    return asked


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
        rejudging.decided(work, row.type, row.id, asked.field)
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


def _noted(asked: Question, row: Row, lines: Sequence[str]) -> dict[str, Any]:
    now = str(row.body.get("note") or "")
    return {"note": "; ".join(dict.fromkeys([*([now] if now else []), *lines]))}
