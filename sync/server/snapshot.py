"""First loads: an area's live rows as one packed file, sent while it is made, kept for a while, resumable by the byte.

A part stands at a counter S, the area's head when its making began. It is read page by page in short
transactions and holds the rows whose counter was S or less when their page was read; a row that changed
meanwhile stands above S and comes with the pull that goes on from S. So whoever has loaded a part and pulls
from S misses nothing, and no transaction stays open while a ward is packed.

``first`` leaves out old rows of append-only types, ``rest`` is those. The two overlap by a day, so that parts
made at different moments have no gap between them; a file serves for half a day.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from sync.protocol import PROTOCOL, SCHEMA, AreaMark, Cursor, Header, Trailer, to_wire
from sync.registry import Registry
from sync.server.database import Database, DatabaseBusy, as_json
from sync.server.erasing import last_erased
from sync.server.packing import CHUNK, UNFINISHED, Packing
from sync.server.problems import not_in_scope
from sync.server.pull import head_of, rows_after
from sync.server.sqlite import SqliteDatabase

Part = Literal["first", "rest"]
PARTS: tuple[Part, ...] = ("first", "rest")
PAGE = 2000
BEGIN = 250  # rows of the first page, then twice as many each: nothing is sent before the second is read
FIRST_DAYS, REST_DAYS = 7, 6
FRESH = timedelta(hours=12)  # well below the day by which the parts overlap
BEHIND = 5000  # a file this far behind the head still saves most of the pull
MAX_BYTES = 1 << 30  # of all files together
_KEEP = 2  # newest files of an area and part, so that a resumed load finds the file it began with
_LOCKS = 16
_NAME = re.compile(
    r"(?P<area>[0-9a-f]{32})\.(?P<part>first|rest)\.(?P<made>\d+)\.(?P<seq>\d+)\.(?P<gen>[0-9a-f]{16})"
    r"\.(?P<one>[0-9a-f]{16})\.zst"
).fullmatch
_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Kept:
    """A packed part. ``made``: seconds since 1970; ``gen``: digest of the history it belongs to."""

    path: Path
    area: str
    part: str
    made: int
    seq: int
    gen: str
    etag: str

    @staticmethod
    def of(path: Path) -> Kept | None:
        """The part that a file's name tells of, None for any other file."""
        found = _NAME(path.name)
        if found is None:
            return None
        seq, gen, part = int(found["seq"]), found["gen"], found["part"]
        etag = f'"{gen}-{seq}-{part}-{found["one"]}"'
        return Kept(path, found["area"], part, int(found["made"]), seq, gen, etag)


