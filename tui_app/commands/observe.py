"""observe: readings saved with what the rules say of them, one patient's or a file of them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tui_app.bootstrap import Workspace
from tui_app.commands import case_words, common
from tui_app.commands.care_arguments import (
    VITALS,
    add_vitals,
    moment_of,
    slot_of,
    typed_vitals,
    vitals_of,
    whole_id,
)
from tui_app.commands.common import Arguments, put_json, say
from tui_app.errors import GonhaError, InvalidFields, UserError
from tui_app.i18n import t


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    observe = commands.add_parser("observe", help=t("care.help_observe"))
    observe.add_argument("what", metavar="CASE|FILE.ndjson|-", help=t("care.help_observe_what"))
    add_vitals(observe)
    observe.add_argument("--at", metavar="MOMENT", help=t("care.help_at"))
    observe.add_argument("--slot", metavar="DAY/am|pm", help=t("care.help_slot"))
    observe.add_argument("--note", metavar="TEXT", default="")
    observe.add_argument("--amend", action="store_true", help=t("care.help_amend"))
    observe.add_argument("--withdraw", action="store_true", help=t("care.help_withdraw"))
    observe.add_argument("--reason", metavar="TEXT", default="")
    common.add_json(observe)
    common.add_login(observe)
    observe.set_defaults(run=run_observe)


def run_observe(arguments: Arguments) -> int:
    """Save readings. Exit 4 when one opened an alert or a line was refused: both wait for a person."""
    if arguments.what == "-" or Path(arguments.what).suffix == ".ndjson":
        return _file(arguments)
    from tui_app.services.cases import observing

    with common.unlocked(arguments) as workspace:
        store, who = workspace.store, workspace.user
        if arguments.withdraw:
            row = whole_id(workspace, "observation", arguments.what)
            made = observing.withdraw_vitals(store, who, row, arguments.reason)
            if arguments.json:
                put_json({"ok": True, "observation": made})
            else:
                say("care.noted", id=made)
            return 0
        vitals = vitals_of(workspace, typed_vitals(arguments) | {"note": arguments.note})
        if arguments.amend:
            row = whole_id(workspace, "observation", arguments.what)
            saved = observing.amend_vitals(store, who, row, vitals, arguments.reason)
        else:
            case = whole_id(workspace, "case", arguments.what)
            at, slot = moment_of(arguments.at), slot_of(arguments.slot)
            saved = observing.record_vitals(store, who, case, vitals, at=at, slot=slot)
        said = {"observation": saved.observation, "alert": saved.alert}
        case_words.tell_judgement(workspace, arguments.json, saved.judgement, **said)
    if not arguments.json:
        say("care.observed", id=saved.observation)
    return 4 if saved.alert else 0


def _file(arguments: Arguments) -> int:
    lines = common.lines_of(arguments.what)
    alerts = refused = 0
    with common.unlocked(arguments) as workspace:
        for number, line in lines:
            try:
                answer = _save(workspace, line)
                alerts += answer["alert"] is not None
            except GonhaError as error:
                refused += 1
                answer = {"error": error.key, "problem": str(error)}
                if isinstance(error, InvalidFields):
                    answer["fields"] = [problem.field for problem in error.problems]
            if arguments.json:
                put_json({"line": number, **answer})
            elif "error" in answer:
                say("care.line_refused", line=number, problem=answer["problem"])
    if not arguments.json:
        say("care.lines_saved", saved=len(lines) - refused, refused=refused, alerts=alerts)
    return 4 if alerts or refused else 0


def _save(workspace: Workspace, line: dict[str, Any]) -> dict[str, Any]:
    from tui_app.services.cases import observing

    case = whole_id(workspace, "case", str(line.pop("case", "")))
    at, slot = moment_of(line.pop("at", None)), slot_of(line.pop("slot", None))
    unknown = sorted(line.keys() - {*VITALS, "systolic_bp", "diastolic_bp", "contacted", "note"})
    if unknown:  # a slip in a name must not lose the value that would have been a sign
        raise UserError("care.unknown_keys", names=", ".join(unknown))
    vitals = vitals_of(workspace, {name: _typed(value) for name, value in line.items() if value is not None})
    saved = observing.record_vitals(workspace.store, workspace.user, case, vitals, at=at, slot=slot)
    return {
        "case": case,
        "observation": saved.observation,
        "alert": saved.alert,
        **case_words.judgement_json(saved.judgement),
    }


def _typed(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
