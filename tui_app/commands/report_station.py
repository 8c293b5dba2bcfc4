"""report due, report choice: by when the station reports, and the conventions its figures rest on."""

from __future__ import annotations

from typing import Any

from tui_app.clock import show_date, today
from tui_app.commands import common
from tui_app.commands.care_arguments import day_of
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.i18n import t

_DAYS = 14


def add(kinds: Any) -> None:
    """Declare the commands of this module among the reports."""
    choice = kinds.add_parser("choice", help=t("reports.help_choice"))
    choice.add_argument("name", metavar="NAME", nargs="?", help=t("reports.help_choice_name"))
    choice.add_argument("value", metavar="VALUE", nargs="?", help=t("reports.help_choice_value"))
    choice.add_argument("--from", dest="since", metavar="D", help=t("reports.help_choice_from"))
    choice.add_argument("--source", metavar="TEXT", default="", help=t("reports.help_choice_source"))
    common.add_json(choice)
    common.add_login(choice)
    choice.set_defaults(run=_choice)
    due = kinds.add_parser("due", help=t("reports.help_due"))
    due.add_argument("--days", type=int, metavar="N", default=_DAYS, help=t("reports.help_days", days=_DAYS))
    common.add_json(due)
    common.add_login(due)
    due.set_defaults(run=_due)


def _due(arguments: Arguments) -> int:
    """Deadlines with both times; 4 when a report is missing."""
    from tui_app.services.reports.deadlines import Timing, deadlines
    from tui_app.services.reports.due_words import deadline_json, deadline_line, missing_line

    with common.unlocked(arguments) as workspace, workspace.store.read() as c:
        found = deadlines(c, workspace.clock(), arguments.days)
    for one in found:
        if arguments.json:
            put_json(deadline_json(one))
        else:
            put(deadline_line(one))
            if one.units_missing:
                put("  " + missing_line(one))
    missing = any(one.timing is Timing.MISSING for one in found)
    if not missing and not arguments.json:
        say("reports.all_in")
    return 4 if missing else 0


def _choice(arguments: Arguments) -> int:
    """Choose, then tell every choice with since when it holds."""
    from tui_app.services.reports.choices import choose, every_choice
    from tui_app.services.reports.words import choice_value_word, choice_word

    with common.unlocked(arguments) as workspace:
        if arguments.name:
            value, since = arguments.value or "", day_of(arguments.since)
            choose(workspace.store, workspace.user, arguments.name, value, since, arguments.source)
        with workspace.store.read() as c:
            found = every_choice(c, today(workspace.clock))
    for one in found:
        if arguments.json:
            put_json({"name": one.name, "value": one.value, "as_of": one.as_of, "source": one.source})
        else:
            said = t("reports.choice_since", date=show_date(one.as_of)) if one.as_of else t("station.usual")
            word = f"{choice_word(one.name)}: {choice_value_word(one.name, one.value)}"
            put("  ".join(filter(None, (word, f"[{one.name}]", said, one.source))))
    return 0
