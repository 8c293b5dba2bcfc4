"""Rows that say the same of one person since records were merged: one is shown, the others are hidden beside it.

Hidden as merged records are (`tui_app.store.merged`), and as little sent. What is done with the one shown is done
with the others, so that none of them comes back saying what was corrected.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tui_app.records import BY_NAME
from tui_app.records.base import own_columns

HIDDEN = 2  # in the column ``deleted``
ONE_EACH = {
    "risk_membership": ("risk_group",),
    "person_condition": ("condition",),
    "vaccination_dose": ("given_on",),
    "person_identifier": ("kind", "number"),
}
"""Types with one row a person and these fields; of two that say the same of one person, one is shown."""


def of(c: Any, type_name: str, ident: str) -> list[str]:
    """The hidden rows that say of the same person what this one says: what is done with it is done with them."""
    key = ONE_EACH.get(type_name)
    if key is None or c.execute("SELECT 1 FROM merged_into LIMIT 1").fetchone() is None:
        return []
    alike = " AND ".join(f't."{field}" = o."{field}"' for field in ("person", *key))
    found = c.execute(
        f'SELECT t.id FROM "{type_name}" AS o JOIN "{type_name}" AS t ON {alike}'
        f" WHERE o.id = ? AND t.id <> o.id AND o.deleted = 0 AND t.deleted = {HIDDEN} ORDER BY t.id",
        (ident,),
    )
    return [twin for (twin,) in found.fetchall()]


def hide(c: Any, type_name: str, persons: Iterable[str]) -> None:
    """Of the rows of one person that say the same, show one: the person's own, else the smallest id.

    A row that says more, or something else, stays beside it: no machine chooses between them.
    """
    key = ONE_EACH[type_name]
    says = [field for field in own_columns(BY_NAME[type_name]) if field not in ("person", "source", "note")]
    names = ", ".join(f't."{field}"' for field in says)
    for person in persons:
        found = c.execute(
            f'SELECT t.id, t.deleted, s.said IS NOT NULL, {names} FROM "{type_name}" AS t LEFT JOIN said_of AS s'
            " ON s.type = ? AND s.record = t.id AND s.field = 'person' WHERE t.person = ? AND t.deleted <> 1"
            " ORDER BY 3, 1",
            (type_name, person),
        ).fetchall()
        hidden: set[str] = set()
        shown: list[tuple[str, dict[str, Any]]] = []
        for ident, _, foreign, *values in found:
            one = dict(zip(says, values, strict=True))
            for other_id, other in shown if foreign and all(one[field] is not None for field in key) else ():
                if _says_no_more(one, other):
                    hidden.add(ident)
                    break
                if _says_no_more(other, one):
                    hidden.add(other_id)
            shown = [
                (other_id, other) for other_id, other in (*shown, (ident, one)) if other_id not in hidden
            ]
        flags = [
            (HIDDEN if ident in hidden else 0, ident)
            for ident, deleted, *_ in found
            if deleted != (HIDDEN if ident in hidden else 0)
        ]
        c.executemany(f'UPDATE "{type_name}" SET deleted = ? WHERE id = ?', flags)


def _says_no_more(one: dict[str, Any], other: dict[str, Any]) -> bool:
    return all(value is None or value == other[field] for field, value in one.items())
