"""visit: the doors of a day, a household's sheet, what was found there, and taking a visit back."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tui_app.bootstrap import Workspace
from tui_app.clock import today
from tui_app.codes import code_word
from tui_app.commands import case_words, common
from tui_app.commands.care_arguments import codes_of, whole_id, yes_no_of
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import FieldProblem, InvalidFields, UserError
from tui_app.i18n import t

if TYPE_CHECKING:
    from tui_app.records.visits import Symptom
    from tui_app.services.visits.visits import VisitLine, VisitSheet

MET = "met"
OUTCOMES = (MET, "absent", "refused", "moved", "empty")
NUMBER = 3  # digits at most of a line's number on the sheet; longer is the end of an id


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands of this module."""
    actions = commands.add_parser("visit", help=t("visit.help")).add_subparsers(
        metavar="ACTION", required=True
    )
    listed = actions.add_parser("list", help=t("visit.help_list"))
    listed.add_argument("--left", action="store_true", help=t("visit.help_left"))
    listed.set_defaults(run=_list)
    shown = actions.add_parser("show", help=t("visit.help_show"))
    shown.add_argument("household", metavar="HOUSEHOLD")
    shown.set_defaults(run=_show)
    record = actions.add_parser("record", help=t("visit.help_record"))
    record.add_argument("household", metavar="HOUSEHOLD")
    record.add_argument("--outcome", choices=OUTCOMES, default=MET)
    record.add_argument("--rest-well", action="store_true", help=t("visit.help_rest_well"))
    for name, metavar in (
        ("well", "P"),
        ("unwell", "P=SIGNS"),
        ("test", "P=RESULT"),
        ("exposure", "P=yes|no"),
        ("travel", "P=PLACE"),
    ):
        record.add_argument(
            f"--{name}", action="append", default=[], metavar=metavar, help=t(f"visit.help_{name}")
        )
    record.add_argument("--note", metavar="TEXT", default="")
    record.set_defaults(run=_record)
    back = actions.add_parser("withdraw", help=t("visit.help_withdraw"))
    back.add_argument("visit", metavar="VISIT")
    back.set_defaults(run=_withdraw)
    for action in (listed, shown, record, back):
        common.add_json(action)
        common.add_login(action)


def _list(arguments: Arguments) -> int:
    from tui_app.services.access import gate
    from tui_app.services.people.doors import DoorState, doors

    with common.unlocked(arguments) as workspace:
        with workspace.store.read() as c:
            gate.check_role(c)
            found = doors(c, today(workspace.clock))
        if arguments.left:
            found = [door for door in found if door.state in (DoorState.LEFT, DoorState.DRAFT)]
        if arguments.json:
            case_words.note_export(workspace, "household")
    for door in found:
        if arguments.json:
            put_json(
                {
                    "household": door.household,
                    "code": door.code,
                    "address": door.address,
                    "head": door.head_name,
                    "unit": door.unit,
                    "persons": door.persons,
                    "asked": door.asked,
                    "unwell": door.unwell,
                    "state": str(door.state),
                    "visit": door.visit,
                    "last_visit": door.last_visit,
                }
            )
        else:
            state = t(f"today.state_{door.state}")
            put(f"{door.household}  {state}  {door.asked}/{door.persons}  {door.address}  {door.head_name}")
    return 0


def _show(arguments: Arguments) -> int:
    from tui_app.services.access.access import note_opened

    with common.unlocked(arguments) as workspace:
        sheet = _sheet(workspace, whole_id(workspace, "household", arguments.household))
        note_opened(workspace.store, workspace.user, "household", sheet.household)
    if arguments.json:
        put_json({"household": sheet.household, "amends": sheet.amends, "lines": _lines(sheet)})
        return 0
    put(f"{sheet.code}  {sheet.address}")
    for number, line in enumerate(sheet.lines, 1):
        signs = ", ".join(code_word("symptoms", sign) for sign in line.symptoms)
        found = code_word("wellbeing", line.wellbeing) if line.wellbeing else t("visit.not_asked")
        put(f"{number:>2}  {line.full_name}  {found}  {signs}".rstrip())
    return 0


