"""sweep show, progress, suspects, file, missing, report: what a sweep found, and the report of it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_moment, to_wire
from tui_app.commands import common
from tui_app.commands import sweep as words
from tui_app.commands.common import Arguments, put, put_json, say
from tui_app.errors import UserError
from tui_app.i18n import language, t

if TYPE_CHECKING:
    from tui_app.bootstrap import Workspace
    from tui_app.services.sweeps.sweeps import Sweep


def add(actions: Any) -> None:
    """Declare the commands of this module."""
    for name, run in (
        ("show", _show),
        ("progress", _progress),
        ("suspects", _suspects),
        ("missing", _missing),
    ):
        parser = words.action(actions, name, run)
        parser.add_argument("sweep", metavar="SWEEP", nargs="?", help=t("sweep.help_which"))
    actions.choices["show"].add_argument("--state", metavar="STATE", help=t("sweep.help_state"))
    actions.choices["show"].add_argument("--unit", metavar="UNIT", help=t("sweep.help_unit"))
    filing = words.action(actions, "file", _file)
    filing.add_argument("sweep", metavar="SWEEP", nargs="?", help=t("sweep.help_which"))
    filing.add_argument("--unit", metavar="UNIT", help=t("sweep.help_unit"))
    filing.add_argument("--reason", metavar="TEXT", default="", help=t("sweep.help_reason"))
    paper = words.action(actions, "report", report)
    paper.add_argument("sweep", metavar="SWEEP", nargs="?", help=t("sweep.help_which"))
    paper.add_argument("--unit", metavar="UNIT", help=t("sweep.help_unit"))
    paper.add_argument("--version", type=int, metavar="N", help=t("sweep.help_version"))
    paper.add_argument("--ids", action="store_true", help=t("sweep.help_ids"))
    paper.add_argument("--out", type=Path, metavar="FILE", help=t("sweep.help_out"))


def _note(workspace: Workspace, type_name: str, detail: str) -> None:
    """Note in the journal of access that a list with names leaves the laptop."""
    from tui_app.services.access.access import log_access

    with workspace.store.write() as c:
        log_access(c, workspace.user, to_wire(workspace.clock()), "export", type_name, "", detail)


def _show(arguments: Arguments) -> int:
    """Households in walking order with their state."""
    from tui_app.services.sweeps import sweep_words
    from tui_app.services.sweeps.sweep_states import SweepState
    from tui_app.services.sweeps.sweep_tally import last_day, tally

    if arguments.state and arguments.state not in set(SweepState):
        raise UserError("sweep.bad_state", state=arguments.state, states=", ".join(SweepState))
    with common.unlocked(arguments) as workspace:
        found = words.one(workspace, arguments.sweep)
        area = words.area_of(workspace, found, arguments.unit) if arguments.unit else None
        _note(workspace, "household", "sweep")
        with workspace.store.read() as c:
            counted = tally(c, found, last_day(found, workspace.clock()), (area,) if area else None)
    if not arguments.json:
        say("sweep.shown", name=found.name, dates=sweep_words.dates(found), due=sweep_words.due(found))
    for door in counted.households:
        state = door.standing.state
        if arguments.state not in (None, state):
            continue
        if arguments.json:
            put_json(
                {
                    "household": door.id,
                    "unit": door.unit,
                    "code": door.code,
                    "address": door.address,
                    "state": state,
                    "absences": door.standing.absences,
                    "by": door.standing.by,
                    "persons": len(door.living),
                    "newcomer": door.newcomer,
                }
            )
        else:
            said = t(f"sweep.state_{state}")
            if door.standing.absences and state == SweepState.ABSENT:
                said = t("sweep.absent_times", count=door.standing.absences)
            put(
                "  ".join(
                    filter(
                        None,
                        (door.unit, door.code, door.address, door.head_name or "?", said, door.standing.by),
                    )
                )
            )
    return 0


def _progress(arguments: Arguments) -> int:
    """By unit, then by who knocked."""
    from tui_app.services.sweeps.sweep_progress import by_team, by_unit
    from tui_app.services.sweeps.sweep_tally import last_day, tally

    with common.unlocked(arguments) as workspace:
        found = words.one(workspace, arguments.sweep)
        with workspace.store.read() as c:
            counted = tally(c, found, last_day(found, workspace.clock()))
    units, teams = by_unit(counted), by_team(counted)
    if arguments.json:
        put_json(
            {
                "campaign": found.campaign,
                "units": [
                    {"area": unit.area, "unit": unit.name, "households": unit.households, "done": unit.done}
                    | {state: len(ids) for state, ids in unit.states.items()}
                    for unit in units
                ],
                "teams": [
                    {
                        "who": team.who,
                        "units": team.units,
                        "households": len(team.households),
                        "met": len(team.met),
                        "asked": len(team.asked),
                    }
                    for team in teams
                ],
            }
        )
        return 0
    for unit in units:
        parts = [
            t("sweep.part", word=t(f"sweep.state_{s}"), count=len(ids))
            for s, ids in unit.states.items()
            if ids
        ]
        put(
            t(
                "sweep.unit_line",
                unit=unit.name,
                done=unit.done,
                households=unit.households,
                parts=", ".join(parts),
            )
        )
    for team in teams:
        params = {"households": len(team.households), "met": len(team.met), "asked": len(team.asked)}
        put(t("sweep.team_line", who=team.who, units=", ".join(team.units), **params))
    return 0


def _suspects(arguments: Arguments) -> int:
    """Whom the case definition in force calls suspected or confirmed, with the rule."""
    from tui_app.services.judging.rule_sets import rule_sets, rule_words
    from tui_app.services.sweeps.sweep_progress import suspects
    from tui_app.services.sweeps.sweep_tally import last_day, tally

    with common.unlocked(arguments) as workspace:
        found = words.one(workspace, arguments.sweep)
        _note(workspace, "person", "sweep-suspects")
        with workspace.store.read() as c:
            counted, sets = tally(c, found, last_day(found, workspace.clock())), rule_sets(c)
    if not counted.judged:
        say("sweep.not_judged")
    listed = suspects(counted)
    for person in listed:
        if arguments.json:
            put_json(
                {
                    "person": person.id,
                    "household": person.household,
                    "outcome": person.findings[0].outcome,
                    "findings": [finding.kept() for finding in person.findings],
                    "tests": person.tests,
                    "has_case": person.has_case,
                }
            )
        else:
            said = "; ".join(rule_words(sets, finding, language()) for finding in person.findings)
            put(
                "  ".join(
                    (person.full_name, t(f"rules.outcome_{person.findings[0].outcome}"), said, person.id)
                )
            )
    return 4 if any(not person.has_case for person in listed) else 0


def _missing(arguments: Arguments) -> int:
    """Units that have filed no report."""
    from tui_app.services.sweeps.sweep_report import missing

    with common.unlocked(arguments) as workspace:
        found = words.one(workspace, arguments.sweep)
        with workspace.store.read() as c:
            left = missing(c, found, workspace.clock())
    for unit, late in left:
        if arguments.json:
            put_json({"campaign": found.campaign, "area": unit.area, "unit": unit.name, "late": late})
        else:
            put(f"{unit.name}  {t('sweep.late' if late else 'sweep.not_filed')}")
    if not left and not arguments.json:
        say("sweep.all_filed", units=len(found.units))
    return 4 if left else 0


def _file(arguments: Arguments) -> int:
    """Báo xong: the unit's figures as they are now."""
    from tui_app.services.sweeps.sweep_report import file_report, filed

    with common.unlocked(arguments) as workspace:
        found = words.one(workspace, arguments.sweep)
        area = words.area_of(workspace, found, arguments.unit)
        ident = file_report(workspace.store, workspace.user, found.campaign, area, arguments.reason)
        with workspace.store.read() as c:
            made = next(one for one in filed(c, found.campaign, area) if one.id == ident)
    left = made.figure("state_not_yet")
    if arguments.json:
        put_json(
            {
                "id": ident,
                "version": made.version,
                "known_at": made.known_at,
                "not_yet": left.value if left else None,
            }
        )
        return 0
    say("sweep.filed", version=made.version, at=show_moment(made.known_at))
    if left is not None and left.value:
        say("sweep.filed_not_yet", count=left.value)
    return 0


