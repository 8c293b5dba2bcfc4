"""What the rules said of a patient, for people to read: each question with its answer and the rules behind it."""

from __future__ import annotations

from tui_app.i18n import language, t
from tui_app.records.cases import CaseEventKind
from tui_app.rules.findings import Judgement
from tui_app.rules.rule_set import RuleSets
from tui_app.services.care.entry import UNSURE, of_kind, outcome_of
from tui_app.services.judging.findings import open_findings
from tui_app.services.judging.rule_sets import input_word, outcome_word, unsaid_words
from tui_app.widgets.case_row import why_lines
from tui_app.widgets.signs import sign

ASKED = (CaseEventKind.ELIGIBILITY, CaseEventKind.RISK_CLASS, CaseEventKind.SEVERITY)


def judgement_lines(sets: RuleSets, said: Judgement) -> list[str]:
    """Eligibility for care at home, risk class, grade; what is missing; what could not be judged."""
    lines = []
    for kind in ASKED:
        outcome = outcome_of(said, kind)
        answer = t("case.unsure") if outcome in (None, UNSURE) else outcome_word(kind, str(outcome))
        lines.append(f"{t(f'case.asked_{kind}')}: {answer}")
        found = open_findings(one.kept() for one in of_kind(said.findings, kind))
        lines += [f"  {sign('pointer')} {words}" for words in why_lines(sets, found)]
    if said.missing:
        names = ", ".join(input_word(name, language()) for name in said.missing)
        lines.append(t("case.missing", fields=names))
    return [*lines, *unsaid_words(sets, said.unsure, said.not_judged)]
