"""Whether somebody is a suspected or a confirmed case on a day (domain/rules.md §2.11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from tui_app.rules.condition import answer
from tui_app.rules.findings import Finding
from tui_app.rules.judging import finding
from tui_app.rules.readings import codes_of
from tui_app.rules.rule_set import RuleSet, by_outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What is known of somebody who may be a case. None: not asked, not tested.

    ``antigen``, ``pcr``: aware moments (None where only the day is known) and whether positive; ``severe_pneumonia``:
    SARI or severe viral pneumonia.
    """

    symptoms: frozenset[str] | None = None
    signs: frozenset[str] | None = None
    epidemiological_factor: bool | None = None
    severe_pneumonia: bool | None = None
    antigen: tuple[tuple[datetime | None, bool], ...] = ()
    pcr: tuple[tuple[datetime | None, bool], ...] = ()

    def number(self, field: str) -> tuple[str, Any]:
        """See `tui_app.rules.condition.Inputs`."""
        positives = sorted(at for at, positive in self.antigen if positive and at is not None)
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


def definition(rules: RuleSet, facts: CaseFacts) -> tuple[Finding, ...]:
    """The lines of a definition that hold: those of ``confirmed``, or else those of ``suspected``."""
    for outcome, lines in by_outcome(rules.case_definition).items():
        answers = [(line, answer(line.when, facts, rules.facts)) for line in lines]
        if holding := [(line, one) for line, one in answers if one.holds]:
            return tuple(
                finding("case_definition", rules, line, one, outcome=outcome) for line, one in holding
            )
    return ()


def definition_lacks(rules: RuleSet, facts: CaseFacts) -> tuple[str, ...]:
    """The inputs that could still make somebody more of a case than `definition` says: who was not asked is no
    healthy person."""
    missing: dict[str, None] = {}
    for lines in by_outcome(rules.case_definition).values():
        answers = [answer(line.when, facts, rules.facts) for line in lines]
        if any(one.holds for one in answers):
            break
        missing |= dict.fromkeys(name for one in answers for name in one.missing)
    return tuple(missing)
