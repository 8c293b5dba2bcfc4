"""The register of requests of data subjects: what was asked, by when it is due, what came of it (rules §4, duty 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields, NotFound
from tui_app.records.data_requests import RequestKind, RequestState
from tui_app.rules.findings import Finding
from tui_app.rules.privacy_parts import Step
from tui_app.rules.request_due import due
from tui_app.rules.rule_set import RuleSets
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.requests.taken import WAITS, not_taken
from tui_app.store.engine import Store
from tui_app.store.work import Work
from tui_app.text import clean

TYPE = "data_request"
GOING = frozenset({RequestState.OPEN, RequestState.ANSWERED})
"""States in which something is still to be done."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when a step has to be done, and when it was. ``on``: its last day, None when no document says;
    ``state``: due, overdue, on_time or late; ``unknown`` without a day."""

    on: date | None
    met_on: date | None
    state: str
    finding: Finding | None = None

    @property
    def waits(self) -> bool:
        """Whether somebody still has to act."""
        return self.met_on is None


@dataclass(frozen=True, slots=True)
class Request:
    """One line of the register. ``full_name``: empty when the person is erased or may not be named now; ``not_taken``:
    ``waits`` while the server has not answered the erasure by which this was done, ``refused`` when it did not take it;
    ``given_back``: the request it was made of stands in the register again, because its erasure was refused."""

    id: str
    person: str
    full_name: str
    area: str
    kind: str
    state: str
    received_on: date
    asked_by: str
    wording: str
    third_parties: bool | None
    outcome: str
    answer: Deadline
    end: Deadline
    not_taken: str = ""
    given_back: bool = False

    @property
    def may_act(self) -> bool:
        """Neither done, refused nor taken back."""
        return self.state in GOING

    @property
    def is_open(self) -> bool:
        """Something is still to be done or to be waited for."""
        return self.may_act or (bool(self.not_taken) and not self.given_back)

    @property
    def progress(self) -> str:
        """How far it is, a code of its own for what was done here alone."""
        return f"erasure_{self.not_taken}" if self.not_taken else self.state

    @property
    def next_due(self) -> date | None:
        """The nearest day by which something has to be done."""
        days = [one.on for one in (self.answer, self.end) if self.is_open and one.waits and one.on]
        return min(days, default=None)


def requests(c: Any, day: date, *, person: str | None = None, open_only: bool = False) -> list[Request]:
    """The register, what is due first on top, then what was ended, newest first. Raises NotOpened unless a chief."""
    gate.check_chief(c)
    return [one for one in _read(c, day, person) if one.is_open or not open_only]


def waiting_of(c: Any, person: str, day: date) -> list[Request]:
    """What a person asked that is not ended, for whoever may open their card: without the words that anybody wrote.

    Raises NotOpened for a viewer.
    """
    gate.check_role(c, TYPE)
    found = (one for one in _read(c, day, person) if one.is_open and one.full_name)
    return [replace(one, asked_by="", wording="") for one in found]


def _read(c: Any, day: date, person: str | None) -> list[Request]:
    sets, shut, taken = rule_sets(c), gate.closed(c), not_taken(c)
    rows = c.execute(_REQUESTS + (" AND r.person = ?" if person else ""), (person,) if person else ())
    found = [_request(sets, row, day, taken, named=row["area"] not in shut) for row in rows]
    first = {_asked(one) for one in found if one.state != RequestState.DONE}
    return sorted(
        (replace(one, given_back=bool(one.not_taken) and _asked(one) in first) for one in found), key=_order
    )


def _asked(one: Request) -> tuple[str, str, date]:
    return one.person, one.kind, one.received_on


def request(c: Any, ident: str, day: date) -> Request:
    """One request of the register. Raises NotFound, NotOpened unless a chief."""
    found = next((one for one in requests(c, day) if one.id == ident), None)
    if found is None:
        raise NotFound("errors.record_not_found", kind=TYPE)
    return found


def add(
    store: Store,
    who: str,
    person: str,
    kind: str,
    *,
    received_on: date | None = None,
    asked_by: str = "",
    wording: str = "",
    third_parties: bool | None = None,
) -> str:
    """Note what a person asks for; whoever works at the doors may. Returns the request's id.

    Raises InvalidFields for a day to come or a kind there is not; NotFound, NotOpened.
    """
    day = received_on or today(store.clock)
    if day > today(store.clock):
        raise InvalidFields([FieldProblem("received_on", "problems.day_to_come")])
    with store.work(who) as work:
        place = work.get("person", person)
        gate.check(work.connection, place.area, "person", person)
        fields = {
            "person": person,
            "kind": kind,
            "received_on": day.isoformat(),
            "asked_by": clean(asked_by) or None,
            "wording": clean(wording) or None,
            "third_parties": third_parties,
            "state": str(RequestState.OPEN),
        }
        return work.create(TYPE, fields, place=place)


def answer(store: Store, who: str, request: str, *, on: date | None = None) -> None:
    """Note the first answer. Only the chief may. Raises InvalidFields, NotFound, NotOpened."""
    with store.work(who) as work:
        day = _day(work, store, request, on)
        if work.get(TYPE, request).body["state"] != RequestState.OPEN:
            raise InvalidFields([FieldProblem("state", "requests.answered_already")])
        work.change(TYPE, request, {"state": str(RequestState.ANSWERED), "answered_on": day.isoformat()})


def finish(store: Store, who: str, request: str, outcome: str, *, on: date | None = None) -> None:
    """The request is met; ``outcome``: what was done. A deletion ends by erasing, not by saying so.

    Only the chief may. Raises InvalidFields, NotFound, NotOpened.
    """
    with store.work(who) as work:
        if work.get(TYPE, request).body.get("kind") == RequestKind.DELETION:
            raise InvalidFields([FieldProblem("state", "requests.erase_first")])
        end(work, store, request, RequestState.DONE, outcome, on)


def refuse(store: Store, who: str, request: str, reason: str, *, on: date | None = None) -> None:
    """The request is not met, with the reason the person is told. Only the chief may.

    Raises InvalidFields, NotFound, NotOpened.
    """
    with store.work(who) as work:
        end(work, store, request, RequestState.REFUSED, reason, on)


def cancel(store: Store, who: str, request: str, reason: str, *, on: date | None = None) -> None:
    """Whoever asked does so no longer. Only the chief may. Raises InvalidFields, NotFound, NotOpened."""
    with store.work(who) as work:
        end(work, store, request, RequestState.CANCELLED, reason, on)


def end(work: Work, store: Store, request: str, state: RequestState, outcome: str, on: date | None) -> None:
    """End a request within the caller's unit of work; who had no answer before is answered by the end."""
    day, outcome = _day(work, store, request, on), clean(outcome)
    if not outcome:
        raise InvalidFields([FieldProblem("outcome", "problems.missing").of(TYPE)])
    answered = work.get(TYPE, request).body.get("answered_on") or day.isoformat()
    fields = {"state": str(state), "answered_on": answered, "ended_on": day.isoformat(), "outcome": outcome}
    work.change(TYPE, request, fields)


