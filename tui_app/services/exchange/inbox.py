"""Changes that the server held or rejected: what was typed, why it was not taken, and a way on.

Edit and resend, send again, hand over, or withdraw with a reason: each leaves the op in the outbox with a note of who
did what. Nothing here needs the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync import stopped
from sync.protocol import Row
from sync.stopped import Settled, StoppedOp
from tui_app.bootstrap import Workspace
from tui_app.clock import to_wire
from tui_app.errors import GonhaError, NotFound
from tui_app.i18n import catalogue, language, t
from tui_app.records import BY_NAME, JOURNALS
from tui_app.services.access import gate
from tui_app.services.people.entries import household_values, person_values
from tui_app.services.people.values import Whose, names, reference_of, value_words, whose
from tui_app.services.station import drafts
from tui_app.store.rows import RecordRows
from tui_app.store.work import Work

WITHDRAWN, RESENT, HANDED = "withdrawn", "resent", "handed"
_FORMS = frozenset({"person", "household"})
_FIELD_REASONS = frozenset({"reserved-field", "bad-field"})
_FOR_OTHERS = frozenset({"out-of-scope", "read-only", "moved"})
_WAITS = frozenset({"unknown-record"})


class CannotSettle(GonhaError):
    """This change cannot be settled in this way."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One field of a stopped change. ``was_name``, ``new_name``: of the records that references point to."""

    field: str
    was: Any
    new: Any
    was_name: str = ""
    new_name: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A change the server did not take.

    ``state``: held or rejected; ``at_fault``: the field the server named; ``here``: whether its record is on this
    laptop; ``form``: the form that can open it (person, household), empty when there is none; ``settled``: how a
    person settled it.
    """

    n: int
    type: str
    record: str
    whose: Whose
    at: str
    who: str
    state: str
    reason: str
    at_fault: str
    fields: tuple[Typed, ...]
    creates: bool
    here: bool
    form: str
    settled: Settled | None

    def words(self, typed: Typed, new: bool, *, hide: bool = False, restricted: bool = False) -> str:
        """What a field had (or got), as people read it."""
        value, name = (typed.new, typed.new_name) if new else (typed.was, typed.was_name)
        return value_words(self.type, typed.field, value, name=name, hide=hide, restricted=restricted)


# ---- reading


def items(c: Any, *, settled: bool = False, restricted: bool = False) -> list[Item]:
    """What waits for a person, newest first; with ``settled`` what a person has settled. Notes of access that a
    server held stay in the outbox: they are nobody's work. What belongs to units that are shut to this user now is
    left out."""
    if gate.is_viewer(c):
        return []
    shut = gate.closed(c)
    ops = stopped.stopped_ops(c, settled=settled, without=JOURNALS)
    return items_of(c, [op for op in ops if op.area not in shut], restricted)


def item(c: Any, n: int, *, restricted: bool = False) -> Item:
    """One change. Raises NotFound."""
    return items_of(c, [open_op(c, n, settled=True)], restricted)[0]


def items_of(c: Any, ops: Sequence[StoppedOp], restricted: bool) -> list[Item]:
    """Stopped ops as people see them. ``restricted``: as in `values.whose`."""
    about = whose(c, [(op.type, op.record) for op in ops], restricted=restricted)
    given = ((op.type, field, value) for op in ops for field, pair in op.set.items() for value in pair)
    called = names(c, given)
    here: set[tuple[str, str]] = set()
    for kind in {op.type for op in ops}:
        found = RecordRows().read(c, kind, [op.record for op in ops if op.type == kind])
        here |= {(kind, ident) for ident in found}
    return [
        Item(
            n=op.n,
            type=op.type,
            record=op.record,
            whose=_named(about[op.type, op.record], op),
            at=op.at,
            who=op.who,
            state=op.state,
            reason=op.reason,
            at_fault=op.field,
            fields=tuple(
                Typed(
                    field,
                    was,
                    new,
                    called.get((reference_of(op.type, field), str(was)), ""),
                    called.get((reference_of(op.type, field), str(new)), ""),
                )
                for field, (was, new) in op.changes.items()
                if field != "commune" or not op.moves
            ),
            creates=op.creates,
            here=(op.type, op.record) in here,
            form=op.type if _has_form(op) and (op.type, op.record) in here else "",
            settled=op.settled,
        )
        for op in ops
    ]


def _named(about: Whose, op: StoppedOp) -> Whose:
    """The name as it was typed, where the record itself is not here any more."""
    if about.name:
        return about
    typed = next((op.set[name][1] for name in ("full_name", "address", "code") if name in op.set), None)
    return Whose(str(typed or ""), about.code, about.detail)


def reason_words(reason: str) -> str:
    """Why the server did not take a change; a reason of a newer server is shown as it is."""
    words = catalogue(language(), "inbox").get(f"reason_{reason}")
    return words if words is not None else t("inbox.reason_other", reason=reason)


def advice(one: Item) -> str:
    """What to do about it."""
    if one.reason in _FOR_OTHERS:
        return t("inbox.advice_others")
    if one.reason in _WAITS:
        return t("inbox.advice_waits")
    return t("inbox.advice_later") if one.reason == "unknown-type" else t("inbox.advice_edit")


# ---- settling


def withdraw(workspace: Workspace, n: int, reason: str) -> int:
    """Take a change back, with the reason; the record goes back to what the server has. Returns how many changes.

    Withdrawing the change that would have made a record withdraws the later ones of it too. Raises NotFound,
    CannotSettle.
    """
    if not reason.strip():
        raise CannotSettle("inbox.needs_reason")
    with workspace.store.work(workspace.user) as work:
        op = open_op(work.connection, n)
        return _withdraw(work, op, Settled(WITHDRAWN, workspace.user, work.at, reason=reason.strip()))


def send_again(workspace: Workspace, n: int) -> None:
    """Let the change go out once more as it is: after the area was given back, or the missing record has arrived."""
    with workspace.store.write() as c:
        stopped.send_again(c, RecordRows(), open_op(c, n))


def resend(workspace: Workspace, n: int, fields: Mapping[str, Any] | None = None) -> str:
    """Make the change anew, with ``fields`` in the place of what was typed; the old one is answered by it.

    A record that the server never had is made anew as it stands here, and all its stopped changes are answered. A
    field whose name the server refused is left out. Returns the new op's id, empty when the record already holds all
    of it. Raises NotFound, CannotSettle, InvalidFields.
    """
    with workspace.store.work(workspace.user) as work:
        c = work.connection
        op = open_op(c, n)
        row = work.find(op.type, op.record)
        if row is None and not op.creates:
            raise CannotSettle("inbox.not_here")
        anew = op.creates and (row is None or row.seq == 0)
        ops = [op]
        if anew and row is not None:
            _nothing_waits(c, op)
            ops = stopped.stopped_of(c, op.type, op.record)
        typed = row.body if anew and row else {field: new for field, (_, new) in op.changes.items()}
        typed = {field: value for field, value in typed.items() if not refused(op, field)} | dict(
            fields or {}
        )
        for one in reversed(ops):
            stopped.take_back(c, RecordRows(), one)
        last = c.execute("SELECT max(n) FROM outbox").fetchone()[0]
        if anew:
            place = Row(type=op.type, id=op.record, commune=op.commune, area=op.area, seq=0)
            typed.pop("deleted", None)
            work.create(op.type, typed, place=place, ident=op.record)
        else:
            _change(work, op, typed)
        work.flush()
        made = c.execute("SELECT id FROM outbox WHERE n > ? ORDER BY n LIMIT 1", (last,)).fetchone()
        new_op = made[0] if made else ""
        for one in ops:
            stopped.settle(c, one.n, Settled(RESENT, workspace.user, work.at, op=new_op))
        return new_op


def begin_edit(workspace: Workspace, n: int) -> str:
    """Put what was typed into the draft of the record's form, and the record back to what the server has.

    Returns the type whose form to open; `edited` afterwards. Raises NotFound, CannotSettle.
    """
    with workspace.store.write() as c:
        op = open_op(c, n)
        if not _has_form(op) or op.record not in RecordRows().read(c, op.type, [op.record]):
            raise CannotSettle("inbox.no_form")
        stopped.take_back(c, RecordRows(), op)
        typed = {field: new for field, (_, new) in op.changes.items()}
        values = _person_form(typed) if op.type == "person" else household_values(typed)
        key, at = f"{op.type}:{op.record}", to_wire(workspace.clock())
        before = drafts.kept(c, key) or {"values": {}}
        shown = {name: value for name, value in values.items() if name in _form_names(op)}
        drafts.put(c, workspace.user, key, op.type, {"values": shown | before["values"], "at": at}, at)
        return op.type


def edited(workspace: Workspace, n: int) -> bool:
    """After the form was saved: note the new op as the answer to the old one. False when nothing was saved since."""
    with workspace.store.write() as c:
        op = open_op(c, n)
        made = c.execute(
            "SELECT id FROM outbox WHERE record = ? AND type = ? AND n > ? AND state IN ('new', 'sent')"
            " ORDER BY n DESC LIMIT 1",
            (op.record, op.type, n),
        ).fetchone()
        if made is None:
            return False
        stopped.settle(c, n, Settled(RESENT, workspace.user, to_wire(workspace.clock()), op=made[0]))
        return True


# ---- inside


def open_op(c: Any, n: int, *, settled: bool = False) -> StoppedOp:
    """The change with this number, one that nobody has settled unless ``settled``. Raises NotFound, CannotSettle,
    NotOpened."""
    op = stopped.stopped_op(c, n)
    if op is None:
        raise NotFound("inbox.not_found", n=n)
    if op.settled is not None and not settled:
        raise CannotSettle("inbox.already", n=n)
    gate.check(c, op.area, op.type, op.record)
    return op


def _withdraw(work: Work, op: StoppedOp, how: Settled) -> int:
    c = work.connection
    ops = [op]
    row = work.find(op.type, op.record)
    if op.creates and (row is None or row.seq == 0):
        _nothing_waits(c, op)
        ops = stopped.stopped_of(c, op.type, op.record)
    for one in reversed(ops):
        stopped.take_back(c, RecordRows(), one)
        stopped.settle(c, one.n, how)
    return len(ops)


def refused(op: StoppedOp, field: str) -> bool:
    """Whether the server refused the field's very name."""
    return op.reason in _FIELD_REASONS and field == op.field


