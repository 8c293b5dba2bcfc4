"""First loads that are sent while they are packed, over real sockets: cut, resumed, shared, and changed meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from sync.client import Link
from sync.framing import CutBody, read_lines
from sync.protocol import PROTOCOL, Cursor, Op, PullLine, Result, Row, to_wire
from sync.server import admin, snapshot
from sync.server.areas import areas_import
from sync.server.database import Database, DatabaseBusy
from sync.server.packing import UNFINISHED
from tests.sync.meeting import AREAS_CSV, REGISTRY
from tests.sync.serving import serving

PAGE, RECORDS = 50, 230
FILES = "gonha-server.db-snapshots"


class Pages:
    """Reads pages only when they are let through. ``wrong``: raised in place of the page after ``good`` ones;
    ``read``: how many were."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read, self.good = 0, 1000
        self._free, self._take = threading.Semaphore(0), snapshot.rows_after
        self.wrong: Exception | None = None
        monkeypatch.setattr(snapshot, "PAGE", PAGE)
        monkeypatch.setattr(snapshot, "rows_after", self._paced)

    def let(self, count: int = 1000) -> None:
        """Let so many more through."""
        for _ in range(count):
            self._free.release()

    def _paced(self, *args: Any, **values: Any) -> Any:
        assert self._free.acquire(timeout=15)
        if self.read >= self.good and self.wrong is not None:
            raise self.wrong
        self.read += 1
        return self._take(*args, **values)


