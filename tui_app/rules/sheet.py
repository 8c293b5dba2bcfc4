"""What the monitoring sheet asks of a patient of an age on a day, besides the vital signs (domain/rules.md §2.4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tui_app.rules.age import Age
from tui_app.rules.rule_set import RuleSets
from tui_app.rules.set_parts import SheetPart


@dataclass(frozen=True, slots=True)
class Item:
    """Something to tick, with its words."""

    code: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is asked. ``rule_sets``: whose sheets they are; ``verified``: whether all of it was read in them."""

    symptoms: tuple[Item, ...]
    signs: tuple[Item, ...]
    rule_sets: tuple[str, ...] = ()
    verified: bool = False


def sheet(sets: RuleSets, day: date, age: Age | None) -> Sheet:
    """The sheet of an age on a day. An age that is not known well enough gets the questions of every group it may
    fall into; where no document has a sheet, there is nothing to ask."""
    parts = [
        (one, part) for one in sets.in_force("sheet", day, age) for part in one.sheet if _may_be(part, age)
    ]
    symptoms = dict.fromkeys(code for _, part in parts for code in part.symptoms)
    signs = dict.fromkeys(code for _, part in parts for code in part.signs)
    return Sheet(
        _items(sets, symptoms),
        _items(sets, signs),
        tuple(dict.fromkeys(one.id for one, _ in parts)),
        all(one.sure(part) for one, part in parts),
    )


def _may_be(part: SheetPart, age: Age | None) -> bool:
    if age is None:
        return True
    return part.from_months <= age.high_months and (
        part.below_months is None or age.low_months < part.below_months
    )


def _items(sets: RuleSets, codes: dict[str, None]) -> tuple[Item, ...]:
    return tuple(Item(code, sets.word(code, "vi"), sets.word(code, "en")) for code in codes)
