"""Signed in: from the right password until signing out, half an hour without a page, or the end of a working day.

A session is a random token in a cookie that no script can read and no other site sends; the server keeps its hash.
What a form sends back to prove that it came from our page is made from the token, so nothing more has to be kept.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sync.protocol import from_wire, to_wire
from sync.server.database import Database
from sync.server.pages.accounts import PageUser, page_user
from sync.server.scope import hashed, new_token

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=10)
_SEEN_AGAIN = timedelta(minutes=1)  # a page does not cost a write each


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in. ``form``: what their forms have to send back."""

    user: PageUser
    form: str


def begin(database: Database, user: PageUser, now: datetime, *, instead_of: str = "") -> str:
    """A new session; forgets those that have ended, and the one of this browser before. Returns its token."""
    token, moment = new_token(), to_wire(now)
    with database.write() as tx:
        tx.run(
            "DELETE FROM page_session WHERE begun <= :oldest OR seen <= :idle OR token_hash = :before",
            oldest=to_wire(now - LONGEST),
            idle=to_wire(now - IDLE),
            before=hashed(instead_of),
        )
        tx.run(
            "INSERT INTO page_session (token_hash, page_user, begun, seen) VALUES (:hash, :user, :now, :now)",
            hash=hashed(token),
            user=user.id,
            now=moment,
        )
    return token


def session(database: Database, token: str, now: datetime) -> Session | None:
    """Whose token this is; None for one that is unknown or has ended."""
    if not token:
        return None
    with database.read() as tx:
        found = tx.one(
            "SELECT page_user, begun, seen FROM page_session WHERE token_hash = :hash", hash=hashed(token)
        )
        user = page_user(tx, found[0]) if found else None
    if found is None or user is None:
        return None
    begun, seen = from_wire(found[1]), from_wire(found[2])
    if now - begun >= LONGEST or now - seen >= IDLE:
        return None
    if now - seen >= _SEEN_AGAIN:
        with database.write() as tx:
            tx.run(
                "UPDATE page_session SET seen = :now WHERE token_hash = :hash",
                now=to_wire(now),
                hash=hashed(token),
            )
    return Session(user, form_token(token))


def end(database: Database, token: str) -> None:
    """Sign out."""
    with database.write() as tx:
        tx.run("DELETE FROM page_session WHERE token_hash = :hash", hash=hashed(token))


def known_mark(secret: bytes, name: str) -> str:
    """What a browser keeps of having signed in under a name once: whoever guesses at the name elsewhere does not make
    it wait."""
    return hmac.new(secret, f"signed in {name}".encode(), hashlib.sha256).hexdigest()


def form_token(token: str) -> str:
    """What a form shows of a cookie's secret: enough to know it again, too little to use it."""
    return hmac.new(token.encode(), b"form", hashlib.sha256).hexdigest()


def same_form(token: str, sent: str) -> bool:
    """Whether a form came from a page that was shown with this cookie."""
    return bool(token) and hmac.compare_digest(form_token(token).encode(), sent.encode())
