"""The conversion of communes as an operator types it: rehearsed, done, and what waits decided."""

from __future__ import annotations

from tests.e2e.test_commands import desk
from tests.e2e.test_server_commands import Station, station
from tests.sync.old_wards import OLD_AREAS, TABLE

__all__ = ["desk", "station"]


def test_a_table_is_rehearsed_taken_in_and_the_rest_decided(station: Station) -> None:
    desk = station.desk
    assert station("areas", "import", desk.file("old.csv", "\n".join(OLD_AREAS))).code == 0
    table = desk.file("table.csv", "\n".join(TABLE))
    rehearsed = station("areas", "convert", table, "--dry-run", "--json")
    assert rehearsed.code == 4
    answer = rehearsed.json()
    assert (answer["dry_run"], answer["effective"], len(answer["moved"])) == (True, "2025-07-01", 3)
    assert station("areas", "undecided").code == 0

    done = station("areas", "convert", table)
    lines = done.out.decode().splitlines()
    assert "27217/01 → 27226/27217-01  Khu phố 1 (Phường 15), Phường Phú Thọ" in lines
    assert "27226 Phường Phú Thọ: 3 đơn vị, 0 hộ, 0 người" in lines
    before, after = (line.split(": ", 1)[1].strip() for line in lines if line.startswith(("Trước", "Sau")))
    assert before.split(", ")[1:] == after.split(", ")[1:]
    waiting = {one["place"]: one["reason"] for one in station("areas", "undecided", "--json").lines()}
    assert (waiting["27235/01"], waiting["27235/02"]) == ("split", "split")
    assert "27226 Phường Phú Thọ (Nhập một phần)" in station("areas", "undecided").out.decode()

    assert station("areas", "assign", "27235/01", "27226", "--json").json()["now"] == "27226/27235-01"
    refused = station("areas", "assign", "27235/02", "27299")
    assert (refused.code, "27232 Phường Bình Thới" in refused.err) == (1, True)
    made = station("areas", "split", "27235/02", "27226/31=Khu phố 31", "27232/31", "--json").json()
    assert [place for place, _ in made["made"]] == ["27226/31", "27232/31"]
    assert station("areas", "split", "27235/02", "27226-31", "27232/31").code == 1
    assert station("stats").code == 0


def test_a_file_that_is_no_table_and_a_bad_pair_of_codes_are_refused(station: Station) -> None:
    wrong = station.desk.file("wrong.csv", "a,b\n1,2")
    answer = station("areas", "convert", wrong)
    assert (answer.code, "Mã xã cũ" in answer.err) == (1, True)
    table = station.desk.file("table.csv", "\n".join(TABLE))
    assert station("areas", "convert", table, "--code", "27217").code == 1
    assert station("areas", "convert", "nowhere.csv").code == 1
