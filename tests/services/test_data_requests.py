"""The register of data subjects' requests: who may, what falls due, what was in time."""

from __future__ import annotations

from datetime import date

import pytest
from door_to_door import TODAY, WHO, household, later, person

from tui_app.clock import today
from tui_app.errors import InvalidFields, NotFound, NotOpened
from tui_app.services.requests import register
from tui_app.services.requests.register import Request
from tui_app.store.engine import Store

FRIDAY = date(2026, 11, 20)


@pytest.fixture
def hang(store: Store) -> str:
    return person(store, household(store, "12 Lê Lợi"), "Lê Thị Hằng")


def listed(store: Store, **how: bool) -> list[Request]:
    with store.read() as c:
        return register.requests(c, today(store.clock), **how)  # type: ignore[arg-type]


def test_what_is_due_first_stands_on_top(store: Store, hang: str) -> None:
    deletion = register.add(store, WHO, hang, "deletion", received_on=date(2026, 11, 9))
    access = register.add(store, WHO, hang, "access", received_on=FRIDAY, asked_by="con gái")
    register.answer(store, WHO, deletion, on=date(2026, 11, 11))
    first, second = listed(store)
    assert (first.id, first.answer.on, first.answer.state, first.end.on) == (
        access, date(2026, 11, 24), "due", date(2026, 11, 30),
    )  # fmt: skip
    assert (first.full_name, first.asked_by, first.next_due) == ("Lê Thị Hằng", "con gái", date(2026, 11, 24))
    assert (second.state, second.answer.state, second.next_due) == ("answered", "on_time", date(2026, 11, 29))
    later(store, days=9)
    first, second = listed(store)
    assert [(one.id, one.next_due) for one in (first, second)] == [
        (access, date(2026, 11, 24)), (deletion, date(2026, 11, 29)),
    ]  # fmt: skip
    assert (first.answer.state, first.end.state, second.end.state) == ("overdue", "overdue", "overdue")


def test_an_end_without_a_first_answer_is_both(store: Store, hang: str) -> None:
    ident = register.add(store, WHO, hang, "correction", received_on=FRIDAY)
    later(store, days=9)
    register.finish(store, WHO, ident, "đã sửa năm sinh")
    (one,) = listed(store)
    assert (one.state, one.outcome, one.next_due) == ("done", "đã sửa năm sinh", None)
    assert (one.answer.met_on, one.answer.state) == (date(2026, 12, 1), "late")
    assert (one.end.met_on, one.end.state) == (date(2026, 12, 1), "late")
    assert listed(store, open_only=True) == []
    with pytest.raises(InvalidFields):
        register.answer(store, WHO, ident)


def test_a_deletion_is_not_done_by_saying_so_but_may_be_refused(store: Store, hang: str) -> None:
    ident = register.add(store, WHO, hang, "deletion", received_on=FRIDAY)
    with pytest.raises(InvalidFields, match="gonha erase"):
        register.finish(store, WHO, ident, "đã xóa")
    with pytest.raises(InvalidFields):
        register.refuse(store, WHO, ident, " ")
    register.refuse(store, WHO, ident, "hồ sơ bệnh phải lưu 10 năm")
    assert listed(store)[0].state == "refused"


@pytest.mark.parametrize("on", [date(2026, 11, 19), date(2026, 11, 23)], ids=["before", "to come"])
def test_a_step_is_done_after_the_request_and_not_in_days_to_come(store: Store, hang: str, on: date) -> None:
    ident = register.add(store, WHO, hang, "access", received_on=FRIDAY)
    with pytest.raises(InvalidFields):
        register.answer(store, WHO, ident, on=on)
    register.answer(store, WHO, ident, on=FRIDAY)


def test_who_works_at_the_doors_notes_it_and_the_chief_alone_ends_it(store: Store, hang: str) -> None:
    store.role = "member"
    ident = register.add(store, WHO, hang, "withdrawal")
    for step in (
        lambda: register.answer(store, WHO, ident),
        lambda: register.finish(store, WHO, ident, "đã ngừng"),
        lambda: listed(store),
    ):
        with pytest.raises(NotOpened):
            step()
    store.role = "chief"
    register.cancel(store, WHO, ident, "bà đổi ý")
    assert [(one.state, one.received_on) for one in listed(store)] == [("cancelled", TODAY)]


def test_a_request_is_of_somebody_and_not_of_tomorrow(store: Store, hang: str) -> None:
    with pytest.raises(NotFound):
        register.add(store, WHO, "nobody", "access")
    with pytest.raises(InvalidFields):
        register.add(store, WHO, hang, "gossip")
    with pytest.raises(InvalidFields):
        register.add(store, WHO, hang, "access", received_on=date(2026, 11, 23))


def test_a_team_sees_on_the_card_what_is_asked_but_not_the_words(store: Store, hang: str) -> None:
    register.add(
        store, WHO, hang, "restriction", received_on=FRIDAY, wording="đừng kể ai", asked_by="con gái"
    )
    done = register.add(store, WHO, hang, "correction", received_on=FRIDAY)
    register.finish(store, WHO, done, "đã sửa")
    store.role = "member"
    with store.read() as c:
        (one,) = register.waiting_of(c, hang, TODAY)
    assert (one.kind, one.wording, one.asked_by) == ("restriction", "", "")
    store.role = "viewer"
    with store.read() as c, pytest.raises(NotOpened):
        register.waiting_of(c, hang, TODAY)
