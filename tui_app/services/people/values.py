"""Values of records in words: dates as people write them, codes by their words, numbers masked until asked for.

Pure but for `whose` and `names`, which look up whom a record is about. A field or type of a newer version goes by its
own name, a value of one as it is written.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from tui_app.clock import show_date, show_moment
from tui_app.codes import code_word, yes_no
from tui_app.i18n import catalogue, language, t
from tui_app.records import BY_NAME, checks
from tui_app.records.code_words import ETHNIC_GROUPS
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.records.words import CODED, REFERENCES
from tui_app.services.access.access import MASKED, masked
from tui_app.services.risk.open_words import names_restricted
from tui_app.store.rows import RecordRows
from tui_app.store.search_terms import national_phone
from tui_app.text import decimal

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})").fullmatch
SHORT_ID = 6  # letters of an id that stand for a record without naming anybody
_KINDS = {"Boolean": "yes_no", "Date": "date", "MomentText": "moment", "JSON": "list"}


@dataclass(frozen=True, slots=True)
class Whose:
    """Whom a record is about. ``name``: for the screen; ``code``: names nobody; ``detail``: which of several."""

    name: str = ""
    code: str = ""
    detail: str = ""


def field_word(field: str, of: str = "") -> str:
    """What the catalogue calls a field. ``of``: its record type, where another type calls it otherwise."""
    words = catalogue(language(), "fields")
    return words.get(f"{of}_{field}") or words.get(field, field)


def type_word(type_name: str) -> str:
    """What the catalogue calls a record type."""
    return catalogue(language(), "types").get(type_name, type_name)


@cache
def kind_of(type_name: str, field: str) -> str:
    """What a field holds: date, moment, yes_no, list, number, code, reference, text; ``unknown`` to this version."""
    if field == "deleted":
        return "deleted"
    record = BY_NAME.get(type_name)
    column = record.__table__.columns.get(field) if record else None  # type: ignore[attr-defined]
    if column is None:
        return "unknown"
    if field in REFERENCES:
        return "reference"
    kind = type(column.type).__name__
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in ("Integer", "Float"):
        return "number"
    coded = column.info.get("codes") or field in CODED
    return "code" if coded else "text"


def value_words(
    type_name: str, field: str, value: Any, *, name: str = "", hide: bool = False, restricted: bool = True
) -> str:
    """A value as people read it.

    ``name``: of the record a reference points to; ``hide``: mask identity and telephone numbers; ``restricted``:
    whether the reader may see what tells of a restricted condition.
    """
    kind = kind_of(type_name, field)
    if kind == "deleted":
        return t("resolve.value_deleted") if value else t("resolve.value_kept")
    if value is None or value == "":
        return t("resolve.value_empty")
    if field in MASKED:
        return masked(value) if hide else _number_words(field, str(value))
    if kind == "reference":
        return name or f"…{str(value)[-SHORT_ID:]}"
    if not restricted and tells_restricted(type_name, value):
        return t("resolve.value_restricted")
    try:
        return _by_kind(kind, type_name, field, value)
    except (TypeError, ValueError):  # what another version wrote
        return str(value)


def tells_restricted(type_name: str, value: Any) -> bool:
    """Whether a value of a person's condition or group tells of a restricted one: by its code, or in free words."""
    if type_name not in ("person_condition", "risk_membership") or not isinstance(value, str):
        return False
    return value in RESTRICTED_CONDITIONS or names_restricted(value)


def _by_kind(kind: str, of: str, field: str, value: Any) -> str:
    if isinstance(value, bool):
        return yes_no(value)
    if kind == "date" and isinstance(value, str):
        return show_date(value)
    if kind == "moment" and isinstance(value, str):
        return show_moment(value)
    if field == "ethnicity":
        return ETHNIC_GROUPS.get(value, value)
    if isinstance(value, list):
        return ", ".join(_listed(field, one, of) for one in value) or t("resolve.value_none_of_list")
    if isinstance(value, dict):
        return msgspec.json.encode(value).decode()
    if isinstance(value, float):
        return decimal(value)
    return code_word(field, str(value), of) if kind == "code" else str(value)


