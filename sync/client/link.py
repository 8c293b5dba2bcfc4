"""The way to one server, and what is wrong when something else answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec

from sync import framing
from sync.client.outcome import NoLink, NotOurServer, Refused
from sync.protocol import (
    MEDIA_TYPE,
    PROTOCOL,
    Enrolled,
    EnrolRequest,
    Header,
    Hello,
    KeysRequest,
    Op,
    Problem,
    PullLine,
    PullRequest,
    PushAnswerLine,
    Scope,
    Trailer,
    Unsent,
    to_wire,
)

TIMEOUT = httpx.Timeout(30.0, connect=10.0)

_answers = msgspec.json.Decoder(PushAnswerLine)
_pulled = msgspec.json.Decoder(PullLine)


@dataclass
class Link:
    """The way to one server. ``device``, ``token``: from the enrolment, empty before it.

    ``transport``: a stand-in for the network, for tests.
    """

    server: str
    device: str = ""
    token: str = ""
    transport: httpx.BaseTransport | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    bytes_up: int = field(default=0, init=False)
    bytes_down: int = field(default=0, init=False)
    last_scope: Scope | None = field(default=None, init=False)
    scope_at: str = field(default="", init=False)  # when that was said, by the server's clock
    server_time: str = field(default="", init=False)

    def __post_init__(self) -> None:
        headers = {"Sync-Protocol": str(PROTOCOL), "Accept-Encoding": "zstd, gzip"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            self._http = httpx.Client(
                base_url=self.server,
                headers=headers,
                timeout=TIMEOUT,
                transport=self.transport,
                follow_redirects=False,
            )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
            raise NotOurServer(str(error)) from error

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def hello(self) -> Hello:
        """What the server speaks. Raises NoLink, NotOurServer."""
        return self._ask("GET", "/v1/hello", Hello)

    def enrol(self, code: str, device: str, public_key: str = "", signing_key: str = "") -> Enrolled:
        """Trade a one-time code for a token. Raises Refused for an unknown, used or expired code."""
        asked = EnrolRequest(code=code, device=device, public_key=public_key, signing_key=signing_key)
        return self._ask("POST", "/v1/enrol", Enrolled, asked)

    def keys(self, public_key: str, signing_key: str) -> None:
        """Tell the server the keys of this laptop's sealed files. Raises Refused; 404 from an older server."""
        self._ask("POST", "/v1/keys", Any, KeysRequest(public_key=public_key, signing_key=signing_key))

    def scope(self) -> Scope:
        """What this laptop may use now; kept in ``last_scope``."""
        scope: Scope = self._ask("GET", "/v1/scope", Scope)
        self.last_scope, self.scope_at = scope, self.server_time
        return scope

    @contextmanager
    def push(self, ops: Sequence[Op | Unsent], epoch: int) -> Iterator[Iterator[Any]]:
        """Send ops; the answer's lines as they arrive. Raises NoLink when the answer is cut."""
        header = Header(kind="push", device=self.device, epoch=epoch, now=to_wire(self.now()))
        lines = [header, *ops, Trailer(count=len(ops))]
        body = framing.encode_body(map(framing.encode, lines))
        headers = {"Content-Type": MEDIA_TYPE, "Content-Encoding": "zstd"}
        with self._stream("/v1/push", body, headers) as raw:
            yield (_answers.decode(line) for line in raw)

    @contextmanager
    def pull(self, cursors: dict[str, tuple[str, int]]) -> Iterator[Iterator[Any]]:
        """Ask for what is new after ``cursors``; its lines as they arrive. Raises NoLink when the answer is cut."""
        body = msgspec.json.encode(PullRequest(cursors=cursors))
        with self._stream("/v1/pull", body, {"Content-Type": "application/json"}) as raw:
            yield (_pulled.decode(line) for line in raw)

    def _ask(self, method: str, path: str, shape: type[Any], body: msgspec.Struct | None = None) -> Any:
        content = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"} if content else {}
        with _told():
            response = self._http.request(method, path, content=content, headers=headers)
        self.bytes_up += len(content or b"")
        self.bytes_down += len(response.content)
        _refuse(response, response.content)
        self.server_time = response.headers.get("server-time", "")
        try:
            return msgspec.json.decode(response.content, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotOurServer(path) from error

    @contextmanager
    def _stream(self, path: str, body: bytes, headers: dict[str, str]) -> Iterator[Iterator[bytes]]:
        with _told():
            self.bytes_up += len(body)
            with self._http.stream("POST", path, content=body, headers=headers) as response:
                if response.status_code != 200 or "sync-protocol" not in response.headers:
                    _refuse(response, response.read())
                encoding = response.headers.get("content-encoding", "identity")
                yield framing.read_lines(self._counted(response), encoding)

    def _counted(self, response: httpx.Response) -> Iterator[bytes]:
        for chunk in response.iter_raw():
            self.bytes_down += len(chunk)
            yield chunk


@contextmanager
def _told() -> Iterator[None]:
    """Transport trouble in our words."""
    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise NotOurServer(str(error)) from error
    except (httpx.TransportError, framing.CutBody) as error:
        raise NoLink(type(error).__name__) from error
    except (framing.NotOurs, framing.TooLarge, httpx.DecodingError, msgspec.DecodeError) as error:
        raise NotOurServer(str(error)) from error
    except UnicodeDecodeError as error:
        raise NotOurServer(error.reason) from error


def _refuse(response: httpx.Response, content: bytes) -> None:
    """Raise unless this is a good answer of our server."""
    if "sync-protocol" not in response.headers:
        raise NotOurServer(f"HTTP {response.status_code}")
    if response.status_code == 200:
        return
    try:
        problem = msgspec.json.decode(content, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotOurServer(f"HTTP {response.status_code}") from None
    raise Refused(response.status_code, problem.type, problem.title)
