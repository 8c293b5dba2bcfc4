"""A person erased by the chief is erased everywhere: on the server, on every laptop, and whatever comes late, by an old
laptop, a file or a backup brings nothing of them back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sync import stopped
from sync.server import admin
from sync.server.app import create_app
from sync.server.backups import backup
from sync.server.restoring import restore
from tests.services.by_hand import Stick
from tests.store.plain_pages import plain_bytes
from tests.sync.ward import KEY, REGISTRY, Laptop, Ward, agreed, calm
from tests.sync.wire import lost
from tui_app.services.requests import erasing, register

NAME, PHONE = "Trịnh Quỳnh Như", "+84903777123"
WORDS = (NAME, "Quỳnh", PHONE[1:], "quynh")


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    """On SQLite only: each byte of the server's files is looked at."""
    made = Ward(tmp_path)
    yield made
    made.close()


@pytest.fixture
def nhu(lan: Laptop, minh: Laptop) -> str:
    """Như, whom everybody knows, with a need, a question about her sex and an edited note."""
    door = lan.create("household", address="12 Lê Lợi")
    lan.create("person", household=door, full_name="Lê Văn Hai")
    one = lan.create("person", household=door, full_name=NAME, phone=PHONE)
    calm(lan, minh)
    lan.create("support_need", person=one, kind="food", status="open", note=f"{NAME} cần gạo")
    lan.change("person", one, sex="female", note="gọi là Quỳnh")
    minh.change("person", one, sex="male")
    calm(lan, minh)
    return one


def erase(laptop: Laptop, person: str) -> None:
    """The chief's decision, sent."""
    asked = register.add(laptop.store, laptop.user, person, "deletion", wording=f"{NAME} xin xóa")
    laptop.sync()
    erasing.erase(laptop.store, laptop.user, person, asked)
    laptop.sync()


def left(ward: Ward, *laptops: Laptop) -> dict[str, list[str]]:
    """Where words of the person are still found, in any byte: the server's files, and the pages of laptops."""
    found: dict[str, bytes] = {}
    for file in (ward.folder / "server").rglob("*"):
        if file.is_file():
            found[file.name] = file.read_bytes()
    for laptop in laptops:
        assert laptop.store.scrub()
        found[laptop.user] = plain_bytes(laptop.store.path, KEY)
    hits = {place: [word for word in WORDS if word.encode() in text] for place, text in found.items()}
    return {place: words for place, words in hits.items() if words}


def test_the_words_are_in_many_places_before(ward: Ward, lan: Laptop, minh: Laptop, nhu: str) -> None:
    ward.laptop("hoa").sync()  # a packed first load
    assert {"lan", "minh"} < left(ward, lan, minh).keys()
    assert any("gonha-server" in place for place in left(ward))


def test_nothing_of_the_person_is_left_anywhere(ward: Ward, lan: Laptop, minh: Laptop, nhu: str) -> None:
    hoa = ward.laptop("hoa")
    hoa.sync()
    erase(lan, nhu)
    calm(minh, hoa, lan)
    assert left(ward, lan, minh, hoa) == {}
    agreed(ward, lan, minh, hoa)
    assert ward.server_body("person", nhu) == {}
    assert minh.row("person", nhu).body == {}  # type: ignore[union-attr]
    late = ward.laptop("tam")
    late.sync()
    assert late.row("person", nhu).body == {}  # type: ignore[union-attr]
    assert left(ward, late) == {}
    agreed(ward, lan, late)


def test_why_a_change_was_withdrawn_goes_with_it(ward: Ward, lan: Laptop, minh: Laptop, nhu: str) -> None:
    """What the inbox asks for, in somebody's own words."""
    minh.change("person", nhu, note="gửi sau")
    with minh.store.write() as c:
        c.execute("UPDATE outbox SET state = 'rejected', reason = 'bad-field' WHERE state = 'new'")
        (op,) = stopped.stopped_ops(c)
        how = stopped.Settled("withdrawn", "minh", op.at, reason=f"{NAME} không muốn")
        stopped.settle(c, op.n, how)
    assert NAME in str(minh.all("SELECT settled FROM outbox WHERE settled IS NOT NULL"))
    minh.sync()
    erase(lan, nhu)
    calm(minh, lan)
    assert left(ward, lan, minh) == {}
    with minh.store.read() as c:
        (op,) = stopped.stopped_ops(c, settled=True)
    assert op.settled == stopped.Settled("withdrawn", "minh", op.at)