def _change(work: Work, op: StoppedOp, typed: dict[str, Any]) -> None:
    area, commune = typed.pop("area", None), typed.pop("commune", op.commune)
    if area is not None:
        work.move(op.type, op.record, Row(type="area", id=area, area=area, commune=commune, seq=0))
    if not typed:
        return
    plain = op.type in BY_NAME and op.type != "conflict" and "deleted" not in typed
    if plain and not BY_NAME[op.type].append_only:
        work.change(op.type, op.record, typed)
    else:
        work.settle(op.type, op.record, typed)


def _nothing_waits(c: Any, op: StoppedOp) -> None:
    if c.execute(
        "SELECT 1 FROM outbox WHERE record = ? AND type = ? AND state IN ('new', 'sent') LIMIT 1",
        (op.record, op.type),
    ).fetchone():
        raise CannotSettle("inbox.sync_first")


def _person_form(fields: Mapping[str, Any]) -> dict[str, str]:
    return person_values(fields, frozenset(), frozenset())


def _form_names(op: StoppedOp) -> frozenset[str]:
    """The fields of the form that show what was typed; a birth year is typed into the birth date's."""
    return frozenset(op.changes) | ({"birth_date"} if "birth_year" in op.set else set())


def _has_form(op: StoppedOp) -> bool:
    return op.type in _FORMS and not (op.creates or op.moves or "deleted" in op.set)
