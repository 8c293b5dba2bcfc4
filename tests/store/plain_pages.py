"""What an encrypted database really holds, free pages and the log included: each page decrypted by its own IV.

SQLCipher 4: pages of 4096 bytes, of which the last 80 are the IV (16) and an HMAC (64); AES-256-CBC under the raw key;
the first page begins with 16 bytes of salt.
"""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PAGE, RESERVED, IV, SALT = 4096, 80, 16, 16
WAL_HEADER, FRAME_HEADER = 32, 24


def plain_bytes(database: Path, key: bytes) -> bytes:
    """All pages of a database and of its log, as they are before encryption."""
    found = b"".join(
        _plain(page, key, first=number == 0)
        for number, page in enumerate(_pages(database.read_bytes(), 0, 0))
    )
    log = database.with_name(database.name + "-wal")
    if log.exists():
        for page in _pages(log.read_bytes(), WAL_HEADER, FRAME_HEADER):
            found += _plain(page, key) + _plain(page, key, first=True)
    return found


def _pages(text: bytes, begin: int, header: int) -> list[bytes]:
    step = header + PAGE
    return [text[at + header : at + step] for at in range(begin, len(text) - step + 1, step)]


def _plain(page: bytes, key: bytes, *, first: bool = False) -> bytes:
    start = SALT if first else 0
    iv = page[PAGE - RESERVED : PAGE - RESERVED + IV]
    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    return decryptor.update(page[start : PAGE - RESERVED]) + decryptor.finalize()
