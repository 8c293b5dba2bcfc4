"""The forms of an outbreak, as TT 15/2026/TT-BYT (Phụ lục II) and QĐ 97/QĐ-PB have them; each fits one page."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from tests.papers.conftest import document, words
from tests.services.door_to_door import AREA_ID, family
from tests.services.patients import desk
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM
from tui_app.errors import UserError
from tui_app.papers.outbreak_daily import write_daily
from tui_app.papers.outbreak_notice import write_notice
from tui_app.services.cases.cases import open_case
from tui_app.services.outbreaks import declaring
from tui_app.store.engine import Store

TODAY = date(2026, 11, 22)


@pytest.fixture
def workspace(store: Store, tmp_path: Path) -> Workspace:
    return desk(store, tmp_path)


@pytest.fixture
def declared(store: Store, workspace: Workspace) -> str:
    _, persons = family(store, count=2)
    for person, day in zip(persons, (date(2026, 11, 21), TODAY), strict=True):
        open_case(store, "lan", person, source="screening", started_on=day, first_positive_on=day)
    plan = declaring.Plan(
        name="Chùm ca hẻm 45",
        areas=(AREA_ID,),
        started_on=date(2026, 11, 21),
        place="Trường Tiểu học Lê Lợi",
        identified_at=datetime(2026, 11, 22, 8, 30, tzinfo=VIETNAM),
        recommendation="Đeo khẩu trang nơi đông người",
    )
    return declaring.declare(store, "lan", plan)


def test_form_01_says_what_where_since_when_and_who_is_told(workspace: Workspace, declared: str) -> None:
    body = write_notice(workspace, declared, "declared")
    assert len(document(body).pages) == 1
    found = words(body)
    for told in (
        "ỦY BAN NHÂN DÂN PHƯỜNG HÒA BÌNH TRẠM Y TẾ PHƯỜNG HÒA BÌNH",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Phường Hòa Bình, ngày 22 tháng 11 năm 2026",
        "THÔNG TIN Về việc có dịch bệnh trên địa bàn",
        "Căn cứ Thông tư số 15/2026/TT-BYT ngày 17 tháng 5 năm 2026",
        "1. Tên dịch bệnh: COVID-19",
        "2. Thời gian xác định có dịch bệnh: 22/11/2026 08:30",
        "3. Địa điểm có ổ dịch: Trường Tiểu học Lê Lợi, Khu phố 1",
        "4. Các khuyến nghị phòng, chống dịch bệnh: Đeo khẩu trang nơi đông người",
        "- Chủ tịch Ủy ban nhân dân Phường Hòa Bình;",
        "GIÁM ĐỐC (Ký, ghi rõ họ tên và đóng dấu)",
        "Mẫu số 01 Phụ lục II Thông tư 15/2026/TT-BYT",
    ):
        assert told in found, told
    assert "Nguyễn Văn Đức" not in found


def test_form_02_names_the_first_document_and_when_it_was_over(
    store: Store, workspace: Workspace, declared: str
) -> None:
    with pytest.raises(UserError):
        write_notice(workspace, declared, "ended")
    declaring.end(store, "lan", declared, TODAY, reason="chuyển hết ca đi nơi khác")
    found = words(write_notice(workspace, declared, "ended"))
    for told in (
        "Về việc kết thúc dịch bệnh trên địa bàn",
        "tại văn bản số ……/…… ngày 22 tháng 11 năm 2026 của Trạm Y tế Phường Hòa Bình",
        "2. Thời gian hết tình trạng dịch bệnh: 22/11/2026 09:05",
        "3. Các khuyến nghị: ……",
    ):
        assert told in found, told


def test_the_daily_form_has_the_day_and_the_sums(workspace: Workspace, declared: str) -> None:
    body = write_daily(workspace, declared, TODAY, "pdf")
    assert len(document(body).pages) == 1
    found = words(body)
    for told in (
        "BÁO CÁO Ổ DỊCH HẰNG NGÀY Ngày 22/11/2026",
        "Ổ dịch: Chùm ca hẻm 45",
        "22/11/2026 Khu phố 1 1 0 0 0",
        "Cộng trong ngày 1 0 0 0",
        "Cộng dồn từ 21/11/2026 2 0 0 0",
        "Ngày báo cáo tính từ 00:00 (do trạm chọn)",
    ):
        assert told in found, told


def test_the_daily_sheet_has_every_day(workspace: Workspace, declared: str) -> None:
    lines = list(csv.reader(io.StringIO(write_daily(workspace, declared, TODAY, "csv").decode("utf-8-sig"))))
    assert lines == [
        ["Ngày", "Thôn, tổ", "Số mắc", "Tử vong", "Mẫu làm XN", "XN dương tính"],
        ["2026-11-21", "Khu phố 1", "1", "0", "0", "0"],
        ["2026-11-22", "Khu phố 1", "1", "0", "0", "0"],
        ["", "Cộng dồn từ 21/11/2026", "2", "0", "0", "0"],
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(write_daily(workspace, declared, TODAY, "xlsx"))).active
    assert sheet is not None
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [datetime(2026, 11, 22), "Khu phố 1", 1, 0, 0, 0] in values
