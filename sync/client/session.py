"""What the steps of one sync share: the link, the laptop's database, how far it is, and whether to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeVar

from sync import collector, restored
from sync.client.link import Link
from sync.client.outcome import Cancelled, Progress, Summary
from sync.client.patience import Patience
from sync.protocol import AreaMark, Enrolled, ForkRequest, Scope, to_wire

Answer = TypeVar("Answer")
Lot = TypeVar("Lot")


class LaptopDatabase(Protocol):
    """The laptop's database: `tui_app.store.engine.Store` fits."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...
    def fold_log(self) -> None: ...


class Identity:
    """What this laptop is to the server; services keep it. This one keeps nothing. ``uncounted``: types whose ops are
    nobody's work: they are not counted in what the server is told of unsent saves."""

    uncounted: frozenset[str] = frozenset()

    def met(self, c: Any, scope: Scope) -> bool:
        """The server told what this laptop may use; called in the transaction that notes it. Returns whether it
        had told something newer before: it was restored from a backup."""
        return False

    def fork_request(self) -> ForkRequest:
        """What to say when the laptop turns out to be the copy of another one."""
        return ForkRequest()

    def became(self, c: Any, enrolled: Enrolled) -> None:
        """Keep the device and token of its own that a copy was given."""


@dataclass
class Session:
    """One sync under way. ``marks``: where the server says areas stand."""

    link: Link
    database: LaptopDatabase
    store: restored.RecordStore
    identity: Identity
    patience: Patience
    progress: Callable[[Progress], None]
    cancelled: Callable[[], bool]
    done: Summary = field(default_factory=Summary)
    marks: dict[str, AreaMark] = field(default_factory=dict)

    @contextmanager
    def lot(self) -> Iterator[Any]:
        """A transaction that writes many rows."""
        with collector.resting(), self.database.write() as c:
            yield c

    def now(self) -> str:
        """The laptop's clock, as wire moment."""
        return to_wire(self.link.now())

    def tell(self, step: str, done: int = 0, total: int = 0) -> None:
        """Say how far it is. Raises Cancelled when a person wants to stop."""
        self.stop_if_asked()
        self.progress(Progress(step, done, total))

    def stop_if_asked(self) -> None:
        """Raises Cancelled when a person wants to stop."""
        if self.cancelled():
            raise Cancelled

    def watched(self, lots: Iterable[Lot]) -> Iterator[Lot]:
        """The same lots of lines, until a person wants to stop."""
        for lot in lots:
            self.stop_if_asked()
            yield lot

    def try_again(self, work: Callable[[], Answer]) -> Answer:
        """Do ``work``, and again as long as there is hope and patience."""
        return self.patience.try_again(work, self.cancelled, self.progress)

    def add(self, **counts: int) -> None:
        """Count something that happened."""
        self.done = replace(self.done, **{name: getattr(self.done, name) + n for name, n in counts.items()})

    def note(self, **values: Any) -> None:
        """Note something that is so now."""
        self.done = replace(self.done, **values)
