"""Units given, handed to another team, given back; and revoking a laptop with the copies of its disk."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.server.admin import devices, revoke
from sync.server.grants import descendants, grant, withdraw
from sync.server.problems import AdminError
from tests.sync.meeting import START, Meeting, names


async def places(meeting: Meeting, laptop: object) -> list[str]:
    """What the scope of a laptop says now, as unit codes."""
    names_of = {area: place for place, area in meeting.areas.items()}
    scope = await laptop.ask_scope()  # type: ignore[attr-defined]
    return sorted(names_of[area.area] for area in scope.areas)


async def test_a_unit_that_is_granted_is_in_the_next_scope_and_the_epoch_moves(meeting: Meeting) -> None:
    one = await meeting.laptop("27211/01")
    before = one.epoch
    assert grant(meeting.database, one.device, "27211/02, 27300", now=meeting.clock()) == [
        "27211/02",
        "27300",
    ]
    assert await places(meeting, one) == ["27211/01", "27211/02", "27300/01"]
    assert one.epoch == before + 1


async def test_a_handed_over_unit_leaves_the_scope_and_keeps_taking_earlier_work(meeting: Meeting) -> None:
    one = await meeting.laptop("27211/01,27211/02")
    early = one.op("27211/01", meeting.new_id(), names({"full_name": "Lê Văn Sớm"}))
    meeting.clock.forward(hours=1)
    withdraw(meeting.database, one.device, "27211/01", now=meeting.clock())
    meeting.clock.forward(hours=1)
    late = one.op("27211/01", meeting.new_id(), names({"full_name": "Lê Văn Muộn"}))
    assert await places(meeting, one) == ["27211/02"]
    results = (await one.push(early, late)).results
    assert [(r.result, r.reason) for r in results] == [("applied", ""), ("held", "out-of-scope")]
    (device,) = devices(meeting.database, now=meeting.clock())
    assert device.areas == 1
    assert [(p.place, p.until) for p in device.places] == [
        ("27211/01", "2026-11-22T03:00:00.000Z"),
        ("27211/02", None),
    ]


async def test_a_handing_over_may_lie_ahead(meeting: Meeting) -> None:
    one = await meeting.laptop("27211")
    end = START + timedelta(days=2)
    withdraw(meeting.database, one.device, "27211/02", until=end, now=meeting.clock())
    assert await places(meeting, one) == ["27211/01", "27211/02"]
    meeting.clock.forward(days=3)
    assert await places(meeting, one) == ["27211/01"]


async def test_a_whole_commune_ends_with_its_units_and_an_earlier_end_stays(meeting: Meeting) -> None:
    one = await meeting.laptop("27211,27300")
    withdraw(meeting.database, one.device, "27211/01", now=START - timedelta(days=1))
    withdraw(meeting.database, one.device, "27211", now=START)
    (device,) = devices(meeting.database, now=START)
    ends = {place.place: place.until for place in device.places}
    assert ends == {
        "27211": "2026-11-22T02:00:00.000Z",
        "27211/01": "2026-11-21T02:00:00.000Z",
        "27300": None,
    }
    assert await places(meeting, one) == ["27300/01"]


async def test_a_unit_is_given_back(meeting: Meeting) -> None:
    one = await meeting.laptop("27211")
    withdraw(meeting.database, one.device, "27211/01", now=meeting.clock())
    grant(meeting.database, one.device, "27211/01", now=meeting.clock())
    assert await places(meeting, one) == ["27211/01", "27211/02"]
    withdraw(meeting.database, one.device, "27211/01", now=meeting.clock())
    grant(meeting.database, one.device, "27211", now=meeting.clock())
    assert await places(meeting, one) == ["27211/01", "27211/02"]


async def test_a_viewer_is_granted_counts_only(meeting: Meeting) -> None:
    one = await meeting.laptop("27211/01", role="viewer")
    grant(meeting.database, one.device, "27300", now=meeting.clock())
    assert {area.mode for area in (await one.ask_scope()).areas} == {"counts"}


async def test_what_makes_no_sense_is_refused_and_changes_nothing(meeting: Meeting) -> None:
    one = await meeting.laptop("27211/01")
    for areas, code in (("27300", "not_granted"), ("27211/02", "not_granted"), ("9", "unknown_place")):
        with pytest.raises(AdminError) as refused:
            withdraw(meeting.database, one.device, areas)
        assert refused.value.code == code
    with pytest.raises(AdminError) as refused:
        grant(meeting.database, "nobody", "27211")
    assert refused.value.code == "unknown_device"
    revoke(meeting.database, one.device)
    with pytest.raises(AdminError) as refused:
        grant(meeting.database, one.device, "27211")
    assert refused.value.code == "device_is_revoked"
    (device,) = devices(meeting.database)
    assert [place.place for place in device.places] == ["27211/01"]


async def test_revoking_takes_the_copies_of_a_disk_along(meeting: Meeting) -> None:
    first, copy, copy_of_copy, other = [await meeting.laptop("27211/01") for _ in range(4)]
    with meeting.database.write() as tx:
        for child, parent in ((copy, first), (copy_of_copy, copy)):
            tx.run("UPDATE device SET parent = :p WHERE id = :c", p=parent.device, c=child.device)
        assert descendants(tx, first.device) == [copy.device, copy_of_copy.device]
        assert descendants(tx, other.device) == []
    gone = [first.device, copy.device, copy_of_copy.device]
    assert revoke(meeting.database, first.device, now=meeting.clock()) == gone
    assert revoke(meeting.database, first.device, now=meeting.clock()) == []
    for laptop, status in ((first, 403), (copy, 403), (copy_of_copy, 403), (other, 200)):
        assert (await laptop.push()).status == status
    parents = {device.id: device.parent for device in devices(meeting.database)}
    assert parents == {
        first.device: None,
        copy.device: first.device,
        copy_of_copy.device: copy.device,
        other.device: None,
    }
