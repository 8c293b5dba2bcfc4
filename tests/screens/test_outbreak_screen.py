"""Outbreaks on the screen: found in the palette, declared, looked at, printed and ended by keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.screens.conftest import USER, type_burst
from tests.screens.street import at_work, line_with, press, rows, settle, shown, street
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.services.cases.cases import open_case
from tui_app.settings import Places

TODAY = date(2026, 11, 22)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def made(workspace: Workspace) -> None:
        street(workspace)
        with workspace.store.read() as c:
            (person,) = c.execute("SELECT id FROM person WHERE full_name = 'Lê Thị Hằng'").fetchone()
        open_case(
            workspace.store, USER, person, source="screening", started_on=TODAY, first_positive_on=TODAY
        )

    return made


async def opened(app: object, pilot: object) -> None:
    await press(app, pilot, "ctrl+p")  # type: ignore[arg-type]
    await type_burst(app, "o dich\r")  # type: ignore[arg-type]
    await settle(app, pilot)  # type: ignore[arg-type]


async def test_an_outbreak_is_declared_by_keys_and_its_case_counts(ward: Places, clock: Clock) -> None:
    """TT 15/2026, Đ26.1b: found at 09:05 on 22/11, due at 09:05 on 23/11."""
    async with at_work(ward, clock) as (app, pilot):
        await opened(app, pilot)
        assert "Chưa công bố ổ dịch nào" in shown(app)
        await press(app, pilot, "n")
        assert "trong 24 giờ kể từ khi xác định có dịch" in shown(app)
        await type_burst(app, "Chùm ca Lê Lợi\t\t12 Lê Lợi")
        await press(app, pilot, "ctrl+s")
        assert "mẫu 01" in shown(app)
        assert rows(app, "SELECT name, disease, place, started_on, identified_at FROM outbreak") == [
            ("Chùm ca Lê Lợi", "COVID-19", "12 Lê Lợi", "2026-11-22", "2026-11-22T02:05:00.000Z")
        ]
        line = line_with(app, "Chùm ca Lê Lợi")
        assert "đang có dịch" in line
        assert line.split()[-2:] == ["1", "1"]
        await press(app, pilot, "enter")
        said = " ".join(shown(app).replace("│", " ").split())
        assert "Mẫu 01 (có dịch): đúng hạn, lập 22/11/2026 09:05, hạn 23/11/2026 09:05" in said
        assert "0 ngày không có ca mới, quy định ≥ 8" in said


async def test_it_ends_with_a_reason_before_eight_days_and_may_go_on(
    ward: Places, clock: Clock, tmp_path: Path
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await opened(app, pilot)
        await press(app, pilot, "n")
        await type_burst(app, "Chùm ca")
        await press(app, pilot, "ctrl+s", "p", "enter")
        field = app.screen.query_one("TextField")
        file = tmp_path / "01.pdf"
        field.value = str(file)  # type: ignore[attr-defined]
        await press(app, pilot, "enter")
        assert file.read_bytes().startswith(b"%PDF")
        await press(app, pilot, "x")
        assert "0 ngày không có ca mới, quy định ≥ 8" in shown(app)
        await press(app, pilot, "ctrl+s")
        assert rows(app, "SELECT ended_on FROM outbreak") == [(None,)]
        assert "Ghi lý do" in shown(app)
        await type_burst(app, "nhầm bệnh")
        await press(app, pilot, "ctrl+s")
        assert rows(app, "SELECT ended_on, note FROM outbreak") == [("2026-11-22", "nhầm bệnh")]
        assert "hết dịch 22/11/2026" in line_with(app, "Chùm ca")
        await press(app, pilot, "x", "c")
        assert "đang có dịch" in line_with(app, "Chùm ca")
