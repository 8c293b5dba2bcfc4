"""What a person's and a household's card show: numbers masked, restricted conditions left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import msgspec

from sync.protocol import Row
from sync.record import same
from tui_app.errors import NotFound
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.rules.age import Age, age_on
from tui_app.services.access import gate
from tui_app.services.access.access import Entry, entries, mask_fields
from tui_app.services.duplicates.decided import Decision, merged_into
from tui_app.services.exchange.questions import open_fields
from tui_app.services.exchange.receipts import TAKEN, Receipt, standing_of
from tui_app.services.exchange.record_history import RecordHistory
from tui_app.services.people.severity import UNWELL, severest
from tui_app.services.risk.support_needs import Need, needs
from tui_app.services.visits.standing import OF_HOUSEHOLD, OF_PERSON, standing
from tui_app.store import merged
from tui_app.store.rows import table
from tui_app.text import name_key

LOOKS_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a household, as a list shows them. ``gone``: died or moved away; ``died`` tells which."""

    id: str
    full_name: str
    age: Age | None
    sex: str
    relation: str
    gone: bool
    died: bool = False
    birth: str = ""
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """A dated line of a card, with the record behind it. ``at``: wire moment; ``sent``: what the server has of it."""

    at: str
    kind: str
    record: str
    fields: Mapping[str, Any]
    sent: Receipt | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A risk group or condition. ``since``: wire date or None; ``detail``: source or place of treatment."""

    code: str
    since: str | None = None
    detail: str = ""
    treated: bool | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One saved change of a person's record, made here or told by the server. ``fields``: the names that changed;
    ``op``: its id."""

    op: str
    at: str
    who: str
    type: str
    fields: tuple[str, ...]
    new: bool
    sent: bool


@dataclass(frozen=True, slots=True)
class PersonCard:
    """All a person's card shows. ``fields``: the person record, its numbers masked.

    ``changed_at``, ``changed_by``: of the record's last change, on whatever laptop; ``looks``: who opened the
    record, newest first, for the station chief; ``needs``: open ones; ``merges``: records that were merged into
    this one.
    """

    id: str
    fields: Mapping[str, Any]
    age: Age | None
    household: Mapping[str, Any]
    household_id: str
    unit: str
    risk_groups: tuple[Standing, ...]
    conditions: tuple[Standing, ...]
    events: tuple[Event, ...]
    changes: tuple[Change, ...]
    changed_at: str
    changed_by: str
    unsent: int
    conflicts: tuple[str, ...]
    sent: Receipt
    needs: tuple[Need, ...] = ()
    looks: tuple[Entry, ...] = ()
    merges: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class HouseholdCard:
    """All a household's screen shows; its telephone is masked. ``visits``: standing ones, newest first; ``needs``: open
    ones, of the household and of who lives there."""

    id: str
    area: str
    fields: Mapping[str, Any]
    unit: str
    head_name: str
    members: tuple[Member, ...]
    visits: tuple[Event, ...]
    unsent: int
    conflicts: tuple[str, ...]
    sent: Receipt
    needs: tuple[Need, ...] = ()


def person_card(c: Any, person: str, day: date, *, looks: bool = False) -> PersonCard:
    """Everything the card shows; with ``looks`` also who opened it. Of a person who was merged into another, the
    other's card. Raises NotFound, NotOpened.
    """
    person = merged.shown_for(c, person)
    row = live_row(c, "person", person)
    door = table("household").read(c, [str(row.body.get("household"))]).get(str(row.body.get("household")))
    groups = table("risk_membership").where(
        c, "person = ? AND (ended_on IS NULL OR ended_on > ?)", (person, day.isoformat())
    )
    conditions = [
        found
        for found in table("person_condition").where(c, "person = ?", (person,))
        if found.body["condition"] not in RESTRICTED_CONDITIONS
    ]
    conditions_of = [found.id for found in conditions]
    worst = severest(c, [person, *conditions_of])
    return PersonCard(
        id=person,
        fields=mask_fields(row.body | {field: v for (of, field), v in worst.items() if of == person}),
        age=_age(row, day),
        household=mask_fields(door.body) if door else {},
        household_id=door.id if door else "",
        unit=_unit(c, row.area),
        risk_groups=_standings(
            Standing(g.body["risk_group"], g.body.get("started_on"), g.body.get("source", "")) for g in groups
        ),
        conditions=_standings(
            Standing(
                k.body["condition"],
                k.body.get("since"),
                k.body.get("treated_at", ""),
                worst.get((k.id, "treated"), k.body.get("treated")),
            )
            for k in conditions
        ),
        events=tuple(_events(c, person)),
        changes=tuple(_changes(c, person)),
        changed_at=row.at,
        changed_by=row.who,
        unsent=_unsent(c, person),
        conflicts=open_fields(c, person),
        sent=standing_of(c, "person", person),
        needs=tuple(needs(c, person=person)),
        looks=tuple(entries(c, record=person, limit=LOOKS_SHOWN)) if looks else (),
        merges=tuple(merged_into(c, "person", person)),
    )


