"""Doses, lists, coverage and reconciling by commands: what they print, how they exit, what is noted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.e2e.test_commands import Answer, Desk, desk

__all__ = ["desk"]  # the fixture

HEAD = "Khu phố,Họ và tên,Ngày sinh,Giới tính,Địa chỉ,Điện thoại\n"
PEOPLE = (
    "1,Lê Thị Hằng,04/03/1951,Nữ,12 Lê Lợi,0903000011\n1,Phạm Văn Tí,01/05/1980,Nam,12 Lê Lợi,0903000012\n"
    "1,Nguyễn Thị Bé,2010,Nữ,12 Lê Lợi,\n"
)


class Ward:
    """A desk with three persons on 28/09/2022, when all five plans of rules §1.3 are in force."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.patch.setenv("GONHA_NOW", "2022-09-28T08:00")
        desk.started()
        assert self("import", desk.file("ds.csv", HEAD + PEOPLE)).code == 0
        people = {line["full_name"]: line["id"] for line in self("export", "--type", "person").lines()}
        self.hang, self.ti, self.be = (
            people[name] for name in ("Lê Thị Hằng", "Phạm Văn Tí", "Nguyễn Thị Bé")
        )

    def __call__(self, *arguments: str) -> Answer:
        return self.desk(*arguments, login=True)

    def dose(self, person: str, day: str, *more: str) -> str:
        answer = self("vaccination", "add", person, "--on", day, "--product", "Pfizer", *more, "--json")
        assert answer.code == 0, answer.err
        return str(answer.json()["id"])


@pytest.fixture
def ward(desk: Desk) -> Ward:
    return Ward(desk)


def test_a_dose_is_added_changed_removed_and_shown_with_its_rules(ward: Ward) -> None:
    first = ward.dose(ward.hang, "01/03/2022", "--type", "basic")
    second = ward.dose(ward.hang, "2022-04-01", "--type", "basic")
    shown = ward("vaccination", "show", ward.hang, "--json").json()
    assert [dose["id"] for dose in shown["doses"]] == [first, second]
    status = shown["status"]
    assert (status["state"], status["next_dose"], status["next_due"]) == (
        "overdue",
        "booster_1",
        "2022-07-01",
    )
    said = {one["outcome"]: (one["rule"], one["rule_set"]) for one in status["findings"]}
    assert said["booster_1"] == ("dose_3_adult", "vaccination-2022-06")
    assert said["overdue"] == ("overdue_after_30_days", "house-vaccination")
    earlier = ward("vaccination", "show", ward.hang, "--date", "2022-06-30", "--json").json()["status"]
    assert earlier["state"] == "waiting"
    words = ward("vaccination", "show", ward.hang).out.decode()
    assert "Quá hạn mũi nhắc lại 1, đến hạn từ 01/07/2022" in words
    assert "chưa đối chiếu văn bản gốc" in words
    moved = ward("vaccination", "change", first, "--on", "02/03/2022", "--json").json()["id"]
    assert moved != first
    assert ward("vaccination", "remove", moved, "--reason", "nhầm người").code == 0
    assert [one["id"] for one in ward("vaccination", "show", ward.hang, "--json").json()["doses"]] == [second]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--on", "29/09/2022"), "ngày chưa tới"),
        (("--on", "31/02/2022"), "31/02/2022"),
        (("--type", "third"), "basic, additional, booster"),
        ((), "ghi ngày"),
    ],
)
def test_what_is_no_dose_is_refused_in_words(ward: Ward, arguments: tuple[str, ...], says: str) -> None:
    answer = ward("vaccination", "add", ward.hang, *arguments)
    assert answer.code == 1
    assert says in answer.err


def test_contraindicated_postponed_and_cleared(ward: Ward) -> None:
    ward.dose(ward.hang, "01/03/2022", "--type", "basic")

    def state() -> str:
        return str(ward("vaccination", "show", ward.hang, "--json").json()["status"]["state"])

    assert ward("vaccination", "postpone", ward.hang, "--until", "01/10/2022", "--reason", "sốt").code == 0
    assert state() == "postponed"
    assert ward("vaccination", "contraindicate", ward.hang, "--reason", "phản vệ").code == 0
    assert state() == "contraindicated"
    assert ward("vaccination", "clear", ward.hang).code == 0
    assert state() == "overdue"
    assert ward("vaccination", "postpone", ward.hang, "--until", "28/09/2022", "--reason", "sốt").code == 1


def test_the_lists_warn_are_noted_and_go_to_a_spreadsheet(ward: Ward, tmp_path: Path) -> None:
    ward.dose(ward.hang, "01/03/2022", "--type", "basic")
    ward.dose(ward.hang, "01/04/2022", "--type", "basic")
    answer = ward("vaccination", "list", "overdue", "--json")
    assert [line["person"] for line in answer.lines()] == [ward.hang]
    assert answer.lines()[0].keys().isdisjoint({"place", "folded"})
    assert "Cảnh báo" in answer.err
    assert b"0903000011" not in answer.out
    assert len(ward("vaccination", "list", "unrecorded", "--json").lines()) == 2
    file = tmp_path / "qua-han.xlsx"
    assert ward("vaccination", "list", "overdue", "--out", str(file)).code == 0
    sheet = load_workbook(file).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows(values_only=True) for cell in row]
    assert "Lê Thị Hằng" in cells
    assert ward("vaccination", "list", "overdue", "--out", str(tmp_path / "x.pdf")).code == 1
    noted = [line for line in ward("access", "--json").lines() if line["what"] == "export"]
    assert {line["detail"] for line in noted} >= {"vaccination-list"}


