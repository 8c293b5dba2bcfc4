"""The grid of a monitoring sheet: fourteen days, mornings and afternoons, what was measured and what was asked.

A half-day nobody looked at is a dash, one that has not come yet is left empty to write in. Two readings of one half-day
both stand in its cell, what they both say of a symptom once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sync.protocol import Row
from tui_app.i18n import language, t
from tui_app.papers.pdf import MISSING, Paper
from tui_app.papers.table import Column, Table
from tui_app.papers.words import number_words, vital_word
from tui_app.records.observations import Slot
from tui_app.rules.age import Age
from tui_app.rules.rule_set import RuleSets
from tui_app.rules.sheet import sheet
from tui_app.services.care.vitals import COUNTED
from tui_app.services.treatment.referral_slip import measured

DAYS = 14
_VITALS = (
    "pulse",
    "temperature_c",
    *(name for name in COUNTED if name not in ("pulse", "spo2_repeat_after")),
)
_LABEL = 37.0  # mm
_SIZES = (7.0, 6.5, 6.0, 5.5)
"""Points: the largest with which a page holds the fourteen days."""
_LEGEND = 8.5


@dataclass(frozen=True, slots=True)
class Asked:
    """What the sheet asks of this patient: (code, words) each. ``sets``: the rule sets, for words of other codes;
    ``documents``: whose sheet it is; ``verified``: whether somebody read all of it in them."""

    sets: RuleSets
    symptoms: tuple[tuple[str, str], ...]
    signs: tuple[tuple[str, str], ...]
    documents: tuple[str, ...]
    verified: bool


def asked_of(sets: RuleSets, day: date, age: Age | None) -> Asked:
    """What the rule sets of the day ask of somebody of this age."""
    said = sheet(sets, day, age)
    return Asked(
        sets,
        tuple((one.code, getattr(one, language())) for one in said.symptoms),
        tuple((one.code, getattr(one, language())) for one in said.signs),
        tuple(sets.sets[ident].document for ident in said.rule_sets),
        said.verified,
    )


def legend(asked: Asked, convention: str) -> list[str]:
    """What stands below a grid: its marks, how days are counted, whose sheet it is and how sure that is."""
    lines = [t("papers.grid_legend")]
    if convention:
        lines.append(t("papers.grid_convention", convention=convention))
    if asked.documents:
        by = t("papers.grid_by", documents="; ".join(asked.documents))
        lines.append(by if asked.verified else f"{by} · {t('rules.unverified')}")
    return lines


def days_from(first: date, readings: Iterable[Row]) -> list[date]:
    """The first days of the grids that hold all readings, those before ``first`` too; one at least."""
    seen = [date.fromisoformat(row.body["slot_on"]) for row in readings]
    first, last = min([first, *seen]), max([first, *seen])
    count = (last - first).days // DAYS + 1
    return [first + timedelta(days=DAYS * number) for number in range(count)]


def draw(
    paper: Paper,
    asked: Asked,
    readings: Sequence[Row],
    first: date,
    zero: date,
    until: tuple[date, str] | None,
    convention: str,
) -> None:
    """Fourteen days from ``first`` and what explains them. ``zero``: the day numbered 0; ``until``: the last half-day
    that has come, None for an empty sheet; ``convention``: how days are counted, in words."""
    slots = [
        (first + timedelta(days=day), half) for day in range(DAYS) for half in (Slot.AM.value, Slot.PM.value)
    ]
    seen: dict[tuple[date, str], list[Row]] = defaultdict(list)
    for row in sorted(readings, key=lambda one: (one.body["at"], one.id)):
        seen[date.fromisoformat(row.body["slot_on"]), row.body["slot"]].append(row)
    days = [(t("papers.grid_day", day=(day - zero).days, date=f"{day:%d/%m}"), 2) for day, _ in slots[::2]]
    columns = [Column(t("papers.grid_what"), _LABEL)]
    columns += [
        Column(t("papers.grid_am" if half == Slot.AM else "papers.grid_pm"), 8.6, "C") for _, half in slots
    ]
    rows = [
        [vital_word(field), *(_cell(seen[slot], field, _come(slot, until)) for slot in slots)]
        for field in _VITALS
    ]
    for field, items in (("symptoms", asked.symptoms), ("signs", asked.signs)):
        asked_of_field = [*items, *_others(asked.sets, field, items, readings)]
        if asked_of_field:
            rows.append([t(f"papers.grid_{field}")])
        rows += [
            [words, *(_answer(seen[slot], field, code, _come(slot, until)) for slot in slots)]
            for code, words in asked_of_field
        ]
    legend_ = legend(asked, convention)
    room = paper.room - len(legend_) * paper.line_height(_LEGEND)
    tables = [Table(columns, rows, [("", 1), *days], size, padding=0.15) for size in _SIZES]
    paper.table(next((table for table in tables if paper.height(table) <= room), tables[-1]))
    for line in legend_:
        paper.line(line, size=_LEGEND)


def _come(slot: tuple[date, str], until: tuple[date, str] | None) -> bool:
    return until is not None and slot <= until


def _cell(readings: Sequence[Row], field: str, come: bool) -> str:
    """A line a reading that measured anything, so that its values stand side by side down the column."""
    values = [row.body.get(field) for row in readings if measured(row)]
    if any(value is not None for value in values):
        return "\n".join(map(number_words, values))
    return MISSING if come or readings else ""


def _answer(readings: Sequence[Row], field: str, code: str, come: bool) -> str:
    """C, K, both where two readings differ, or a dash where nobody asked."""
    lists = [row.body[field] for row in readings if row.body.get(field) is not None]
    if not lists:
        return MISSING if come or readings else ""
    said = [t("papers.grid_yes") if code in found else t("papers.grid_no") for found in lists]
    return "\n".join(dict.fromkeys(said))


def _others(
    sets: RuleSets, field: str, items: Sequence[tuple[str, str]], readings: Sequence[Row]
) -> list[tuple[str, str]]:
    """What was found besides what the sheet asks."""
    known = {code for code, _ in items}
    found = {code for row in readings for code in row.body.get(field) or ()} - known
    return [(code, sets.word(code, language())) for code in sorted(found)]
