"""An outbreak in a few words, for screens, commands and papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_app.clock import show_date, show_moment
from tui_app.i18n import language, t
from tui_app.rules.findings import Finding
from tui_app.rules.rule_set import RuleSet
from tui_app.services.judging.rule_sets import line_of
from tui_app.services.outbreaks.deadlines import Deadline
from tui_app.services.outbreaks.declaring import Outbreak


def state(found: Outbreak) -> str:
    """Going on, or over since when."""
    if found.ended_on is None:
        return t("outbreak.state_goes_on")
    return t("outbreak.state_over", date=show_date(found.ended_on))


def dates(found: Outbreak) -> str:
    """From when to when."""
    since = show_date(found.started_on)
    if found.ended_on is None:
        return t("outbreak.dates_open", since=since)
    return t("outbreak.dates_over", since=since, until=show_date(found.ended_on))


def units(found: Outbreak) -> str:
    """Its units."""
    return ", ".join(name for _, name in found.units)


def where(found: Outbreak) -> str:
    """The place and its units, the narrowest first."""
    return ", ".join(filter(None, (found.place, units(found))))


def deadline(one: Deadline) -> str:
    """A deadline with both times, and how it stands."""
    what = t(f"outbreak.rule_{one.kind}")
    done = show_moment(one.done_at) if one.done_at else ""
    said = t(f"outbreak.due_{one.state}", what=what, due=show_moment(one.due_at), done=done)
    return said if one.finding.verified else f"{said} · {t('outbreak.unverified')}"


def rule(sets: Any, finding: Finding) -> str:
    """What the rule says, and whose it is."""
    one = sets.get(finding.rule_set)
    said = t("outbreak.form_rule", rule=getattr(line_of(one, finding), language()), document=one.document)
    return said if finding.verified else f"{said} · {t('outbreak.unverified')}"


def quiet(rules: RuleSet, finding: Finding) -> str:
    """How many days went by without a new case, how many are asked for, and by which document."""
    said = t("outbreak.form_quiet", days=finding.value, limit=finding.limit, document=rules.document)
    return said if finding.verified else f"{said} · {t('outbreak.unverified')}"


def numbers(found: Mapping[str, int | None]) -> str:
    """``mắc 3, tử vong 0, mẫu XN 12, dương tính 3``."""
    unknown = t("outbreak.unknown_number")
    said = {what: unknown if count is None else count for what, count in found.items()}
    return ", ".join(
        t("outbreak.number", what=t(f"outbreak.word_{what}"), count=count) for what, count in said.items()
    )
