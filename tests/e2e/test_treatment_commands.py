"""Medicine, stock, referrals, contacts and papers by commands: what they print, how they exit, what is noted."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest

from tests.e2e.test_care_commands import Ward, ward
from tests.e2e.test_commands import Desk, desk

__all__ = ["Desk", "desk", "ward"]  # the fixtures


@pytest.fixture
def case(ward: Ward) -> str:
    return ward.opened(ward.hang)


def pdf_text(file: Path) -> str:
    pages = pypdf.PdfReader(io.BytesIO(file.read_bytes())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_a_kit_is_given_a_second_one_is_warned_of_and_one_is_taken_back(ward: Ward, case: str) -> None:
    assert ward("stock", "receive", "hcmc_a", "10", "--lot", "A1", "--expires-on", "2022-03-01").code == 0
    given = ward("medicine", "give", case, "hcmc_a", "--unit", "túi", "--days", "7", "--lot", "A1", "--json")
    assert given.code == 0, given.err
    assert given.json()["left"] == 9
    again = ward("medicine", "give", case, "hcmc_a", "--json")
    assert (again.code, again.out) == (1, b"")
    assert "Cấp trùng" in again.err
    assert "--reason" in again.err
    assert len(ward("medicine", "list", case, "--json").lines()) == 1
    back = ward("medicine", "take-back", given.json()["dispense"], "--reason", "ghi nhầm", "--json")
    assert back.json()["amends"] == given.json()["dispense"]
    assert ward("medicine", "list", case, "--json").out == b""
    (kept,) = ward("stock", "list", "--json").lines()
    assert (kept["item"], kept["on_hand"], kept["off"]) == ("hcmc_a", 10, False)


def test_what_the_rules_know_is_listed_with_how_sure_it_is(ward: Ward) -> None:
    lines = ward("medicine", "items", "--json").lines()
    known = {line["item"]: line for line in lines}
    assert known["hcmc_a"]["words"] == "Túi A (TP.HCM)"
    assert all({"rule_set", "verified", "kind"} <= line.keys() for line in lines)
    assert ward("medicine", "items", "--date", "2000-01-01", "--json").out == b""


def test_what_runs_low_is_off_or_soon_out_of_date_exits_four(ward: Ward, case: str) -> None:
    assert ward("stock", "low").code == 0
    ward("stock", "keep", "hcmc_a", "--unit", "túi", "--low-at", "5")
    ward("stock", "receive", "hcmc_a", "6", "--lot", "A1", "--expires-on", "2022-02-25")
    low = ward("stock", "low")
    assert low.code == 4
    assert "hcmc_a lô A1: còn 6 túi, hết hạn 25/02/2022" in low.out.decode()
    assert "sắp hết" not in low.out.decode()
    ward("stock", "spoil", "hcmc_a", "1", "--lot", "A1", "--note", "rách")
    assert "sắp hết" in ward("stock", "low").out.decode()
    off = ward("medicine", "give", case, "vitamins", "--quantity", "2")
    assert "Lệch sổ: vitamins còn -2" in off.err
    assert "lệch" in ward("stock", "low").out.decode()


def test_a_count_says_its_difference_and_asks_where_it_comes_from(ward: Ward) -> None:
    ward("stock", "receive", "hcmc_a", "10")
    refused = ward("stock", "count", "hcmc_a", "8")
    assert refused.code == 1
    assert "sổ còn 10, đếm được 8" in refused.err
    counted = ward("stock", "count", "hcmc_a", "8", "--note", "hai túi ướt", "--json")
    assert counted.json() == {"item": "hcmc_a", "found": 8, "difference": -2}
    assert ward("stock", "return", "hcmc_a", "3").code == 0
    assert ward("stock", "list", "--json").lines()[0]["on_hand"] == 5
    assert ward("stock", "receive", "hcmc_a", "mười").code == 1


def test_a_referral_answers_its_alert_and_its_card_is_read_without_a_workspace(
    ward: Ward, case: str, tmp_path: Path
) -> None:
    seen = ward("observe", case, "--spo2", "91", "--json")
    alert = seen.json()["alert"]
    made = ward(
        "referral", "make", case, "--to", "BV Quận 11", "--reason", "SpO2 91", "--alert", alert, "--json"
    )
    assert made.code == 0, made.err
    ident = made.json()["referral"]
    assert [line["state"] for line in ward("alerts", "--answered", "--json").lines()] == ["referred"]
    slip, text = tmp_path / "giay.pdf", tmp_path / "giay.txt"
    answer = ward("referral", "slip", ident, "--out", str(slip), "--json")
    assert answer.json()["version"] <= 25
    assert "không mã hóa" in answer.err
    assert "LÊ THỊ HẰNG" in pdf_text(slip)
    ward("referral", "slip", ident, "--out", str(text))
    key = ward("referral", "key", "--json").json()
    ward.desk.at(tmp_path / "elsewhere")  # no workspace there
    read = ward.desk("referral", "read", str(text), "--key", key["key"], "--json")
    assert read.code == 0, read.err
    assert read.json()["full_name"] == "Lê Thị Hằng"
    assert read.json()["fingerprint"] == key["fingerprint"] == answer.json()["fingerprint"]
    assert [(one["field"], one["value"]) for one in read.json()["vitals"]] == [("spo2", 91)]
    words = ward.desk("referral", "read", text.read_text("utf-8").strip()).out.decode()
    assert "Họ và tên: Lê Thị Hằng" in words
    assert "SpO2 (%): 91" in words
    assert ward.desk("referral", "read", str(text), "--key", "other").code == 1
    broken = ward.desk("referral", "read", "GN1:ABCDEF")
    assert (broken.code, broken.out) == (1, b"")


def test_arrival_withdrawal_and_what_waits(ward: Ward, case: str) -> None:
    make = ("referral", "make", case, "--to", "BV", "--reason", "khó thở", "--json")
    first, second = ward(*make).json()["referral"], ward(*make).json()["referral"]
    assert ward("referral", "acknowledge", first, "--by", "BS Minh", "--admitted").code == 0
    assert ward("case", "show", case, "--json").json()["fields"]["place"] == "hospital"
    assert [line["id"] for line in ward("referral", "list", "--waiting", "--json").lines()] == [second]
    assert ward("referral", "withdraw", second).code == 1
    assert ward("referral", "withdraw", second, "--reason", "gia đình xin ở lại").code == 0
    assert ward("referral", "list", "--case", case, "--waiting", "--json").out == b""
    assert "đã lấy lại" in ward("referral", "list").out.decode()


def test_contacts_from_the_household_to_the_sheet(ward: Ward, case: str, tmp_path: Path) -> None:
    added = ward("contacts", "household", case, "--protected", "yes", "--json")
    (contact,) = added.json()["contacts"]
    assert ward("contacts", "household", case, "--json").json()["contacts"] == []
    named = ward(
        "contacts",
        "add",
        case,
        "--name",
        "Lê Văn Tám",
        "--phone",
        "0903222333",
        "--met",
        "close_unmasked",
        "--json",
    )
    assert named.code == 0, named.err
    assert ward("contacts", "check", contact, "--well", "--temperature", "36,7").code == 0
    assert ward("contacts", "check", contact, "--away", "--temperature", "36,7").code == 1
    assert [line["full_name"] for line in ward("contacts", "list", "--json").lines()] == ["Lê Văn Tám"]
    lines = {line["full_name"]: line for line in ward("contacts", "list", "--case", case, "--json").lines()}
    assert set(lines) == {"Lê Văn Tám", "Phạm Văn Tí"}
    # CV 10696/BYT-MT, in force on 20/02/2022: 7 + 7 days when fully vaccinated (rules §2.11)
    assert lines["Phạm Văn Tí"]["watch_until"] == "2022-03-06"
    assert lines["Phạm Văn Tí"]["findings"][0]["kind"] == "contact_watch"
    learned = ward("contacts", "correct", contact, "--protected", "no", "--json")
    assert learned.json() == {"id": contact, "watch_until": "2022-03-06"}, "14 days without protection"
    refused = ward("contacts", "check", contact, "--symptoms", "fevr")
    assert refused.code == 1
    assert "fevr" in refused.err
    file = tmp_path / "f1.pdf"
    assert ward("contacts", "sheet", contact, "--out", str(file)).code == 0
    assert "PHẠM VĂN TÍ" in pdf_text(file)
    assert ward("contacts", "end", contact, "--reason", "đủ ngày").code == 0
    assert "đã kết thúc 20/02/2022" in ward("contacts", "list", "--case", case).out.decode()


def test_each_paper_is_written_warned_of_and_noted(ward: Ward, case: str, tmp_path: Path) -> None:
    papers = {
        "home-record": ("record", case, "hs.pdf"),
        "monitoring-sheet": ("sheet", case, "phieu.pdf"),
        "station-book": ("book", "", "so.xlsx"),
    }
    for detail, (command, about, name) in papers.items():
        file = tmp_path / name
        answer = ward(command, *filter(None, (about,)), "--out", str(file), "--json")
        assert answer.code == 0, answer.err
        assert answer.json()["file"] == str(file)
        assert "không mã hóa" in answer.err
        assert file.stat().st_size > 4000
        assert ward("access", "--json").lines()[0]["detail"] == detail
    assert ward("record", case, "--out", str(tmp_path / "hs.json")).code == 0
    assert ward("sheet", case, "--blank", "--out", str(tmp_path / "trong.pdf")).code == 0
    assert (
        ward("book", "--out", str(tmp_path / "so.pdf"), "--from", "2022-01-01", "--json").json()["cases"] == 1
    )
    assert ward("record", case, "--out", str(tmp_path / "hs.docx")).code == 1
    refused = ward("certificate", case, "--out", str(tmp_path / "khoi.pdf"))
    assert (refused.code, (tmp_path / "khoi.pdf").exists()) == (1, False)
    assert "khỏi bệnh" in refused.err
    words = ward("access").out.decode()
    assert "hồ sơ bệnh án tại nhà" in words
    assert "sổ theo dõi F0" in words
