"""Small facts about this workspace, kept inside the encrypted file: which laptop it is, which server it meets."""

from __future__ import annotations

from typing import Any

import msgspec

DEVICE = "device"  # this laptop's id, made at set-up
SERVER = "server"  # base address of the server, absent while the workspace is local
TOKEN = "token"  # the bearer token of the enrolment
SERVER_USER = "server_user"  # the name the server knows this laptop's user by
EPOCH = "scope_epoch"
HISTORY = "server_history"  # another one after each restore of the server
PRUNED = "pruned_at"  # when old answered ops were last let go
BUNDLE_KEYS = (
    "bundle_keys"  # this laptop's key pairs for files carried by hand, and the device they were told for
)
SERVER_KEYS = "server_keys"  # the server's public keys
SCOPE_AT = "scope_at"  # when the server last said which areas are ours, by its own clock
BUNDLES = "bundles"  # the files written and taken in lately
LEASE_DAYS = "lease_days"  # as the server last said
LATEST_SEEN = "latest_seen"  # wire moment; see lease.py
LAPTOPS = "laptops"  # the commune's, as the server last told its chief
UNSENT = "unsent_by_day"  # how many saves they had not sent together, as it was last told on each day
IMPORT_AREA = "import_area"


def get(c: Any, key: str, default: Any = None) -> Any:
    """The fact under ``key``."""
    found = c.execute("SELECT value FROM setting WHERE key = ?", (key,)).fetchone()
    return default if found is None else msgspec.json.decode(found[0])


def put(c: Any, key: str, value: Any) -> None:
    """Keep a fact; None forgets it."""
    if value is None:
        c.execute("DELETE FROM setting WHERE key = ?", (key,))
    else:
        c.execute(
            "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)",
            (key, msgspec.json.encode(value).decode()),
        )
