"""QR codes drawn with characters, for terminals that show nothing else."""

from __future__ import annotations

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
    dark = _modules(content)
    if not blocks:
        return "\n".join("".join("##" if module else "  " for module in row) for row in dark)
    if len(dark) % 2:
        dark.append([False] * len(dark[0]))
    lines = (
        "".join(_HALVES[upper, lower] for upper, lower in zip(dark[row], dark[row + 1], strict=True))
        for row in range(0, len(dark), 2)
    )
    return "\n".join(f"{_WHITE_ON_BLACK}{line}{_PLAIN}" if colours else line for line in lines)


def _modules(content: str) -> list[list[bool]]:
    import qrcode

    code = qrcode.QRCode(border=QUIET, error_correction=qrcode.constants.ERROR_CORRECT_M)
    code.add_data(content)
    code.make(fit=True)
    return [[bool(module) for module in row] for row in code.get_matrix()]
