"""Keys typed ahead of a slow App: each waits until the one before it is finished."""

from __future__ import annotations

import asyncio
import time
from typing import Any, ClassVar

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen, Screen

from tui_app.keys import KeyHold, OrderedKeys
from tui_app.widgets.text_field import TextField

NAMES = {"\x7f": "backspace", "\t": "tab", "\r": "enter", "\n": "ctrl+j", "\x1b": "escape"}


def press(app: OrderedKeys[Any], text: str) -> None:
    """All keys into the App's queue at once."""
    for char in text:
        app.post_message(events.Key(NAMES.get(char, char), char))


class Question(ModalScreen[str]):
    """Asks one thing; Enter answers, Esc goes back."""

    def compose(self) -> ComposeResult:
        yield TextField()

    @on(TextField.Submitted)
    def answer(self, message: TextField.Submitted) -> None:
        message.stop()
        self.dismiss(message.value)

    def key_escape(self) -> None:
        self.dismiss("")


class SlowQuestion(Question):
    """Takes a while to open."""

    async def on_mount(self) -> None:
        await asyncio.sleep(0.3)
        self.query_one(TextField).focus()


class Main(Screen[None]):
    """Enter in the first field opens a question; ! asks it from a worker."""

    BINDINGS: ClassVar = [("f2", "ask_waiting", "ask")]

    def compose(self) -> ComposeResult:
        yield TextField(id="first")
        yield TextField(id="second")

    @on(TextField.Submitted, "#first")
    def ask(self) -> None:
        self.app.push_screen(self.app.question(), self.answered)  # type: ignore[attr-defined]

    def answered(self, answer: str | None) -> None:
        self.query_one("#second", TextField).value = answer or "?"
        self.query_one("#second", TextField).focus()

    @work
    async def action_ask_waiting(self) -> None:
        answer = await self.app.push_screen_wait(Question())
        self.answered(answer)


class Ordered(OrderedKeys[None]):
    question: type[Question] = Question

    def get_default_screen(self) -> Main:
        return Main()

    def values(self) -> list[str]:
        return [field.value for field in self.screen.query(TextField)]


async def test_a_screen_opened_and_closed_by_typed_ahead_keys_gets_its_letters() -> None:
    app = Ordered()
    async with app.run_test():
        press(app, "Lan\rHòa\r!\t+")
        await app.keys_settled()
        assert app.values() == ["Lan+", "Hòa!"]


async def test_a_slow_screen_is_waited_for() -> None:
    app = Ordered()
    app.question = SlowQuestion
    async with app.run_test():
        press(app, "Lan\rHòa\r!")
        await app.keys_settled()
        assert app.values() == ["Lan", "Hòa!"]


async def test_escape_typed_ahead_goes_back_before_the_next_letter() -> None:
    app = Ordered()
    async with app.run_test():
        press(app, "Lan\rxyz\x1b!")
        await app.keys_settled()
        assert app.values() == ["Lan", "?!"]


async def test_a_worker_waiting_for_a_screen_does_not_block_the_keyboard() -> None:
    app = Ordered()
    async with app.run_test():
        press(app, "a")
        app.post_message(events.Key("f2", None))
        press(app, "bc\rd")
        await app.keys_settled()
        assert app.values() == ["a", "bcd"]


async def test_pilot_presses_pass_through() -> None:
    app = Ordered()
    async with app.run_test() as pilot:
        await pilot.press("a", "b", "tab", "c", "backspace", "d", "f2", "e", "enter")
        assert app.values() == ["ab", "e"]


async def test_a_newline_is_one_enter_also_behind_a_carriage_return() -> None:
    app = Ordered()
    async with app.run_test():
        press(app, "Lan\r\nHòa\n!")
        await app.keys_settled()
        assert app.values() == ["Lan", "Hòa!"]


async def test_a_paste_keeps_its_place_among_the_keys() -> None:
    app = Ordered()
    async with app.run_test():
        press(app, "a\t")
        app.post_message(events.Paste("dán"))
        press(app, "\x7f!")
        await app.keys_settled()
        assert app.values() == ["a", "dá!"]


