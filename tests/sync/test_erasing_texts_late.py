"""Words about an erased person where a server or a laptop goes back in time, or hears late: they do not come back, and
what was written instead is not lost."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from sync import outbox
from sync.outbox import Change
from sync.server.backups import backup
from sync.server.grants import withdraw
from tests.services.by_hand import Stick
from tests.store.plain_pages import plain_bytes
from tests.sync.test_erasing_meets import elsewhere
from tests.sync.test_erasing_texts_meets import (
    MARK,
    NEED,
    NEW,
    OLD,
    Note,
    body,
    erase,
    left,
    need,
    nhu,
    visit,
    ward,
)
from tests.sync.ward import KEY, Laptop, QuickStore, Ward, agreed, calm
from tests.sync.wire import lost
from tui_app.store import erasing as stored
from tui_app.store.rows import RecordRows

__all__ = ["need", "nhu", "visit", "ward"]  # fixtures


def test_work_that_waits_stays_from_before_when_a_restore_gives_it_a_new_number(
    tmp_path: Path, ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    before = ward.back_up()
    minh.change(NEED, need[1], followed_by="minh")
    minh.sync()
    stick = Stick(ward, minh, tmp_path)
    minh.change(NEED, need[1], note=f"{OLD} cần sữa")
    ((n,),) = minh.all("SELECT n FROM outbox WHERE state = 'new'")
    erase(lan, nhu, {need: NEW})
    stick.back(stick.given())
    ward.restore(before)
    calm(minh, lan, minh)
    assert minh.all("SELECT n > ? FROM outbox WHERE reason = 'erased-text'", n) == [(1,)]
    assert body(minh, need)["note"] == body(lan, need)["note"] == NEW
    assert body(lan, need)["followed_by"] == "minh"
    assert left(ward, lan, minh) == []
    agreed(ward, lan, minh)


def test_a_backup_put_back_brings_no_words_back(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    hoa = ward.laptop("hoa")
    hoa.sync()
    before = ward.back_up()
    younger = hoa.create(NEED, household="x", kind="food", status="open", note=f"{OLD} trẻ hơn")
    calm(hoa, lan)
    erase(lan, nhu, {need: NEW, (NEED, younger, "note"): ""})
    ward.restore(before)
    for laptop in (hoa, minh, lan):  # who has not heard gives back what he has
        laptop.sync()
    calm(hoa, minh, lan)
    assert left(ward, lan, minh, hoa) == []
    for laptop in (lan, minh, hoa):
        assert body(laptop, need)["note"] == NEW
        assert "note" not in body(laptop, (NEED, younger, ""))
    agreed(ward, lan, minh, hoa)


@pytest.mark.parametrize("first", ["minh", "lan"])
@pytest.mark.parametrize("heard", [True, False])
def test_a_server_that_forgot_it_is_told(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note, first: str, heard: bool
) -> None:
    backup(ward.database, ward.folder / "old")
    minh.change(NEED, need[1], note=f"{OLD} sau")  # what minh has of it is set aside, and offered back
    calm(minh, lan)
    erase(lan, nhu, {need: NEW})
    if heard:
        calm(minh, lan)
    elsewhere(ward, ward.folder / "old")
    both: dict[str, Any] = {"lan": lan, "minh": minh}
    for laptop in (both.pop(first), *both.values()):
        laptop.sync()
    calm(lan, minh)
    assert body(lan, need)["note"] == body(minh, need)["note"] == NEW
    assert ward.server_body(*need[:2])["note"] == NEW
    assert left(ward, lan, minh) == []
    agreed(ward, lan, minh)


def test_a_laptop_put_back_from_before_takes_it_over(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """Its file from before, and beside it the one that was put aside."""
    with minh.store.write() as c:
        c.execute("COMMIT")
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        c.execute("BEGIN IMMEDIATE")
    shutil.copy(minh.store.path, ward.folder / "old.db")
    erase(lan, nhu, {need: NEW})
    calm(minh, lan)
    aside = ward.folder / "aside"
    aside.mkdir()
    minh.store.close()
    shutil.move(minh.store.path, aside / "gonha.db")
    minh.store = QuickStore(ward.folder / "old.db", KEY, clock=ward.clock)
    assert MARK in body(minh, need)["note"]
    with minh.store.write() as c:
        stored.take_over(c, RecordRows(), aside / "gonha.db", KEY)
    assert "note" not in body(minh, need)
    assert left(ward, minh) == []
    calm(minh, lan)
    assert body(minh, need)["note"] == NEW
    agreed(ward, lan, minh)


def test_an_old_copy_of_a_laptop_hears_by_its_next_pull(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, visit: Note
) -> None:
    erase(lan, nhu, {visit: NEW})
    newer = ward.laptop("hoa")
    newer.sync()  # the note before the erasure that lies behind it
    assert body(newer, visit)["note"] == NEW
    minh.change("household", str(body(newer, visit)["household"]), alley="ngõ 3")
    calm(minh, lan)
    assert left(ward, lan, minh, newer) == []
    agreed(ward, lan, minh)


def test_a_team_that_gave_the_unit_away_hears_of_it_too(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    withdraw(ward.database, minh.device, "27211/01", now=ward.clock())
    minh.sync()
    assert minh.row(*need[:2]) is None
    assert "minh" in left(ward, minh)
    erase(lan, nhu, {need: NEW})
    minh.sync()
    assert left(ward, lan, minh) == []


def test_what_waits_in_a_unit_that_was_taken_away_keeps_no_words_beneath_it(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """Its row stays as long as that op waits, and no pull brings the emptied one (seed 8030449)."""
    minh.change(NEED, need[1], status="done")
    withdraw(ward.database, minh.device, "27211/01", now=ward.clock())
    erase(lan, nhu, {need: NEW})
    minh.wire.then.append(("/v1/push", lost))
    assert minh.tried() is not None
    assert MARK not in repr(body(minh, need))
    assert body(minh, need)["status"] == "done"
    minh.change(NEED, need[1], note="chị cần sữa")
    minh.sync()
    assert minh.all("SELECT state FROM outbox WHERE record = ?", need[1])[-1] == ("held",)
    assert left(ward, lan, minh) == []


def test_rows_that_are_kept_of_a_unit_that_was_given_away_lose_the_words_as_well(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """After a restore a laptop keeps what it had of units nobody names to it."""
    withdraw(ward.database, minh.device, "27211/01", now=ward.clock())
    ward.restore(ward.back_up())
    minh.sync()
    assert minh.all("SELECT mode FROM cursor WHERE mode <> 'write'") == [("missing",)]
    assert MARK in body(minh, need)["note"]
    erase(lan, nhu, {need: NEW})
    minh.sync()
    assert body(minh, need)["kind"] == "food"
    assert left(ward, lan, minh) == []


def test_so_do_those_that_moved_there_before_the_erasure_of_the_unit_they_came_from(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """Nobody brings the emptied row of that unit to the laptop that moved it (seed 9051570)."""
    with minh.store.work("minh") as work:
        work.move(NEED, need[1], minh.area("02"))
    minh.sync()
    withdraw(ward.database, minh.device, "27211/02", now=ward.clock())
    ward.restore(ward.back_up())
    minh.sync()
    assert MARK in body(minh, need)["note"]
    with lan.store.work("lan") as work:
        texts = [{"type": NEED, "id": need[1], "field": "note"}]
        fields = {"person": nhu, "texts": texts, "ground": "yêu cầu", "at": "2026-11-22T02:00:00.000Z"}
        work.create("erasure", fields, place=lan.area("01"))
    calm(lan, minh)
    assert "note" not in body(minh, need)
    assert body(minh, need)["kind"] == "food"
    assert minh.store.scrub()
    assert MARK.encode() not in plain_bytes(minh.store.path, KEY)


def test_an_answer_that_was_lost_to_a_late_edit_tells_the_same_once_more(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    minh.change(NEED, need[1], note=f"{OLD} cần sữa", status="done")
    erase(lan, nhu, {need: NEW})
    minh.wire.then.append(("/v1/push", lost))
    assert minh.tried() is not None
    minh.wire.then.append(("/v1/pull", lost))
    assert minh.tried() is not None
    assert body(minh, need)["note"] == NEW, "before it has read of the erasure"
    assert MARK not in str(minh.all('SELECT "set" FROM outbox'))
    calm(minh, lan)
    assert (body(minh, need)["note"], body(minh, need)["status"]) == (NEW, "done")
    assert left(ward, lan, minh) == []
    agreed(ward, lan, minh)


def test_a_second_erasure_of_the_field_finds_an_edit_that_knew_of_the_first_only(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """Two persons named in one note, one after the other."""
    other = lan.create("person", household="h", full_name="Võ Thị Sáu Mươi")
    erase(lan, nhu, {need: "nhờ Võ Thị Sáu Mươi"})
    calm(minh, lan)
    minh.change(NEED, need[1], note="Võ Thị Sáu Mươi vắng", followed_by="minh")
    erase(lan, other, {need: NEW})
    calm(minh, lan)
    assert (body(minh, need)["note"], body(lan, need)["followed_by"]) == (NEW, "minh")
    for laptop in (lan, minh):
        assert laptop.store.scrub()
        assert "Sáu Mươi".encode() not in plain_bytes(laptop.store.path, KEY)
    with ward.database.read() as tx:
        assert "Sáu Mươi" not in repr([tx.all(f"SELECT * FROM {table}") for table in ("record", "op")])
    agreed(ward, lan, minh)


def test_what_the_server_tells_of_holds_though_it_had_held_the_chief_s_own_op(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """Held by network, then taken from a file whose answer was lost (seed 8029950); told again it is nothing new."""
    erase(lan, nhu, {need: ""})
    with lan.store.write() as c:
        (erasure,) = c.execute("SELECT DISTINCT erasure FROM erased_text").fetchone()
        c.execute("UPDATE outbox SET state = 'held', reason = 'out-of-scope' WHERE record = ?", (erasure,))
        c.execute(
            """UPDATE outbox SET "set" = json_set("set", '$.note', json_array(NULL, ?)) WHERE record = ?""",
            (OLD, need[1]),
        )
        RecordRows().erase_texts(c, {(*need, erasure)})
        assert stored.scrub_due(c)
        c.execute("DELETE FROM setting WHERE key = ?", (stored.SCRUB_DUE,))
        RecordRows().erase_texts(c, {(*need, erasure)})
        assert not stored.scrub_due(c)
    assert lan.all("""SELECT 1 FROM outbox WHERE instr("set", ?)""", MARK) == []


def test_a_row_of_a_lost_history_shows_no_words_that_the_server_tells_are_erased(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """The pull that would bring the emptied row was cut (seed 8028462): whoever edits it now must not name them."""
    with minh.store.write() as c:
        row = RecordRows().read(c, NEED, [need[1]])[need[1]]
        RecordRows().unsee(c, row.area, 0)
        RecordRows().erase_texts(c, {(*need, "an-erasure")})
    assert "note" not in body(minh, need)


def test_what_the_server_tells_of_is_taken_out_before_the_emptied_row_comes(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """The pull behind it was cut, and somebody goes on typing (seed 8040952)."""
    erase(lan, nhu, {need: ""})
    with lan.store.read() as c:
        (erasure,) = c.execute("SELECT DISTINCT erasure FROM erased_text").fetchone()
    with minh.store.write() as c:
        RecordRows().erase_texts(c, {(*need, erasure)})
    minh.change(NEED, need[1], note="chị cần sữa")
    assert MARK not in str(minh.all('SELECT "set" FROM outbox'))
    calm(minh, lan)
    assert body(lan, need)["note"] == body(minh, need)["note"] == "chị cần sữa"
    assert left(ward, lan, minh) == []
    agreed(ward, lan, minh)


def test_words_that_were_written_since_come_again_when_the_erasure_is_told_late(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    minh.change(NEED, need[1], note="chị cần sữa")
    calm(minh, lan)
    with lan.store.write() as c:
        RecordRows().erase_texts(c, {(*need, "an-erasure")})
    lan.change(NEED, need[1], status="done")
    calm(lan, minh)
    for laptop in (lan, minh):
        assert (body(laptop, need)["note"], body(laptop, need)["status"]) == ("chị cần sữa", "done")
    agreed(ward, lan, minh)


def test_a_record_that_is_to_be_read_once_more_is_given_back_to_a_restored_server(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    before = ward.back_up()
    younger = minh.create(NEED, household="x", kind="food", status="open", note="chị cần sữa")
    calm(minh, lan)
    minh.store.close()
    with lan.store.write() as c:
        RecordRows().erase_texts(c, {(NEED, younger, "note", "an-erasure")})
    ward.restore(before)
    lan.sync()
    assert ward.server_body(NEED, younger)["kind"] == "food"


def test_a_question_asked_since_stays_newer_than_an_erasure_that_is_given_back(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    hoa = ward.laptop("hoa")
    hoa.sync()
    before = ward.back_up()
    erase(lan, nhu, {need: ""})
    ward.restore(before)
    calm(minh, hoa)
    minh.change(NEED, need[1], note="chị cần sữa")
    hoa.change(NEED, need[1], note="chị cần gạo")
    calm(minh, hoa)
    listed = """SELECT json_array_length("values") FROM conflict"""
    assert minh.all(listed) == [(2,)]
    calm(lan, minh, hoa)
    assert lan.all(listed) == minh.all(listed) == [(2,)]
    agreed(ward, lan, minh, hoa)


def test_an_op_that_need_not_be_sent_again_after_a_restore_keeps_no_words(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    """It waits when the erasure comes; then it turns out that the server was given its record back (seed 8081018)."""
    hoa = ward.laptop("hoa")
    before = ward.back_up()
    younger = NEED, minh.create(NEED, household="x", kind="food", status="open", note=OLD), "note"
    calm(minh, lan, hoa)
    erase(lan, nhu, {younger: ""})
    hoa.sync()
    ward.restore(before)
    hoa.sync()
    hoa.delete(NEED, younger[1])
    for laptop in (hoa, lan, minh):
        laptop.sync()
    assert minh.all("SELECT state, reason FROM outbox WHERE record = ?", younger[1]) == [("acked", "")]
    assert MARK not in str(minh.all('SELECT "set" FROM outbox'))
    calm(minh, lan, hoa)
    assert left(ward, lan, minh, hoa) == []
    agreed(ward, lan, minh, hoa)


def test_who_writes_in_a_field_that_had_lost_its_words_keeps_what_the_server_took(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """Hoa got the record emptied, in another unit than the erasure, and hears of that when she has written in it twice
    (seed 9074128)."""
    hoa = ward.laptop("hoa", "27211/02")
    erase(lan, nhu, {need: ""})
    with lan.store.work("lan") as work:
        work.move(NEED, need[1], lan.area("02"))
    calm(lan, hoa)
    assert "note" not in body(hoa, need)
    hoa.change(NEED, need[1], status="done")
    hoa.sync()
    hoa.change(NEED, need[1], note="chị cần sữa")
    hoa.change(NEED, need[1], note="chị cần sữa bột")
    assert hoa.all("SELECT * FROM erased_text") == []
    hoa.sync()
    assert hoa.all("SELECT * FROM erased_text") != []
    assert body(hoa, need)["note"] == "chị cần sữa bột"
    calm(minh, lan)
    assert body(lan, need)["note"] == "chị cần sữa bột"
    agreed(ward, lan, minh)


def written_since(lan: Laptop, minh: Laptop, nhu: str, need: Note) -> str:
    """The note was erased, and minh has written a new one. Returns the erasure."""
    erase(lan, nhu, {need: ""})
    calm(minh, lan)
    minh.change(NEED, need[1], note="chị cần sữa")
    calm(minh, lan)
    ((erasure,),) = lan.all("SELECT DISTINCT erasure FROM erased_text")
    return str(erasure)


def test_what_was_written_since_stays_newer_than_an_erasure_that_gets_a_new_counter(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """After two restores somebody gives its flag of a wrong clock back (seed 9266455)."""
    erasure = written_since(lan, minh, nhu, need)
    before = lan.all("SELECT seq FROM erasure WHERE id = ?", erasure)
    given = lan.row("erasure", erasure)
    assert given is not None
    change = Change(
        "a-flag",
        given.commune,
        given.area,
        "erasure",
        erasure,
        given.at,
        "lan",
        0,
        {"clock_wrong": ("", True)},
    )
    with lan.store.write() as c:
        outbox.add(c, [change], [given])
    calm(lan, minh)
    assert lan.all("SELECT seq FROM erasure WHERE id = ?", erasure) > before
    with minh.store.write() as c:
        c.execute("UPDATE cursor SET seq = 0")  # as after a restore: all of the unit comes once more
    late = ward.laptop("hoa")
    calm(minh, late)
    for laptop in (lan, minh, late):
        assert body(laptop, need)["note"] == "chị cần sữa"
    agreed(ward, lan, minh, late)


def test_rows_of_a_server_that_erased_without_the_record_come_as_they_are(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """It was restored from before, emptied the field once more, and took no erasure from a member (seed 9503389)."""
    erasure = written_since(lan, minh, nhu, need)
    ward.do("DELETE FROM record WHERE id = :id", id=erasure)
    ward.recount()
    with minh.store.write() as c:
        c.execute("UPDATE erased_text SET told = 1")
        c.execute("UPDATE erasure SET seq = 0 WHERE id = ?", (erasure,))
        c.execute("UPDATE cursor SET seq = 0, digest = NULL")
    minh.sync()
    assert body(minh, need)["note"] == "chị cần sữa"
