"""Which fields of a record hold words that somebody wrote: where a person may be named, and what an erasure may take
out of a record that is about somebody else. Ids, codes, numbers and days hold none."""

from __future__ import annotations

from sqlmodel import SQLModel

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
    return frozenset(
        column.name
        for column in table.columns
        if "merge" in column.info
        and column.name != _OWN_NAME.get(table.name)
        and (
            column.name in _IN_LISTS
            or (
                type(column.type).__name__ not in _NO_TEXT
                and column.name not in _NOT_WORDS
                and not column.info.get("codes")
            )
        )
    )
