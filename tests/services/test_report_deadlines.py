"""Due, on time, late, missing (rules §1.5), with both times; the units of a sweep that have not reported."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest
from sweep_ward import FIRST, ONE, TWO, SweepWard

from sync import outbox
from sync.protocol import Result
from tui_app.clock import to_wire
from tui_app.errors import NotOpened
from tui_app.papers.report_paper import write_report
from tui_app.services.reports.catalogue import KINDS
from tui_app.services.reports.deadlines import Deadline, Timing, deadlines
from tui_app.services.reports.due_words import deadline_line, missing_line
from tui_app.services.reports.filing import file_report, report
from tui_app.services.reports.typing_in import type_in
from tui_app.services.sweeps import sweep_report
from tui_app.store.rows import RecordRows


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[SweepWard]:
    made = SweepWard(tmp_path / "one")
    door, _ = made.door("1 Lê Lợi", "Nguyễn Văn Đức")
    made.meet(door)
    yield made
    made.workspace.close()


def at(ward: SweepWard, day: int, hour: int) -> None:
    """November 2026, Viet Nam time."""
    ward.clock.now = datetime(2026, 11, day, hour - 7, tzinfo=UTC)


def due(ward: SweepWard, kind: str, day: int) -> Deadline:
    with ward.store.read() as c:
        found = deadlines(c, ward.clock())
    return next(one for one in found if (one.kind, one.period.last.day) == (kind, day))


def printed(ward: SweepWard) -> str:
    """The first day's report on paper."""
    with ward.store.read() as c:
        found = report(c, KINDS["daily"], FIRST, ward.clock())
    (page,) = pypdf.PdfReader(io.BytesIO(write_report(ward.workspace, found, found.filed, "pdf"))).pages
    return " ".join(page.extract_text().split())


def received(ward: SweepWard) -> None:
    """The server takes what waits, now."""
    with ward.store.write() as c:
        ops = outbox.waiting(c, "laptop", 1000, 10**7)
        answers = [(op, Result(op=op.id, n=op.n, result="applied", receipt="r", seq=op.n)) for op in ops]
        outbox.answer(c, RecordRows(), answers, to_wire(ward.clock()))


def test_a_report_is_due_then_missing_then_late(ward: SweepWard) -> None:
    at(ward, 22, 18)
    assert due(ward, "daily", 22).timing is Timing.DUE
    at(ward, 23, 11)  # the house's rule: 10:00 on the next day
    assert due(ward, "daily", 22).timing is Timing.MISSING
    file_report(ward.store, "lan", KINDS["daily"], FIRST)
    one = due(ward, "daily", 22)
    assert (one.timing, one.version, one.written_at) == (Timing.LATE, 1, "2026-11-23T04:00:00.000Z")
    assert re.search(r"Hạn nộp 23/11/2026 10:00: .* · nộp muộn", printed(ward))


def test_written_in_time_and_received_late_are_two_times(ward: SweepWard) -> None:
    at(ward, 22, 18)
    file_report(ward.store, "lan", KINDS["daily"], FIRST)
    one = due(ward, "daily", 22)
    assert (one.timing, one.received_at) == (Timing.ON_TIME, "")
    at(ward, 23, 12)
    received(ward)
    one = due(ward, "daily", 22)
    assert (one.timing, one.received_at, one.received_late) == (
        Timing.ON_TIME,
        "2026-11-23T05:00:00.000Z",
        True,
    )
    assert deadline_line(one) == (
        "Báo cáo ngày · 22/11/2026 · hạn 23/11/2026 10:00 · đúng hạn · viết 22/11/2026 18:00"
        " · máy chủ nhận 23/11/2026 12:00, sau hạn"
    )


def test_a_second_version_does_not_make_the_first_late(ward: SweepWard) -> None:
    at(ward, 22, 18)
    file_report(ward.store, "lan", KINDS["daily"], FIRST)
    at(ward, 23, 12)
    type_in(ward.store, "lan", KINDS["daily"], FIRST, {"entered_new": "1"}, "đồn biên phòng")
    file_report(ward.store, "lan", KINDS["daily"], FIRST, reason="đồn biên phòng báo thêm")
    one = due(ward, "daily", 22)
    assert (one.timing, one.version) == (Timing.ON_TIME, 2)


def test_a_sweep_is_missing_while_one_unit_is_and_names_it(ward: SweepWard) -> None:
    campaign = ward.start()  # 22/11, due at 10:00 on 23/11 (S2 §II.1.5)
    sweep_report.file_report(ward.store, "lan", campaign, ONE)
    assert (due(ward, "sweep", 22).timing, due(ward, "sweep", 22).units_missing) == (
        Timing.DUE,
        ("Khu phố 2",),
    )
    at(ward, 23, 11)
    one = due(ward, "sweep", 22)
    assert one.timing is Timing.MISSING
    assert missing_line(one) == "Báo cáo rà soát Rà soát tháng 11: 1 đơn vị chưa báo cáo: Khu phố 2"
    sweep_report.file_report(ward.store, "lan", campaign, TWO)
    one = due(ward, "sweep", 22)
    assert (one.timing, one.units_missing, one.written_at) == (Timing.LATE, (), "2026-11-23T04:00:00.000Z")


def test_nothing_is_missing_from_before_the_station_began(ward: SweepWard) -> None:
    at(ward, 24, 9)
    with ward.store.read() as c:
        days = [one.period.last.day for one in deadlines(c, ward.clock(), 30) if one.kind == "daily"]
    assert days == [24, 23, 22]


def test_a_viewer_gets_no_deadlines_here(ward: SweepWard) -> None:
    ward.store.role = "viewer"
    with ward.store.read() as c, pytest.raises(NotOpened):
        deadlines(c, ward.clock())
