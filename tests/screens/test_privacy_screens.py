"""Requests about personal data, erasing and the journal of access on the screen, by keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sync import outbox
from tests.screens.conftest import AREA, USER, type_burst
from tests.screens.street import at_work, line_with, press, rows, settle, shown, street
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.services.access import access
from tui_app.services.people import people
from tui_app.services.requests import erasing, register
from tui_app.settings import Places
from tui_app.widgets.text_field import TextField

MONDAY = date(2026, 11, 16)
"""Six days before the test's Sunday. NĐ 356/2025 (rules §4, duty 5): a first answer within 2 working days, 18/11;
access within 10 days, 26/11; deletion within 20, or 30 with third parties: 16/12."""


def person_named(workspace: Workspace, name: str) -> str:
    with workspace.store.read() as c:
        (ident,) = c.execute("SELECT id FROM person WHERE full_name = ?", (name,)).fetchone()
    return str(ident)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    """Hằng, alone at 9 Lê Lợi, asks to be erased; Đức, of a family with a note that names him, to see his data."""

    def made(workspace: Workspace) -> None:
        street(workspace)
        store, hang = workspace.store, person_named(workspace, "Lê Thị Hằng")
        with store.write() as c:
            outbox.hold_area(c, AREA.area, AREA.commune, outbox.LOCAL)
        register.add(store, USER, hang, "deletion", received_on=MONDAY, third_parties=True)
        duc = person_named(workspace, "Nguyễn Văn Đức")
        register.add(store, USER, duc, "access", received_on=date(2026, 11, 20), asked_by="con gái")

    return made


def said(app: Any) -> str:
    """All words that are shown, on one line."""
    return " ".join(shown(app).replace("│", " ").split())


async def palette(app: Any, pilot: Any, words: str) -> None:
    await press(app, pilot, "ctrl+p")
    await type_burst(app, f"{words}\r")
    await settle(app, pilot)


async def test_what_is_due_first_is_on_top_and_opens_with_its_rule(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await palette(app, pilot, "yeu cau ve du lieu")
        assert "1 quá hạn" in shown(app)
        first, second = line_with(app, "Lê Thị Hằng"), line_with(app, "Nguyễn Văn Đức")
        assert first.split()[:4] == [">!!", "18/11/2026", "trả", "lời"]
        assert second.split()[:4] == ["!", "24/11/2026", "trả", "lời"]
        assert shown(app).index(first) < shown(app).index(second)
        await press(app, pilot, "enter")
        assert "hạn xong 16/12/2026" in said(app)
        assert "Xóa trong 30 ngày khi bên thứ ba cũng giữ dữ liệu – Nghị định 356/2025/NĐ-CP" in said(app)
        assert "data-requests-356/deletion_third_parties" in said(app).replace(" ", "")
        assert rows(app, "SELECT what, record_type FROM access_entry WHERE record_type = 'data_request'") == [
            ("open", "data_request")
        ]


async def test_the_chiefs_evening_shows_what_is_open_beside_the_teams(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f8", "tab", "]", "]", "]")
        assert "Yêu cầu 2" in shown(app)
        assert "18/11/2026 trả lời" in line_with(app, "Lê Thị Hằng")
        await press(app, pilot, "enter")
        assert "hạn xong 16/12/2026" in said(app)
        await press(app, pilot, "r")
        await type_burst(app, "luật buộc lưu")
        await press(app, pilot, "ctrl+s", "escape")
        assert "Yêu cầu 1" in shown(app)


async def test_a_request_is_noted_answered_and_done_by_keys(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await palette(app, pilot, "yeu cau ve du lieu")
        await press(app, pilot, "n")
        await type_burst(app, "pham van ti\r")
        await settle(app, pilot)
        assert "Cho xem hoặc sửa trong 10 ngày" in said(app)
        await press(app, pilot, "2", "tab", "tab")
        await type_burst(app, "vợ\tsai năm sinh")
        await press(app, pilot, "ctrl+s")
        fresh = "SELECT kind, received_on, asked_by, wording, state FROM data_request WHERE asked_by = 'vợ'"
        assert rows(app, fresh) == [("correction", "2026-11-22", "vợ", "sai năm sinh", "open")]
        await press(app, pilot, "end")
        assert "Phạm Văn Tí" in line_with(app, "Sửa dữ liệu")
        await press(app, pilot, "a", "ctrl+s")
        assert rows(app, fresh)[0][4] == "answered"
        await press(app, pilot, "x", "ctrl+s")
        assert "Đã làm gì" in shown(app), "what was done has to be said"
        await type_burst(app, "đã sửa năm sinh")
        await press(app, pilot, "ctrl+s")
        assert rows(app, "SELECT state, outcome FROM data_request WHERE asked_by = 'vợ'") == [
            ("done", "đã sửa năm sinh")
        ]
        assert "Phạm Văn Tí" not in shown(app)
        await press(app, pilot, "]")
        assert "Phạm Văn Tí" in shown(app)


async def test_who_asked_to_see_their_data_is_printed_it(ward: Places, clock: Clock, tmp_path: Path) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await palette(app, pilot, "yeu cau ve du lieu")
        await press(app, pilot, "enter")
        assert "In dữ liệu" not in shown(app), "who asked for deletion"
        await press(app, pilot, "escape", "down", "enter", "p")
        assert "Cảnh báo" in shown(app)
        file = tmp_path / "data.json"
        app.screen.query_one(TextField).value = str(file)
        await press(app, pilot, "enter")
        assert "Nguyễn Văn Đức" in file.read_text("utf-8")
        assert rows(app, "SELECT detail FROM access_entry WHERE what = 'export'") == [("person-data",)]


async def test_one_is_noted_from_the_card_and_refused_or_taken_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2")
        await type_burst(app, "le thi hang\r")
        await settle(app, pilot)
        asked = "Đã yêu cầu về dữ liệu: Xóa dữ liệu, hạn trả lời 18/11/2026 (QUÁ HẠN)"
        assert asked in said(app)
        await press(app, pilot, "y", "4", "ctrl+s")
        assert "; Hạn chế xử lý, hạn trả lời 24/11/2026" in said(app)
        assert rows(app, "SELECT kind FROM data_request ORDER BY received_on DESC LIMIT 1") == [
            ("restriction",)
        ]
        await palette(app, pilot, "yeu cau ve du lieu")
        await press(app, pilot, "r")
        await type_burst(app, "Thông tư 33/2025 buộc lưu")
        await press(app, pilot, "ctrl+s", "c")
        await type_burst(app, "đã xem rồi")
        await press(app, pilot, "ctrl+s")
        states = "SELECT kind, state, outcome FROM data_request ORDER BY kind"
        assert rows(app, states) == [
            ("access", "cancelled", "đã xem rồi"),
            ("deletion", "refused", "Thông tư 33/2025 buộc lưu"),
            ("restriction", "open", None),
        ]


async def test_erasing_shows_first_asks_last_and_is_not_done_by_enter(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await press(app, pilot, "f2")
        await type_burst(app, "le thi hang\r")
        await settle(app, pilot)
        await palette(app, pilot, "yeu cau ve du lieu")
        await press(app, pilot, "d")
        assert "Sẽ xóa hẳn (chưa xóa gì)" in shown(app)
        assert "Hộ không còn ai khác" in shown(app)
        alive = "SELECT count(*) FROM person WHERE full_name = 'Lê Thị Hằng'"
        await press(app, pilot, "x", "enter")
        assert rows(app, alive) == [(1,)], "no is under the cursor"
        await press(app, pilot, "x", "c")
        assert "Bản sao lưu đã làm trước đây vẫn còn dữ liệu" in said(app)
        assert rows(app, alive) == [(0,)]
        await press(app, pilot, "enter")
        assert "Lê Thị Hằng" not in shown(app)
        await press(app, pilot, "escape")
        assert "Lê Thị Hằng" not in shown(app), "the card below is left: nothing of it is there any more"
        assert rows(app, "SELECT state FROM data_request WHERE kind = 'deletion' AND NOT deleted") == [
            ("done",)
        ]


async def test_what_the_law_keeps_is_said_with_rule_and_day_and_has_no_key(
    ward: Places, clock: Clock
) -> None:
    """TT 33/2025: ten years after the last of them, so to 20/11/2036."""
    async with at_work(ward, clock) as (app, pilot):
        workspace = app.open_workspace
        hang, duc = (person_named(workspace, name) for name in ("Lê Thị Hằng", "Nguyễn Văn Đức"))
        with workspace.store.work(USER) as work:
            test = {"person": hang, "at": "2026-11-20T02:00:00Z", "result": "negative"}
            work.create("test_result", test, place=work.get("person", hang))
        people.save_person(workspace.store, USER, {"note": "hàng xóm Lê Thị Hằng đưa đi"}, person=duc)
        await palette(app, pilot, "yeu cau ve du lieu")
        await press(app, pilot, "d")
        assert "KHÔNG XÓA ĐƯỢC" in shown(app)
        assert "Thông tư 33/2025/TT-BYT; retention-tt-33/ordinary), đến hết 20/11/2036" in said(app)
        assert "Xóa hẳn…" not in shown(app)
        await press(app, pilot, "x")
        assert rows(app, "SELECT count(*) FROM person WHERE full_name = 'Lê Thị Hằng'") == [(1,)]
        await press(app, pilot, "pagedown")
        assert "Nguyễn Văn Đức: Ghi chú" in said(app)


async def test_words_about_who_is_erased_are_written_anew_left_or_taken_out(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        workspace = app.open_workspace
        duc, ti = (person_named(workspace, name) for name in ("Nguyễn Văn Đức", "Phạm Văn Tí"))
        for one in (duc, ti):
            people.save_person(workspace.store, USER, {"note": "hàng xóm Lê Thị Hằng đưa đi"}, person=one)
        await palette(app, pilot, "yeu cau ve du lieu")
        await press(app, pilot, "d", "w")
        assert "Đang ghi: hàng xóm Lê Thị Hằng đưa đi" in said(app)
        assert said(app).count("bỏ hẳn lời này") == 2
        await press(app, pilot, "enter")
        assert app.screen.query_one(TextField).value == "hàng xóm Lê Thị Hằng đưa đi"
        await type_burst(app, " nho\r")
        await settle(app, pilot)
        assert "còn nêu tên" in said(app)
        app.screen.query_one(TextField).value = ""
        await type_burst(app, "hang xom dua di\r")
        await settle(app, pilot)
        assert "viết lại: hang xom dua di" in said(app)
        await press(app, pilot, "down", "l")
        assert "để nguyên" in line_with(app, ">")
        await press(app, pilot, "escape", "pagedown")
        assert "→ viết lại: hang xom dua di" in said(app)
        await press(app, pilot, "x")
        assert "1 lời ở hồ sơ của người khác cũng bị bỏ hoặc viết lại" in said(app)
        await press(app, pilot, "c")
        assert "Còn nêu tên hoặc số của người ấy: người" in said(app)
        notes = rows(app, "SELECT note FROM person WHERE note IS NOT NULL ORDER BY note")
        assert notes == [("hang xom dua di",), ("hàng xóm Lê Thị Hằng đưa đi",)]


async def test_words_in_a_deleted_record_and_the_reason_for_deleting_it_are_among_them(
    ward: Places, clock: Clock
) -> None:
    async with at_work(ward, clock) as (app, pilot):
        workspace = app.open_workspace
        ti = person_named(workspace, "Phạm Văn Tí")
        people.save_person(workspace.store, USER, {"note": "hàng xóm Lê Thị Hằng đưa đi"}, person=ti)
        with workspace.store.work(USER) as work:
            work.delete("person", ti, "trùng với Lê Thị Hằng")
        await palette(app, pilot, "yeu cau ve du lieu")
        await press(app, pilot, "d", "w")
        assert said(app).count("Phạm Văn Tí (đã xóa)") == 2
        await press(app, pilot, "x", "down", "x", "escape", "pagedown", "x", "c")
        assert rows(
            app, "SELECT note, extra ->> '$.deleted_reason', deleted FROM person WHERE id = ?", ti
        ) == [(None, None, 1)]


async def test_the_journal_is_filtered_noted_and_exported(ward: Places, clock: Clock, tmp_path: Path) -> None:
    async with at_work(ward, clock) as (app, pilot):
        workspace = app.open_workspace
        hang, duc = (person_named(workspace, name) for name in ("Lê Thị Hằng", "Nguyễn Văn Đức"))
        access.note_opened(workspace.store, "minh", "person", hang)
        access.unmasked(workspace.store, USER, duc)
        await palette(app, pilot, "nhat ky truy cap")
        assert "minh" in line_with(app, "Lê Thị Hằng")
        looked = "SELECT count(*) FROM access_entry WHERE record_type = 'access_entry' AND what = 'open'"
        assert rows(app, looked) == [(1,)]
        assert "Nhật ký truy cập: ít nhất 6 tháng" in said(app)
        await press(app, pilot, "end", "enter", "escape")
        (under,) = [line for line in shown(app).splitlines() if line.startswith(">")]
        assert "minh" in under, "the line that was opened, although that it was opened is noted above it"
        await press(app, pilot, "slash", "tab", "3", "enter", "enter", "enter")
        assert "Nguyễn Văn Đức" in shown(app)
        assert "Lê Thị Hằng" not in shown(app)
        await press(app, pilot, "p")
        file = tmp_path / "journal.csv"
        app.screen.query_one(TextField).value = str(file)
        await press(app, pilot, "enter")
        body = file.read_text("utf-8-sig")
        assert "Nguyễn Văn Đức" in body
        assert "Lê Thị Hằng" not in body
        assert rows(app, "SELECT what, detail FROM access_entry WHERE what = 'export'") == [("export", "csv")]
        await press(app, pilot, "escape", "end", "r")
        assert "hồ sơ …" in shown(app)
        await press(app, pilot, "escape", "slash", "tab", "tab")
        await type_burst(app, "23/11/2026\r\r")
        await settle(app, pilot)
        assert "tương lai" in shown(app)


async def test_whose_records_are_kept_is_listed_with_the_persons(ward: Places, clock: Clock) -> None:
    """TT 33/2025: a dose of 31/08/2021 is kept ten years."""
    async with at_work(ward, clock) as (app, pilot):
        store = app.open_workspace.store
        with store.work(USER) as work:
            place = work.get("person", person_named(app.open_workspace, "Phạm Văn Tí"))
            work.create("vaccination_dose", {"person": place.id, "given_on": "2021-08-31"}, place=place)
        await palette(app, pilot, "thoi han luu")
        assert line_with(app, "tiêm chủng: 10 năm").split()[-3:] == ["năm", "1", "31/08/2031"]
        assert line_with(app, "Không có gì buộc lưu").split()[-1] == "7"
        await press(app, pilot, "enter")
        assert "Phạm Văn Tí" in shown(app)
        await press(app, pilot, "enter")
        assert "Phạm Văn Tí" in shown(app).splitlines()[0]


async def test_whom_another_laptop_erased_is_no_longer_shown(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        await palette(app, pilot, "yeu cau ve du lieu")
        await press(app, pilot, "d")
        workspace = app.open_workspace
        with workspace.store.read() as c:
            asked = next(one for one in register.requests(c, date(2026, 11, 22)) if one.kind == "deletion")
        erasing.erase(workspace.store, USER, asked.person, asked.id)
        app.tell_screens("records_changed")
        await settle(app, pilot)
        assert "Yêu cầu về dữ liệu" in shown(app).splitlines()[0]
        assert "Lê Thị Hằng" not in shown(app)


async def test_a_deletion_is_not_shown_as_done_before_the_server_has_answered(
    ward: Places, clock: Clock
) -> None:
    """Its line stays among what goes on, opens to what it waits for, and has no key that could end it."""
    async with at_work(ward, clock) as (app, pilot):
        store = app.open_workspace.store
        with store.read() as c:
            asked = next(one for one in register.requests(c, date(2026, 11, 22)) if one.kind == "deletion")
        erasing.erase(store, USER, asked.person, asked.id)
        with store.write() as c:
            c.execute("UPDATE cursor SET mode = 'write'")
        await palette(app, pilot, "yeu cau ve du lieu")
        line = line_with(app, "Chờ máy chủ xóa")
        assert "máy chủ" in line
        assert "16/12/2026" in line
        await press(app, pilot, "end", "enter")
        assert "Chỉ xong khi máy chủ cũng đã xóa" in said(app)
        assert "Xóa hẳn" not in shown(app).splitlines()[-1]
        with store.write() as c:
            c.execute("UPDATE outbox SET state = 'held', reason = 'out-of-scope' WHERE type = 'erasure'")
        app.tell_screens("records_changed")
        await settle(app, pilot)
        assert "Máy chủ chưa xóa" in said(app)
        assert "“Thay đổi máy chủ chưa nhận”" in said(app)
        with store.write() as c:
            c.execute("UPDATE outbox SET state = 'acked' WHERE type = 'erasure'")
        app.tell_screens("records_changed")
        await settle(app, pilot)
        assert "Đã làm xong" in said(app)
        assert "Máy chủ" not in said(app)
