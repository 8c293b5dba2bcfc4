"""Reports in words: figures, gaps, what changed, how it was counted and by when it was due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from tui_app.clock import show_date, show_moment
from tui_app.i18n import catalogue, language, t
from tui_app.services.judging.rule_sets import line_of, rule_sets
from tui_app.services.reports.choices import CUMULATIVE_FROM
from tui_app.services.reports.filed import Difference, Filed
from tui_app.services.reports.filing import Report
from tui_app.services.reports.kinds import Figure, Gap, Kind, Period
from tui_app.text import decimal


def kind_word(kind: str) -> str:
    """What a kind of report is called."""
    return t(f"reports.kind_{kind}")


def period_words(period: Period) -> str:
    """The day, or the first and the last, the year once where it is the same."""
    first, last = period.first, period.last
    if first == last:
        return show_date(last)
    begin = f"{first:%d/%m}" if first.year == last.year else show_date(first)
    return t("reports.period_days", first=begin, last=show_date(last))


def counted_words(period: Period) -> str:
    """From which moment until which."""
    begins, ends = show_moment(period.begins), show_moment(period.ends)
    return t("reports.counted_between", begins=begins, ends=ends)


def value_words(value: float | int | None) -> str:
    """A figure's value; one that cannot be worked out says so."""
    return t("reports.unknown") if value is None else decimal(value)


def name_words(kind: Kind, figure: Figure) -> str:
    """What a figure is called with the heading it stands under."""
    section, word = kind.section(figure), kind.word(figure)
    return f"{section}: {word.removeprefix('… ')}" if section else word


def note_words(kind: Kind, figure: Figure) -> str:
    """What is said beside a figure: where it is from when it was not simply counted, and what its kind says of it."""
    said = figure.detail or {}
    if "typed_in" in said:
        return t("reports.typed_in", source=said["typed_in"] or t("reports.no_source"))
    if "version" in said:
        return t("reports.note_before", version=said["version"])
    return t("reports.note_counted") if said.get("counted") else kind.note(figure)


def opening_words(figures: Iterable[Figure]) -> list[str]:
    """Where the running totals began, each said once."""
    said = [one.detail or {} for one in figures]
    versions = sorted({one["version"] for one in said if "version" in one})
    words = [t("reports.before_report", version=version) for version in versions]
    return [*words, t("reports.before_counted")] if any(one.get("counted") for one in said) else words


def outdated(figures: Iterable[Figure], gaps: Iterable[Gap]) -> bool:
    """Whether a running total does not go on from the one filed before: that report lacks what came in later."""
    filed = {one.name for one in figures if "version" in (one.detail or {})}
    return any(part in filed for gap in gaps for part in gap.parts)


def gap_words(kind: Kind, gap: Gap) -> str:
    """What does not add up and by how much; the heading of the total is not said again for its parts."""
    total, parts = Figure(gap.total, None), [Figure(name, None) for name in gap.parts]
    heading = kind.section(total)
    said = [kind.word(one) if kind.section(one) == heading else name_words(kind, one) for one in parts]
    return t(
        "reports.gap",
        off=decimal(abs(gap.off)),
        total=name_words(kind, total),
        value=decimal(gap.value),
        parts=" + ".join(said),
        sum=decimal(gap.of_parts),
    )


def change_words(kind: Kind, one: Difference) -> str:
    """How one figure differs."""
    name = name_words(kind, Figure(one.name, one.now, one.kind, unit=one.unit))
    params = {"name": name, "was": value_words(one.was), "now": value_words(one.now)}
    if not (one.gained or one.lost):
        return t("reports.change", **params)
    key = "reports.same_value" if one.was == one.now else "reports.change_ids"
    return t(key, **params, gained=len(one.gained), lost=len(one.lost))


def changes_words(kind: Kind, found: Sequence[Difference]) -> str:
    """Each figure that differs."""
    return "; ".join(change_words(kind, one) for one in found)


def version_words(one: Filed) -> str:
    """Which version, by whom, when and why."""
    words = t("reports.version_said", version=one.version, who=one.who, at=show_moment(one.written_at))
    return f"{words}; {t('reports.version_reason', reason=one.reason)}" if one.reason else words


