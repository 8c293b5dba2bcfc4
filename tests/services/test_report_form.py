"""Blocks 2 to 7 of form 5.9 and the longer reports, every figure worked out by hand here.

22/11/2026, 09:00: at 1 Lê Lợi Đức coughs and is tested negative, Hoa is well; at 2 Lê Lợi Thủy has a fever, Minh came
from Đà Nẵng. Đức is an F1 of Hằng's, his test therefore one of an F1; Thủy's positive test of 10:00 is one for fever;
Minh's of 11:00 has no reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sweep_ward import FIRST, NEGATIVE, POSITIVE, TWO, SweepWard

from tui_app.clock import today
from tui_app.records.visits import Symptom, TestMethod
from tui_app.services.cases import cases, contacts, observing
from tui_app.services.cases.contacts import Meeting
from tui_app.services.cases.observing import Vitals
from tui_app.services.reports.catalogue import KINDS
from tui_app.services.reports.filing import Report, report
from tui_app.services.reports.shown import shown
from tui_app.services.reports.typing_in import type_in
from tui_app.services.visits import testing, visits


class Station(SweepWard):
    """A swept ward whose chief makes reports."""

    def at(self, day: int, hour: int) -> None:
        self.clock.now = datetime(2026, 11, day, hour - 7, tzinfo=UTC)

    def report(self, kind: str, day: date = FIRST) -> Report:
        with self.store.read() as c:
            return report(c, KINDS[kind], day, self.clock())

    def values(self, block: str, kind: str = "daily", day: date = FIRST) -> dict[str, Any]:
        """The figures of a block that are neither zero nor unknown, without the running total before."""
        found = self.report(kind, day).figures
        return {
            one.name.removeprefix(f"{block}_"): one.value
            for one in found
            if one.name.startswith(f"{block}_") and one.value and not one.name.endswith("before")
        }

    def case(self, person: str) -> str:
        day = today(self.clock)
        given = {"source": "screening", "started_on": day, "first_positive_on": day}
        return cases.open_case(self.store, "lan", person, **given).case

    def test(self, person: str, result: Any) -> str:
        return testing.record_test(self.store, "lan", person, TestMethod.ANTIGEN, result)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path / "one")
    yield made
    made.workspace.close()


def street(station: Station) -> dict[str, str]:
    """Who lives there, by given name."""
    one, (duc, hoa) = station.door("1 Lê Lợi", "Nguyễn Văn Đức", "Nguyễn Thị Hoa")
    two, (thuy, minh) = station.door("2 Lê Lợi", "Trần Thị Thủy", "Trần Văn Minh", area=TWO)
    _, (hang,) = station.door("3 Lê Lợi", "Lê Thị Hằng")
    station.start(epidemic_areas=("Đà Nẵng",))
    case = station.case(hang)
    contacts.add_person(station.store, "lan", case, duc, Meeting(last_met_on=FIRST))
    station.meet(one, signs={0: [Symptom.COUGH]})
    station.test(duc, NEGATIVE)
    sheet = station.sheet(two)
    ill = sheet.lines[[line.person for line in sheet.lines].index(thuy)].toggle(Symptom.FEVER)
    sheet = sheet.with_line(ill)
    came = sheet.lines[[line.person for line in sheet.lines].index(minh)]
    sheet = sheet.with_line(replace(came, travel=True, travel_from="Đà Nẵng"))
    visits.record_visit(station.store, "lan", sheet.rest_well())
    station.at(22, 10)
    station.test(thuy, POSITIVE)
    station.at(22, 11)
    station.test(minh, NEGATIVE)
    return {"duc": duc, "hoa": hoa, "thuy": thuy, "minh": minh, "hang": hang, "case": case, "two": two}


def test_what_was_said_at_doors_and_why_tests_were_made(station: Station) -> None:
    street(station)
    assert station.values("cough_fever") == {"new": 2, "tested": 2, "total": 2}
    assert station.values("returned") == {"new": 1, "total": 1}
    assert station.values("tests_f1") == {"new": 1, "negative": 1, "total": 1}
    assert station.values("tests_cough_fever") == {"new": 1, "positive": 1, "total": 1}
    assert station.values("tests_other") == {"new": 1, "negative": 1, "total": 1}
    assert station.report("daily").gaps == ()


def test_a_visit_taken_back_counts_no_more_but_did_then(station: Station) -> None:
    street(station)
    known = station.clock()
    station.at(22, 12)
    with station.store.read() as c:
        visit = c.execute("SELECT id FROM household_visit ORDER BY rowid DESC LIMIT 1").fetchone()[0]
    visits.withdraw_visit(station.store, "lan", visit)
    assert station.values("cough_fever") == {"new": 1, "tested": 1, "total": 1}
    assert station.values("returned") == {}
    with station.store.read() as c:
        then = report(c, KINDS["daily"], FIRST, station.clock(), as_of=known)
    assert next(one.value for one in then.figures if one.name == "cough_fever_new") == 2


def test_a_contact_the_rule_asks_no_watch_of_is_told_apart(station: Station) -> None:
    """Since CV 1909 of 15/04/2022 no contact is isolated (rules §2.11)."""
    who = street(station)
    contacts.add_person(station.store, "lan", who["case"], who["minh"], Meeting(last_met_on=FIRST, level=2))
    assert station.values("f1") == {"new": 1, "not_watched": 1, "total": 1}
    assert station.values("f2") == {"new": 1, "total": 1}


def test_a_person_positive_again_is_a_new_case_and_told_so(station: Station) -> None:
    who = street(station)
    cases.end_case(station.store, "lan", who["case"], "recovered", FIRST, "test âm tính")
    station.at(25, 9)
    station.case(who["hang"])
    found = station.values("f0", day=date(2026, 11, 25))
    assert found == {
        "new": 1, "treated": 1, "treated_home": 1, "recovered": 1, "total": 2, "repositive_new": 1, "repositive": 1,
    }  # fmt: skip


def test_where_a_patient_was_at_the_end_of_the_day(station: Station) -> None:
    """Sent to hospital on 24/11: at home in the report of the 23rd, whenever that is made."""
    who = street(station)
    station.at(24, 9)
    cases.set_place(station.store, "lan", who["case"], "hospital", date(2026, 11, 24))
    assert station.values("f0", day=date(2026, 11, 23)) == {"treated": 1, "treated_home": 1, "total": 1}
    assert station.values("f0", day=date(2026, 11, 24)) == {"treated": 1, "treated_hospital": 1, "total": 1}


def test_the_week_has_its_days_its_units_and_the_care_given(station: Station) -> None:
    """16–22/11: two cases, one in each unit; three readings of Hằng, the last with SpO2 90: a danger sign."""
    who = street(station)
    died = station.case(who["minh"])
    for spo2 in (98, 97, 90):
        vitals = Vitals(spo2=spo2, temperature_c=37.0, respiratory_rate=18)
        observing.record_vitals(station.store, "lan", who["case"], vitals)
    cases.end_case(station.store, "lan", died, "died", FIRST)
    station.at(24, 9)
    station.case(who["thuy"])
    found = station.report("weekly")
    assert (found.period.first, found.period.last) == (date(2026, 11, 16), FIRST)
    said = {(one.name, (one.detail or {}).get("unit_name")): one.value for one in found.figures}
    assert (said["f0_new", None], said["f0_treated", None], said["f0_died_new", None]) == (2, 1, 1)
    assert (said["unit_new", "Khu phố 1"], said["unit_new", "Khu phố 2"]) == (1, 1)
    assert (said["unit_died", "Khu phố 1"], said["unit_died", "Khu phố 2"]) == (0, 1)
    assert (said["care_readings", None], said["care_patients", None]) == (3, 1)
    assert (said["care_alerts", None], said["care_unanswered", None]) == (1, 1)
    assert found.gaps == ()
    half = station.report("periodic", date(2026, 11, 24))
    assert (half.period.first, half.period.last) == (date(2026, 11, 16), date(2026, 11, 30))
    assert next(one.value for one in half.figures if one.name == "f0_new") == 3


def test_a_total_that_is_off_twice_shows_the_larger_gap_beside_it(station: Station) -> None:
    """Gia Lộc's page (rules §5) breaks one sum by 1; here 500 + 3 miss 581 by 78, 553 + 27 by 1."""
    typed = {"before": "553", "new": "27", "watched": "500", "completed": "3", "total": "581"}
    names = {f"returned_{name}": value for name, value in typed.items()}
    type_in(station.store, "lan", KINDS["daily"], FIRST, names, "Công an phường")
    made = shown(station.report("daily"))
    assert made.off == {"returned_total": -78}
    assert [line.split(":")[0] for line in made.gaps] == ["lệch 78 ca", "lệch 1 ca"]
