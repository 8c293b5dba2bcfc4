"""A chief's day by keys, its figures worked out by hand (tests/e2e/test_chiefs_day.py is the same by commands).

Three doors of Lê Lợi on 02/03/2022: at 12 Hằng (positive the day before) and Tí, at 14 nobody is at home, at 16 Mai and
Nam are well. Tí is tested positive at the door: one new case that day, two altogether. The day is approved, closed and
reported at 17:30. On the next morning Mai turns out to have been positive on the 2nd: two new, three altogether, and
the report of the 3rd begins with three once the 2nd was filed again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import pytest
from textual.pilot import Pilot

from tests.screens.conftest import USER, type_burst
from tests.screens.hands import Hands
from tests.screens.street import at_work, household, line_with, person, press, rows, settle, shown
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM
from tui_app.services.cases import cases
from tui_app.services.sweeps import sweeps
from tui_app.services.sweeps.sweeps import Plan
from tui_app.settings import Places

DAY = date(2022, 3, 2)
HANG, TI, MAI = "Lê Thị Hằng", "Phạm Văn Tí", "Trần Thị Mai"


def march(day: int, hour: int, minute: int) -> datetime:
    """So late on a day of March 2022."""
    return datetime(2022, 3, day, hour, minute, tzinfo=VIETNAM)


@pytest.fixture
def clock() -> Hands:
    return Hands(march(2, 7, 5))


def positive(workspace: Workspace, name: str, on: date) -> None:
    """A case, as a team's laptop would bring it."""
    with workspace.store.read() as c:
        (who,) = c.execute("SELECT id FROM person WHERE full_name = ?", (name,)).fetchone()
    days = {"started_on": on, "first_positive_on": on}
    cases.open_case(workspace.store, USER, who, source="screening", **days)


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def made(workspace: Workspace) -> None:
        for number, names in ((12, (HANG, TI)), (14, ("Đỗ Minh Long",)), (16, (MAI, "Trần Nam"))):
            door = household(workspace, f"{number} Lê Lợi", alley="Lê Lợi")
            for name in names:
                person(workspace, door, name, birth_year=1980)
        positive(workspace, HANG, date(2022, 3, 1))
        plan = Plan(name="Rà soát", areas=("0190-area-1",), started_on=DAY, ended_on=DAY)
        sweeps.start(workspace.store, USER, plan)

    return made


async def to_report(app: GonhaApp, pilot: Pilot[None], day: str) -> None:
    """The daily report of a day, from the list of deadlines."""
    await press(app, pilot, "f6", "home")
    for line in shown(app).splitlines()[2:]:
        if "Báo cáo ngày" in line and day in line:
            await press(app, pilot, "enter")
            return
        await press(app, pilot, "down")
    pytest.fail(f"no report of {day}\n{shown(app)}")


def figures(app: GonhaApp, column: int = -1) -> tuple[int, int, int, int]:
    """Of F0 in the report that is shown: before, new, treated, altogether; in a column of numbers."""

    def number(words: str) -> int:
        line = next(line for line in shown(app).splitlines() if line.lstrip(" >!").startswith(words))
        return [int(word) for word in line.removeprefix(words).split() if word.isdigit()][column]

    return number("lũy kế trước "), number("phát sinh "), number("đang điều trị "), number("lũy kế  ")


async def test_from_the_roster_to_the_second_version(ward: Places, clock: Hands) -> None:
    async with at_work(ward, clock) as (app, pilot):
        # 07:05 the case of yesterday and three doors, all given to Tổ 1
        await press(app, pilot, "left_square_bracket", "home", "a", "g", "1")
        await type_burst(app, "Tổ 1\r")
        await settle(app, pilot)
        assert "4 việc · gấp trước" in shown(app)
        assert [shown(app).count(word) for word in ("Đến hạn", "Tổ 1")] == [4, 5 + 1]

        # the morning's reading, then from door to door
        clock.at(march(2, 8, 30))
        await press(app, pilot, "enter", "m")
        await type_burst(app, "368\t80\t18\t98")
        await press(app, pilot, "ctrl+s", "escape")
        assert "đo buổi sáng" in line_with(app, "●  Xong")
        await press(app, pilot, "home", "enter", "down", "1", "2", "plus", "f9", "ctrl+s")
        await press(app, pilot, "v")
        await press(app, pilot, "f9", "ctrl+s", "escape")
        assert rows(app, "SELECT outcome FROM household_visit ORDER BY id") == [
            ("met",),
            ("absent",),
            ("met",),
        ]
        assert "vắng 1 lần" in line_with(app, "nhà Đỗ Minh Long")
        positive(app.open_workspace, TI, DAY)

        # the evening: three visits, one reading, two cases
        clock.at(march(2, 17, 0))
        await press(app, pilot, "f8", "d")
        assert "Chưa duyệt 6" in shown(app)
        assert "Đã gặp · 1 dương tính · 1 không khỏe" in shown(app)
        await press(app, pilot, "c")
        assert "Chưa khóa được: còn 6 hồ sơ" in shown(app)
        await press(app, pilot, "d", "c", "c", "c")
        assert rows(app, "SELECT decision, count(*) FROM review GROUP BY decision ORDER BY decision") == [
            ("approved", 6),
            ("closed", 1),
        ]
        clock.at(march(2, 17, 30))
        await to_report(app, pilot, "02/03/2022")
        assert figures(app) == (1, 1, 2, 2)
        await press(app, pilot, "f")
        assert "Kỳ báo cáo chưa hết" in shown(app)
        await press(app, pilot, "c")
        assert "đã nộp lần 1" in shown(app).splitlines()[0]

        # the next morning brings a case of the day before
        clock.at(march(3, 7, 30))
        positive(app.open_workspace, MAI, DAY)
        await to_report(app, pilot, "03/03/2022")
        assert "lệch 1 ca" in shown(app)
        assert "nộp lại kỳ trước" in " ".join(shown(app).split())
        await to_report(app, pilot, "02/03/2022")
        assert (figures(app, 0), figures(app, 1)) == ((1, 2, 3, 3), (1, 1, 2, 2))
        await press(app, pilot, "f")
        await type_burst(app, "một ca báo muộn\r")
        await settle(app, pilot)
        assert rows(app, "SELECT version, reason FROM report ORDER BY version") == [
            (1, None),
            (2, "một ca báo muộn"),
        ]
        await to_report(app, pilot, "03/03/2022")
        assert figures(app) == (3, 0, 3, 3)
        assert "lệch" not in shown(app)
