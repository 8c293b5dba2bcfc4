"""Referrals, contacts, medicine and papers of a case, driven by keys: judged by what is stored and shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.screens.case_steps import case_of, case_ward, on_line, type_in
from tests.screens.conftest import USER
from tests.screens.f0_ward import HANG, HOA, MORNING, TI
from tests.screens.street import at_work, line_with, press, rows, shown
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock, pinned_clock
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.services.cases import cases
from tui_app.settings import Places


@pytest.fixture
def clock() -> Clock:
    return pinned_clock(MORNING)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    return case_ward


class TestReferring:
    async def test_a_referral_answers_the_alert_and_its_slip_goes_into_a_file(
        self, ward: Places, clock: Clock, tmp_path: Any
    ) -> None:
        out = tmp_path / "giay.pdf"
        async with at_work(ward, clock) as (app, pilot):
            await press(app, pilot, "f4", "enter", "x")
            assert "Phiếu này trả lời cảnh báo" in shown(app)
            await type_in(app, pilot, "BV Quan 11\t\txe cuu thuong", "ctrl+s")
            assert rows(app, "SELECT state FROM alert") == [("referred",)]
            assert rows(app, "SELECT sent_to, transport FROM referral") == [("BV Quan 11", "xe cuu thuong")]
            assert "không mã hóa" in " ".join(shown(app).split())
            await press(app, pilot, "ctrl+u")
            await type_in(app, pilot, f"{out}\r")
            assert out.read_bytes().startswith(b"%PDF")
            assert rows(
                app, "SELECT count(*) FROM access_entry WHERE what = 'export' AND detail = 'referral-slip'"
            ) == [(1,)]
            assert isinstance(app.screen, PersonCardScreen)

    async def test_the_arrival_is_noted_and_the_place_changes_when_a_person_says_so(
        self, ward: Places, clock: Clock
    ) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            await press(app, pilot, "f4", "enter", "x")
            await type_in(app, pilot, "BV Quan 11", "ctrl+s", "escape")
            await on_line(app, pilot, "Chuyển viện", "enter", "2")
            await type_in(app, pilot, "BS Nam\tc", "ctrl+s")
            assert rows(app, "SELECT acknowledged_by FROM referral") == [("BS Nam",)]
            assert case_of(app, HANG, "place") == "hospital"

    async def test_one_taken_back_opens_the_alert_again(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            await press(app, pilot, "f4", "enter", "x")
            await type_in(app, pilot, "BV Quan 11", "ctrl+s", "escape")
            await on_line(app, pilot, "Chuyển viện", "ctrl+z")
            await type_in(app, pilot, "nha khong di\r")
            assert rows(app, "SELECT withdrawn FROM referral") == [(1,)]
            assert rows(app, "SELECT state FROM alert") == [("open",)]


class TestContacts:
    async def test_everybody_at_home_in_one_step_but_for_who_was_away(
        self, ward: Places, clock: Clock
    ) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            await press(app, pilot, "f4", "enter", "c", "1")
            assert "[x] Lê Văn Hai" in shown(app)
            assert "[x] Lê Thị Ba" in shown(app)
            await press(app, pilot, "l", "l", "space", "ctrl+s")
            noted = rows(
                app, "SELECT p.full_name, c.last_met_on FROM contact AS c JOIN person AS p ON p.id = c.person"
            )
            assert len(noted) == 1
            assert noted[0][1] == "2022-02-20"
            assert noted[0][0] in line_with(app, "F1  ")

    async def test_who_has_a_case_of_their_own_is_marked_and_not_ticked(
        self, ward: Places, clock: Clock, workspace: Workspace
    ) -> None:
        with workspace.store.read() as c:
            [(ill,)] = c.execute("SELECT id FROM person WHERE full_name = 'Lê Thị Ba'").fetchall()
        cases.open_case(
            workspace.store, USER, ill, source="screening", started_on=MORNING.date(), place="hospital"
        )
        workspace.close()
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            await press(app, pilot, "f4", "enter", "c", "1")
            assert "[x] Lê Văn Hai" in shown(app)
            assert "[ ] Lê Thị Ba (F0)" in shown(app)
            await press(app, pilot, "ctrl+s")
            named = "SELECT p.full_name FROM contact AS c JOIN person AS p ON p.id = c.person"
            assert rows(app, named) == [("Lê Văn Hai",)]

    async def test_somebody_by_name(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            await press(app, pilot, "f4", "enter", "c", "2")
            await type_in(app, pilot, "Hàng xóm Tư\t0903 111 222\t19/02/2022\t4", "ctrl+s")
            assert rows(app, "SELECT full_name, phone, met, level FROM contact") == [
                ("Hàng xóm Tư", "+84903111222", "close_unmasked", 1)
            ]

    async def test_a_day_of_a_contact(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            await press(app, pilot, "f4", "enter", "c", "2")
            await type_in(app, pilot, "Hàng xóm Tư\t\t19/02/2022\t4", "ctrl+s")
            await on_line(app, pilot, "F1", "enter", "2", "1")
            await type_in(app, pilot, "\t\t36,8", "ctrl+s")
            assert rows(app, 'SELECT "on", temperature_c, well, away FROM contact_check') == [
                ("2022-02-20", 36.8, 1, 0)
            ]

    async def test_what_is_learned_later_of_a_contact_changes_until_when_they_are_watched(
        self, ward: Places, clock: Clock
    ) -> None:
        """CV 10696/BYT-MT: fully vaccinated or recovered 7 days at home and 7 of watching oneself (rules §2.11)."""
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            await press(app, pilot, "f4", "enter", "c", "2")
            await type_in(app, pilot, "Hàng xóm Tư\t\t19/02/2022\t4", "ctrl+s")
            await on_line(app, pilot, "F1", "enter", "3", "ctrl+u")
            await type_in(app, pilot, "18/02/2022\t\t1", "ctrl+s")
            assert rows(app, "SELECT last_met_on, protected, watch_until FROM contact") == [
                ("2022-02-18", 1, "2022-03-04")
            ]
            assert rows(app, "SELECT json_extract(findings, '$[0].rule') FROM contact") == [("protected_7",)]
            assert "theo dõi đến 04/03/2022" in shown(app)


class TestMedicine:
    async def test_warnings_that_have_no_room_are_read_on_with_a_key(
        self, ward: Places, clock: Clock
    ) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await press(app, pilot, "f4", "enter", "t")
            await type_in(app, pilot, "3\t")
            assert "PgUp PgDn Đọc tiếp" in shown(app)
            assert "Bệnh dễ chảy máu" not in shown(app)
            await press(app, pilot, "pagedown")
            assert "Bệnh dễ chảy máu" in shown(app)

    async def test_warnings_stand_above_before_saving_and_going_on_needs_a_reason(
        self, ward: Places, clock: Clock
    ) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            await press(app, pilot, "f4", "enter", "t")
            await type_in(app, pilot, "3\t\t1\ttui")
            assert "lưu ý. Hỏi người chỉ định" in shown(app)
            assert "Cần hỏi trước" in shown(app)
            assert rows(app, "SELECT count(*) FROM dispense") == [(0,)]
            await press(app, pilot, "ctrl+s")
            assert rows(app, "SELECT count(*) FROM dispense") == [(0,)]
            assert "Ghi vì sao vẫn cấp" in " ".join(shown(app).split())
            await type_in(app, pilot, "BS Ha chi dinh", "ctrl+s")
            [(quantity, reason, flags)] = rows(app, "SELECT quantity, flag_reason, flags FROM dispense")
            assert (quantity, reason) == (1.0, "BS Ha chi dinh")
            assert "ask" in flags
            assert "Túi B (Hà Nội) · 1 tui" in shown(app)

    async def test_a_giving_is_taken_back_with_a_reason(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock, (80, 60)) as (app, pilot):
            await press(app, pilot, "f4", "enter", "t")
            await type_in(app, pilot, "\tnuoc muoi\t2\tchai", "ctrl+s")
            assert rows(app, "SELECT item, quantity FROM dispense") == [("nuoc muoi", 2.0)]
            await on_line(app, pilot, "Thuốc đã cấp", "ctrl+z")
            await type_in(app, pilot, "ghi nham nguoi\r")
            assert rows(app, "SELECT quantity, note FROM dispense WHERE amends IS NOT NULL") == [
                (0.0, "ghi nham nguoi")
            ]
            assert "nuoc muoi" not in shown(app)


class TestPapers:
    @pytest.mark.parametrize(("choice", "kind"), [("1", "home-record"), ("2", "monitoring-sheet")])
    async def test_a_paper_goes_into_a_file_with_a_warning_and_a_note(
        self, ward: Places, clock: Clock, tmp_path: Any, choice: str, kind: str
    ) -> None:
        out = tmp_path / "giay.pdf"
        async with at_work(ward, clock) as (app, pilot):
            await press(app, pilot, "f4", "enter", "p", choice)
            assert "không mã hóa" in " ".join(shown(app).split())
            assert HANG not in shown(app).split("~/")[1].splitlines()[0]  # the proposed name names nobody
            await press(app, pilot, "ctrl+u")
            await type_in(app, pilot, f"{out}\r")
            assert out.read_bytes().startswith(b"%PDF")
            assert rows(
                app, "SELECT count(*) FROM access_entry WHERE what = 'export' AND detail = ?", kind
            ) == [(1,)]

    async def test_an_old_file_is_not_written_over_and_an_ending_is_checked(
        self, ward: Places, clock: Clock, tmp_path: Any
    ) -> None:
        out = tmp_path / "cu.pdf"
        out.write_text("cũ")
        async with at_work(ward, clock) as (app, pilot):
            await press(app, pilot, "f4", "p", "enter", "enter", "ctrl+u")
            await type_in(app, pilot, f"{tmp_path / 'so.doc'}\r")
            assert "ghi được pdf, xlsx" in shown(app)
            await press(app, pilot, "ctrl+u")
            await type_in(app, pilot, f"{out}\r")
            assert out.read_text() == "cũ"
            assert not any(path.suffix == ".part" for path in tmp_path.iterdir())
            await press(app, pilot, "p", "enter", "enter", "ctrl+u")
            await type_in(app, pilot, f"{tmp_path / 'so.xlsx'}\r")
            assert (tmp_path / "so.xlsx").stat().st_size > 1000

    @pytest.mark.parametrize(
        ("since", "until", "named"),
        [("1/1/2022", "14/2/2022", []), ("1/1/2022", "15/2/2022", [HANG, HOA, TI])],
    )
    async def test_the_book_holds_the_cases_of_the_period_asked_for(
        self, ward: Places, clock: Clock, tmp_path: Any, since: str, until: str, named: list[str]
    ) -> None:
        out = tmp_path / "so.xlsx"
        async with at_work(ward, clock) as (app, pilot):
            await press(app, pilot, "f4", "p")
            assert "01/02/2022" in line_with(app, "Từ ngày")  # this month until today is proposed
            assert "20/02/2022" in line_with(app, "Đến ngày")
            await press(app, pilot, "ctrl+u")
            await type_in(app, pilot, f"{since}\t", "ctrl+u")
            await type_in(app, pilot, f"{until}\r", "ctrl+u")
            await type_in(app, pilot, f"{out}\r")
        cells = {str(cell.value) for row in load_workbook(out).active.iter_rows() for cell in row}
        assert sorted(name for name in (HANG, HOA, TI) if name in cells) == sorted(named)

    async def test_a_period_that_ends_before_it_begins_is_refused(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock) as (app, pilot):
            await press(app, pilot, "f4", "p", "tab", "ctrl+u")
            await type_in(app, pilot, "31/1/2022\r")
            assert "Đến ngày: trước ngày đầu" in shown(app)
            await press(app, pilot, "ctrl+u")
            await type_in(app, pilot, "1/3/2022\r")
            assert "Đến ngày: nằm ở tương lai" in shown(app)
