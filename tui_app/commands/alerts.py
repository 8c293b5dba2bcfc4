"""alerts: danger signs that wait for an answer, and answering them."""

from __future__ import annotations

import argparse

from tui_app.commands import case_words, common
from tui_app.commands.care_arguments import whole_id
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import t

ACTIONS = ("tell", "refer", "close", "reopen")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    alerts = commands.add_parser("alerts", help=t("care.help_alerts"))
    alerts.add_argument("action", nargs="?", choices=ACTIONS, help=t("care.help_alerts_action"))
    alerts.add_argument("id", nargs="?", metavar="ID")
    alerts.add_argument("--to", metavar="WHO", default="", help=t("care.help_to"))
    alerts.add_argument("--referral", metavar="ID", help=t("care.help_referral"))
    alerts.add_argument("--reason", metavar="TEXT", default="", help=t("care.help_reason"))
    alerts.add_argument("--answered", action="store_true", help=t("care.help_answered"))
    common.add_json(alerts)
    common.add_login(alerts)
    alerts.set_defaults(run=run_alerts)


def run_alerts(arguments: Arguments) -> int:
    """List alerts, late ones first (exit 4 while one is unanswered), or answer one."""
    from tui_app.services.access import gate
    from tui_app.services.cases import alerts

    with common.unlocked(arguments) as workspace:
        if arguments.action is not None:
            return _answer(arguments, workspace)
        now = workspace.clock()
        with workspace.store.read() as c:
            gate.check_role(c)
            found = alerts.open_alerts(c, now, answered=arguments.answered)
        if arguments.json:
            case_words.note_export(workspace, "alert")
        for one in found:
            if arguments.json:
                put_json(case_words.alert_json(one))
            else:
                put(case_words.alert_line(one, case_words.finding_words(workspace, one.findings)))
    if not found and not arguments.json:
        say("care.no_alerts")
    return 4 if any(one.state == "open" for one in found) else 0


def _answer(arguments: Arguments, workspace: common.Workspace) -> int:
    from tui_app.services.cases import alerts

    if not arguments.id:
        raise UserError("care.needs_alert", action=arguments.action)
    store, who = workspace.store, workspace.user
    alert = whole_id(workspace, "alert", arguments.id)
    if arguments.action == "tell":
        alerts.tell(store, who, alert, arguments.to, arguments.reason)
    elif arguments.action == "refer":
        if not arguments.referral:
            raise UserError("care.needs_referral")
        alerts.refer(store, who, alert, whole_id(workspace, "referral", arguments.referral))
    elif arguments.action == "close":
        alerts.close(store, who, alert, arguments.reason)
    else:
        alerts.take_back(store, who, alert, arguments.reason)
    with store.read() as c:
        line = alerts.alert_line(c, alert, workspace.clock())
    if arguments.json:
        put_json(case_words.alert_json(line))
    else:
        say("care.noted", id=alert)
    return 0
