"""A danger sign was found: nothing goes on until a person has told somebody, or referred the patient."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from tui_app.i18n import t
from tui_app.records.observations import AlertState
from tui_app.rules.rule_set import RuleSets
from tui_app.screens.frame.unhurried import UnhurriedScreen
from tui_app.services.cases import alerts, calling
from tui_app.services.cases.alerts import AlertLine
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.widgets import alert_words
from tui_app.widgets.frame import Words
from tui_app.widgets.text_field import TextField

_PAGES = {"pageup": -1, "pagedown": 1}


@dataclass(frozen=True, slots=True)
class _Read:
    alert: AlertLine
    phone: str
    sets: RuleSets


class AlertScreen(UnhurriedScreen[bool]):
    """Answers True once the alert is told or referred.

    ``must_answer``: whether it came by itself, so that it leaves only by an answer: never by Enter or Esc, which
    scanners and typing ahead send. Opened by a person, from the board, Esc goes back and the alert stays unanswered.
    """

    def __init__(self, alert: str, *, must_answer: bool = True) -> None:
        super().__init__()
        self.alert = alert
        self.must_answer = must_answer
        self._read: _Read | None = None
        self._asking = False

    def compose(self) -> ComposeResult:
        """The patient, the number to call, what was found, which scrolls when it is much; then what answers it."""
        with Vertical(classes="panel -danger"):
            yield Static("", id="title", classes="panel--title", markup=False)
            yield Static("", id="call", markup=False)
            with VerticalScroll(id="signs", can_focus=False):
                yield Static("")
            with Vertical(id="answer"):
                yield Words("f0.alert_told_whom")
                yield TextField(id="told", max_length=120)
            yield Static("", classes="panel--keys", id="keys", markup=False)

    def on_mount(self) -> None:
        """Read the alert and the number to call; that the number was shown is noted."""
        self.query_one("#answer").display = False
        self.watch(self.query_one("#signs"), "virtual_size", self._say_keys, init=False)
        self._read_alert()

    def on_screen_resume(self) -> None:
        """Unlocked again: show the number again."""
        if self._read is not None and not self._read.phone:
            self._read_alert()

    def keep_draft(self) -> None:
        """Before the laptop is locked: no number stays on the screen behind the login."""
        if self._read is not None:
            self._show(replace(self._read, phone=""))

    def _read_alert(self) -> None:
        store, who, now = self.workspace.store, self.workspace.user, self.app.clock()

        def job() -> _Read:
            with store.read() as c:
                line, sets = alerts.alert_line(c, self.alert, now), rule_sets(c)
            return _Read(line, calling.number_to_call(store, who, line.person), sets)

        self._run(job, self._show, "alert")

    def records_changed(self) -> None:
        """After a sync: somebody may have answered it on another laptop."""
        self._read_alert()

    def _show(self, read: _Read) -> None:
        first, self._read = self._read is None, read
        if read.alert.state != AlertState.OPEN and self.is_current:
            self.app.say(t("f0.alert_answered", name=read.alert.full_name))
            self.leave(True)
            return
        self.query_one("#title", Static).update(alert_words.title(read.alert))
        self.query_one("#call", Static).update(alert_words.call(read.alert, read.phone))
        self.query_one("#signs Static", Static).update(alert_words.signs(read.alert, read.sets))
        if first:
            self.painted()

    # ---- keys

    def readiness_changed(self, first: bool) -> None:
        """Say which keys answer only while they would."""
        self._say_keys()

    def _say_keys(self) -> None:
        key = "f0.alert_wait"
        if self.ready.is_set() and self._asking:
            key = "f0.alert_answer_keys"
        elif self.ready.is_set():
            key = "f0.alert_keys" if self.must_answer else "f0.alert_keys_back"
        more = t("f0.alert_more") if self.query_one("#signs", VerticalScroll).max_scroll_y else ""
        self.query_one("#keys", Static).update(" · ".join(filter(None, (t(key), more))))

    async def _on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key in _PAGES and self.was_ready:
            signs = self.query_one("#signs", VerticalScroll)
            signs.scroll_relative(y=_PAGES[event.key] * max(1, signs.size.height - 1), animate=False)
        elif self._asking:
            if event.key == "escape":
                self._ask(False)
        elif self.counts(event):
            letter = (event.character or "").casefold()
            if letter == "a":
                self._ask(True)
            elif letter == "x":
                self._refer()
            elif event.key == "escape" and not self.must_answer:
                self.leave(False)

    def _ask(self, asking: bool) -> None:
        """Ask whom it was told, or not any more."""
        self._asking = asking
        self.query_one("#answer").display = asking
        self.query_one("#signs").set_class(asking, "-asking")
        self.set_focus(self.query_one("#told") if asking else None)
        self.readiness_changed(False)

    # ---- answers

    @on(TextField.Submitted, "#told")
    def _told(self, message: TextField.Submitted) -> None:
        """Whom it was told. An Enter right behind the A is a scanner's or a slip."""
        message.stop()
        told_to = message.value.strip()
        if not told_to or not self.ready.is_set():
            return
        store, who = self.workspace.store, self.workspace.user
        self._answer(lambda: alerts.tell(store, who, self.alert, told_to), t("f0.alert_told", who=told_to))

    def _refer(self) -> None:
        """The form of a referral; left without one, the alert still waits."""
        from tui_app.screens.cases.referral_form import ReferralForm

        if self._read is None:
            return
        line = self._read.alert

        def made(referral: str | None) -> None:
            if referral is None:
                self._read_alert()
            else:
                self.leave(True)

        self.app.push_screen(ReferralForm(line.case, line.full_name, self.alert), made)

    def _answer(self, job: Any, said: str) -> None:
        def then(_: Any) -> None:
            self.app.say(said)
            self.leave(True)

        self.save(job, then)
