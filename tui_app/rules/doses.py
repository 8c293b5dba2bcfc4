"""Doses as they count: once a day, basic, additional or booster, and how many basic ones the products need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tui_app.rules.vaccine_parts import Vaccine

BASIC, ADDITIONAL, BOOSTER = "basic", "additional", "booster"


@dataclass(frozen=True, slots=True)
class Dose:
    """A dose as recorded. ``given_on`` None: the day is not known; ``product``: a code of the rule sets, or other
    words; ``number``: which dose it was said to be."""

    given_on: date | None
    product: str | None = None
    dose_type: str | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What was given up to a day. ``others``: more than the basic ones need, of which nobody said which type;
    ``said``: how many there are by what was said, at least; ``needed``: basic doses, the fewest and the most that the
    products may need, None where no product is known to any set.

    ``partly``: more was said than is recorded, or a day is not known; ``basic_complete``: None where that is not known,
    never a guess.
    """

    basic: tuple[Dose, ...]
    additional: tuple[Dose, ...]
    booster: tuple[Dose, ...]
    others: tuple[Dose, ...]
    said: int
    needed: tuple[int, int] | None
    doses: tuple[Dose, ...]
    partly: bool
    basic_complete: bool | None

    def has_more(self, wanted: int) -> bool | None:
        """Whether so many were given besides the basic ones, of whichever type; None where that is not known."""
        more = (*self.additional, *self.booster, *self.others)
        may_be_basic = max(0, self.needed[1] - len(self.basic)) if self.needed else 0
        typed = _dated(self.additional) + _dated(self.booster)
        if typed + max(0, _dated(self.others) - may_be_basic) >= wanted:
            return True
        if len(more) >= wanted or self.said > len(self.doses):
            return None
        return False


def given(
    doses: Iterable[Dose], day: date, vaccines: Mapping[str, Vaccine], reported: int | None = None
) -> Given:
    """The doses up to ``day``, each once. ``reported``: how many the person or a list says."""
    known = _once([one for one in doses if one.given_on is None or one.given_on <= day])
    by_type: dict[str | None, list[Dose]] = {BASIC: [], ADDITIONAL: [], BOOSTER: [], None: []}
    for one in known:
        by_type[one.dose_type if one.dose_type in by_type else None].append(one)
    basic, untyped = by_type[BASIC], by_type[None]
    needed = _needed([*basic, *untyped], vaccines)
    if untyped:
        while (
            needed and untyped and len(basic) < needed[0]
        ):  # no other type comes before the basic ones are complete
            basic.append(untyped.pop(0))
        needed = _needed(basic, vaccines)
    said = max(reported or 0, len(known), *(one.number or 0 for one in known), 0)
    return Given(
        basic=tuple(basic),
        additional=tuple(by_type[ADDITIONAL]),
        booster=tuple(by_type[BOOSTER]),
        others=tuple(untyped),
        said=said,
        needed=needed,
        doses=tuple(known),
        partly=said > len(known) or _dated(known) < len(known),
        basic_complete=_complete(basic, untyped, needed, said > len(known), said),
    )


def last_day(doses: Sequence[Dose]) -> date | None:
    """The day of the last of these doses; None when one without a day may have come later."""
    dated = [one for one in doses if one.given_on is not None]
    if not dated:
        return None
    last = max(dated, key=lambda one: one.given_on or date.min)
    for one in doses:
        earlier = one.number is not None and last.number is not None and one.number < last.number
        if one.given_on is None and not earlier:
            return None
    return last.given_on


def _complete(
    basic: Sequence[Dose], others: Sequence[Dose], needed: tuple[int, int] | None, unrecorded: bool, said: int
) -> bool | None:
    """Whether they are: doses of no type come as basic ones first, so three of any product are enough for each."""
    if needed is None:
        return None if said else False
    fewest, most = needed
    if _dated(basic) + _dated(others) >= most:
        return True
    return None if len(basic) >= fewest or unrecorded else False


def _dated(doses: Sequence[Dose]) -> int:
    return sum(one.given_on is not None for one in doses)


def _once(doses: list[Dose]) -> list[Dose]:
    """By day, then those without a day by number. Two of one day are one; one without a day that has the number of one
    with a day is that one."""
    by_day: dict[date, Dose] = {}
    for one in doses:
        if one.given_on is not None:
            by_day[one.given_on] = _both(by_day[one.given_on], one) if one.given_on in by_day else one
    dated = [by_day[day] for day in sorted(by_day)]
    numbers = {one.number for one in dated if one.number is not None}
    undated = [one for one in doses if one.given_on is None and one.number not in numbers]
    return [*dated, *sorted(undated, key=lambda one: one.number or 99)]


def _both(one: Dose, other: Dose) -> Dose:
    """What two records of one day say together; where they differ, nothing."""
    return replace(
        one,
        product=_agreed(one.product, other.product),
        dose_type=_agreed(one.dose_type, other.dose_type),
        number=one.number
        if other.number in (None, one.number)
        else other.number
        if one.number is None
        else None,
    )


def _agreed(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    return one if one == other else None


def _needed(basic: Sequence[Dose], vaccines: Mapping[str, Vaccine]) -> tuple[int, int] | None:
    """A product nobody knows may be any of them; of several the fewest and the most."""
    if not vaccines:
        return None
    every = {one.basic_doses for one in vaccines.values()}
    counts: set[int] = set()
    for one in basic:
        found = vaccines.get(one.product or "")
        counts |= {found.basic_doses} if found else every
    counts = counts or every
    return min(counts), max(counts)
