"""Persons with their visits, readings, conditions and doses as one FHIR R4 bundle for other systems.

Identifier systems are those of the draft hl7vn/vn-core-ig (domain/rules.md §3.8; a draft, no law): ``citizen_id`` is
the old CMND, ``national_id`` the CCCD. Vital signs carry LOINC codes and UCUM units of FHIR's own vital signs profile.
What was not measured is no Observation, so that nobody takes it for a normal one. Restricted conditions are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

import msgspec

from tui_app.clock import VIETNAM, to_wire
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.services.access import gate
from tui_app.services.visits.standing import standing
from tui_app.store.rows import table

_SID = "http://fhir.ehealth.gov.vn/core/sid/"
_IDENTIFIERS = {
    "national_id": _SID + "national_id",
    "citizen_id_old": _SID + "citizen_id",
    "insurance_number": _SID + "insurance_number",
    "passport": _SID + "passport_number",
    "temporary": _SID + "patient-internal-id",
}
_GENDERS = {"male": "male", "female": "female", "unknown": "unknown"}
_LOINC, _UCUM = "http://loinc.org", "http://unitsofmeasure.org"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_CONDITION_STATUS = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_OWN = "urn:gonha:"
VITALS = {
    "temperature_c": ("8310-5", "Body temperature", "Cel"),
    "pulse": ("8867-4", "Heart rate", "/min"),
    "respiratory_rate": ("9279-1", "Respiratory rate", "/min"),
    "spo2": ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%"),
    "spo2_repeat": ("59408-5", "Oxygen saturation in Arterial blood by Pulse oximetry", "%"),
    "systolic_bp": ("8480-6", "Systolic blood pressure", "mm[Hg]"),
    "diastolic_bp": ("8462-4", "Diastolic blood pressure", "mm[Hg]"),
}
"""field -> LOINC code, its name, UCUM unit; a second SpO2 is an observation of its own."""


def write_bundle(c: Any, now: datetime, out: BinaryIO) -> int:
    """Write a ``collection`` bundle of the units that may be opened now; returns how many resources it holds.

    Entries are written one by one, so a ward of 40 000 persons takes no more memory than one of them.
    """
    encode = msgspec.json.Encoder().encode
    out.write(encode({"resourceType": "Bundle", "type": "collection", "timestamp": to_wire(now)})[:-1])
    count = 0
    day = now.astimezone(VIETNAM).date().isoformat()
    for count, resource in enumerate(resources(c, day), 1):
        entry = {"fullUrl": f"urn:uuid:{resource['id']}", "resource": resource}
        out.write((b"," if count > 1 else b',"entry":[') + encode(entry))
    out.write(b"]}\n" if count else b"}\n")  # FHIR knows no empty list
    return count


def resources(c: Any, day: str) -> Iterator[dict[str, Any]]:
    """The resources, those of one kind after the other; a reference always points into the same bundle. ``day``: ISO
    day of the export, after which a number that ends still holds."""
    shut = gate.closed(c)
    numbers: dict[str, list[dict[str, Any]]] = {}
    for row in table("person_identifier").where(c):
        numbers.setdefault(row.body.get("person", ""), []).append(row.body)
    here: set[str] = set()
    for row in table("person").where(c, "1 ORDER BY id"):
        if row.area not in shut:
            here.add(row.id)
            yield _patient(row.id, row.body, numbers.get(row.id, []), day)
    met = dict(map(tuple, c.execute(f"WITH {standing()} SELECT id, at FROM standing WHERE outcome = 'met'")))
    for row in table("screening").where(c, "1 ORDER BY id"):
        if row.body.get("person") in here and row.body.get("visit") in met:
            yield _encounter(row.id, row.body, met[row.body["visit"]])
    for row in table("observation").where(c, f"{_NOT_AMENDED} ORDER BY id"):
        if row.body.get("person") in here:
            yield from _vitals(row.id, row.body)
    for row in table("person_condition").where(c, "1 ORDER BY id"):
        if row.body.get("person") in here and row.body.get("condition") not in RESTRICTED_CONDITIONS:
            yield _condition(row.id, row.body)
    for row in table("vaccination_dose").where(c, "1 ORDER BY id"):
        if row.body.get("person") in here:
            yield _immunization(row.id, row.body)


_NOT_AMENDED = """NOT EXISTS
(SELECT 1 FROM observation AS later WHERE later.amends = observation.id AND NOT later.deleted)"""


def _patient(ident: str, body: dict[str, Any], more: list[dict[str, Any]], day: str) -> dict[str, Any]:
    identifiers = [
        {"use": "official", "system": system, "value": str(body[field])}
        for field, system in _IDENTIFIERS.items()
        if body.get(field)
    ]
    for one in more:
        system = _IDENTIFIERS.get(one.get("kind", ""))
        if system is None:  # a kind of number that a newer version knows
            continue
        ended = bool(one.get("valid_to")) and one["valid_to"] < day
        known: dict[str, Any] = {"use": "old" if ended else "secondary", "system": system}
        period = {"start": one.get("valid_from"), "end": one.get("valid_to")}
        known |= {"value": one.get("number", "")}
        if any(period.values()):
            known["period"] = {name: value for name, value in period.items() if value}
        identifiers.append(known)
    patient: dict[str, Any] = {"resourceType": "Patient", "id": ident, "active": not body.get("moved_on")}
    if identifiers:
        patient["identifier"] = identifiers
    if body.get("full_name"):
        patient["name"] = [{"use": "official", "text": body["full_name"]}]
    if body.get("phone"):
        patient["telecom"] = [{"system": "phone", "value": str(body["phone"])}]
    patient["gender"] = _GENDERS.get(body.get("sex", ""), "unknown")
    born = body.get("birth_date") or body.get("birth_year")
    if born:
        patient["birthDate"] = str(born)  # a year alone is a FHIR date too
    if body.get("died_on"):
        patient["deceasedDateTime"] = str(body["died_on"])
    return patient


def _encounter(ident: str, body: dict[str, Any], at: str) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": ident,
        "status": "finished",
        "class": {"system": _ACT, "code": "HH", "display": "home health"},
        "subject": _of(body),
        "period": {"start": at, "end": at},
    }


def _vitals(ident: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for place, (field, (code, display, unit)) in enumerate(VITALS.items()):
        if body.get(field) is None:
            continue
        yield {
            "resourceType": "Observation",
            "id": f"{ident}-{place}",
            "status": "amended" if body.get("amends") else "final",
            "category": [{"coding": [{"system": _CATEGORY, "code": "vital-signs"}]}],
            "code": {"coding": [{"system": _LOINC, "code": code, "display": display}]},
            "subject": _of(body),
            "effectiveDateTime": body["at"],
            "valueQuantity": {"value": body[field], "unit": unit, "system": _UCUM, "code": unit},
        }


def _condition(ident: str, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "Condition",
        "id": ident,
        "clinicalStatus": {"coding": [{"system": _CONDITION_STATUS, "code": "active"}]},
        "code": {"coding": [{"system": _OWN + "underlying-condition", "code": body["condition"]}]},
        "subject": _of(body),
    }
    if body.get("since"):
        found["onsetDateTime"] = str(body["since"])
    return found


def _immunization(ident: str, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "Immunization",
        "id": ident,
        "status": "completed",
        "vaccineCode": {"text": body.get("product") or "COVID-19"},
        "patient": _of(body),
        "primarySource": body.get("source") == "card",
    }
    found |= (
        {"occurrenceDateTime": str(body["given_on"])}
        if body.get("given_on")
        else {"occurrenceString": "unknown"}
    )
    if body.get("lot"):
        found["lotNumber"] = body["lot"]
    if body.get("number"):
        found["protocolApplied"] = [{"doseNumberPositiveInt": body["number"]}]
    return found


def _of(body: dict[str, Any]) -> dict[str, str]:
    return {"reference": f"urn:uuid:{body['person']}"}
