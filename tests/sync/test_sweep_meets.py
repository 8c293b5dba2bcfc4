"""A sweep over two laptops and a server: the chief starts it, the teams knock offline, each unit files, all agree."""

from __future__ import annotations

from datetime import date

from tests.sync.ward import Laptop, Ward
from tui_app.records.visits import VisitOutcome
from tui_app.services.sweeps import sweeps
from tui_app.services.sweeps.sweep_figures import together
from tui_app.services.sweeps.sweep_report import file_report, missing, unit_reports
from tui_app.services.sweeps.sweep_tally import last_day, tally
from tui_app.services.sweeps.sweeps import Plan
from tui_app.services.visits import visits

DAY = date(2026, 11, 22)  # of the ward's clock


def values(laptop: Laptop, campaign: str) -> dict[str, int | None]:
    """The figures of all units that are not zero, as this laptop counts them."""
    now = laptop.clock()
    with laptop.store.read() as c:
        found = sweeps.sweep(c, campaign)
        reports = unit_reports(c, tally(c, found, last_day(found, now)), now)
    return {one.name: one.value for one in together(report.now for report in reports) if one.value}


def test_what_teams_find_offline_is_counted_once_everybody_has_met_the_server(ward: Ward) -> None:
    chief, team = ward.laptop("lan"), ward.laptop("minh", "27211/02")
    chief.sync()
    one, two = (
        chief.create("household", address="1 Lê Lợi"),
        chief.create("household", "02", address="2 Lê Lợi"),
    )
    for door, unit in ((one, "01"), (two, "02")):
        chief.create("person", unit, household=door, full_name="Nguyễn Văn Đức")
    chief.sync()
    team.sync()
    # the team knocks before its laptop has heard of the sweep
    visits.record_outcome(team.store, "minh", two, VisitOutcome.ABSENT)
    with chief.store.read() as c:
        areas = [row["id"] for row in c.execute("SELECT id FROM area")]
    campaign = sweeps.start(chief.store, "lan", Plan(name="Đợt 1", areas=areas, started_on=DAY, ended_on=DAY))
    with chief.store.read() as c:
        visits_sheet = visits.visit_sheet(c, one, DAY)
    visits.record_visit(chief.store, "lan", visits_sheet.rest_well())
    chief.sync()
    team.sync()
    chief.sync()
    assert values(chief, campaign) == {
        "households": 2,
        "state_met_all": 1,
        "state_absent": 1,
        "persons": 2,
        "asked_all": 1,
        "not_asked": 1,
    }
    assert values(team, campaign)["households"] == 1  # it holds its own unit
    with team.store.read() as c:
        mine = sweeps.sweep(c, campaign).areas[0]
    file_report(team.store, "minh", campaign, mine)
    team.sync()
    chief.sync()
    with chief.store.read() as c:
        found = sweeps.sweep(c, campaign)
        assert [unit.area for unit, _ in missing(c, found, chief.clock())] == [a for a in areas if a != mine]
        assert {unit.area: unit.finished_by for unit in found.units} == {
            area: "minh" if area == mine else "" for area in areas
        }


def test_changing_a_sweep_and_finishing_a_unit_at_once_meet(ward: Ward) -> None:
    chief, team = ward.laptop("lan"), ward.laptop("minh", "27211/02")
    chief.sync()
    chief.create("household", "02", address="2 Lê Lợi")
    with chief.store.read() as c:
        areas = [row["id"] for row in c.execute("SELECT id FROM area")]
    plan = Plan(name="Đợt 1", areas=areas, started_on=DAY, ended_on=DAY)
    campaign = sweeps.start(chief.store, "lan", plan)
    chief.sync()
    team.sync()
    with team.store.read() as c:
        mine = sweeps.sweep(c, campaign).areas[0]
    file_report(team.store, "minh", campaign, mine)
    later = Plan(name="Đợt 1 kéo dài", areas=areas, started_on=DAY, ended_on=date(2026, 11, 24))
    sweeps.change(chief.store, "lan", campaign, later)
    team.sync()
    chief.sync()
    team.sync()
    for laptop in (chief, team):
        with laptop.store.read() as c:
            found = sweeps.sweep(c, campaign)
        assert (found.name, found.ended_on) == ("Đợt 1 kéo dài", date(2026, 11, 24))
        assert next(unit.finished_by for unit in found.units if unit.area == mine) == "minh"
