"""The home-treatment record and the monitoring sheet: on paper and as JSON the same, nothing missing as normal."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from tests.papers.conftest import SECRETS, Ward, document, noted, words
from tests.services.patients import desk, home, reading
from tui_app.errors import NotOpened
from tui_app.papers.home_record import write_home_record
from tui_app.papers.monitoring_sheet import write_sheet
from tui_app.store.engine import Store


@pytest.fixture(scope="module")
def paper(ward: Ward) -> bytes:
    return write_home_record(ward.workspace, ward.home.case, "pdf")


@pytest.fixture(scope="module")
def electronic(ward: Ward) -> dict[str, Any]:
    return msgspec.json.decode(write_home_record(ward.workspace, ward.home.case, "json"))


def test_it_says_who_and_how_it_began(paper: bytes) -> None:
    found = words(paper)
    for told in (
        "HỒ SƠ BỆNH ÁN ĐIỀU TRỊ F0 TẠI NHÀ",
        "Họ và tên: NGUYỄN VĂN ĐỨC",
        "04/03/1961 (61 tuổi)",
        "Số định danh (CCCD): 079061000123",
        "Điện thoại: 0903 123 456",
        "12 Lê Lợi, Khu phố 1, Phường Hòa Bình",
        "Đái tháo đường, Tăng huyết áp, Người cao tuổi",
        "Dương tính lần đầu: 15/03/2022",
        "Tự chăm sóc được: Có",
        "TRẠM Y TẾ PHƯỜNG HÒA BÌNH",
    ):
        assert told in found, told


def test_what_nobody_asked_is_a_dash_on_paper_and_null_in_json(
    paper: bytes, electronic: dict[str, Any]
) -> None:
    found = words(paper)
    for told in ("Mang thai: –", "Ngày khởi phát: –", "Liên lạc được với y tế: –", "Số thẻ BHYT: –"):
        assert told in found, told
    assert electronic["case"]["pregnant"] is None
    assert electronic["case"]["onset_on"] is None
    assert [one["temperature_c"] for one in electronic["observations"]] == [37.5, 38.2, 38.0, None, None]


def test_what_was_measured_stands_with_a_decimal_comma_and_the_rest_as_dashes(paper: bytes) -> None:
    grid = document(paper).pages[-1]
    assert grid.mediabox.width > grid.mediabox.height
    found = " ".join(grid.extract_text().split())
    for line in (
        "Nhiệt độ (°C) 37,5 38,2 38 – – – – – – – Nhịp thở",
        "SpO2 (%) 97 97 96 – 95 94 – – – – SpO2 đo lại (%) – – – – – 93 – – – – Huyết áp",
        "Huyết áp tối đa (mmHg) – 128 – – – – – – – – Huyết áp",
        "mệt mỏi K – C – – – – – – – ho C – C",
    ):
        assert line in found, line


def test_severity_over_time_names_rule_document_and_that_it_is_unverified(paper: bytes) -> None:
    found = words(paper)
    for grade in ("Nhẹ", "Trung bình", "Nặng"):
        assert f"Mức độ bệnh {grade}" in found
    assert "Quyết định 250/QĐ-BYT" in found
    assert "chưa đối chiếu văn bản gốc" in found


def test_medicine_stands_day_by_day_with_its_warning_and_why_it_was_given(paper: bytes) -> None:
    found = words(paper)
    assert "Túi A (TP.HCM)" in found
    assert "Cấp trùng: Túi A (TP.HCM) đã cấp ngày 16/03/2022" in found
    assert "Vẫn cấp vì: túi đầu bị ướt" in found


def test_restricted_conditions_are_on_neither(paper: bytes, electronic: dict[str, Any]) -> None:
    told = words(paper) + msgspec.json.encode(electronic).decode()
    assert [secret for secret in SECRETS if secret in told] == []
    assert electronic["person"]["conditions"] == ["diabetes", "hypertension"]


def test_both_forms_carry_the_same_findings(paper: bytes, electronic: dict[str, Any]) -> None:
    found = words(paper).replace(" ", "")
    for look in (electronic["observations"][place] for place in (0, 2, 4)):  # each the first of its grade
        (one,) = [finding for finding in look["findings"] if finding["kind"] == "severity"]
        assert {"rule", "rule_set", "limit", "verified", "outcome"} <= one.keys()
        assert one["words"].replace(" ", "") in found


def test_the_electronic_form_is_whole(electronic: dict[str, Any]) -> None:
    assert electronic["form"] == "gonha.home_case_record/1"
    assert len(electronic["observations"]) == 5
    assert [one["item"] for one in electronic["dispenses"]] == ["hcmc_a", "hcmc_a"]
    assert electronic["dispenses"][1]["flag_reason"] == "túi đầu bị ướt"
    assert electronic["referrals"][0]["sent_to"] == "Bệnh viện Quận 11"
    assert electronic["unit"] == {
        "commune_name": "Phường Hòa Bình",
        "unit_code": "01",
        "unit_name": "Khu phố 1",
    }


def test_each_paper_is_noted_and_a_viewer_gets_none(ward: Ward) -> None:
    before = len(noted(ward.store))
    write_home_record(ward.workspace, ward.home.case, "json")
    write_sheet(ward.workspace, ward.home.case)
    told = noted(ward.store)[before:]
    assert told == [
        ("lan", "export", "person", ward.home.person, "home-record"),
        ("lan", "export", "person", ward.home.person, "monitoring-sheet"),
    ]
    ward.store.role = "viewer"
    try:
        with pytest.raises(NotOpened):
            write_home_record(ward.workspace, ward.home.case, "pdf")
    finally:
        ward.store.role = "chief"
    assert len(noted(ward.store)) == before + 2


def test_the_sheet_is_one_page_of_fourteen_days(ward: Ward) -> None:
    body = write_sheet(ward.workspace, ward.home.case)
    (page,) = document(body).pages
    found = words(body)
    assert page.mediabox.width > page.mediabox.height
    assert "0: 15/03" in found
    assert "13: 28/03" in found
    for asked in ("ho ra đờm", "viêm kết mạc (mắt đỏ)", "ho ra máu"):  # QĐ 261, Phụ lục 2 (rules §2.4)
        assert asked in found


def test_an_empty_sheet_has_nothing_in_it_that_was_measured(ward: Ward) -> None:
    found = words(write_sheet(ward.workspace, ward.home.case, blank=True))
    assert "NGUYỄN VĂN ĐỨC" in found
    assert "37,5" not in found
    assert " K " not in found.split("Ngày, buổi")[1].split("Buổi: S sáng")[0]


def test_two_readings_of_one_half_day_both_stand(store: Store, tmp_path: Any) -> None:
    made = home(store)
    reading(store, made.case, 0, 9, spo2=97)
    reading(store, made.case, 0, 10, spo2=91)
    found = words(write_sheet(desk(store, tmp_path), made.case))
    assert "97" in found
    assert "91" in found


def test_a_case_longer_than_fourteen_days_goes_on_to_another_page(store: Store, tmp_path: Any) -> None:
    made = home(store)
    reading(store, made.case, 0, 9, spo2=97)
    reading(store, made.case, 14, 9, spo2=98)
    pages = document(write_sheet(desk(store, tmp_path), made.case)).pages
    assert len(pages) == 2
    assert "14: 29/03" in pages[1].extract_text()
