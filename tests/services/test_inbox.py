"""What the server did not take: the reason in words, and every way on, with real laptops and a real server."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sync.stopped import stopped_op
from tests.services.test_resolving import body, desk
from tests.sync.ward import Laptop, Ward, agreed, calm
from tui_app.clock import new_id
from tui_app.errors import NotFound, NotOpened
from tui_app.i18n import LANGUAGES, catalogue, set_language
from tui_app.services.exchange import inbox
from tui_app.services.exchange.hand_over import hand_over
from tui_app.services.exchange.inbox import CannotSettle, Item
from tui_app.services.lists import importing
from tui_app.services.station import drafts
from tui_app.services.station.status import status

REASONS = {  # every word the server gives: sync/merge.py, sync/server/push.py, area.py, intake.py
    *("moved", "unknown-record", "unknown-type", "server-written", "bad-id", "empty", "bad-field"),
    *("reserved-field", "bad-value", "out-of-scope", "read-only", "op-id-reused", "bad-number", "too-deep"),
    *("bad-time", "wrong-device", "bad-text", "bad-op"),
}


class Ground:
    """Lan with one household of one person that everybody has; her unit can be taken away and given back."""

    def __init__(self, folder: Path) -> None:
        set_language("vi")
        self.ward = Ward(folder)
        self.lan = self.ward.laptop("lan")
        self.lan.sync()
        self.door = self.lan.create("household", address="12 Lê Lợi", code="0712", note="chó dữ")
        self.who = self.lan.create("person", full_name="Lê Thị Hằng", household=self.door, birth_year=1955)
        self.lan.sync()

    def mode(self, mode: str) -> None:
        """What Lan's laptop may do in its first unit."""
        self.ward.do(
            "UPDATE area_grant SET mode = :mode WHERE device = :d AND area = :a",
            mode=mode,
            d=self.lan.device,
            a=self.lan.area().area,
        )

    def held(self, type_name: str, ident: str, **fields: Any) -> Item:
        """A change that was held because the unit may only be read."""
        self.lan.change(type_name, ident, **fields)
        self.mode("counts")
        self.push()
        self.mode("write")
        return self.only()

    def push(self) -> None:
        """One sync in which the laptop believes that its unit is still its own."""
        self.lan.sync()

    def items(self, **more: Any) -> list[Item]:
        with self.lan.store.read() as c:
            return inbox.items(c, **more)

    def only(self) -> Item:
        (one,) = self.items()
        return one


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    made = Ground(tmp_path)
    yield made
    made.ward.close()


def stop(laptop: Laptop, state: str, reason: str, field: str = "") -> None:
    """Let the newest change stand as the server's answer would leave it (its area stays on the laptop)."""
    with laptop.store.write() as c:
        c.execute(
            "UPDATE outbox SET state = ?, result = ?, reason = ?, field = ?, answered_at = ?"
            " WHERE n = (SELECT max(n) FROM outbox)",
            (state, state, reason, field, "2026-11-22T02:30:00.000Z"),
        )
        c.execute("DELETE FROM base")


def note(ground: Ground) -> Any:
    return body(ground.lan, "household", ground.door).get("note")


def edit(ground: Ground, state: str = "held", reason: str = "read-only") -> Item:
    ground.lan.change("household", ground.door, note="cổng sau")
    stop(ground.lan, state, reason)
    return ground.only()


# ---- what is shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_of_the_server_is_said_in_words(language: str) -> None:
    words = catalogue(language, "inbox")
    assert {f"reason_{reason}" for reason in REASONS} - words.keys() == set()


def test_a_reason_of_a_newer_server_is_shown_as_it_is() -> None:
    assert inbox.reason_words("too-early") == "máy chủ báo: too-early"


def test_a_stopped_change_says_what_was_typed_and_why(ground: Ground) -> None:
    one = edit(ground)
    assert (one.whose.name, one.whose.code, one.state, one.creates) == ("12 Lê Lợi", "0712", "held", False)
    (typed,) = one.fields
    assert (typed.field, one.words(typed, False), one.words(typed, True)) == ("note", "chó dữ", "cổng sau")
    assert "(G)" in inbox.advice(one)
    with ground.lan.store.read() as c:
        assert status(c).stopped == 1


