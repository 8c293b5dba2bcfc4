"""The privacy notice and the impact assessment: what rules §4 asks for stands on them, and nobody's name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.papers.conftest import document, words
from tests.services.laptop_alone import area_id, laptop
from tui_app.bootstrap import Workspace
from tui_app.errors import NotOpened
from tui_app.i18n import set_language
from tui_app.papers.impact_assessment import write_assessment
from tui_app.papers.privacy_notice import write_notice
from tui_app.services.people import people
from tui_app.services.requests import register

NAME = "Lê Thị Hằng"


@pytest.fixture
def station(tmp_path: Path) -> Workspace:
    """One person, whose request of 16/11 is late on 22/11: two working days after it was 18/11."""
    alone = laptop(tmp_path, units=("Khu phố 1",))
    door = people.save_household(alone.store, "lan", {"address": "12 Lê Lợi"}, area=area_id(1))
    one = people.save_person(alone.store, "lan", {"full_name": NAME}, household=door)
    register.add(alone.store, "lan", one, "access", received_on=date(2026, 11, 16), asked_by="con gái")
    return alone


def test_the_notice_is_one_page_with_the_times_of_the_rules(station: Workspace) -> None:
    body = write_notice(station)
    assert len(document(body).pages) == 1
    said = words(body)
    for line in (
        "THÔNG BÁO XỬ LÝ DỮ LIỆU CÁ NHÂN",
        "dữ liệu cá nhân nhạy cảm theo Nghị định 356/2025/NĐ-CP, Điều 4",
        "Hồ sơ khám, theo dõi, xét nghiệm, tiêm chủng: 10 năm (Thông tư 33/2025/TT-BYT)",
        "Trả lời lần đầu trong 2 ngày làm việc",
        "Xóa trong 20 ngày",
        "từ đủ 7 tuổi",
        "Chưa đối chiếu bản gốc: Thông tư 33/2025/TT-BYT",
    ):
        assert line in said
    assert NAME not in said
    station.close()


def test_the_assessment_counts_and_names_nobody(station: Workspace) -> None:
    said = words(write_assessment(station))
    for line in (
        "HỒ SƠ ĐÁNH GIÁ TÁC ĐỘNG",
        "trong 60 ngày kể từ khi bắt đầu xử lý",
        "1 yêu cầu, còn làm 1, quá hạn 1",
        "trong 72 giờ liên tục từ khi phát hiện, theo Mẫu 08",
        "SQLCipher",
    ):
        assert line in said
    assert NAME not in said
    assert "con gái" not in said
    station.store.role = "member"
    with pytest.raises(NotOpened):
        write_assessment(station)
    station.close()


def test_both_are_there_in_english(station: Workspace) -> None:
    set_language("en")
    try:
        assert "A first answer within 2 working days" in words(write_notice(station))
        assert "within 72 consecutive hours" in words(write_assessment(station))
    finally:
        set_language("vi")
        station.close()
