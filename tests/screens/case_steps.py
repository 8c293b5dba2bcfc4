"""Steps the tests of a case's forms share: a ward with patients, tests, doors; finding a card, a line, a value."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from textual.pilot import Pilot

from tests.screens.conftest import USER, type_burst
from tests.screens.f0_ward import HANG, MORNING, measured, three_patients
from tests.screens.street import household, person, press, rows, settle
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.services.cases import cases

KIEU = "Trần Thúy Kiều"


def case_ward(workspace: Workspace) -> None:
    """Three patients, Hằng with a danger sign this morning and two others at her door; Kiều tested positive yesterday
    and has no case."""
    found = three_patients(workspace)
    measured(workspace, found[HANG], MORNING, temperature_c=38.6, pulse=128, respiratory_rate=24, spo2=95)
    [(door,)] = _read(workspace, "SELECT id FROM household WHERE address = '9 Lê Lợi'")
    person(workspace, door, "Lê Văn Hai", birth_year=1949, sex="male")
    person(workspace, door, "Lê Thị Ba", birth_year=1980, sex="female")
    kieu = person(
        workspace, household(workspace, "44 Hai Bà Trưng"), KIEU, birth_date="1961-01-02", sex="female"
    )
    swab(workspace, kieu, MORNING - timedelta(days=1), "positive")


def _read(workspace: Workspace, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with workspace.store.read() as c:
        return [tuple(row) for row in c.execute(sql, values)]


def swab(workspace: Workspace, who: str, at: datetime, result: str, by: str = "") -> str:
    """A rapid test on a day."""
    with workspace.store.work(USER) as work:
        row = work.get("person", who)
        fields = {"person": who, "at": at, "method": "antigen", "result": result, "supervised_by": by or None}
        return work.create("test_result", fields, place=row)


async def type_in(app: GonhaApp, pilot: Pilot[None], text: str, *keys: str) -> None:
    """Type all of ``text`` at once (``\\r`` Enter, ``\\t`` Tab), then press keys."""
    await type_burst(app, text)
    await settle(app, pilot)
    if keys:
        await press(app, pilot, *keys)


async def card_of(app: GonhaApp, pilot: Pilot[None], words: str) -> None:
    """The F0 tab of somebody found by name."""
    await press(app, pilot, "f2", *words, "enter", "right_square_bracket")
    assert isinstance(app.screen, PersonCardScreen)


def case_of(app: GonhaApp, name: str, field: str) -> Any:
    [(value,)] = rows(
        app,
        f'SELECT k.{field} FROM "case" AS k JOIN person AS p ON p.id = k.person WHERE p.full_name = ?',
        name,
    )
    return value


def ended(app: GonhaApp, name: str, outcome: str, on: date) -> None:
    """A case that has ended."""
    cases.end_case(app.open_workspace.store, USER, case_of(app, name, "id"), outcome, on, "theo dõi đủ")


async def on_line(app: GonhaApp, pilot: Pilot[None], what: str, *keys: str) -> None:
    """Move to the first line that says ``what`` in its first column, then press keys."""
    names = [str(row.cells[0]) for row in app.screen.query_one("#case_rows").source.rows]  # type: ignore[attr-defined]
    await press(app, pilot, "home", *["down"] * names.index(what), *keys)
