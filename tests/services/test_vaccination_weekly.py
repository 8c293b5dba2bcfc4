"""The weekly vaccination report (form 5.10; S4 §2): counted by hand, low units with their cause before it is filed."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pypdf
import pytest

from tests.services.laptop_alone import area_id
from tests.services.sweep_ward import SweepWard
from tui_app.clock import pinned_clock
from tui_app.errors import InvalidFields
from tui_app.papers.report_paper import write_report
from tui_app.services.people import people
from tui_app.services.reports.filing import Report, file_report, report
from tui_app.services.reports.typing_in import type_in
from tui_app.services.reports.vaccination_weekly import VACCINATION_WEEKLY, lines
from tui_app.services.vaccination import vaccination

ONE, TWO = area_id(1), area_id(2)
SUNDAY = date(2022, 10, 2)  # the week of Monday 26/09/2022
ADULT = "coverage-kh-207/from_18_to_49"  # S1 §II.2.1: at least 75 %
THIRD = "coverage-cv-2468/dose_3_from_18"  # S4 fn 5: no target
BASIC = (("2021-06-01", "basic"), ("2021-07-01", "basic"))
"""Two doses of the basic series, long before the week."""


class Ward(SweepWard):
    """Unit 1: four of thirty, one of them given the booster on Wednesday. Unit 2: two, one without a booster."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.at("2022-10-03T08:00")
        for area, boosters in (
            (ONE, ("2022-01-01", "2022-01-01", "2022-01-01", "2022-09-28")),
            (TWO, ("2022-01-01", "")),
        ):
            door = self.door(f"{area} Lê Lợi", area=area)[0]
            for booster in boosters:
                self.vaccinated(door, *BASIC, *([(booster, "booster")] if booster else []))

    def at(self, moment: str) -> None:
        self.clock.now = pinned_clock(datetime.fromisoformat(moment))()

    def vaccinated(self, door: str, *doses: tuple[str, str], born: str = "1992-01-01") -> None:
        fields = {"full_name": "Nguyễn Văn Tám", "birth_date": born}
        who = people.save_person(self.store, "lan", fields, household=door)
        for day, kind in doses:
            dose = {"given_on": day, "dose_type": kind, "product": "comirnaty"}
            vaccination.add_dose(self.store, "lan", who, dose)

    def report(self, **more: Any) -> Report:
        with self.store.read() as c:
            return report(c, VACCINATION_WEEKLY, SUNDAY, self.clock(), **more)


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path / "one")


def said(found: Report, key: str) -> dict[str, list[int | float | None]]:
    """Unit -> due, in the week, in all."""
    units: dict[str, list[int | float | None]] = {}
    for one in found.figures:
        if one.name.startswith(f"{key}:"):
            units.setdefault(one.unit or "", []).append(one.value)
    return units


def test_each_unit_and_group_has_who_is_due_was_given_it_in_the_week_and_has_it(ward: Ward) -> None:
    found = ward.report()
    assert (found.period.first, found.period.last) == (date(2022, 9, 26), SUNDAY)
    for key in (ADULT, THIRD):
        assert said(found, key) == {"": [6, 1, 5], ONE: [4, 1, 4], TWO: [2, 0, 1]}
    form = {(one.unit, one.group): one for one in lines(found.figures)}
    group = next(group for unit, group in form if group.startswith("18") or "18–49" in group)
    assert (form["Khu phố 2", group].percent, form["Khu phố 2", group].limit) == ("50,0 %", "≥ 75 %")
    assert form["", group].percent == "83,3 %"  # 5 of 6


def test_a_unit_is_low_where_the_target_is_not_met_and_then_needs_cause_and_solution(ward: Ward) -> None:
    """S4 §2: low units, the cause and the solution. Unit 1 meets every target that counts its four adults."""
    found = ward.report()
    low = {(one.unit, one.name.partition(":")[0]) for one in found.figures if (one.detail or {}).get("low")}
    assert (TWO, ADULT) in low
    assert (TWO, THIRD) not in low, "nobody said what is low where the plan names no target"
    assert "cause@Khu phố 2" in found.wanted
    with pytest.raises(InvalidFields) as refused:
        file_report(ward.store, "lan", VACCINATION_WEEKLY, SUNDAY)
    assert [problem.params["name"] for problem in refused.value.problems] == list(found.wanted)
    assert "phải viết “Nguyên nhân thấp, Khu phố 2” trước khi nộp" in str(refused.value)
    words = {name: f"lời về {name}" for name in found.wanted}
    file_report(ward.store, "lan", VACCINATION_WEEKLY, SUNDAY, narrative=words)
    assert ward.report().versions[0].narrative == words