def _day(work: Work, store: Store, request: str, on: date | None) -> date:
    """The day a step was done, checked against the request's own days."""
    gate.check_chief(work.connection)
    row = work.get(TYPE, request)
    if row.deleted or row.body.get("state") not in GOING:
        raise InvalidFields([FieldProblem("state", "requests.ended_already")])
    day = on or today(store.clock)
    if day > today(store.clock):
        raise InvalidFields([FieldProblem("ended_on", "problems.day_to_come")])
    if day < date.fromisoformat(row.body["received_on"]):
        raise InvalidFields([FieldProblem("ended_on", "requests.before_received")])
    return day


def _request(sets: RuleSets, row: Any, day: date, taken: Mapping[str, str], *, named: bool) -> Request:
    received, state = date.fromisoformat(row["received_on"]), row["state"] or ""
    erased = row["kind"] == RequestKind.DELETION and state == RequestState.DONE
    waits = taken.get(row["id"], WAITS) if erased else ""
    third = None if row["third_parties"] is None else bool(row["third_parties"])

    def deadline(step: Step, met: str | None) -> Deadline:
        found = due(sets, step, row["kind"], received, third_parties=bool(third))
        met_on = date.fromisoformat(met) if met else None
        if found is None:
            return Deadline(None, met_on, "unknown")
        late = (met_on or day) > found[0]
        told = ("late" if late else "on_time") if met_on else ("overdue" if late else "due")
        return Deadline(found[0], met_on, told, found[1])

    return Request(
        id=row["id"],
        person=row["person"] or "",
        full_name=(row["full_name"] or "") if named else "",
        area=row["area"],
        kind=row["kind"] or "",
        state=state,
        received_on=received,
        asked_by=row["asked_by"] or "",
        wording=row["wording"] or "",
        third_parties=third,
        outcome=row["outcome"] or "",
        answer=deadline("first_answer", row["answered_on"]),
        end=deadline("end", None if waits else row["ended_on"]),
        not_taken=waits,
    )


def _order(one: Request) -> tuple[Any, ...]:
    if one.is_open:
        return (0, one.next_due or date.max, one.received_on, one.id)
    return (1, -(one.end.met_on or one.received_on).toordinal(), one.received_on, one.id)


_REQUESTS = """
SELECT r.id, r.person, r.area, r.kind, r.state, r.received_on, r.asked_by, r.wording, r.third_parties, r.answered_on,
    r.ended_on, r.outcome, p.full_name
FROM data_request AS r LEFT JOIN person AS p ON p.id = r.person WHERE NOT r.deleted
"""
