"""The three lists of Đồng bộ: syncs as they went, fields with two values, changes the server did not take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tui_app.clock import from_wire, show_moment
from tui_app.i18n import t
from tui_app.services.access import MASKED, masked
from tui_app.services.syncing import ConflictLine, SyncState
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.symbols import State

_FIGURES = ("pushed", "applied", "merged", "conflicts", "held", "rejected", "pulled", "pending")
_OUTCOME_STATE: dict[str, State] = {"done": "sent", "waiting": "conflict"}


@dataclass(frozen=True)
class SyncTab:
    """One list. ``detail``: a line in full, by its key; ``masked_record``: type and id when a number is
    hidden.
    """

    name: str
    columns: Callable[[], list[Column]]
    rows: Callable[[SyncState], list[Row]]
    count: Callable[[SyncState], int]
    detail: Callable[[SyncState, str, bool], str]
    masked_record: Callable[[SyncState, str], tuple[str, str] | None] = lambda state, key: None


# ---- syncs


def _session_columns() -> list[Column]:
    return [
        Column("at", t("sync.col_at"), width=16),
        Column("outcome", t("sync.col_outcome"), width=20, flex=1),
        Column("pushed", t("sync.col_pushed"), width=7, align="right"),
        Column("pulled", t("sync.col_pulled"), width=8, align="right"),
        Column("pending", t("sync.col_pending"), width=8, align="right"),
    ]


def _session_rows(state: SyncState) -> list[Row]:
    return [
        Row(
            str(place),
            (
                show_moment(session.at),
                t(f"sync.outcome_{session.outcome}"),
                *(str(session.figures.get(name, 0)) for name in ("pushed", "pulled", "pending")),
            ),
            state=_OUTCOME_STATE.get(session.outcome, "warning"),
        )
        for place, session in enumerate(state.sessions)
    ]


def _session_detail(state: SyncState, key: str, unmasked: bool) -> str:
    session = state.sessions[int(key)]
    figures = {name: session.figures.get(name, 0) for name in _FIGURES}
    words = t("sync.detail_session", outcome=t(f"sync.outcome_{session.outcome}").capitalize(), **figures)
    if wrong := session.figures.get("mismatched"):
        words += "\n" + t("sync.detail_mismatched", count=len(wrong))
    return words


# ---- conflicts


def _conflict_columns() -> list[Column]:
    return [
        Column("whose", t("sync.col_whose"), width=24, flex=2),
        Column("field", t("sync.col_field"), width=20, flex=1),
        Column("state", t("sync.col_state"), width=11),
    ]


def _conflict_rows(state: SyncState) -> list[Row]:
    return [
        Row(
            line.id,
            (line.name or t(f"types.{line.type}"), t(f"fields.{line.field}"), t(f"sync.state_{line.state}")),
            state="conflict" if line.state == "open" else "steady",
        )
        for line in state.conflicts
    ]


def _conflict_of(state: SyncState, key: str) -> ConflictLine | None:
    return next((line for line in state.conflicts if line.id == key), None)


def _conflict_detail(state: SyncState, key: str, unmasked: bool) -> str:
    line = _conflict_of(state, key)
    if line is None:
        return ""
    hidden = line.field in MASKED and not unmasked
    lines = [
        t(
            "sync.detail_value",
            value=masked(one.value) if hidden and one.value is not None else shown(line.field, one.value),
            who=one.who or "?",
            at=show_moment(from_wire(one.at)) if one.at else "?",
            device=one.device[-6:] or "?",
        )
        for one in line.values
    ]
    if hidden:
        lines.append(t("sync.detail_masked"))
    return "\n".join(lines)


def _conflict_masked(state: SyncState, key: str) -> tuple[str, str] | None:
    line = _conflict_of(state, key)
    return (line.type, line.record) if line is not None and line.field in MASKED else None


def shown(field: str, value: Any) -> str:
    """A value of a field in words: codes and yes/no in the language of the moment."""
    from tui_app.codes import code_word, yes_no

    if isinstance(value, bool) or value is None:
        return yes_no(value)
    return code_word(field, value) if isinstance(value, str) else str(value)


# ---- held and rejected


def _stopped_columns() -> list[Column]:
    return [
        Column("at", t("sync.col_at"), width=16),
        Column("record", t("sync.col_record"), width=16, flex=1),
        Column("field", t("sync.col_field"), width=16, flex=1, optional=1),
        Column("state", t("sync.col_state"), width=10),
    ]


def _stopped_rows(state: SyncState) -> list[Row]:
    return [
        Row(
            str(line.n),
            (
                show_moment(line.at),
                t(f"types.{line.type}"),
                t(f"fields.{line.field}") if line.field else t("sync.whole_record"),
                t(f"sync.state_{line.state}"),
            ),
            state="warning",
        )
        for line in state.stopped
    ]


def _stopped_detail(state: SyncState, key: str, unmasked: bool) -> str:
    line = next((line for line in state.stopped if str(line.n) == key), None)
    if line is None:
        return ""
    return f"{t('sync.col_reason')}: {reason_words(line.reason)}"


def reason_words(reason: str) -> str:
    """Why the server did not take a change; a reason of a newer server is shown as it is."""
    try:
        return t(f"sync.reason_{reason}")
    except KeyError:
        return t("sync.reason_other", reason=reason)


TABS = (
    SyncTab("sessions", _session_columns, _session_rows, lambda state: 0, _session_detail),
    SyncTab(
        "conflicts",
        _conflict_columns,
        _conflict_rows,
        lambda state: len(state.conflicts),
        _conflict_detail,
        _conflict_masked,
    ),
    SyncTab("stopped", _stopped_columns, _stopped_rows, lambda state: len(state.stopped), _stopped_detail),
)
