"""The persons and teams that work is given to here: whoever had something lately, or follows a case or a need."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tui_app.text import natural_key

LATELY = timedelta(days=30)
_NAMES = """
SELECT name, count(*) AS often FROM (
    SELECT assigned_to AS name FROM assignment WHERE "on" >= ?1 AND NOT deleted
    UNION ALL SELECT followed_by FROM "case" WHERE ended_on IS NULL AND NOT deleted
    UNION ALL SELECT followed_by FROM support_need WHERE status IN ('open', 'in_progress') AND NOT deleted)
WHERE coalesce(name, '') <> '' GROUP BY name
"""


def known_names(c: Any, day: date, most: int = 7) -> list[str]:
    """The busiest of them by ``day``, the busiest first."""
    found = c.execute(_NAMES, ((day - LATELY).isoformat(),)).fetchall()
    found.sort(key=lambda row: (-row["often"], natural_key(row["name"])))
    return [name for name, _ in found[:most]]
