"""One save is rows, ops and search entries, all of them or none, and a row never changes without its op."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlcipher3.dbapi2 as driver

from sync import outbox
from sync.protocol import Row
from tests.conftest import AREA, KEY, NOW
from tui_app.clock import pinned_clock
from tui_app.errors import InvalidFields, NotFound, VaultError
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows, table


def ops(store: Store) -> list[dict[str, Any]]:
    with store.read() as c:
        found = c.execute(
            'SELECT type, record, at, who, base_seq, commune, area, "set" FROM outbox ORDER BY n'
        )
        return [{**dict(zip(row.keys(), row, strict=True)), "set": json.loads(row["set"])} for row in found]


def row(store: Store, type_name: str, ident: str) -> Row | None:
    with store.read() as c:
        return table(type_name).read(c, [ident]).get(ident)


def got(store: Store, type_name: str, ident: str) -> Row:
    found = row(store, type_name, ident)
    assert found is not None
    return found


def counts(store: Store) -> tuple[int, int, int]:
    """Persons, ops, search entries."""
    with store.read() as c:
        return tuple(
            c.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
            for name in ("person", "outbox", "search_entry")
        )  # type: ignore[return-value]


def person(store: Store, ident: str = "p1", **fields: Any) -> str:
    with store.work("lan") as work:
        return work.create(
            "person", {"full_name": "Trần Thị Thủy", "household": "h1", **fields}, place=AREA, ident=ident
        )


# -- what a save is ----------------------------------------------------------------------------------------------


def test_a_save_is_a_row_an_op_and_a_search_entry(store: Store) -> None:
    person(store, birth_year=1964)
    made = got(store, "person", "p1")
    assert made.body == {"full_name": "Trần Thị Thủy", "household": "h1", "birth_year": 1964}
    assert (made.commune, made.area, made.seq, made.deleted) == (AREA.commune, AREA.area, 0, False)
    (op,) = ops(store)
    assert op == {
        "type": "person", "record": "p1", "at": "2026-11-22T02:05:00.000Z", "who": "lan", "base_seq": 0,
        "commune": AREA.commune, "area": AREA.area,
        "set": {"full_name": [None, "Trần Thị Thủy"], "household": [None, "h1"], "birth_year": [None, 1964]},
    }  # fmt: skip
    assert counts(store) == (1, 1, 1)


def test_an_error_inside_leaves_nothing(store: Store) -> None:
    def failing() -> None:
        with store.work("lan") as work:
            work.create("person", {"full_name": "A", "household": "h1"}, place=AREA)
            work.connection.execute("INSERT INTO draft VALUES ('k', 'visit', 'lan', '{}', '')")
            work.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        failing()
    assert counts(store) == (0, 0, 0)
    with store.read() as c:
        assert c.execute("SELECT count(*) FROM draft").fetchone()[0] == 0
    person(store)
    assert counts(store) == (1, 1, 1), "the next save is not held up"


def test_one_refused_field_refuses_the_whole_save(store: Store) -> None:
    def failing() -> None:
        with store.work("lan") as work:
            work.create("person", {"full_name": "A", "household": "h1"}, place=AREA)
            work.create("person", {"full_name": "B", "household": "h1", "sex": "nữ"}, place=AREA)

    with pytest.raises(InvalidFields):
        failing()
    assert counts(store) == (0, 0, 0)


def test_a_full_disk_leaves_nothing_and_the_next_save_works(store: Store) -> None:
    with store.work("lan") as work:
        work.create("person", {"full_name": "A", "household": "h1"}, place=AREA)

    def failing() -> None:
        with store.work("lan") as work:
            c = work.connection
            c.execute(f"PRAGMA max_page_count = {c.execute('PRAGMA page_count').fetchone()[0] + 5}")
            for _ in range(500):
                work.create("person", {"full_name": "A" * 500, "household": "h1"}, place=AREA)

    with pytest.raises(VaultError) as told:
        failing()
    assert told.value.key == "vault.disk_full"
    assert counts(store) == (1, 1, 1)
    with store.write() as c:
        c.execute("PRAGMA max_page_count = 1000000")
    person(store)
    assert counts(store) == (2, 2, 2)


# -- changes -----------------------------------------------------------------------------------------------------


def test_a_change_says_what_was_and_what_is(store: Store) -> None:
    person(store, birth_year=1964, phone="+84903000001")
    with store.work("minh") as work:
        assert work.change("person", "p1", {"birth_year": 1965, "phone": None, "full_name": "Trần Thị Thủy"})
    assert ops(store)[1]["set"] == {"birth_year": [1964, 1965], "phone": ["+84903000001", None]}
    assert ops(store)[1]["who"] == "minh"
    assert got(store, "person", "p1").body == {
        "full_name": "Trần Thị Thủy",
        "household": "h1",
        "birth_year": 1965,
    }


def test_the_same_again_is_no_op(store: Store) -> None:
    person(store, birth_year=1964)
    with store.work("lan") as work:
        assert not work.change(
            "person", "p1", {"birth_year": "1964", "note": "  ", "full_name": "Trần Thị Thủy"}
        )
    assert len(ops(store)) == 1


def test_two_changes_in_one_save_follow_each_other(store: Store) -> None:
    person(store)
    with store.work("lan") as work:
        work.change("person", "p1", {"note": "một"})
        work.change("person", "p1", {"note": "hai"})
        assert work.get("person", "p1").body["note"] == "hai"
    # the first one names a value that stays, or it would look like a create where the server refused the real one
    first = {"note": [None, "một"], "household": ["h1", "h1"]}
    assert [op["set"] for op in ops(store)[1:]] == [first, {"note": ["một", "hai"]}]


def test_the_row_of_the_server_is_kept_beneath_an_edit(store: Store) -> None:
    person(store, ident="mine")
    came = Row(
        type="person", id="theirs", commune=AREA.commune, area=AREA.area, seq=7,
        body={"full_name": "Lê Thị Hằng", "household": "h1"}, at="2026-11-01T00:00:00.000Z", who="minh", device="d2",
    )  # fmt: skip
    with store.write() as c:
        outbox.apply(c, RecordRows(), [came])
    for ident in ("mine", "theirs"):
        with store.work("lan") as work:
            work.change("person", ident, {"note": "x"})
    with store.read() as c:
        found = [(kind, ident) for kind, ident in c.execute("SELECT type, id FROM base")]
    assert found == [("person", "theirs")]
    assert ops(store)[-1]["base_seq"] == 7
    assert (got(store, "person", "theirs").seq, got(store, "person", "theirs").device) == (7, "")


@pytest.mark.parametrize("type_name", ["household_visit", "screening", "test_result"])
def test_what_was_found_at_a_door_is_never_changed(store: Store, type_name: str) -> None:
    with store.work("lan") as work, pytest.raises(ValueError, match="append-only"):
        work.change(type_name, "x", {"note": "y"})


def test_a_record_that_is_not_there_is_said_so(store: Store) -> None:
    for deed in ("change", "delete"):
        with pytest.raises(NotFound), store.work("lan") as work:
            getattr(work, deed)("person", "nobody", {"note": "x"} if deed == "change" else "x")


# -- deleted and brought back ------------------------------------------------------------------------------------


def test_a_deletion_gives_its_reason_and_keeps_the_row(store: Store) -> None:
    person(store)
    with store.work("lan") as work:
        assert work.delete("person", "p1", "nhập nhầm")
        assert not work.delete("person", "p1", "lần nữa")
    gone = got(store, "person", "p1")
    assert gone.deleted
    assert (gone.body["full_name"], gone.body["deleted_reason"]) == ("Trần Thị Thủy", "nhập nhầm")
    assert ops(store)[1]["set"] == {"deleted": [False, True], "deleted_reason": [None, "nhập nhầm"]}
    with store.read() as c:
        assert list(table("person").where(c)) == []
        assert c.execute("SELECT count(*) FROM search_entry").fetchone()[0] == 0


def test_what_must_be_there_is_made_changed_or_brought_back(store: Store) -> None:
    fields = {"person": "p1", "condition": "diabetes"}
    with store.work("lan") as work:
        work.ensure("person_condition", "c1", fields, place=AREA)
    with store.work("lan") as work:
        work.ensure("person_condition", "c1", fields, place=AREA)
    assert len(ops(store)) == 1
    with store.work("lan") as work:
        work.delete("person_condition", "c1", "nhầm người")
    with store.work("lan") as work:
        work.ensure("person_condition", "c1", {**fields, "stable": True}, place=AREA)
    back = got(store, "person_condition", "c1")
    assert (back.deleted, back.body) == (False, {**fields, "stable": True})
    assert ops(store)[-1]["set"] == {
        "stable": [None, True],
        "deleted": [True, False],
        "deleted_reason": ["nhầm người", None],
    }


def test_a_visit_taken_away_can_be_brought_back_but_not_changed(store: Store) -> None:
    fields = {"household": "h1", "at": "2026-11-22T02:00:00.000Z", "outcome": "absent"}
    with store.work("lan") as work:
        work.create("household_visit", fields, place=AREA, ident="v1")
    with store.work("lan") as work:
        work.delete("household_visit", "v1", "import undone")
    with store.work("lan") as work:
        assert work.revive("household_visit", "v1")
        assert not work.revive("household_visit", "v1")
    assert (got(store, "household_visit", "v1").deleted, got(store, "household_visit", "v1").body) == (
        False,
        fields,
    )


# -- what a newer program wrote ----------------------------------------------------------------------------------


def test_unknown_fields_live_through_a_save(store: Store) -> None:
    unknown = {"blood_group": "O+", "later": {"deep": [1, None, "đ"]}}
    came = Row(
        type="person", id="p1", commune=AREA.commune, area=AREA.area, seq=7,
        body={"full_name": "Lê Thị Hằng", "household": "h1", **unknown}, at="2026-11-01T00:00:00.000Z", who="minh",
    )  # fmt: skip
    with store.write() as c:
        outbox.apply(c, RecordRows(), [came])
    with store.work("lan") as work:
        work.change("person", "p1", {"phone": "+84903000001"})
    assert got(store, "person", "p1").body == {**came.body, "phone": "+84903000001"}
    assert ops(store)[-1]["set"] == {"phone": [None, "+84903000001"]}, "a patch carries what was touched only"
    with store.work("lan") as work:
        work.change("person", "p1", {"blood_group": "A"})
    assert got(store, "person", "p1").body["blood_group"] == "A"
    assert ops(store)[-1]["set"] == {"blood_group": ["O+", "A"]}


# -- a dead battery ----------------------------------------------------------------------------------------------


class Dying:
    """A connection that dies just before its n-th statement."""

    def __init__(self, connection: Any, moment: int) -> None:
        self.connection, self.left = connection, moment

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, *arguments: Any) -> Any:
        self.told()
        return self.connection.execute(*arguments)

    def executemany(self, *arguments: Any) -> Any:
        self.told()
        return self.connection.executemany(*arguments)

    def told(self) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)


def save(file: Path, moment: int) -> None:
    """A visit with three screenings, three persons and a note, by a process that dies at a statement."""
    store = Store(file, KEY, clock=pinned_clock(NOW))
    real = store.engine.raw_connection
    dying: Any = SimpleNamespace(raw_connection=lambda: pooled(real(), moment))
    store.engine = dying
    with store.work("lan") as work:
        fields = {"household": "h1", "at": work.at, "outcome": "met"}
        visit = work.create("household_visit", fields, place=AREA, ident="v1")
        for n in range(3):
            screened = {"visit": visit, "person": f"p{n}", "wellbeing": "well"}
            work.create("screening", screened, place=AREA, ident=f"s{n}")
            work.create(
                "person", {"full_name": "Trần Thị Thủy", "household": "h1"}, place=AREA, ident=f"p{n}"
            )
        work.change("household", "h1", {"note": "đã gặp"})


def pooled(real: Any, moment: int) -> Any:
    return SimpleNamespace(driver_connection=Dying(real.driver_connection, moment), close=real.close)


def test_a_kill_at_any_statement_of_a_save_leaves_all_or_nothing(tmp_path: Path) -> None:
    old = Row(
        type="household", id="h1", commune="27211", area=AREA.area, seq=3, body={"address": "12 Lê Lợi"}
    )
    made = Store(tmp_path / "gonha.db", KEY, clock=pinned_clock(NOW), create=True)
    with made.write() as c:
        RecordRows().upsert(c, [AREA, old])
    made.close()
    whole = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    ends = []
    for moment in range(1, 1000):
        folder = tmp_path / str(moment)
        folder.mkdir()
        for name, content in whole.items():
            (folder / name).write_bytes(content)
        child = os.fork()
        if child == 0:
            try:
                save(folder / "gonha.db", moment)
            finally:
                os._exit(0 if sys.exc_info()[0] is None else 3)
        _, status = os.waitpid(child, 0)
        opened = Store(folder / "gonha.db", KEY, clock=pinned_clock(NOW))
        with opened.read() as c:
            assert c.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            found = tuple(
                c.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
                for name in ("household_visit", "screening", "person", "outbox", "base")
            )
            noted = table("household").read(c, ["h1"])["h1"].body.get("note")
        opened.close()
        assert (*found, noted) in [(0, 0, 0, 0, 0, None), (1, 3, 3, 8, 1, "đã gặp")]
        ends.append(found[0])
        if not os.WIFSIGNALED(status):
            assert os.WEXITSTATUS(status) == 0, "the save failed by itself"
            break
        assert os.WTERMSIG(status) == signal.SIGKILL
    assert ends[-1] == 1
    assert len(ends) > 8
    assert ends == sorted(ends)


def test_a_save_after_another_finds_its_pages_at_hand(store: Store) -> None:
    with store.write() as first, store.read() as meanwhile:
        assert first is not meanwhile
    with store.write() as second:
        assert second is first, "another one would read and decrypt again what was written just now"


def test_putting_the_log_into_the_file_leaves_the_writer_its_connection(store: Store) -> None:
    person(store)
    with store.write() as first:
        pass
    store.fold_log()
    with store.write() as second:
        assert second is first
    _, logged, in_file = second.execute("PRAGMA wal_checkpoint(NOOP)").fetchone()
    assert in_file == logged > 0


def test_a_log_that_cannot_be_put_into_the_file_stays(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def full() -> Any:
        def execute(sql: str) -> Any:
            asked.append(sql)
            raise driver.OperationalError("database or disk is full")

        return SimpleNamespace(execute=execute, close=lambda: None)

    person(store)
    monkeypatch.setattr(store, "_open", full)
    store.fold_log()
    assert asked == ["PRAGMA wal_checkpoint(PASSIVE)"]
    assert got(store, "person", "p1").body["full_name"] == "Trần Thị Thủy"
