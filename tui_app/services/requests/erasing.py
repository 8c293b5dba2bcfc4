"""Removing a person for good, because they asked and no law keeps their records (rules §4, duties 5, 9 and 11).

The decision is an `erasure` record for each unit in which something of the person lies; whatever takes one in, this
laptop, another one or the server, removes the content of what it names (`tui_app.store.erasing`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sync.protocol import Row
from sync.texts import Text
from tui_app.clock import to_wire, today
from tui_app.errors import FieldProblem, InvalidFields, LawKeeps, UserError
from tui_app.records.data_requests import RequestKind, RequestState
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.requests import register
from tui_app.services.requests.belongings import Belongings, belongings
from tui_app.services.requests.mentions import Mention, forbidden_to_name, mentions, names_any
from tui_app.services.requests.retention import Keeping, journal_kept, keeping
from tui_app.services.requests.rewording import Decisions, by_area, decided, left_of, reword
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import clean

TYPE = "erasure"
MOST = 500  # records, and fields, that one erasure names; a body has to fit into a push


@dataclass(frozen=True, slots=True)
class Plan:
    """What erasing a person would do. ``counts``: records of each type; ``kept_by``: rules that forbid it;
    ``unsent``: saves of these records that the server has not answered yet; ``household``: whether their household,
    in which nobody else lives, goes too; ``journal``: the rule that keeps who looked at them; ``named_in``: records of
    others that name them; of what was done, those that name them still; ``names``: their names and numbers, folded,
    which no new words may hold."""

    person: str
    counts: Mapping[str, int]
    kept_by: tuple[Keeping, ...]
    unsent: int
    household: bool
    journal: Keeping | None = None
    named_in: tuple[Mention, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def may_go(self) -> bool:
        """Whether nothing stands against it."""
        return not self.kept_by and not self.unsent


def plan(store: Store, person: str) -> Plan:
    """What erasing a person would do, and what stands against it; the chief may ask. Raises NotOpened, NotFound."""
    with store.read() as c:
        gate.check_chief(c)
        found, day = belongings(c, person), today(store.clock)
        journal = journal_kept(rule_sets(c), day, day)
        names = forbidden_to_name(c, found.members)
        return replace(_plan(c, found, store), journal=journal, named_in=mentions(c, found), names=names)


def erase(
    store: Store, who: str, person: str, request: str, ground: str = "", texts: Decisions | None = None
) -> tuple[Plan, str]:
    """Remove a person for good, for a request for deletion that is open. Returns what was removed and the id of the
    request as it stays in the register: ended, without the words of whoever asked.

    ``ground``: why, without the name; ``texts``: what shall stand where records of others name them. Raises NotOpened
    unless a chief; NotFound; InvalidFields for a request that is not theirs or not for deletion, and for words that may
    not stand; LawKeeps; UserError while saves of them wait for the server.
    """
    with store.work(who) as work:
        c = work.connection
        gate.check_chief(c)
        found = belongings(c, person)
        asked = _asked(work, found, request)
        ground = _ground(c, found, clean(ground) or str(asked.body["kind"]))
        done = _plan(c, found, store)
        if done.kept_by:
            raise LawKeeps("requests.law_keeps", rules="; ".join(kept.said() for kept in done.kept_by))
        if done.unsent:
            raise UserError("requests.send_first", count=done.unsent)
        named_in = mentions(c, found)
        words = decided(named_in, texts or {}, forbidden_to_name(c, found.members))
        kept_request = _without_words(work, store, found, request)
        _drop_head(work, found)
        work.flush()  # what is written once the erasures are would bring back what they take away
        for place, named in _named(c, found, words):
            fields = {
                "person": found.person,
                "request": kept_request,
                "at": to_wire(store.clock()),
                "ground": ground,
            }
            work.create(TYPE, fields | named, place=place)
        work.flush()
        reword(work, words)
    return replace(done, named_in=left_of(named_in, words)), kept_request


def _named(
    c: Any, found: Belongings, words: Mapping[Text, str]
) -> Iterator[tuple[Row, dict[str, list[dict[str, str]]]]]:
    """What each erasure names, and a record beside which it lies: one or more for each unit."""
    texts = by_area(c, words)
    for area in sorted({*found.areas, *texts}):
        keys, fields = found.areas.get(area, ()), texts.get(area, [])
        place = _place(c, keys[0] if keys else fields[0][:2])
        for start in range(0, len(keys), MOST):
            named = [{"type": kind, "id": ident} for kind, ident in keys[start : start + MOST]]
            yield place, {"records": named}
        for start in range(0, len(fields), MOST):
            named = [
                {"type": kind, "id": ident, "field": field}
                for kind, ident, field in fields[start : start + MOST]
            ]
            yield place, {"texts": named}


def _plan(c: Any, found: Belongings, store: Store) -> Plan:
    return Plan(
        found.person,
        found.counts(),
        tuple(keeping(c, found, today(store.clock))),
        _unsent(c, found),
        found.alone,
    )


def _unsent(c: Any, found: Belongings) -> int:
    """Saves that a server is to answer still: it would not know them otherwise, and the laptop keeps no copy."""
    row = c.execute(
        "SELECT count(*) FROM json_each(?) AS j JOIN outbox AS o ON o.record = j.value ->> 1 AND o.type = j.value ->> 0"
        " JOIN cursor AS a ON a.area = o.area AND a.mode <> 'local' WHERE o.state IN ('new', 'sent')",
        (json.dumps(found.keys),),
    ).fetchone()
    return int(row[0])


def _asked(work: Work, found: Belongings, request: str) -> Row:
    row = work.get(register.TYPE, request)
    problems = []
    if row.body.get("person") not in found.members:
        problems.append(FieldProblem("request", "requests.of_another"))
    elif row.body.get("kind") != RequestKind.DELETION:
        problems.append(FieldProblem("request", "requests.not_deletion"))
    elif row.deleted or row.body.get("state") not in register.GOING:
        problems.append(FieldProblem("request", "requests.ended_already"))
    if problems:
        raise InvalidFields(problems)
    return row


def _ground(c: Any, found: Belongings, ground: str) -> str:
    """The words of the decision, which stay: they may not name whom they are about."""
    if names_any(ground, forbidden_to_name(c, found.members)):
        raise InvalidFields([FieldProblem("ground", "requests.ground_names")])
    return ground


def _without_words(work: Work, store: Store, found: Belongings, request: str) -> str:
    """Let the register keep each request of this person without what anybody wrote in it. Returns the new id of
    ``request``, which is done now."""
    done = ""
    day = today(store.clock).isoformat()
    for ident in found.ids(register.TYPE):
        row = work.get(register.TYPE, ident)
        if row.deleted:
            continue
        kept = {name: row.body.get(name) for name in _FACTS}
        if ident == request:
            answered = kept["answered_on"] or day
            kept |= {"state": str(RequestState.DONE), "answered_on": answered, "ended_on": day}
        elif kept["state"] in register.GOING:  # nothing is left that it could be about
            kept |= {"state": str(RequestState.CANCELLED), "ended_on": day}
        made = work.create(register.TYPE, kept, place=row)
        done = made if ident == request else done
    return done


_FACTS = ("person", "kind", "received_on", "third_parties", "state", "answered_on", "ended_on")


def _drop_head(work: Work, found: Belongings) -> None:
    """A household that stays is not led by somebody who is gone."""
    gone = set(found.ids("household"))
    rows = table("household").where(
        work.connection, "head IN (SELECT value FROM json_each(?))", (json.dumps(found.members),)
    )
    for row in list(rows):
        if row.id not in gone:
            work.change("household", row.id, {"head": None})


def _place(c: Any, key: tuple[str, str]) -> Row:
    return table(key[0]).said(c, [key[1]])[key[1]]
