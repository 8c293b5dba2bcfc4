"""The server as a process is told to stop while a push is under way."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from sync.framing import encode_body, read_lines
from sync.protocol import Enrolled, Header, Op, PushAnswerLine, Result, Trailer, to_wire
from sync.server import admin
from tests.e2e.laptops import Server
from tests.sync.serving import dial, rest
from tui_app.clock import new_id, system_clock

NAME = "Hồ Thị Dang Dở"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.wait(10)


def push_of_one(server: Server) -> tuple[bytes, bytes, str]:
    """Head and body of a push by a new laptop, and the op's id."""
    code = server.invite("lan")
    answer = httpx.post(f"{server.url}/v1/enrol", json={"code": code}, headers={"Sync-Protocol": "1"})
    enrolled = msgspec.json.decode(answer.content, type=Enrolled)
    now, area = to_wire(system_clock()), enrolled.scope.areas[0]
    op = Op(
        id=new_id(),
        device=enrolled.device,
        n=1,
        commune=area.commune,
        area=area.area,
        type="person",
        record=new_id(),
        at=now,
        who="lan",
        set={"full_name": (None, NAME)},
    )
    lines = [
        Header(kind="push", device=enrolled.device, epoch=enrolled.scope.epoch, now=now),
        op,
        Trailer(count=1),
    ]
    body = encode_body(map(msgspec.json.encode, lines))
    head = (
        "POST /v1/push HTTP/1.1\r\nHost: x\r\nSync-Protocol: 1\r\nContent-Encoding: zstd\r\n"
        f"Authorization: Bearer {enrolled.token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode(), body, op.id


def wait_until_inside(server: Server) -> None:
    """Until the server counts the push beside the question itself."""
    give_up = time.monotonic() + 20
    while "gonha_requests_under_way 2\n" not in httpx.get(f"{server.url}/metrics").text:
        assert time.monotonic() < give_up


def wait_until_stopping(server: Server) -> httpx.Response:
    """Until newcomers are turned away; what they are told."""
    give_up = time.monotonic() + 20
    while (answer := httpx.get(f"{server.url}/v1/hello")).status_code == 200:
        assert time.monotonic() < give_up
    return answer


def log_lines(server: Server, route: str) -> list[dict[str, object]]:
    lines = server.log.read_text(encoding="utf-8").splitlines()
    entries = [json.loads(line) for line in lines if line.startswith("{")]
    return [entry for entry in entries if entry["route"] == route]


def test_sigterm_finishes_the_push_under_way_and_turns_newcomers_away(server: Server) -> None:
    head, body, op = push_of_one(server)
    with dial(server.url) as wire:
        wire.sendall(head + body[:10])
        wait_until_inside(server)
        server.process.send_signal(signal.SIGTERM)
        answer = wait_until_stopping(server)
        assert (answer.status_code, answer.json()["type"]) == (503, "stopping")
        assert answer.headers["Retry-After"] == "5"
        assert server.process.poll() is None
        wire.sendall(body[10:])
        answered, _, lines = rest(wire).partition(b"\r\n\r\n")
    assert answered.startswith(b"HTTP/1.1 200")
    results = [msgspec.json.decode(line, type=PushAnswerLine) for line in read_lines([lines], "identity")]
    assert [line.result for line in results if isinstance(line, Result)] == ["applied"]
    assert server.process.wait(15) == 0
    database = admin.open_database(server.folder)
    with database.read() as tx:
        assert tx.one("SELECT result FROM op WHERE id = :id", id=op) == ("applied",)
    database.close()
    assert NAME not in server.log.read_text(encoding="utf-8")
    assert [entry["status"] for entry in log_lines(server, "/v1/push")] == [200]


def test_a_second_signal_does_not_wait_and_nothing_of_the_push_is_there(server: Server) -> None:
    head, body, op = push_of_one(server)
    with dial(server.url) as wire:
        wire.sendall(head + body[:10])
        wait_until_inside(server)
        server.process.send_signal(signal.SIGTERM)
        wait_until_stopping(server)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0
    database = admin.open_database(server.folder)
    with database.read() as tx:
        assert tx.one("SELECT 1 FROM op WHERE id = :id", id=op) is None
    database.close()


def test_with_nothing_under_way_it_ends_at_once(server: Server) -> None:
    with httpx.Client() as http:  # a connection that is kept open
        assert http.get(f"{server.url}/healthz").json() == {"ok": True}
        began = time.monotonic()
        server.stop()
        assert time.monotonic() - began < 5
    assert server.process.returncode == 0
