"""How a line of the roster looks: in the list, and in three lines below it."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from tui_app.i18n import t
from tui_app.rules.rule_set import RuleSets
from tui_app.services.cases.board import Standing
from tui_app.services.roster import words
from tui_app.services.roster.lines import RosterLine
from tui_app.widgets.fitted import fitted
from tui_app.widgets.phones import phone_text
from tui_app.widgets.rows import Column, Row, fit_text
from tui_app.widgets.signs import sign
from tui_app.widgets.symbols import WIDTH, Tone, symbol

FACTS = 3  # lines
_TONES: dict[Standing, Tone] = {
    Standing.DANGER: "danger",
    Standing.WORSE: "warning",
    Standing.OVERDUE: "warning",
    Standing.MISSING: "warning",
    Standing.DONE: "good",
}
_STATE = 0


def columns() -> list[Column]:
    """The columns of the list; they stand in 80 cells."""
    return [
        Column("state", t("roster.column_state"), width=13, tone=_state_tone),
        Column("name", t("roster.column_full_name"), width=17, flex=2, names=True),
        Column("place", t("roster.column_address"), width=11, flex=2),
        Column("why", t("roster.column_why_short"), width=23, flex=6),
        Column("to", t("roster.column_to"), width=8, flex=1),
    ]


def row_of(line: RosterLine, sets: RuleSets) -> Row:
    """A line's row."""
    return Row(
        key=line.key,
        cells=(
            state_words(line.state),
            words.name_words(line),
            line.address or line.place,
            words.list_words(sets, line),
            line.to or "–",
        ),
        tone="muted" if line.done else "",
    )


def state_words(state: Standing) -> str:
    """Symbol and word of how a line stands."""
    return f"{fit_text(_mark(state), WIDTH)} {t(f'roster.short_{state}')}"


def _mark(state: Standing) -> str:
    match state:
        case Standing.DANGER:
            return symbol("danger")
        case Standing.WORSE | Standing.MISSING:
            return symbol("warning")
        case Standing.OVERDUE:
            return sign("late")
        case Standing.DONE:
            return sign("done")
        case _:
            return sign("due")


def _state_tone(row: Row) -> Tone:
    said = str(row.cells[_STATE])
    return next((tone for state, tone in _TONES.items() if said == state_words(state)), "")


class RosterFacts(Widget):
    """Why the line under the cursor is there, since when, who goes, and where."""

    DEFAULT_CSS = f"RosterFacts {{ height: {FACTS}; padding: 0 1; }}"

    def __init__(self) -> None:
        super().__init__()
        self._line: RosterLine | None = None
        self._sets: RuleSets | None = None

    def show(self, line: RosterLine | None, sets: RuleSets | None) -> None:
        """Show a line."""
        self._line, self._sets = line, sets
        self.refresh()

    def render(self) -> Content:
        """The most pressing reason with its rule first."""
        line, sets = self._line, self._sets
        if line is None or sets is None:
            return Content("")
        why = [part for reason in line.reasons for part in words.long(sets, reason)]
        who = [words.to_words(line)]
        if line.carried_from:
            who.append(t("roster.carried", since=words.since_words(line.carried_from)))
        if line.slot:
            who.append(t(f"roster.slot_{line.slot}"))
        where = [part for part in (line.place, line.unit) if part]
        if line.phone:
            where.append(t("risk.panel_phone", phone=phone_text(line.phone)))
        said = (
            f"{sign('pointer')} {' · '.join(why)}",
            f"  {' · '.join(who)}",
            f"  {' · '.join(where)}",
        )
        room = max(1, self.size.width)
        return Content("\n").join(fitted(Content(one), room) for one in said)
