"""The district's pages: who may read them, and what they say of reports that came, came late or did not come."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import UTC, date, datetime

from sync.protocol import to_wire
from sync.server.areas import areas_import
from tests.sync.district import PASSWORD, District, file_report, rows_of, sign_in, text_of
from tests.sync.meeting import names
from tui_app.records import REGISTRY

DAY = date(2026, 11, 22)
DUE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)  # 16:00 in Viet Nam
F0 = [{"name": "new_cases", "value": 4}, {"name": "in_care", "value": None}]


def states(page: str) -> dict[str, str]:
    """Commune -> what the board says of its daily report."""
    return {row[1]: row[2] for row in rows_of(page) if len(row) > 2 and row[1].isdigit()}


async def test_a_report_is_in_time_late_or_missing_by_its_deadline(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    long = await district.laptop("27300", "chief")
    district.clock.now = DUE.replace(hour=8)
    reader = await district.reader("27211,27300,27400")
    await file_report(hoa, "27211/01", "daily", DAY, DAY, F0, due_at=to_wire(DUE))
    before = states((await reader.get("/district?on=2026-11-22")).text)
    assert before == {"27211": "đúng hạn", "27300": "chưa đến hạn", "27400": "chưa đến hạn"}

    district.clock.now = DUE.replace(hour=9, minute=20)
    await sign_in(reader, "huyen", PASSWORD)
    await file_report(long, "27300/01", "daily", DAY, DAY, F0, due_at=to_wire(DUE))
    page = (await reader.get("/district?on=2026-11-22")).text
    assert states(page) == {"27211": "đúng hạn", "27300": "muộn", "27400": "thiếu"}
    assert "Báo cáo ngày: thiếu 1 Xã Bình Lợi" in text_of(page)
    assert "Hạn 16:00 22/11/2026" in text_of(page)


async def test_where_nobody_has_reported_the_rule_sets_say_when_it_was_due(district: District) -> None:
    """`house-daily-report`: by 10:00 (03:00 UTC) on the next day."""
    for hour, minute, state in ((3, 0, "chưa đến hạn"), (3, 1, "thiếu")):
        district.clock.now = datetime(2026, 11, 23, hour, minute, tzinfo=UTC)
        reader = await district.reader("27211", name=f"lúc {minute}")
        assert states((await reader.get("/district?on=2026-11-22")).text) == {"27211": state}


async def test_what_was_due_before_the_server_knew_of_a_commune_is_not_missing(district: District) -> None:
    """Of two communes one has been there for long, the other one since 11:00; it was due at 10:00 (03:00 UTC)."""
    district.clock.now = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    new = ("commune_code,commune_name,unit_code,unit_name", "28000,Xã Mới,01,Thôn 1")
    assert areas_import(district.database, REGISTRY, new, now=district.clock()).problems == []
    reader = await district.reader("27211,28000")
    page = (await reader.get("/district?on=2026-11-22")).text
    assert states(page) == {"27211": "thiếu", "28000": "chưa có"}
    assert "Báo cáo ngày: thiếu 1 Phường Bến Nghé" in text_of(page)
    district.clock.now = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
    await sign_in(reader, "huyen", PASSWORD)
    page = (await reader.get("/district?on=2026-11-23")).text
    assert states(page) == {"27211": "thiếu", "28000": "thiếu"}


async def test_a_report_written_in_time_that_a_lost_link_kept_back_is_told_apart(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    district.clock.now = DUE.replace(hour=11)
    reader = await district.reader("27211")
    written = to_wire(DUE.replace(hour=8))
    await file_report(
        hoa, "27211/01", "daily", DAY, DAY, F0, due_at=to_wire(DUE), written_at=written, known_at=written
    )
    page = (await reader.get("/district?on=2026-11-22")).text
    assert states(page) == {"27211": "đúng hạn, máy chủ nhận muộn"}


async def test_a_reader_sees_their_own_communes_and_no_trace_of_others(district: District) -> None:
    long = await district.laptop("27300", "chief")
    await file_report(long, "27300/01", "daily", DAY, DAY, F0)
    reader = await district.reader("27211")
    for address in ("/district?on=2026-11-22", "/district/reports.csv?on=2026-11-22"):
        answer = await reader.get(address)
        assert answer.status_code == 200
        assert "27211" in answer.text
        assert "27300" not in answer.text
        assert "Long Hòa" not in answer.text


async def test_the_table_is_a_file_for_a_spreadsheet(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    await file_report(hoa, "27211/01", "daily", DAY, DAY, F0)
    reader = await district.reader("27211")
    answer = await reader.get("/district/reports.csv?on=2026-11-22")
    assert answer.headers["content-disposition"] == 'attachment; filename="reports-2026-11-22.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head[:3] == ["Xã, phường", "Mã", "Báo cáo ngày, 22/11/2026"]
    assert row[:3] == ["Phường Bến Nghé", "27211", "đúng hạn"]


async def test_a_report_that_was_deleted_is_shown_no_more(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    ident = await file_report(hoa, "27211/01", "daily", DAY, DAY, F0)
    reader = await district.reader("27211")
    assert states((await reader.get("/district?on=2026-11-22")).text) == {"27211": "đúng hạn"}
    with district.database.write() as tx:
        tx.run("UPDATE record SET deleted = 1 WHERE id = :id", id=ident)
    assert states((await reader.get("/district?on=2026-11-22")).text) == {"27211": "chưa đến hạn"}


async def test_everything_is_said_in_english_too(district: District) -> None:
    reader = await district.reader("27211")
    page = (await reader.get("/district?on=2026-11-22&lang=en")).text
    assert '<html lang="en">' in page
    assert "Reports of the communes" in text_of(page)
    assert '<a href="/district?on=2026-11-22" lang="vi"' in page


async def test_a_first_version_that_comes_after_the_second_makes_it_no_later(district: District) -> None:
    """Written at 14:00 and 15:00, due at 16:00; the second came at 15:30, the first on the next day."""
    hoa = await district.laptop("27211", "chief")
    reader = await district.reader("27211")
    district.clock.now = DUE.replace(hour=8, minute=30)
    due, second = to_wire(DUE), to_wire(DUE.replace(hour=8))
    new = [{"name": "f0_new", "value": 5}]
    await file_report(hoa, "27211/01", "daily", DAY, DAY, new, due_at=due, written_at=second, version=2)
    district.clock.forward(days=1)
    await file_report(
        hoa, "27211/01", "daily", DAY, DAY, F0, due_at=due, written_at=to_wire(DUE.replace(hour=7))
    )
    await sign_in(reader, "huyen", PASSWORD)
    page = (await reader.get("/district/kind/daily?on=2026-11-22")).text
    (row,) = [row for row in rows_of(page) if len(row) == 7 and row[1] == "27211"]
    assert row[2:] == ["đúng hạn", "16:00 22/11/2026", "15:00 22/11/2026", "15:30 22/11/2026", "2"]
    assert ["Phường Bến Nghé", "27211", "5"] in rows_of(page)


async def test_a_report_that_came_while_the_servers_clock_was_wrong_is_shown(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    long = await district.laptop("27300", "chief")
    reader = await district.reader("27211,27300,27400")
    right = district.clock()
    district.clock.forward(days=30)
    await file_report(hoa, "27211/01", "daily", DAY, DAY, F0)
    await sign_in(reader, "huyen", PASSWORD)
    assert (await reader.get("/district")).status_code == 200
    district.clock.now = right
    await file_report(long, "27300/01", "daily", DAY, DAY, F0)
    await sign_in(reader, "huyen", PASSWORD)
    assert states((await reader.get("/district?on=2026-11-22")).text) == {
        "27211": "muộn",
        "27300": "đúng hạn",
        "27400": "chưa đến hạn",
    }


async def test_of_a_report_that_was_erased_nothing_is_kept_for_the_pages(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    ident = await file_report(hoa, "27211/01", "daily", DAY, DAY, F0)
    reader = await district.reader("27211")
    assert states((await reader.get("/district?on=2026-11-22")).text) == {"27211": "đúng hạn"}
    listed = {"person": ident, "records": [{"type": "report", "id": ident}]}
    answer = await hoa.push(hoa.op("27211/01", district.new_id(), names(listed), type="erasure"))
    assert [one.result for one in answer.results] == ["applied"]
    with district.database.read() as tx:
        assert tx.all("SELECT id FROM filed_report") == []
    assert states((await reader.get("/district?on=2026-11-22")).text) == {"27211": "chưa đến hạn"}


async def test_two_readers_at_once_find_what_came(district: District) -> None:
    """Both copy the same new reports before their page."""
    hoa = await district.laptop("27211", "chief")
    for n in range(1, 22):
        await file_report(hoa, "27211/01", "daily", DAY.replace(day=n), DAY.replace(day=n), F0)
    readers = [await district.reader("27211", name=f"người đọc {n}") for n in range(2)]
    for page in await asyncio.gather(*(reader.get("/district?on=2026-11-21") for reader in readers)):
        assert states(page.text) == {"27211": "đúng hạn"}


async def test_a_deadline_that_a_single_commune_of_many_names_holds_for_itself_only(
    district: District,
) -> None:
    """Twelve communes; by `house-daily-report` it was due at 10:00 on the 23rd, one says on the 30th."""
    more = [f"{28000 + n},Xã {n},01,Thôn 1" for n in range(9)]
    head = "commune_code,commune_name,unit_code,unit_name"
    long_ago = datetime(2026, 1, 2, tzinfo=UTC)
    assert areas_import(district.database, REGISTRY, [head, *more], now=long_ago).problems == []
    hoa = await district.laptop("27211", "chief")
    reader = await district.reader(",".join(["27211,27300,27400", *(line[:5] for line in more)]))
    await file_report(hoa, "27211/01", "daily", DAY, DAY, F0, due_at="2026-11-30T03:00:00.000Z")
    district.clock.now = datetime(2026, 11, 23, 3, 1, tzinfo=UTC)
    await sign_in(reader, "huyen", PASSWORD)
    found = states((await reader.get("/district?on=2026-11-22")).text)
    assert found.pop("27211") == "đúng hạn"
    assert set(found.values()) == {"thiếu"}


async def test_two_reports_of_one_number_are_told(district: District) -> None:
    """Two laptops of a station that had not met both filed a first version."""
    hoa, mai = await district.laptop("27211", "chief"), await district.laptop("27211", "chief", "mai")
    await file_report(hoa, "27211/01", "daily", DAY, DAY, [{"name": "f0_new", "value": 4}])
    district.clock.forward(minutes=1)
    await file_report(mai, "27211/01", "daily", DAY, DAY, [{"name": "f0_new", "value": 6}])
    reader = await district.reader("27211")
    page = (await reader.get("/district/kind/daily?on=2026-11-22")).text
    assert ["Phường Bến Nghé", "27211", "6"] in rows_of(page)
    (row,) = [row for row in rows_of(page) if len(row) == 7 and row[1] == "27211"]
    assert row[6] == "1 (có 2 bản, lấy bản nhận sau)"
    assert "1 (có 2 bản" in text_of((await reader.get("/district/commune/27211?on=2026-11-22")).text)
