"""duplicates without a terminal: what it lists, what it changes, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_commands import Desk

LIST = """Mã hộ,Họ và tên,Ngày sinh,Giới tính,CCCD,Địa chỉ,Quan hệ với chủ hộ
H1,Nguyễn Thị Bé,12/03/1955,Nữ,079155000123,12 Lê Lợi,Chủ hộ
H2,NGUYEN THI BE,1955,Nữ,079155000123,14 Lê Lợi,Chủ hộ
H3,Lê Văn Tư,03/05/1950,Nam,,9 Nguyễn Trãi,Chủ hộ
"""


@pytest.fixture
def desk(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("GONHA_NOW", "2026-11-22T09:05:00")
    made = Desk(tmp_path, capfdbinary, monkeypatch)
    made.started()
    sheet = tmp_path / "list.csv"
    sheet.write_text(LIST, encoding="utf-8")
    assert made("import", str(sheet), login=True).code == 0
    return made


def lines(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.out.splitlines()]


def pair(desk: Desk) -> tuple[str, str]:
    (found,) = lines(desk("duplicates", "--json", login=True))
    assert found["strength"] == "strong"
    assert found["reasons"] == ["national_id", "same_name", "birth_fits"]
    return found["first"], found["second"]


def persons(desk: Desk) -> int:
    return len(desk("export", "--type", "person", login=True).out.splitlines())


def test_a_pair_is_listed_merged_and_taken_back(desk: Desk) -> None:
    first, second = pair(desk)
    listed = desk("duplicates", login=True)
    assert listed.code == 4
    assert "gần chắc: cùng số định danh, cùng tên, năm sinh khớp" in listed.out.decode()
    refused = desk("duplicates", "merge", first, second, "--reason", "xem CCCD", login=True)
    assert refused.code == 1
    assert "--take full_name=1" in refused.err
    assert desk("duplicates", "merge", first, second, "--take", "full_name=1", login=True).code == 1, (
        "why is asked for"
    )
    merged = desk(
        "duplicates",
        "merge",
        first,
        second,
        "--take",
        "full_name=1",
        "--reason",
        "xem CCCD",
        "--json",
        login=True,
    )
    assert merged.code == 0
    (told,) = lines(merged)
    assert (told["kept"], told["merged"], told["open_cases"]) == (first, second, [])
    assert desk("duplicates", login=True).code == 0
    assert persons(desk) == 2
    assert desk("duplicates", "undo", told["decision"], login=True).code == 0
    assert persons(desk) == 3
    assert desk("duplicates", "undo", told["decision"], login=True).code == 1
    assert pair(desk) == (first, second)


def test_two_that_are_two_are_listed_no_more(desk: Desk) -> None:
    first, second = pair(desk)
    assert desk("duplicates", "not-same", first, second, "--reason", "hai chị em", login=True).code == 0
    assert desk("duplicates", "--json", login=True).code == 0
    (told,) = lines(desk("duplicates", "--decided", "--json", login=True))
    assert (told["verdict"], {told["kept"], told["merged"]}, told["reason"]) == (
        "not_same",
        {first, second},
        "hai chị em",
    )
    assert desk("duplicates", "undo", told["id"], login=True).code == 0
    assert pair(desk) == (first, second)


def test_a_typed_value_is_taken_and_a_wrong_one_refused(desk: Desk) -> None:
    first, second = pair(desk)
    why = ("--reason", "xem CCCD")
    wrong = desk("duplicates", "merge", first, second, "--take", "full_name", *why, login=True)
    assert wrong.code == 1
    assert persons(desk) == 3
    typed = ("--take", "full_name=Nguyễn Thị Bé Ba", "--take", "birth_date=13/03/1955")
    assert desk("duplicates", "merge", first, second, *typed, *why, login=True).code == 0
    found = [json.loads(line) for line in desk("export", "--type", "person", login=True).out.splitlines()]
    assert ("Nguyễn Thị Bé Ba", "1955-03-13") in {(one["full_name"], one.get("birth_date")) for one in found}


def test_households_have_their_own_list(desk: Desk) -> None:
    assert desk("duplicates", "--households", "--json", login=True).code == 0
