"""Words about an erased person in a note about others, with real laptops: taken out everywhere, whatever comes late, by
whom, and in whatever way; what others say of the same record arrives, and what the chief writes instead stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync import stopped
from sync.server.backups import pages
from sync.server.sqlite import SqliteDatabase
from tests.services.by_hand import Stick
from tests.store.plain_pages import plain_bytes
from tests.sync.ward import KEY, Laptop, Ward, agreed, calm
from tests.sync.wire import lost
from tui_app.services.requests import erasing, register
from tui_app.services.requests.belongings import belongings
from tui_app.services.requests.mentions import mentions

NAME, MARK, NEW = "Trịnh Quỳnh Như", "mark-note.", "gặp người nhà"
OLD = f"{MARK} cháu {NAME}"
VISIT, NEED = "household_visit", "support_need"
Note = tuple[str, str, str]


@pytest.fixture
def ward(place: Path | str, tmp_path: Path) -> Iterator[Ward]:
    """On each kind of database."""
    made = Ward(tmp_path, place)
    yield made
    made.close()


@pytest.fixture
def nhu(lan: Laptop, minh: Laptop) -> str:
    """Như, of a household of two, known to both."""
    door = lan.create("household", address="12 Lê Lợi")
    lan.create("person", household=door, full_name="Lê Văn Hai")
    one = lan.create("person", household=door, full_name=NAME)
    calm(lan, minh)
    return one


@pytest.fixture
def visit(lan: Laptop, minh: Laptop, nhu: str) -> Note:
    """A visit, made once, whose note names her."""
    door = str(lan.row("person", nhu).body["household"])  # type: ignore[union-attr]
    at = "2026-11-22T01:00:00Z"
    ident = minh.create(VISIT, household=door, at=at, outcome="met", asked="each", note=OLD)
    calm(minh, lan)
    return VISIT, ident, "note"


@pytest.fixture
def need(lan: Laptop, minh: Laptop, nhu: str) -> Note:
    """A need of her household, whose note names her and was edited."""
    door = str(lan.row("person", nhu).body["household"])  # type: ignore[union-attr]
    ident = minh.create(NEED, household=door, kind="food", status="open", note=OLD)
    calm(minh, lan)
    lan.change(NEED, ident, note=f"{OLD} cần gạo")
    calm(lan, minh)
    return NEED, ident, "note"


def decide(laptop: Laptop, person: str, texts: dict[Note, str | None]) -> None:
    """The chief's decision, not sent yet."""
    asked = register.add(laptop.store, laptop.user, person, "deletion")
    laptop.sync()
    erasing.erase(laptop.store, laptop.user, person, asked, texts=texts)


def erase(laptop: Laptop, person: str, texts: dict[Note, str | None]) -> None:
    """The same, sent."""
    decide(laptop, person, texts)
    laptop.sync()


def left(ward: Ward, *laptops: Laptop) -> list[str]:
    """Where a byte of the words is still found: the server's files or tables, a backup made now, laptops' pages."""
    kept = ward.back_up(f"backup-{ward.clock():%d%H%M%S}")
    found = {"backup": repr([page.rows for page in pages(kept, None)]).encode()}
    with ward.database.read() as tx:
        tables = [
            tx.all(f"SELECT * FROM {table}") for table in ("record", "op", "erased_text", "filed_report")
        ]
    found["tables"] = repr(tables).encode()
    if isinstance(ward.database, SqliteDatabase):
        for file in ward.database.path.parent.rglob("*"):
            if file.is_file():
                found[file.name] = file.read_bytes()
    for laptop in laptops:
        assert laptop.store.scrub()
        found[laptop.user] = plain_bytes(laptop.store.path, KEY)
    words = (MARK.encode(), NAME.encode())
    return [place for place, text in found.items() if any(word in text for word in words)]


def body(laptop: Laptop, note: Note) -> dict[str, Any]:
    row = laptop.row(*note[:2])
    assert row is not None
    return row.body


def test_the_words_are_everywhere_before(ward: Ward, lan: Laptop, minh: Laptop, visit: Note) -> None:
    assert {"backup", "tables", "lan", "minh"} <= set(left(ward, lan, minh))


@pytest.mark.parametrize("new", ["", NEW])
@pytest.mark.parametrize("which", ["visit", "need"])
def test_no_byte_of_the_words_is_left_anywhere(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, which: str, new: str, request: pytest.FixtureRequest
) -> None:
    note: Note = request.getfixturevalue(which)
    hoa = ward.laptop("hoa")
    hoa.sync()  # a packed first load
    erase(lan, nhu, {note: new})
    calm(minh, hoa, lan)
    tam = ward.laptop("tam")
    tam.sync()
    assert left(ward, lan, minh, hoa, tam) == []
    for laptop in (lan, minh, hoa, tam):
        assert body(laptop, note).get("note") == (new or None)
    agreed(ward, lan, minh, hoa, tam)
    with lan.store.read() as c:
        assert stopped.stopped_ops(c) == []
    assert minh.all("SELECT * FROM conflict") == []


