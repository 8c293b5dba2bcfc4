"""case follow-ups, follow-up: who is due to be looked at after a recovery, and what such a visit found."""

from __future__ import annotations

from typing import Any

from tui_app.clock import show_date, today
from tui_app.commands import case_words, common
from tui_app.commands.care_arguments import codes_of, day_of, yes_no_of
from tui_app.commands.case_actions import action, add_text, write
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.i18n import t

VISIT = "follow_up_visit"


def add(actions: Any) -> None:
    """Declare the actions of this module."""
    action(actions, "follow-ups", _follow_ups)
    visit = action(actions, "follow-up", _follow_up, "what", "CASE|VISIT")
    visit.add_argument("--due-on", metavar="D", help=t("care.help_due_on"))
    visit.add_argument("--well", choices=("yes", "no"), help=t("fields.well"))
    visit.add_argument("--symptoms", metavar="CODES", help=t("care.help_symptoms"))
    add_text(visit, "needs")
    add_text(visit, "note")
    visit.add_argument("--amend", action="store_true", help=t("care.help_visit_amend"))
    visit.add_argument("--withdraw", action="store_true", help=t("care.help_visit_withdraw"))
    add_text(visit, "reason")


def _follow_ups(arguments: Arguments) -> int:
    from tui_app.services.access import gate
    from tui_app.services.cases import follow_ups

    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            gate.check_role(c)
            found = follow_ups.follow_ups_due(c, today(workspace.clock))
        if arguments.json:
            case_words.note_export(workspace, "case")
    for one in found:
        if arguments.json:
            put_json(case_words.plain(one))
        else:
            put(f"{one.case}  {one.full_name}  {one.address}  {show_date(one.due_on)}")
    if not found and not arguments.json:
        say("care.no_follow_ups")
    return 0


def _follow_up(arguments: Arguments) -> int:
    from tui_app.services.cases import follow_ups

    if arguments.withdraw:
        return write(
            arguments,
            VISIT,
            arguments.what,
            lambda desk, visit: follow_ups.withdraw_follow_up(desk.store, desk.user, visit, arguments.reason),
            VISIT,
        )
    said: dict[str, Any] = {
        "well": yes_no_of(arguments.well),
        "needs": arguments.needs,
        "note": arguments.note,
    }

    def recorded(desk: common.Workspace, ident: str) -> str:
        if arguments.symptoms is not None:
            said["symptoms"] = codes_of(desk, arguments.symptoms)
        if arguments.amend:
            return follow_ups.amend_follow_up(desk.store, desk.user, ident, arguments.reason, **said)
        due = day_of(arguments.due_on)
        return follow_ups.record_follow_up(desk.store, desk.user, ident, due_on=due, **said)

    return write(arguments, VISIT if arguments.amend else "case", arguments.what, recorded, VISIT)
