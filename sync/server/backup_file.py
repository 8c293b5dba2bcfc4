"""The file of a server's backup: framed, packed, with a digest, and sealed with a password when asked.

``magic | length of the whole file | length of the header | header | pieces | a piece of length 0 | SHA-256``

Lengths are big-endian. The header is JSON and names no person. A piece is ``length | bytes``; together the
pieces are one zstd stream, each sealed by itself (AES-256-GCM, key from Argon2id) where there is a password.
A nonce counts the pieces and marks the last, and the header is authenticated with each, so that no piece
can be left out, moved or taken from another file. The length tells a cut file from an altered one.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

import msgspec
from backports import zstd
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from sync.server.problems import AdminError

MAGIC = b"gonha-server-backup\n"
FORMAT = 1
PIECE = 1 << 20
_DIGEST = hashlib.sha256().digest_size
_TAG = 16
_MAX_HEADER = 1 << 20
_LEVEL = 6


class Sealing(msgspec.Struct, frozen=True):
    """How the key comes from the password: Argon2id ``passes``, ``memory_kib``, ``lanes``; ``salt`` and the
    nonces' ``prefix`` in base64.
    """

    salt: str
    prefix: str
    passes: int = 3
    memory_kib: int = 64 << 10
    lanes: int = 4

    def bearable(self) -> bool:
        """False for numbers that a stranger's file might stall the machine with."""
        return 1 <= self.passes <= 16 and 8 <= self.memory_kib <= 1 << 20 and 1 <= self.lanes <= 16


class FileHeader(msgspec.Struct, frozen=True):
    """What a backup says of itself. ``made_at``: wire moment; ``migrations``: of the database it was made
    from; ``sealing``: None for a file anybody can read.
    """

    format: int
    made_at: str
    migrations: list[str]
    sealing: Sealing | None = None


def new_sealing(**cost: int) -> Sealing:
    """Fresh salt and nonces."""
    return Sealing(_text(os.urandom(16)), _text(os.urandom(7)), **cost)


def write_file(path: Path, header: FileHeader, lines: Iterable[bytes], password: str | None) -> None:
    """Write a backup; it gets its name when every byte is on the disk, or not at all. Raises AdminError when
    the file is there already or cannot be written.
    """
    if path.exists():
        raise AdminError("backup_exists", file=str(path))
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".gonha-", suffix=".part")
        try:
            with os.fdopen(handle, "w+b") as file:
                _write(file, header, lines, password)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AdminError("backup_unwritable", file=str(path), reason=reason) from error


def _write(file: IO[bytes], header: FileHeader, lines: Iterable[bytes], password: str | None) -> None:
    head = msgspec.json.encode(header)
    start = MAGIC + bytes(8) + len(head).to_bytes(4, "big") + head
    file.write(start)
    seal = _Seal(header, password) if header.sealing else None
    held = b""
    for piece in _cut(_packed(lines)):
        if held:
            _write_piece(file, seal.close(held, last=False) if seal else held)
        held = piece
    _write_piece(file, seal.close(held, last=True) if seal else held)
    file.write(bytes(4))
    length = file.tell() + _DIGEST
    file.seek(len(MAGIC))
    file.write(length.to_bytes(8, "big"))
    file.seek(0)
    digest = _digest(file, length - _DIGEST)
    file.seek(length - _DIGEST)
    file.write(digest)


def _write_piece(file: IO[bytes], piece: bytes) -> None:
    file.write(len(piece).to_bytes(4, "big"))
    file.write(piece)


