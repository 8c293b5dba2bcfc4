"""Two records found to be one, or not; and taking such a decision back.

A merge is one transaction: the chosen values go into the record that is kept by ordinary changes, and a
`merge_decision` says the rest. That the other record is hidden and its records are shown with the one kept follows
from the decision (`tui_app.store.merged`), here and on every laptop it reaches, until another decision undoes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.protocol import Row
from sync.record import same
from tui_app.errors import FieldProblem, GonhaError, InvalidFields, NotFound
from tui_app.records.access import Access
from tui_app.records.identity import MergeVerdict
from tui_app.records.validation import checked
from tui_app.services.access import gate
from tui_app.services.access.access import log_access
from tui_app.services.care import rejudging
from tui_app.services.care.patient import JUDGED
from tui_app.services.duplicates.comparing import (
    FIRST,
    Comparison,
    birth_year,
    compare,
    entries_of,
    standing_decisions,
)
from tui_app.services.people import moving
from tui_app.store import merged
from tui_app.store.engine import CHIEF, Store
from tui_app.store.merged import DECISION
from tui_app.store.rows import table
from tui_app.store.work import Work

PLACE = "area"


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a person typed for a field, in the place of both."""

    value: Any


Taken = Mapping[str, int | Given]
"""field -> FIRST (the kept record's), SECOND (the merged one's), or a value of one's own."""


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of a merge. ``open_cases``: of the kept person, when that is more than one."""

    decision: str
    kept: str
    merged: str
    fields: tuple[str, ...]
    open_cases: tuple[str, ...] = ()


class NotMerged(GonhaError):
    """These two may not be decided about in this way; nothing was changed."""


def merge(
    store: Store, who: str, subject: str, kept: str, other: str, taken: Taken, reason: str = ""
) -> Merged:
    """Make one of two persons or households: ``other`` goes into ``kept``.

    ``taken``: which value to keep of fields that differ; those left out go by `FieldPair.proposed`. Raises
    InvalidFields for fields that a person has to choose, NotFound, NotOpened, NotMerged.
    """
    with store.work(who) as work:
        c = work.connection
        found = compare(c, subject, kept, other)
        _may_write(c, found)
        _may_overrule(work, found)
        values = _values(found, taken)
        for said in found.against:
            _take_back(work, subject, said.id, reason)
        before = table(subject).said(c, [other])[other]
        carried = [{"type": subject, "id": other, "was": {**before.body, PLACE: before.area}}]
        carried += _bring_together(work, found, values)
        was = work.get(subject, kept).body
        work.change(subject, kept, values)
        now = work.get(subject, kept).body
        fields = [
            {"field": field, "value": now.get(field), "was": was.get(field)}
            for field in values
            if not same(now.get(field), was.get(field))
        ]
        carried += _leave_head(work, subject, other, before, now)
        ident = _decide(work, subject, MergeVerdict.SAME, kept, other, reason, fields=fields, carried=carried)
        work.flush()
        if subject == "person":
            rejudging.corrected(work, kept, {pair.field for pair in found.fields} & JUDGED | {"conditions"})
        cases = c.execute(
            'SELECT id FROM "case" WHERE person = ? AND ended_on IS NULL AND NOT deleted ORDER BY id', (kept,)
        ).fetchall()
        open_cases = tuple(case for (case,) in cases) if len(cases) > 1 else ()
        return Merged(ident, kept, other, tuple(str(one["field"]) for one in fields), open_cases)


def not_same(
    store: Store, who: str, subject: str, one: str, other: str, reason: str = "", seen: Sequence[str] = ()
) -> str:
    """Say that two are not one. Where they were merged, that is taken back. Returns the decision's id.

    ``seen``: what made them look like one, so that the pair is offered again only when more does. Raises NotFound,
    NotOpened.
    """
    with store.work(who) as work:
        c = work.connection
        found = compare(c, subject, one, other)
        _may_write(c, found)
        for said in _same_of(c, subject, one, other):
            _undo(work, table(DECISION).read(c, [said])[said], reason)
        fields = [{"field": code, "value": None, "was": None} for code in seen]
        return _decide(work, subject, MergeVerdict.NOT_SAME, one, other, reason, fields=fields)


def undo(store: Store, who: str, decision: str, reason: str = "") -> tuple[str, ...]:
    """Take a decision back, and with it every standing one that says the same of the same two.

    What a merge took into the kept record goes back where it still stands so. Returns the fields that do not,
    because somebody changed them since. Raises NotFound, NotMerged, NotOpened.
    """
    with store.work(who) as work:
        c = work.connection
        row = table(DECISION).read(c, [decision]).get(decision)
        if row is None or row.deleted or row.body["verdict"] == MergeVerdict.UNDONE:
            raise NotFound("duplicates.no_decision")
        gate.check(c, row.area, DECISION, decision)
        if row.area not in moving.open_for_writing(c):
            raise NotMerged("duplicates.other_unit")
        subject, pair = str(row.body["subject"]), frozenset((row.body["kept"], row.body["merged"]))
        alike = [
            one.id
            for one in standing_decisions(c, subject)
            if one.pair == pair and one.verdict == row.body["verdict"]
        ]
        if decision not in alike:
            raise NotMerged("duplicates.already_undone")
        left: list[str] = []
        for ident in alike:
            left += _undo(work, table(DECISION).read(c, [ident])[ident], reason)
        return tuple(dict.fromkeys(left))


def _may_write(c: Any, found: Comparison) -> None:
    areas = {found.first.area, found.second.area}
    if not areas <= moving.open_for_writing(c):
        raise NotMerged("duplicates.other_unit")


def _may_overrule(work: Work, found: Comparison) -> None:
    """That two are not the same is overruled by who said it, or by the chief."""
    others = [said.who for said in found.against if said.who != work.who]
    (role,) = work.connection.execute("SELECT gonha_role()").fetchone()
    if others and role != CHIEF:
        raise NotMerged("duplicates.said_not_same", who=", ".join(dict.fromkeys(others)))


def _values(found: Comparison, taken: Taken) -> dict[str, Any]:
    missing = [
        FieldProblem(pair.field, "duplicates.choose", name=pair.field)
        for pair in found.fields
        if pair.field not in taken and pair.proposed is None
    ]
    unknown = taken.keys() - {pair.field for pair in found.fields} - set(found.alike)
    missing += [FieldProblem(field, "duplicates.no_difference") for field in sorted(unknown)]
    if missing:
        raise InvalidFields(missing)
    values: dict[str, Any] = {}
    for pair in found.fields:
        choice = taken.get(pair.field, pair.proposed)
        value = choice.value if isinstance(choice, Given) else pair.first if choice == FIRST else pair.second
        values[pair.field] = value
    values |= {
        field: one.value for field, one in taken.items() if field in found.alike and isinstance(one, Given)
    }
    if values.get("birth_date"):
        values["birth_year"] = None  # the date says it
    elif "birth_date" in values and "birth_year" not in values:
        values["birth_year"] = birth_year(found.first.body) or birth_year(found.second.body)
    return checked(found.subject, values, new=False)


def _bring_together(work: Work, found: Comparison, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Let both live in one unit: persons in that of the household they are to have, households in the kept one's.

    Returns where the kept one came from, if it went.
    """
    if not found.other_unit:
        return []
    first, second = found.first, found.second
    both = dict.fromkeys(merged.shown_for(work.connection, one.id) for one in (first, second))
    if found.subject == "household":
        place = work.get("household", first.id)
        for one in both:
            moving.carry_household(work, one, place)
        return []
    door = work.get("household", str(values.get("household", first.body.get("household"))))
    moving.carry_people(work, list(both), door)
    return [{"type": "person", "id": first.id, "was": {PLACE: first.area}}] if first.area != door.area else []


