"""The way to the server as services see it: the link with this laptop's token, and its failures in our own words."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sync.protocol import ForkRequest
from tui_app.clock import Clock
from tui_app.errors import GonhaError, NoLink, SyncRefused
from tui_app.i18n import t
from tui_app.records import JOURNALS
from tui_app.services.access import lease
from tui_app.services.command import laptops
from tui_app.services.exchange import bundle_keys
from tui_app.services.station import facts

if TYPE_CHECKING:
    from sync.client import Identity, Link, Summary, SyncError
    from sync.protocol import Enrolled, Scope

REFUSALS = {
    "bad-code": "link.refused_code",
    "code-used": "link.refused_code_used",
    "code-expired": "link.refused_code_expired",
    "no-token": "link.refused_token",
    "bad-token": "link.refused_token",
    "device-revoked": "link.refused_revoked",
    "too-old": "link.refused_too_old",
    "generation-changed": "link.refused_generation",
    "scope-changed": "link.refused_scope",
    "device-forked": "link.refused_forked",
}


def link_of(c: Any, clock: Clock) -> Link:
    """The link of an enrolled laptop. Raises SyncRefused in a local workspace."""
    from sync.client import Link

    server = facts.get(c, facts.SERVER)
    if server is None:
        raise SyncRefused("link.no_server")
    return Link(server, facts.get(c, facts.DEVICE), facts.get(c, facts.TOKEN), now=clock)


def identity() -> Identity:
    """Where a sync keeps who this laptop is to the server."""
    from sync.client import Identity

    class Kept(Identity):
        uncounted = JOURNALS

        def met(self, c: Any, scope: Scope) -> bool:
            return scope_met(c, scope)

        def fork_request(self) -> ForkRequest:
            self._keys = bundle_keys.fresh()  # the old pairs belong to the laptop this one was copied from
            return ForkRequest(
                device=platform.node()[:100],
                public_key=self._keys.sealing_public,
                signing_key=self._keys.signing_public,
            )

        def became(self, c: Any, enrolled: Enrolled) -> None:
            facts.put(c, facts.DEVICE, enrolled.device)
            facts.put(c, facts.TOKEN, enrolled.token)
            facts.put(c, facts.EPOCH, None)
            bundle_keys.keep(c, self._keys, told=enrolled.device)
            bundle_keys.learn(c, enrolled.sealing_key, enrolled.signing_key)

    return Kept()


def scope_met(c: Any, scope: Scope, at: str = "") -> bool:
    """Note what the server told of this laptop. ``at``: when, wire moment, empty for now. Returns whether it was
    restored from a backup since it last told something."""
    lease.answered(c, scope.lease_days, at)
    bundle_keys.learn(c, scope.sealing_key, scope.signing_key)
    facts.put(c, facts.SCOPE_AT, scope.now or None)
    laptops.note(c, scope)
    return went_back(c, scope)


def went_back(c: Any, scope: Scope) -> bool:
    """Whether the server's history is another one than the last time, or it had told something newer before. A
    laptop whose units were all handed over meanwhile has no other way to know."""
    epoch, history = facts.get(c, facts.EPOCH, 0), facts.get(c, facts.HISTORY)
    facts.put(c, facts.EPOCH, scope.epoch)
    facts.put(c, facts.HISTORY, scope.history or history)
    return scope.epoch < int(epoch) or bool(history and scope.history and history != scope.history)


@contextmanager
def told() -> Iterator[None]:
    """Failures of a sync as errors people can read. The original, with its summary, is the cause."""
    from sync import client

    try:
        yield
    except client.SyncError as error:
        raise in_words(error) from error


def in_words(error: SyncError) -> GonhaError:
    """The error to show for a sync that stopped: what happened, what is safe, what to do."""
    from sync import client

    done = {"pushed": error.summary.pushed, "pending": error.summary.pending}
    if isinstance(error, client.NoLink):
        return NoLink("link.no_link", detail=error.detail, **done)
    if isinstance(error, client.NotTrusted):
        return NoLink("link.not_trusted", detail=error.detail, **done)
    if isinstance(error, client.NotOurServer):
        return NoLink("link.not_our_server", detail=error.detail, **done)
    if isinstance(error, client.Cancelled):
        return GonhaError("link.cancelled", **done)
    if isinstance(error, client.Refused):
        if error.busy:
            return NoLink("link.busy", seconds=round(error.retry_after or 60), **done)
        return SyncRefused(REFUSALS.get(error.problem, "link.refused_other"), problem=error.problem, **done)
    return GonhaError("link.refused_other", problem=error.detail, **done)


def notes(summary: Summary) -> list[str]:
    """What a person should know of a sync besides its figures: a wrong clock, a restored server, a copied disk."""
    found = []
    if summary.clock != "ok":
        direction = t("link.clock_behind" if summary.clock_offset > 0 else "link.clock_ahead")
        minutes = round(abs(summary.clock_offset) / 60)
        found.append(t(f"link.clock_{summary.clock}", direction=direction, minutes=minutes))
    if summary.forked:
        found.append(t("link.forked"))
    if summary.healed:
        found.append(t("link.healed", resent=summary.resent, offered=summary.offered))
    if summary.repaired:
        found.append(t("link.repaired", count=len(summary.repaired)))
    return found
