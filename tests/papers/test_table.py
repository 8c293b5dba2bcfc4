"""Tables of papers: as tall as they were measured, what belongs together on one page, no row too tall to print."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.papers.conftest import document
from tui_app.papers.pdf import SIGNATURES, Paper
from tui_app.papers.table import Column, Table

NOW = datetime(2022, 3, 19, 13, 0, tzinfo=UTC)
COLUMNS = (Column("Ngày", 20, "C"), Column("Ghi chú", 80))
LONG = (
    "Chống chỉ định: phụ nữ mang thai, cho con bú, loét dạ dày tá tràng, suy gan, suy thận, bệnh dễ chảy máu. "
    * 3
)


@pytest.fixture
def paper() -> Paper:
    return Paper("thử", NOW)


def texts(paper: Paper) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in document(paper.write()).pages]


@pytest.mark.parametrize("tall", [0.0, 7.5])
def test_it_is_as_tall_as_it_was_measured(paper: Paper, tall: float) -> None:
    rows = [("1", LONG), ("Dấu hiệu nguy hiểm",), ("hai\nba", "Ữ")]
    table = Table(COLUMNS, rows, above=[("", 1), ("Theo dõi", 1)], tall=tall)
    top, told = paper.y, paper.height(table)
    paper.table(table)
    assert paper.y - top == pytest.approx(told)


def test_a_row_taller_than_a_page_goes_on_in_the_next_with_nothing_lost(paper: Paper) -> None:
    lines = [f"dòng {n}." for n in range(150)]
    paper.table(Table(COLUMNS, [("ngày 1", "\n".join(lines)), ("ngày 2", "xong")]))
    pages = texts(paper)
    assert len(pages) == 3
    assert [line for line in lines if line not in " ".join(pages)] == []
    assert all("Ghi chú" in page for page in pages)
    assert " ".join(pages).count("ngày 1") == 1


@pytest.mark.parametrize("room", range(10, 60, 5))
def test_a_heading_stands_on_the_page_of_its_first_row(paper: Paper, room: int) -> None:
    paper.gap(paper.room - room)
    paper.table(Table(COLUMNS, [("1", LONG)]), section="VI. Chuyển tuyến")
    (page,) = [page for page in texts(paper) if "VI. Chuyển tuyến" in page]
    assert "loét dạ dày" in page


@pytest.mark.parametrize("count", range(30, 42))
def test_nobody_signs_a_sheet_without_a_row(paper: Paper, count: int) -> None:
    paper.table(Table(COLUMNS, [(f"ngày {n}", "x") for n in range(count)], tall=7.0), keep=SIGNATURES)
    paper.signatures(("Trạm trưởng",))
    pages = texts(paper)
    assert "Trạm trưởng" in pages[-1]
    assert f"ngày {count - 1}" in pages[-1]
    assert " ".join(pages).count("ngày ") == count


def test_a_row_of_one_cell_goes_across(paper: Paper) -> None:
    words = "Dấu hiệu nguy hiểm, báo ngay cho Trạm Y tế hoặc gọi 115"
    table = Table(COLUMNS, [(words,), ("1", "x")])
    across, row = table.heights(paper.pdf)
    assert across == row, "one line: it is as wide as the sheet"


def test_where_rows_go_on_their_heading_and_door_are_said_again(paper: Paper) -> None:
    rows = [("hẻm 9",), ("7 Lê Lai", "thăm"), *[("", f"đo {n}") for n in range(40)]]
    paper.table(Table(COLUMNS, rows, tall=8.0, carried=0))
    first, second = texts(paper)
    assert "7 Lê Lai thăm" in first
    assert first.count("7 Lê Lai") == 1
    assert second.startswith("Ngày Ghi chú hẻm 9 7 Lê Lai đo ")


@pytest.mark.parametrize("count", range(28, 34))
def test_no_heading_is_alone_at_the_foot_of_a_page(paper: Paper, count: int) -> None:
    rows = [*[(str(n), "x") for n in range(count)], ("hẻm 9",), ("7 Lê Lai", "thăm")]
    paper.table(Table(COLUMNS, rows, tall=8.0))
    (page,) = [page for page in texts(paper) if "hẻm 9" in page]
    assert "7 Lê Lai" in page
