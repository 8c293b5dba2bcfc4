"""The ward with an epidemic on a working day: a sweep over all its units, half of it walked, checks after recovery that
were made but for the last, needs, persons who cannot travel, and what the chief gave out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sync.protocol import Row
from tests.bench import care_ward, ward
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, day_bounds, new_id
from tui_app.records.campaigns import assignment_id, campaign_row_id
from tui_app.rules.follow_up import due_dates
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.store.rows import RecordRows, table

CAMPAIGN = "0190c0de-0000-7000-8000-0000000000aa"
NEEDS, CANNOT_TRAVEL, GIVEN, MISSED_CHECKS = 300, 300, 2000, 0.03


def home(folder: Path, persons: int) -> Path:
    """The home of `care_ward.home` on such a day."""
    place = folder / f"roster-{persons}"
    if not place.exists():
        ward.copy_of(care_ward.home(folder, persons), "day").rename(place)
        workspace = ward.unlocked(place)
        try:
            _fill(workspace)
        finally:
            workspace.close()
    return place


def _fill(workspace: Workspace) -> None:
    dice, today = random.Random(6), datetime.now(UTC).astimezone(VIETNAM).date()
    with workspace.store.read() as c:
        households = [tuple(row) for row in c.execute("SELECT id, area FROM household ORDER BY id")]
        living: dict[str, list[str]] = {}
        for person, household in c.execute("SELECT id, household FROM person"):
            living.setdefault(household, []).append(person)
        recovered = [
            tuple(row)
            for row in c.execute(
                "SELECT id, person, area, ended_on FROM \"case\" WHERE outcome = 'recovered'"
            )
        ]
        cannot = [row.id for row in table("person").where(c, "1 ORDER BY id LIMIT ?", (CANNOT_TRAVEL,))]
        persons = table("person").read(c, cannot)
    rows = [*_sweep(households, living, today, dice), *_checks(recovered, today, dice)]
    for row in persons.values():
        row.body.update(mobility_limited=True, unvaccinated_reason="đi lại khó khăn")
    rows += persons.values()
    for household, area in households[:NEEDS]:
        opened = today - timedelta(days=dice.randrange(8))
        rows.append(
            _row("support_need", new_id(), area, day_bounds(opened)[0], household=household, kind="food",
                 status="open", opened_on=opened.isoformat())
        )  # fmt: skip
    for household, area in households[-GIVEN:]:
        ident = assignment_id(today, "visit", household)
        rows.append(
            _row("assignment", ident, area, day_bounds(today)[0], on=today.isoformat(), task="visit",
                 household=household, assigned_to=f"Tổ {dice.randrange(1, 9)}")
        )  # fmt: skip
    with workspace.store.write() as c:
        RecordRows().upsert(c, rows)


def _row(type_name: str, ident: str, area: str, made: str, **body: Any) -> Row:
    return Row(
        type=type_name, id=ident, commune=ward.COMMUNE, area=area, seq=1, at=made, who=ward.USER, body=body
    )


def _sweep(
    households: list[tuple[str, str]], living: dict[str, list[str]], today: date, dice: random.Random
) -> Iterator[Row]:
    """Half of the doors were knocked on yesterday and today; at one in ten nobody was there."""
    start = today - timedelta(days=1)
    for area in sorted({area for _, area in households}):
        yield _row(
            "sweep_campaign", campaign_row_id(CAMPAIGN, area), area, day_bounds(start)[0], campaign=CAMPAIGN,
            name="Rà soát", started_on=start.isoformat(), ended_on=(today + timedelta(days=1)).isoformat(),
        )  # fmt: skip
    for number, (household, area) in enumerate(households[: len(households) // 2]):
        day = start if number % 2 else today
        at, visit = day_bounds(day)[0], new_id()
        outcome = "absent" if dice.random() < 0.1 else "met"
        yield _row("household_visit", visit, area, at, household=household, at=at, outcome=outcome)
        for person in living.get(household, ()) if outcome == "met" else ():
            yield _row("screening", new_id(), area, at, visit=visit, person=person, wellbeing="well")


def _checks(recovered: list[tuple[str, str, str, str]], today: date, dice: random.Random) -> Iterator[Row]:
    """A check for each due date that has come, but for a few."""
    sets = rule_sets()
    for case, person, area, ended_on in recovered:
        for due in due_dates(sets, date.fromisoformat(ended_on)):
            if due >= today or dice.random() < MISSED_CHECKS:
                break
            at = day_bounds(due)[0]
            yield _row(
                "follow_up_visit", new_id(), area, at, case=case, person=person, at=at,
                due_on=due.isoformat(), well=True,
            )  # fmt: skip
