"""A line that is too short says so with a sign that the font has."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.content import Content

from tui_app.widgets.fitted import fitted
from tui_app.widgets.symbols import SymbolSet, choose_symbols


@pytest.fixture(autouse=True)
def unicode_again() -> Iterator[None]:
    yield
    choose_symbols("unicode")


@pytest.mark.parametrize(("symbols", "said"), [("unicode", "Hộ 12…"), ("ascii", "Hộ 12~")])
def test_what_has_no_room_is_told_by_the_symbols_in_use(symbols: SymbolSet, said: str) -> None:
    choose_symbols(symbols)
    assert fitted(Content("Hộ 12 Lê Lợi"), 7).plain == said
    assert fitted(Content("Hộ 12"), 5).plain == "Hộ 12"