def _leave_head(
    work: Work, subject: str, other: str, before: Row, now: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """A person who was head of a household where the kept one does not live is its head no more."""
    home = str(before.body.get("household"))
    if subject != "person" or now.get("household") == home:
        return []
    door = work.find("household", home)
    if door is None or door.body.get("head") != other:
        return []
    work.change("household", home, {"head": None})
    return [{"type": "household", "id": home, "was": {"head": other}}]


def _decide(
    work: Work,
    subject: str,
    verdict: MergeVerdict,
    kept: str,
    other: str,
    reason: str,
    *,
    fields: list[dict[str, Any]] | None = None,
    carried: list[dict[str, Any]] | None = None,
    undoes: str | None = None,
) -> str:
    place = work.get(subject, kept)
    body = {
        "subject": subject,
        "verdict": verdict,
        "kept": kept,
        "merged": other,
        "at": work.at,
        "fields": fields or None,
        "carried": carried,
        "undoes": undoes,
        "reason": reason or None,
    }
    for ident in (kept, other):
        log_access(work.connection, work.who, work.at, Access.MERGE, subject, ident, verdict)
    return work.create(DECISION, body, place=place)


def _same_of(c: Any, subject: str, one: str, other: str) -> list[str]:
    pair = frozenset((one, other))
    return [
        said.id
        for said in standing_decisions(c, subject)
        if said.pair == pair and said.verdict == MergeVerdict.SAME
    ]


def _undo(work: Work, row: Row, reason: str) -> list[str]:
    """Take one decision back with what it changed; the fields that were changed since stay as they are."""
    subject, kept = str(row.body["subject"]), str(row.body["kept"])
    _take_back(work, subject, row.id, reason)
    if row.body["verdict"] != MergeVerdict.SAME:
        return []
    body = work.get(subject, kept).body
    back = {str(one["field"]): one for one in entries_of(row, "fields", "field", "value", "was")}
    ours = {field: one["was"] for field, one in back.items() if same(body.get(field), one["value"])}
    work.change(subject, kept, ours)
    work.flush()
    for one in entries_of(row, "carried", "type", "id", "was"):
        if one["type"] in merged.SUBJECTS and isinstance(one["was"], dict):
            _bring_back(work, str(one["type"]), str(one["id"]), one["was"])
    if subject == "person":
        for person in (kept, str(row.body["merged"])):
            rejudging.corrected(work, person, JUDGED | {"conditions"})
    return [field for field in back if field not in ours]


def _bring_back(work: Work, type_name: str, ident: str, was: Mapping[str, Any]) -> None:
    row, area = work.find(type_name, ident), was.get(PLACE)
    if row is None:
        return
    if "head" in was and PLACE not in was and not row.body.get("head"):
        work.change(type_name, ident, {"head": was["head"]})
    if area and area != row.area and {area, row.area} <= moving.open_for_writing(work.connection):
        place = work.get("area", area)
        if type_name == "person":
            moving.carry_people(work, [ident], place)
        else:
            moving.carry_household(work, ident, place)


def _take_back(work: Work, subject: str, decision: str, reason: str) -> None:
    said = work.get(DECISION, decision).body
    pair = str(said["kept"]), str(said["merged"])
    _decide(work, subject, MergeVerdict.UNDONE, *pair, reason, undoes=decision)
