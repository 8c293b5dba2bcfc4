"""The row list, driven by keys and judged by its lines."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from rich.cells import cell_len
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.pilot import Pilot

from tui_app.keys import OrderedKeys
from tui_app.widgets import symbols
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row, fit_columns, fit_name, fit_rich, fit_text

COLUMNS = (
    Column("name", "Họ tên", width=12, flex=1),
    Column("age", "Tuổi", width=4, align="right"),
    Column("note", "Ghi chú", width=20, optional=1),
)


def person(number: int) -> Row:
    return Row(f"p{number}", (f"Người {number}", str(number % 100), "ghi"))


def people(count: int) -> ListSource:
    return ListSource([person(number) for number in range(count)])


class Slow:
    """A source that answers when the test lets it, from a thread; it counts what it was asked."""

    blocking = True

    def __init__(self, count: int) -> None:
        self.total = count
        self.gate = threading.Event()
        self.gate.set()
        self.asked: list[tuple[int, int]] = []
        self.threads: set[int] = set()

    def count(self) -> int:
        self.gate.wait(10)
        return self.total

    def window(self, start: int, stop: int) -> Sequence[Row]:
        self.gate.wait(10)
        self.threads.add(threading.get_ident())
        self.asked.append((start, stop))
        return [person(number) for number in range(start, min(stop, self.total))]

    def place_of(self, key: str) -> int | None:
        number = int(key[1:])
        return number if number < self.total else None


class Broken(Slow):
    def count(self) -> int:
        raise OSError("disk")


class ListApp(OrderedKeys[None]):
    def __init__(self, rows: RowList) -> None:
        super().__init__()
        self.rows = rows
        self.said: list[tuple[str, str]] = []
        self.shown = 0
        self.failed = False

    def compose(self) -> ComposeResult:
        yield self.rows

    @on(RowList.Selected)
    def note_selected(self, message: RowList.Selected) -> None:
        self.said.append(("selected", message.row.key))

    @on(RowList.Highlighted)
    def note_highlighted(self, message: RowList.Highlighted) -> None:
        self.said.append(("highlighted", message.row.key))

    @on(RowList.Shown)
    def note_shown(self) -> None:
        self.shown += 1

    @on(RowList.Failed)
    def note_failed(self) -> None:
        self.failed = True

    def lines(self) -> list[str]:
        return [self.rows.render_line(y).text for y in range(self.rows.size.height)]


async def read(pilot: Pilot[None], app: ListApp) -> None:
    """Until keys have arrived, all workers that read have answered and the answers are in the list."""
    for _ in range(2):
        await pilot.pause()
        await app.workers.wait_for_complete()
    await pilot.pause()


async def test_keys_move_and_enter_opens() -> None:
    app = ListApp(RowList(COLUMNS, people(100)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("down", "down", "enter")
        assert app.said[-2:] == [("highlighted", "p2"), ("selected", "p2")]
        await pilot.press("pagedown")
        assert app.rows.cursor == 2 + 23
        assert app.lines()[1].startswith("    Người 23")
        await pilot.press("end")
        assert app.rows.cursor == 99
        assert app.lines()[-1].startswith(">   Người 99")
        await pilot.press("pagedown", "down")
        assert app.rows.cursor == 99
        await pilot.press("home", "up")
        assert app.rows.cursor == 0
        assert app.lines()[1].startswith(">   Người 0")


async def test_columns_line_up_with_wide_letters_and_numbers_on_the_right() -> None:
    rows = [
        Row("a", ("Nguyễn Thị Ngọc Ánh Tuyết Phương Thảo Uyên Nhi Như Ý", "7", "漢字漢字漢字漢字漢字漢字")),
        Row("b", ("Lê Ba", "61", Text("đã tiêm", style="bold")), state="danger"),
    ]
    app = ListApp(RowList(COLUMNS, ListSource(rows)))
    async with app.run_test(size=(60, 10)):
        header, first, second = app.lines()[:3]
        assert [cell_len(line) for line in (header, first, second)] == [60, 60, 60]
        assert header.rstrip().endswith("Ghi chú")
        assert "…" in first
        # 60 - 4 in front - 2 gaps - 4 - 20 - 1 at the edge: the name has 29 cells
        assert second[:33] == " !! Lê Ba" + " " * 24
        assert second[33:38] == "   61"
        assert first[33:38] == "    7"
        assert second[38:].strip() == "đã tiêm"


async def test_optional_columns_go_when_there_is_no_room_and_come_back() -> None:
    app = ListApp(RowList(COLUMNS, people(3)))
    async with app.run_test(size=(80, 10)) as pilot:
        assert "Ghi chú" in app.lines()[0]
        await pilot.resize_terminal(40, 10)
        assert "Ghi chú" not in app.lines()[0]
        assert app.lines()[0].rstrip().endswith("Tuổi")
        await pilot.resize_terminal(80, 10)
        assert "Ghi chú" in app.lines()[0]


async def test_the_cursor_stays_with_its_row_when_rows_are_replaced() -> None:
    app = ListApp(RowList(COLUMNS, people(50)))
    async with app.run_test() as pilot:
        await pilot.press("end", "up")
        rows = [Row("new", ("Mới", "1", ""))] * 1 + [person(number) for number in reversed(range(50))]
        app.rows.show(ListSource(rows))
        assert app.rows.cursor_row == person(48)
        assert app.rows.cursor == 2
        app.rows.show(people(10))  # the row is gone: the nearest place
        assert app.rows.cursor == 2
        app.rows.show(people(10), at="p7")
        assert app.rows.cursor_row == person(7)


async def test_marks_are_by_key_and_survive_new_rows() -> None:
    app = ListApp(RowList(COLUMNS, people(5), markable=True))
    async with app.run_test() as pilot:
        await pilot.press("space", "down", "space")
        assert app.rows.marked == {"p0", "p2"}
        app.rows.show(ListSource(list(reversed(people(5).rows))))
        assert [line[1] for line in app.lines()[1:6]] == [" ", " ", "*", " ", "*"]
        await pilot.press("home", "down", "down", "space")
        assert app.rows.marked == {"p0"}


async def test_an_empty_list_says_what_to_do_next() -> None:
    app = ListApp(RowList(COLUMNS, people(0), empty="Chưa có hộ nào. Nhấn N để thêm."))
    async with app.run_test() as pilot:
        assert any("Nhấn N để thêm" in line for line in app.lines())
        await pilot.press("down", "enter", "pagedown", "end", "space")
        assert app.said == []


async def test_a_click_moves_and_a_click_on_the_cursor_opens() -> None:
    app = ListApp(RowList(COLUMNS, people(50)))
    async with app.run_test() as pilot:
        await pilot.click(app.rows, offset=(10, 4))
        assert app.rows.cursor == 3
        await pilot.click(app.rows, offset=(10, 4))
        assert app.said[-1] == ("selected", "p3")
        await pilot.click(app.rows, offset=(10, 0))
        assert app.rows.cursor == 3


async def test_a_blocking_source_is_read_by_pages_and_never_in_the_ui_thread() -> None:
    source = Slow(50_000)
    app = ListApp(RowList(COLUMNS, source))
    async with app.run_test(size=(80, 24)) as pilot:
        await read(pilot, app)
        assert app.rows.count == 50_000
        assert app.lines()[1].startswith(">   Người 0 ")
        await pilot.press("end")
        await read(pilot, app)
        assert app.lines()[-1].startswith(">   Người 49999")
        assert threading.get_ident() not in source.threads
        assert sum(stop - start for start, stop in source.asked) < 1000
        app.rows.show(source, at="p25000")
        await read(pilot, app)
        assert app.rows.cursor_row == person(25_000)


async def test_rows_not_read_yet_are_a_placeholder_and_keys_go_on() -> None:
    source = Slow(10_000)
    app = ListApp(RowList(COLUMNS, source))
    async with app.run_test(size=(80, 24)) as pilot:
        await read(pilot, app)
        source.gate.clear()
        await pilot.press("end", "up")
        assert app.rows.cursor == 9998
        assert app.rows.cursor_row is None
        assert app.lines()[-1].strip(" ▐") == "…"
        await pilot.press("enter")
        assert ("selected", "p9998") not in app.said
        source.gate.set()
        await read(pilot, app)
        assert app.rows.cursor_row == person(9998)
        assert app.said[-1] == ("highlighted", "p9998")


async def test_an_answer_overtaken_by_a_later_question_is_dropped() -> None:
    late, early = Slow(7), Slow(9)
    late.gate.clear()
    app = ListApp(RowList(COLUMNS))
    async with app.run_test() as pilot:
        app.rows.show(late)
        app.rows.show(early)
        while not app.shown:
            await pilot.pause()
        late.gate.set()
        await read(pilot, app)
        assert app.rows.count == 9


async def test_a_source_that_fails_is_told_and_the_app_lives() -> None:
    app = ListApp(RowList(COLUMNS, Broken(3)))
    async with app.run_test() as pilot:
        while not app.failed:
            await pilot.pause()
        assert any("Không đọc được" in line for line in app.lines())
        app.rows.show(people(3))
        assert app.lines()[1].startswith(">   Người 0")


async def test_raster_fonts_get_plain_symbols() -> None:
    rows = [Row("a", ("x" * 40, "1", ""), state="unsent"), Row("b", ("B", "1", ""), state="conflict")]
    app = ListApp(RowList(COLUMNS, ListSource(rows)))
    symbols.choose_symbols("ascii")
    try:
        async with app.run_test(size=(40, 6)):
            assert "".join(app.lines()).isascii() is False  # titles keep their letters
            assert all(line.isascii() for line in app.lines()[1:3])
            assert [line[1] for line in app.lines()[1:3]] == ["^", "#"]
    finally:
        symbols.choose_symbols("unicode")


async def test_the_right_edge_shows_where_one_is_and_a_click_on_it_goes_there() -> None:
    app = ListApp(RowList(COLUMNS, people(1000)))
    async with app.run_test(size=(80, 11)) as pilot:
        edge = [line[-1] for line in app.lines()]
        assert edge == [" ", "▐", *" " * 9]
        await pilot.press("end")
        assert [line[-1] for line in app.lines()] == [*" " * 10, "▐"]
        await pilot.click(app.rows, offset=(79, 1))
        assert app.rows.cursor == 0


@pytest.mark.parametrize(
    ("text", "width", "align", "shown"),
    [
        ("Đức", 5, "left", "Đức  "),
        ("Đức", 5, "right", "  Đức"),
        ("Đức", 6, "center", " Đức  "),
        ("Nguyễn Văn", 6, "left", "Nguyễ…"),
        ("Nguyễn Văn", 8, "left", "Nguyễn… "),
        ("漢字漢字", 4, "left", "漢… "),
        ("漢字漢字", 5, "left", "漢字…"),
        ("a\nb", 3, "left", "a b"),
    ],
)
def test_a_cell_has_exactly_its_width(text: str, width: int, align: str, shown: str) -> None:
    assert fit_text(text, width, align) == shown  # type: ignore[arg-type]
    if "\n" not in text:
        assert fit_rich(Text(text), width, align).plain == shown  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "width", "shown"),
    [
        ("Trần Thanh Hạnh", 15, "Trần Thanh Hạnh"),
        ("Trần Thanh Hạnh", 14, "Trần T. Hạnh"),
        ("Nguyễn Thị Thanh Hương", 20, "Nguyễn T. T. Hương"),
        ("Nguyễn Thị Thanh Hương", 14, "N. T. T. Hương"),
        ("Đặng Ơn", 6, "Đ. Ơn"),
        ("H'Hen Niê Kdăm", 12, "H. N. Kdăm"),
        ("2 ca: Lê Văn Thành", 16, "2 ca: Lê V. Thành"),
        ("Hoàng", 3, "Hoàng"),  # the list cuts what is left
        ("", 3, ""),
    ],
)
def test_a_name_that_is_too_long_keeps_the_given_name(name: str, width: int, shown: str) -> None:
    assert fit_name(name, width) == shown


def test_what_is_left_over_is_shared_by_flex() -> None:
    columns = (Column("a", "", 4, flex=1), Column("b", "", 4), Column("c", "", 4, flex=3))
    # 30 cells - 12 - 2 gaps = 16 left: 4 and 12
    assert fit_columns(columns, 30) == [(0, 8), (1, 4), (2, 16)]
