"""A laptop that has met its server: values that met, changes that were stopped, receipts of the day."""

from __future__ import annotations

from typing import Any

import msgspec

from sync import outbox
from sync.protocol import Row
from tests.screens.conftest import AREA
from tui_app.bootstrap import Workspace
from tui_app.services.station import facts
from tui_app.store.rows import RecordRows

MINE, THEIRS = "device-aaa111", "device-bbb222"


def server_row(kind: str, ident: str, seq: int, **body: Any) -> Row:
    """A record as the server sent it."""
    return Row(type=kind, id=ident, commune=AREA.commune, area=AREA.area, seq=seq, body=body)


def conflict(ident: str, about: tuple[str, str, str], state: str, *given: tuple[Any, str, str, str]) -> Row:
    """A conflict row: (type, record, field), and (value, who, device, at) of each value."""
    values = [
        {"value": value, "who": who, "device": device, "at": at, "op": f"{ident}-{number}"}
        for number, (value, who, device, at) in enumerate(given)
    ]
    kind, record, field = about
    body = {"record_type": kind, "record": record, "field": field, "state": state, "values": values}
    return server_row("conflict", ident, 20, **body)


def fill_ward(workspace: Workspace) -> None:
    """Two households, two persons; a birth year and a note that met; one change held, one rejected, two answered."""
    early, late = "2026-11-21T02:00:00.000Z", "2026-11-21T03:30:00.000Z"
    rows = [
        AREA,
        server_row(
            "household", "h1", 2, code="0712", address="12 Lê Lợi", phone="+84912345678", note="cổng sau"
        ),
        server_row("household", "h2", 3, code="0720", address="20 Lê Lợi", phone="+84903000002"),
        server_row("person", "p1", 4, household="h1", full_name="Lê Thị Hằng", birth_year=1956, sex="female"),
        server_row("person", "p2", 5, household="h2", full_name="Phạm Văn Tí", birth_year=1984, sex="male"),
        conflict(
            "c1",
            ("person", "p1", "birth_year"),
            "open",
            (1956, "minh", THEIRS, early),
            (1957, "lan", MINE, late),
        ),
        conflict(
            "c2",
            ("household", "h1", "note"),
            "settled",
            ("chó dữ", "lan", MINE, early),
            ("cổng sau", "minh", THEIRS, late),
        ),
        conflict(
            "c3",
            ("household", "h2", "phone"),
            "open",
            ("+84903000002", "lan", MINE, early),
            ("+84987654321", "minh", THEIRS, late),
        ),
    ]
    with workspace.store.write() as c:
        facts.put(c, facts.SERVER, "https://gonha.example")
        facts.put(c, facts.DEVICE, MINE)
        facts.put(c, facts.TOKEN, "token")
        outbox.hold_area(c, AREA.area, AREA.commune, "write")
        RecordRows().upsert(c, rows)
        for at, outcome, figures in (
            ("2026-11-21T09:00:00.000Z", "done", {"pushed": 120, "applied": 120, "pulled": 44}),
            (
                "2026-11-22T01:30:00.000Z",
                "no_link",
                {"pushed": 12, "applied": 12, "pending": 5, "retries": 3},
            ),
        ):
            body = msgspec.json.encode(figures).decode()
            c.execute(
                "INSERT INTO sync_session (started_at, outcome, summary) VALUES (?, ?, ?)",
                (at, outcome, body),
            )
    for kind, ident, fields, answer in (
        ("household", "h1", {"alley": "Ngõ 3"}, ("acked", "applied", "", "A1B2C3D4E5F6")),
        ("person", "p1", {"occupation": "nội trợ"}, ("acked", "applied", "", "0F1E2D3C4B5A")),
        ("person", "p2", {"birth_year": 1985, "phone": "+84903000009"}, ("held", "held", "read-only", None)),
    ):
        with workspace.store.work("lan") as work:
            work.change(kind, ident, fields)
        answered(workspace, *answer)
    with workspace.store.work("lan") as work:
        work.create(
            "support_need", {"person": "p1", "kind": "food", "status": "open"}, place=AREA, ident="s1"
        )
    answered(workspace, "rejected", "rejected", "bad-value", None, field="kind")
    with workspace.store.work("lan") as work:
        work.change("household", "h2", {"note": "bấm chuông"})


def answered(
    workspace: Workspace, state: str, result: str, reason: str, receipt: str | None, field: str = ""
) -> None:
    """Let the newest change stand as the server's answer leaves it."""
    with workspace.store.write() as c:
        c.execute(
            "UPDATE outbox SET state = ?, result = ?, reason = ?, field = ?, receipt = ?, answered_at = ?"
            " WHERE n = (SELECT max(n) FROM outbox)",
            (state, result, reason, field, receipt, "2026-11-22T01:30:05.000Z"),
        )
        c.execute("DELETE FROM base")