def test_a_number_is_masked_until_asked_for(ground: Ground) -> None:
    ground.lan.change("household", ground.door, phone="+84903000009")
    stop(ground.lan, "held", "read-only")
    one = ground.only()
    assert one.words(one.fields[0], True, hide=True) == "•••••••••009"
    assert one.words(one.fields[0], True) == "0903 000 009"


def test_a_change_whose_record_left_with_its_area_still_names_it(ground: Ground) -> None:
    made = ground.lan.create("household", address="99 Lê Lợi")
    ground.ward.do("DELETE FROM area_grant WHERE device = :d", d=ground.lan.device)
    ground.lan.sync()
    one = ground.only()
    assert (one.reason, one.record, one.here, one.whose.name) == ("out-of-scope", made, False, "99 Lê Lợi")


# ---- withdraw


def test_a_withdrawn_change_goes_back_to_the_server_s_value_and_stays_on_record(ground: Ground) -> None:
    one = edit(ground)
    assert note(ground) == "cổng sau"
    assert inbox.withdraw(desk(ground.lan), one.n, "ghi nhầm nhà") == 1
    assert note(ground) == "chó dữ"
    assert ground.items() == []
    (kept,) = ground.items(settled=True)
    assert kept.settled is not None
    assert (kept.settled.how, kept.settled.who, kept.settled.reason) == ("withdrawn", "lan", "ghi nhầm nhà")
    assert kept.fields[0].new == "cổng sau"
    with ground.lan.store.read() as c:
        assert status(c).stopped == 0
    assert ground.lan.counts()["held"] == 0
    ground.lan.sync()
    agreed(ground.ward, ground.lan)


def test_withdrawing_reads_the_server_s_row_once_more(ground: Ground) -> None:
    minh = ground.ward.laptop("minh")
    minh.sync()
    ground.lan.change("household", ground.door, note="cổng sau")
    minh.change("household", ground.door, note="cổng bên")
    minh.sync()
    stop(ground.lan, "held", "read-only")
    inbox.withdraw(desk(ground.lan), ground.only().n, "nhầm")
    ground.lan.sync()
    assert note(ground) == "cổng bên"
    agreed(ground.ward, ground.lan)


def test_a_withdrawal_needs_a_reason_and_happens_once(ground: Ground) -> None:
    one = edit(ground)
    with pytest.raises(CannotSettle):
        inbox.withdraw(desk(ground.lan), one.n, "  ")
    inbox.withdraw(desk(ground.lan), one.n, "nhầm")
    with pytest.raises(CannotSettle, match="đã được giải quyết"):
        inbox.withdraw(desk(ground.lan), one.n, "nhầm")
    with pytest.raises(NotFound):
        inbox.withdraw(desk(ground.lan), 9999, "nhầm")


def test_of_two_stopped_changes_either_can_be_withdrawn(ground: Ground) -> None:
    first = edit(ground)
    ground.lan.change("household", ground.door, note="cổng bên", alley="Ngõ 3")
    stop(ground.lan, "held", "read-only")
    inbox.withdraw(desk(ground.lan), first.n, "nhầm")
    held = body(ground.lan, "household", ground.door)
    assert (held["note"], held["alley"]) == ("cổng bên", "Ngõ 3")
    inbox.withdraw(desk(ground.lan), ground.only().n, "nhầm")
    held = body(ground.lan, "household", ground.door)
    assert (held["note"], held.get("alley")) == ("chó dữ", None)


def test_a_rejected_change_leaves_the_row_that_the_server_gave_back(ground: Ground) -> None:
    ground.lan.change("household", ground.door, note="cổng sau")
    stop(ground.lan, "rejected", "bad-text")
    inbox.withdraw(desk(ground.lan), ground.only().n, "nhầm")
    assert note(ground) == "cổng sau", "what stands there is the server's, whoever gave it"


def test_withdrawing_what_the_server_never_had_takes_it_off_the_lists(ground: Ground) -> None:
    made = ground.lan.create("household", address="99 Lê Lợi")
    stop(ground.lan, "held", "out-of-scope")
    ground.lan.change("household", made, note="tạm")
    with pytest.raises(CannotSettle, match="Đồng bộ trước"):
        inbox.withdraw(desk(ground.lan), ground.only().n, "nhầm")
    stop(ground.lan, "held", "unknown-record")
    first = min(one.n for one in ground.items())
    assert inbox.withdraw(desk(ground.lan), first, "không có nhà này") == 2
    assert ground.lan.row("household", made) is None
    assert len(ground.items(settled=True)) == 2
    ground.lan.sync()
    agreed(ground.ward, ground.lan)


