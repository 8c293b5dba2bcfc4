"""What records lack or cannot be, and the teams as rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.services.care_ward import DAY, WELL, CareWard
from tui_app.records.campaigns import Task
from tui_app.records.visits import VisitOutcome
from tui_app.services.command.approval import day_review, give_back
from tui_app.services.command.numbers import overview
from tui_app.services.command.quality import FLAWS, flaws
from tui_app.services.command.teams import TeamLine, teams
from tui_app.services.risk import assignments
from tui_app.services.visits import visits

NUMBER = {"national_id": "079061000123"}


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    yield made
    made.close()


def found(ward: CareWard) -> dict[str, tuple[str, ...]]:
    """The checks that found something."""
    with ward.store.read() as c:
        every = flaws(c, ward.now)
    assert [one.name for one in every] == list(FLAWS)
    return {one.name: one.ids for one in every if one.ids}


def test_persons_who_cannot_be_told_apart_or_found(ward: CareWard) -> None:
    ward.person(**NUMBER)
    nobody = ward.person()
    ageless = ward._create("person", full_name="Ông Tư", household=ward.door, **NUMBER)
    lost = ward._create("person", full_name="Bà Năm", household="gone", birth_year=1950, **NUMBER)
    ward._create("person", full_name="Bà Sáu", household=ward.door, died_on=DAY, birth_year=1940)
    assert found(ward) == {"no_identity": (nobody,), "no_birth": (ageless,), "no_household": (lost,)}
    with ward.store.work("lan") as work:
        work.delete("household", ward.door, "trùng")
    assert set(found(ward)["no_household"]) == {lost, nobody, ageless} | {
        row.id for row in ward.rows("person", "full_name = 'Lê Thị Hằng'")
    }


def test_dates_that_cannot_be(ward: CareWard) -> None:
    tomorrow, yesterday = DAY + timedelta(days=1), DAY - timedelta(days=1)
    born = {"birth_year": 1980, **NUMBER}
    unborn = ward._create("person", full_name="A", household=ward.door, birth_date=tomorrow, **NUMBER)
    oldest = ward._create("person", full_name="B", household=ward.door, birth_date="1900-01-01", **NUMBER)
    dead_early = ward.person("C", died_on="1979-12-31", **born)
    ward.person("D", died_on="1980-06-01", **born)  # a year alone may be the same year
    dosed = ward.person("E", **born)
    ward._create("vaccination_dose", person=dosed, given_on=tomorrow)
    ended = ward._create(
        "case",
        person=ward.person("F", **born),
        source="discharge",
        started_on=DAY,
        place="home",
        ended_on=yesterday,
    )
    to_come = ward._create(
        "case", person=ward.person("G", **born), source="discharge", started_on=DAY, place="hospital",
        first_positive_on=tomorrow,
    )  # fmt: skip
    assert found(ward) == {
        "impossible_dates": tuple(sorted([unborn, oldest, dead_early, dosed])),
        "impossible_case": tuple(sorted([ended, to_come])),
    }


def test_a_case_that_was_never_measured(ward: CareWard) -> None:
    case = ward.case(ward.person(**NUMBER))
    assert found(ward) == {"no_readings": (case,)}
    ward.measure(case)
    assert found(ward) == {}


def test_an_open_case_of_somebody_who_moved_away(ward: CareWard) -> None:
    person = ward.person(**NUMBER)
    case = ward.case(person)
    ward.measure(case)
    with ward.store.work("lan") as work:
        work.change("person", person, {"moved_on": DAY})
    assert found(ward) == {"gone_case": (case,)}


def rows(ward: CareWard) -> dict[str, TeamLine]:
    with ward.store.read() as c:
        return {line.who: line for line in teams(overview(c, ward.now), day_review(c, DAY))}


def test_a_team_is_what_it_was_given_what_it_follows_and_what_it_wrote(ward: CareWard) -> None:
    person = ward.person()
    case = ward.case(person, followed_by="Tổ 3")
    reading = ward.measure(case, replace(WELL, spo2=93)).observation
    visit = visits.record_outcome(ward.store, "minh", ward.door, VisitOutcome.REFUSED)
    assignments.assign(ward.store, "lan", [person], Task.VISIT, assigned_to="Tổ 3")
    other = ward.case(ward.person("Phạm Văn Tí"))
    with ward.store.read() as c:
        line = next(one for one in day_review(c, DAY).lines if one.done.row.id == visit)
    give_back(ward.store, "lan", DAY, line, "đi lại")
    found = rows(ward)
    assert list(found) == ["Tổ 3", "lan", "minh", ""]
    assert found["Tổ 3"] == TeamLine("Tổ 3", [ward.door], [ward.door], followed=[case], danger=[case])
    assert found["minh"] == TeamLine("minh", visits=[visit], returned=[visit])
    assert found["lan"].readings == [reading]
    assert set(found["lan"].undecided) == {reading, case, other}
    assert found[""].followed == [other]
    ward.at(DAY, 11)
    assert rows(ward)[""].late == [other]
