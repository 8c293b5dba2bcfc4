"""The chief's evening by commands: listed, approved, returned, closed, opened again; a correction is undecided."""

from __future__ import annotations

import pytest

from tests.e2e.test_care_commands import WELL, Ward
from tests.e2e.test_commands import Desk, desk

__all__ = ["desk"]  # the fixture


@pytest.fixture
def ward(desk: Desk) -> Ward:
    return Ward(desk)


def test_a_day_is_approved_and_closed(ward: Ward) -> None:
    case = ward.opened(ward.hang)
    reading = ward("observe", case, *WELL, "--json").json()["observation"]
    ward.at("2022-02-20T18:00")
    listed = ward("review", "list", "--json").json()
    assert {line["id"]: line["state"] for line in listed["lines"]} == {
        reading: "undecided",
        case: "undecided",
    }
    assert (listed["on"], listed["cut_off"], listed["closed"]) == ("2022-02-20", "00:00", False)
    assert ward("review", "close").code == 1
    returned = ward("review", "return", reading[-8:], "--reason", "đo lại mạch", "--json").json()
    assert (returned["record"], returned["returned_to"]) == (reading, "lan")
    (back,) = ward("review", "list", "--returned", "lan", "--json").json()["lines"]
    assert (back["id"], back["last"]["reason"], back["last"]["on"]) == (reading, "đo lại mạch", "2022-02-20")
    assert ward("review", "list", "--returned", "minh", "--json").json() == {"lines": []}
    assert "đo lại mạch" in ward("review", "list", "--returned").out.decode()
    assert ward("review", "approve", "--all", "--json").json()["approved"] == 1
    assert "1 hồ sơ đã trả lại" in ward("review", "close").err
    assert ward("review", "list", "--json").json()["counts"] == {
        "undecided": 0,
        "changed": 0,
        "returned": 1,
        "approved": 1,
    }
    assert ward("review", "approve", reading).code == 1  # closed
    assert ward("review", "reopen", "--reason", "sửa mạch").code == 0
    corrected = ward("observe", reading, "--amend", *WELL, "--pulse", "88", "--reason", "đo lại", "--json")
    assert corrected.code == 0, corrected.err
    left = ward("review", "list", "--undecided", "--json").json()["lines"]
    assert [line["id"] for line in left] == [corrected.json()["observation"]]
    assert ward("review", "approve", left[0]["id"]).code == 0
    assert ward("review", "close", "--json").json()["closed"] is True


def test_a_record_that_is_not_of_the_day_is_refused(ward: Ward) -> None:
    case = ward.opened(ward.hang)
    assert ward("review", "approve", case, "--date", "2022-02-19").code == 1
    assert ward("review", "approve").code == 2
    assert ward("review", "return", case).code == 2


def test_the_chief_sees_the_day_in_numbers(ward: Ward) -> None:
    case = ward.opened(ward.hang)
    ward("observe", case, "--spo2", "93")
    answer = ward("overview", "--ids", "--json")
    assert answer.code == 4, "a danger sign waits"
    seen = answer.json()
    numbers = {one["name"]: (one["value"], one["yesterday"]) for one in seen["numbers"]}
    unsent = numbers.pop("unsent")
    assert numbers == {
        "new": (1, 0),
        "followed": (1, 0),
        "danger": (1, 0),
        "overdue": (0, 0),
        "households": (None, None),
    }
    assert unsent[0] > 0
    assert unsent[1] is None
    assert {one["name"]: one["ids"] for one in seen["numbers"]}["danger"] == [case]
    assert seen["review"]["undecided"] == 2
    assert {one["name"]: len(one["ids"]) for one in seen["quality"]}["no_identity"] == 2
    shown = ward("overview").out.decode()
    assert "Ca mới" in shown
    assert "(máy này)" in shown
