"""Form 5.1 (domain/rules.md §5): its columns, its heading, real dates, numbers as text, nothing that runs."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import openpyxl
import pytest

from sync import outbox
from tests.conftest import AREA, KEY, NOW
from tests.papers.conftest import document, words
from tests.services.door_to_door import TODAY, WHO, household, person, rows
from tui_app.bootstrap import Workspace
from tui_app.clock import new_id, pinned_clock
from tui_app.errors import NotOpened, UserError
from tui_app.i18n import set_language
from tui_app.papers.risk_list import write_risk_list
from tui_app.services.people import people
from tui_app.services.risk import risk_lists, support_needs
from tui_app.services.risk.risk_people import RiskPerson
from tui_app.settings import Places
from tui_app.store.engine import VIEWER, Store
from tui_app.store.rows import RecordRows

FORM_5_1 = [
    "STT",
    "Họ tên",
    "Năm sinh",
    "Giới",
    "CCCD",
    "Địa chỉ (số nhà, đường, tổ, khu phố)",
    "Điện thoại",
    "Bệnh nền",
    "Nơi đang điều trị",
    "Số mũi",
    "Ngày mũi cuối",
    "Lý do chưa tiêm",
    "Tự đi lại được",
    "Người sống chung, người chăm sóc",
    "Ngày XN",
    "Kết quả XN",
    "Ghi chú",
]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Workspace]:
    set_language("vi")
    store = Store(tmp_path / "gonha.db", KEY, clock=pinned_clock(NOW), create=True)
    with store.write() as c:
        RecordRows().upsert(c, [AREA])
        outbox.hold_area(c, AREA.area, AREA.commune, "write")
    opened: Any = SimpleNamespace(user=WHO, role="chief")
    yield Workspace(Places(tmp_path), opened, store, store.clock, new_id)
    store.close()


@pytest.fixture
def hang(desk: Workspace) -> str:
    """Hằng (75), diabetes and high blood pressure, two doses, cannot walk, cared for by her daughter; lives with Tí."""
    store = desk.store
    door = household(store, "12 Lê Lợi", alley="Tổ 3", phone="+84903000001")
    ident = people.save_person(
        store,
        WHO,
        {
            "full_name": "Lê Thị Hằng",
            "birth_date": "1951-03-04",
            "sex": "female",
            "national_id": "079151000123",
            "mobility_limited": True,
            "carer": "=con gái",
            "unvaccinated_reason": "sợ tác dụng phụ",
        },
        household=door,
        conditions=frozenset({"diabetes", "hypertension"}),
    )
    person(store, door, "Phạm Văn Tí", birth_date="1984-07-15")
    with store.work(WHO) as work:
        for day in ("2022-01-10", "2022-03-05"):
            fields = {"person": ident, "given_on": day, "source": "card"}
            work.create("vaccination_dose", fields, place=AREA)
        test = {"person": ident, "at": "2026-11-20T02:00:00.000Z", "method": "antigen", "result": "negative"}
        work.create("test_result", test, place=AREA)
        for row in rows(store, "SELECT id FROM person_condition WHERE condition = 'diabetes'"):
            work.change("person_condition", row["id"], {"treated_at": "BV Quận 11"})
    support_needs.open_need(store, WHO, "food", person=ident)
    return ident


def listed(desk: Workspace) -> list[RiskPerson]:
    with desk.store.read() as c:
        return risk_lists.risk_people(c, TODAY)


def page(desk: Workspace, **more: Any) -> Any:
    body = write_risk_list(desk, listed(desk), "xlsx", **more)
    return openpyxl.load_workbook(io.BytesIO(body)).active


def head_at(sheet: Any) -> int:
    return next(line for line in range(1, 20) if sheet.cell(line, 1).value == "STT")


def test_the_columns_are_those_of_the_form(desk: Workspace, hang: str) -> None:
    sheet = page(desk, about="từ 65 tuổi")
    at = head_at(sheet)
    assert [cell.value for cell in sheet[at]] == FORM_5_1
    told = {cell.value: value.value for cell, value in zip(sheet[at], sheet[at + 1], strict=True)}
    note = told.pop("Ghi chú")
    assert told == {
        "STT": 1,
        "Họ tên": "Lê Thị Hằng",
        "Năm sinh": 1951,
        "Giới": "Nữ",
        "CCCD": "079151000123",
        "Địa chỉ (số nhà, đường, tổ, khu phố)": "12 Lê Lợi, Tổ 3, Khu phố 1",
        "Điện thoại": "0903 000 001",
        "Bệnh nền": "Đái tháo đường, Tăng huyết áp",
        "Nơi đang điều trị": "BV Quận 11",
        "Số mũi": 2,
        "Ngày mũi cuối": datetime(2022, 3, 5),
        "Lý do chưa tiêm": "sợ tác dụng phụ",
        "Tự đi lại được": "Không",
        "Người sống chung, người chăm sóc": "chăm sóc: =con gái; Phạm Văn Tí",
        "Ngày XN": datetime(2026, 11, 20),
        "Kết quả XN": "Âm tính",
    }
    for part in ("từ 65 tuổi", "bệnh nền", "đi lại khó khăn", "cần: Lương thực"):
        assert part in note
    assert sheet.freeze_panes == f"A{at + 1}"


@pytest.mark.parametrize(
    ("until", "said"),
    [
        (date(2026, 11, 23), "đang sốt; sợ tác dụng phụ"),
        (TODAY, "sợ tác dụng phụ"),
    ],  # no dose before that day
)
def test_why_somebody_waits_for_a_dose_is_said_until_the_day(
    desk: Workspace, hang: str, until: date, said: str
) -> None:
    postponed = {"postponed_until": until.isoformat(), "postponement_reason": "đang sốt"}
    people.save_person(desk.store, WHO, postponed, person=hang)
    sheet = page(desk)
    at = head_at(sheet)
    assert sheet.cell(at + 1, FORM_5_1.index("Lý do chưa tiêm") + 1).value == said


def test_the_heading_is_official_and_says_what_is_listed(desk: Workspace, hang: str) -> None:
    sheet = page(desk, about="từ 65 tuổi")
    text = "\n".join(str(cell) for line in sheet.values for cell in line if cell)
    for said in (
        "PHƯỜNG HÒA BÌNH",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "ngày 22 tháng 11 năm 2026",
        "DANH SÁCH NGƯỜI THUỘC NHÓM NGUY CƠ",
        "Danh sách gồm: từ 65 tuổi",
        "Mốc chưa đối chiếu văn bản gốc: từ 65 tuổi",
        "người lập lan, 1 người",
    ):
        assert said in text


def test_on_paper_it_lies_and_says_the_same(desk: Workspace, hang: str) -> None:
    body = write_risk_list(desk, listed(desk), "pdf", about="từ 65 tuổi")
    (sheet,) = document(body).pages
    assert sheet.mediabox.width > sheet.mediabox.height
    found = words(body)
    for said in (
        "DANH SÁCH NGƯỜI THUỘC NHÓM NGUY CƠ",
        "Lê Thị Hằng",
        "079151000123",
        "05/03/2022",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Không ghi bệnh thuộc danh mục hạn chế",
    ):
        assert said in found, said


def test_csv_runs_no_formula(desk: Workspace, hang: str) -> None:
    with desk.store.work(WHO) as work:
        work.change("person", hang, {"full_name": "=HYPERLINK(1)"})
    text = write_risk_list(desk, listed(desk), "csv").decode("utf-8-sig")
    assert text.splitlines()[0].split(",")[:3] == FORM_5_1[:3]
    assert "'=HYPERLINK(1)" in text
    assert "2022-03-05" in text


def test_each_one_is_noted_and_a_viewer_gets_none(desk: Workspace, hang: str) -> None:
    people_listed = listed(desk)
    write_risk_list(desk, people_listed, "csv")
    noted = rows(desk.store, "SELECT who, what, record_type, detail FROM access_entry")
    assert [tuple(one.values()) for one in noted] == [("lan", "export", "person", "risk-list")]
    desk.store.role = VIEWER
    with pytest.raises(NotOpened):
        write_risk_list(desk, people_listed, "csv")


def test_a_pdf_of_too_many_is_refused_and_an_empty_list_still_says_whose_it_is(desk: Workspace) -> None:
    with pytest.raises(UserError, match="quá nhiều"):
        write_risk_list(desk, [cast(RiskPerson, None)] * 2001, "pdf")
    assert "PHƯỜNG HÒA BÌNH" in words(write_risk_list(desk, [], "pdf"))


def test_who_is_counted_on_the_day_is_on_the_list(desk: Workspace, hang: str) -> None:
    people.mark_died(desk.store, WHO, hang, date(2026, 11, 22))
    assert listed(desk) == []
