"""Which visits count: rows are corrected and taken back by later rows, and only what stands is shown.

A visit stands unless a row amends it. A correction that was itself taken back no longer counts, so what it
had corrected stands again.
"""

from __future__ import annotations

OF_HOUSEHOLD = "(SELECT * FROM household_visit WHERE household = ?)"
"""A source for `standing`: the visits of one household, by its index. One parameter."""

OF_PERSON = (
    "(SELECT * FROM household_visit WHERE household IN (SELECT v.household FROM screening AS s"
    " JOIN household_visit AS v ON v.id = s.visit WHERE s.person = ?))"
)
"""A source for `standing`: all visits of the households where a person was ever screened. One parameter."""


def standing(source: str = "household_visit") -> str:
    """Common table expressions for a WITH clause, the last one named ``standing``: the visits that count."""
    return f"""
visited AS {source if source.startswith("(") else f"(SELECT * FROM {source})"},
taken_back AS MATERIALIZED (
    SELECT amends FROM visited WHERE outcome = 'withdrawn' AND amends IS NOT NULL AND NOT deleted),
amended AS MATERIALIZED (
    SELECT amends FROM visited
    WHERE amends IS NOT NULL AND NOT deleted AND id NOT IN (SELECT amends FROM taken_back)),
standing AS (
    SELECT id, household, campaign, at, outcome, asked, note, changed_by FROM visited
    WHERE NOT deleted AND outcome <> 'withdrawn' AND id NOT IN (SELECT amends FROM amended))"""
