"""A household visit: the sheet with a line a person, its draft, its saving and its taking back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec

from sync.protocol import Row
from tui_app.clock import VIETNAM, day_bounds, from_wire, to_wire
from tui_app.errors import NotFound
from tui_app.records.visits import Asked, Symptom, TestMethod, VisitOutcome, Wellbeing
from tui_app.rules.age import age_on
from tui_app.services.access import gate
from tui_app.services.station import drafts
from tui_app.services.sweeps.sweep_here import at_door
from tui_app.services.sweeps.sweeps import running
from tui_app.services.visits import visit_drafts
from tui_app.services.visits.standing import OF_HOUSEHOLD, standing
from tui_app.services.visits.visit_lines import Before, VisitLine, VisitSheet
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import name_key

__all__ = [
    "Before",
    "VisitLine",
    "VisitSheet",
    "drop_draft",
    "keep_draft",
    "record_outcome",
    "record_visit",
    "visit_sheet",
    "withdraw_visit",
]

_LIVING = """
SELECT p.*, (
    SELECT group_concat(code) FROM (
        SELECT risk_group AS code FROM risk_membership
        WHERE person = p.id AND NOT deleted AND (ended_on IS NULL OR ended_on > ?)
        UNION ALL
        SELECT condition FROM person_condition
        WHERE person = p.id AND NOT deleted AND condition NOT IN ('hiv', 'substance_use'))) AS alerts
FROM person AS p
WHERE p.household = ? AND NOT p.deleted AND p.died_on IS NULL AND p.moved_on IS NULL
"""


_MET_TODAY = f"""
WITH {standing(OF_HOUSEHOLD)}
SELECT id, at, note FROM standing WHERE outcome = 'met' AND at >= ? AND at < ?
ORDER BY at DESC, id DESC LIMIT 1
"""
_BEFORE = f"""
WITH {standing(OF_HOUSEHOLD)}
SELECT s.person, v.at, s.wellbeing, s.symptoms FROM standing AS v JOIN screening AS s ON s.visit = v.id
WHERE NOT s.deleted AND s.wellbeing <> 'not_asked' AND v.id IS NOT ? ORDER BY v.at
"""


def visit_sheet(c: Any, household: str, day: date) -> VisitSheet:
    """The sheet to fill for a household: its living members, head first, with any draft on top.

    A household met today already comes with today's answers, to be completed or corrected. Raises NotFound,
    NotOpened.
    """
    found = c.execute(
        "SELECT h.*, p.full_name AS head_name FROM household AS h LEFT JOIN person AS p ON p.id = h.head"
        " AND NOT p.deleted WHERE h.id = ? AND NOT h.deleted",
        (household,),
    ).fetchone()
    if found is None:
        raise NotFound("errors.record_not_found", kind="household")
    gate.check(c, found["area"], "household", household)
    people = c.execute(_LIVING, (day.isoformat(), household)).fetchall()
    people.sort(key=lambda p: (p["id"] != found["head"], _birth(p), name_key(p["full_name"] or "")))
    visit = c.execute(_MET_TODAY, (household, *day_bounds(day))).fetchone()
    amends = visit["id"] if visit else None
    before = _before(c, household, amends)
    sheet = VisitSheet(
        household=household,
        code=found["code"] or "",
        address=found["address"] or "",
        head_name=found["head_name"] or "",
        lines=tuple(_line(p, day, before.get(p["id"])) for p in people),
        amends=amends,
        sweep=at_door(c, found["area"], day),
    )
    if visit:
        sheet = visit_drafts.filled(
            sheet, visit_drafts.redraft(c, visit["id"], visit["note"] or "", visit["at"])
        )
    draft = drafts.kept(c, _key(household))
    if not draft:
        return sheet
    written = visit_drafts.filled(sheet, draft, over=draft.get("amends") == amends)
    return replace(written, drafted_at=draft["at"])


def keep_draft(store: Store, who: str, sheet: VisitSheet) -> None:
    """Keep the sheet as it stands; called at every row."""
    body = {
        "at": to_wire(store.clock()),
        "note": sheet.note,
        "amends": sheet.amends,
        "lines": [visit_drafts.draft_line(line) for line in sheet.lines],
    }
    drafts.keep(store, who, _key(sheet.household), "visit", body)


def drop_draft(store: Store, household: str) -> None:
    """Forget the household's draft because its writer said so."""
    drafts.discard(store, _key(household))


