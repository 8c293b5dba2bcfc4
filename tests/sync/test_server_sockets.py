"""On real sockets: clients that dribble, stall or crowd, TLS with a station's own certificate, and proxies."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sync.client import Link, NotTrusted
from sync.client.link import certificates
from sync.server import admin
from sync.server.connections import Connection, within
from sync.server.database import Database
from sync.server.limits import Limits
from sync.server.problems import AdminError
from sync.server.run import proxies, run
from tests.sync.meeting import REGISTRY
from tests.sync.serving import dial, rest, serving

QUICK = Limits(head_seconds=0.4, body_seconds=0.4, stall_seconds=0.4)
ENROL = b"POST /v1/enrol HTTP/1.1\r\nHost: x\r\nSync-Protocol: 1\r\nContent-Length: 1000\r\n\r\n"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = admin.init(tmp_path / "server")
    yield made
    made.close()


def test_the_body_of_an_answer_does_not_wait_until_its_head_was_acknowledged(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once: list[int] = []
    taken = Connection.connection_made

    def noting(connection: Connection, transport: Any) -> None:
        wire = transport.get_extra_info("socket")
        at_once.append(wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        taken(connection, transport)

    monkeypatch.setattr(Connection, "connection_made", noting)
    with serving(database) as url:
        assert httpx.get(f"{url}/v1/hello").status_code == 200
    assert [bool(value) for value in at_once] == [True]


# ---- clients that take their time


@pytest.mark.parametrize("sent", [b"", b"GET /v1/he", b"GET /v1/hello HTTP/1.1\r\nHost: x\r\nX: "])
def test_a_head_that_does_not_come_ends_the_connection(database: Database, sent: bytes) -> None:
    with serving(database, limits=QUICK) as url, dial(url) as wire:
        wire.sendall(sent)
        began = time.monotonic()
        assert rest(wire) == b""
        assert time.monotonic() - began < 9


def test_a_head_that_comes_letter_by_letter_does_not_win_time(database: Database) -> None:
    with serving(database, limits=QUICK) as url, dial(url) as wire:
        began = time.monotonic()
        try:
            while time.monotonic() - began < 10:
                wire.sendall(b"G")
                time.sleep(0.05)
        except OSError:
            pass
        assert time.monotonic() - began < 9


def test_a_body_that_stops_coming_is_answered_408(database: Database) -> None:
    with serving(database, limits=QUICK) as url, dial(url) as wire:
        wire.sendall(ENROL + b'{"code":')
        head, _, body = rest(wire).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408")
        assert b"sync-protocol: 1" in head.lower()
        assert b'"too-slow"' in body


def test_a_body_that_dribbles_is_answered_408_too(database: Database) -> None:
    limits = Limits(body_seconds=0.5, body_rate=10_000)
    with serving(database, limits=limits) as url, dial(url) as wire:
        wire.sendall(ENROL)
        answer = threading.Thread(target=lambda: got.append(rest(wire)))
        got: list[bytes] = []
        answer.start()
        try:
            for _ in range(100):
                wire.sendall(b"x")
                answer.join(0.1)
                if not answer.is_alive():
                    break
        except OSError:
            answer.join(10)
        assert got[0].startswith(b"HTTP/1.1 408")


def test_a_slow_line_that_keeps_coming_is_served(database: Database) -> None:
    """A body in twelve pieces over more than the time for one piece."""
    limits = Limits(body_seconds=2.0, body_rate=10)
    with serving(database, limits=limits) as url, dial(url) as wire:
        body = b'{"code":"AAAA-BBBB-CCCC"}'.ljust(60)
        wire.sendall(ENROL.replace(b"1000", b"60"))
        for at in range(0, 60, 5):
            wire.sendall(body[at : at + 5])
            time.sleep(0.2)
        assert wire.recv(100).startswith(b"HTTP/1.1 403")  # read to its end: the code is wrong


def test_a_body_nobody_reads_does_not_keep_the_connection(database: Database) -> None:
    push = b"POST /v1/push HTTP/1.1\r\nHost: x\r\nSync-Protocol: 1\r\nContent-Length: 1000\r\n\r\n"
    with serving(database, limits=QUICK) as url, dial(url) as wire:
        wire.sendall(push)  # without a token: refused before a byte of the body
        began, found = time.monotonic(), b""
        try:
            while time.monotonic() - began < 10:
                wire.sendall(b"x")
                wire.settimeout(0.05)
                try:
                    piece = wire.recv(1000)
                except TimeoutError:
                    continue
                if not piece:
                    break
                found += piece
        except OSError:
            pass
        assert found.startswith(b"HTTP/1.1 401")
        assert time.monotonic() - began < 9


def test_too_many_connections_are_not_taken_and_a_free_place_is(database: Database) -> None:
    with serving(database, limits=Limits(max_connections=2)) as url:
        held = [dial(url) for _ in range(2)]
        with dial(url) as third:
            assert rest(third) == b""
        for wire in held:
            wire.close()
        answer = httpx.HTTPTransport(retries=0)
        with httpx.Client(transport=answer) as http:
            for _ in range(50):
                try:
                    assert http.get(f"{url}/v1/hello").status_code == 200
                    return
                except httpx.TransportError:
                    time.sleep(0.05)
    raise AssertionError("no place became free")


def test_a_laptop_that_takes_nothing_of_its_answer_is_given_up() -> None:
    """An answer without end, and nobody reads it."""
    told = threading.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        async def watch() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            told.set()

        await send({"type": "http.response.start", "status": 200, "headers": []})
        task = asyncio.create_task(watch())
        while not told.is_set():
            await send({"type": "http.response.body", "body": bytes(1 << 20), "more_body": True})
            await asyncio.sleep(0)
        await task

    config = uvicorn.Config(endless, http=within(QUICK), lifespan="off", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    listening = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    with socket.create_connection(listening.getsockname(), timeout=15) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert told.wait(10)
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


# ---- TLS


def certificate(folder: Path, name: str = "127.0.0.1") -> tuple[Path, Path]:
    """A station's own certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tram")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(name))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / f"{name}.crt", folder / f"{name}.key"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return cert_file, key_file


