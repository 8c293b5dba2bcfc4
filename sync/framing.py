"""Packing and unpacking of bodies: lines to compressed bytes and back, in pieces of any size.

A body is NDJSON whose first line is a `head` and whose last is an `end`. Three things can be wrong with
what arrives, and a caller acts differently on each: `CutBody` (try again), `NotOurs` (something else
answered), `TooLarge`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec
from backports import zstd

ENCODINGS = ("zstd", "gzip", "identity")
MAX_UNPACKED = 64 << 20  # bytes of lines in one body
MAX_LINE = 1 << 20
MAX_RATIO = 400  # our own bodies reach about 30
_RATIO_FREE = 4 << 20  # below this much a high ratio harms nobody
_PIECE = 256 << 10
_WINDOW_LOG_MAX = 24  # 16 MiB: what a stranger's frame may make us allocate
# Our lines repeat themselves so much that trying harder finds little, and less up to level 4. Per op: 91 bytes and
# 0,9 us in pushes of 2000, 254 bytes and 9 us in pushes of 5; level 3: 96 and 1,1, 252 and 37; level 6: 86 and 4,0, 246
# and 118. A ward of 15 000 persons with its observations: 1,7 MB; level 3: 1,9 MB; level 6: 1,8 MB and five times the
# work.
_LEVEL = 1
_HEAD, _END = b'{"line":"head"', b'{"line":"end"'


class BodyError(Exception):
    """What arrived cannot be used as a body."""


class CutBody(BodyError):
    """The body stops before its trailer: the link was cut. What came before it is sound."""


class NotOurs(BodyError):
    """This is not one of our bodies: a login page, a proxy's answer, another format."""


class TooLarge(BodyError):
    """The body, or one line of it, unpacks to more than is allowed."""


class Packer(Protocol):
    """Compresses one body in pieces. ``flush``: what makes all so far readable; ``end``: the last bytes."""

    def pack(self, data: bytes) -> bytes: ...
    def flush(self) -> bytes: ...
    def end(self) -> bytes: ...


class _Zstd:
    def __init__(self) -> None:
        self._z = zstd.ZstdCompressor(_LEVEL)

    def pack(self, data: bytes) -> bytes:
        return self._z.compress(data)

    def flush(self) -> bytes:
        return self._z.flush(zstd.ZstdCompressor.FLUSH_BLOCK)

    def end(self) -> bytes:
        return self._z.flush(zstd.ZstdCompressor.FLUSH_FRAME)


class _Gzip:
    def __init__(self, level: int = 6) -> None:
        self._z = zlib.compressobj(level, zlib.DEFLATED, 31)

    def pack(self, data: bytes) -> bytes:
        return self._z.compress(data)

    def flush(self) -> bytes:
        return self._z.flush(zlib.Z_SYNC_FLUSH)

    def end(self) -> bytes:
        return self._z.flush(zlib.Z_FINISH)


class _Plain:
    def pack(self, data: bytes) -> bytes:
        return data

    def flush(self) -> bytes:
        return b""

    def end(self) -> bytes:
        return b""


def packer_of(encoding: str) -> Packer:
    """A packer. Raises ValueError for an unknown encoding."""
    if encoding == "zstd":
        return _Zstd()
    if encoding == "gzip":
        return _Gzip()
    if encoding == "identity":
        return _Plain()
    raise ValueError(f"unknown encoding {encoding!r}")


def encode_pieces(pieces: Iterable[bytes], encoding: str = "zstd") -> Iterator[bytes]:
    """Compress pieces, each one or more whole lines with their line ends; whoever received the bytes of a
    piece can read all its lines at once, even if the next never comes. Raises ValueError for an unknown
    encoding."""
    packer = packer_of(encoding)
    for piece in pieces:
        packed = packer.pack(piece) + packer.flush()
        if packed:
            yield packed
    last = packer.end()
    if last:
        yield last


def encode_lines(lines: Iterable[bytes], encoding: str = "zstd", flush_every: int = 500) -> Iterator[bytes]:
    """Compress lines (without line ends), readable by the receiver after every ``flush_every`` of them."""
    return encode_pieces(_gather(lines, flush_every), encoding)


def encode_body(lines: Iterable[bytes], encoding: str = "zstd") -> bytes:
    """A whole small body at once: one frame, no inner flushes."""
    return encode_text(b"".join(line + b"\n" for line in lines), encoding)


def encode_text(text: bytes, encoding: str = "zstd") -> bytes:
    """The same of lines that are joined already, each with its line end."""
    packer = packer_of(encoding)
    return packer.pack(text) + packer.end()


def _gather(lines: Iterable[bytes], count: int) -> Iterator[bytes]:
    waiting: list[bytes] = []
    for line in lines:
        waiting.append(line)
        if len(waiting) >= count:
            yield b"\n".join(waiting) + b"\n"
            waiting = []
    if waiting:
        yield b"\n".join(waiting) + b"\n"


