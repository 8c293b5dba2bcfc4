"""A visit's sheet as a draft keeps it: lines to and from plain values, and a saved visit made a draft again."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

import msgspec

from tui_app.records.visits import Asked, Symptom, TestOutcome, Wellbeing
from tui_app.services.visits.visit_lines import VisitLine, VisitSheet

_ANSWERS = (
    "wellbeing",
    "asked",
    "symptoms",
    "exposure",
    "travel",
    "travel_from",
    "arrived_on",
    "test",
    "note",
)
"""What a draft keeps of a line."""


def draft_line(line: VisitLine) -> dict[str, Any]:
    """A line as it is kept."""
    kept = {name: value for name, value in asdict(line).items() if name in ("person", *_ANSWERS)}
    return kept | {"arrived_on": line.arrived_on.isoformat() if line.arrived_on else None}


def filled(sheet: VisitSheet, body: dict[str, Any], *, over: bool = True) -> VisitSheet:
    """The sheet with the written lines on it; without ``over`` only lines that say something count."""
    written = {line["person"]: line for line in body["lines"] if over or _says_something(line)}
    lines = tuple(
        _fill(line, written[line.person]) if line.person in written else line for line in sheet.lines
    )
    note = body.get("note", "") if over else body.get("note") or sheet.note
    return replace(sheet, lines=lines, note=note)


def _says_something(line: dict[str, Any]) -> bool:
    return any(line.get(name) not in (None, "", []) for name in _ANSWERS if name != "asked")


def merged(body: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """A draft made of ``body`` with what ``later`` says on top."""
    said = {line["person"]: line for line in later["lines"] if _says_something(line)}
    lines = {line["person"]: line for line in body["lines"]} | said
    return {"at": body["at"], "note": later.get("note") or body["note"], "lines": list(lines.values())}


def _fill(line: VisitLine, written: dict[str, Any]) -> VisitLine:
    wellbeing, asked, test = written.get("wellbeing"), written.get("asked"), written.get("test")
    return replace(
        line,
        wellbeing=Wellbeing(wellbeing) if wellbeing else None,
        asked=Asked(asked) if asked else None,
        symptoms=tuple(Symptom(code) for code in written.get("symptoms") or ()),
        exposure=written.get("exposure"),
        travel=written.get("travel"),
        travel_from=written.get("travel_from") or "",
        arrived_on=date.fromisoformat(written["arrived_on"]) if written.get("arrived_on") else None,
        test=TestOutcome(test) if test else None,
        note=written.get("note") or "",
    )


def redraft(c: Any, visit: str, note: str, at: str) -> dict[str, Any]:
    """What a saved visit said, as a draft. ``at``: wire moment."""
    tests = dict(
        c.execute(
            "SELECT person, result FROM test_result WHERE visit = ? AND NOT deleted", (visit,)
        ).fetchall()
    )
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
                "travel_from": s["travel_from"] or "",
                "arrived_on": s["arrived_on"],
                "test": tests.get(s["person"]),
                "note": s["note"] or "",
            }
        )
    return {"at": at, "note": note, "lines": lines}
