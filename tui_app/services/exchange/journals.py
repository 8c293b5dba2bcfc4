"""The journal of access rides along with every sync; what people are told counts it apart from their work.

"12 chưa gửi" means twelve saves of somebody's work. That thirty cards were opened meanwhile is sent all the same, and
said where all kinds are listed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from sync import outbox
from sync.protocol import Row
from sync.stopped import count_stopped
from tui_app.records import JOURNALS
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows

if TYPE_CHECKING:
    from sync.client import Summary

_FIGURES = {"applied": "applied", "duplicate": "applied", "held": "held", "rejected": "rejected"}


def waiting(c: Any) -> tuple[int, int]:
    """Ops without an answer: saves of work, and notes of a journal."""
    kinds = outbox.waiting_by_type(c)
    noted = sum(count for kind, count in kinds.items() if kind in JOURNALS)
    return sum(kinds.values()) - noted, noted


def stopped(c: Any) -> dict[str, int]:
    """Ops that were held or rejected and that nobody has settled, by state; notes of a journal are nobody's work."""
    return count_stopped(c, JOURNALS)


class CountedRows(RecordRows):
    """The laptop's records, counting the rows of journals that a sync brings."""

    def __init__(self) -> None:
        self.noted = 0

    def upsert(self, c: Any, rows: Iterable[Row]) -> None:
        """Write rows and their search entries."""
        rows = list(rows)
        self.noted += sum(row.type in JOURNALS for row in rows)
        super().upsert(c, rows)


class Apart:
    """What of one sync is journal. Made before the sync; ``rows`` is what it keeps records with."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.rows = CountedRows()
        with store.read() as c:
            self._ops = _json([n for (n,) in c.execute(f"SELECT n FROM outbox WHERE {_OF_JOURNALS}")])

    def without(self, summary: Summary) -> Summary:
        """The figures of the work alone."""
        with self._store.read() as c:
            answered = c.execute(
                "SELECT result, count(*) FROM outbox WHERE n IN (SELECT value FROM json_each(?))"
                " AND state NOT IN ('new', 'sent') GROUP BY result",
                (self._ops,),
            ).fetchall()
            still = waiting(c)[1]
        less = {"pushed": sum(count for _, count in answered), "pulled": self.rows.noted, "pending": still}
        for result, count in answered:
            name = _FIGURES.get(result or "")
            if name is not None:
                less[name] = less.get(name, 0) + count
        figures: dict[str, Any] = {name: max(getattr(summary, name) - n, 0) for name, n in less.items()}
        return replace(summary, **figures)


def _json(numbers: list[int]) -> str:
    return msgspec.json.encode(numbers).decode()


_OF_JOURNALS = "state IN ('new', 'sent') AND type IN ({})".format(
    ", ".join(f"'{name}'" for name in sorted(JOURNALS))
)
