"""`gonha level`, `gonha report level`: what they print, how they exit; nobody is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.e2e.test_commands import Answer, Desk, desk

__all__ = ["desk"]  # the fixture

HEAD = "Khu phố,Họ và tên,Ngày sinh,Giới tính,Địa chỉ,Điện thoại\n"


class Ward:
    """A desk with one patient in one household on 18/11/2026."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.patch.setenv("GONHA_NOW", "2026-11-18T08:00")
        desk.started()
        assert (
            self("import", desk.file("ds.csv", HEAD + "1,Lê Thị Hằng,04/03/1951,Nữ,12 Lê Lợi,\n")).code == 0
        )
        (person,) = self("export", "--type", "person").lines()
        opened = self(
            "case",
            "open",
            person["id"],
            "--source",
            "screening",
            "--first-positive-on",
            "2026-11-18",
            "--json",
        )
        self.case = opened.json()["case"]

    def __call__(self, *arguments: str) -> Answer:
        return self.desk(*arguments, login=True)

    def level(self, scale: str, *more: str) -> dict[str, object]:
        (found,) = self("level", "show", "--scale", scale, "--json", *more).json()["levels"]
        return dict(found)


@pytest.fixture
def ward(desk: Desk) -> Ward:
    return Ward(desk)


def test_a_level_is_shown_set_published_and_its_history_told(ward: Ward) -> None:
    assert ward.level("response_scenario")["level"] == "scenario_1"
    assert ward("level", "records", "response_scenario", "active_cases").out.decode() == f"{ward.case}\n"
    assert (
        ward("level", "keep", "response_scenario", "--reason", "giao ban", "--json").json()["level"]
        == "scenario_1"
    )
    refused = ward("level", "publish", "response_scenario", "cấp 9", "--source", "BCĐ")
    assert refused.code == 1
    assert "scenario_3" in refused.err
    assert ward("level", "publish", "response_scenario", "scenario_2", "--source", "BCĐ").code == 0
    last, first = ward("level", "history", "--json").lines()
    assert (last["was"], last["level"], last["changed"]) == ("scenario_1", "scenario_2", True)
    assert (first["inputs"][0]["records"], first["reason"]) == (1, "giao ban")
    assert ward.case not in str(first)
    assert "Kịch bản 1 → Kịch bản 2 · công bố: BCĐ" in ward("level", "history").out.decode()


def test_what_is_missing_is_named_until_somebody_types_it_in(ward: Ward) -> None:
    assert ward.level("death_target")["inputs"][1] == {
        "name": "population",
        "value": 1,
        "origin": "counted",
        "source": None,
        "as_of": "2026-11-18",
        "from": None,
        "listed": None,
    }
    assert "thiếu: bệnh lưu hành tại xã" in ward("level", "show").out.decode()
    assert ward("level", "set", "endemic", "có", "--source", "Sổ A6").code == 0
    assert ward.level("epidemic_threshold")["missing"] == ["baseline_month", "baseline_week"]
    periods = (("month", 11, 3), ("week", 47, 2))
    lines = [
        f"{year},{period},{number},{cases}" for year in range(2021, 2026) for period, number, cases in periods
    ]
    file = ward.desk.file("nam.csv", "year,period,number,cases\n" + "\n".join(lines))
    assert ward("level", "baseline", "--import", file).code == 1  # nobody says where it is from
    assert ward("level", "baseline", "--import", file, "--source", "Sổ A6").code == 0
    assert ward.level("epidemic_threshold")["level"] == "below"
    assert (
        ward("level", "baseline", "--add", "2025", "month", "11", "40", "--epidemic", "--source", "Sửa").code
        == 0
    )
    assert ward("level", "baseline", "--json").lines()[0] == {
        "year": 2025,
        "period": "month",
        "number": 11,
        "cases": 40,
        "epidemic": True,
        "source": "Sửa",
    }
    unknown = ward("level", "set", "dân số", "1", "--source", "x")
    assert unknown.code == 1
    assert "population" in unknown.err


@pytest.mark.parametrize("ending", ["xlsx", "csv", "pdf"])
def test_the_report_goes_into_a_file(ward: Ward, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"cap-do.{ending}"
    assert ward("report", "level", "--out", str(file)).code == 0
    body = file.read_bytes()
    if ending == "pdf":
        assert body.startswith(b"%PDF")
    elif ending == "csv":
        assert "Kịch bản ứng phó" in body.decode("utf-8-sig")
    else:
        sheet = load_workbook(file).active
        assert sheet is not None
        said = [cell for row in sheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)]
        assert "Kịch bản 1" in said
        assert not any("Hằng" in cell for cell in said)


def test_the_file_of_a_rule_set_is_printed_to_be_edited(desk: Desk) -> None:
    answer = desk("rules", "show", "level-218", "--toml")
    assert answer.code == 0
    assert b'\nid = "level-218"\n' in answer.out