def test_what_was_typed_meanwhile_is_answered_and_its_content_dropped(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    minh.change("person", nhu, phone="+84903777999", note="Quỳnh Như đổi số")
    erase(lan, nhu)
    done = minh.sync()
    assert (done.rejected, done.pending, done.mismatched) == (1, 0, ())
    with minh.store.read() as c:
        (op,) = stopped.stopped_ops(c)
    assert (op.state, op.reason, op.set, op.record) == ("rejected", "erased", {}, nhu)
    assert ward.all("SELECT changes, result, reason FROM op WHERE id = :id", id=op.id) == [
        ("{}", "rejected", "erased")
    ]
    calm(lan, minh)
    assert left(ward, lan, minh) == {}
    agreed(ward, lan, minh)


def test_work_that_waits_is_not_lost_by_an_erasure_that_comes_first(
    tmp_path: Path, ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    """By a file the rows come before the answers: what was typed waits, unseen, until it is answered."""
    stick = Stick(ward, minh, tmp_path)
    erase(lan, nhu)
    given = stick.given()
    minh.change("person", nhu, note="Quỳnh Như ở nhà con")
    other = minh.create("household", address="9 Trần Phú")
    stick.back(given)
    assert minh.row("person", nhu).body == {}  # type: ignore[union-attr]
    assert minh.counts()["new"] == 2
    stick.round()
    assert (minh.counts()["new"], minh.counts()["rejected"]) == (0, 1)
    calm(lan, minh)
    assert lan.row("household", other) is not None
    assert left(ward, lan, minh) == {}
    agreed(ward, lan, minh)


def test_a_new_record_about_the_person_is_nobody_s_lost_work(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    test = minh.create("test_result", person=nhu, at="2026-11-22T03:00:00Z", result="positive")
    erase(lan, nhu)
    calm(minh, lan)
    assert lan.row("test_result", test).body["result"] == "positive"  # type: ignore[union-attr]
    agreed(ward, lan, minh)


def test_a_create_under_the_same_id_and_a_lost_answer_bring_nothing_back(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    asked = register.add(lan.store, "lan", nhu, "deletion")
    lan.sync()
    erasing.erase(lan.store, "lan", nhu, asked)
    lan.wire.then.append(("/v1/push", lost))
    assert lan.tried() is not None
    with minh.store.work("minh") as work:
        place = minh.area()
        work.create("person", {"household": "x", "full_name": NAME}, place=place, ident=nhu)
    minh.sync()
    calm(lan, minh)
    assert left(ward, lan, minh) == {}
    agreed(ward, lan, minh)


def test_only_a_chief_s_laptop_erases(ward: Ward, lan: Laptop, minh: Laptop, nhu: str) -> None:
    """A member's laptop whose program says it is a chief's: the server refuses, and what it took away comes back."""
    tam = ward.laptop("tam", role="member")
    tam.sync()
    erase(tam, nhu)
    calm(tam, lan)
    assert lan.row("person", nhu).body["full_name"] == NAME  # type: ignore[union-attr]
    assert tam.row("person", nhu).body["full_name"] == NAME  # type: ignore[union-attr]
    with tam.store.read() as c:
        assert {op.reason for op in stopped.stopped_ops(c)} == {"chief-only"}
    assert tam.digests() == lan.digests()


def test_a_record_that_moved_is_erased_where_it_came_through(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    for laptop, to in ((lan, "02"), (minh, "01"), (lan, "02")):
        with laptop.store.work(laptop.user) as work:
            work.move("person", nhu, laptop.area(to))
        calm(lan, minh)
    erase(lan, nhu)
    calm(minh, lan)
    assert left(ward, lan, minh) == {}
    agreed(ward, lan, minh)


def test_one_who_moved_before_the_erasure_was_sent_is_followed(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    asked = register.add(lan.store, "lan", nhu, "deletion")
    lan.sync()
    with minh.store.work("minh") as work:
        work.move("person", nhu, minh.area("02"))
    minh.sync()
    erasing.erase(lan.store, "lan", nhu, asked)
    calm(lan, minh)
    assert ward.all("SELECT gone FROM record WHERE id = :id ORDER BY gone", id=nhu) == [
        ("erased",),
        ("moved",),
    ]
    assert left(ward, lan, minh) == {}
    agreed(ward, lan, minh)


def test_a_backup_from_before_is_erased_again_when_it_is_put_back(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    before = ward.back_up()
    erase(lan, nhu)
    calm(minh, lan)
    after = ward.back_up("after")
    assert NAME.encode() not in after.read_bytes()
    ward.restore(before)
    assert ward.server_body("person", nhu) == {}
    calm(minh, lan)
    assert ward.server_body("person", nhu) == {}
    agreed(ward, lan, minh)


def elsewhere(ward: Ward, file: Path) -> None:
    """The server's machine is lost: its backup is put into an empty one, to which everybody goes on."""
    database = admin.init(ward.folder / "other", ward.clock())
    restore(database, file, now=ward.clock())
    ward.database.close()
    ward.database = database
    ward.app = create_app(database, REGISTRY, clock=ward.clock)
    for laptop in ward.laptops:
        laptop.wire.end()
        laptop.wire = type(laptop.wire)(ward.app)


@pytest.mark.parametrize("first", ["minh", "lan"])
def test_a_server_that_forgot_it_is_told_by_the_chief(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str, first: str
) -> None:
    backup(ward.database, ward.folder / "old")
    erase(lan, nhu)
    calm(minh, lan)
    elsewhere(ward, ward.folder / "old")
    assert ward.server_body("person", nhu)["full_name"] == NAME
    both: dict[str, Any] = {"lan": lan, "minh": minh}
    for laptop in (both.pop(first), *both.values()):
        laptop.sync()
        assert laptop.row("person", nhu).body == {}
    calm(lan, minh)
    assert ward.server_body("person", nhu) == {}
    agreed(ward, lan, minh)


def test_a_team_that_gave_the_unit_away_hears_of_it_too(
    ward: Ward, lan: Laptop, minh: Laptop, nhu: str
) -> None:
    from sync.server.grants import withdraw

    minh.change("person", nhu, occupation=f"{NAME} bán hàng")
    minh.sync()
    withdraw(ward.database, minh.device, "27211/01", now=ward.clock())
    minh.sync()
    assert minh.row("person", nhu) is None
    assert left(ward, minh)["minh"]
    erase(lan, nhu)
    minh.sync()
    assert left(ward, lan, minh) == {}
