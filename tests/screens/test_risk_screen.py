"""Nguy cơ (F5), driven by keys: chips, filter, why, needs, marks and today's roster, saved lists, form 5.1."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.screens.conftest import USER
from tests.screens.street import at_work, household, line_with, person, press, rows, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.screens.people.restricted_dialog import RestrictedDialog
from tui_app.screens.risk.needs import NeedsScreen
from tui_app.screens.risk.risk import RiskScreen
from tui_app.screens.risk.risk_why import RiskWhyScreen
from tui_app.services.access import restricted
from tui_app.services.people import people
from tui_app.services.risk import support_needs
from tui_app.settings import Places
from tui_app.store import vault
from tui_app.widgets.row_list import RowList
from tui_app.widgets.text_field import TextField

HANG, DUC, HOA = "Lê Thị Hằng", "Nguyễn Văn Đức", "Nguyễn Thị Hoa"


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    """9 Lê Lợi: Hằng (71 or 72). 12 Lê Lợi: Đức (62) with diabetes and HIV who needs medicine, Hoa (36), Tám (64 or
    65)."""

    def ward(workspace: Workspace) -> None:
        first, home = household(workspace, "9 Lê Lợi"), household(workspace, "12 Lê Lợi", code="0712")
        person(workspace, first, HANG, birth_year=1954)
        duc = people.save_person(
            workspace.store,
            USER,
            {"full_name": DUC, "birth_date": "1964-03-04"},
            household=home,
            conditions=frozenset({"diabetes", "hiv"}),
            restricted=True,
        )
        person(workspace, home, HOA, birth_date="1990-03-04")
        person(workspace, home, "Lê Văn Tám", birth_year=1961)
        support_needs.open_need(workspace.store, USER, "medicine", person=duc)

    return ward


def names(app: GonhaApp) -> list[str]:
    """Names of the rows, from top to bottom."""
    listed = app.screen.query_one("#people", RowList)
    return [str(row.cells[0]) for row in listed.source.window(0, listed.count)]


def given(app: GonhaApp) -> list[tuple[object, ...]]:
    return rows(
        app,
        "SELECT p.full_name, s.task, s.withdrawn FROM assignment AS s JOIN person AS p ON p.id = s.person"
        " ORDER BY p.full_name",
    )


async def test_everybody_at_risk_with_counts_and_who_is_unsure(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5")
        assert isinstance(app.screen, RiskScreen)
        assert names(app) == [HANG, DUC, "Lê Văn Tám"]
        text = shown(app)
        for words in (
            "1·bị bỏ sót 1",
            "2·quá 7 ngày chưa thăm 3",
            "3·cần hỗ trợ 1",
            "5·≥65 1",
            "6·≥60 3",
            "8·bệnh nền 1",
            "3 người · 2 hộ",
            "1 chưa rõ tuổi",
        ):
            assert words in text, words
        line = line_with(app, DUC)
        for words in ("62", "từ 60 tuổi, bệnh nền", ">7 ngày", "Thuốc"):
            assert words in line
        assert "HIV" not in text
        assert "▸ từ 65 tuổi (chưa đối chiếu)" in text


async def test_chips_combine_by_digit_and_esc_takes_them_away(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "5")
        assert names(app) == [HANG]
        await press(app, pilot, "6")
        assert names(app) == [HANG, DUC, "Lê Văn Tám"], "of ages one is enough"
        await press(app, pilot, "8")
        assert names(app) == [DUC], "and everything else must hold"
        await press(app, pilot, "5", "6", "8", "1")
        assert names(app) == [DUC]
        await press(app, pilot, "escape")
        assert len(names(app)) == 3


async def test_chips_beyond_nine_are_reached_with_c_and_arrows(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "c", *["right"] * 9, "space", "enter")
        assert names(app) == [DUC, HOA, "Lê Văn Tám"], "lives with somebody at risk"
        assert app.focused is app.screen.query_one("#people")


async def test_the_filter_narrows_what_the_chips_left(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "slash", *"12 le", "enter")
        assert names(app) == [DUC, "Lê Văn Tám"]
        assert "6·≥60 2" in shown(app)
        await press(app, pilot, "slash", *"xyz")
        assert "Không có ai khớp" in shown(app)


async def test_enter_says_why_and_enter_again_reads_it_whole(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "down", "enter")
        assert isinstance(app.screen, RiskWhyScreen)
        text = shown(app)
        assert f"Vì sao: {DUC}" in text
        assert "sinh 04/03/1964 · Luật Người cao" in text
        assert "Đái tháo đường · Quyết định 4038" in text
        assert "HIV" not in text
        await press(app, pilot, "down", "enter")
        assert "Luật Người cao tuổi 2009" in shown(app)
        assert "chưa đối chiếu" in shown(app)
        await press(app, pilot, "escape", "o")
        assert isinstance(app.screen, PersonCardScreen)
        noted = rows(app, "SELECT count(*) FROM access_entry WHERE what = 'open' AND record_type = 'person'")
        assert noted == [(1,)], "why and card at once are one look"


async def test_a_pregnancy_is_written_with_its_expected_end_and_ended(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "slash", *"hang", "enter", "enter", "a", "4", "enter")
        await press(app, pilot, *"01/01/2020", "enter")
        assert "Ngày kết thúc phải sau ngày bắt đầu" in shown(app)
        await press(app, pilot, *["backspace"] * 10, *"01/03/2027", "enter")
        assert rows(app, "SELECT risk_group, started_on, ended_on FROM risk_membership") == [
            ("pregnant", "2026-11-22", "2027-03-01")
        ]
        assert "từ 22/11/2026 đến 01/03/2027 · lan ghi" in shown(app)
        await press(app, pilot, "home", "x", "enter")
        assert rows(app, "SELECT ended_on FROM risk_membership") == [("2026-11-22",)]
        assert "đã kết thúc" in shown(app)
        await press(app, pilot, "ctrl+z")
        assert rows(app, "SELECT ended_on FROM risk_membership") == [("2027-03-01",)]
        await press(app, pilot, "ctrl+z")
        assert rows(app, "SELECT count(*) FROM risk_membership WHERE NOT deleted") == [(0,)]
        await press(app, pilot, "home", "x")
        assert "không kết thúc bằng tay được" in shown(app)


async def test_marks_make_todays_roster_that_stands_on_hom_nay(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "space", "space")
        assert "đã chọn 2" in shown(app)
        await press(app, pilot, "l", "1")
        assert given(app) == [(HANG, "visit", None), (DUC, "visit", None)]
        assert "đã giao" in line_with(app, DUC)
        await press(app, pilot, "a", "l", "1")
        assert "Đã giao hôm nay 1 người, 2 đã giao trước đó" in shown(app)
        assert len(given(app)) == 3
        await press(app, pilot, "f3", *["]"] * 4)
        text = shown(app)
        assert "Được giao 2" in text
        assert f"{HANG}: thăm hộ" in text
        assert f"Lê Văn Tám: thăm hộ; {DUC}" in text


async def test_ctrl_z_takes_a_giving_out_back_step_by_step(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "space", "l", "1", "down", "l", "1", "ctrl+z")
        assert sorted(withdrawn or 0 for _, _, withdrawn in given(app)) == [0, 1]
        await press(app, pilot, "escape", "f3", "f5", "ctrl+z")
        assert [withdrawn for _, _, withdrawn in given(app)] == [1, 1]
        await press(app, pilot, "ctrl+z")
        assert "Không có gì để hoàn tác" in shown(app)


async def test_a_need_is_written_changed_and_listed_by_kind(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "down", "n", "2", *"gao", "enter")
        assert "Thuốc, Lươ" in line_with(app, DUC)
        assert "Cần: Thuốc, Lương thực" in shown(app)
        await press(app, pilot, "n", "1", "1")  # medicine, open: met
        assert rows(app, "SELECT kind, status FROM support_need ORDER BY kind") == [
            ("food", "open"),
            ("medicine", "done"),
        ]
        await press(app, pilot, "h")
        assert isinstance(app.screen, NeedsScreen)
        assert "1 nhu cầu · 1 người · 0 hộ chung" in shown(app)
        await press(app, pilot, "enter", "3", "enter")
        assert "Phải ghi lý do" in shown(app)
        await press(app, pilot, *"tu lo duoc", "enter", "[")
        assert "tu lo duoc" in shown(app)
        await press(app, pilot, "home", "enter", "1")
        assert rows(app, "SELECT count(*) FROM support_need WHERE status = 'open'") == [(1,)]


async def test_ctrl_z_puts_a_need_back_as_it_was(ward: Places, clock: Clock) -> None:
    def needs(app: GonhaApp) -> list[tuple[object, ...]]:
        asked = "SELECT kind, status, reason FROM support_need WHERE NOT deleted ORDER BY kind"
        return rows(app, asked)

    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "down", "n", "2", "enter")  # food, written
        await press(app, pilot, "n", "1", "3", *"tu lo", "enter")  # medicine, refused
        await press(app, pilot, "n", "2", "4")  # food, taken away
        assert needs(app) == [("medicine", "declined", "tu lo")]
        await press(app, pilot, "ctrl+z")
        assert needs(app) == [("food", "open", None), ("medicine", "declined", "tu lo")]
        await press(app, pilot, "h", "ctrl+z")
        assert needs(app) == [("food", "open", None), ("medicine", "open", None)]
        await press(app, pilot, "ctrl+z")
        assert needs(app) == [("medicine", "open", None)]


async def test_a_need_is_written_at_the_card_and_at_the_household_and_taken_back(
    ward: Places, clock: Clock
) -> None:
    asked = "SELECT kind, person IS NULL FROM support_need WHERE NOT deleted ORDER BY kind"
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "o", "n", "4", *"tien thuoc", "enter")
        assert "Tiền (đang cần): tien thuoc" in shown(app)
        await press(app, pilot, "g", "s", "2", "enter")
        assert "Lương thực (đang cần)" in shown(app)
        assert rows(app, asked) == [("food", 1), ("medicine", 0), ("money", 0)]
        await press(app, pilot, "ctrl+z")
        assert rows(app, asked) == [("medicine", 0), ("money", 0)]
        await press(app, pilot, "escape", "ctrl+z")
        assert rows(app, asked) == [("medicine", 0)]
        assert "tien thuoc" not in shown(app)


async def test_a_list_is_kept_by_name_and_opened_again(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "8", "2", "s", "1", *"sang thu hai", "enter")
        assert "Đã lưu danh sách “sang thu hai”" in shown(app)
        await press(app, pilot, "escape")
        assert len(names(app)) == 3
        await press(app, pilot, "s", "1")
        assert names(app) == [DUC]
        await press(app, pilot, "s", "3", "1")
        assert rows(app, "SELECT count(*) FROM saved_list") == [(0,)]


async def test_the_days_without_contact_are_chosen_here(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "d", "backspace", *"0", "enter")
        assert "Nhập số ngày từ 1 đến 365" in shown(app)
        await press(app, pilot, "backspace", *"14", "enter")
        assert "quá 14 ngày chưa thăm" in shown(app)


async def test_form_5_1_of_what_is_shown_goes_into_a_file(ward: Places, clock: Clock, tmp_path: Path) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "8", "p")
        assert "Danh sách người nguy cơ (mẫu 5.1)" in shown(app)
        assert "Cảnh báo" in shown(app)
        app.screen.query_one(TextField).value = str(tmp_path / "a.csv")
        await press(app, pilot, "enter")
        text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
        assert DUC in text
        assert HANG not in text
        assert "HIV" not in text
        assert rows(app, "SELECT what, detail FROM access_entry WHERE what = 'export'") == [
            ("export", "risk-list")
        ]


async def test_restricted_conditions_open_for_whom_the_chief_let_only(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f5", "down", "o", "k")
        assert isinstance(app.screen, PersonCardScreen), "the key means nothing"
        store = app.open_workspace.store
        restricted.permit(store, USER, USER, may=True)
        app.open_workspace.sees_restricted = True
        await press(app, pilot, "k")
        assert isinstance(app.screen, RestrictedDialog)
        assert "HIV/AIDS: Có" in shown(app)
        await press(app, pilot, "2", "enter")
        assert rows(app, "SELECT condition FROM person_condition WHERE NOT deleted ORDER BY condition") == [
            ("diabetes",),
            ("hiv",),
            ("substance_use",),
        ]
        looks = rows(app, "SELECT count(*) FROM access_entry WHERE detail = 'restricted'")
        assert looks == [(2,)], "the look and the change"


async def test_a_viewer_is_told_why_there_is_no_list(ward: Places, clock: Clock) -> None:
    opened = vault.unlock(ward, USER, "mot cau ngan de nho", clock)
    vault.add_user(ward, opened, "xem", "mot cau khac de nho", "viewer")
    from tests.screens.street import settle
    from tui_app.bootstrap import open_workspace

    app = GonhaApp(ward, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await app.enter(open_workspace(ward, "xem", "mot cau khac de nho", clock=clock))
        await settle(app, pilot)
        await press(app, pilot, "f5")
        assert "3 người có đủ các mục" in shown(app)
        assert "chỉ xem số liệu" in shown(app)
        assert "6·≥60 3" in shown(app)
        assert HANG not in shown(app)
        await press(app, pilot, "8", "p", "l", "enter")
        assert "1 người có đủ các mục" in shown(app)
        if app.workspace is not None:
            app.workspace.close()
