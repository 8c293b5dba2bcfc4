"""A part of a first load while it is packed: told piece by piece, put into its place whole or not at all."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from backports import zstd

from sync.server.packing import UNFINISHED, Packing, Stopped
from tests.store.killing import killed_at_every_touch

TEXTS = [b"first\n" * 500, b"second\n" * 500, b"third\n" * 500]


class Pages:
    """Texts that come when they are let through. ``wrong``: raised after the last."""

    def __init__(self, *texts: bytes, wrong: Exception | None = None) -> None:
        self._texts, self._wrong, self._free = texts, wrong, threading.Semaphore(0)

    def let(self, count: int = 100) -> None:
        """Let so many more through, the error counting as one."""
        for _ in range(count):
            self._free.release()

    def __iter__(self) -> Iterator[bytes]:
        for text in self._texts:
            assert self._free.acquire(timeout=10)
            yield text
        if self._wrong is not None:
            assert self._free.acquire(timeout=10)
            raise self._wrong


class Watched:
    """A packing, and what it told of itself."""

    def __init__(self, folder: Path, pages: Iterable[bytes]) -> None:
        self.said: list[str] = []
        self.path = folder / "files" / "part.zst"
        self.packing = Packing(iter(pages), self.path, self._kept, self._ended)
        self.packing.start()

    def _kept(self) -> None:
        self.said.append(f"kept {self.path.exists()}")

    def _ended(self, packing: Packing) -> None:
        self.said.append("ended")

    def left(self) -> list[str]:
        return [path.name for path in self.path.parent.iterdir()]


def test_a_piece_is_read_as_soon_as_the_one_behind_it_is_there(tmp_path: Path) -> None:
    pages = Pages(*TEXTS)
    watched = Watched(tmp_path, pages)
    pages.let(2)
    assert watched.packing.wait(whole=False) is False
    pieces = watched.packing.pieces()
    piece = next(pieces)
    unpacker = zstd.ZstdDecompressor()
    assert unpacker.decompress(piece) == TEXTS[0]
    assert watched.said == []
    pages.let()
    rest = b"".join(pieces)
    assert unpacker.decompress(rest) == TEXTS[1] + TEXTS[2]
    assert unpacker.eof
    assert piece + rest == watched.path.read_bytes()
    assert watched.said == ["kept True", "ended"]
    assert watched.left() == ["part.zst"]


def test_who_comes_later_or_reads_slowly_gets_the_same_bytes(tmp_path: Path) -> None:
    pages = Pages(*TEXTS, b"fourth\n")
    watched = Watched(tmp_path, pages)
    pages.let(3)
    slow = watched.packing.pieces()
    begun = next(slow)
    late = watched.packing.pieces()
    early = b"".join([next(late), next(late)])
    pages.let()
    assert watched.packing.wait(whole=True) is True
    whole = watched.path.read_bytes()
    assert begun + b"".join(slow) == early + b"".join(late) == whole
    assert b"".join(watched.packing.pieces()) == whole


def test_a_part_of_one_piece_is_whole_before_it_is_told(tmp_path: Path) -> None:
    pages = Pages(TEXTS[0])
    watched = Watched(tmp_path, pages)
    pages.let()
    assert watched.packing.wait(whole=False) is True
    assert zstd.decompress(watched.path.read_bytes()) == TEXTS[0]


@pytest.mark.parametrize("good", [0, 1, 2, 3])
def test_what_goes_wrong_is_told_to_every_reader_in_place_of_an_end(tmp_path: Path, good: int) -> None:
    wrong = RuntimeError("the disk")
    pages = Pages(*TEXTS[:good], wrong=wrong)
    watched = Watched(tmp_path, pages)
    pages.let(good)
    pieces = watched.packing.pieces()
    read = [next(pieces) for _ in range(good - 1)]
    assert len(read) == max(0, good - 1)
    pages.let()
    with pytest.raises(RuntimeError, match="the disk"):
        next(pieces)
    for whole in (False, True):
        with pytest.raises(RuntimeError, match="the disk"):
            watched.packing.wait(whole=whole)
    assert watched.said == ["ended"]
    assert watched.left() == []


def test_a_server_that_ends_leaves_nothing_half(tmp_path: Path) -> None:
    watched = Watched(tmp_path, itertools.repeat(TEXTS[0]))  # it would never end by itself
    pieces = watched.packing.pieces()
    next(pieces)
    watched.packing.stop()
    with pytest.raises(Stopped):
        list(pieces)
    assert watched.said == ["ended"]
    assert watched.left() == []


def test_a_whole_file_that_was_taken_away_ends_in_an_error(tmp_path: Path) -> None:
    pages = Pages(*TEXTS)
    watched = Watched(tmp_path, pages)
    pages.let(2)
    pieces = watched.packing.pieces()
    next(pieces)
    pages.let()
    assert watched.packing.wait(whole=True)
    watched.path.unlink()
    with pytest.raises(FileNotFoundError):
        list(pieces)


def test_a_server_killed_at_any_moment_leaves_the_whole_file_or_none(tmp_path: Path) -> None:
    def fresh(moment: int) -> Path:
        folder = tmp_path / str(moment)
        folder.mkdir()
        return folder

    def work(folder: Path) -> None:
        pages = Pages(*TEXTS)
        pages.let()
        assert Watched(folder, pages).packing.wait(whole=True)

    moments = 0
    for moment, folder in killed_at_every_touch(fresh, work):
        moments = moment
        files = [path for path in folder.glob("files/*") if not path.name.startswith(UNFINISHED)]
        assert [zstd.decompress(path.read_bytes()) for path in files] in ([], [b"".join(TEXTS)])
    assert moments >= 3  # the folder, the file, its place
