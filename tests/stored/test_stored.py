"""Bodies and databases that earlier versions wrote are read by this one; what a later one adds passes through.

Each folder here is one released schema, made by ``tests.stored.make`` and never changed. Its keys and its token are of
a server that exists nowhere else.
"""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import msgspec
import pytest

from sync import outbox
from sync.client import Link, OneSync, digest
from sync.client.patience import Patience
from sync.framing import encode_body, read_lines
from sync.protocol import Header, Op, PullLine, PushAnswerLine, Result, Row, Trailer, to_wire
from sync.server import admin
from sync.server.app import create_app
from tests.sync.ward import KEY, Clock
from tests.sync.wire import Wire
from tui_app.records import REGISTRY
from tui_app.services.lists import exporting
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows, table

STORED = Path(__file__).parent
SCHEMAS = sorted(folder.name for folder in STORED.iterdir() if (folder / "facts.json").exists())


class Old:
    """A laptop and a server that go on from stored databases, with today's code."""

    def __init__(self, stored: Path, folder: Path) -> None:
        self.stored = stored
        self.facts = json.loads((stored / "facts.json").read_text(encoding="utf-8"))
        self.clock = Clock()
        self.clock.now += timedelta(hours=1)
        (folder / "server").mkdir()
        shutil.copyfile(stored / "laptop.db", folder / "laptop.db")
        shutil.copyfile(stored / "server.db", folder / "server" / admin.FILE_NAME)
        self.store = Store(folder / "laptop.db", KEY, clock=self.clock)
        self.database = admin.init(folder / "server", self.clock())
        self.wire = Wire(create_app(self.database, REGISTRY, clock=self.clock))

    def sync(self) -> Any:
        link = Link(
            "http://server", self.facts["device"], self.facts["token"], transport=self.wire, now=self.clock
        )
        return OneSync(link, self.store, RecordRows(), patience=Patience(tries=1)).run()

    def export(self) -> str:
        out = io.BytesIO()
        workspace: Any = SimpleNamespace(store=self.store, user="lan", clock=self.clock)
        with self.store.read() as c:
            for line in exporting.records(c):
                out.write(msgspec.json.encode(line) + b"\n")
        assert workspace.user
        return out.getvalue().decode()

    def post(self, body: bytes) -> list[Any]:
        headers = {
            "Authorization": f"Bearer {self.facts['token']}",
            "Sync-Protocol": "1",
            "Content-Encoding": "zstd",
            "Accept-Encoding": "zstd",
        }
        with (
            httpx.Client(transport=self.wire, base_url="http://server", headers=headers) as http,
            http.stream("POST", "/v1/push", content=body) as answer,
        ):
            raw = list(answer.iter_raw())
            assert answer.status_code == 200, b"".join(raw)
        return [msgspec.json.decode(line, type=PushAnswerLine) for line in read_lines(raw)]

    def close(self) -> None:
        self.store.close()
        self.database.close()
        self.wire.end()


@pytest.fixture(params=SCHEMAS)
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Old]:
    made = Old(STORED / request.param, tmp_path)
    yield made
    made.close()


def test_there_is_something_of_every_released_schema() -> None:
    assert SCHEMAS[0] == "0001"


def test_an_old_laptop_database_opens_with_all_it_held(old: Old) -> None:
    assert old.export() == old.facts["export"]
    with old.store.read() as c:
        assert outbox.waiting_count(c) == old.facts["waiting"]


def test_an_old_laptop_and_an_old_server_go_on_together(old: Old) -> None:
    done = old.sync()
    assert (done.pushed, done.pending, done.mismatched) == (old.facts["waiting"], 0, ())
    with old.store.read() as c:
        row = table("person").read(c, [old.facts["person"]])[old.facts["person"]]
        digests = {area: digest(outbox.marks(c, RecordRows(), area)) for area in outbox.cursors(c)}
    assert row.body["note"] == "chưa gửi"
    with old.database.read() as tx:
        assert digests == dict(tx.all("SELECT area, digest FROM area_head"))


def test_an_old_push_that_arrives_today_is_known(old: Old) -> None:
    results = [line for line in old.post((old.stored / "push.body").read_bytes()) if isinstance(line, Result)]
    assert [result.result for result in results] == ["duplicate", "duplicate"]
    assert all(result.receipt for result in results)


def test_an_old_pull_is_read_today(old: Old, tmp_path: Path) -> None:
    lines = [
        msgspec.json.decode(line, type=PullLine)
        for line in read_lines([(old.stored / "pull.body").read_bytes()])
    ]
    rows = [line for line in lines if isinstance(line, Row)]
    fresh = Store(tmp_path / "fresh.db", KEY, clock=old.clock, create=True)
    with fresh.write() as c:
        outbox.apply(c, RecordRows(), rows)
    with fresh.read() as c:
        assert old.facts["person"] in table("person").read(c, [old.facts["person"]])
    fresh.close()


def later(body: bytes, **of_rows: Any) -> list[Any]:
    """A pull body as a later version might send it: unknown keys everywhere, unknown fields, an unknown type."""
    found = []
    for line in read_lines([body]):
        content = {**json.loads(line), "later_key": {"a": [1, 2]}}
        if content["line"] == "row":
            content["seq"] += 1000
            content["body"] = {**content["body"], **of_rows}
            if content["type"] == "person":
                found.append({**content, "type": "later_type", "id": "later-1"})
        found.append(content)
    return [msgspec.json.decode(json.dumps(line), type=PullLine) for line in found]


def test_fields_and_types_of_a_later_version_pass_through_a_laptop_untouched(old: Old) -> None:
    unknown = {"later_field": {"nested": ["giá trị", 1, None, True]}}
    rows = [r for r in later((old.stored / "pull.body").read_bytes(), **unknown) if isinstance(r, Row)]
    store, person = RecordRows(), old.facts["person"]
    with old.store.write() as c:
        outbox.apply(c, store, [row for row in rows if row.type != "area"])
    with old.store.work("lan") as work:
        work.change("person", person, {"occupation": "nghề nông"})
    with old.store.read() as c:
        kept = table("person").read(c, [person])[person]
        whole = store.read(c, "later_type", ["later-1"])["later-1"]
        sent = outbox.waiting(c, "d", 10, 1 << 20)[-1]
    assert kept.body["later_field"] == unknown["later_field"]
    assert whole.body["later_field"] == unknown["later_field"]
    assert list(msgspec.json.decode(sent.set)) == ["occupation"], (
        "what this version does not know it never sends"
    )


def test_a_later_laptops_push_is_taken_and_its_unknown_fields_come_back(old: Old) -> None:
    area, value = old.facts["areas"][0], {"nested": ["giá trị", 1]}
    op = Op(
        id="01999999-0000-7000-8000-000000000001",
        device=old.facts["device"],
        n=9001,
        commune="27211",
        area=area,
        type="person",
        record="01999999-0000-7000-8000-00000000000a",
        at=to_wire(old.clock()),
        who="lan",
        set={"full_name": (None, "Lê Thị Hằng"), "household": (None, "h1"), "later_field": (None, value)},
    )
    head = Header(kind="push", device=old.facts["device"], now=to_wire(old.clock()))
    lines = [json.loads(msgspec.json.encode(line)) for line in (head, op, Trailer(count=1))]
    lines[0]["schema"] = 2
    body = encode_body(msgspec.json.encode({**line, "later_key": 1}) for line in lines)
    (result,) = [line for line in old.post(body) if isinstance(line, Result)]
    assert result.result == "applied"
    old.sync()
    with old.store.read() as c:
        assert table("person").read(c, [op.record])[op.record].body["later_field"] == value
