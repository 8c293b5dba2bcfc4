"""Six numbers, yesterday's and fourteen days', worked out by hand for a small ward; who may see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync.protocol import Laptop, Scope
from tests.services.care_ward import DAY, WELL, CareWard
from tui_app.clock import to_wire
from tui_app.errors import NotOpened
from tui_app.records.campaigns import Task
from tui_app.records.visits import VisitOutcome
from tui_app.services.cases import alerts, cases
from tui_app.services.cases.board import Standing, counts
from tui_app.services.command import laptops
from tui_app.services.command.numbers import DAYS, Number, Overview, overview
from tui_app.services.exchange import journals, link
from tui_app.services.reports import periods
from tui_app.services.reports.cases import counted_cases
from tui_app.services.risk import assignments
from tui_app.services.station import facts, station_values
from tui_app.services.visits import visits

NEXT = DAY + timedelta(days=1)
LATE = frozenset({Standing.OVERDUE, Standing.MISSING})


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    yield made
    made.close()


def seen(ward: CareWard, on: date | None = None) -> Overview:
    with ward.store.read() as c:
        return overview(c, ward.now, on)


def number(ward: CareWard, name: str, on: date | None = None) -> Number:
    return seen(ward, on).number(name)


def test_new_cases_and_those_followed_with_yesterday_and_fourteen_days(ward: CareWard) -> None:
    first = ward.case()
    ward.at(NEXT, 9)
    second, third = ward.case(ward.person("Phạm Văn Tí")), ward.case(ward.person("Trần Văn Ba"))
    cases.set_place(ward.store, "lan", third, "hospital", NEXT)
    new, followed = number(ward, "new"), number(ward, "followed")
    assert (new.value, new.yesterday, set(new.ids)) == (2, 1, {second, third})
    assert new.line == (*(0,) * 12, 1, 2)
    assert (followed.value, followed.yesterday, set(followed.ids)) == (2, 1, {first, second})
    assert len(followed.line) == DAYS
    assert number(ward, "new", DAY).ids == (first,)
    cases.end_case(ward.store, "lan", first, "died", NEXT)
    assert number(ward, "followed").value == 1
    assert number(ward, "followed").yesterday == 1


@pytest.mark.parametrize("cut_off", ["00:00", "16:00"])
def test_new_cases_are_those_of_the_daily_report(ward: CareWard, cut_off: str) -> None:
    ward.at(DAY, 7)
    station_values.keep_value(ward.store, "lan", station_values.CUT_OFF, cut_off)
    for name, hour in (("Sáng", 9), ("Chiều", 17)):  # tested in the morning, and after 16:00
        person = ward.person(name)
        ward.at(DAY, hour)
        ward._create("test_result", person=person, at=ward.now, method="antigen", result="positive")
        ward.case(person, source="positive_test")
    ward.at(NEXT, 10)
    late = {"00:00": 0, "16:00": 1}[cut_off]
    assert (number(ward, "new").value, number(ward, "new").yesterday) == (late, 2 - late)
    with ward.store.read() as c:
        chosen = {station_values.CUT_OFF: cut_off}
        counted = counted_cases(c, periods.day_period(NEXT, chosen), ward.now, chosen)
    assert [one.on for one in counted].count(NEXT.isoformat()) == late


def test_a_mistaken_case_never_was_one(ward: CareWard) -> None:
    case = ward.case()
    cases.end_case(ward.store, "lan", case, "mistaken", DAY, "test sai")
    assert (number(ward, "new").value, number(ward, "followed").value) == (0, 0)


def test_a_danger_sign_counts_until_somebody_answers_it(ward: CareWard) -> None:
    # SpO2 ≤ 96 is a danger sign of QĐ 261 (rules §2.5)
    case = ward.case()
    found = ward.measure(case, replace(WELL, spo2=93))
    assert (number(ward, "danger").value, number(ward, "danger").ids) == (1, (case,))
    ward.at(NEXT, 7)
    assert (number(ward, "danger").value, number(ward, "danger").yesterday) == (1, 1)
    assert found.alert is not None
    alerts.tell(ward.store, "lan", found.alert, "BS Minh")
    assert (number(ward, "danger").value, number(ward, "danger").yesterday) == (0, 1)


@pytest.mark.parametrize(("hour", "late"), [(8, 0), (10, 0), (11, 2), (13, 1), (19, 2), (23, 2)])
def test_the_half_days_that_are_late_are_those_of_the_board(ward: CareWard, hour: int, late: int) -> None:
    # house set: overdue from 11:00, the afternoon (from 12:00) from 19:00; one of two is measured at 11:30
    one = ward.case()
    ward.case(ward.person("Phạm Văn Tí"))
    if hour > 12:
        ward.at(DAY, 11, 30)
        ward.measure(one)
    ward.at(DAY, hour)
    on_board = counts(replace(line, standing=line.round) for line in ward.board())
    assert sum(on_board[standing] for standing in LATE) == late
    assert number(ward, "overdue").value == late


def test_a_sheet_typed_the_next_morning_counts_for_yesterday(ward: CareWard) -> None:
    case = ward.case()
    ward.measure(case)
    ward.at(NEXT, 7)
    assert number(ward, "overdue").yesterday == 1
    ward.measure(case, slot=(DAY, "pm"))
    assert number(ward, "overdue").yesterday == 0


def test_doors_given_out_and_gone_to(ward: CareWard) -> None:
    doors = [
        ward.door,
        ward._create("household", address="14 Lê Lợi"),
        ward._create("household", address="16"),
    ]
    people = [ward._create("person", full_name=f"Người {n}", household=door) for n, door in enumerate(doors)]
    assert number(ward, "households").value is None
    assignments.assign(ward.store, "lan", people[:2], Task.VISIT, assigned_to="Tổ 3")
    assignments.assign(ward.store, "lan", people[2:], Task.MEASURE)
    visits.record_outcome(ward.store, "minh", doors[0], VisitOutcome.REFUSED)
    visits.record_outcome(ward.store, "minh", doors[1], VisitOutcome.ABSENT)
    found = number(ward, "households")
    assert (found.value, found.of, found.ids) == (1, 2, (doors[1],))
    ward.at(NEXT, 8)
    found = number(ward, "households")
    assert (found.value, found.of, found.yesterday, found.of_yesterday) == (None, None, 1, 2)


def scope(moment: datetime, *told: Laptop) -> Scope:
    return Scope(
        device="own", user="lan", role="chief", epoch=1, lease_days=14, areas=[], now=to_wire(moment),
        laptops=list(told),
    )  # fmt: skip


def machine(device: str, waiting: int | None, **more: Any) -> Laptop:
    given: dict[str, Any] = {"user": device, "role": "member", "seen": "2022-02-20T00:00:00.000Z"}
    return Laptop(device=device, waiting=waiting, **given | more)


def test_unsent_by_laptop_as_it_was_told_and_of_this_one_as_it_is(ward: CareWard) -> None:
    with ward.store.write() as c:
        facts.put(c, facts.DEVICE, "own")
        own = journals.waiting(c)[0]
        link.scope_met(
            c, scope(ward.now, machine("own", 0), machine("minh", 7, areas=["area-01"]), machine("ba", 2))
        )
    found = seen(ward)
    assert [(line.user, line.unsent, line.units, line.own) for line in found.fleet.lines] == [
        ("minh", 7, ("Khu phố 1",), False),
        ("ba", 2, (), False),
        ("own", own, (), True),
    ]
    assert found.number("unsent").value == 9 + own
    ward.at(NEXT, 8)
    with ward.store.write() as c:
        link.scope_met(c, scope(ward.now, machine("own", 0), machine("minh", None)))
    unsent = number(ward, "unsent")
    assert (unsent.value, unsent.yesterday) == (None, 9 + own)  # one laptop never said: not 0


def test_a_laptop_that_met_no_server_knows_itself_only(ward: CareWard) -> None:
    with ward.store.read() as c:
        found = laptops.fleet(c)
    assert found.told, "it works alone"
    assert [line.own for line in found.lines] == [True]
    assert found.lines[0].unsent == found.unsent


def test_a_server_that_tells_no_laptops_leaves_what_is_unsent_unknown(ward: CareWard) -> None:
    with ward.store.write() as c:
        facts.put(c, facts.SERVER, "http://server")
        link.scope_met(c, Scope(device="own", user="lan", role="chief", epoch=1, lease_days=14, areas=[]))
    assert not seen(ward).fleet.told
    assert number(ward, "unsent").value is None


def test_only_the_chief_sees_them(ward: CareWard) -> None:
    ward.store.role = "member"
    with pytest.raises(NotOpened):
        seen(ward)
