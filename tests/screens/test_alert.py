"""The alert: it waits for a person, and neither a scanner, nor haste, nor habit is one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual import events
from textual.widgets import Static

from tests.screens.conftest import PASSWORD, USER, type_burst
from tests.screens.f0_ward import HANG, MORNING, alert_states, measured, silence, three_patients
from tests.screens.street import at_work, press, rows, settle, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace, open_workspace
from tui_app.clock import Clock, pinned_clock
from tui_app.rules.age import Age
from tui_app.rules.sheet import sheet
from tui_app.screens.frame.unhurried import UnhurriedScreen
from tui_app.screens.vitals.alert import AlertScreen
from tui_app.services.cases import alerts
from tui_app.services.cases.alerts import AlertLine
from tui_app.services.judging.rule_sets import rule_sets, rule_words
from tui_app.settings import Places
from tui_app.widgets import alert_words

SCANNED = "001090123456|012345678|NGUYỄN VĂN A|01011990|Nam|Số 1 đường Lê Lợi, xã A\r"  # made up


@pytest.fixture
def clock() -> Clock:
    return pinned_clock(MORNING)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def one_in_danger(workspace: Workspace) -> None:
        case = three_patients(workspace)[HANG]
        measured(workspace, case, MORNING, temperature_c=38.6, pulse=128, spo2=98)

    return one_in_danger


@pytest.fixture(autouse=True)
def short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UnhurriedScreen, "SLICE", 0.05)


async def alerted(app: GonhaApp, pilot: object, *, must_answer: bool = True) -> AlertScreen:
    """The alert above Hôm nay."""
    [(ident,)] = rows(app, "SELECT id FROM alert")
    screen = AlertScreen(ident, must_answer=must_answer)
    app.push_screen(screen)
    await settle(app, pilot)  # type: ignore[arg-type]
    return screen


async def test_it_names_rule_set_value_limit_and_the_number_to_call(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await alerted(app, pilot)
        for words in ("!! NGUY CẤP", HANG, "128", "120", "261/QĐ-BYT", "0903 123 456", "09:05"):
            assert words in shown(app)
        assert rows(app, "SELECT what, record_type FROM access_entry WHERE what = 'unmask'") == [
            ("unmask", "person")
        ]


@pytest.mark.parametrize("key", ["enter", "escape", "space", "f3", "f4", "q", "tab"])
async def test_no_other_key_leaves_it(ward: Places, clock: Clock, key: str) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await alerted(app, pilot)
        await silence(app)
        await press(app, pilot, key)
        assert app.screen is screen
        assert alert_states(app) == [("open", None)]


@pytest.mark.parametrize("burst", ["\r\r\ra", "96\t88\r\r\raBS Hà\r", SCANNED, "x\r\r"])
async def test_what_was_typed_before_it_could_be_read_does_not_answer(
    ward: Places, clock: Clock, burst: str
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        [(ident,)] = rows(app, "SELECT id FROM alert")
        screen = AlertScreen(ident)
        app.push_screen(screen)
        await type_burst(app, burst)
        await settle(app, pilot)
        assert app.screen is screen
        assert "Đã báo cho ai" not in shown(app)
        assert alert_states(app) == [("open", None)]


async def test_a_scanned_line_does_not_answer_a_waiting_alert_either(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await alerted(app, pilot)
        await silence(app)
        await type_burst(app, SCANNED)
        await silence(app)
        await type_burst(app, "A1234567890|TRẦN THỊ B\r")
        await settle(app, pilot)
        assert app.screen is screen
        assert alert_states(app) == [("open", None)]


async def test_a_and_whom_answers_it(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await alerted(app, pilot)
        await silence(app)
        await press(app, pilot, "a")
        await silence(app)
        await type_burst(app, "\r")
        assert alert_states(app) == [("open", None)]
        await type_burst(app, "BS Hà, trạm y tế\r")
        await settle(app, pilot)
        assert alert_states(app) == [("told", "BS Hà, trạm y tế")]
        assert not isinstance(app.screen, AlertScreen)
        assert "Đã báo BS Hà, trạm y tế." in shown(app)


async def test_x_opens_the_referral_that_answers_it(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await alerted(app, pilot)
        await silence(app)
        await press(app, pilot, "x")
        assert "Phiếu này trả lời cảnh báo" in shown(app)
        await type_burst(app, "BV Quận 11\r")
        await settle(app, pilot)
        assert alert_states(app) == [("open", None)]
        await press(app, pilot, "ctrl+s")
        assert alert_states(app) == [("referred", None)]
        [(sent_to, reason)] = rows(app, "SELECT sent_to, reason FROM referral")
        assert sent_to == "BV Quận 11"
        assert "128" in reason
        assert not isinstance(app.screen, AlertScreen)


async def test_a_referral_that_was_begun_and_left_answers_nothing(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await alerted(app, pilot)
        await silence(app)
        await press(app, pilot, "x")
        await type_burst(app, "BV Quận 11\r\x1b")
        await settle(app, pilot)
        assert app.screen is screen
        assert alert_states(app) == [("open", None)]
        await silence(app)
        await press(app, pilot, "x")
        assert "BV Quận 11" in shown(app)  # what was typed is a draft


async def test_escape_takes_back_the_wish_to_answer_and_no_more(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await alerted(app, pilot)
        await silence(app)
        await press(app, pilot, "a", "B", "escape")
        assert "Đã báo cho ai" not in shown(app)
        await press(app, pilot, "escape")
        assert app.screen is screen


async def test_keys_that_count_are_named_only_while_they_count(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await alerted(app, pilot)
        await silence(app)
        await pilot.pause()
        assert "A đã báo cho ai · X chuyển viện" in shown(app)
        app.post_message(events.Key("enter", "\r"))
        await app.keys_settled()
        await pilot.pause()
        assert "Thả phím ra" in shown(app)


async def test_one_that_a_person_opened_can_be_left_unanswered(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await alerted(app, pilot, must_answer=False)
        await silence(app)
        await press(app, pilot, "escape")
        assert not isinstance(app.screen, AlertScreen)
        assert alert_states(app) == [("open", None)]


async def test_one_that_was_answered_elsewhere_goes_away_after_the_sync(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await alerted(app, pilot)
        store = app.open_workspace.store
        alerts.tell(store, "minh", screen.alert, "BS Hà")
        app.tell_screens("records_changed")
        await settle(app, pilot)
        assert not isinstance(app.screen, AlertScreen)
        assert f"Cảnh báo của {HANG} đã có người trả lời." in shown(app)


async def test_no_number_stays_behind_the_login(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        screen = await alerted(app, pilot)
        await app.lock()
        assert "0903" not in str(screen.query_one("#call", Static).render())
        await app.enter(open_workspace(ward, USER, PASSWORD, clock=clock))
        await settle(app, pilot)
        assert app.screen is screen
        assert "0903 123 456" in shown(app)


async def test_english(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await app.change_settings(language="en")
        await alerted(app, pilot)
        assert "!! DANGER" in shown(app)
        assert "Call: 0903 123 456" in shown(app)


async def test_however_many_signs_there_are_the_number_and_the_keys_stay_in_sight(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    with workspace.store.read() as c:
        [(case,)] = c.execute('SELECT "case" FROM alert').fetchall()
        [(first,)] = c.execute("SELECT id FROM alert").fetchall()
    alerts.tell(workspace.store, USER, first, "BS Hà")
    codes = [one.code for one in sheet(rule_sets(), MORNING.date(), Age(71 * 12, 71 * 12)).signs]
    found = {"respiratory_rate": 32, "pulse": 130, "spo2": 85, "systolic_bp": 80, "diastolic_bp": 50}
    recorded = measured(workspace, case, MORNING, **found, signs=tuple(codes))
    assert recorded.alert is not None
    workspace.close()
    async with at_work(ward, clock) as (app, pilot):
        app.push_screen(AlertScreen(recorded.alert))
        await settle(app, pilot)
        await silence(app)
        with app.open_workspace.store.read() as c:
            line = alerts.alert_line(c, recorded.alert, app.clock())
        said = rule_words(rule_sets(), line.findings[-1], "vi").split(":")[0]
        assert said not in shown(app)
        for words in ("Gọi: 0903 123 456", "A đã báo cho ai · X chuyển viện · PgUp PgDn đọc tiếp"):
            assert words in shown(app)
        await press(app, pilot, *["pagedown"] * 5)
        assert said in shown(app)
        await press(app, pilot, "a")
        assert "Đã báo cho ai (tên, nơi, số điện thoại):" in shown(app)
        assert "Gọi: 0903 123 456" in shown(app)
        await silence(app)
        await type_burst(app, "BS Minh\r")
        await settle(app, pilot)
        assert ("told", "BS Minh") in alert_states(app)


def test_other_screens_name_the_first_three_of_many() -> None:
    def alert(number: int) -> AlertLine:
        at = f"2022-02-20T0{number}:00:00.000Z"
        ident = str(number)
        return AlertLine(ident, ident, ident, ident, f"Người {number}", "", at, (), {}, False, "open")

    said = alert_words.waiting([alert(number) for number in (4, 3, 2, 1)])
    assert said == "4 cảnh báo chưa ai trả lời: Người 1 (08:00), Người 2 (09:00), Người 3 (10:00) …."