def _listed(field: str, one: Any, of: str) -> str:
    if isinstance(
        one, dict
    ):  # a judgement goes by its rule; what a merge took or carried by its name, not its value
        named = next((one[key] for key in ("rule", "field", "type") if key in one), None)
        return msgspec.json.encode(one).decode() if named is None else str(named)
    return code_word(field, str(one), of)


def _number_words(field: str, value: str) -> str:
    digits = national_phone(value)
    if field == "phone" and digits.isdigit() and len(digits) > 6:
        return f"{digits[:-6]} {digits[-6:-3]} {digits[-3:]}"
    return value


def read_value(type_name: str, field: str, text: str) -> Any:
    """What was typed for a field, as its record keeps it: a day as dd/mm/yyyy or yyyy-mm-dd, có or không, a list with
    commas; empty text is no value. Not checked: that is `records.validation.checked`'s."""
    text = text.strip()
    kind = kind_of(type_name, field)
    if not text:
        return None
    if kind == "date" and (day := _DAY_FIRST(text)):
        return f"{day[3]}-{int(day[2]):02d}-{int(day[1]):02d}"
    if kind in ("yes_no", "deleted"):
        return {
            "có": True,
            "co": True,
            "yes": True,
            "true": True,
            "không": False,
            "khong": False,
            "no": False,
            "false": False,
        }.get(text.casefold(), text)
    if kind == "list":
        return [
            part.strip()
            for part in text.strip("[]").replace("'", "").replace('"', "").split(",")
            if part.strip()
        ]
    if kind == "number":
        number = text.replace(",", ".")
        return int(number) if number.lstrip("-").isdigit() else _float(number)
    if field == "phone":
        checked = checks.phone(text)
        return checked.value if checked.problem is None else text
    return text


