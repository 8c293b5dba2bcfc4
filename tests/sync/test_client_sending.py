"""Sending in batches: the answers to one are written while the next is under way, and nothing counts before it is."""

from __future__ import annotations

from typing import Any

import pytest

from sync import outbox
from tests.sync.ward import Laptop, Ward, agreed
from tests.sync.wire import Ask, unreachable


@pytest.fixture
def lan(ward: Ward) -> Laptop:
    laptop = ward.laptop("lan")
    laptop.sync()
    for number in range(450):
        laptop.create("household", address=f"{number} Lê Lợi")
    return laptop


def test_while_one_batch_is_under_way_the_next_is_ready(ward: Ward, lan: Laptop) -> None:
    sent: list[int] = []

    def look(ask: Ask) -> Any:
        answer = ask()
        found = lan.counts()  # one look: answers are written meanwhile
        sent.append(found["sent"] + found["acked"])
        return answer

    lan.wire.then = [("/v1/push", look)] * 3
    assert lan.sync().pushed == 450
    assert sent[-1] == 450
    assert lan.wire.asked.count("/v1/push") == 3
    agreed(ward, lan)


def test_answers_that_cannot_be_written_are_not_counted(
    ward: Ward, lan: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = outbox.answer, []

    def full(*given: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("no space left")
        real(*given)

    monkeypatch.setattr(outbox, "answer", full)
    with pytest.raises(OSError, match="no space"):
        lan.sync()
    assert lan.counts()["acked"] == 100
    monkeypatch.undo()
    done = lan.sync()
    assert (done.pushed, done.pending) == (350, 0)
    assert len(ward.server_ops()) == 452  # with the two units
    agreed(ward, lan)


def test_a_batch_made_ready_is_sent_in_its_order_after_a_cut(ward: Ward, lan: Laptop) -> None:
    lan.wire.then = [("/v1/push", lambda ask: ask()), ("/v1/push", unreachable)]
    stopped = lan.tried()
    assert stopped is not None
    assert (stopped.summary.pushed, stopped.summary.pending) == (100, 350)
    assert lan.sync().pushed == 350
    numbers = [int(n) for (n,) in _ops(ward, lan.device)]
    assert numbers == sorted(numbers)
    agreed(ward, lan)


def _ops(ward: Ward, device: str) -> list[tuple[Any, ...]]:
    with ward.database.read() as tx:
        return tx.all("SELECT n FROM op WHERE device = :device ORDER BY seq", device=device)
