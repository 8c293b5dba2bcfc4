"""A scanner's line on any screen: no letter of it is taken for a key, the record opens, or a person is asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from tests.screens.conftest import type_burst
from tests.screens.street import at_work, household, person, press, rows, settle, shown, street
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.records.tokens import token
from tui_app.screens.people.find import FindScreen
from tui_app.screens.people.household import HouseholdScreen
from tui_app.screens.people.household_form import HouseholdForm
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.screens.people.person_form import PersonForm
from tui_app.screens.people.pick_household import PickHouseholdScreen
from tui_app.screens.visits.today import TodayScreen
from tui_app.screens.visits.visit import VisitScreen
from tui_app.settings import Places
from tui_app.widgets.form import Form

CARD = "079168001234|021234567|TRẦN THÚY KIỀU|04031968|Nữ|12 Lê Lợi, Phường Hòa Bình|15042021"
STRANGER = "001090123456|012345678|NGUYỄN VĂN AN|01011990|Nam|Số 1, Phường X, Hà Nội|15042021"


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def more(workspace: Workspace) -> None:
        street(workspace)
        door = household(workspace, "44 Hai Bà Trưng", code="0801")
        person(
            workspace,
            door,
            "Trần Thúy Kiều",
            national_id="079168001234",
            citizen_id_old="021234567",
            birth_date="1968-03-04",
            sex="female",
        )

    return more


async def scan(app: GonhaApp, pilot: Pilot[None], line: str, end: str = "\r") -> None:
    await type_burst(app, line + end)
    await settle(app, pilot)


async def test_a_card_on_today_opens_its_person_and_says_that_it_agrees(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await scan(app, pilot, CARD)
        assert isinstance(app.screen, PersonCardScreen)
        assert "Trần Thúy Kiều" in shown(app)
        assert "Thẻ khớp" in shown(app)
        noted = "SELECT what, detail FROM access_entry WHERE what = 'search_identity'"
        assert rows(app, noted) == [("search_identity", "national_id")]


async def test_on_a_visit_sheet_its_digits_are_no_signs(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter")
        assert isinstance(app.screen, VisitScreen)
        before = shown(app)
        await scan(app, pilot, CARD)
        assert isinstance(app.screen, PersonCardScreen)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, VisitScreen)
        assert shown(app).splitlines()[:-2] == before.splitlines()[:-2]
        assert rows(app, "SELECT count(*) FROM draft") == [(0,)]


async def test_digits_of_a_hand_are_still_signs_in_their_order(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter")
        await type_burst(app, "12\r")
        await settle(app, pilot)
        (kept,) = rows(app, "SELECT body FROM draft")
        assert '"fever"' in str(kept)
        assert '"cough"' in str(kept)


async def test_a_line_without_enter_is_taken_when_it_stops(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        for letter in CARD:
            await app._take(_key(letter))
        await app._paused()
        await settle(app, pilot)
        assert isinstance(app.screen, PersonCardScreen)


async def test_keys_that_stop_short_go_on_to_the_screen(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter")
        await app._take(_key("1"))
        assert rows(app, "SELECT count(*) FROM draft") == [(0,)], "held for a moment"
        await app._paused()
        await settle(app, pilot)
        assert '"fever"' in str(rows(app, "SELECT body FROM draft"))


async def test_a_door_label_opens_its_household(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        ((door,),) = rows(app, "SELECT id FROM household WHERE code = '0801'")
        await scan(app, pilot, token("household", str(door)))
        assert isinstance(app.screen, HouseholdScreen)
        assert "44 Hai Bà Trưng" in shown(app)


async def test_a_label_of_elsewhere_says_so(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await scan(app, pilot, token("household", "elsewhere"))
        assert "mang mã đó" in shown(app)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, TodayScreen)


async def test_an_unknown_card_becomes_a_new_person_of_a_chosen_household(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await scan(app, pilot, STRANGER)
        assert "Chưa có ai mang số trên thẻ" in shown(app)
        assert "Nguyễn Văn An · 01/01/1990 · Số 1, Phường X, Hà Nội" in shown(app)
        await press(app, pilot, "1")
        assert isinstance(app.screen, PickHouseholdScreen)
        await press(app, pilot, *"hai ba", "enter")
        assert isinstance(app.screen, PersonForm)
        await press(app, pilot, "ctrl+s")
        found = (
            "SELECT full_name, birth_date, sex, national_id, citizen_id_old FROM person WHERE national_id = ?"
        )
        assert rows(app, found, "001090123456") == [
            ("Nguyễn Văn An", "1990-01-01", "male", "001090123456", "012345678")
        ]
        assert isinstance(app.screen, PersonCardScreen)


async def test_scanned_at_a_household_the_new_person_is_offered_there(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        ((door,),) = rows(app, "SELECT id FROM household WHERE code = '0801'")
        await app.push_screen(HouseholdScreen(str(door)))
        await settle(app, pilot)
        await scan(app, pilot, STRANGER)
        await press(app, pilot, "1")
        assert isinstance(app.screen, PersonForm)
        await press(app, pilot, "ctrl+s")
        assert rows(app, "SELECT household FROM person WHERE national_id = '001090123456'") == [(door,)]


async def test_nothing_is_written_when_the_question_is_left(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        before = rows(app, "SELECT count(*) FROM outbox WHERE type <> 'access_entry'")
        await scan(app, pilot, STRANGER)
        await press(app, pilot, "escape")
        assert rows(app, "SELECT count(*) FROM outbox WHERE type <> 'access_entry'") == before
        assert rows(app, "SELECT count(*) FROM draft") == [(0,)]


async def test_a_new_household_can_be_made_for_the_card(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await scan(app, pilot, STRANGER)
        await press(app, pilot, "2")
        assert isinstance(app.screen, HouseholdForm)


async def test_what_differs_is_shown_masked_and_taken_over_in_the_form_only(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await scan(app, pilot, CARD.replace("04031968", "05031968").replace("021234567", "021234568"))
        text = shown(app)
        assert "Thẻ và hồ sơ ghi khác nhau" in text
        assert "thẻ 05/03/1968, hồ sơ 04/03/1968" in text
        assert "thẻ ••••••568, hồ sơ ••••••567" in text
        await press(app, pilot, "2")
        assert isinstance(app.screen, PersonForm)
        assert app.screen.query_one(Form).values()["birth_date"] == "05/03/1968"
        assert rows(app, "SELECT birth_date FROM person WHERE national_id = '079168001234'") == [
            ("1968-03-04",)
        ]
        await press(app, pilot, "ctrl+s")
        assert rows(app, "SELECT birth_date FROM person WHERE national_id = '079168001234'") == [
            ("1968-03-05",)
        ]


@pytest.mark.parametrize(("born", "kept"), [("05031968", "1968-03-05"), ("1968", "1968-03-04")])
async def test_a_card_without_marks_or_day_of_birth_takes_none_away(
    ward: Places, clock: Clock, born: str, kept: str
) -> None:
    """Rules §3.2: some scanners give the name without its marks; that is no other name."""
    async with at_work(ward, clock) as (app, pilot):
        card = CARD.replace("TRẦN THÚY KIỀU", "TRAN THUY KIEU").replace("021234567", "021234568")
        await scan(app, pilot, card.replace("04031968", born))
        await press(app, pilot, "2")
        await press(app, pilot, "ctrl+s")
        found = rows(app, "SELECT full_name, birth_date FROM person WHERE national_id = '079168001234'")
        assert found == [("Trần Thúy Kiều", kept)]


async def test_somebody_known_without_a_number_is_offered_first(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await scan(app, pilot, "079161001234||NGUYỄN VĂN ĐỨC|04031961|Nam|12 Lê Lợi|15042021")
        assert "Có thể là người đã có" in shown(app)
        assert "1 Mở Nguyễn Văn Đức · 04/03/1961 · 12 Lê Lợi" in shown(app)


async def test_a_garbled_line_is_explained(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        shifted = str.maketrans("0123456789|", ")!@#$%^&*(\\")
        await scan(app, pilot, CARD.translate(shifted))
        assert "không phải kiểu US" in shown(app)
        assert "Chưa ghi gì cả" in shown(app)


async def test_above_a_question_a_scan_answers_nothing(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await scan(app, pilot, STRANGER)
        asked = app.screen
        await scan(app, pilot, CARD)
        assert app.screen is asked
        assert app.said == "Trả lời xong rồi quét lại."


@pytest.mark.parametrize("method", ["none", "telex", "vni"])
async def test_find_takes_the_line_as_it_is_with_any_input_method(
    ward: Places, clock: Clock, method: str
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await app.change_settings(input_method=method)
        await press(app, pilot, "f2")
        assert isinstance(app.screen, FindScreen)
        await type_burst(app, STRANGER)
        await settle(app, pilot)
        assert app.screen.query_text == STRANGER
        await scan(app, pilot, "")
        assert "Chưa có ai mang số trên thẻ" in shown(app)


def _key(letter: str) -> object:
    from textual import events

    return events.Key(letter, letter)
