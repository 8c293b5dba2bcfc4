"""A household visit: the sheet with a line a person, its draft, its saving and its taking back."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import msgspec

from tui_app.clock import to_wire
from tui_app.errors import NotFound
from tui_app.records.visits import Asked, Symptom, TestMethod, TestOutcome, VisitOutcome, Wellbeing
from tui_app.rules.age import Age, age_on
from tui_app.services import drafts
from tui_app.store.engine import Store
from tui_app.store.work import Work
from tui_app.text import name_key


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One person of the sheet. ``wellbeing`` None: not asked yet. ``test``: result of an antigen test done now.

    ``reported_doses``: vaccine doses the list says, None when unknown; ``alerts`` are codes of risk groups and
    conditions that anyone at the door should know (restricted conditions are left out).
    """

    person: str
    full_name: str
    age: Age | None
    relation: str
    reported_doses: int | None
    alerts: tuple[str, ...] = ()
    wellbeing: Wellbeing | None = None
    asked: Asked | None = None
    symptoms: tuple[Symptom, ...] = ()
    exposure: bool | None = None
    travel: bool | None = None
    test: TestOutcome | None = None
    note: str = ""

    @property
    def answered(self) -> bool:
        """Whether anything was found of this person."""
        return self.wellbeing is not None

    def well(self, asked: Asked = Asked.EACH) -> VisitLine:
        """This person is well, asked in person or by one who spoke for all."""
        return replace(self, wellbeing=Wellbeing.WELL, asked=asked, symptoms=())

    def toggle(self, symptom: Symptom) -> VisitLine:
        """Add or take away a sign. With no sign left the line is unanswered again, not well."""
        there = set(self.symptoms) ^ {symptom}
        signs = tuple(s for s in Symptom if s in there)
        return replace(
            self, symptoms=signs, wellbeing=Wellbeing.UNWELL if signs else None, asked=Asked.EACH if signs else None
        )


@dataclass(frozen=True, slots=True)
class VisitSheet:
    """A household's visit while it is being written. ``drafted_at``: wire moment when it comes from a draft."""

    household: str
    code: str
    address: str
    head_name: str
    lines: tuple[VisitLine, ...]
    note: str = ""
    drafted_at: str | None = None

    @property
    def answered(self) -> int:
        """How many persons have an answer."""
        return sum(line.answered for line in self.lines)

    def with_line(self, line: VisitLine) -> VisitSheet:
        """The sheet with this person's line put in the place of the old one."""
        return replace(self, lines=tuple(line if line.person == old.person else old for old in self.lines))

    def rest_well(self) -> VisitSheet:
        """Everybody without an answer is well, asked together ("hỏi chung")."""
        return replace(
            self, lines=tuple(line if line.answered else line.well(Asked.ALL) for line in self.lines)
        )


_LIVING = """
SELECT p.*, (
    SELECT group_concat(code) FROM (
        SELECT risk_group AS code FROM risk_membership
        WHERE person = p.id AND NOT deleted AND (ended_on IS NULL OR ended_on >= ?)
        UNION ALL
        SELECT condition FROM person_condition
        WHERE person = p.id AND NOT deleted AND condition NOT IN ('hiv', 'substance_use'))) AS alerts
FROM person AS p
WHERE p.household = ? AND NOT p.deleted AND p.died_on IS NULL AND p.moved_on IS NULL
"""


def visit_sheet(c: Any, household: str, day: date) -> VisitSheet:
    """The sheet to fill for a household: its living members, head first, with any draft on top. Raises NotFound."""
    found = c.execute(
        "SELECT h.*, p.full_name AS head_name FROM household AS h LEFT JOIN person AS p ON p.id = h.head"
        " WHERE h.id = ? AND NOT h.deleted",
        (household,),
    ).fetchone()
    if found is None:
        raise NotFound("errors.record_not_found", kind="household")
    people = c.execute(_LIVING, (day.isoformat(), household)).fetchall()
    people.sort(key=lambda p: (p["id"] != found["head"], _birth(p), name_key(p["full_name"] or "")))
    sheet = VisitSheet(
        household=household,
        code=found["code"] or "",
        address=found["address"] or "",
        head_name=found["head_name"] or "",
        lines=tuple(_line(p, day) for p in people),
    )
    draft = drafts.kept(c, _key(household))
    return _from_draft(sheet, draft) if draft else sheet


def keep_draft(store: Store, who: str, sheet: VisitSheet) -> None:
    """Keep the sheet as it stands; called at every row."""
    body = {"at": to_wire(store.clock()), "note": sheet.note, "lines": [_draft_line(line) for line in sheet.lines]}
    drafts.keep(store, who, _key(sheet.household), "visit", body)


def drop_draft(store: Store, household: str) -> None:
    """Forget the household's draft because its writer said so."""
    with store.write() as c:
        drafts.drop(c, _key(household))


