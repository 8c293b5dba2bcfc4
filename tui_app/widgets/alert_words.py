"""What an alert says: whose it is, each sign with its rule, value and limit, the number to call."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from tui_app.clock import show_time
from tui_app.i18n import language, t
from tui_app.rules.rule_set import RuleSets
from tui_app.services.cases.alerts import AlertLine
from tui_app.services.judging.rule_sets import rule_words
from tui_app.widgets.phones import phone_text
from tui_app.widgets.signs import sign
from tui_app.widgets.symbols import ellipsis, symbol

NAMED = 3
"""So many are named on other screens: the first to be late. All stand on the board."""


def title(alert: AlertLine) -> Content:
    """The first line, reversed so that it is seen first without colour too."""
    words = t("f0.alert_title", danger=symbol("danger"), name=alert.full_name)
    return Content.styled(f" {words} ", "bold reverse")


def call(alert: AlertLine, phone: str) -> Content:
    """When it was measured, and the number to call."""
    number = Content.styled(phone_text(phone), "bold")
    lines = [
        Content(t("f0.alert_at", time=show_time(alert.at))),
        Content.assemble(t("f0.alert_phone"), " ", number),
    ]
    return Content("\n").join(lines)


def signs(alert: AlertLine, sets: RuleSets) -> Content:
    """The signs, each with its rule, value and limit."""
    lines = [
        Content.assemble(Content.styled(f"{sign('pointer')} ", "bold"), rule_words(sets, finding, language()))
        for finding in alert.findings
    ]
    return Content("\n").join(lines)


def reason(alert: AlertLine, sets: RuleSets) -> str:
    """The signs in one line, as a referral's reason begins."""
    return "; ".join(rule_words(sets, finding, language()) for finding in alert.findings)


def waiting(alerts: Sequence[AlertLine]) -> str:
    """One line for other screens about alerts nobody has answered; empty when there are none."""
    if not alerts:
        return ""
    late = [alert for alert in alerts if alert.late]
    since: dict[str, tuple[str, str]] = {}
    for alert in sorted(late or alerts, key=lambda alert: alert.at):
        since.setdefault(alert.case, (alert.full_name, show_time(alert.at)))
    named = [f"{name} ({time})" for name, time in since.values()]
    names = ", ".join(named[:NAMED]) + (f" {ellipsis()}" if len(named) > NAMED else "")
    return t("f0.alerts_late" if late else "f0.alerts_open", count=len(alerts), late=len(late), names=names)