class LineReader:
    """Unpacks a body from chunks cut anywhere.

    `feed` returns the lines completed by a chunk, header and trailer included; `close` says whether all of
    it came.
    ``max_unpacked``: bytes of lines allowed altogether.
    """

    def __init__(
        self, encoding: str = "zstd", max_unpacked: int = MAX_UNPACKED, max_line: int = MAX_LINE
    ) -> None:
        if encoding not in ENCODINGS:
            raise NotOurs(f"unknown encoding {encoding[:20]!r}")
        self._encoding = encoding
        self._max_unpacked = max_unpacked
        self._max_line = max_line
        self._unpacker = self._fresh()
        self._partial = b""
        self._in = self._out = 0
        self._started = self._ended = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that ``chunk`` completes. Raises NotOurs or TooLarge; the reader is of no use
        afterwards."""
        self._in += len(chunk)
        lines: list[bytes] = []
        for text in self._unpack(chunk):
            self._out += len(text)
            if self._out > self._max_unpacked or self._out > max(_RATIO_FREE, self._in * MAX_RATIO):
                raise TooLarge("the body unpacks to more than is allowed")
            whole = (self._partial + text).split(b"\n")
            self._partial = whole.pop()
            if len(self._partial) > self._max_line:
                self._check_first(self._partial)
                raise TooLarge("a line is longer than is allowed")
            self._take_all(whole, lines)
        return lines

    def close(self) -> None:
        """Raises CutBody when the trailer never came, NotOurs when not even our header did."""
        if self._ended:
            if self._partial.strip():
                raise NotOurs("there is something after the trailer")
            return
        if not self._started and self._partial:
            self._check_first(self._partial)
        raise CutBody("the body stops before its trailer")

    @property
    def ended(self) -> bool:
        """Whether the trailer has been read."""
        return self._ended

    def _take_all(self, whole: list[bytes], lines: list[bytes]) -> None:
        """Most lines stand between header and trailer: they are looked at together."""
        start = 0
        if not self._started and whole:
            self._take(whole[0], lines)
            start = 1
        if not self._ended:
            last = next((n for n, line in enumerate(whole) if line.startswith(_END)), len(whole))
            lines += whole[start:last]
            start = max(start, last)
        for line in whole[start:]:
            self._take(line, lines)

    def _take(self, line: bytes, lines: list[bytes]) -> None:
        if self._ended:
            if line.strip():
                raise NotOurs("there is something after the trailer")
            return
        if not self._started:
            self._check_first(line)
            if not line.startswith(_HEAD):
                raise NotOurs("the first line is no header")
            self._started = True
        elif line.startswith(_END):
            self._ended = True
        lines.append(line)

    def _check_first(self, start: bytes) -> None:
        if not self._started and start[: len(_HEAD)] != _HEAD[: len(start)]:
            raise NotOurs("the body does not begin with our header")

    def _fresh(self) -> zstd.ZstdDecompressor | zlib._Decompress | None:
        if self._encoding == "zstd":
            limit: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG_MAX}
            return zstd.ZstdDecompressor(options=limit)
        return zlib.decompressobj(31) if self._encoding == "gzip" else None

    def _unpack(self, chunk: bytes) -> Iterator[bytes]:
        if self._unpacker is None:
            yield chunk
            return
        try:
            while chunk or not self._drained():
                if self._unpacker is None or self._unpacker.eof:
                    self._unpacker = self._fresh()
                    continue
                text, chunk = self._step(chunk)
                if text:
                    yield text
                elif not chunk:
                    return
        except (zstd.ZstdError, zlib.error) as wrong:
            raise NotOurs(f"the body is not {self._encoding}") from wrong

    def _drained(self) -> bool:
        unpacker = self._unpacker
        return not isinstance(unpacker, zstd.ZstdDecompressor) or unpacker.needs_input or unpacker.eof

    def _step(self, chunk: bytes) -> tuple[bytes, bytes]:
        """At most one piece of text, and what is left of the chunk for the next step."""
        unpacker = self._unpacker
        if isinstance(unpacker, zstd.ZstdDecompressor):
            text = unpacker.decompress(chunk, _PIECE)
            return text, unpacker.unused_data if unpacker.eof else b""
        assert unpacker is not None
        text = unpacker.decompress(chunk, _PIECE)
        return text, unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail


def read_lines(
    chunks: Iterable[bytes], encoding: str = "zstd", max_unpacked: int = MAX_UNPACKED
) -> Iterator[bytes]:
    """The lines of a body that arrives in ``chunks``. Raises CutBody, NotOurs or TooLarge."""
    reader = LineReader(encoding, max_unpacked)
    for chunk in chunks:
        yield from reader.feed(chunk)
    reader.close()


def encode(line: msgspec.Struct) -> bytes:
    """One line, without its line end."""
    return _encoder.encode(line)


_encoder = msgspec.json.Encoder()
