"""Patients followed at home on the street of `tests.screens.street`, and short ways to read what became of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from tests.screens.conftest import USER
from tests.screens.street import household, person, rows
from tui_app.app import GonhaApp
from tui_app.bootstrap import Workspace
from tui_app.clock import VIETNAM, pinned_clock
from tui_app.screens.frame.unhurried import UnhurriedScreen
from tui_app.services.cases import cases, observing
from tui_app.services.cases.observing import Recorded, Vitals

MORNING = datetime(2022, 2, 20, 9, 5, tzinfo=VIETNAM)
"""A day under QĐ 261/QĐ-BYT (31/01/2022): adult SpO2 ≤ 96, breathing ≥ 20, pulse > 120 or < 50 (rules §2.5)."""
HANG, TI, HOA, MINH = "Lê Thị Hằng", "Phạm Văn Tí", "Nguyễn Thị Hoa", "Trần Văn Minh"


def patient(
    workspace: Workspace, name: str, year: int, address: str, *, followed_by: str = USER, **fields: Any
) -> str:
    """Somebody with a positive test on 15/02/2022, followed at home; the answer is the case."""
    door = household(workspace, address)
    who = person(workspace, door, name, birth_date=f"{year}-03-04", sex="female", **fields)
    opened = cases.open_case(
        workspace.store,
        USER,
        who,
        source="positive_test",
        started_on=date(2022, 2, 15),
        first_positive_on=date(2022, 2, 15),
        followed_by=followed_by,
    )
    return opened.case


def measured(workspace: Workspace, case: str, at: datetime, **vitals: Any) -> Recorded:
    """A reading taken at ``at``, by the laptop's clock of that moment."""
    store, now = workspace.store, workspace.store.clock
    store.clock = pinned_clock(at)
    try:
        return observing.record_vitals(store, USER, case, Vitals(**vitals), at=at)
    finally:
        store.clock = now


def three_patients(workspace: Workspace) -> dict[str, str]:
    """Name -> case: Hằng (71), whose SpO2 falls from day to day, Tí (44) and Hoa (31), steady. None was measured this
    morning; Hoa is followed by Minh."""
    found = {
        HANG: patient(workspace, HANG, 1951, "9 Lê Lợi", phone="+84903123456"),
        TI: patient(workspace, TI, 1978, "12 Lê Lợi", phone="+84912345678"),
        HOA: patient(workspace, HOA, 1990, "20 Lê Lợi", followed_by="minh"),
    }
    evening = MORNING.replace(hour=16) - timedelta(days=1)
    for days, falling in ((2, 98), (1, 98), (0, 97)):
        at = evening - timedelta(days=days)
        measured(workspace, found[HANG], at, temperature_c=37.4, pulse=88, respiratory_rate=18, spo2=falling)
        measured(workspace, found[TI], at, temperature_c=37.0, pulse=80, respiratory_rate=17, spo2=98)
        measured(workspace, found[HOA], at, temperature_c=36.8, pulse=76, respiratory_rate=16, spo2=99)
    return found


def readings(app: GonhaApp, name: str) -> list[tuple[Any, ...]]:
    """This morning's rows of a patient, as written: temperature, pulse, breaths, SpO2, the second SpO2."""
    return rows(
        app,
        "SELECT o.temperature_c, o.pulse, o.respiratory_rate, o.spo2, o.spo2_repeat FROM observation AS o"
        " JOIN person AS p ON p.id = o.person WHERE p.full_name = ? AND o.slot_on = '2022-02-20' ORDER BY o.id",
        name,
    )


def alert_states(app: GonhaApp) -> list[tuple[Any, ...]]:
    """State and whom it was told, of every alert, oldest first."""
    return rows(app, "SELECT state, told_to FROM alert ORDER BY at, id")


async def silence(app: GonhaApp) -> None:
    """Wait until the question above would take a key."""
    assert isinstance(app.screen, UnhurriedScreen), app.screen
    await app.screen.ready.wait()
