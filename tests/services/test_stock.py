"""A station's medicine: what is on hand is counted from what moved, and what cannot be right is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import pytest

from sync import outbox
from tests.conftest import AREA, KEY
from tests.services.door_to_door import WHO, later
from tests.services.patients import home
from tui_app.errors import InvalidFields
from tui_app.services.treatment import medicine, stock
from tui_app.services.treatment.medicine import Giving, Saved
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows, table

KIT = "hcmc_a"


def left(store: Store, item: str = KIT) -> stock.Stock:
    with store.read() as c:
        return stock.on_hand(c, item)


def lots(store: Store) -> dict[str, float]:
    return {lot.lot: lot.on_hand for lot in left(store).lots}


def test_received_and_spoiled_and_sent_back_is_what_is_left(store: Store) -> None:
    stock.receive(store, WHO, KIT, 20, lot="A1", expires_on=date(2026, 12, 31))
    stock.spoil(store, WHO, KIT, 3, lot="A1", note="ướt mưa")
    stock.send_back(store, WHO, KIT, 5, lot="A1")
    assert left(store).on_hand == 12
    assert lots(store) == {"A1": 12}


def test_what_is_spoiled_needs_a_reason(store: Store) -> None:
    with pytest.raises(InvalidFields):
        stock.spoil(store, WHO, KIT, 1)
    assert left(store).on_hand == 0


@pytest.mark.parametrize("quantity", [0, -2])
def test_nothing_comes_in_is_refused(store: Store, quantity: float) -> None:
    with pytest.raises(InvalidFields):
        stock.receive(store, WHO, KIT, quantity)


def test_a_count_that_differs_needs_an_explanation_and_then_is_what_is_there(store: Store) -> None:
    stock.receive(store, WHO, KIT, 20, lot="A1")
    with pytest.raises(InvalidFields) as refused:
        stock.count(store, WHO, KIT, 17, lot="A1")
    assert "20" in str(refused.value)
    assert "17" in str(refused.value)
    assert stock.count(store, WHO, KIT, 17, lot="A1", note="cấp chưa ghi") == -3
    later(store, hours=1)
    stock.receive(store, WHO, KIT, 2, lot="A1")
    assert left(store).on_hand == 19


def test_a_count_of_the_whole_item_keeps_the_lots_that_are_known(store: Store) -> None:
    stock.receive(store, WHO, KIT, 10, lot="A1")
    stock.receive(store, WHO, KIT, 5, lot="B2")
    assert stock.count(store, WHO, KIT, 12, note="mất ba túi") == -3
    assert left(store).on_hand == 12
    assert lots(store) == {"": -3, "A1": 10, "B2": 5}
    assert not left(store).off


def test_a_count_that_agrees_needs_no_words(store: Store) -> None:
    stock.receive(store, WHO, KIT, 4)
    assert stock.count(store, WHO, KIT, 4) == 0


def test_less_than_nothing_is_shown_as_it_is(store: Store) -> None:
    stock.spoil(store, WHO, KIT, 2, lot="A1", note="hết hạn")
    assert left(store).on_hand == -2
    assert left(store).off
    with store.read() as c:
        assert [one.item for one in stock.low(c)] == [KIT]


def test_an_item_runs_low_at_its_limit_and_not_above(store: Store) -> None:
    stock.keep_item(store, WHO, KIT, unit="túi", low_at=5)
    stock.receive(store, WHO, KIT, 6)
    with store.read() as c:
        assert stock.low(c) == []
    stock.spoil(store, WHO, KIT, 1, note="rách")
    with store.read() as c:
        (low,) = stock.low(c)
    assert (low.item, low.unit, low.on_hand, low.low) == (KIT, "túi", 5, True)


def test_an_item_kept_twice_is_one_row_and_keeps_what_was_not_said_again(store: Store) -> None:
    first = stock.keep_item(store, WHO, KIT, unit="túi", low_at=5)
    assert stock.keep_item(store, WHO, KIT, low_at=8) == first
    assert (left(store).unit, left(store).low_at) == ("túi", 8)


def test_a_lot_that_runs_out_of_date_within_a_month_is_listed_while_any_is_left(store: Store) -> None:
    stock.receive(store, WHO, KIT, 3, lot="A1", expires_on=date(2026, 12, 22))
    stock.receive(store, WHO, KIT, 3, lot="B2", expires_on=date(2026, 12, 23))
    today = date(2026, 11, 22)
    with store.read() as c:
        assert [lot.lot for _, lot in stock.expiring(c, today, 30)] == ["A1"]
    stock.spoil(store, WHO, KIT, 3, lot="A1", note="sắp hết hạn")
    with store.read() as c:
        assert stock.expiring(c, today, 30) == []


class TestTeams:
    """A team's laptop holds its own unit only; the chief's holds another one too, where the station's rows lie."""

    STATION = msgspec.structs.replace(AREA, id="0190-area-0", area="0190-area-0")

    @pytest.fixture
    def chief(self, store: Store) -> Store:
        with store.write() as c:
            RecordRows().upsert(c, [self.STATION])
            outbox.hold_area(c, self.STATION.area, self.STATION.commune, "write")
        return store

    @pytest.fixture
    def team(self, tmp_path: Path, chief: Store) -> Iterator[Store]:
        store = Store(tmp_path / "team.db", KEY, create=True)
        with store.write() as c:
            RecordRows().upsert(c, [AREA])
            outbox.hold_area(c, AREA.area, AREA.commune, "write")
        store.role, store.clock = "member", chief.clock
        yield store
        store.close()

    def given(self, team: Store) -> Saved:
        giving = Giving(item=KIT, quantity=3)
        return medicine.give(team, "minh", home(team).case, giving)

    def test_the_chief_sees_what_every_team_gave_of_the_one_stock(self, chief: Store, team: Store) -> None:
        stock.receive(chief, WHO, KIT, 10)
        self.given(team)
        with team.read() as c:
            sent = list(table("stock_movement").where(c))
        with chief.write() as c:
            RecordRows().upsert(c, sent)
        assert (left(chief).on_hand, left(chief).known) == (7, True)

    def test_what_is_left_is_not_known_where_nothing_came_in(self, team: Store) -> None:
        saved = self.given(team)
        assert saved.left is None, "it is no fault in the books"
        assert (left(team).known, left(team).off, left(team).low) == (False, False, False)
        with team.read() as c:
            assert stock.low(c) == []

    def test_a_team_with_a_cabinet_of_its_own_keeps_its_books(self, team: Store) -> None:
        stock.receive(team, "minh", KIT, 2)
        saved = self.given(team)
        assert saved.left is not None
        assert (saved.left.on_hand, saved.left.off) == (-1, True)
