"""How requests of data subjects look in lists."""

from __future__ import annotations

from datetime import date, timedelta

from tui_app.clock import show_date
from tui_app.codes import code_word
from tui_app.i18n import t
from tui_app.services.requests import register
from tui_app.services.requests.register import Request
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.symbols import State

SOON = timedelta(days=2)
"""A step due within so many days is one to do now."""


def columns() -> list[Column]:
    """The day first, then what is due."""
    return [
        Column("due", t("privacy.col_due"), width=10),
        Column("step", t("privacy.col_step"), width=8),
        Column("kind", t("privacy.col_kind"), width=14),
        Column("name", t("privacy.col_person"), width=16, flex=2, names=True),
        Column("state", t("privacy.col_state"), width=20),
        Column("received", t("privacy.col_received"), width=10, optional=1),
        Column("asked_by", t("privacy.col_asked_by"), width=20, flex=1, optional=2),
    ]


def row(one: Request, day: date) -> Row:
    """A request as it stands on a day."""
    return Row(
        one.id,
        (
            show_date(one.next_due if one.is_open else one.end.met_on),
            _step(one),
            code_word("kind", one.kind, register.TYPE),
            one.full_name or t("requests.nameless"),
            code_word("state", one.progress, register.TYPE),
            show_date(one.received_on),
            one.asked_by,
        ),
        _state(one, day),
    )


def _step(one: Request) -> str:
    """What is due next; of an ended one whether it was late."""
    if not one.is_open:
        return t("requests.late") if one.end.state == "late" else ""
    if one.not_taken:
        return t("privacy.step_server")
    return t(
        "privacy.step_answer" if one.answer.on == one.next_due and one.answer.waits else "privacy.step_end"
    )


def _state(one: Request, day: date) -> State:
    if not one.is_open or one.next_due is None:
        return "steady"
    if one.next_due < day:
        return "danger"
    return "warning" if one.next_due <= day + SOON else "steady"
