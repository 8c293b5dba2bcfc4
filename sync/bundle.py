"""One sync in a file, for places without a link: ``magic | header | payload | signature``.

The payload holds the bodies that would have gone over the wire, sealed to the receiver (HPKE: X25519, HKDF-SHA256,
AES-256-GCM) and bound to the header; the sender signs everything before the signature (Ed25519). The header is
plain JSON and names no person and no place. This module turns bytes into bytes: no file, no clock, no database.

Layout, numbers big-endian::

    magic 8 | version 2 | header length 4 | payload length 8 | SHA-256 of the header 32 | CRC-32 of all that 4
    header | payload | signature 64

The lengths have a check of their own, so that a file cut short is told from one that was altered, and a newer
version from both, without any key.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

MAGIC = b"\x8bGONHA\r\n"  # the line end shows a transfer that "repairs" text
VERSION = 1
MAX_PAYLOAD = 64 << 20
MAX_HEADER = 16 << 10
SIGNATURE_BYTES = 64
LIFE_DAYS = 30
PUSH, ANSWER = "push", "answer"

_LENGTHS = struct.Struct(">8sHIQ32s")
_CRC = struct.Struct(">I")
_PREAMBLE = _LENGTHS.size + _CRC.size
MAX_FILE = _PREAMBLE + MAX_HEADER + MAX_PAYLOAD + SIGNATURE_BYTES
_PART = struct.Struct(">4sQ")
_NO_DIGEST = "0" * 64
_BOUND = b"gonha bundle 1\0"
_suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class BundleError(Exception):
    """A file is refused as a whole. ``word``: why, for the catalogue; ``params``: what it names, never a person."""

    def __init__(self, word: str, **params: object) -> None:
        super().__init__(word, params)
        self.word, self.params = word, params


class BundleHeader(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What anybody who finds the file may read.

    ``kind``: push (from a laptop) or answer (from a server). ``sender``, ``receiver``: a device id or a
    `server_id`. ``bundle``: the file's own id; ``in_answer_to``: the one it answers, empty when none was asked.
    ``made``, ``expires``: wire moments by the sender's clock. ``counts``: ops, results, rows. ``digest``: SHA-256
    of the sealed payload, hex.
    """

    kind: str
    sender: str
    receiver: str
    bundle: str
    made: str
    expires: str
    counts: dict[str, int] = {}
    in_answer_to: str = ""
    digest: str = ""


class Want(msgspec.Struct, kw_only=True):
    """The part ``want`` of a laptop's file: where it stands, area -> (gen, seq). ``schema``: of the laptop;
    ``waiting``: how many saves are not in the file, -1 when it does not say."""

    cursors: dict[str, tuple[str, int]]
    schema: int = 1
    waiting: int = -1


# Parts of a payload. In a push: WANT, then a push body each. In an answer: the scope, one answer body for each
# push body, where the rows begin (area -> [gen, seq]), and bodies of rows.
WANT, OPS = "want", "push"
SCOPE, RESULTS, BEGIN, ROWS = "scop", "done", "from", "rows"

_header_decoder = msgspec.json.Decoder(BundleHeader)


@dataclass(frozen=True, slots=True)
class Closed:
    """A file that came whole: its header can be read, its payload not yet, and nothing of it is proven."""

    header: BundleHeader
    text: bytes  # of the header
    signed: bytes
    payload: bytes
    signature: bytes

    def verify(self, sender_key: str) -> None:
        """Check who wrote it. ``sender_key``: Ed25519, base64. Raises BundleError ``altered``."""
        try:
            key = Ed25519PublicKey.from_public_bytes(_raw(sender_key))
            key.verify(self.signature, self.signed)
        except (InvalidSignature, ValueError) as error:
            raise BundleError("altered") from error

    def open(self, receiver_key: X25519PrivateKey) -> list[tuple[str, bytes]]:
        """The parts of the payload. Raises BundleError ``cannot_open`` when it was sealed to another key."""
        try:
            opened = _suite.decrypt(self.payload, receiver_key, info=_bound(self.text, self.header.digest))
        except (InvalidTag, ValueError) as error:
            raise BundleError("cannot_open") from error
        return _unpack(opened)