class Opened:
    """A part ready to be sent. ``size``: bytes, packed; None while it is still being packed.

    Whoever does not read it to its end closes it.
    """

    def __init__(self, etag: str, file: BinaryIO | None = None, packing: Packing | None = None) -> None:
        self.etag = etag
        self.size = os.fstat(file.fileno()).st_size if file else None
        self._file, self._packing = file, packing

    def pieces(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes, or those of a stretch when the part is whole."""
        if self._packing is not None:
            yield from self._packing.pieces()
        elif self._file is not None:
            end = self.size if end is None else end
            with self._file as file:
                file.seek(start)
                while chunk := file.read(CHUNK if end is None else min(CHUNK, end - start)):
                    start += len(chunk)
                    yield chunk

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()


def beside(database: Database) -> Path | None:
    """The folder in which packed parts are kept beside the database file, None for a database that is no file."""
    if isinstance(database, SqliteDatabase):
        return database.path.with_name(database.path.name + "-snapshots")
    return None


class Snapshots:
    """The packed parts of all areas, in a folder that only the server may read.

    ``folder``: made when missing; None for one beside the system's temporary files that ends with the server.
    """

    def __init__(self, database: Database, registry: Registry, folder: Path | None) -> None:
        self._database = database
        self._types = as_json([[kind.name] for kind in registry if kind.append_only])
        self._given, self._own = folder, threading.Lock()
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._locks = [threading.Lock() for _ in range(_LOCKS)]
        self._under_way: list[Packing] = []

    def open(
        self,
        commune: str,
        area: str,
        part: Part,
        now: datetime,
        *,
        known: str = "",
        at_least: int = -1,
        whole: bool = False,
    ) -> Opened:
        """A part of an area, packed with zstd: one that is kept, or one that is packed while it is sent.

        ``known``: the etag of a load that was cut; that very file is taken again while it is kept.
        ``at_least``: the counter up to which the laptop has pulled already; for ``rest`` an older file would
        undo what it knows (-1: it does not say). ``whole``: wait until it is packed. Raises Refused 404 without such
        an area, DatabaseBusy when the area was restored meanwhile.
        """
        with self._database.read() as tx:
            head = head_of(tx, commune, area)
            erased = last_erased(tx, commune, area)
        if head is None:
            raise not_in_scope(area)
        gen, area_key = _digest(head[1], 8), _digest(area, 16)
        least = head[0] - BEHIND if part == "first" else head[0] if at_least < 0 else at_least
        fresh = int((now - FRESH).timestamp())
        with self._locks[int(area_key[:4], 16) % _LOCKS]:
            # Looked at before the files: what is finished in between is found among those.
            packed = {packing.path: packing for packing in self._packings()}
            begun_now = [one for path in packed if (one := Kept.of(path))]
            kept = [one for one in begun_now + self._all() if not self._forget_older(one, area_key, erased)]
            mine = [one for one in kept if (one.area, one.part, one.gen) == (area_key, part, gen)]
            mine.sort(key=lambda one: (one.made, one.seq), reverse=True)
            begun = [one for one in mine if known and one.etag == known]
            good = [one for one in mine if one.made > fresh and head[0] >= one.seq >= least]
            for one in [*begun, *good]:
                with contextlib.suppress(FileNotFoundError):  # not whole yet, or another process tidied up
                    return Opened(one.etag, one.path.open("rb"))
                packing = packed.get(one.path)
                if packing is not None:
                    break
            else:
                one, packing = self._begin(commune, area, area_key, part, head[0], head[1], now)
        if packing.wait(whole=whole):
            try:
                return Opened(one.etag, one.path.open("rb"))
            except FileNotFoundError:  # something was erased while it was packed
                return self.open(commune, area, part, now, known=known, at_least=at_least, whole=whole)
        return Opened(one.etag, packing=packing)

    def forget_erased(self) -> None:
        """Let go of every file that was begun before something in its area was erased."""
        with self._database.read() as tx:
            found = [
                *tx.all("SELECT area, MAX(seq) FROM erased GROUP BY area"),
                *tx.all("SELECT area, MAX(seq) FROM erased_text GROUP BY area"),
            ]
        erased: dict[str, int] = {}
        for area, seq in found:
            key = _digest(area, 16)
            erased[key] = max(int(seq), erased.get(key, 0))
        for one in self._all():
            self._forget_older(one, one.area, erased.get(one.area, 0))

    def close(self) -> None:
        """Give up what is being packed; the database is not read any more."""
        for packing in self._packings():
            packing.stop()

    @property
    def _folder(self) -> Path:
        if self._given is not None:
            return self._given
        with self._own:
            if self._temporary is None:
                self._temporary = tempfile.TemporaryDirectory(prefix="gonha-snapshots-")
            return Path(self._temporary.name)

    def _begin(
        self, commune: str, area: str, area_key: str, part: Part, upto: int, gen: str, now: datetime
    ) -> tuple[Kept, Packing]:
        which = secrets.token_hex(8)  # no two files have the same bytes, even of one moment
        place = f"{area_key}.{part}.{int(now.timestamp())}.{upto}.{_digest(gen, 8)}.{which}.zst"
        made = Kept.of(self._folder / place)
        assert made is not None

        def kept() -> None:
            self._tidy(now)
            with self._database.read() as tx:  # something may have been erased since its page was read
                erased = last_erased(tx, commune, area)
            self._forget_older(made, area_key, erased)

        def ended(packing: Packing) -> None:
            with self._own:
                self._under_way.remove(packing)

        text = self._text(commune, area, part, upto, gen, now)
        packing = Packing(text, made.path, kept, ended)
        with self._own:
            self._under_way.append(packing)
        packing.start()
        return made, packing

    def _packings(self) -> list[Packing]:
        with self._own:
            return list(self._under_way)

    def _text(
        self, commune: str, area: str, part: Part, upto: int, gen: str, now: datetime
    ) -> Iterator[bytes]:
        """The part as pieces of whole lines, a page each."""
        # The file is for every laptop of the area: no epoch, no device.
        header = Header(kind="snapshot", protocol=PROTOCOL, schema=SCHEMA, now=to_wire(now))
        text = _encoder.encode(header) + b"\n"
        old = "(type IN (SELECT k.value->>0 FROM each(:types) AS k) AND at < :cutoff)"
        only = "seq <= :upto AND deleted = 0 AND gone IS NULL AND " + (
            f"NOT {old}" if part == "first" else old
        )
        days = FIRST_DAYS if part == "first" else REST_DAYS
        cutoff = to_wire(now - timedelta(days=days))
        seq = count = 0
        page = min(BEGIN, PAGE)
        done = False
        while not done:
            with self._database.read() as tx:
                head = head_of(tx, commune, area)
                rows = rows_after(
                    tx, commune, area, seq, page, only, upto=upto, types=self._types, cutoff=cutoff
                )
            if head is None or head[1] != gen:
                raise DatabaseBusy("restored while it was read")
            done = len(rows) < page
            if rows:
                seq = rows[-1].seq
                count += len(rows)
                text += _encoder.encode_lines(rows)
            if not done:
                yield text
                text, page = b"", min(2 * page, PAGE)
        # No digest: rows that changed while the part was made are in none of its lines.
        mark = AreaMark(area=area, gen=gen, seq=upto)
        last = [Cursor(area=area, gen=gen, seq=upto), Trailer(count=count, areas=[mark])]
        yield text + _encoder.encode_lines(last)

    def _forget_older(self, one: Kept, area_key: str, erased: int) -> bool:
        """Whether a part of this area was begun before the counter at which something was last erased; its file goes
        then."""
        older = one.area == area_key and one.seq < erased
        if older:
            with contextlib.suppress(
                OSError
            ):  # not whole yet, or open on Windows: asked again at the next load
                one.path.unlink()
        return older

    def _all(self) -> list[Kept]:
        if not self._folder.is_dir():
            return []
        return [kept for path in self._folder.iterdir() if (kept := Kept.of(path))]

    def _tidy(self, now: datetime) -> None:
        """Let go of files nobody will ask for: older ones of an area, old ones, and the oldest above the
        limit. A file that is being sent stays readable to whoever has it open.
        """
        kept = sorted(self._all(), key=lambda one: (one.made, one.seq), reverse=True)
        seen: dict[tuple[str, str], int] = {}
        size = 0
        for one in kept:
            nth = seen[one.area, one.part] = seen.get((one.area, one.part), 0) + 1
            with contextlib.suppress(OSError):  # another process was faster, or has it open on Windows
                size += one.path.stat().st_size
                old = one.made < int((now - 2 * FRESH).timestamp())
                if old or nth > _KEEP or (size > MAX_BYTES and one is not kept[0]):
                    one.path.unlink()
        for path in self._folder.glob(f"{UNFINISHED}*"):  # of a server that was killed
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < _hour_ago():
                    path.unlink()


def _digest(text: str, size: int) -> str:
    return blake2b(text.encode(), digest_size=size).hexdigest()


def _hour_ago() -> float:
    return datetime.now().timestamp() - 3600
