"""Form 5.2 (domain/rules.md §5): head, address, telephone, persons with the columns of 5.1, needs, who asked."""

from __future__ import annotations

from tests.papers.conftest import document, words
from tests.papers.test_risk_list import desk, hang
from tests.services.door_to_door import WHO, rows
from tui_app.bootstrap import Workspace
from tui_app.papers.household_survey import write_survey
from tui_app.services.people import people
from tui_app.services.risk import support_needs

__all__ = ["desk", "hang"]  # the fixtures


def home_of(desk: Workspace, person: str) -> str:
    (row,) = rows(desk.store, "SELECT household FROM person WHERE id = ?", person)
    return str(row["household"])


def test_it_says_who_lives_there_and_what_they_need(desk: Workspace, hang: str) -> None:
    door = home_of(desk, hang)
    support_needs.open_need(desk.store, WHO, "money", household=door, note="tiền thuê nhà")
    body = write_survey(desk, door)
    (sheet,) = document(body).pages
    assert sheet.mediabox.width > sheet.mediabox.height
    found = words(body)
    for said in (
        "PHIẾU KHẢO SÁT HỘ GIA ĐÌNH",
        "Chủ hộ: Lê Thị Hằng",
        "12 Lê Lợi, Tổ 3, Khu phố 1",
        "0903 000 001",
        "Số người: 2",
        "Phạm Văn Tí",
        "079151000123",
        "Đái tháo đường",
        "Lương thực",
        "Nhu cầu của cả hộ: Tiền tiền thuê nhà",
        "Người khảo sát",
    ):
        assert said in found, said
    noted = rows(desk.store, "SELECT what, record_type, record, detail FROM access_entry")
    assert [tuple(one.values()) for one in noted] == [("export", "household", door, "household-survey")]


def test_a_blank_one_has_names_and_no_health(desk: Workspace, hang: str) -> None:
    assert "2 Phạm Văn Tí 1984 –" in words(write_survey(desk, home_of(desk, hang)))
    found = words(write_survey(desk, home_of(desk, hang), blank=True))
    assert "Phạm Văn Tí 1984 3 4" in found, "what nobody knows is left free"
    assert "Phạm Văn Tí" in found
    assert [said for said in ("Đái tháo đường", "079151000123", "Lương thực") if said in found] == [
        "Lương thực"
    ]


def test_no_restricted_condition_is_on_it(desk: Workspace, hang: str) -> None:
    conditions = frozenset({"hiv", "diabetes"})
    people.save_person(desk.store, WHO, {}, person=hang, conditions=conditions, restricted=True)
    support_needs.open_need(desk.store, WHO, "medicine", person=hang, note="thuốc HIV")
    found = words(write_survey(desk, home_of(desk, hang)))
    assert "Đái tháo đường" in found
    assert "HIV" not in found