def household_card(c: Any, household: str, day: date) -> HouseholdCard:
    """Everything the household's screen shows; of one merged into another, the other's. Raises NotFound, NotOpened."""
    household = merged.shown_for(c, household)
    row = live_row(c, "household", household)
    members = household_members(c, household, day)
    head = next((one for one in members if one.id == row.body.get("head")), None)
    visits = c.execute(_VISITS, (household,)).fetchall()
    return HouseholdCard(
        id=household,
        area=row.area,
        fields=mask_fields(row.body),
        unit=_unit(c, row.area),
        head_name=head.full_name if head else "",
        members=tuple(members),
        visits=tuple(
            Event(
                v["at"],
                v["outcome"],
                v["id"],
                {"asked": v["n"], "unwell": v["unwell"], "note": v["note"] or ""},
                standing_of(c, "household_visit", v["id"]),
            )
            for v in visits
        ),
        unsent=_unsent(c, household),
        conflicts=open_fields(c, household),
        sent=standing_of(c, "household", household),
        needs=tuple(needs(c, household=household)),
    )


_VISITS = f"""
WITH {standing(OF_HOUSEHOLD)}
SELECT v.id, v.at, v.outcome, v.note, coalesce(sum(s.wellbeing <> 'not_asked'), 0) AS n,
    coalesce(sum({UNWELL}), 0) AS unwell
FROM standing AS v LEFT JOIN screening AS s ON s.visit = v.id AND NOT s.deleted
GROUP BY v.id ORDER BY v.at DESC, v.id DESC LIMIT 20
"""
LEFT_BEHIND = """(NOT EXISTS (SELECT 1 FROM household_visit WHERE id = {row}.visit)
    AND NOT EXISTS (SELECT 1 FROM {table} AS later WHERE later.person = {row}.person AND later.amends = {row}.id))"""
"""A row whose visit is on no door of this laptop, because its person moved here: it counts until another amends it."""
_SCREENINGS = f"""
WITH {standing(OF_PERSON)}
SELECT s.*, coalesce(v.at, s.changed_at, '') AS visited_at
FROM screening AS s LEFT JOIN standing AS v ON v.id = s.visit
WHERE s.person = ? AND NOT s.deleted AND (v.id IS NOT NULL OR {LEFT_BEHIND.format(row="s", table="screening")})
"""
_TESTS = f"""
WITH {standing(OF_PERSON)}
SELECT t.* FROM test_result AS t WHERE t.person = ? AND NOT t.deleted
AND (t.visit IS NULL OR t.visit IN (SELECT id FROM standing)
    OR {LEFT_BEHIND.format(row="t", table="test_result")})
"""


def tests_of(c: Any, person: str) -> list[Row]:
    """A person's tests that stand, newest first. The caller has asked the gate."""
    found = c.execute(f"SELECT id FROM ({_TESTS}) ORDER BY at DESC, id DESC", (person, person))
    rows = table("test_result").read(c, ids := [row["id"] for row in found])
    return [rows[ident] for ident in ids]


def household_members(c: Any, household: str, day: date) -> list[Member]:
    """Everybody recorded at a household, the living and present first, head first among them."""
    head = live_row(c, "household", household).body.get("head")
    rows = list(table("person").where(c, "household = ?", (household,)))
    alerts: dict[str, list[str]] = {row.id: [] for row in rows}
    for person, code in c.execute(_ALERTS, (day.isoformat(), household, household)):
        alerts[person].append(code)
    listed = [_member(row, day, tuple(sorted(set(alerts[row.id])))) for row in rows]
    return sorted(listed, key=lambda m: (m.gone, m.id != head, _by_birth(m), name_key(m.full_name)))


_ALERTS = """
SELECT m.person, m.risk_group FROM risk_membership AS m JOIN person AS p ON p.id = m.person
WHERE NOT m.deleted AND NOT p.deleted AND (m.ended_on IS NULL OR m.ended_on > ?) AND p.household = ?
UNION ALL
SELECT k.person, k.condition FROM person_condition AS k JOIN person AS p ON p.id = k.person
WHERE NOT k.deleted AND NOT p.deleted AND p.household = ? AND k.condition NOT IN ('hiv', 'substance_use')
"""