# ---- send again


def test_a_held_change_goes_out_again_as_it_was(ground: Ground) -> None:
    minh = ground.ward.laptop("minh")
    made = ground.lan.create("household", address="99 Lê Lợi", code="0799")
    ground.ward.do(
        "UPDATE area_grant SET until = '2026-01-01T00:00:00.000Z' WHERE device = :d", d=ground.lan.device
    )
    ground.lan.sync()
    one = ground.only()
    assert (one.reason, one.creates) == ("out-of-scope", True)
    ground.ward.do("UPDATE area_grant SET until = NULL WHERE device = :d", d=ground.lan.device)
    inbox.send_again(desk(ground.lan), one.n)
    assert (ground.items(), ground.lan.counts()["new"]) == ([], 1)
    calm(ground.lan, minh)
    agreed(ground.ward, ground.lan, minh)
    assert body(minh, "household", made)["code"] == "0799"


def test_an_edit_that_goes_out_again_keeps_the_rest_of_its_record(ground: Ground) -> None:
    one = edit(ground)
    inbox.send_again(desk(ground.lan), one.n)
    assert note(ground) == "cổng sau"
    ground.lan.sync()
    assert body(ground.lan, "household", ground.door)["address"] == "12 Lê Lợi"
    assert ground.ward.server_body("household", ground.door)["note"] == "cổng sau"
    agreed(ground.ward, ground.lan)


def test_a_change_that_is_held_again_comes_back(ground: Ground) -> None:
    one = edit(ground)
    inbox.send_again(desk(ground.lan), one.n)
    stop(ground.lan, "held", "read-only")
    assert ground.only().n == one.n


# ---- edit and send again


def test_a_change_made_anew_answers_the_old_one(ground: Ground) -> None:
    one = edit(ground)
    new_op = inbox.resend(desk(ground.lan), one.n, {"note": "cổng sau, bấm chuông"})
    assert note(ground) == "cổng sau, bấm chuông"
    (old,) = ground.items(settled=True)
    assert old.settled is not None
    assert (old.settled.how, old.settled.op) == ("resent", new_op)
    ground.lan.sync()
    assert ground.ward.server_ops()[new_op] == "applied"
    agreed(ground.ward, ground.lan)


def test_a_refused_field_is_left_out_and_the_record_is_made_anew_with_its_later_edits(ground: Ground) -> None:
    made = ground.lan.create("household", address="99 Lê Lợi", note="mới")
    with ground.lan.store.write() as c:
        c.execute(
            """UPDATE outbox SET "set" = json_set("set", '$.gone', json('[null, "moved"]')) WHERE record = ?""",
            (made,),
        )
    ground.lan.sync()
    first = ground.only()
    assert (first.state, first.reason, first.at_fault) == ("rejected", "reserved-field", "gone")
    ground.lan.change("household", made, note="tạm")
    ground.lan.sync()
    assert [one.reason for one in ground.items()] == ["unknown-record", "reserved-field"]
    inbox.resend(desk(ground.lan), first.n)
    assert ground.items() == []
    ground.lan.sync()
    assert ground.ward.server_body("household", made) == {"address": "99 Lê Lợi", "note": "tạm"}
    agreed(ground.ward, ground.lan)


def test_an_edit_of_empty_fields_does_not_pass_for_the_create_that_was_refused(ground: Ground) -> None:
    made = ground.lan.create("household", address="99 Lê Lợi")
    with ground.lan.store.write() as c:
        c.execute(
            """UPDATE outbox SET "set" = json_set("set", '$.gone', json('[null, "moved"]')) WHERE record = ?""",
            (made,),
        )
    ground.lan.sync()
    ground.lan.change("household", made, phone="+84903000009")
    ground.lan.sync()
    assert ("household", made) not in ground.ward.server_rows(), "half a record was made of an edit"
    assert [(one.state, one.reason, one.creates) for one in ground.items()] == [
        ("held", "unknown-record", False),
        ("rejected", "reserved-field", True),
    ]
    assert [typed.field for typed in ground.items()[0].fields] == ["phone"], "only what was typed is shown"
    inbox.resend(desk(ground.lan), ground.items()[1].n)
    ground.lan.sync()
    whole = {"address": "99 Lê Lợi", "phone": "+84903000009"}
    assert ground.ward.server_body("household", made) == whole
    agreed(ground.ward, ground.lan)


