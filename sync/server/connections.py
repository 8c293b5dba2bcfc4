"""Connections of the server that do not wait for ever: heads that dribble, answers nobody takes, too many at once."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from sync.server.limits import Limits


class Connection(H11Protocol):
    """A connection within `Limits`; `within` makes the class for some.

    Between two requests - before the first, while a head arrives, after an answer whose body was not read to
    its end - it lives ``head_seconds``. While a laptop takes nothing of its answer, ``stall_seconds``. The
    body of a request is not its concern: `Guard` waits for that.
    """

    limits = Limits()

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._late: asyncio.TimerHandle | None = None
        self._stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take it, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.max_connections:
            transport.abort()
        else:
            self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is over."""
        for timer in (self._late, self._stalled):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """An answer is out."""
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        """The laptop takes less than it is given."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(self.limits.stall_seconds, self._give_up)

    def resume_writing(self) -> None:
        """It takes again."""
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _watch(self) -> None:
        answering = self.cycle is not None and not self.cycle.response_complete
        if answering and self._late is not None:
            self._late.cancel()
            self._late = None
        elif not answering and self._late is None and not self.transport.is_closing():
            self._late = self.loop.call_later(self.limits.head_seconds, self._give_up)

    def _give_up(self) -> None:
        self.transport.abort()


def within(limits: Limits) -> type[Connection]:
    """The class of connections within ``limits``."""
    return type("ConnectionWithin", (Connection,), {"limits": limits})