def test_the_station_may_say_what_is_low_where_the_plan_names_no_target(ward: Ward) -> None:
    type_in(ward.store, "lan", VACCINATION_WEEKLY, SUNDAY, {"low_below": "60"}, "Sở Y tế")
    found = {(one.unit, one.name): one.detail or {} for one in ward.report().figures}
    assert found[TWO, f"{THIRD}:total"]["low"] is True  # 50 % < 60 %
    assert found[ONE, f"{THIRD}:total"]["low"] is False
    assert found[ONE, f"{ADULT}:total"]["percent"] == 75, "a target of the plan stands"


def test_a_late_dose_makes_a_second_version_that_says_what_changed(ward: Ward) -> None:
    words = dict.fromkeys(ward.report().wanted, "x")
    file_report(ward.store, "lan", VACCINATION_WEEKLY, SUNDAY, narrative=words)
    ward.vaccinated(ward.door("9 Lê Lợi", area=TWO)[0], *BASIC, ("2022-09-30", "booster"))
    found = ward.report()
    changed = {(one.name, one.unit): (one.was, one.now) for one in found.since}
    assert changed[f"{ADULT}:week", TWO] == (0, 1)
    assert changed[f"{ADULT}:due", TWO] == (2, 3)
    assert not any(unit == ONE for _, unit in changed)


def test_who_came_of_age_in_the_week_was_not_given_a_dose_in_it(ward: Ward) -> None:
    door = ward.door("9 Lê Lợi", area=TWO)[0]
    ward.vaccinated(door, *BASIC, ("2022-01-01", "booster"), born="2004-09-28")  # 18 on Wednesday
    assert said(ward.report(), THIRD)[TWO] == [3, 0, 2]


def test_an_earlier_report_is_looked_at_as_it_was_filed(ward: Ward) -> None:
    words = dict.fromkeys(ward.report().wanted, "x")
    file_report(ward.store, "lan", VACCINATION_WEEKLY, SUNDAY, narrative=words)
    then = ward.clock()
    ward.clock.forward(days=2)
    ward.vaccinated(ward.door("9 Lê Lợi", area=TWO)[0], *BASIC, ("2022-09-30", "booster"))
    assert said(ward.report(as_of=then), ADULT)[TWO] == [2, 0, 1]
    assert said(ward.report(), ADULT)[TWO] == [3, 1, 2]


def test_the_form_has_the_columns_of_5_10_a_decimal_comma_and_names_nobody(ward: Ward) -> None:
    words = {name: f"lời {name.partition('@')[0]}" for name in ward.report().wanted}
    file_report(ward.store, "lan", VACCINATION_WEEKLY, SUNDAY, narrative=words)
    found = ward.report()
    body = write_report(ward.workspace, found, found.filed, "csv").decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(body))
    assert head == [
        *("Đơn vị", "Đối tượng", "Số phải tiêm", "Đã tiêm trong tuần", "Lũy kế", "Tỷ lệ", "Chỉ tiêu"),
        *("Nguyên nhân thấp", "Giải pháp"),
    ]
    assert ["2", "0", "1", "50,0 % (THẤP)", "≥ 75 %"] in [row[2:7] for row in rows if row[0] == "Khu phố 2"]
    assert [row[7:] for row in rows if row[7]] == [["lời cause", "lời solution"]]
    assert rows[-1][0] == "Toàn xã"
    paper = pypdf.PdfReader(io.BytesIO(write_report(ward.workspace, found, found.filed, "pdf")))
    text = " ".join(" ".join(page.extract_text() for page in paper.pages).split())
    assert "BÁO CÁO TIÊM CHỦNG TUẦN Từ 26/09/2022 đến 02/10/2022" in text
    assert "Nguyễn Văn Tám" not in text + body


def test_units_stand_in_the_order_of_their_numbers(ward: Ward) -> None:
    with ward.store.write() as c:
        c.execute("UPDATE area SET unit_name = 'Khu phố 10' WHERE id = ?", (ONE,))
    units = [one.unit for one in ward.report().figures if one.name == f"{ADULT}:due"]
    assert units == [None, TWO, ONE]
