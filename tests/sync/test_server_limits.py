"""What one laptop, one address and everybody together may ask; and that an honest team never notices."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sync.server.admin import invite
from sync.server.app import create_app
from sync.server.database import DatabaseBusy
from sync.server.envelope import Envelope
from sync.server.limits import Buckets, Gate, Limits, Tries, network_of, retry_after
from tests.sync.meeting import REGISTRY, Laptop, Meeting, names


class Ticks:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """These rules stand before every database."""
    return tmp_path / "server"


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def limited(meeting: Meeting, ticks: Ticks, **limits: Any) -> Envelope:
    """The meeting's server within limits."""
    import httpx

    app = create_app(
        meeting.database, REGISTRY, clock=meeting.clock, new_id=meeting.new_id, limits=Limits(**limits)
    )
    app.guard.gate = Gate(Limits(**limits), ticks)
    app.guard.ticks = ticks
    meeting.app = app
    meeting.transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    meeting.http = httpx.AsyncClient(transport=meeting.transport, base_url="http://server")
    return app


def from_address(meeting: Meeting, address: str) -> Any:
    import httpx

    transport = httpx.ASGITransport(meeting.app, client=(address, 5))
    return httpx.AsyncClient(transport=transport, base_url="http://server", headers={"Sync-Protocol": "1"})


# ---- the rules


def test_a_bucket_lets_a_burst_through_and_then_a_steady_rate(ticks: Ticks) -> None:
    buckets = Buckets(rate=2.0, burst=3, ticks=ticks)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.take("b") == 0, "everybody has their own"
    ticks.now += 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 0.5]
    ticks.now += 3600
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 0.5], "never more than the burst"


def test_keys_are_forgotten_before_they_fill_the_memory(
    ticks: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.server.limits.MAX_KEYS", 10)
    buckets = Buckets(rate=1.0, burst=1, ticks=ticks)
    for n in range(100):
        buckets.take(str(n))
    assert len(buckets._left) == 10


def test_wrong_codes_wait_longer_and_longer_and_a_right_one_ends_that(ticks: Ticks) -> None:
    tries = Tries(Limits(free_tries=3, longest_wait=60), ticks)
    assert [tries.begin("a") for _ in range(3)] == [0, 0, 0]
    waits = []
    for _ in range(8):
        waits.append(tries.begin("a"))
        ticks.now += waits[-1]
        assert tries.begin("a") == 0
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert tries.begin("b") == 0, "another address has not failed"
    ticks.now += 60
    assert tries.begin("a") == 0
    tries.good("a")
    assert [tries.begin("a") for _ in range(4)] == [0, 0, 0, 1]


def test_wrong_codes_from_everywhere_slow_everybody_down_a_little(ticks: Ticks) -> None:
    tries = Tries(Limits(free_tries=3), ticks)
    for n in range(100):
        assert tries.begin(f"10.0.0.{n}") == 0
    assert tries.begin("honest") == pytest.approx(1.0)
    ticks.now += 1.01
    assert tries.begin("honest") == 0
    worst = 0.0
    for n in range(3000):
        wait = tries.begin(f"10.1.{n >> 8}.{n & 255}")
        worst, ticks.now = max(worst, wait), ticks.now + wait
    assert worst <= 30
    ticks.now += 3600
    assert tries.begin("later") == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unix", "unix"),
    ],
)
def test_what_counts_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


def test_the_header_says_whole_seconds() -> None:
    assert [retry_after(seconds) for seconds in (0.01, 1.0, 1.2, 59.9)] == [1, 1, 2, 60]


# ---- in front of the routes


async def test_a_laptop_that_never_pauses_is_slowed_and_the_others_are_not(
    meeting: Meeting, ticks: Ticks
) -> None:
    limited(meeting, ticks, device_rate=1.0, device_burst=5)
    wild, calm = await meeting.laptop("27211/01"), await meeting.laptop("27211/01")
    await wild.push(), await calm.push()  # now their tokens are known
    answers = [await wild.push() for _ in range(7)]
    assert [a.status for a in answers] == [200] * 5 + [429] * 2
    assert (answers[-1].problem, answers[-1].response.headers["Retry-After"]) == ("too-fast", "1")
    assert answers[-1].response.headers["Sync-Protocol"] == "1", "a laptop sees that it is our server"
    assert (await calm.push()).status == 200
    ticks.now += 1
    assert [(await wild.push()).status for _ in range(2)] == [200, 429]


