"""Why somebody stands on the roster, in words: short for a list, with rule, set and inputs where somebody asks."""

from __future__ import annotations

from tui_app.clock import show_date, show_moment
from tui_app.codes import code_word
from tui_app.i18n import language, t
from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSets
from tui_app.services.judging.rule_sets import line_of, rule_words, value_words
from tui_app.services.roster.lines import Reason, RosterLine


def short_words(sets: RuleSets, line: RosterLine) -> str:
    """All reasons of a line, shortly."""
    return "; ".join(dict.fromkeys(short(sets, reason) for reason in line.reasons))


def list_words(sets: RuleSets, line: RosterLine) -> str:
    """The same for a narrow column: what is to be done is said where no reason says it."""
    said = short_words(sets, line)
    says_it = any(reason.code not in _ANY_TASK for reason in line.reasons)
    return said if says_it else f"{task_word(line)} · {said}"


_ANY_TASK = frozenset({"given", "undone", "returned"})


def short(sets: RuleSets, reason: Reason) -> str:
    """One reason, without its document."""
    since, first = since_words(reason.since), reason.findings[0] if reason.findings else None
    value = first.value if first is not None and isinstance(first.value, dict) else {}
    match reason.code:
        case "alert" | "worse":
            what = ", ".join(_sign(sets, one) for one in reason.findings)
            return t(f"roster.why_{reason.code}", since=since, what=what)
        case "half_day":
            slot = t(f"roster.slot_{first.rule}") if first else "?"
            return t("roster.why_half_day" if value else "roster.why_half_day_none", slot=slot)
        case "sweep" if value.get("absences"):
            return t("roster.why_sweep_absent", text=reason.text, count=value["absences"])
        case "sweep":
            what = code_word("sweep_state", str(value.get("sweep_state", "")))
            return t("roster.why_sweep", text=reason.text, what=what)
        case "dose":
            what = t(f"vaccination.dose_{reason.text}") if reason.text else t("roster.task_dose")
            return t("roster.why_dose", what=what, since=since)
        case "need":
            what = code_word("kind", reason.text).lower()
            return t("roster.why_need", what=what, since=since)
        case "given":
            key = "roster.why_given" if reason.text else "roster.why_given_bare"
            return t(key, text=reason.text, since=since)
        case "undone" if reason.text:
            return t("roster.why_undone_text", text=reason.text, since=since)
        case _:
            return t(f"roster.why_{reason.code}", text=reason.text, since=since)


def long(sets: RuleSets, reason: Reason) -> list[str]:
    """One reason with since when, and each rule, value, limit and document behind it."""
    head, since = short(sets, reason), since_words(reason.since)
    if since not in head:
        head = f"{head} · {t('roster.since', since=since)}"
    return [head, *(rule_words(sets, one, language()) for one in reason.findings)]


def state_word(line: RosterLine) -> str:
    """How a line stands."""
    return t(f"roster.state_{line.state}")


def task_word(line: RosterLine) -> str:
    """What is to be done."""
    return t(f"roster.task_{line.task}")


def name_words(line: RosterLine) -> str:
    """Whom it is for: the person, or the household by its head."""
    if line.person:
        return line.full_name or "?"
    return t("roster.whole_door", head=line.full_name) if line.full_name else t("roster.whole_door_bare")


def to_words(line: RosterLine) -> str:
    """Who goes there."""
    return line.to or t("roster.nobody")


def since_words(since: str) -> str:
    """An ISO day or wire moment for people."""
    return show_moment(since) if "T" in since else show_date(since)


def _sign(sets: RuleSets, one: Finding) -> str:
    """What was found, with the value that was measured."""
    held = sets.sets.get(one.rule_set)
    line = line_of(held, one) if held else None
    sign = str(getattr(line, language())) if line else one.rule
    measured = one.value if isinstance(one.value, (int, float)) and not isinstance(one.value, bool) else None
    return sign if measured is None else f"{sign} {value_words(sets, measured, language())}"
