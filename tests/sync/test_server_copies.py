"""Copied disks become devices of their own, keys are told once, and refusals are kept for the operator."""

from __future__ import annotations

import logging
from typing import Any

import httpx
import msgspec
import pytest

from sync.protocol import Enrolled, Scope
from sync.server import refusals
from sync.server.admin import revoke
from sync.server.database import DatabaseBusy
from tests.sync.meeting import Laptop, Meeting, names

UNIT, OTHER_UNIT, FAR = "27211/01", "27211/02", "27300/01"
AN, BO = "01930000-0000-7000-9000-0000000000aa", "01930000-0000-7000-9000-0000000000bb"


async def post(laptop: Laptop, path: str, **body: Any) -> httpx.Response:
    headers = laptop.headers | {"Content-Encoding": "identity"}
    return await laptop.meeting.http.post(path, json=body, headers=headers)


async def copied(laptop: Laptop, name: str = "máy chép") -> Laptop:
    answer = await post(laptop, "/v1/fork", device=name, public_key="K", signing_key="S")
    assert answer.status_code == 200, answer.text
    return Laptop(laptop.meeting, msgspec.json.decode(answer.content, type=Enrolled), laptop.user)


async def test_a_copied_disk_goes_on_as_a_device_of_its_own_with_the_same_areas_and_ops(
    meeting: Meeting,
) -> None:
    one = await meeting.laptop(UNIT, "chief")
    shared = one.op(UNIT, AN, names({"full_name": "An"}))
    waiting = one.op(UNIT, BO, names({"full_name": "Bo"}))
    await one.push(shared)
    clone = Laptop(meeting, Enrolled(device=one.device, token=one.token, scope=one.scope), one.user)
    mine = clone.op(UNIT, BO, names({"full_name": "Bò"}))  # n 1 was used by the original
    refused = await clone.push(mine)
    assert (refused.status, refused.problem) == (409, "device-forked")
    child = await copied(clone)
    assert child.device != one.device
    assert (child.scope.role, child.scope.user, [a.area for a in child.scope.areas]) == (
        "chief",
        "lan",
        [meeting.areas[UNIT]],
    )
    again = [msgspec.structs.replace(op, device=child.device) for op in (shared, waiting, mine)]
    answer = await child.push(*[msgspec.structs.replace(op, n=n) for n, op in enumerate(again, 1)])
    assert [r.result for r in answer.results] == ["duplicate", "applied", "conflict"]
    late = await one.push(waiting)  # the original sends what both disks held
    assert [r.result for r in late.results] == ["duplicate"]


