"""What the server does with an erasure that names fields of records that stay, on each kind of database: the words go
from wherever they were said, what others say and what is said afterwards stays."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from sync.conflicts import conflict_id
from sync.protocol import Op
from sync.server.backups import backup
from sync.server.grants import withdraw
from sync.server.held import held_ops, release
from sync.server.restoring import restore
from sync.server.scrubbing import scrub_due
from tests.sync.meeting import REGISTRY, Laptop, Meeting, names
from tests.sync.test_erasing_bounds import go
from tests.sync.test_server_erasing import FAR, NAME, OTHER, UNIT, files_of, held, results, sampled

TEST, PERSON = "test_result", "person"
OLD, NEW = f"gặp cháu của {NAME}", "gặp người nhà"


async def noted(laptop: Laptop, type_name: str = TEST, place: str = UNIT, note: str = OLD) -> str:
    """A record about somebody else whose note names Như."""
    ident = laptop.meeting.new_id()
    op = laptop.op(place, ident, names({"at": "2026-11-22T01:00:00Z", "note": note}), type=type_name)
    assert results(await laptop.push(op)) == [("applied", "")]
    return ident


def emptying(laptop: Laptop, *texts: tuple[str, str, str], place: str = UNIT) -> Op:
    """The chief's op that takes words out of these fields."""
    listed = [{"type": kind, "id": ident, "field": field} for kind, ident, field in texts]
    return laptop.op(
        place, laptop.meeting.new_id(), names({"person": "nhu", "texts": listed}), type="erasure"
    )


async def pair(meeting: Meeting) -> tuple[Laptop, Laptop]:
    return await meeting.laptop("27211", "chief"), await meeting.laptop("27211", user="hoa")


@pytest.mark.parametrize("type_name", [TEST, PERSON])
async def test_the_words_go_and_the_record_stays(meeting: Meeting, type_name: str) -> None:
    chief, other = await pair(meeting)
    ident = await noted(other, type_name)
    if type_name == PERSON:
        await other.push(other.op(UNIT, ident, {"note": (OLD, f"{OLD} ốm")}, type=PERSON, base_seq=2))
    before = (await other.rows())[ident]
    assert NAME in held(meeting)
    assert results(await chief.push(emptying(chief, (type_name, ident, "note")))) == [("applied", "")]
    assert NAME not in held(meeting)
    row = (await other.rows())[ident]
    assert row.body == {"at": "2026-11-22T01:00:00Z"}
    assert (row.gone, row.deleted) == (None, False)
    assert row.seq > before.seq, "every laptop reads it anew"
    history = await meeting.http.get(f"/v1/history/{type_name}/{ident}", headers=other.headers)
    assert {field for entry in history.json() for field in entry["set"]} == {"at"}
    assert not scrub_due(meeting.database), "done once the push was answered"


@pytest.mark.parametrize("type_name", [TEST, PERSON])
async def test_what_is_said_afterwards_is_an_edit_like_any_other(meeting: Meeting, type_name: str) -> None:
    """Also of a record that is made once; and the same erasure sent twice takes away nothing more."""
    chief, other = await pair(meeting)
    ident = await noted(other, type_name)
    order = emptying(chief, (type_name, ident, "note"))
    edit = chief.op(UNIT, ident, {"note": (None, NEW), "at": ("x", "x")}, type=type_name, base_seq=2)
    edit.knows = (order.record,)
    assert results(await chief.push(order, edit)) == [("applied", ""), ("applied", "")]
    rows = await other.rows()
    assert rows[ident].body["note"] == NEW
    assert not [row for row in rows.values() if row.type == "conflict"]
    assert results(await chief.push(order, edit)) == [("duplicate", "applied")] * 2
    assert (await other.rows())[ident].body["note"] == NEW
    later = other.op(UNIT, ident, {"note": (NEW, "khác"), "at": ("x", "x")}, type=type_name)
    later.base_seq = rows[ident].seq
    assert results(await other.push(later)) == [("applied", "")]


