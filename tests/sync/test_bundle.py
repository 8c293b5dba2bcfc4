"""The file itself: whatever happens to its bytes is found out, and told apart from being cut or foreign."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from sync import bundle
from sync.bundle import MAGIC, BundleError, BundleHeader, public_text

PARTS = [("want", b'{"cursors":{}}'), ("push", "Nguyễn Văn Đức".encode() * 40), ("push", b"")]
HEADER = BundleHeader(
    kind=bundle.PUSH,
    sender="01930000-0000-7000-8000-000000000001",
    receiver="00112233445566ff",
    bundle="01930000-0000-7000-8000-000000000002",
    made="2026-11-22T02:00:00.000Z",
    expires="2026-12-22T02:00:00.000Z",
    counts={"ops": 2},
)


@dataclass
class Pair:
    """The keys of one side."""

    sealing: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    signing: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def seals(self) -> str:
        return public_text(self.sealing)

    @property
    def signs(self) -> str:
        return public_text(self.signing)


LAPTOP, SERVER, STRANGER = Pair(), Pair(), Pair()
FILE = bundle.seal(HEADER, PARTS, SERVER.seals, LAPTOP.signing)


def opened(file: bytes, receiver: Pair = SERVER, sender: Pair = LAPTOP) -> list[tuple[str, bytes]]:
    closed = bundle.check(file)
    closed.verify(sender.signs)
    return closed.open(receiver.sealing)


def word(file: bytes, receiver: Pair = SERVER, sender: Pair = LAPTOP) -> str:
    with pytest.raises(BundleError) as refused:
        opened(file, receiver, sender)
    return refused.value.word


def framed(text: bytes, payload: bytes, signature: bytes = b"", *, version: int = bundle.VERSION) -> bytes:
    """A file with its checks right, as somebody without the keys could write it."""
    from hashlib import sha256

    lengths = struct.pack(">8sHIQ32s", MAGIC, version, len(text), len(payload), sha256(text).digest())
    return lengths + struct.pack(">I", zlib.crc32(lengths)) + text + payload + (signature or bytes(64))


def test_what_was_sealed_comes_out_and_the_header_is_readable_without_a_key() -> None:
    assert opened(FILE) == PARTS
    header = bundle.check(FILE).header
    assert msgspec.structs.replace(header, digest="") == HEADER
    assert len(header.digest) == 64


def test_nothing_of_the_payload_can_be_read_in_the_file() -> None:
    assert "Nguyễn".encode() not in FILE
    assert b"cursors" not in FILE


def test_the_same_words_are_sealed_differently_each_time() -> None:
    again = bundle.seal(HEADER, PARTS, SERVER.seals, LAPTOP.signing)
    assert bundle.check(again).payload != bundle.check(FILE).payload
    assert opened(again) == PARTS


@given(at=st.integers(0, len(FILE) - 1), flip=st.integers(1, 255))
def test_any_changed_byte_is_found_out(at: int, flip: int) -> None:
    changed = bytearray(FILE)
    changed[at] ^= flip
    assert word(bytes(changed)) == ("not_a_bundle" if at < len(MAGIC) else "altered")


def test_every_single_byte_is_covered() -> None:
    """Not only those that a search happens to choose."""
    for at in range(len(FILE)):
        changed = bytearray(FILE)
        changed[at] ^= 0x20
        with pytest.raises(BundleError):
            opened(bytes(changed))


def test_any_missing_end_is_found_out() -> None:
    assert {word(FILE[:length]) for length in range(len(FILE))} == {"cut"}


@given(st.binary(min_size=1, max_size=50))
def test_anything_after_the_end_is_found_out(more: bytes) -> None:
    assert word(FILE + more) == "altered"


@given(st.binary(max_size=300).filter(lambda file: file[:8] != MAGIC[: len(file)]))
def test_another_programs_file_is_no_bundle(file: bytes) -> None:
    assert word(file) == "not_a_bundle"


def test_a_transfer_that_repairs_line_ends_is_found_out() -> None:
    assert word(FILE.replace(b"\r\n", b"\n")) == "not_a_bundle"


def test_only_the_sender_can_have_signed_it() -> None:
    assert word(FILE, sender=STRANGER) == "altered"
    forged = bundle.seal(HEADER, PARTS, SERVER.seals, STRANGER.signing)
    assert word(forged) == "altered"


def test_only_the_receiver_can_open_it() -> None:
    assert word(FILE, receiver=STRANGER) == "cannot_open"


def test_the_payload_is_tied_to_its_header() -> None:
    """A payload moved under another header does not open, even if the sender itself signs the result."""
    closed = bundle.check(FILE)
    other = msgspec.structs.replace(closed.header, bundle="01930000-0000-7000-8000-000000000003")
    unsigned = framed(msgspec.json.encode(other), closed.payload)[:-64]
    assert word(unsigned + LAPTOP.signing.sign(unsigned)) == "cannot_open"


def test_a_later_version_is_told_from_a_broken_file_even_without_its_signature() -> None:
    assert word(framed(b'{"whatever":1}', b"...", version=2)) == "newer"


def test_fields_of_a_later_header_do_no_harm() -> None:
    """They are signed and sealed to the letter, though this version does not know them."""

    class Later(BundleHeader):
        colour: str = ""

    later = Later(**msgspec.structs.asdict(HEADER), colour="blue")
    file = bundle.seal(later, PARTS, SERVER.seals, LAPTOP.signing)
    assert opened(file) == PARTS


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"kind":1}', b"\xff\xfe"])
def test_a_header_that_is_none_is_refused(text: bytes) -> None:
    assert word(framed(text, b"...")) == "altered"


@pytest.mark.parametrize(
    ("header_length", "payload_length"), [(1 << 31, 10), (10, 1 << 62), (bundle.MAX_HEADER + 1, 1)]
)
def test_lengths_beyond_the_limits_are_refused_before_anything_is_read(
    header_length: int, payload_length: int
) -> None:
    lengths = struct.pack(">8sHIQ32s", MAGIC, 1, header_length, payload_length, bytes(32))
    assert word(lengths + struct.pack(">I", zlib.crc32(lengths)) + bytes(100)) == "too_large"


def test_more_than_a_file_may_hold_is_refused_when_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_PAYLOAD", 4096)
    with pytest.raises(BundleError) as refused:
        bundle.seal(HEADER, [("rows", bytes(4096))], SERVER.seals, LAPTOP.signing)
    assert refused.value.word == "too_large"


@pytest.mark.parametrize("key", ["", "not base64!", "AAAA", "ữ"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(BundleError) as refused:
        bundle.seal(HEADER, PARTS, key, LAPTOP.signing)
    assert refused.value.word == "bad_key"


def test_a_server_is_named_after_its_key() -> None:
    assert bundle.server_id(SERVER.seals) == bundle.server_id(SERVER.seals) != bundle.server_id(LAPTOP.seals)
    assert len(bundle.server_id(SERVER.seals)) == 16
