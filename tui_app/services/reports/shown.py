"""A report as it is read, a filed version or what is counted now: the same lines on screen, in commands, on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tui_app.clock import from_wire, show_date, show_moment
from tui_app.i18n import t
from tui_app.services.reports.filed import Filed, changes
from tui_app.services.reports.filing import Report
from tui_app.services.reports.kinds import Figure
from tui_app.services.reports.words import (
    changes_words,
    convention_words,
    counted_words,
    gap_words,
    held_conventions,
    kind_word,
    opening_words,
    outdated,
    period_words,
    rule_names,
    version_words,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """``version``: 0 for figures of this moment; ``head``: what the report is, as known when; ``gaps``: what does not
    add up, in words; ``off``: by how much, by the total's name, the most where a total is off twice; ``remarks``: what
    changed, where running totals began, the conventions and rules it was counted by; ``narrative``: name -> the words
    of who made it."""

    title: str
    version: int
    figures: tuple[Figure, ...]
    head: tuple[str, ...]
    gaps: tuple[str, ...]
    off: Mapping[str, float]
    remarks: tuple[str, ...]
    narrative: Mapping[str, str]


def shown(found: Report, this: Filed | None = None, subject: str = "") -> Shown:
    """A version as it was filed, or the figures that were counted now. ``subject``: its name."""
    kind = found.kind
    figures = this.figures if this else found.figures
    gaps = kind.gaps(figures)
    said_gaps = [gap_words(kind, gap) for gap in gaps]
    if this is None and outdated(figures, gaps):
        said_gaps.append(t("reports.file_before_again"))
    conventions = list(this.conventions.items()) if this else held_conventions(found)
    rules = this.rules if this else found.rules
    remarks = [
        *opening_words(figures),
        *convention_words(conventions, kind),
        t("reports.rules", rules=rule_names(rules)),
    ]
    before = next((one for one in found.versions if this and one.id == this.supersedes), None)
    if this and before:
        said = changes_words(kind, changes(found.versions, this))
        remarks.insert(0, t("reports.changed_from", version=before.version, changes=said))
    return Shown(
        title=t(
            f"reports.title_{kind.name}",
            first=show_date(found.period.first),
            last=show_date(found.period.last),
            subject=subject,
        ),
        version=this.version if this else 0,
        figures=figures,
        head=_head(found, this),
        gaps=tuple(said_gaps),
        off={gap.total: gap.off for gap in sorted(gaps, key=lambda gap: abs(gap.off))},
        remarks=tuple(remarks),
        narrative=this.narrative if this else {},
    )


def _head(found: Report, this: Filed | None) -> tuple[str, ...]:
    known_at = this.known_at if this else found.as_of
    over = from_wire(known_at) >= found.period.ends
    if this is not None:
        said = version_words(this)
    elif found.filed is not None:
        said = t("reports.looked_at", version=found.filed.version)
    else:
        said = t("reports.not_filed")
    return (
        f"{kind_word(found.kind.name)} {period_words(found.period)}",
        counted_words(found.period),
        t("reports.as_known" if over else "reports.not_over", at=show_moment(known_at)),
        said,
    )
