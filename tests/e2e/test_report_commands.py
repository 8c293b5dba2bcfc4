"""A chief's two days from the command line: filed, late data, a second version, as it was known, and by when.

Figures by hand: two persons positive on 20/02/2022, one of whom is entered on 21/02 at 17:00.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdf

from tests.e2e.test_commands import HEAD, Desk, desk

__all__ = ["desk"]
LIST = HEAD + "Khu phố 1,Nguyễn Văn Đức,1961,Nam,12 Lê Lợi\nKhu phố 1,Trần Thị Thủy,1964,Nữ,12 Lê Lợi\n"


def at(desk: Desk, moment: str) -> None:
    desk.patch.setenv("GONHA_NOW", moment)


def values(answer: dict[str, Any]) -> dict[str, Any]:
    return {one["name"]: one["value"] for one in answer["figures"]}


def case(desk: Desk, person: str) -> None:
    days = ("--first-positive-on", "2022-02-20", "--started-on", "2022-02-20")
    assert desk("case", "open", person, "--source", "screening", *days, login=True).code == 0


def test_two_days_of_a_chief(desk: Desk, tmp_path: Path) -> None:
    at(desk, "2022-02-20T09:00")
    desk.started()
    assert desk("import", desk.file("list.csv", LIST), login=True).code == 0
    duc, thuy = [one["id"] for one in desk("export", "--type", "person", login=True).lines()]
    case(desk, duc)
    at(desk, "2022-02-20T18:00")
    filed = desk("report", "daily", "--file", "--json", login=True).json()
    assert [(one["version"], one["known_at"]) for one in filed["versions"]] == [
        (1, "2022-02-20T11:00:00.000Z")
    ]
    at(desk, "2022-02-21T17:00")
    case(desk, thuy)
    yesterday = ("report", "daily", "--date", "20/02/2022")
    now = desk(*yesterday, "--json", login=True).json()
    assert (values(now)["f0_new"], values(now)["f0_total"]) == (2, 2)
    assert {one["name"]: (one["was"], one["now"]) for one in now["since"]}["f0_new"] == (1, 2)
    then = desk(*yesterday, "--as-of", "2022-02-20T18:00", "--json", login=True).json()
    assert (values(then)["f0_new"], then["since"]) == (1, [])
    today = desk("report", "daily", "--json", login=True).json()
    assert [(one["total"], one["off"]) for one in today["gaps"]] == [("f0_total", -1)]
    gap = "lệch 1 ca: F0: lũy kế = 2, nhưng lũy kế trước + phát sinh = 1"
    assert gap in desk("report", "daily", login=True).out.decode()

    refused = desk(*yesterday, "--file", login=True)
    assert (refused.code, "lý do" in refused.err) == (1, True)
    again = desk(*yesterday, "--file", "--reason", "phiếu đến muộn", "--json", login=True).json()
    assert [one["version"] for one in again["versions"]] == [2, 1]
    assert desk("report", "daily", "--json", login=True).json()["gaps"] == []
    told = desk(*yesterday, "--versions", login=True).out.decode()
    assert "lý do: phiếu đến muộn" in told
    assert "F0: phát sinh 1 → 2 (thêm 1, bớt 0)" in told

    paper = tmp_path / "1.pdf"
    assert desk(*yesterday, "--version", "1", "--out", str(paper), login=True).code == 0
    (page,) = pypdf.PdfReader(paper).pages
    words = " ".join(page.extract_text().split())
    assert "BÁO CÁO TÌNH HÌNH DỊCH COVID-19 NGÀY 20/02/2022" in words
    assert "Lần 1, lan nộp lúc 20/02/2022 18:00" in words
    assert "Ngày báo cáo bắt đầu lúc: 00:00" in words
    assert "Nguyễn Văn Đức" not in words


def test_what_is_due_and_what_is_missing(desk: Desk) -> None:
    """The house's rule has a day reported by 10:00 on the next; S2 §III.2 the half month by the end of the 28th."""
    at(desk, "2022-02-26T09:00")
    desk.started()
    assert desk("import", desk.file("list.csv", LIST), login=True).code == 0
    case(desk, desk("export", "--type", "person", login=True).lines()[0]["id"])
    at(desk, "2022-02-27T12:00")
    assert desk("report", "daily", "--date", "2022-02-26", "--file", login=True).code == 0
    at(desk, "2022-02-28T12:00")
    found = desk("report", "due", "--json", login=True)
    assert found.code == 4
    said = {(one["kind"], one["last"]): (one["state"], one["due_at"][:16]) for one in found.lines()}
    assert said == {
        ("daily", "2022-02-26"): ("late", "2022-02-27T10:00"),
        ("daily", "2022-02-27"): ("missing", "2022-02-28T10:00"),
        ("daily", "2022-02-28"): ("due", "2022-03-01T10:00"),
        ("periodic", "2022-02-28"): ("due", "2022-02-28T23:59"),
    }
    line = next(one for one in desk("report", "due", login=True).out.decode().splitlines() if "muộn" in one)
    assert "viết 27/02/2022 12:00 · chưa gửi máy chủ" in line


def test_numbers_no_record_can_tell_are_typed_in_with_their_source(desk: Desk) -> None:
    at(desk, "2022-02-20T09:00")
    desk.started()
    wrong = desk("report", "daily", "--set", "f0_new=3", login=True)
    assert wrong.code == 1
    typed = ("--set", "entered_new=2", "--source", "đồn biên phòng", "--json")
    figures = desk("report", "daily", *typed, login=True).json()["figures"]
    (entered,) = [one for one in figures if one["name"] == "entered_new"]
    assert (entered["value"], entered["detail"]) == (2, {"typed_in": "đồn biên phòng"})
