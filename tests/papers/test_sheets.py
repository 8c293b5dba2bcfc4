"""Lists as spreadsheets, read back by an independent reader: real dates, text for identifiers, nothing that runs."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from sync.protocol import Row
from tests.services.laptop_alone import area_id, laptop
from tui_app.bootstrap import Workspace
from tui_app.errors import NotFound, NotOpened
from tui_app.papers.letterhead import Letterhead
from tui_app.papers.record_sheets import write_records
from tui_app.papers.sheets import Column, write_table
from tui_app.store.rows import RecordRows

HEADING = Letterhead("PHƯỜNG HÒA BÌNH", "TRẠM Y TẾ", "Phường Hòa Bình", date(2026, 11, 22))
COLUMNS = [
    Column("Họ và tên", width=24),
    Column("CCCD"),
    Column("Ngày sinh", "date", 12),
    Column("Lúc", "moment"),
    Column("Số mũi", "number", 8),
]
LINE = ["Nguyễn Văn Đức", "001090123456", date(1961, 3, 4), datetime(2026, 11, 22, 2, 5, tzinfo=UTC), 2]


def opened(body: bytes) -> Worksheet:
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert isinstance(sheet, Worksheet)
    return sheet


def sheet_of(rows: Sequence[Sequence[object]], **more: Any) -> Worksheet:
    out = io.BytesIO()
    asked: dict[str, Any] = {"title": "Danh sách", "heading": HEADING, "columns": COLUMNS} | more
    write_table(out, "xlsx", rows=rows, **asked)
    return opened(out.getvalue())


def line_of(sheet: Worksheet, words: str) -> int:
    return next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == words)


def test_above_the_list_stands_the_official_heading() -> None:
    sheet = sheet_of([LINE])
    words = [cell.value for row in sheet.iter_rows(max_row=5) for cell in row if cell.value]
    assert words == [
        "PHƯỜNG HÒA BÌNH",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "TRẠM Y TẾ",
        "Độc lập - Tự do - Hạnh phúc",
        "Phường Hòa Bình, ngày 22 tháng 11 năm 2026",
        "Danh sách",
    ]


def test_titles_stay_in_sight_and_on_every_page() -> None:
    sheet = sheet_of([LINE] * 60)
    head = line_of(sheet, "Họ và tên")
    assert sheet.freeze_panes == f"A{head + 1}"
    assert sheet.print_title_rows == f"${head}:${head}"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "portrait")
    assert sheet.page_setup.fitToHeight == 0, "one page wide, as many as it takes"


def test_dates_are_dates_moments_are_of_viet_nam_and_identifiers_are_text() -> None:
    sheet = sheet_of([LINE])
    row = line_of(sheet, "Họ và tên") + 1
    name, number, born, at, doses = (sheet.cell(row, place) for place in range(1, 6))
    assert name.value == "Nguyễn Văn Đức"
    assert (number.value, number.data_type, number.number_format) == ("001090123456", "s", "@")
    assert (born.value, born.number_format) == (datetime(1961, 3, 4), "dd/mm/yyyy")
    assert (at.value, at.number_format) == (datetime(2026, 11, 22, 9, 5), "dd/mm/yyyy hh:mm")
    assert (doses.value, doses.data_type) == (2, "n")


def test_what_is_not_known_is_an_empty_cell_and_no_is_no() -> None:
    sheet = sheet_of([[None, "", None, None, None], [True, False, None, None, 0]])
    row = line_of(sheet, "Họ và tên") + 1
    assert [sheet.cell(row, place).value for place in range(1, 6)] == [None] * 5
    assert [sheet.cell(row + 1, place).value for place in range(1, 6)] == ["Có", "Không", None, None, 0]


@pytest.mark.parametrize("typed", ["=1+1", "@SUM(A1)", "-2+3+cmd|' /C calc'!A0", "+1+1", "＝1+1"])
def test_a_spreadsheet_runs_nothing_that_somebody_typed(typed: str) -> None:
    sheet = sheet_of([[typed, typed, None, None, None]])
    cell = sheet.cell(line_of(sheet, "Họ và tên") + 1, 1)
    assert (cell.value, cell.data_type) == (typed, "s")
    assert cell.style is not None
    assert cell.quotePrefix, "stays a text when the cell is edited"


def test_notes_stand_between_the_title_and_the_list() -> None:
    sheet = sheet_of([LINE], notes=["Tổng số: 1"])
    assert line_of(sheet, "Danh sách") + 1 == line_of(sheet, "Tổng số: 1") == line_of(sheet, "Họ và tên") - 2


def test_many_columns_lie_down() -> None:
    columns = [Column(str(number)) for number in range(12)]
    assert sheet_of([["x"] * 12], columns=columns).page_setup.orientation == "landscape"


def test_csv_is_for_programs() -> None:
    out = io.BytesIO()
    rows = [[*LINE[:1], "=1+1", *LINE[2:]], [None] * 5]
    write_table(out, "csv", title="Danh sách", heading=HEADING, columns=COLUMNS, rows=rows, notes=["Tổng"])
    found = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"))))
    assert found == [
        ["Họ và tên", "CCCD", "Ngày sinh", "Lúc", "Số mũi"],
        ["Nguyễn Văn Đức", "'=1+1", "1961-03-04", "2026-11-22T09:05+07:00", "2"],
        ["", "", "", "", ""],
    ]


# ---- records


@pytest.fixture
def lan(tmp_path: Path) -> Iterator[Workspace]:
    made = laptop(tmp_path / "lan")
    yield made
    made.close()


def holds(workspace: Workspace, kind: str, *bodies: dict[str, Any]) -> None:
    rows = [
        Row(type=kind, id=f"{kind}-{n}", commune="27211", area=area_id(1), seq=0, body=body)
        for n, body in enumerate(bodies)
    ]
    with workspace.store.write() as c:
        RecordRows().upsert(c, rows)


def records(workspace: Workspace, kind: str) -> list[dict[str, Any]]:
    out = io.BytesIO()
    count = write_records(workspace, kind, out)
    sheet = opened(out.getvalue())
    head = line_of(sheet, "Mã hồ sơ")
    titles = [cell.value for cell in sheet[head] if cell.value]
    return [
        dict(zip(titles, (cell.value for cell in sheet[head + 1 + place]), strict=False))
        for place in range(count)
    ]


def test_records_leave_in_words_with_real_dates_and_the_name_of_the_unit(lan: Workspace) -> None:
    holds(
        lan,
        "person",
        {
            "full_name": "Đỗ Thị Ơn",
            "birth_date": "1961-03-04",
            "sex": "female",
            "ethnicity": "08",
            "phone": "+84903000001",
            "mobility_limited": False,
            "reported_doses": 3,
            "later": {"a": 1},
        },
    )
    (line,) = records(lan, "person")
    assert line["Đơn vị"] == "Khu phố 1"
    assert line["Họ và tên"] == "Đỗ Thị Ơn"
    assert line["Ngày sinh"] == datetime(1961, 3, 4)
    assert (line["Giới tính"], line["Dân tộc"], line["Đi lại khó khăn"]) == ("Nữ", "HMông", "Không")
    assert line["Điện thoại"] == "+84903000001"
    assert line["Số mũi đã tiêm (khai)"] == 3
    assert line["Chống chỉ định tiêm"] is None
    assert line["later"] == "{'a': 1}" or "a" in str(line["later"])


def test_restricted_conditions_are_on_no_sheet(lan: Workspace) -> None:
    holds(
        lan,
        "person_condition",
        *({"person": "p", "condition": code} for code in ("hiv", "diabetes", "substance_use")),
    )
    assert [line["Bệnh nền"] for line in records(lan, "person_condition")] == ["Đái tháo đường"]


def test_a_viewer_gets_no_sheet_and_a_type_is_needed(lan: Workspace) -> None:
    with pytest.raises(NotFound):
        write_records(lan, None, io.BytesIO())
    lan.store.role = "viewer"
    with pytest.raises(NotOpened):
        write_records(lan, "person", io.BytesIO())


def test_narrow_columns_leave_room_for_the_national_words_and_a_long_title() -> None:
    """The words are 34 capitals: they are cut in a merged cell that is narrower."""
    narrow = [Column("Nội dung", width=44), Column("Số", "number", 10)]
    sheet = sheet_of([["Số hộ", 1]], columns=narrow, title="BÁO CÁO KẾT QUẢ RÀ SOÁT " * 5)
    (nation,) = [cell for row in sheet.iter_rows(max_row=1) for cell in row if "CỘNG HÒA" in str(cell.value)]
    (across,) = [one for one in sheet.merged_cells.ranges if nation.coordinate in one]
    wide = {1: 44, 2: 10}
    assert sum(wide.get(column, 8.43) for column in range(across.min_col, across.max_col + 1)) > 39
    title = line_of(sheet, ("BÁO CÁO KẾT QUẢ RÀ SOÁT " * 5))
    assert (sheet.row_dimensions[title].height or 15) > 2 * 14
