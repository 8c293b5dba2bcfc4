"""What a laptop of one area is told about another one: nothing, in the same words as about what does not exist.

Beside the conversation of tests.sync.test_server_scope these are the routes that name an area or a record in their
address, and the ones that write. Every route of the server is either asked here or there, or needs no area at all.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from tests.sync.meeting import Laptop, Meeting

OURS, THEIRS = "27211/01", "27211/02"
PERSON = "01930000-0000-7000-8000-00000000beef"
UNKNOWN_PERSON = "01930000-0000-7000-8000-00000000dead"
UNKNOWN_AREA = "01930000-0000-7000-8000-00000000f00d"
SECRETS = ("Bí Mật Tuyệt Đối", "84999888777", "ghi chú kín", "Tổ dân phố 2", "hằng-máy-lạ")
ASKED_HERE = {"/v1/snapshot/{area}", "/v1/history/{type_name}/{record}", "/v1/fork", "/v1/keys", "/v1/enrol"}
ASKED_THERE = {"/v1/push", "/v1/pull", "/v1/scope", "/v1/hello"}
WITHOUT_AREA = {"/healthz", "/metrics"}


@pytest.fixture
async def two(tmp_path: Path) -> Any:
    meeting = Meeting(tmp_path / "server")
    owner = await meeting.laptop(THEIRS, user="hằng-máy-lạ")
    spy = await meeting.laptop(OURS, user="spy")
    fields = {"full_name": "Bí Mật Tuyệt Đối", "phone": "+84999888777", "note": "ghi chú kín"}
    await owner.push(owner.op(THEIRS, PERSON, {name: (None, value) for name, value in fields.items()}))
    await owner.push(owner.op(THEIRS, PERSON, {"note": ("ghi chú kín", "ghi chú kín hơn")}, base_seq=2))
    yield meeting, spy, owner
    await meeting.close()


async def told(
    meeting: Meeting, spy: Laptop, method: str, path: str, **more: Any
) -> tuple[int, dict[str, str], bytes]:
    headers = {name: value for name, value in spy.headers.items() if name != "Content-Encoding"}
    headers |= more.pop("headers", {}) | {"Accept-Encoding": "identity"}
    answer = await meeting.http.request(method, path, headers=headers, **more)
    return answer.status_code, dict(answer.headers), answer.content


async def test_addresses_of_a_foreign_area_and_of_none_are_answered_alike(two: Any) -> None:
    meeting, spy, _ = two
    area = meeting.areas[THEIRS]
    for real, made_up in [
        (f"/v1/snapshot/{area}", f"/v1/snapshot/{UNKNOWN_AREA}"),
        (f"/v1/snapshot/{area}?part=rest", f"/v1/snapshot/{UNKNOWN_AREA}?part=rest"),
        (f"/v1/snapshot/{area}?part=none", f"/v1/snapshot/{UNKNOWN_AREA}?part=none"),
        (f"/v1/history/person/{PERSON}", f"/v1/history/person/{UNKNOWN_PERSON}"),
        (f"/v1/history/area/{area}", f"/v1/history/area/{UNKNOWN_AREA}"),
        (f"/v1/history/no_type/{PERSON}", f"/v1/history/no_type/{UNKNOWN_PERSON}"),
    ]:
        for headers in ({}, {"Range": "bytes=0-99"}, {"If-None-Match": '"guess-1-first"'}):
            one = await told(meeting, spy, "GET", real, headers=headers)
            other = await told(meeting, spy, "GET", made_up, headers=headers)
            assert one[0] in (400, 404)
            swapped = one[2].replace(area.encode(), UNKNOWN_AREA.encode())
            assert (one[0], one[1], swapped) == other, real


async def test_nothing_of_a_foreign_area_is_in_any_answer_or_log_line(
    two: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    meeting, spy, owner = two
    area = meeting.areas[THEIRS]
    said = [
        await told(meeting, spy, "GET", path)
        for path in (
            f"/v1/snapshot/{area}",
            f"/v1/snapshot/{meeting.areas[OURS]}",
            f"/v1/snapshot/{meeting.areas[OURS]}?part=rest",
            f"/v1/history/person/{PERSON}",
            "/v1/scope",
            "/metrics",
            "/healthz",
            "/v1/nothing",
        )
    ]
    said += [
        await told(meeting, spy, "POST", "/v1/enrol", json={"code": "AAAA-BBBB-CCCC"}),
        await told(meeting, spy, "POST", "/v1/keys", json={"public_key": "", "signing_key": ""}),
        await told(meeting, spy, "POST", "/v1/fork", json={"device": "máy hai"}),
        await told(meeting, spy, "POST", "/v1/pull", json={"cursors": {area: ["", 0]}}),
    ]
    whole = b"\n".join(repr(headers).encode() + body for _, headers, body in said).decode(errors="replace")
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("gonha"))
    assert '"route": "/v1/history' in logged
    for secret in (*SECRETS, owner.device, owner.token):
        assert secret not in whole, secret
        assert secret not in logged, secret
    assert PERSON not in logged
    assert PERSON not in whole.replace(f"/v1/history/person/{PERSON}", "")


async def test_every_route_is_asked_somewhere(two: Any) -> None:
    meeting, _, _ = two
    app = meeting.app
    while hasattr(app, "app"):
        app = app.app
    assert set(app.openapi()["paths"]) <= ASKED_HERE | ASKED_THERE | WITHOUT_AREA
