"""The recovery code a station keeps on paper: eight groups of four signs that open the vault without a
password.

The signs are those that survive a Vietnamese keyboard and a tired eye: no vowel, no d and no w (Telex and VNI
change a consonant only next to them), nothing that looks like another (0 O, 1 I L, 5 S).
28 signs of 24 are 128 bits of chance; the last four are a checksum, so that a slip is told from a wrong code.
"""

from __future__ import annotations

import hashlib
import secrets

from tui_app.errors import UserError

SIGNS = "23456789BCFGHJKMNPQRTVXZ"
_CHANCE, _CHECK, _GROUP = 28, 4, 4


def new_code() -> str:
    """A fresh code, as ``K7RP-2F9X-…``, eight groups of four."""
    chance = "".join(secrets.choice(SIGNS) for _ in range(_CHANCE))
    whole = chance + _check(chance)
    return "-".join(whole[start : start + _GROUP] for start in range(0, len(whole), _GROUP))


def read_code(typed: str) -> str:
    """The 28 signs of a typed code; case, spaces and dashes do not matter.

    Raises UserError when the checksum says that it was mistyped.
    """
    signs = "".join(c for c in typed.upper() if not c.isspace() and c not in "-–—._")
    chance, check = signs[:_CHANCE], signs[_CHANCE:]
    if len(signs) != _CHANCE + _CHECK or set(signs) - set(SIGNS) or check != _check(chance):
        raise UserError("vault.recovery_code_mistyped")
    return chance


def _check(chance: str) -> str:
    number = int.from_bytes(hashlib.sha256(b"gonha recovery code\0" + chance.encode()).digest(), "big")
    signs = ""
    for _ in range(_CHECK):
        number, rest = divmod(number, len(SIGNS))
        signs += SIGNS[rest]
    return signs
