"""The tables of the care of patients at home, as they first were. Never edited: a change is a new migration."""

from __future__ import annotations

from typing import Any

DDL = (
    """CREATE TABLE "case" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "person" TEXT, "source" TEXT, "first_positive_on" TEXT, "onset_on" TEXT, "started_on" TEXT, "place"
    TEXT, "managed_by" TEXT, "followed_by" TEXT, "severity_grade" TEXT, "risk_class" TEXT, "pregnant"
    BOOLEAN, "delivered_on" TEXT, "basic_doses" INTEGER, "last_dose_on" TEXT, "conditions_asked" BOOLEAN,
    "self_care" BOOLEAN, "can_report" BOOLEAN, "carer_able" BOOLEAN, "outcome" TEXT, "ended_on" TEXT,
    "note" TEXT)""",
    'CREATE INDEX case_area ON "case" (area)',
    'CREATE INDEX case_person ON "case" ("person")',
    'CREATE INDEX case_ended_on ON "case" ("ended_on")',
    """CREATE TABLE "case_event" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "case" TEXT, "at" TEXT, "on" TEXT, "event" TEXT, "was" TEXT, "became" TEXT, "reason" TEXT,
    "findings" TEXT, "test" TEXT, "amends" TEXT)""",
    'CREATE INDEX case_event_area ON "case_event" (area)',
    'CREATE INDEX case_event_case ON "case_event" ("case")',
    """CREATE TABLE "observation" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "case" TEXT, "person" TEXT, "at" TEXT, "slot_on" TEXT, "slot" TEXT, "contacted" TEXT,
    "temperature_c" REAL, "pulse" INTEGER, "respiratory_rate" INTEGER, "spo2" INTEGER, "spo2_repeat"
    INTEGER, "spo2_repeat_after" INTEGER, "systolic_bp" INTEGER, "diastolic_bp" INTEGER, "symptoms"
    TEXT, "signs" TEXT, "note" TEXT, "findings" TEXT, "missing" TEXT, "amends" TEXT, "amend_reason" TEXT)""",
    'CREATE INDEX observation_area ON "observation" (area)',
    'CREATE INDEX observation_case ON "observation" ("case", at)',
    'CREATE INDEX observation_amends ON "observation" ("amends") WHERE amends IS NOT NULL',
    """CREATE TABLE "alert" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "observation" TEXT, "case" TEXT, "person" TEXT, "at" TEXT, "rules" TEXT, "state" TEXT, "told_to"
    TEXT, "referral" TEXT, "answered_by" TEXT, "answered_at" TEXT, "note" TEXT)""",
    'CREATE INDEX alert_area ON "alert" (area)',
    'CREATE INDEX alert_case ON "alert" ("case")',
    "CREATE INDEX alert_open ON \"alert\" (state) WHERE state = 'open'",
    """CREATE TABLE "dispense" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "case" TEXT, "person" TEXT, "at" TEXT, "item" TEXT, "quantity" REAL, "unit" TEXT, "days" INTEGER,
    "lot" TEXT, "prescribed_by" TEXT, "flags" TEXT, "flag_reason" TEXT, "note" TEXT, "amends" TEXT)""",
    'CREATE INDEX dispense_area ON "dispense" (area)',
    'CREATE INDEX dispense_case ON "dispense" ("case")',
    'CREATE INDEX dispense_amends ON "dispense" ("amends") WHERE amends IS NOT NULL',
    """CREATE TABLE "stock_item" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "item" TEXT, "unit" TEXT, "low_at" REAL, "note" TEXT)""",
    'CREATE INDEX stock_item_area ON "stock_item" (area)',
    """CREATE TABLE "stock_movement" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "item" TEXT, "at" TEXT, "movement" TEXT, "quantity" REAL, "lot" TEXT, "expires_on" TEXT, "dispense"
    TEXT, "note" TEXT, "amends" TEXT)""",
    'CREATE INDEX stock_movement_area ON "stock_movement" (area)',
    'CREATE INDEX stock_movement_item ON "stock_movement" ("item")',
    'CREATE INDEX stock_movement_dispense ON "stock_movement" ("dispense") WHERE dispense IS NOT NULL',
    'CREATE INDEX stock_movement_amends ON "stock_movement" ("amends") WHERE amends IS NOT NULL',
    """CREATE TABLE "referral" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "case" TEXT, "person" TEXT, "at" TEXT, "reason" TEXT, "sent_from" TEXT, "sent_to" TEXT, "transport"
    TEXT, "observation" TEXT, "findings" TEXT, "acknowledged_at" TEXT, "acknowledged_by" TEXT,
    "withdrawn" BOOLEAN, "note" TEXT)""",
    'CREATE INDEX referral_area ON "referral" (area)',
    'CREATE INDEX referral_case ON "referral" ("case")',
    """CREATE TABLE "contact" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "case" TEXT, "person" TEXT, "full_name" TEXT, "phone" TEXT, "level" INTEGER, "met" TEXT,
    "last_met_on" TEXT, "protected" BOOLEAN, "watch_until" TEXT, "findings" TEXT, "ended_on" TEXT,
    "end_reason" TEXT, "note" TEXT)""",
    'CREATE INDEX contact_area ON "contact" (area)',
    'CREATE INDEX contact_case ON "contact" ("case")',
    'CREATE INDEX contact_person ON "contact" ("person")',
    """CREATE TABLE "contact_check" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "contact" TEXT, "at" TEXT, "on" TEXT, "temperature_c" REAL, "symptoms" TEXT, "well" BOOLEAN, "away"
    BOOLEAN, "note" TEXT, "amends" TEXT)""",
    'CREATE INDEX contact_check_area ON "contact_check" (area)',
    'CREATE INDEX contact_check_contact ON "contact_check" ("contact")',
    """CREATE TABLE "follow_up_visit" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "case" TEXT, "person" TEXT, "at" TEXT, "due_on" TEXT, "well" BOOLEAN, "symptoms" TEXT, "needs" TEXT,
    "note" TEXT, "amends" TEXT)""",
    'CREATE INDEX follow_up_visit_area ON "follow_up_visit" (area)',
    'CREATE INDEX follow_up_visit_case ON "follow_up_visit" ("case")',
    """CREATE TABLE "rule_set" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "rule_set" TEXT, "text" TEXT, "signature" TEXT, "published_on" TEXT, "withdrawn" BOOLEAN)""",
    'CREATE INDEX rule_set_area ON "rule_set" (area)',
)

INSTALLED = """CREATE TABLE installed_rule_set (
    id INTEGER PRIMARY KEY AUTOINCREMENT, rule_set TEXT NOT NULL, text TEXT NOT NULL, source TEXT NOT NULL,
    at TEXT NOT NULL, who TEXT NOT NULL, undone_at TEXT, undone_by TEXT)"""
"""Rule sets this laptop judges with besides those it came with. ``source``: a file's name or ``server``."""


def m0006_care_at_home(c: Any) -> None:
    """Cases, observations, alerts, medicine, referrals, contacts; rule sets installed here or sent by the server."""
    for statement in (*DDL, INSTALLED):
        c.execute(statement)
