"""The telephone round: the number, one key for no answer, the entry, the next one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.screens.case_steps import case_of
from tests.screens.conftest import PASSWORD, USER, type_burst
from tests.screens.f0_ward import HANG, MORNING, TI, measured, readings, three_patients
from tests.screens.street import at_work, press, rows, settle, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace, open_workspace
from tui_app.clock import Clock, pinned_clock
from tui_app.screens.cases.f0_board import F0BoardScreen
from tui_app.screens.vitals.phone_round import PhoneRoundScreen
from tui_app.services.cases import cases
from tui_app.settings import Places
from tui_app.widgets.call_card import CallCard


@pytest.fixture
def clock() -> Clock:
    return pinned_clock(MORNING)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return lambda workspace: three_patients(workspace) and None


async def to_round(app: GonhaApp, pilot: object) -> None:
    """The round over the two patients of ``lan``, by keys."""
    await press(app, pilot, "f4", "t", "2", "c")  # type: ignore[arg-type]
    assert isinstance(app.screen, PhoneRoundScreen)


def called(app: GonhaApp) -> str:
    screen = app.screen
    assert isinstance(screen, PhoneRoundScreen)
    assert screen.patient is not None
    return screen.patient.full_name


def unmasked(app: GonhaApp) -> int:
    return int(rows(app, "SELECT count(*) FROM access_entry WHERE what = 'unmask'")[0][0])


async def test_the_number_is_shown_in_full_and_that_is_noted(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        number = {HANG: "0903 123 456", TI: "0912 345 678"}[called(app)]
        assert number in shown(app)
        assert unmasked(app) == 1
        assert "0/2 xong" in shown(app)


async def test_no_answer_is_one_key_and_comes_again_at_the_end(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        first = called(app)
        await press(app, pilot, "n")
        second = called(app)
        assert {first, second} == {HANG, TI}
        assert rows(app, "SELECT event FROM case_event WHERE event = 'no_answer'") == [("no_answer",)]
        await press(app, pilot, "n")
        assert called(app) == first
        assert "gọi 1 lần không nghe máy" in shown(app)


async def test_digits_on_the_number_are_the_temperature_already(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        first = called(app)
        await type_burst(app, "375\t88\t18\t98")
        await press(app, pilot, "ctrl+s")
        assert readings(app, first) == [(37.5, 88, 18, 98, None)]
        assert rows(app, "SELECT contacted FROM observation WHERE slot_on = '2022-02-20'") == [("telephone",)]
        assert called(app) != first
        assert isinstance(app.focused, CallCard)
        assert "1/2 xong" in shown(app)


async def test_after_the_last_one_the_board_is_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        for _ in range(2):
            await type_burst(app, "370\t80\t17\t98")
            await press(app, pilot, "ctrl+s")
        assert isinstance(app.screen, F0BoardScreen)
        assert "Đã gọi hết: 2 người đo xong." in shown(app)
        assert readings(app, HANG) == readings(app, TI) == [(37.0, 80, 17, 98, None)]


async def test_letters_while_typing_are_no_keys(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        first = called(app)
        await press(app, pilot, "enter", "n", "s", "3", "7")
        assert called(app) == first
        assert rows(app, "SELECT count(*) FROM case_event WHERE event = 'no_answer'") == [(0,)]
        await press(app, pilot, "escape")
        assert isinstance(app.focused, CallCard)
        await press(app, pilot, "s")
        assert called(app) != first
        await settle(app, pilot)


async def test_no_number_stays_behind_the_login(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        round_screen = app.screen
        assert isinstance(round_screen, PhoneRoundScreen)
        number = {HANG: "0903 123 456", TI: "0912 345 678"}[called(app)]
        await app.lock()
        assert number not in str(round_screen.query_one(CallCard).render())
        await app.enter(open_workspace(ward, USER, PASSWORD, clock=clock))
        await settle(app, pilot)
        assert number in shown(app)
        assert unmasked(app) == 2


async def test_ctrl_z_takes_the_call_nobody_answered_back_and_no_reading(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        measured_first = called(app)
        await type_burst(app, "370\t80\t17\t98")
        await press(app, pilot, "ctrl+s")
        silent = called(app)
        await press(app, pilot, "n", "ctrl+z")
        assert called(app) == silent
        assert "không nghe máy" not in shown(app).splitlines()[1]  # the card
        assert f"Đã bỏ lần gọi không nghe máy của {silent}" in shown(app)
        assert readings(app, measured_first) == [(37.0, 80, 17, 98, None)]
        undone = "SELECT count(*) FROM case_event WHERE event = 'no_answer' AND amends IS NOT NULL"
        assert rows(app, undone) == [(1,)]


async def test_ctrl_z_takes_a_reading_back_and_calls_its_patient_again(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        first = called(app)
        await type_burst(app, "370\t80\t17\t98")
        await press(app, pilot, "ctrl+s")
        await type_burst(app, "366")  # the next one has begun to speak
        await press(app, pilot, "escape", "ctrl+z")
        assert called(app) == first
        assert "0/2 xong · còn 2" in shown(app)
        assert readings(app, first)[-1] == (None, None, None, None, None)
        await press(app, pilot, "s")
        assert "36,6" in shown(app)


async def test_a_call_undone_elsewhere_does_not_stand_in_the_way_of_the_save_before_it(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        first = called(app)
        await type_burst(app, "370\t80\t17\t98")
        await press(app, pilot, "ctrl+s", "n")
        [(event,)] = rows(app, "SELECT id FROM case_event WHERE event = 'no_answer'")
        cases.undo(app.open_workspace.store, USER, event)
        await press(app, pilot, "ctrl+z")
        assert readings(app, first) == [(37.0, 80, 17, 98, None)]
        await press(app, pilot, "escape", "ctrl+z")
        assert readings(app, first)[-1] == (None, None, None, None, None)


async def test_who_was_measured_on_another_laptop_is_not_called_any_more(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    workspace.close()
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        first = called(app)
        other = TI if first == HANG else HANG
        measured(app.open_workspace, case_of(app, first, "id"), MORNING, spo2=98)  # came by sync
        app.tell_screens("records_changed")
        await settle(app, pilot)
        assert called(app) == other
        assert {HANG: "0903 123 456", TI: "0912 345 678"}[other] in shown(app)
        assert "0/1 xong · còn 1" in shown(app)
        assert f"{first}: máy khác đã đo" in shown(app)


async def test_who_is_being_typed_stays_when_a_sync_comes(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        first = called(app)
        other = TI if first == HANG else HANG
        await type_burst(app, "375")
        await settle(app, pilot)
        for name in (first, other):
            measured(app.open_workspace, case_of(app, name, "id"), MORNING, spo2=98)
        app.tell_screens("records_changed")
        await settle(app, pilot)
        assert called(app) == first
        assert "37,5" in shown(app)
        assert "0/1 xong · còn 1" in shown(app)


async def test_a_call_noted_on_another_laptop_is_counted(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await to_round(app, pilot)
        cases.note_no_answer(app.open_workspace.store, "minh", case_of(app, called(app), "id"))
        app.tell_screens("records_changed")
        await settle(app, pilot)
        assert "không nghe máy" in shown(app).splitlines()[1]