class KeepsDigits(ModalScreen[None]):
    """Takes no digit; Enter closes it and gives the digits back to what lies below."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[events.Key] = []

    async def _on_key(self, event: events.Key) -> None:
        event.stop()
        event.prevent_default()
        if event.key == "enter":
            self.dismiss()
            self.app.hand_back(self.kept)  # type: ignore[attr-defined]
        else:
            self.kept.append(event)


async def test_keys_handed_back_come_before_those_that_wait() -> None:
    app = Ordered()
    async with app.run_test():
        await app.push_screen(KeepsDigits())
        press(app, "12\r34\t5")
        await app.keys_settled()
        assert app.values() == ["1234", "5"]


class Heavy(Screen[None]):
    """Every change costs 50 ms, asleep or with the loop blocked."""

    blocked = False

    def compose(self) -> ComposeResult:
        yield TextField()
        yield TextField()

    @on(TextField.Changed)
    async def take_time(self) -> None:
        if self.blocked:
            time.sleep(0.05)  # noqa: ASYNC251 - a blocked loop is what is tested
        else:
            await asyncio.sleep(0.05)


async def test_slow_handlers_lose_nothing() -> None:
    for blocked in (False, True):
        app = Ordered()
        async with app.run_test():
            screen = Heavy()
            screen.blocked = blocked
            await app.push_screen(screen)
            press(app, "37.5\t96\x7f8")
            await app.keys_settled()
            assert app.values() == ["37.5", "98"]


class Stuck(Screen[None]):
    """A handler that does not end on Enter until the test lets it."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = asyncio.Event()

    def compose(self) -> ComposeResult:
        yield TextField()

    @on(TextField.Submitted)
    async def never(self) -> None:
        await self.let_go.wait()


class Impatient(Ordered):
    KEY_PATIENCE = 0.3
    HOLD_PATIENCE = 0.3
    BINDINGS: ClassVar = [Binding("f5", "note", "note", priority=True)]
    noted = 0

    def action_note(self) -> None:
        self.noted += 1


async def test_a_stuck_handler_costs_its_patience_once_and_then_the_keyboard_lives() -> None:
    app = Impatient()
    async with app.run_test():
        stuck = Stuck()
        await app.push_screen(stuck)
        field = app.screen.query_one(TextField)
        press(app, "ab\rcd")
        started = time.monotonic()
        await app.keys_settled()
        assert field.value == "abcd"
        assert time.monotonic() - started < 3
        stuck.let_go.set()


async def test_the_app_itself_still_hears_keys_above_a_stuck_screen() -> None:
    app = Impatient()
    async with app.run_test():
        stuck = Stuck()
        await app.push_screen(stuck)
        press(app, "ab\r")
        await app.keys_settled()
        await app.push_screen(Question())
        press(app, "xyz")
        app.post_message(events.Key("f5", None))
        await app.keys_settled()
        stuck.let_go.set()
        assert app.values() == ["xyz"]
        assert app.noted == 1


class Saving(Screen[None]):
    """Enter saves in a worker, and only then goes to the next field."""

    def compose(self) -> ComposeResult:
        yield TextField(id="first")
        yield TextField(id="second")

    @on(TextField.Submitted)
    def save(self) -> None:
        self.go_on(self.app.hold_keys())  # type: ignore[attr-defined]

    @work(thread=True)
    def go_on(self, hold: KeyHold) -> None:
        with hold:
            time.sleep(0.2)
            self.app.call_from_thread(self.set_focus, self.query_one("#second"))


async def test_held_keys_wait_for_the_save_and_land_behind_it() -> None:
    app = Ordered()
    async with app.run_test():
        await app.push_screen(Saving())
        press(app, "Lan\rHòa")
        await app.keys_settled()
        assert app.values() == ["Lan", "Hòa"]


async def test_a_hold_that_is_never_released_runs_out() -> None:
    app = Impatient()
    async with app.run_test():
        hold = app.hold_keys()
        press(app, "ab")
        await app.keys_settled()
        assert app.values()[0] == "ab"
        hold.release()