async def test_a_late_op_loses_the_field_and_keeps_the_others(meeting: Meeting) -> None:
    chief, other = await pair(meeting)
    ident = await noted(other, PERSON)
    seq = (await other.rows())[ident].seq
    await chief.push(emptying(chief, (PERSON, ident, "note")))
    both = other.op(
        UNIT, ident, {"note": (OLD, f"{NAME} ốm"), "kind": (None, "food")}, type=PERSON, base_seq=seq
    )
    only = other.op(UNIT, ident, {"note": (OLD, f"{NAME} khỏe")}, type=PERSON, base_seq=seq)
    late = await other.push(both, only)
    assert results(late) == [("applied", "erased-text"), ("rejected", "erased-text")]
    assert [r.field for r in late.results] == ["note", "note"]
    assert all(r.row is not None and "note" not in r.row.body for r in late.results)
    assert results(await other.push(both, only)) == [("duplicate", "applied"), ("rejected", "erased-text")]
    assert NAME not in held(meeting)
    row = (await chief.rows())[ident]
    assert row.body == {"at": "2026-11-22T01:00:00Z", "kind": "food"}
    with meeting.database.read() as tx:
        kept = dict(tx.all("SELECT id, changes FROM op WHERE device = :d", d=other.device))
    assert (kept[both.id], kept[only.id]) == ('{"kind":[null,"food"]}', "{}")


async def test_a_record_made_once_that_comes_again_is_no_other_content(meeting: Meeting) -> None:
    """Its create, from a laptop that did not hear: neither the old words nor their lack meet the new ones."""
    chief, other = await pair(meeting)
    ident = await noted(other)
    order = emptying(chief, (TEST, ident, "note"))
    edit = chief.op(UNIT, ident, {"note": (None, NEW), "at": ("x", "x")}, type=TEST, base_seq=2)
    edit.knows = (order.record,)
    await chief.push(order, edit)
    fields = {"at": "2026-11-22T01:00:00Z", "note": OLD}
    again = other.op(UNIT, ident, names(fields), type=TEST)
    assert results(await other.push(again)) == [("duplicate", "erased-text")]
    rows = await chief.rows()
    assert rows[ident].body["note"] == NEW
    assert not [row for row in rows.values() if row.type == "conflict"]
    assert NAME not in held(meeting)


async def test_a_question_about_the_field_lists_nothing_any_more_and_may_be_asked_again(
    meeting: Meeting,
) -> None:
    chief, other = await pair(meeting)
    ident = await noted(other, PERSON, note="khỏe")
    seq = (await other.rows())[ident].seq
    await chief.push(chief.op(UNIT, ident, {"note": ("khỏe", f"{NAME} một")}, type=PERSON, base_seq=seq))
    await other.push(other.op(UNIT, ident, {"note": ("khỏe", f"{NAME} hai")}, type=PERSON, base_seq=seq))
    asked = conflict_id(PERSON, ident, "note")
    question = (await other.rows())[asked]
    assert NAME in str(question.body)
    choice = {"chosen": (None, f"{NAME} một"), "state": ("settled", "resolved")}
    decided = chief.op(UNIT, asked, choice, type="conflict", base_seq=question.seq)
    assert results(await chief.push(decided)) == [("applied", "")]
    await chief.push(emptying(chief, (PERSON, ident, "note")))
    assert NAME not in held(meeting)
    row = (await other.rows())[asked]
    assert (row.body["state"], row.body["values"], row.gone) == ("resolved", [], None)
    late = other.op(UNIT, asked, choice, type="conflict", base_seq=question.seq)
    assert results(await other.push(late)) == [("rejected", "erased-text")]
    assert NAME not in held(meeting)
    seq = (await other.rows())[ident].seq
    for laptop, words in ((chief, "một"), (other, "hai")):
        await laptop.push(laptop.op(UNIT, ident, {"note": (None, words)}, type=PERSON, base_seq=seq))
    values = [value["value"] for value in (await other.rows())[asked].body["values"]]
    assert sorted(values) == ["hai", "một"]


async def test_only_words_of_types_that_laptops_write_go(meeting: Meeting) -> None:
    chief, _ = await pair(meeting)
    visit = await noted(chief)
    unit = meeting.areas[UNIT]
    texts = [
        (TEST, visit, "at"),
        (TEST, visit, "household"),
        ("area", unit, "unit_name"),
        ("case", "x", "id"),
    ]
    assert results(await chief.push(emptying(chief, *texts))) == [("applied", "")]
    rows = await chief.rows()
    assert rows[visit].body["at"] == "2026-11-22T01:00:00Z"
    assert "unit_name" in rows[unit].body


