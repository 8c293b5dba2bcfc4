"""The daily report by form 5.9 (rules §5), its running totals and versions; every figure worked out by hand here.

20/02/2022, the station's first day: Hằng and Bình positive, Hằng's mother noted as F1 (QĐ 11042 has her watched).
21/02: Cúc positive, Hằng recovered. Later it turns out that Dũng was positive on 20/02.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from care_ward import DAY, CareWard

from sync import outbox
from sync.protocol import Row
from tui_app.clock import to_wire
from tui_app.errors import InvalidFields, NotOpened
from tui_app.services.cases import cases, contacts
from tui_app.services.cases.contacts import Meeting
from tui_app.services.reports.catalogue import KINDS
from tui_app.services.reports.filed import changes, filed
from tui_app.services.reports.filing import NothingNew, Report, file_report, report
from tui_app.services.station import station_values
from tui_app.store.rows import RecordRows

DAILY = KINDS["daily"]
NEXT = date(2022, 2, 21)


class Station(CareWard):
    """A ward whose chief makes daily reports."""

    def report(self, day: date, **more: Any) -> Report:
        with self.store.read() as c:
            return report(c, DAILY, day, self.now, **more)

    def values(self, day: date, *names: str, **more: Any) -> list[Any]:
        found = {one.name: one.value for one in self.report(day, **more).figures}
        return [found[name] for name in names]

    def file(self, day: date, reason: str = "") -> str:
        return file_report(self.store, self.who, DAILY, day, reason=reason)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Station]:
    made = Station(tmp_path / "one")
    yield made
    made.close()


def first_day(station: Station) -> tuple[str, str]:
    """Two cases, of whom one lives with an F1."""
    hang = station.case()
    binh = station.case(station.person("Nguyễn Văn Bình"))
    mother = station.person("Trần Thị Lan")
    contacts.add_person(station.store, station.who, hang, mother, Meeting(last_met_on=DAY))
    return hang, binh


F0 = ("f0_before", "f0_new", "f0_treated", "f0_recovered", "f0_total")


def test_a_day_is_counted_by_the_form(station: Station) -> None:
    first_day(station)
    station.at(DAY, 18)
    assert station.values(DAY, *F0) == [0, 2, 2, 0, 2]
    assert station.values(DAY, "f1_before", "f1_new", "f1_watched", "f1_completed", "f1_total") == [
        0,
        1,
        1,
        0,
        1,
    ]
    assert station.report(DAY).gaps == ()


def test_what_the_records_cannot_tell_has_no_value_until_somebody_types_it_in(station: Station) -> None:
    station.at(DAY, 18)
    names = ("entered_new", "quarantine_total", "tests_f1_waiting", "f2_watched", "returned_new")
    assert station.values(DAY, *names) == [None] * 5
    station_values.keep_value(station.store, station.who, "daily.entered_new", "2", DAY, "đồn biên phòng")
    found = next(one for one in station.report(DAY).figures if one.name == "entered_new")
    assert (found.value, found.detail) == (2, {"typed_in": "đồn biên phòng"})


def test_the_next_days_opening_is_the_last_versions_closing_and_a_gap_is_told(station: Station) -> None:
    hang, _ = first_day(station)
    station.at(DAY, 18)
    first = station.file(DAY)
    station.at(NEXT, 9)
    station.case(station.person("Lê Thị Cúc"))
    cases.end_case(station.store, station.who, hang, "recovered", NEXT, "test âm tính")
    assert station.values(NEXT, *F0) == [2, 1, 2, 1, 3]
    opening = next(one for one in station.report(NEXT).figures if one.name == "f0_before")
    assert opening.detail == {"report": first, "version": 1}
    assert station.report(NEXT).gaps == ()
    # Dũng's test of the day before comes in: 2 + 1 is not 4, until the day before is filed again
    station.at(NEXT, 17)
    dung = station.case(station.person("Phạm Văn Dũng"), first_positive_on=DAY, started_on=DAY)
    assert station.values(NEXT, *F0) == [2, 1, 3, 1, 4]
    (gap,) = station.report(NEXT).gaps
    assert (gap.total, gap.value, gap.parts, gap.of_parts, gap.off) == (
        "f0_total", 4, ("f0_before", "f0_new"), 3, -1,
    )  # fmt: skip
    before = {one.name: (one.was, one.now, one.gained) for one in station.report(DAY).since}
    assert before["f0_new"] == (2, 3, (dung,))
    assert before["f0_total"] == (2, 3, (dung,))
    # Hằng was under treatment at the end of the day, whatever happened to her on the next
    assert before["f0_treated"] == (2, 3, (dung,))
    second = station.file(DAY, "phiếu xét nghiệm của Dũng đến muộn")
    assert station.values(NEXT, *F0) == [3, 1, 3, 1, 4]
    assert station.report(NEXT).gaps == ()
    with station.store.read() as c:
        versions = filed(c, "daily", "", DAY)
    assert [(one.id, one.version, one.supersedes) for one in versions] == [(second, 2, first), (first, 1, "")]
    assert {one.name for one in changes(versions, versions[0])} == {
        "f0_new", "f0_treated", "f0_treated_home", "f0_total",
    }  # fmt: skip
    assert [one.figure("f0_total").value for one in versions] == [3, 2]  # type: ignore[union-attr]


def test_a_new_version_needs_a_reason_and_something_new(station: Station) -> None:
    first_day(station)
    station.file(DAY)
    with pytest.raises(NothingNew):
        station.file(DAY, "lại")
    station.case(station.person("Lê Thị Cúc"))
    with pytest.raises(InvalidFields):
        station.file(DAY)
    with pytest.raises(InvalidFields, match="chưa bắt đầu"):
        station.file(NEXT)


def test_any_day_again_as_it_was_known(station: Station) -> None:
    hang, _ = first_day(station)
    known = station.at(DAY, 18)
    station.at(NEXT, 9)
    cases.end_case(station.store, station.who, hang, "recovered", DAY, "khỏi từ hôm qua")
    station.case(station.person("Phạm Văn Dũng"), first_positive_on=DAY, started_on=DAY)
    assert station.values(DAY, *F0) == [0, 3, 2, 1, 3]
    assert station.values(DAY, *F0, as_of=known) == [0, 2, 2, 0, 2]
    station.file(DAY)
    assert station.report(DAY, as_of=known).versions == ()


def test_an_end_without_an_outcome_is_a_gap(station: Station) -> None:
    """As a row of another laptop or an older list may bring it: neither under treatment nor anything else."""
    hang, _ = first_day(station)
    with station.store.work("minh") as work:
        work.change("case", hang, {"ended_on": DAY})
    (gap,) = station.report(DAY).gaps
    assert (gap.total, gap.value, gap.of_parts) == ("f0_total", 2, 1)


def test_a_day_cut_off_at_16_holds_the_evening_before(station: Station) -> None:
    """Tested at 17:00 on 20/02: of the report of 20/02 by calendar days, of 21/02 by days cut off at 16:00 (§1.5)."""
    station.at(DAY, 17)
    person = station.person()
    station.test(person, "positive", DAY)
    test = station.rows("test_result")[0].id
    with station.store.write() as c:
        c.execute("UPDATE test_result SET at = '2022-02-20T10:00:00.000Z' WHERE id = ?", (test,))
    cases.open_case(station.store, station.who, person, source="positive_test", started_on=DAY)
    assert station.values(DAY, "f0_new", "tests_other_new") == [1, 1]
    station_values.keep_value(station.store, station.who, "cut_off", "16:00", DAY)
    assert station.values(DAY, "f0_new", "tests_other_new") == [0, 0]
    station.at(NEXT, 9)
    assert station.values(NEXT, "f0_before", "f0_new", "tests_other_new", "tests_other_positive") == [
        0,
        1,
        1,
        1,
    ]
    found = station.report(NEXT)
    assert (found.period.begins.isoformat(), found.period.ends.isoformat()) == (
        "2022-02-20T16:00:00+07:00",
        "2022-02-21T16:00:00+07:00",
    )
    assert [(one.name, one.value) for one in found.conventions] == [("cut_off", "16:00")]


def test_what_is_filed_keeps_the_rules_the_choices_and_the_ids(station: Station) -> None:
    hang, binh = first_day(station)
    station.at(DAY, 18)
    station.file(DAY)
    (row,) = station.rows("report")
    body = row.body
    assert {"name": "f0_new", "ids": sorted((hang, binh))} in body["counted"]
    assert {"name": "f0_new", "value": 2, "kind": "case"} in body["figures"]
    assert "house-daily-report" in body["rules"]
    assert body["conventions"] == [{"name": "cut_off", "value": "00:00"}]
    assert (body["known_at"], body["due_at"]) == ("2022-02-20T11:00:00.000Z", "2022-02-21T03:00:00.000Z")


def test_only_the_chief_files_and_a_viewer_sees_nothing(station: Station) -> None:
    station.store.role = "member"
    assert station.values(DAY, "f0_new") == [0]
    with pytest.raises(NotOpened):
        station.file(DAY)
    station.store.role = "viewer"
    with pytest.raises(NotOpened):
        station.report(DAY)


def test_what_another_laptop_wrote_is_known_once_it_has_come_here(station: Station) -> None:
    """Written on 20/02 at 10:00 on another laptop, come here on 21/02 at 08:00: not known on the evening before."""
    first_day(station)
    evening = station.at(DAY, 18)
    place = station.rows("area", "id = 'area-01'")[0]
    theirs = {"commune": place.commune, "area": place.area, "who": "minh", "device": "theirs"}
    at = "2022-02-20T03:00:00.000Z"
    came = [
        Row(
            type="test_result", id="their-test", seq=12, at=at, **theirs,
            body={"person": station.person("Lê Thị Cúc"), "at": at, "result": "negative"},
        ),
        Row(
            type="case", id="their-case", seq=13, at=at, **theirs,
            body={"person": station.person("Đỗ Văn Em"), "source": "screening", "place": "home"}
            | {"started_on": "2022-02-20", "first_positive_on": "2022-02-20"},
        ),
        Row(
            type="case_event", id="their-event", seq=14, at=at, **theirs,
            body={"case": "their-case", "event": "opened", "at": at, "became": "home"},
        ),
    ]  # fmt: skip
    with station.store.write() as c:
        outbox.set_cursor(c, place.area, "g", 11, "2022-02-20T02:00:00.000Z")
    assert station.values(DAY, "f0_new", "tests_other_new") == [2, 0]
    station.at(NEXT, 8)
    with station.store.write() as c:
        outbox.apply(c, RecordRows(), came)
        outbox.set_cursor(c, place.area, "g", 14, to_wire(station.now))
    assert station.values(DAY, "f0_new", "tests_other_new") == [3, 1]
    assert station.values(DAY, "f0_new", "tests_other_new", as_of=evening) == [2, 0]
    station.at(NEXT, 9)
    assert station.values(DAY, "f0_new", as_of=station.now) == [3]


def test_contacts_are_watched_completed_or_became_cases(station: Station) -> None:
    """CV 10696: 7 days at home and 7 of watching oneself after the last contact on 20/02: to 06/03, over on 07/03."""
    hang, _ = first_day(station)
    cousin = station.person("Trần Văn Cả")
    meeting = Meeting(last_met_on=DAY, protected=True)
    noted = contacts.add_person(station.store, station.who, hang, cousin, meeting)
    f1 = ("f1_new", "f1_watched", "f1_completed", "f1_became_case", "f1_total")
    assert station.values(DAY, *f1) == [2, 2, 0, 0, 2]
    known = station.at(NEXT, 8)
    station.at(NEXT, 9)
    contacts.becomes_case(station.store, station.who, noted, started_on=NEXT, first_positive_on=NEXT)
    assert station.values(NEXT, *f1) == [0, 1, 0, 1, 2]
    assert station.values(DAY, *f1) == [2, 2, 0, 0, 2]
    assert station.values(NEXT, "f1_total", "f0_new", as_of=known) == [2, 0]
    station.at(date(2022, 3, 7), 9)
    assert station.values(date(2022, 3, 6), *f1) == [0, 1, 0, 1, 2]
    assert station.values(date(2022, 3, 7), *f1) == [0, 0, 1, 1, 2]