def test_what_is_left_as_it_is_stays_and_is_told(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, visit: Note, need: Note
) -> None:
    asked = register.add(lan.store, "lan", nhu, "deletion")
    lan.sync()
    done, _ = erasing.erase(lan.store, "lan", nhu, asked, texts={visit: NEW, need: None})
    assert [(one.type, one.id, one.fields) for one in done.named_in] == [(NEED, need[1], ("note",))]
    calm(lan, minh)
    assert body(minh, need)["note"] == f"{OLD} cần gạo"
    assert body(minh, visit)["note"] == NEW


def test_an_edit_of_the_very_note_that_comes_late_is_answered_and_dropped(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    minh.change(NEED, need[1], note=f"{OLD} cần sữa")
    erase(lan, nhu, {need: NEW})
    done = minh.sync()
    assert (done.rejected, done.pending, done.mismatched) == (1, 0, ())
    with minh.store.read() as c:
        (op,) = stopped.stopped_ops(c)
    assert (op.state, op.reason, op.field, op.set) == ("rejected", "erased-text", "note", {})
    calm(lan, minh)
    assert left(ward, lan, minh) == []
    assert body(minh, need)["note"] == body(lan, need)["note"] == NEW
    agreed(ward, lan, minh)


def test_another_field_that_comes_late_with_it_arrives(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    hoa = ward.laptop("hoa")
    hoa.sync()
    minh.change(NEED, need[1], note=f"{OLD} cần sữa", status="done")
    hoa.change(NEED, need[1], followed_by="hoa")
    erase(lan, nhu, {need: NEW})
    assert minh.sync().rejected == 0
    calm(hoa, minh, lan)
    for laptop in (lan, minh, hoa):
        held = body(laptop, need)
        assert (held["note"], held["status"], held["followed_by"]) == (NEW, "done", "hoa")
    assert left(ward, lan, minh, hoa) == []
    agreed(ward, lan, minh, hoa)


def test_the_chief_s_own_edit_from_before_goes_too(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    asked = register.add(lan.store, "lan", nhu, "deletion")
    lan.sync()
    lan.change(NEED, need[1], note=f"{OLD} một", status="done")
    erasing.erase(lan.store, "lan", nhu, asked, texts={need: NEW})
    assert body(lan, need)["note"] == NEW
    calm(lan, minh)
    assert (body(minh, need)["note"], body(minh, need)["status"]) == (NEW, "done")
    assert left(ward, lan, minh) == []
    agreed(ward, lan, minh)


def test_a_question_about_the_note_goes_with_it(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    lan.change(NEED, need[1], note=f"{OLD} một")
    minh.change(NEED, need[1], note=f"{OLD} hai")
    calm(lan, minh)
    ((asked,),) = minh.all('SELECT "values" FROM conflict')
    assert MARK in asked
    erase(lan, nhu, {need: NEW})
    calm(minh, lan)
    assert left(ward, lan, minh) == []
    assert minh.all('SELECT state, "values" FROM conflict') == [("resolved", "[]")]
    agreed(ward, lan, minh)
    lan.change(NEED, need[1], note="một")
    minh.change(NEED, need[1], note="hai")
    calm(lan, minh)
    ((again,),) = lan.all('SELECT "values" FROM conflict')
    assert ("một" in again, "hai" in again) == (True, True), "a new question begins anew"
    agreed(ward, lan, minh)


def test_work_that_waits_goes_out_as_it_is_when_the_erasure_comes_first_by_a_file(
    tmp_path: Path, ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    stick = Stick(ward, minh, tmp_path)
    erase(lan, nhu, {need: NEW})
    given = stick.given()
    minh.change(NEED, need[1], note=f"{OLD} cần sữa", status="done")
    stick.back(given)
    assert (body(minh, need).get("note"), body(minh, need)["status"]) == (NEW, "done"), "not shown"
    assert minh.store.scrub(), "what the answer takes out later has to be scrubbed then"
    assert MARK in str(minh.all("SELECT \"set\" FROM outbox WHERE state = 'new'")), "it is somebody's work"
    stick.round()
    assert (minh.counts()["new"], minh.counts()["rejected"]) == (0, 0)
    calm(lan, minh)
    assert (body(lan, need)["note"], body(lan, need)["status"]) == (NEW, "done")
    assert left(ward, lan, minh) == []
    agreed(ward, lan, minh)


def test_what_somebody_writes_who_has_heard_is_an_edit(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    erase(lan, nhu, {need: ""})
    minh.sync()
    minh.change(NEED, need[1], note="cần sữa")
    calm(minh, lan)
    assert body(lan, need)["note"] == "cần sữa"
    agreed(ward, lan, minh)


def test_a_record_that_moved_is_followed(ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note) -> None:
    decide(lan, nhu, {need: NEW})
    with minh.store.work("minh") as work:
        work.move(NEED, need[1], minh.area("02"))
    minh.change(NEED, need[1], status="done")
    minh.sync()
    calm(lan, minh)
    for laptop in (lan, minh):
        assert (body(laptop, need)["note"], body(laptop, need)["status"]) == (NEW, "done")
    assert left(ward, lan, minh) == []
    agreed(ward, lan, minh)
    with lan.store.work("lan") as work:
        work.move(NEED, need[1], lan.area("01"))
    calm(lan, minh)
    assert body(minh, need)["note"] == NEW
    agreed(ward, lan, minh)


def test_lost_answers_and_everything_twice_take_nothing_of_the_new_words(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, visit: Note
) -> None:
    decide(lan, nhu, {visit: NEW})
    lan.wire.then.append(("/v1/push", lost))
    assert lan.tried() is not None
    calm(lan, minh)
    assert body(minh, visit)["note"] == body(lan, visit)["note"] == NEW
    assert left(ward, lan, minh) == []
    agreed(ward, lan, minh)


def test_a_refused_erasure_takes_nothing_out(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """A member's laptop whose program says it is a chief's: what it took out comes back, also in a unit in which the
    erasure named nothing else."""
    far = lan.create(NEED, unit="02", household="h", kind="food", status="open", note=OLD)
    lan.sync()
    tam = ward.laptop("tam", role="member")
    tam.sync()
    erase(tam, nhu, {need: "", (NEED, far, "note"): ""})
    calm(tam, lan)
    for laptop in (lan, tam):
        assert body(laptop, need)["note"] == f"{OLD} cần gạo"
        assert body(laptop, (NEED, far, "note"))["note"] == OLD
    with tam.store.read() as c:
        assert {op.reason for op in stopped.stopped_ops(c)} == {"chief-only"}
    assert tam.digests() == lan.digests()
    assert tam.all("SELECT * FROM base") == []


def test_a_laptop_that_hears_of_nothing_but_the_words_is_scrubbed(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    far = lan.create(NEED, unit="02", household="h", kind="food", status="open", note=OLD)
    lan.sync()
    tam = ward.laptop("tam", "27211/02", role="member")
    tam.sync()
    assert "tam" in left(ward, tam)
    erase(lan, nhu, {(NEED, far, "note"): NEW})
    tam.sync()
    assert left(ward, lan, tam) == []
    assert body(tam, (NEED, far, "note"))["note"] == NEW


def test_the_reason_for_which_a_record_was_deleted_goes_like_any_other_words(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    """Also out of a deletion by somebody who has not heard; the record stays deleted."""
    hoa = ward.laptop("hoa")
    hoa.sync()
    minh.delete(NEED, need[1], f"{OLD} xin thôi")
    calm(minh, lan)
    hoa.delete(NEED, need[1], f"{OLD} nhập nhầm")
    erase(lan, nhu, {need: "", (NEED, need[1], "deleted_reason"): "xin thôi"})
    calm(hoa, minh, lan)
    for laptop in (lan, minh, hoa):
        assert body(laptop, need)["deleted_reason"] == "xin thôi"
        assert laptop.row(NEED, need[1]).deleted  # type: ignore[union-attr]
    assert left(ward, lan, minh, hoa) == []
    agreed(ward, lan, minh, hoa)


def test_the_reason_goes_out_of_the_question_whether_the_record_was_deleted(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, need: Note
) -> None:
    hoa = ward.laptop("hoa")
    hoa.sync()
    minh.change(NEED, need[1], status="done")
    hoa.delete(NEED, need[1], f"{OLD} nhập nhầm")
    calm(minh, hoa, lan)
    with lan.store.read() as c:
        named = {text for one in mentions(c, belongings(c, nhu)) for text in one.named()}
    assert named == {need, (NEED, need[1], "deleted_reason")}
    erase(lan, nhu, dict.fromkeys(named, ""))
    calm(minh, hoa, lan)
    listed = """SELECT state, "values" ->> '$[0].value', "values" ->> '$[1].value' FROM conflict"""
    for laptop in (lan, minh, hoa):
        assert laptop.all(listed) == [("open", 0, 1)]
    assert left(ward, lan, minh, hoa) == []
    agreed(ward, lan, minh, hoa)
