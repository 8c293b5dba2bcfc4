"""The home-treatment record and the monitoring sheet: on paper and as JSON the same, nothing missing as normal."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from tests.papers.conftest import SECRETS, Ward, document, noted, words
from tests.services.patients import FIRST, at, desk, home, reading
from tui_app.errors import NotOpened
from tui_app.papers.home_record import write_home_record
from tui_app.papers.monitoring_sheet import write_sheet
from tui_app.papers.station_book import write_book
from tui_app.services.cases import alerts, cases, follow_ups
from tui_app.services.cases.case_facts import correct_days
from tui_app.services.people import people
from tui_app.services.treatment import medicine
from tui_app.services.treatment.medicine import Giving
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


def test_what_was_danger_stands_with_what_was_done(paper: bytes, electronic: dict[str, Any]) -> None:
    """SpO2 94, again 93, counted 24 breaths: signs of QĐ 261 from 17 years on (rules §2.5); nobody answered."""
    found = words(paper)
    assert "IV. Dấu hiệu nguy hiểm và xử trí" in found
    part = found.split("IV. Dấu hiệu nguy hiểm")[1].split("V. Thuốc")[0]
    number = part.split("SpO2 thấp: SpO2 đo lại (%) 93 (≤ 96) [")[1][0]
    assert "chưa đối chiếu văn bản gốc" in part.split(f" [{number}] QĐ 261")[1], "said once, below the table"
    assert "Chưa ai trả lời" in part
    last = electronic["alerts"][-1]
    assert (last["at"], last["state"], last["told_to"]) == ("2022-03-17T10:00:00.000Z", "open", None)
    assert {one["kind"] for one in last["findings"]} == {"danger_sign"}


def test_whom_an_alert_was_told_to_is_on_the_record(store: Store, tmp_path: Any) -> None:
    made = home(store)
    reading(store, made.case, 1, 8, spo2=91)
    with store.read() as c:
        (alert,) = alerts.alerts_of(c, made.case, store.clock())
    alerts.tell(store, "lan", alert.id, "BS Minh")
    found = words(write_home_record(desk(store, tmp_path), made.case, "pdf"))
    assert "Đã báo BS Minh 16/03/2022 08:00" in found


def test_no_part_is_left_out_and_nobody_referred_is_said(store: Store, tmp_path: Any) -> None:
    found = words(write_home_record(desk(store, tmp_path), home(store).case, "pdf"))
    parts = ("I.", "II.", "III.", "IV.", "V.", "VI.", "VII.", "VIII.")
    assert [part for part in parts if f" {part} " not in found] == []
    assert "Chưa chuyển tuyến" in found
    assert "Chưa có cảnh báo" in found


def test_a_test_of_an_earlier_illness_is_not_in_the_record(store: Store, tmp_path: Any) -> None:
    made = home(store)
    with store.work("lan") as work:
        place = work.get("person", made.person)
        for day in ("2021-08-01", "2022-03-15"):
            fields = {"person": made.person, "at": f"{day}T02:00:00.000Z", "result": "positive"}
            work.create("test_result", fields, place=place)
    found = words(write_home_record(desk(store, tmp_path), made.case, "pdf"))
    assert "15/03/2022 09:00 – Dương tính" in found
    assert "01/08/2021" not in found


def test_visits_after_a_recovery_stand_with_their_symptoms_on_both_forms(store: Store, tmp_path: Any) -> None:
    """Checks for twelve months after a recovery (issue of the ward; due dates of the house set)."""
    made = home(store)
    at(store, 14, 9)
    cases.end_case(store, "lan", made.case, "recovered", date(2022, 3, 29), "theo dõi đủ")
    paper = words(write_home_record(desk(store, tmp_path), made.case, "pdf"))
    assert "IX. Khám sau khỏi bệnh" in paper
    assert "Chưa khám lần nào" in paper
    at(store, 45, 9)
    said = {"well": False, "symptoms": ["cough", "fatigue"], "needs": "khám phổi"}
    follow_ups.record_follow_up(store, "lan", made.case, **said)
    at(store, 46, 9)
    follow_ups.record_follow_up(store, "lan", made.case, well=True, symptoms=[])
    paper = words(write_home_record(desk(store, tmp_path), made.case, "pdf"))
    part = paper.split("IX. Khám sau khỏi bệnh")[1]
    assert "Không ho, mệt mỏi khám phổi" in part
    assert "Có không –" in part
    found = msgspec.json.decode(write_home_record(desk(store, tmp_path), made.case, "json"))["follow_ups"]
    assert [(one["well"], one["symptoms"], one["needs"]) for one in found] == [
        (False, ["cough", "fatigue"], "khám phổi"),
        (True, [], None),
    ]


def test_a_doubled_medicine_is_named_in_words_in_the_electronic_form(electronic: dict[str, Any]) -> None:
    (flag,) = [flag for given in electronic["dispenses"] for flag in given["flags"]]
    assert flag["words"].startswith("Cấp trùng: Túi A (TP.HCM) đã cấp ngày 16/03/2022")
    assert "hcmc_a" not in flag["words"]
    assert flag["value"]["item"] == "hcmc_a"


def test_every_page_says_whose_it_is(paper: bytes) -> None:
    pages = [page.extract_text() for page in document(paper).pages]
    assert len(pages) > 1
    assert all("Nguyễn Văn Đức · mã …" in page for page in pages)


def test_a_drug_given_every_other_day_for_a_month_is_printed(store: Store, tmp_path: Any) -> None:
    """Each giving warns of all before it, for nobody said how long one lasts."""
    made = home(store)
    for day in range(0, 28, 2):
        at(store, day, 10)
        giving = Giving(item="Nước muối", quantity=1, from_stock=False)
        medicine.give(store, "lan", made.case, giving, reason="nhà xin thêm")
    workspace = desk(store, tmp_path)
    found = words(write_home_record(workspace, made.case, "pdf"))
    assert found.count("Vẫn cấp vì: nhà xin thêm") == 13
    assert "đã cấp ngày 15/03/2022, 17/03/2022, 19/03/2022, chưa dùng hết" in found
    assert "Nước muối (15/03, 17/03, 19/03" in words(write_book(workspace, FIRST, FIRST, "pdf")[1])


def test_restricted_conditions_are_on_neither(paper: bytes, electronic: dict[str, Any]) -> None:
    told = words(paper) + msgspec.json.encode(electronic).decode()
    assert [secret for secret in SECRETS if secret in told] == []
    assert electronic["person"]["conditions"] == ["diabetes", "hypertension"]


def test_both_forms_carry_the_same_findings(paper: bytes, electronic: dict[str, Any]) -> None:
    found = words(paper).replace(" ", "")
    for look in (electronic["observations"][place] for place in (0, 2, 4)):  # each the first of its grade
        (one,) = [finding for finding in look["findings"] if finding["kind"] == "severity"]
        assert {"rule", "rule_set", "limit", "verified", "outcome"} <= one.keys()
        said, source = one["words"].replace(" ", "").split("·", 1)
        number = re.search(re.escape(said) + r"(\[\d\])", found)
        assert number is not None
        assert f"{number[1]}{source}" in found


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
    reading(store, made.case, 0, 9, spo2=97, pulse=88)
    reading(store, made.case, 0, 10, spo2=91, spo2_repeat=92, spo2_repeat_after=45)
    found = words(write_sheet(desk(store, tmp_path), made.case))
    assert "SpO2 (%) 97 91 SpO2 đo lại (%) – 92 Huyết áp" in found
    assert "Mạch (lần/phút) 88 – Nhiệt độ (°C) – Nhịp thở" in found, "each line of a cell is one reading"


def test_what_was_measured_before_the_first_positive_is_on_the_sheet(store: Store, tmp_path: Any) -> None:
    made = home(store)
    onset = {"onset_on": FIRST - timedelta(days=2)}
    correct_days(store, "lan", made.case, onset, "sốt từ hôm đó")
    reading(store, made.case, -2, 9, spo2=98)
    (page,) = document(write_sheet(desk(store, tmp_path), made.case)).pages
    found = " ".join(page.extract_text().split())
    assert "-2: 13/03" in found
    assert "SpO2 (%) 98" in found


def test_a_sheet_with_long_words_and_two_readings_is_still_one_page(store: Store, tmp_path: Any) -> None:
    made = home(store)
    long = {"full_name": "Nguyễn Phước Công Tằng Tôn Nữ Hồng Ngọc Thùy Diễm Ữ", "carer": "con gái út " * 3}
    people.save_person(store, "lan", long, person=made.person)
    for hour in (8, 9):
        reading(store, made.case, 3, hour, spo2=97, pulse=88, symptoms=("cough",), signs=())
    (page,) = document(write_sheet(desk(store, tmp_path), made.case)).pages
    assert "điều khác đáng lo" in page.extract_text()
    assert "Theo mẫu: Quyết định 604/QĐ-BYT" in page.extract_text()


def test_a_case_longer_than_fourteen_days_goes_on_to_another_page(store: Store, tmp_path: Any) -> None:
    made = home(store)
    reading(store, made.case, 0, 9, spo2=97)
    reading(store, made.case, 14, 9, spo2=98)
    pages = document(write_sheet(desk(store, tmp_path), made.case)).pages
    assert len(pages) == 2
    assert "14: 29/03" in pages[1].extract_text()
