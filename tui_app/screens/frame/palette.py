"""All commands on one page, found by typing a few letters without marks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from tui_app.i18n import t
from tui_app.screens.frame.base import SHELL_STYLE, FramedScreen
from tui_app.settings import CHOICES
from tui_app.text import each_begins, fold
from tui_app.themes import NAMES
from tui_app.widgets.row_list import RowList
from tui_app.widgets.rows import Column, ListSource, Row
from tui_app.widgets.text_field import TextField

if TYPE_CHECKING:
    from tui_app.app import GonhaApp

CHOOSABLE = (
    ("language", "language", CHOICES["language"]),
    ("theme", "theme", NAMES),
    ("symbols", "symbols", CHOICES["symbols"]),
    ("input", "input_method", CHOICES["input_method"]),
)


@dataclass(frozen=True)
class Command:
    """One line of the palette. ``words``: catalogue key; ``keys``: how to reach it without the palette."""

    words: str
    run: Callable[[GonhaApp], Awaitable[None]]
    keys: str = ""
    chosen: bool = False


def commands(app: GonhaApp) -> list[Command]:
    """What can be done now; a locked program has only how it looks."""
    found: list[Command] = []
    if app.workspace is not None:
        found += [
            Command("app.key_today_tip", _go("today"), "F3"),
            Command("app.key_find_tip", _go("find"), "F2"),
            Command("app.key_f0_tip", _go("f0"), "F4"),
            Command("vaccination.palette", _go("vaccination")),
            Command("coverage.palette", _go("coverage")),
            Command("levels.palette", _go("levels")),
            Command("app.key_reports_tip", _go("reports"), "F6"),
            Command("app.key_sync_tip", _go("sync"), "F7"),
            Command("duplicates.key_places_tip", _go("duplicates")),
            Command("today.key_sweep_tip", _sweep, "F3 S"),
            Command("outbreak.palette", _outbreaks),
            Command("unplaced.command", _unplaced, "F3 U"),
        ]
        if app.workspace.role == "chief":
            found += [
                Command("app.key_command_tip", _go("command"), "F8"),
                Command("privacy.palette_requests", _requests),
                Command("privacy.palette_journal", _journal),
                Command("privacy.palette_kept", _kept),
            ]
    found.append(Command("app.command_help", lambda app: app.action_help(), "F1"))
    if app.workspace is not None:
        found += [
            Command("app.command_lock", lambda app: app.lock()),
            Command("app.command_password", _change_password),
        ]
    settings = app.settings
    for name, setting, values in CHOOSABLE:
        for value in values:
            chosen = getattr(settings, setting) == value
            found.append(Command(f"app.command_{name}_{value}", _set(setting, value), chosen=chosen))
    found.append(Command("app.command_quit", lambda app: app.action_quit(), "Ctrl+Q"))
    return found


def _go(place: str) -> Callable[[GonhaApp], Awaitable[None]]:
    return lambda app: app.action_go(place)


def _set(setting: str, value: str) -> Callable[[GonhaApp], Awaitable[None]]:
    return lambda app: app.change_settings(**{setting: value})


async def _sweep(app: GonhaApp) -> None:
    from tui_app.screens.sweeps.sweep import SweepScreen

    await app.push_screen(SweepScreen())


async def _outbreaks(app: GonhaApp) -> None:
    from tui_app.screens.outbreaks.outbreaks import OutbreaksScreen

    await app.push_screen(OutbreaksScreen())


async def _requests(app: GonhaApp) -> None:
    from tui_app.screens.privacy.requests import RequestsScreen

    await app.push_screen(RequestsScreen())


async def _journal(app: GonhaApp) -> None:
    from tui_app.screens.privacy.journal import JournalScreen

    await app.push_screen(JournalScreen())


async def _kept(app: GonhaApp) -> None:
    from tui_app.screens.privacy.kept import KeptScreen

    await app.push_screen(KeptScreen())


async def _unplaced(app: GonhaApp) -> None:
    from tui_app.screens.people.unplaced import UnplacedScreen

    await app.push_screen(UnplacedScreen())


async def _change_password(app: GonhaApp) -> None:
    from tui_app.screens.frame.recover import PasswordScreen

    await app.push_screen(PasswordScreen())


class PaletteScreen(FramedScreen[Command | None]):
    """A field, and the commands that have all its words, nearest first. Answers with the command to run."""

    CSS_PATH = [SHELL_STYLE]
    AUTO_FOCUS = "TextField"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "run", "app.key_run", id="palette.run", tooltip="app.key_run_tip"),
        Binding("escape", "close", "app.key_back", id="palette.back", tooltip="app.key_back_tip"),
        Binding("up", "step(-1)", show=False, id="palette.up", tooltip="app.key_previous_tip"),
        Binding("down", "step(1)", show=False, id="palette.down", tooltip="app.key_next_tip"),
        Binding("ctrl+p", "close", show=False, id="palette.close", tooltip="app.key_back_tip"),
    ]

    def __init__(self, found: list[Command]) -> None:
        super().__init__()
        self._commands = found
        self._shown = found

    def compose(self) -> ComposeResult:
        """The field above, the commands below."""
        yield from self.frame_top("app.key_palette")
        yield TextField(placeholder=t("app.palette_title"), composing=False, id="command")
        columns = [
            Column("what", "", width=40, flex=1),
            Column("chosen", "", width=10, tone=lambda row: "good"),
            Column("keys", "", width=7, tone=lambda row: "muted"),
        ]
        yield RowList(columns, states=False, empty=t("app.palette_nothing"), id="commands")
        yield from self.frame_bottom()

    def on_mount(self) -> None:
        """All of them, until something is typed. The field keeps the focus."""
        self._list.can_focus = False
        self._show("")

    @property
    def _list(self) -> RowList:
        return self.query_one("#commands", RowList)

    @on(TextField.Changed)
    def _typed(self, message: TextField.Changed) -> None:
        self._show(message.value)

    def _show(self, typed: str) -> None:
        wanted = fold(typed).split()
        found = [c for c in self._commands if _has(fold(t(c.words)), wanted)]
        self._shown = sorted(found, key=lambda c: _off(fold(t(c.words)), wanted))
        rows = [Row(c.words, (t(c.words), t("app.chosen") if c.chosen else "", c.keys)) for c in self._shown]
        self._list.show(ListSource(rows), at=rows[0].key if rows else None)

    def action_step(self, by: int) -> None:
        """Move the cursor; the field keeps the focus."""
        self._list.move_to(self._list.cursor + by)

    @on(TextField.Submitted)
    @on(RowList.Selected)
    def action_run(self) -> None:
        """Close, then run the command under the cursor."""
        if self._shown:
            self.dismiss(self._shown[min(self._list.cursor, len(self._shown) - 1)])

    def action_close(self) -> None:
        """Back, nothing done."""
        self.dismiss(None)


def _has(hay: str, wanted: list[str]) -> bool:
    words = hay.split()
    return all(any(needle in word for word in words) for needle in wanted)


def _off(hay: str, wanted: list[str]) -> tuple[bool, bool]:
    """How far a line is from what was typed: whether it begins so, then whether each word begins one of its own."""
    return not hay.startswith(" ".join(wanted)), not each_begins(wanted, hay.split())
