"""The laptop's side of the wire."""

from sync.client.link import Link
from sync.client.outcome import (
    AreaState,
    Cancelled,
    NoLink,
    NotOurServer,
    NotTrusted,
    Progress,
    Refused,
    Summary,
    SyncError,
)
from sync.client.patience import Patience
from sync.client.run import OneSync
from sync.client.session import Identity
from sync.digests import digest

__all__ = [
    "AreaState",
    "Cancelled",
    "Identity",
    "Link",
    "NoLink",
    "NotOurServer",
    "NotTrusted",
    "OneSync",
    "Patience",
    "Progress",
    "Refused",
    "Summary",
    "SyncError",
    "digest",
]
