"""A made-up ward with an epidemic: open cases, the many that ended, and the readings of all of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sync.protocol import Row
from tests.bench import ward
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, day_bounds, new_id, to_wire
from tui_app.records.cases import case_id
from tui_app.records.observations import alert_id
from tui_app.store.rows import RecordRows

OPEN, OBSERVATIONS, HALF_DAYS = 500, 300_000, 28
SPO2_SIGN = {
    "kind": "danger_sign",
    "rule": "spo2",
    "rule_set": "qd-261",
    "field": "spo2",
    "limit": "≤ 96",
    "verified": True,
}


def home(folder: Path, persons: int) -> Path:
    """The home of `ward.home` with `OPEN` open cases of fourteen days and `OBSERVATIONS` readings in all."""
    place = folder / f"care-{persons}"
    if not place.exists():
        ward.copy_of(ward.home(folder, persons)).rename(place)
        workspace = ward.unlocked(place)
        try:
            _fill(workspace)
        finally:
            workspace.close()
    return place


def _fill(workspace: Workspace) -> None:
    dice = random.Random(4)
    today = datetime.now(UTC).astimezone(VIETNAM).date()
    with workspace.store.read() as c:
        found = c.execute("SELECT id, area FROM person ORDER BY id LIMIT ?", (OBSERVATIONS // HALF_DAYS,))
        people = [tuple(row) for row in found]
    lot: list[Row] = []
    for number, (person, area) in enumerate(people):
        is_open = number < OPEN
        start = today - timedelta(days=14 if is_open else 15 + dice.randrange(400))
        lot += _case(person, area, start, is_open, dice)
        if len(lot) > 20_000 or number == len(people) - 1:
            with workspace.store.write() as c:
                RecordRows().upsert(c, lot)
            lot = []


def _case(person: str, area: str, start: date, is_open: bool, dice: random.Random) -> Iterator[Row]:
    case = case_id(person, 0)

    def row(kind: str, ident: str, made: str, **body: Any) -> Row:
        return Row(
            type=kind, id=ident, commune=ward.COMMUNE, area=area, seq=1, at=made, who=ward.USER, body=body
        )

    began, end = day_bounds(start)[0], start + timedelta(days=14)
    body: dict[str, Any] = {"person": person, "source": "positive_test", "started_on": start.isoformat()}
    body |= {"first_positive_on": start.isoformat(), "place": "home", "followed_by": dice.choice("abcdef")}
    if not is_open:
        body |= {"outcome": "recovered", "ended_on": end.isoformat()}
    yield row("case", case, began, **body)
    for event, became in (("opened", "home"), ("eligibility", "eligible"), ("severity", "mild")):
        yield row(
            "case_event",
            new_id(),
            began,
            case=case,
            at=began,
            event=event,
            became=became,
            on=start.isoformat(),
        )
    if not is_open:
        ended = day_bounds(end)[0]
        yield row(
            "case_event",
            new_id(),
            ended,
            case=case,
            at=ended,
            event="ended",
            became="recovered",
            on=end.isoformat(),
        )
    for half in range(HALF_DAYS):
        day, slot = start + timedelta(days=half // 2), ("am", "pm")[half % 2]
        moment = datetime(day.year, day.month, day.day, 8 if slot == "am" else 15, tzinfo=VIETNAM)
        at, spo2 = to_wire(moment), dice.choices((99, 98, 97, 96, 93), (30, 40, 24, 5, 1))[0]
        vitals = {"spo2": spo2, "temperature_c": 37.2, "pulse": 84, "respiratory_rate": 18}
        grade = "mild" if spo2 > 96 else "moderate" if spo2 > 93 else "severe"
        findings = [{**SPO2_SIGN, "kind": "severity", "rule": grade, "value": spo2, "outcome": grade}]
        if spo2 <= 96:
            findings.append(SPO2_SIGN | {"value": spo2})
        ident = new_id()
        yield row(
            "observation", ident, at, case=case, person=person, at=at, slot_on=day.isoformat(), slot=slot,
            symptoms=["cough"], signs=[], findings=findings, missing=["systolic_bp"], **vitals,
        )  # fmt: skip
        if spo2 <= 96:
            unanswered = is_open and half >= HALF_DAYS - 2
            said = (
                {"state": "open"} if unanswered else {"state": "told", "told_to": "trạm", "answered_at": at}
            )
            yield row(
                "alert", alert_id(ident), at,
                observation=ident, case=case, person=person, at=at, rules=["spo2"], **said,
            )  # fmt: skip
