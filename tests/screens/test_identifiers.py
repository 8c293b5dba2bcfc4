"""A person's numbers by keys: masked, added, ended, removed and brought back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.screens.street import at_work, household, line_with, person, press, rows, settle, shown
from tui_app.bootstrap import Workspace
from tui_app.clock import Clock
from tui_app.screens.people.identifiers import IdentifierForm, IdentifiersScreen
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.settings import Places


@pytest.fixture
def fill() -> Callable[[Workspace], None]:
    def more(workspace: Workspace) -> None:
        person(
            workspace, household(workspace, "44 Hai Bà Trưng"), "Trần Thúy Kiều", national_id="079168001234"
        )

    return more


KEPT = "SELECT kind, number, valid_to, source, deleted FROM person_identifier"


async def test_numbers_are_added_ended_removed_and_brought_back(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        ((ident,),) = rows(app, "SELECT id FROM person")
        await app.push_screen(PersonCardScreen(str(ident)))
        await settle(app, pilot)
        await press(app, pilot, "i")
        assert isinstance(app.screen, IdentifiersScreen)
        assert "•••••••••234" in line_with(app, "Số định danh")
        assert "079168001234" not in shown(app)
        assert "GNP" in line_with(app, "Mã tạm")
        await press(app, pilot, "n")
        assert isinstance(app.screen, IdentifierForm)
        await press(app, pilot, "right", "tab", *"021234567", "ctrl+s")
        assert rows(app, KEPT) == [("citizen_id_old", "021234567", None, "card", 0)]
        await press(app, pilot, "down", "d", *"01/07/2024", "enter")
        assert rows(app, KEPT) == [("citizen_id_old", "021234567", "2024-07-01", "card", 0)]
        assert "đến 01/07/2024" in line_with(app, "CMND")
        await press(app, pilot, "x")
        assert rows(app, KEPT)[0][-1] == 1
        assert "CMND" not in "\n".join(shown(app).splitlines()[2:-3])
        await press(app, pilot, "ctrl+z")
        assert rows(app, KEPT) == [("citizen_id_old", "021234567", "2024-07-01", "card", 0)]


async def test_a_wrong_number_is_refused_in_the_form_and_not_lost(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        ((ident,),) = rows(app, "SELECT id FROM person")
        await app.push_screen(IdentifierForm(str(ident)))
        await settle(app, pilot)
        await press(app, pilot, "tab", *"12345", "ctrl+s")
        assert isinstance(app.screen, IdentifierForm)
        assert "12" in shown(app)
        assert rows(app, KEPT) == []
        await press(app, pilot, "escape")
        await app.push_screen(IdentifierForm(str(ident)))
        await settle(app, pilot)
        assert "12345" in shown(app), "the draft"


async def test_showing_the_numbers_is_noted(ward: Places, clock: Clock) -> None:
    async with at_work(ward, clock) as (app, pilot):
        ((ident,),) = rows(app, "SELECT id FROM person")
        await app.push_screen(IdentifiersScreen(str(ident)))
        await settle(app, pilot)
        await press(app, pilot, "h")
        assert "079168001234" in shown(app)
        noted = "SELECT record, detail FROM access_entry WHERE what = 'unmask'"
        assert rows(app, noted) == [(ident, "identifiers")]
