"""The journal of access: what is noted, where it lies, how often, and that it is counted apart from work."""

from __future__ import annotations

from datetime import date

import pytest
from door_to_door import AREA_ID, WHO, family, household, later, person, rows

from sync import outbox
from sync.protocol import Row
from tui_app.services.access import access
from tui_app.services.exchange import journals
from tui_app.services.lists.exporting import records
from tui_app.services.people import finding
from tui_app.services.station.status import status
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows

NOTED = "SELECT who, what, record, detail, area FROM access_entry ORDER BY at, id"


def noted(store: Store) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows(store, NOTED)]


def test_the_same_look_at_a_card_is_noted_once(store: Store) -> None:
    _, (one, other) = family(store, count=2)
    access.note_opened(store, WHO, "person", one)
    later(store, minutes=9)
    access.note_opened(store, WHO, "person", one)
    assert noted(store) == [(WHO, "open", one, None, AREA_ID)]
    access.note_opened(store, WHO, "person", other)
    access.note_opened(store, "minh", "person", one)
    later(store, minutes=11)
    access.note_opened(store, WHO, "person", one)
    assert len(noted(store)) == 4, "another person, another user, another look"


def test_a_note_lies_in_the_unit_of_its_record_and_waits_for_the_server(store: Store) -> None:
    with store.write() as c:
        outbox.hold_area(c, "0190-area-2", "27211", "write")
        far = Row(
            type="person", id="far", commune="27211", area="0190-area-2", seq=3, body={"full_name": "A"}
        )
        RecordRows().upsert(c, [far])
    access.note_opened(store, WHO, "person", "far")
    assert noted(store) == [(WHO, "open", "far", None, "0190-area-2")]
    (op,) = rows(store, "SELECT area, type, base_seq FROM outbox")
    assert op == {"area": "0190-area-2", "type": "access_entry", "base_seq": 0}


def test_a_laptop_without_a_unit_has_nothing_to_note(store: Store) -> None:
    with store.write() as c:
        c.execute("DELETE FROM cursor")
    access.note_refused(store, WHO, "role")
    assert noted(store) == []


def test_the_status_line_counts_work_only(store: Store) -> None:
    _, (one,) = family(store, count=1)
    access.note_opened(store, WHO, "person", one)
    with store.read() as c:
        assert status(c).unsent == 3, "a household, a person, the head"
        assert journals.waiting(c) == (3, 1)


def test_notes_leave_in_an_export_only_by_their_name(store: Store) -> None:
    _, (one,) = family(store, count=1)
    access.note_opened(store, WHO, "person", one)
    with store.read() as c:
        assert {line["type"] for line in records(c)} == {"household", "person"}
        (line,) = records(c, "access_entry")
    assert (line["what"], line["record"], line["who"]) == ("open", one, WHO)


def test_the_journal_is_read_by_record_and_by_day(store: Store) -> None:
    _, (one, other) = family(store, count=2)
    access.note_opened(store, WHO, "person", one)
    access.note_opened(store, WHO, "person", other)
    later(store, days=1)
    access.unmasked(store, "minh", one)
    with store.read() as c:
        assert [(e.who, e.what, e.name) for e in access.entries(c, record=one)] == [
            ("minh", "unmask", "Nguyễn Văn Đức"),
            (WHO, "open", "Nguyễn Văn Đức"),
        ]
        assert [e.record for e in access.entries(c, day=date(2026, 11, 23))] == [one]
        assert len(access.entries(c)) == 3


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("079168001234", "national_id"),
        ("079 168 001 234", "national_id"),
        ("079168001234|024123456|Trần Thị Thủy|04031964|Nữ|12 Lê Lợi|01012022", "national_id"),
        ("024123456", "citizen_id_old"),
        ("7912345678", "insurance_number"),
        ("GD4797912345678", "insurance_number"),
        ("0903123456", ""),
        ("234", ""),
        ("Nguyễn Văn Đức", ""),
        ("đức 079168001234", ""),
        ("", ""),
    ],
)
def test_a_complete_identity_number_is_told_from_other_queries(typed: str, kind: str) -> None:
    assert finding.identity_kind(typed) == kind


def test_by_which_number_somebody_was_found(store: Store) -> None:
    door = household(store, "12 Lê Lợi")
    one = person(store, door, "Trần Thị Thủy", national_id="079168001234", phone="+84903123456")
    with store.read() as c:
        assert finding.matched_identity(c, one, "079168001234") == "national_id"
        assert finding.matched_identity(c, one, "1234") == "national_id"
        assert finding.matched_identity(c, one, "0903123456") == ""
        assert finding.matched_identity(c, "nobody", "1234") == ""


def test_a_search_by_identity_is_noted_without_the_number(store: Store) -> None:
    door = household(store, "12 Lê Lợi")
    one = person(store, door, "Trần Thị Thủy", national_id="079168001234")
    access.note_identity_search(store, WHO, "national_id")
    access.note_identity_search(store, WHO, "national_id")
    access.note_identity_search(store, WHO, "national_id", one)
    assert noted(store) == [
        (WHO, "search_identity", None, "national_id", AREA_ID),
        (WHO, "search_identity", one, "national_id", AREA_ID),
    ]
    assert not any(
        "079168001234" in str(value)
        for entry in rows(store, "SELECT * FROM access_entry")
        for value in entry.values()
    )


def test_the_journal_is_read_by_user_deed_and_days_and_that_is_noted(store: Store) -> None:
    _, (one,) = family(store, count=1)
    access.note_opened(store, WHO, "person", one)
    access.unmasked(store, "minh", one)
    later(store, days=2)
    access.note_opened(store, "minh", "person", one)
    days = {"first": date(2026, 11, 22), "last": date(2026, 11, 23)}
    with store.read() as c:
        assert [e.what for e in access.entries(c, access.Wanted(who="minh"))] == ["open", "unmask"]
        assert [e.who for e in access.entries(c, access.Wanted(what="open"))] == ["minh", WHO]
        assert [e.who for e in access.entries(c, access.Wanted(**days))] == ["minh", WHO]  # type: ignore[arg-type]
        assert access.entries(c, access.Wanted(first=date(2026, 11, 25))) == []
    access.note_journal_read(store, WHO)
    access.note_journal_read(store, WHO)
    with store.read() as c:
        newest, *_ = found = access.entries(c)
    assert (newest.who, newest.what, newest.record_type, newest.record) == (WHO, "open", "access_entry", "")
    assert len(found) == 4
