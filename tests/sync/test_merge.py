"""The merge rule, rule by rule. Values and outcomes are written by hand from the design of sync."""

from __future__ import annotations

from typing import Any
from uuid import uuid5

import pytest

from sync.conflicts import CONFLICT, CONFLICT_TYPE, NAMES, conflict_id
from sync.merge import merge
from sync.protocol import Op
from sync.record import same
from sync.registry import RecordType
from tests.sync.merging import AREA, PERSON, TEST, Table


@pytest.fixture
def person() -> Table:
    table = Table()
    out = table.do("d0", "08:00", 0, phone=(None, "1"), sex=(None, "unknown"))
    assert out.result == "applied"
    return table


# ---- rule 1


def test_a_change_of_what_the_server_has_is_set(person: Table) -> None:
    assert person.do("d1", "09:00", phone=("1", "2")).result == "applied"
    assert person.body == {"phone": "2", "sex": "unknown"}
    assert person.conflicts == {}


def test_two_people_typing_the_same_is_no_conflict(person: Table) -> None:
    person.do("d1", "09:00", sex=("unknown", "female"))
    assert person.do("d2", "09:05", 1, sex=("unknown", "female")).result == "applied"
    assert person.conflicts == {}


def test_different_fields_of_one_record_do_not_meet(person: Table) -> None:
    person.do("d1", "09:00", phone=("1", "2"))
    assert person.do("d2", "09:01", 1, sex=("unknown", "male")).result == "applied"
    assert person.body == {"phone": "2", "sex": "male"}


def test_a_cleared_field_leaves_the_body_and_can_be_filled_again(person: Table) -> None:
    person.do("d1", "09:00", phone=("1", None))
    assert person.body == {"sex": "unknown"}
    assert person.do("d2", "10:00", phone=(None, "3")).result == "applied"
    assert person.body["phone"] == "3"


def test_nothing_passed_in_is_changed(person: Table) -> None:
    before = person.record
    assert before is not None
    body, marks = dict(before.body), dict(before.marks)
    person.do("d1", "09:00", phone=("1", "2"), deleted=(False, True))
    assert (before.body, before.marks, before.deleted) == (body, marks, False)


# ---- rule 3: plain


def test_plain_the_later_time_shows_and_the_other_is_listed_settled(person: Table) -> None:
    person.do("d1", "09:00", phone=("1", "2"))
    out = person.do("d2", "09:30", 1, phone=("1", "3"))
    assert (out.result, out.field) == ("merged", "phone")
    assert person.body["phone"] == "3"
    assert (person.state("phone"), person.listed("phone")) == ("settled", ["2", "3"])


def test_plain_a_late_arrival_that_was_typed_earlier_does_not_show(person: Table) -> None:
    person.do("d2", "09:30", phone=("1", "3"))
    assert person.do("d1", "09:00", 1, phone=("1", "2")).result == "merged"
    assert person.body["phone"] == "3"
    assert person.listed("phone") == ["2", "3"]


def test_a_conflict_row_names_who_when_and_which_laptop(person: Table) -> None:
    person.do("d1", "09:00", phone=("1", "2"))
    person.do("d2", "09:30", 1, phone=("1", "3"))
    row = person.conflicts["phone"]
    assert row.id == conflict_id("person", "r1", "phone")
    assert row.body == {
        "record_type": "person",
        "record": "r1",
        "field": "phone",
        "state": "settled",
        "values": [
            {"value": "2", "who": "user of d1", "device": "d1", "at": "09:00", "op": "d1-0900"},
            {"value": "3", "who": "user of d2", "device": "d2", "at": "09:30", "op": "d2-0930"},
        ],
    }


def test_a_settled_value_is_swapped_back_by_an_ordinary_op_and_both_stay_listed(person: Table) -> None:
    person.do("d1", "09:00", phone=("1", "2"))
    person.do("d2", "09:30", 1, phone=("1", "3"))
    assert person.do("d1", "10:00", phone=("3", "2")).result == "applied"
    assert person.body["phone"] == "2"
    assert person.listed("phone") == ["2", "3"]


def test_the_id_of_a_conflict_row_is_a_name_based_uuid() -> None:
    for place in range(50):
        assert conflict_id("person", f"r{place}", "phone") == str(uuid5(NAMES, f"person|r{place}|phone"))


