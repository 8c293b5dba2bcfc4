"""The search for garbage rests during a lot and is as before afterwards, whatever happened in it."""

import gc
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest

from sync import collector


@pytest.fixture(autouse=True)
def nothing_set_aside(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tests themselves have set the program aside, and have it so again afterwards."""
    monkeypatch.setattr(collector, "_aside", False)
    monkeypatch.setattr(collector, "_tidied", False)
    gc.unfreeze()
    yield
    gc.freeze()


def test_it_goes_on_after_a_lot_that_failed() -> None:
    def fill_the_disk() -> None:
        with collector.resting():
            found.append(gc.isenabled())
            raise OSError("full")

    found = [gc.isenabled()]
    with pytest.raises(OSError, match="full"):
        fill_the_disk()
    assert [*found, gc.isenabled()] == [True, False, True]


def test_it_stays_off_where_somebody_had_turned_it_off() -> None:
    gc.disable()
    try:
        with collector.resting():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_program_that_syncs_is_set_aside_once_and_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking it back after each sync moved all garbage to where it is hardly ever looked for."""
    aside: list[None] = []
    freeze = gc.freeze
    monkeypatch.setattr(gc, "freeze", lambda: aside.append(freeze()))
    collector.only_new()
    collector.only_new()
    assert len(aside) == 1
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_it_is_tidied_up_once_however_often_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[None] = []
    monkeypatch.setattr(gc, "collect", lambda: looked.append(None))
    collector.only_new()
    collector.set_aside()
    collector.set_aside()
    collector.only_new()
    assert len(looked) == 1


def test_two_lots_at_once_leave_it_on() -> None:
    inside, done = Barrier(2), Barrier(2)

    def other() -> None:
        inside.wait()
        with collector.resting():
            done.wait()

    thread = Thread(target=other)
    thread.start()
    with collector.resting():
        inside.wait()
        done.wait()
    thread.join()
    assert gc.isenabled()
