"""Figures of coverage in words and as values for programs: numerator, denominator, its source, met or not."""

from __future__ import annotations

from typing import Any

from tui_app.clock import show_date
from tui_app.i18n import language, t
from tui_app.rules.coverage import Goal
from tui_app.services.vaccination.coverage import LISTS, Count, Coverage, CoverageReport

OF_THE_LIST = "list"
"""``denominator_source`` of a figure counted against the persons recorded here."""


def goal_words(goal: Goal) -> str:
    """What a target asks of whom."""
    return str(getattr(goal.target, language()))


def limit_words(goal: Goal) -> str:
    """``≥ 90 %``; empty for a figure without a target."""
    target = goal.target
    return "" if target.op is None else f"{target.op} {target.percent} %"


def met_words(found: Coverage) -> str:
    """Đạt, chưa đạt; a dash where there is no target or nobody to count."""
    return {True: t("coverage.met"), False: t("coverage.not_met"), None: "–"}[found.met]


def count_words(count: Count) -> str:
    """``949/1000 = 94,9 %``."""
    return f"{count.numerator}/{count.denominator} = {count.percent}"


def source_words(found: Coverage, report: CoverageReport) -> str:
    """Where the denominator is from, and as of when."""
    typed = found.denominator
    if typed is not None:
        return t("coverage.source_typed", source=typed.source, date=show_date(typed.as_of))
    said = getattr(found.goal.target, f"denominator_{language()}")
    key = "coverage.source_list_of" if said else "coverage.source_list"
    return t(key, date=show_date(report.day), what=said)


def document_words(goal: Goal) -> str:
    """The plan, by when it is to be reached, and that nobody read the line where nobody did."""
    words = [goal.target.document or goal.rule_set.document]
    if goal.target.until:
        words.append(t("coverage.until", date=show_date(goal.target.until)))
    if not goal.verified:
        words.append(t("rules.unverified"))
    words += [getattr(one, language()) for one in goal.rule_set.conflict if goal.target.id in one.lines]
    return " · ".join(words)


def beside(found: Coverage) -> list[str]:
    """What is not in the figure, or is in it and asks for a look: so many of each kind."""
    return [
        t(f"coverage.count_{name}", count=len(found.ids[name]))
        for name in LISTS
        if name not in ("have", "lack") and found.ids[name]
    ]


def report_json(report: CoverageReport) -> dict[str, Any]:
    """The report for a program; counts only, nobody's id."""
    return {
        "date": report.day.isoformat(),
        "figures": [figure_json(one, report) for one in report.figures],
        "units": dict(report.units),
        "locked": list(report.locked),
    }


def figure_json(found: Coverage, report: CoverageReport) -> dict[str, Any]:
    """One figure."""
    target, typed = found.goal.target, found.denominator
    return {
        "target": found.goal.key,
        "words": goal_words(found.goal),
        "document": found.goal.target.document or found.goal.rule_set.document,
        "verified": found.goal.verified,
        "until": target.until.isoformat() if target.until else None,
        "op": target.op,
        "percent": target.percent,
        **_count_json(found.judged),
        "met": found.met,
        "excludes_contraindicated": target.without_contraindicated,
        "denominator_source": typed.source if typed else OF_THE_LIST,
        "as_of": (typed.as_of if typed else report.day).isoformat(),
        "plain": _count_json(found.plain),
        "without_contraindicated": _count_json(found.without),
        "counts": {name: len(ids) for name, ids in found.ids.items()},
        **(
            {"units": {area: figure_json(one, report) for area, one in found.areas.items()}}
            if found.areas
            else {}
        ),
    }


def _count_json(count: Count) -> dict[str, Any]:
    return {"numerator": count.numerator, "denominator": count.denominator, "shown": count.percent}
