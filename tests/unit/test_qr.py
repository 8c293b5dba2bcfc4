"""A QR drawn with characters is read back by an independent reader."""

from __future__ import annotations

import pytest
import zxingcpp

from tui_app.qr import as_text, join_link

HALVES = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}  # upper, lower: 1 is dark
DOT = 4  # pixels a module


def picture(drawn: str, *, blocks: bool) -> list[list[int]]:
    """The modules of a drawing as somebody sees them."""
    rows = []
    for line in drawn.split("\n"):
        if blocks:
            seen = [HALVES[letter] for letter in line]
            rows += [[upper for upper, _ in seen], [lower for _, lower in seen]]
        else:
            rows.append([int(letter == "#") for letter in line[::2]])
    return rows


def read(rows: list[list[int]]) -> list[str]:
    grey = b"".join(b"".join((b"\x00" if dark else b"\xff") * DOT for dark in row) * DOT for row in rows)
    shape = (len(rows) * DOT, len(rows[0]) * DOT)
    return [found.text for found in zxingcpp.read_barcodes(memoryview(grey).cast("B", shape))]


@pytest.mark.parametrize("blocks", [True, False], ids=["half-blocks", "ascii"])
@pytest.mark.parametrize("content", ["AB12-CD34-EF56", "gonha:join?server=https://trạm.example:8020&code=X"])
def test_what_is_drawn_is_read_back(content: str, blocks: bool) -> None:
    drawn = as_text(content, blocks=blocks)
    assert read(picture(drawn, blocks=blocks)) == [content]
    assert blocks or drawn.isascii()
    assert max(map(len, drawn.split("\n"))) <= (80 if blocks else 110)


def test_the_link_of_an_invitation_names_server_and_code() -> None:
    link = join_link("https://tram.example:8020/x?y=1", "AB12-CD34-EF56")
    assert link == "gonha:join?server=https://tram.example:8020/x%3Fy%3D1&code=AB12-CD34-EF56"


def test_colours_are_set_and_taken_back_on_every_line() -> None:
    for line in as_text("A", colours=True).split("\n"):
        assert line.startswith("\x1b[40;97m")
        assert line.endswith("\x1b[0m")
