"""Who gets in, what they may use, and that nothing of a stranger's area ever leaves the server."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from typing import Any

import httpx
import msgspec
import pytest

from sync.framing import CutBody, read_lines
from sync.protocol import Enrolled
from sync.server.admin import devices, invite, revoke
from sync.server.areas import areas_import
from sync.server.problems import AdminError
from tests.sync.meeting import REGISTRY, Laptop, Meeting

UNIT, OTHER_UNIT, FAR = "27211/01", "27211/02", "27300/01"
SPOKEN = {"Sync-Protocol": "1"}
AN = "01930000-0000-7000-9000-0000000000aa"


async def ask(meeting: Meeting, code: str) -> httpx.Response:
    return await meeting.http.post("/v1/enrol", json={"code": code, "device": "máy trạm"}, headers=SPOKEN)


async def test_hello_needs_no_token_and_says_what_is_spoken(meeting: Meeting) -> None:
    answer = await meeting.http.get("/v1/hello")
    assert answer.json() == {
        "name": "gonha",
        "protocols": [1],
        "schemas": [1, 1],
        "oldest_pull": 1,
        "max_ops": 2000,
        "max_bytes": 1048576,
        "now": "2026-11-22T02:00:00.000Z",
    }
    assert (await meeting.http.get("/healthz")).json() == {"ok": True}


async def test_every_answer_carries_the_three_headers(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    answers = [
        await meeting.http.get("/v1/hello"),
        await meeting.http.get("/nowhere"),
        await meeting.http.get("/v1/push"),
        await meeting.http.post("/v1/push"),
        (await one.push()).response,
        (await one.pull()).response,
    ]
    for answer in answers:
        assert answer.headers["Server-Time"] == "2026-11-22T02:00:00.000Z"
        assert answer.headers["Sync-Protocol"] == "1"
    assert [answer.headers["Scope-Epoch"] for answer in answers] == ["0", "0", "0", "0", "1", "1"]
    assert [answer.status_code for answer in answers] == [200, 404, 405, 400, 200, 200]
    for answer in answers[1:4]:
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_code_makes_one_laptop_and_the_token_is_kept_only_as_a_hash(meeting: Meeting) -> None:
    code = invite(meeting.database, "lan", "member", UNIT, now=meeting.clock()).code
    answer = await ask(meeting, f" {code.lower().replace('-', ' ')} ")
    enrolled = msgspec.json.decode(answer.content, type=Enrolled)
    assert [area.area for area in enrolled.scope.areas] == [meeting.areas[UNIT]]
    assert (enrolled.scope.user, enrolled.scope.role, enrolled.scope.epoch) == ("lan", "member", 1)
    assert len(enrolled.token) == 43
    again = await ask(meeting, code)
    assert (again.status_code, again.json()["type"]) == (403, "code-used")
    with meeting.database.read() as tx:
        kept = repr(tx.all("SELECT * FROM device") + tx.all("SELECT * FROM invite"))
    assert enrolled.token not in kept
    assert code not in kept
    (device,) = devices(meeting.database)
    assert (device.id, device.user, device.label, device.areas) == (enrolled.device, "lan", "máy trạm", 1)


async def test_codes_expire_after_seven_days_and_unknown_ones_are_refused(meeting: Meeting) -> None:
    code = invite(meeting.database, "lan", "member", UNIT, now=meeting.clock()).code
    meeting.clock.forward(days=7, seconds=1)
    late = await ask(meeting, code)
    assert (late.status_code, late.json()["type"]) == (403, "code-expired")
    unknown = await ask(meeting, "AAAA-BBBB-CCCC")
    assert (unknown.status_code, unknown.json()["type"]) == (403, "bad-code")


async def test_a_code_used_twice_at_the_same_moment_makes_one_laptop(meeting: Meeting) -> None:
    code = invite(meeting.database, "lan", "member", UNIT, now=meeting.clock()).code
    answers = await asyncio.gather(*(ask(meeting, code) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [200, 403, 403, 403, 403, 403]
    assert len(devices(meeting.database)) == 1


async def test_tokens_missing_wrong_and_revoked(meeting: Meeting) -> None:
    one = await meeting.laptop(UNIT)
    for headers, status, problem in [
        ({}, 401, "no-token"),
        ({"Authorization": "Basic x"}, 401, "no-token"),
        ({"Authorization": "Bearer wrong"}, 401, "bad-token"),
    ]:
        answer = await meeting.http.get("/v1/scope", headers=SPOKEN | headers)
        assert (answer.status_code, answer.json()["type"]) == (status, problem)
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    revoke(meeting.database, one.device, now=meeting.clock())
    for answer in (await one.push(one.op(UNIT, AN, {"note": (None, "x")})), await one.pull()):
        assert (answer.status, answer.problem) == (403, "device-revoked")
    with pytest.raises(AdminError):
        revoke(meeting.database, "nobody")


async def test_a_whole_commune_includes_units_added_later_and_raises_the_epoch(meeting: Meeting) -> None:
    chief, member = await meeting.laptop("27211", role="chief"), await meeting.laptop(UNIT)
    assert [area.commune for area in chief.scope.areas] == ["27211", "27211"]
    more = ["commune_code,commune_name,unit_code,unit_name", "27211,Phường Bến Nghé,03,Tổ dân phố 3"]
    areas_import(meeting.database, REGISTRY, more, now=meeting.clock())
    refused = await chief.push(epoch=1)
    assert refused.problem == "scope-changed"
    assert refused.response.headers["Scope-Epoch"] == "2"
    scope = await chief.ask_scope()
    assert (scope.epoch, len(scope.areas), scope.lease_days) == (2, 3, 14)
    assert (await member.ask_scope()).epoch == 1


# ---- the leak test

SECRET = {
    "full_name": (None, "Bí Mật Tuyệt Đối"),
    "phone": (None, "+84999888777"),
    "birth_year": (None, 1911),
}
NEEDLES = ["Bí Mật", "84999888777", "1911", "kín"]


async def conversation(
    meeting: Meeting, spy: Laptop, area: str, commune: str, op_id: str, record: str
) -> list[bytes]:
    """Everything a curious laptop can ask about ``area``, and what it is told: status, headers, body as
    sent."""
    place = f"{commune}/{area}"
    ops = [
        spy.op(place, record, {"full_name": (None, "x")}, area=area, id=op_id),
        spy.op(place, record, {"phone": ("+1", "+2")}, area=area, base_seq=1),
        spy.op(UNIT, record, {"note": (None, "n")}, id=f"{op_id}-own"),
        spy.op(place, area, {"unit_name": (None, "x")}, type="area", area=area),
    ]
    told: list[bytes] = []
    mine = meeting.areas[UNIT]
    asked: list[Any] = [
        await spy.push(ops[0]),
        await spy.push(ops[1]),
        await spy.push(ops[3]),
        await spy.pull({area: ("", 0)}),
        await spy.pull({area: ("guess", 1)}),
        await spy.pull({mine: ("", 0), area: ("", 0)}),
    ]
    for answer in asked:
        head = {k: v for k, v in answer.response.headers.items() if k != "content-length"}
        body = answer.lines or json.loads(answer.response.content)
        told.append(repr((answer.status, head, body)).encode())
    return told


async def test_an_unknown_and_a_forbidden_area_look_the_same(meeting: Meeting) -> None:
    owner, spy = await meeting.laptop("27211/02,27300/01"), await meeting.laptop(UNIT, user="spy")
    hidden = {place: owner.op(place, AN, SECRET) for place in (OTHER_UNIT, FAR)}
    await owner.push(*hidden.values())
    for place, op in hidden.items():
        commune, area = place.partition("/")[0], meeting.areas[place]
        real = await conversation(meeting, spy, area, commune, op.id, AN)
        made_up_area = "01930000-0000-7000-8000-0000000fffff"
        other_id = "01930000-0000-7000-8000-0000000eeeee"
        made_up = await conversation(meeting, spy, made_up_area, commune, f"{other_id}-{place[-5:-3]}", AN)
        swaps = [(area, "AREA"), (made_up_area, "AREA"), (op.id, "OP"), (f"{other_id}-{place[-5:-3]}", "OP")]
        assert [plain(a, swaps) for a in real] == [plain(b, swaps) for b in made_up]


def plain(told: bytes, swaps: list[tuple[str, str]]) -> str:
    """What was told, without the names the asker brought along and its own counters."""
    text = told.decode()
    for real, word in swaps:
        text = text.replace(real, word)
    text = re.sub(r"n=\d+", "n=N", text)
    return re.sub(r"01930000-0000-7000-8000-\d{12}", "ID", text)


async def test_no_byte_of_a_strangers_area_reaches_a_laptop_or_the_log(
    meeting: Meeting, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    owner, spy = await meeting.laptop(OTHER_UNIT), await meeting.laptop(UNIT, user="spy")
    await owner.push(owner.op(OTHER_UNIT, AN, SECRET), owner.op(OTHER_UNIT, "kin", {"note": (None, "kín")}))
    # The same id in its own area is its own record.
    await spy.push(spy.op(UNIT, AN, {"full_name": (None, "Của tôi")}))
    caught: list[bytes] = []
    send = meeting.transport.handle_async_request

    async def tapped(request: httpx.Request) -> httpx.Response:
        response = await send(request)
        raw = b"".join([chunk async for chunk in response.stream])  # type: ignore[union-attr]
        caught.append(repr(response.headers).encode() + raw)
        encoding = response.headers.get("content-encoding", "identity")
        if encoding != "identity":
            try:
                caught.extend(read_lines([raw], encoding))
            except CutBody:
                caught.append(b"cut")
        return httpx.Response(response.status_code, headers=response.headers, stream=httpx.ByteStream(raw))

    meeting.transport.handle_async_request = tapped  # type: ignore[method-assign]
    area = meeting.areas[OTHER_UNIT]
    await conversation(meeting, spy, area, "27211", "01930000-0000-7000-8000-000000000abc", AN)
    await spy.ask_scope()
    await spy.pull()
    await meeting.http.get("/v1/hello")
    assert len(caught) > 20
    seen = b"\n".join(caught).decode(errors="replace")
    assert "Của tôi" in seen
    for needle in [*NEEDLES, area, "Tổ dân phố 2"]:
        assert needle not in seen, needle
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("gonha"))
    assert '"route": "/v1/push"' in logged
    for needle in [*NEEDLES, "Của tôi", spy.token, owner.token, area, AN]:
        assert needle not in logged, needle


async def test_an_unforeseen_error_is_a_problem_and_the_log_says_only_kind_and_place(
    meeting: Meeting, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    one = await meeting.laptop(UNIT)

    def broken(*_: Any) -> None:
        raise ValueError("Bí Mật Tuyệt Đối")

    monkeypatch.setattr("sync.server.routes.push", broken)
    answer = await one.push(one.op(UNIT, AN, SECRET))
    assert (answer.status, answer.problem) == (500, "failed")
    assert answer.response.headers["Sync-Protocol"] == "1"
    logged = [json.loads(r.getMessage()) for r in caplog.records if r.name == "gonha.server"]
    assert logged[-1]["failed"] == "ValueError"
    assert "Bí Mật" not in caplog.text
