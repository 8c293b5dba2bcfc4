"""Figures on the district's pages: by commune, by unit, of a sweep, over time; and what must not be there."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any

from sync.protocol import to_wire
from sync.server.pages.copying import bring_up
from sync.server.refusals import latest
from tests.sync.district import District, file_report, rows_of, text_of
from tests.sync.meeting import Laptop, names

DAY = date(2026, 11, 21)  # a Saturday; the server's clock stands on the 22nd
UNKNOWN = {"name": "entered_new", "value": None}


def f0(new: int, treated: int, **more: Any) -> list[dict[str, Any]]:
    return [{"name": "f0_new", "value": new}, {"name": "f0_treated", "value": treated, **more}]


def spreadsheet(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


async def two_reports(district: District) -> tuple[Laptop, Laptop]:
    hoa = await district.laptop("27211", "chief")
    long = await district.laptop("27300", "chief")
    await file_report(hoa, "27211/01", "daily", DAY, DAY, [*f0(4, 10), UNKNOWN])
    await file_report(long, "27300/01", "daily", DAY, DAY, [*f0(3, 21), {"name": "entered_new", "value": 2}])
    return hoa, long


async def test_figures_stand_by_commune_and_are_added_up_where_every_one_is_known(district: District) -> None:
    """4 + 3 = 7 new, 10 + 21 = 31 treated; who entered the country is not known of one commune, so of neither."""
    await two_reports(district)
    reader = await district.reader("27211,27300,27400")
    page = (await reader.get("/district/kind/daily")).text
    rows = [row for row in rows_of(page) if len(row) == 4]
    assert rows == [
        ["Xã, phường", "Mã", "phát sinh", "đang điều trị"],
        ["Phường Bến Nghé", "27211", "4", "10"],
        ["Xã Long Hòa", "27300", "3", "21"],
        ["Cộng", "2 xã đã báo cáo", "7", "31"],
    ]
    other = (await reader.get("/district/kind/daily?block=entered")).text
    assert [row[2] for row in rows_of(other) if len(row) == 3] == ["phát sinh", "?", "2", "?"]


async def test_the_file_has_every_block_and_says_what_could_not_be_worked_out(district: District) -> None:
    await two_reports(district)
    reader = await district.reader("27211,27300")
    answer = await reader.get("/district/kind/daily/figures.csv")
    assert spreadsheet(answer.content) == [
        [
            *("Xã, phường", "Mã", "Kỳ", "Máy chủ nhận lúc"),
            *("F0: phát sinh", "F0: đang điều trị", "Người nhập cảnh: phát sinh"),
        ],
        ["Phường Bến Nghé", "27211", "21/11/2026", "2026-11-22 09:00", "4", "10", "không tính được"],
        ["Xã Long Hòa", "27300", "21/11/2026", "2026-11-22 09:00", "3", "21", "2"],
        ["Cộng", "2 xã đã báo cáo", "", "", "7", "31", "không tính được"],
    ]


async def test_a_later_version_gives_the_figures_and_the_first_one_the_times(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    first = await file_report(hoa, "27211/01", "daily", DAY, DAY, f0(4, 10))
    district.clock.forward(days=2)
    await file_report(hoa, "27211/01", "daily", DAY, DAY, f0(5, 11), version=2, supersedes=first)
    reader = await district.reader("27211")
    page = (await reader.get("/district/kind/daily?on=2026-11-21")).text
    assert ["Phường Bến Nghé", "27211", "5", "11"] in rows_of(page)
    (row,) = [row for row in rows_of(page) if len(row) == 7 and row[1] == "27211"]
    assert row[2:] == ["đúng hạn", "10:00 22/11/2026", "09:00 22/11/2026", "09:00 22/11/2026", "2"]


async def test_a_commune_is_shown_by_unit_and_over_the_days(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    units = [district.areas["27211/01"], district.areas["27211/02"]]
    by_unit = [{"name": "unit_new", "value": 3 + n, "unit": area} for n, area in enumerate(units)]
    for back, new in ((2, 9), (1, 6), (0, 7)):
        day = DAY.replace(day=21 - back)
        await file_report(hoa, "27211/01", "daily", day, day, [*f0(new, 10), *by_unit])
    reader = await district.reader("27211")
    page = (await reader.get("/district/commune/27211")).text
    assert ["Nội dung", "Cả xã", "Tổ dân phố 1", "Tổ dân phố 2"] in rows_of(page)
    assert ["F0 mới", "", "3", "4"] in rows_of(page)
    titles = re.findall(r"<title>(.*?)</title>", page)[1:]
    assert titles == [
        "phát sinh. "
        + "; ".join(f"{day:02}/11: –" for day in range(8, 19))
        + "; 19/11: 9; 20/11: 6; 21/11: 7"
    ]
    file = await reader.get("/district/commune/27211/daily.csv")
    assert spreadsheet(file.content)[3] == ["F0 mới", "", "3", "4"]


async def test_a_sweep_is_reported_unit_by_unit(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    sweep = {
        "campaign": "đợt-1",
        "name": "Đợt 1",
        "started_on": "2026-11-21",
        "due_at": "2026-11-22T03:00:00.000Z",
    }
    for place in ("27211/01", "27211/02"):
        op = hoa.op(place, district.new_id(), names(sweep), type="sweep_campaign")
        assert (await hoa.push(op)).results[0].result == "applied"
    await file_report(
        hoa, "27211/02", "sweep", DAY, DAY, [{"name": "households", "value": 120}], subject="đợt-1"
    )
    district.clock.forward(hours=2)
    reader = await district.reader("27211")
    board = rows_of((await reader.get("/district")).text)
    assert ["Đợt 1", "21/11/2026", "10:00 22/11/2026", "1", "2", "Tổ dân phố 1, Phường Bến Nghé"] in board
    page = (await reader.get("/district/sweep/đợt-1")).text
    assert ["Tổ dân phố 2, Phường Bến Nghé", "27211/02", "120"] in rows_of(page)
    states = {row[1]: row[2] for row in rows_of(page) if len(row) == 7}
    assert (states["27211/01"], states["27211/02"]) == ("thiếu", "đúng hạn")
    elsewhere = await district.reader("27300", name="xã khác")
    assert (await elsewhere.get("/district/sweep/đợt-1")).status_code == 404
    assert "Đợt 1" not in (await elsewhere.get("/district")).text


async def test_an_outbreak_is_to_be_reported_every_day_until_it_ends(district: District) -> None:
    """Found on the 20th, over on the 21st; of the 20th nothing came."""
    hoa = await district.laptop("27211", "chief")
    ident = district.new_id()
    outbreak = {
        "name": "Ổ dịch chợ",
        "started_on": "2026-11-12",
        "identified_at": "2026-11-19T17:30:00.000Z",  # half past midnight of the 20th in Viet Nam
        "declared_at": "2026-11-21T03:00:00.000Z",
        "disease": "covid-19",
        "ended_on": "2026-11-21",
    }
    op = hoa.op("27211/01", ident, names(outbreak), type="outbreak")
    assert (await hoa.push(op)).results[0].result == "applied"
    figures = [{"name": "cases", "value": 2}, {"name": "cases_total", "value": 9}]
    figures += [{"name": "cases", "value": 2, "unit": district.areas["27211/02"]}]
    due = to_wire(district.clock().replace(hour=16, minute=59))
    await file_report(hoa, "27211/01", "outbreak", DAY, DAY, figures, subject=ident, due_at=due)
    await file_report(hoa, "27211/01", "outbreak", DAY, DAY, [{"name": "cases", "value": 77}], subject="khác")
    reader = await district.reader("27211")
    (row,) = [row for row in rows_of((await reader.get("/district")).text) if row[0] == "Ổ dịch chợ"]
    assert row[1:] == [
        *("Phường Bến Nghé", "20/11/2026", "21/11/2026", "21/11/2026"),
        *("đúng hạn", "23:59 22/11/2026", "2", "9"),
    ]
    page = (await reader.get(f"/district/outbreak/{ident}?on=2026-11-30")).text
    assert ["ca trong ngày", "2", "2"] in rows_of(page)
    assert [row[:2] for row in rows_of(page) if len(row) == 6][1:] == [
        ["21/11/2026", "đúng hạn"],
        ["20/11/2026", "thiếu"],
    ]
    elsewhere = await district.reader("27300", name="xã khác")
    assert (await elsewhere.get(f"/district/outbreak/{ident}")).status_code == 404
    assert "chợ" not in (await elsewhere.get("/district/outbreaks.csv")).text


async def test_coverage_is_the_newest_of_each_commune_and_of_all_together(district: District) -> None:
    """123 of 146 are 84,2 %, 20 of 54 are 37,0 %; together 143 of 200 are 71,5 %."""

    def goal(value: int, of: int) -> list[dict[str, Any]]:
        said = {"denominator": of, "percent": "?", "word_vi": "18–49 tuổi: đủ liều", "word_en": "18–49 years"}
        return [{"name": "a-plan/adults", "value": value, "detail": {**said, "unit_name": "Bà Kín"}}]

    hoa = await district.laptop("27211", "chief")
    long = await district.laptop("27300", "chief")
    await file_report(hoa, "27211/01", "coverage", DAY.replace(day=1), DAY.replace(day=1), goal(90, 146))
    await file_report(hoa, "27211/01", "coverage", DAY, DAY, goal(123, 146))
    await file_report(long, "27300/01", "coverage", DAY, DAY, goal(20, 54))
    reader = await district.reader("27211,27300")
    page = (await reader.get("/district/kind/coverage")).text
    assert rows_of(page)[:4] == [
        ["Xã, phường", "Mã", "18–49 tuổi: đủ liều"],
        ["Phường Bến Nghé", "27211", "84,2 % 123/146"],
        ["Xã Long Hòa", "27300", "37,0 % 20/54"],
        ["Cộng", "2 xã đã báo cáo", "71,5 % 143/200"],
    ]
    assert "18–49 years" in (await reader.get("/district/commune/27211?lang=en")).text
    assert "Kín" not in page
    file = (await reader.get("/district/kind/coverage/figures.csv")).content
    assert [row[4] for row in spreadsheet(file)] == ["18–49 tuổi: đủ liều", "84.2", "37.0", "71.5"]


async def test_the_weekly_report_of_vaccination_stands_group_by_group(district: District) -> None:
    """Form 5.10 of CV 2468: due, given in the week, in all; in the group of dose 3 and in that of dose 4."""
    hoa = await district.laptop("27211", "chief")
    monday, sunday = DAY.replace(day=9), DAY.replace(day=15)
    figures = []
    for group, numbers in (("dose_3_from_18", (200, 7, 150)), ("dose_4_from_18", (80, 3, 20))):
        parts = zip(("due", "week", "total"), numbers, strict=True)
        figures += [{"name": f"coverage-cv-2468/{group}:{part}", "value": value} for part, value in parts]
        figures[-1]["detail"] = {"of": numbers[0], "op": "≥", "percent": 90}
    await file_report(hoa, "27211/01", "vaccination_weekly", monday, sunday, figures)
    reader = await district.reader("27211")
    address = "/district/kind/vaccination_weekly"
    page = (await reader.get(address)).text
    assert rows_of(page)[:2] == [
        ["Xã, phường", "Mã", "số phải tiêm", "đã tiêm trong tuần", "lũy kế"],
        ["Phường Bến Nghé", "27211", "200", "7", "75,0 % 150/200"],
    ]
    assert "Mũi 4, từ 18 tuổi" in text_of(page)
    other = (await reader.get(f"{address}?block=coverage-cv-2468/dose_4_from_18")).text
    assert rows_of(other)[1] == ["Phường Bến Nghé", "27211", "80", "3", "25,0 % 20/80"]
    head = spreadsheet((await reader.get(f"{address}/figures.csv")).content)[0]
    assert head[4:6] == ["Mũi 3, từ 18 tuổi: số phải tiêm", "Mũi 3, từ 18 tuổi: đã tiêm trong tuần"]


async def test_another_commune_is_answered_like_one_that_is_not_and_noted(district: District) -> None:
    reader = await district.reader("27211")
    answers = [await reader.get(f"/district/commune/{code}") for code in ("27300", "99999")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].text.replace("27300", "99999") == answers[1].text
    noted = latest(district.database)[:2]
    assert [(one.kind, one.area) for one in noted] == [("not-in-scope", "99999"), ("not-in-scope", "27300")]
    assert (await reader.get("/district/commune/27300/daily.csv")).status_code == 404
    assert (await reader.get("/district/kind/case")).status_code == 404


async def test_a_reader_of_one_unit_is_not_told_that_the_commune_failed(district: District) -> None:
    """The commune's report lives in another unit, which this reader may not see."""
    await two_reports(district)
    reader = await district.reader("27211/02")
    (row,) = [row for row in rows_of((await reader.get("/district")).text) if row[1:2] == ["27211"]]
    assert row[2] == "chỉ xem được một phần xã"


