"""Every key of the working screens has an id, and words in both languages for the key line and the help."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from tests.screens.street import at_work, press, shown, street
from tui_app.clock import Clock
from tui_app.i18n import LANGUAGES, set_language, t
from tui_app.screens.cases.case_change import ChangeCaseForm
from tui_app.screens.cases.case_end import EndCaseForm
from tui_app.screens.cases.case_open import OpenCaseForm
from tui_app.screens.cases.case_pane import CasePane
from tui_app.screens.cases.f0_board import F0BoardScreen
from tui_app.screens.cases.suggested_cases import SuggestedCasesScreen
from tui_app.screens.people.find import FindScreen
from tui_app.screens.people.household import HouseholdScreen
from tui_app.screens.people.household_form import HouseholdForm
from tui_app.screens.people.person_card import PersonCardScreen
from tui_app.screens.people.person_form import PersonForm
from tui_app.screens.people.pick_household import PickHouseholdScreen
from tui_app.screens.visits.today import TodayScreen
from tui_app.screens.visits.visit import VisitScreen
from tui_app.screens.vitals.phone_round import PhoneRoundScreen
from tui_app.screens.vitals.vitals_form import VitalsFormScreen
from tui_app.screens.vitals.vitals_grid import VitalsGridScreen
from tui_app.settings import Places

SCREENS = [
    TodayScreen,
    VisitScreen,
    FindScreen,
    HouseholdScreen,
    HouseholdForm,
    PersonForm,
    PersonCardScreen,
    PickHouseholdScreen,
    F0BoardScreen,
    VitalsGridScreen,
    VitalsFormScreen,
    PhoneRoundScreen,
    CasePane,
    OpenCaseForm,
    ChangeCaseForm,
    EndCaseForm,
    SuggestedCasesScreen,
]
FORBIDDEN = {"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+j", "ctrl+space", "ctrl+c"}


def bindings(screen: type) -> list[Binding]:
    found: list[Binding] = []
    for kind in screen.__mro__:
        if kind.__module__.startswith("tui_app.screens"):
            found += [one for one in kind.__dict__.get("BINDINGS", ()) if isinstance(one, Binding)]
    return found


@pytest.mark.parametrize("screen", SCREENS)
def test_keys_have_ids_and_can_be_typed_on_every_terminal(screen: type) -> None:
    ids = [one.id for one in bindings(screen)]
    assert None not in ids
    assert len(ids) == len(set(ids))
    for one in bindings(screen):
        assert one.key not in FORBIDDEN
        assert "alt+" not in one.key
        assert "ctrl+shift" not in one.key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("screen", SCREENS)
def test_keys_have_words(screen: type, language: str) -> None:
    set_language(language)
    for one in bindings(screen):
        if not one.system:
            assert one.tooltip is not None, one.key
            assert t(str(one.tooltip))
        if one.show and one.description:
            assert t(one.description)


class TestHelp:
    @pytest.fixture
    def fill(self) -> object:
        return street

    async def test_help_lists_the_keys_of_the_visit(self, ward: Places, clock: Clock) -> None:
        async with at_work(ward, clock, size=(100, 60)) as (app, pilot):
            await press(app, pilot, "enter", "f1")
            for words in ("một người trả lời chung", "Cả nhà vắng", "Tiếp xúc ca bệnh"):
                assert words in shown(app)
