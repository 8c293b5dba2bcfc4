"""A laptop with a few patients in February 2022, when QĐ 261 and QĐ 250 were in force (rules §2.0)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sync.protocol import Row
from tests.services.laptop_alone import HandClock, laptop, live
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM
from tui_app.services.cases import board, cases, observing
from tui_app.services.cases.board import BoardLine
from tui_app.services.cases.observing import Recorded, Vitals
from tui_app.store.rows import table

DAY = date(2022, 2, 20)
WELL = Vitals(temperature_c=36.8, pulse=80, respiratory_rate=18, spo2=98, symptoms=(), signs=())
"""No limit of QĐ 261 or QĐ 250 is reached: RR < 20, SpO2 > 96, pulse 50–120 (rules §2.5, §2.6)."""


class CareWard:
    """A workspace, its clock and the shortest ways to make a patient and look at one."""

    def __init__(self, folder: Path) -> None:
        self.workspace: Workspace = laptop(folder)
        self.store, self.who = self.workspace.store, self.workspace.user
        self.at(DAY, 8)
        self.door = self._create(
            "household", address="12 Lê Lợi", alley="hẻm 45", walk_order=1, phone="+84903000001"
        )

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Set the clock, Viet Nam time."""
        clock = self.workspace.clock
        assert isinstance(clock, HandClock)
        clock.now = datetime(day.year, day.month, day.day, hour, minute, tzinfo=VIETNAM).astimezone(UTC)
        return clock.now

    @property
    def now(self) -> datetime:
        return self.workspace.clock()

    def person(self, name: str = "Lê Thị Hằng", **fields: Any) -> str:
        born = {} if "birth_year" in fields else {"birth_date": "1980-05-01"}
        return self._create("person", full_name=name, household=self.door, sex="female", **born, **fields)

    def case(self, person: str | None = None, **more: Any) -> str:
        """An open case that began today with its first positive day."""
        today = self.now.astimezone(VIETNAM).date()
        given = {"source": "screening", "started_on": today, "first_positive_on": today, **more}
        return cases.open_case(self.store, self.who, person or self.person(), **given).case

    def measure(self, case: str, vitals: Vitals = WELL, **more: Any) -> Recorded:
        return observing.record_vitals(self.store, self.who, case, vitals, **more)

    def board(self, as_of: datetime | None = None) -> list[BoardLine]:
        with self.store.read() as c:
            return board.board(c, self.now, as_of=as_of)

    def line(self, case: str, as_of: datetime | None = None) -> BoardLine:
        return next(line for line in self.board(as_of) if line.case == case)

    def rows(self, type_name: str, condition: str = "1", *values: Any) -> list[Row]:
        return live(self.workspace, type_name, condition, *values)

    def row(self, type_name: str, ident: str) -> Row:
        with self.store.read() as c:
            return table(type_name).read(c, [ident])[ident]

    def events(self, case: str) -> list[tuple[str, str | None, str | None]]:
        """Kind, was, became of the events of a case, in the order they were written."""
        found = self.rows("case_event", '"case" = ? ORDER BY at, rowid', case)
        return [(row.body["event"], row.body.get("was"), row.body.get("became")) for row in found]

    def test(self, person: str, result: str, day: date, **fields: Any) -> str:
        at = datetime(day.year, day.month, day.day, 9, tzinfo=VIETNAM)
        said = {"person": person, "result": result, "at": at, "method": "antigen"}
        return self._create("test_result", **said | fields)

    def close(self) -> None:
        self.workspace.close()

    def _create(self, type_name: str, **fields: Any) -> str:
        with self.store.work(self.who) as work:
            place = next(table("area").where(work.connection, "unit_code = '01'"))
            return work.create(type_name, fields, place=place)
