"""The lease of a unit and the role of its user: what cannot be opened, what goes on, and what opens it again.

Fourteen days, a warning from three days on: the contract of sync (sync.md, "Scope change") and its protocol.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from door_to_door import AREA_ID, TODAY, WHO, family, household, later, rows, sheet_of
from laptop_alone import area_id, laptop

from sync import outbox
from sync.protocol import Row
from tui_app.bootstrap import Workspace
from tui_app.clock import pinned_clock, to_wire
from tui_app.errors import NotOpened
from tui_app.services.access import access, gate, lease
from tui_app.services.access.lease import LeaseState
from tui_app.services.lists import exporting
from tui_app.services.people import cards, doors, finding, people
from tui_app.services.station import drafts
from tui_app.services.station.status import status
from tui_app.services.visits import visits
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows

FAR = "0190-area-2"


def met(store: Store, *areas: str, lease_days: int = 14) -> None:
    """The server answers now."""
    with store.write() as c:
        for area in areas:
            outbox.hold_area(c, area, "27211", "write", to_wire(store.clock()))
        lease.answered(c, lease_days)


def state(store: Store, area: str = AREA_ID) -> tuple[LeaseState, int]:
    with store.read() as c:
        return next((one.state, one.days_left) for one in lease.leases(c) if one.area == area)


def set_back(store: Store, **delta: float) -> datetime:
    moment = store.clock() - timedelta(**delta)
    store.clock = pinned_clock(moment)
    return moment


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (0, (LeaseState.FINE, 14)),
        (10.9, (LeaseState.FINE, 4)),
        (11, (LeaseState.ENDING, 3)),
        (13.99, (LeaseState.ENDING, 1)),
        (14, (LeaseState.ENDED, 0)),
        (400, (LeaseState.ENDED, 0)),
    ],
)
def test_a_lease_is_fine_then_ending_then_ended(
    store: Store, days: float, expected: tuple[LeaseState, int]
) -> None:
    met(store, AREA_ID)
    later(store, days=days)
    assert state(store) == expected


def test_the_server_says_how_long_a_lease_is(store: Store) -> None:
    met(store, AREA_ID, lease_days=2)
    later(store, days=2)
    assert state(store) == (LeaseState.ENDED, 0)


def test_a_unit_that_never_met_a_server_has_no_lease(store: Store) -> None:
    family(store)
    later(store, days=1000)
    with store.read() as c:
        assert lease.leases(c) == []
        assert gate.closed(c) == frozenset()
        assert len(doors.doors(c, TODAY)) == 1


@pytest.fixture
def two(store: Store) -> Store:
    """Two units, each with a family of two and one lease; that of the first then ends, that of the second not."""
    with store.write() as c:
        name = {"unit_name": "Khu phố 2"}
        RecordRows().upsert(c, [Row(type="area", id=FAR, commune="27211", area=FAR, seq=1, body=name)])
        outbox.hold_area(c, FAR, "27211", "write")
    family(store, count=2)
    far = people.save_household(store, WHO, {"address": "7 Hàn Hải Nguyên"}, area=FAR)
    people.save_person(store, WHO, {"full_name": "Nguyễn Thị Xa"}, household=far)
    met(store, AREA_ID, FAR)
    later(store, days=10)
    met(store, FAR)
    later(store, days=5)
    return store


def first_of(store: Store, area: str) -> tuple[str, str]:
    (door,) = rows(store, "SELECT id FROM household WHERE area = ?", area)
    return door["id"], rows(store, "SELECT id FROM person WHERE household = ?", door["id"])[0]["id"]


def test_nobody_of_a_locked_unit_can_be_opened(two: Store) -> None:
    door, one = first_of(two, AREA_ID)
    with two.read() as c:
        for read in (
            lambda: cards.person_card(c, one, TODAY),
            lambda: cards.household_card(c, door, TODAY),
            lambda: people.person_fields(c, one),
            lambda: people.household_fields(c, door),
            lambda: visits.visit_sheet(c, door, TODAY),
        ):
            with pytest.raises(NotOpened) as refused:
                read()
            assert (refused.value.reason, refused.value.params["unit"]) == ("lease", "Khu phố 1")
            assert "F7" in str(refused.value)
    with pytest.raises(NotOpened):
        access.unmasked(two, WHO, one)


def test_the_other_unit_stays_open(two: Store) -> None:
    door, one = first_of(two, FAR)
    with two.read() as c:
        assert cards.person_card(c, one, TODAY).fields["full_name"] == "Nguyễn Thị Xa"
        assert [line.household for line in doors.doors(c, TODAY)] == [door]


def test_lists_say_what_is_locked_and_how_much(two: Store) -> None:
    with two.read() as c:
        assert gate.shut(c).units == (gate.LockedUnit(AREA_ID, "Khu phố 1", 1, 2),)
        found = finding.search(c, "thị")
        assert [hit.title for hit in found.hits] == ["Nguyễn Thị Xa"]
        assert found.locked == 1, "Trần Thị Thủy"
        assert status(c).locked_units == 1


def test_what_is_typed_stays_and_is_sent(two: Store) -> None:
    door, _ = first_of(two, AREA_ID)
    drafts.keep(two, WHO, f"visit:{door}", "visit", {"lines": []})
    before = rows(two, "SELECT count(*) AS n FROM outbox")[0]["n"]
    visits.record_outcome(two, WHO, door, visits.VisitOutcome.ABSENT)
    with two.read() as c:
        assert outbox.waiting_count(c) == before + 1
        assert len(outbox.waiting(c, "d", 100, 1 << 20)) == before + 1


def test_the_next_answer_opens_it_again(two: Store) -> None:
    _, one = first_of(two, AREA_ID)
    met(two, AREA_ID, FAR)
    with two.read() as c:
        assert cards.person_card(c, one, TODAY).fields["full_name"]
        assert gate.locked(c) == []


def test_a_unit_that_the_server_no_longer_grants_is_not_renewed(two: Store) -> None:
    met(two, FAR)
    assert state(two) == (LeaseState.ENDED, 0)


def test_a_clock_set_back_opens_nothing(two: Store) -> None:
    lease.note_time(two)
    set_back(two, days=14)
    assert state(two) == (LeaseState.ENDED, 0)
    with two.read() as c:
        assert lease.clock_set_back(c)
        assert status(c).clock_back


def test_a_clock_before_the_last_answer_locks_nobody_out(store: Store) -> None:
    met(store, AREA_ID)
    set_back(store, days=300)
    assert state(store) == (LeaseState.FINE, 14)


def test_a_clock_that_once_ran_ahead_is_forgiven_at_the_next_answer(store: Store) -> None:
    met(store, AREA_ID)
    later(store, days=1000)
    lease.note_time(store)
    set_back(store, days=999)
    assert state(store)[0] is LeaseState.ENDED
    met(store, AREA_ID)
    assert state(store) == (LeaseState.FINE, 14)


def test_a_rehearsal_of_another_day_leaves_no_trace(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    met(store, AREA_ID)
    monkeypatch.setenv("GONHA_NOW", "2030-01-01T08:00")
    later(store, days=1000)
    lease.note_time(store)
    monkeypatch.delenv("GONHA_NOW")
    set_back(store, days=999)
    assert state(store) == (LeaseState.FINE, 13)


def test_refusals_are_noted_once_in_ten_minutes(two: Store) -> None:
    _, one = first_of(two, AREA_ID)
    for _ in range(2):
        access.note_refused(two, WHO, "lease", "person", one)
    (noted,) = rows(two, "SELECT what, record, detail, area FROM access_entry")
    assert noted == {"what": "refused", "record": one, "detail": "lease", "area": AREA_ID}


# ---- exports


@pytest.fixture
def lan(tmp_path: Path) -> Iterator[Workspace]:
    made = laptop(tmp_path / "lan")
    rows = [
        Row(type="household", id=f"h{n}", commune="27211", area=area_id(n), seq=1, body={"address": "x"})
        for n in (1, 2)
    ]
    with made.store.write() as c:
        RecordRows().upsert(c, rows)
    yield made
    made.close()


def exported(workspace: Workspace) -> list[str]:
    out = io.BytesIO()
    exporting.export(workspace, "household", "ndjson", out)
    return [line.split('"id":"')[1].partition('"')[0] for line in out.getvalue().decode().splitlines()]


def test_an_export_leaves_locked_units_out_and_notes_the_open_ones(lan: Workspace) -> None:
    with lan.store.write() as c:
        outbox.hold_area(c, area_id(1), "27211", "write", to_wire(lan.clock() - timedelta(days=20)))
    assert exported(lan) == ["h2"]
    assert area_id(1) not in {row["area"] for row in rows(lan.store, "SELECT area FROM access_entry")}


def test_an_export_is_refused_when_every_unit_is_locked(lan: Workspace) -> None:
    with lan.store.write() as c:
        for number in range(1, 7):
            long_ago = to_wire(lan.clock() - timedelta(days=20))
            outbox.hold_area(c, area_id(number), "27211", "write", long_ago)
    with pytest.raises(NotOpened) as refused:
        exported(lan)
    assert refused.value.reason == "lease"


# ---- roles


def test_a_viewer_gets_counts_and_no_name(store: Store) -> None:
    door, (one, _) = family(store, count=2)
    sheet = sheet_of(store, door)
    store.role = "viewer"
    with store.read() as c:
        for read in (
            lambda: cards.person_card(c, one, TODAY),
            lambda: cards.household_card(c, door, TODAY),
            lambda: visits.visit_sheet(c, door, TODAY),
            lambda: people.person_fields(c, one),
            lambda: finding.search(c, "đức"),
            lambda: gate.open_only(c, [AREA_ID]),
            lambda: gate.check_chief(c),
        ):
            with pytest.raises(NotOpened) as refused:
                read()
            assert refused.value.reason == "role"
        assert doors.doors(c, TODAY) == []
        assert list(exporting.records(c)) == []
        assert gate.shut(c) == gate.Shut(viewer=True, households=1, persons=2)
    for write in (
        lambda: visits.record_visit(store, WHO, sheet),
        lambda: people.save_person(store, WHO, {"full_name": "A"}, household=door),
        lambda: people.mark_died(store, WHO, one, date(2026, 11, 20)),
        lambda: access.unmasked(store, WHO, one),
    ):
        with pytest.raises(NotOpened):
            write()
    access.note_refused(store, WHO, "role", "person", one)
    assert rows(store, "SELECT what, detail FROM access_entry") == [{"what": "refused", "detail": "role"}]


def test_a_member_opens_the_people_of_the_units_held_but_not_the_journal(store: Store) -> None:
    _, (one,) = family(store, count=1)
    store.role = "member"
    with store.read() as c:
        assert cards.person_card(c, one, TODAY).id == one
        with pytest.raises(NotOpened):
            gate.check_chief(c)


# ---- who is gone shows nowhere


def test_a_deleted_head_is_named_nowhere(store: Store) -> None:
    door, (head, other) = family(store, count=2)
    with store.work(WHO) as work:
        work.delete("person", head, "ghi nhầm")
    with store.read() as c:
        (line,) = doors.doors(c, TODAY)
        assert line.head_name == ""
        assert cards.household_card(c, door, TODAY).head_name == ""
        assert [member.id for member in cards.household_card(c, door, TODAY).members] == [other]
        assert "Đức" not in str(visits.visit_sheet(c, door, TODAY))
        assert finding.search(c, "đức").hits == ()


def test_a_person_of_a_deleted_household_is_found_without_its_address(store: Store) -> None:
    door, (one,) = family(store, count=1)
    with store.work(WHO) as work:
        work.delete("household", door, "nhà trống")
    with store.read() as c:
        (hit,) = finding.search(c, "đức").hits
        assert (hit.id, hit.address) == (one, None)
    assert household(store, "20 Lê Lợi")