def live_row(c: Any, type_name: str, ident: str) -> Row:
    """A record that is not deleted and may be opened now. Raises NotFound, NotOpened."""
    row = table(type_name).read(c, [ident]).get(ident)
    if row is None or row.deleted:
        raise NotFound("errors.record_not_found", kind=type_name)
    gate.check(c, row.area, type_name, ident)
    return row


def _age(row: Row, day: date) -> Age | None:
    born = row.body.get("birth_date")
    return age_on(day, date.fromisoformat(born) if born else None, row.body.get("birth_year"))


def _member(row: Row, day: date, alerts: tuple[str, ...]) -> Member:
    body = row.body
    return Member(
        id=row.id,
        full_name=body.get("full_name", ""),
        age=_age(row, day),
        sex=body.get("sex", ""),
        relation=body.get("relation_to_head", ""),
        gone=bool(body.get("died_on") or body.get("moved_on")),
        died=bool(body.get("died_on")),
        birth=str(body.get("birth_date") or body.get("birth_year") or ""),
        alerts=alerts,
    )


def _by_birth(member: Member) -> str:
    return f"{member.birth}-12-31" if len(member.birth) == 4 else member.birth or "9999"


def _standings(found: Any) -> tuple[Standing, ...]:
    return tuple(sorted(found, key=lambda one: one.code))


def _unit(c: Any, area: str) -> str:
    found = c.execute("SELECT unit_name FROM area WHERE id = ?", (area,)).fetchone()
    return (found["unit_name"] or "") if found else ""


def _unsent(c: Any, record: str) -> int:
    found = c.execute("SELECT count(*) FROM outbox WHERE record = ? AND state IN ('new', 'sent')", (record,))
    return int(found.fetchone()[0])


def _events(c: Any, person: str) -> list[Event]:
    found = [
        Event(
            s["visited_at"],
            "screening",
            s["id"],
            {
                "wellbeing": s["wellbeing"],
                "symptoms": msgspec.json.decode(s["symptoms"] or "[]"),
                "asked": s["asked"],
                "exposure": None if s["exposure"] is None else bool(s["exposure"]),
                "travel": None if s["travel"] is None else bool(s["travel"]),
                "note": s["note"] or "",
                "by": s["changed_by"] or "",
            },
        )
        for s in c.execute(_SCREENINGS, (person, person))
    ]
    found += [
        Event(
            t["at"],
            "test_result",
            t["id"],
            {
                "method": t["method"],
                "result": t["result"],
                "ct_value": t["ct_value"],
                "by": t["supervised_by"] or t["changed_by"] or "",
            },
        )
        for t in c.execute(_TESTS, (person, person))
    ]
    worst = severest(c, [event.record for event in found])
    known = [
        replace(
            event,
            fields={name: worst.get((event.record, name), value) for name, value in event.fields.items()},
            sent=standing_of(c, event.kind, event.record),
        )
        for event in found
    ]
    return sorted(known, key=lambda e: e.at, reverse=True)


def _changes(c: Any, person: str) -> list[Change]:
    found = c.execute(
        'SELECT id, at, who, type, "set", base_seq, state FROM outbox WHERE record = ?'
        " OR record IN (SELECT id FROM merged_into WHERE kept = ? UNION ALL"
        " SELECT id FROM risk_membership WHERE person = ? UNION ALL"
        " SELECT id FROM person_condition WHERE person = ? AND condition NOT IN ('hiv', 'substance_use'))"
        " ORDER BY n DESC LIMIT 200",
        (person, person, person, person),
    )
    changes = []
    for op in found:
        fields = msgspec.json.decode(op["set"])
        new = op["type"] == "person" and "household" in fields and fields["household"][0] is None
        changed = tuple(sorted(name for name, pair in fields.items() if not same(*pair)))
        changes.append(
            Change(op["id"], op["at"], op["who"], op["type"], changed, new, op["state"] == "acked")
        )
    return changes


def with_history(card: PersonCard, found: RecordHistory) -> PersonCard:
    """The card with the changes that the server told of the person's record besides those that are here."""
    here = {change.op for change in card.changes}
    more = [
        Change(one.op, one.at, one.who, found.type, one.fields, one.new, one.result in TAKEN)
        for one in found.changes
        if one.op not in here
    ]
    return replace(card, changes=(*card.changes, *more))