async def test_nothing_that_names_somebody_reaches_a_page(district: District) -> None:
    """Not the words of a report, not who wrote it, not the ids it counted, and no kind that is about one person."""
    hoa = await district.laptop("27211", "chief", "bs_nguyen_van_kin")
    secret = {"narrative": [{"name": "cause", "text": "Bà Kín"}], "note": "Bà Kín", "reason": "Bà Kín"}
    counted = {"counted": [{"name": "f0_new", "ids": ["ca-của-bà-Kín"]}]}
    await file_report(hoa, "27211/01", "daily", DAY, DAY, f0(4, 10), **secret, **counted)
    await file_report(hoa, "27211/01", "case", DAY, DAY, [{"name": "Bà Kín", "value": 1}], subject="Bà Kín")
    reader = await district.reader("27211")
    for address in (
        "",
        "/kind/daily",
        "/commune/27211",
        "/kind/daily/figures.csv",
        "/commune/27211/reports.csv",
    ):
        answer = await reader.get(f"/district{address}")
        assert answer.status_code == 200
        for private in ("Kín", "bs_nguyen_van_kin", "ca-của"):
            assert private not in answer.text
    with district.database.read() as tx:
        assert "Kín" not in str(tx.all("SELECT * FROM filed_report"))


async def test_what_a_laptop_sent_cannot_become_part_of_a_page_or_a_formula(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    evil = [{"name": "<script>alert(1)</script>", "value": 1}, {"name": "=HYPERLINK(1)", "value": "<b>"}]
    await file_report(hoa, "27211/01", "weekly", DAY.replace(day=9), DAY.replace(day=15), evil)
    reader = await district.reader("27211")
    for address in ("/district/kind/weekly", "/district/commune/27211"):
        page = (await reader.get(address)).text
        assert "<script" not in page
        assert "&lt;script&gt;alert(1)" in page
    head, row = spreadsheet((await reader.get("/district/kind/weekly/figures.csv")).content)[:2]
    assert head[4:] == ["<script>alert(1)</script>", "'=HYPERLINK(1)"]
    assert row[4:] == ["1", "không tính được"]


async def test_a_body_that_is_no_report_is_passed_over(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    ident = await file_report(hoa, "27211/01", "daily", DAY, DAY, f0(4, 10))
    odd = '{"kind":["x"],"figures":"no","period_to":7,"version":"one","written_at":"yesterday","due_at":1}'
    with district.database.write() as tx:
        tx.run("UPDATE record SET body = :odd, seq = seq + 1 WHERE id = :id", odd=odd, id=ident)
    reader = await district.reader("27211")
    assert (await reader.get("/district/kind/daily")).status_code == 200
    assert bring_up(district.database, district.clock()) == 0  # and is not looked at again each time


async def test_a_report_is_copied_once_whenever_it_came(district: District) -> None:
    hoa = await district.laptop("27211", "chief")
    for n in range(3):
        await file_report(hoa, "27211/01", "daily", DAY.replace(day=n + 1), DAY.replace(day=n + 1), f0(n, n))
    assert bring_up(district.database, district.clock()) == 3
    assert bring_up(district.database, district.clock()) == 0
    district.clock.forward(days=3)
    await file_report(hoa, "27211/01", "daily", DAY, DAY, f0(1, 1))
    assert bring_up(district.database, district.clock()) == 1
    with district.database.read() as tx:
        found = tx.all("SELECT received FROM filed_report ORDER BY received DESC LIMIT 1")
    assert found == [(to_wire(district.clock()),)]


async def test_everything_has_words_in_english_too(district: District) -> None:
    await two_reports(district)
    reader = await district.reader("27211,27300")
    page = text_of((await reader.get("/district/kind/daily?lang=en")).text)
    for words in ("Daily report, 21/11/2026", "Received 2 of 2: on time 2", "Cases (F0)", "under treatment"):
        assert words in page


async def test_every_figure_says_of_when_it_is_and_when_it_came(district: District) -> None:
    """Coverage of two communes on two days; a daily report that came in two versions."""
    hoa = await district.laptop("27211", "chief")
    long = await district.laptop("27300", "chief")
    first = DAY.replace(day=1)
    await file_report(hoa, "27211/01", "coverage", first, first, [{"name": "a", "value": 1}])
    await file_report(long, "27300/01", "coverage", DAY, DAY, [{"name": "a", "value": 2}])
    await file_report(hoa, "27211/01", "daily", DAY, DAY, f0(4, 10))
    district.clock.forward(minutes=5)
    await file_report(hoa, "27211/01", "daily", DAY, DAY, f0(5, 10), version=2)
    reader = await district.reader("27211,27300")
    coverage = rows_of((await reader.get("/district/kind/coverage")).text)
    assert coverage[:4] == [
        ["Xã, phường", "Mã", "Kỳ", "a"],
        ["Phường Bến Nghé", "27211", "01/11/2026", "1"],
        ["Xã Long Hòa", "27300", "21/11/2026", "2"],
        ["Cộng", "2 xã đã báo cáo", "", "3"],
    ]
    commune = text_of((await reader.get("/district/commune/27211")).text)
    told = "Viết lúc 09:05 22/11/2026 · Máy chủ nhận lúc 09:05 22/11/2026 · Lần 2"
    assert f"Báo cáo ngày, 21/11/2026 CSV {told}" in commune
    head = spreadsheet((await reader.get("/district/commune/27211/daily.csv")).content)[0]
    assert head == ["Nội dung", "Cả xã, 21/11/2026"]


async def test_the_sum_of_fewer_communes_is_marked_and_no_fall(district: District) -> None:
    """4 + 3 on the 20th; on the 21st only one of the two, and nobody on the 19th."""
    hoa, long = await two_reports(district)
    before = DAY.replace(day=20)
    await file_report(hoa, "27211/01", "daily", before, before, f0(4, 9))
    await file_report(long, "27300/01", "daily", before, before, f0(3, 20))
    reader = await district.reader("27211,27300")
    page = (await reader.get("/district/kind/daily")).text
    assert "phát sinh. " not in page  # 7 on both days: never changed
    assert "19/11: –; 20/11: 29; 21/11: 31</title>" in page
    assert "○" not in page
    await file_report(long, "27300/01", "daily", DAY.replace(day=22), DAY.replace(day=22), f0(3, 22))
    page = (await reader.get("/district/kind/daily?on=2026-11-22")).text
    assert "21/11: 31; 22/11: 22 ○</title>" in page
    assert page.count('class="part"') == 2  # of the new ones, and of those under treatment
    assert "○: chưa đủ xã báo cáo" in page


async def test_a_semicolon_in_a_name_begins_no_cell_of_its_own(district: District) -> None:
    """Excel parts columns by semicolons where a comma is the decimal mark."""
    hoa = await district.laptop("27211", "chief")
    await file_report(hoa, "27211/01", "daily", DAY, DAY, [{"name": "x;=1+1", "value": 1}])
    reader = await district.reader("27211")
    text = (await reader.get("/district/kind/daily/figures.csv")).text
    assert '"x;=1+1"' in text
    assert '"Phường Bến Nghé","27211",' in text
