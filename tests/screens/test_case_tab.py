"""The F0 tab of a person's card: what it shows of a case, why, and which keys lead where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from tests.screens.case_steps import case_of, on_line
from tests.screens.conflict_ward import MINE, THEIRS, conflict
from tests.screens.conftest import USER
from tests.screens.f0_ward import HANG, HOA, MINH, MORNING, TI, measured, silence, three_patients
from tests.screens.street import at_work, household, line_with, person, press, rows, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, Clock, pinned_clock
from tui_app.records.cases import case_id
from tui_app.screens.cases.case_why import WhyScreen
from tui_app.screens.exchange.conflict import ConflictScreen
from tui_app.screens.frame.unhurried import UnhurriedScreen
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.screens.vitals.alert import AlertScreen
from tui_app.screens.vitals.vitals_form import VitalsFormScreen
from tui_app.services.cases import alerts, case_facts, cases
from tui_app.settings import Places
from tui_app.store.rows import RecordRows
from tui_app.widgets.row_list import RowList
from tui_app.widgets.symbols import choose_symbols


@pytest.fixture
def clock() -> Clock:
    return pinned_clock(MORNING)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def ward(workspace: Workspace) -> None:
        found = three_patients(workspace)
        measured(workspace, found[HANG], MORNING, temperature_c=38.6, pulse=128, respiratory_rate=24, spo2=95)
        person(workspace, household(workspace, "44 Lê Lợi"), MINH, birth_year=1980)

    return ward


@pytest.fixture(autouse=True)
def short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UnhurriedScreen, "SLICE", 0.05)


CARD = ("f4", "enter")  # Hằng stands first: her alert waits


async def test_enter_on_the_board_opens_the_tab(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD)
        assert isinstance(app.screen, PersonCardScreen)
        assert HANG in shown(app).splitlines()[0]
        assert "F0 1" in shown(app)
        assert line_with(app, "Ngày thứ 5").endswith("15/02/2022 ▐")
        assert "ngày dương tính đầu tiên là ngày 0" in line_with(app, "Ngày thứ 5")
        assert "CHƯA được kết thúc · sớm nhất 22/02/2022" in line_with(app, "Kết thúc hôm nay?")
        await press(app, pilot, *["down"] * 15)
        assert "Tại nhà" in line_with(app, "Nơi chăm sóc")
        assert USER in line_with(app, "Người theo dõi")


async def test_the_chart_has_points_a_limit_and_danger_in_80_cells(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD)
        lines = shown(app).splitlines()
        (limit,) = [line for line in lines if line.endswith("≤ 96")]
        assert limit.split()[:2] == ["96", "─" * 56]
        (ninety_eight,) = [line for line in lines if line.strip().startswith("98 ")]
        # one cell of margin, six of labels, four a day: the evenings of 17/02 and 18/02 are days 2 and 3
        assert [at for at, letter in enumerate(ninety_eight) if letter == "●"] == [
            1 + 6 + 2 * 4 + 2,
            1 + 6 + 3 * 4 + 2,
        ]
        (danger,) = [line for line in lines if line.strip().startswith("95 ")]
        assert danger.index("!!") == 1 + 6 + 5 * 4  # the morning of day 5
        assert all(len(line) <= 80 for line in lines)


async def test_a_whole_degree_keeps_its_decimal(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, (80, 60)) as (app, pilot):
        await press(app, pilot, "f2", *"pham van ti", "enter", "right_square_bracket")
        assert line_with(app, "Nhiệt độ °C").split()[-3] == "37,0"  # as on the board


async def test_the_arrows_change_what_the_chart_shows(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD)
        for key, words, limit in (
            ("right", "Nhiệt độ °C từ 15/02/2022", None),
            ("right", "Nhịp thở /phút từ 15/02/2022", "≥ 20"),
            ("right", "Mạch /phút từ 15/02/2022", "> 120"),
            ("right", "SpO2 % từ 15/02/2022", "≤ 96"),
            ("left", "Mạch /phút từ 15/02/2022", "< 50"),
        ):
            await press(app, pilot, key)
            assert words in shown(app)
            assert limit is None or limit in shown(app)


async def test_values_have_their_own_time_and_what_was_not_measured_is_a_dash(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock, (80, 60)) as (app, pilot):
        await press(app, pilot, *CARD)
        assert "!! SpO2 %" in line_with(app, "SpO2 %   ")
        assert line_with(app, "Mạch /phút").split()[-3:] == ["128", "20/02", "09:05"]
        assert "–" in line_with(app, "Huyết áp")
        assert "chưa hỏi" in line_with(app, "Triệu chứng")


async def test_enter_shows_rule_set_value_limit_and_that_nobody_read_it(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, *["down"] * 6, "enter")
        assert isinstance(app.screen, WhyScreen)
        assert "SpO2 % · 20/02 09:05" in shown(app)
        text = " ".join(shown(app).split())
        assert "SpO2 thấp: SpO2 (%) 95 (≤ 96) · Quyết định 261/QĐ-BYT ngày 31/01/2022" in text
        assert "dòng spo2, bộ qd-261" in text
        assert "chưa đối chiếu văn bản gốc" in text  # of the grade by QĐ 250
        await press(app, pilot, "enter")
        assert isinstance(app.screen, PersonCardScreen)


async def test_from_120_cells_the_reasons_stand_beside_the_line(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, (120, 40)) as (app, pilot):
        await press(app, pilot, *CARD, *["down"] * 6)
        beside = " ".join(" ".join(line[77:].split()) for line in shown(app).splitlines()[12:37])
        assert "SpO2 thấp: SpO2 (%) 95 (≤ 96)" in beside
        assert "bộ qd-261" in beside


async def test_a_grade_the_last_reading_says_is_named_until_a_person_takes_it_over(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock, (120, 40)) as (app, pilot):
        await press(app, pilot, *CARD)
        assert "lần đo cuối: Trung bình" in shown(app)
        await press(app, pilot, "d", "4", "3", "ctrl+s")
        assert rows(app, 'SELECT severity_grade FROM "case" WHERE severity_grade IS NOT NULL') == [
            ("moderate",)
        ]
        assert "lần đo cuối" not in shown(app)


async def test_events_stand_newest_first(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, (80, 60)) as (app, pilot):
        [(case,)] = rows(
            app, 'SELECT k.id FROM "case" AS k JOIN person AS p ON p.id = k.person WHERE p.full_name = ?', TI
        )
        cases.set_place(app.open_workspace.store, USER, case, "facility", date(2022, 2, 19), "nhà chật")
        await press(app, pilot, "f2", *"pham van ti", "enter", "right_square_bracket")
        lines = shown(app).splitlines()
        changed = next(at for at, line in enumerate(lines) if "Đổi nơi chăm sóc" in line)
        opened = next(at for at, line in enumerate(lines) if "Mở hồ sơ ca" in line)
        assert changed < opened
        assert "Tại nhà → Cơ sở cách ly, thu dung · nhà ch" in " ".join(lines[changed].split())


async def test_the_alert_is_answered_from_its_line(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "a")
        assert isinstance(app.screen, AlertScreen)
        await silence(app)
        await press(app, pilot, "a", *"bs ha")
        await silence(app)
        await press(app, pilot, "enter")
        assert rows(app, "SELECT state, told_to FROM alert") == [("told", "bs ha")]
        assert isinstance(app.screen, PersonCardScreen)
        assert "Đã báo · bs ha" in shown(app) or "F0 1" not in shown(app)


async def test_m_measures_and_comes_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "m")
        assert isinstance(app.screen, VitalsFormScreen)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, PersonCardScreen)


async def test_a_person_without_a_case_is_told_how_to_open_one(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2", *"tran van minh", "enter", "right_square_bracket")
        assert "Chưa có ca F0 nào. N để mở ca" in shown(app)


async def test_letters_of_the_person_act_again_on_the_other_tabs(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD, "left_square_bracket", "d")
        assert f"{HANG} mất ngày nào?" in shown(app)


async def test_it_reads_in_plain_letters(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        choose_symbols("ascii")
        await press(app, pilot, *CARD)
        chart = shown(app).splitlines()[3:11]
        assert any("-" * 50 in line for line in chart)
        assert any("!!" in line for line in chart)
        assert not any("●" in line or "─" in line for line in chart)


async def test_english(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await app.change_settings(language="en")
        await press(app, pilot, *CARD)
        assert "SpO2 % from 15/02/2022" in shown(app)
        assert "may NOT end yet" in line_with(app, "May it end today?")
        assert "the day of the first positive test is day 0" in line_with(app, "Day 5")


async def test_a_change_of_language_changes_what_the_rules_say(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD)
        await app.change_settings(language="en")
        await press(app, pilot, "down")
        assert "the day of the first positive test is day 0" in line_with(app, "Day 5")


async def test_an_alert_answered_on_another_laptop_is_seen_after_the_sync(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD)
        [(alert,)] = rows(app, "SELECT id FROM alert")
        alerts.tell(app.open_workspace.store, "minh", alert, "BS Hà")
        app.tell_screens("records_changed")
        await press(app, pilot, "end")
        assert "F0 1" not in shown(app)
        assert "Đã báo · BS Hà" in shown(app)


async def test_an_earlier_case_is_one_enter_away(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, (80, 60)) as (app, pilot):
        store = app.open_workspace.store
        [(case, who)] = rows(
            app,
            'SELECT k.id, p.id FROM "case" AS k JOIN person AS p ON p.id = k.person WHERE p.full_name = ?',
            HOA,
        )
        cases.end_case(store, USER, case, "recovered", date(2022, 2, 20) - timedelta(days=1), "xin ra sớm")
        cases.open_case(store, USER, who, source="transfer", started_on=date(2022, 2, 20))
        await press(app, pilot, "f2", *"nguyen thi hoa", "enter", "right_square_bracket", "end", "enter")
        assert "Đã kết thúc" in shown(app)
        assert "19/02/2022" in line_with(app, "Đã kết thúc")


def met(app: GonhaApp, ident: str, about: tuple[str, str, str], mine: str, theirs: str) -> None:
    """Two laptops gave a field different values, and the server could not say which holds."""
    early, late = "2022-02-20T01:00:00.000Z", "2022-02-20T01:30:00.000Z"
    row = conflict(ident, about, "open", (mine, USER, MINE, early), (theirs, "minh", THEIRS, late))
    with app.open_workspace.store.write() as c:
        RecordRows().upsert(c, [row])


async def test_each_field_of_the_case_that_waits_for_a_decision_is_a_line_that_opens_it(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        case = case_of(app, HANG, "id")
        met(app, "k1", ("case", case, "severity_grade"), "mild", "severe")
        met(app, "k2", ("case", case, "followed_by"), USER, "minh")
        await press(app, pilot, *CARD)
        lines = [line for line in shown(app).splitlines() if "Xung đột" in line]
        assert [("Mức độ bệnh" in line, "Người theo dõi" in line) for line in lines] == [
            (True, False),
            (False, True),
        ]
        assert all("⚠" in line for line in lines)
        await on_line(app, pilot, "Xung đột", "down", "enter")
        assert isinstance(app.screen, ConflictScreen)
        assert "minh" in shown(app)
        await press(app, pilot, "1", "escape")
        assert isinstance(app.screen, PersonCardScreen)
        (line,) = [line for line in shown(app).splitlines() if "Xung đột" in line]
        assert "Mức độ bệnh" in line


async def test_an_alert_answered_twice_is_a_line_too(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        [(alert,)] = rows(app, "SELECT id FROM alert")
        met(app, "k1", ("alert", alert, "told_to"), "BS Hà", "BS Minh")
        await press(app, pilot, *CARD)
        assert "cảnh báo · " in line_with(app, "Xung đột")
        await on_line(app, pilot, "Xung đột", "enter")
        assert isinstance(app.screen, ConflictScreen)
        assert app.screen.record == alert
        assert "BS Minh" in shown(app)


async def test_after_an_alert_is_answered_the_next_one_that_waits_is_under_the_cursor(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    with workspace.store.read() as c:
        [(case,)] = c.execute('SELECT k."case" FROM alert AS k').fetchall()
    measured(workspace, case, MORNING, temperature_c=38.0, pulse=130, respiratory_rate=26, spo2=94)
    workspace.close()
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD)
        await press(app, pilot, "home", "enter")
        await silence(app)
        await press(app, pilot, "a")
        await silence(app)
        await press(app, pilot, *"Hà", "enter")
        assert rows(app, "SELECT count(*) FROM alert WHERE state = 'open'") == [(1,)]
        (cursor,) = [line for line in shown(app).splitlines() if line.startswith(">")]
        assert "Chưa ai trả lời" in cursor


async def test_what_is_missing_is_said_once(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, *CARD)
        await on_line(app, pilot, "Phân loại nguy cơ")
        assert "thiếu:" in line_with(app, "Phân loại nguy cơ")
        await press(app, pilot, "enter")
        assert isinstance(app.screen, WhyScreen)
        assert shown(app).count("thiếu:") == 1


async def test_what_was_not_clear_at_entry_says_what_the_rules_say_once_enough_is_known(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    # QĐ 261/QĐ-BYT: at home is who breathes below 20, has SpO2 above 96, no danger sign, no unstable condition, cares
    # for himself and can be reached (domain/rules.md §2.1)
    with workspace.store.read() as c:
        query = 'SELECT k.id FROM "case" AS k JOIN person AS p ON p.id = k.person WHERE p.full_name = ?'
        [(case,)] = c.execute(query, (TI,)).fetchall()
    facts = {"conditions_asked": True, "basic_doses": 2, "last_dose_on": date(2021, 12, 1)}
    facts |= {"self_care": True, "can_report": True, "carer_able": True}
    case_facts.answer_entry(workspace.store, USER, case, facts)
    asked = {"symptoms": (), "signs": (), "systolic_bp": 120, "diastolic_bp": 80}
    measured(workspace, case, MORNING, temperature_c=37.0, pulse=80, respiratory_rate=16, spo2=98, **asked)
    workspace.close()
    async with at_work(ward, clock, (120, 40)) as (app, pilot):
        await press(app, pilot, "f2", *"pham van ti", "enter", "right_square_bracket")
        assert "lúc vào chưa rõ · bây giờ: đủ điều kiện" in line_with(app, "Điều kiện tại nhà")
        await on_line(app, pilot, "Điều kiện tại nhà", "enter")
        assert "261/QĐ-BYT" in shown(app)


async def test_a_call_nobody_answered_is_taken_back_on_its_line(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, (80, 60)) as (app, pilot):
        case = case_of(app, HANG, "id")
        cases.note_no_answer(app.open_workspace.store, USER, case)
        await press(app, pilot, *CARD)
        await on_line(app, pilot, "Gọi không nghe máy", "ctrl+z", "c")
        assert rows(
            app, "SELECT count(*) FROM case_event WHERE event = 'no_answer' AND amends IS NOT NULL"
        ) == [(1,)]
        await press(app, pilot, "f4")
        assert "không nghe máy" not in shown(app)


async def test_what_was_judged_again_takes_nothing_back(ward: Places, workspace: Workspace) -> None:
    """QĐ 604/QĐ-BYT: who cannot look after themselves and has no carer is not cared for at home (rules §2.1)."""
    later = pinned_clock(datetime(2022, 3, 20, 9, 0, tzinfo=VIETNAM))
    with workspace.store.read() as c:
        [(who,)] = c.execute("SELECT id FROM person WHERE full_name = ?", (MINH,)).fetchall()
    workspace.store.clock = later
    opened = cases.open_case(workspace.store, USER, who, source="screening", started_on=date(2022, 3, 20))
    case_facts.answer_entry(workspace.store, USER, opened.case, {"self_care": False, "carer_able": False})
    workspace.close()
    async with at_work(ward, later, (120, 60)) as (app, pilot):
        await press(app, pilot, "f2", *"tran van minh", "enter", "right_square_bracket")
        lines = app.screen.query_one("#case_rows", RowList).source.rows  # type: ignore[attr-defined]
        again, first = (str(row.cells[1]) for row in lines if row.cells[0] == "Xét điều kiện tại nhà")
        assert "chưa rõ → không đủ điều kiện" in again
        assert "xét lại vì sửa: " in again
        assert "self_care" not in again
        assert "lấy lại" not in again + first


async def test_the_answer_to_an_alert_is_taken_back_with_a_reason(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock, (80, 60)) as (app, pilot):
        [(alert,)] = rows(app, "SELECT id FROM alert")
        alerts.tell(app.open_workspace.store, USER, alert, "BS Hà")
        await press(app, pilot, *CARD)
        await on_line(app, pilot, "Cảnh báo", "ctrl+z", "enter")
        assert "Cần ghi lý do" in shown(app)
        await press(app, pilot, *"goi nham", "enter")
        assert rows(app, "SELECT state FROM alert") == [("open",)]
        assert rows(app, "SELECT reason FROM case_event WHERE event = 'alert_reopened'") == [("goi nham",)]


async def test_two_open_cases_are_said_and_the_mistaken_one_is_ended_from_its_line(
    ward: Places, clock: Clock, workspace: Workspace
) -> None:
    with workspace.store.work("minh") as work:  # came by sync: another laptop opened the next case
        query = 'SELECT k.person FROM "case" AS k JOIN person AS p ON p.id = k.person WHERE p.full_name = ?'
        [(who,)] = work.connection.execute(query, (TI,)).fetchall()
        fields = {"person": who, "source": "screening", "started_on": date(2022, 2, 18), "place": "home"}
        work.create("case", fields, place=work.get("person", who), ident=case_id(who, 1))
    workspace.close()
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f4")
        assert f"! {TI} 2 ca đang mở. Enter trên người đó" in shown(app)
        await press(app, pilot, "slash", *"van ti", "enter")
        assert "⚠ 2 ca đang mở · " in shown(app).split("Enter trên người đó")[1]
        await press(app, pilot, "enter")
        assert "⚠  Ca bị trùng" in line_with(app, "Ca bị trùng")
        assert "2 ca đang mở · Enter: kết thúc ca nhầm" in line_with(app, "Ca bị trùng")
        await on_line(app, pilot, "Ca bị trùng", "enter")
        assert "1 từ 18/02/2022, dương tính ? · Tại nhà" in shown(app)
        assert "2 từ 15/02/2022, dương tính 15/02/2022 · Tại nhà" in shown(app)
        await press(app, pilot, "1", *"trung ca", "enter")
        assert rows(app, 'SELECT outcome FROM "case" WHERE id = ?', case_id(who, 1)) == [("mistaken",)]
        assert "Ca bị trùng" not in shown(app)
        await press(app, pilot, "escape")
        assert "ca đang mở" not in shown(app)
