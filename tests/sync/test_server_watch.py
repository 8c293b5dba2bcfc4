"""Health, figures and the log: what an operator sees of a server, and whom nobody sees there."""

from __future__ import annotations

import json
import logging
import re
import sqlite3
from pathlib import Path
from typing import Any

import httpx
import pytest

from sync.server.admin import invite
from sync.server.app import create_app
from sync.server.database import DatabaseBusy
from sync.server.limits import Limits
from sync.server.watch import MetricsAccess
from tests.sync.meeting import REGISTRY, Meeting, names

NAME, TOKEN = "Đặng Thị Kín Đáo", "a-token-nobody-may-see"
LINE = re.compile(
    r'^(# (HELP|TYPE) gonha_\w+ .+|gonha_\w+(\{\w+="[^"\\]*"(,\w+="[^"\\]*")*\})? -?\d+(\.\d+)?(e[+-]?\d+)?)$'
)


def value(text: str, name: str) -> float:
    (found,) = [line for line in text.splitlines() if line.startswith(name + " ")]
    return float(found.rpartition(" ")[2])


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """What is counted and logged does not depend on the database."""
    return tmp_path / "server"


# ---- health


async def test_health_is_good_while_the_database_answers(meeting: Meeting) -> None:
    answer = await meeting.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"ok": True})


@pytest.mark.parametrize("error", [DatabaseBusy("locked"), sqlite3.OperationalError("disk"), OSError("gone")])
async def test_health_is_bad_when_it_does_not(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away(*_: Any) -> None:
        raise error

    monkeypatch.setattr(type(meeting.database), "read", away)
    answer = await meeting.http.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"ok": False})


# ---- figures


async def test_figures_count_requests_ops_rows_and_bytes_and_name_nobody(meeting: Meeting) -> None:
    one = await meeting.laptop("27211", user="lan-anh")
    sent = await one.push(
        *(one.op("27211/01", meeting.new_id(), names({"full_name": f"{NAME} {n}"})) for n in range(3)),
        one.op("99999/01", meeting.new_id(), names({"full_name": NAME}), commune="99999"),
    )
    assert sent.status == 200
    pulled = await one.pull()
    await meeting.http.get("/v1/scope")  # without a token, and without the protocol
    await meeting.http.get(f"/v1/history/person/{NAME}")
    text = (await meeting.http.get("/metrics")).text
    assert [line for line in text.splitlines() if not LINE.match(line)] == []
    assert value(text, 'gonha_requests_total{method="POST",route="/v1/push",status="200"}') == 1
    assert value(text, 'gonha_ops_total{result="applied"}') == 3
    assert value(text, 'gonha_ops_total{result="held"}') == 1
    assert value(text, "gonha_rows_sent_total") == len(pulled.rows) == 5
    assert value(text, 'gonha_request_seconds_count{route="/v1/push"}') == 1
    assert value(text, 'gonha_request_seconds_bucket{route="/v1/push",le="+Inf"}') == 1
    assert 0 < value(text, 'gonha_request_seconds_sum{route="/v1/push"}') < 10
    assert value(text, 'gonha_received_bytes_total{route="/v1/push"}') > 200
    assert value(text, 'gonha_sent_bytes_total{route="/v1/pull"}') > 200
    assert value(text, "gonha_requests_under_way") == 1, "this one"
    assert value(text, 'gonha_refused_total{kind="bad-body"}') >= 1
    for secret in (NAME, "lan-anh", one.token, one.device, "27211", "127.0.0.1", meeting.areas["27211/01"]):
        assert secret not in text


async def test_a_busy_database_and_an_error_are_counted(
    meeting: Meeting, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = await meeting.laptop("27211/01")
    for error in (DatabaseBusy("locked"), KeyError(NAME)):

        def fail(*_: Any, error: Exception = error) -> None:
            raise error

        monkeypatch.setattr("sync.server.routes.push", fail)
        assert (await one.push()).status in (500, 503)
    text = (await meeting.http.get("/metrics")).text
    assert value(text, 'gonha_refused_total{kind="busy"}') == 1
    assert value(text, "gonha_failed_total") == 1


def asked_from(meeting: Meeting, address: str, access: MetricsAccess, **headers: str) -> Any:
    app = create_app(meeting.database, REGISTRY, clock=meeting.clock, metrics_access=access)
    transport = httpx.ASGITransport(app, client=(address, 1))
    return httpx.AsyncClient(transport=transport, base_url="http://server", headers=headers)


HERE, TOKENED, OPEN = MetricsAccess(), MetricsAccess(token=TOKEN), MetricsAccess(open=True)
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("address", "access", "headers", "status"),
    [
        ("127.0.0.1", HERE, {}, 200),
        ("::1", HERE, {}, 200),
        ("::ffff:127.0.0.1", HERE, {}, 200),
        ("203.0.113.7", HERE, {}, 404),
        ("unix", HERE, {}, 404),
        ("127.0.0.1", HERE, {"X-Forwarded-For": "203.0.113.7"}, 404),  # through a proxy on this machine
        ("127.0.0.1", HERE, {"Via": "1.1 proxy"}, 404),
        ("203.0.113.7", HERE, {"Authorization": "Bearer "}, 404),
        ("203.0.113.7", TOKENED, BEARER, 200),
        ("203.0.113.7", TOKENED, {"Authorization": "Bearer else"}, 404),
        ("203.0.113.7", TOKENED, {}, 404),
        ("203.0.113.7", OPEN, {}, 200),
    ],
)
async def test_who_may_read_the_figures(
    meeting: Meeting, address: str, access: MetricsAccess, headers: dict[str, str], status: int
) -> None:
    async with asked_from(meeting, address, access, **headers) as http:
        assert (await http.get("/metrics")).status_code == status
    assert TOKEN not in repr(access)