def _file_units(workspace: Workspace, found: Sweep, arguments: Arguments) -> None:
    """File a unit, or every unit of the sweep that has something new to say; what each became is told."""
    from tui_app.services.sweeps.sweep_report import NothingNew, file_report, filed

    asked = [words.area_of(workspace, found, arguments.unit)] if arguments.unit else found.areas
    names = {unit.area: unit.name for unit in found.units}
    for area in asked:
        try:
            ident = file_report(workspace.store, workspace.user, found.campaign, area, arguments.reason)
        except NothingNew as nothing:
            common.tell(str(nothing))
            continue
        with workspace.store.read() as c:
            made = next(one for one in filed(c, found.campaign, area) if one.id == ident)
        told = t("sweep.filed", version=made.version, at=show_moment(made.known_at))
        common.tell(f"{names[area]}: {told}")


def report(arguments: Arguments) -> int:
    """The figures: of a unit (as filed, or now), or of all units; ``gonha report sweep`` may file them first."""
    from tui_app.papers.sweep_sheet import FORMATS, SweepSheet, sheet_of, write_sheet

    kind = arguments.out.suffix[1:].lower() if arguments.out else ""
    if arguments.out and kind not in FORMATS:
        raise UserError("papers.bad_format", file=str(arguments.out), formats=", ".join(FORMATS))
    with common.unlocked(arguments) as workspace:
        found = words.one(workspace, arguments.sweep)
        area = words.area_of(workspace, found, arguments.unit) if arguments.unit else None
        if getattr(arguments, "file", False):
            _file_units(workspace, found, arguments)
        made: SweepSheet = sheet_of(workspace, found, area, arguments.version)
        body = write_sheet(workspace, made, kind, ids=arguments.ids) if kind else b""
    if arguments.out:
        with common.output(arguments.out) as stream:
            stream.write(body)
        say("sweep.report_written")
        return 0
    if arguments.json:
        put_json(made.as_json(ids=arguments.ids))
        return 0
    for line in made.said():
        put(line)
    for figure in made.figures:
        put(f"{t(f'sweep.figure_{figure.name}')}: {'?' if figure.value is None else figure.value}")
    for difference in made.since:
        put(t("sweep.difference", name=t(f"sweep.figure_{difference.name}"), **_change(asdict(difference))))
    return 0


def _change(values: dict[str, Any]) -> dict[str, Any]:
    shown = {name: "?" if values[name] is None else values[name] for name in ("was", "now")}
    return shown | {"gained": len(values["gained"]), "lost": len(values["lost"])}
