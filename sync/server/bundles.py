"""Files carried by hand: a laptop's sealed push comes in, its answer goes out. Merging and reading are those of the
routes; only the way the bytes travel differs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec
import uuid_utils

from sync import bundle
from sync.bundle import ANSWER, PUSH, BundleError, BundleHeader, Want
from sync.framing import encode_body, encode_pieces
from sync.protocol import (
    OLDEST_PULL_SCHEMA,
    OLDEST_PUSH_SCHEMA,
    PROTOCOL,
    SCHEMA,
    AreaMark,
    Cursor,
    Header,
    PullRequest,
    Trailer,
    from_wire,
    to_wire,
)
from sync.registry import Registry
from sync.server.database import Database, Transaction
from sync.server.fleet import note_waiting, scope_and_laptops
from sync.server.intake import Push, read_push
from sync.server.keys import ServerKeys, public_keys, server_keys
from sync.server.problems import AdminError, Refused
from sync.server.pull import head_of, pieces
from sync.server.push import push
from sync.server.scope import Caller, named_caller, touch

ROWS_AT_ONCE = 20_000
MAX_ROW_BYTES = 48 << 20  # packed; what is left goes into the next answer
_encode = msgspec.json.Encoder().encode
_marker = msgspec.json.Decoder(Cursor | Trailer)
_want = msgspec.json.Decoder(Want)


@dataclass(slots=True)
class Taken:
    """What came of a file. ``answer``: the file to carry back. ``results``: how many ops of each result.

    ``again``: when this same file was taken in before, wire moment, "" the first time. ``clock``: of the laptop when
    it made the file. ``more``: rows are left for another round. ``postponed``: ops left for the next
    file, because this server was restored since the laptop last heard of it.
    """

    answer: bytes
    device: str
    user: str
    bundle: str = ""
    results: dict[str, int] = field(default_factory=dict)
    rows: int = 0
    again: str = ""
    clock: str = "ok"
    more: bool = False
    postponed: int = 0


@dataclass(frozen=True, slots=True)
class _Sender:
    """A laptop as its row says."""

    id: str
    created: str
    revoked: str | None
    sealing_key: str
    signing_key: str


def _new_id() -> str:
    return str(uuid_utils.uuid7())


def take(
    database: Database,
    registry: Registry,
    file: bytes,
    *,
    now: datetime | None = None,
    new_id: Callable[[], str] = _new_id,
) -> Taken:
    """Take a laptop's file in and write its answer. The same file twice is harmless: ops are known by their ids.

    Raises BundleError before anything is written: as `sync.bundle.check`, and ``wrong_kind``, ``other_receiver``,
    ``unknown_sender``, ``revoked``, ``no_keys``, ``cannot_open``, ``expired``, ``too_old``, ``unreadable``;
    ``forked`` when the laptop's disk was copied.
    """
    moment = now or datetime.now(UTC)
    closed = bundle.check(file)
    header = closed.header
    with database.read() as tx:
        keys, secret = _own_keys(tx), _secret(tx)
        if header.kind != PUSH:
            raise BundleError("wrong_kind")
        if header.receiver != bundle.server_id(bundle.public_text(keys.sealing)):
            raise BundleError("other_receiver")
        sender = _sender(tx, header.sender)
        before = tx.one(
            "SELECT received FROM bundle WHERE device = :device AND id = :id",
            device=sender.id,
            id=header.bundle,
        )
    closed.verify(sender.signing_key)
    parts = closed.open(keys.sealing)
    received = _heard(header, sender, moment)
    want, pushes = _read(parts, sender.id, received)
    at = to_wire(moment)
    with database.read() as tx:
        who = named_caller(tx, sender.id)
    taken = Taken(b"", sender.id, who.user, header.bundle, again=str(before[0]) if before else "")
    foreign = _foreign(database, who, want)
    for one in pushes:
        ready = [arrived for arrived in one.arrived if arrived.op.area not in foreign]
        taken.postponed += len(one.arrived) - len(ready)
        one.arrived = ready
    answers, marks = _push(database, registry, who, pushes, at, secret, taken)
    for mark in marks:
        if want.cursors.get(mark.area) == (mark.gen, mark.was_seq):
            want.cursors[mark.area] = (mark.gen, mark.seq)  # its own rows it has
    with database.write() as tx:
        tx.run(
            "INSERT INTO bundle (device, id, received, ops) VALUES (:device, :id, :now, :ops)"
            " ON CONFLICT (device, id) DO NOTHING",
            device=sender.id,
            id=header.bundle,
            now=at,
            ops=sum(taken.results.values()),
        )
    _answer(database, keys, sender, want, answers, taken, moment, new_id())
    return taken


def give(
    database: Database,
    device: str,
    *,
    now: datetime | None = None,
    new_id: Callable[[], str] = _new_id,
) -> Taken:
    """A file for a laptop that asked for nothing: everything its areas hold, as for a first load.

    Raises BundleError ``unknown_sender``, ``revoked``, ``no_keys``.
    """
    moment = now or datetime.now(UTC)
    with database.read() as tx:
        keys, sender = _own_keys(tx), _sender(tx, device)
        who = named_caller(tx, device)
    taken = Taken(b"", device, who.user)
    _answer(database, keys, sender, Want(cursors={}), [], taken, moment, new_id())
    return taken


def _own_keys(tx: Transaction) -> ServerKeys:
    try:
        public_keys(tx)
        return server_keys(tx)
    except LookupError as error:
        raise AdminError("not_prepared") from error


def _secret(tx: Transaction) -> bytes:
    found = tx.one("SELECT value FROM server_state WHERE name = 'receipt_key'")
    if found is None:
        raise AdminError("not_prepared")
    return bytes.fromhex(found[0])


def _sender(tx: Transaction, device: str) -> _Sender:
    found = tx.one(
        "SELECT id, created, revoked, public_key, signing_key FROM device WHERE id = :id", id=device
    )
    if found is None:
        raise BundleError("unknown_sender", device=device[:40])
    sender = _Sender(*found)
    if sender.revoked:
        raise BundleError("revoked", device=device, at=sender.revoked)
    if not sender.sealing_key or not sender.signing_key:
        raise BundleError("no_keys", device=device)
    return sender


def _heard(header: BundleHeader, sender: _Sender, now: datetime) -> datetime:
    """When the laptop's clock is taken to have been read. How long a file travelled nobody knows, so its clock counts
    as right unless it must be wrong: ahead of now, or before the laptop was enrolled. Raises BundleError ``expired``.
    """
    try:
        made, expires, created = (from_wire(text) for text in (header.made, header.expires, sender.created))
    except ValueError as error:
        raise BundleError("altered") from error
    if now > expires:
        raise BundleError("expired", made=header.made, expires=header.expires, now=to_wire(now))
    return now if made > now or made < created else made


def _read(parts: list[tuple[str, bytes]], device: str, received: datetime) -> tuple[Want, list[Push]]:
    """Everything in the payload, read before any of it is used."""
    try:
        want = next(_want.decode(body) for name, body in parts if name == bundle.WANT)
        pushes = [read_push([body], "zstd", device, received) for name, body in parts if name == bundle.OPS]
    except Refused as refused:
        raise _in_words(refused) from refused
    except (StopIteration, msgspec.DecodeError) as error:
        raise BundleError("unreadable") from error
    if any(one.header.protocol != PROTOCOL or one.header.schema < OLDEST_PUSH_SCHEMA for one in pushes):
        raise BundleError("too_old")
    return want, pushes


def _foreign(database: Database, who: Caller, want: Want) -> set[str]:
    """Areas of which the laptop knows another history than ours: it has to hear of that, and give back what was lost,
    before what it wrote since can be judged."""
    found = set()
    with database.read() as tx:
        for area, (gen, seq) in want.cursors.items():
            grant = who.areas.get(area)
            head = head_of(tx, grant.commune, area) if grant is not None else None
            if head is not None and gen and (gen != head[1] or seq > head[0]):
                found.add(area)
    return found


def _push(
    database: Database,
    registry: Registry,
    who: Caller,
    pushes: list[Push],
    at: str,
    secret: bytes,
    taken: Taken,
) -> tuple[list[bytes], list[AreaMark]]:
    """The ops in, body by body; an answer body each, and where areas stood after each."""
    answers = []
    stood: list[AreaMark] = []
    counts: Counter[str] = Counter()
    for one in pushes:
        try:
            results, marks = push(database, registry, who, one.arrived, at, secret)
        except Refused as refused:
            raise _in_words(refused) from refused
        counts.update(result.result for result in results)
        trailer = Trailer(count=len(results), clock_offset=round(one.offset, 3), clock=one.clock)
        taken.clock = one.clock
        head = Header(kind="pushed", protocol=PROTOCOL, schema=SCHEMA, epoch=who.epoch, now=at)
        answers.append(encode_body(map(_encode, [head, *results, *marks, trailer])))
        stood += marks
    taken.results = dict(counts)
    return answers, stood


def _answer(
    database: Database,
    keys: ServerKeys,
    sender: _Sender,
    want: Want,
    answers: list[bytes],
    taken: Taken,
    moment: datetime,
    ident: str,
) -> None:
    """Seal the answer: results, the scope now, and the rows the laptop has not seen."""
    at = to_wire(moment)
    with database.write() as tx:
        touch(tx, sender.id, at)
        note_waiting(tx, sender.id, want.waiting, at)
    with database.read() as tx:
        who = named_caller(tx, sender.id)
        scope = scope_and_laptops(tx, who, at)
    begin: dict[str, tuple[str, int]] = {}
    for area in scope.areas:
        if area.mode == "write" and want.schema >= OLDEST_PULL_SCHEMA:
            gen, seq = want.cursors.get(area.area, ("", 0))
            known = gen in ("", area.gen) and seq <= area.seq
            begin[area.area] = (gen, seq) if known else (area.gen, 0)
    rows = _rows(database, who, begin, want.schema, at, taken)
    parts = [
        (bundle.SCOPE, _encode(scope)),
        *((bundle.RESULTS, body) for body in answers),
        (bundle.BEGIN, _encode(begin)),
        *((bundle.ROWS, body) for body in rows),
    ]
    header = BundleHeader(
        kind=ANSWER,
        sender=bundle.server_id(bundle.public_text(keys.sealing)),
        receiver=sender.id,
        bundle=ident,
        made=at,
        expires=to_wire(moment + timedelta(days=bundle.LIFE_DAYS)),
        counts={"results": sum(taken.results.values()), "rows": taken.rows},
        in_answer_to=taken.bundle,
    )
    taken.answer = bundle.seal(header, parts, sender.sealing_key, keys.signing)


def _rows(
    database: Database,
    who: Caller,
    begin: dict[str, tuple[str, int]],
    schema: int,
    at: str,
    taken: Taken,
) -> list[bytes]:
    """Bodies of rows, as a laptop that pulls until nothing more comes would get them."""
    bodies: list[bytes] = []
    cursors = dict(begin)
    more, size = bool(cursors), 0
    head = Header(kind="pulled", protocol=PROTOCOL, schema=SCHEMA, epoch=who.epoch, now=at)
    while more and size < MAX_ROW_BYTES:
        page = _Page()
        request = PullRequest(cursors=cursors, limit=ROWS_AT_ONCE, schema=schema)
        body = b"".join(encode_pieces(page.watch(pieces(database, who, request, head))))
        if page.end is None:
            raise BundleError("restored_meanwhile")
        bodies.append(body)
        size += len(body)
        taken.rows += page.end.count
        more = page.end.more
        cursors |= page.reached
    taken.more = more
    return bodies


class _Page:
    """Notes how far a body of rows came while it is packed. ``end``: its trailer, None while there is none."""

    def __init__(self) -> None:
        self.reached: dict[str, tuple[str, int]] = {}
        self.end: Trailer | None = None

    def watch(self, made: Iterator[bytes]) -> Iterator[bytes]:
        """Hand the pieces through; each ends with a cursor line, the last one with the trailer."""
        yield next(made)  # the header
        for piece in made:
            last = _marker.decode(piece.rstrip().rpartition(b"\n")[2])
            if isinstance(last, Cursor):
                self.reached[last.area] = (last.gen, last.seq)
            else:
                self.end = last
            yield piece


def _in_words(refused: Refused) -> BundleError:
    """A refusal of the routes as one of a file."""
    words = {"device-forked": "forked", "too-old": "too_old", "scope-changed": "restored_meanwhile"}
    return BundleError(words.get(refused.kind, "unreadable"))