# ---- the log


async def test_a_log_line_says_what_happened_to_a_request(
    meeting: Meeting, caplog: pytest.LogCaptureFixture
) -> None:
    one = await meeting.laptop("27211/01")
    with caplog.at_level(logging.INFO, "gonha.server"):
        caplog.clear()
        await one.push(one.op("27211/01", meeting.new_id(), names({"full_name": NAME})))
    (entry,) = [json.loads(record.getMessage()) for record in caplog.records]
    figures = {name: entry.pop(name) for name in ("id", "ms", "received", "sent")}
    assert entry == {
        "at": "2026-11-22T02:00:00.000Z",
        "method": "POST",
        "route": "/v1/push",
        "status": 200,
        "whole": True,
        "device": one.device,
        "ops": 1,
        "applied": 1,
    }
    assert re.fullmatch(r"[0-9a-f]{12}", figures["id"])
    assert min(figures["ms"], figures["received"], figures["sent"]) > 0


async def test_no_name_code_token_or_query_is_ever_in_the_log_or_in_a_figure(
    meeting: Meeting, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Good requests, refused ones, unreadable ones and errors whose own text quotes a record."""
    caplog.set_level(logging.DEBUG)
    meeting.app.guard.gate = None
    one = await meeting.laptop("27211/01", user="nguoi-dung")
    code = invite(meeting.database, "hoa", "member", "27211", now=meeting.clock()).code
    http, protocol = meeting.http, {"Sync-Protocol": "1"}
    await http.post("/v1/enrol", json={"code": code, "device": NAME}, headers=protocol)
    await http.post("/v1/enrol", json={"code": code, "device": NAME}, headers=protocol)  # used
    await http.post("/v1/enrol", json={"code": "WRNG-CODE-HERE"}, headers=protocol)
    await http.post("/v1/enrol", content=f'{{"code":"{code}","x":'.encode(), headers=protocol)
    await http.get("/v1/scope", headers=protocol | {"Authorization": f"Bearer {TOKEN}"})
    await http.get(f"/v1/scope?name={NAME}&token={TOKEN}", headers=one.headers)
    await http.get(f"/{NAME}/{TOKEN}", headers={"User-Agent": NAME.encode(), "Referer": TOKEN})
    await http.request("NGUYEN", f"/v1/push?{TOKEN}")
    await http.request(f"X{TOKEN}", "/v1/hello")
    await one.push(one.op("27211/01", NAME, names({"full_name": NAME}), who=NAME))
    await one.push(one.op(NAME, NAME, names({NAME: NAME}), type=NAME, commune=NAME))
    await one.post("/v1/push", NAME.encode())
    await one.post("/v1/push", one.body([one.op("27211/01", "x", {})])[:-9])
    await one.pull({NAME: ("", 0)})
    for target in ("push", "enrol", "read_push"):

        def fail(*_: Any, **__: Any) -> None:
            raise ValueError(f"{NAME} {code} {one.token}")

        with monkeypatch.context() as patched:
            patched.setattr(f"sync.server.routes.{target}", fail)
            assert (await one.push()).status in (200, 500)
            await http.post("/v1/enrol", json={"code": code}, headers=protocol)
    figures = (await http.get("/metrics")).text
    ours = [record for record in caplog.records if record.name.startswith(("gonha", "uvicorn", "fastapi"))]
    assert len(ours) > 15
    everything = figures + "".join(record.getMessage() + str(record.exc_info) for record in ours)
    assert '"failed": "ValueError"' in everything
    plain = code.replace("-", "")
    for secret in (NAME, "Kín", TOKEN, one.token, code, plain, code[:4], "WRNG", "nguoi-dung", "NGUYEN"):
        assert secret not in everything
        assert json.dumps(secret)[1:-1] not in everything


async def test_what_the_guard_refuses_is_in_the_log_too(
    meeting: Meeting, caplog: pytest.LogCaptureFixture
) -> None:
    app = create_app(meeting.database, REGISTRY, limits=Limits(address_burst=1, address_rate=0.001))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://server") as http:
        with caplog.at_level(logging.INFO, "gonha.server"):
            await http.get("/v1/hello")
            answer = await http.get("/v1/hello")
    assert int(answer.headers["Retry-After"]) > 900
    entries = [json.loads(r.getMessage()) for r in caplog.records if r.name == "gonha.server"]
    assert [(e["status"], e.get("refused")) for e in entries] == [(200, None), (429, "too-fast")]
