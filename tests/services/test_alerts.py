"""Alerts wait for a person: a later normal value, an ended case or a correction never answers one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.services.care_ward import DAY, WELL, CareWard
from tui_app.errors import InvalidFields, NotFound, NotOpened
from tui_app.services.care.event_words import change_words
from tui_app.services.care.refusals import AlertAnswered
from tui_app.services.cases import alerts, cases
from tui_app.services.cases.alerts import AlertLine
from tui_app.services.cases.observing import Vitals
from tui_app.store.engine import VIEWER


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    yield made
    made.close()


def listed(ward: CareWard, *, answered: bool = False) -> list[AlertLine]:
    with ward.store.read() as c:
        return alerts.open_alerts(c, ward.now, answered=answered)


def alarmed(ward: CareWard, name: str = "Lê Thị Hằng") -> tuple[str, str]:
    """A case and its open alert."""
    case = ward.case(ward.person(name))
    alert = ward.measure(case, Vitals(spo2=90, temperature_c=38.5)).alert
    assert alert is not None
    return case, alert


def test_an_alert_says_who_what_and_by_which_rule(ward: CareWard) -> None:
    case, alert = alarmed(ward)
    (line,) = listed(ward)
    assert (line.id, line.case, line.full_name, line.state, line.late) == (
        alert,
        case,
        "Lê Thị Hằng",
        "open",
        False,
    )
    assert [(found.rule_set, found.rule, found.value) for found in line.findings] == [("qd-261", "spo2", 90)]
    assert line.vitals == {"spo2": 90, "temperature_c": 38.5}
    assert line.phone == "•••••••••001"


def test_a_later_normal_value_closes_nothing(ward: CareWard) -> None:
    case, alert = alarmed(ward)
    ward.at(DAY, 15)
    ward.measure(case, WELL)
    assert [line.id for line in listed(ward)] == [alert]


def test_each_dangerous_reading_opens_one_alert(ward: CareWard) -> None:
    case, first = alarmed(ward)
    ward.at(DAY, 8, 1)
    second = ward.measure(case, Vitals(spo2=89)).alert
    assert [line.id for line in listed(ward)] == [first, second]


def test_an_alert_is_late_after_thirty_minutes_and_then_stands_first(ward: CareWard) -> None:
    _, old = alarmed(ward)
    opened = ward.now
    ward.at(DAY, 8, 29)
    assert not listed(ward)[0].late
    _, new = alarmed(ward, "Phạm Văn Tí")
    ward.at(DAY, 8, 30)
    assert ward.now - opened == timedelta(minutes=30)
    assert [(line.id, line.late) for line in listed(ward)] == [(old, True), (new, False)]


def test_telling_somebody_answers_it(ward: CareWard) -> None:
    _, alert = alarmed(ward)
    ward.at(DAY, 9)
    alerts.tell(ward.store, "minh", alert, "BS. Nguyễn Văn Đức", "đang tới")
    row = ward.row("alert", alert)
    assert (row.body["state"], row.body["told_to"], row.body["answered_by"]) == (
        "told",
        "BS. Nguyễn Văn Đức",
        "minh",
    )
    assert row.body["answered_at"] == "2022-02-20T02:00:00.000Z"
    assert listed(ward) == []
    assert [(line.state, line.late) for line in listed(ward, answered=True)] == [("told", False)]


def test_whom_it_was_told_to_and_why_it_is_closed_are_asked_for(ward: CareWard) -> None:
    _, alert = alarmed(ward)
    with pytest.raises(InvalidFields):
        alerts.tell(ward.store, ward.who, alert, " ")
    with pytest.raises(InvalidFields):
        alerts.close(ward.store, ward.who, alert, "")
    assert ward.row("alert", alert).body["state"] == "open"


def test_a_referral_that_is_not_there_answers_nothing(ward: CareWard) -> None:
    case, alert = alarmed(ward)
    with pytest.raises(NotFound):
        alerts.refer(ward.store, ward.who, alert, "0190-nothing")
    with ward.store.work(ward.who) as work:
        place = work.get("case", case)
        fields = {
            "case": case,
            "person": place.body["person"],
            "at": ward.now,
            "reason": "SpO2 90",
            "sent_to": "BV",
        }
        referral = work.create("referral", fields, place=place)
    alerts.refer(ward.store, ward.who, alert, referral)
    assert ward.row("alert", alert).body["referral"] == referral
    assert ward.row("alert", alert).body["state"] == "referred"


def test_a_closed_alert_is_answered_no_more_and_its_first_answer_stays(ward: CareWard) -> None:
    _, alert = alarmed(ward)
    ward.at(DAY, 9)
    alerts.tell(ward.store, ward.who, alert, "trạm", "đã gọi")
    ward.at(DAY, 12)
    alerts.close(ward.store, ward.who, alert, "đã khám, ổn")
    body = ward.row("alert", alert).body
    assert (body["answered_at"], body["note"]) == ("2022-02-20T02:00:00.000Z", "đã gọi; đã khám, ổn")
    with pytest.raises(AlertAnswered):
        alerts.tell(ward.store, ward.who, alert, "trạm")
    assert listed(ward, answered=True) == []


def test_an_answer_taken_back_leaves_it_open_since_it_was_opened(ward: CareWard) -> None:
    _, alert = alarmed(ward)
    alerts.close(ward.store, ward.who, alert, "nhầm")
    ward.at(DAY, 9)
    alerts.take_back(ward.store, ward.who, alert)
    (line,) = listed(ward)
    assert (line.at, line.late, line.told_to, line.answered_at) == ("2022-02-20T01:00:00.000Z", True, "", "")


def test_the_board_of_before_knows_an_answer_that_was_taken_back_since(ward: CareWard) -> None:
    case, alert = alarmed(ward)
    ward.at(DAY, 8, 10)
    alerts.tell(ward.store, ward.who, alert, "trạm")
    told = ward.at(DAY, 8, 20)
    ward.at(DAY + timedelta(days=1), 9)
    alerts.take_back(ward.store, ward.who, alert, "không ai nghe máy")
    assert ward.line(case).alert == alert
    assert ward.line(case, as_of=told).alert is None
    assert ward.line(case, as_of=told - timedelta(minutes=11)).alert == alert, "before it was answered"
    (event,) = ward.rows("case_event", "event = 'alert_reopened'")
    assert change_words(event) == "đã trả lời lúc 20/02/2022 08:10"
    ward.at(DAY + timedelta(days=1), 10)
    alerts.close(ward.store, ward.who, alert, "đã khám")
    assert ward.line(case, as_of=told).alert is None
    assert ward.line(case, as_of=ward.now - timedelta(minutes=30)).alert == alert, "open again in between"
    alerts.take_back(ward.store, ward.who, alert)
    assert len(ward.rows("case_event", "event = 'alert_reopened'")) == 2


def test_alerts_of_an_ended_case_stay_listed(ward: CareWard) -> None:
    case, alert = alarmed(ward)
    cases.end_case(ward.store, ward.who, case, "hospital", DAY)
    assert [line.id for line in listed(ward)] == [alert]


def test_a_viewer_is_shown_none(ward: CareWard) -> None:
    _, alert = alarmed(ward)
    ward.store.role = VIEWER
    assert listed(ward) == []
    with ward.store.read() as c, pytest.raises(NotOpened):
        alerts.alert_line(c, alert, ward.now)
