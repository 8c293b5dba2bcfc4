"""Which fields of a record hold words that somebody wrote: where a person may be named, and what an erasure may take
out of a record that is about somebody else. Ids, codes, numbers and days hold none."""

from __future__ import annotations

from typing import Any

from sqlmodel import SQLModel

from sync.texts import DELETED_REASON

REFERENCES = {
    "household": "household",
    "head": "person",
    "person": "person",
    "visit": "household_visit",
    "case": "case",
    "contact": "contact",
    "observation": "observation",
    "referral": "referral",
    "area": "area",
}
"""Fields that hold the id of a record, and its type."""
IDS = frozenset(
    {"amends", "supersedes", "campaign", "record", "test", "dispense", "kept", "merged", "undoes", "subject"}
)
"""Other text fields that hold ids."""
CODED = frozenset({"condition", "risk_group", "ethnicity"})
_NOT_WORDS = (
    IDS
    | CODED
    | REFERENCES.keys()
    | {"record_type", "seen", "given_name", "slot", "unit", "state", "field"}
    | {"kind", "level", "period", "disease"}
)
_IN_LISTS = frozenset({"narrative"})
"""Lists whose parts hold words; they go as a whole."""
_NOWHERE = frozenset(
    {"area", "access_entry", "erasure", "rule_set", "station_value", "data_request", "conflict"}
)
_OWN_NAME = {"person": "full_name"}  # somebody else of that name is not this person
_NO_TEXT = frozenset({"Boolean", "Date", "MomentText", "JSON", "Integer", "Float"})


def words(record: type[SQLModel]) -> frozenset[str]:
    """The fields of a type that hold words."""
    table = record.__table__  # type: ignore[attr-defined]
    if table.name in _NOWHERE:
        return frozenset()
    found = (
        column.name for column in table.columns if "merge" in column.info and _holds_words(table.name, column)
    )
    return frozenset({DELETED_REASON, *found})


def _holds_words(type_name: str, column: Any) -> bool:
    if column.name in _IN_LISTS:
        return True
    if column.name in _NOT_WORDS or column.name == _OWN_NAME.get(type_name) or column.info.get("codes"):
        return False
    return type(column.type).__name__ not in _NO_TEXT
