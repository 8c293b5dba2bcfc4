"""With real processes: a list on one laptop, visits on both offline, one server, the same end on both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.laptops import Laptop, Server

LIST = """Khu phố,Hộ số,Họ và tên,Năm sinh,Giới tính,CCCD,Địa chỉ,Điện thoại,Quan hệ với chủ hộ,Bệnh nền
Khu phố 1,1,Nguyễn Văn Đức,1961,Nam,079061123456,12 Lê Lợi,0903123456,Chủ hộ,THA
Khu phố 1,1,Trần Thị Thủy,1964,Nữ,079164123456,12 Lê Lợi,,Vợ,
Khu phố 2,2,Lê Thị Hằng,1955,Nữ,,7 Hàn Hải Nguyên,0903765432,Chủ hộ,
"""


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Laptop, Laptop, Server]]:
    """A server and two laptops that both hold the list, which the first one imported."""
    folder = tmp_path / "two"
    folder.mkdir()
    (folder / "server").mkdir()
    server = Server(folder / "server")
    try:
        one, other = Laptop(folder / "one", "lan", server), Laptop(folder / "two", "minh", server)
        listed = folder / "danh_sach.csv"
        listed.write_text(LIST, encoding="utf-8")
        one.run("sync")
        report = one.run("import", str(listed), "--json").json()
        assert (report["households"], report["persons"], report["bad_rows"]) == (2, 3, [])
        first = one.run("sync", "--json").json()
        assert first["pushed"] == first["applied"] == report["records"]
        assert first["pending"] == 0
        other.run("sync")
        assert export(one) == export(other)
        yield one, other, server
    finally:
        server.stop()


def export(laptop: Laptop) -> bytes:
    return laptop.run("export").out


def amended(laptop: Laptop, folder: Path, **changes: object) -> None:
    """Change the one person called Nguyễn Văn Đức by importing an edited export line, as a technician would."""
    line = next(
        x for x in laptop.run("export", "--type", "person").lines() if x["full_name"] == "Nguyễn Văn Đức"
    )
    file = folder / f"{laptop.user}.ndjson"
    file.write_text(json.dumps(line | changes, ensure_ascii=False) + "\n", encoding="utf-8")
    laptop.run("import", str(file))


def visited(laptop: Laptop, folder: Path, number: int) -> None:
    """A visit with a screening of everybody at the first household, as exported lines."""
    household = next(
        x for x in laptop.run("export", "--type", "household").lines() if x["address"] == "12 Lê Lợi"
    )
    people = [
        x for x in laptop.run("export", "--type", "person").lines() if x["household"] == household["id"]
    ]
    visit = f"0190aaaa-0000-7000-8000-00000000000{number}"
    lines = [
        {
            "type": "household_visit",
            "id": visit,
            "area": household["area"],
            "household": household["id"],
            "at": f"2026-11-22T0{number}:00:00.000Z",
            "outcome": "met",
            "asked": "all",
        }
    ] + [
        {
            "type": "screening",
            "id": f"0190bbbb-0000-7000-8000-0000000000{number}{place}",
            "area": household["area"],
            "visit": visit,
            "person": person["id"],
            "wellbeing": "well",
            "symptoms": [],
            "asked": "all",
        }
        for place, person in enumerate(people)
    ]
    file = folder / f"visit-{number}.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    laptop.run("import", str(file))


def test_two_laptops_meet_over_one_server(two: tuple[Laptop, Laptop, Server], tmp_path: Path) -> None:
    """One test, because each process takes a second and preparing two laptops takes eight of them."""
    one, other, server = two
    they_end_with_the_same_records_and_both_telephones(one, other, tmp_path)
    a_clinical_conflict_waits_for_a_person(one, other, tmp_path)
    without_a_server_nothing_is_lost_and_the_exit_code_says_so(one, server, tmp_path)


def they_end_with_the_same_records_and_both_telephones(one: Laptop, other: Laptop, tmp_path: Path) -> None:
    amended(one, tmp_path, phone="+84903000001")
    amended(other, tmp_path, phone="+84903000002")
    visited(one, tmp_path, 1)
    visited(other, tmp_path, 2)
    assert one.run("sync", "--json").json()["pushed"] == 4
    second = other.run("sync", "--json").json()
    assert (second["pushed"], second["merged"]) == (4, 1)
    one.run("sync")

    assert export(one) == export(other)
    visits = one.run("export", "--type", "household_visit").lines()
    assert len(visits) == 2
    for laptop in (one, other):
        (conflict,) = laptop.run("conflicts", "--json").lines()
        assert (conflict["type"], conflict["field"], conflict["state"]) == ("person", "phone", "settled")
        assert {value["value"] for value in conflict["values"]} == {"+84903000001", "+84903000002"}
        assert {value["who"] for value in conflict["values"]} == {"lan", "minh"}

    for laptop in (one, other):
        again = laptop.run("sync", "--json").json()
        assert (again["pushed"], again["pulled"], again["pending"]) == (0, 0, 0)


def a_clinical_conflict_waits_for_a_person(one: Laptop, other: Laptop, tmp_path: Path) -> None:
    amended(one, tmp_path, birth_year=1962)
    amended(other, tmp_path, birth_year=1963)
    one.run("sync")
    answer = other.run("sync", "--json", expect=4).json()
    assert answer["conflicts"] == 1
    one.run("sync", expect=4)
    lines = [x for x in one.run("conflicts", "--json", expect=4).lines() if x["state"] == "open"]
    assert [(x["field"], sorted(v["value"] for v in x["values"])) for x in lines] == [
        ("birth_year", [1962, 1963])
    ]
    assert export(one) == export(other)


def without_a_server_nothing_is_lost_and_the_exit_code_says_so(
    one: Laptop, server: Server, tmp_path: Path
) -> None:
    amended(one, tmp_path, note="gọi trước khi đến")
    server.stop()
    answer = one.run("sync", expect=3)
    assert "còn 1 chưa gửi" in answer.err
    assert one.run("sync", "status", "--json").json()["waiting"] == 1
