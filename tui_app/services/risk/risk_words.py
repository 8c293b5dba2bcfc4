"""What risk groups are called, and why somebody is in one, in the language in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui_app import i18n
from tui_app.clock import show_date, show_moment
from tui_app.codes import alert_word, code_word
from tui_app.i18n import catalogue, t
from tui_app.records.code_words import ETHNIC_GROUPS
from tui_app.rules.rule_set import RuleSets
from tui_app.services.judging.rule_sets import line_of

if TYPE_CHECKING:
    from tui_app.services.risk.risk_why import Reason


def group_word(sets: RuleSets, code: str) -> str:
    """What a group or state is called: as the program calls it, else as a rule set does; a place's own words stay."""
    words = catalogue(i18n.language(), "risk")
    if own := words.get(f"group_{code}"):
        return own
    known = alert_word(code)
    if known != code:
        return known
    for one in sets:
        for rule in one.risk_rule:
            if rule.group == code:
                return str(getattr(rule, i18n.language()))
    return code


def reason_words(sets: RuleSets, reason: Reason) -> list[str]:
    """Why: the rule with its input, document and doubts, or who wrote it, when and for which days; the first line says
    most."""
    if reason.finding is None:
        days = t(
            "risk.from_to",
            start=show_date(reason.started_on) if reason.started_on else "…",
            end=show_date(reason.ended_on) if reason.ended_on else "…",
        )
        said = [
            t("risk.written_by", who=reason.who or "?", at=show_moment(reason.at) if reason.at else "?"),
            days,
        ]
        if reason.source:
            said.append(t("risk.source", source=code_word("source", reason.source, "risk_membership")))
        if reason.holds is None:
            said.append(t("risk.ask_again"))
        return said
    found = sets.sets.get(reason.finding.rule_set)
    rule = line_of(found, reason.finding) if found else None
    if found is None or rule is None:
        return [reason.finding.rule]
    said = [str(getattr(rule, i18n.language()))]
    if given := _input(reason):
        said.append(given)
    if reason.holds is None:
        said.append(t("risk.unsure"))
    said.append(rule.document or found.document)
    said.append(t("risk.rule_and_set", rule=rule.id, set=found.id, limit=reason.finding.limit or "–"))
    if not reason.finding.verified:
        said.append(t("rules.unverified"))
    return said + [getattr(one, i18n.language()) for one in found.conflict if rule.id in one.lines]


def short_reason(sets: RuleSets, reason: Reason) -> str:
    """The same in one line of a list: the input that decided with its document, else the rule; or its days and who
    wrote it."""
    said = reason_words(sets, reason)
    if reason.finding is None:
        return f"{said[1]} · {said[0]}"
    unsure = t("risk.unsure") if reason.holds is None else ""
    found = sets.sets.get(reason.finding.rule_set)
    rule = line_of(found, reason.finding) if found else None
    document = (rule.document or found.document) if found and rule else ""
    return " · ".join(filter(None, (unsure, _input(reason) or said[0], document)))


def _input(reason: Reason) -> str:
    """The input that decided."""
    value = reason.finding.value if reason.finding else None
    match reason.finding.field if reason.finding else "":
        case "birth_date" | "birth_year":
            return t("risk.born", when=show_date(value) if isinstance(value, str) else value or "?")
        case "conditions":
            return ", ".join(alert_word(code) for code in value or ())
        case "ethnicity":
            return t("risk.ethnic", name=ETHNIC_GROUPS.get(str(value), str(value)), code=value)
        case "reported_doses":
            return t("risk.doses", doses="?" if value is None else value)
        case "household" | "carer":
            return t("risk.because_of", names=", ".join(reason.others))
        case _:
            return ""
