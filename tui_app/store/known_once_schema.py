"""The tables of lists, doses, identifiers, merges, sweeps and reports, as they first were. Never edited: a change is a
new migration."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tui_app.store import merged

DDL = (
    """CREATE TABLE "vaccination_dose" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "person" TEXT, "given_on" TEXT, "product" TEXT, "dose_type" TEXT, "number" INTEGER, "place"
    TEXT, "lot" TEXT, "source" TEXT, "note" TEXT)""",
    'CREATE INDEX vaccination_dose_area ON "vaccination_dose" ("area")',
    # coverage of 40 000 persons reads this index alone: 0.07 s instead of 0.2 s (tests.bench --only coverage)
    'CREATE INDEX vaccination_dose_person ON "vaccination_dose"'
    ' ("person", "given_on", "product", "dose_type", "number", "deleted")',
    """CREATE TABLE "person_identifier" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "person" TEXT, "kind" TEXT, "number" TEXT, "valid_from" TEXT, "valid_to" TEXT, "source" TEXT,
    "note" TEXT)""",
    'CREATE INDEX person_identifier_area ON "person_identifier" ("area")',
    'CREATE INDEX person_identifier_person ON "person_identifier" ("person")',
    'CREATE INDEX person_identifier_number ON "person_identifier" ("number")',
    """CREATE TABLE "merge_decision" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "subject" TEXT, "verdict" TEXT, "kept" TEXT, "merged" TEXT, "at" TEXT, "fields" TEXT, "carried"
    TEXT, "undoes" TEXT, "reason" TEXT)""",
    'CREATE INDEX merge_decision_area ON "merge_decision" ("area")',
    'CREATE INDEX merge_decision_kept ON "merge_decision" ("kept")',
    'CREATE INDEX merge_decision_merged ON "merge_decision" ("merged")',
    'CREATE INDEX merge_decision_undoes ON "merge_decision" ("undoes")',
    """CREATE TABLE "sweep_campaign" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "campaign" TEXT, "name" TEXT, "started_on" TEXT, "ended_on" TEXT, "due_at" TEXT,
    "epidemic_areas" TEXT, "finished_at" TEXT, "finished_by" TEXT, "cancelled" BOOLEAN, "note" TEXT)""",
    'CREATE INDEX sweep_campaign_area ON "sweep_campaign" ("area")',
    'CREATE INDEX sweep_campaign_campaign ON "sweep_campaign" ("campaign")',
    """CREATE TABLE "assignment" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "on" TEXT, "task" TEXT, "household" TEXT, "person" TEXT, "assigned_to" TEXT, "reason" TEXT,
    "withdrawn" BOOLEAN, "note" TEXT)""",
    'CREATE INDEX assignment_area ON "assignment" ("area")',
    'CREATE INDEX assignment_on ON "assignment" ("on")',
    'CREATE INDEX assignment_household ON "assignment" ("household")',
    'CREATE INDEX assignment_person ON "assignment" ("person")',
    """CREATE TABLE "report" (
    id TEXT PRIMARY KEY NOT NULL, area TEXT NOT NULL, commune TEXT NOT NULL, seq INTEGER NOT NULL,
    deleted BOOLEAN NOT NULL, extra TEXT, changed_at TEXT, changed_by TEXT, changed_device TEXT,
    "kind" TEXT, "subject" TEXT, "period_from" TEXT, "period_to" TEXT, "version" INTEGER, "figures"
    TEXT, "counted" TEXT, "rules" TEXT, "known_at" TEXT, "written_at" TEXT, "supersedes" TEXT,
    "reason" TEXT, "note" TEXT)""",
    'CREATE INDEX report_area ON "report" ("area")',
    'CREATE INDEX report_subject ON "report" ("subject")',
)

SAVED_LIST = """CREATE TABLE saved_list (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, name TEXT NOT NULL, chosen TEXT NOT NULL,
    at TEXT NOT NULL, who TEXT NOT NULL)"""
"""Lists and column mappings this laptop keeps by name. ``kind``: ``risk`` or ``columns``; ``chosen``: JSON."""

ADDED = (
    ("person", "postponed_until"),
    ("person", "postponement_reason"),
    ("person", "unvaccinated_reason"),
    ("person", "given_name"),
    ("area", "former"),
    ("household", "added_on"),
    ("screening", "travel_from"),
    ("screening", "arrived_on"),
    ("support_need", "followed_by"),
    ("support_need", "reason"),
)
"""Fields that known types gained, all kept as text."""


def m0008_everyone_known_once(c: Any) -> None:
    """New types and fields."""
    for statement in (*DDL, SAVED_LIST, *merged.DDL):
        c.execute(statement)
    add_text_fields(c, ADDED)


def add_text_fields(c: Any, added: Iterable[tuple[str, str]]) -> None:
    """Give tables new text columns. What a newer program had sent of such a field waits in ``extra`` and goes to its
    column."""
    for table, field in added:
        path = f"$.{field}"
        c.execute(f'ALTER TABLE "{table}" ADD COLUMN "{field}" TEXT')
        c.execute(
            f'UPDATE "{table}" SET "{field}" = json_extract(extra, ?), extra = nullif(json_remove(extra, ?), \'{{}}\')'
            " WHERE json_type(extra, ?) IS NOT NULL",
            (path, path, path),
        )