@pytest.mark.parametrize("role", ["member", "viewer"])
async def test_only_a_chief_takes_words_out(meeting: Meeting, role: str) -> None:
    chief, other = await meeting.laptop("27211", "chief"), await meeting.laptop("27211", role)
    ident = await noted(chief)
    (answer,) = results(await other.push(emptying(other, (TEST, ident, "note"))))
    assert answer in (("rejected", "chief-only"), ("held", "read-only"))
    assert (await chief.rows())[ident].body["note"] == OLD


@pytest.mark.parametrize("unit", [OTHER, FAR])
async def test_words_in_a_unit_of_others_stay_until_the_operator_says_so(meeting: Meeting, unit: str) -> None:
    chief, other = await meeting.laptop(UNIT, "chief"), await meeting.laptop(f"27211,{unit}", user="hoa")
    ident = await noted(other, PERSON, unit)
    order = emptying(chief, (PERSON, ident, "note"))
    edit = chief.op(UNIT, ident, {"note": (None, NEW)}, type=PERSON, base_seq=2)
    assert results(await chief.push(order, edit))[0] == ("held", "out-of-scope")
    assert (await other.rows())[ident].body["note"] == OLD
    (done,) = release(meeting.database, REGISTRY, ops=[order.id], now=meeting.clock())
    assert done.result == "applied"
    assert "note" not in (await other.rows())[ident].body
    assert OLD not in held(meeting)


async def test_what_its_chief_wrote_after_an_erasure_that_was_held_stays_when_it_is_released(
    meeting: Meeting,
) -> None:
    chief, other = await pair(meeting)
    ident = await noted(other, PERSON)
    order = emptying(chief, (PERSON, ident, "note"), place=FAR)
    edit = chief.op(UNIT, ident, {"note": (None, NEW)}, type=PERSON, base_seq=2)
    assert results(await chief.push(order, edit)) == [("held", "out-of-scope"), ("merged", "")]
    release(meeting.database, REGISTRY, ops=[order.id], now=meeting.clock())
    assert (await other.rows())[ident].body["note"] == NEW
    assert OLD not in held(meeting)


async def test_a_record_is_followed_to_where_it_lives(meeting: Meeting) -> None:
    both, old = await meeting.laptop("27211,27300", "chief"), await meeting.laptop(UNIT, user="hoa")
    ident = await noted(old, PERSON)
    seq = (await old.rows())[ident].seq
    await go(both, ident, UNIT, OTHER)
    await go(both, ident, OTHER, FAR)
    order = emptying(both, (PERSON, ident, "note"))
    edit = both.op(FAR, ident, {"note": (None, NEW)}, base_seq=seq, type=PERSON)
    edit.knows = (order.record,)
    assert results(await both.push(order, edit)) == [("applied", "")] * 2
    assert OLD not in held(meeting)
    late = old.op(UNIT, ident, {"note": (OLD, f"{NAME} ốm"), "phone": (None, "1")}, base_seq=seq)
    assert results(await old.push(late)) == [("held", "moved")]
    assert NAME not in held(meeting)
    await both.push(order)
    assert f'"note":"{NEW}"' in held(meeting)
    await go(both, ident, FAR, UNIT)
    await both.push(order)
    assert f'"note":"{NEW}"' in held(meeting)
    assert NAME not in held(meeting)


async def test_held_work_loses_the_words_and_is_taken_in_without(meeting: Meeting) -> None:
    chief, old = await meeting.laptop("27211", "chief"), await meeting.laptop(UNIT, user="hoa")
    ident = await noted(old, PERSON)
    seq = (await old.rows())[ident].seq
    withdraw(meeting.database, old.device, UNIT, now=meeting.clock())
    await old.ask_scope()
    meeting.clock.forward(hours=1)
    both = old.op(UNIT, ident, {"note": (OLD, NAME), "kind": (None, "food")}, type=PERSON, base_seq=seq)
    only = old.op(UNIT, ident, {"note": (OLD, NAME)}, type=PERSON, base_seq=seq)
    assert results(await old.push(both, only)) == [("held", "out-of-scope")] * 2
    await chief.push(emptying(chief, (PERSON, ident, "note")))
    assert NAME not in held(meeting)
    assert [op.op for op in held_ops(meeting.database)] == [both.id]
    (done,) = release(meeting.database, REGISTRY, ops=[both.id], now=meeting.clock())
    assert done.result == "applied"
    assert (await chief.rows())[ident].body["kind"] == "food"
    late = old.op(UNIT, ident, {"note": (OLD, NAME)}, type=PERSON, base_seq=seq)
    assert results(await old.push(late)) == [("rejected", "erased-text")]
    assert NAME not in held(meeting)
    assert [text[:3] for text in (await old.ask_scope()).erased_texts] == [(PERSON, ident, "note")]


