"""A station chief's day by commands, worked out by hand; without a network, and with a sync after every step.

Three doors of Lê Lợi on 02/03/2022: at 12 Hằng (positive the day before) and Tí, at 14 nobody is at home, at 16 Mai
and Nam are well. Tí's rapid test at the door is positive: one new case that day, two altogether. The day is approved,
closed and reported at 17:30. On the next morning it turns out that Mai was positive on the 2nd as well: two new,
three altogether, and the report of the 3rd begins with three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.laptops import Server
from tests.e2e.test_commands import Answer, Desk, desk

__all__ = ["desk"]  # the fixture

LIST = (
    "Khu phố,Họ và tên,Ngày sinh,Giới tính,Địa chỉ\n"
    "Khu phố 1,Lê Thị Hằng,04/03/1951,Nữ,12 Lê Lợi\nKhu phố 1,Phạm Văn Tí,01/05/1980,Nam,12 Lê Lợi\n"
    "Khu phố 1,Đỗ Minh Long,01/05/1975,Nam,14 Lê Lợi\n"
    "Khu phố 1,Trần Thị Mai,01/05/1990,Nữ,16 Lê Lợi\nKhu phố 1,Trần Nam,01/05/2015,Nam,16 Lê Lợi\n"
)
DAY, NEXT = "2022-03-02", "2022-03-03"
WELL = ("--respiratory-rate", "18", "--temperature-c", "36,8", "--symptoms", "", "--signs", "")


class Station:
    """The chief's laptop. ``after``: what is done after every step."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.after: Callable[[], object] = lambda: None

    def at(self, moment: str) -> None:
        self.desk.patch.setenv("GONHA_NOW", moment)

    def __call__(self, *arguments: str, expect: int = 0) -> Answer:
        answer = self.desk(*arguments, login=True)
        assert answer.code == expect, f"{arguments}: {answer.code}\n{answer.err}"
        self.after()
        return answer

    def figures(self, day: str, *more: str) -> dict[str, Any]:
        """Of the first block of the daily report: before, new, treated, altogether."""
        found = self("report", "daily", "--date", day, "--json", *more).json()["figures"]
        values = {one["name"]: one["value"] for one in found}
        return {name: values[f"f0_{name}"] for name in ("before", "new", "treated", "total")}


@pytest.fixture(params=["alone", "linked"])
def station(desk: Desk, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Station]:
    made = Station(desk)
    made.at(f"{DAY}T06:30")
    if request.param == "alone":
        made("init", "--local", "--commune", "Phường Hòa Bình")
        yield made
        return
    folder = tmp_path / "server"
    folder.mkdir()
    server = Server(folder, now=f"{DAY}T12:00")
    try:
        made("init", "--server", server.url, "--code", server.invite("lan"))
        made.after = lambda: desk("sync", "--json", login=True)
        made.after()
        yield made
        told = desk("sync", "--json", login=True)
        assert (told.code, told.json()["pending"], told.json()["held"]) == (0, 0, 0), told.err
    finally:
        server.stop()


def test_a_day_from_the_roster_to_the_second_version(station: Station) -> None:
    station("import", station.desk.file("ds.csv", LIST))
    people = {line["full_name"]: line["id"] for line in station("export", "--type", "person").lines()}

    # 07:05 the case of yesterday and the sweep make the roster; it is given out
    station.at(f"{DAY}T07:05")
    entry = ("--source", "screening", "--first-positive-on")
    hang = station("case", "open", people["Lê Thị Hằng"], *entry, "2022-03-01", "--json").json()["case"]
    station("sweep", "start", "Rà soát", "--from", DAY, "--to", DAY)
    station("roster", "give", "--to", "minh", "--all")
    lines = station("roster", "--json").lines()
    assert sorted((one["task"], one["state"], one["assigned_to"]) for one in lines) == [
        ("measure", "due", "minh"),
        *[("visit", "due", "minh")] * 3,
    ]
    assert {one["reasons"][0]["findings"][0]["rule_set"] for one in lines if one["task"] == "measure"} == {
        "house-slots"
    }

    # from door to door, and the morning's reading
    station.at(f"{DAY}T08:30")
    doors = {one["address"]: one["household"] for one in station("visit", "list", "--json").lines()}
    station(
        "visit", "record", doors["12 Lê Lợi"], "--unwell", "2=sốt,ho", "--test", "2=positive", "--rest-well"
    )
    station("visit", "record", doors["14 Lê Lợi"], "--outcome", "absent")
    station("visit", "record", doors["16 Lê Lợi"], "--rest-well")
    station("observe", hang, "--spo2", "98", *WELL)
    assert [one["person"] for one in station("case", "suggest", "--json", expect=4).lines()] == [
        people["Phạm Văn Tí"]
    ]
    station.at(f"{DAY}T09:30")
    station("case", "open", people["Phạm Văn Tí"], *entry, DAY)
    states = {(one["task"], one["address"], one["state"]) for one in station("roster", "--json").lines()}
    assert states >= {
        ("visit", "12 Lê Lợi", "done"),
        ("visit", "14 Lê Lợi", "due"),
        ("visit", "16 Lê Lợi", "done"),
    }
    numbers = {one["name"]: one["value"] for one in station("overview", "--json").json()["numbers"]}
    assert (numbers["new"], numbers["followed"], numbers["danger"], numbers["households"]) == (1, 2, 0, 2)

    # the evening: three visits, one reading, two cases
    station.at(f"{DAY}T17:00")
    assert station("review", "close", expect=1).err.count("6") == 1
    station("review", "approve", "--all")
    station("review", "close")
    station.at(f"{DAY}T17:30")
    station("report", "daily", "--file")
    first = {"before": 1, "new": 1, "treated": 2, "total": 2}
    assert station.figures(DAY) == first

    # the next morning brings a case of the day before
    station.at(f"{NEXT}T07:30")
    station("case", "open", people["Trần Thị Mai"], *entry, DAY)
    station("report", "daily", "--date", DAY, "--file", expect=1)  # a second version needs a reason
    station("report", "daily", "--date", DAY, "--file", "--reason", "một ca báo muộn")
    second = {"before": 1, "new": 2, "treated": 3, "total": 3}
    assert station.figures(DAY) == second
    assert station.figures(DAY, "--as-of", f"{DAY}T17:30") == first
    assert station.figures(DAY, "--version", "1") == first
    assert station.figures(NEXT) == {"before": 3, "new": 0, "treated": 3, "total": 3}
    station("roster", "carry")
    left = [one for one in station("roster", "--json").lines() if one["task"] == "visit"]
    assert [(one["address"], one["state"], one["carried_from"]) for one in left] == [
        ("14 Lê Lợi", "overdue", DAY)
    ]
