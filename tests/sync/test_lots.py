"""Lines decoded many at once are those of the body, however it is cut; what is no body of ours is refused."""

from itertools import chain, pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.client.lots import LotReader, read_lots
from sync.framing import CutBody, NotOurs, TooLarge, encode_body, encode_lines
from sync.protocol import Cursor, Header, PullLine, Row, Trailer

ENCODINGS = pytest.mark.parametrize("encoding", ["zstd", "gzip", "identity"])
PULLED = msgspec.json.Decoder(PullLine)
LINES = [
    Header(kind="pulled"),
    Row(type="person", id="an", commune="27211", area="01", seq=1, body={"full_name": "Đặng Thị Ngõ"}),
    Row(type="person", id="binh", commune="27211", area="01", seq=2, body={"note": 'a\n{"line":"end"'}),
    Cursor(area="01", gen="g", seq=2),
    Trailer(count=2),
]
BODY = [msgspec.json.encode(line) for line in LINES]


def read(chunks: list[bytes], encoding: str = "identity") -> list[object]:
    return list(chain.from_iterable(read_lots(chunks, PULLED, encoding)))


def chopped(packed: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(a % (len(packed) + 1) for a in at), len(packed)]
    return [packed[a:b] for a, b in pairwise(edges)]


@ENCODINGS
@given(at=st.lists(st.integers(0, 1000), max_size=40))
def test_any_cutting_into_chunks_gives_the_same_lines(encoding: str, at: list[int]) -> None:
    packed = b"".join(encode_lines(BODY, encoding, flush_every=2))
    assert read(chopped(packed, at), encoding) == LINES


@ENCODINGS
def test_a_body_cut_at_any_byte_gives_its_first_lines_and_is_never_taken_for_whole(encoding: str) -> None:
    packed = b"".join(encode_lines(BODY, encoding, flush_every=1))
    for length in range(len(packed)):
        reader = LotReader(PULLED, encoding)
        lines = list(chain.from_iterable(reader.lots(packed[:length])))
        assert lines == LINES[: len(lines)]
        if len(lines) < len(LINES):
            with pytest.raises(CutBody):
                reader.close()


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Log in</html>\n",
        b'{"line":"row"}\n',
        b"\n".join([*BODY, BODY[1]]) + b"\n",
        b"\n".join([*BODY, b"x"]),
        BODY[0] + b"\n" + BODY[-1] + b"\n" + BODY[-1] + b"\n",
    ],
    ids=["a page", "no header", "a row after the trailer", "a rest after it", "two trailers"],
)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_what_is_no_body_of_ours_is_refused(body: bytes, size: int) -> None:
    with pytest.raises(NotOurs):
        read([body[at : at + size] for at in range(0, len(body), size)])


def test_blank_lines_after_the_trailer_harm_nobody() -> None:
    assert read([b"\n".join(BODY) + b"\n\n \n"]) == LINES


def test_a_body_of_more_than_is_allowed_is_refused() -> None:
    many = [BODY[0], *BODY[1:2] * 2000, BODY[-1]]
    with pytest.raises(TooLarge):
        list(LotReader(PULLED, "zstd", max_unpacked=100_000).lots(encode_body(many)))


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory() -> None:
    long = BODY[0] + b"\n" + b'{"line":"row","x":"' + b"x" * (2 << 20)
    with pytest.raises(TooLarge):
        read([long])


def test_a_line_that_cannot_be_decoded_is_an_error() -> None:
    with pytest.raises(msgspec.DecodeError):
        read([BODY[0] + b"\n" + b'{"line":"row","seq":"x"}\n' + BODY[-1] + b"\n"])
