"""What single users of this laptop may do besides their role, kept inside the encrypted file."""

from __future__ import annotations

from typing import Any

import msgspec

RESTRICTED_READERS = "restricted_readers"
"""Key of the fact that names who may see restricted conditions."""


def restricted_readers(c: Any) -> frozenset[str]:
    """The users who may see restricted conditions."""
    found = c.execute("SELECT value FROM setting WHERE key = ?", (RESTRICTED_READERS,)).fetchone()
    return frozenset(msgspec.json.decode(found[0])) if found else frozenset()
