"""A report as it stands, as it was filed, and filing it: one door for every kind.

Filed figures never change. What comes in later makes a new version, which says why and what is other than before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tui_app.clock import VIETNAM, from_wire, to_wire
from tui_app.errors import FieldProblem, GonhaError, InvalidFields, NotFound
from tui_app.rules.findings import Finding
from tui_app.rules.report_due import due
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.reports.choices import choices, chosen, cumulative_from
from tui_app.services.reports.filed import Difference, Filed, differences, filed, kept
from tui_app.services.reports.kinds import Due, Figure, Gap, Kind, Period
from tui_app.services.station.station_place import station_place
from tui_app.services.station.station_values import StationValue
from tui_app.store.engine import Store
from tui_app.text import clean


class NothingNew(GonhaError):
    """The report would say what was filed already."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a period as it is known at a moment.

    ``as_of``: wire moment; ``figures``: counted then; ``versions``: filed by then, the latest first; ``since``: what is
    other now than in the latest; ``due_at``: aware, None when no document says; ``why_due``: the rule; ``rules``: ids
    of the rule sets it rests on; ``wanted``: names of texts a person must write before it is filed.
    """

    kind: Kind
    period: Period
    subject: str
    as_of: str
    figures: tuple[Figure, ...]
    gaps: tuple[Gap, ...]
    versions: tuple[Filed, ...]
    since: tuple[Difference, ...]
    due_at: datetime | None
    why_due: Finding | None
    rules: tuple[str, ...]
    conventions: tuple[StationValue, ...]
    cumulative_from: str
    wanted: tuple[str, ...]

    @property
    def filed(self) -> Filed | None:
        """The latest version."""
        return self.versions[0] if self.versions else None

    @property
    def over(self) -> bool:
        """Whether the period had ended at that moment; a report may be filed before it does."""
        return from_wire(self.as_of) >= self.period.ends


def period_of(c: Any, kind: Kind, day: date) -> Period:
    """The period of a kind that a day lies in, by what the station chose for that day."""
    return kind.period(day, choices(c, day))


def report(
    c: Any, kind: Kind, day: date, now: datetime, *, as_of: datetime | None = None, subject: str = ""
) -> Report:
    """The report of the period that a day lies in, counted now or as it was known at ``as_of``.

    A kind that cannot be counted again is shown as it was filed by then. Raises NotOpened for a viewer, who gets counts
    from the server; NotFound where nothing was filed by then; what the kind raises for its subject.
    """
    gate.check_role(c, "report")
    moment = as_of or now
    period = period_of(c, kind, day)
    versions = tuple(filed(c, kind.name, subject, period.last, as_of))
    if as_of is None or kind.recounts:
        figures = kind.count(c, period, moment, subject)
    elif versions:
        figures = versions[0].figures
    else:
        raise NotFound("reports.not_filed_then")
    due_at, why = due_of(c, kind, period, subject) or (None, None)
    return Report(
        kind=kind,
        period=period,
        subject=subject,
        as_of=to_wire(moment),
        figures=figures,
        gaps=kind.gaps(figures),
        versions=versions,
        since=differences(versions[0].figures, figures) if versions else (),
        due_at=due_at,
        why_due=why,
        rules=(*_rules(c, kind, period.last), *([why.rule_set] if why else [])),
        conventions=chosen(c, kind.conventions, period.last),
        cumulative_from=cumulative_from(c, period.last),
        wanted=tuple(dict.fromkeys((*kind.narrative, *kind.wanted(figures)))),
    )


def due_of(c: Any, kind: Kind, period: Period, subject: str = "") -> Due | None:
    """When a report is due, and by which rule; None when no document in force says."""
    if kind.deadlines is not None:
        return kind.deadlines(c, period).get(subject)
    return due(rule_sets(c), kind.due_kind, period.last, VIETNAM)


def file_report(
    store: Store,
    who: str,
    kind: Kind,
    day: date,
    *,
    subject: str = "",
    reason: str = "",
    narrative: Mapping[str, str] | None = None,
) -> str:
    """File the report of the period that a day lies in: the figures of this moment, frozen. Returns its id.

    A later version needs a ``reason`` and something that changed. ``narrative``: name -> the words a person wrote; what
    the version before said stays where nothing new is given. Raises NotOpened for anybody but the chief, InvalidFields,
    NothingNew, NotFound.
    """
    with store.work(who) as work:
        c = work.connection
        gate.check_chief(c)
        now = from_wire(work.at)
        found = report(c, kind, day, now, subject=subject)
        before, why = found.filed, clean(reason)
        said = _narrative(found, narrative or {})
        problems = [
            FieldProblem("narrative", "reports.words_missing", what=kind.say_word(name), name=name)
            for name in found.wanted
            if not said.get(name)
        ]
        if found.period.begins > now:
            problems.append(FieldProblem("period_from", "reports.not_begun"))
        if before is not None and not why:
            problems.append(FieldProblem("reason", "reports.reason_needed"))
        if problems:
            raise InvalidFields(problems)
        if before is not None and not found.since and said == before.narrative:
            raise NothingNew("reports.nothing_new", version=before.version)
        values, counted = kept(found.figures)
        fields = {
            "kind": kind.name,
            "subject": subject or None,
            "period_from": found.period.first,
            "period_to": found.period.last,
            "version": before.version + 1 if before else 1,
            "figures": values,
            "counted": counted,
            "rules": list(found.rules),
            "known_at": work.at,
            "written_at": work.at,
            "due_at": found.due_at,
            "supersedes": before.id if before else None,
            "reason": why or None,
            "conventions": conventions(found),
            "narrative": [{"name": name, "text": text} for name, text in said.items()],
        }
        return work.create("report", fields, place=station_place(c))


def conventions(found: Report) -> list[dict[str, Any]]:
    """The station's choices that its figures depend on, as they are kept and printed with them."""
    said = [{"name": one.name, "value": one.value} for one in found.conventions]
    if found.cumulative_from:
        said.append({"name": "cumulative_from", "value": found.cumulative_from})
    return said


def _narrative(found: Report, given: Mapping[str, str]) -> dict[str, str]:
    said = dict(found.filed.narrative) if found.filed else {}
    said |= {name: clean(text) for name, text in given.items()}
    return {name: text for name, text in said.items() if text}


def _rules(c: Any, kind: Kind, day: date) -> tuple[str, ...]:
    """Ids of the rule sets that its figures rest on, in force on its last day."""
    sets = rule_sets(c)
    return tuple(
        dict.fromkeys(one.id for subject in kind.rule_subjects for one in sets.in_force(subject, day))
    )
