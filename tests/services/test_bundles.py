"""A sync by hand ends as one by network does, in any order with it, and a bad file changes nothing."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sync import bundle
from sync.server import admin, grants
from sync.server.copies import forget_keys
from tests.services.by_hand import NOTED, Stick, held
from tests.sync.ward import Laptop, Ward, agreed
from tests.sync.wire import unreachable
from tui_app.errors import BadFile, BundleRefused, SyncRefused
from tui_app.services.command import laptops
from tui_app.services.exchange import bundle_files, bundle_keys, bundles, syncing
from tui_app.services.station import facts


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    made = Ward(tmp_path)
    yield made
    made.close()


@pytest.fixture
def lan(ward: Ward) -> Laptop:
    return ward.laptop("lan")


@pytest.fixture
def stick(ward: Ward, lan: Laptop, tmp_path: Path) -> Stick:
    """Lan's laptop, which meets the server by hand only; it knows its areas already."""
    made = Stick(ward, lan, tmp_path)
    made.round()
    return made


def test_a_first_load_needs_no_network(stick: Stick, ward: Ward, lan: Laptop) -> None:
    assert [row.body["unit_name"] for row in (lan.area("01"), lan.area("02"))] == ["Khu phố 1", "Khu phố 2"]
    agreed(ward, lan)


def test_ops_stay_unanswered_until_the_answer_is_back(stick: Stick, lan: Laptop) -> None:
    lan.create("household", address="12 Lê Lợi")
    file = stick.out()
    assert (lan.counts()["sent"], lan.counts()["acked"]) == (1, 0)
    answer = stick.carry(file)
    assert lan.counts()["sent"] == 1
    brought = stick.back(answer)
    summary = brought.synced.summary
    assert (summary.pushed, summary.pulled, summary.pending) == (1, 0, 0), "its own rows do not travel back"
    assert lan.counts() == {"new": 0, "sent": 0, "acked": 1, "held": 0, "rejected": 0}
    ((receipt,),) = lan.all("SELECT receipt FROM outbox")
    assert len(receipt) == 12


def test_what_is_typed_while_the_file_travels_stays_on_top_and_waits(
    stick: Stick, ward: Ward, lan: Laptop
) -> None:
    door = lan.create("household", address="12 Lê Lợi", note="chó dữ")
    file = stick.out()
    lan.change("household", door, note="đã xích chó")
    brought = stick.back(stick.carry(file))
    assert brought.synced.summary.pending == 1
    row = lan.row("household", door)
    assert row is not None
    assert row.body["note"] == "đã xích chó"
    stick.round()
    assert ward.server_body("household", door)["note"] == "đã xích chó"
    agreed(ward, lan)


def test_a_laptop_from_before_its_keys_tells_new_ones_once_the_operator_let_it(
    stick: Stick, ward: Ward, lan: Laptop
) -> None:
    lan.create("household", address="12 Lê Lợi")
    early = stick.out()
    with lan.store.write() as c:  # restored from a backup that is older than its keys
        facts.put(c, facts.BUNDLE_KEYS, None)
    stick.sync()
    with pytest.raises(BundleRefused) as refused:
        stick.out()
    assert refused.value.key == "bundle.keys_not_exchanged", "the server knows others and takes no new ones"
    assert forget_keys(ward.database, lan.device)
    stick.sync()
    lan.create("household", address="14 Lê Lợi")
    assert stick.round().synced.summary.pushed == 1
    agreed(ward, lan)
    with pytest.raises(bundle.BundleError) as old:
        stick.carry(early)
    assert old.value.word == "altered", "what the old keys signed is believed no more"


def test_a_file_that_is_older_than_what_came_by_network_blames_no_row(
    stick: Stick, ward: Ward, lan: Laptop
) -> None:
    lan.create("household", address="12 Lê Lợi")
    answer = stick.carry(stick.out())
    stick.back(answer)
    minh = ward.laptop("minh")
    minh.sync()
    minh.create("household", address="13 Lê Lợi")
    minh.sync()
    lan.create("household", address="14 Lê Lợi")
    lan.wire.then = [("/v1/pull", unreachable)]
    assert lan.tried() is not None, "the answers came, the rows after them did not"
    assert lan.counts()["acked"] == 2
    before = lan.all("SELECT area, seq FROM cursor ORDER BY area")
    brought = stick.back(answer)
    assert (brought.synced.summary.mismatched, brought.another_round) == ((), False)
    assert lan.all("SELECT area, seq FROM cursor ORDER BY area") == before, "nothing has to be read anew"


