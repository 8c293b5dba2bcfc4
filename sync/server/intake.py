"""Reads a push body: framing, header, ops, trailer, and the time each op is taken to have been made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec

from sync.framing import BodyError, CutBody, LineReader, TooLarge
from sync.protocol import MAX_OPS, Header, Op, Trailer, from_wire, to_wire
from sync.server.problems import Refused, bad_body, cut_body

WARN_SECONDS = 5 * 60
WRONG_SECONDS = 24 * 60 * 60
MAX_PUSH_UNPACKED = 32 << 20
MAX_DEPTH = 32  # lists in lists of a value
_MAX_NUMBER = 1 << 53


class _Loose(msgspec.Struct, kw_only=True):
    """As much of a broken op as can be read."""

    id: str
    n: int = 0
    commune: str = ""
    area: str = ""
    type: str = ""
    record: str = ""
    at: str = ""
    who: str = ""


Place = tuple[str, str]  # commune, area


class Arrived(msgspec.Struct):
    """One op of a push. ``corrected``: when it was made by the server's clock, wire moment. ``refusal``:
    why it can not be applied whatever it says. ``raw``: its line, where that could not be read as an op.
    ``clock_wrong``: whether the laptop's clock was wrong by more than a day. ``to``: where it moves its
    record, and ``there``: whether that area has it; ``carried``: it named the area that the record has left, and
    was taken on to where it lives; ``lost``: fields whose words were erased, without which it is taken,
    each with the erasure.
    """

    place: int
    op: Op
    corrected: str
    refusal: str = ""
    raw: bytes = b""
    clock_wrong: bool = False
    to: Place | None = None
    there: bool = False
    carried: bool = False
    lost: tuple[tuple[str, str], ...] = ()

    @property
    def moves(self) -> bool:
        """Whether its record lives in another area than the op said, or will."""
        return self.to is not None or self.carried


@dataclass(slots=True)
class Push:
    """A push body that was read to its trailer. ``offset``: seconds the laptop's clock is behind the
    server's.
    """

    header: Header
    arrived: list[Arrived]
    offset: float

    @property
    def clock(self) -> Literal["ok", "warn", "wrong"]:
        """``ok``, ``warn`` (above five minutes) or ``wrong`` (above a day)."""
        off = abs(self.offset)
        return "wrong" if off > WRONG_SECONDS else "warn" if off > WARN_SECONDS else "ok"


_UNREADABLE = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_header = msgspec.json.Decoder(Header)
_op = msgspec.json.Decoder(Op)
_loose = msgspec.json.Decoder(_Loose)
_trailer = msgspec.json.Decoder(Trailer)


def read_push(chunks: list[bytes], encoding: str, device: str, received: datetime) -> Push:
    """The push in a body. Raises Refused 400, 413, 415."""
    lines = _lines(chunks, encoding)
    try:
        header, trailer = _header.decode(lines[0]), _trailer.decode(lines[-1])
        offset = (received - from_wire(header.now)).total_seconds()
    except (msgspec.DecodeError, ValueError) as wrong:
        raise bad_body("the header or the trailer cannot be read") from wrong
    if header.kind != "push":
        raise bad_body("this body is no push")
    if header.device != device:
        raise bad_body("the header names another device")
    if trailer.count != len(lines) - 2:
        raise cut_body()
    if trailer.count > MAX_OPS:
        raise Refused(413, "too-many-ops", f"at most {MAX_OPS} ops in one push")
    clock = _Clock(offset, received)
    arrived = [_arrived(place, line, device, clock) for place, line in enumerate(lines[1:-1])]
    if clock.wrong:
        for one in arrived:
            one.clock_wrong = True
    return Push(header, arrived, offset)


def _lines(chunks: list[bytes], encoding: str) -> list[bytes]:
    lines: list[bytes] = []
    try:
        reader = LineReader(encoding, MAX_PUSH_UNPACKED)
        for chunk in chunks:
            lines += reader.feed(chunk)
        reader.close()
    except CutBody:
        raise cut_body() from None
    except TooLarge as wrong:
        raise Refused(413, "too-large", str(wrong)) from wrong
    except BodyError as wrong:
        raise bad_body(str(wrong)) from wrong
    return lines


class _Clock:
    """Corrects moments: the laptop's time plus its offset, never later than the arrival. A clock that is
    wrong by more than a day says nothing: arrival order counts."""

    def __init__(self, offset: float, received: datetime) -> None:
        self.shift = timedelta(seconds=offset)
        self.received, self.arrival = received, to_wire(received)
        self.wrong = abs(offset) > WRONG_SECONDS

    def corrected(self, at: str) -> str:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is not UTC:
            moment = from_wire(at)
        moment += self.shift
        return self.arrival if self.wrong or moment >= self.received else to_wire(moment)


def _arrived(place: int, line: bytes, device: str, clock: _Clock) -> Arrived:
    try:
        op = _op.decode(line)
    except _UNREADABLE:
        return _broken(place, line, device, clock)
    if not (0 <= op.n < _MAX_NUMBER and 0 <= op.base_seq < _MAX_NUMBER):
        return Arrived(place, msgspec.structs.replace(op, n=0, base_seq=0), clock.arrival, "bad-number", line)
    if line.count(b"[") + line.count(b"{") > len(op.set) + MAX_DEPTH and _deeper(op.set, MAX_DEPTH):
        return Arrived(place, msgspec.structs.replace(op, set={}), clock.arrival, "too-deep", line)
    try:
        corrected = clock.corrected(op.at)
    except (ValueError, OverflowError):
        return Arrived(place, op, clock.arrival, "bad-time")
    if op.device != device:
        return Arrived(place, op, corrected, "wrong-device")
    if b"\\" in line and b"\\u0000" in line and _has_nul(msgspec.structs.astuple(op)):
        return Arrived(place, _without_nul(op), corrected, "bad-text", line)
    return Arrived(place, op, corrected)


def _broken(place: int, line: bytes, device: str, clock: _Clock) -> Arrived:
    try:
        loose = _loose.decode(line)
    except _UNREADABLE as wrong:
        raise bad_body("a line is no op and has no id") from wrong
    if not 0 <= loose.n < _MAX_NUMBER:
        loose.n = 0
    fields: dict[str, Any] = {name: getattr(loose, name) for name in _Loose.__struct_fields__}
    return Arrived(place, Op(**fields, device=device, set={}), clock.arrival, "bad-op", line)


def _deeper(value: Any, levels: int) -> bool:
    """Whether a value is nested more than ``levels`` deep."""
    if not isinstance(value, dict | list | tuple):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_deeper(one, levels - 1) for one in inner)


def _without_nul(op: Op) -> Op:
    """A NUL fits into no text column; the line itself is kept beside it as it came."""
    clean = {
        name: value.replace("\0", "\ufffd")
        for name, value in msgspec.structs.asdict(op).items()
        if isinstance(value, str)
    }
    return msgspec.structs.replace(op, **clean)


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_has_nul(key) or _has_nul(inner) for key, inner in value.items())
    return isinstance(value, list | tuple) and any(map(_has_nul, value))
