"""When somebody of the team last met, measured or spoke with a person. A list, a dose elsewhere or a call nobody
answered is no contact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec

from tui_app.clock import VIETNAM, day_bounds, from_wire
from tui_app.services.visits.standing import standing


def contacted_since(c: Any, since: date) -> dict[str, str]:
    """Person -> wire moment of the last contact, of those there was one with since the start of a day."""
    last: dict[str, str] = {}
    for person, at in c.execute(_SINCE, {"start": day_bounds(since)[0], "day": since.isoformat()}):
        if person is not None and at is not None and at > last.get(person, ""):
            last[person] = at
    return last


def last_contacts(c: Any, persons: Iterable[str]) -> dict[str, str]:
    """Person -> wire moment of the last contact ever, of those of ``persons`` there was one with."""
    wanted = msgspec.json.encode(list(persons)).decode()
    return {person: at for person, at in c.execute(_EVER, (wanted,)) if at is not None}


def days_ago(at: str, day: date) -> int:
    """Days from a wire moment to ``day``, by the calendar of Viet Nam."""
    return (day - from_wire(at).astimezone(VIETNAM).date()).days


def overdue_since(day: date, days: int) -> date:
    """The first day on which a contact still counts when somebody is overdue after more than so many days."""
    return day - timedelta(days=days)


_SINCE = f"""
WITH {standing("(SELECT * FROM household_visit WHERE at >= :start)")}
SELECT s.person, v.at FROM standing AS v CROSS JOIN screening AS s ON s.visit = v.id
WHERE v.outcome = 'met' AND NOT s.deleted AND s.wellbeing <> 'not_asked'
UNION ALL
SELECT k.person, (SELECT max(o.at) FROM observation AS o WHERE o."case" = k.id AND NOT o.deleted AND o.at >= :start)
FROM "case" AS k WHERE NOT k.deleted AND (k.ended_on IS NULL OR k.ended_on >= :day)
UNION ALL
SELECT person, at FROM follow_up_visit WHERE NOT deleted AND at >= :start
UNION ALL
SELECT k.person, h.at FROM contact_check AS h JOIN contact AS k ON k.id = h.contact
WHERE NOT h.deleted AND h.at >= :start AND h.away IS NOT 1
"""
_EVER = f"""
WITH wanted AS MATERIALIZED (SELECT value AS person FROM json_each(?)),
{
    standing('''(SELECT * FROM household_visit WHERE household IN (SELECT v.household FROM wanted AS w
    JOIN screening AS s ON s.person = w.person JOIN household_visit AS v ON v.id = s.visit))''')
}
SELECT person, max(at) FROM (
    SELECT w.person, v.at FROM wanted AS w JOIN screening AS s ON s.person = w.person
        JOIN standing AS v ON v.id = s.visit
        WHERE v.outcome = 'met' AND NOT s.deleted AND s.wellbeing <> 'not_asked'
    UNION ALL
    SELECT w.person, (SELECT max(o.at) FROM observation AS o WHERE o."case" = k.id AND NOT o.deleted)
        FROM wanted AS w JOIN "case" AS k ON k.person = w.person WHERE NOT k.deleted
    UNION ALL
    SELECT w.person, f.at FROM wanted AS w JOIN "case" AS k ON k.person = w.person
        JOIN follow_up_visit AS f ON f."case" = k.id WHERE NOT f.deleted
    UNION ALL
    SELECT w.person, h.at FROM wanted AS w JOIN contact AS k ON k.person = w.person
        JOIN contact_check AS h ON h.contact = k.id WHERE NOT h.deleted AND h.away IS NOT 1)
GROUP BY person
"""