class Station:
    """A server with one filled unit, and a laptop of it."""

    def __init__(self, folder: Path, database: Database, url: str) -> None:
        self.files, self.url = folder / FILES, url
        code = admin.invite(database, "lan", "chief", "27211/01").code
        self.link = Link(url)
        enrolled = self.link.enrol(code, "lan")
        self.link.become(enrolled.device, enrolled.token)
        self.area = enrolled.scope.areas[0].area
        self.epoch, self._n = enrolled.scope.epoch, 0
        self.push(*[(f"p{i:03d}", {"birth_year": (None, 1900 + i % 100)}) for i in range(RECORDS)])

    def push(self, *changes: tuple[str, dict[str, Any]], base_seq: int = 0) -> list[Result]:
        """Send ops on persons."""
        ops = []
        for record, given in changes:
            self._n += 1
            ops.append(
                Op(
                    id=f"op{self._n}",
                    device=self.link.device,
                    n=self._n,
                    commune="27211",
                    area=self.area,
                    type="person",
                    record=record,
                    at=to_wire(datetime.now(UTC)),
                    who="lan",
                    set=given,
                    base_seq=base_seq,
                )
            )
        with self.link.push(ops, self.epoch) as lots:
            return [line for lot in lots for line in lot if isinstance(line, Result)]

    def pulled(self, stands: Cursor) -> dict[str, Row]:
        """What a pull brings from where a part stands."""
        with self.link.pull({self.area: (stands.gen, stands.seq)}) as lots:
            return {line.id: line for lot in lots for line in lot if isinstance(line, Row)}

    @contextmanager
    def asking(self, **headers: str) -> Iterator[httpx.Response]:
        """The answer to a first load, its bytes not read yet."""
        given = {
            "Authorization": f"Bearer {self.link.token}",
            "Sync-Protocol": str(PROTOCOL),
            "Accept-Encoding": "zstd",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{self.url}/v1/snapshot/{self.area}?part=first"
        with httpx.stream("GET", url, headers=given, timeout=20) as answer:
            yield answer

    def whole(self, **headers: str) -> tuple[httpx.Response, bytes]:
        """The answer, read to its end."""
        with self.asking(**headers) as answer:
            return answer, b"".join(answer.iter_raw())

    def names(self) -> list[str]:
        return [path.name for path in self.files.iterdir()]


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> Pages:
    return Pages(monkeypatch)


@pytest.fixture
def station(tmp_path: Path, pages: Pages) -> Iterator[Station]:
    database = admin.init(tmp_path)
    areas_import(database, REGISTRY, AREAS_CSV.splitlines())
    with serving(database) as url:
        made = Station(tmp_path, database, url)
        yield made
        made.link.close()
        pages.let()
    database.close()


def lines(raw: bytes, encoding: str = "zstd") -> list[Any]:
    return [msgspec.json.decode(line, type=PullLine) for line in read_lines([raw], encoding)]


def rows(raw: bytes) -> dict[str, Row]:
    return {line.id: line for line in lines(raw) if isinstance(line, Row)}


def test_the_first_page_comes_while_the_others_are_not_read_yet(station: Station, pages: Pages) -> None:
    pages.let(2)
    with station.asking() as answer:
        arriving = answer.iter_raw()
        begun = next(arriving)
        assert pages.read == 2
        with pytest.raises(CutBody):
            lines(begun)
        assert "content-length" not in answer.headers
        pages.let()
        body = begun + b"".join(arriving)
    assert len(rows(body)) == RECORDS + 1  # and the area itself
    assert lines(body)[-1].count == RECORDS + 1
    again, kept = station.whole()
    assert again.headers["content-length"] == str(len(body))
    assert (again.headers["etag"], kept) == (answer.headers["etag"], body)
    (file,) = station.files.iterdir()
    assert file.read_bytes() == body


def test_two_who_ask_at_once_get_one_file(station: Station, pages: Pages) -> None:
    pages.let(3)
    with station.asking() as first, station.asking() as second:
        assert first.headers["etag"] == second.headers["etag"]
        pages.let()
        bodies = {b"".join(answer.iter_raw()) for answer in (second, first)}
    assert len(bodies) == 1
    assert len(rows(bodies.pop())) == RECORDS + 1
    assert pages.read == (RECORDS + 1) // PAGE + 1
    assert len(station.names()) == 1


def test_who_leaves_in_the_middle_finds_the_file_he_began_with(station: Station, pages: Pages) -> None:
    pages.let(2)
    with station.asking() as answer:
        begun, tag = next(answer.iter_raw()), answer.headers["etag"]
    pages.let()
    more, rest = station.whole(Range=f"bytes={len(begun)}-", If_Range=tag)
    assert more.status_code == 206
    assert more.headers["etag"] == tag
    total = len(begun) + len(rest)
    assert more.headers["content-range"] == f"bytes {len(begun)}-{total - 1}/{total}"
    assert len(rows(begun + rest)) == RECORDS + 1
    assert len(station.names()) == 1


def test_who_resumes_while_it_is_still_packed_waits_for_it(station: Station, pages: Pages) -> None:
    pages.let(2)
    with ThreadPoolExecutor(1) as others, station.asking() as answer:
        begun, tag = next(answer.iter_raw()), answer.headers["etag"]
        resumed = others.submit(station.whole, Range=f"bytes={len(begun)}-", If_Range=tag)
        pages.let()
        more, rest = resumed.result(20)
    assert (more.status_code, more.headers["etag"]) == (206, tag)
    assert len(rows(begun + rest)) == RECORDS + 1
    assert len(station.names()) == 1


def test_what_is_saved_while_it_is_sent_comes_with_the_pull_that_follows(
    station: Station, pages: Pages
) -> None:
    pages.let(2)
    with station.asking() as answer:
        arriving = answer.iter_raw()
        body = next(arriving)
        station.push(("new", {"full_name": (None, "Mới")}))
        station.push(("p220", {"note": (None, "sửa")}), ("p001", {"note": (None, "sửa")}), base_seq=500)
        station.push(("p221", {"deleted": (False, True)}), base_seq=500)
        pages.let()
        body += b"".join(arriving)
    *_, stands, _ = lines(body)
    came = rows(body)
    assert stands.seq == RECORDS + 1
    assert came.keys() == {station.area} | {f"p{i:03d}" for i in range(RECORDS) if i not in (220, 221)}
    assert max(row.seq for row in came.values()) <= stands.seq
    after = station.pulled(stands)
    assert after.keys() == {"new", "p001", "p220", "p221"}
    assert [after[name].body.get("note") for name in ("p001", "p220")] == ["sửa", "sửa"]
    assert after["p221"].deleted


@pytest.mark.parametrize("encoding", ["zstd", "gzip"])
@pytest.mark.parametrize(
    "wrong", [RuntimeError("broken"), DatabaseBusy("gone"), OSError(28, "no space left")], ids=repr
)
def test_what_fails_in_the_middle_is_a_cut_body_and_no_file(
    station: Station, pages: Pages, encoding: str, wrong: Exception
) -> None:
    pages.good, pages.wrong = 3, wrong
    pages.let(3)
    got: list[bytes] = []
    with station.asking(Accept_Encoding=encoding) as answer:
        assert answer.status_code == 200
        pages.let()
        with pytest.raises(httpx.RemoteProtocolError):  # the last chunk never comes
            got.extend(answer.iter_raw())
    with pytest.raises(CutBody):
        lines(b"".join(got), encoding)
    assert station.names() == []
    pages.wrong = None
    pages.let()
    assert len(rows(station.whole()[1])) == RECORDS + 1


def test_a_restore_in_the_middle_is_a_cut_body(
    station: Station, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages.let(3)
    head_of: Callable[..., Any] = snapshot.head_of

    def another(*args: Any) -> Any:
        head = head_of(*args)
        return (head[0], "another", head[2]) if pages.read >= 3 else head

    monkeypatch.setattr(snapshot, "head_of", another)
    with station.asking() as answer:
        pages.let()
        with pytest.raises(httpx.RemoteProtocolError):
            b"".join(answer.iter_raw())
    assert station.names() == []


def test_a_server_that_is_told_to_stop_takes_half_a_file_away(
    tmp_path: Path, pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = snapshot.rows_after

    def endless(tx: Any, commune: str, area: str, seq: int, *args: Any, **values: Any) -> Any:
        return take(tx, commune, area, 0, *args, **values)

    monkeypatch.setattr(snapshot, "rows_after", endless)
    pages.let(100_000)
    database = admin.init(tmp_path)
    areas_import(database, REGISTRY, AREAS_CSV.splitlines())
    with serving(database) as url:
        station = Station(tmp_path, database, url)
        with station.asking() as answer:
            next(answer.iter_raw())
        (unfinished,) = station.names()
        assert unfinished.startswith(UNFINISHED)
        station.link.close()
    assert station.names() == []
    database.close()
