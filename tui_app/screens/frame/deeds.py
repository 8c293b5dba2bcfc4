"""What Ctrl+Z can take back of needs, groups and what was given out, since the program was started, by who did it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from tui_app.i18n import t

if TYPE_CHECKING:
    from tui_app.app import GonhaApp
    from tui_app.screens.frame.base import WorkScreen


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done. ``back``: takes it back by another change (in a worker); ``words``: said once it is."""

    who: str
    back: Callable[[], object]
    words: str


_done: WeakKeyDictionary[GonhaApp, list[Deed]] = WeakKeyDictionary()


def note_deed(app: GonhaApp, back: Callable[[], object], words: str) -> None:
    """Remember what the user at the laptop did."""
    _done.setdefault(app, []).append(Deed(app.open_workspace.user, back, words))


def take_back(screen: WorkScreen[Any], then: Callable[[], None]) -> None:
    """Take the newest deed of the user at the laptop back, if there is one."""
    app = screen.app
    deeds, who = _done.get(app, []), app.open_workspace.user
    deed = next((one for one in reversed(deeds) if one.who == who), None)
    if deed is None:
        app.say(t("support.nothing_to_undo"))
        return

    def done(_: object) -> None:
        deeds.remove(deed)
        app.say(deed.words)
        then()

    screen.save(deed.back, done)
