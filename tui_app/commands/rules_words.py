"""Rule sets and judgements as lines of text and as values for programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_date
from tui_app.i18n import language, t
from tui_app.rules.age import Age
from tui_app.rules.condition import Condition, printed
from tui_app.rules.findings import Finding, Judgement
from tui_app.rules.level_parts import Response
from tui_app.rules.set_checks import LINES
from tui_app.rules.set_parts import SlotTimes
from tui_app.rules.vaccine_parts import Target
from tui_app.services.judging.rule_sets import (
    code_words,
    input_word,
    kind_words,
    mark_word,
    outcome_word,
    rule_words,
    unsure_words,
)

if TYPE_CHECKING:
    from tui_app.rules.release import ReleaseAnswer
    from tui_app.rules.rule_set import RuleSet, RuleSets
    from tui_app.services.judging.rule_offers import Entry
    from tui_app.services.judging.rule_preview import Preview


def entry_line(entry: Entry) -> str:
    """A set in the list."""
    until = show_date(entry.effective_to) if entry.effective_to else t("rules.no_end")
    said = [
        f"{entry.id:<18} {show_date(entry.effective_from)} – {until:<12}",
        t(f"rules.state_{entry.state}"),
        str(getattr(entry, language())),
        entry.document,
    ]
    if entry.judges_today:
        said.append(t("rules.judges_today"))
    if entry.unverified:
        said.append(t("rules.unverified_lines", count=entry.unverified, lines=entry.lines))
    return "  ".join(said)


def set_lines(one: RuleSet) -> Iterator[str]:
    """A whole set."""
    until = show_date(one.effective_to) if one.effective_to else t("rules.no_end")
    yield f"{one.id}  {getattr(one, language())}"
    yield f"{one.document}  {show_date(one.effective_from)} – {until}  [{one.mark}]"
    if one.local:
        yield t("rules.made_for", place=getattr(one.local, language()))
    if one.note:
        yield getattr(one.note, language())
    for kind in LINES:
        for line in one.lines(kind):
            ages = _ages(line.from_months, line.below_months)
            outcome = f" → {outcome_word(kind, line.outcome)}" if line.outcome else ""
            said = f"{getattr(line, language())}: {_limits(one, line.when)}"
            yield f"  {t('rules.kind_' + kind)}: {said}{outcome}{ages}{_sure(one, line)}"
    for (table, _), part in one.parts():
        if isinstance(part, SlotTimes):
            hours = " · ".join(f"{at:%H:%M}" for at in (part.opens, part.due, part.overdue))
            yield f"  {t('codes.slot_' + part.slot)}: {hours}{_sure(one, part)}"
        elif table not in LINES and hasattr(part, language()):
            says = getattr(part, f"says_{language()}", "")
            limit = f" ({part.op} {part.percent} %)" if isinstance(part, Target) and part.op else ""
            if isinstance(part, Response):
                limit = f" → {', '.join(part.levels)}"
            yield f"  {getattr(part, language())}{says and ': ' + says}{limit}{_sure(one, part)}"
    for conflict in one.conflict:
        yield t("rules.unsettled", conflict=getattr(conflict, language()))
    for source in one.source:
        yield t("rules.source", source=source)


def _limits(one: RuleSet, condition: Condition) -> str:
    """What a condition looks for: limits as printed, codes by their words."""
    spoken = language()
    if condition.parts:
        said = (_limits(one, part) for part in condition.parts)
        if condition.none:
            return f"{t('codes.no').lower()} ({', '.join(said)})"
        few = f"≥ {condition.at_least}: " if condition.at_least > 1 else ""
        return few + (" / " if condition.any else "; ").join(said)
    name = input_word(condition.field or condition.fact, spoken)
    if condition.op is not None:
        return f"{name} {printed(condition)}"
    if condition.any_of:
        return ", ".join(code_words(one, code, spoken) for code in condition.any_of)
    wanted = t("codes.no" if condition.empty or condition.is_ is False else "codes.yes")
    return f"{name} {wanted.lower()}"


def _ages(low: int, high: int | None) -> str:
    if not low and high is None:
        return ""
    return " (" + (t("rules.from_age", age=_age(low)) if high is None else f"{_age(low)}–<{_age(high)}") + ")"


def _age(months: int) -> str:
    return t("rules.months", count=months) if months < 24 else t("rules.years", count=months // 12)


def _sure(one: RuleSet, part: Any) -> str:
    return "" if one.sure(part) else f" [{one.mark_of(part)}: {t('rules.unverified')}]"


def judgement_json(
    number: int, judgement: Judgement, ignored: tuple[str, ...], sets: RuleSets
) -> dict[str, Any]:
    """A line of ``gonha rules judge --json``."""
    age = judgement.age
    exact = age is not None and age.low_months == age.high_months
    answer: dict[str, Any] = {"line": number, "age_months": age.low_months if age and exact else None}
    if age is not None and not exact:
        answer["age_months_range"] = [age.low_months, age.high_months]
    answer["findings"] = [_finding_json(finding, sets) for finding in judgement.findings]
    answer["missing"], answer["unsure"] = list(judgement.missing), list(judgement.unsure)
    if judgement.not_judged:
        answer["not_judged"] = list(judgement.not_judged)
    return answer | ({"ignored": list(ignored)} if ignored else {})


def _finding_json(finding: Finding, sets: RuleSets) -> dict[str, Any]:
    return finding.kept() | ({} if finding.verified else {"mark": mark_word(sets, finding)})


def release_json(ending: ReleaseAnswer | None) -> dict[str, Any]:
    """Whether an isolation may end, beside the findings that say why; nothing when the line does not tell enough."""
    if ending is None:
        return {}
    earliest = None if ending.earliest is None else ending.earliest.isoformat()
    return {
        "release": {
            "may_end": ending.may_end,
            "earliest": earliest,
            "day_number": ending.day_number,
            "convention": ending.convention,
        }
    }


def release_lines(ending: ReleaseAnswer | None, sets: RuleSets) -> Iterator[str]:
    """The same for people, with how days are counted."""
    if ending is not None and ending.earliest is not None:
        said = {True: "yes", False: "no", None: "unknown"}[ending.may_end]
        held = sets.get(ending.rule_set).convention
        yield "  " + t(
            f"rules.release_{said}",
            day=ending.day_number,
            earliest=show_date(ending.earliest),
            convention=getattr(held, language()) if held else "",
        )


def judgement_lines(
    number: int, judgement: Judgement, ignored: tuple[str, ...], sets: RuleSets
) -> Iterator[str]:
    """A judged line for people."""
    yield t("rules.judged_line", line=number, age=_age_words(judgement.age))
    for finding in judgement.findings:
        yield f"  {kind_words(finding)}: {rule_words(sets, finding, language())}"
    if judgement.missing:
        yield "  " + t(
            "rules.missing", fields=", ".join(input_word(n, language()) for n in judgement.missing)
        )
    if judgement.unsure:
        yield "  " + t("rules.unsure", rules=unsure_words(sets, judgement.unsure, language()))
    if judgement.not_judged:
        kinds = ", ".join(t(f"rules.kind_{kind}") for kind in judgement.not_judged)
        yield "  " + t("rules.not_judged", kinds=kinds)
    if ignored:
        yield "  " + t("rules.ignored", names=", ".join(ignored))


def _age_words(age: Age | None) -> str:
    if age is None:
        return "?"
    if age.low_months == age.high_months:
        return _age(age.low_months)
    return f"{_age(age.low_months)} – {_age(age.high_months)}"


def preview_lines(preview: Preview, spoken: str) -> Iterator[str]:
    """Who would be judged otherwise."""
    yield t(
        "rules.preview",
        id=preview.rule_set,
        day=show_date(preview.from_day),
        cases=preview.cases,
        changed=len(preview.changes),
    )
    for change in preview.changes:
        before, after = (", ".join(map(_said_words, said)) or "–" for said in (change.before, change.after))
        yield f"  {change.full_name}: {before} → {after}"


def _said_words(said: str) -> str:
    """Something a preview names, for people."""
    kind, _, what = said.partition(":")
    if kind == "unsure":
        return t("rules.unsure", rules=what)
    if kind == "release":
        return f"{t('rules.kind_release')} {show_date(date.fromisoformat(what))}"
    inputs = ", ".join(input_word(name, language()) for name in what.split(", "))
    return f"{t(f'rules.kind_{kind}')} {inputs if kind == 'danger_sign' else outcome_word(kind, what)}"


def preview_json(preview: Preview) -> dict[str, Any]:
    """The preview for programs: no names."""
    return {
        "cases": preview.cases,
        "changed": len(preview.changes),
        "counts": dict(preview.counts),
        "changes": [
            {"case": change.case, "before": list(change.before), "after": list(change.after)}
            for change in preview.changes
        ],
    }
