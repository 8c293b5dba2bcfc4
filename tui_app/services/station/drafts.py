"""What was typed and not yet saved, kept in the encrypted file so that a dead battery loses nothing."""

from __future__ import annotations

from typing import Any

import msgspec

from tui_app.clock import to_wire
from tui_app.store.engine import Store


def keep(store: Store, who: str, key: str, kind: str, body: dict[str, Any]) -> None:
    """Keep ``body`` under ``key`` (for example ``visit:<household>``), on disk when this returns."""
    with store.write() as c:
        put(c, who, key, kind, body, to_wire(store.clock()))


def put(c: Any, who: str, key: str, kind: str, body: dict[str, Any], at: str) -> None:
    """Keep ``body`` within the caller's transaction."""
    c.execute(
        "INSERT OR REPLACE INTO draft (key, kind, who, body, changed_at) VALUES (?, ?, ?, ?, ?)",
        (key, kind, who, msgspec.json.encode(body).decode(), at),
    )


def kept(c: Any, key: str) -> dict[str, Any] | None:
    """The draft under ``key``, or None."""
    found = c.execute("SELECT body FROM draft WHERE key = ?", (key,)).fetchone()
    return None if found is None else msgspec.json.decode(found[0], type=dict[str, Any])


def kept_under(c: Any, start: str) -> dict[str, dict[str, Any]]:
    """All drafts whose key begins with ``start``, by key."""
    found = c.execute("SELECT key, body FROM draft WHERE key >= ? AND key < ?", (start, start + "\uffff"))
    return {key: msgspec.json.decode(body, type=dict[str, Any]) for key, body in found}


def drop(c: Any, key: str) -> None:
    """Forget a draft, within the save that made it a record (or because its writer said so)."""
    c.execute("DELETE FROM draft WHERE key = ?", (key,))


def discard(store: Store, key: str) -> None:
    """Forget a draft because its writer said so; on disk when this returns."""
    with store.write() as c:
        drop(c, key)


def count(c: Any) -> int:
    """How many drafts wait for their writer."""
    return int(c.execute("SELECT count(*) FROM draft").fetchone()[0])
