"""The way to one server, and what is wrong when something else answers."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote

import httpx
import msgspec

from sync import framing
from sync.client.lots import read_lots
from sync.client.outcome import NoLink, NotOurServer, NotTrusted, Refused
from sync.protocol import (
    MEDIA_TYPE,
    PROTOCOL,
    Enrolled,
    EnrolRequest,
    ForkRequest,
    Header,
    Hello,
    HistoryEntry,
    KeysRequest,
    Op,
    Problem,
    PullLine,
    PullRequest,
    PushAnswerLine,
    Result,
    Row,
    Scope,
    Trailer,
    Unsent,
    to_wire,
)

TIMEOUT = httpx.Timeout(30.0, connect=10.0)
PROBE = httpx.Timeout(5.0)  # for a look whether anybody is there

_encoder = msgspec.json.Encoder()
_answers = msgspec.json.Decoder(PushAnswerLine)
_pulled = msgspec.json.Decoder(PullLine)


@dataclass
class Link:
    """The way to one server. ``device``, ``token``: from the enrolment, empty before it.

    ``transport``: a stand-in for the network, for tests. ``reached``: whether anybody answered yet. ``history``: the
    server's, as it was told last: a push says for which one it was made. ``waiting``: how many saves this laptop will
    not have sent after the next request, told to the server unless negative.
    """

    server: str
    device: str = ""
    token: str = ""
    transport: httpx.BaseTransport | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    bytes_up: int = field(default=0, init=False)
    bytes_down: int = field(default=0, init=False)
    reached: bool = field(default=False, init=False)
    history: str = field(default="", init=False)
    waiting: int = field(default=-1, init=False)

    def __post_init__(self) -> None:
        headers = {"Sync-Protocol": str(PROTOCOL), "Accept-Encoding": "zstd, gzip"}
        try:
            self._http = httpx.Client(
                base_url=self.server,
                headers=headers,
                timeout=TIMEOUT,
                transport=self.transport,
                follow_redirects=False,
                # Without TLS no certificates are read: that alone takes 0.1 s.
                verify=False if self.transport or self.server.startswith("http://") else certificates(),
            )
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
            raise NotOurServer(str(error)) from error
        self.become(self.device, self.token)

    def become(self, device: str, token: str) -> None:
        """Speak as this device from now on."""
        self.device, self.token = device, token
        if token:
            self._http.headers["Authorization"] = f"Bearer {token}"

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def hello(self, *, quick: bool = False) -> Hello:
        """What the server speaks. ``quick``: only a look whether it is there. Raises NoLink, NotOurServer."""
        return self._ask("GET", "/v1/hello", Hello, timeout=PROBE if quick else TIMEOUT)

    def enrol(self, code: str, device: str, public_key: str = "", signing_key: str = "") -> Enrolled:
        """Trade a one-time code for a token. Raises Refused for an unknown, used or expired code."""
        wanted = EnrolRequest(code=code, device=device, public_key=public_key, signing_key=signing_key)
        return self._ask("POST", "/v1/enrol", Enrolled, wanted)

    def fork(self, wanted: ForkRequest) -> Enrolled:
        """Become a device of its own, as the copy of one that goes on elsewhere."""
        return self._ask("POST", "/v1/fork", Enrolled, wanted)

    def keys(self, public_key: str, signing_key: str) -> None:
        """Tell the server the keys of this laptop's sealed files. Raises Refused; 404 from an older server."""
        self._ask("POST", "/v1/keys", Any, KeysRequest(public_key=public_key, signing_key=signing_key))

    def record_history(self, type_name: str, record: str) -> list[HistoryEntry]:
        """Who changed a record, newest first. Raises Refused 404 for one that is not there or not this laptop's."""
        path = f"/v1/history/{quote(type_name, safe='')}/{quote(record, safe='')}"
        found: list[HistoryEntry] = self._ask("GET", path, list[HistoryEntry])
        return found

    def scope(self) -> Scope:
        """What this laptop may use now."""
        told = "" if self.waiting < 0 else f"?waiting={self.waiting}"
        return self._ask("GET", f"/v1/scope{told}", Scope)

    @contextmanager
    def push(self, ops: Sequence[Op | Unsent], epoch: int) -> Iterator[Iterator[list[Any]]]:
        """Send ops; the answer's lines as they arrive, in lots. Raises NoLink when the answer is cut."""
        header = Header(
            kind="push",
            device=self.device,
            epoch=epoch,
            now=to_wire(self.now()),
            history=self.history,
            waiting=self.waiting,
        )
        body = framing.encode_text(_encoder.encode_lines([header, *ops, Trailer(count=len(ops))]))
        headers = {"Content-Type": MEDIA_TYPE, "Content-Encoding": "zstd"}
        with self._stream("/v1/push", body, headers, _answers) as lots:
            yield self.checked(lots, "pushed", Result)

    @contextmanager
    def pull(self, cursors: dict[str, tuple[str, int]]) -> Iterator[Iterator[list[Any]]]:
        """Ask for what is new after ``cursors``; its lines as they arrive, in lots. Raises NoLink when the answer is
        cut."""
        body = msgspec.json.encode(PullRequest(cursors=cursors))
        with self._stream("/v1/pull", body, {"Content-Type": "application/json"}, _pulled) as lots:
            yield self.checked(lots, "pulled", Row)

    @contextmanager
    def get(self, path: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """An answer of 200 or 206 whose bytes are read by the caller, through `arriving`."""
        with told(self), self._http.stream("GET", path, headers=headers) as response:
            self.reached = True
            if response.status_code not in (200, 206) or "sync-protocol" not in response.headers:
                refuse(response, response.read())
            yield response

    def arriving(self, response: httpx.Response) -> Iterator[bytes]:
        """The bytes of an answer as they come, packed as they are."""
        for chunk in response.iter_raw():
            self.bytes_down += len(chunk)
            yield chunk

    def checked(self, lots: Iterator[list[Any]], kind: str, counted: type[Any]) -> Iterator[list[Any]]:
        """The lots of an answer. Raises NotOurServer when it was meant for somebody else, NoLink when lines are
        missing from its middle."""
        count = 0
        for lot in lots:
            others = [line for line in lot if line.__class__ is not counted]
            count += len(lot) - len(others)
            for line in others:
                if isinstance(line, Header):
                    if (line.kind, line.protocol) != (kind, PROTOCOL) or line.device not in ("", self.device):
                        raise NotOurServer("an answer to another question")
                elif isinstance(line, Trailer) and line.count != count:
                    raise NoLink("lines are missing", reached=True)
            yield lot

    def _ask(
        self,
        method: str,
        path: str,
        shape: Any,
        body: msgspec.Struct | None = None,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> Any:
        content = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"} if content else {}
        with told(self):
            response = self._http.request(method, path, content=content, headers=headers, timeout=timeout)
        self.reached = True
        self.bytes_up += len(content or b"")
        self.bytes_down += len(response.content)
        refuse(response, response.content)
        try:
            return msgspec.json.decode(response.content, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise NotOurServer(path) from error

    @contextmanager
    def _stream(
        self, path: str, body: bytes, headers: dict[str, str], decoder: msgspec.json.Decoder[Any]
    ) -> Iterator[Iterator[list[Any]]]:
        with told(self):
            self.bytes_up += len(body)
            with self._http.stream("POST", path, content=body, headers=headers) as response:
                self.reached = True
                if response.status_code != 200 or "sync-protocol" not in response.headers:
                    refuse(response, response.read())
                encoding = response.headers.get("content-encoding", "identity")
                yield read_lots(self.arriving(response), decoder, encoding)


@cache
def certificates() -> ssl.SSLContext:
    """The certificates servers are checked against, read once in a process: the usual ones, and those in the
    file that ``GONHA_CA_FILE`` names, for a station that signs its own. Raises NotTrusted when that cannot be used.
    """
    context = httpx.create_ssl_context()
    own = os.environ.get("GONHA_CA_FILE")
    if own:
        try:
            context.load_verify_locations(own)
        except OSError as error:  # an SSLError is one, too
            raise NotTrusted(f"GONHA_CA_FILE: {error.strerror or type(error).__name__}") from error
    return context


@contextmanager
def told(link: Link) -> Iterator[None]:
    """Transport trouble in our words."""
    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise NotOurServer(str(error)) from error
    except (httpx.TransportError, framing.CutBody) as error:
        if _distrusts(error):
            raise NotTrusted(type(error).__name__) from error
        slow = isinstance(error, httpx.TimeoutException)
        raise NoLink(type(error).__name__, reached=link.reached, slow=slow) from error
    except (framing.NotOurs, framing.TooLarge, httpx.DecodingError, msgspec.DecodeError) as error:
        raise NotOurServer(str(error)) from error
    except UnicodeDecodeError as error:
        raise NotOurServer(error.reason) from error


def _distrusts(error: BaseException | None) -> bool:
    """Whether TLS failed because of who answered, and not because the line broke."""
    while error is not None:
        if isinstance(error, ssl.SSLError):
            broken = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
            return not isinstance(error, broken) and "timed out" not in str(error)
        error = error.__cause__ or error.__context__
    return False


def refuse(response: httpx.Response, content: bytes) -> None:
    """Raise unless this is a good answer of our server."""
    if "sync-protocol" not in response.headers:
        raise NotOurServer(f"HTTP {response.status_code}")
    if response.status_code == 200:
        return
    if response.status_code == 408:
        raise NoLink("HTTP 408", reached=True, slow=True)  # the line was too slow for the body
    try:
        problem = msgspec.json.decode(content, type=Problem)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise NotOurServer(f"HTTP {response.status_code}") from None
    raise Refused(
        response.status_code,
        problem.type,
        problem.title,
        area=problem.area,
        retry_after=_seconds(response.headers.get("retry-after", "")),
    )


def _seconds(text: str) -> float | None:
    """``Retry-After`` in seconds; our server never writes its other form, a date."""
    return float(text) if text.isdecimal() and len(text) < 7 else None
