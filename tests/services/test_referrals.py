"""Referrals: made from what was measured, answering an alert, acknowledged, withdrawn; nobody is moved by a machine."""

from __future__ import annotations

from datetime import date

import pytest

from tests.services.door_to_door import WHO, rows
from tests.services.patients import Home, at, home, reading, week
from tui_app.errors import InvalidFields, UserError
from tui_app.services.care.refusals import CaseClosed
from tui_app.services.care.vitals import Vitals
from tui_app.services.cases.cases import end_case, set_place
from tui_app.services.cases.observing import amend_vitals
from tui_app.services.treatment import referrals
from tui_app.services.treatment.referral_slip import Slip, slip
from tui_app.services.treatment.referrals import Sending
from tui_app.store.engine import Store

HOSPITAL = Sending(reason="SpO2 giảm", sent_to="Bệnh viện Quận 11")


@pytest.fixture
def patient(store: Store) -> Home:
    made = home(store)
    week(store, made.case)
    at(store, 2, 18)
    return made


def slip_of(store: Store, referral: str) -> Slip:
    with store.read() as c:
        return slip(c, referral)


def alert_of(store: Store, case: str) -> str:
    found = rows(store, 'SELECT id FROM alert WHERE "case" = ? ORDER BY at DESC', case)
    return str(found[0]["id"])


def state(store: Store, alert: str) -> tuple[str, str | None]:
    (found,) = rows(store, "SELECT state, referral FROM alert WHERE id = ?", alert)
    return found["state"], found["referral"]


def test_each_vital_sign_is_the_last_measured_one_with_its_own_time(store: Store, patient: Home) -> None:
    told = slip_of(store, referrals.make(store, WHO, patient.case, HOSPITAL))
    # UTC on the wire: 17:00 in Viet Nam is 10:00
    assert {one.field: (one.value, one.at[:16]) for one in told.vitals} == {
        "temperature_c": (38.0, "2022-03-16T01:00"),
        "pulse": (101, "2022-03-17T01:00"),
        "respiratory_rate": (24, "2022-03-17T10:00"),
        "spo2": (94, "2022-03-17T10:00"),
        "spo2_repeat": (93, "2022-03-17T10:00"),
        "systolic_bp": (128, "2022-03-15T09:00"),
        "diastolic_bp": (82, "2022-03-15T09:00"),
    }
    assert told.day == 2


def test_what_was_never_measured_is_not_there(store: Store) -> None:
    made = home(store)
    reading(store, made.case, 0, 10, spo2=97)
    told = slip_of(store, referrals.make(store, WHO, made.case, HOSPITAL))
    assert [one.field for one in told.vitals] == ["spo2"]


def test_a_second_spo2_goes_with_the_first_of_its_reading(store: Store, patient: Home) -> None:
    reading(store, patient.case, 3, 8, spo2=95)
    told = slip_of(store, referrals.make(store, WHO, patient.case, HOSPITAL))
    assert "spo2_repeat" not in {one.field for one in told.vitals}


def test_a_corrected_reading_counts_as_it_was_corrected(store: Store, patient: Home) -> None:
    wrong = reading(store, patient.case, 3, 8, temperature_c=41.0)
    amend_vitals(store, WHO, wrong, Vitals(temperature_c=37.0), "ghi nhầm")
    told = slip_of(store, referrals.make(store, WHO, patient.case, HOSPITAL))
    assert {one.field: one.value for one in told.vitals}["temperature_c"] == 37.0


def test_a_reading_after_the_referral_is_not_on_its_slip(store: Store, patient: Home) -> None:
    made = referrals.make(store, WHO, patient.case, HOSPITAL)
    reading(store, patient.case, 3, 8, spo2=88)
    assert {one.field: one.value for one in slip_of(store, made).vitals}["spo2"] == 94


def test_the_findings_of_the_last_reading_go_along(store: Store, patient: Home) -> None:
    told = slip_of(store, referrals.make(store, WHO, patient.case, HOSPITAL))
    assert {one.kind for one in told.findings} >= {"danger_sign", "severity"}
    assert all(one.rule_set and one.limit for one in told.findings)


