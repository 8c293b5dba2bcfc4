"""The cells of the grid, typed into as fast as keys come."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from tests.screens.conftest import type_burst
from tui_app.keys import OrderedKeys
from tui_app.rules.age import Age
from tui_app.services.cases.board import BoardLine, Standing
from tui_app.widgets.vitals_lines import VitalsLine
from tui_app.widgets.vitals_table import VitalsTable

NAMES = ("Lê Thị Hằng", "Phạm Văn Tí", "Nguyễn Thị Hoa", "Trần Văn Minh")


def patient(name: str) -> BoardLine:
    return BoardLine(
        case=name,
        person=name,
        household="",
        full_name=name,
        age=Age(71 * 12, 71 * 12),
        sex="female",
        phone="•••456",
        address="12 Lê Lợi",
        unit="Khu phố 1",
        day=5,
        place="home",
        followed_by="lan",
        managed_by="",
        severity_grade="mild",
        risk_class="",
        standing=Standing.DUE,
        why=(),
        alert=None,
        alert_at=None,
        alert_late=False,
        spo2=(97, 96, 95),
        temperature_c=37.0,
        respiratory_rate=18,
        pulse=88,
        measured={},
        last_at=None,
        last_slot=None,
        no_answer=0,
    )


class TableApp(OrderedKeys[None]):
    """Four patients, nothing measured."""

    def __init__(self) -> None:
        super().__init__()
        self.vitals = [VitalsLine(patient(name)) for name in NAMES]
        self.left: list[tuple[str, dict[str, str]]] = []
        self.refused: list[str] = []

    def compose(self) -> ComposeResult:
        yield VitalsTable()

    def on_mount(self) -> None:
        self.table.show_lines(self.vitals, "2026-11-22")
        self.table.focus()

    @property
    def table(self) -> VitalsTable:
        return self.query_one(VitalsTable)

    @on(VitalsTable.Left)
    def note_left(self, message: VitalsTable.Left) -> None:
        self.left.append((message.line.patient.full_name, dict(message.line.typed)))
        message.line.saved = dict(message.line.typed)

    @on(VitalsTable.Refused)
    def note_refused(self, message: VitalsTable.Refused) -> None:
        self.refused.append(message.why)

    def typed(self, place: int) -> dict[str, str]:
        return self.vitals[place].typed

    def shown(self, place: int) -> str:
        return self.table.render_line(place + 1).text


async def test_values_typed_ahead_land_in_three_cells() -> None:
    app = TableApp()
    async with app.run_test():
        await type_burst(app, "37.5\t96\t22")
        assert app.typed(0) == {"temperature_c": "37,5", "pulse": "96", "respiratory_rate": "22"}
        assert "37,5" in app.shown(0)


async def test_a_whole_row_takes_twelve_keys_with_the_way_to_the_next_patient() -> None:
    app = TableApp()
    async with app.run_test():
        keys = "37588\t18\t97\r"
        assert len(keys) == 12
        await type_burst(app, keys)
        assert app.left == [
            (NAMES[0], {"temperature_c": "37,5", "pulse": "88", "respiratory_rate": "18", "spo2": "97"})
        ]
        assert (app.table.cursor, app.table.field) == (1, "temperature_c")


async def test_the_implied_comma_is_seen_before_it_counts_and_can_be_taken_back() -> None:
    app = TableApp()
    async with app.run_test():
        await type_burst(app, "375")
        assert "37,5" in app.shown(0)
        assert app.left == []
        await type_burst(app, "\x7f8")
        assert app.typed(0) == {"temperature_c": "37,8"}


async def test_a_tab_behind_a_full_temperature_is_one_step() -> None:
    app = TableApp()
    async with app.run_test():
        await type_burst(app, "375\t\t18")
        assert app.typed(0) == {"temperature_c": "37,5", "respiratory_rate": "18"}


async def test_a_column_is_typed_down_with_enter() -> None:
    app = TableApp()
    async with app.run_test() as pilot:
        await pilot.press("right", "right", "right")
        await type_burst(app, "97\r96\r100\r")
        assert [app.typed(place) for place in range(3)] == [{"spo2": "97"}, {"spo2": "96"}, {"spo2": "100"}]


async def test_enter_goes_back_to_where_the_row_began() -> None:
    app = TableApp()
    async with app.run_test():
        await type_burst(app, "\t88\t18\r")
        assert app.typed(0) == {"pulse": "88", "respiratory_rate": "18"}
        assert (app.table.cursor, app.table.field) == (1, "temperature_c")


async def test_the_cell_under_the_cursor_is_marked_without_colour() -> None:
    app = TableApp()
    async with app.run_test():
        await type_burst(app, "375\t8")
        marked = [
            segment.text for segment in app.table.render_line(1) if segment.style and segment.style.reverse
        ]
        assert marked == ["    8"]
