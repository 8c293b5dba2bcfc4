"""Deciding between values that met: real laptops, a real server, encrypted stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sync.protocol import Row
from tests.sync.ward import Laptop, Ward, agreed, calm
from tui_app.bootstrap import Workspace
from tui_app.clock import new_id
from tui_app.errors import InvalidFields, NotFound, NotOpened
from tui_app.i18n import set_language
from tui_app.services.exchange import questions, resolving
from tui_app.services.exchange.questions import Question
from tui_app.services.exchange.resolving import Undecidable
from tui_app.services.station import facts
from tui_app.settings import Places
from tui_app.store.rows import RecordRows


class Two:
    """Lan and Minh, each with a laptop, one household of one person, and what they typed apart."""

    def __init__(self, folder: Path) -> None:
        set_language("vi")
        self.ward = Ward(folder)
        self.lan, self.minh = self.ward.laptop("lan"), self.ward.laptop("minh")
        self.lan.sync()
        for laptop in (self.lan, self.minh):
            with laptop.store.write() as c:
                facts.put(c, facts.DEVICE, laptop.device)
        self.door = self.lan.create("household", address="12 Lê Lợi", phone="+84903000001", code="0712")
        self.who = self.lan.create("person", full_name="Lê Thị Hằng", household=self.door, birth_year=1955)
        calm(self.lan, self.minh)

    def differ(self, type_name: str, ident: str, field: str, mine: Any, theirs: Any) -> Question:
        """Lan gives ``mine``, Minh later ``theirs``; the question as Lan sees it."""
        self.lan.change(type_name, ident, **{field: mine})
        self.minh.change(type_name, ident, **{field: theirs})
        calm(self.lan, self.minh)
        return self.asked(self.lan)

    def asked(self, laptop: Laptop) -> Question:
        (found,) = all_questions(laptop)
        return found

    def everyone(self) -> None:
        """All sync until all have everything, and all hold the same."""
        calm(self.lan, self.minh)
        agreed(self.ward, self.lan, self.minh)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    made = Two(tmp_path)
    yield made
    made.ward.close()


def desk(laptop: Laptop) -> Workspace:
    opened: Any = SimpleNamespace(user=laptop.user, role="chief")
    return Workspace(Places(laptop.store.path.parent), opened, laptop.store, laptop.clock, new_id)


def all_questions(laptop: Laptop, **more: Any) -> list[Question]:
    with laptop.store.read() as c:
        return questions.questions(c, **more)


def values(question: Question) -> list[Any]:
    return [choice.value for choice in question.choices]


def body(laptop: Laptop, type_name: str, ident: str) -> dict[str, Any]:
    row = laptop.row(type_name, ident)
    assert row is not None
    return row.body


# ---- what is asked


def test_the_own_value_comes_first_on_each_laptop(two: Two) -> None:
    two.differ("person", two.who, "birth_year", 1956, 1957)
    for laptop, wanted in ((two.lan, [1956, 1957]), (two.minh, [1957, 1956])):
        asked = two.asked(laptop)
        assert values(asked) == wanted
        assert [choice.mine for choice in asked.choices] == [True, False]
        assert (asked.state, asked.field, asked.current) == ("open", "birth_year", 1956)
        assert (asked.whose.name, asked.here, asked.each) == ("Lê Thị Hằng", True, "ask")


def test_a_record_is_named_for_the_screen_and_coded_for_papers(two: Two) -> None:
    asked = two.differ("household", two.door, "phone", "+84903000002", "+84903000003")
    assert (asked.whose.name, asked.whose.code) == ("12 Lê Lợi", "0712")
    assert asked.words("+84903000002") == "0903 000 002"
    assert asked.words("+84903000002", hide=True) == "•••••••••002"


def test_values_are_shown_as_people_read_them(two: Two) -> None:
    cases: list[tuple[str, str, Any, str]] = [
        ("person", "birth_date", "1955-03-04", "04/03/1955"),
        ("person", "sex", "female", "Nữ"),
        ("person", "contraindicated", True, "Có"),
        ("person", "ethnicity", "01", "Kinh"),
        ("person", "died_on", None, "(trống)"),
        ("person", "deleted", True, "Xóa hồ sơ"),
        ("screening", "symptoms", ["fever", "cough"], "sốt, ho"),
        ("test_result", "at", "2026-11-22T02:05:00.000Z", "22/11/2026 09:05"),
        ("test_result", "ct_value", 21.5, "21,5"),
        ("weather_report", "wind", {"knots": 3}, '{"knots":3}'),
        ("person", "birth_date", 7, "7"),
    ]
    from tui_app.services.people.values import value_words

    for type_name, field, value, words in cases:
        assert value_words(type_name, field, value) == words, field


def test_a_restricted_condition_is_named_to_nobody_but_who_may_see_it(two: Two) -> None:
    from tui_app.services.people.values import value_words, whose

    held = two.lan.create("person_condition", person=two.who, condition="hiv")
    with two.lan.store.read() as c:
        assert whose(c, [("person_condition", held)])["person_condition", held].detail == ""
        chief = whose(c, [("person_condition", held)], restricted=True)["person_condition", held]
        assert (chief.name, chief.detail) == ("Lê Thị Hằng", "HIV/AIDS")
    assert "HIV" not in value_words("person_condition", "condition", "hiv", restricted=False)
    assert "HIV" not in value_words("person_condition", "note", "HIV từ 2015", restricted=False)
    assert value_words("person_condition", "note", "HIV từ 2015", restricted=True) == "HIV từ 2015"
    assert value_words("person_condition", "note", "từ 2015", restricted=False) == "từ 2015"


# ---- deciding


def test_their_value_is_taken_offline_and_reaches_everybody(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    resolving.take(desk(two.lan), asked.id, 1)
    assert body(two.lan, "person", two.who)["birth_year"] == 1957
    assert two.asked(two.lan).state == "resolved"
    assert two.lan.counts()["new"] == 2, "the decision, then the record"
    two.everyone()
    assert two.ward.server_body("person", two.who)["birth_year"] == 1957
    assert (two.asked(two.minh).state, two.asked(two.minh).chosen) == ("resolved", 1957)
    assert all_questions(two.minh, resolved=False) == []


def test_the_value_that_is_shown_already_needs_the_decision_only(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    resolving.take(desk(two.lan), asked.id, 0)
    assert two.lan.counts()["new"] == 1
    two.everyone()
    assert body(two.minh, "person", two.who)["birth_year"] == 1956


def test_a_decision_is_taken_back_before_and_after_it_was_sent(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    for sent in (False, True):
        resolving.take(desk(two.lan), asked.id, 1)
        if sent:
            two.everyone()
        resolving.undo(desk(two.lan), asked.id)
        assert body(two.lan, "person", two.who)["birth_year"] == 1956
        two.everyone()
        again = two.asked(two.minh)
        assert (again.state, again.chosen, sorted(values(again))) == ("open", None, [1956, 1957])
        assert body(two.minh, "person", two.who)["birth_year"] == 1956


def test_what_changed_since_a_decision_stays_when_it_is_taken_back(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    resolving.take(desk(two.lan), asked.id, 1)
    two.lan.change("person", two.who, birth_year=1958)
    resolving.undo(desk(two.lan), asked.id)
    assert body(two.lan, "person", two.who)["birth_year"] == 1958
    two.everyone()
    assert 1958 in values(two.asked(two.minh)) or body(two.minh, "person", two.who)["birth_year"] == 1958


def test_another_laptop_s_decision_is_asked_again_and_leaves_the_record(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    resolving.take(desk(two.minh), asked.id, 0)
    two.everyone()
    resolving.undo(desk(two.lan), asked.id)
    two.everyone()
    assert (two.asked(two.minh).state, body(two.minh, "person", two.who)["birth_year"]) == ("open", 1957)


def test_two_who_decide_differently_offline_leave_it_open_with_both(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    resolving.take(desk(two.lan), asked.id, 0)
    theirs = next(place for place, one in enumerate(two.asked(two.minh).choices) if one.mine)
    resolving.take(desk(two.minh), asked.id, theirs)
    two.everyone()
    for laptop in (two.lan, two.minh):
        again = two.asked(laptop)
        assert (again.state, again.chosen, sorted(values(again))) == ("open", None, [1956, 1957])
    resolving.take(desk(two.minh), asked.id, 0)
    two.everyone()
    assert two.asked(two.lan).state == "resolved"


def test_an_empty_value_is_a_choice_that_can_clash_too(two: Two) -> None:
    two.lan.change("person", two.who, died_on="2026-11-20")
    calm(two.lan, two.minh)
    asked = two.differ("person", two.who, "died_on", None, "2026-11-21")
    assert values(asked) == [None, "2026-11-21"]
    resolving.take(desk(two.lan), asked.id, 0)
    resolving.take(desk(two.minh), asked.id, 0)
    two.everyone()
    again = two.asked(two.lan)
    assert (again.state, values(again)) == ("open", [None, "2026-11-21"]), "neither is lost"


def test_two_who_decide_alike_agree(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    resolving.take(desk(two.lan), asked.id, 1)
    resolving.take(desk(two.minh), asked.id, 0)
    two.everyone()
    assert (two.asked(two.lan).state, two.asked(two.lan).chosen) == ("resolved", 1957)


def test_a_third_value_is_one_more_choice(two: Two) -> None:
    hoa = two.ward.laptop("hoa")
    hoa.sync()
    hoa.change("person", two.who, birth_year=1958)
    two.differ("person", two.who, "birth_year", 1956, 1957)
    hoa.sync()
    calm(two.lan, two.minh)
    asked = two.asked(two.lan)
    assert values(asked) == [1956, 1958, 1957], "the own one, then as they were given"
    resolving.take(desk(two.lan), asked.id, 1)
    two.everyone()
    assert body(two.minh, "person", two.who)["birth_year"] == 1958


def test_a_value_nobody_gave_is_checked_first(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    with pytest.raises(InvalidFields):
        resolving.give(desk(two.lan), asked.id, "năm con gà")
    assert two.lan.counts()["new"] == 0
    resolving.give(desk(two.lan), asked.id, 1954)
    two.everyone()
    assert (body(two.minh, "person", two.who)["birth_year"], two.asked(two.minh).chosen) == (1954, 1954)


def test_what_is_decided_is_not_decided_twice_by_mistake(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    resolving.take(desk(two.lan), asked.id, 1)
    with pytest.raises(Undecidable, match="Ctrl"):
        resolving.take(desk(two.lan), asked.id, 0)
    with pytest.raises(NotFound):
        resolving.take(desk(two.lan), "no-such-conflict", 0)
    resolving.undo(desk(two.lan), asked.id)
    with pytest.raises(NotFound, match="2 giá trị"):
        resolving.take(desk(two.lan), asked.id, 2)
    with pytest.raises(Undecidable):
        resolving.undo(desk(two.lan), asked.id)


# ---- keeping every value


def test_two_texts_are_joined(two: Two) -> None:
    two.differ("household", two.door, "note", "chó dữ", "cổng sau")
    asked = two.asked(two.lan)
    assert (asked.state, asked.each) == ("settled", "join")
    resolving.take_each(desk(two.lan), asked.id)
    two.everyone()
    assert body(two.minh, "household", two.door)["note"] == "chó dữ; cổng sau"
    resolving.undo(desk(two.lan), asked.id)
    two.everyone()
    assert body(two.minh, "household", two.door)["note"] == "cổng sau"


def test_joined_texts_that_do_not_fit_are_refused_and_none_is_cut(two: Two) -> None:
    asked = two.differ("household", two.door, "note", "a" * 300, "b" * 300)
    with pytest.raises(Undecidable, match="602"):
        resolving.take_each(desk(two.lan), asked.id)
    assert body(two.lan, "household", two.door)["note"] == "b" * 300


def test_a_second_telephone_number_goes_to_the_note(two: Two) -> None:
    two.lan.change("household", two.door, note="chó dữ")
    calm(two.lan, two.minh)
    asked = two.differ("household", two.door, "phone", "+84903000002", "+84903000003")
    resolving.take_each(desk(two.lan), asked.id)
    two.everyone()
    held = body(two.minh, "household", two.door)
    assert held["phone"] == "+84903000003"
    assert held["note"] == "chó dữ; Điện thoại: 0903 000 002"


def test_a_birth_year_cannot_be_two_so_the_question_goes_to_the_note(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    with pytest.raises(Undecidable, match="Năm sinh"):
        resolving.take_each(desk(two.lan), asked.id)
    resolving.ask_later(desk(two.lan), asked.id, "xem sổ hộ khẩu")
    two.everyone()
    assert body(two.minh, "person", two.who)["note"] == "Cần hỏi lại Năm sinh: xem sổ hộ khẩu"
    assert two.asked(two.minh).state == "open"


# ---- merged by themselves


def test_a_settled_field_is_swapped_to_and_fro_and_stays_listed(two: Two) -> None:
    asked = two.differ("household", two.door, "phone", "+84903000002", "+84903000003")
    assert (asked.state, asked.current) == ("settled", "+84903000003")
    for wanted in ("+84903000002", "+84903000003"):
        resolving.swap(desk(two.lan), asked.id)
        two.everyone()
        assert body(two.minh, "household", two.door)["phone"] == wanted
        assert (two.asked(two.minh).state, len(two.asked(two.minh).choices)) == ("settled", 2)


def test_only_a_settled_field_is_swapped(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    with pytest.raises(Undecidable):
        resolving.swap(desk(two.lan), asked.id)


# ---- deleted, append-only, unknown


def deleted_and_edited(two: Two) -> Question:
    two.minh.change("person", two.who, birth_year=1957)
    two.minh.sync()
    two.lan.delete("person", two.who, "ghi trùng")
    calm(two.lan, two.minh)
    return two.asked(two.lan)


def test_deleting_what_was_edited_is_a_question_of_keep_or_delete(two: Two) -> None:
    asked = deleted_and_edited(two)
    assert (asked.field, asked.each, asked.current) == ("deleted", "", False)
    assert [(one.value, one.reason) for one in asked.choices] == [(True, "ghi trùng"), (False, "")]
    resolving.take(desk(two.lan), asked.id, 0)
    two.everyone()
    row = two.minh.row("person", two.who)
    assert row is not None
    assert row.deleted
    assert row.body["deleted_reason"] == "ghi trùng"
    resolving.undo(desk(two.lan), asked.id)
    two.everyone()
    row = two.minh.row("person", two.who)
    assert row is not None
    assert not row.deleted
    assert "deleted_reason" not in row.body


def test_a_record_is_kept(two: Two) -> None:
    asked = deleted_and_edited(two)
    resolving.take(desk(two.lan), asked.id, 1)
    two.everyone()
    row = two.minh.row("person", two.who)
    assert row is not None
    assert not row.deleted


def test_a_row_that_is_made_once_gets_the_decided_value(two: Two) -> None:
    given = {"person": two.who, "at": "2026-11-22T02:00:00.000Z", "method": "antigen"}
    ident = new_id()
    two.lan.create("test_result", ident=ident, **given, result="negative")
    two.minh.create("test_result", ident=ident, **given, result="positive", note="mờ")
    calm(two.lan, two.minh)
    by_field = {one.field: one for one in all_questions(two.lan)}
    assert sorted(by_field) == ["note", "result"]
    theirs = {
        name: values(one).index({"result": "positive", "note": "mờ"}[name]) for name, one in by_field.items()
    }
    for name, one in by_field.items():
        resolving.take(desk(two.lan), one.id, theirs[name])
    two.everyone()
    held = body(two.minh, "test_result", ident)
    assert (held["result"], held["note"]) == ("positive", "mờ")
    assert {one.state for one in all_questions(two.minh)} == {"resolved"}


def conflict_row(two: Two, type_name: str, record: str, field: str, *given: Any) -> str:
    """A conflict as a newer server might send it."""
    place = two.lan.area()
    listed = [
        {"value": value, "who": "minh", "device": "d", "at": "2026-11-22T02:00:00.000Z", "op": f"o{number}"}
        for number, value in enumerate(given)
    ]
    body = {"record_type": type_name, "record": record, "field": field, "state": "open", "values": listed}
    row = Row(type="conflict", id="c1", commune=place.commune, area=place.area, seq=9, body=body)
    with two.lan.store.write() as c:
        RecordRows().upsert(c, [row])
    return row.id


def test_a_type_this_version_does_not_know_is_decided_among_what_is_listed(two: Two) -> None:
    place = two.lan.area()
    later = Row(type="vitals", id="v1", commune=place.commune, area=place.area, seq=8, body={"spo2": 95})
    with two.lan.store.write() as c:
        RecordRows().upsert(c, [later])
    ident = conflict_row(two, "vitals", "v1", "spo2", 95, 91)
    asked = two.asked(two.lan)
    assert (asked.here, asked.each, asked.words(91)) == (True, "", "91")
    with pytest.raises(Undecidable):
        resolving.give(desk(two.lan), ident, 93)
    resolving.take(desk(two.lan), ident, 1)
    with two.lan.store.read() as c:
        assert RecordRows().read(c, "vitals", ["v1"])["v1"].body == {"spo2": 91}


def test_a_field_this_version_does_not_know_is_decided_and_kept(two: Two) -> None:
    ident = conflict_row(two, "person", two.who, "blood_group", "A", "0")
    resolving.take(desk(two.lan), ident, 1)
    assert body(two.lan, "person", two.who)["blood_group"] == "0"


def test_a_record_that_is_not_here_is_shown_and_not_decided(two: Two) -> None:
    ident = conflict_row(two, "person", "elsewhere", "birth_year", 1955, 1956)
    asked = two.asked(two.lan)
    assert (asked.here, asked.whose.name, asked.each) == (False, "", "")
    with pytest.raises(Undecidable, match="Không mất gì"):
        resolving.take(desk(two.lan), ident, 0)
    assert two.lan.counts()["new"] == 0


def test_questions_of_a_unit_without_a_lease_are_not_shown_and_not_decided(two: Two) -> None:
    asked = two.differ("person", two.who, "birth_year", 1956, 1957)
    two.ward.clock.now += timedelta(days=20)
    assert all_questions(two.lan) == []
    with pytest.raises(NotOpened):
        resolving.take(desk(two.lan), asked.id, 0)
    two.lan.sync()
    assert two.asked(two.lan).id == asked.id
