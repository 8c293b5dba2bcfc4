"""What a station chose, from which day on, and who may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.services.laptop_alone import laptop
from tui_app.bootstrap import Workspace
from tui_app.errors import InvalidFields, NotOpened
from tui_app.services.station.station_values import CUT_OFF, choice, keep_value, station_value
from tui_app.store.engine import CHIEF

BEFORE, DAY, AFTER = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Workspace]:
    made = laptop(tmp_path)
    made.store.role = CHIEF
    yield made
    made.store.close()


def test_a_choice_holds_from_its_day_on_and_the_usual_one_before(alone: Workspace) -> None:
    ident = keep_value(alone.store, "lan", CUT_OFF, "16:00", DAY, "Công văn 12")
    with alone.store.read() as c:
        usual, kept, later = (choice(c, CUT_OFF, day) for day in (BEFORE, DAY, AFTER))
        assert station_value(c, CUT_OFF, BEFORE) is None
    assert (usual.value, usual.as_of, usual.id) == ("00:00", None, "")
    assert (kept.value, kept.as_of, kept.source, kept.id) == ("16:00", DAY, "Công văn 12", ident)
    assert later == kept


def test_a_later_one_takes_its_place_and_the_same_day_is_one_row(alone: Workspace) -> None:
    keep_value(alone.store, "lan", "population", "12400", BEFORE, "Niên giám")
    first = keep_value(alone.store, "lan", "population", "12500", DAY)
    assert keep_value(alone.store, "lan", "population", "12501", DAY, "Công an") == first
    with alone.store.read() as c:
        found = [station_value(c, "population", day) for day in (BEFORE, AFTER)]
    assert [one.value for one in found if one] == ["12400", "12501"]


@pytest.mark.parametrize(("value", "day"), [("17:00", DAY), ("", DAY), ("16:00", date(2026, 11, 23))])
def test_what_is_no_choice_or_is_to_come_is_refused(alone: Workspace, value: str, day: date) -> None:
    with pytest.raises(InvalidFields):
        keep_value(alone.store, "lan", CUT_OFF, value, day)


def test_a_member_chooses_nothing(alone: Workspace) -> None:
    alone.store.role = "member"
    with pytest.raises(NotOpened):
        keep_value(alone.store, "lan", CUT_OFF, "16:00")