def read_header(path: Path) -> FileHeader:
    """The header of a file whose every byte is as it was written.

    Raises AdminError: no such file, not a backup, cut, altered, or of a newer program.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(MAGIC)) != MAGIC:
                raise AdminError("backup_not_one", file=str(path))
            length = int.from_bytes(file.read(8), "big")
            size = os.fstat(file.fileno()).st_size
            if size < length or size < len(MAGIC) + 8 + 4 + _DIGEST:
                raise AdminError("backup_cut", file=str(path))
            file.seek(0)
            if size > length or _digest(file, length - _DIGEST) != file.read(_DIGEST):
                raise AdminError("backup_altered", file=str(path))
            file.seek(len(MAGIC) + 8)
            return _header(file, path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise AdminError("backup_unreadable", file=str(path), reason=reason) from error


def read_lines(path: Path, password: str | None) -> Iterator[bytes]:
    """The lines of a backup. Raises AdminError as `read_header` does, for a missing or wrong password, and for
    a file that was altered and given a new digest.
    """
    header = read_header(path)
    seal = None
    if header.sealing:
        if password is None:
            raise AdminError("backup_sealed", file=str(path))
        seal = _Seal(header, password)
    unpack = zstd.ZstdDecompressor()
    rest = b""
    try:
        for piece in _pieces(path, seal):
            *whole, rest = (rest + unpack.decompress(piece)).split(b"\n")
            yield from whole
    except (zstd.ZstdError, EOFError, ValueError) as error:
        raise AdminError("backup_altered", file=str(path)) from error
    if rest or not unpack.eof:
        raise AdminError("backup_altered", file=str(path))


def _pieces(path: Path, seal: _Seal | None) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(len(MAGIC) + 8)
        _header(file, path)
        first = True
        length = int.from_bytes(file.read(4), "big")
        while length:
            piece = file.read(length)
            length = int.from_bytes(file.read(4), "big")
            if seal:
                try:
                    piece = seal.open(piece, last=length == 0)
                except InvalidTag as error:
                    wrong = "backup_wrong_password" if first else "backup_altered"
                    raise AdminError(wrong, file=str(path)) from error
            first = False
            yield piece


def _header(file: IO[bytes], path: Path) -> FileHeader:
    length = int.from_bytes(file.read(4), "big")
    try:
        head = file.read(min(length, _MAX_HEADER))
        if msgspec.json.decode(head)["format"] > FORMAT:
            raise AdminError("backup_too_new", file=str(path))
        header = msgspec.json.decode(head, type=FileHeader)
    except (msgspec.DecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise AdminError("backup_altered", file=str(path)) from error
    if header.sealing and not header.sealing.bearable():
        raise AdminError("backup_altered", file=str(path))
    return header


class _Seal:
    """Seals and opens the pieces of one file, in order."""

    def __init__(self, header: FileHeader, password: str | None) -> None:
        how = header.sealing
        assert how is not None
        key = Argon2id(
            salt=base64.b64decode(how.salt),
            length=32,
            iterations=how.passes,
            lanes=how.lanes,
            memory_cost=how.memory_kib,
        ).derive(unicodedata.normalize("NFC", password or "").encode())
        self._cipher, self._prefix = AESGCM(key), base64.b64decode(how.prefix)
        self._with, self._count = msgspec.json.encode(header), 0

    def close(self, piece: bytes, *, last: bool) -> bytes:
        return self._cipher.encrypt(self._nonce(last), piece, self._with)

    def open(self, piece: bytes, *, last: bool) -> bytes:
        return self._cipher.decrypt(self._nonce(last), piece, self._with)

    def _nonce(self, last: bool) -> bytes:
        nonce = self._prefix + self._count.to_bytes(4, "big") + bytes([last])
        self._count += 1
        return nonce


def _packed(lines: Iterable[bytes]) -> Iterator[bytes]:
    pack = zstd.ZstdCompressor(_LEVEL)
    for line in lines:
        yield pack.compress(line + b"\n")
    yield pack.flush(zstd.ZstdCompressor.FLUSH_FRAME)


def _cut(parts: Iterable[bytes]) -> Iterator[bytes]:
    held = bytearray()
    for part in parts:
        held += part
        while len(held) >= PIECE:
            yield bytes(held[:PIECE])
            del held[:PIECE]
    if held:
        yield bytes(held)


def _digest(file: IO[bytes], length: int) -> bytes:
    digest = hashlib.sha256()
    while length > 0 and (block := file.read(min(PIECE, length))):
        digest.update(block)
        length -= len(block)
    return digest.digest()


def _sync_folder(folder: Path) -> None:
    if os.name != "nt":  # Windows puts renames on the disk by itself
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def decoded(line: bytes, path: Path) -> Any:
    """A line as a value. Raises AdminError."""
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise AdminError("backup_altered", file=str(path)) from error
