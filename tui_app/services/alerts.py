"""Alerts: danger signs that somebody has to answer. A later normal value never closes one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tui_app.rules.findings import Finding
from tui_app.store.engine import Store


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert. ``at``: wire moment it was opened; ``findings``: the danger signs, with rule, set and limit;
    ``vitals``: what was measured, field -> value; ``late``: unanswered for as long as the house allows; ``state``: the
    most open of the values while two laptops' answers wait for a decision; ``phone``: masked but for its tail.
    """

    id: str
    case: str
    person: str
    observation: str
    full_name: str
    phone: str
    at: str
    findings: tuple[Finding, ...]
    vitals: Mapping[str, Any]
    late: bool
    state: str
    told_to: str = ""
    answered_at: str = ""


def open_alerts(c: Any, now: datetime, *, answered: bool = False) -> list[AlertLine]:
    """Alerts nobody has answered, late ones first, then the oldest; with ``answered`` also those told or referred and
    not closed. Those of ended cases too. Units that are shut are left out."""
    raise NotImplementedError


def alert_line(c: Any, alert: str, now: datetime) -> AlertLine:
    """One alert, in whatever state. Raises NotFound, NotOpened."""
    raise NotImplementedError


def tell(store: Store, who: str, alert: str, told_to: str, note: str = "") -> None:
    """Note whom the alert was told to. Raises NotFound, InvalidFields without a name, AlertAnswered when it is
    closed."""
    raise NotImplementedError


def refer(store: Store, who: str, alert: str, referral: str) -> None:
    """Note the referral that answers the alert. Raises NotFound, AlertAnswered when it is closed."""
    raise NotImplementedError


def close(store: Store, who: str, alert: str, reason: str) -> None:
    """Close an alert because a person says so, with the reason. Raises NotFound, InvalidFields without a reason,
    AlertAnswered when it is closed."""
    raise NotImplementedError


def take_back(store: Store, who: str, alert: str) -> None:
    """Undo an answer: the alert is open again, since the moment it was first opened. Raises NotFound."""
    raise NotImplementedError
