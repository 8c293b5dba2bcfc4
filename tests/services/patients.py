"""A patient at home in March 2022 for tests: a family of four, a case, two readings a day, HIV among the conditions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.services.door_to_door import WHO, family
from tui_app.bootstrap import Workspace
from tui_app.clock import new_id, pinned_clock
from tui_app.services.cases.cases import open_case
from tui_app.services.cases.observing import Vitals, record_vitals
from tui_app.services.people import people
from tui_app.settings import Places
from tui_app.store.engine import Store

FIRST = date(2022, 3, 15)  # day 0, one day after QĐ 604/QĐ-BYT came into force
PHONE, NATIONAL_ID = "+84903123456", "079061000123"


@dataclass(frozen=True, slots=True)
class Home:
    """A household with a patient. ``others``: who lives with them."""

    door: str
    person: str
    others: list[str]
    case: str


def at(store: Store, day: int, hour: int, minute: int = 0) -> datetime:
    """Let the store's clock stand on a day of the illness, Viet Nam time."""
    moment = datetime(FIRST.year, FIRST.month, FIRST.day, hour, minute) + timedelta(days=day)
    store.clock = pinned_clock(moment)
    return store.clock()


def home(store: Store, sex: str = "male", **facts: Any) -> Home:
    """Somebody of 61 with diabetes, high blood pressure and HIV, positive on day 0, followed from then on."""
    at(store, 0, 9)
    door, persons = family(store, "12 Lê Lợi", 4)
    people.save_person(
        store,
        WHO,
        {"sex": sex, "phone": PHONE, "national_id": NATIONAL_ID, "occupation": "Thợ mộc"},
        person=persons[0],
        risk_groups=frozenset({"elderly"}),
        conditions=frozenset({"diabetes", "hypertension", "hiv"}),
        restricted=True,
    )
    opened = open_case(
        store,
        WHO,
        persons[0],
        source="positive_test",
        started_on=FIRST,
        first_positive_on=FIRST,
        managed_by="Trạm Y tế phường Hòa Bình",
        followed_by="Tổ 3",
        facts={"basic_doses": 2, "last_dose_on": date(2021, 10, 2), "self_care": True, **facts},
    )
    return Home(door, persons[0], persons[1:], opened.case)


def reading(store: Store, case: str, day: int, hour: int, **vitals: Any) -> str:
    """A reading on a day of the illness; returns its id."""
    at(store, day, hour)
    return record_vitals(store, WHO, case, Vitals(**vitals)).observation


def week(store: Store, case: str) -> None:
    """Readings of four days: a blood pressure only once, an afternoon without any, a bad SpO2 at the end."""
    reading(
        store,
        case,
        0,
        10,
        temperature_c=37.5,
        pulse=88,
        respiratory_rate=18,
        spo2=97,
        symptoms=("cough",),
        signs=(),
    )
    reading(store, case, 0, 16, temperature_c=38.2, pulse=96, spo2=97, systolic_bp=128, diastolic_bp=82)
    reading(
        store, case, 1, 8, temperature_c=38.0, spo2=96, respiratory_rate=19, symptoms=("cough", "fatigue")
    )
    reading(store, case, 2, 8, spo2=95, pulse=101)
    reading(
        store,
        case,
        2,
        17,
        spo2=94,
        spo2_repeat=93,
        spo2_repeat_after=45,
        respiratory_rate=24,
        signs=("dyspnoea",),
    )


def desk(store: Store, folder: Path, user: str = WHO, role: str = "chief") -> Workspace:
    """The workspace of who makes papers."""
    opened: Any = SimpleNamespace(user=user, role=role)
    return Workspace(Places(folder), opened, store, store_clock(store), new_id)


def store_clock(store: Store) -> Any:
    """A clock that goes with the store's."""
    return lambda: store.clock().astimezone(UTC)
