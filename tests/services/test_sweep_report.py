"""The report of a sweep: frozen when a unit says it is done; what comes in later is a difference."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import openpyxl
import pypdf
import pytest
from sweep_ward import ONE, TWO, SweepWard

from tui_app.errors import InvalidFields, NotFound
from tui_app.papers.sweep_sheet import sheet_of, write_sheet
from tui_app.records.visits import VisitOutcome
from tui_app.services.sweeps import sweeps
from tui_app.services.sweeps.sweep_figures import SUMS, differences, figures, kept, read_back
from tui_app.services.sweeps.sweep_report import (
    NothingNew,
    UnitReport,
    changes,
    file_report,
    filed,
    missing,
    unit_report,
)


@pytest.fixture
def ward(tmp_path: Path) -> SweepWard:
    return SweepWard(tmp_path / "one")


def state(ward: SweepWard, campaign: str, area: str = ONE) -> UnitReport:
    with ward.store.read() as c:
        return unit_report(c, sweeps.sweep(c, campaign), area, ward.clock())


def late(ward: SweepWard, campaign: str) -> list[tuple[str, bool]]:
    with ward.store.read() as c:
        return [(unit.name, past) for unit, past in missing(c, sweeps.sweep(c, campaign), ward.clock())]


def value(report: Any, name: str) -> int | None:
    return next(one.value for one in report if one.name == name)


def test_filed_figures_never_change_and_say_whom_they_counted(ward: SweepWard) -> None:
    doors = [ward.door(f"{n} Lê Lợi", "Nguyễn Văn Đức")[0] for n in (1, 2, 3)]
    campaign = ward.start(areas=(ONE,))
    ward.meet(doors[0])
    ward.knock(doors[1], VisitOutcome.ABSENT)
    ident = file_report(ward.store, "lan", campaign, ONE)
    ward.clock.forward(hours=1)
    ward.meet(doors[2])
    found = state(ward, campaign)
    assert found.unit.finished_by == "lan"
    assert found.unit.finished_at == found.filed.known_at == "2026-11-22T02:00:00.000Z"  # type: ignore[union-attr]
    assert found.filed is not None
    assert (found.filed.id, found.filed.version) == (ident, 1)
    assert value(found.filed.figures, "state_not_yet") == 1
    assert next(one.ids for one in found.filed.figures if one.name == "state_met_all") == (doors[0],)
    assert value(found.now, "state_not_yet") == 0


def test_what_came_in_after_filing_is_a_difference_and_a_new_version_says_what_changed(
    ward: SweepWard,
) -> None:
    doors = [ward.door(f"{n} Lê Lợi", "Nguyễn Văn Đức")[0] for n in (1, 2)]
    campaign = ward.start(areas=(ONE,))
    ward.meet(doors[0])
    first = file_report(ward.store, "lan", campaign, ONE)
    with pytest.raises(NothingNew):
        file_report(ward.store, "lan", campaign, ONE, "lại")
    ward.clock.forward(hours=1)
    ward.meet(doors[1])
    late_ones = {one.name: (one.was, one.now, one.gained, one.lost) for one in state(ward, campaign).since}
    assert late_ones["state_met_all"] == (1, 2, (doors[1],), ())
    assert late_ones["state_not_yet"] == (1, 0, (), (doors[1],))
    assert late_ones.keys() == {"state_met_all", "state_not_yet", "asked_all", "not_asked"}
    with pytest.raises(InvalidFields):
        file_report(ward.store, "lan", campaign, ONE, "  ")
    second = file_report(ward.store, "lan", campaign, ONE, "nhà số 2 về muộn")
    with ward.store.read() as c:
        versions = filed(c, campaign, ONE)
    assert [(one.id, one.version, one.supersedes) for one in versions] == [
        (second, 2, first),
        (first, 1, None),
    ]
    assert versions[0].reason == "nhà số 2 về muộn"
    assert {one.name for one in changes(versions, 2)} == late_ones.keys()
    assert changes(versions, 1) == ()
    with pytest.raises(NotFound):
        changes(versions, 3)
    assert state(ward, campaign).since == ()
    with ward.store.read() as c:
        found = sweeps.sweep(c, campaign)
    (said,) = [line for line in sheet_of(ward.workspace, found).said() if line.startswith("Khu phố 1")]
    assert "báo cáo lần 2" in said
    assert "lý do: nhà số 2 về muộn" in said
    assert "Khác lần trước: Hộ chưa đến 1 → 0; Hộ gặp và hỏi đủ người 1 → 2" in said
    first_again = sheet_of(ward.workspace, found, ONE, 1)
    assert next(one.value for one in first_again.figures if one.name == "state_not_yet") == 1


def test_the_first_saying_that_a_unit_is_done_stays(ward: SweepWard) -> None:
    door, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức")
    campaign = ward.start(areas=(ONE,))
    file_report(ward.store, "lan", campaign, ONE)
    ward.clock.forward(hours=2)
    ward.meet(door)
    file_report(ward.store, "minh", campaign, ONE, "gặp thêm")
    unit = state(ward, campaign).unit
    assert (unit.finished_at, unit.finished_by) == ("2026-11-22T02:00:00.000Z", "lan")


def test_who_has_not_filed_is_late_once_the_deadline_is_past(ward: SweepWard) -> None:
    campaign = ward.start()  # due at 10:00 on the next day: 03:00 UTC on 23/11
    file_report(ward.store, "lan", campaign, TWO)
    assert late(ward, campaign) == [("Khu phố 1", False)]
    ward.clock.now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    assert late(ward, campaign) == [("Khu phố 1", False)]
    ward.clock.forward(minutes=1)
    assert late(ward, campaign) == [("Khu phố 1", True)]
    file_report(ward.store, "lan", campaign, ONE)
    assert late(ward, campaign) == []
    assert (state(ward, campaign, ONE).late, state(ward, campaign, TWO).late) == (True, False)


def test_a_report_of_a_unit_that_is_not_swept_is_refused(ward: SweepWard) -> None:
    campaign = ward.start(areas=(ONE,))
    with pytest.raises(NotFound):
        file_report(ward.store, "lan", campaign, TWO)


def test_sums_are_told_by_their_parts_and_come_back_whole(ward: SweepWard) -> None:
    doors = [ward.door(f"{n} Lê Lợi", "Nguyễn Văn Đức", "Trần Thị Thủy")[0] for n in (1, 2)]
    campaign = ward.start(areas=(ONE,))
    ward.meet(doors[0])
    found = figures(ward.tally(campaign))
    values, counted = kept(found)
    assert not {one["name"] for one in counted} & SUMS.keys()
    assert read_back(values, counted) == found
    assert differences(found, read_back(values, counted)) == ()
    persons = next(one for one in found if one.name == "persons")
    assert (persons.value, len(persons.ids)) == (4, 4)


def test_the_sheet_has_a_column_a_unit_and_says_which_are_filed(ward: SweepWard) -> None:
    one, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức")
    ward.door("2 Lê Lợi", "Lê Thị Hằng", area=TWO)
    campaign = ward.start(name="=Đợt 1", epidemic_areas=("Đà Nẵng",))
    ward.meet(one)
    file_report(ward.store, "lan", campaign, ONE)
    with ward.store.read() as c:
        found = sweeps.sweep(c, campaign)
    made = sheet_of(ward.workspace, found)
    page = openpyxl.load_workbook(io.BytesIO(write_sheet(ward.workspace, made, "xlsx"))).active
    assert page is not None
    lines = [[cell.value for cell in row] for row in page.iter_rows(max_col=4)]
    assert lines[0][0] == "PHƯỜNG HÒA BÌNH"
    assert ["BÁO CÁO KẾT QUẢ RÀ SOÁT: =Đợt 1"] in [line[:1] for line in lines]
    head = next(place for place, line in enumerate(lines) if line[0] == "Nội dung")
    assert lines[head] == ["Nội dung", "Tổng", "Khu phố 1", "Khu phố 2"]
    table = {line[0]: line[1:] for line in lines[head + 1 :]}
    assert table["Số hộ"] == [2, 1, 1]
    assert table["Hộ chưa đến"] == [1, 0, 1]
    said = [line[0] for line in lines[:head]]
    assert "Khu phố 1: báo cáo lần 1, lan lập, số liệu tính đến 22/11/2026 09:00" in said
    assert "Khu phố 2: chưa báo cáo, số liệu lúc in" in said
    told = msgspec.json.decode(write_sheet(ward.workspace, made, "json", ids=True))
    assert [(unit["unit"], unit["filed"]) for unit in told["units"]] == [
        ("Khu phố 1", True),
        ("Khu phố 2", False),
    ]
    (met,) = (figure for figure in told["figures"] if figure["name"] == "state_met_all")
    assert met["ids"] == [one]
    text = write_sheet(ward.workspace, made, "csv").decode("utf-8-sig")
    assert "Số hộ,2,1,1" in text
    (paper,) = pypdf.PdfReader(io.BytesIO(write_sheet(ward.workspace, made, "pdf"))).pages
    printed = " ".join(paper.extract_text().split())
    assert "Phường Hòa Bình, ngày 22 tháng 11 năm 2026" in printed
    assert "Nội dung Tổng Khu phố 1 Khu phố 2 Số hộ 2 1 1 Hộ chưa đến 1 0 1" in printed
    assert "Khu phố 2: chưa báo cáo, số liệu lúc in" in printed
    with ward.store.read() as c:
        noted = c.execute("SELECT count(*) FROM access_entry WHERE detail = 'sweep-report'").fetchone()[0]
    assert noted == 4


def test_two_laptops_that_file_at_once_are_both_listed(ward: SweepWard) -> None:
    """Neither takes the place of the other: both versions 1 stand in the list until somebody files a second."""
    door, _ = ward.door("1 Lê Lợi", "Nguyễn Văn Đức")
    campaign = ward.start(areas=(ONE,))
    file_report(ward.store, "lan", campaign, ONE)
    with ward.store.work("minh") as work:
        row = work.get("sweep_campaign", state(ward, campaign).unit.row)
        other = {"kind": "sweep", "subject": campaign, "version": 1, "known_at": "2026-11-22T01:00:00.000Z"}
        work.create("report", {**other, "written_at": work.at, "figures": [], "counted": []}, place=row)
    ward.meet(door)
    file_report(ward.store, "lan", campaign, ONE, "hai máy cùng báo")
    with ward.store.read() as c:
        assert [(one.version, one.who) for one in filed(c, campaign, ONE)] == [
            (2, "lan"),
            (1, "lan"),
            (1, "minh"),
        ]