def test_restricted_conditions_do_not_go_along(store: Store, patient: Home) -> None:
    told = slip_of(store, referrals.make(store, WHO, patient.case, HOSPITAL))
    assert told.conditions == ("diabetes", "hypertension")


def test_it_answers_the_alert_it_comes_from_and_moves_nobody(store: Store, patient: Home) -> None:
    alert = alert_of(store, patient.case)
    made = referrals.make(store, WHO, patient.case, Sending(reason="x", sent_to="BV", alert=alert))
    assert state(store, alert) == ("referred", made)
    assert rows(store, 'SELECT place FROM "case"') == [{"place": "home"}]


def test_an_alert_of_somebody_else_is_refused_and_nothing_is_saved(store: Store, patient: Home) -> None:
    other = home(store)
    at(store, 2, 18)
    with pytest.raises(UserError):
        referrals.make(
            store, WHO, other.case, Sending(reason="x", sent_to="BV", alert=alert_of(store, patient.case))
        )
    assert rows(store, "SELECT id FROM referral") == []


@pytest.mark.parametrize(("reason", "sent_to"), [("", "BV"), ("nặng", " ")])
def test_it_needs_a_reason_and_a_place(store: Store, patient: Home, reason: str, sent_to: str) -> None:
    with pytest.raises(InvalidFields):
        referrals.make(store, WHO, patient.case, Sending(reason=reason, sent_to=sent_to))


def test_arrival_is_noted_and_only_a_person_says_that_care_goes_on_in_hospital(
    store: Store, patient: Home
) -> None:
    made = referrals.make(store, WHO, patient.case, HOSPITAL)
    at(store, 2, 20)
    referrals.acknowledge(store, WHO, made, "BS Minh, cấp cứu")
    (row,) = rows(store, "SELECT acknowledged_at, acknowledged_by FROM referral")
    assert row == {"acknowledged_at": "2022-03-17T13:00:00.000Z", "acknowledged_by": "BS Minh, cấp cứu"}
    assert rows(store, 'SELECT place FROM "case"') == [{"place": "home"}]
    referrals.acknowledge(store, WHO, made, "BS Minh, cấp cứu", admitted=True)
    assert rows(store, 'SELECT place FROM "case"') == [{"place": "hospital"}]


def test_who_is_in_hospital_already_is_only_noted_as_arrived(store: Store, patient: Home) -> None:
    made = referrals.make(store, WHO, patient.case, HOSPITAL)
    set_place(store, WHO, patient.case, "hospital", date(2022, 3, 17))
    referrals.acknowledge(store, WHO, made, "BS Minh", admitted=True)
    assert rows(store, "SELECT acknowledged_by FROM referral") == [{"acknowledged_by": "BS Minh"}]


def test_an_admission_of_a_case_that_ended_is_refused_whole(store: Store, patient: Home) -> None:
    made = referrals.make(store, WHO, patient.case, HOSPITAL)
    end_case(store, WHO, patient.case, "moved_out", date(2022, 3, 17), reason="về quê")
    with pytest.raises(CaseClosed):
        referrals.acknowledge(store, WHO, made, "BS Minh", admitted=True)
    assert rows(store, "SELECT acknowledged_by FROM referral") == [{"acknowledged_by": None}]


def test_withdrawn_with_a_reason_its_alert_is_open_again(store: Store, patient: Home) -> None:
    alert = alert_of(store, patient.case)
    made = referrals.make(store, WHO, patient.case, Sending(reason="x", sent_to="BV", alert=alert))
    with pytest.raises(InvalidFields):
        referrals.withdraw(store, WHO, made, "")
    referrals.withdraw(store, WHO, made, "người bệnh từ chối")
    assert state(store, alert) == ("open", None)
    with store.read() as c:
        (line,) = referrals.referrals(c, patient.case)
        assert referrals.referrals(c, waiting=True) == []
    assert line.withdrawn
    with pytest.raises(UserError):
        slip_of(store, made)


def test_who_arrived_cannot_be_called_back(store: Store, patient: Home) -> None:
    made = referrals.make(store, WHO, patient.case, HOSPITAL)
    referrals.acknowledge(store, WHO, made, "BS Minh")
    with pytest.raises(UserError):
        referrals.withdraw(store, WHO, made, "nhầm")
