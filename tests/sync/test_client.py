"""The real client against the real server: whatever the wire does, nothing is lost and nothing is done twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sync import outbox
from sync.client import Cancelled, Link, NoLink, NotOurServer, Refused, SyncError
from sync.protocol import Row
from sync.server import admin
from tests.sync.ward import Laptop, Ward, agreed, calm
from tests.sync.wire import cut, lost, meanwhile, page, unreachable
from tui_app.i18n import set_language
from tui_app.services.exchange.link import in_words
from tui_app.store.rows import RecordRows


def doors(laptop: Laptop, count: int) -> list[str]:
    return [
        laptop.create("household", address=f"{n} Lê Lợi", unit="0" + str(n % 2 + 1)) for n in range(count)
    ]


# -- the wire is cut ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["identity", "zstd"])
@pytest.mark.parametrize("politely", [False, True], ids=["reset", "end-of-file"])
def test_a_push_answer_cut_anywhere_keeps_what_was_answered(
    ward: Ward, lan: Laptop, encoding: str, politely: bool
) -> None:
    lan.wire.encoding = encoding
    partly = 0
    for position in [0, 1, 20, 99, 100, *range(150, 1000, 53)]:
        made = doors(lan, 3)
        lan.wire.then = [("/v1/push", cut(position, politely=politely))]
        stopped = lan.tried()
        if stopped is not None:
            assert isinstance(stopped, NoLink)
            counts = lan.counts()
            assert counts["acked"] == len(ward.server_ops()) - 3 + stopped.summary.pushed - len(ward.areas)
            assert stopped.summary.pending == counts["sent"] == 3 - stopped.summary.pushed
            partly += 0 < stopped.summary.pushed < 3
            done = lan.sync()
            assert (done.pushed, done.applied, done.pending) == (stopped.summary.pending,) * 2 + (0,)
        agreed(ward, lan)
        assert {("household", ident) for ident in made} <= ward.server_rows().keys()
    assert len(ward.server_ops()) - len(ward.areas) == lan.counts()["acked"]
    assert partly if encoding == "identity" else not partly


@pytest.mark.parametrize("politely", [False, True], ids=["reset", "end-of-file"])
def test_a_pull_cut_anywhere_keeps_the_rows_up_to_the_cursor(
    ward: Ward, lan: Laptop, minh: Laptop, politely: bool
) -> None:
    doors(lan, 6)
    lan.sync()
    minh.wire.encoding = "identity"
    kept = set()
    for position in [0, 1, 50, 100, *range(150, 3000, 131)]:
        with minh.store.write() as c:
            for area in outbox.cursors(c):
                RecordRows().forget_area(c, area)
                outbox.set_cursor(c, area, "", 0, "")
        minh.wire.then = [("/v1/pull", cut(position, politely=politely))]
        stopped = minh.tried()
        assert stopped is None or isinstance(stopped, NoLink)
        with minh.store.read() as c:
            cursors = outbox.cursors(c)
            for area, (_, seq) in cursors.items():
                held = {ident for _, ident, _ in RecordRows().marks(c, area)}
                assert held == set(ward.upto(area, seq))
        kept.add(sum(seq for _, seq in cursors.values()))
        minh.sync()
        agreed(ward, lan, minh)
    assert len(kept) == 3, "nothing, one area, both"


def test_an_answer_lost_after_the_server_wrote_is_asked_for_again(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    door = lan.create("household", address="12 Lê Lợi", phone="+84903000001")
    lan.wire.then = [("/v1/push", lost)]
    stopped = lan.tried()
    assert isinstance(stopped, NoLink)
    assert (stopped.summary.pushed, stopped.summary.pending) == (0, 1)
    assert ("household", door) in ward.server_rows()
    before = ward.server_ops()
    done = lan.sync()
    assert (done.pushed, done.applied, done.pending) == (1, 1, 0)
    assert ward.server_ops() == before
    assert lan.all("SELECT state, result FROM outbox") == [("acked", "duplicate")]
    minh.sync()
    agreed(ward, lan, minh)


def test_without_a_server_everything_waits(ward: Ward, lan: Laptop) -> None:
    doors(lan, 2)
    lan.wire.then = [("/v1/scope", unreachable)]
    stopped = lan.tried()
    assert isinstance(stopped, NoLink)
    assert (stopped.summary.pushed, stopped.summary.pending) == (0, 2)
    assert lan.counts()["new"] == 2
    lan.sync()
    agreed(ward, lan)


# -- somebody else answers ---------------------------------------------------------------------------------------

STRANGERS = {
    "login-page": page(200),
    "redirect": page(302, "", location="http://wifi.example/login"),
    "proxy-busy": page(503),
    "network-login-required": page(511),
    "other-program": page(200, '{"ok": true}', content_type="application/json"),
    "broken-packing": page(200, "not gzip at all", content_encoding="gzip"),
    "mirrored-headers": page(200, sync_protocol="1"),
    "refusal-in-html": page(403, sync_protocol="1"),
    "not-text": page(200, "\udce9".encode("utf-8", "surrogatepass").decode("latin-1"), sync_protocol="1"),
    "nothing": page(204, ""),
}


@pytest.mark.parametrize("path", ["/v1/scope", "/v1/push", "/v1/pull"])
def test_a_stranger_is_never_taken_for_the_server(ward: Ward, lan: Laptop, path: str) -> None:
    for name, stranger in STRANGERS.items():
        before = lan.counts()["acked"]
        lan.create("household", address=f"1 {name}")
        lan.wire.then = [(path, stranger)]
        stopped = lan.tried()
        assert isinstance(stopped, NotOurServer), name
        gone = 1 if path == "/v1/pull" else 0
        assert stopped.summary.pushed == gone, name
        assert lan.counts()["acked"] == before + gone, name
        lan.sync()
    agreed(ward, lan)
    assert lan.counts()["acked"] == len(STRANGERS)


def test_an_enrolment_by_a_login_page_is_refused(ward: Ward, lan: Laptop) -> None:
    for name, stranger in STRANGERS.items():
        lan.wire.then = [("/v1/enrol", stranger)]
        with pytest.raises(NotOurServer):
            Link("http://server", transport=lan.wire).enrol("ABCD-EFGH-JKMN", name)


@pytest.mark.parametrize("address", ["http://[::1", "ftp://server", "server.example", ""])
def test_an_address_that_is_none_is_not_our_server(address: str) -> None:
    with pytest.raises(NotOurServer):
        Link(address).hello()


# -- the server refuses ------------------------------------------------------------------------------------------


def refusal(status: int, kind: str) -> Any:
    return page(
        status,
        json.dumps({"type": kind, "status": status}),
        sync_protocol="1",
        content_type="application/problem+json",
    )


def shown(error: SyncError | None) -> str:
    assert error is not None
    set_language("en")
    try:
        return str(in_words(error))
    finally:
        set_language("vi")


def test_an_unknown_token_says_who_can_help(ward: Ward, lan: Laptop) -> None:
    doors(lan, 2)
    lan.token = "something else"
    stopped = lan.tried()
    assert isinstance(stopped, Refused)
    assert (stopped.status, stopped.problem) == (401, "bad-token")
    assert "2 unsent changes are still here" in shown(stopped)
    assert lan.counts()["new"] == 2


def test_a_revoked_laptop_keeps_its_outbox(ward: Ward, lan: Laptop) -> None:
    doors(lan, 2)
    admin.revoke(ward.database, lan.device)
    stopped = lan.tried()
    assert isinstance(stopped, Refused)
    assert (stopped.status, stopped.problem) == (403, "device-revoked")
    assert "revoked" in shown(stopped)
    assert lan.counts()["new"] == 2
    assert len(lan.all("SELECT id FROM household")) == 2


def test_units_that_change_between_scope_and_push_are_asked_for_again(ward: Ward, lan: Laptop) -> None:
    doors(lan, 1)
    changing = meanwhile(lambda: ward.do("UPDATE device SET scope_epoch = scope_epoch + 1"))
    lan.wire.asked.clear()
    lan.wire.then = [("/v1/scope", changing), ("/v1/scope", changing)]
    assert lan.sync().pushed == 1
    assert lan.wire.asked[:5] == ["/v1/scope", "/v1/push"] * 2 + ["/v1/scope"]
    agreed(ward, lan)


def test_units_that_never_stop_changing_end_the_sync(ward: Ward, lan: Laptop) -> None:
    doors(lan, 1)
    lan.wire.then = [("/v1/push", refusal(409, "scope-changed"))] * 9
    stopped = lan.tried()
    assert isinstance(stopped, Refused)
    assert (stopped.status, stopped.problem) == (409, "scope-changed")
    assert "Sync once more" in shown(stopped)
    lan.wire.then = []
    assert lan.sync().pushed == 1


def test_an_unknown_unit_while_pulling_is_answered_by_one_look_at_the_scope(ward: Ward, lan: Laptop) -> None:
    lan.wire.then = [("/v1/pull", refusal(404, "not-in-scope"))]
    assert lan.sync().refreshed
    lan.wire.then = [("/v1/pull", refusal(404, "not-in-scope"))] * 2
    assert isinstance(lan.tried(), Refused)


def test_too_much_at_once_is_halved_until_it_fits(ward: Ward, lan: Laptop) -> None:
    doors(lan, 8)
    lan.wire.then = [("/v1/push", refusal(413, "too-large"))] * 3
    done = lan.sync()
    assert (done.pushed, done.pending) == (8, 0)
    assert lan.wire.asked.count("/v1/push") == 3 + 4  # 8, 4, 2 refused; then 1, 2, 4 and the last
    agreed(ward, lan)


def test_one_op_that_never_fits_stops_the_sync_and_stays(ward: Ward, lan: Laptop) -> None:
    doors(lan, 1)
    lan.wire.then = [("/v1/push", refusal(413, "too-large"))]
    stopped = lan.tried()
    assert isinstance(stopped, Refused)
    assert lan.counts()["sent"] == 1


@pytest.mark.parametrize(("status", "kind"), [(500, "failed"), (418, "teapot")])
def test_any_other_refusal_names_itself_and_what_waits(
    ward: Ward, lan: Laptop, status: int, kind: str
) -> None:
    doors(lan, 1)
    lan.wire.then = [("/v1/push", refusal(status, kind))]
    stopped = lan.tried()
    assert isinstance(stopped, Refused)
    assert f"({kind})" in shown(stopped)
    assert "1 unsent" in shown(stopped)
    assert lan.sync().pushed == 1


# -- people go on working meanwhile ------------------------------------------------------------------------------


def test_what_is_edited_while_it_is_sent_stays_dirty(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    door = lan.create("household", address="12 Lê Lợi")
    lan.wire.then = [
        ("/v1/push", meanwhile(lambda: lan.change("household", door, note="chó dữ"))),
        ("/v1/push", lost),
    ]
    stopped = lan.tried()
    assert stopped is not None
    assert (stopped.summary.pushed, stopped.summary.pending) == (1, 1)
    row = lan.row("household", door)
    assert row is not None
    assert row.body == {"address": "12 Lê Lợi", "note": "chó dữ"}
    lan.sync()
    assert ward.server_body("household", door) == {"address": "12 Lê Lợi", "note": "chó dữ"}
    minh.sync()
    agreed(ward, lan, minh)


def test_an_edit_of_a_row_that_is_just_arriving_goes_on_top_of_it(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    door = lan.create("household", address="12 Lê Lợi")
    calm(lan, minh)
    minh.change("household", door, phone="+84903000009")
    minh.sync()
    lan.wire.then = [("/v1/pull", meanwhile(lambda: lan.change("household", door, note="chó dữ")))]
    done = lan.sync()
    assert (done.pulled, done.pending, done.mismatched) == (1, 1, ())
    row = lan.row("household", door)
    assert row is not None
    assert row.body == {"address": "12 Lê Lợi", "note": "chó dữ", "phone": "+84903000009"}
    ((base,),) = lan.all("SELECT row FROM base")
    assert json.loads(base)["body"] == {"address": "12 Lê Lợi", "phone": "+84903000009"}
    calm(lan, minh)
    agreed(ward, lan, minh)
    assert ward.server_body("household", door) == row.body


def test_a_deletion_made_while_pulling_is_no_mismatch(ward: Ward, lan: Laptop) -> None:
    door = lan.create("household", address="12 Lê Lợi")
    lan.sync()
    lan.wire.then = [("/v1/pull", meanwhile(lambda: lan.delete("household", door)))]
    done = lan.sync()
    assert (done.pending, done.mismatched, lan.wire.asked.count("/v1/pull")) == (1, (), 3)
    lan.sync()
    agreed(ward, lan)


def test_a_stop_asked_for_at_any_moment_keeps_what_was_done(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    for moment in range(1, 12):
        doors(lan, 2)
        doors(minh, 2)
        minh.sync()
        looks = iter(range(100))
        lan.cancelled = lambda looks=looks, moment=moment: next(looks) == moment - 1
        stopped = lan.tried()
        lan.cancelled = lambda: False
        if stopped is None:
            break
        assert isinstance(stopped, Cancelled)
        assert stopped.summary.pending == lan.counts()["new"] + lan.counts()["sent"]
        assert "as you asked" in shown(stopped)
        calm(lan, minh)
        agreed(ward, lan, minh)
    assert moment > 4


# -- what the server says of ops ---------------------------------------------------------------------------------


def test_own_ops_are_not_pulled_back(ward: Ward, lan: Laptop) -> None:
    doors(lan, 5)
    first, second = lan.sync(), lan.sync()
    assert (first.pushed, first.pulled) == (5, 0)
    assert (second.pushed, second.pulled) == (0, 0)
    agreed(ward, lan)


def test_a_thousand_ops_go_in_growing_batches_and_fit_the_cursor(ward: Ward, lan: Laptop) -> None:
    place = lan.area()
    with lan.store.work("lan") as work:
        for n in range(750):
            work.create("household", {"address": f"{n} Lê Lợi"}, place=place)
    done = lan.sync()
    assert (done.pushed, done.applied, done.pulled, done.pending) == (750, 750, 0, 0)
    assert lan.wire.asked.count("/v1/push") == 4  # 100, 200, 400, 50
    agreed(ward, lan)


def test_a_rejected_op_gives_the_row_back_and_stays_listed(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    door = lan.create("household", address="12 Lê Lợi", note="cũ")
    calm(lan, minh)
    lan.change("household", door, note="mới")
    with lan.store.write() as c:  # a rule of the server that this laptop does not know of
        c.execute(
            """UPDATE outbox SET "set" = json_set("set", '$.gone', json('[null, "moved"]')) WHERE state = 'new'"""
        )
    done = lan.sync()
    assert (done.pushed, done.rejected, done.pending) == (1, 1, 0)
    row = lan.row("household", door)
    assert row is not None
    assert row.body["note"] == "cũ"
    ((state, reason, field, kept),) = lan.all(
        "SELECT state, reason, field, \"set\" FROM outbox WHERE state = 'rejected'"
    )
    assert (state, reason, field) == ("rejected", "reserved-field", "gone")
    assert json.loads(kept)["note"] == ["cũ", "mới"]
    agreed(ward, lan, minh)


def test_a_held_op_keeps_what_was_typed(ward: Ward, lan: Laptop) -> None:
    door = lan.create("household", address="12 Lê Lợi", note="cũ")
    lan.sync()
    ward.do("DELETE FROM record WHERE id = :door", door=door)  # a server that no longer knows the record
    lan.change("household", door, note="mới")
    done = lan.sync()
    assert (done.pushed, done.held, done.pending) == (1, 1, 0)
    row = lan.row("household", door)
    assert row is not None
    assert row.body["note"] == "mới"
    assert lan.all("SELECT state, reason FROM outbox WHERE state = 'held'") == [("held", "unknown-record")]


def test_a_merged_telephone_shows_the_later_and_lists_both(ward: Ward, lan: Laptop, minh: Laptop) -> None:
    door = lan.create("household", address="12 Lê Lợi", phone="+84903000001")
    calm(lan, minh)
    lan.change("household", door, phone="+84903000002")
    minh.change("household", door, phone="+84903000003")
    lan.sync()
    done = minh.sync()
    assert (done.merged, done.conflicts) == (1, 0)
    lan.sync()
    agreed(ward, lan, minh)
    row = lan.row("household", door)
    assert row is not None
    assert row.body["phone"] == "+84903000003"
    ((state, values),) = lan.all('SELECT state, "values" FROM conflict')
    assert state == "settled"
    assert {value["value"] for value in json.loads(values)} == {"+84903000002", "+84903000003"}


def test_what_was_written_alone_is_not_sent_before_its_unit_is_known(ward: Ward, lan: Laptop) -> None:
    own = Row(
        type="area",
        id="own",
        commune="local",
        area="own",
        seq=0,
        body={"unit_code": "99", "unit_name": "Tổ 9"},
    )
    with lan.store.write() as c:
        RecordRows().upsert(c, [own])
        outbox.hold_area(c, "own", "local", outbox.LOCAL)
    lan.create("household", unit="99", address="9 Ngõ Tạm")
    lan.create("household", address="12 Lê Lợi")
    lan.wire.sent.clear()
    done = lan.sync()
    assert (done.pushed, done.pending) == (1, 1)
    assert lan.counts()["new"] == 1
    assert "own" not in lan.digests()


def test_rows_of_a_lost_unit_leave_only_after_their_ops_have_answers(
    ward: Ward, lan: Laptop, minh: Laptop
) -> None:
    kept, going = (
        lan.create("household", address="1 Lê Lợi"),
        lan.create("household", unit="02", address="2 Lê Lợi"),
    )
    calm(lan, minh)
    lan.change("household", going, note="thêm")
    ward.do(
        "INSERT INTO area_grant (commune, device, area, mode, since, until)"
        " VALUES ('27211', :d, :a, 'write', '', '2020')",
        d=lan.device,
        a=lan.area("02").id,
    )
    lan.wire.then = [("/v1/push", lost)]
    assert isinstance(lan.tried(), NoLink)
    assert lan.row("household", going) is not None
    done = lan.sync()
    assert (done.held, done.pending) == (1, 0)
    assert lan.row("household", going) is None
    assert lan.row("household", kept) is not None
    ((changes,),) = lan.all("SELECT \"set\" FROM outbox WHERE state = 'held'")
    assert json.loads(changes) == {"note": [None, "thêm"]}
    assert b"2 L" not in lan.export()
