"""A sheet as offices write it: its letters are embedded and composed, its pages numbered, its heading national."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime

import pytest

from tests.papers.conftest import document, words
from tui_app.papers.letterhead import Letterhead
from tui_app.papers.pdf import MISSING, Paper
from tui_app.papers.table import Column, Table
from tui_app.settings import asset

NOW = datetime(2022, 3, 19, 13, 0, tzinfo=UTC)
ALPHABET = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ"


@pytest.fixture(scope="module")
def sheet() -> bytes:
    paper = Paper("thử", NOW, remark="chân trang")
    paper.heading(Letterhead("PHƯỜNG HÒA BÌNH", "TRẠM Y TẾ", "Phường Hòa Bình", date(2022, 3, 5)))
    paper.line(ALPHABET)
    paper.line(ALPHABET.upper(), size=7, bold=True)
    paper.facts([("Họ và tên", "NGUYỄN VĂN ĐỨC"), ("Số thẻ", "")])
    paper.table(Table([Column("Ngày", 20), Column("Trị số", 20)], [[f"ngày {n}", "37,5"] for n in range(60)]))
    return paper.write()


def test_every_vietnamese_letter_is_read_back_composed(sheet: bytes) -> None:
    found = words(sheet)
    assert ALPHABET in found
    assert ALPHABET.upper() in found
    assert unicodedata.is_normalized("NFC", found)


def test_its_fonts_are_embedded(sheet: bytes) -> None:
    fonts = {}
    for page in document(sheet).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            (below,) = font.get_object()["/DescendantFonts"]
            fonts[font.get_object()["/BaseFont"]] = below.get_object()["/FontDescriptor"].get_object()
    assert len(fonts) == 2
    assert all("Tinos" in name for name in fonts)
    assert all("/FontFile2" in descriptor for descriptor in fonts.values())


def test_the_heading_is_the_one_of_offices(sheet: bytes) -> None:
    found = words(sheet)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in found
    assert "Độc lập - Tự do - Hạnh phúc" in found
    assert "Phường Hòa Bình, ngày 05 tháng 3 năm 2022" in found


def test_what_is_not_known_is_a_dash(sheet: bytes) -> None:
    assert f"Số thẻ: {MISSING}" in words(sheet)


def test_the_pages_are_a4_and_numbered_and_repeat_the_head_of_a_table(sheet: bytes) -> None:
    pages = document(sheet).pages
    assert len(pages) == 2
    for number, page in enumerate(pages, 1):
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)
        text = page.extract_text()
        assert f"Trang {number}/2" in text
        assert "Trị số" in text


def test_the_title_of_its_window_and_nothing_else_is_told(sheet: bytes) -> None:
    told = document(sheet).metadata
    assert told is not None
    assert told.title == "thử"
    assert {told.author, told.subject} == {None}


def test_the_fonts_are_small_and_their_licence_lies_beside_them() -> None:
    files = list(asset("fonts").iterdir())
    assert sum(file.stat().st_size for file in files if file.suffix == ".ttf") < 300_000
    assert "SIL OPEN FONT LICENSE" in asset("fonts", "OFL.txt").read_text(encoding="utf-8")


def test_a_long_place_takes_a_second_line(sheet: bytes) -> None:
    tops = []
    for place in ("Xã Ea", "Phường Nguyễn Thị Minh Khai – Trường Thọ Ưỡng Ệ"):
        paper = Paper("thử", NOW)
        paper.heading(Letterhead("XÃ EA", "TRẠM Y TẾ", place, date(2022, 1, 5)))
        tops.append(paper.y)
    assert tops[1] - tops[0] == pytest.approx(Paper.line_height(11.5))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2023, 2, 1), "ngày 01 tháng 02 năm 2023"),
        (date(2023, 7, 5), "ngày 05 tháng 7 năm 2023"),
        (date(2023, 12, 31), "ngày 31 tháng 12 năm 2023"),
        (None, "ngày …… tháng …… năm 20……"),
    ],
)
def test_a_day_is_written_as_the_decree_asks(day: date | None, said: str) -> None:
    """NĐ 30/2020/NĐ-CP, Phụ lục I: a nought before days below 10 and months 1 and 2."""
    assert Letterhead("", "", "Hà Nội", day).place_and_day == f"Hà Nội, {said}"
