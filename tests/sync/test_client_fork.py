"""A copied disk: both laptops go on, the copy under a name of its own, and every word of both arrives once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.client import NoLink, Refused
from sync.server import admin
from tests.sync.test_client import refusal, shown
from tests.sync.ward import Laptop, Ward, agreed, calm
from tests.sync.wire import lost


@pytest.fixture
def twin(ward: Ward, lan: Laptop, tmp_path: Path) -> Iterator[Laptop]:
    """The copy, made while an op waited; since then the first laptop has sent something else."""
    lan.create("household", address="0 Lê Lợi")
    (tmp_path / "twin").mkdir()
    for file in tmp_path.glob("lan.db*"):
        (tmp_path / "twin" / file.name).write_bytes(file.read_bytes())
    copy = Laptop(tmp_path / "twin" / "lan.db", "lan", lan.wire, lan.device, lan.token, lan.clock)
    lan.create("household", address="1 Lê Lợi")
    lan.sync()
    yield copy
    copy.store.close()


def addresses(laptop: Laptop) -> list[str]:
    return sorted(address for (address,) in laptop.all("SELECT address FROM household"))


def test_the_copy_gets_a_name_of_its_own_and_goes_on(ward: Ward, lan: Laptop, twin: Laptop) -> None:
    twin.create("household", address="2 Lê Lợi")
    done = twin.sync()
    assert (done.forked, done.pushed, done.pending, done.conflicts) == (True, 2, 0, 0)
    assert twin.device != lan.device
    again = twin.sync()
    assert (again.forked, again.pending) == (False, 0)
    calm(lan, twin)
    agreed(ward, lan, twin)
    assert addresses(lan) == ["0 Lê Lợi", "1 Lê Lợi", "2 Lê Lợi"]
    ops = ward.all("SELECT record, count(*) FROM op WHERE type = 'household' GROUP BY record")
    assert [count for _, count in ops] == [1, 1, 1], "what both had in their outbox arrived once"


def test_a_fork_whose_answer_is_lost_is_done_again(ward: Ward, lan: Laptop, twin: Laptop) -> None:
    twin.create("household", address="2 Lê Lợi")
    twin.wire.then = [("/v1/fork", lost)]
    stopped = twin.tried()
    assert isinstance(stopped, NoLink)
    assert stopped.summary.pending == 2
    assert twin.device == lan.device
    assert twin.sync().forked
    calm(lan, twin)
    agreed(ward, lan, twin)


def test_a_server_that_knows_no_copies_says_so_and_everything_waits(
    ward: Ward, lan: Laptop, twin: Laptop
) -> None:
    twin.create("household", address="2 Lê Lợi")
    twin.wire.then = [("/v1/fork", refusal(404, "not-found"))]
    stopped = twin.tried()
    assert isinstance(stopped, Refused)
    assert (stopped.status, stopped.problem) == (409, "device-forked")
    assert "copied disk" in shown(stopped)
    assert stopped.summary.pending == 2


def test_revoking_the_first_takes_the_copy_along(ward: Ward, lan: Laptop, twin: Laptop) -> None:
    twin.create("household", address="2 Lê Lợi")
    twin.sync()
    twin.create("household", address="3 Lê Lợi")
    admin.revoke(ward.database, lan.device)
    stopped = twin.tried()
    assert isinstance(stopped, Refused)
    assert (stopped.status, stopped.problem) == (403, "device-revoked")
    assert twin.counts()["new"] == 1