# ---- rule 4: clinical


def test_clinical_the_row_stays_and_both_are_listed_open(person: Table) -> None:
    person.do("d1", "09:00", sex=("unknown", "male"))
    out = person.do("d2", "23:00", 1, sex=("unknown", "female"))
    assert (out.result, out.field, out.record) == ("conflict", "sex", None)
    assert person.body["sex"] == "male"
    assert (person.state("sex"), person.listed("sex")) == ("open", ["male", "female"])


def test_a_field_nobody_here_knows_is_kept_and_never_decided_by_a_machine(person: Table) -> None:
    person.do("d1", "09:00", blood_group=(None, "A"))
    assert person.body["blood_group"] == "A"
    assert person.do("d2", "09:01", 1, blood_group=(None, "B")).result == "conflict"
    assert person.body["blood_group"] == "A"


def test_a_third_value_joins_the_open_conflict(person: Table) -> None:
    person.do("d1", "09:00", note=(None, "x"), sex=("unknown", "male"))
    person.do("d2", "09:01", 1, sex=("unknown", "female"))
    person.do("d3", "09:02", 1, sex=("unknown", None))
    assert person.listed("sex") == ["male", "female", None]


# ---- rule 2


def test_a_laptop_that_goes_on_from_its_own_candidate_moves_that_candidate(person: Table) -> None:
    person.do("d1", "09:00", sex=("unknown", "male"))
    person.do("d2", "09:01", 1, sex=("unknown", "femal"))
    assert person.do("d2", "09:02", 1, sex=("femal", "female")).result == "conflict"
    assert person.body["sex"] == "male"
    assert person.listed("sex") == ["male", "female"]


def test_the_shown_candidate_moves_with_the_row(person: Table) -> None:
    person.do("d1", "09:00", sex=("unknown", "mal"))
    person.do("d2", "09:01", 1, sex=("unknown", "female"))
    assert person.do("d1", "09:02", 1, sex=("mal", "male")).result == "applied"
    assert person.body["sex"] == "male"
    assert (person.state("sex"), person.listed("sex")) == ("open", ["female", "male"])


# ---- decisions


def disputed(person: Table) -> Table:
    person.do("d1", "09:00", sex=("unknown", "male"))
    person.do("d2", "09:01", 1, sex=("unknown", "female"))
    return person


def test_a_decision_is_an_op_on_the_conflict_and_one_on_the_field(person: Table) -> None:
    disputed(person)
    out = person.decide("sex", "d3", "10:00", state=("open", "resolved"), chosen=(None, "female"))
    assert out.result == "applied"
    assert person.do("d3", "10:00", sex=("male", "female")).result == "applied"
    assert person.body["sex"] == "female"
    assert (person.state("sex"), person.listed("sex")) == ("resolved", ["male", "female"])
    assert person.conflicts["sex"].body["chosen"] == "female"


def test_two_who_decide_differently_at_once_leave_it_open(person: Table) -> None:
    disputed(person)
    seen = person.seq
    decision = {"state": ("open", "resolved")}
    person.decide("sex", "d3", "10:00", seen, **decision, chosen=(None, "male"))
    out = person.decide("sex", "d4", "10:01", seen, **decision, chosen=(None, "female"))
    assert out.result == "conflict"
    assert person.state("sex") == "open"
    assert "chosen" not in person.conflicts["sex"].body
    assert set(person.listed("sex")) == {"male", "female"}


def test_two_who_decide_alike_at_once_agree(person: Table) -> None:
    disputed(person)
    seen = person.seq
    for device in ("d3", "d4"):
        change = {"state": ("open", "resolved"), "chosen": (None, "male")}
        assert person.decide("sex", device, "10:00", seen, **change).result == "applied"
    assert person.state("sex") == "resolved"


def test_a_decision_made_before_the_list_was_complete_does_not_close_it(person: Table) -> None:
    disputed(person)
    seen = person.seq
    person.do("d5", "09:30", 1, sex=("unknown", None))
    out = person.decide("sex", "d3", "10:00", seen, state=("open", "resolved"), chosen=(None, "other"))
    assert out.result == "conflict"
    assert person.state("sex") == "open"
    assert person.listed("sex") == ["male", "female", None, "other"]


