"""The station's conventions that reports rest on: seen, and changed from today on."""

from __future__ import annotations

from typing import Any

from tui_app.i18n import t
from tui_app.screens.frame.base import WorkScreen
from tui_app.services.reports.choices import CUMULATIVE_FROM, choose, every_choice
from tui_app.services.reports.words import choice_value_word, choice_word
from tui_app.services.station.station_values import CHOICES, StationValue
from tui_app.widgets.dialogs import Ask, Choose
from tui_app.widgets.text_field import TextField


def ask_choice(screen: WorkScreen[Any]) -> None:
    """Which convention, then what it becomes."""
    today = screen.app.today()

    def show(found: tuple[StationValue, ...]) -> None:
        held = {one.name: one.value for one in found}
        options = [
            (name, f"{choice_word(name)}: {choice_value_word(name, value)}") for name, value in held.items()
        ]

        def chosen(name: str | None) -> None:
            if name is not None:
                _ask_value(screen, name, held[name])

        screen.app.push_screen(Choose(t("reports.ask_choice"), options), chosen)

    screen.ask(lambda c: every_choice(c, today), show)


def _ask_value(screen: WorkScreen[Any], name: str, value: str) -> None:
    def answered(given: str | None) -> None:
        if not given or given == value:
            return
        store, who = screen.workspace.store, screen.workspace.user
        screen.save(
            lambda: choose(store, who, name, given), lambda _: screen.app.say(t("reports.choice_kept"))
        )

    text = t("reports.ask_choice_text")
    if name == CUMULATIVE_FROM:
        field = TextField(composing=False, max_length=10)
        screen.app.push_screen(Ask(t("reports.ask_cumulative"), text, field=field), answered)
        return
    options = [(one, choice_value_word(name, one)) for one in CHOICES[name]]
    screen.app.push_screen(Choose(choice_word(name), options, text=text, value=value), answered)