def test_an_edit_is_opened_in_its_form_with_what_was_typed(ground: Ground) -> None:
    ground.lan.change("person", ground.who, birth_year=1956, phone="+84903000009")
    stop(ground.lan, "held", "read-only")
    one = ground.only()
    assert one.form == "person"
    assert inbox.begin_edit(desk(ground.lan), one.n) == "person"
    assert body(ground.lan, "person", ground.who)["birth_year"] == 1955
    with ground.lan.store.read() as c:
        draft = drafts.kept(c, f"person:{ground.who}")
    assert draft is not None
    assert draft["values"] == {"birth_date": "1956", "phone": "0903000009"}
    assert not inbox.edited(desk(ground.lan), one.n), "nothing was saved: it still waits"
    assert ground.only().n == one.n
    ground.lan.change("person", ground.who, birth_year=1957)
    assert inbox.edited(desk(ground.lan), one.n)
    assert ground.items() == []
    ground.lan.sync()
    assert ground.ward.server_body("person", ground.who)["birth_year"] == 1957


def test_what_is_not_a_form_s_is_not_opened_in_one(ground: Ground) -> None:
    ground.lan.create("support_need", person=ground.who, kind="food", status="open")
    stop(ground.lan, "rejected", "bad-value", "kind")
    one = ground.only()
    assert one.form == ""
    with pytest.raises(CannotSettle):
        inbox.begin_edit(desk(ground.lan), one.n)
    inbox.resend(desk(ground.lan), one.n, {"kind": "medicine"})
    ground.lan.sync()
    assert ground.ward.server_body("support_need", one.record)["kind"] == "medicine"


def test_a_value_that_is_typed_anew_is_checked_and_nothing_changes_when_it_is_wrong(ground: Ground) -> None:
    ground.lan.change("person", ground.who, birth_year=1956)
    stop(ground.lan, "held", "read-only")
    with pytest.raises(Exception, match="Năm sinh"):
        inbox.resend(desk(ground.lan), ground.only().n, {"birth_year": 3000})
    assert body(ground.lan, "person", ground.who)["birth_year"] == 1956
    assert len(ground.items()) == 1


# ---- hand over


def test_changes_are_handed_over_as_lines_that_the_other_team_imports(ground: Ground, tmp_path: Path) -> None:
    minh = ground.ward.laptop("minh")
    minh.sync()
    one = edit(ground)
    file = tmp_path / "ban-giao.ndjson"
    assert hand_over(desk(ground.lan), [one.n], "Minh, Tổ 2", "ndjson", file.write_bytes) == 1
    assert note(ground) == "chó dữ", "the other team's change will come by the server"
    (handed,) = ground.items(settled=True)
    assert handed.settled is not None
    assert (handed.settled.how, handed.settled.to) == ("handed", "Minh, Tổ 2")
    assert ground.lan.all("SELECT what, detail FROM access_entry") == [("export", "hand-over")]
    importing.import_records(desk(minh), file)
    calm(minh, ground.lan)
    assert note(ground) == "cổng sau"
    agreed(ground.ward, ground.lan, minh)


def test_a_sheet_for_people_says_who_what_and_why(ground: Ground) -> None:
    one = edit(ground)
    kept = io.BytesIO()
    hand_over(desk(ground.lan), [one.n], "Minh", "xlsx", kept.write)
    rows = list(openpyxl.load_workbook(kept).active.values)
    assert rows[0] == ("Lúc", "Người ghi", "Hồ sơ", "Mã", "Của ai", "Ô", "Trước", "Ghi", "Vì sao")
    assert rows[1][1:] == (
        "lan",
        "hộ",
        "0712",
        "12 Lê Lợi",
        "Ghi chú",
        "chó dữ",
        "cổng sau",
        "đơn vị này chỉ được xem",
    )