def test_a_new_question_after_a_decision_keeps_the_old_answers_on_record(person: Table) -> None:
    disputed(person)
    person.decide("sex", "d3", "10:00", state=("open", "resolved"), chosen=(None, "male"))
    assert person.do("d6", "11:00", 1, sex=("unknown", "x")).result == "conflict"
    body = person.conflicts["sex"].body
    assert body["state"] == "open"
    assert [v["value"] for v in body["values"]] == ["male", "x"]
    assert [v["value"] for v in body["past"]] == ["male", "female"]
    assert "chosen" not in body


@pytest.mark.parametrize("field", ["values", "record", "past", "deleted", "note"])
def test_a_laptop_writes_nothing_but_the_decision_into_a_conflict(person: Table, field: str) -> None:
    disputed(person)
    out = person.decide("sex", "d3", "10:00", **{field: (None, True)})
    assert (out.result, out.reason, out.field) == ("rejected", "reserved-field", field)


# ---- append-only


def test_append_only_the_same_again_is_a_duplicate_and_other_content_a_conflict() -> None:
    table = Table(TEST)
    assert table.do("d1", "09:00", 0, result=(None, "positive"), method=(None, "pcr")).result == "applied"
    same_again = table.do("d2", "09:01", 0, result=(None, "positive"), method=(None, "pcr"))
    assert (same_again.result, same_again.record, same_again.conflicts) == ("duplicate", None, {})
    assert table.do("d2", "09:02", 0, result=(None, "negative"), method=(None, "pcr")).result == "conflict"
    assert table.body == {"result": "positive", "method": "pcr"}
    assert table.listed("result") == ["positive", "negative"]


def test_append_only_content_that_lacks_a_field_is_other_content() -> None:
    table = Table(TEST)
    table.do("d1", "09:00", 0, result=(None, "positive"), method=(None, "pcr"))
    assert table.do("d2", "09:01", 0, result=(None, "positive")).result == "conflict"
    assert table.listed("method") == ["pcr", None]


def test_append_only_what_the_server_added_alone_is_no_other_content() -> None:
    """A laptop gives a restored server back what it knew of a record that was sent again by then."""
    table = Table(TEST)
    table.do("d1", "09:00", 0, result=(None, "positive"), method=(None, "pcr"))
    out = table.do("d1", "09:05", 0, clock_wrong=(None, True))
    assert (out.result, out.conflicts) == ("duplicate", {})
    assert table.body == {"result": "positive", "method": "pcr", "clock_wrong": True}


def test_append_only_an_edit_in_place_becomes_a_question() -> None:
    table = Table(TEST)
    table.do("d1", "09:00", 0, result=(None, "positive"))
    assert table.do("d1", "09:05", result=("positive", "negative")).result == "conflict"
    assert table.body == {"result": "positive"}
    table.decide("result", "d2", "10:00", state=("open", "resolved"), chosen=(None, "negative"))
    assert table.do("d2", "10:00", result=("positive", "negative")).result == "applied"
    assert table.body == {"result": "negative"}


def test_append_only_may_be_taken_back_as_a_whole() -> None:
    table = Table(TEST)
    table.do("d1", "09:00", 0, result=(None, "positive"))
    out = table.do("d1", "09:05", deleted=(False, True), deleted_reason=(None, "wrong person"))
    assert out.result == "applied"
    assert table.record is not None
    assert table.record.deleted
    assert table.body == {"result": "positive", "deleted_reason": "wrong person"}


# ---- deleting


def test_a_deletion_is_a_change_with_a_reason_and_keeps_the_values(person: Table) -> None:
    out = person.do("d1", "09:00", deleted=(False, True), deleted_reason=(None, "entered twice"))
    assert out.result == "applied"
    assert person.record is not None
    assert person.record.deleted
    assert person.body == {"phone": "1", "sex": "unknown", "deleted_reason": "entered twice"}
    assert person.do("d2", "10:00", deleted=(True, False)).result == "applied"
    assert not person.record.deleted


