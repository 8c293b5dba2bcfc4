"""The blocks of the daily report drawn as form 5.9 has them (rules §5): what arose, how it stands, the running totals,
and beside each total by how much it is off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tui_app.i18n import t
from tui_app.papers.pdf import Paper
from tui_app.papers.table import Column, Table
from tui_app.services.reports.form import BLOCKS, NAMES, TEST_REASONS
from tui_app.services.reports.kinds import Figure
from tui_app.services.reports.shown import Shown
from tui_app.services.reports.words import value_words

DRAWN = frozenset(NAMES)
_UNKNOWN = "?"
_PEOPLE = ("f1", "f2", "returned", "entered")
_WATCHED = ("before", "new", "watched", "completed", "became_case", "not_watched", "total")
_TESTS = ("before", "new", "negative", "positive", "invalid", "waiting", "total")
_CASES = ("before", "new", "treated", "recovered", "hospital", "died", "moved_out", "total")
_QUARANTINE = ("before", "new", "now", "completed", "moved", "total")
_SMALL = 9.0


def draw(paper: Paper, made: Shown) -> None:
    """All blocks, in the order of the form."""
    values = {one.name: one for one in made.figures}
    off = made.off
    paper.table(_grid(("f0",), _CASES, values, off))
    paper.line(_cases_line(values), size=_SMALL, after=1)
    paper.table(_grid(_PEOPLE, _WATCHED, values, off), section=t("reports.section_contacts"))
    ill = ("before", "new", "tested", "total")
    paper.table(_grid(("cough_fever",), ill, values, off))
    tests = tuple(f"tests_{reason}" for reason in TEST_REASONS)
    paper.table(_grid(tests, _TESTS, values, off), section=t("reports.section_tests"))
    paper.table(_grid(("quarantine",), _QUARANTINE, values, off))
    paper.note(t("reports.paper_unknown"), paper.width)


def _grid(
    blocks: Sequence[str],
    parts: Sequence[str],
    values: Mapping[str, Figure],
    off: Mapping[str, float],
) -> Table:
    rows = []
    for block in blocks:
        cells = [t(f"reports.block_{block}")]
        for part in parts:
            name = f"{block}_{part}"
            cells.append(_cell(values[name], off.get(name)) if part in BLOCKS[block] else "")
        rows.append(cells)
    wide = 1.0 if len(parts) > 6 else 1.15
    return Table(
        [Column("", 2.4), *(Column(t(f"reports.part_{part}"), wide, "R") for part in parts)],
        rows,
        size=_SMALL,
    )


def _cell(figure: Figure, off: float | None) -> str:
    value = _UNKNOWN if figure.value is None else value_words(figure.value)
    return f"{value} ({t('reports.gap_short', off=value_words(abs(off)))})" if off else value


def _cases_line(values: Mapping[str, Figure]) -> str:
    """What the grid of F0 has no room for: where they are treated, and what came about in the period."""
    names = (
        "treated_home",
        "treated_facility",
        "treated_hospital",
        "recovered_new",
        "hospital_new",
        "died_new",
        "moved_out_new",
        "repositive_new",
        "repositive",
    )
    said = [
        f"{t(f'reports.part_{name}').removeprefix('… ')} {_cell(values[f'f0_{name}'], None)}"
        for name in names
    ]
    return " · ".join(said)