async def test_tokens_nobody_knows_share_what_their_address_has(meeting: Meeting, ticks: Ticks) -> None:
    limited(meeting, ticks, address_rate=1.0, address_burst=4)
    async with from_address(meeting, "203.0.113.7") as http:
        asked = [
            (await http.get("/v1/scope", headers={"Authorization": f"Bearer {n}"})).status_code
            for n in range(6)
        ]
    assert asked == [401] * 4 + [429] * 2
    async with from_address(meeting, "203.0.113.8") as http:
        assert (await http.get("/v1/hello")).status_code == 200


async def test_guessing_codes_has_to_wait_and_the_right_code_still_works_then(
    meeting: Meeting, ticks: Ticks
) -> None:
    limited(meeting, ticks, free_tries=3)
    code = invite(meeting.database, "lan", "member", "27211", now=meeting.clock()).code

    async def enrol(given: str) -> tuple[int, str]:
        answer = await meeting.http.post("/v1/enrol", json={"code": given}, headers={"Sync-Protocol": "1"})
        return answer.status_code, answer.headers.get("Retry-After", "")

    assert [await enrol(f"AAAA-BBBB-000{n}") for n in range(4)] == [(403, "")] * 3 + [(429, "1")]
    assert await enrol(code) == (429, "1"), "even a right code waits, or guessing would show"
    ticks.now += 1
    assert await enrol(code) == (200, "")
    assert await enrol("AAAA-BBBB-0009") == (403, "")


async def test_a_try_that_a_busy_server_did_not_look_at_is_not_held_against_anybody(
    meeting: Meeting, ticks: Ticks, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(meeting, ticks, free_tries=2)

    def busy(*_: Any) -> None:
        raise DatabaseBusy("locked")

    monkeypatch.setattr("sync.server.routes.enrol", busy)
    asked = [
        await meeting.http.post("/v1/enrol", json={"code": "A"}, headers={"Sync-Protocol": "1"})
        for _ in range(5)
    ]
    assert [answer.status_code for answer in asked] == [503] * 5


async def test_too_many_at_once_are_told_to_come_back(meeting: Meeting, ticks: Ticks) -> None:
    app = limited(meeting, ticks, max_requests=2, max_each=1)
    routes, go, waiting = app.guard.app, asyncio.Event(), asyncio.Queue[None]()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        waiting.put_nowait(None)
        await go.wait()
        await routes(scope, receive, send)

    app.guard.app = slow
    one, two, three = (from_address(meeting, f"203.0.113.{n}") for n in range(3))
    first = asyncio.create_task(one.get("/v1/hello"))
    await waiting.get()
    again = await one.get("/v1/hello")
    assert (again.status_code, again.json()["type"]) == (429, "too-many")
    second = asyncio.create_task(two.get("/v1/hello"))
    await waiting.get()
    third = await three.get("/v1/hello")
    assert (third.status_code, third.json()["type"], third.headers["Retry-After"]) == (503, "too-many", "2")
    go.set()
    assert [(await task).status_code for task in (first, second)] == [200, 200]
    assert (await three.get("/v1/hello")).status_code == 200
    for http in (one, two, three):
        await http.aclose()


async def test_a_server_that_stops_answers_newcomers_503(meeting: Meeting, ticks: Ticks) -> None:
    app = limited(meeting, ticks)
    one = await meeting.laptop("27211/01")
    app.guard.stopping = True
    answer = await one.push()
    assert (answer.status, answer.problem, answer.response.headers["Retry-After"]) == (503, "stopping", "5")
    assert (await meeting.http.get("/healthz")).status_code == 503


async def test_a_team_of_twenty_behind_one_address_never_notices_the_limits(meeting: Meeting) -> None:
    """Everybody enrols, asks and sends six batches, all at once and as fast as this server goes."""
    import time

    limited(meeting, Ticks())  # no time passes: nothing is ever refilled
    assert meeting.app.guard.gate is not None
    meeting.app.guard.ticks = time.monotonic

    async def work(user: str) -> list[int]:
        laptop: Laptop = await meeting.laptop("27211/01", user=user)
        statuses = []
        for n in range(6):
            await laptop.ask_scope()
            op = laptop.op("27211/01", meeting.new_id(), names({"full_name": f"{user} {n}"}))
            statuses += [(await laptop.push(op)).status, (await laptop.pull()).status]
        return statuses

    done = await asyncio.gather(*(work(f"u{n}") for n in range(20)))
    assert {status for statuses in done for status in statuses} == {200}
