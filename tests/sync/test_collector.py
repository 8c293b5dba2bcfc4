"""The search for garbage rests during a lot and goes on afterwards, whatever happens in it."""

import gc
from threading import Barrier, Thread

import pytest

from sync.client import collector


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
