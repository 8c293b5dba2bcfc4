"""What people and disks do in a run. Each deed names all it needs, so that a seed or Hypothesis can choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sync.client import NoLink, NotOurServer, Refused, SyncError
from sync.protocol import FINAL
from tests.faults.wire import Fault, Trouble
from tests.faults.world import Laptop, World

# value makers, by field: a number no other edit has makes the value its own
FIELDS: dict[str, Callable[[int], Any]] = {
    "phone": lambda n: f"+8490{n:07d}",  # plain
    "note": lambda n: f"ghi chú {n}",  # plain
    "occupation": lambda n: f"nghề {n}",  # plain
    "full_name": lambda n: f"Trần Thị {_letters(n)}",  # clinical
    "birth_year": lambda n: 1901 + n % 120,  # clinical, may be the same as another's
    "sex": lambda n: ("male", "female", "unknown")[n % 3],  # clinical, often the same
}
TYPED = tuple(FIELDS)


@dataclass
class Deeds:
    """The deeds of one run. ``edits``: saves that made an op; ``decided``: conflicts that somebody resolved."""

    world: World
    people: list[str] = field(default_factory=list)
    edits: int = 0
    decided: int = 0
    cuts: int = 0
    stopped: dict[str, int] = field(default_factory=dict)
    _number: int = 0

    def _next(self) -> int:
        self._number += 1
        return self._number

    def person(self, laptop: Laptop, unit: str) -> bool:
        """A new person."""
        place = laptop.area(unit)
        if place is None:
            return False
        with laptop.store.work(laptop.user) as work:
            fields = {"full_name": FIELDS["full_name"](self._next()), "household": "h1", "note": "cũ"}
            self.people.append(work.create("person", fields, place=place))
        return self._made(laptop)

    def visit(self, laptop: Laptop, unit: str) -> bool:
        """A new visit: a type that is only added to."""
        place = laptop.area(unit)
        if place is None:
            return False
        with laptop.store.work(laptop.user) as work:
            fields = {"household": "h1", "at": "2026-11-22T02:00:00.000Z", "outcome": "absent"}
            work.create("household_visit", fields | {"note": f"lần {self._next()}"}, place=place)
        return self._made(laptop)

    def edit(self, laptop: Laptop, who: int, names: list[str], number: int | None = None) -> bool:
        """Other values for some fields of a person that the laptop holds."""
        found = self._held(laptop, who, deleted=False)
        if found is None:
            return False
        with laptop.store.work(laptop.user) as work:
            work.change("person", found, {name: FIELDS[name](number or self._next()) for name in names})
        return self._made(laptop)

    def move(self, laptop: Laptop, who: int, unit: str) -> bool:
        """A person goes to live in another unit of this laptop's."""
        found, place = self._held(laptop, who, deleted=False), laptop.area(unit)
        if found is None or place is None:
            return False
        with laptop.store.work(laptop.user) as work:
            work.move("person", found, place)
        return self._made(laptop)

    def delete(self, laptop: Laptop, who: int) -> bool:
        """Mark a person deleted."""
        found = self._held(laptop, who, deleted=False)
        if found is None:
            return False
        with laptop.store.work(laptop.user) as work:
            work.delete("person", found, f"nhập nhầm {self._next()}")
        return self._made(laptop)

    def erase(self, laptop: Laptop, who: int) -> bool:
        """Remove a person for good, once all that was typed of them here has an answer."""
        found = self._held(laptop, who, deleted=False)
        row = laptop.row("person", found) if found else None
        if found is None or row is None or laptop.all(_WAITS, found):
            return False
        with laptop.store.work(laptop.user) as work:
            fields = {"person": found, "records": [{"type": "person", "id": found}], "ground": "yêu cầu"}
            work.create("erasure", fields | {"at": "2026-11-22T02:00:00.000Z"}, place=row)
        return self._made(laptop)

    def take_out(self, laptop: Laptop, which: int, *, anew: bool) -> bool:
        """Take the words out of a note or out of the reason why a person was deleted, and perhaps write others. What
        waits may wait."""
        said = laptop.all(
            "SELECT 'person', id, 'note' FROM person WHERE note IS NOT NULL AND NOT deleted"
            " UNION ALL SELECT 'household_visit', id, 'note' FROM household_visit WHERE note IS NOT NULL"
            " UNION ALL SELECT 'person', id, 'deleted_reason' FROM person"
            " WHERE deleted AND extra ->> '$.deleted_reason' IS NOT NULL ORDER BY 2, 3"
        )
        if not said:
            return False
        kind, found, field = said[which % len(said)]
        row = laptop.row(kind, found)
        assert row is not None
        with laptop.store.work(laptop.user) as work:
            texts = [{"type": kind, "id": found, "field": field}]
            fields = {"person": "p", "texts": texts, "ground": "yêu cầu", "at": "2026-11-22T02:00:00.000Z"}
            work.create("erasure", fields, place=row)
            work.flush()
            if anew:
                work.settle(kind, found, {field: f"viết lại {self._next()}"})
        return self._made(laptop)

    def revive(self, laptop: Laptop, who: int) -> bool:
        """Bring a deleted person back."""
        found = self._held(laptop, who, deleted=True)
        if found is None:
            return False
        with laptop.store.work(laptop.user) as work:
            work.revive("person", found)
        return self._made(laptop)

    def resolve(self, laptop: Laptop, which: int, choice: int) -> bool:
        """Choose one value of an open conflict."""
        open_ones = laptop.all(
            "SELECT id, record_type, record, field FROM conflict WHERE state = 'open' AND NOT deleted ORDER BY id"
        )
        if not open_ones:
            return False
        ident, kind, record, name = open_ones[which % len(open_ones)]
        conflict, row = laptop.row("conflict", ident), laptop.row(kind, record)
        if conflict is None or row is None:
            return False
        values = conflict.body["values"]
        chosen = values[choice % len(values)]["value"]
        with laptop.store.work(laptop.user) as work:
            work.change("conflict", ident, {"state": "resolved", "chosen": chosen})
            if name == "deleted":
                if chosen:
                    work.delete(kind, record, "đã quyết")
                else:
                    work.revive(kind, record)
            else:
                work.change(kind, record, {name: chosen})
        self.decided += 1
        return self._made(laptop)

    def sync(
        self, laptop: Laptop, faults: list[Fault], meanwhile: Callable[[], object] | None = None
    ) -> None:
        """One sync that may stop for the reasons a link gives."""
        wire = laptop.wire
        wire.faults, wire.meanwhile, before = list(faults), meanwhile, wire.met
        try:
            laptop.sync()
        except SyncError as error:
            self._expected(error)
        finally:
            wire.faults, wire.meanwhile = [], None
            self.cuts += wire.met - before
        self.world.ledger.note(laptop)

    def _expected(self, error: SyncError) -> None:
        name = error.problem if isinstance(error, Refused) else type(error).__name__
        self.stopped[name] = self.stopped.get(name, 0) + 1
        if isinstance(error, NoLink | NotOurServer):
            return
        if isinstance(error, Refused) and error.problem in ("scope-changed", "not-in-scope"):
            return
        raise AssertionError(f"a sync stopped for {name}: {error}") from error

    def again(self, laptop: Laptop, which: int) -> None:
        """An old push arrives once more: what has been answered for good changes nothing."""
        known = [made.id for made in self.world.ledger.made.values() if made.laptop == laptop.user]
        final = dict(self.world.rows("SELECT id, result FROM op"))
        before = self.world.rows("SELECT area, seq, digest FROM area_head ORDER BY area")
        laptop.wire.again(which)
        if all(final.get(ident) in FINAL for ident in known):
            after = self.world.rows("SELECT area, seq, digest FROM area_head ORDER BY area")
            assert after == before, "a push that came twice was taken twice"

    def write_file(self, laptop: Laptop) -> None:
        """What waits goes into a file for the server; a sync may still carry the same by network."""
        self.world.sticks.write(laptop)
        self.world.ledger.note(laptop)

    def carry_file(self, which: int) -> None:
        """A file reaches the server, perhaps late, perhaps once more."""
        if self.world.sticks.written:
            self.world.sticks.carry(which % len(self.world.sticks.written))

    def bring_answer(self, which: int) -> None:
        """An answer reaches its laptop, perhaps late, perhaps once more."""
        if self.world.sticks.answers:
            self.world.ledger.note(self.world.sticks.bring(which % len(self.world.sticks.answers)))

    def answer_lost(self, laptop: Laptop, other: Laptop, who: int, names: list[str]) -> None:
        """An edit reaches the server, its answer does not come, and a colleague who sees it goes on from there."""
        self.edit(laptop, who, names)
        self.sync(laptop, [Fault(Trouble.ANSWER_LOST, "/v1/push")])
        self.sync(other, [])
        self.edit(other, who, names)
        self.sync(other, [])

    def copy(self, laptop: Laptop) -> None:
        """A backup of a laptop."""
        laptop.copy()

    def restore_laptop(self, laptop: Laptop, which: int) -> None:
        """A laptop goes on from its own backup."""
        if laptop.copies:
            laptop.restore(which)

    def restore_server(self, which: int) -> None:
        """The server goes on from its backup."""
        if self.world.backups:
            self.world.restore(which)

    def too_late(self, laptop: Laptop, who: int, names: list[str]) -> None:
        """A unit goes to another team while somebody of the old one still types into it."""
        found = self._held(laptop, who, deleted=False)
        row = laptop.row("person", found) if found else None
        unit = next((u for u, area in self.world.areas.items() if row and area == row.area), None)
        if unit is not None:
            self.withdraw(laptop, unit)
            self.edit(laptop, who, names)

    def withdraw(self, laptop: Laptop, unit: str) -> None:
        """The unit goes to another team, if it is this laptop's."""
        if self.world.areas[unit] not in self.world.ledger.scope(laptop):
            return
        self.world.grant(laptop, unit, given=False)

    def give(self, laptop: Laptop, unit: str) -> None:
        """The unit comes (back) to this laptop."""
        self.world.grant(laptop, unit, given=True)

    def _held(self, laptop: Laptop, who: int, *, deleted: bool) -> str | None:
        here = [
            ident
            for ident in self.people
            if (row := laptop.row("person", ident)) is not None and row.deleted == deleted
        ]
        return here[who % len(here)] if here else None

    def _made(self, laptop: Laptop) -> bool:
        before = len(self.world.ledger.made)
        self.world.ledger.note(laptop)
        made = len(self.world.ledger.made) - before
        self.edits += made
        return made > 0


_WAITS = "SELECT 1 FROM outbox WHERE record = ? AND state IN ('new', 'sent')"


def _letters(number: int) -> str:
    """A number as a word: names have no digits."""
    word = ""
    while True:
        number, digit = divmod(number, 26)
        word = chr(65 + digit) + word
        if not number:
            return word
