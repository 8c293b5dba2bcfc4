"""Typing in what a level rests on: a value, then who says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from tui_app.clock import show_date
from tui_app.errors import InvalidFields
from tui_app.i18n import t
from tui_app.records.levels import LEVELS, LevelScale
from tui_app.rules.level_thresholds import BASELINE
from tui_app.services.levels.baselines import keep_baselines, period_of, typed_years
from tui_app.services.levels.inputs import Input
from tui_app.services.levels.judging import Judged
from tui_app.services.levels.keeping import publish_level
from tui_app.services.levels.level_words import level_words
from tui_app.services.levels.typed import InputKind, as_kept, keep_input
from tui_app.services.levels.words import input_words
from tui_app.services.station.station_values import CHOICES, StationValue, keep_value
from tui_app.widgets.dialogs import Ask, Choose
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.screens.levels.level import LevelScreen

SOURCE_LENGTH = 120


def type_input(screen: LevelScreen, one: Input, found: Judged) -> None:
    """A number, a share, yes or no, or the counts of earlier years; it holds from the day of the screen on."""
    workspace, title = screen.workspace, input_words(one.name, found.rules)
    if one.kind is InputKind.YEARS:
        _type_years(screen, one)
        return

    def typed(value: str | None) -> None:
        if value is None:
            return
        _sourced(
            screen,
            found.day,
            lambda source: keep_input(workspace.store, workspace.user, one.name, value, found.day, source),
        )

    if one.kind is InputKind.ANSWER:
        options = [("yes", t("codes.yes")), ("no", t("codes.no"))]
        screen.app.push_screen(Choose(title, options), typed)
        return
    counted = one.counted
    hint = t(f"levels.bad_{one.kind}").capitalize()
    if counted is not None and counted.first is not None:
        hint = f"{show_date(counted.first)} – {show_date(found.day)}. {hint}"
    ask = Ask(
        title,
        hint,
        field=TextField(max_length=12, composing=False),
        check=lambda value: "" if as_kept(one.kind, value.strip()) else t(f"levels.bad_{one.kind}"),
    )
    screen.app.push_screen(ask, typed)


def type_choice(screen: LevelScreen, one: StationValue, day: date) -> None:
    """Change a choice of the station from a day on."""
    workspace = screen.workspace

    def chosen(value: str | None) -> None:
        if value is not None:
            _sourced(
                screen,
                day,
                lambda source: keep_value(workspace.store, workspace.user, one.name, value, day, source),
            )

    options = [(value, t(f"station.{one.name}_{value}")) for value in CHOICES[one.name]]
    screen.app.push_screen(Choose(t(f"station.{one.name}"), options, value=one.value), chosen)


def publish(screen: LevelScreen, scale: str, day: date) -> None:
    """Which level was published, and by whom."""
    workspace = screen.workspace

    def chosen(level: str | None) -> None:
        if level is not None:
            _sourced(
                screen,
                day,
                lambda source: publish_level(workspace.store, workspace.user, scale, level, source, day),
            )

    options = [(level.value, level_words(scale, level.value)) for level in LEVELS[LevelScale(scale)]]
    screen.app.push_screen(Choose(t("levels.ask_level"), options, text=show_date(day)), chosen)


def _type_years(screen: LevelScreen, one: Input) -> None:
    workspace, day = screen.workspace, screen.day
    period = one.name.removeprefix(BASELINE)
    years = [count.year for count in one.value]

    def check(text: str) -> str:
        try:
            typed_years(text, day, period, len(years), "")
        except InvalidFields as error:
            return str(error)
        return ""

    def typed(text: str | None) -> None:
        if text is None:
            return
        _sourced(
            screen,
            day,
            lambda source: keep_baselines(
                workspace.store, workspace.user, typed_years(text, day, period, len(years), source)
            ),
        )

    title = t(
        "levels.ask_years",
        period=t(f"levels.period_{period}"),
        number=period_of(day)[period][1],
        first=years[0],
        last=years[-1],
    )
    text = t("levels.bad_years", years=len(years))
    screen.app.push_screen(
        Ask(title, text, field=TextField(max_length=60, composing=False), check=check), typed
    )


def _sourced(screen: LevelScreen, day: date, job: Callable[[str], Any]) -> None:
    """Ask who says so, then save."""

    def answered(source: str | None) -> None:
        if source is not None:
            screen.save(lambda: job(source), lambda _: screen.reload())

    ask = Ask(
        t("levels.ask_source"),
        t("levels.ask_source_text", date=show_date(day)),
        field=TextField(max_length=SOURCE_LENGTH),
        check=lambda typed: "" if typed.strip() else t("levels.source_needed"),
    )
    screen.app.push_screen(ask, answered)
