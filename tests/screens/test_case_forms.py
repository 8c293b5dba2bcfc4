"""Opening, changing and ending a case by its forms, driven by keys: judged by what is stored and shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from tests.screens.case_steps import KIEU, card_of, case_of, case_ward, ended, on_line, swab, type_in
from tests.screens.conftest import USER
from tests.screens.f0_ward import MORNING, TI
from tests.screens.street import at_work, line_with, press, rows, shown
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, Clock, pinned_clock
from tui_app.screens.cases.case_open import OpenCaseForm
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.cases.suggested_cases import SuggestedCasesScreen
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.services.cases import cases
from tui_app.settings import Places

DAY = "2022-02-19"


@pytest.fixture
def clock() -> Clock:
    return pinned_clock(MORNING)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return case_ward


class TestOpening:
    async def test_a_positive_test_suggests_a_case_and_enter_opens_it(
        self, ward: Places, clock: Clock
    ) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await press(app, pilot, "f4", "n")
            assert isinstance(app.screen, SuggestedCasesScreen)
            assert line_with(app, KIEU).split()[-1] == "Trưng"
            assert "19/02/2022" in line_with(app, KIEU)
            await press(app, pilot, "enter")
            assert isinstance(app.screen, OpenCaseForm)
            assert "[Xét nghiệm dương tính]" in shown(app)
            await press(app, pilot, "ctrl+s")
            assert isinstance(app.screen, WhyScreen)
            assert "Điều kiện theo dõi tại nhà: chưa rõ" in shown(app)
            assert "Phân loại nguy cơ:" in shown(app)
            await press(app, pilot, "enter")
            assert isinstance(app.screen, SuggestedCasesScreen)
            assert "Không có ai dương tính" in shown(app)
            assert case_of(app, KIEU, "first_positive_on") == "2022-02-19"
            assert case_of(app, KIEU, "followed_by") == USER

    async def test_what_is_asked_at_entry_decides_and_is_kept(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await card_of(app, pilot, "kieu")
            assert "Có xét nghiệm dương tính mà chưa có ca" in shown(app)
            await press(app, pilot, "n")
            await type_in(app, pilot, "\t\t\t\t\tTram Hoa Binh\t\t1\t3\x1b")
            assert isinstance(app.screen, PersonCardScreen)
            assert rows(app, "SELECT count(*) FROM draft WHERE kind = 'case_open'") == [(1,)]
            await press(app, pilot, "n", "ctrl+s", "enter")
            assert case_of(app, KIEU, "managed_by") == "Tram Hoa Binh"
            assert case_of(app, KIEU, "conditions_asked") == 1
            assert rows(app, "SELECT count(*) FROM draft") == [(0,)]
            assert isinstance(app.screen, PersonCardScreen)
            assert "Ngày thứ 1" in shown(app)

    async def test_the_first_of_several_positive_tests_is_day_0(
        self, ward: Places, clock: Clock, workspace: Workspace
    ) -> None:
        with workspace.store.read() as c:
            [(kieu,)] = c.execute("SELECT id FROM person WHERE full_name = ?", (KIEU,)).fetchall()
        swab(workspace, kieu, MORNING - timedelta(days=3), "positive")  # the other one was yesterday
        workspace.close()
        async with at_work(ward, clock) as (app, pilot):
            await card_of(app, pilot, "tran thuy kieu")
            await press(app, pilot, "n")
            assert "17/02/2022" in shown(app)
            await press(app, pilot, "ctrl+s", "enter")
            assert case_of(app, KIEU, "first_positive_on") == "2022-02-17"

    async def test_a_case_needs_a_source(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await card_of(app, pilot, "le van hai")
            await press(app, pilot, "n", "ctrl+s")
            assert isinstance(app.screen, OpenCaseForm)
            assert rows(app, 'SELECT count(*) FROM "case"') == [(3,)]


class TestChanging:
    @pytest.mark.parametrize(
        ("choice", "typed", "field", "value"),
        [
            ("1", "2", "place", "hospital"),
            ("2", "Tram 2", "managed_by", "Tram 2"),
            ("3", "minh", "followed_by", "minh"),
            ("4", "3", "severity_grade", "moderate"),
            ("5", "4", "risk_class", "very_high"),
        ],
    )
    async def test_one_thing_is_changed_and_taken_back(
        self, ward: Places, clock: Clock, choice: str, typed: str, field: str, value: str
    ) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            await card_of(app, pilot, "pham van ti")
            before = case_of(app, TI, field)
            await press(app, pilot, "d", choice)
            await type_in(app, pilot, typed, "ctrl+s")
            assert case_of(app, TI, field) == value
            label = {
                "place": "Nơi chăm sóc",
                "managed_by": "Đơn vị quản lý",
                "followed_by": "Người theo dõi",
                "severity_grade": "Mức độ bệnh",
                "risk_class": "Phân loại nguy cơ",
            }[field]
            names = [str(row.cells[0]) for row in app.screen.query_one("#case_rows").source.rows]  # type: ignore[attr-defined]
            await press(app, pilot, "home", *["down"] * names.index(label), "ctrl+z", "c")
            assert case_of(app, TI, field) == before

    async def test_a_long_choice_stands_on_one_line(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await card_of(app, pilot, "pham van ti")
            await press(app, pilot, "d")
            assert "6 Điều hỏi lúc vào: tiêm chủng, bệnh nền, tự chăm sóc …" in shown(app)

    async def test_what_was_never_changed_has_nothing_to_take_back(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await card_of(app, pilot, "pham van ti")
            await on_line(app, pilot, "Người theo dõi", "ctrl+z")
            assert isinstance(app.screen, PersonCardScreen)
            assert "không có gì để lấy lại" in shown(app)

    async def test_the_same_value_again_is_no_change(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await card_of(app, pilot, "pham van ti")
            await press(app, pilot, "d", "1", "ctrl+s")
            assert "vẫn như cũ nên không ghi gì" in shown(app)

    async def test_what_was_not_asked_at_entry_is_answered_later_and_judged(
        self, ward: Places, clock: Clock
    ) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await card_of(app, pilot, "pham van ti")
            await press(app, pilot, "d", "6")
            assert "thiếu:" in shown(app)
            # asked for conditions, two doses, the last on 01/12/2021, cares for herself, reports, has a carer
            await type_in(app, pilot, "1\t2\t01/12/2021\t1\t1\t1", "ctrl+s")
            assert case_of(app, TI, "basic_doses") == 2
            assert case_of(app, TI, "last_dose_on") == "2021-12-01"
            assert case_of(app, TI, "self_care") == 1
            assert isinstance(app.screen, PersonCardScreen)
            await press(app, pilot, "d", "6", "ctrl+s")
            assert "vẫn như cũ" in " ".join(shown(app).split())


class TestEnding:
    async def test_the_rules_give_it_with_a_watched_negative_test_on_day_seven(
        self, ward: Places, clock: Clock
    ) -> None:
        day_seven = pinned_clock(datetime(2022, 2, 22, 9, 0, tzinfo=VIETNAM))
        async with at_work(ward, day_seven) as (app, pilot):
            [(who,)] = rows(app, "SELECT id FROM person WHERE full_name = ?", TI)
            test = swab(
                app.open_workspace, who, datetime(2022, 2, 22, 8, 0, tzinfo=VIETNAM), "negative", "BS Hà"
            )
            await card_of(app, pilot, "pham van ti")
            assert "ĐƯỢC kết thúc" in line_with(app, "Kết thúc hôm nay?")
            await press(app, pilot, "k")
            assert "[Khỏi]" in shown(app)
            assert "[22/02/2022 Test nhanh Âm tính (BS Hà giám sát)]" in " ".join(shown(app).split())
            await press(app, pilot, "ctrl+s")
            assert case_of(app, TI, "outcome") == "recovered"
            assert rows(app, "SELECT test FROM case_event WHERE event = 'ended'") == [(test,)]

    async def test_a_recovery_the_rules_do_not_give_needs_a_reason(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await card_of(app, pilot, "pham van ti")
            await press(app, pilot, "k")
            assert "CHƯA được kết thúc · sớm nhất 22/02/2022 · chưa đủ ngày" in " ".join(shown(app).split())
            await press(app, pilot, "1", "ctrl+s")
            assert "cần ghi lý do" in " ".join(shown(app).split())
            assert case_of(app, TI, "outcome") is None
            await type_in(app, pilot, "gia dinh xin", "ctrl+s")
            assert case_of(app, TI, "outcome") == "recovered"

    async def test_reopened_with_a_reason(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            ended(app, TI, "hospital", date(2022, 2, 19))
            await card_of(app, pilot, "pham van ti")
            assert "Chuyển viện" in line_with(app, "Đã kết thúc")
            await press(app, pilot, "r", "enter")
            assert "Cần ghi lý do" in shown(app)
            await type_in(app, pilot, "ghi nham\r")
            assert case_of(app, TI, "ended_on") is None
            assert rows(app, "SELECT reason FROM case_event WHERE event = 'reopened'") == [("ghi nham",)]

    @pytest.mark.parametrize(
        ("outcome", "field", "choice", "kept"),
        [
            ("died", "died_on", "1", None),
            ("moved_out", "moved_on", "1", None),
            ("moved_out", "moved_on", "2", DAY),
        ],
    )
    async def test_a_death_or_move_noted_by_mistake_goes_back_with_the_case(
        self, ward: Places, clock: Clock, outcome: str, field: str, choice: str, kept: str | None
    ) -> None:
        async with at_work(ward, clock) as (app, pilot):
            case, on = case_of(app, TI, "id"), date.fromisoformat(DAY)
            store = app.open_workspace.store
            cases.end_case(store, USER, case, outcome, on, "nghe nói", person_too=True)
            await card_of(app, pilot, "pham van ti")
            await press(app, pilot, "r")
            assert "19/02/2022" in shown(app)
            await press(app, pilot, choice)
            await type_in(app, pilot, "nham nguoi\r")
            assert case_of(app, TI, "ended_on") is None
            assert rows(app, f"SELECT {field} FROM person WHERE full_name = ?", TI) == [(kept,)]

    async def test_a_visit_after_recovery_answers_the_earliest_due_date(
        self, ward: Places, clock: Clock
    ) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            ended(app, TI, "recovered", date(2022, 2, 19))
            await card_of(app, pilot, "pham van ti")
            due = [line.split()[-1] for line in shown(app).splitlines() if "Hẹn khám sau khỏi" in line]
            assert len(due) > 1
            await press(app, pilot, "f", "1")
            await type_in(app, pilot, "\t\t\tvat ly tri lieu", "ctrl+s")
            [(on, well, needs)] = rows(app, "SELECT due_on, well, needs FROM follow_up_visit")
            assert (date.fromisoformat(on).strftime("%d/%m/%Y"), well, needs) == (
                due[0],
                1,
                "vat ly tri lieu",
            )
            assert "vat ly tri lieu" in line_with(app, "Khám sau khỏi")

    async def test_a_visit_keeps_the_symptoms_that_were_found_and_is_corrected_and_taken_back(
        self, ward: Places, clock: Clock
    ) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            ended(app, TI, "recovered", date(2022, 2, 19))
            await card_of(app, pilot, "pham van ti")
            await press(app, pilot, "f", "2", "tab", "1", "tab", "2", "ctrl+s")
            assert rows(app, "SELECT well, symptoms, amends FROM follow_up_visit") == [(0, '["cough"]', None)]
            assert " · ho  " in line_with(app, "Khám sau khỏi")
            await on_line(app, pilot, "Khám sau khỏi", "enter", "2", "1")
            await type_in(app, pilot, "\t\t\t\t\tghi nham", "ctrl+s")
            [(_, _), (well, note)] = rows(app, "SELECT well, note FROM follow_up_visit ORDER BY id")
            assert (well, note) == (1, "ghi nham")
            assert "bình thường: Có" in line_with(app, "Khám sau khỏi")
            await on_line(app, pilot, "Khám sau khỏi", "ctrl+z")
            await type_in(app, pilot, "nham nguoi\r")
            assert "Khám sau khỏi" not in shown(app)
            assert rows(app, "SELECT count(*) FROM follow_up_visit") == [(3,)]


class TestDays:
    async def test_the_first_positive_day_is_corrected_where_it_is_shown_and_taken_back(
        self, ward: Places, clock: Clock
    ) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            await card_of(app, pilot, "pham van ti")
            assert "15/02/2022" in line_with(app, "Ngày thứ 5")
            await on_line(app, pilot, "Ngày thứ 5", "enter", "2", "ctrl+u")
            await type_in(app, pilot, "13/2/2022\t12/2/2022\t", "ctrl+s")
            assert "còn thiếu" in shown(app)  # without a reason nothing is corrected
            assert case_of(app, TI, "first_positive_on") == "2022-02-15"
            await type_in(app, pilot, "phieu ghi 13/2", "ctrl+s")
            assert case_of(app, TI, "first_positive_on") == "2022-02-13"
            assert case_of(app, TI, "onset_on") == "2022-02-12"
            assert "13/02/2022" in line_with(app, "Ngày thứ 7")
            await on_line(app, pilot, "Sửa ngày dương tính đầu tiên", "ctrl+z", "c")
            assert case_of(app, TI, "first_positive_on") == "2022-02-15"

    async def test_the_days_of_an_ended_case_can_be_corrected_too(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            ended(app, TI, "recovered", date(2022, 2, 19))
            await card_of(app, pilot, "pham van ti")
            await on_line(app, pilot, "Ngày thứ 4", "enter", "2", "ctrl+u")
            await type_in(app, pilot, "14/2/2022\t\tghi nham", "ctrl+s")
            assert case_of(app, TI, "first_positive_on") == "2022-02-14"
