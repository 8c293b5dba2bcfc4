"""A sync by hand: what waits goes into a sealed file, the server's answer comes back in another.

`write_out` and `take_in` are the two halves of one sync. Network and files may be used in any order and twice: an op
is known by its id, and stays unanswered here until one answer or another says what became of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from sync import outbox
from tui_app.bootstrap import Workspace
from tui_app.clock import from_wire, show_moment, to_wire
from tui_app.errors import BundleRefused, SyncRefused
from tui_app.i18n import t
from tui_app.records import JOURNALS
from tui_app.services.exchange import bundle_files, bundle_keys, journals
from tui_app.services.exchange.journals import Apart
from tui_app.services.exchange.syncing import Synced, open_conflicts, record_session
from tui_app.services.station import facts
from tui_app.store.filelock import file_lock

if TYPE_CHECKING:
    from sync.bundle import BundleHeader, Closed
    from sync.protocol import Unsent
    from tui_app.services.exchange.bundle_answer import Answer, TakenIn

MAX_OPS_IN_FILE = 50_000
MAX_BYTES_IN_FILE = 40 << 20  # of JSON, before it is packed
REMEMBERED = 100  # files made or taken in lately


class Remembered(msgspec.Struct, omit_defaults=True):
    """A file this laptop made or took in. ``taken``: when, wire moment, "" for one it made."""

    id: str
    taken: str = ""


msgspec.json.Decoder(Remembered)  # learnt by one thread (`sync.protocol` says why)


@dataclass(frozen=True, slots=True)
class Written:
    """A file that waits to be carried. ``ops``: the changes it holds, notes of access apart; ``left``: what
    did not fit into it. ``size``: bytes."""

    path: Path
    bundle: str
    ops: int
    left: int
    size: int
    expires: str


@dataclass(frozen=True, slots=True)
class Brought:
    """An answer that was taken in. ``again``: when it was taken in before, "" the first time; ``more``: rows are left
    for another file; ``behind``: areas whose rows begin beyond what is here; ``restored``: areas whose server was
    restored from a backup; ``clock``: of this laptop, by the server's."""

    synced: Synced
    made: str
    again: str
    more: bool
    behind: int
    restored: int
    clock: str

    @property
    def another_round(self) -> bool:
        """Whether one more file out and in is needed."""
        return bool(self.more or self.behind or self.restored or self.synced.summary.mismatched)


def write_out(workspace: Workspace, path: Path) -> Written:
    """Everything that waits for the server into one file for it; with the rows it should send back as its answer.

    ``path``: a file, or a folder to put one into. The ops stay unanswered and go by network too if a link returns.
    Raises SyncRefused (local workspace), BundleRefused (keys were never exchanged), BadFile, VaultBusy.
    """
    from sync import bundle
    from sync.protocol import SCHEMA

    store = workspace.store
    with file_lock(workspace.places.sync_lock, 1.0, "link.already_running"):
        moment = workspace.clock()
        ident = workspace.ids()
        with store.read() as c:
            device = _device(c)
            own, server = bundle_keys.own(c), bundle_keys.server(c)
            ops = outbox.waiting(c, device, MAX_OPS_IN_FILE, MAX_BYTES_IN_FILE)
            left = outbox.waiting_count(c) - len(ops)
            work = sum(op.type not in JOURNALS for op in ops)
            work_left = journals.waiting(c)[0] - work
            cursors = outbox.cursors(c)
        if own is None or server is None:
            raise BundleRefused("bundle.keys_not_exchanged")
        header = bundle.BundleHeader(
            kind=bundle.PUSH,
            sender=device,
            receiver=bundle.server_id(server.sealing),
            bundle=ident,
            made=to_wire(moment),
            expires=to_wire(moment + timedelta(days=bundle.LIFE_DAYS)),
            counts={"ops": len(ops)},
        )
        want = bundle.Want(cursors=cursors, schema=SCHEMA, waiting=max(work_left, 0))
        parts = [(bundle.WANT, msgspec.json.encode(want))]
        parts += [(bundle.OPS, body) for body in _bodies(ops, device, header.made)]
        try:
            content = bundle.seal(header, parts, server.sealing, own.signing)
        except bundle.BundleError as error:
            raise bundle_files.refused(error, "laptop") from error
        written = bundle_files.target(path, f"gonha-{device[-8:]}-{moment:%Y%m%d-%H%M}{bundle_files.SUFFIX}")
        bundle_files.write(written, content)
        with store.write() as c:
            outbox.mark_sent(c, ops)
            _remember(c, Remembered(ident))
    return Written(written, ident, work, left, len(content), header.expires)


def take_in(workspace: Workspace, path: Path) -> Brought:
    """Take the server's answer in: what became of each op, the areas of this laptop, new rows.

    Raises BadFile, BundleRefused (each kind of bad file has its own words; nothing was changed), VaultBusy.
    """
    from sync.bundle import BundleError
    from tui_app.services.exchange import bundle_answer

    content = bundle_files.read(path)
    began = time.monotonic()
    with file_lock(workspace.places.sync_lock, 1.0, "link.already_running"):
        at = to_wire(workspace.clock())
        try:
            closed, again = _proven(workspace, content, at)
            with workspace.store.read() as c:
                own = bundle_keys.own(c)
            if own is None:
                raise BundleRefused("bundle.keys_not_exchanged")
            answer = bundle_answer.read(closed.open(own.sealing))
        except BundleError as error:
            raise bundle_files.refused(error, "laptop") from error
        header = closed.header
        apart = Apart(workspace.store)
        done = bundle_answer.take(
            workspace.store, apart.rows, header, answer, workspace.clock(), workspace.ids
        )
        with workspace.store.write() as c:
            if not again:
                _remember(c, Remembered(header.bundle, at))
            outbox.prune(c, to_wire(workspace.clock() - timedelta(days=outbox.KEEP_DAYS)))
        synced = _synced(workspace, apart, done, answer, len(content), time.monotonic() - began)
        record_session(workspace, at, "waiting" if synced.waits_for_person else "done", synced.summary)
    return Brought(
        synced,
        header.made,
        again,
        answer.more,
        len(done.behind),
        len(done.restored),
        _clock(answer, header, at),
    )


