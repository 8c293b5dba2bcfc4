"""How the chief's numbers, teams, laptops, flaws and the work of a day look in lists."""

from __future__ import annotations

from tui_app.clock import show_time
from tui_app.i18n import t
from tui_app.services.command import overview_words, words
from tui_app.services.command.approval import Reviewed, State
from tui_app.services.command.laptops import LaptopLine
from tui_app.services.command.listed import Listed
from tui_app.services.command.numbers import DANGER, OVERDUE, UNSENT, Number
from tui_app.services.command.quality import Flaw
from tui_app.services.command.teams import TeamLine
from tui_app.widgets import symbols
from tui_app.widgets.rows import Column, Row

_URGENT: dict[str, symbols.State] = {DANGER: "danger", OVERDUE: "warning", UNSENT: "unsent"}
_STATES: dict[State, symbols.State] = {
    State.UNDECIDED: "unknown",
    State.CHANGED: "warning",
    State.RETURNED: "conflict",
    State.APPROVED: "sent",
}


def number_columns() -> list[Column]:
    """Of the six numbers."""
    return [
        Column("name", t("command.col_number"), width=24),
        Column("value", t("command.col_today"), width=10, align="right"),
        Column("yesterday", t("command.col_yesterday"), width=9, align="right"),
        Column("line", t("command.col_line"), width=16, flex=1),
    ]


def number_row(number: Number) -> Row:
    """A number beside yesterday's and its line."""
    state = _URGENT.get(number.name) if number.value else None
    return Row(
        number.name,
        (
            overview_words.name(number),
            overview_words.value(number),
            overview_words.of_yesterday(number),
            overview_words.line(number, plain=symbols.symbols_in_use() == "ascii"),
        ),
        state=state or "steady",
    )


def columns(tab: str) -> list[Column]:
    """Of a tab of the screen."""
    return {
        "teams": [
            Column("who", t("command.col_team"), width=14, flex=2),
            Column("doors", t("command.col_doors"), width=8, align="right"),
            Column("visits", t("command.col_visits"), width=6, align="right"),
            Column("readings", t("command.col_readings"), width=6, align="right"),
            Column("followed", t("command.col_followed"), width=9, align="right"),
            Column("danger", "!!", width=3, align="right"),
            Column("late", t("command.col_late"), width=8, align="right"),
            Column("undecided", t("command.col_undecided"), width=10, align="right"),
        ],
        "laptops": [
            Column("user", t("command.col_user"), width=18, flex=1),
            Column("seen", t("command.col_seen"), width=16),
            Column("unsent", t("command.col_unsent"), width=9, align="right"),
            Column("units", t("command.col_units"), width=18, flex=2),
        ],
        "quality": [
            Column("flaw", t("command.col_flaw"), width=40, flex=1),
            Column("count", t("command.col_count"), width=8, align="right"),
        ],
    }[tab]


def team_row(line: TeamLine) -> Row:
    """A team: what it was given and did, follows, and what of it waits."""
    state: symbols.State = "danger" if line.danger else "warning" if line.late else "steady"
    counts = (line.visits, line.readings, line.followed, line.danger, line.late, line.undecided)
    return Row(
        f"team {line.who}",
        (overview_words.team_name(line.who), overview_words.doors(line), *(str(len(ids)) for ids in counts)),
        state=state,
    )


def laptop_row(line: LaptopLine, recently: str) -> Row:
    """A laptop: last sync, and what was not sent. ``recently``: wire moment before which a sync is long ago."""
    unsent = overview_words.UNKNOWN if line.unsent is None else str(line.unsent)
    state: symbols.State = "unknown" if line.unsent is None else "unsent" if line.unsent else "sent"
    if line.seen < recently and not line.own:
        state = "warning"
    return Row(
        line.device or "own",
        (
            overview_words.laptop_user(line),
            overview_words.laptop_seen(line),
            unsent,
            overview_words.laptop_units(line),
        ),
        state=state,
    )


def untold_row() -> Row:
    """That the server has not told the other laptops."""
    return Row("untold", (t("command.laptops_untold"), "", "", ""), state="unknown")


def flaw_row(one: Flaw) -> Row:
    """What records lack or cannot be."""
    return Row(
        one.name, (t(f"command.flaw_{one.name}"), str(len(one.ids))), state="warning" if one.ids else "steady"
    )


def review_columns() -> list[Column]:
    """Of the work of a day."""
    return [
        Column("at", t("review.col_at"), width=5),
        Column("who", t("review.col_who"), width=8),
        Column("name", t("review.col_name"), width=18, flex=2),
        Column("what", t("review.col_what"), width=22, flex=3),
        Column("state", t("review.col_state"), width=13),
    ]


def review_row(line: Reviewed) -> Row:
    """Something done, and what was decided of it."""
    done = line.done
    return Row(
        done.row.id,
        (show_time(done.at), done.who, done.name, words.what(done), words.state(line)),
        state=_STATES[line.state],
    )


def listed_columns() -> list[Column]:
    """Of the records behind a figure."""
    return [
        Column("name", t("command.col_name"), width=20, flex=2),
        Column("place", t("command.col_place"), width=16, flex=2),
        Column("unit", t("command.col_units"), width=10, flex=1, optional=1),
        Column("said", t("command.col_said"), width=24, flex=3),
    ]


def listed_row(one: Listed) -> Row:
    """A record."""
    return Row(one.id, (one.name or "?", one.place, one.unit, one.said))
