"""Báo cáo (F6): deadlines, a report's figures beside the filed ones, filing with a reason, what is behind a figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.screens.conftest import PASSWORD, USER, type_burst
from tests.screens.street import at_work, press, rows, settle, shown, street
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.screens.reports.report import ReportScreen
from tui_app.screens.reports.reports import ReportsScreen
from tui_app.services.cases import cases
from tui_app.settings import Places
from tui_app.store import vault

TODAY = date(2026, 11, 22)
DAILY = ("down",) * 4
"""After the half month, vaccination of the week, the week and the case of the day, all due later."""


def opened(workspace: Workspace, name: str) -> str:
    with workspace.store.read() as c:
        person = c.execute("SELECT id FROM person WHERE full_name = ?", (name,)).fetchone()[0]
    days = {"started_on": TODAY, "first_positive_on": TODAY}
    return cases.open_case(workspace.store, USER, person, source="screening", **days).case


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def made(workspace: Workspace) -> None:
        street(workspace)
        opened(workspace, "Lê Thị Hằng")

    return made


async def test_f6_lists_what_is_due_and_opens_the_daily_report(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f6")
        assert isinstance(app.screen, ReportsScreen)
        lines = shown(app).splitlines()
        # the week of 16–22/11 is due on Tuesday (QĐ 97), the day at 10:00 on the next, the half month on the 30th
        assert "Báo cáo định kỳ" in lines[2]
        assert "30/11/2026 23:59" in lines[2]
        assert "Báo cáo tuần" in lines[4]
        assert "24/11/2026 23:59" in lines[4]
        await press(app, pilot, *DAILY, "enter")
        assert isinstance(app.screen, ReportScreen)
        assert "Báo cáo ngày · 22/11/2026" in shown(app).splitlines()[0]
        assert "kỳ chưa hết" in shown(app)


async def test_filing_then_late_data_then_a_version_with_its_reason(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f6", *DAILY, "enter", "f")
        await type_burst(app, "c")
        await settle(app, pilot)
        assert rows(app, "SELECT kind, version FROM report") == [("daily", 1)]
        assert "đã nộp lần 1" in shown(app).splitlines()[0]
        opened(app.open_workspace, "Phạm Văn Tí")
        app.tell_screens("records_changed")
        await settle(app, pilot)
        assert "4 số liệu đã khác" in shown(app).splitlines()[0]
        line = next(line for line in shown(app).splitlines() if "phát sinh" in line)
        assert line.split()[:5] == ["!", "phát", "sinh", "2", "1"]  # now, and in version 1
        await press(app, pilot, "f")
        assert "Vì sao nộp lại?" in shown(app)
        await type_burst(app, "phiếu đến muộn\r")
        await settle(app, pilot)
        assert rows(app, "SELECT version, reason FROM report ORDER BY version") == [
            (1, None),
            (2, "phiếu đến muộn"),
        ]
        await press(app, pilot, "v", "3")
        assert "Lần 1, lan nộp lúc" in shown(app)
        await press(app, pilot, "escape")
        assert "Lần 1, lan nộp lúc" not in shown(app)


async def test_a_figure_opens_its_records_and_a_record_its_person(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f6", *DAILY, "enter", "down", "down", "enter")
        assert "F0: phát sinh" in shown(app).splitlines()[0]
        assert "Lê Thị Hằng" in shown(app)
        await press(app, pilot, "enter")
        assert isinstance(app.screen, PersonCardScreen)


async def test_what_no_record_tells_is_typed_in_with_its_source(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f6", *DAILY, "enter", "end")
        await press(app, pilot, "m")
        await type_burst(app, "7 khu cách ly huyện\r")
        await settle(app, pilot)
        assert rows(app, "SELECT name, value, source FROM station_value") == [
            ("daily.quarantine_total", "7", "khu cách ly huyện")
        ]
        assert "số trạm nhập" in shown(app)


async def test_the_paper_goes_into_a_file(ward: Places, clock: Clock, tmp_path: Path) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f6", *DAILY, "enter", "p")
        await press(app, pilot, "ctrl+u")
        await type_burst(app, f"{tmp_path / 'r.csv'}\r")
        await settle(app, pilot)
        text = (tmp_path / "r.csv").read_text(encoding="utf-8-sig")
        assert "F0: phát sinh,1," in text


async def test_a_low_unit_is_asked_for_its_cause_and_solution_before_its_week_is_filed(
    ward: Places, clock: Clock
) -> None:
    """Nobody of the street has a dose: no target of the plans is met (S1 §II.2.1)."""
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f6", "down", "enter", "f")
        assert "Nguyên nhân thấp, Khu phố 1" in shown(app)
        await type_burst(app, "\r")
        assert "Phải viết trước khi nộp." in shown(app)
        await type_burst(app, "chưa có vắc xin\r")
        assert "Giải pháp, Khu phố 1" in shown(app)
        await press(app, pilot, "escape", "f")
        assert "Giải pháp, Khu phố 1" in shown(app), "the cause was kept"
        await type_burst(app, "xin cấp thêm\r")
        await press(app, pilot, "c")
        [(kind, said)] = rows(app, "SELECT kind, narrative FROM report")
        assert kind == "vaccination_weekly"
        assert "chưa có vắc xin" in said


async def test_the_line_of_a_days_cases_opens_one_of_them_and_prints_its_form(
    ward: Places, clock: Clock, tmp_path: Path
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f6", "down", "down", "down", "enter")
        assert "Khu phố 1 …" in shown(app)
        await press(app, pilot, "enter")
        assert "Mục chưa ghi nhận" in shown(app)
        await press(app, pilot, "p")
        assert "có tên và tình trạng sức khỏe" in shown(app)
        file = tmp_path / "case.pdf"
        app.screen.query_one("TextField").value = str(file)  # type: ignore[attr-defined]
        await press(app, pilot, "enter")
        assert file.read_bytes().startswith(b"%PDF")
        assert rows(app, "SELECT what, detail FROM access_entry WHERE what = 'export'") == [
            ("export", "case-form")
        ]


async def test_only_a_chief_is_shown_the_keys_that_file_and_decide(ward: Places, clock: Clock) -> None:
    vault.add_user(ward, vault.unlock(ward, USER, PASSWORD, clock), "minh", PASSWORD, "member")
    async with at_work(ward, clock, user="minh") as (app, pilot):
        await press(app, pilot, "f6")
        assert "C Quy ước" not in shown(app)
        await press(app, pilot, *DAILY, "enter", "end", "f", "m")
        assert isinstance(app.screen, ReportScreen)
        assert "F Nộp" not in shown(app)


async def test_a_viewer_is_told_where_the_reports_are(ward: Places, clock: Clock) -> None:
    vault.add_user(ward, vault.unlock(ward, USER, PASSWORD, clock), "vy", PASSWORD, "viewer")
    async with at_work(ward, clock, user="vy") as (app, pilot):
        assert "Danh sách" not in shown(app)
        await press(app, pilot, "f6", "n")
        assert "xem các báo cáo trên trang của máy chủ" in shown(app)
        assert "N Khác" not in shown(app)


async def test_a_convention_is_changed_and_one_left_as_it_was_is_not_written(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f6", "c", "1", "enter")
        assert rows(app, "SELECT name FROM station_value") == []
        await press(app, pilot, "c", "1", "2")
        assert rows(app, "SELECT name, value FROM station_value") == [("cut_off", "16:00")]
        assert "Đã ghi quy ước" in shown(app)
