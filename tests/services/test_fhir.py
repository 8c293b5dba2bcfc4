"""The FHIR bundle, read by an independent FHIR library (R4B, which these resources share with R4)."""

from __future__ import annotations

import io
import json
from collections import Counter
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from fhir.resources.R4B.bundle import Bundle

from tests.services.door_to_door import WHO, sheet_of
from tests.services.patients import FIRST, NATIONAL_ID, Home, at, home, reading, week
from tui_app.clock import from_wire
from tui_app.records.identity import IdentifierKind
from tui_app.records.vaccination import dose_id
from tui_app.services.cases import observing
from tui_app.services.lists import fhir
from tui_app.services.people import identity, people
from tui_app.services.visits import visits
from tui_app.store.engine import Store


@pytest.fixture
def patient(store: Store) -> Home:
    made = home(store)
    week(store, made.case)
    with store.work(WHO) as work:
        place = work.get("person", made.person)
        given = date(2021, 10, 2)
        fields = {
            "person": made.person,
            "given_on": given.isoformat(),
            "product": "AstraZeneca",
            "number": 2,
            "lot": "A1",
        }
        work.create("vaccination_dose", fields, place=place, ident=dose_id(made.person, given))
    return made


def bundle(store: Store) -> dict[str, Any]:
    out = io.BytesIO()
    with store.read() as c:
        count = fhir.write_bundle(c, from_wire("2022-03-20T00:00:00.000Z"), out)
    told: dict[str, Any] = json.loads(out.getvalue())
    assert len(told.get("entry", ())) == count
    return told


def kind(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in told["entry"] if entry["resource"]["resourceType"] == name]


def test_the_whole_bundle_and_each_resource_pass_the_library(store: Store, patient: Home) -> None:
    visits.record_visit(store, WHO, sheet_of(store, patient.door))
    told = bundle(store)
    Bundle.model_validate(told)
    for entry in told["entry"]:
        get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(entry["resource"])
    counted = Counter(entry["resource"]["resourceType"] for entry in told["entry"])
    assert counted == {"Patient": 4, "Encounter": 4, "Observation": 17, "Condition": 2, "Immunization": 1}
    """Vitals of `patients.week`, by hand: 4 + 5 + 3 + 2 + 3."""


def test_every_reference_points_into_the_bundle(store: Store, patient: Home) -> None:
    told = bundle(store)
    urls = {entry["fullUrl"] for entry in told["entry"]}
    asked = [r.get("subject") or r.get("patient") for r in (e["resource"] for e in told["entry"])]
    assert {one["reference"] for one in asked if one} <= urls
    assert len(urls) == len(told["entry"])


def test_a_person_has_the_identifier_systems_of_the_draft(store: Store, patient: Home) -> None:
    identity.add_identifier(
        store, WHO, patient.person, IdentifierKind.CITIZEN_ID_OLD, "021234567", valid_to=date(2021, 4, 1)
    )
    identity.add_identifier(
        store, WHO, patient.person, IdentifierKind.PASSPORT, "B1234567", valid_to=date(2030, 4, 1)
    )
    code = identity.temporary_code(patient.person)
    identity.add_identifier(store, WHO, patient.person, IdentifierKind.TEMPORARY, code)
    (who,) = [one for one in kind(bundle(store), "Patient") if one["id"] == patient.person]
    systems = {one["system"].rpartition("/")[2]: one for one in who["identifier"]}
    assert systems["national_id"]["value"] == NATIONAL_ID
    assert systems["citizen_id"]["use"] == "old"
    assert systems["citizen_id"]["period"] == {"end": "2021-04-01"}
    assert (systems["passport_number"]["value"], systems["passport_number"]["use"]) == (
        "B1234567",
        "secondary",
    )
    assert systems["patient-internal-id"]["value"] == code  # domain/rules.md §3.8
    assert (who["gender"], who["birthDate"]) == ("male", "1961-03-04")


def test_a_birth_year_alone_stays_a_year_and_an_unknown_sex_unknown(store: Store, patient: Home) -> None:
    known = people.save_person(
        store, WHO, {"full_name": "Lê Văn Tám", "birth_year": 1950}, household=patient.door
    )
    (who,) = [one for one in kind(bundle(store), "Patient") if one["id"] == known]
    assert (who["birthDate"], who["gender"]) == ("1950", "unknown")
    assert "identifier" not in who


def test_what_was_not_measured_is_no_observation(store: Store, patient: Home) -> None:
    found = kind(bundle(store), "Observation")
    pressures = [one for one in found if one["code"]["coding"][0]["code"] == "8480-6"]
    assert [one["valueQuantity"]["value"] for one in pressures] == [128], "measured once in five readings"
    second = [one for one in found if one["code"]["coding"][0]["code"] == "59408-5"]
    assert sorted(one["valueQuantity"]["value"] for one in second) == [93, 94, 95, 96, 97, 97]


def test_a_corrected_reading_stands_once_and_a_withdrawn_one_not(store: Store, patient: Home) -> None:
    taken = reading(store, patient.case, 3, 8, spo2=90)
    at(store, 3, 9)
    observing.amend_vitals(store, WHO, taken, observing.Vitals(spo2=98), "ghi nhầm")
    values = [one["valueQuantity"]["value"] for one in kind(bundle(store), "Observation")]
    assert 98 in values
    assert 90 not in values
    gone = reading(store, patient.case, 4, 8, spo2=91)
    observing.withdraw_vitals(store, WHO, gone, "nhầm người")
    assert 91 not in [one["valueQuantity"]["value"] for one in kind(bundle(store), "Observation")]


def test_restricted_conditions_are_nowhere(store: Store, patient: Home) -> None:
    told = json.dumps(bundle(store))
    assert "hiv" not in told.casefold()
    assert "diabetes" in told


def test_an_empty_ward_is_a_bundle_without_entries(store: Store) -> None:
    told = bundle(store)
    Bundle.model_validate(told)
    assert "entry" not in told
    assert FIRST.year == 2022