def record_visit(store: Store, who: str, sheet: VisitSheet) -> str:
    """Save a met household: the visit, a screening for each person (not asked is said too) and tests.

    Returns the visit's id. The draft goes in the same transaction. When the sheet goes on with a visit, the
    new rows amend that visit's; a test whose result is the same keeps the moment it was made.
    """
    with store.work(who) as work:
        asked_all = any(line.asked == Asked.ALL for line in sheet.lines)
        asked = Asked.ALL if asked_all else Asked.EACH
        visit = _visit(work, sheet.household, VisitOutcome.MET, sheet.note, asked, sheet.amends)
        place = work.get("household", sheet.household)
        old = {name: _rows_of(work.connection, name, sheet.amends) for name in ("screening", "test_result")}
        for line in sheet.lines:
            _screen(work, visit, line, place, old["screening"].get(line.person))
            if line.test is not None:
                _test(work, visit, line, place, old["test_result"].get(line.person))
        return visit


def record_outcome(store: Store, who: str, household: str, outcome: VisitOutcome, note: str = "") -> str:
    """Save a visit at which nobody was asked: absent, refused or moved. Returns the visit's id."""
    with store.work(who) as work:
        return _visit(work, household, outcome, note, None, None)


def withdraw_visit(store: Store, who: str, visit: str) -> str:
    """Take a visit back with a correcting record; the first stays in the history. Returns the new row's id.

    What was on the sheet becomes a draft again, so that undoing loses no typed word.
    """
    with store.work(who) as work:
        old = work.get("household_visit", visit)
        household = old.body["household"]
        ident = work.create(
            "household_visit",
            {"household": household, "at": work.at, "outcome": VisitOutcome.WITHDRAWN, "amends": visit},
            place=old,
        )
        if old.body["outcome"] == VisitOutcome.MET:
            body = visit_drafts.redraft(work.connection, visit, old.body.get("note", ""), work.at)
            later = drafts.kept(work.connection, _key(household))
            if later:
                body = visit_drafts.merged(body, later)
            body["amends"] = old.body.get("amends")
            drafts.put(work.connection, who, _key(household), "visit", body, work.at)
        return ident


def _visit(
    work: Work, household: str, outcome: VisitOutcome, note: str, asked: Asked | None, amends: str | None
) -> str:
    place = work.get("household", household)
    sweeps_here = running(work.connection, place.area, from_wire(work.at).astimezone(VIETNAM).date())
    fields = {
        "household": household,
        "campaign": sweeps_here[0] if sweeps_here else None,
        "at": work.at,
        "outcome": outcome,
        "asked": asked,
        "note": note,
        "amends": amends,
    }
    drafts.drop(work.connection, _key(household))
    return work.create("household_visit", fields, place=place)


def _rows_of(c: Any, type_name: str, visit: str | None) -> dict[str, Row]:
    """person -> that person's row in a visit."""
    rows = table(type_name).where(c, "visit = ?", (visit,)) if visit else ()
    return {str(row.body["person"]): row for row in rows}


def _screen(work: Work, visit: str, line: VisitLine, place: Row, old: Row | None) -> None:
    fields = {
        "visit": visit,
        "person": line.person,
        "wellbeing": line.wellbeing or Wellbeing.NOT_ASKED,
        "symptoms": list(line.symptoms) if line.wellbeing else None,
        "exposure": line.exposure,
        "travel": line.travel,
        "travel_from": line.travel_from or None,
        "arrived_on": line.arrived_on,
        "asked": line.asked,
        "note": line.note,
        "amends": old.id if old else None,
    }
    work.create("screening", fields, place=place)


def _test(work: Work, visit: str, line: VisitLine, place: Row, old: Row | None) -> None:
    same = old is not None and old.body["result"] == line.test
    fields = {
        "visit": visit,
        "person": line.person,
        "at": old.body["at"] if old and same else work.at,
        "method": TestMethod.ANTIGEN,
        "result": line.test,
        "supervised_by": old.body.get("supervised_by") if old and same else work.who,
        "amends": old.id if old else None,
    }
    work.create("test_result", fields, place=place)


def _line(p: Any, day: date, before: Before | None) -> VisitLine:
    born = date.fromisoformat(p["birth_date"]) if p["birth_date"] else None
    return VisitLine(
        person=p["id"],
        full_name=p["full_name"] or "",
        age=age_on(day, born, p["birth_year"]),
        relation=p["relation_to_head"] or "",
        reported_doses=p["reported_doses"],
        alerts=tuple(sorted(set(p["alerts"].split(",")))) if p["alerts"] else (),
        before=before,
    )


def _before(c: Any, household: str, besides: str | None) -> dict[str, Before]:
    """person -> the last answer in any standing visit to the household but the one given."""
    return {
        s["person"]: Before(
            s["at"],
            Wellbeing(s["wellbeing"]),
            tuple(Symptom(code) for code in msgspec.json.decode(s["symptoms"] or "[]")),
        )
        for s in c.execute(_BEFORE, (household, besides))
    }


def _birth(p: Any) -> str:
    return p["birth_date"] or (f"{p['birth_year']}-12-31" if p["birth_year"] else "9999")


def _key(household: str) -> str:
    return f"visit:{household}"
