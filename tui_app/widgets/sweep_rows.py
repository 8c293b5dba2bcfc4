"""How a sweep looks in lists: units, households, persons, who knocked, suspected cases, figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import language, t
from tui_app.rules.rule_set import RuleSets
from tui_app.services.judging.rule_sets import rule_words
from tui_app.services.sweeps.sweep_figures import Figure
from tui_app.services.sweeps.sweep_progress import TeamProgress, UnitProgress
from tui_app.services.sweeps.sweep_report import UnitReport
from tui_app.services.sweeps.sweep_states import SweepState
from tui_app.services.sweeps.sweep_tally import SweptHousehold, SweptPerson
from tui_app.text import place_words
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.symbols import State

_STATES: dict[SweepState, State] = {
    SweepState.NOT_YET: "unknown",
    SweepState.MET_PARTLY: "warning",
    SweepState.MET_ALL: "steady",
}


def columns(tab: str) -> list[Column]:
    """The columns of a tab."""
    return {
        "units": [
            Column("unit", t("sweep.col_unit"), width=16, flex=2),
            Column("done", t("sweep.col_done"), width=9, align="right"),
            Column("not_yet", t("sweep.col_not_yet"), width=8, align="right"),
            Column("partly", t("sweep.col_partly"), width=8, align="right"),
            Column("absent", t("sweep.col_absent"), width=6, align="right"),
            Column("filed", t("sweep.col_filed"), width=20, flex=1),
        ],
        "doors": [
            Column("state", t("sweep.col_state"), width=16),
            Column("code", t("today.column_code"), width=6),
            Column("address", t("today.column_address"), width=16, flex=2),
            Column("head", t("today.column_head"), width=16, flex=2, names=True),
            Column("persons", t("today.column_persons"), width=4, align="right"),
            Column("by", t("sweep.col_by"), width=8, optional=1),
        ],
        "people": [
            Column("name", t("visit.column_name"), width=20, flex=2, names=True),
            Column("asked", t("sweep.col_asked"), width=12),
            Column("found", t("sweep.col_found"), width=14, flex=1),
            Column("from", t("sweep.col_from"), width=16, flex=1),
        ],
        "teams": [
            Column("who", t("sweep.col_who"), width=12, flex=1),
            Column("doors", t("sweep.col_doors"), width=8, align="right"),
            Column("met", t("sweep.col_met"), width=6, align="right"),
            Column("asked", t("sweep.col_persons"), width=7, align="right"),
            Column("units", t("sweep.col_units"), width=20, flex=2),
        ],
        "suspects": [
            Column("name", t("visit.column_name"), width=18, flex=1, names=True),
            Column("outcome", t("sweep.col_outcome"), width=12),
            Column("test", t("visit.column_test"), width=10),
            Column("why", t("sweep.col_why"), width=20, flex=2),
        ],
        "report": [
            Column("name", t("sweep.col_figure"), width=30, flex=2),
            Column("now", t("sweep.col_now"), width=8, align="right"),
            Column("filed", t("sweep.col_filed_value"), width=9, align="right"),
            Column("change", t("sweep.col_change"), width=12),
        ],
    }[tab]


def unit_row(unit: UnitProgress, report: UnitReport | None) -> Row:
    """A unit: how far, and whether it has filed."""
    counts = {state: len(ids) for state, ids in unit.states.items()}
    return Row(
        unit.area,
        (
            unit.name,
            f"{unit.done}/{unit.households}",
            str(counts[SweepState.NOT_YET]),
            str(counts[SweepState.MET_PARTLY]),
            str(counts[SweepState.ABSENT]),
            filed_words(report) if report else t("sweep.locked"),
        ),
        state="warning" if report and report.late else "sent" if report and report.filed else "unknown",
    )


def filed_words(report: UnitReport) -> str:
    """Whether a unit has filed, and how much changed since."""
    if report.filed is None:
        return t("sweep.late" if report.late else "sweep.not_filed")
    words = t("sweep.filed_short", version=report.filed.version)
    if report.late:
        words += t("sweep.filed_late")
    return words + (t("sweep.changed_since", count=len(report.since)) if report.since else "")


def door_row(door: SweptHousehold) -> Row:
    """A household with its state."""
    state = door.standing.state
    said = t(f"sweep.state_{state}")
    if state == SweepState.ABSENT:
        said = t("sweep.absent_times", count=door.standing.absences)
    asked = frozenset[str]().union(*(knock.asked for knock in door.knocks)) & door.living
    return Row(
        door.id,
        (
            said,
            door.code,
            place_words(door.address, door.alley),
            door.head_name or "?",
            f"{len(asked)}/{len(door.living)}",
            door.standing.by,
        ),
        state=_STATES.get(state, "steady"),
    )


def person_row(person: SweptPerson) -> Row:
    """A person with what was found."""
    asked = t(f"sweep.asked_{person.asked}") if person.asked else t("visit.not_asked")
    found = [code_word("wellbeing", "unwell")] if person.unwell else []
    found += [t(f"visit.test_{result}") for result in person.tests.values()]
    came = " ".join(
        filter(None, (person.travel_from, show_date(person.arrived_on)[:5] if person.arrived_on else ""))
    )
    return Row(
        person.id,
        (
            person.full_name,
            asked,
            ", ".join(found),
            came or (t("sweep.travelled") if person.travelled else ""),
        ),
        state="warning" if person.findings or person.epidemic else "steady" if person.asked else "unknown",
    )


def team_row(team: TeamProgress) -> Row:
    """Who knocked, on how many doors."""
    return Row(
        team.who,
        (
            team.who,
            *(str(len(ids)) for ids in (team.households, team.met, team.asked)),
            ", ".join(team.units),
        ),
    )


def suspect_row(person: SweptPerson, sets: RuleSets) -> Row:
    """A suspected or confirmed case, with the rule that says so."""
    words = "; ".join(rule_words(sets, finding, language()) for finding in person.findings)
    tests = ", ".join(t(f"visit.test_{result}") for result in person.tests.values())
    outcome = t(f"rules.outcome_{person.findings[0].outcome}")
    return Row(
        person.id,
        (
            person.full_name,
            t("sweep.has_case") if person.has_case else outcome,
            tests or t("visit.test_none"),
            words,
        ),
        state="steady" if person.has_case else "warning",
    )


def figure_row(figure: Figure, filed: Mapping[str, Figure], versions: Sequence[int]) -> Row:
    """A figure now beside the filed one."""
    old = filed.get(figure.name)
    was, now = _value(old.value if old else None), _value(figure.value)
    change = ""
    if versions and old is not None and old.listed and set(old.ids) != set(figure.ids):
        gained, lost = len(set(figure.ids) - set(old.ids)), len(set(old.ids) - set(figure.ids))
        change = " ".join(filter(None, (f"+{gained}" if gained else "", f"−{lost}" if lost else "")))
    return Row(
        figure.name,
        (t(f"sweep.figure_{figure.name}"), now, was if versions else "", change),
        state="warning" if change else "steady",
    )


def _value(value: int | None) -> str:
    return "?" if value is None else str(value)