def convention_words(conventions: Iterable[tuple[str, str]], kind: Kind) -> Iterator[str]:
    """The station's choices that the figures depend on, then how the kind counts."""
    since = ""
    for name, value in conventions:
        if name == CUMULATIVE_FROM:
            since = value
            continue
        yield t("reports.convention", name=choice_word(name), value=choice_value_word(name, value))
    if kind.notes:
        totals = t("reports.convention_cumulative_from")
        shown = t("reports.convention", name=totals, value=show_date(since))
        yield shown if since else t("reports.convention_all")
    yield from map(t, kind.notes)


def choice_word(name: str) -> str:
    """What a choice of the station is called."""
    if name == CUMULATIVE_FROM:
        return t("reports.convention_cumulative_from")
    return catalogue(language(), "station").get(name, name)


def choice_value_word(name: str, value: str) -> str:
    """What was chosen."""
    if name == CUMULATIVE_FROM:
        return show_date(value) if value else t("reports.first_record")
    return catalogue(language(), "station").get(f"{name}_{value}", value)


def held_conventions(found: Report) -> list[tuple[str, str]]:
    """Name and value of the choices of a report that is counted now."""
    said = [(one.name, one.value) for one in found.conventions]
    return [*said, (CUMULATIVE_FROM, found.cumulative_from)] if found.cumulative_from else said


def due_words(found: Report) -> str:
    """The deadline with the rule and document that set it, and that nobody checked it where nobody did."""
    if found.due_at is None:
        return t("reports.no_due")
    at = show_moment(found.due_at)
    why = found.why_due
    one = rule_sets().sets.get(why.rule_set) if why else None
    line = line_of(one, why) if one and why else None
    if one is None or line is None:
        return t("reports.due_at", at=at)
    words = t("reports.due_why", at=at, rule=getattr(line, language()), document=one.document)
    return words if one.sure(line) else f"{words} · {t('rules.unverified')}"


def rule_names(rules: Iterable[str]) -> str:
    """The documents of these rule sets."""
    sets = rule_sets().sets
    return "; ".join(sets[ident].document if ident in sets else ident for ident in rules)


def figure_json(figure: Figure, ids: bool) -> dict[str, Any]:
    """A figure for programs."""
    said: dict[str, Any] = {"name": figure.name, "value": figure.value}
    said |= {name: value for name in ("unit", "kind") if (value := getattr(figure, name))}
    if figure.detail:
        said["detail"] = dict(figure.detail)
    if ids:
        said["ids"] = list(figure.ids) if figure.listed else None
    return said


def filed_json(one: Filed) -> dict[str, Any]:
    """A version for programs, without its figures."""
    names = ("id", "version", "known_at", "written_at", "due_at", "who", "reason", "supersedes")
    return {name: getattr(one, name) for name in names}


def difference_json(one: Difference) -> dict[str, Any]:
    """What changed, for programs."""
    return {
        "name": one.name,
        **({"unit": one.unit} if one.unit else {}),
        "was": one.was,
        "now": one.now,
        "gained": list(one.gained),
        "lost": list(one.lost),
    }


def report_json(found: Report, *, ids: bool = False) -> dict[str, Any]:
    """A report for programs."""
    period = found.period
    return {
        "kind": found.kind.name,
        "subject": found.subject,
        "period": {
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "begins": period.begins.isoformat(),
            "ends": period.ends.isoformat(),
            "over": found.over,
        },
        "as_of": found.as_of,
        "due_at": _moment(found.due_at),
        "figures": [figure_json(one, ids) for one in found.figures],
        "gaps": [
            {
                "total": one.total,
                "value": one.value,
                "parts": list(one.parts),
                "sum": one.of_parts,
                "off": one.off,
            }
            for one in found.gaps
        ],
        "versions": [filed_json(one) for one in found.versions],
        "since": [difference_json(one) for one in found.since],
        "rules": list(found.rules),
        "conventions": dict(held_conventions(found)),
        "wanted": list(found.wanted),
    }


def _moment(moment: datetime | date | None) -> str | None:
    return moment.isoformat() if moment else None
