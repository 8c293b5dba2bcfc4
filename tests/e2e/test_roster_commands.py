"""The roster by commands: who is on it and why, given to a team, carried over, done, with exit codes."""

from __future__ import annotations

import pytest

from tests.e2e.test_care_commands import WELL, Ward
from tests.e2e.test_commands import Desk, desk

__all__ = ["desk"]  # the fixture


@pytest.fixture
def ward(desk: Desk) -> Ward:
    return Ward(desk)


def lines(ward: Ward, *more: str) -> dict[str, dict[str, object]]:
    return {str(line["key"]): line for line in ward("roster", "--json", *more).lines()}


def test_a_day_of_work_is_given_out_measured_and_carried_over(ward: Ward) -> None:
    assert ward("roster").code == 0
    case = ward.opened(ward.ti)
    assert ward("roster", "add", ward.hang, "hỏi thăm", "--to", "Tổ 2").code == 0
    found = lines(ward)
    measure, own = f"measure:{ward.ti}", f"other:{ward.hang}"
    assert set(found) == {measure, own}
    assert found[measure]["reasons"][0]["findings"][0]["rule_set"] == "house-slots"  # type: ignore[index]
    assert (found[own]["assigned_to"], found[own]["state"]) == ("Tổ 2", "due")
    assert ward("roster", "give", "--to", "Tổ 1").code == 1, "nothing was chosen"
    nowhere = ward("roster", "give", "--alley", "Hẻm 9", "--to", "Tổ 1")
    assert nowhere.code == 1
    assert "Không có việc nào ở “Hẻm 9”" in nowhere.err
    given = ward("roster", "give", measure, "--to", "Tổ 1", "--json").json()
    assert given["changed"] == 1
    assert set(lines(ward, "--of", "tổ 1")) == {measure}
    words = ward("roster").out.decode()
    assert "đo buổi sáng, chưa đo lần nào" in words
    assert "→ Tổ 1" in words
    assert ward("observe", case, *WELL).code == 0
    assert lines(ward)[measure]["state"] == "done"
    ward.at("2022-02-21T07:00")
    assert lines(ward)[own]["state"] == "overdue"
    assert ward("roster", "carry", "--json").json()["changed"] == 1
    assert lines(ward)[own]["carried_from"] == "2022-02-20"
    assert ward("roster", "done", measure).code == 1, "a reading is written down, not said"
    assert ward("roster", "done", own).code == 0
    assert lines(ward)[own]["state"] == "done"
    assert ward("roster", "take-back", "other:nobody").code == 1


def test_an_unanswered_alert_ends_the_command_with_four_and_names_its_rule(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    assert ward("observe", case, "--spo2", "93").code == 4
    answer = ward("roster")
    assert answer.code == 4
    assert "SpO2" in answer.out.decode().splitlines()[0]
