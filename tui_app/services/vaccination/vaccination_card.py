"""A person's vaccination as the card shows it: the doses, how they stand on a day, what keeps them from a dose."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.rules.rule_set import RuleSets
from tui_app.rules.vaccine_facts import DoseStatus
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.people.cards import live_row
from tui_app.services.vaccination.dose_status import dose_status
from tui_app.store.rows import table


@dataclass(frozen=True, slots=True)
class VaccinationCard:
    """``doses``: oldest first, those without a day last; ``status``: None for who no longer counts; ``until``: no dose
    before that day, wire form; ``reason``: why not or not yet, as noted; ``stands``: whether a contraindication or
    postponement does."""

    doses: tuple[Row, ...]
    status: DoseStatus | None
    until: str | None
    reason: str
    reported: int | None
    sets: RuleSets
    stands: bool = False


def vaccination_card(c: Any, person: str, day: date) -> VaccinationCard:
    """Everything the card shows. Raises NotFound, NotOpened."""
    body = live_row(c, "person", person).body
    doses = table("vaccination_dose").where(
        c, "person = ? ORDER BY given_on IS NULL, given_on, number", (person,)
    )
    until = body.get("postponed_until")
    waits = until is not None and str(until) > day.isoformat()
    reasons = [body.get("contraindication_reason") if body.get("contraindicated") else None]
    reasons += [body.get("postponement_reason") if waits else None, body.get("unvaccinated_reason")]
    return VaccinationCard(
        doses=tuple(doses),
        status=dose_status(c, [person], day).get(person),
        until=str(until) if waits else None,
        reason="; ".join(str(one) for one in reasons if one),
        reported=body.get("reported_doses"),
        sets=rule_sets(c),
        stands=bool(body.get("contraindicated") or until),
    )
