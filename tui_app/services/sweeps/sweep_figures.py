"""The figures of a sweep, each with the records behind it: nothing is counted that cannot be listed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tui_app.records.visits import Asked
from tui_app.services.sweeps.counted_ids import ids_of, kept_ids
from tui_app.services.sweeps.sweep_states import SweepState
from tui_app.services.sweeps.sweep_tally import Tally

HOUSEHOLD, PERSON, TEST = "household", "person", "test_result"


@dataclass(frozen=True, slots=True)
class Figure:
    """``value``: None where it cannot be said (no case definition is in force); ``kind``: the type of ``ids``;
    ``listed``: False where a report had no room for them."""

    name: str
    kind: str
    value: int | None
    ids: tuple[str, ...] = ()
    listed: bool = True


STATES = tuple(f"state_{state}" for state in SweepState)
ASKED = ("asked_each", "asked_all", "not_asked")
SUMS: Mapping[str, tuple[str, ...]] = {
    "households": STATES,
    "persons": ASKED,
    "tests": ("positive", "negative", "invalid"),
}
"""Figures that are the sum of others: their records are not kept twice."""
KINDS = {
    **dict.fromkeys(("households", *STATES, "newcomer_households", "absent_again"), HOUSEHOLD),
    **dict.fromkeys(
        ("persons", *ASKED, "unwell", "suspected", "confirmed", "travellers", "from_epidemic", "newcomers"),
        PERSON,
    ),
    **dict.fromkeys(("tests", "positive", "negative", "invalid"), TEST),
}
_SHOWN_STATES = [
    one for state in STATES for one in (state, *(("absent_again",) if state == "state_absent" else ()))
]
ORDER = (
    "households",
    *_SHOWN_STATES,
    "newcomer_households",
    "persons",
    *ASKED,
    "unwell",
    "suspected",
    "confirmed",
    "tests",
    "positive",
    "negative",
    "invalid",
    "travellers",
    "from_epidemic",
    "newcomers",
)
"""As they are shown. ``absent_again``: nobody at home at two knocks or more; a part of ``state_absent``."""


def figures(tally: Tally) -> tuple[Figure, ...]:
    """All figures of a count."""
    found: dict[str, list[str]] = {name: [] for name in ORDER}
    for door in tally.households:
        found[f"state_{door.standing.state}"].append(door.id)
        if door.standing.state == SweepState.ABSENT and door.standing.absences > 1:
            found["absent_again"].append(door.id)
        if door.newcomer:
            found["newcomer_households"].append(door.id)
    for person in tally.persons.values():
        together = "asked_all" if person.asked == Asked.ALL else "asked_each"
        name = "not_asked" if person.asked is None else together
        found[name].append(person.id)
        for said, named in (
            (person.unwell, "unwell"),
            (person.travelled or person.travel_from, "travellers"),
            (person.epidemic, "from_epidemic"),
            (person.arrived_on, "newcomers"),
        ):
            if said:
                found[named].append(person.id)
        if person.findings:
            found[person.findings[0].outcome].append(person.id)
        for test, result in person.tests.items():
            found[result].append(test)
    for total, parts in SUMS.items():
        found[total] = [ident for part in parts for ident in found[part]]
    unknown = () if tally.judged else ("suspected", "confirmed")
    return tuple(
        Figure(name, KINDS[name], None if name in unknown else len(found[name]), tuple(sorted(found[name])))
        for name in ORDER
    )


@dataclass(frozen=True, slots=True)
class Difference:
    """How a figure differs between two counts. ``gained``, ``lost``: the records that came and went."""

    name: str
    was: int | None
    now: int | None
    gained: tuple[str, ...]
    lost: tuple[str, ...]


def differences(was: Iterable[Figure], now: Iterable[Figure]) -> tuple[Difference, ...]:
    """The figures that are other now, or count other records."""
    before = {figure.name: figure for figure in was}
    found = []
    for figure in now:
        old = before.get(figure.name, Figure(figure.name, figure.kind, None))
        both = figure.listed and old.listed
        gained = set(figure.ids) - set(old.ids) if both else set[str]()
        lost = set(old.ids) - set(figure.ids) if both else set[str]()
        if gained or lost or figure.value != old.value:
            found.append(
                Difference(figure.name, old.value, figure.value, tuple(sorted(gained)), tuple(sorted(lost)))
            )
    return tuple(found)


def kept(found: Iterable[Figure]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """As a report keeps them: its ``figures`` and what it ``counted``; sums are told by their parts."""
    found = tuple(found)
    values = [{"name": figure.name, "value": figure.value} for figure in found]
    return values, kept_ids({figure.name: figure.ids for figure in found if figure.name not in SUMS})


def read_back(
    values: Iterable[Mapping[str, Any]], counted: Iterable[Mapping[str, Any]]
) -> tuple[Figure, ...]:
    """The figures of a report as it was filed. Figures that a newer version added are kept as they are."""
    ids = ids_of(counted)
    for total, parts in SUMS.items():
        of = [ids.get(part, ()) for part in parts]
        whole = None if None in of else tuple(sorted(ident for part in of for ident in part or ()))
        ids.setdefault(total, whole)
    found = []
    for one in values:
        name = str(one["name"])
        listed = ids.get(name, ())
        found.append(Figure(name, KINDS.get(name, ""), one.get("value"), listed or (), listed is not None))
    return tuple(found)


def together(of_units: Iterable[Iterable[Figure]]) -> tuple[Figure, ...]:
    """Figures of several units as those of all: values add up, a value that cannot be said stays unsaid."""
    merged: dict[str, Figure] = {}
    for unit in of_units:
        for figure in unit:
            old = merged.get(figure.name)
            if old is None:
                merged[figure.name] = figure
                continue
            value = None if old.value is None or figure.value is None else old.value + figure.value
            ids = tuple(sorted({*old.ids, *figure.ids}))
            merged[figure.name] = Figure(figure.name, figure.kind, value, ids, old.listed and figure.listed)
    order = {name: place for place, name in enumerate(ORDER)}
    return tuple(sorted(merged.values(), key=lambda figure: order.get(figure.name, len(order))))
