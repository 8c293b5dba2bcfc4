"""Visits by commands: the list of doors, the sheet, what is found there, taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.test_commands import Answer, Desk, desk

__all__ = ["desk"]  # the fixture

LIST = (
    "Khu phố,Họ và tên,Ngày sinh,Giới tính,Địa chỉ\n"
    "1,Lê Thị Hằng,04/03/1951,Nữ,12 Lê Lợi\n1,Phạm Văn Tí,01/05/1980,Nam,12 Lê Lợi\n"
    "1,Đỗ Minh Long,01/05/1975,Nam,14 Lê Lợi\n"
)


class Street:
    """Two doors of Lê Lợi: a couple at 12, one man at 14."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.started()
        assert self("import", desk.file("ds.csv", LIST)).code == 0

    def __call__(self, *arguments: str) -> Answer:
        return self.desk(*arguments, login=True)

    def doors(self) -> dict[str, dict[str, Any]]:
        return {one["address"]: one for one in self("visit", "list", "--json").lines()}


@pytest.fixture
def street(desk: Desk) -> Street:
    return Street(desk)


def test_a_day_from_door_to_door(street: Street) -> None:
    first = street.doors()["12 Lê Lợi"]["household"]
    told = street("visit", "record", first, "--unwell", "2=sốt,cough", "--test", "2=positive", "--rest-well")
    assert told.code == 0
    shown = street("visit", "show", first, "--json").json()
    assert [(one["wellbeing"], one["asked"], one["symptoms"], one["test"]) for one in shown["lines"]] == [
        ("well", "all", [], None),
        ("unwell", "each", ["fever", "cough"], "positive"),
    ]
    second = street.doors()["14 Lê Lợi"]["household"]
    assert street("visit", "record", second, "--outcome", "absent").code == 0
    now = street.doors()
    assert [(now[at]["state"], now[at]["asked"], now[at]["unwell"]) for at in ("12 Lê Lợi", "14 Lê Lợi")] == [
        ("met", 2, 1),
        ("absent", 0, 0),
    ]
    assert street("visit", "withdraw", now["14 Lê Lợi"]["visit"]).code == 0
    assert street.doors()["14 Lê Lợi"]["state"] == "left"


def test_who_was_not_asked_is_said_and_waits(street: Street) -> None:
    first = street.doors()["12 Lê Lợi"]["household"]
    told = street("visit", "record", first, "--well", "1", "--json")
    assert told.code == 4
    assert told.json()["not_asked"] == 1
    assert street.doors()["12 Lê Lợi"]["state"] == "partly"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--well", "3"), "phiếu có 2 dòng"),
        (("--unwell", "1"), "P=giá trị"),
        (("--unwell", "1=ngứa"), "ngứa"),
        (("--test", "1=maybe"), "positive"),
        (("--exposure", "1=perhaps"), "yes"),
        (("--outcome", "absent", "--well", "1"), "không gặp ai"),
        ((), "--rest-well"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_saved(
    street: Street, given: tuple[str, ...], words: str
) -> None:
    first = street.doors()["12 Lê Lợi"]["household"]
    told = street("visit", "record", first, *given)
    assert told.code == 1
    assert words in told.err
    assert street.doors()["12 Lê Lợi"]["state"] == "left"
