"""Deadlines in words and for programs."""

from __future__ import annotations

from typing import Any

from tui_app.clock import show_moment
from tui_app.i18n import t
from tui_app.services.reports.deadlines import Deadline, Timing
from tui_app.services.reports.words import kind_word, period_words


def name_of(one: Deadline) -> str:
    """The kind, and what it is about."""
    return f"{kind_word(one.kind)}: {one.name}" if one.name else kind_word(one.kind)


def timing_word(timing: Timing) -> str:
    """Chưa đến hạn, đúng hạn, muộn, thiếu."""
    return t(f"reports.state_{timing}")


def times(one: Deadline) -> list[str]:
    """When it was written and when the server had it."""
    if not one.written_at:
        return []
    return [t("reports.written_at", at=show_moment(one.written_at)), received_words(one)]


def received_words(one: Deadline) -> str:
    """When the server had it."""
    if not one.received_at:
        return t("reports.not_received")
    if one.received_at == "sent":
        return t("reports.received_unknown_time")
    key = "reports.received_late" if one.received_late else "reports.received_at"
    return t(key, at=show_moment(one.received_at))


def deadline_line(one: Deadline) -> str:
    """A deadline on one line."""
    parts = [
        name_of(one),
        period_words(one.period),
        t("reports.due_at", at=show_moment(one.due_at)),
        timing_word(one.timing).upper() if one.timing is Timing.MISSING else timing_word(one.timing),
        *times(one),
    ]
    return " · ".join(parts)


def missing_line(one: Deadline) -> str:
    """The units that have not reported."""
    params = {"kind": kind_word(one.kind), "subject": one.name, "count": len(one.units_missing)}
    return t("reports.units_missing", **params, units=", ".join(one.units_missing))


def deadline_json(one: Deadline) -> dict[str, Any]:
    """A deadline for programs."""
    return {
        "kind": one.kind,
        "subject": one.subject,
        "name": one.name,
        "first": one.period.first.isoformat(),
        "last": one.period.last.isoformat(),
        "due_at": one.due_at.isoformat(),
        "state": one.timing.value,
        "version": one.version,
        "written_at": one.written_at or None,
        "received_at": one.received_at or None,
        "units_missing": list(one.units_missing),
    }