async def test_who_edits_another_field_of_an_emptied_record_is_told_the_row(meeting: Meeting) -> None:
    """Their laptop shows the words still; with the new counter alone it would pass for one that had seen them go."""
    chief, old = await meeting.laptop("27211", "chief"), await meeting.laptop(UNIT, user="hoa")
    ident = await noted(old, PERSON)
    seq = (await old.rows())[ident].seq
    await chief.push(emptying(chief, (PERSON, ident, "note")))
    other = old.op(UNIT, ident, {"kind": (None, "food")}, type=PERSON, base_seq=seq)
    (result,) = (await old.push(other)).results
    assert (result.result, result.reason) == ("applied", "")
    assert result.row is not None
    assert result.row.body["kind"] == "food"
    assert "note" not in result.row.body


async def test_words_of_a_record_that_is_not_there_do_not_stop_a_first_load(meeting: Meeting) -> None:
    """A restored server: what it remembers may be above what the area counts, and no packed load newer (seed 8017579).
    Whoever gives the record back, or an edit of it, knew less (seed 8027595)."""
    chief, old = await meeting.laptop("27211", "chief"), await meeting.laptop(UNIT, user="hoa")
    ident = meeting.new_id()
    await chief.push(emptying(chief, (PERSON, ident, "note")))
    load = await meeting.http.get(f"/v1/snapshot/{meeting.areas[UNIT]}", headers=chief.headers)
    assert load.status_code == 200
    with meeting.database.read() as tx:
        (head,) = tx.one("SELECT seq FROM area_head WHERE area = :a", a=meeting.areas[UNIT])
    late = old.op(UNIT, ident, names({"kind": "food", "note": NAME}), type=PERSON)
    edit = old.op(UNIT, ident, {"note": (NAME, OLD)}, type=PERSON, base_seq=head - 1)
    assert results(await old.push(late, edit)) == [("applied", "erased-text"), ("rejected", "erased-text")]


async def test_who_may_not_read_the_erasure_is_told_by_the_scope(meeting: Meeting) -> None:
    """It lies in another unit; the record it emptied here has moved on before they synced (seed 8020900)."""
    chief, old = await meeting.laptop("27211", "chief"), await meeting.laptop(UNIT, user="hoa")
    ident = await noted(old, PERSON)
    await old.rows()
    await chief.push(emptying(chief, (PERSON, ident, "note"), place=OTHER))
    told = [(PERSON, ident, "note")]
    assert [text[:3] for text in (await old.ask_scope()).erased_texts] == told
    await go(chief, ident, UNIT, OTHER)
    assert [text[:3] for text in (await old.ask_scope()).erased_texts] == told
    assert (await chief.ask_scope()).erased_texts == []


async def test_what_was_written_since_is_newer_than_an_erasure_that_is_given_back(
    meeting: Meeting, tmp_path: Path
) -> None:
    """Laptops take a row with a smaller counter than the erasure's for one from before it (seed 8028913)."""
    chief, other = await pair(meeting)
    ident = await noted(other, PERSON)
    backup(meeting.database, tmp_path / "before")
    order = emptying(chief, (PERSON, ident, "note"))
    await chief.push(order)
    restore(meeting.database, tmp_path / "before", force=True, now=meeting.clock())
    for laptop in (chief, other):
        await laptop.ask_scope()
    knowing = {"type": PERSON, "base_seq": 1, "knows": (order.record,)}
    await other.push(other.op(UNIT, ident, {"note": (None, "gọi trước khi đến")}, **knowing))
    again = msgspec.structs.replace(order, id=meeting.new_id())
    assert results(await chief.push(again)) == [("applied", "")]
    rows = await chief.rows()
    assert rows[ident].body["note"] == "gọi trước khi đến"
    assert rows[ident].seq > rows[order.record].seq


