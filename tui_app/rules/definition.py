"""Whether somebody is a suspected or a confirmed case on a day (domain/rules.md §2.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from tui_app.rules.condition import answer
from tui_app.rules.findings import Finding
from tui_app.rules.judging import finding
from tui_app.rules.readings import codes_of
from tui_app.rules.rule_set import RuleSets, by_outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What is known of somebody who may be a case. None: not asked, not tested.

    ``antigen``, ``pcr``: aware moments and whether positive; ``severe_pneumonia``: SARI or severe viral pneumonia.
    """

    symptoms: frozenset[str] | None = None
    signs: frozenset[str] | None = None
    epidemiological_factor: bool | None = None
    severe_pneumonia: bool | None = None
    antigen: tuple[tuple[datetime, bool], ...] = ()
    pcr: tuple[tuple[datetime, bool], ...] = ()

    def number(self, field: str) -> tuple[str, Any]:
        """See `tui_app.rules.condition.Inputs`."""
        positives = sorted(at for at, positive in self.antigen if positive)
        gaps = [(later - earlier).total_seconds() / 3600 for earlier, later in pairwise(positives)]
        return field, min(gaps, default=None)

    def codes(self, field: str) -> tuple[frozenset[str], bool]:
        """See `tui_app.rules.condition.Inputs`."""
        return codes_of(self, field)

    def answer(self, field: str) -> Any:
        """See `tui_app.rules.condition.Inputs`."""
        if field in ("antigen_positive", "pcr_positive"):
            results = self.antigen if field == "antigen_positive" else self.pcr
            return any(positive for _, positive in results) if results else None
        return getattr(self, field)

    def asks(self, field: str) -> str:
        """See `tui_app.rules.condition.Inputs`."""
        return field


def definition(sets: RuleSets, facts: CaseFacts, day: date) -> tuple[Finding, ...]:
    """The lines of the definition in force that hold: those of ``confirmed``, or else those of ``suspected``."""
    found = sets.part("case_definition", day)
    for outcome, lines in by_outcome(found.case_definition if found else ()).items():
        answers = [(line, answer(line.when, facts, found.facts)) for line in lines] if found else []
        holding = [(line, one) for line, one in answers if one.holds]
        if found and holding:
            return tuple(
                finding("case_definition", found, line, one, outcome=outcome) for line, one in holding
            )
    return ()
