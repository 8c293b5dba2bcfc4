"""How a person looks in a list of vaccination: name, age, where, what was given, what is next and since when."""

from __future__ import annotations

from tui_app.clock import show_date
from tui_app.i18n import t
from tui_app.rules.vaccine_facts import DoseState
from tui_app.services.vaccination.vaccination_lists import DoseLine
from tui_app.services.vaccination.vaccination_words import brief_words, given_words
from tui_app.widgets.ages import age_text
from tui_app.widgets.dose_rows import STATES
from tui_app.widgets.rows import Column, Row

AT_HOME = "at_home"


def columns(name: str) -> list[Column]:
    """The columns of a list; they stand in 80 cells."""
    found = [
        Column("name", t("vaccination.col_name"), width=18, flex=2, names=True),
        Column("age", t("f0.column_age"), width=5, align="right"),
        Column("address", t("vaccination.col_address"), width=13, flex=2),
        Column("given", t("vaccination.col_given"), width=9),
        Column("state", t("vaccination.col_next"), width=16, flex=2),
        Column("due", t("vaccination.col_due"), width=10),
    ]
    if name == AT_HOME:
        return [*found, Column("with", t("vaccination.col_with"), width=12, flex=1, optional=1)]
    return [*found, Column("unit", t("vaccination.col_unit"), width=12, flex=1, optional=2)]


def row_of(one: DoseLine) -> Row:
    """A person's row. On the at-home list who lives with somebody stands below them, set in."""
    found = one.status
    name = f"  + {one.full_name}" if one.with_person else one.full_name
    due = found.next_due if found.state is not DoseState.POSTPONED else None
    cells = (
        name,
        age_text(one.age),
        one.address,
        given_words(found),
        brief_words(found, until=one.until),
        show_date(due) if due else "",
        one.with_person or one.unit,
    )
    return Row(one.person, cells, STATES.get(found.state, "unknown"), "muted" if one.with_person else "")
