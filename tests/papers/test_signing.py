"""Nobody signs an empty page, and every paper about the station says whose it is and of which day."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from tests.papers.conftest import document
from tests.papers.test_risk_list import desk
from tests.services.door_to_door import TODAY, household, person
from tests.services.test_roster import RosterWard
from tui_app.bootstrap import Workspace
from tui_app.papers.access_sheet import write_journal
from tui_app.papers.coverage_sheet import write_coverage
from tui_app.papers.household_survey import write_survey
from tui_app.papers.levels_sheet import write_levels
from tui_app.papers.roster_sheet import write_roster
from tui_app.papers.vaccination_sheets import write_list
from tui_app.services.access.access import Wanted

__all__ = ["desk"]  # the fixture


def last_page(body: bytes) -> str:
    return document(body).pages[-1].extract_text()


@pytest.mark.parametrize("count", range(9, 14))
def test_who_signs_a_survey_signs_below_a_person(desk: Workspace, count: int) -> None:
    door = household(desk.store, "12 Lê Lợi")
    for number in range(count):
        person(desk.store, door, f"Lê Thị Hằng {number}", birth_year=1980)
    last = last_page(write_survey(desk, door))
    assert "Người khảo sát" in last
    assert "STT" in last


def test_who_signs_a_roster_signs_below_a_task(tmp_path: Path) -> None:
    """Of 16 to 22 doors, each two lines high, one number fills a page to where nobody has room to sign."""
    ward = RosterWard(tmp_path)
    for number in range(15):
        ward.household(f"{number} Lê Lợi", alley="hẻm 45", walk_order=number)
    ward.sweep()
    pages = set[int]()
    for number in range(7):
        ward.household(f"{number + 20} Lê Lợi", alley="hẻm 45", walk_order=number + 20)
        body = write_roster(ward.workspace, "pdf")
        pages.add(len(document(body).pages))
        assert "Việc, vì sao" in last_page(body)
    assert pages == {1, 2}
    ward.close()


def _head(body: bytes) -> str:
    page = openpyxl.load_workbook(io.BytesIO(body)).active
    assert page is not None
    return " ".join(
        str(cell) for line in page.iter_rows(max_row=4, values_only=True) for cell in line if cell
    )


@pytest.mark.parametrize("paper", ["access", "coverage", "levels", "vaccination"])
def test_a_spreadsheet_of_the_station_has_its_place_and_day(desk: Workspace, paper: str) -> None:
    desk.store.role = "chief"
    if paper == "access":
        out = io.BytesIO()
        write_journal(desk, Wanted(), "xlsx", out)
        body = out.getvalue()
    elif paper == "coverage":
        body = write_coverage(desk, date(2022, 9, 29), "xlsx")
    elif paper == "levels":
        body = write_levels(desk, TODAY, "xlsx")
    else:
        body = write_list(desk, "due", TODAY, "xlsx")[1]
    head = _head(body)
    assert "PHƯỜNG HÒA BÌNH" in head
    assert "Phường Hòa Bình, ngày 22 tháng 11 năm 2026" in head
