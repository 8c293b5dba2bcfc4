"""A low SpO2 is measured a second time before it is judged; both values are kept."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tui_app.i18n import t
from tui_app.screens.frame.unhurried import UnhurriedScreen
from tui_app.services.cases.observing import check_vitals
from tui_app.widgets.text_field import DigitField, TextField


@dataclass(frozen=True, slots=True)
class Again:
    """The second value, percent, ``after`` so many seconds."""

    spo2: int
    after: int


class Spo2AgainScreen(UnhurriedScreen[Again | None]):
    """Answers with the second value, or None when there is none (Esc).

    ``about``: the patient; ``why``: the rule the first value ``spo2`` meets; ``window``: seconds between which the
    second value counts.
    """

    def __init__(self, about: str, spo2: int, why: str, window: tuple[int, int]) -> None:
        super().__init__()
        self._about = about
        self._spo2 = spo2
        self._why = why
        self._window = window
        self._asked_at = 0.0

    def compose(self) -> ComposeResult:
        """What was found, the seconds, the field, the keys."""
        with Vertical(classes="panel"):
            yield Static(t("f0.again_title", about=self._about), classes="panel--title", markup=False)
            yield Static(self._why, markup=False)
            yield Static(t("f0.again_how"), markup=False)
            yield Static("", id="seconds", markup=False)
            yield DigitField(max_length=3, id="again", placeholder=t("f0.again_field"))
            yield Static("", id="problem", classes="panel--problem", markup=False)
            yield Static("", id="hint", classes="panel--hint", markup=False)

    def on_mount(self) -> None:
        """The seconds run from now."""
        self._asked_at = self.app.ticks()
        self.query_one("#problem").display = False
        self._tell_seconds()
        self.set_interval(1.0, self._tell_seconds)
        self.painted()

    @property
    def seconds(self) -> int:
        """Since the first value was typed."""
        return round(self.app.ticks() - self._asked_at)

    def _tell_seconds(self) -> None:
        first, last = self._window
        passed = self.seconds
        if passed < first:
            words = t("f0.again_wait", seconds=first - passed)
        elif passed <= last:
            words = t("f0.again_now", seconds=passed, left=last - passed)
        else:
            words = t("f0.again_late", seconds=passed, first=first, last=last)
        self.query_one("#seconds", Static).update(words)

    def readiness_changed(self, first: bool) -> None:
        """The field takes letters once nobody types on below."""
        if first:
            self.query_one("#hint", Static).update(t("f0.again_hint"))
            self.query_one("#again").focus()

    async def _on_key(self, event: events.Key) -> None:
        counted = self.was_ready or self.counts(event)
        if counted and event.key == "escape":
            self.leave(None)
        event.stop()
        event.prevent_default()

    @on(TextField.Changed)
    def _typed(self) -> None:
        self.query_one("#problem").display = False

    @on(TextField.Submitted)
    def _answered(self, message: TextField.Submitted) -> None:
        message.stop()
        if not message.value:
            return
        after = self.seconds
        checked = check_vitals(
            {"spo2": str(self._spo2), "spo2_repeat": message.value, "spo2_repeat_after": str(after)}
        )
        problem = self.query_one("#problem", Static)
        problem.update(" ".join(str(one) for one in checked.problems))
        problem.display = bool(checked.problems)
        if not checked.problems:
            self.leave(Again(int(message.value), after))
