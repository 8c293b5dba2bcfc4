"""Papers of the time before a conversion print the names of their time, though the unit is called otherwise now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from sync import outbox
from tests.conftest import AREA, KEY
from tests.papers.conftest import words
from tests.services.door_to_door import WHO
from tests.services.patients import FIRST, Home, at, desk, home, week
from tui_app.bootstrap import Workspace
from tui_app.papers import home_record, referral_slip, station_book
from tui_app.services.cases import cases
from tui_app.services.treatment import referrals
from tui_app.services.treatment.referrals import Sending
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows

CONVERTED = AREA.body | {
    "commune_name": "Phường Phú Thọ",
    "unit_name": "Khu phố 9",
    "valid_from": "2025-07-01",
    "former": [
        {"commune_code": "27217", "commune_name": "Phường 15", "unit_code": "01", "unit_name": "Khu phố 1"}
        | {"valid_to": "2025-06-30"}
    ],
}


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[tuple[Workspace, Home]]:
    store = Store(tmp_path / "gonha.db", KEY, create=True)
    with store.write() as c:
        RecordRows().upsert(c, [msgspec.structs.replace(AREA, body=CONVERTED)])
        outbox.hold_area(c, AREA.area, AREA.commune, "write")
    made = home(store)
    week(store, made.case)
    yield desk(store, tmp_path), made
    store.close()


def test_the_record_of_a_case_that_ended_then_has_the_names_of_then(ward: tuple[Workspace, Home]) -> None:
    workspace, made = ward
    now = msgspec.json.decode(home_record.write_home_record(workspace, made.case, "json"))["unit"]
    assert now["commune_name"] == "Phường Phú Thọ"  # still open: it goes on under the new name
    at(workspace.store, 10, 9)
    cases.end_case(workspace.store, WHO, made.case, "recovered", date(2022, 3, 25), "đủ ngày")
    body = home_record.write_home_record(workspace, made.case, "json")
    assert msgspec.json.decode(body)["unit"] == {
        "commune_name": "Phường 15",
        "unit_code": "01",
        "unit_name": "Khu phố 1",
    }
    assert "PHƯỜNG 15" in words(home_record.write_home_record(workspace, made.case, "pdf"))


def test_a_referral_slip_has_the_names_of_its_day(ward: tuple[Workspace, Home]) -> None:
    workspace, made = ward
    sending = Sending(reason="SpO2 giảm", sent_to="Bệnh viện Quận 11", transport="Xe 115")
    referral = referrals.make(workspace.store, WHO, made.case, sending)
    said = words(referral_slip.write_slip(workspace, referral, "pdf").body)
    assert "PHƯỜNG 15" in said
    assert "Khu phố 1" in said
    assert "Phú Thọ" not in said


def test_the_book_of_a_period_has_the_names_of_its_last_day(ward: tuple[Workspace, Home]) -> None:
    workspace, _ = ward
    _, old = station_book.write_book(workspace, FIRST, date(2022, 3, 31), "pdf")
    assert "PHƯỜNG 15" in words(old)
    _, new = station_book.write_book(workspace, FIRST, date(2025, 7, 31), "pdf")
    assert "PHƯỜNG PHÚ THỌ" in words(new)