@pytest.fixture
def fresh_trust(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    monkeypatch.delenv("GONHA_CA_FILE", raising=False)
    certificates.cache_clear()
    yield monkeypatch
    certificates.cache_clear()


def hello(url: str) -> list[int]:
    link = Link(url)
    try:
        return link.hello().protocols
    finally:
        link.close()


def test_a_laptop_talks_to_a_certificate_it_was_given_and_to_no_other(
    database: Database, tmp_path: Path, fresh_trust: pytest.MonkeyPatch
) -> None:
    cert, key = certificate(tmp_path)
    with serving(database, certificate=cert, key=key) as url:
        assert url.startswith("https://127.0.0.1:")
        with pytest.raises(NotTrusted):
            hello(url)
        fresh_trust.setenv("GONHA_CA_FILE", str(cert))
        certificates.cache_clear()
        assert hello(url) == [1]
        with dial(url) as wire:  # plain HTTP to the TLS port says nothing
            wire.sendall(b"GET /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"HTTP/1.1 200" not in rest(wire)


def test_a_certificate_of_another_name_is_not_enough(
    database: Database, tmp_path: Path, fresh_trust: pytest.MonkeyPatch
) -> None:
    cert, key = certificate(tmp_path, "192.0.2.1")
    fresh_trust.setenv("GONHA_CA_FILE", str(cert))
    with serving(database, certificate=cert, key=key) as url, pytest.raises(NotTrusted):
        hello(url)


def test_a_file_of_certificates_that_is_none_is_told(tmp_path: Path, fresh_trust: pytest.MonkeyPatch) -> None:
    for content in (None, "not a certificate"):
        if content:
            (tmp_path / "ca.pem").write_text(content)
        fresh_trust.setenv("GONHA_CA_FILE", str(tmp_path / "ca.pem"))
        with pytest.raises(NotTrusted, match="GONHA_CA_FILE"):
            hello("https://127.0.0.1:9")


def test_a_certificate_without_its_key_does_not_start_a_server(database: Database, tmp_path: Path) -> None:
    cert, key = certificate(tmp_path)
    _, other = certificate(tmp_path, "192.0.2.1")
    assert ssl.PEM_cert_to_DER_cert(cert.read_text())
    for broken_cert, broken_key in ((cert, other), (tmp_path / "none", key), (key, key), (cert, None)):
        with pytest.raises(AdminError) as refused:
            run(database, REGISTRY, port=0, certificate=broken_cert, key=broken_key)
        assert refused.value.code == "certificate_unusable"


# ---- behind a proxy


def statuses(url: str, *addresses: str) -> list[int]:
    with httpx.Client() as http:
        return [
            http.get(f"{url}/v1/hello", headers={"X-Forwarded-For": address}).status_code
            for address in addresses
        ]


ONE_EACH = Limits(address_burst=1, address_rate=0.001)


def test_a_trusted_proxys_word_says_whose_turn_it_is(database: Database) -> None:
    with serving(database, limits=ONE_EACH, behind_proxy=proxies("")) as url:
        assert statuses(url, "203.0.113.1", "203.0.113.2", "203.0.113.1") == [200, 200, 429]
        # what the client itself wrote stands left of what the proxy adds, and is not believed
        assert statuses(url, "198.51.100.9, 203.0.113.1") == [429]


def test_without_a_trusted_proxy_nobody_can_pretend_to_be_somebody_else(database: Database) -> None:
    with serving(database, limits=ONE_EACH) as url:
        assert statuses(url, "203.0.113.1", "203.0.113.2") == [200, 429]
    with serving(database, limits=ONE_EACH, behind_proxy=proxies("192.0.2.0/24")) as url:
        assert statuses(url, "203.0.113.1", "203.0.113.2") == [200, 429]


def test_a_proxys_address_has_to_be_one() -> None:
    assert proxies("10.0.0.1, 192.168.0.0/16") == ["10.0.0.1", "192.168.0.0/16"]
    assert proxies("") == ["127.0.0.1", "::1"]
    with pytest.raises(AdminError):
        proxies("proxy.example")
