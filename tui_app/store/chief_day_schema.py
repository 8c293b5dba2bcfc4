"""The tables of a chief's day: reviews, levels, outbreaks, requests about data; and fields of work given out and of
reports. Never edited: a change is a new migration."""

from __future__ import annotations

from typing import Any

from tui_app.store.known_once_schema import add_text_fields

DDL = (
    """CREATE TABLE "review" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "on" TEXT, "record_type" TEXT, "record" TEXT, "decision" TEXT, "at" TEXT, "seen" TEXT,
    "returned_to" TEXT, "reason" TEXT)""",
    'CREATE INDEX review_area ON "review" ("area")',
    'CREATE INDEX review_on ON "review" ("on")',
    'CREATE INDEX review_record ON "review" ("record")',
    """CREATE TABLE "station_value" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "name" TEXT, "value" TEXT, "as_of" TEXT, "source" TEXT, "note" TEXT)""",
    'CREATE INDEX station_value_area ON "station_value" ("area")',
    'CREATE INDEX station_value_name ON "station_value" ("name")',
    """CREATE TABLE "level_assessment" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "scale" TEXT, "subject" TEXT, "on" TEXT, "level" TEXT, "origin" TEXT, "inputs" TEXT, "rules"
    TEXT, "known_at" TEXT, "reason" TEXT)""",
    'CREATE INDEX level_assessment_area ON "level_assessment" ("area")',
    'CREATE INDEX level_assessment_subject ON "level_assessment" ("subject")',
    """CREATE TABLE "outbreak" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "disease" TEXT, "name" TEXT, "place" TEXT, "units" TEXT, "started_on" TEXT, "declared_at"
    TEXT, "ended_on" TEXT, "end_declared_at" TEXT, "recommendation" TEXT, "note" TEXT)""",
    'CREATE INDEX outbreak_area ON "outbreak" ("area")',
    """CREATE TABLE "baseline_count" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "disease" TEXT, "year" INTEGER, "period" TEXT, "number" INTEGER, "cases" INTEGER, "epidemic"
    BOOLEAN, "source" TEXT)""",
    'CREATE INDEX baseline_count_area ON "baseline_count" ("area")',
    """CREATE TABLE "data_request" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "person" TEXT, "kind" TEXT, "received_on" TEXT, "asked_by" TEXT, "wording" TEXT,
    "third_parties" BOOLEAN, "state" TEXT, "answered_on" TEXT, "ended_on" TEXT, "outcome" TEXT)""",
    'CREATE INDEX data_request_area ON "data_request" ("area")',
    'CREATE INDEX data_request_person ON "data_request" ("person")',
    """CREATE TABLE "erasure" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "person" TEXT, "records" TEXT, "request" TEXT, "at" TEXT, "ground" TEXT)""",
    'CREATE INDEX erasure_area ON "erasure" ("area")',
    'CREATE INDEX erasure_person ON "erasure" ("person")',
)

ADDED = (
    ("assignment", "slot"),
    ("assignment", "carried_from"),
    ("contact", "noted_at"),
    ("report", "due_at"),
    ("report", "conventions"),
    ("report", "narrative"),
)
"""Fields that known types gained, all kept as text."""


def m0009_a_chiefs_day(c: Any) -> None:
    """New types and fields."""
    for statement in DDL:
        c.execute(statement)
    add_text_fields(c, ADDED)
