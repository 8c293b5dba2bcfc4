"""A body survives any cutting of its bytes, and what is not a whole body of ours is told apart."""

import gzip
from itertools import pairwise

import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from sync.framing import (
    CutBody,
    LineReader,
    NotOurs,
    TooLarge,
    encode_body,
    encode_lines,
    encode_pieces,
    read_lines,
)

HEAD, END = b'{"line":"head","kind":"push"}', b'{"line":"end","count":2}'
BODY = [HEAD, '{"line":"op","who":"Đặng Thị Ngõ"}'.encode(), b'{"line":"op","n":2}', END]
ENCODINGS = pytest.mark.parametrize("encoding", ["zstd", "gzip", "identity"])


def chopped(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(a % (len(data) + 1) for a in at), len(data)]
    return [data[a:b] for a, b in pairwise(edges)]


@ENCODINGS
@given(at=st.lists(st.integers(0, 500), max_size=40))
def test_any_cutting_into_chunks_gives_the_same_lines(encoding: str, at: list[int]) -> None:
    packed = b"".join(encode_lines(BODY, encoding, flush_every=2))
    assert list(read_lines(chopped(packed, at), encoding)) == BODY


@ENCODINGS
def test_a_small_body_in_one_piece_reads_the_same(encoding: str) -> None:
    assert list(read_lines([encode_body(BODY, encoding)], encoding)) == BODY


@ENCODINGS
def test_a_body_cut_at_any_byte_is_never_taken_for_whole(encoding: str) -> None:
    packed = b"".join(encode_lines(BODY, encoding, flush_every=1))
    whole = 0
    for length in range(len(packed)):
        reader = LineReader(encoding)
        lines = reader.feed(packed[:length])
        assert lines == BODY[: len(lines)]
        try:
            reader.close()
        except CutBody:
            continue
        assert lines == BODY  # only bytes after the trailer's line (checksum, frame end) were missing
        whole += 1
    assert whole < 20


@ENCODINGS
def test_lines_before_a_flush_are_readable_while_the_rest_never_comes(encoding: str) -> None:
    def pieces():
        yield b"\n".join(BODY[:2]) + b"\n"
        raise ConnectionError

    reader = LineReader(encoding)
    got = []
    packed = encode_pieces(pieces(), encoding)
    got += reader.feed(next(packed))
    with pytest.raises(ConnectionError):
        next(packed)
    assert got == BODY[:2]
    with pytest.raises(CutBody):
        reader.close()


def test_several_frames_after_each_other_are_one_body() -> None:
    packed = b"".join(zstd.compress(line + b"\n") for line in BODY)
    assert list(read_lines([packed])) == BODY
    assert list(read_lines([bytes([b]) for b in packed])) == BODY
    packed = b"".join(gzip.compress(line + b"\n") for line in BODY)
    assert list(read_lines([packed], "gzip")) == BODY


@pytest.mark.parametrize(
    "answer",
    [
        b"<!DOCTYPE html><html><body>Xin ch\xc3\xa0o, hay dang nhap Wi-Fi</body></html>",
        b"<html>\n<head>\n</head>\n</html>\n",
        b'{"error":"proxy"}\n',
        b'{"line":"row"}\n{"line":"end","count":1}\n',
        b"\x00\x01\x02\n",
    ],
)
def test_another_servers_answer_is_not_ours(answer: bytes) -> None:
    with pytest.raises(NotOurs):
        list(read_lines([answer], "identity"))
    with pytest.raises(NotOurs):
        list(read_lines([answer], "zstd"))
    with pytest.raises(NotOurs):
        list(read_lines([answer], "gzip"))
    with pytest.raises(NotOurs):
        list(read_lines([zstd.compress(answer)], "zstd"))


def test_nothing_at_all_is_a_cut_body_and_an_unknown_encoding_is_not_ours() -> None:
    with pytest.raises(CutBody):
        list(read_lines([], "identity"))
    with pytest.raises(NotOurs):
        LineReader("br")


def test_something_after_the_trailer_is_refused() -> None:
    with pytest.raises(NotOurs):
        list(read_lines([b"\n".join([*BODY, b"{}"]) + b"\n"], "identity"))
    with pytest.raises(NotOurs):
        list(read_lines([b"\n".join([*BODY, b"{}"])], "identity"))


@pytest.mark.parametrize("pack", [zstd.compress, gzip.compress])
def test_a_bomb_is_stopped_by_size_and_by_ratio(pack) -> None:
    line = b'{"line":"op","note":"' + b"a" * 9000 + b'"}\n'
    bomb = pack(HEAD + b"\n" + line * 8000)  # 72 MB out of a few kB
    encoding = "zstd" if pack is zstd.compress else "gzip"
    chunks = [bomb[i : i + 1000] for i in range(0, len(bomb), 1000)]
    with pytest.raises(TooLarge):
        list(read_lines(chunks, encoding))
    with pytest.raises(TooLarge):
        list(read_lines([bomb], encoding, max_unpacked=100_000))


def test_a_line_without_end_is_stopped() -> None:
    with pytest.raises(TooLarge):
        list(read_lines([HEAD + b"\n", b"a" * 3_000_000], "identity"))
    with pytest.raises(NotOurs):
        list(read_lines([b"a" * 3_000_000], "identity"))


def test_a_frame_that_asks_for_a_huge_window_is_refused() -> None:
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    packer = zstd.ZstdCompressor(options=options)
    packed = packer.compress(b"\n".join(BODY) + b"\n") + packer.flush()
    with pytest.raises(NotOurs):
        list(read_lines([packed]))
