"""The laptop's side of the wire."""

from sync.client.link import Link
from sync.client.outcome import (
    AreaState,
    Cancelled,
    NoLink,
    NotOurServer,
    Progress,
    Refused,
    Summary,
    SyncError,
)
from sync.client.run import OneSync, digest

__all__ = [
    "AreaState",
    "Cancelled",
    "Link",
    "NoLink",
    "NotOurServer",
    "OneSync",
    "Progress",
    "Refused",
    "Summary",
    "SyncError",
    "digest",
]
