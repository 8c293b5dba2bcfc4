"""``/healthz`` and ``/metrics``: for whoever watches over the server."""

from __future__ import annotations

import hmac
import ipaddress
from dataclasses import dataclass, field

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from sync.server.metrics import MEDIA_TYPE, Metrics
from sync.server.problems import Refused
from sync.server.requests import meeting_of

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")  # somebody else asks through a proxy
router = APIRouter()


@dataclass(frozen=True, slots=True)
class MetricsAccess:
    """Who may read ``/metrics``: this machine, whoever brings ``token`` as a bearer, or with ``open`` anybody."""

    open: bool = False
    token: str = field(default="", repr=False)

    def allows(self, request: Request) -> bool:
        """Whether this request may read."""
        given = request.headers.get("authorization", "")
        if self.token and hmac.compare_digest(given.encode(), f"Bearer {self.token}".encode()):
            return True
        return self.open or _from_here(request)


@router.get("/healthz")
async def healthz(request: Request) -> Response:
    """200 while the database answers, otherwise 503."""
    meeting = meeting_of(request)

    def ask() -> None:
        with meeting.database.read() as tx:
            tx.one("SELECT 1 FROM server_state")

    try:
        await run_in_threadpool(ask)
    except Exception as error:  # noqa: BLE001 - whatever it is, this server cannot serve now
        request.state.log["unhealthy"] = type(error).__name__
        return Response(b'{"ok":false}', 503, {"Retry-After": "5"}, media_type="application/json")
    return Response(b'{"ok":true}', media_type="application/json")


@router.get("/metrics", include_in_schema=False)
async def metrics(request: Request) -> Response:
    """The counts, for those who may read them; for others there is no such page."""
    access, counted = request.app.state.metrics_access, request.app.state.metrics
    assert isinstance(access, MetricsAccess)
    assert isinstance(counted, Metrics)
    if not access.allows(request):
        raise Refused(404, "not-found", "no such page")
    return Response(counted.text(), media_type=MEDIA_TYPE)


def _from_here(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ipaddress.ip_address(request.client.host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
