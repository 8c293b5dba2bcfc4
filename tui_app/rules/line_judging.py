"""All that the rule sets say of a line: of the reading, and of the case where the line tells enough of it."""

from __future__ import annotations

from dataclasses import replace

from tui_app.rules.case_lines import CaseLine
from tui_app.rules.definition import definition, definition_lacks
from tui_app.rules.findings import Finding, Judgement, Reading
from tui_app.rules.judging import judge
from tui_app.rules.readings import day_of
from tui_app.rules.release import ReleaseAnswer, release
from tui_app.rules.rule_set import RuleSet, RuleSets

RELEASE, DEFINITION = "release", "case_definition"


def judge_line(
    reading: Reading, told: CaseLine, sets: RuleSets, *, only: str | None = None
) -> tuple[Judgement, ReleaseAnswer | None]:
    """The judgement of a reading with what is said of the case it belongs to: the end of isolation, when the line has
    the first positive day and tests; the case definition, when it has tests or a contact. ``only``: as `judge`."""
    said = judge(reading, sets, only=only)
    findings: list[Finding] = list(said.findings)
    missing, not_judged = dict.fromkeys(said.missing), list(said.not_judged)
    ending: ReleaseAnswer | None = None
    if facts := told.release_facts(reading):
        if _speaks(sets, RELEASE, reading, only):
            ending = release(sets, facts, day_of(reading), only=only)
            findings += ending.findings
        else:
            not_judged.append(RELEASE)
    if told.defines:
        one = _speaks(sets, DEFINITION, reading, only)
        case = told.case_facts(reading)
        if one is None:
            not_judged.append(DEFINITION)
        else:
            findings += definition(one, case)
            missing |= dict.fromkeys(definition_lacks(one, case))
    whole = replace(said, findings=tuple(findings), missing=tuple(missing), not_judged=tuple(not_judged))
    return whole, ending


def _speaks(sets: RuleSets, subject: str, reading: Reading, only: str | None) -> RuleSet | None:
    """The set that speaks about a subject on the day of the reading, or the one that was asked for if it does."""
    one = sets.part(subject, day_of(reading)) if only is None else sets.get(only)
    return one if one is not None and getattr(one, subject) else None
