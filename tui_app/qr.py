"""QR codes: drawn with characters for terminals that show nothing else, as modules for paper, as a picture."""

from __future__ import annotations

import struct
import zlib
from urllib.parse import urlencode

QUIET = 4  # light modules around the code, by ISO/IEC 18004
_HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
_WHITE_ON_BLACK, _PLAIN = "\x1b[40;97m", "\x1b[0m"


def join_link(server: str, code: str) -> str:
    """What an invitation's QR says: ``gonha:join?server=URL&code=CODE``."""
    return "gonha:join?" + urlencode({"server": server, "code": code}, safe=":/")


def as_text(content: str, *, blocks: bool = True, colours: bool = False) -> str:
    """``content`` as a QR of text lines.

    ``blocks``: half blocks, two rows of modules a line, light modules drawn (for light letters on a dark
    ground); otherwise ``#`` for dark modules, two letters wide, for terminals that know ASCII only.
    ``colours``: fix white on black, so that a terminal with a light ground shows it right as well.
    """
    dark = modules(content)
    if not blocks:
        return "\n".join("".join("##" if module else "  " for module in row) for row in dark)
    if len(dark) % 2:
        dark.append([False] * len(dark[0]))
    lines = (
        "".join(_HALVES[upper, lower] for upper, lower in zip(dark[row], dark[row + 1], strict=True))
        for row in range(0, len(dark), 2)
    )
    return "\n".join(f"{_WHITE_ON_BLACK}{line}{_PLAIN}" if colours else line for line in lines)


def as_png(content: str, *, dot: int = 6) -> bytes:
    """``content`` as a picture, ``dot`` pixels a module: black on white, PNG."""
    rows = [bytes(255 * (not dark) for dark in row for _ in range(dot)) for row in modules(content)]
    lines = b"".join((b"\0" + row) * dot for row in rows)
    side = len(rows) * dot
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)  # 8 bits of grey
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, body) for name, body in parts)


def version(dark: list[list[bool]]) -> int:
    """Which of the forty sizes a QR of these modules has."""
    return (len(dark) - 2 * QUIET - 17) // 4


def modules(content: str) -> list[list[bool]]:
    """``content`` as rows of modules, dark ones True, with the quiet zone around them."""
    import qrcode

    code = qrcode.QRCode(border=QUIET, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(content)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]


def _part(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
