"""Who changed a record, asked from the server that keeps it for good; what is here when there is no link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sync.client import Link
from tests.services.test_inbox import Ground, stop
from tests.services.test_receipts import server_receipt
from tests.services.test_resolving import desk
from tests.sync.wire import page, unreachable
from tui_app.errors import NotFound
from tui_app.services.exchange.record_history import RecordHistory, record_history
from tui_app.services.station import facts


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    yield made
    made.ward.close()


def told(ground: Ground, record: str = "") -> RecordHistory:
    lan = ground.lan
    link = Link("http://server", lan.device, lan.token, transport=lan.wire)
    return record_history(desk(lan), record or ground.door, link=link)


def forget_answers(ground: Ground) -> None:
    """As after thirty days."""
    with ground.lan.store.write() as c:
        c.execute("DELETE FROM outbox WHERE state = 'acked'")


@contextmanager
def counted(ground: Ground) -> Iterator[None]:
    """The server is asked once."""
    before = len(ground.lan.wire.asked)
    yield
    assert len(ground.lan.wire.asked) == before + 1


def test_receipts_of_long_ago_and_of_other_laptops_come_from_the_server(ground: Ground) -> None:
    minh = ground.ward.laptop("minh")
    minh.sync()
    minh.change("household", ground.door, note="đã xích chó")
    minh.sync()
    ground.lan.sync()
    forget_answers(ground)
    with counted(ground):
        found = told(ground)
    assert found.asked == "asked"
    given = server_receipt(ground, ground.door)
    assert [(one.who, one.result, one.fields, one.new) for one in found.changes] == [
        ("minh", "applied", ("note",), False),
        ("lan", "applied", ("address", "code", "note"), True),
    ]
    assert sorted(one.receipt for one in found.changes) == sorted(given)


def test_what_still_waits_here_stands_above_what_the_server_tells(ground: Ground) -> None:
    ground.lan.change("household", ground.door, alley="Ngõ 3")
    found = told(ground)
    assert [(one.result, bool(one.receipt)) for one in found.changes] == [
        ("unsent", False),
        ("applied", True),
    ]
    stop(ground.lan, "rejected", "bad-value", "alley")
    assert {one.result for one in told(ground).changes} == {"rejected", "applied"}


@pytest.mark.parametrize("trouble", [unreachable, page(200), page(502)])
def test_without_a_link_it_says_so_and_tells_what_is_here(ground: Ground, trouble: object) -> None:
    forget_answers(ground)
    ground.lan.change("household", ground.door, alley="Ngõ 3")
    ground.lan.wire.then = [("/v1/history", trouble)]  # type: ignore[list-item]
    found = told(ground)
    assert (found.asked, [one.fields for one in found.changes]) == ("no_link", [("alley",)])


def test_a_record_the_server_never_had_is_told_from_here(ground: Ground) -> None:
    made = ground.lan.create("household", address="99 Lê Lợi")
    found = told(ground, made)
    assert (found.asked, [one.result for one in found.changes]) == ("not_there", ["unsent"])


def test_a_workspace_without_a_server_asks_nobody(ground: Ground) -> None:
    with ground.lan.store.write() as c:
        facts.put(c, facts.SERVER, None)
    found = record_history(desk(ground.lan), ground.door)
    assert (found.asked, len(found.changes)) == ("no_server", 1)
    with pytest.raises(NotFound):
        record_history(desk(ground.lan), "nobody")
