"""Ops in: each op finds its area, each area is one transaction, and what may reach no area is kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from sync.protocol import ERASED, FINAL, AreaMark, Op, Result
from sync.record import Outcome
from sync.registry import Registry
from sync.server.area import AreaPush
from sync.server.area_rows import AreaRows, Key, fetched, row_of
from sync.server.database import AlreadyThere, Database, Transaction
from sync.server.erased_texts import remembered, said, without_late
from sync.server.erasing import ONLY_A_CHIEF, Erasing, Target, emptied, erase, erases, names_others
from sync.server.forgetting import erased_among
from sync.server.intake import Arrived, Place
from sync.server.moves import carry_on, destination, moved_to, waiting_areas
from sync.server.problems import restored_meanwhile
from sync.server.rows import again, known_ops, last_of_each, op_row, result_of, same_op
from sync.server.scope import Caller
from sync.server.tables import OPS

MOST_HOPS = 16  # signposts followed for one op


def push(
    database: Database,
    registry: Registry,
    caller: Caller,
    arrived: list[Arrived],
    now: str,
    secret: bytes,
) -> tuple[list[Result], list[AreaMark]]:
    """Take the ops of one body. Returns a result for each, in order, and where their areas stand.

    ``now``: wire moment; ``secret``: keys the receipts. Raises Refused 409 for a cloned laptop, and where the
    server is restored meanwhile; areas finished before that stay, which harms nothing because ops are known by
    their ids.
    """
    work = _Push(database, registry, caller, now, secret)
    for part in _until_erased(arrived, registry):
        for run in _runs(part):
            work.take(run)
    work.tell_where_they_live()
    return [work.results[one.place] for one in arrived], list(work.marks.values())


def _until_erased(arrived: list[Arrived], registry: Registry) -> list[list[Arrived]]:
    """The ops in parts: what comes after an erasure that takes words out of records meets them without."""
    parts: list[list[Arrived]] = [[]]
    after = False
    for one in arrived:
        erasing = "texts" in one.op.set and erases(one.op, registry)
        if after and not erasing:
            parts.append([])
        after = erasing
        parts[-1].append(one)
    return parts


def _runs(arrived: list[Arrived]) -> Iterator[list[Arrived]]:
    """The ops in stretches whose order among areas does not matter: edits, or moves of different records."""
    if not any("area" in one.op.set for one in arrived):
        yield arrived
        return
    run: list[Arrived] = []
    moving = False
    records: set[Key] = set()
    for one in arrived:
        to = None if one.refusal else destination(one.op)
        if isinstance(to, Outcome):
            one.refusal, to = to.reason, None
        one.to, one.carried = to, to == (one.op.commune, one.op.area)
        if one.carried:
            one.to = None
        key = (one.op.type, one.op.record)
        if run and ((one.to is not None) != moving or (moving and key in records)):
            yield run
            run, records = [], set()
        moving = one.to is not None
        run.append(one)
        records.add(key)
    if run:
        yield run


class _Push:
    """The ops of one body on their way to their areas."""

    def __init__(
        self, database: Database, registry: Registry, caller: Caller, now: str, secret: bytes
    ) -> None:
        self.database, self.registry, self.caller = database, registry, caller
        self.now, self.secret = now, secret
        self.results: dict[int, Result] = {}
        self.marks: dict[str, AreaMark] = {}
        self._followed: dict[int, tuple[Key, Place]] = {}
        self._open = {
            (grant.commune, grant.area)
            for grant in caller.areas.values()
            if grant.mode == "write" and grant.until is None
        }

    def take(self, run: list[Arrived]) -> None:
        """Take ops whose order among areas does not matter."""
        asked = {one.place: one for one in run}  # what is kept names the area that the laptop named
        kept: list[tuple[Arrived, Outcome]] = []
        here = []
        erased = self._erased(run)
        for one in run:
            if (one.op.commune, one.op.type, one.op.record) in erased:
                kept.append((emptied(one), Outcome(result="rejected", reason=ERASED)))
                continue
            stays = one.to is None and not one.refusal
            place = (one.op.commune, one.op.area)
            outside = None if stays and place in self._open else _outside(one, self.caller)
            if outside is None and erases(one.op, self.registry):
                outside = self._may_not_erase(one.op)
            if outside is None:
                here.append(one)
            else:
                kept.append((one, outside))
        if any(one.to for one in here):
            for waiting in waiting_areas(
                self.database
            ):  # a record may arrive twice, but not leave in between
                self._carry_on(waiting)
            self._look_ahead(here)
        for _ in range(MOST_HOPS):
            if not here:
                break
            onward = []
            for one, to in self._in_areas(here):
                next_one = one if to is None else self._onward(one, to)
                if next_one is None:
                    kept.append((asked[one.place], Outcome(result="held", reason="moved")))
                else:
                    onward.append(next_one)
            here = onward
        kept += [(asked[one.place], Outcome(result="held", reason="moved")) for one in here]
        self._keep(kept)

    def tell_where_they_live(self) -> None:
        """Give the results of records that have left their area the row as it stands where they live."""
        following = self._followed
        for _ in range(MOST_HOPS):
            places: dict[Place, list[tuple[int, Key]]] = defaultdict(list)
            for place, (key, at) in following.items():
                places[at].append((place, key))
            following = {}
            for at, wanted in sorted(places.items()):
                with self.database.read() as tx:
                    found = fetched(tx, *at, {key for _, key in wanted})
                rows = {(stored.record.type, stored.record.id): stored for stored in found}
                grant = self.caller.areas.get(at[1])
                for place, key in wanted:
                    stored = rows.get(key)
                    if stored is None:
                        continue
                    onward = moved_to(stored.record)
                    if onward is not None:
                        following[place] = (key, onward)
                    elif grant is not None and grant.commune == at[0] and grant.may_read(self.now):
                        self.results[place] = msgspec.structs.replace(
                            self.results[place], seq=stored.record.seq, row=row_of(stored, *at)
                        )

    def _look_ahead(self, moving: list[Arrived]) -> None:
        """Note of moves whether the record is where they take it."""
        places: dict[Place, list[Arrived]] = defaultdict(list)
        for one in moving:
            if one.to is not None:
                places[one.to].append(one)
        for place, ops in sorted(places.items()):
            with self.database.read() as tx:
                found = fetched(tx, *place, {(one.op.type, one.op.record) for one in ops})
            onward = {(stored.record.type, stored.record.id): moved_to(stored.record) for stored in found}
            for one in ops:
                key, back = (one.op.type, one.op.record), (one.op.commune, one.op.area)
                one.there = key in onward and onward[key] != back

    def _in_areas(self, arrived: list[Arrived]) -> list[tuple[Arrived, Place | None]]:
        """Let each area take its ops. Returns those whose record has left, with where it went to."""
        groups: dict[Place, list[Arrived]] = defaultdict(list)
        for one in arrived:
            groups[one.op.commune, one.op.area].append(one)
        left: list[tuple[Arrived, Place | None]] = []
        for place in sorted(groups):
            readable = self.caller.areas[place[1]].may_read(self.now)
            try:
                work = self._in_area(place, groups[place], quiet=not readable)
            except AlreadyThere:
                work = self._in_area(place, groups[place], quiet=not readable, look=True)
            self._mark(work.mark())
            left += work.elsewhere
            self._followed |= {op: (key, place) for op, key in work.followed.items()}
            if work.leaving:
                self._carry_on(place)
            self._erase_elsewhere(work.erased_elsewhere)
        return left

    def _in_area(self, place: Place, arrived: list[Arrived], **how: bool) -> AreaPush:
        with self.database.write() as tx:
            work = AreaPush(tx, self.registry, *place, self.now, self.secret)
            if self.caller.areas[place[1]].gen not in ("", work.rows.gen):
                raise restored_meanwhile()
            results = work.take(arrived, **how)
        self.results.update(results)
        return work

    def _erased(self, run: list[Arrived]) -> set[tuple[str, str, str]]:
        """Commune, type and id of the records of these ops that were erased."""
        keys: dict[str, set[Key]] = defaultdict(set)
        for one in run:
            keys[one.op.commune].add((one.op.type, one.op.record))
        found = set()
        with self.database.read() as tx:
            for commune, wanted in keys.items():
                found |= {(commune, *key) for key in erased_among(tx, commune, wanted)}
        return found

    def _may_not_erase(self, op: Op) -> Outcome | None:
        if self.caller.role != "chief":
            return Outcome(result="rejected", reason=ONLY_A_CHIEF)
        if names_others(self.database, self.registry, self.caller, op, self.now):
            return Outcome(result="held", reason="out-of-scope")
        return None

    def _erase_elsewhere(self, waiting: dict[Place, list[tuple[Erasing, set[Target]]]]) -> None:
        """Follow records that are to be erased to where they live, as far as this laptop may write there."""
        for _ in range(MOST_HOPS):
            onward: dict[Place, list[tuple[Erasing, set[Target]]]] = {}
            for place, several in sorted(waiting.items()):
                if not self.caller.may_write(place, self.now):
                    continue
                self._carry_on(place)
                with self.database.write() as tx:
                    rows = AreaRows(tx, *place, self.now)
                    for by, keys in several:
                        for to, further in erase(rows, keys, by).items():
                            onward.setdefault(to, []).append((by, further))
                    rows.write()
                self._mark(rows.mark())
            waiting = onward

    def _carry_on(self, place: Place) -> None:
        for rows in carry_on(self.database, self.registry, place, self.now, self.caller.device):
            self._mark(rows.mark())

    def _mark(self, mark: AreaMark) -> None:
        """Note where an area stands. It may be written more than once for a push: only if nobody else wrote
        between, a laptop may go straight from the first counter to the last."""
        grant = self.caller.areas.get(mark.area)
        if grant is None or not grant.may_read(self.now):
            return
        before = self.marks.get(mark.area)
        if before is not None:
            joined = before.seq == mark.was_seq and before.gen == mark.gen
            mark = msgspec.structs.replace(mark, was_seq=before.was_seq if joined else -1)
        self.marks[mark.area] = mark

    def _onward(self, one: Arrived, to: Place) -> Arrived | None:
        """The op as it is taken to where its record lives, None when this laptop may not write there or
        wanted it elsewhere."""
        if one.to not in (None, to):
            return None
        op = msgspec.structs.replace(one.op, commune=to[0], area=to[1])
        onward = msgspec.structs.replace(one, op=op, to=None, carried=True)
        return onward if _outside(onward, self.caller) is None else None

    def _keep(self, kept: list[tuple[Arrived, Outcome]]) -> None:
        communes: dict[str, list[tuple[Arrived, Outcome]]] = defaultdict(list)
        for one, outcome in kept:
            communes[one.op.commune].append((one, outcome))
        for commune in sorted(communes):
            with self.database.write() as tx:
                self.results.update(
                    _keep(tx, self.caller.device, commune, communes[commune], self.now, self.secret)
                )


def _outside(one: Arrived, caller: Caller) -> Outcome | None:
    """Why an op must not reach an area, or None. An area that is somebody else's looks like one that is
    not there.
    """
    if one.refusal:
        return Outcome(result="rejected", reason=one.refusal)
    for commune, area in ((one.op.commune, one.op.area), one.to or (one.op.commune, one.op.area)):
        grant = caller.areas.get(area)
        if grant is None or grant.commune != commune:
            return Outcome(result="held", reason="out-of-scope")
        if grant.mode != "write":
            return Outcome(result="held", reason="read-only")
        if not grant.may_write(one.corrected):
            return Outcome(result="held", reason="out-of-scope")
    return None


def _keep(
    tx: Transaction,
    device: str,
    commune: str,
    kept: list[tuple[Arrived, Outcome]],
    now: str,
    secret: bytes,
) -> dict[int, Result]:
    """Keep ops that reach no area now, so that a person can decide about them later."""
    known = known_ops(tx, commune, [one.op.id for one, _ in kept])
    erased = erased_among(tx, commune, [(one.op.type, one.op.record) for one, _ in kept])
    texts = remembered(tx, commune, [(one.op.type, one.op.record) for one, _ in kept])
    results, rows = {}, []
    for one, outcome in kept:
        if (one.op.type, one.op.record) in erased:  # while this push was on its way
            one, outcome = emptied(one), Outcome(result="rejected", reason=ERASED)
        elif texts:
            one = without_late(one, texts)
            outcome = said(one, outcome)
        before = known.get(one.op.id)
        if (
            before
            and before.device == device
            and before.result in FINAL
            and same_op(before, one.op, anywhere=True)
        ):
            results[one.place] = again(one.op, before)
        else:
            if before is None or before.device == device:
                rows.append(op_row(one, outcome, 0, "", now))
            results[one.place] = result_of(one.op, outcome, 0, "")
        results[one.place].erased = one.lost
    tx.put(OPS, last_of_each(rows))
    return results