def test_deleting_what_another_edited_since_is_a_question_and_the_record_stays(person: Table) -> None:
    person.do("d2", "09:00", phone=("1", "2"))
    out = person.do("d1", "09:30", 1, deleted=(False, True), deleted_reason=(None, "moved"))
    assert (out.result, out.field) == ("conflict", "deleted")
    assert person.record is not None
    assert not person.record.deleted
    assert "deleted_reason" not in person.body
    assert person.conflicts["deleted"].body["values"] == [
        {"value": False, "who": "user of d2", "device": "d2", "at": "09:00", "op": "d2-0900"},
        {
            "value": True,
            "who": "user of d1",
            "device": "d1",
            "at": "09:30",
            "op": "d1-0930",
            "reason": "moved",
        },
    ]


def test_a_laptop_may_delete_what_it_edited_itself_a_moment_before(person: Table) -> None:
    person.do("d1", "09:00", 1, phone=("1", "2"))
    assert person.do("d1", "09:01", 1, deleted=(False, True)).result == "applied"


def test_an_edit_of_what_another_deleted_keeps_the_value_and_asks(person: Table) -> None:
    person.do("d1", "09:00", deleted=(False, True))
    out = person.do("d2", "09:30", 1, phone=("1", "2"))
    assert (out.result, out.field) == ("conflict", "deleted")
    assert person.record is not None
    assert person.record.deleted
    assert person.body["phone"] == "2"
    assert person.listed("deleted") == [True, False]


def test_an_edit_that_has_seen_the_deletion_is_ordinary(person: Table) -> None:
    person.do("d1", "09:00", deleted=(False, True))
    assert person.do("d2", "09:30", note=(None, "found the double")).result == "applied"
    assert person.conflicts == {}


def test_two_deletions_agree(person: Table) -> None:
    person.do("d1", "09:00", 1, deleted=(False, True))
    assert person.do("d2", "09:30", 1, deleted=(False, True)).result == "applied"
    assert person.conflicts == {}


# ---- refusals


def refused(kind: RecordType | None, type: str = "person", **given: Any) -> tuple[str, str, str]:
    fields: dict[str, Any] = {
        "id": "o1",
        "device": "d1",
        "n": 1,
        "commune": "27211",
        "area": "a",
        "type": type,
        "record": "r1",
        "at": "09:00",
        "who": "lan",
        "set": {"phone": (None, "1")},
    }
    out = merge(Op(**(fields | given)), None, {}, kind, at="09:00", seq=1)
    assert out.record is None
    assert out.conflicts == {}
    return out.result, out.reason, out.field


def test_what_may_not_be_applied_says_why() -> None:
    assert refused(None) == ("rejected", "unknown-type", "")
    assert refused(AREA, "area", set={"unit_name": (None, "x")}) == ("rejected", "server-written", "")
    assert refused(PERSON, set={}) == ("rejected", "empty", "")
    assert refused(PERSON, record="a b") == ("rejected", "bad-id", "")
    assert refused(PERSON, id="x" * 65) == ("rejected", "bad-id", "")
    assert refused(PERSON, set={"Phone": (None, 1)}) == ("rejected", "bad-field", "")
    assert refused(PERSON, set={"area": ("a", "b")}) == ("rejected", "reserved-field", "area")
    assert refused(PERSON, set={"deleted": (False, "yes")}) == ("rejected", "bad-value", "deleted")


def test_an_edit_without_its_create_is_held_and_makes_no_half_record() -> None:
    assert refused(PERSON, set={"phone": ("1", "2")}) == ("held", "unknown-record", "")
    assert refused(PERSON, base_seq=4) == ("held", "unknown-record", "")
    assert refused(PERSON, set={"deleted": (False, True)}) == ("held", "unknown-record", "")
    conflict = {"state": ("open", "resolved")}
    assert refused(CONFLICT_TYPE, CONFLICT, set=conflict) == ("held", "unknown-record", "")


def test_an_op_on_a_record_that_moved_away_is_held(person: Table) -> None:
    assert person.record is not None
    person.record.gone = "moved"
    out = person.do("d1", "09:00", phone=("1", "2"))
    assert (out.result, out.reason) == ("held", "moved")


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        (None, False, False),
        ("", None, False),
        ([1, [2]], [1, [2.0]], True),
        ([1], [True], False),
        ({"a": 1, "b": None}, {"b": None, "a": 1}, True),
        ({"a": 1}, {"a": 1, "b": None}, False),
        (["a", "b"], ["b", "a"], False),
    ],
)
def test_values_compare_as_json_values(a: Any, b: Any, equal: bool) -> None:
    assert same(a, b) is equal
    assert same(b, a) is equal
