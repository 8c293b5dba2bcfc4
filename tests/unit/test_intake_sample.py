"""The sample list that ships: what is wrong in it on purpose is found, the rest goes in whole."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from tests.make_sample import SPOILED, TARGET, write_sample
from tui_app.intake.address import UnitIndex
from tui_app.intake.listing import read_list
from tui_app.intake.made_up import made_up_ward, make_big
from tui_app.intake.plan import ImportPlan
from tui_app.intake.sheet import read_grids

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def plan() -> ImportPlan:
    return read_list(TARGET, TODAY)


def test_the_shipped_file_is_what_the_script_makes(tmp_path: Path) -> None:
    write_sample(tmp_path / "again.xlsx")
    again, shipped = read_grids(tmp_path / "again.xlsx")[1], read_grids(TARGET)[1]
    assert [(grid.name, grid.rows, grid.merges) for grid in again] == [
        (grid.name, grid.rows, grid.merges) for grid in shipped
    ]


def test_every_written_person_is_planned_or_listed_as_wrong(plan: ImportPlan) -> None:
    ward = made_up_ward(300)
    persons = sum(len(household.persons) for household in ward)
    assert len(plan.persons) + len(SPOILED) == persons + 3  # three are written twice
    assert len(plan.households) == len(ward) + 3
    assert sorted(row.cell[0] for row in plan.bad_rows) == ["C", "E", "E", "F", "G", "K"]
    assert len({row.row for row in plan.bad_rows}) == len(SPOILED)


def test_households_are_those_of_the_made_up_ward(plan: ImportPlan) -> None:
    written = {}
    for household in made_up_ward(300):
        for person in household.persons:
            written.setdefault(person.national_id, []).append(household)
    for household in plan.households:
        numbers = [person.fields.get("national_id") for person in household.persons]
        homes = [written[number] for number in numbers if number]
        assert not homes or all(homes[0][0] in home for home in homes)


def test_names_and_births_come_out_clean(plan: ImportPlan) -> None:
    made = {person.national_id: person for household in made_up_ward(300) for person in household.persons}
    checked = 0
    for person in plan.persons:
        original = made.get(person.fields.get("national_id"))
        if original is not None and original.national_id is not None:
            checked += 1
            assert person.fields["full_name"] == original.full_name
            assert person.birth_year == original.born.year
            assert person.fields["sex"] == original.sex
    assert checked > 250


def test_every_household_finds_its_area(plan: ImportPlan) -> None:
    with (TARGET.parent / "areas.csv").open(encoding="utf-8", newline="") as file:
        areas = list(csv.DictReader(file))
    index = UnitIndex((row["unit_code"], None, row["unit_name"], row["aliases"].split(";")) for row in areas)
    found = {index.find(household.unit_text) for household in plan.households}
    assert found == {"01", "02", "03", "04", "05", "06"}


def test_the_repeated_persons_are_pointed_at(plan: ImportPlan) -> None:
    assert [like.reason for like in plan.duplicates_in_file] == [
        "import.same_national_id",
        "import.same_national_id",
        "import.near_name_phone",
    ]


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
def test_a_big_ward_reads_back_whole(tmp_path: Path, kind: str) -> None:
    count = make_big(1500, tmp_path / f"big{kind}")
    big = read_list(tmp_path / f"big{kind}", TODAY)
    assert len(big.persons) == count >= 1500
    assert big.bad_rows == []
    assert len(big.households) == len(made_up_ward(1500))
