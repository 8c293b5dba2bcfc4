"""One key at a time: the App hands out a key only when everything the last one caused is done.

Textual forwards a key to whatever has the focus *when the key is read*, then lets it travel up through
the message queues. Keys typed ahead on a stalled laptop are therefore all given to the same field
before the first Tab has moved the focus, and a backspace that is a binding is overtaken by the letters
typed after it. Vietnamese input methods send exactly such bursts. ``OrderedKeys`` keeps the waiting
keys in a line of its own instead.

When is a key finished? A small call is sent through the queues of the focused widget, its ancestors,
the screen and the App; when it has come through all of them, so has the key. What the key set off
(messages, a moved focus, a pushed or dismissed screen) lies in the same queues, so the round is
repeated until a round finds the queues empty and the scene unchanged. About 0.5 ms a round for a field
six levels deep.

What a screen must do for this to hold: move the focus and push screens from the handler itself, not
from ``call_after_refresh``; wrap work that decides where the next key belongs (a save in a worker) in
``hold_keys``.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

from textual import events
from textual.app import App, ReturnType
from textual.message_pump import MessagePump

SLICE = 0.1  # seconds; patience is counted in slices the event loop was awake for, not by the clock
HOLD_LOOK = 0.01  # seconds between looks at the holds
ROUNDS = 12  # a chain of messages longer than this is not waited for
NEWLINE_AFTER_ENTER = 0.05  # seconds: \r\n of a scanner is one Enter


class KeyHold:
    """A reason for keys to wait; ``release`` it, from any thread, or leave its ``with`` block."""

    def __init__(self, holds: set[KeyHold]) -> None:
        self._holds = holds
        holds.add(self)

    def release(self) -> None:
        """Let keys go on, as far as this hold is concerned. A second call does nothing."""
        self._holds.discard(self)

    def __enter__(self) -> KeyHold:
        return self

    def __exit__(self, *raised: object) -> None:
        self.release()


class OrderedKeys(App[ReturnType]):
    """Base class (or first mixin) of the App; see the module.

    ``KEY_PATIENCE``: seconds a handler may take before the keyboard goes on without it. A frozen event
    loop does not count against it. ``HOLD_PATIENCE``: the same for ``hold_keys``.
    """

    KEY_PATIENCE: ClassVar[float] = 5.0
    HOLD_PATIENCE: ClassVar[float] = 10.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._key_line: deque[events.Key | events.Paste] = deque()
        self._key_task: asyncio.Task[None] | None = None
        self._key_released: events.Event | None = None
        self._key_route: tuple[MessagePump, ...] = ()
        self._key_last: events.Key | None = None
        self._key_holds: set[KeyHold] = set()
        # pumps that did not answer in time, with the answer still owed
        self._key_stuck: WeakKeyDictionary[MessagePump, asyncio.Event] = WeakKeyDictionary()

    def hold_keys(self) -> KeyHold:
        """Keep typed keys waiting from now until the hold is released, at most ``HOLD_PATIENCE`` seconds.

        For work in a worker after which the next key belongs elsewhere: save, then open the next door.
        Take the hold in the handler of the key and release it in the worker (``with hold:`` does).
        """
        return KeyHold(self._key_holds)

    @property
    def keys_waiting(self) -> bool:
        """Whether keys were typed that nobody was given yet."""
        return bool(self._key_line)

    def hand_back(self, keys: Iterable[events.Key]) -> None:
        """Give out again, before those that wait, keys a screen was given that were typed for what lies below it."""
        self._key_line.extendleft([events.Key(key.key, key.character) for key in keys][::-1])
        if self._key_line and self._key_task is None:
            self._key_task = asyncio.create_task(self._hand_out())

    async def keys_settled(self) -> None:
        """Wait until every key received so far is finished. For tests; never from a message handler."""
        await self._answer(self)
        while self._key_task is not None:
            await asyncio.wait([self._key_task])

    async def on_event(self, event: events.Event) -> None:
        if not isinstance(event, (events.Key, events.Paste)) or event.is_forwarded:
            await super().on_event(event)
        elif event is self._key_released:
            self._key_released = None
            await self._route(event)
        elif (received := self._as_typed(event)) is not None:
            if self._key_task is None and not self._key_holds and self.screen.is_mounted:
                self._key_task = asyncio.create_task(self._hand_out())
                await self._route(received)
            else:
                self._key_line.append(received)
                if self._key_task is None:
                    self._key_task = asyncio.create_task(self._hand_out())

    async def _press_keys(self, keys: Iterable[str]) -> None:
        """Simulated presses (Pilot) also wait for the line to be empty."""
        await super()._press_keys(keys)
        await self.keys_settled()

    async def _check_bindings(self, key: str, priority: bool = False) -> bool:
        """Caps Lock takes no key away: where nothing has the capital letter, the small one is meant."""
        if await super()._check_bindings(key, priority):
            return True
        small = key.lower() if len(key) == 1 else key
        return small != key and await super()._check_bindings(small, priority)

    def _as_typed(self, event: events.Key | events.Paste) -> events.Key | events.Paste | None:
        """A newline is Enter: scanners send it, and so does a terminal for keys typed before the app
        was up.

        None for the second half of a carriage return and newline pair.
        """
        if isinstance(event, events.Paste):
            self._key_last = None
            return event
        last, self._key_last = self._key_last, event
        if event.key != "ctrl+j":
            return event
        if last is not None and last.key == "enter" and event.time - last.time < NEWLINE_AFTER_ENTER:
            return None
        return events.Key("enter", "\r")

    async def _route(self, event: events.Key | events.Paste) -> None:
        self._key_route = self._way_up(self.focused or self.screen)
        await super().on_event(event)

    def _way_up(self, pump: MessagePump | None) -> tuple[MessagePump, ...]:
        """``pump``, its ancestors, and the App: the queues a key given to ``pump`` travels through."""
        way: list[MessagePump] = []
        while pump is not None and pump is not self:
            way.append(pump)
            pump = pump._parent
        return (*way, self)

    async def _hand_out(self) -> None:
        """Settle what is under way, then give the next waiting key to the App, until none is left."""
        try:
            # the pump that started this task is still routing its key; let it
            await self._answer(self)
            while True:
                await self._settle()
                await self._wait_for_holds()
                if not self._key_line or not self._is_open:
                    return
                self._key_released = self._key_line.popleft()
                self.post_message(self._key_released)
                await self._answer(self)
        finally:
            self._key_task = None

    @property
    def _is_open(self) -> bool:
        return self._running and not self._exit and bool(self._screen_stack)

    def _scene(self) -> tuple[object, object]:
        return (self.screen, self.focused)

    async def _settle(self) -> None:
        """Wait until nothing of the last key is left in the queues it passed, nor in those it led to."""
        for _ in range(ROUNDS):
            if not self._is_open:
                return
            scene = self._scene()
            pumps = dict.fromkeys((*self._key_route, *self._way_up(self.focused or self.screen)))
            for pump in pumps:
                if pump is not self:
                    await self._answer(pump)
            await self._answer(self)
            if not self._is_open:
                return
            if scene == self._scene() and not any(self._has_work(pump) for pump in pumps):
                return

    def _has_work(self, pump: MessagePump) -> bool:
        return pump not in self._key_stuck and pump.is_running and pump.message_queue_size > 0

    async def _answer(self, pump: MessagePump) -> None:
        """Wait until ``pump`` has worked off what is in its queue now, but no longer than ``KEY_PATIENCE``.

        A pump that once let the time run out is not waited for again until it has answered.
        """
        owed = self._key_stuck.get(pump)
        if owed is not None:
            if not owed.is_set():
                return
            del self._key_stuck[pump]
        answered = asyncio.Event()
        if not pump.call_later(answered.set):
            return
        for _ in range(max(1, round(self.KEY_PATIENCE / SLICE))):
            if await _within_slice(answered):
                return
            if not pump.is_running or not self._is_open:
                return
        self._key_stuck[pump] = answered

    async def _wait_for_holds(self) -> None:
        """Wait for every hold; what is still held when patience ends is held no more."""
        if not self._key_holds:
            return
        for _ in range(max(1, round(self.HOLD_PATIENCE / HOLD_LOOK))):
            await asyncio.sleep(HOLD_LOOK)
            if not self._key_holds or not self._is_open:
                break
        self._key_holds.clear()
        await self._settle()


async def _within_slice(happened: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(SLICE):
            await happened.wait()
    except TimeoutError:
        return False
    return True