def record_visit(store: Store, who: str, sheet: VisitSheet) -> str:
    """Save a met household: the visit, a screening for each person (not asked is said, not left out) and tests.

    Returns the visit's id. The draft goes in the same transaction.
    """
    with store.work(who) as work:
        asked_all = any(line.asked == Asked.ALL for line in sheet.lines)
        visit = _visit(work, sheet.household, VisitOutcome.MET, sheet.note, Asked.ALL if asked_all else Asked.EACH)
        place = work.get("household", sheet.household)
        for line in sheet.lines:
            _screen(work, visit, line, place)
        return visit


def record_outcome(store: Store, who: str, household: str, outcome: VisitOutcome, note: str = "") -> str:
    """Save a visit at which nobody was asked: absent, refused or moved. Returns the visit's id."""
    with store.work(who) as work:
        return _visit(work, household, outcome, note, None)


def withdraw_visit(store: Store, who: str, visit: str) -> str:
    """Take a visit back with a correcting record; the first one stays in the history. Returns the new row's id.

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
            body = _redraft(work.connection, visit, old.body.get("note", ""), work.at)
            drafts.put(work.connection, who, _key(household), "visit", body, work.at)
        return ident


def _visit(work: Work, household: str, outcome: VisitOutcome, note: str, asked: Asked | None) -> str:
    place = work.get("household", household)
    fields = {"household": household, "at": work.at, "outcome": outcome, "asked": asked, "note": note}
    drafts.drop(work.connection, _key(household))
    return work.create("household_visit", fields, place=place)


def _screen(work: Work, visit: str, line: VisitLine, place: Any) -> None:
    fields = {
        "visit": visit,
        "person": line.person,
        "wellbeing": line.wellbeing or Wellbeing.NOT_ASKED,
        "symptoms": list(line.symptoms) if line.wellbeing else None,
        "exposure": line.exposure,
        "travel": line.travel,
        "asked": line.asked,
        "note": line.note,
    }
    work.create("screening", fields, place=place)
    if line.test is not None:
        fields = {
            "visit": visit,
            "person": line.person,
            "at": work.at,
            "method": TestMethod.ANTIGEN,
            "result": line.test,
            "supervised_by": work.who,
        }
        work.create("test_result", fields, place=place)


def _line(p: Any, day: date) -> VisitLine:
    born = date.fromisoformat(p["birth_date"]) if p["birth_date"] else None
    return VisitLine(
        person=p["id"],
        full_name=p["full_name"] or "",
        age=age_on(day, born, p["birth_year"]),
        relation=p["relation_to_head"] or "",
        reported_doses=p["reported_doses"],
        alerts=tuple(sorted(set(p["alerts"].split(",")))) if p["alerts"] else (),
    )


def _birth(p: Any) -> str:
    return p["birth_date"] or (f"{p['birth_year']}-12-31" if p["birth_year"] else "9999")


def _key(household: str) -> str:
    return f"visit:{household}"


def _draft_line(line: VisitLine) -> dict[str, Any]:
    kept = ("person", "wellbeing", "asked", "symptoms", "exposure", "travel", "test", "note")
    return {name: value for name, value in asdict(line).items() if name in kept}


def _from_draft(sheet: VisitSheet, body: dict[str, Any]) -> VisitSheet:
    written = {line["person"]: line for line in body["lines"]}
    lines = tuple(_fill(line, written[line.person]) if line.person in written else line for line in sheet.lines)
    return replace(sheet, lines=lines, note=body.get("note", ""), drafted_at=body["at"])


def _fill(line: VisitLine, written: dict[str, Any]) -> VisitLine:
    wellbeing, asked, test = written.get("wellbeing"), written.get("asked"), written.get("test")
    return replace(
        line,
        wellbeing=Wellbeing(wellbeing) if wellbeing else None,
        asked=Asked(asked) if asked else None,
        symptoms=tuple(Symptom(code) for code in written.get("symptoms") or ()),
        exposure=written.get("exposure"),
        travel=written.get("travel"),
        test=TestOutcome(test) if test else None,
        note=written.get("note") or "",
    )


def _redraft(c: Any, visit: str, note: str, at: str) -> dict[str, Any]:
    tests = dict(c.execute("SELECT person, result FROM test_result WHERE visit = ? AND NOT deleted", (visit,)).fetchall())
    lines = []
    for s in c.execute("SELECT * FROM screening WHERE visit = ? AND NOT deleted", (visit,)):
        asked = s["wellbeing"] != Wellbeing.NOT_ASKED
        lines.append(
            {
                "person": s["person"],
                "wellbeing": s["wellbeing"] if asked else None,
                "asked": s["asked"],
                "symptoms": msgspec.json.decode(s["symptoms"]) if s["symptoms"] else [],
                "exposure": None if s["exposure"] is None else bool(s["exposure"]),
                "travel": None if s["travel"] is None else bool(s["travel"]),
                "test": tests.get(s["person"]),
                "note": s["note"] or "",
            }
        )
    return {"at": at, "note": note, "lines": lines}
