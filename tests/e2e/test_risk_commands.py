"""risk, support, user allow: what they print, how they exit, what is noted."""

from __future__ import annotations

from typing import Any

import pytest
from openpyxl import load_workbook

from tests.e2e.test_commands import Answer, Desk, desk

__all__ = ["desk"]  # the fixture

HEAD = "Khu phố,Họ và tên,Ngày sinh,Giới tính,Địa chỉ,Bệnh nền\n"
PEOPLE = (
    "1,Lê Thị Hằng,04/03/1951,Nữ,12 Lê Lợi,ĐTĐ\n1,Phạm Văn Tí,01/05/1990,Nam,12 Lê Lợi,HIV\n"
    "1,Trần Văn An,1961,Nam,9 Lê Lợi,\n"
)


class Ward:
    """A desk with three persons, on 22/11/2026."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.patch.setenv("GONHA_NOW", "2026-11-22T09:00")
        desk.started()
        assert self("import", desk.file("ds.csv", HEAD + PEOPLE)).code == 0
        self.ids = {line["full_name"]: line["id"] for line in self("export", "--type", "person").lines()}

    def __call__(self, *arguments: str) -> Answer:
        return self.desk(*arguments, login=True)

    def names(self, *arguments: str) -> list[str]:
        return [line["full_name"] for line in self("risk", *arguments, "--json").lines()]


@pytest.fixture
def ward(desk: Desk) -> Ward:
    return Ward(desk)


def test_risk_lists_by_group_age_and_any(ward: Ward) -> None:
    assert ward.names("--age", "65") == ["Lê Thị Hằng"]
    assert ward.names("--age", "60") == ["Trần Văn An", "Lê Thị Hằng"]
    assert ward.names("--age", "60", "--group", "underlying_condition") == ["Lê Thị Hằng"]
    assert ward.names("list", "--group", "age_unsure") == ["Trần Văn An"], "64 or 65"
    (line,) = ward("risk", "--age", "65", "--json").lines()
    assert (line["age"], line["overdue"], line["last_contact_at"]) == ([75, 75], True, None)
    assert set(line["groups"]) >= {"age_65", "elderly", "underlying_condition"}
    assert "1 người. Chưa rõ nhóm tuổi: 1 người" in ward("risk", "--age", "65").err
    assert ward("risk", "--age", "55").code == 1
    assert ward("risk", "--group", "no_such").code == 1


def test_counts_name_nobody(ward: Ward) -> None:
    (answer,) = ward("risk", "--counts", "--json").lines()
    assert answer["counts"]["age_60"] == 2
    assert "Hằng" not in ward("risk", "--counts").out.decode()


def test_a_restricted_condition_is_in_no_answer(ward: Ward, tmp_path: Any) -> None:
    ti = ward.ids["Phạm Văn Tí"]
    out = tmp_path / "nguy-co.xlsx"
    assert ward("risk", "--out", str(out)).code == 0
    cells = [str(cell) for line in load_workbook(out).active.values for cell in line]  # type: ignore[union-attr]
    answers = [
        ward("risk", "--json").out.decode(),
        ward("risk").out.decode(),
        ward("risk", "why", ti).out.decode(),
        ward("risk", "why", ti, "--json").out.decode(),
        ward("export", "--type", "person_condition").out.decode(),
        *cells,
    ]
    assert [text for text in answers if "hiv" in text.casefold()] == []


def test_a_group_is_added_explained_and_ended(ward: Ward) -> None:
    ti = ward.ids["Phạm Văn Tí"]
    assert ward("risk", "add", ti, "tiểu thương chợ", "--source", "tổ trưởng").code == 0
    assert ward.names("--group", "tiểu thương chợ") == ["Phạm Văn Tí"]
    (why,) = ward("risk", "why", ti, "--json").lines()
    (own,) = [one for one in why["reasons"] if one["group"] == "tiểu thương chợ"]
    assert (own["source"], own["started_on"], own["holds"]) == ("tổ trưởng", "2026-11-22", True)
    assert ward("risk", "end", ti, "tiểu thương chợ").code == 0
    assert "tiểu thương chợ" not in ward("risk", "--counts").out.decode()
    assert ward("risk", "add", ti, "HIV").code == 1


def test_the_survey_of_a_household_is_a_pdf(ward: Ward, tmp_path: Any) -> None:
    (door, *_) = [line["id"] for line in ward("export", "--type", "household").lines()]
    out = tmp_path / "khao-sat.pdf"
    assert ward("risk", "survey", door, "--out", str(out)).code == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert ward("risk", "survey", door, "--out", str(tmp_path / "a.docx")).code == 1


def test_todays_roster_is_made_once_and_taken_back(ward: Ward) -> None:
    (made,) = ward("risk", "assign", "--age", "60", "--json").lines()
    (again,) = ward("risk", "assign", "--age", "60", "--json").lines()
    assert (made, again) == ({"assigned": 2, "already": 0}, {"assigned": 0, "already": 2})
    (back,) = ward("risk", "assign", "--age", "60", "--withdraw", "--json").lines()
    assert back == {"withdrawn": 2}


def test_support_needs_by_commands(ward: Ward) -> None:
    hang = ward.ids["Lê Thị Hằng"]
    (medicine,) = ward("support", "add", "medicine", "--person", hang, "--json").lines()
    (food,) = ward("support", "add", "food", "--person", hang, "--json").lines()
    (counts,) = ward("support", "list", "--counts", "--json").lines()
    assert counts["total"] == {"needs": 2, "persons": 1, "households": 0}
    assert ward.names("--state", "forgotten") == ["Lê Thị Hằng"]
    assert ward("support", "follow", medicine["id"], "Tổ 3").code == 0
    assert ward("support", "met", medicine["id"]).code == 0
    assert ward("support", "refuse", food["id"], "--reason", "gia đình tự lo").code == 0
    assert ward("support", "list", "--json").lines() == []
    assert ward("support", "reopen", food["id"]).code == 0
    (line,) = ward("support", "list", "--json").lines()
    assert (line["kind"], line["status"], line["full_name"]) == ("food", "open", "Lê Thị Hằng")
    assert ward("support", "withdraw", food["id"]).code == 0
    assert ward("support", "add", "gold", "--person", hang).code == 1


def test_only_the_chief_lets_a_user_see_restricted_conditions(ward: Ward) -> None:
    assert ward("user", "allow", "lan").code == 0
    assert ward("user", "allow", "nobody").code == 1
    assert ward("user", "deny", "lan").code == 0
    noted = [line["detail"] for line in ward("access", "--json").lines() if line["what"] == "permit"]
    assert sorted(noted) == ["restricted + lan", "restricted - lan"]


def test_what_names_people_is_noted(ward: Ward, tmp_path: Any) -> None:
    ward("risk", "--json")
    ward("risk", "--out", str(tmp_path / "a.csv"))
    ward("risk", "why", ward.ids["Lê Thị Hằng"])
    noted = {(line["what"], line.get("detail", "")) for line in ward("access", "--json").lines()}
    assert noted >= {("open", ""), ("export", "risk-list"), ("export", "risk-ndjson")}