def _record(arguments: Arguments) -> int:
    """Exit 4 when somebody was not asked: the sheet says so, and the door is not done."""
    from tui_app.records.visits import VisitOutcome
    from tui_app.services.visits.visits import record_outcome, record_visit

    outcome = VisitOutcome(arguments.outcome)
    said = [*arguments.well, *arguments.unwell, *arguments.test, *arguments.exposure, *arguments.travel]
    if outcome is not VisitOutcome.MET and (said or arguments.rest_well):
        raise UserError("visit.nobody_met")
    with common.unlocked(arguments) as workspace:
        household = whole_id(workspace, "household", arguments.household)
        if outcome is not VisitOutcome.MET:
            visit = record_outcome(workspace.store, workspace.user, household, outcome, arguments.note)
            left = 0
        else:
            sheet = _filled(workspace, _sheet(workspace, household), arguments)
            if not sheet.answered:
                raise InvalidFields([FieldProblem("wellbeing", "visit.nobody_asked")])
            visit = record_visit(workspace.store, workspace.user, sheet)
            left = len(sheet.lines) - sheet.answered
    if arguments.json:
        put_json({"ok": True, "visit": visit, "household": household, "not_asked": left})
    else:
        say("visit.recorded", id=visit, left=left)
    return 4 if left else 0


def _withdraw(arguments: Arguments) -> int:
    from tui_app.services.visits.visits import withdraw_visit

    with common.unlocked(arguments) as workspace:
        visit = whole_id(workspace, "household_visit", arguments.visit)
        made = withdraw_visit(workspace.store, workspace.user, visit)
    if arguments.json:
        put_json({"ok": True, "visit": visit, "withdrawn_by": made})
    else:
        say("visit.withdrawn", id=visit)
    return 0


def _sheet(workspace: Workspace, household: str) -> VisitSheet:
    from tui_app.services.visits.visits import visit_sheet

    with workspace.store.read() as c:
        return visit_sheet(c, household, today(workspace.clock))


def _filled(workspace: Workspace, sheet: VisitSheet, arguments: Arguments) -> VisitSheet:
    """The sheet with what the options say of its persons. Raises UserError."""
    from tui_app.records.visits import TestOutcome

    for given in arguments.well:
        sheet = sheet.with_line(_line(sheet, given).well())
    for given in arguments.unwell:
        line, signs = _named(sheet, given)
        line = line.unwell()
        sheet = sheet.with_line(replace(line, symptoms=_signs(codes_of(workspace, signs))))
    for given in arguments.test:
        line, result = _named(sheet, given)
        if result not in tuple(TestOutcome):
            raise UserError("visit.bad_test", given=given, results=", ".join(TestOutcome))
        sheet = sheet.with_line(replace(line, test=TestOutcome(result)))
    for given in arguments.exposure:
        line, answer = _named(sheet, given)
        if answer not in ("yes", "no"):
            raise UserError("visit.bad_answer", given=given)
        sheet = sheet.with_line(replace(line, exposure=yes_no_of(answer)))
    for given in arguments.travel:
        line, place = _named(sheet, given)
        sheet = sheet.with_line(line.travelled(place, None))
    if arguments.rest_well:
        sheet = sheet.rest_well()
    return replace(sheet, note=arguments.note) if arguments.note else sheet


def _signs(codes: Sequence[str]) -> tuple[Symptom, ...]:
    from tui_app.records.visits import Symptom

    known = {str(sign): sign for sign in Symptom}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise UserError("visit.bad_sign", signs=", ".join(unknown), known=", ".join(known))
    return tuple(sign for sign in Symptom if sign in codes)


def _named(sheet: VisitSheet, given: str) -> tuple[VisitLine, str]:
    who, sign, value = given.partition("=")
    if not sign:
        raise UserError("visit.no_value", given=given)
    return _line(sheet, who), value.strip()


def _line(sheet: VisitSheet, who: str) -> VisitLine:
    """A person of the sheet, by the number of the line or the end of the id. Raises UserError."""
    who = who.strip()
    if who.isdecimal() and len(who) <= NUMBER:
        found = list(sheet.lines[int(who) - 1 : int(who)]) if int(who) else []
    else:
        found = [line for line in sheet.lines if who and line.person.endswith(who)]
    if len(found) != 1:
        raise UserError("visit.not_on_sheet", given=who, persons=len(sheet.lines))
    return found[0]


def _lines(sheet: VisitSheet) -> list[dict[str, object]]:
    return [
        {
            "line": number,
            "person": line.person,
            "full_name": line.full_name,
            "wellbeing": line.wellbeing,
            "asked": line.asked,
            "symptoms": list(line.symptoms),
            "exposure": line.exposure,
            "travel_from": line.travel_from or None,
            "test": line.test,
        }
        for number, line in enumerate(sheet.lines, 1)
    ]
