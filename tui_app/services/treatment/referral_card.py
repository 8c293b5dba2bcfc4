"""The referral as a QR card: read without any network, and whoever altered it is found out.

``GN1:`` and then base45 (RFC 9285, letters that a QR packs densely) of: 64 bytes Ed25519 signature | 32 bytes public
key | raw deflate of a MessagePack array. The signature proves that nothing was changed since the key's owner wrote it;
whose key it is has to be known from elsewhere. The card holds a name, birth and sex, and nothing else that tells who
somebody is.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from tui_app.clock import from_wire, to_wire
from tui_app.errors import BadFile
from tui_app.services.treatment.referral_slip import SHOWN_VITALS, Slip

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PREFIX = "GN1:"
MAX_VERSION = 25
"""Of the QR: what a telephone still reads from a sheet of paper."""
_SIGNATURE, _KEY = 64, 32
REASON, WORDS, FINDINGS, GIVEN = 160, 60, 12, 16
"""The most that a card holds: letters of the reason and of other words, rows of findings and of drugs."""
_MOST_LETTERS = 1451  # of a QR of version 25 with correction M (ISO/IEC 18004, table 7)
_MAX_PLAIN = 8192
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_PLACES = {letter: place for place, letter in enumerate(_ALPHABET)}


class CardVital(msgspec.Struct, array_like=True):
    """``field``: its place in `SHOWN_VITALS`; ``before``: minutes before the referral."""

    field: int
    value: float
    before: int


class CardDrug(msgspec.Struct, array_like=True):
    """``before``: days before the referral; ``days``: how long it was to last, 0 when nobody said."""

    item: str
    quantity: float
    unit: str
    before: int
    days: int


class CardFinding(msgspec.Struct, array_like=True):
    """A rule's finding: which, by what value, against what limit, and whether its set was read in the document."""

    rule: str
    rule_set: str
    field: str
    value: Any
    limit: str
    verified: bool


class Card(msgspec.Struct, array_like=True):
    """What the card says. ``at``: wire moment; ``birth``: a wire date or a year; ``day``: of the illness. What was left
    out because there was no room is counted in ``more``; ``unverified``: which of severity_grade and risk_class rest on
    rules nobody checked. New fields go to the end: older readers skip them."""

    referral: str
    at: str
    full_name: str
    birth: str
    sex: str
    day: int | None
    severity: str
    risk: str
    pregnant: bool | None
    doses: int | None
    groups: list[str]
    conditions: list[str]
    vitals: list[CardVital]
    given: list[CardDrug]
    findings: list[CardFinding]
    reason: str
    sent_from: str
    sent_to: str
    made_by: str
    more: int = 0
    unverified: list[str] = []

    def measured(self) -> list[tuple[str, float, str]]:
        """(field, value, wire moment) of each vital sign."""
        at = from_wire(self.at)
        known = [one for one in self.vitals if 0 <= one.field < len(SHOWN_VITALS)]
        return [
            (SHOWN_VITALS[one.field], one.value, to_wire(at - timedelta(minutes=one.before))) for one in known
        ]


@dataclass(frozen=True, slots=True)
class Read:
    """A card whose signature holds. ``key``: of who signed it, base64; ``fingerprint``: its first letters, as printed
    on the slip."""

    card: Card
    key: str
    fingerprint: str


def card(slip: Slip, who: str) -> Card:
    """The card of a slip. Long words are cut, and what does not fit is counted."""
    body, case, person = slip.referral.body, slip.case.body, slip.person.body
    at = from_wire(body["at"])
    left_out = max(len(slip.findings) - FINDINGS, 0) + max(len(slip.given) - GIVEN, 0)
    return Card(
        referral=slip.referral.id,
        at=body["at"],
        full_name=_cut(person.get("full_name", ""), WORDS),
        birth=str(person.get("birth_date") or person.get("birth_year") or ""),
        sex=person.get("sex", ""),
        day=slip.day,
        severity=case.get("severity_grade", ""),
        risk=case.get("risk_class", ""),
        pregnant=case.get("pregnant"),
        doses=case.get("basic_doses"),
        groups=list(slip.risk_groups),
        conditions=list(slip.conditions),
        vitals=[
            CardVital(
                SHOWN_VITALS.index(one.field), one.value, int((at - from_wire(one.at)).total_seconds()) // 60
            )
            for one in slip.vitals
        ],
        given=[
            CardDrug(
                _cut(one.words, WORDS),
                one.quantity or 0,
                one.unit,
                (at - from_wire(one.at)).days,
                one.days or 0,
            )
            for one in slip.given[-GIVEN:]
        ],
        findings=[
            CardFinding(one.rule, one.rule_set, one.field, one.value, one.limit, one.verified)
            for one in slip.findings[:FINDINGS]
        ],
        reason=_cut(body["reason"], REASON),
        sent_from=_cut(body.get("sent_from", ""), WORDS),
        sent_to=_cut(body["sent_to"], WORDS),
        made_by=_cut(who, WORDS),
        more=left_out,
        unverified=sorted(slip.unverified),
    )


