"""The numbers of the status line, counted by hand."""

from __future__ import annotations

from sync import outbox
from sync.protocol import Row
from tui_app.services.station import drafts, facts
from tui_app.services.station.status import status
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows

AREA = "0190-area-1"


def conflict(ident: str, state: str) -> Row:
    body = {"record_type": "person", "record": "p1", "field": "phone", "state": state, "values": []}
    return Row(type="conflict", id=ident, commune="27211", area=AREA, seq=1, body=body)


def test_a_new_laptop_has_nothing_to_say_but_its_place(store: Store) -> None:
    with store.read() as c:
        found = status(c)
    assert found.place == "Phường Hòa Bình · Khu phố 1"
    assert not found.has_server
    assert (found.unsent, found.stopped, found.drafts, found.open_conflicts) == (0, 0, 0, 0)
    assert found.last_sync is None


def test_a_commune_is_named_once_however_many_units_the_laptop_holds(store: Store) -> None:
    body = {
        "commune_code": "27211",
        "commune_name": "Phường Hòa Bình",
        "unit_code": "02",
        "unit_name": "Khu phố 2",
    }
    with store.write() as c:
        RecordRows().upsert(c, [Row(type="area", id="a2", commune="27211", area="a2", seq=1, body=body)])
        outbox.hold_area(c, "a2", "27211", "write")
        found = status(c)
    assert found.place == "Phường Hòa Bình"
    assert found.units == ("Khu phố 1", "Khu phố 2")


def test_everything_that_waits_is_counted(store: Store) -> None:
    with store.work("lan") as work:
        place = work.get("area", AREA)
        for number in (1, 2, 3):
            work.create("household", {"address": f"{number} Lê Lợi"}, place=place)
    drafts.keep(store, "lan", "visit:x", "visit", {"at": "2026-11-22T02:05:00.000Z"})
    with store.write() as c:
        c.execute("UPDATE outbox SET state = 'held' WHERE n = 1")
        facts.put(c, facts.SERVER, "https://gonha.example")
        RecordRows().upsert(
            c, [conflict("c1", "open"), conflict("c2", "settled"), conflict("c3", "resolved")]
        )
        c.execute(
            "INSERT INTO sync_session (started_at, outcome, summary) VALUES"
            " ('2026-11-21T09:00:00.000Z', 'done', '{}'), ('2026-11-22T01:30:00.000Z', 'no_link', '{}')"
        )
        found = status(c)
    assert (found.unsent, found.stopped, found.drafts) == (2, 1, 1)
    assert (found.open_conflicts, found.settled_conflicts) == (1, 1)
    assert found.last_sync == ("2026-11-22T01:30:00.000Z", "no_link")
    assert found.has_server
