"""A server in the same process for tests: two communes, a few record types, laptops speaking by hand."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec

from sync.framing import encode_body, read_lines
from sync.protocol import (
    PROTOCOL,
    SCHEMA,
    Enrolled,
    Header,
    Op,
    PullLine,
    PushAnswerLine,
    Result,
    Row,
    Scope,
    Trailer,
    to_wire,
)
from sync.registry import FieldClass, RecordType, Registry
from sync.server.admin import init, invite
from sync.server.app import create_app
from sync.server.areas import areas_import
from sync.server.database import Database

P, C = FieldClass.PLAIN, FieldClass.CLINICAL
REGISTRY = Registry(
    [
        RecordType(
            "area",
            dict.fromkeys(
                [
                    "commune_code",
                    "commune_name",
                    "unit_code",
                    "unit_name",
                    "valid_from",
                    "valid_to",
                    "aliases",
                ],
                P,
            ),
            server_written=True,
        ),
        RecordType(
            "person",
            {"full_name": C, "birth_year": C, "sex": C, "household": P, "phone": P, "note": P},
            words=frozenset({"phone", "note"}),
        ),
        RecordType(
            "test_result",
            {"person": P, "at": P, "result": C, "amends": P, "note": P},
            append_only=True,
            words=frozenset({"note"}),
        ),
        RecordType(
            "erasure", {"person": P, "records": P, "texts": P, "at": P}, append_only=True, erases=True
        ),
    ]
)
AREAS_CSV = """commune_code,commune_name,unit_code,unit_name
27211,Phường Bến Nghé,01,Tổ dân phố 1
27211,Phường Bến Nghé,02,Tổ dân phố 2
27300,Xã Long Hòa,01,Ấp 1
"""
START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


class Clock:
    """A clock that moves only when told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


class Ids:
    """Ids that look like UUIDs and count up."""

    def __init__(self) -> None:
        self._count = itertools.count(1)

    def __call__(self) -> str:
        return f"01930000-0000-7000-8000-{next(self._count):012d}"


@dataclass
class Answer:
    """An answer of the server, unpacked."""

    response: httpx.Response
    lines: list[Any] = field(default_factory=list)

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def problem(self) -> str:
        assert self.response.headers["content-type"] == "application/problem+json"
        return str(self.response.json()["type"])

    @property
    def results(self) -> list[Result]:
        return [line for line in self.lines if isinstance(line, Result)]

    @property
    def rows(self) -> list[Row]:
        return [line for line in self.lines if isinstance(line, Row)]

    @property
    def trailer(self) -> Trailer:
        assert isinstance(self.lines[-1], Trailer)
        return self.lines[-1]


class Meeting:
    """The server and what tests need to talk to it."""

    def __init__(self, place: Path | str) -> None:
        self.place, self.clock, self.new_id = place, Clock(), Ids()
        self.database: Database = init(place, self.clock())
        done = areas_import(
            self.database, REGISTRY, AREAS_CSV.splitlines(), now=self.clock(), new_id=self.new_id
        )
        assert done.problems == []
        with self.database.read() as tx:
            found = tx.all("SELECT r.commune, r.area, r.body FROM record AS r WHERE r.type = 'area'")
        self.areas = {
            f"{commune}/{msgspec.json.decode(body)['unit_code']}": area for commune, area, body in found
        }
        self.app = create_app(self.database, REGISTRY, clock=self.clock, new_id=self.new_id)
        self.transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=self.transport, base_url="http://server")

    async def laptop(self, areas: str, role: str = "member", user: str = "lan") -> Laptop:
        """A laptop that was just enrolled for ``areas``."""
        code = invite(self.database, user, role, areas, now=self.clock()).code
        answer = await self.http.post(
            "/v1/enrol", json={"code": code, "device": "máy 1"}, headers={"Sync-Protocol": "1"}
        )
        assert answer.status_code == 200, answer.text
        return Laptop(self, msgspec.json.decode(answer.content, type=Enrolled), user)

    async def close(self) -> None:
        await self.http.aclose()
        self.database.close()


class Laptop:
    """Speaks to the server the way a laptop does, one request at a time, and keeps nothing."""

    def __init__(self, meeting: Meeting, enrolled: Enrolled, user: str) -> None:
        self.meeting, self.user = meeting, user
        self.device, self.token, self.scope = enrolled.device, enrolled.token, enrolled.scope
        self.epoch = enrolled.scope.epoch
        self.encoding = "zstd"
        self._n = itertools.count(1)

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Sync-Protocol": str(PROTOCOL),
            "Content-Encoding": self.encoding,
            "Accept-Encoding": self.encoding,
        }

    def op(self, place: str, record: str, changes: dict[str, Any], type: str = "person", **more: Any) -> Op:
        """An op of this laptop; ``changes``: field -> [was, new]."""
        given: dict[str, Any] = {
            "id": self.meeting.new_id(),
            "device": self.device,
            "n": next(self._n),
            "commune": place.partition("/")[0],
            "area": self.meeting.areas.get(place, place),
            "type": type,
            "record": record,
            "at": to_wire(self.meeting.clock()),
            "who": self.user,
            "set": {name: tuple(value) for name, value in changes.items()},
        }
        return Op(**(given | more))

    def header(self, **more: Any) -> Header:
        given: dict[str, Any] = {
            "kind": "push",
            "protocol": PROTOCOL,
            "schema": SCHEMA,
            "device": self.device,
            "epoch": self.epoch,
            "now": to_wire(self.meeting.clock()),
        }
        return Header(**(given | more))

    def body(self, ops: Iterable[Op], **header: Any) -> bytes:
        ops = list(ops)
        lines = [self.header(**header), *ops, Trailer(count=len(ops))]
        return encode_body(map(msgspec.json.encode, lines), self.encoding)

    async def push(self, *ops: Op, **header: Any) -> Answer:
        return await self.post("/v1/push", self.body(ops, **header))

    async def post(self, path: str, body: bytes, **headers: str) -> Answer:
        """Send bytes; unpack the answer when it is one of ours."""
        meeting = self.meeting
        async with meeting.http.stream(
            "POST", path, content=body, headers=self.headers | headers
        ) as response:
            raw = [chunk async for chunk in response.aiter_raw()]
        if response.status_code != 200:
            response._content = b"".join(raw)
            return Answer(response)
        kind = PushAnswerLine if path == "/v1/push" else PullLine
        encoding = response.headers.get("content-encoding", "identity")
        lines = [msgspec.json.decode(line, type=kind) for line in read_lines(raw, encoding)]
        return Answer(response, lines)

    async def pull(self, cursors: dict[str, tuple[str, int]] | None = None, **more: Any) -> Answer:
        """Rows from ``cursors``; from the start of all areas when not given."""
        if cursors is None:
            cursors = {area.area: ("", 0) for area in self.scope.areas}
        body = msgspec.json.encode({"cursors": cursors, **more})
        return await self.post("/v1/pull", body, **{"Content-Encoding": "identity"})

    async def rows(self) -> dict[str, Row]:
        """Everything this laptop may read, by record id."""
        return {row.id: row for row in (await self.pull()).rows}

    async def ask_scope(self) -> Scope:
        answer = await self.meeting.http.get("/v1/scope", headers=self.headers)
        assert answer.status_code == 200, answer.text
        self.scope = msgspec.json.decode(answer.content, type=Scope)
        self.epoch = self.scope.epoch
        return self.scope


def names(ops: Iterable[Any]) -> dict[str, Any]:
    """``set`` of a create: field -> [null, value]."""
    return {name: (None, value) for name, value in dict(ops).items()}
