"""The form of a case (QĐ 97/QĐ-PB): every field, what is not recorded says so, within 48 hours, noted, nothing
restricted."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from tests.papers.conftest import SECRETS, document, noted, words
from tests.services.door_to_door import AREA_ID, household, person
from tests.services.patients import desk, home, week
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, pinned_clock
from tui_app.errors import NotOpened
from tui_app.papers.case_form import write_case_form
from tui_app.services.cases.cases import open_case, set_place
from tui_app.services.reports.case_form import CASE_FORM, case_form
from tui_app.services.reports.deadlines import deadlines
from tui_app.services.reports.filing import file_report, report
from tui_app.store.engine import Store

FOUND = date(2026, 11, 22)
NOT_RECORDED = "chưa ghi nhận"


@pytest.fixture
def workspace(store: Store, tmp_path: Path) -> Workspace:
    return desk(store, tmp_path)


def at(store: Store, day: int, hour: int, minute: int = 0) -> None:
    store.clock = pinned_clock(datetime(2026, 11, day, hour, minute, tzinfo=VIETNAM))


def positive(store: Store, who: str, method: str = "antigen", result: str = "positive") -> str:
    with store.work("lan") as work:
        fields = {"person": who, "at": work.at, "method": method, "result": result}
        return work.create("test_result", fields, place=work.get("person", who))


def case(store: Store, who: str) -> str:
    return open_case(
        store, "lan", who, source="positive_test", started_on=FOUND, first_positive_on=FOUND
    ).case


@pytest.fixture
def patient(store: Store) -> str:
    """Of whom nothing but name and year of birth is known."""
    return person(store, household(store, "7 Hàn Hải Nguyên"), "Lê Thị Hằng", birth_year=1958)


def test_every_field_is_there_and_what_nobody_wrote_is_not_recorded(
    store: Store, workspace: Workspace, patient: str
) -> None:
    at(store, 22, 8)
    positive(store, patient)
    ident = case(store, patient)
    with store.read() as c:
        form = case_form(c, ident, store.clock())
    assert {name: said for name, said in form.fields.items() if said is not None} == {
        "full_name": "LÊ THỊ HẰNG",
        "birth": "1958",
        "address": "7 Hàn Hải Nguyên, Khu phố 1, Phường Hòa Bình",
        "classification": "Test nhanh dương tính, chưa có PCR",
        "sampled": "22/11/2026 08:00",
        "test_kind": "Test nhanh",
        "test_result": "Dương tính",
        "treatment": "Ngoại trú (tại nhà)",
    }
    found = words(write_case_form(workspace, ident, "pdf"))
    for told in (
        "Ngày (năm) sinh: 1958",
        f"Quốc tịch: {NOT_RECORDED}",
        f"Tiêm chủng: {NOT_RECORDED}",
        f"Ngày khởi phát: {NOT_RECORDED}",
        f"Đi lại, tiếp xúc: {NOT_RECORDED}",
        "Có chẩn đoán: 22/11/2026 08:00",
        "Hạn báo cáo: 24/11/2026 08:00",
    ):
        assert told in found, told


def test_it_is_due_48_hours_after_the_positive_test_or_the_start_of_its_day(
    store: Store, workspace: Workspace, patient: str
) -> None:
    """QĐ 97/QĐ-PB, Danh mục 01: within 48 hours after the diagnosis."""
    at(store, 22, 8)
    by_day = case(store, patient)
    other = person(store, household(store, "9 Hàn Hải Nguyên"), "Phạm Văn Tí")
    positive(store, other)
    by_hour = case(store, other)
    at(store, 24, 7, 59)
    with store.read() as c:
        forms = [case_form(c, ident, store.clock()) for ident in (by_day, by_hour)]
    assert [form.exact for form in forms] == [False, True]
    due = [form.due[0] for form in forms if form.due]
    assert due == [
        datetime(2026, 11, 23, 17, 0, tzinfo=UTC),  # 00:00 on 24/11 in Viet Nam
        datetime(2026, 11, 24, 1, 0, tzinfo=UTC),
    ]
    assert "24/11/2026 00:00, quá hạn" in words(write_case_form(workspace, by_day, "pdf"))
    assert "quá hạn" not in words(write_case_form(workspace, by_hour, "pdf"))


def test_a_positive_pcr_confirms_and_the_way_to_hospital_is_told(
    store: Store, workspace: Workspace, patient: str
) -> None:
    at(store, 22, 8)
    positive(store, patient)
    ident = case(store, patient)
    at(store, 23, 9)
    positive(store, patient, "pcr")
    set_place(store, "lan", ident, "hospital", date(2026, 11, 23), "SpO2 giảm")
    at(store, 25, 9)
    set_place(store, "lan", ident, "home", date(2026, 11, 25), "ra viện")
    with store.read() as c:
        fields = case_form(c, ident, store.clock()).fields
    names = ("classification", "sampled", "test_kind", "test_result", "treatment", "admitted_on", "left_on")
    assert [fields[name] for name in names] == [
        "Xác định phòng xét nghiệm",
        "22/11/2026 08:00; 23/11/2026 09:00",
        "Test nhanh; RT-PCR",
        "Dương tính; Dương tính",
        "Ngoại trú (tại nhà)",
        "23/11/2026",
        "25/11/2026",
    ]


def test_a_full_one_fits_one_page_hides_what_is_restricted_and_is_noted(
    store: Store, workspace: Workspace
) -> None:
    """In March 2022 no document asked for it within 48 hours."""
    made = home(store)
    week(store, made.case)
    before = len(noted(store))
    body = write_case_form(workspace, made.case, "pdf")
    assert len(document(body).pages) == 1
    found = words(body)
    for told in (
        "Họ và tên: NGUYỄN VĂN ĐỨC",
        "Số định danh cá nhân: 079061000123",
        "Nghề nghiệp: Thợ mộc",
        "Điện thoại: 0903123456",
        "Tiêm chủng: Có, 2 lần (theo lời khai)",
        "TRẠM Y TẾ PHƯỜNG HÒA BÌNH",
    ):
        assert told in found, told
    assert "Hạn báo cáo" not in found
    assert [secret for secret in SECRETS if secret in found] == []
    assert noted(store)[before:] == [("lan", "export", "person", made.person, "case-form")]
    sheet = openpyxl.load_workbook(io.BytesIO(write_case_form(workspace, made.case, "xlsx"))).active
    assert sheet is not None
    values = [tuple(cell.value for cell in row[:2]) for row in sheet.iter_rows()]
    assert ("Số định danh cá nhân", "079061000123") in values
    assert ("Quốc tịch", NOT_RECORDED) in values


def test_a_viewer_gets_none_and_nothing_is_noted(store: Store, workspace: Workspace, patient: str) -> None:
    ident = case(store, patient)
    before = len(noted(store))
    store.role = "viewer"
    with pytest.raises(NotOpened):
        write_case_form(workspace, ident, "pdf")
    store.role = "chief"
    assert len(noted(store)) == before


def test_filed_it_says_how_much_is_recorded_and_names_nobody(store: Store, patient: str) -> None:
    at(store, 22, 8)
    positive(store, patient)
    ident = case(store, patient)
    at(store, 24, 8, 1)
    with store.read() as c:
        found = report(c, CASE_FORM, FOUND, store.clock(), subject=ident)
        assert CASE_FORM.subjects(c, found.period) == ((ident, f"Khu phố 1 …{ident[-6:]}"),)
        before = CASE_FORM.period(date(2026, 6, 29), {})
        assert CASE_FORM.subjects(c, before) == ()
    assert [(one.name, one.value, one.unit) for one in found.figures] == [
        ("filled", 8, AREA_ID),
        ("not_recorded", 13, AREA_ID),
    ]
    assert found.due_at == datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
    filed = file_report(store, "lan", CASE_FORM, FOUND, subject=ident)
    with store.read() as c:
        (kept, due_at) = c.execute("SELECT figures, due_at FROM report WHERE id = ?", (filed,)).fetchone()
    assert "Hằng" not in kept
    assert due_at == "2026-11-24T01:00:00.000Z"


def test_the_cases_of_a_day_stand_on_one_line_of_the_deadlines_with_those_not_reported(
    store: Store, patient: str
) -> None:
    """Found at 08:00 and at 10:00 on 22/11: due at 08:00 and at 10:00 on 24/11."""
    others = [person(store, household(store, f"{n} Lê Lợi"), f"Phạm Văn {n}") for n in (1, 2)]
    at(store, 22, 8)
    positive(store, patient)
    first = case(store, patient)
    at(store, 22, 10)
    later = []
    for other in others:
        positive(store, other)
        later.append(case(store, other))

    def line(day: int, hour: int) -> tuple[str, datetime, tuple[str, ...]]:
        at(store, day, hour)
        with store.read() as c:
            [one] = [one for one in deadlines(c, store.clock()) if one.kind == "case_form"]
        return str(one.timing), one.due_at, one.units_missing

    names = {ident: f"Khu phố 1 …{ident[-6:]}" for ident in (first, *later)}
    assert line(23, 9) == (
        "due",
        datetime(2026, 11, 24, 8, tzinfo=VIETNAM),
        tuple(names[ident] for ident in sorted(names)),
    )
    for ident in (first, later[0]):
        file_report(store, "lan", CASE_FORM, FOUND, subject=ident)
    assert line(24, 9) == ("due", datetime(2026, 11, 24, 10, tzinfo=VIETNAM), (names[later[1]],))
    assert line(24, 11)[0] == "missing"
    file_report(store, "lan", CASE_FORM, FOUND, subject=later[1])
    assert line(24, 12)[::2] == ("late", ())
