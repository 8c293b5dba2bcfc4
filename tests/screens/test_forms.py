"""Forms, driven by keys: checked at the border in both languages, kept as drafts, saved whole."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.screens.conftest import PASSWORD, USER
from tests.screens.street import at_work, line_with, press, rows, settle, shown, street
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace, open_workspace
from tui_app.clock import Clock
from tui_app.records.visits import VisitOutcome
from tui_app.screens.people.household import HouseholdScreen
from tui_app.screens.people.household_form import HouseholdForm
from tui_app.screens.people.person_form import PersonForm
from tui_app.services.people import people
from tui_app.services.visits import visits
from tui_app.settings import Places
from tui_app.widgets.form import Form
from tui_app.widgets.text_field import TextField

NEW_PERSON = ("o", "n")  # from Hôm nay: the household of the first door, then a new person


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return street


def person_of(app: GonhaApp, name: str) -> dict[str, object]:
    with app.open_workspace.store.read() as c:
        row = c.execute("SELECT * FROM person WHERE full_name = ?", (name,)).fetchone()
        return dict(zip(row.keys(), row, strict=True)) if row else {}


def field(app: GonhaApp, name: str) -> str:
    return app.screen.query_one(Form).values()[name]


async def to_field(app: GonhaApp, pilot: object, name: str) -> None:
    """Tab until the field of that name has the focus."""
    form = app.screen.query_one(Form)
    wanted = next(row.field for row in form.rows if row.name == name)
    for _ in form.rows:
        if app.focused is wanted:
            return
        await pilot.press("tab")  # type: ignore[attr-defined]
    assert app.focused is wanted


async def test_a_new_household_is_typed_saved_and_opened(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        keys = [*"15 Le Loi", "enter", *"Hem 2", "enter", *"0715", "enter", *"7", "tab", *"0903 123 456"]
        await press(app, pilot, "n", *keys, "ctrl+s")
        assert rows(
            app, "SELECT address, alley, code, walk_order, phone, area FROM household WHERE code = '0715'"
        ) == [("15 Le Loi", "Hem 2", "0715", 7, "+84903123456", "0190-area-1")]
        assert isinstance(app.screen, HouseholdScreen)
        assert "N: thêm người" in shown(app)
        assert "Đã lưu hộ 0715 · 15 Le Loi." in shown(app)
        await press(app, pilot, "escape")
        assert "0715" in line_with(app, "15 Le Loi")


async def test_a_household_without_address_is_refused_under_its_field(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "n", "ctrl+s")
        assert "Địa chỉ: còn thiếu." in shown(app)
        assert rows(app, "SELECT count(*) FROM household") == [(3,)]
        await app.change_settings(language="en")
        await press(app, pilot, "ctrl+s")
        assert "Address: is missing." in shown(app)


async def test_editing_a_household_saves_what_changed_only(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "o", "e", "tab", *"Hem 5")
        store = app.open_workspace.store
        ((door,),) = rows(app, "SELECT id FROM household WHERE code = '0709'")
        people.save_household(store, "minh", {"note": "cổng xanh"}, household=str(door))
        await press(app, pilot, "ctrl+s")
        assert rows(app, "SELECT alley, note FROM household WHERE code = '0709'") == [("Hem 5", "cổng xanh")]


async def test_a_new_person_with_everything(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *NEW_PERSON)
        await press(app, pilot, *"nguyen van tam", "tab", *"4/3/1958", "tab", "right", "tab", *"chong", "tab")
        await press(app, pilot, *"0903123456", "tab", *"079058001234", "tab", "tab", "tab", "right", "tab")
        await press(app, pilot, "1", "tab", *"tt", "space", "tab", *"3", "tab", "right", "tab", *"di ung")
        await press(app, pilot, "tab", "right", "right", "tab", *"vo", "tab", *"kinh", "ctrl+s")
        found = person_of(app, "Nguyen Van Tam")
        assert (found["birth_date"], found["birth_year"]) == ("1958-03-04", None)
        assert (found["sex"], found["relation_to_head"], found["residence_type"]) == (
            "male",
            "chong",
            "permanent",
        )
        assert (found["phone"], found["national_id"]) == ("+84903123456", "079058001234")
        assert (found["reported_doses"], found["contraindicated"], found["contraindication_reason"]) == (
            3,
            1,
            "di ung",
        )
        assert (found["mobility_limited"], found["carer"], found["ethnicity"]) == (0, "vo", "01")
        assert rows(app, "SELECT risk_group FROM risk_membership") == [("elderly",)]
        assert rows(app, "SELECT condition FROM person_condition") == [("hypertension",)]
        assert "Nguyen Van Tam" in shown(app)


async def test_a_year_alone_stays_a_year_and_what_was_not_said_stays_unsaid(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *NEW_PERSON, *"Le Van Sau", "tab", *"1958", "ctrl+s")
        found = person_of(app, "Le Van Sau")
        assert (found["birth_date"], found["birth_year"]) == (None, 1958)
        assert {found[name] for name in ("sex", "residence_type", "mobility_limited", "contraindicated")} == {
            None
        }
        assert "67–68" in line_with(app, "Le Van Sau")


WRONG = {
    "full_name": ("Nguyen 2", "có chữ số hoặc ký hiệu lạ", "digits or odd signs"),
    "birth_date": ("31/02/1960", "không có ngày này trong lịch", "no such day in the calendar"),
    "phone": ("0903", "không phải số điện thoại Việt Nam", "not a Vietnamese telephone"),
    "national_id": ("12345", "số định danh phải đủ 12", "a personal number has 12"),
    "citizen_id_old": ("1234567", "CMND phải đủ 9", "an old identity card has 9"),
    "insurance_number": ("AB", "số thẻ BHYT có 15 ký tự", "health insurance card has 15"),
}


async def test_wrong_values_are_told_under_their_fields_in_both_languages(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, size=(100, 50)) as (app, pilot):
        await press(app, pilot, *NEW_PERSON)
        for name, (typed, _, _) in WRONG.items():
            await to_field(app, pilot, name)
            await pilot.press(*typed)
        await press(app, pilot, "ctrl+s")
        lines = shown(app).splitlines()
        for typed, vietnamese, _ in WRONG.values():
            told = next(place for place, line in enumerate(lines) if vietnamese in line)
            assert typed in lines[told - 1]
        assert isinstance(app.screen, PersonForm)
        assert rows(app, "SELECT count(*) FROM person") == [(8,)]
        assert app.focused is app.screen.query_one(Form).rows[0].field
        await app.change_settings(language="en")
        await press(app, pilot, "ctrl+s")
        for typed, _, english in WRONG.values():
            assert english in shown(app)
            assert typed in shown(app)


async def test_a_birth_to_come_is_refused(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *NEW_PERSON, *"An", "tab", *"23/11/2026", "ctrl+s")
        assert "Ngày sinh: nằm ở tương lai" in shown(app)
        await press(app, pilot, "ctrl+u", *"22/11/2026", "ctrl+s")
        assert person_of(app, "An")["birth_date"] == "2026-11-22"


async def test_a_person_needs_a_name(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *NEW_PERSON, "tab", *"1958", "ctrl+s")
        assert "Họ và tên: còn thiếu" in shown(app)
        assert app.focused is app.screen.query_one(Form).rows[0].field


async def test_a_doubt_about_the_identity_number_is_said_and_stops_nobody(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *NEW_PERSON, *"Le Van Sau", "tab", *"1958", "tab", "right")
        await to_field(app, pilot, "national_id")
        await press(app, pilot, *"079158001234", "tab")  # 1 at the fourth place: a woman of the 20th century
        assert "giới tính trong số khác" in shown(app)
        await press(app, pilot, "ctrl+s")
        assert person_of(app, "Le Van Sau")["national_id"] == "079158001234"


async def test_a_second_telephone_goes_to_the_note(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *NEW_PERSON, *"Le Van Sau")
        await to_field(app, pilot, "phone")
        await press(app, pilot, *"0903123456 / 0912345678", "ctrl+s")
        found = person_of(app, "Le Van Sau")
        assert found["phone"] == "+84903123456"
        assert "0912345678" in str(found["note"])


async def test_what_is_typed_survives_a_program_that_ends_without_a_word(ward: Places, clock: Clock) -> None:
    app = GonhaApp(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.enter(open_workspace(ward, USER, PASSWORD, clock=clock))
        await settle(app, pilot)
        await press(app, pilot, *NEW_PERSON, *"Le Van S", "tab", *"195")
        app.workspace = None  # the process is gone
    async with at_work(ward, clock) as (again, pilot):
        assert rows(again, "SELECT count(*) FROM person") == [(8,)]
        await press(again, pilot, *NEW_PERSON)
        assert (field(again, "full_name"), field(again, "birth_date")) == ("Le Van S", "195")
        assert "Đã lấy lại bản nháp" in shown(again)
        await press(again, pilot, "end", *"au", "tab", "end", *"8", "ctrl+s")
        assert person_of(again, "Le Van Sau")["birth_year"] == 1958
        assert rows(again, "SELECT count(*) FROM draft") == [(0,)]


async def test_a_draft_of_an_edit_keeps_only_what_was_changed(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"ngoc", "enter", "e")
        await to_field(app, pilot, "occupation")
        await press(app, pilot, *"may", "escape")
        ((one,),) = rows(app, "SELECT id FROM person WHERE full_name = 'Phạm Thị Ngọc'")
        with app.open_workspace.store.work("minh") as work:  # as a change from another laptop arrives
            work.change("person", str(one), {"carer": "chồng"})
        await press(app, pilot, "e")
        assert (field(app, "occupation"), field(app, "carer")) == ("may", "chồng")
        await press(app, pilot, "ctrl+s")
        found = person_of(app, "Phạm Thị Ngọc")
        assert (found["occupation"], found["carer"]) == ("may", "chồng")


async def test_a_draft_is_thrown_away_only_after_asking(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "n", *"15 Le", "ctrl+x", "escape")
        assert isinstance(app.screen, HouseholdForm)
        await press(app, pilot, "ctrl+x", "c")
        assert rows(app, "SELECT count(*) FROM draft") == [(0,)]
        await press(app, pilot, "n")
        assert field(app, "address") == ""


async def test_f9_saves_and_takes_the_next_person(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *NEW_PERSON, *"Le Van Mot", "f9", *"Le Van Hai", "ctrl+s")
        assert person_of(app, "Le Van Mot")["household"] == person_of(app, "Le Van Hai")["household"]
        assert isinstance(app.screen, HouseholdScreen)
        assert "3 người" in shown(app).splitlines()[0]


async def test_an_edit_shows_numbers_and_logs_it(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"ngoc", "enter", "e")
        noted = rows(app, "SELECT who, what, detail FROM access_entry ORDER BY id")
        assert noted == [("lan", "open", None), ("lan", "unmask", "form")]


async def test_letters_typed_ahead_of_the_form_land_in_it(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *NEW_PERSON, *"Đỗ Thị Bưởi", "tab", *"1960", "ctrl+s")
        assert person_of(app, "Đỗ Thị Bưởi")["birth_year"] == 1960


async def test_a_saved_person_is_on_the_sheet_that_was_open(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "enter", "1", "a", *"Le Van Moi", "ctrl+s")
        assert "Le Van Moi" in shown(app)
        assert "1/2" in shown(app).splitlines()[0]
        assert "x . . ." in shown(app).splitlines()[2]


async def test_a_household_shows_its_visits(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        ((door,),) = rows(app, "SELECT id FROM household WHERE code = '0709'")
        visits.record_outcome(app.open_workspace.store, USER, str(door), VisitOutcome.ABSENT, "chó dữ")
        await press(app, pilot, "o")
        assert "22/11/2026 09:05  Vắng nhà · chó dữ" in shown(app)
        assert not app.screen.query(TextField)
