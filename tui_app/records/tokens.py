"""The short word on a door's label or a person's card: letters that lead to the record and say nothing of anybody.

``GNH`` (household) or ``GNP`` (person), ten letters, one that proves them. The ten are a digest of the record's id, so
that a label needs no place in the database; the last one finds every mistyped letter. Letters are Crockford's
thirty-two: no I, L, O, U.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE = len(LETTERS)
_VALUE = {letter: value for value, letter in enumerate(LETTERS)}
_LENGTH = 10
_KINDS = {"household": "GNH", "person": "GNP"}
_TYPES = {prefix: kind for kind, prefix in _KINDS.items()}
_SHAPE = re.compile(r"(GN[HP])([0-9A-Z]{11})")
_BETWEEN = re.compile(r"[\s\-–·.]+")
_READ_AS = str.maketrans("ILO", "110")


def token(type_name: str, ident: str) -> str:
    """The token of a ``household`` or ``person``: 14 letters. Two of 40 000 records are alike once in 1,4 million."""
    body = _body(ident)
    prefix = _KINDS[type_name]
    return prefix + body + _check_letter(prefix, body)


def spelled(written: str) -> str:
    """A token as it is printed for people: ``GNH 7K3M9 P2QX4 C``."""
    return " ".join((written[:3], written[3:8], written[8:13], written[13:]))


def read_token(text: str) -> tuple[str, str] | None:
    """(type, token) of a typed or scanned token; None for anything else and for one with a wrong letter.

    Small letters, spaces and hyphens are let pass; I and L are read as 1, O as 0.
    """
    found = _SHAPE.fullmatch(_BETWEEN.sub("", text.strip().upper()))
    if found is None:
        return None
    prefix, rest = found[1], found[2].translate(_READ_AS)
    if not _VALUE.keys() >= set(rest) or _check_letter(prefix, rest[:-1]) != rest[-1]:
        return None
    return _TYPES[prefix], prefix + rest


def leads_to(written: str, idents: Iterable[str]) -> str | None:
    """Which of the ids a token is of, None when of none: two thirds of a millisecond for a thousand."""
    wanted = 0
    for letter in written[3:-1]:
        wanted = wanted * _BASE + _VALUE[letter]
    return next((ident for ident in idents if _number(ident) == wanted), None)


def looks_like_token(text: str) -> bool:
    """Whether somebody meant a token, right or wrong."""
    return _SHAPE.fullmatch(_BETWEEN.sub("", text.strip().upper())) is not None


def _number(ident: str) -> int:
    """Fifty bits."""
    return int.from_bytes(sha256(f"gonha token {ident}".encode()).digest()[:7], "big") >> 6


def _body(ident: str) -> str:
    number, letters = _number(ident), ""
    for _ in range(_LENGTH):
        number, value = divmod(number, _BASE)
        letters = LETTERS[value] + letters
    return letters


def _check_letter(prefix: str, body: str) -> str:
    """ISO/IEC 7064, hybrid system MOD 33,32, over the kind and the ten letters."""
    rest = _BASE
    for letter in prefix[2] + body:
        rest = (rest + _VALUE[letter]) % _BASE or _BASE
        rest = rest * 2 % (_BASE + 1)
    return LETTERS[(1 - rest) % _BASE]
