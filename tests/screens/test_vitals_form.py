"""One patient's form: fields, questions with one key an answer, what is left open, the draft."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.screens.case_steps import on_line
from tests.screens.conftest import USER, all_done, type_burst
from tests.screens.f0_ward import HANG, MORNING, alert_states, readings, silence, three_patients
from tests.screens.street import at_work, household, line_with, person, press, rows, settle, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock, pinned_clock
from tui_app.screens.cases.f0_board import F0BoardScreen
from tui_app.screens.frame.unhurried import UnhurriedScreen
from tui_app.screens.vitals.alert import AlertScreen
from tui_app.screens.vitals.vitals_form import VitalsFormScreen
from tui_app.services.cases import cases
from tui_app.settings import Places
from tui_app.widgets.vitals_entry import SheetList
from tui_app.widgets.warning_line import WarningLine


@pytest.fixture
def clock() -> Clock:
    return pinned_clock(MORNING)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return lambda workspace: three_patients(workspace) and None


@pytest.fixture(autouse=True)
def short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UnhurriedScreen, "SLICE", 0.05)


async def to_form(app: GonhaApp, pilot: object) -> None:
    """Hằng's form, from the board."""
    await press(app, pilot, "f4", "slash", *"hang", "enter", "m")  # type: ignore[arg-type]
    assert isinstance(app.screen, VitalsFormScreen)


async def typed(app: GonhaApp, pilot: object, keys: str) -> None:
    await type_burst(app, keys)
    await settle(app, pilot)  # type: ignore[arg-type]


def asked(app: GonhaApp) -> tuple[list[str] | None, list[str] | None]:
    [(symptoms, signs)] = rows(app, "SELECT symptoms, signs FROM observation WHERE slot_on = '2022-02-20'")
    return symptoms and json.loads(symptoms), signs and json.loads(signs)


async def test_vitals_typed_ahead_and_saved(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_form(app, pilot)
        await typed(app, pilot, "375\t88\t18\t98\t12080")
        assert "37,5" in shown(app)
        assert "120/80" in shown(app)
        await press(app, pilot, "ctrl+s")
        assert readings(app, HANG) == [(37.5, 88, 18, 98, None)]
        assert rows(
            app, "SELECT systolic_bp, diastolic_bp FROM observation WHERE slot_on = '2022-02-20'"
        ) == [(120, 80)]
        assert asked(app) == (None, None)
        assert isinstance(app.screen, F0BoardScreen)
        assert rows(app, "SELECT count(*) FROM draft") == [(0,)]


async def test_one_key_an_answer_and_the_rest_is_no(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_form(app, pilot)
        sheet = app.screen.query_one(SheetList)
        sheet.focus()
        first, second = sheet.codes("symptoms")[:2]
        await press(app, pilot, "1", "0", "1", "up", "delete", "f9", "ctrl+s")
        symptoms, signs = asked(app)
        assert symptoms == [first]
        assert second not in symptoms
        assert signs == []


async def test_questions_left_open_do_not_become_no(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_form(app, pilot)
        await typed(app, pilot, "375")
        app.screen.query_one(SheetList).focus()
        await press(app, pilot, "0", "ctrl+s")
        assert "câu chưa hỏi" in shown(app)
        assert readings(app, HANG) == []
        await press(app, pilot, "ctrl+s")
        assert asked(app) == (None, None)


async def test_an_impossible_value_stays_with_its_range(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_form(app, pilot)
        await typed(app, pilot, "375\t8")
        await press(app, pilot, "ctrl+s")
        assert readings(app, HANG) == []
        assert "từ 20 đến 250" in shown(app)


async def test_nothing_typed_is_nothing_saved(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_form(app, pilot)
        await press(app, pilot, "ctrl+s")
        assert readings(app, HANG) == []
        assert "Chưa đo và chưa hỏi gì" in shown(app)


async def test_a_danger_sign_said_yes_asks_for_an_answer(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_form(app, pilot)
        sheet = app.screen.query_one(SheetList)
        sheet.focus()
        for _ in sheet.codes("symptoms"):
            await press(app, pilot, "down")
        await press(app, pilot, "1", "ctrl+s")  # the first danger sign; the rest is left open
        await press(app, pilot, "ctrl+s")
        assert isinstance(app.screen, AlertScreen)
        await silence(app)
        await press(app, pilot, "a")
        await silence(app)
        await typed(app, pilot, "115\r")
        assert alert_states(app) == [("told", "115")]
        assert isinstance(app.screen, F0BoardScreen)


async def test_what_is_typed_comes_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_form(app, pilot)
        await typed(app, pilot, "375\t88")
        sheet = app.screen.query_one(SheetList)
        sheet.focus()
        await press(app, pilot, "1", "escape")
        await all_done(app)
        await press(app, pilot, "m")
        assert "37,5" in shown(app)
        sheet = app.screen.query_one(SheetList)
        assert sheet.answers == {sheet.codes("symptoms")[0]: True}


async def test_what_could_not_be_judged_stands_on_the_board_and_on_the_tab(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    """Fast breathing of QĐ 261/QĐ-BYT has another limit from 12 years on (rules §2.5)."""
    who = person(workspace, household(workspace, "5 Lê Lợi"), "Nguyễn Bé Na", birth_year=2010, sex="female")
    cases.open_case(workspace.store, USER, who, source="screening", started_on=MORNING.date())
    workspace.close()
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f4", "slash", *"be na", "enter", "m")
        await typed(app, pilot, "375\t90\t25\t98")
        await press(app, pilot, "ctrl+s")
        assert isinstance(app.screen, F0BoardScreen)
        said = "chưa rõ, cần ngày sinh: Thở nhanh (từ 12 tuổi)"
        assert f"Nguyễn Bé Na: {said}" in " ".join(shown(app).split())
        await press(app, pilot, "enter")
        await on_line(app, pilot, "Chưa xét được")
        assert "chưa rõ, cần ngày sinh:" in line_with(app, "Chưa xét được")
        await press(app, pilot, "enter")
        assert "Thở nhanh (từ 12 tuổi) (Quyết định 261/QĐ-BYT" in " ".join(shown(app).split())


async def test_when_all_was_judged_nothing_is_said(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_form(app, pilot)
        await typed(app, pilot, "375\t88\t18\t98")
        await press(app, pilot, "ctrl+s")
        assert readings(app, HANG) == [(37.5, 88, 18, 98, None)]
        assert not app.screen.query_one("#unsaid", WarningLine).shown
        await press(app, pilot, "enter")
        assert "Chưa xét được" not in shown(app)