async def test_revoking_a_laptop_ends_the_copies_of_its_disk_and_theirs(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    child = await copied(one)
    grandchild = await copied(child)
    other = await meeting.laptop(UNIT)
    revoke(meeting.database, one.device, now=meeting.clock())
    for laptop in (one, child, grandchild):
        answer = await meeting.http.get("/v1/scope", headers=laptop.headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "device-revoked")
    assert (await meeting.http.get("/v1/scope", headers=other.headers)).status_code == 200


async def test_a_copy_alone_is_revoked_alone(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    child = await copied(one)
    revoke(meeting.database, child.device, now=meeting.clock())
    assert (await meeting.http.get("/v1/scope", headers=one.headers)).status_code == 200
    assert (await meeting.http.get("/v1/scope", headers=child.headers)).status_code == 403


async def test_a_token_does_not_make_devices_without_end(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.server.copies.MAX_COPIES", 2)
    one = await meeting.laptop(UNIT)
    await copied(one)
    await copied(one)
    answer = await post(one, "/v1/fork", device="x")
    assert (answer.status_code, answer.json()["type"]) == (403, "too-many-copies")


async def test_keys_are_told_once_and_never_exchanged(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    with meeting.database.write() as tx:
        for name in ("sealing_public", "signing_public"):
            tx.run("DELETE FROM server_state WHERE name = :n", n=name)
            tx.run("INSERT INTO server_state (name, value) VALUES (:n, :v)", n=name, v=f"the {name}")
    told = await post(one, "/v1/keys", public_key="X", signing_key="E")
    scope = msgspec.json.decode(told.content, type=Scope)
    assert (scope.sealing_key, scope.signing_key) == ("the sealing_public", "the signing_public")
    assert (
        await post(one, "/v1/keys", public_key="X", signing_key="E")
    ).status_code == 200  # the answer was lost
    other = await post(one, "/v1/keys", public_key="Y", signing_key="E")
    assert (other.status_code, other.json()["type"]) == (409, "keys-known")
    for bad in ({}, {"public_key": "", "signing_key": "E"}, {"public_key": "a\0", "signing_key": "E"}):
        assert (await post(one, "/v1/keys", **bad)).json()["type"] == "bad-body"
    with meeting.database.read() as tx:
        found = tx.one("SELECT public_key, signing_key FROM device WHERE id = :d", d=one.device)
    assert found == ("X", "E")


async def test_a_server_without_keys_says_so_with_empty_ones(meeting: Meeting) -> None:
    with meeting.database.write() as tx:
        tx.run("DELETE FROM server_state WHERE name IN ('sealing_public', 'signing_public')")
    one = await meeting.laptop(UNIT)
    assert (one.scope.sealing_key, one.scope.signing_key) == ("", "")


def refused(meeting: Meeting) -> list[tuple[Any, ...]]:
    with meeting.database.read() as tx:
        return tx.all("SELECT commune, at, device, route, kind, area FROM refusal ORDER BY id")


async def test_refusals_are_kept_with_device_route_and_area(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    now = "2026-11-22T02:00:00.000Z"
    far = meeting.areas[FAR]
    await one.pull({far: ("", 0)})
    await meeting.http.get(f"/v1/snapshot/{far}", headers=one.headers)
    await meeting.http.get("/v1/history/person/x", headers=one.headers)
    await one.push(one.op(UNIT, AN, {}), epoch=99)
    assert refused(meeting) == [
        ("27211", now, one.device, "/v1/pull", "not-in-scope", far),
        ("27211", now, one.device, "/v1/snapshot/{area}", "not-in-scope", far),
        ("27211", now, one.device, "/v1/history/{type_name}/{record}", "not-in-scope", ""),
        ("27211", now, one.device, "/v1/push", "scope-changed", ""),
    ]


async def test_strangers_knocking_cost_one_line_a_second(meeting: Meeting) -> None:
    for _ in range(50):
        answer = await meeting.http.get(
            "/v1/scope", headers={"Authorization": "Bearer x", "Sync-Protocol": "1"}
        )
        assert answer.status_code == 401
    assert 1 <= len(refused(meeting)) < 50
    assert refused(meeting)[0][2:] == ("", "/v1/scope", "bad-token", "")


async def test_the_list_of_refusals_does_not_grow_without_end(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals, "KEPT", 10)
    monkeypatch.setattr(refusals, "_TRIM_EVERY", 5)
    kept = refusals.Refusals(meeting.database)
    for second in range(100):
        kept.note(f"2026-11-22T03:00:{second:03d}Z", "d", "/v1/pull", "not-in-scope", commune="27211")
    ats = [at for _, at, *_ in refused(meeting)]
    assert 10 <= len(ats) <= 15
    assert ats[-1] == "2026-11-22T03:00:099Z"


async def test_an_answer_does_not_wait_for_the_list(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    one = await meeting.laptop(UNIT)

    def busy(*args: Any, **values: Any) -> None:
        raise DatabaseBusy

    monkeypatch.setattr(refusals.Refusals, "note", busy)
    caplog.set_level(logging.INFO, "gonha.server")
    answer = await one.pull({meeting.areas[FAR]: ("", 0)})
    assert (answer.status, answer.problem) == (404, "not-in-scope")
    assert '"unkept": "DatabaseBusy"' in caplog.records[-1].message
