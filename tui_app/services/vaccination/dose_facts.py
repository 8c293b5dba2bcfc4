"""How many doses a person has had, as far as it is written: by their rows, or as a list or the person said."""

from __future__ import annotations

from datetime import date
from typing import Any


def doses_of(c: Any) -> dict[str, tuple[int | None, date | None]]:
    """Person -> the number of doses, the higher of what is said and what is written row by row, and the last day known.

    Somebody nothing is known of is not in the answer.
    """
    found: dict[str, tuple[int | None, date | None]] = {
        person: (said, None)
        for person, said in c.execute(
            "SELECT id, reported_doses FROM person WHERE NOT deleted AND reported_doses IS NOT NULL"
        )
    }
    for person, (rows, last) in written_doses(c).items():
        said = found.get(person, (0, None))[0] or 0
        found[person] = (max(said, rows), date.fromisoformat(last) if last else None)
    return found


def written_doses(c: Any) -> dict[str, tuple[int, str | None]]:
    """Person -> how many doses are written row by row, and the ISO day of the last, of those who have any."""
    return {person: (rows, last) for person, rows, last in c.execute(_ROWS)}


_ROWS = "SELECT person, count(*), max(given_on) FROM vaccination_dose WHERE NOT deleted GROUP BY person"