def written_words(written: Written) -> list[str]:
    """What became of `write_out`, a line each."""
    about = {"file": str(written.path), "expires": show_moment(written.expires)}
    if not written.ops:
        return [t("bundle.written_none", **about)]
    size = -(-written.size // 1024)
    lines = [t("bundle.written", ops=written.ops, size=size, **about), t("bundle.still_waiting")]
    return [*lines, t("bundle.written_left", left=written.left)] if written.left else lines


def brought_words(brought: Brought) -> list[str]:
    """What became of `take_in`, a line each: what happened, then what else has to be done."""
    summary = brought.synced.summary
    lines = [t("bundle.brought_again", at=show_moment(brought.again))] if brought.again else []
    lines.append(
        t(
            "bundle.brought",
            pushed=summary.pushed,
            pulled=summary.pulled,
            pending=summary.pending,
            conflicts=brought.synced.open_conflicts,
            stopped=summary.held + summary.rejected,
        )
    )
    if brought.more:
        lines.append(t("bundle.brought_more"))
    counts = {
        "behind": brought.behind,
        "restored": brought.restored,
        "mismatched": len(summary.mismatched),
    }
    lines += [t(f"bundle.brought_{name}", count=count) for name, count in counts.items() if count]
    if brought.clock != "ok":
        lines.append(t(f"bundle.clock_{brought.clock}", made=show_moment(brought.made)))
    return lines


def _device(c: Any) -> str:
    if facts.get(c, facts.SERVER) is None:
        raise SyncRefused("link.no_server")
    return str(facts.get(c, facts.DEVICE))


def _bodies(ops: list[Unsent], device: str, now: str) -> list[bytes]:
    """The ops as bodies of pushes, each no larger than one by network."""
    from sync import framing
    from sync.protocol import MAX_BYTES, MAX_OPS, Header, Trailer

    bodies: list[bytes] = []
    lot: list[Unsent] = []
    size = 0

    def close() -> None:
        header = Header(kind="push", device=device, epoch=-1, now=now)
        bodies.append(framing.encode_body(map(framing.encode, [header, *lot, Trailer(count=len(lot))])))

    for op in ops:
        size += len(op.set) + 300
        if lot and (len(lot) == MAX_OPS or size > MAX_BYTES):
            close()
            lot, size = [], len(op.set) + 300
        lot.append(op)
    if lot:
        close()
    return bodies


def _proven(workspace: Workspace, content: bytes, at: str) -> tuple[Closed, str]:
    """The file, and when it was taken in before. Raises BundleError unless it is our server's answer to us, in time."""
    from sync import bundle

    closed = bundle.check(content)
    header = closed.header
    with workspace.store.read() as c:
        device, server = _device(c), bundle_keys.server(c)
        known = _known(c)
    if header.kind != bundle.ANSWER:
        raise bundle.BundleError("wrong_kind")
    if header.receiver != device:
        raise bundle.BundleError("other_receiver")
    if server is None or header.sender != bundle.server_id(server.sealing):
        raise bundle.BundleError("unknown_sender")
    closed.verify(server.signing)
    try:
        late = from_wire(at) > from_wire(header.expires)
    except ValueError as error:
        raise bundle.BundleError("altered") from error
    if late:
        raise bundle.BundleError("expired", made=header.made, expires=header.expires, now=at)
    if header.in_answer_to and header.in_answer_to not in known:
        raise bundle.BundleError("other_answer")
    return closed, known[header.bundle].taken if header.bundle in known else ""


def _known(c: Any) -> dict[str, Remembered]:
    return {entry.id: entry for entry in msgspec.convert(facts.get(c, facts.BUNDLES, []), list[Remembered])}


def _remember(c: Any, entry: Remembered) -> None:
    entries = [*_known(c).values(), entry][-REMEMBERED:]
    facts.put(c, facts.BUNDLES, msgspec.to_builtins(entries))


def _synced(
    workspace: Workspace, apart: Apart, done: TakenIn, answer: Answer, size: int, seconds: float
) -> Synced:
    from sync.client import Summary

    with workspace.store.read() as c:
        pending, conflicts = outbox.waiting_count(c), open_conflicts(c)
    count = done.results.count
    summary = Summary(
        pushed=len(done.results),
        applied=count("applied"),
        merged=count("merged"),
        conflicts=count("conflict"),
        held=count("held"),
        rejected=count("rejected"),
        pulled=done.rows,
        pending=pending,
        mismatched=tuple(sorted(done.mismatched)),
        clock_offset=answer.clock_offset,
        bytes_down=size,
        refreshed=done.refreshed,
        clock=answer.clock,
        healed=tuple(sorted(done.restored)),
        resent=done.resent,
        offered=done.offered,
    )
    return Synced(apart.without(summary), seconds, conflicts)


def _clock(answer: Answer, header: BundleHeader, at: str) -> str:
    return "behind" if bundle_files.clock_differs(header.made, at) else answer.clock
