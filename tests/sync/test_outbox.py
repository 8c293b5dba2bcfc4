"""The laptop's own side of sync: ops wait, are answered, and never disappear; rows show what was typed on top."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from sync import outbox
from sync.protocol import Result, Row
from tests.conftest import AREA
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows, table

ROWS = RecordRows()
THEN = "2026-11-22T03:00:00.000Z"


def server_row(seq: int = 5, **body: Any) -> Row:
    """A household as the server sends it."""
    return Row(
        type="household", id="h1", commune="27211", area=AREA.area, seq=seq,
        body={"address": "12 Lê Lợi", **body}, at="2026-11-20T00:00:00.000Z", who="minh", device="other",
    )  # fmt: skip


def arrive(store: Store, *rows: Row) -> None:
    with store.write() as c:
        outbox.apply(c, ROWS, list(rows))


def typed(store: Store, **fields: Any) -> None:
    with store.work("lan") as work:
        work.change("household", "h1", fields)


def shown(store: Store) -> Row:
    with store.read() as c:
        return table("household").read(c, ["h1"])["h1"]


def base(store: Store) -> dict[str, Any] | None:
    with store.read() as c:
        found = c.execute("SELECT row FROM base").fetchall()
    return json.loads(found[0][0])["body"] if found else None


def answered(store: Store, *results: dict[str, Any]) -> None:
    """The oldest waiting ops get these answers."""
    with store.write() as c:
        ops = outbox.waiting(c, "this", 100, 1 << 20)
        outbox.mark_sent(c, ops)
        pairs = [(op, Result(op=op.id, n=op.n, **r)) for op, r in zip(ops, results, strict=False)]
        outbox.answer(c, ROWS, pairs, THEN)


def states(store: Store) -> list[str]:
    with store.read() as c:
        return [state for (state,) in c.execute("SELECT state FROM outbox ORDER BY n")]


def test_the_server_s_row_is_kept_beneath_the_first_edit_and_no_later_one(store: Store) -> None:
    arrive(store, server_row())
    assert base(store) is None
    typed(store, note="một")
    typed(store, note="hai")
    assert base(store) == {"address": "12 Lê Lợi"}
    assert shown(store).body == {"address": "12 Lê Lợi", "note": "hai"}


def test_a_record_the_server_never_saw_has_nothing_beneath(store: Store) -> None:
    with store.work("lan") as work:
        work.create("household", {"address": "12 Lê Lợi"}, place=AREA, ident="h1")
    typed(store, note="một")
    assert base(store) is None


def test_ops_go_out_oldest_first_within_the_limits(store: Store) -> None:
    with store.work("lan") as work:
        for number in range(5):
            work.create("household", {"note": "x" * 1000}, place=AREA, ident=f"h{number}")
    with store.read() as c:
        assert [op.record for op in outbox.waiting(c, "d", 3, 1 << 20)] == ["h0", "h1", "h2"]
        assert [op.record for op in outbox.waiting(c, "d", 100, 3000)] == ["h0", "h1"]
        assert [op.record for op in outbox.waiting(c, "d", 100, 10)] == ["h0"], "at least one"
        assert {op.device for op in outbox.waiting(c, "d", 3, 1 << 20)} == {"d"}
        assert outbox.waiting_by_type(c) == {"household": 5}
        assert outbox.waiting_count(c) == 5


def test_what_was_sent_waits_until_it_is_answered(store: Store) -> None:
    arrive(store, server_row())
    typed(store, note="một")
    with store.write() as c:
        outbox.mark_sent(c, outbox.waiting(c, "d", 9, 1 << 20))
    with store.read() as c:
        assert {state: n for state, n in outbox.counts(c).items() if n} == {"sent": 1}
        assert len(outbox.waiting(c, "d", 9, 1 << 20)) == outbox.waiting_count(c) == 1


def test_an_op_saved_between_sending_and_the_answer_stays_dirty(store: Store) -> None:
    arrive(store, server_row())
    typed(store, note="một")
    with store.write() as c:
        (sent,) = outbox.waiting(c, "d", 9, 1 << 20)
        outbox.mark_sent(c, [sent])
    typed(store, note="hai", phone="+84903000001")
    with store.write() as c:
        outbox.answer(c, ROWS, [(sent, Result(op=sent.id, n=sent.n, result="applied", seq=6))], THEN)
    assert states(store) == ["acked", "new"]
    assert base(store) == {"address": "12 Lê Lợi", "note": "một"}
    assert (shown(store).seq, shown(store).body["note"]) == (6, "hai")


@pytest.mark.parametrize("result", ["applied", "duplicate"])
def test_a_plain_answer_leaves_the_row_as_typed_with_the_new_counter(store: Store, result: str) -> None:
    arrive(store, server_row())
    typed(store, note="một")
    answered(store, {"result": result, "seq": 9, "receipt": "ABC"})
    assert (shown(store).seq, shown(store).body["note"], base(store)) == (9, "một", None)
    with store.read() as c:
        (found,) = c.execute("SELECT state, result, receipt, seq, answered_at FROM outbox").fetchall()
    assert tuple(found) == ("acked", result, "ABC", 9, THEN)


@pytest.mark.parametrize("result", ["merged", "conflict", "applied"])
def test_an_answer_with_a_row_shows_that_row(store: Store, result: str) -> None:
    arrive(store, server_row())
    typed(store, note="một")
    answered(
        store, {"result": result, "seq": 9, "row": server_row(9, note="của người khác", phone="+84903000007")}
    )
    assert shown(store) == server_row(9, note="của người khác", phone="+84903000007")
    assert base(store) is None


def test_an_answer_with_a_row_goes_beneath_what_still_waits(store: Store) -> None:
    arrive(store, server_row())
    typed(store, note="một")
    typed(store, phone="+84903000001")
    answered(store, {"result": "merged", "seq": 9, "row": server_row(9, note="khác")})
    assert base(store) == {"address": "12 Lê Lợi", "note": "khác"}
    assert shown(store).body == {"address": "12 Lê Lợi", "note": "khác", "phone": "+84903000001"}


def test_a_rejected_op_gives_the_row_back_and_stays(store: Store) -> None:
    arrive(store, server_row(note="cũ"))
    typed(store, note="một")
    typed(store, phone="+84903000001")
    answered(
        store, {"result": "rejected", "reason": "bad-value", "field": "note"}, {"result": "applied", "seq": 7}
    )
    assert states(store) == ["rejected", "acked"]
    assert shown(store).body == {"address": "12 Lê Lợi", "note": "cũ", "phone": "+84903000001"}


def test_a_held_op_stays_and_so_does_what_it_says(store: Store) -> None:
    arrive(store, server_row(note="cũ"))
    typed(store, note="một")
    answered(store, {"result": "held", "reason": "out-of-scope"})
    assert states(store) == ["held"]
    assert shown(store).body["note"] == "một"


@pytest.mark.parametrize("result", ["held", "rejected"])
def test_a_refused_creation_stays_where_it_was_typed(store: Store, result: str) -> None:
    with store.work("lan") as work:
        work.create("household", {"address": "12 Lê Lợi"}, place=AREA, ident="h1")
    answered(store, {"result": result, "reason": "why"})
    assert (shown(store).seq, shown(store).body) == (0, {"address": "12 Lê Lợi"})
    assert states(store) == [result]


def test_an_arriving_row_goes_beneath_what_waits_and_over_what_does_not(store: Store) -> None:
    arrive(store, server_row(note="cũ"))
    typed(store, note="một")
    arrive(store, server_row(8, note="khác", phone="+84903000007"))
    assert base(store) == {"address": "12 Lê Lợi", "note": "khác", "phone": "+84903000007"}
    assert shown(store).body == {"address": "12 Lê Lợi", "note": "một", "phone": "+84903000007"}
    assert shown(store).seq == 8


def test_a_deletion_that_waits_does_not_count_in_the_digest_yet(store: Store) -> None:
    arrive(store, server_row())
    with store.read() as c:
        before = sorted(outbox.marks(c, ROWS, AREA.area))
    with store.work("lan") as work:
        work.delete("household", "h1", "nhập nhầm")
    with store.read() as c:
        assert sorted(outbox.marks(c, ROWS, AREA.area)) == before
        assert ("household", "h1", 5) in before
    answered(store, {"result": "applied", "seq": 6})
    with store.read() as c:
        assert sorted(outbox.marks(c, ROWS, AREA.area)) == [("area", AREA.id, 1)]


def test_a_row_of_a_newer_program_is_kept_whole(store: Store) -> None:
    row = Row(
        type="spaceship", id="s1", commune="27211", area=AREA.area, seq=4, body={"deep": {"a": [1, None]}}
    )
    arrive(store, row)
    with store.read() as c:
        assert ROWS.read(c, "spaceship", ["s1"]) == {"s1": row}
        assert ("spaceship", "s1", 4) in list(outbox.marks(c, ROWS, AREA.area))


def test_an_area_goes_only_when_each_of_its_ops_has_an_answer(store: Store) -> None:
    arrive(store, server_row())
    typed(store, note="một")
    with store.write() as c:
        assert outbox.release_area(c, ROWS, AREA.area) is False
    assert shown(store).body["note"] == "một"
    answered(store, {"result": "held", "reason": "out-of-scope"})
    with store.write() as c:
        assert outbox.release_area(c, ROWS, AREA.area) is True
        assert outbox.cursors(c) == {}
        assert c.execute("SELECT count(*) FROM household").fetchone()[0] == 0
    assert states(store) == ["held"], "the op stays to be decided about"


@pytest.mark.parametrize("result", ["applied", "held"])
def test_an_area_goes_only_when_a_move_into_it_has_an_answer_if_that_can_go_out(
    store: Store, result: str
) -> None:
    """A unit that is read anew keeps its ops back until it was read, which an area that is lost would prevent."""
    arrive(store, server_row())
    other = msgspec.structs.replace(AREA, area="other")
    with store.write() as c:
        outbox.hold_area(c, other.area, other.commune, "write")
    with store.work("lan") as work:
        work.move("household", "h1", other)
    with store.write() as c:
        assert outbox.release_area(c, ROWS, other.area) is False
    assert shown(store).area == other.area
    with store.write() as c:
        c.execute("UPDATE cursor SET lost_after = 0 WHERE area = ?", (AREA.area,))
        assert outbox.release_area(c, ROWS, other.area) is True
        c.execute("UPDATE cursor SET lost_after = NULL WHERE area = ?", (AREA.area,))
    answered(store, {"result": result, "seq": 5 if result == "applied" else 0})
    with store.read() as c:
        here = table("household").read(c, ["h1"]).values()
        assert [row.area for row in here] == ([] if result == "applied" else [AREA.area])
    assert base(store) is None


def test_answers_that_come_after_an_area_was_let_go_bring_nothing_of_it_back(store: Store) -> None:
    """Its record was to go to another unit, and work there waits; so it is with files carried by hand."""
    arrive(store, server_row())
    with store.work("lan") as work:
        work.move("household", "h1", msgspec.structs.replace(AREA, area="other"))
    typed(store, note="một")
    answered(store, {"result": "held", "reason": "out-of-scope"})
    with store.write() as c:
        assert outbox.release_area(c, ROWS, AREA.area) is True
    answered(store, {"result": "held", "reason": "unknown-record"})
    assert states(store) == ["held", "held"]
    with store.read() as c:
        assert table("household").read(c, ["h1"]) == {}
    assert base(store) is None


def test_only_acknowledged_ops_grow_old(store: Store) -> None:
    arrive(store, server_row())
    for number in range(5):
        typed(store, note=str(number))
    answered(
        store,
        {"result": "applied", "seq": 6},
        {"result": "held", "reason": "x"},
        {"result": "rejected", "reason": "x"},
        {"result": "conflict", "seq": 6, "row": server_row(6)},
    )
    typed(store, note="cuối")
    with store.write() as c:
        assert outbox.prune(c, THEN) == 0, "answered at that moment, not before it"
        assert outbox.prune(c, "2026-11-22T03:00:00.001Z") == 2
        assert outbox.counts(c) == {"new": 1, "sent": 1, "acked": 0, "held": 1, "rejected": 1}


def test_a_local_area_keeps_its_ops_to_itself(store: Store) -> None:
    with store.write() as c:
        outbox.hold_area(c, AREA.area, AREA.commune, outbox.LOCAL)
    with store.work("lan") as work:
        work.create("household", {"address": "12 Lê Lợi"}, place=AREA)
    with store.read() as c:
        assert outbox.waiting(c, "d", 9, 1 << 20) == []
        assert outbox.cursors(c) == outbox.held_areas(c) == {}
        assert outbox.waiting_count(c) == 1


def test_of_two_answers_about_a_record_the_newer_row_stands(store: Store) -> None:
    """What was sent to where a record lives now is taken before what follows it there from where it lived."""
    arrive(store, server_row())
    typed(store, note="một")
    typed(store, phone="+84901234567")
    newer, older = server_row(15, note="hai"), server_row(12)
    answered(
        store,
        {"result": "conflict", "seq": 15, "row": newer},
        {"result": "conflict", "seq": 12, "row": older},
    )
    assert (shown(store).seq, shown(store).body["note"]) == (15, "hai")
    assert base(store) is None
