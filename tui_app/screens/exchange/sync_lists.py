"""The four lists of Đồng bộ: syncs as they went, fields with several values, changes the server did not take, and
the receipts of a day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any

from tui_app.clock import from_wire, show_date, show_moment, show_time
from tui_app.i18n import catalogue, language, t
from tui_app.services.access.access import MASKED
from tui_app.services.exchange import inbox, receipts
from tui_app.services.exchange.delivery_sheet import receipt_words, result_words
from tui_app.services.exchange.inbox import Item, reason_words
from tui_app.services.exchange.link import notes
from tui_app.services.exchange.questions import OPEN, RESOLVED, Question, questions
from tui_app.services.exchange.receipts import Day
from tui_app.services.exchange.syncing import Session, SyncState, sync_state
from tui_app.services.people.values import field_word, type_word
from tui_app.widgets.choice_lines import by_words
from tui_app.widgets.rows import Column, Row
from tui_app.widgets.symbols import State

_FIGURES = ("pushed", "applied", "merged", "conflicts", "held", "rejected", "pulled", "pending")
_OUTCOME_STATE: dict[str, State] = {"done": "sent", "waiting": "conflict"}


@dataclass(frozen=True)
class Place:
    """Everything Đồng bộ shows. ``questions``: undecided ones; ``items``: what waits to be settled."""

    sync: SyncState
    questions: list[Question]
    items: list[Item]
    day: Day


def read_place(c: Any, day: date, today: date, restricted: bool) -> Place:
    """Read it all. ``day``: whose receipts to list."""
    return Place(
        sync_state(c),
        questions(c, resolved=False, restricted=restricted),
        inbox.items(c, restricted=restricted),
        receipts.day(c, day, today),
    )


@dataclass(frozen=True)
class SyncTab:
    """One list. ``detail``: a line in full, by its key; ``masked_record``: type and id when a number is
    hidden.
    """

    name: str
    columns: Callable[[], list[Column]]
    rows: Callable[[Place], list[Row]]
    count: Callable[[Place], int]
    detail: Callable[[Place, str, bool], str]
    masked_record: Callable[[Place, str], tuple[str, str] | None] = lambda place, key: None


# ---- syncs


def _session_columns() -> list[Column]:
    return [
        Column("at", t("sync.col_at"), width=16),
        Column("outcome", t("sync.col_outcome"), width=20, flex=1),
        Column("pushed", t("sync.col_pushed"), width=7, align="right"),
        Column("pulled", t("sync.col_pulled"), width=8, align="right"),
        Column("pending", t("sync.col_pending"), width=8, align="right"),
    ]


def _session_rows(place: Place) -> list[Row]:
    return [
        Row(
            str(number),
            (
                show_moment(session.at),
                outcome_word(session.outcome),
                *(str(session.figures.get(name, 0)) for name in ("pushed", "pulled", "pending")),
            ),
            state=_OUTCOME_STATE.get(session.outcome, "warning"),
        )
        for number, session in enumerate(place.sync.sessions)
    ]


def _session_detail(place: Place, key: str, unmasked: bool) -> str:
    session = place.sync.sessions[int(key)]
    figures = {name: session.figures.get(name, 0) for name in _FIGURES}
    lines = [t("sync.detail_session", outcome=outcome_word(session.outcome).capitalize(), **figures)]
    sent, received = session.figures.get("bytes_up", 0), session.figures.get("bytes_down", 0)
    if sent or received:
        lines.append(t("sync.detail_bytes", up=_size(sent), down=_size(received)))
    if retries := session.figures.get("retries"):
        lines.append(t("sync.detail_retries", count=retries))
    if wrong := session.figures.get("mismatched"):
        lines.append(t("sync.detail_mismatched", count=len(wrong)))
    lines += session_notes(session)
    return "\n".join(lines)


def _size(count: int) -> str:
    return (
        f"{count / 1024:.1f} KB".replace(".", ",")
        if count < 1 << 20
        else f"{count / (1 << 20):.1f} MB".replace(".", ",")
    )


def outcome_word(outcome: str) -> str:
    """How a sync ended; an ending of a newer version goes by its own name."""
    return catalogue(language(), "sync").get(f"outcome_{outcome}", outcome)


def session_notes(session: Session) -> list[str]:
    """What a person should know of a sync besides its figures, a wrong clock among them. Figures that the version
    which wrote them did not know count as nothing."""
    told = {
        "clock": "ok",
        "clock_offset": 0.0,
        "forked": False,
        "healed": (),
        "repaired": (),
        "resent": 0,
        "offered": 0,
    }
    known: Any = SimpleNamespace(
        **{name: session.figures.get(name, default) for name, default in told.items()}
    )
    return notes(known)


def clock_words(place: Place) -> str:
    """That the laptop's clock was off at the last sync that met the server; empty when it was not."""
    met = next((one for one in place.sync.sessions if one.outcome in ("done", "waiting")), None)
    if met is None or met.figures.get("clock", "ok") == "ok":
        return ""
    return session_notes(met)[0]


