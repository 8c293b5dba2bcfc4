"""What was ever typed, and where each word of it is now."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from sync.conflicts import CONFLICT
from sync.outbox import MISSING, PLACE
from sync.protocol import FINAL
from sync.texts import ALL
from tests.faults.taken_out import TakenOut
from tui_app.records import BY_NAME
from tui_app.store.rows import table

if TYPE_CHECKING:
    from tests.faults.world import Laptop, World

# what an op says beside where it took its record: nothing, once it was emptied
_SAYS = """EXISTS (SELECT 1 FROM json_each("set") WHERE key NOT IN ('area', 'commune'))"""  # `PLACE`
_decode = msgspec.json.Decoder().decode


@dataclass
class Made:
    """One op as it was saved. ``knows``: erasures its author had heard of; ``base_seq``: of the row it was made on;
    ``burnt``: the disk that had it is
    gone; ``excused``: with it the only copy."""

    laptop: str
    n: int
    id: str
    type: str
    record: str
    set: dict[str, tuple[Any, Any]]
    knows: tuple[str, ...] = ()
    base_seq: int = 0
    burnt: bool = False
    excused: bool = False


@dataclass
class Found:
    """What the server has at a quiet point."""

    ops: dict[str, str] = field(default_factory=dict)
    rows: dict[tuple[str, str], Any] = field(default_factory=dict)  # live place of each record
    listed: dict[tuple[str, str, str], list[Any]] = field(default_factory=lambda: defaultdict(list))
    asked: dict[tuple[str, str, str], list[Any]] = field(default_factory=dict)  # of what is undecided
    twice: list[tuple[str, str]] = field(default_factory=list)
    about: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    gone: set[tuple[str, str]] = field(default_factory=set)  # erased


class Ledger:
    """Every op that any laptop ever saved. `check` says what of it cannot be accounted for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.made: dict[str, Made] = {}
        self.lost = self.server_restores = self.erased = self.emptied = 0
        self.held = self.rejected = self.open = self.settled = self.resolved = 0
        self._upto: dict[str, int] = {}
        self._taken: set[str] = set()  # ops that a server had before it was restored

    def note(self, laptop: Laptop) -> None:
        """Take down what the laptop has saved since the last look."""
        found = laptop.all(
            'SELECT n, id, type, record, "set", knows, base_seq FROM outbox WHERE n > ? ORDER BY n',
            self._upto.get(laptop.user, 0),
        )
        for n, ident, kind, record, changes, knows, base_seq in found:
            self._upto[laptop.user] = n
            if ident not in self.made:
                heard = tuple(_decode(knows)) if knows else ()
                self.made[ident] = Made(
                    laptop.user, n, ident, kind, record, _decode(changes), heard, base_seq
                )
            else:
                self.made[ident].laptop = laptop.user

    def disk_lost(self, laptop: Laptop) -> None:
        """The laptop continues from a copy: what it had saved since then is at the server, or is gone with the disk."""
        here = {ident for (ident,) in laptop.all("SELECT id FROM outbox")}
        there = dict(self.world.rows("SELECT id, result FROM op"))
        for made in self.made.values():
            if made.laptop == laptop.user and made.id not in here and not made.burnt:
                made.burnt = True
                made.excused = made.id not in there
        self._excuse(set(there))  # what another disk had that burnt before, and the server lost
        self._upto[laptop.user] = max((n for (n,) in laptop.all("SELECT max(n) FROM outbox") if n), default=0)

    def server_dies(self) -> None:
        """Its disk is about to be lost: what it had taken was taken, though no op may be left to say so."""
        self._taken |= {
            ident for ident, result in self.world.rows("SELECT id, result FROM op") if result in FINAL
        }

    def server_restored(self) -> None:
        """The server continues from a backup: a word that no laptop has any more is gone with its disk."""
        self.server_restores += 1
        self._excuse({ident for (ident,) in self.world.rows("SELECT id FROM op")})

    def _excuse(self, there: set[str]) -> None:
        for made in self.made.values():
            if made.burnt and made.id not in there:
                made.excused = made.excused or not self._somewhere(made)

    def _somewhere(self, made: Made) -> bool:
        """Whether a laptop has the words in a row, or the server has them by another op."""
        for laptop in self.world.laptops:
            if made.type == "erasure" and not laptop.chief:
                continue  # of what only a member's laptop has left, the server takes nothing back
            row = laptop.row(made.type, made.record)
            if row is not None and _says(row.body, row.deleted, made):
                return True
        found = self.world.rows(
            "SELECT body, deleted FROM record WHERE type = :kind AND id = :ident AND gone IS NULL",
            kind=made.type,
            ident=made.record,
        )
        return any(_says(_decode(body), bool(deleted), made) for body, deleted in found)

    def check(self) -> list[str]:
        """At a quiet point: every op is accounted for, and all laptops equal the server. Returns what is not so."""
        found = self._found()
        moving = self._moves_held(found)
        erased = self._named()
        self.erased = len(erased)
        taken_out = TakenOut(self.world, self.made.values())
        self.emptied = sum(text[2] != ALL for text in taken_out.by)
        wrong = (
            self._ops(found, taken_out)
            + self._erased(erased)
            + taken_out.left()
            + [f"{key} lives in two units" for key in found.twice if key not in moving]
        )
        for laptop in self.world.laptops:
            wrong += self._equal(laptop, found)
        states = list(found.conflicts.values())
        self.open, self.settled, self.resolved = map(states.count, ("open", "settled", "resolved"))
        return wrong

    def _named(self) -> set[str]:
        """The persons that an erasure in force names."""
        bodies = self.world.rows("SELECT body FROM record WHERE type = 'erasure' AND gone IS NULL")
        return {one["id"] for (body,) in bodies for one in _decode(body).get("records", ())}

    def _erased(self, persons: set[str]) -> list[str]:
        """What is left of persons who were erased: on the server, on a laptop, in a row, an op or a question."""
        wrong = []
        for person in sorted(persons):
            says = {
                "a row": "SELECT 1 FROM record WHERE id = :id AND (gone IS NULL OR (gone = 'erased' AND body <> '{}'))",
                "an op": "SELECT 1 FROM op WHERE record = :id AND changes <> '{}'",
                "a question": "SELECT 1 FROM record WHERE type = 'conflict' AND body LIKE '%' || :id || '%'",
            }
            wrong += [
                f"{what} of {person} is left at the server"
                for what, sql in says.items()
                if self.world.rows(sql, id=person)
            ]
            for laptop in self.world.laptops:
                row = laptop.row("person", person)
                left = row is not None and (row.body or not row.deleted)
                ops = laptop.all(f"SELECT 1 FROM outbox WHERE record = ? AND {_SAYS}", person)
                asked = laptop.all("SELECT 1 FROM conflict WHERE record = ?", person)
                beneath = laptop.all(
                    "SELECT 1 FROM base WHERE id = ?1 UNION SELECT 1 FROM lost_row WHERE id = ?1", person
                )
                if left or ops or asked or beneath:
                    wrong.append(
                        f"something of {person} is left with {laptop.user}: {left} {ops} {asked} {beneath}"
                    )
        return wrong

    def _moves_held(self, found: Found) -> set[tuple[str, str]]:
        """Records that wait in two units of a restored server, and their conflicts: what had moved them is held, so
        that a person decides where they live."""
        if not self.server_restores:
            return set()
        moved = {
            (made.type, made.record)
            for made in self.made.values()
            if "area" in made.set and found.ops.get(made.id) == "held"
        }
        asked = {
            (CONFLICT, ident) for ident, (kind, record, _) in found.about.items() if (kind, record) in moved
        }
        return moved | asked

    def _found(self) -> Found:
        found = Found(ops=dict(self.world.rows("SELECT id, result FROM op")))  # type: ignore[arg-type]
        rows = self.world.rows("SELECT type, id, area, seq, deleted, gone, body FROM record")
        for kind, ident, area, seq, deleted, gone, body in rows:
            if gone is not None:
                found.gone |= {(kind, ident)} if gone == "erased" else set()
                continue
            if (kind, ident) in found.rows:
                found.twice.append((kind, ident))
            found.rows[kind, ident] = (area, int(seq), bool(deleted), _decode(body))
            if kind == CONFLICT:
                self._list(found, ident, _decode(body))
        return found

    def _list(self, found: Found, ident: str, body: dict[str, Any]) -> None:
        found.conflicts[ident] = body["state"]
        found.about[ident] = (body["record_type"], body["record"], body["field"])
        place = found.listed[body["record_type"], body["record"], body["field"]]
        place += [value["value"] for value in (*body.get("values", ()), *body.get("past", ()))]
        if body["state"] != "resolved":
            found.asked[body["record_type"], body["record"], body["field"]] = [
                value["value"] for value in body.get("values", ())
            ]
        chosen = found.listed[CONFLICT, ident, "chosen"]
        chosen += place

    def _ops(self, found: Found, taken_out: TakenOut) -> list[str]:
        wrong: list[str] = []
        states: dict[str, dict[str, str]] = {
            laptop.user: dict(laptop.all("SELECT id, state FROM outbox"))  # type: ignore[misc]
            for laptop in self.world.laptops
        }
        emptied = {
            laptop.user: {ident for (ident,) in laptop.all(f"SELECT id FROM outbox WHERE NOT {_SAYS}")}
            for laptop in self.world.laptops
        }
        seen = {
            (made.type, made.record, name, json.dumps(was))
            for made in self.made.values()
            if found.ops.get(made.id) in FINAL or made.id in self._taken
            for name, (was, _) in made.set.items()
        }
        self.held = self.rejected = self.lost = 0
        for made in self.made.values():
            if made.excused:
                continue
            state = states[made.laptop].get(made.id)
            if state is None and not made.burnt:
                wrong.append(f"op {made.id} of {made.laptop} has disappeared")
                self.lost += 1
            elif state in ("new", "sent"):
                wrong.append(f"op {made.id} of {made.laptop} has no answer")
            elif state in ("held", "rejected"):
                self.held += state == "held"
                self.rejected += state == "rejected"
            elif (made.type, made.record) in found.gone:
                continue  # answered, and what it said was to go
            elif self.server_restores and made.id in emptied[made.laptop]:
                continue  # whoever wrote it erased it; that a dead disk alone had it besides does not bring it back
            elif state == "acked" and found.ops.get(made.id) not in FINAL and not self.server_restores:
                wrong.append(f"op {made.id} of {made.laptop} was answered and the server does not have it")
                self.lost += 1
            elif state is None and found.ops.get(made.id) == "held":
                self.held += 1
            else:
                missing = [
                    name
                    for name in made.set
                    if not self._kept(made, name, found, seen)
                    and not self._apart(made, name)
                    and not taken_out.may_miss(made, name)
                ]
                self.lost += bool(missing)
                wrong += [
                    f"{made.type} {made.record} {name} {made.set[name][1]!r} of op {made.id} is neither current,"
                    " nor replaced, nor listed"
                    for name in missing
                ]
        return wrong + self._risen(found)

    def _risen(self, found: Found) -> list[str]:
        """Values that came back, or became a question, although somebody who had seen them replaced them: an op was
        taken twice."""
        if self.world.restores:
            return []  # after a restore ops arrive again in another order
        given: dict[tuple[str, str, str, str], int] = defaultdict(int)
        for made in self.made.values():
            for name, (_, new) in made.set.items():
                given[made.type, made.record, name, json.dumps(new)] += 1
                if made.type == CONFLICT and name == "chosen" and made.record in found.about:
                    given[*found.about[made.record], json.dumps(new)] += 1  # who decides for it says it again
        wrong = []
        for made in self.made.values():
            row = found.rows.get((made.type, made.record))
            if row is None or found.ops.get(made.id) != "applied" or made.type == CONFLICT:
                continue
            for name, pair in made.set.items():
                key = (made.type, made.record, name)
                if pair[0] is None or name in ("deleted", "deleted_reason"):
                    continue  # an empty field has no giver, and a deletion is asked about by edits as well
                if any(given[*key, json.dumps(value)] != 1 for value in pair):
                    continue  # more than one laptop said so, or nobody did
                was = pair[0]
                asked = found.asked.get(key, [])
                if _same(row[3].get(name), was) or any(_same(value, was) for value in asked):
                    wrong.append(f"{made.record} {name} {was!r} came back although op {made.id} replaced it")
        return wrong

    def _kept(self, made: Made, name: str, found: Found, seen: set[tuple[str, str, str, str]]) -> bool:
        if name in PLACE or name == "deleted_reason":
            return True
        row = found.rows.get((made.type, made.record))
        if row is None:
            return False
        was, new = made.set[name]
        current = row[2] if name == "deleted" else row[3].get(name)
        if _same(current, new) or _same(was, new):
            return True
        if (made.type, made.record, name, json.dumps(new)) in seen:
            return True
        if any(_same(value, new) for value in found.listed[made.type, made.record, name]):
            return True
        if made.type == CONFLICT and (*found.about[made.record], json.dumps(new)) in seen:
            return True  # a decision from which somebody went on
        # a decision that came too late, or met another one, is a candidate of the question it answered
        return made.type == CONFLICT and name == "state" and current == "open"

    def _apart(self, made: Made, name: str) -> bool:
        """Whether a laptop has the word among the rows of an area it was to give back to a restored server and may
        not: what it keeps apart is offered when the area is named to it again."""
        if not self.server_restores:
            return False
        _, new = made.set[name]
        for laptop in self.world.laptops:
            kept = "SELECT 1 FROM cursor WHERE mode = ? AND area = ?"
            row = laptop.row(made.type, made.record)
            if row is None or not laptop.all(kept, MISSING, row.area):
                continue
            listed = laptop.all(
                'SELECT "values" FROM conflict WHERE record = ? AND field = ?', made.record, name
            )
            values = [value["value"] for (text,) in listed for value in json.loads(text)]
            current = row.deleted if name == "deleted" else row.body.get(name)
            if any(_same(value, new) for value in (current, *values)):
                return True
        return False

    def _equal(self, laptop: Laptop, found: Found) -> list[str]:
        scope = self.scope(laptop)
        stuck = {
            (kind, record)
            for kind, record in laptop.all(
                "SELECT type, record FROM outbox WHERE state IN ('held', 'rejected')"
            )
        }
        # a restored server may only have forgotten a grant: such an area stays a while, shared no longer
        apart = {area for (area,) in laptop.all("SELECT area FROM cursor WHERE mode = ?", MISSING)}
        if not self.server_restores and apart:
            return [f"{laptop.user} keeps an area apart although the server has its whole history"]
        wrong: list[str] = []
        erased = set(laptop.all("SELECT type, id FROM erased"))
        held: dict[tuple[str, str], Any] = {}
        with laptop.store.read() as c:
            for kind in BY_NAME:
                for row in (
                    table(kind).read(c, [i for (i,) in c.execute(f'SELECT id FROM "{kind}"')]).values()
                ):
                    if row.area not in apart:
                        held[kind, row.id] = (row.area, row.seq, row.deleted, row.body)
        for key, row in held.items():
            if row[2] and not row[3] and (key in found.gone or key in erased):
                continue  # erased, here as there; or of a question that a restored server never had
            if self.server_restores and key[0] == CONFLICT and row[1] == 0 and row[3].get("values") == []:
                continue  # likewise a question that lists nothing since words were erased
            if row[0] not in scope and not (row[1] == 0 and key in stuck):
                wrong.append(f"{laptop.user} holds {key} of an area that is not its own")
            elif key not in found.rows and not (row[1] == 0 and key in stuck):
                wrong.append(f"{laptop.user} holds {key}, which the server does not have")
        for key, row in found.rows.items():
            if row[0] not in scope or key in stuck:
                continue
            mine = held.get(key)
            if mine is None and row[2]:
                continue  # deleted before this laptop ever held the area
            if mine is None or mine[:3] != row[:3] or not _same(mine[3], row[3]):
                wrong.append(f"{laptop.user} has {key} as {mine}, the server as {row}")
        if laptop.all("SELECT * FROM base"):
            wrong.append(f"{laptop.user} keeps a row below ops that all have an answer")
        return wrong

    def scope(self, laptop: Laptop) -> set[str]:
        """The areas that are the laptop's now."""
        found = self.world.rows(
            "SELECT h.area, g.area, g.until FROM area_grant AS g JOIN area_head AS h"
            " ON h.commune = g.commune AND (g.area = h.area OR g.area = '*') WHERE g.device = :device"
            " ORDER BY g.area = '*' DESC",
            device=laptop.device,
        )
        last = {area: until for area, _, until in found}  # the grant of the unit itself comes last and counts
        return {area for area, until in last.items() if until is None}


def _says(body: Mapping[str, Any], deleted: bool, made: Made) -> bool:
    """Whether a row says what an op does."""
    return all(
        _same(deleted if name == "deleted" else body.get(name), new) for name, (_, new) in made.set.items()
    )


def _same(a: Any, b: Any) -> bool:
    return json.dumps(a, sort_keys=True) == json.dumps(b, sort_keys=True)
