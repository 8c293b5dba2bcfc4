"""The journal of access as a file: its lines, and the note that it left."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.services.laptop_alone import area_id, laptop
from tui_app.errors import NotOpened
from tui_app.papers.access_sheet import write_journal
from tui_app.services.access import access
from tui_app.services.access.access import Wanted
from tui_app.services.people import people


def test_the_lines_leave_with_names_and_that_is_noted(tmp_path: Path) -> None:
    alone = laptop(tmp_path, units=("Khu phố 1",))
    door = people.save_household(alone.store, "lan", {"address": "12 Lê Lợi"}, area=area_id(1))
    one = people.save_person(alone.store, "lan", {"full_name": "Lê Thị Hằng"}, household=door)
    access.note_opened(alone.store, "minh", "person", one)
    access.note_refused(alone.store, "hoa", "role")
    out = io.BytesIO()
    assert write_journal(alone, Wanted(who="minh"), "csv", out) == 1
    _, line = csv.reader(out.getvalue().decode("utf-8-sig").splitlines())
    assert line == ["2026-11-22T09:00+07:00", "minh", "Mở hồ sơ", "", "người", "Lê Thị Hằng", one]
    with alone.store.read() as c:
        newest = access.entries(c)[0]
    assert (newest.who, newest.what, newest.record_type, newest.detail) == (
        "lan",
        "export",
        "access_entry",
        "csv",
    )
    alone.store.role = "member"
    with pytest.raises(NotOpened):
        write_journal(alone, Wanted(), "csv", io.BytesIO())
    alone.close()
