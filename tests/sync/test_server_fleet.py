"""A chief's laptop learns of the commune's laptops: whose, last here when, with how much unsent; nobody else does."""

from __future__ import annotations

from typing import Any

import msgspec

from sync.client import NoLink
from sync.protocol import Scope
from sync.server import admin
from tests.sync.meeting import Meeting
from tests.sync.ward import Laptop as Client
from tests.sync.ward import Ward
from tests.sync.wire import unreachable

UNIT, OTHER_UNIT, FAR = "27211/01", "27211/02", "27300/01"


def told(scope: Scope) -> dict[str, tuple[int | None, list[str]]]:
    """user -> unsent, units."""
    assert scope.laptops is not None
    return {one.user: (one.waiting, one.areas) for one in scope.laptops}


async def test_only_a_chief_is_told_and_only_of_laptops_in_units_of_theirs(meeting: Meeting) -> None:
    chief = await meeting.laptop("27211", role="chief", user="thu")
    member = await meeting.laptop(UNIT, user="lan")
    other = await meeting.laptop(OTHER_UNIT, user="minh")
    far = await meeting.laptop(FAR, role="chief", user="xa")
    one, two = meeting.areas[UNIT], meeting.areas[OTHER_UNIT]
    everywhere = sorted([one, two])
    assert told(await chief.ask_scope()) == {
        "lan": (None, [one]),
        "minh": (None, [two]),
        "thu": (None, everywhere),
    }
    assert (await member.ask_scope()).laptops is None
    assert set(told(await far.ask_scope())) == {"xa"}
    half = await meeting.laptop(OTHER_UNIT, role="chief", user="hai")
    assert told(await half.ask_scope()) == {
        "hai": (None, [two]),
        "minh": (None, [two]),
        "thu": (None, [two]),
    }
    admin.revoke(meeting.database, other.device)
    assert "minh" not in told(await chief.ask_scope())


async def test_what_a_laptop_says_it_has_not_sent_is_told_with_the_moment(meeting: Meeting) -> None:
    chief = await meeting.laptop("27211", role="chief", user="thu")
    member = await meeting.laptop(UNIT, user="lan")
    await meeting.http.get("/v1/scope?waiting=34", headers=member.headers)
    meeting.clock.forward(minutes=1)
    (lan,) = (one for one in (await chief.ask_scope()).laptops or () if one.user == "lan")
    assert (lan.waiting, lan.told, lan.seen) == (34, "2026-11-22T02:00:00.000Z", "2026-11-22T02:00:00.000Z")
    await meeting.http.get("/v1/scope", headers=member.headers)  # an older laptop says nothing of it
    assert told(await chief.ask_scope())["lan"][0] == 34
    bad = await meeting.http.get("/v1/scope?waiting=many", headers=member.headers)
    assert bad.status_code == 400


def unsent(ward: Ward, client: Client) -> Any:
    return ward.all("SELECT waiting FROM device WHERE id = :id", id=client.device)[0][0]


def test_a_sync_tells_what_it_will_not_have_sent(ward: Ward) -> None:
    lan = ward.laptop("lan")
    lan.sync()
    assert unsent(ward, lan) == 0
    lan.create("household", address="12 Lê Lợi")
    lan.create("household", address="14 Lê Lợi")
    lan.wire.then = [("/v1/push", unreachable)]
    assert isinstance(lan.tried(), NoLink)
    assert unsent(ward, lan) == 2
    lan.sync()
    assert unsent(ward, lan) == 0


def test_an_older_server_tells_no_laptops() -> None:
    answer = b'{"device":"d","user":"thu","role":"chief","epoch":1,"lease_days":14,"areas":[]}'
    assert msgspec.json.decode(answer, type=Scope).laptops is None