# ---- conflicts


def _conflict_columns() -> list[Column]:
    return [
        Column("whose", t("sync.col_whose"), width=24, flex=2),
        Column("field", t("sync.col_field"), width=20, flex=1),
        Column("state", t("sync.col_state"), width=11),
    ]


def _conflict_rows(place: Place) -> list[Row]:
    return [
        Row(
            one.id,
            (
                one.whose.name or type_word(one.type),
                field_word(one.field, one.type),
                t(f"resolve.state_{one.state}"),
            ),
            state="conflict" if one.state == OPEN else "steady",
        )
        for one in place.questions
        if one.state != RESOLVED
    ]


def _conflict_detail(place: Place, key: str, unmasked: bool) -> str:
    one = _question(place, key)
    if one is None:
        return ""
    hidden = one.field in MASKED and not unmasked
    lines = [
        t("sync.detail_value", value=one.words(choice.value, choice.name, hide=hidden), by=by_words(choice))
        for choice in one.choices
    ]
    lines.append(t("sync.detail_masked") if hidden else t("sync.detail_open"))
    return "\n".join(lines)


def _question(place: Place, key: str) -> Question | None:
    return next((one for one in place.questions if one.id == key), None)


def _conflict_masked(place: Place, key: str) -> tuple[str, str] | None:
    one = _question(place, key)
    return (one.type, one.record) if one is not None and one.field in MASKED else None


# ---- held and rejected


def _stopped_columns() -> list[Column]:
    return [
        Column("at", t("sync.col_at"), width=16),
        Column("whose", t("sync.col_whose"), width=16, flex=2),
        Column("record", t("sync.col_record"), width=12, flex=1),
        Column("state", t("sync.col_state"), width=10),
    ]


def _stopped_rows(place: Place) -> list[Row]:
    return [
        Row(
            str(one.n),
            (
                show_moment(from_wire(one.at)),
                one.whose.name or one.whose.code,
                type_word(one.type),
                t(f"sync.state_{one.state}"),
            ),
            state="warning",
        )
        for one in place.items
    ]


def _stopped_detail(place: Place, key: str, unmasked: bool) -> str:
    one = next((one for one in place.items if str(one.n) == key), None)
    if one is None:
        return ""
    fields = ", ".join(field_word(typed.field, one.type) for typed in one.fields)
    why = t(f"inbox.says_{one.state}", reason=reason_words(one.reason))
    return f"{fields}. {why}\n{inbox.advice(one)}\n{t('sync.detail_settle')}"


# ---- receipts


def _receipt_columns() -> list[Column]:
    return [
        Column("time", t("receipts.col_time"), width=5),
        Column("record", t("receipts.col_kind"), width=10, flex=1),
        Column("whose", t("receipts.col_name"), width=16, flex=2),
        Column("changes", t("receipts.col_changes"), width=6, align="right"),
        Column("result", t("receipts.col_result"), width=12, flex=1, optional=1),
        Column("receipt", t("receipts.col_receipt"), width=16),
    ]


def _receipt_rows(place: Place) -> list[Row]:
    return [
        Row(
            str(number),
            (
                show_time(one.at),
                type_word(one.type),
                one.whose.name or one.whose.code,
                str(one.changes),
                result_words(one.result),
                receipt_words(one),
            ),
            state="warning" if one.result in ("held", "rejected") else "sent",
        )
        for number, one in enumerate(place.day.deliveries)
    ]


def _receipt_detail(place: Place, key: str, unmasked: bool) -> str:
    if int(key) >= len(place.day.deliveries):
        return ""
    one = place.day.deliveries[int(key)]
    line = t("receipts.detail", result=result_words(one.result), changes=one.changes, at=show_moment(one.at))
    given = t("receipts.receipts_line", receipts=", ".join(one.receipts)) if one.receipts else ""
    return "\n".join(filter(None, (day_words(place.day), f"{one.whose.code} · {line}", given)))


def day_words(day: Day) -> str:
    """What a day's receipts come to."""
    totals = day.totals
    stopped = totals["held"] + totals["rejected"]
    records = len({(one.type, one.record) for one in day.deliveries})
    words = t(
        "receipts.day",
        date=show_date(day.day),
        changes=sum(totals.values()),
        records=records,
        stopped=stopped,
    )
    return words if day.complete else f"{words} {t('receipts.incomplete')}"


TABS = (
    SyncTab("sessions", _session_columns, _session_rows, lambda place: 0, _session_detail),
    SyncTab(
        "conflicts",
        _conflict_columns,
        _conflict_rows,
        lambda place: len(place.questions),
        _conflict_detail,
        _conflict_masked,
    ),
    SyncTab("stopped", _stopped_columns, _stopped_rows, lambda place: len(place.items), _stopped_detail),
    SyncTab("receipts", _receipt_columns, _receipt_rows, lambda place: 0, _receipt_detail),
)