async def test_held_work_that_knew_of_the_erasure_keeps_its_words(meeting: Meeting, tmp_path: Path) -> None:
    """Written after it, on a row that was read before: what was known is kept with the op until it is released."""
    chief, old = await meeting.laptop("27211", "chief"), await meeting.laptop(UNIT, user="hoa")
    ident = await noted(old, PERSON)
    seq = (await old.rows())[ident].seq
    erasure = emptying(chief, (PERSON, ident, "note"))
    await chief.push(erasure)
    withdraw(meeting.database, old.device, UNIT, now=meeting.clock())
    await old.ask_scope()
    meeting.clock.forward(hours=1)
    knowing = {"type": PERSON, "base_seq": seq}
    one = old.op(UNIT, ident, {"note": (None, "gọi trước khi đến")}, knows=(erasure.record,), **knowing)
    assert results(await old.push(one)) == [("held", "out-of-scope")]
    backup(meeting.database, tmp_path / "with-held")
    restore(meeting.database, tmp_path / "with-held", force=True, now=meeting.clock())
    (done,) = release(meeting.database, REGISTRY, ops=[one.id], now=meeting.clock())
    assert (done.result, done.reason) == ("applied", "")
    assert (await chief.rows())[ident].body["note"] == "gọi trước khi đến"


async def test_a_backup_from_before_is_emptied_when_it_is_put_back(meeting: Meeting, tmp_path: Path) -> None:
    chief, other = await pair(meeting)
    stayed, went = await noted(other, PERSON), await noted(other, PERSON)
    backup(meeting.database, tmp_path / "before")
    await go(chief, went, UNIT, OTHER)
    younger = await noted(other, PERSON)
    fields = [(PERSON, stayed, "note"), (PERSON, went, "note"), (PERSON, younger, "note")]
    await chief.push(emptying(chief, *fields))
    backup(meeting.database, tmp_path / "after")
    assert NAME.encode() not in (tmp_path / "after").read_bytes()
    done = restore(meeting.database, tmp_path / "before", force=True, now=meeting.clock())
    assert done.erased_again == 3
    assert NAME not in held(meeting)
    for laptop in (chief, other):
        await laptop.ask_scope()
    given_back = other.op(UNIT, younger, names({"kind": "food", "note": OLD}), type=PERSON)
    blind = other.op(UNIT, stayed, {"note": ("", OLD)}, type=PERSON, base_seq=3)
    assert results(await other.push(given_back, blind)) == [
        ("applied", "erased-text"),
        ("rejected", "erased-text"),
    ]
    assert NAME not in held(meeting)
    assert (await chief.rows())[younger].body == {"kind": "food"}


async def test_a_packed_first_load_with_the_words_is_let_go(meeting: Meeting) -> None:
    chief, other = await pair(meeting)
    ident = await noted(other)
    load = f"/v1/snapshot/{meeting.areas[UNIT]}"
    before = await meeting.http.get(load, headers=chief.headers)
    await chief.push(emptying(chief, (TEST, ident, "note")))
    after = await meeting.http.get(load, headers=chief.headers | {"If-Range": before.headers["etag"]})
    assert after.headers["etag"] != before.headers["etag"]
    folder = meeting.app.app.state.meeting.snapshots._folder  # type: ignore[attr-defined]
    assert before.headers["etag"].strip('"').rpartition("-")[2] not in " ".join(
        p.name for p in folder.iterdir()
    )


async def test_no_page_of_the_database_holds_the_words(meeting: Meeting) -> None:
    chief, other = await pair(meeting)
    ident = await noted(other, PERSON)
    for number in range(30):
        note = {"note": (f"{NAME} {number}", f"{NAME} {number + 1}")}
        await other.push(other.op(UNIT, ident, note, type=PERSON, base_seq=99))
        await other.push(other.op(UNIT, meeting.new_id(), names({"full_name": f"Người {number}"})))
    sampled(meeting)
    assert NAME.encode() in files_of(meeting)
    await chief.push(emptying(chief, (PERSON, ident, "note")))
    assert NAME.encode() not in files_of(meeting)
    assert "Người 29".encode() in files_of(meeting)
