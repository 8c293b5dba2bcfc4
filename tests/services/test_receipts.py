"""What proves that the server has it: a record's standing, a day's receipts, and the sheet that is signed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.services.test_inbox import Ground, stop
from tests.services.test_resolving import desk
from tui_app.clock import to_wire
from tui_app.services.exchange import receipts
from tui_app.services.exchange.delivery_sheet import delivery_sheet
from tui_app.services.exchange.receipts import Day, Receipt

DAY = date(2026, 11, 22)  # the ward's clock starts at 09:00 of this day


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    yield made
    made.ward.close()


def standing(ground: Ground, kind: str = "household", ident: str = "") -> Receipt:
    with ground.lan.store.read() as c:
        return receipts.standing_of(c, kind, ident or ground.door)


def day(ground: Ground, asked: date = DAY) -> Day:
    with ground.lan.store.read() as c:
        return receipts.day(c, asked, DAY)


def server_receipt(ground: Ground, record: str) -> list[str]:
    """The receipts that the server gave for a record's ops, oldest first."""
    with ground.ward.database.read() as tx:
        return [
            str(receipt)
            for (receipt,) in tx.all("SELECT receipt FROM op WHERE record = :r ORDER BY n", r=record)
        ]


def test_a_sent_record_carries_the_receipt_that_the_server_gave(ground: Ground) -> None:
    (given,) = server_receipt(ground, ground.door)
    now = standing(ground)
    assert (now.state, now.receipt) == ("sent", given)
    assert len(given) == 12
    assert now.at.startswith("2026-11-22T02:")


def test_a_record_stands_as_its_last_change_does(ground: Ground) -> None:
    ground.lan.change("household", ground.door, note="cổng sau")
    assert standing(ground).state == "unsent"
    stop(ground.lan, "held", "read-only")
    assert standing(ground).state == "stopped"
    made = ground.lan.create("household", address="99 Lê Lợi")
    assert standing(ground, ident=made) == Receipt("unsent")


def test_of_old_changes_only_what_is_known_is_said(ground: Ground) -> None:
    with ground.lan.store.write() as c:
        c.execute("DELETE FROM outbox WHERE state = 'acked'")
    assert standing(ground) == Receipt("sent"), "the row carries the server's counter; the receipt is gone"
    assert standing(ground, ident="nobody's") == Receipt("never")


def test_a_day_lists_each_record_once_a_result_with_all_its_receipts(ground: Ground) -> None:
    ground.lan.change("household", ground.door, alley="Ngõ 3")
    ground.lan.sync()
    found = day(ground)
    assert [(one.type, one.whose.code, one.result, one.changes) for one in found.deliveries] == [
        ("household", "0712", "applied", 2),
        ("person", f"0712 …{ground.who[-6:]}", "applied", 1),
    ]
    assert list(found.deliveries[0].receipts) == server_receipt(ground, ground.door)
    assert found.totals == {"applied": 3, "merged": 0, "conflict": 0, "held": 0, "rejected": 0}
    assert found.complete
    assert day(ground, date(2026, 11, 21)).deliveries == ()


def test_what_was_held_is_on_the_list_without_a_receipt(ground: Ground) -> None:
    ground.lan.change("household", ground.door, note="cổng sau")
    stop(ground.lan, "held", "read-only")
    held = next(one for one in day(ground).deliveries if one.result == "held")
    assert (held.receipts, held.changes) == ((), 1)


def test_a_day_begins_and_ends_at_midnight_in_viet_nam(ground: Ground) -> None:
    with ground.lan.store.write() as c:
        c.execute("UPDATE outbox SET answered_at = '2026-11-21T17:00:00.000Z'")
    assert len(day(ground).deliveries) == 2
    with ground.lan.store.write() as c:
        c.execute("UPDATE outbox SET answered_at = '2026-11-21T16:59:59.999Z'")
    assert day(ground).deliveries == ()


def test_a_day_older_than_the_receipts_says_so(ground: Ground) -> None:
    assert not day(ground, date(2026, 10, 1)).complete


def cells(body: bytes) -> list[tuple[Any, ...]]:
    page: Any = openpyxl.load_workbook(io.BytesIO(body)).active
    return [tuple(value for value in row if value is not None) for row in page.values]


def test_the_sheet_says_who_when_what_and_names_nobody(ground: Ground) -> None:
    _, body = delivery_sheet(desk(ground.lan), DAY, "xlsx")
    lines = cells(body)
    assert lines[0] == ("PHIẾU GIAO NHẬN NGÀY 22/11/2026",)
    assert ("Xã, phường", "Phường Hòa Bình") in lines
    assert ("Người giao", "lan (trạm trưởng)") in lines
    (head,) = [place for place, line in enumerate(lines) if line[:1] == ("Giờ",)]
    assert lines[head] == ("Giờ", "Hồ sơ", "Mã", "Số lần", "Kết quả", "Biên nhận")
    kinds = [line[1:5] for line in lines[head + 1 : head + 3]]
    assert ("hộ", "0712", 1, "đã nhận") in kinds
    assert ("Đã nhận", 2) in lines
    assert ("Người giao", "Người nhận") in lines
    text = str(lines)
    assert "Hằng" not in text
    assert "Lê Lợi" not in text


def test_the_sheet_is_laid_out_for_a4(ground: Ground) -> None:
    _, body = delivery_sheet(desk(ground.lan), DAY, "xlsx")
    page: Any = openpyxl.load_workbook(io.BytesIO(body)).active
    assert (page.page_setup.paperSize, page.page_setup.orientation) == (9, "portrait")
    assert page.sheet_properties.pageSetUpPr.fitToPage
    assert page.page_setup.fitToHeight == 0, "as many pages as it takes, each one page wide"
    assert page.print_title_rows


def test_names_stand_on_a_sheet_only_when_asked_for_and_each_sheet_is_noted(ground: Ground) -> None:
    delivery_sheet(desk(ground.lan), DAY, "csv")
    _, body = delivery_sheet(desk(ground.lan), DAY, "csv", names=True)
    assert "Lê Thị Hằng" in body.decode("utf-8-sig")
    noted = ground.lan.all("SELECT what, detail FROM access_entry ORDER BY id")
    assert noted == [("export", "receipts"), ("export", "receipts-names")]


def test_a_day_without_a_sync_still_makes_a_sheet(ground: Ground) -> None:
    found, body = delivery_sheet(desk(ground.lan), date(2026, 11, 20), "xlsx")
    assert found.deliveries == ()
    assert ("Không có thay đổi nào gặp máy chủ trong ngày.",) in cells(body)


def test_notes_of_access_are_counted_and_not_listed(ground: Ground) -> None:
    delivery_sheet(desk(ground.lan), DAY, "csv")
    ground.lan.sync()
    found = day(ground)
    assert found.notes == 1
    assert {one.type for one in found.deliveries} == {"household", "person"}
    assert to_wire(ground.ward.clock()).startswith("2026-11-22")