def test_coverage_tells_every_figure_and_its_list(ward: Ward, tmp_path: Path) -> None:
    for day, kind in (("01/06/2021", "basic"), ("01/07/2021", "basic"), ("01/01/2022", "booster")):
        ward.dose(ward.hang, day, "--type", kind)
    report = ward("coverage", "--json").json()
    figures = {one["target"]: one for one in report["figures"]}
    old = figures["coverage-kh-207/from_50_or_high_risk"]
    assert (old["numerator"], old["denominator"], old["shown"], old["met"]) == (1, 1, "100,0 %", True)
    assert (old["denominator_source"], old["as_of"]) == ("list", "2022-09-28")
    teen = figures["coverage-kh-207/from_12_below_18"]
    assert (teen["denominator"], teen["counts"]["unknown_age"], teen["met"]) == (0, 1, None)
    assert report == ward("report", "coverage", "--json").json()
    listed = ward("coverage", "--list", "coverage-kh-207/from_18_to_49", "--of", "lack", "--json")
    assert [line["person"] for line in listed.lines()] == [ward.ti]
    key = "coverage-kh-207/from_18_to_49"
    assert (
        ward("coverage", "--denominator", key, "4", "--source", "CSDL dân cư", "--as-of", "01/09/2022").code
        == 0
    )
    typed = {one["target"]: one for one in ward("coverage", "--json").json()["figures"]}[key]
    assert (typed["denominator"], typed["denominator_source"], typed["as_of"]) == (
        4,
        "CSDL dân cư",
        "2022-09-01",
    )
    assert "Mẫu số: CSDL dân cư, ngày 01/09/2022." in ward("coverage").out.decode()
    assert ward("coverage", "--forget", key).code == 0
    assert ward("coverage", "--denominator", key, "nhiều", "--source", "x").code == 1
    assert ward("coverage", "--date", "2021-01-01", "--json").json()["figures"] == []


def test_the_weekly_report_has_the_columns_of_form_5_10(ward: Ward, tmp_path: Path) -> None:
    ward.dose(ward.hang, "01/06/2021", "--type", "basic")
    ward.dose(ward.hang, "01/07/2021", "--type", "basic")
    ward.dose(ward.hang, "27/09/2022", "--type", "booster")
    file = tmp_path / "tuan.xlsx"
    assert ward("report", "coverage", "--out", str(file)).code == 0
    sheet = load_workbook(file).active
    assert sheet is not None
    lines = list(sheet.iter_rows(values_only=True))
    head = next(place for place, row in enumerate(lines) if row[0] == "Đơn vị")
    assert lines[head] == (
        "Đơn vị",
        "Đối tượng",
        "Số phải tiêm",
        "Đã tiêm trong tuần",
        "Lũy kế",
        "Tỷ lệ",
        "Nguyên nhân thấp",
        "Giải pháp",
    )
    whole = next(row for row in lines if row[0] == "Cộng" and str(row[1]).startswith("Từ 50 tuổi"))
    assert whole[2:6] == (1, 1, 1, "100,0 % · đạt (≥ 90 %)")


def test_a_list_is_reconciled_row_by_row_and_taken_back(ward: Ward) -> None:
    ward.dose(ward.hang, "01/03/2022", "--type", "basic")
    listed = ward.desk.file(
        "he-thong.csv",
        "Họ và tên,Ngày sinh,CCCD,Điện thoại,Mũi tiêm,Ngày tiêm,Loại vắc xin\n"
        "Lê Thị Hằng,04/03/1951,,0903000011,2,01/04/2022,Pfizer\n"
        "Phạm Văn Tí,01/05/1980,,,1,01/04/2022,Pfizer\n",
    )
    answer = ward("vaccination", "reconcile", listed, "--json")
    assert answer.code == 4
    assert {row["row"]: row["state"] for row in answer.json()["rows"]} == {"2": "differing", "3": "ambiguous"}
    assert (
        ward("vaccination", "reconcile", listed, "--accept", "2", "--dry-run", "--json").json()["batch"]
        is None
    )
    assert ward("vaccination", "reconcile", listed, "--accept", "3").code == 1
    accepted = ward(
        "vaccination", "reconcile", listed, "--accept", "all", "--choose", f"3={ward.ti}", "--json"
    )
    assert accepted.code == 0, accepted.err

    def doses() -> list[str]:
        found = ward("export", "--type", "vaccination_dose").out
        return sorted(json.loads(line)["given_on"] for line in found.splitlines())

    assert doses() == ["2022-03-01", "2022-04-01", "2022-04-01"]
    assert ward("import", "--undo", accepted.json()["batch"]).code == 0
    assert doses() == ["2022-03-01"]


def test_a_case_is_opened_with_the_doses_recorded(ward: Ward) -> None:
    ward.dose(ward.hang, "01/03/2022", "--type", "basic")
    case = ward("case", "open", ward.hang, "--source", "screening", "--json").json()["case"]
    shown = ward("case", "show", case, "--json").json()
    assert (shown["fields"]["basic_doses"], shown["fields"]["last_dose_on"]) == (1, "2022-03-01")
    told = ward("case", "open", ward.ti, "--source", "screening", "--fact", "basic_doses=3", "--json").json()[
        "case"
    ]
    assert ward("case", "show", told, "--json").json()["fields"]["basic_doses"] == 3
