"""One sync as a service: what happened is written down whatever its end, and what needs a person is shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sync.client import Link, Patience
from sync.server import admin
from tests.sync.ward import Laptop, Ward, calm
from tests.sync.wire import cut, page, unreachable
from tui_app.bootstrap import Workspace
from tui_app.clock import new_id
from tui_app.errors import GonhaError, NoLink, SyncRefused, VaultBusy
from tui_app.services.exchange import bundle_keys, syncing
from tui_app.services.exchange.link import notes
from tui_app.services.station import facts
from tui_app.settings import Places
from tui_app.store.filelock import file_lock


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    yield made
    made.close()


@pytest.fixture
def lan(ward: Ward) -> Laptop:
    laptop = ward.laptop("lan")
    laptop.sync()
    return laptop


def workspace(laptop: Laptop) -> Workspace:
    opened: Any = SimpleNamespace(user=laptop.user, role="chief")
    return Workspace(Places(laptop.store.path.parent), opened, laptop.store, laptop.clock, new_id)


def run(laptop: Laptop, **more: Any) -> syncing.Synced:
    link = Link("http://server", laptop.device, laptop.token, transport=laptop.wire, now=laptop.clock)
    given = {"patience": Patience(tries=1)} | more
    return syncing.sync_now(workspace(laptop), link=link, **given)


def state(laptop: Laptop) -> syncing.SyncState:
    with laptop.store.read() as c:
        return syncing.sync_state(c)


def test_a_sync_that_came_to_its_end_is_noted_with_its_figures(lan: Laptop) -> None:
    lan.create("household", address="12 Lê Lợi")
    synced = run(lan)
    assert (synced.summary.pushed, synced.waits_for_person) == (1, False)
    (session,) = state(lan).sessions
    assert session.outcome == "done"
    assert (session.figures["pushed"], session.figures["pending"]) == (1, 0)
    assert "areas" not in session.figures


@pytest.mark.parametrize(
    ("path", "fault", "outcome", "error"),
    [
        ("/v1/scope", unreachable, "no_link", NoLink),
        ("/v1/push", cut(50), "no_link", NoLink),
        ("/v1/push", page(200), "stopped", NoLink),
    ],
    ids=["nobody", "cut", "login-page"],
)
def test_a_sync_that_stopped_says_how_far_it_came(
    lan: Laptop, path: str, fault: Any, outcome: str, error: type[GonhaError]
) -> None:
    lan.create("household", address="12 Lê Lợi")
    lan.wire.then = [(path, fault)]
    with pytest.raises(error, match="còn 1") as stopped:
        run(lan)
    assert stopped.value.exit_code == 3
    (session,) = state(lan).sessions
    assert (session.outcome, session.figures["pushed"], session.figures["pending"]) == (outcome, 0, 1)
    assert state(lan).waiting_by_type == {"household": 1}


def test_a_refusal_is_noted_as_one(ward: Ward, lan: Laptop) -> None:
    admin.revoke(ward.database, lan.device)
    with pytest.raises(SyncRefused) as refused:
        run(lan)
    assert refused.value.exit_code == 1
    assert [session.outcome for session in state(lan).sessions] == ["refused"]


def test_a_person_may_stop_it(lan: Laptop) -> None:
    with pytest.raises(GonhaError) as stopped:
        run(lan, cancelled=lambda: True)
    assert stopped.value.key == "link.cancelled"
    assert [session.outcome for session in state(lan).sessions] == ["stopped"]


def test_a_second_sync_at_the_same_time_is_refused_and_touches_nothing(lan: Laptop) -> None:
    asked = len(lan.wire.asked)
    with file_lock(workspace(lan).places.sync_lock, 1.0, "link.already_running"), pytest.raises(VaultBusy):
        run(lan)
    assert len(lan.wire.asked) == asked
    assert state(lan).sessions == []
    run(lan)


def test_progress_is_told_step_by_step(lan: Laptop) -> None:
    lan.create("household", address="12 Lê Lợi")
    steps: list[str] = []
    run(lan, progress=lambda progress: steps.append(progress.step))
    assert list(dict.fromkeys(steps)) == ["scope", "push", "pull", "check"]


def test_answered_ops_are_kept_thirty_days(ward: Ward, lan: Laptop) -> None:
    lan.create("household", address="12 Lê Lợi")
    run(lan)
    ward.clock.now = ward.clock.now.replace(month=12, day=21)
    run(lan)
    assert lan.counts()["acked"] == 1
    ward.clock.now = ward.clock.now.replace(month=12, day=23)
    run(lan)
    assert lan.counts()["acked"] == 0


def test_an_open_conflict_waits_for_a_person_and_a_settled_one_does_not(ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    door = lan.create("household", address="12 Lê Lợi", phone="+84903000001")
    who = lan.create("person", full_name="Lê Thị Hằng", household=door, birth_year=1955)
    calm(lan, minh)
    for laptop, phone, year in ((lan, "+84903000002", 1956), (minh, "+84903000003", 1957)):
        laptop.change("person", who, birth_year=year)
        laptop.change("household", door, phone=phone)
    lan.sync()
    synced = run(minh)
    assert (synced.summary.merged, synced.summary.conflicts, synced.open_conflicts) == (1, 1, 1)
    assert synced.waits_for_person
    found = state(minh)
    assert found.sessions[0].outcome == "waiting"
    assert found.open_conflicts == 1, "the telephone settled by itself"
    assert not run(minh).summary.pushed
    assert state(minh).sessions[0].outcome == "waiting", "it still does"


def test_a_rejected_change_waits_for_a_person(lan: Laptop) -> None:
    door = lan.create("household", address="12 Lê Lợi")
    with lan.store.write() as c:
        c.execute("""UPDATE outbox SET "set" = json_set("set", '$.gone', json('[null, "moved"]'))""")
    synced = run(lan)
    assert synced.waits_for_person
    assert state(lan).counts["rejected"] == 1
    (stopped,) = lan.all("SELECT type, record, reason, field FROM outbox WHERE state = 'rejected'")
    assert stopped == ("household", door, "reserved-field", "gone")


def test_facts_are_kept_and_forgotten(lan: Laptop) -> None:
    with lan.store.write() as c:
        facts.put(c, "scope_epoch", 3)
        facts.put(c, "server", "http://một")
        facts.put(c, "server", None)
    with lan.store.read() as c:
        assert (facts.get(c, "scope_epoch"), facts.get(c, "server"), facts.get(c, "token", "")) == (
            3,
            None,
            "",
        )


def test_a_sync_tries_again_by_itself(lan: Laptop) -> None:
    lan.create("household", address="12 Lê Lợi")
    lan.wire.then = [("/v1/push", cut(50)), ("/v1/push", unreachable)]
    pauses: list[float] = []
    synced = run(lan, patience=Patience(pause=pauses.append))
    assert (synced.summary.pushed, synced.summary.retries) == (1, 2)
    assert pauses
    assert state(lan).sessions[0].figures["retries"] == 2


def test_a_clock_that_is_wrong_is_noted_and_said(ward: Ward, lan: Laptop) -> None:
    lan.create("household", address="12 Lê Lợi")
    lan.clock = lambda: ward.clock() - timedelta(minutes=10)
    synced = run(lan)
    (note,) = notes(synced.summary)
    assert "lệch 10 phút" in note
    assert "chậm hơn" in note
    assert state(lan).sessions[0].figures["clock"] == "warn"


def test_a_copy_keeps_its_new_name_token_and_keys(ward: Ward, lan: Laptop) -> None:
    with lan.store.write() as c:
        facts.put(c, facts.DEVICE, lan.device)
        facts.put(c, facts.TOKEN, lan.token)
    place = lan.area()
    ward.do(
        "INSERT INTO op (commune, id, area, device, n, type, record, changes, base_seq, at, who, corrected,"
        " received, result, reason, field, seq, receipt) VALUES (:c, 'other', :a, :d, 1, 'household', 'h', '{}',"
        " 0, '', 'lan', '', '', 'applied', '', '', 1, '')",
        c=place.commune,
        a=place.area,
        d=lan.device,
    )
    with lan.store.read() as c:
        (n,) = c.execute("SELECT coalesce(max(n), 0) + 1 FROM outbox").fetchone()
    ward.do("UPDATE op SET n = :n WHERE id = 'other'", n=n)
    lan.create("household", address="12 Lê Lợi")
    synced = run(lan)
    assert synced.summary.forked
    assert any("bản sao" in note for note in notes(synced.summary))
    with lan.store.read() as c:
        device, token = facts.get(c, facts.DEVICE), facts.get(c, facts.TOKEN)
        assert bundle_keys.own(c) is not None
    assert device != lan.device
    lan.device, lan.token = device, token
    assert run(lan).summary.pending == 0
