"""The lines of an answer, decoded many at once: a call for each line would cost more than what it does.

The rules of a body are those of `framing.LineReader`; only how its lines are handed on differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from sync import collector
from sync.framing import MAX_RATIO, MAX_UNPACKED, LineReader, NotOurs, TooLarge

HEAD, END = b'{"line":"head"', b'{"line":"end"'
RATIO_FREE = 4 << 20  # below this much a high ratio harms nobody


class LotReader(LineReader):
    """Unpacks a body from chunks cut anywhere and decodes the lines each chunk completes."""

    def __init__(
        self, decoder: msgspec.json.Decoder[Any], encoding: str = "zstd", max_unpacked: int = MAX_UNPACKED
    ) -> None:
        super().__init__(encoding, max_unpacked)
        self._decode = decoder.decode_lines

    def lots(self, chunk: bytes) -> Iterator[list[Any]]:
        """The lines that ``chunk`` completes, header and trailer included, in lots of about a quarter megabyte.

        Raises NotOurs, TooLarge or msgspec.DecodeError; the reader is of no use afterwards.
        """
        self._in += len(chunk)
        for text in self._unpack(chunk):
            self._count(len(text))
            whole = self._partial + text if self._partial else text
            cut = whole.rfind(b"\n") + 1
            self._partial = whole[cut:]
            if cut:
                lines = self._in_its_place(whole[:cut])
                with collector.resting():
                    lot = self._decode(lines)
                yield lot
            if len(self._partial) > self._max_line:
                self._check_first(self._partial)
                raise TooLarge("a line is longer than is allowed")

    def _count(self, length: int) -> None:
        self._out += length
        if self._out > self._max_unpacked or self._out > max(RATIO_FREE, self._in * MAX_RATIO):
            raise TooLarge("the body unpacks to more than is allowed")

    def _in_its_place(self, lines: bytes) -> bytes:
        """Whole lines without what is blank after the trailer. Raises NotOurs unless the header is the first and the
        trailer the last."""
        if not self._started:
            self._check_first(lines)
            if not lines.startswith(HEAD):
                raise NotOurs("the first line is no header")
            self._started = True
        end = 0
        if not self._ended:
            at = 0 if lines.startswith(END) else lines.find(b"\n" + END) + 1
            if not at and not lines.startswith(END):
                return lines
            self._ended = True
            end = lines.index(b"\n", at) + 1
        if lines[end:].strip():
            raise NotOurs("there is something after the trailer")
        return lines[:end]


def read_lots(
    chunks: Iterable[bytes], decoder: msgspec.json.Decoder[Any], encoding: str = "zstd"
) -> Iterator[list[Any]]:
    """The decoded lines of a body that arrives in ``chunks``.

    Raises CutBody, NotOurs, TooLarge or msgspec.DecodeError.
    """
    reader = LotReader(decoder, encoding)
    for chunk in chunks:
        yield from reader.lots(chunk)
    reader.close()
