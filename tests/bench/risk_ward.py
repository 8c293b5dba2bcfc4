"""A made-up ward of whose people something is written: conditions, groups, doses, needs, last month's visits."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sync.protocol import Row
from tests.bench import ward
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, new_id, to_wire
from tui_app.records.people import UnderlyingCondition, membership_id
from tui_app.records.vaccination import dose_id
from tui_app.store.rows import RecordRows, table

CONDITIONS = tuple(UnderlyingCondition)
DAYS = 30
"""Each household was met once within so many days."""


def home(folder: Path, persons: int) -> Path:
    """The home of `ward.home` with what a station knows of its people."""
    place = folder / f"risk-{persons}"
    if not place.exists():
        ward.copy_of(ward.home(folder, persons), "risk").rename(place)
        workspace = ward.unlocked(place)
        try:
            _fill(workspace)
        finally:
            workspace.close()
    return place


def _fill(workspace: Workspace) -> None:
    dice = random.Random(5)
    today = datetime.now(UTC).astimezone(VIETNAM).date()
    with workspace.store.read() as c:
        people = list(table("person").where(c))
    visits: dict[str, Row] = {}
    with workspace.store.write() as c:
        for person in people:
            RecordRows().upsert(c, _of(person, today, dice, visits))
        RecordRows().upsert(c, visits.values())


def _of(person: Row, today: date, dice: random.Random, visits: dict[str, Row]) -> Iterator[Row]:
    def row(of: str, ident: str, **body: Any) -> Row:
        return Row(type=of, id=ident, commune=person.commune, area=person.area, seq=1, body=body)

    body, likely = dict(person.body), dice.random()
    age = today.year - int(body["birth_date"][:4])
    body["reported_doses"] = dice.choice((0, 1, 2, 3, 3)) if likely < 0.9 else None
    body["ethnicity"] = "01" if likely > 0.05 else "05"
    if age > 75 and likely < 0.4:
        body |= {"mobility_limited": True, "carer": dice.choice(("con gái", "chị Hoa", "cháu Minh"))}
    yield Row(type="person", id=person.id, commune=person.commune, area=person.area, seq=2, body=body)
    for code in dice.sample(CONDITIONS, 2) if dice.random() < (0.5 if age > 60 else 0.06) else ():
        ident = membership_id(person.id, code)
        yield row("person_condition", ident, person=person.id, condition=str(code), treated=True)
    if dice.random() < 0.03:
        group = dice.choice(("pregnant", "disabled", "orphan", "migrant_worker", "no_support"))
        ident = membership_id(person.id, group)
        yield row("risk_membership", ident, person=person.id, risk_group=group, started_on=today.isoformat())
    for number in range(3 if dice.random() < 0.3 else 0):
        on = date(2022, 1, 10) + timedelta(days=60 * number)
        yield row("vaccination_dose", dose_id(person.id, on), person=person.id, given_on=on.isoformat())
    if dice.random() < 0.02:
        yield row("support_need", new_id(), person=person.id, kind="medicine", status="open")
    household = body["household"]
    if household not in visits:
        at = to_wire(datetime.now(UTC) - timedelta(days=dice.randrange(DAYS)))
        visits[household] = row("household_visit", new_id(), household=household, at=at, outcome="met")
    yield row("screening", new_id(), visit=visits[household].id, person=person.id, wellbeing="well")
