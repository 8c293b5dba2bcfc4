"""The record types the laptop keeps, and the registry that describes them to sync.

Adding a type: write its class in this package and name it in ``RECORDS``; the store, the wire and the server
learn of it from here.
"""

from __future__ import annotations

from sync.registry import Registry
from tui_app.records.access import AccessEntry
from tui_app.records.base import Record, describe
from tui_app.records.conflict import Conflict
from tui_app.records.people import Person, PersonCondition, RiskMembership
from tui_app.records.place import Area, Household
from tui_app.records.visits import HouseholdVisit, Screening, SupportNeed, TestResult

RECORDS: tuple[type[Record], ...] = (
    Area,
    Household,
    Person,
    RiskMembership,
    PersonCondition,
    HouseholdVisit,
    Screening,
    TestResult,
    SupportNeed,
    Conflict,
    AccessEntry,
)
BY_NAME: dict[str, type[Record]] = {str(record.__tablename__): record for record in RECORDS}
JOURNALS = frozenset(name for name, record in BY_NAME.items() if record.journal)
"""Types that note what was done with records."""
REGISTRY = Registry([describe(record) for record in RECORDS])

__all__ = [
    "BY_NAME",
    "JOURNALS",
    "RECORDS",
    "REGISTRY",
    "AccessEntry",
    "Area",
    "Conflict",
    "Household",
    "HouseholdVisit",
    "Person",
    "PersonCondition",
    "Record",
    "RiskMembership",
    "Screening",
    "SupportNeed",
    "TestResult",
]