STEPS = ("out", "carry", "carry", "back", "back", "net", "net")


@pytest.mark.parametrize("seed", range(12))
def test_network_and_file_in_any_order_and_twice(stick: Stick, ward: Ward, lan: Laptop, seed: int) -> None:
    """Steps in a shuffled order, each possible one taken; another laptop edits the same fields in between."""
    shuffled = random.Random(seed)
    minh = ward.laptop("minh")
    minh.sync()
    door = lan.create("household", address="12 Lê Lợi", phone="+84903000001")
    stick.round()
    minh.sync()
    files: list[Path] = []
    answers: list[Path] = []
    numbers = itertools.count(2)
    for step in shuffled.sample(STEPS * 3, len(STEPS) * 3):
        if shuffled.random() < 0.5:
            lan.change("household", door, phone=f"+8490300{next(numbers):04d}")
        if shuffled.random() < 0.4:
            minh.change(
                "household", door, phone=f"+8490300{next(numbers):04d}", note=f"ghi chú {next(numbers)}"
            )
            minh.sync()
        if step == "out":
            files.append(stick.out())
        elif step == "carry" and files:
            answers.append(stick.carry(shuffled.choice(files)))
        elif step == "back" and answers:
            stick.back(shuffled.choice(answers))
        elif step == "net":
            stick.sync()
    stick.round()
    minh.sync()
    stick.round()
    agreed(ward, lan, minh)
    with ward.database.read() as tx:
        typed = tx.all("SELECT id, result FROM op WHERE record = :door", door=door)
    made = "SELECT n FROM outbox WHERE type = 'household'"
    assert len(typed) == len(lan.all(made)) + len(minh.all(made))
    assert {result for _, result in typed} <= {"applied", "merged"}


@pytest.mark.parametrize("seed", range(6))
def test_two_sticks_and_a_network_lose_no_op(
    stick: Stick, ward: Ward, lan: Laptop, tmp_path: Path, seed: int
) -> None:
    """Creations, edits of clinical and plain fields, deletions; files that were asked for and files that were not."""
    dice = random.Random(seed)
    minh = ward.laptop("minh")
    sticks = {lan: stick, minh: Stick(ward, minh, tmp_path)}
    sticks[minh].round()
    files: list[tuple[Stick, Path]] = []
    answers: list[tuple[Stick, Path]] = []
    for _ in range(40):
        laptop = dice.choice((lan, minh))
        way = sticks[laptop]
        step = dice.choice(("type", "type", "type", "out", "carry", "back", "back", "give", "net"))
        if step == "type":
            type_something(laptop, dice)
        elif step == "out":
            files.append((way, way.out()))
        elif step == "carry" and files:
            owner, file = dice.choice(files)
            answers.append((owner, owner.carry(file)))
        elif step == "back" and answers:
            owner, answer = dice.choice(answers)
            owner.back(answer)
        elif step == "give":
            answers.append((way, way.given()))
        elif step == "net":
            way.sync()
    for _ in range(2):
        for way in sticks.values():
            way.round()
    agreed(ward, lan, minh)
    known = ward.server_ops()
    for laptop in (lan, minh):
        made = "SELECT id FROM outbox WHERE type <> 'access_entry'"
        assert {ident for (ident,) in laptop.all(made)} <= known.keys()
        assert laptop.counts()["rejected"] == 0


def type_something(laptop: Laptop, dice: random.Random) -> None:
    """Whatever somebody might type at that moment."""
    doors = laptop.all("SELECT id FROM household WHERE NOT deleted ORDER BY id")
    people = laptop.all("SELECT id FROM person WHERE NOT deleted ORDER BY id")
    what = dice.random()
    if what < 0.25 or not doors:
        laptop.create("household", dice.choice(("01", "02")), address=f"{dice.randrange(900)} Lê Lợi")
    elif what < 0.45 or not people:
        (door,) = dice.choice(doors)
        laptop.create("person", household=door, full_name="Lê Văn Tám", birth_year=dice.randrange(1930, 2020))
    elif what < 0.7:
        laptop.change("person", dice.choice(people)[0], birth_year=dice.randrange(1930, 2020))
    elif what < 0.92:
        laptop.change("household", dice.choice(doors)[0], note=f"ghi chú {dice.randrange(999)}")
    else:
        laptop.delete("person", dice.choice(people)[0])


