"""The record types the laptop keeps, and the registry that describes them to sync.

Adding a type: write its class in this package and name it in ``RECORDS``; the store, the wire and the server
learn of it from here.
"""

from __future__ import annotations

from sync.registry import Registry
from tui_app.records.access import AccessEntry
from tui_app.records.base import Record, describe
from tui_app.records.campaigns import Assignment, Report, SweepCampaign
from tui_app.records.cases import Case, CaseEvent, FollowUpVisit
from tui_app.records.conflict import Conflict
from tui_app.records.contacts import Contact, ContactCheck
from tui_app.records.data_requests import DataRequest, Erasure
from tui_app.records.identity import MergeDecision, PersonIdentifier
from tui_app.records.levels import BaselineCount, LevelAssessment, Outbreak, StationValue
from tui_app.records.observations import Alert, Observation
from tui_app.records.people import Person, PersonCondition, RiskMembership
from tui_app.records.place import Area, Household
from tui_app.records.reviews import Review
from tui_app.records.rule_sets import RuleSetText
from tui_app.records.treatment import Dispense, Referral, StockItem, StockMovement
from tui_app.records.vaccination import VaccinationDose
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
    Case,
    CaseEvent,
    Observation,
    Alert,
    Dispense,
    StockItem,
    StockMovement,
    Referral,
    Contact,
    ContactCheck,
    FollowUpVisit,
    VaccinationDose,
    PersonIdentifier,
    MergeDecision,
    SweepCampaign,
    Assignment,
    Review,
    Report,
    StationValue,
    LevelAssessment,
    Outbreak,
    BaselineCount,
    DataRequest,
    Erasure,
    RuleSetText,
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
    "Alert",
    "Area",
    "Assignment",
    "BaselineCount",
    "Case",
    "CaseEvent",
    "Conflict",
    "Contact",
    "ContactCheck",
    "DataRequest",
    "Dispense",
    "Erasure",
    "FollowUpVisit",
    "Household",
    "HouseholdVisit",
    "LevelAssessment",
    "MergeDecision",
    "Observation",
    "Outbreak",
    "Person",
    "PersonCondition",
    "PersonIdentifier",
    "Record",
    "Referral",
    "Report",
    "Review",
    "RiskMembership",
    "RuleSetText",
    "Screening",
    "StationValue",
    "StockItem",
    "StockMovement",
    "SupportNeed",
    "SweepCampaign",
    "TestResult",
    "VaccinationDose",
]