def _float(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def reference_of(type_name: str, field: str) -> str:
    """The type of the record a field points to; empty when it points to none."""
    return REFERENCES[field] if kind_of(type_name, field) == "reference" else ""


# ---- whom a record is about

_OF_PERSON = """SELECT r.id, p.full_name AS name, h.code, p.id AS about, {detail} AS detail
FROM json_each(?) AS j JOIN {table} AS r ON r.id = j.value
LEFT JOIN person AS p ON p.id = r.person LEFT JOIN household AS h ON h.id = p.household"""
_OF_HOUSEHOLD = """SELECT r.id, coalesce(h.address, h.code) AS name, h.code, h.id AS about, NULL AS detail
FROM json_each(?) AS j JOIN {table} AS r ON r.id = j.value LEFT JOIN household AS h ON h.id = r.household"""
_OF_CASE = """SELECT r.id, p.full_name AS name, h.code, p.id AS about, NULL AS detail
FROM json_each(?) AS j JOIN {table} AS r ON r.id = j.value JOIN "case" AS k ON k.id = r."case"
LEFT JOIN person AS p ON p.id = k.person LEFT JOIN household AS h ON h.id = p.household"""
_WHOSE = {
    "area": "SELECT a.id, a.unit_name AS name, a.unit_code AS code, a.id AS about, NULL AS detail"
    " FROM json_each(?) AS j JOIN area AS a ON a.id = j.value",
    "household": "SELECT h.id, coalesce(h.address, h.code) AS name, h.code, h.id AS about, NULL AS detail"
    " FROM json_each(?) AS j JOIN household AS h ON h.id = j.value",
    "person": "SELECT p.id, p.full_name AS name, h.code, p.id AS about, NULL AS detail"
    " FROM json_each(?) AS j JOIN person AS p ON p.id = j.value LEFT JOIN household AS h ON h.id = p.household",
    "household_visit": _OF_HOUSEHOLD.format(table="household_visit"),
    "support_need": """SELECT r.id, coalesce(p.full_name, h.address, h.code) AS name, h.code,
coalesce(r.person, r.household) AS about, r.kind AS detail
FROM json_each(?) AS j JOIN support_need AS r ON r.id = j.value LEFT JOIN person AS p ON p.id = r.person
LEFT JOIN household AS h ON h.id = coalesce(r.household, p.household)""",
    "screening": _OF_PERSON.format(table="screening", detail="NULL"),
    "test_result": _OF_PERSON.format(table="test_result", detail="NULL"),
    "risk_membership": _OF_PERSON.format(table="risk_membership", detail="r.risk_group"),
    "person_condition": _OF_PERSON.format(table="person_condition", detail="r.condition"),
    "case": _OF_PERSON.format(table='"case"', detail="NULL"),
    "observation": _OF_PERSON.format(table="observation", detail="NULL"),
    "alert": _OF_PERSON.format(table="alert", detail="NULL"),
    "dispense": _OF_PERSON.format(table="dispense", detail="NULL"),
    "referral": _OF_PERSON.format(table="referral", detail="NULL"),
    "contact": _OF_PERSON.format(table="contact", detail="NULL"),
    "follow_up_visit": _OF_PERSON.format(table="follow_up_visit", detail="NULL"),
    "vaccination_dose": _OF_PERSON.format(table="vaccination_dose", detail="NULL"),
    "case_event": _OF_CASE.format(table="case_event"),
    "contact_check": """SELECT r.id, coalesce(p.full_name, k.full_name) AS name, h.code, k.id AS about, NULL AS detail
FROM json_each(?) AS j JOIN contact_check AS r ON r.id = j.value LEFT JOIN contact AS k ON k.id = r.contact
LEFT JOIN person AS p ON p.id = k.person LEFT JOIN household AS h ON h.id = p.household""",
}
_DETAILS = {"risk_membership": "risk_group", "person_condition": "condition", "support_need": "kind"}


def whose(
    c: Any, keys: Iterable[tuple[str, str]], *, restricted: bool = False
) -> dict[tuple[str, str], Whose]:
    """(type, id) -> whom each record is about; deleted records too. Records that are not here have a code only.

    ``restricted``: also say which restricted condition a record is about.
    """
    asked = list(dict.fromkeys(keys))
    answers = {key: Whose(code=f"…{key[1][-SHORT_ID:]}") for key in asked}
    by_type: dict[str, list[str]] = defaultdict(list)
    for type_name, ident in asked:
        by_type[type_name].append(ident)
    for type_name, ids in by_type.items():
        if type_name == "conflict":
            answers |= _of_conflicts(c, ids, restricted)
        elif type_name in _WHOSE:
            wanted = msgspec.json.encode(ids).decode()
            for row in c.execute(_WHOSE[type_name], (wanted,)):
                answers[type_name, row["id"]] = _whose(type_name, row, restricted)
    return answers


def _whose(type_name: str, row: Any, restricted: bool) -> Whose:
    short = f"…{(row['about'] or row['id'])[-SHORT_ID:]}"
    code = row["code"] or ""
    if not (type_name in ("household", "household_visit") and code):
        code = f"{code} {short}".strip()
    detail = row["detail"]
    if detail in RESTRICTED_CONDITIONS and not restricted:
        detail = None
    words = code_word(_DETAILS[type_name], detail) if detail else ""
    return Whose(row["name"] or "", code, words)


def _of_conflicts(c: Any, ids: list[str], restricted: bool) -> dict[tuple[str, str], Whose]:
    rows = RecordRows().read(c, "conflict", ids)
    about = {
        ident: (row.body.get("record_type", ""), row.body.get("record", "")) for ident, row in rows.items()
    }
    found = whose(c, [key for key in about.values() if key[0] != "conflict"], restricted=restricted)
    return {("conflict", ident): found[key] for ident, key in about.items() if key in found}


def names(c: Any, values: Iterable[tuple[str, str, Any]]) -> Mapping[tuple[str, str], str]:
    """(type, id) -> name of the records that (type, field, value) triples point to."""
    keys = [
        (kind, value)
        for type_name, field, value in values
        if isinstance(value, str) and (kind := reference_of(type_name, field))
    ]
    return {key: found.name for key, found in whose(c, keys).items()} if keys else {}
