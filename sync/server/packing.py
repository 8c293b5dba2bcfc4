"""A part of a first load on its way into a file: packed in a thread of its own, sent while that goes on.

Packing a ward takes as long as taking it in, so whoever asks first gets each page as soon as it is packed, and whoever
comes meanwhile gets the same bytes. The file is made whole whether or not anybody still reads it, so a load that was
cut finds it. When the packing fails, what it wrote is taken away, and readers get the error in place of an end: a body
that was cut never looks whole.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from sync.framing import packer_of

UNFINISHED = "making-"  # how the name of a file begins that is not whole
CHUNK = 256 << 10
_AT_ONCE = threading.BoundedSemaphore(4)  # packings that have a processor's attention


class Stopped(Exception):
    """The server ends before the part is whole."""


class Packing:
    """One part being packed. ``texts``: its text in pieces of whole lines; ``path``: where the file is put once it is
    whole and on disk; ``kept``: called then; ``ended``: called at the end, whatever it was, before it is told."""

    def __init__(
        self,
        texts: Iterator[bytes],
        path: Path,
        kept: Callable[[], object],
        ended: Callable[[Packing], object],
    ) -> None:
        self.path = path
        self._texts, self._kept, self._ended = texts, kept, ended
        self._news = threading.Condition()
        self._pieces: list[bytes] = []
        self._whole = self._stopped = False
        self._wrong: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="packing", daemon=True)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Give up; what was written is taken away. Returns when that is done."""
        self._stopped = True
        self._thread.join()

    def wait(self, *, whole: bool) -> bool:
        """Wait until there is something to send, or all of it. Returns whether it is whole; a part of one piece always
        is. Raises what went wrong."""
        with self._news:
            self._news.wait_for(lambda: self._whole or self._wrong or (self._pieces and not whole))
            if self._wrong is not None:
                raise self._wrong
            return self._whole

    def pieces(self) -> Iterator[bytes]:
        """The bytes of the part from its beginning, as they come. Raises what went wrong, FileNotFoundError when the
        whole file was taken away meanwhile."""
        count = size = 0
        while (piece := self._piece(count)) is not None:
            count, size = count + 1, size + len(piece)
            yield piece
        with self.path.open("rb") as file:
            file.seek(size)
            while chunk := file.read(CHUNK):
                yield chunk

    def _piece(self, number: int) -> bytes | None:
        """One piece once it is there, None when all are in the file."""
        with self._news:
            self._news.wait_for(lambda: self._whole or self._wrong or len(self._pieces) > number)
            if self._wrong is not None:
                raise self._wrong
            return None if self._whole else self._pieces[number]

    def _run(self) -> None:
        wrong: BaseException | None = None
        try:
            with _AT_ONCE:
                self._pack()
        except BaseException as error:  # noqa: BLE001 - told to everyone who reads along
            wrong = error
        self._ended(self)
        with self._news:
            self._whole, self._wrong, self._pieces = wrong is None, wrong, []
            self._news.notify_all()

    def _pack(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=self.path.parent)  # only its owner may read it
        try:
            with open(handle, "wb") as file:
                for packed in self._packed():
                    file.write(packed)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise
        self._kept()

    def _packed(self) -> Iterator[bytes]:
        """The packed pieces. All but the last are told at once, so that a part of one piece is only told when whole."""
        packer = packer_of("zstd")
        text = next(self._texts)
        for following in self._texts:
            packed = packer.pack(text) + packer.flush()
            with self._news:
                self._pieces.append(packed)
                self._news.notify_all()
            yield packed
            if self._stopped:
                raise Stopped
            text = following
        yield packer.pack(text) + packer.end()
