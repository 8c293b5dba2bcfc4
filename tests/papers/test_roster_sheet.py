"""The roster to take along: a sheet a team, door by door in walking order, nothing of it done, no condition on it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest

from tests.services.test_roster import RosterWard
from tui_app.errors import NotOpened
from tui_app.papers.roster_sheet import write_roster
from tui_app.records.visits import VisitOutcome
from tui_app.services.people import people
from tui_app.services.roster import giving
from tui_app.services.visits import visits


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[RosterWard]:
    """Doors 12 (two persons, one ill), 30 and 7 of two alleys on the day of a sweep; team 1 has alley 45."""
    made = RosterWard(tmp_path)
    made.household("30 Lê Lợi", alley="hẻm 45", walk_order=2)
    made.household("7 Lê Lai", alley="hẻm 9", code="0007")
    ill = people.save_person(
        made.store,
        made.who,
        {"full_name": "Lê Thị Hằng", "birth_date": "1980-05-01"},
        household=made.door,
        conditions=frozenset({"hiv", "diabetes"}),
        restricted=True,
    )
    made.case(ill)
    made.sweep()
    giving.add(made.store, made.who, "nhắc uống thuốc HIV", person=ill)
    made.give("Tổ 1", *[line for line in made.lines() if line.alley == "hẻm 45"])
    yield made
    made.close()


def pages(body: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(body)).pages]


def test_each_team_has_a_page_of_its_own_in_walking_order(ward: RosterWard) -> None:
    first, second = pages(write_roster(ward.workspace, "pdf"))
    places = [first.index(words) for words in ("12 Lê Lợi", "Lê Thị Hằng", "30 Lê Lợi")]
    assert places == sorted(places)
    assert "Tổ 1 · 4 việc, 2 hộ" in first
    assert "Tổ 1 · Danh sách việc có tên người: giữ kín" in first, "at the foot"
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in first
    assert "đo buổi sáng" in first
    assert "Chưa giao cho ai" in second
    assert "Chưa giao cho ai · Danh sách việc" in second
    assert "7 Lê Lai" in second
    assert "7 Lê Lai" not in first


def test_nothing_that_is_done_and_no_condition_is_on_it(ward: RosterWard) -> None:
    visits.record_outcome(ward.store, ward.who, ward.find("visit", ward.door).household, VisitOutcome.REFUSED)
    text = "".join(pages(write_roster(ward.workspace, "pdf", to="tổ 1")))
    assert "3 việc, 2 hộ" in text
    for word in ("HIV", "tháo đường", "nhắc uống"):
        assert word not in text


def test_the_table_has_a_row_a_line_and_that_it_was_made_is_noted(ward: RosterWard) -> None:
    body = write_roster(ward.workspace, "csv", to="Tổ 1")
    told = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    assert [(row["Việc"], row["Địa chỉ"], row["Giao cho"]) for row in told] == [
        ("đo, hỏi", "12 Lê Lợi", "Tổ 1"),
        ("thăm hộ", "12 Lê Lợi", "Tổ 1"),
        ("việc khác", "12 Lê Lợi", "Tổ 1"),
        ("thăm hộ", "30 Lê Lợi", "Tổ 1"),
    ]
    (noted,) = [row for row in ward.rows("access_entry") if row.body["what"] == "export"]
    assert (noted.body["record_type"], noted.body["detail"]) == ("assignment", "roster")


def test_a_viewer_gets_none(ward: RosterWard) -> None:
    ward.store.role = "viewer"
    with pytest.raises(NotOpened):
        write_roster(ward.workspace, "pdf")
