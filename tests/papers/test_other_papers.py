"""The station's book, the sheet of a contact, the referral slip: what they say, to whom, on how many pages."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.papers.conftest import SECRETS, Ward, document, noted, words
from tests.services.patients import FIRST, at, desk, home, week
from tui_app.errors import NotOpened, UserError
from tui_app.papers import contact_sheet, referral_slip, station_book
from tui_app.services.cases import contacts
from tui_app.services.cases.contact_lists import Day
from tui_app.services.cases.contacts import Meeting
from tui_app.services.people import people
from tui_app.services.treatment import medicine, referrals
from tui_app.services.treatment.medicine import Giving
from tui_app.services.treatment.referrals import Sending
from tui_app.store.engine import Store

UNTIL = date(2022, 3, 25)


def book(body: bytes) -> tuple[str, dict[str, Any]]:
    """What stands above the titles, and the first line of the book."""
    page: Any = openpyxl.load_workbook(io.BytesIO(body)).active
    grid = list(page.values)
    at = next(number for number, line in enumerate(grid) if line[0] == "STT")
    above = " ".join(str(cell) for line in grid[:at] for cell in line if cell)
    return above, dict(zip(grid[at], grid[at + 1], strict=True))


def test_the_book_has_a_line_a_case_with_the_days_it_was_seen(ward: Ward) -> None:
    count, body = station_book.write_book(ward.workspace, FIRST, UNTIL, "xlsx")
    above, told = book(body)
    assert count == 1
    assert "PHƯỜNG HÒA BÌNH" in above
    assert told["Họ và tên"] == "Nguyễn Văn Đức"
    assert told["Tuổi, giới"] == "61 tuổi, Nam"
    assert told["Điện thoại"] == "0903 123 456"
    assert told["Triệu chứng đầu"] == "ho"
    assert told["Bệnh nền"] == "Đái tháo đường, Tăng huyết áp"
    assert told["Thuốc cấp (ngày)"] == "Túi A (TP.HCM) (16/03, 16/03)"
    # the lowest SpO2 of each day; 96 on day 1 is a danger sign of QĐ 261/QĐ-BYT (<= 96), a day nobody came is a dash
    assert [told[f"Ngày {day}"] for day in (0, 1, 2, 3)] == ["97", "96!", "93!", "–"]
    assert [told[f"Ngày {day}"] for day in (10, 11)] == ["–", None], "the book ends on day 10, 25/03"
    assert (told["STT"], told["Số mũi"]) == (1, 2)
    assert told["XN (+)"] == datetime(2022, 3, 15)
    assert told["XN (–)"] is None
    assert "chưa đối chiếu bản gốc: Quyết định 5525/QĐ-BYT ngày 01/12/2021; Quyết định 604/QĐ-BYT" in above
    assert [secret for secret in SECRETS if secret in above + str(told)] == []


def test_a_result_that_was_corrected_is_not_in_the_book(store: Store, tmp_path: Path) -> None:
    made = home(store)
    at(store, 8, 9)
    with store.work("lan") as work:
        place = work.get("person", made.person)
        fields = {"person": made.person, "at": work.at, "method": "antigen"}
        wrong = work.create("test_result", fields | {"result": "negative"}, place=place)
        work.create("test_result", fields | {"result": "positive", "amends": wrong}, place=place)
    _, body = station_book.write_book(desk(store, tmp_path), FIRST, UNTIL, "xlsx")
    assert book(body)[1]["XN (–)"] is None


def test_the_book_on_paper_lies_and_says_the_same(ward: Ward) -> None:
    _, body = station_book.write_book(ward.workspace, FIRST, UNTIL, "pdf")
    (page,) = document(body).pages
    assert page.mediabox.width > page.mediabox.height
    found = words(body)
    assert "SỔ THEO DÕI F0 TẠI NHÀ" in found
    assert "Từ 15/03/2022 đến 25/03/2022" in found
    assert "Nguyễn Văn Đức" in found
    assert "15/03/2022" in found
    assert "93!" in found
    assert [secret for secret in SECRETS if secret in found] == []


def test_a_case_that_began_later_is_not_in_the_book_and_each_book_is_noted(ward: Ward) -> None:
    before = len(noted(ward.store))
    count, body = station_book.write_book(ward.workspace, date(2022, 3, 1), date(2022, 3, 14), "pdf")
    assert count == 0
    assert "Không có ca nào" in words(body)
    assert noted(ward.store)[before:] == [("lan", "export", "case", "", "station-book")]


def test_the_sheet_of_a_contact_has_a_line_a_day(ward: Ward) -> None:
    body = contact_sheet.write_sheet(ward.workspace, ward.contacts[0])
    (page,) = document(body).pages
    assert page.mediabox.width < page.mediabox.height
    found = words(body)
    assert "BẢNG THEO DÕI NGƯỜI TIẾP XÚC TẠI NHÀ" in found
    assert "Tiếp xúc lần cuối: 15/03/2022" in found
    assert "Theo dõi đến hết ngày: 25/03/2022" in found  # CV 762/BYT-DP: 5 + 5 days (rules §2.11)
    assert "762/BYT-DP" in found
    assert "1 16/03/2022 – – –" in found, "nobody looked on the first day"
    assert "2 17/03/2022 36,8 K K K K K K x" in found
    assert "3 18/03/2022 38,1 x x K K K K K" in found, "two looks: the highest temperature and every symptom"
    assert "4 19/03/2022 – – – – – – – – x" in found, "was away"
    assert "14 29/03/2022" in found
    assert "Địa chỉ: 12 Lê Lợi, Khu phố 1, Phường Hòa Bình" in found
    assert [secret for secret in ("HIV", "Nguyễn Văn Đức", "NGUYỄN VĂN ĐỨC") if secret in found] == []


def test_that_nobody_is_watched_any_more_is_an_answer(store: Store, tmp_path: Path) -> None:
    """CV 1909/BYT-DP, 15/04/2022 (rules §2.11)."""
    made = home(store)
    at(store, 40, 9)
    met = Meeting(last_met_on=date(2022, 4, 15))
    contact = contacts.add_named(store, "lan", made.case, "Lê Văn Tám", met)
    found = words(contact_sheet.write_sheet(desk(store, tmp_path), contact))
    assert "Theo dõi đến hết ngày: không phải cách ly theo quy định của ngày đó" in found
    assert "• Không còn phải cách ly người tiếp xúc · Công văn 1909/BYT-DP" in found


def test_a_look_on_the_day_of_the_last_meeting_has_a_line_of_its_own(store: Store, tmp_path: Path) -> None:
    made = home(store)
    (contact, *_) = contacts.add_household(store, "lan", made.case, Meeting(last_met_on=FIRST))
    contacts.check(store, "lan", contact, Day(on=FIRST, temperature_c=38.5, symptoms=("fever",)))
    at(store, 2, 9)
    found = words(contact_sheet.write_sheet(desk(store, tmp_path), contact))
    assert "0 15/03/2022 38,5 x K" in found
    assert "1 16/03/2022 – – –" in found
    assert "14 29/03/2022" in found


def test_a_day_that_passed_without_a_look_is_a_dash_and_a_sheet_for_the_hand_is_empty(
    store: Store, tmp_path: Path
) -> None:
    made = home(store)
    (contact, *_) = contacts.add_household(store, "lan", made.case, Meeting(last_met_on=FIRST))
    at(store, 2, 9)
    workspace = desk(store, tmp_path)
    assert "1 16/03/2022 – – –" in words(contact_sheet.write_sheet(workspace, contact))
    assert "1 16/03/2022 2 17/03/2022" in words(contact_sheet.write_sheet(workspace, contact, blank=True))


def test_the_sheet_of_somebody_named_has_the_number_to_call(ward: Ward) -> None:
    before = len(noted(ward.store))
    found = words(contact_sheet.write_sheet(ward.workspace, ward.named, blank=True))
    assert "LÊ VĂN TÁM" in found
    assert "0903 222 333" in found
    assert noted(ward.store)[before:] == [("lan", "export", "contact", ward.named, "contact-sheet")]


def test_the_slip_is_one_page_with_each_vital_sign_and_its_time(ward: Ward) -> None:
    made = referral_slip.write_slip(ward.workspace, ward.referral)
    assert len(document(made.body).pages) == 1
    found = words(made.body)
    for told in (
        "GIẤY CHUYỂN NGƯỜI BỆNH COVID-19",
        "Kính gửi: Bệnh viện Quận 11",
        "NGUYỄN VĂN ĐỨC",
        "Đái tháo đường, Tăng huyết áp, Người cao tuổi",
        "SpO2 (%) 94 17/03/2022 17:00",
        "SpO2 đo lại (%) 93 17/03/2022 17:00",
        "Nhiệt độ (°C) 38 16/03/2022 08:00",
        "Huyết áp tối đa (mmHg) 128 15/03/2022 16:00",
        "SpO2 giảm, thở nhanh",
        "Mức độ bệnh: –",
        "Phân loại nguy cơ: Nguy cơ cao (chưa đối chiếu văn bản gốc)",  # QĐ 5525/QĐ-BYT, rules §2.1
        "Chẩn đoán: ……",
        "Phương tiện: Xe 115",
        "Chuyển lúc: 17/03/2022 18:00",
        made.fingerprint,
    ):
        assert told in found, told
    assert [secret for secret in SECRETS if secret in found] == []


def test_a_slip_with_long_words_is_one_page_and_never_signed_without_its_patient(
    store: Store, tmp_path: Path
) -> None:
    made = home(store)
    street = "Số 127/45/8A Đường Nguyễn Thị Minh Khai nối dài, Cư xá Đô Thành mở rộng"
    long = {"full_name": "Nguyễn Phước Công Tằng Tôn Nữ Hồng Ngọc Thùy Diễm Ưu Việt Ữ"}
    people.save_household(store, "lan", {"address": street}, household=made.door)
    people.save_person(store, "lan", long, person=made.person)
    week(store, made.case)
    sending = Sending(reason="tím môi, lơ mơ, không có ô-xy " * 4, sent_to="Bệnh viện Dã chiến số 16 " * 3)
    (page,) = document(
        referral_slip.write_slip(desk(store, tmp_path), referrals.make(store, "lan", made.case, sending)).body
    ).pages
    assert "NGUYỄN PHƯỚC CÔNG TẰNG TÔN NỮ HỒNG NGỌC THÙY DIỄM ƯU VIỆT Ữ" in page.extract_text()
    for day in range(16):
        at(store, 2, 18, day)
        giving = Giving(item=f"Thuốc {day}", quantity=1, from_stock=False)
        medicine.give(store, "lan", made.case, giving)
    at(store, 2, 19)
    full = referral_slip.write_slip(desk(store, tmp_path), referrals.make(store, "lan", made.case, sending))
    pages = [" ".join(one.extract_text().split()) for one in document(full.body).pages]
    assert len(pages) == 2
    assert "Người nhận" in pages[1]
    assert "Nguyễn Phước Công Tằng Tôn Nữ" in pages[1]


def test_a_viewer_gets_no_paper(ward: Ward) -> None:
    ward.store.role = "viewer"
    try:
        with pytest.raises(NotOpened):
            station_book.write_book(ward.workspace, FIRST, UNTIL, "pdf")
        with pytest.raises(NotOpened):
            contact_sheet.write_sheet(ward.workspace, ward.contacts[0])
        with pytest.raises(NotOpened):
            referral_slip.write_slip(ward.workspace, ward.referral)
    finally:
        ward.store.role = "chief"


def test_a_withdrawn_referral_has_no_slip(ward: Ward) -> None:
    sending = Sending(reason="thử", sent_to="Bệnh viện")
    made = referrals.make(ward.store, "lan", ward.home.case, sending)
    referrals.withdraw(ward.store, "lan", made, "nhầm")
    with pytest.raises(UserError):
        referral_slip.write_slip(ward.workspace, made)