def seal(
    header: BundleHeader,
    parts: Iterable[tuple[str, bytes]],
    receiver_key: str,
    sender_key: Ed25519PrivateKey,
) -> bytes:
    """A whole file. ``parts``: (name of four letters, bytes); ``receiver_key``: X25519, base64.

    Raises BundleError ``too_large`` and ``bad_key``.
    """
    try:
        key = X25519PublicKey.from_public_bytes(_raw(receiver_key))
    except ValueError as error:
        raise BundleError("bad_key") from error
    text = msgspec.json.encode(msgspec.structs.replace(header, digest=_NO_DIGEST))
    packed = _pack(parts)
    if len(packed) > MAX_PAYLOAD - 1024:  # what sealing adds is less
        raise BundleError("too_large", limit=MAX_PAYLOAD >> 20)
    payload = _suite.encrypt(packed, key, info=_bound(text, _NO_DIGEST))
    text = text.replace(_NO_DIGEST.encode(), hashlib.sha256(payload).hexdigest().encode())
    lengths = _LENGTHS.pack(MAGIC, VERSION, len(text), len(payload), hashlib.sha256(text).digest())
    signed = lengths + _CRC.pack(zlib.crc32(lengths)) + text + payload
    return signed + sender_key.sign(signed)


def check(file: bytes) -> Closed:
    """What can be said of a file without any key.

    Raises BundleError: ``not_a_bundle`` (another program's file), ``cut`` (its end is missing), ``altered``,
    ``newer`` (a later version of this program wrote it), ``too_large``.
    """
    if file[: len(MAGIC)] != MAGIC[: len(file)]:
        raise BundleError("not_a_bundle")
    if len(file) < _PREAMBLE:
        raise BundleError("cut")
    if _CRC.unpack_from(file, _LENGTHS.size) != (zlib.crc32(file[: _LENGTHS.size]),):
        raise BundleError("altered")
    _, version, header_length, payload_length, header_digest = _LENGTHS.unpack_from(file)
    if version > VERSION:
        raise BundleError("newer")
    if header_length > MAX_HEADER or payload_length > MAX_PAYLOAD:
        raise BundleError("too_large", limit=MAX_PAYLOAD >> 20)
    payload_at = _PREAMBLE + header_length
    signature_at = payload_at + payload_length
    if len(file) != signature_at + SIGNATURE_BYTES:
        raise BundleError("cut" if len(file) < signature_at + SIGNATURE_BYTES else "altered")
    text, payload = file[_PREAMBLE:payload_at], file[payload_at:signature_at]
    if hashlib.sha256(text).digest() != header_digest:
        raise BundleError("altered")
    try:
        header = _header_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BundleError("altered") from error
    if hashlib.sha256(payload).hexdigest() != header.digest:
        raise BundleError("altered")
    return Closed(header, text, file[:signature_at], payload, file[signature_at:])


def server_id(sealing_key: str) -> str:
    """What a server is called in headers: 16 hex digits of its public sealing key (base64)."""
    return hashlib.sha256(_raw(sealing_key)).hexdigest()[:16]


def public_text(key: X25519PrivateKey | Ed25519PrivateKey) -> str:
    """The public half as it travels: base64 of 32 raw bytes."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _raw(key: str) -> bytes:
    try:
        return base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the key is not base64") from error


def _bound(text: bytes, digest: str) -> bytes:
    """What the seal is tied to: the header to the letter, without the digest, which is known only after it."""
    plain = text.replace(digest.encode(), _NO_DIGEST.encode())
    return _BOUND + hashlib.sha256(plain).digest()


def _pack(parts: Iterable[tuple[str, bytes]]) -> bytes:
    packed = bytearray()
    for name, body in parts:
        packed += _PART.pack(name.encode("ascii"), len(body)) + body
    return bytes(packed)


def _unpack(packed: bytes) -> list[tuple[str, bytes]]:
    parts = []
    at = 0
    while at < len(packed):
        if at + _PART.size > len(packed):
            raise BundleError("altered")
        name, length = _PART.unpack_from(packed, at)
        at += _PART.size
        if at + length > len(packed):
            raise BundleError("altered")
        parts.append((name.decode("ascii", "replace"), packed[at : at + length]))
        at += length
    return parts