def test_a_file_that_cannot_be_written_settles_nothing(ground: Ground) -> None:
    one = edit(ground)

    def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        hand_over(desk(ground.lan), [one.n], "Minh", "xlsx", full)
    assert ground.only().n == one.n
    with pytest.raises(CannotSettle):
        hand_over(desk(ground.lan), [one.n], " ", "xlsx", full)


def test_a_restricted_condition_is_handed_over_only_by_whom_the_chief_let_see_it(ground: Ground) -> None:
    """A chief has the permission no more than others (domain/rules.md §4, duty 12)."""
    ground.lan.create("person_condition", person=ground.who, condition="hiv")
    stop(ground.lan, "held", "read-only")
    for ending in ("ndjson", "xlsx"):
        with pytest.raises(NotOpened):
            hand_over(desk(ground.lan), [ground.only().n], "Minh", ending, lambda _: None)
    assert ground.lan.all("SELECT what FROM access_entry") == []
    allowed = replace(desk(ground.lan), sees_restricted=True)
    assert hand_over(allowed, [ground.only().n], "Minh", "ndjson", lambda _: None) == 1


# ---- never lost


def test_no_way_on_deletes_an_op(ground: Ground) -> None:
    numbers = []
    for way in range(4):
        ident = ground.lan.create("household", ident=new_id(), address=f"{way} Lê Lợi")
        stop(ground.lan, "held", "out-of-scope")
        numbers.append(ground.only().n)
        if way == 0:
            inbox.withdraw(desk(ground.lan), numbers[-1], "nhầm")
        elif way == 1:
            inbox.send_again(desk(ground.lan), numbers[-1])
        elif way == 2:
            inbox.resend(desk(ground.lan), numbers[-1])
        else:
            hand_over(desk(ground.lan), [numbers[-1]], "Minh", "csv", lambda _: None)
        assert ident
    kept = ground.lan.all("SELECT n FROM outbox WHERE n IN (?, ?, ?, ?)", *numbers)
    assert sorted(n for (n,) in kept) == numbers
    with ground.lan.store.read() as c:
        assert stopped_op(c, numbers[1]) is None, "it waits to be sent again"


# ---- moves between units


def test_a_move_that_was_held_is_withdrawn_or_sent_again(ground: Ground) -> None:
    door = ground.lan.create("household", address="5 Lê Lai")
    ground.lan.sync()
    there = ground.lan.area("02")
    with ground.lan.store.work("lan") as work:
        work.move("household", door, there)
    stop(ground.lan, "held", "read-only")
    one = ground.only()
    assert [one.words(typed, new) for typed in one.fields for new in (False, True)] == [
        "Khu phố 1",
        "Khu phố 2",
    ]
    assert one.form == ""
    inbox.send_again(desk(ground.lan), one.n)
    ground.lan.sync()
    row = ground.lan.row("household", door)
    assert row is not None
    assert row.area == there.area
    agreed(ground.ward, ground.lan)
    with ground.lan.store.work("lan") as work:
        work.move("household", door, ground.lan.area("01"))
    stop(ground.lan, "held", "read-only")
    inbox.withdraw(desk(ground.lan), ground.only().n, "nhầm")
    row = ground.lan.row("household", door)
    assert row is not None
    assert row.area == there.area
    ground.lan.sync()
    agreed(ground.ward, ground.lan)


def test_a_deletion_that_was_held_is_withdrawn(ground: Ground) -> None:
    ground.lan.delete("person", ground.who, "ghi trùng")
    stop(ground.lan, "held", "read-only")
    inbox.withdraw(desk(ground.lan), ground.only().n, "không trùng")
    row = ground.lan.row("person", ground.who)
    assert row is not None
    assert not row.deleted
    ground.lan.sync()
    agreed(ground.ward, ground.lan)


# ---- units that are shut


def test_what_belongs_to_a_unit_without_a_lease_is_not_shown(ground: Ground) -> None:
    one = edit(ground)
    ground.ward.clock.now += timedelta(days=20)
    assert ground.items() == []
    with pytest.raises(NotOpened):
        inbox.withdraw(desk(ground.lan), one.n, "nhầm")
    with ground.lan.store.read() as c:
        assert status(c).stopped == 1, "it is counted all the same"
    ground.lan.sync()
    assert ground.only().n == one.n
