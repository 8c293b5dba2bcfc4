"""What the rule sets in force on a day say about vaccination, read once for all persons."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tui_app.rules.held import Held
from tui_app.rules.rule_set import RuleSet, RuleSets
from tui_app.rules.vaccine_parts import DoseRule, DoseWatch, InfectionRule, Programme, Vaccine


@dataclass(frozen=True, slots=True)
class DayRules:
    """What the sets in force on a day say about vaccination; each line with what its set holds it for."""

    day: date
    vaccines: dict[str, Vaccine]
    products: RuleSet | None
    programme: tuple[tuple[Held, Programme], ...]
    additional: tuple[tuple[Held, DoseRule], ...]
    booster: tuple[tuple[Held, DoseRule], ...]
    infection: tuple[tuple[Held, InfectionRule], ...]
    watch: tuple[RuleSet, DoseWatch] | None

    @staticmethod
    def of(sets: RuleSets, day: date) -> DayRules:
        """The rules of a day; made once for all persons."""
        products, watch = sets.part("vaccine", day), sets.part("dose_watch", day)
        return DayRules(
            day,
            {one.id: one for one in products.vaccine} if products else {},
            products,
            tuple((held, one) for held, one in _lines(sets, "programme", day) if one.since <= day),
            tuple(_lines(sets, "additional_dose", day)),
            tuple(_lines(sets, "booster_dose", day)),
            tuple(_lines(sets, "after_infection", day)),
            (watch, watch.dose_watch[0]) if watch else None,
        )

    @property
    def ahead(self) -> timedelta:
        """How long before it is due a dose is called."""
        return timedelta(days=self.watch[1].ahead_days if self.watch else 0)


def _lines(sets: RuleSets, subject: str, day: date) -> Iterator[tuple[Held, Any]]:
    for held in sets.held:
        if held.subject == subject and held.rule_set.default and held.on(day):
            yield from ((held, line) for line in getattr(held.rule_set, subject))
