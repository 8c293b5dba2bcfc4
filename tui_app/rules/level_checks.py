"""What must fit together in the parts of a rule set about a commune, besides their shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tui_app.rules.level_parts import Band
from tui_app.rules.set_text import Step

if TYPE_CHECKING:
    from tui_app.rules.rule_set import RuleSet

Found = tuple[tuple[Step, ...], str, dict[str, Any]]

SUBJECTS = {
    "response_scenario": "response_scenario",
    "epidemic_level": "transmission",
    "commune_risk_colour": "commune_colour",
    "epidemic_threshold": "epidemic_threshold",
    "care_capacity": "care_capacity",
    "death_target": "death_target",
}
"""A subject, and the table of a set that speaks about it."""
TABLES = (*SUBJECTS.values(), "level_need", "response", "level_rule", "colour_raise")


OUTCOMES = {
    "response_scenario": ("scenario_1", "scenario_2", "scenario_3"),
    "response": ("1", "2", "3", "4"),
    "commune_colour": ("new_normal", "risk", "high_risk", "very_high_risk"),
}
"""What the parts of a table may give, the mildest first, as `tui_app.records.levels.LEVELS`."""


def problems(found: RuleSet) -> Iterator[Found]:
    """Levels that there are not, steps that leave a gap or overlap, a matrix with a missing cell, needs nobody
    declared, a limit half said."""
    yield from _outcomes(found)
    for table in ("response_scenario", "transmission"):
        yield from _bands(table, getattr(found, table))
    yield from _needs(found)
    if found.transmission and not found.response:
        yield ("transmission", 0), "rules.field_missing", {"name": "response"}
    steps = {band.outcome for band in found.transmission if band.outcome}
    for number, grade in enumerate(found.response):
        if len(grade.levels) != len(steps):
            yield ("response", number, "levels"), "rules.matrix_cells", {"count": len(steps)}
        if bool(grade.needs) is (number == len(found.response) - 1):
            yield ("response", number, "needs"), "rules.last_grade_needs", {}
    for number, limit in enumerate(found.epidemic_threshold):
        if limit.endemic is (limit.deviations is None) or limit.endemic is (limit.linked is not None):
            wanted = "deviations" if limit.endemic else "linked"
            yield ("epidemic_threshold", number), "rules.field_missing", {"name": wanted}


def _outcomes(found: RuleSet) -> Iterator[Found]:
    for table, known in OUTCOMES.items():
        for number, part in enumerate(getattr(found, table)):
            said = part.levels if table == "response" else (part.outcome,)
            for level in said:
                if level not in known:
                    name = "levels" if table == "response" else "outcome"
                    yield (table, number, name), "rules.wrong_choice", {"value": level, "name": name}


def _bands(table: str, bands: Sequence[Band]) -> Iterator[Found]:
    """Bands of one input follow each other: where one ends the next begins."""
    last: dict[str, Band] = {}
    for number, band in enumerate(bands):
        before = last.get(band.input)
        last[band.input] = band
        if before is None:
            fits = band.above is None and band.at_least in (None, 0)
        else:
            ends = (before.below, before.at_most)
            counted_alike = (before.per, before.weeks) == (band.per, band.weeks)
            fits = ends == (band.at_least, band.above) and ends != (None, None) and counted_alike
        if not fits:
            yield (table, number), "rules.bands_apart", {"name": band.input}
    for band in last.values():
        if band.below is not None or band.at_most is not None:
            yield (table, bands.index(band)), "rules.bands_apart", {"name": band.input}


def _needs(found: RuleSet) -> Iterator[Found]:
    known = {need.id for need in found.level_need}
    for table in ("response", "level_rule"):
        for number, part in enumerate(getattr(found, table)):
            for need in part.needs:
                if need not in known:
                    yield (table, number, "needs"), "rules.unknown_line", {"id": need}
    for number, need in enumerate(found.level_need):
        if len({need.dose is None, need.op is None, need.percent is None}) > 1:
            yield ("level_need", number), "rules.field_missing", {"name": "dose, op, percent"}
