"""Communes that were merged or split meanwhile: a report is about the commune of its day, and nothing is lacking that
nobody owed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from sync.server.area_table import read_table
from sync.server.conversion import convert
from sync.server.grants import grant, withdraw
from tests.sync.district import District, file_report, rows_of
from tests.sync.meeting import Laptop
from tui_app.records import REGISTRY

BEFORE, SINCE, LATER = (date(2026, 11, day) for day in (20, 21, 22))  # the server's clock stands on the 22nd
TABLE = (
    "Tên Xã mới,Mã Xã mới,Tên Xã cũ,Mã Xã cũ,Ghi chú",
    "Phường Sài Gòn,27211,Phường Bến Nghé,27211,Nhập toàn bộ",
    "Phường Sài Gòn,27211,Xã Long Hòa,27300,Nhập toàn bộ",
)


def merge(district: District) -> None:
    done = convert(
        district.database, REGISTRY, read_table(TABLE), SINCE, "QĐ 19/2025/QĐ-TTg", now=district.clock()
    )
    assert len(done.moved) == 3


def f0(value: int) -> list[dict[str, Any]]:
    return [{"name": "f0_new", "value": value}]


async def daily(laptop: Laptop, place: str, day: date, value: int) -> None:
    await file_report(laptop, place, "daily", day, day, f0(value))


def trend(page: str) -> str:
    """What is said of the last days of the first figure that is drawn."""
    titles = re.findall(r"<title>(.*?)</title>", page)
    return next(title for title in titles if title.startswith("phát sinh"))


@pytest.fixture
async def chiefs(district: District) -> tuple[Laptop, Laptop]:
    return await district.laptop("27211", "chief"), await district.laptop("27300", "chief")


async def test_before_a_merge_each_commune_stands_for_itself_and_afterwards_they_are_one(
    district: District, chiefs: tuple[Laptop, Laptop]
) -> None:
    """4 + 3 on the day before, 9 on the day itself."""
    hoa, long = chiefs
    await daily(hoa, "27211/01", BEFORE, 4)
    await daily(long, "27300/01", BEFORE, 3)
    merge(district)
    await daily(hoa, "27211/01", SINCE, 9)
    reader = await district.reader("27211,27400")
    page = (await reader.get(f"/district/kind/daily?on={BEFORE}")).text
    assert [row for row in rows_of(page) if len(row) == 3][1:] == [
        ["Phường Bến Nghé", "27211", "4"],
        ["Xã Long Hòa", "27300", "3"],
        ["Cộng", "2 xã đã báo cáo", "7"],
    ]
    page = (await reader.get("/district/kind/daily")).text
    assert ["Phường Sài Gòn", "27211", "9"] in rows_of(page)
    assert trend(page).endswith("19/11: –; 20/11: 7 ○; 21/11: 9 ○")  # 27400 has not reported
    assert "○: chưa đủ xã báo cáo" in page
    assert "27300" not in page
    of_one = (await reader.get("/district/commune/27211")).text
    assert trend(of_one).endswith("20/11: 7; 21/11: 9")
    weekly = (await reader.get("/district/kind/weekly")).text  # of the 9th to the 15th
    assert 'href="/district/commune/27300?on=2026-11-15"' in weekly
    old = await reader.get(f"/district/commune/27300?on={BEFORE}")
    assert "Xã Long Hòa" in old.text
    assert (await reader.get("/district/commune/27300")).status_code == 404


async def test_of_two_that_became_one_both_had_to_report(
    district: District, chiefs: tuple[Laptop, Laptop]
) -> None:
    hoa, _ = chiefs
    await daily(hoa, "27211/01", BEFORE, 4)
    merge(district)
    await daily(hoa, "27211/01", SINCE, 9)
    await daily(hoa, "27211/01", LATER, 8)
    reader = await district.reader("27211")
    page = (await reader.get(f"/district/commune/27211?on={LATER}")).text
    states = {row[1]: row[2] for row in rows_of(page) if row[0] == "Báo cáo ngày"}
    assert (states["21/11/2026"], states["20/11/2026"]) == ("đúng hạn", "thiếu")
    assert trend(page).endswith("20/11: –; 21/11: 9; 22/11: 8")


async def test_a_reader_of_one_half_is_not_shown_the_other(
    district: District, chiefs: tuple[Laptop, Laptop]
) -> None:
    hoa, long = chiefs
    reader = await district.reader("27300")
    await daily(hoa, "27211/01", BEFORE, 4)
    await daily(long, "27300/01", BEFORE, 3)
    merge(district)
    await daily(hoa, "27211/01", SINCE, 9)
    before = (await reader.get(f"/district?on={BEFORE}")).text
    assert ["Xã Long Hòa", "27300", "muộn"] in [row[:3] for row in rows_of(before)]
    assert "Bến Nghé" not in before
    now = (await reader.get("/district")).text
    assert ["Phường Sài Gòn", "27211", "chỉ xem được một phần xã"] in [row[:3] for row in rows_of(now)]
    assert ">9<" not in (await reader.get("/district/kind/daily")).text


async def test_a_report_stays_where_it_is_when_its_unit_is_handed_to_another_laptop(
    district: District,
) -> None:
    """27211 is handed from one chief to the next, who files the second version of the day."""
    hoa = await district.laptop("27211", "chief")
    await daily(hoa, "27211/01", SINCE, 4)
    district.clock.forward(days=1)
    withdraw(district.database, hoa.device, "27211", now=district.clock())
    mai = await district.laptop("27400", "chief")
    grant(district.database, mai.device, "27211", now=district.clock())
    await mai.ask_scope()
    await file_report(mai, "27211/02", "daily", SINCE, SINCE, f0(5), version=2)
    reader = await district.reader("27211")
    page = (await reader.get(f"/district/kind/daily?on={SINCE}")).text
    assert ["Phường Bến Nghé", "27211", "5"] in rows_of(page)
    (row,) = [row for row in rows_of(page) if len(row) == 7 and row[1] == "27211"]
    assert (row[2], row[6]) == ("đúng hạn", "2")


async def test_a_unit_that_has_ended_or_not_begun_owes_nothing(district: District) -> None:
    with district.database.write() as tx:
        for place, field, day in (
            ("27300/01", "valid_to", "2026-11-18"),
            ("27400/01", "valid_from", "2026-11-20"),
        ):
            tx.run(
                "UPDATE record SET body = replace(body, '\"commune_code\"', :with) WHERE id = :id",
                id=district.areas[place],
                **{"with": f'"{field}":"{day}","commune_code"'},
            )
    reader = await district.reader("27300,27400")
    for day, codes in (("2026-11-18", ["27300"]), ("2026-11-19", []), ("2026-11-20", ["27400"])):
        page = (await reader.get(f"/district?on={day}")).text
        assert [row[1] for row in rows_of(page) if len(row) > 2 and row[1].isdigit()] == codes
