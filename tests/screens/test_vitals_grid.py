"""The vitals grid, driven by keys as a nurse types them; judged by what is shown and stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest

from tests.screens.conftest import USER, all_done, type_burst
from tests.screens.f0_ward import (
    HOA,
    MORNING,
    TI,
    alert_states,
    measured,
    readings,
    silence,
    three_patients,
)
from tests.screens.street import at_work, household, line_with, person, press, rows, settle, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, Clock, pinned_clock
from tui_app.screens.cases.f0_board import F0BoardScreen
from tui_app.screens.frame.unhurried import UnhurriedScreen
from tui_app.screens.vitals.alert import AlertScreen
from tui_app.screens.vitals.spo2_again import Spo2AgainScreen
from tui_app.screens.vitals.vitals_grid import VitalsGridScreen
from tui_app.services.cases import cases
from tui_app.settings import Places
from tui_app.widgets.vitals_table import VitalsTable


@pytest.fixture
def clock() -> Clock:
    return pinned_clock(MORNING)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return lambda workspace: three_patients(workspace) and None


@pytest.fixture(autouse=True)
def short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UnhurriedScreen, "SLICE", 0.05)


async def to_grid(app: GonhaApp, pilot: object) -> None:
    """The grid of everybody, by the keys that lead there, the cursor on the first patient."""
    app.push_screen(VitalsGridScreen())
    await settle(app, pilot)  # type: ignore[arg-type]


async def type_now(app: GonhaApp, pilot: object, keys: str) -> None:
    await type_burst(app, keys)
    await settle(app, pilot)  # type: ignore[arg-type]


def at_cell(app: GonhaApp) -> tuple[str, str]:
    table = app.screen.query_one(VitalsTable)
    assert table.line is not None
    return table.line.patient.full_name, table.field


async def test_g_on_the_board_opens_the_grid_of_ones_own_patients(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f4", "g")
        assert "Sinh hiệu · sáng 20/02/2022 · lan" in shown(app)
        assert "0/2 đã đo" in shown(app)
        assert HOA not in shown(app)


async def test_a_row_of_twelve_keys_is_saved_when_it_is_left(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        keys = "37588\t18\t98\r"
        assert len(keys) == 12
        await type_now(app, pilot, keys)
        assert readings(app, first) == [(37.5, 88, 18, 98, None)]
        assert "● 09:05" in line_with(app, first)
        assert f"Đã lưu {first}: 37,5 °C, mạch 88, nhịp thở 18, SpO2 98." in shown(app)
        assert at_cell(app) != (first, "temperature_c")
        assert at_cell(app)[1] == "temperature_c"


async def test_three_rows_typed_ahead_are_three_readings(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        await type_now(app, pilot, "37.5\t88\t18\t98\r37,1\t80\t17\t99\r36980\t16\t98\r")
        found = rows(
            app, "SELECT temperature_c, pulse, slot FROM observation WHERE slot_on = '2022-02-20' ORDER BY id"
        )
        assert found == [(37.5, 88, "am"), (37.1, 80, "am"), (36.9, 80, "am")]
        assert "3/3 đã đo" in shown(app)


async def test_what_was_skipped_is_not_measured_and_a_dash(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        await type_now(app, pilot, "375\t\t\t98\r")
        assert readings(app, first) == [(37.5, None, None, 98, None)]
        assert line_with(app, first).count("–") == 3


async def test_an_impossible_value_is_refused_in_its_place_with_the_range(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        await type_now(app, pilot, "375\t8\t18\t98\r36")
        assert readings(app, first) == []
        assert at_cell(app) == (first, "pulse")
        assert "từ 20 đến 250" in shown(app)
        assert "!8" in line_with(app, first)
        table = app.screen.query_one(VitalsTable)
        assert table.line is not None
        assert table.line.typed == {"temperature_c": "37,5", "pulse": "8"}
        await type_now(app, pilot, "\x7f88\t18\t98\r")
        assert readings(app, first) == [(37.5, 88, 18, 98, None)]


async def test_a_danger_is_saved_and_asks_for_an_answer(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        await type_now(app, pilot, "375\t130\t18\t98\r")
        assert isinstance(app.screen, AlertScreen)
        assert readings(app, first) == [(37.5, 130, 18, 98, None)]
        assert alert_states(app) == [("open", None)]
        for words in ("NGUY CẤP", first, "130", "120", "261"):
            assert words in shown(app)
        await silence(app)
        await press(app, pilot, "a")
        assert "Đã báo cho ai" in shown(app)


async def test_a_low_spo2_is_measured_again_and_both_are_kept(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        seconds = [0.0]
        app.ticks = lambda: seconds[0]
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        await type_now(app, pilot, "37588\t18\t93\r")
        assert isinstance(app.screen, Spo2AgainScreen)
        assert readings(app, first) == []
        assert "Còn 30 giây" in shown(app)
        seconds[0] = 41.0
        await silence(app)
        await type_now(app, pilot, "98\r")
        assert rows(
            app, "SELECT spo2, spo2_repeat, spo2_repeat_after FROM observation WHERE slot_on = '2022-02-20'"
        ) == [(93, 98, 41)]


async def test_without_a_second_spo2_the_first_one_counts(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        await type_now(app, pilot, "37588\t18\t91\r")
        await silence(app)
        await press(app, pilot, "escape")
        assert readings(app, first) == [(37.5, 88, 18, 91, None)]
        assert isinstance(app.screen, AlertScreen)
        assert "91" in shown(app)


async def test_what_was_typed_ahead_of_the_question_goes_on_in_the_grid(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        await type_now(app, pilot, "375130\t18\t98\r36480\t17")
        assert isinstance(app.screen, AlertScreen)
        await silence(app)
        await press(app, pilot, "a")
        await silence(app)
        await type_now(app, pilot, "BS Hà\r")
        table = app.screen.query_one(VitalsTable)
        assert table.line is not None
        assert table.line.typed == {"temperature_c": "36,4", "pulse": "80", "respiratory_rate": "17"}


async def test_what_was_typed_ahead_goes_past_both_questions(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        await type_now(app, pilot, "37588\t18\t91\r36480\t17")
        assert isinstance(app.screen, Spo2AgainScreen)
        await silence(app)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, AlertScreen)
        await silence(app)
        await press(app, pilot, "a")
        await silence(app)
        await type_now(app, pilot, "BS Hà\r")
        table = app.screen.query_one(VitalsTable)
        assert table.line is not None
        assert table.line.typed == {"temperature_c": "36,4", "pulse": "80", "respiratory_rate": "17"}
        assert alert_states(app) == [("told", "BS Hà")]


async def test_a_half_typed_row_comes_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        await type_now(app, pilot, "375\t8")
        await all_done(app)
        await press(app, pilot, "escape")
        await to_grid(app, pilot)
        assert "37,5" in line_with(app, first)
        assert "✎ nháp" in line_with(app, first)
        assert readings(app, first) == []


async def test_leaving_saves_a_row_that_can_be_saved(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        await type_now(app, pilot, "37588\x1b")
        assert not isinstance(app.screen, VitalsGridScreen)
        assert readings(app, first) == [(37.5, 88, None, None, None)]
        assert rows(app, "SELECT count(*) FROM draft") == [(0,)]


async def test_ctrl_z_takes_the_last_row_back_by_another_row(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        await type_now(app, pilot, "37588\t18\t98\r")
        await press(app, pilot, "ctrl+z")
        assert readings(app, first) == [(37.5, 88, 18, 98, None), (None, None, None, None, None)]
        assert f"Đã lấy lại lần đo của {first}" in shown(app)
        assert at_cell(app)[0] == first
        assert "●" not in line_with(app, first)


async def test_after_taking_back_typing_begins_the_row_anew(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        await type_now(app, pilot, "37588\t18\t98\r370\t80\t17")
        await press(app, pilot, "ctrl+z")
        await type_now(app, pilot, "371")
        assert at_cell(app) == (first, "temperature_c")
        assert "37,1" in line_with(app, first)


async def test_a_refused_value_of_a_draft_is_refused_again_when_its_row_is_left(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        await type_now(app, pilot, "375\t8\t")
        await all_done(app)
        await press(app, pilot, "escape")
        await to_grid(app, pilot)
        await type_now(app, pilot, "376\r")
        assert at_cell(app) == (first, "pulse")
        assert "từ 20 đến 250" in shown(app)
        assert "!8" in line_with(app, first)
        await type_now(app, pilot, "\x7f88\r")
        assert readings(app, first) == [(37.6, 88, None, None, None)]


async def test_typing_over_a_saved_row_corrects_it_and_keeps_what_was_asked(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    case = rows_of_case(workspace, TI)
    measured(workspace, case, MORNING, temperature_c=37.0, pulse=80, spo2=98, symptoms=("cough",))
    workspace.close()
    async with at_work(ward, clock) as (app, pilot):
        app.push_screen(VitalsGridScreen(at=case))
        await settle(app, pilot)
        await type_now(app, pilot, "386\r")
        assert rows(
            app,
            "SELECT o.temperature_c, o.pulse, o.symptoms, o.amends IS NOT NULL FROM observation AS o"
            " WHERE o.slot_on = '2022-02-20' ORDER BY o.id",
        ) == [(37.0, 80, '["cough"]', 0), (38.6, 80, '["cough"]', 1)]


async def test_a_correction_that_leaves_the_danger_asks_again_for_an_answer(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    case = rows_of_case(workspace, TI)
    taken = measured(workspace, case, MORNING, pulse=130, spo2=98)
    workspace.close()
    async with at_work(ward, clock) as (app, pilot):
        app.push_screen(VitalsGridScreen(at=case))
        await settle(app, pilot)
        await type_now(app, pilot, "386\r")
        assert isinstance(app.screen, AlertScreen)
        assert app.screen.alert == taken.alert
        assert alert_states(app) == [("open", None)]


async def test_the_half_day_before_can_be_typed_from_paper(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        await press(app, pilot, "left_square_bracket")
        assert "Sinh hiệu · chiều 19/02/2022" in shown(app)
        assert "3/3 đã đo" in shown(app)
        await press(app, pilot, "right_square_bracket", "right_square_bracket")
        assert "Sinh hiệu · sáng 20/02/2022" in shown(app)


def rows_of_case(workspace: Workspace, name: str) -> str:
    with workspace.store.read() as c:
        query = 'SELECT k.id FROM "case" AS k JOIN person AS p ON p.id = k.person WHERE p.full_name = ?'
        return str(c.execute(query, (name,)).fetchone()[0])


async def test_a_sync_meanwhile_keeps_what_is_typed(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_grid(app, pilot)
        first = at_cell(app)[0]
        await type_now(app, pilot, "375\t8")
        app.tell_screens("records_changed")
        await all_done(app)
        assert at_cell(app)[0] == first
        assert "37,5" in line_with(app, first)
        assert "✎ nháp" in line_with(app, first)


async def test_plain_symbols(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await app.change_settings(symbols="ascii")
        await to_grid(app, pilot)
        await type_now(app, pilot, "375\r")
        assert "* 09:05" in shown(app)


FAST = "Thở nhanh (từ 12 tuổi)"
"""A line of QĐ 261/QĐ-BYT (rules §2.5) that decides nothing of somebody who is 11 or 12."""


def of_a_year(workspace: Workspace, year: int, name: str = "Nguyễn Bé Na", address: str = "5 Lê Lợi") -> str:
    """Somebody whose birthday nobody knows, followed at home; the answer is the case."""
    who = person(workspace, household(workspace, address), name, birth_year=year, sex="female")
    opened = cases.open_case(
        workspace.store, USER, who, source="screening", started_on=date(2022, 2, 18), followed_by=USER
    )
    return opened.case


async def test_what_could_not_be_judged_is_said_until_the_half_day_is_left(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    case = of_a_year(workspace, 2010)
    workspace.close()
    async with at_work(ward, clock) as (app, pilot):
        app.push_screen(VitalsGridScreen(at=case))
        await settle(app, pilot)
        await type_now(app, pilot, "37590\t25\t98\r")
        said = " ".join(shown(app).split())
        assert f"Nguyễn Bé Na: chưa rõ, cần ngày sinh: {FAST}" in said
        assert alert_states(app) == []
        await type_now(app, pilot, "3708\x7f")  # another patient is being typed
        assert FAST in shown(app)
        await press(app, pilot, "left_square_bracket")
        assert FAST not in shown(app)


async def test_what_could_not_be_judged_goes_with_one_back_to_the_board(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    of_a_year(workspace, 2010)
    workspace.close()
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f4", "g")
        names = [line.patient.full_name for line in app.screen.query_one(VitalsTable).lines]
        await type_now(app, pilot, "\r" * names.index("Nguyễn Bé Na") + "37590\t25\t98\r")
        await press(app, pilot, "escape")
        assert isinstance(app.screen, F0BoardScreen)
        assert f"Nguyễn Bé Na: chưa rõ, cần ngày sinh: {FAST}" in " ".join(shown(app).split())


async def test_of_several_that_could_not_be_judged_the_names_are_said(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    case = of_a_year(workspace, 2010)
    of_a_year(workspace, 2010, "Nguyễn Bé Nu", "6 Lê Lợi")
    workspace.close()
    async with at_work(ward, clock) as (app, pilot):
        app.push_screen(VitalsGridScreen(at=case))
        await settle(app, pilot)
        await type_now(app, pilot, "37590\t25\t98\r37590\t25\t98\r")
        assert "Chưa xét được hết: Nguyễn Bé Na, Nguyễn Bé Nu." in " ".join(shown(app).split())
        await press(app, pilot, "ctrl+z")
        assert f"Nguyễn Bé Na: chưa rõ, cần ngày sinh: {FAST}" in " ".join(shown(app).split())


async def test_a_sheet_typed_the_day_after_asks_by_the_rules_of_its_own_day(
    ward: Places, workspace: Workspace
) -> None:
    """SpO2 96 is a danger sign of QĐ 261, from 31/01/2022 on (≤ 96); of QĐ 4038 before it is none (≤ 95; §2.5)."""
    first = datetime(2022, 1, 31, 9, 0, tzinfo=VIETNAM)
    who = person(
        workspace, household(workspace, "7 Lê Lợi"), "Lê Văn Tư", birth_date="1980-01-01", sex="male"
    )
    opened = {"source": "screening", "started_on": date(2022, 1, 28), "followed_by": USER}
    case = cases.open_case(workspace.store, USER, who, **opened).case
    workspace.close()
    async with at_work(ward, pinned_clock(first)) as (app, pilot):
        app.push_screen(VitalsGridScreen(at=case))
        await settle(app, pilot)
        await press(app, pilot, "left_square_bracket")
        await type_now(app, pilot, "\t\t\t96\r")
        assert isinstance(app.screen, VitalsGridScreen)
        assert rows(app, 'SELECT slot_on, slot, spo2 FROM observation WHERE "case" = ?', case) == [
            ("2022-01-30", "pm", 96)
        ]
        shown_at = line_with(app, "Lê Văn Tư").split("●")[1].split()[0]
        assert shown_at != "09:00", "typed then; measured before the half-day was over"
        await press(app, pilot, "right_square_bracket")
        await type_now(app, pilot, "\t\t\t96\r")
        assert isinstance(app.screen, Spo2AgainScreen)