def test_answers_in_the_wrong_order_never_take_anything_back(stick: Stick, ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    door = lan.create("household", address="12 Lê Lợi", note="một")
    first = stick.carry(stick.out())
    minh.sync()
    minh.change("household", door, note="hai")
    minh.sync()
    second = stick.carry(stick.out())
    stick.back(second)
    cursors = lan.all("SELECT area, gen, seq FROM cursor ORDER BY 1")
    stick.back(first)
    assert lan.all("SELECT area, gen, seq FROM cursor ORDER BY 1") == cursors
    row = lan.row("household", door)
    assert row is not None
    assert row.body["note"] == "hai"
    agreed(ward, lan, minh)


def test_an_old_answer_leaves_what_came_by_network_since(stick: Stick, ward: Ward, lan: Laptop) -> None:
    minh = ward.laptop("minh")
    door = lan.create("household", address="12 Lê Lợi", note="một")
    answer = stick.carry(stick.out())
    minh.sync()
    minh.change("household", door, note="hai")
    minh.sync()
    stick.sync()
    where = "SELECT area, gen, seq FROM cursor ORDER BY 1"
    before, cursors = held(lan, but=(*NOTED, "cursor")), lan.all(where)
    brought = stick.back(answer)
    assert (brought.synced.summary.pushed, brought.synced.summary.pulled) == (0, 0)
    assert (held(lan, but=(*NOTED, "cursor")), lan.all(where)) == (before, cursors)


def test_rows_given_unasked_do_not_hide_what_waits_here(stick: Stick, ward: Ward, lan: Laptop) -> None:
    """The server has the op and a later edit; the file with both arrives before the answer to the op."""
    from sync.server import bundles as server_bundles

    minh = ward.laptop("minh")
    door = lan.create("household", address="12 Lê Lợi", note="một")
    stick.round()
    lan.change("household", door, note="của Lan")
    answer = stick.carry(stick.out())
    minh.sync()
    minh.change("household", door, note="của Minh, sau")
    minh.sync()
    given = server_bundles.give(ward.database, lan.device, now=ward.clock())
    unasked = stick.folder / "unasked.gonha"
    unasked.write_bytes(given.answer)
    stick.back(unasked)
    assert lan.counts()["sent"] == 1, "what waits for its answer still waits"
    stick.back(answer)
    agreed(ward, lan, minh)
    seen = lan.row("household", door)
    assert seen is not None
    assert seen.body["note"] == "của Minh, sau"


def test_the_same_answer_twice_says_so_and_changes_nothing(stick: Stick, lan: Laptop) -> None:
    lan.create("household", address="12 Lê Lợi")
    answer = stick.carry(stick.out())
    first = stick.back(answer)
    before = held(lan, but=NOTED[:2])
    again = stick.back(answer)
    assert first.again == ""
    assert again.again.startswith("2026-11-22T")
    assert (again.synced.summary.pushed, again.synced.summary.pulled) == (0, 0)
    assert held(lan, but=NOTED[:2]) == before


def test_an_area_taken_away_leaves_once_its_ops_are_answered(stick: Stick, ward: Ward, lan: Laptop) -> None:
    lan.create("household", "02", address="7 Hàn Hải Nguyên")
    lost = lan.area("02").area
    answer = stick.carry(stick.out())
    with ward.database.write() as tx:
        tx.run("DELETE FROM area_grant")
        tx.run(
            "INSERT INTO area_grant (commune, device, area, mode, since, until)"
            " VALUES (:commune, :device, :area, 'write', '', NULL)",
            commune="27211",
            device=lan.device,
            area=lan.area("01").area,
        )
    stick.back(answer)
    assert lost in dict(lan.all("SELECT area, mode FROM cursor"))
    stick.round()
    assert lost not in dict(lan.all("SELECT area, mode FROM cursor"))
    assert lan.all("SELECT id FROM household WHERE area = ?", lost) == []


def test_a_record_made_and_moved_in_one_file_leaves_with_the_unit_it_went_to(
    stick: Stick, ward: Ward, lan: Laptop
) -> None:
    """A move is answered with the counter of the edit before it: that is no newer word about the record."""
    door = lan.create("household", address="7 Hàn Hải Nguyên")
    lan.change("household", door, note="chó dữ")
    with lan.store.work("lan") as work:
        work.move("household", door, lan.area("02"))
    lan.change("household", door, note="chó hiền")
    out = stick.out()
    grants.withdraw(ward.database, lan.device, "27211/02", now=ward.clock())
    lan.change("household", door, phone="+84903000001")  # too late
    stick.back(stick.carry(out))
    row = lan.row("household", door)
    assert row is not None, "its last op has no answer"
    assert row.area == lan.area("02").area
    stick.round()
    assert lan.all("SELECT state, reason FROM outbox WHERE state <> 'acked'") == [("held", "out-of-scope")]
    assert lan.row("household", door) is None
    assert lan.digests().items() <= ward.digests().items()


@pytest.mark.parametrize("taken", [True, False], ids=["in time", "too late"])
def test_a_record_on_its_way_into_a_unit_taken_away_is_here_until_its_move_is_answered(
    stick: Stick, ward: Ward, lan: Laptop, taken: bool
) -> None:
    door = lan.create("household", address="7 Hàn Hải Nguyên")
    stick.round()
    here, there = lan.area("01"), lan.area("02")
    out = stick.out()

    def move() -> None:
        with lan.store.work("lan") as work:
            work.move("household", door, there)

    if taken:
        move()
    grants.withdraw(ward.database, lan.device, "27211/02", now=ward.clock())
    if not taken:
        move()
    stick.back(stick.carry(out))
    row = lan.row("household", door)
    assert row is not None
    assert row.area == there.area
    stick.round()
    row = lan.row("household", door)
    assert (row and row.area) == (None if taken else here.area)
    assert lan.digests().keys() == {here.area}
    assert lan.digests().items() <= ward.digests().items()


def test_an_older_word_about_the_areas_does_not_undo_a_newer_one(
    stick: Stick, ward: Ward, lan: Laptop
) -> None:
    """Taken in after a later answer, the first one must not bring back an area that was lost meanwhile."""
    lost = lan.area("02").area
    first = stick.carry(stick.out())
    with ward.database.write() as tx:
        tx.run("UPDATE area_grant SET area = :one", one=lan.area("01").area)
    stick.round()
    assert lost not in dict(lan.all("SELECT area, mode FROM cursor"))
    stick.back(first)
    assert lost not in dict(lan.all("SELECT area, mode FROM cursor"))
    assert lan.all("SELECT id FROM area WHERE id = ?", lost) == []


def test_an_answer_renews_the_lease_by_the_servers_time(stick: Stick, ward: Ward, lan: Laptop) -> None:
    answer = stick.carry(stick.out())
    made = bundle.check(answer.read_bytes()).header.made
    ward.clock.now += timedelta(days=5)
    stick.back(answer)
    assert {at for (at,) in lan.all("SELECT refreshed_at FROM cursor")} == {made}
    stick.sync()
    later = lan.all("SELECT refreshed_at FROM cursor")
    stick.back(answer)
    assert lan.all("SELECT refreshed_at FROM cursor") == later


def test_a_laptop_put_back_to_yesterday_asks_for_the_gap_by_another_round(
    stick: Stick, ward: Ward, lan: Laptop
) -> None:
    lan.create("household", address="12 Lê Lợi")
    stick.round()
    lan.create("household", address="14 Lê Lợi")
    answer = stick.carry(stick.out())
    with lan.store.write() as c:  # as after the restore of an old backup, which has not that far
        c.execute("UPDATE cursor SET seq = 1")
    brought = stick.back(answer)
    assert brought.behind == 1
    assert {seq for (seq,) in lan.all("SELECT seq FROM cursor")} == {1}
    stick.round()
    agreed(ward, lan)


def test_rows_that_differ_in_spite_of_their_counter_are_fetched_by_the_next_round(
    stick: Stick, ward: Ward, lan: Laptop
) -> None:
    door = lan.create("household", address="12 Lê Lợi")
    stick.round()
    with lan.store.write() as c:
        c.execute("DELETE FROM household WHERE id = ?", (door,))
    lan.create("household", address="14 Lê Lợi")
    assert stick.round().synced.summary.mismatched == (lan.area("01").area,)
    assert stick.round().synced.summary.mismatched == ()
    agreed(ward, lan)


def test_a_first_load_cut_before_its_second_part_is_finished_by_stick(
    stick: Stick, ward: Ward, lan: Laptop
) -> None:
    visit = lan.create("household", address="12 Lê Lợi")
    stick.round()
    with lan.store.write() as c:  # as if only the first part had come
        c.execute("DELETE FROM household WHERE id = ?", (visit,))
        c.execute("UPDATE cursor SET rest_due = 1, digest = NULL")
    first = stick.round()
    assert (first.another_round, first.synced.summary.mismatched) == (True, ())
    assert not stick.round().another_round
    assert lan.row("household", visit) is not None
    agreed(ward, lan)


def test_more_than_one_push_holds_goes_as_several_into_one_file(
    stick: Stick, ward: Ward, lan: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.protocol.MAX_OPS", 3)
    for number in range(8):
        lan.create("household", address=f"{number} Lê Lợi")
    file = stick.out()
    monkeypatch.undo()
    assert bundle.check(file.read_bytes()).header.counts == {"ops": 8}
    assert stick.back(stick.carry(file)).synced.summary.applied == 8
    agreed(ward, lan)


def test_what_does_not_fit_into_a_file_waits_for_the_next(
    stick: Stick, ward: Ward, lan: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "MAX_OPS_IN_FILE", 3)
    for number in range(5):
        lan.create("household", address=f"{number} Lê Lợi")
    written = bundles.write_out(stick.workspace, stick.folder)
    assert (written.ops, written.left) == (3, 2)
    assert written.path.parent == stick.folder
    assert written.path.suffix == ".gonha"
    assert stick.back(stick.carry(written.path)).synced.summary.pending == 2
    assert ward.all("SELECT waiting FROM device") == [(2,)], "its chief is told what was left behind"
    assert stick.round().synced.summary.pending == 0
    assert ward.all("SELECT waiting FROM device") == [(0,)]
    with lan.store.read() as c:
        assert [line.user for line in laptops.fleet(c).lines] == ["lan"]
        assert laptops.fleet(c).told
    agreed(ward, lan)


def test_more_rows_than_fit_come_with_the_next_round(
    stick: Stick, ward: Ward, lan: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sync.server import bundles as server_bundles

    minh = ward.laptop("minh")
    minh.sync()
    for number in range(5):
        minh.create("household", address=f"{number} Lê Lợi")
    minh.sync()
    monkeypatch.setattr(server_bundles, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(server_bundles, "MAX_ROW_BYTES", 1)
    assert stick.round().more
    monkeypatch.undo()
    assert not stick.round().more
    agreed(ward, lan, minh)


def test_an_answer_whose_taking_in_is_cut_anywhere_is_taken_in_again(
    stick: Stick, ward: Ward, lan: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tui_app.services.exchange import bundle_answer

    monkeypatch.setattr(bundle_answer, "LOT", 1)
    minh = ward.laptop("minh")
    minh.sync()
    write = lan.store.write
    for cut in range(1, 8):
        door = lan.create("household", address=f"{cut} Lê Lợi", note="của Lan")
        for number in range(3):
            minh.create("household", "02", address=f"{cut}/{number} Hàn Hải Nguyên")
        minh.sync()
        answer = stick.carry(stick.out())
        left = itertools.count(cut, -1)

        @contextmanager
        def dies(left: Iterator[int] = left) -> Iterator[Any]:
            with write() as c:
                yield c
                if next(left) == 1:
                    raise KeyboardInterrupt

        monkeypatch.setattr(lan.store, "write", dies)
        with suppress(KeyboardInterrupt):
            stick.back(answer)
        monkeypatch.setattr(lan.store, "write", write)
        lan.change("household", door, note="gõ thêm sau khi máy tắt")
        stick.back(answer)
        stick.round()
        minh.sync()
        agreed(ward, lan, minh)
    assert next(left) > 0, "the last cut was beyond the end: every commit was cut once"


# ---- files that are refused


Spoil = Callable[[Stick, bytes], bytes]


def resealed(stick: Stick, file: bytes, **changes: str) -> bytes:
    """The server's own answer with another header, properly signed."""
    from sync.server.keys import server_keys

    with stick.ward.database.read() as tx:
        keys = server_keys(tx)
    with stick.laptop.store.read() as c:
        own = bundle_keys.own(c)
    assert own is not None
    closed = bundle.check(file)
    header = msgspec.structs.replace(closed.header, **changes)
    return bundle.seal(header, closed.open(own.sealing), own.sealing_public, keys.signing)


SPOILT: dict[str, Spoil] = {
    "not_a_bundle": lambda s, f: b"%PDF-1.7" + f[8:],
    "cut": lambda s, f: f[:-20],
    "altered": lambda s, f: f[:-1] + bytes([f[-1] ^ 1]),
    "newer": lambda s, f: newer(f),
    "too_large": lambda s, f: f + bytes(bundle.MAX_FILE),
    "wrong_kind_laptop": lambda s, f: s.out().read_bytes(),
    "other_receiver_laptop": lambda s, f: resealed(s, f, receiver="another laptop"),
    "unknown_sender_laptop": lambda s, f: resealed(s, f, sender="0123456789abcdef"),
    "other_answer": lambda s, f: resealed(s, f, in_answer_to="another file"),
    "expired": lambda s, f: resealed(s, f, expires="2026-11-21T00:00:00.000Z"),
}


def newer(file: bytes) -> bytes:
    import struct
    import zlib

    lengths = struct.Struct(">8sHIQ32s")
    magic, _, *rest = lengths.unpack_from(file)
    start = lengths.pack(magic, 2, *rest)
    return start + struct.pack(">I", zlib.crc32(start)) + file[lengths.size + 4 :]


@pytest.mark.parametrize("word", SPOILT)
def test_each_bad_answer_has_its_own_words_and_changes_nothing(stick: Stick, lan: Laptop, word: str) -> None:
    lan.create("household", address="12 Lê Lợi")
    answer = stick.carry(stick.out())
    bad = stick.folder / "bad.gonha"
    bad.write_bytes(SPOILT[word](stick, answer.read_bytes()))
    before = held(lan)
    with pytest.raises(BundleRefused) as refused:
        stick.back(bad)
    assert refused.value.key == f"bundle.{word}"
    assert "Chưa có gì thay đổi." in str(refused.value)
    assert refused.value.exit_code == 1
    assert held(lan) == before
    assert stick.back(answer).synced.summary.applied == 1, "the good file still works"


def test_a_payload_without_its_parts_is_refused(stick: Stick, lan: Laptop) -> None:
    answer = bundle.check(stick.carry(stick.out()).read_bytes())
    from sync.server.keys import server_keys

    with stick.ward.database.read() as tx:
        keys = server_keys(tx)
    with lan.store.read() as c:
        own = bundle_keys.own(c)
    assert own is not None
    parts = answer.open(own.sealing)
    for spoilt in ([], parts[1:], [(name, body[:-3]) for name, body in parts]):
        bad = stick.folder / "bad.gonha"
        bad.write_bytes(bundle.seal(answer.header, spoilt, own.sealing_public, keys.signing))
        before = held(lan)
        with pytest.raises(BundleRefused) as refused:
            stick.back(bad)
        assert refused.value.key == "bundle.unreadable"
        assert held(lan) == before


def test_a_revoked_laptop_reads_why_in_words(stick: Stick, ward: Ward, lan: Laptop) -> None:
    lan.create("household", address="12 Lê Lợi")
    file = stick.out()
    admin.revoke(ward.database, lan.device, now=ward.clock())
    with pytest.raises(bundle.BundleError) as refused:
        stick.carry(file)
    words = str(bundle_files.refused(refused.value, "server"))
    assert lan.device in words
    assert "22/11/2026" in words


def test_every_refusal_of_either_side_has_words() -> None:
    common = ["not_a_bundle", "cut", "altered", "newer", "too_large", "bad_key", "unreadable", "other_answer"]
    rest = ["too_old", "forked", "restored_meanwhile", "wrong_kind", "other_receiver", "unknown_sender"]
    words = [*common, *rest, "cannot_open", "no_keys"]
    for side, word in itertools.product(("laptop", "server"), words):
        error = bundle.BundleError(word, device="d", limit=64)
        text = str(bundle_files.refused(error, side))
        assert text
        assert not text.startswith("bundle.")


def test_without_a_server_or_its_keys_no_file_can_be_made(ward: Ward, lan: Laptop, tmp_path: Path) -> None:
    made = Stick(ward, lan, tmp_path)
    with lan.store.write() as c:
        facts.put(c, facts.BUNDLE_KEYS, None)
    with pytest.raises(BundleRefused) as refused:
        made.out()
    assert refused.value.key == "bundle.keys_not_exchanged"
    with lan.store.write() as c:
        facts.put(c, facts.SERVER, None)
    with pytest.raises(SyncRefused) as local:
        made.out()
    assert local.value.key == "link.no_server"
    assert list(made.folder.iterdir()) == []


# ---- the file on the stick


def test_nothing_but_the_whole_file_is_left_on_the_stick(stick: Stick, lan: Laptop) -> None:
    door = lan.create("household", address="12 Lê Lợi")
    lan.create(
        "person", household=door, full_name="Nguyễn Văn Đức", phone="+84903123456", national_id="079061123456"
    )
    before = {path.name for path in stick.folder.iterdir()}
    file = stick.out()
    answer = stick.carry(file)
    assert {path.name for path in stick.folder.iterdir()} - before == {file.name, answer.name}
    place = lan.area("01")
    for found in ("Nguyễn", "Đức", "903123456", "079061123456", "Khu phố", "Hòa Bình", place.area):
        assert found.encode() not in file.read_bytes()
        assert found.encode() not in answer.read_bytes()


def test_a_full_or_missing_stick_leaves_everything_as_it_was(
    stick: Stick, lan: Laptop, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan.create("household", address="12 Lê Lợi")
    before = held(lan)
    with pytest.raises(BadFile) as missing:
        bundles.write_out(stick.workspace, stick.folder / "gone" / "x.gonha")
    assert missing.value.key == "bundle.cannot_write_laptop"

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    names = {path.name for path in stick.folder.iterdir()}
    with pytest.raises(BadFile, match="ổ đĩa đã đầy"):
        stick.out()
    assert {path.name for path in stick.folder.iterdir()} == names
    monkeypatch.undo()
    assert held(lan) == before


def test_only_files_of_its_own_kind_are_replaced(stick: Stick, lan: Laptop) -> None:
    letter = stick.folder / "thu.txt"
    letter.write_text("Kính gửi trạm", encoding="utf-8")
    with pytest.raises(BadFile) as refused:
        bundles.write_out(stick.workspace, letter)
    assert refused.value.key == "bundle.not_overwritten"
    assert letter.read_text(encoding="utf-8") == "Kính gửi trạm"
    file = stick.out()
    lan.create("household", address="12 Lê Lợi")
    assert bundles.write_out(stick.workspace, file).ops == 1
    assert stick.back(stick.carry(file)).synced.summary.applied == 1


def test_a_sync_by_hand_is_listed_among_the_syncs(stick: Stick, lan: Laptop) -> None:
    lan.create("household", address="12 Lê Lợi")
    stick.round()
    with lan.store.read() as c:
        session = syncing.sync_state(c).sessions[0]
    assert (session.outcome, session.figures["pushed"]) == ("done", 1)


def test_a_clock_that_is_behind_the_answers_is_said(stick: Stick, ward: Ward) -> None:
    answer = stick.carry(stick.out())
    ward.clock.now -= timedelta(hours=3)
    assert stick.back(answer).clock == "behind"


def test_a_missing_file_is_said(stick: Stick) -> None:
    with pytest.raises(BadFile) as refused:
        stick.back(stick.folder / "nothing.gonha")
    assert refused.value.key == "bundle.cannot_read"
