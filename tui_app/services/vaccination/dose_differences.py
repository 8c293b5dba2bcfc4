"""Doses of a list beside the doses recorded here: which is which, what differs, and writing what is accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.intake.dose_list import ListedDose
from tui_app.records.vaccination import DoseSource, dose_id
from tui_app.rules.rule_set import RuleSets
from tui_app.services.vaccination.vaccination import product_code, put_dose
from tui_app.store.work import Work

COMPARED = ("given_on", "product", "dose_type", "number", "lot", "place")
TYPE = "vaccination_dose"
_COMES_ALONG = frozenset({"number", "lot", "place"})


@dataclass(frozen=True, slots=True)
class Difference:
    """``kind``: ``only_there`` (to be added), ``differs``, ``only_here`` (stays as it is), or ``person`` (only told);
    ``fields``: name -> what is here and what is there; ``row``: of the list; ``dose``: id of the one here, ``on``: its
    day."""

    kind: str
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    row: int = 0
    dose: str | None = None
    on: str | None = None


def compare(
    listed: Sequence[ListedDose], here: Sequence[Row], sets: RuleSets, day: date
) -> tuple[Difference, ...]:
    """Dose by dose: of the same day, else of the same number. A field the list leaves blank does not differ; two rows
    of one day are one dose, as `rules.doses` counts, with what both say."""
    left = list(here)
    found, later = [], []
    for one in _once(listed):
        values = _values(one, sets, day)
        same = next((row for row in left if row.body.get("given_on") == values["given_on"] is not None), None)
        if same is None:
            later.append((one, values))
            continue
        left.remove(same)
        found += _differs(one, values, same)
    for one, values in later:
        same = next((row for row in left if one.number and row.body.get("number") == one.number), None)
        if same is not None:
            left.remove(same)
            found += _differs(one, values, same)
        else:
            fields = {name: (None, value) for name, value in values.items() if value is not None}
            found.append(Difference("only_there", fields, one.row))
    found += [
        Difference(
            "only_here",
            {name: (row.body[name], None) for name in COMPARED if row.body.get(name) is not None},
            dose=row.id,
        )
        for row in left
    ]
    return tuple(found)


def write(
    work: Work,
    person: Row,
    difference: Difference,
    made: list[tuple[str, str]],
    changed: list[tuple[str, str, dict[str, Any]]],
) -> None:
    """Write an accepted difference in the caller's save; what was made and what was changed is added to the lists."""
    values: dict[str, Any] = {name: there for name, (_, there) in difference.fields.items()}
    values["source"] = DoseSource.SYSTEM.value
    if difference.dose is None:
        made.append((TYPE, put_dose(work, person, values)))
        return
    row = work.get(TYPE, difference.dose)
    new = values.get("given_on")
    if new is None:
        changed.append((TYPE, row.id, {name: row.body.get(name) for name in values}))
        work.change(TYPE, row.id, values)
        return
    ident = dose_id(person.id, date.fromisoformat(new))
    kept = {name: value for name, value in row.body.items() if name != "person"}
    work.delete(TYPE, row.id, "day corrected")
    changed.append((TYPE, row.id, {"deleted": False}))
    put_dose(work, person, kept | values)
    made.append((TYPE, ident))


def _once(listed: Sequence[ListedDose]) -> Iterator[ListedDose]:
    by_day: dict[Any, list[ListedDose]] = {}
    for place, one in enumerate(listed):
        by_day.setdefault(one.given_on or place, []).append(one)
    for several in by_day.values():
        said = {name: {getattr(one, name) for one in several} - {None} for name in COMPARED}
        agreed: Any = {name: values.pop() if len(values) == 1 else None for name, values in said.items()}
        yield replace(several[0], **agreed)


def _values(one: ListedDose, sets: RuleSets, day: date) -> dict[str, Any]:
    return {
        "given_on": one.given_on.isoformat() if one.given_on else None,
        "product": product_code(sets, one.product, one.given_on or day),
        "dose_type": one.dose_type,
        "number": one.number,
        "lot": one.lot,
        "place": one.place,
    }


def _differs(one: ListedDose, values: Mapping[str, Any], row: Row) -> list[Difference]:
    """What differs. A number, lot or place that is blank here is no difference by itself; it comes along with one."""
    fields = {
        name: (row.body.get(name), value)
        for name, value in values.items()
        if value is not None and row.body.get(name) != value
    }
    decides = any(name not in _COMES_ALONG or here is not None for name, (here, _) in fields.items())
    return [Difference("differs", fields, one.row, row.id, row.body.get("given_on"))] if decides else []
