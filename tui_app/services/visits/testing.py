"""A test made outside a household visit: of a suspected case, at the station, at a call."""

from __future__ import annotations

from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.visits import TestMethod, TestOutcome
from tui_app.services.people.cards import live_row
from tui_app.store.engine import Store


def record_test(store: Store, who: str, person: str, method: TestMethod, result: TestOutcome) -> str:
    """Note a test of somebody made now; returns its id. Raises NotFound, NotOpened, InvalidFields for somebody who died
    or moved away."""
    with store.work(who) as work:
        row = live_row(work.connection, "person", person)
        day = today(store.clock).isoformat()
        for gone in ("died_on", "moved_on"):
            if row.body.get(gone) and str(row.body[gone]) <= day:
                raise InvalidFields([FieldProblem(gone, "testing.gone")])
        fields = {"person": person, "at": work.at, "method": method, "result": result, "supervised_by": who}
        return work.create("test_result", fields, place=row)
