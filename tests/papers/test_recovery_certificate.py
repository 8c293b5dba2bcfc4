"""The certificate of recovery: by which test and rule, for nobody whose case did not end so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.papers.conftest import SECRETS, document, noted, words
from tests.services.patients import Home, at, desk, home
from tui_app.bootstrap import Workspace
from tui_app.errors import UserError
from tui_app.papers.recovery_certificate import write_certificate
from tui_app.services.cases.cases import end_case, reopen
from tui_app.store.engine import Store

EIGHTH = date(2022, 3, 23)  # seven full days after the first positive, and one


@pytest.fixture
def patient(store: Store) -> Home:
    return home(store)


@pytest.fixture
def workspace(store: Store, tmp_path: Path) -> Workspace:
    return desk(store, tmp_path)


def swab(store: Store, patient: Home, result: str, **more: str) -> str:
    """Note a rapid test made now; returns its id."""
    with store.work("lan") as work:
        place = work.get("person", patient.person)
        fields = {"person": patient.person, "at": work.at, "method": "antigen", "result": result, **more}
        return work.create("test_result", fields, place=place)


def test_it_says_from_when_to_when_by_which_test_and_rule(
    store: Store, patient: Home, workspace: Workspace
) -> None:
    """QĐ 250/QĐ-BYT, 28/01/2022: seven full days and a negative test under supervision (rules §2.7)."""
    at(store, 8, 8)
    negative = swab(store, patient, "negative", supervised_by="Y sĩ Hoa")
    end_case(store, "lan", patient.case, "recovered", EIGHTH, test=negative)
    before = len(noted(store))
    body = write_certificate(workspace, patient.case)
    assert len(document(body).pages) == 1
    found = words(body)
    for told in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "GIẤY XÁC NHẬN HOÀN THÀNH CÁCH LY, KHỎI BỆNH COVID-19",
        "Họ và tên: NGUYỄN VĂN ĐỨC",
        "Số định danh (CCCD): 079061000123",
        "12 Lê Lợi, Khu phố 1, Phường Hòa Bình",
        "từ ngày 15/03/2022 đến ngày 23/03/2022 (ngày thứ 8)",
        "Test nhanh, Âm tính, 23/03/2022 08:00",
        "Người giám sát: Y sĩ Hoa",
        "ngày dương tính đầu tiên là ngày 0",
        "Ngày 23/03/2022, Kết quả xét nghiệm Âm tính, giám sát Có",
        "Quyết định 250/QĐ-BYT",
        "đóng dấu",
    ):
        assert told in found, told
    assert [secret for secret in SECRETS if secret in found] == []
    assert noted(store)[before:] == [("lan", "export", "person", patient.person, "recovery-certificate")]


def test_who_ended_it_against_the_rules_is_seen_by_the_reason(
    store: Store, patient: Home, workspace: Workspace
) -> None:
    at(store, 8, 8)
    end_case(store, "lan", patient.case, "recovered", EIGHTH, "bệnh viện đã xác nhận khỏi")
    found = words(write_certificate(workspace, patient.case))
    assert "Xét nghiệm lần cuối: –" in found
    assert "Lý do kết thúc: bệnh viện đã xác nhận khỏi" in found


def test_a_case_that_goes_on_or_ended_otherwise_is_not_certified(
    store: Store, patient: Home, workspace: Workspace
) -> None:
    before = len(noted(store))
    with pytest.raises(UserError):
        write_certificate(workspace, patient.case)
    end_case(store, "lan", patient.case, "moved_out", date(2022, 3, 15))
    with pytest.raises(UserError):
        write_certificate(workspace, patient.case)
    reopen(store, "lan", patient.case, "nhầm")
    with pytest.raises(UserError):
        write_certificate(workspace, patient.case)
    assert noted(store)[before:] == []