def fitted(card: Card) -> Card:
    """The card with the last findings, then the oldest drugs left out and counted, as far as it takes to fit."""
    while len(_base45(bytes(_SIGNATURE + _KEY) + _squeezed(card))) + len(PREFIX) > _MOST_LETTERS:
        if card.findings:
            card = msgspec.structs.replace(card, findings=card.findings[:-1], more=card.more + 1)
        elif card.given:
            card = msgspec.structs.replace(card, given=card.given[1:], more=card.more + 1)
        else:
            break
    return card


def sign(card: Card, key: Ed25519PrivateKey) -> str:
    """The text of the QR."""
    squeezed = _squeezed(card)
    public = key.public_key().public_bytes_raw()
    return PREFIX + _base45(key.sign(_bound(public, squeezed)) + public + squeezed)


def read(text: str) -> Read:
    """What a scanned card says. Raises BadFile for text that is no card, one that was altered, and one of a newer
    version."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    text = text.strip()
    if not text.startswith(PREFIX):
        newer = text[:2] == "GN" and text[3:4] == ":"
        raise BadFile("referral.card_newer" if newer else "referral.not_a_card")
    try:
        raw = _from_base45(text[len(PREFIX) :])
    except ValueError as error:
        raise BadFile("referral.card_altered") from error
    signature, public, squeezed = (
        raw[:_SIGNATURE],
        raw[_SIGNATURE : _SIGNATURE + _KEY],
        raw[_SIGNATURE + _KEY :],
    )
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _bound(public, squeezed))
        opened = zlib.decompressobj(-15)
        plain = opened.decompress(squeezed, _MAX_PLAIN)
        said = msgspec.msgpack.decode(plain, type=Card)
        from_wire(said.at)
    except (InvalidSignature, ValueError, zlib.error, msgspec.DecodeError) as error:
        raise BadFile("referral.card_altered") from error
    key = base64.b64encode(public).decode()
    return Read(said, key, fingerprint(key))


def fingerprint(key: str) -> str:
    """What people compare of a public key (base64): four groups of four hex digits."""
    import hashlib

    digest = hashlib.sha256(base64.b64decode(key)).hexdigest()[:16].upper()
    return " ".join(digest[place : place + 4] for place in range(0, 16, 4))


def _squeezed(card: Card) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(card), 9, wbits=-15)


def _bound(public: bytes, squeezed: bytes) -> bytes:
    return b"gonha referral 1\0" + public + squeezed


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _base45(raw: bytes) -> str:
    letters: list[str] = []
    for place in range(0, len(raw), 2):
        pair = raw[place : place + 2]
        number = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            number, letter = divmod(number, 45)
            letters.append(_ALPHABET[letter])
    return "".join(letters)


def _from_base45(text: str) -> bytes:
    """Raises ValueError."""
    raw = bytearray()
    for place in range(0, len(text), 3):
        number, length = _number(text[place : place + 3])
        raw += number.to_bytes(length, "big")
    return bytes(raw)


def _number(letters: Sequence[str]) -> tuple[int, int]:
    if len(letters) == 1 or any(letter not in _PLACES for letter in letters):
        raise ValueError("no base45")
    number = sum(_PLACES[letter] * 45**place for place, letter in enumerate(letters))
    length = len(letters) - 1
    if number >= 1 << 8 * length:
        raise ValueError("no base45")
    return number, length
