"""Notes of access and the lease, with the real client against the real server."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sync.client import Link, Patience
from tests.sync.ward import Laptop, Ward, agreed, calm
from tests.sync.wire import unreachable
from tui_app.errors import NoLink, NotOpened
from tui_app.services.access import access, lease
from tui_app.services.access.lease import LeaseState
from tui_app.services.exchange.syncing import Synced, sync_now, sync_state
from tui_app.services.people import cards, finding, people

DAY = date(2026, 11, 22)


def person(laptop: Laptop) -> str:
    door = people.save_household(laptop.store, laptop.user, {"address": "12 Lê Lợi"}, area=laptop.area().area)
    return people.save_person(laptop.store, laptop.user, {"full_name": "Nguyễn Văn Đức"}, household=door)


def synced(laptop: Laptop, folder: Path) -> Synced:
    """A sync as the program does it, with its record of what happened."""
    places = SimpleNamespace(sync_lock=folder / f"{laptop.user}.lock")
    workspace: Any = SimpleNamespace(
        store=laptop.store, places=places, clock=laptop.clock, user=laptop.user, role="chief"
    )
    link = Link("http://server", laptop.device, laptop.token, transport=laptop.wire, now=laptop.clock)
    try:
        return sync_now(workspace, link=link, patience=Patience(tries=1))
    finally:
        link.close()


def test_who_opened_a_record_is_known_on_every_laptop_of_its_unit(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    one = person(lan)
    calm(lan, minh)
    access.note_opened(minh.store, "minh", "person", one)
    calm(lan, minh)
    agreed(ward, lan, minh)
    with lan.store.read() as c:
        (entry,) = access.entries(c, record=one)
        assert (entry.who, entry.what, entry.name) == ("minh", "open", "Nguyễn Văn Đức")
        assert cards.person_card(c, one, DAY, looks=True).looks == (entry,)


def test_notes_do_not_reach_a_laptop_of_another_unit(ward: Ward, lan: Laptop) -> None:
    other = ward.laptop("binh", "27211/02")
    one = person(lan)
    access.note_opened(lan.store, "lan", "person", one)
    lan.sync()
    other.sync()
    assert other.all("SELECT count(*) FROM access_entry") == [(0,)]


def test_the_figures_of_a_sync_are_those_of_the_work(
    ward: Ward, lan: Laptop, minh: Laptop, tmp_path: Path
) -> None:
    one = person(lan)
    for _ in range(2):
        access.unmasked(lan.store, "lan", one)
    done = synced(lan, tmp_path).summary
    assert (done.pushed, done.applied, done.pending) == (3, 3, 0), "a household, a person, the head"
    assert lan.counts()["acked"] == 5
    pulled = synced(minh, tmp_path).summary.pulled
    assert pulled == 2
    assert minh.all("SELECT count(*) FROM access_entry") == [(2,)]
    again = synced(lan, tmp_path).summary
    assert (again.pushed, again.pulled, again.pending) == (0, 0, 0)


def test_a_sync_without_a_link_counts_the_work_that_waits(ward: Ward, lan: Laptop, tmp_path: Path) -> None:
    one = person(lan)
    access.unmasked(lan.store, "lan", one)
    lan.wire.then = [("/v1/push", unreachable)]
    with pytest.raises(NoLink) as stopped:
        synced(lan, tmp_path)
    assert stopped.value.params["pending"] == 3
    with lan.store.read() as c:
        state = sync_state(c)
    assert (sum(state.waiting_by_type.values()), state.waiting_notes) == (3, 1)


def test_a_sync_that_brings_nothing_still_renews_the_lease(
    ward: Ward, lan: Laptop, minh: Laptop, tmp_path: Path
) -> None:
    one = person(lan)
    synced(lan, tmp_path)
    ward.clock.now = ward.clock.now.replace(month=12, day=6, hour=1)
    with lan.store.read() as c:
        assert {held.state for held in lease.leases(c)} == {LeaseState.ENDING}
    ward.clock.now = ward.clock.now.replace(hour=23)
    with lan.store.read() as c:
        assert {held.state for held in lease.leases(c)} == {LeaseState.ENDED}
        assert finding.search(c, "đức").locked == 1
        with pytest.raises(NotOpened):
            cards.person_card(c, one, DAY)
    synced(lan, tmp_path)
    with lan.store.read() as c:
        assert {(held.state, held.days_left) for held in lease.leases(c)} == {(LeaseState.FINE, 14)}
        assert cards.person_card(c, one, DAY).id == one


def test_a_locked_unit_still_sends_and_receives(
    ward: Ward, lan: Laptop, minh: Laptop, tmp_path: Path
) -> None:
    one = person(lan)
    calm(lan, minh)
    ward.clock.now = ward.clock.now.replace(month=12, day=20)
    people.save_person(lan.store, "lan", {"occupation": "thợ hồ"}, person=one)
    assert synced(lan, tmp_path).summary.pushed == 1
    synced(minh, tmp_path)
    row = minh.row("person", one)
    assert row is not None
    assert row.body["occupation"] == "thợ hồ"


def test_a_person_who_moves_leaves_the_notes_in_the_unit_where_they_were_made(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    from tui_app.services.people import moving

    one = person(lan)
    access.note_opened(lan.store, "lan", "person", one)
    new = people.save_household(lan.store, "lan", {"address": "7 Hàn Hải Nguyên"}, area=lan.area("02").area)
    moving.move_person(lan.store, "lan", one, new)
    access.note_opened(minh.store, "minh", "person", one)
    calm(lan, minh)
    agreed(ward, lan, minh)
    assert lan.all("SELECT area FROM access_entry WHERE who = 'lan'") == [(lan.area("01").area,)]
