"""A test noted outside a visit."""

from __future__ import annotations

import pytest
from door_to_door import TODAY, WHO, household, person, rows

from tui_app.errors import InvalidFields
from tui_app.records.visits import TestMethod, TestOutcome
from tui_app.services.cases import cases
from tui_app.services.people import people
from tui_app.services.visits.testing import record_test
from tui_app.store.engine import Store


def test_it_stands_by_itself_and_proposes_a_case(store: Store) -> None:
    who = person(store, household(store, "1 Lê Lợi"), "Lê Thị Hằng")
    record_test(store, WHO, who, TestMethod.PCR, TestOutcome.POSITIVE)
    found = rows(store, "SELECT person, visit, at, method, result, supervised_by FROM test_result")
    assert found == [
        {
            "person": who,
            "visit": None,
            "at": "2026-11-22T02:05:00.000Z",
            "method": "pcr",
            "result": "positive",
            "supervised_by": WHO,
        }
    ]
    with store.read() as c:
        assert [one.person for one in cases.suggested(c, TODAY)] == [who]


def test_nobody_who_is_gone_is_tested(store: Store) -> None:
    who = person(store, household(store, "1 Lê Lợi"), "Lê Thị Hằng")
    people.mark_moved(store, WHO, who, TODAY)
    with pytest.raises(InvalidFields):
        record_test(store, WHO, who, TestMethod.ANTIGEN, TestOutcome.NEGATIVE)
    assert rows(store, "SELECT 1 FROM test_result") == []
