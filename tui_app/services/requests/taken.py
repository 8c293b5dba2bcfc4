"""Whether an erasure has reached whoever keeps the records: what was removed on this laptop alone is not done yet."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sync.outbox import LOCAL

TYPE = "erasure"
WAITS, REFUSED = "waits", "refused"


def not_taken(c: Any) -> dict[str, str]:
    """Request -> WAITS where the server has not answered an erasure made for it, REFUSED where it holds or has refused
    one. A request all of whose erasures were taken has "": nobody heard of one where it is missing."""
    request_of: dict[str, str] = {}
    states: dict[str, set[str]] = defaultdict(set)
    for ident, request, state in (*c.execute(_HERE), *c.execute(_STOPPED)):
        if request:
            request_of[ident] = request
            states[ident].add(state)
    found: dict[str, str] = {}
    for ident, request in request_of.items():
        found[request] = _worse(found.get(request, ""), _state(states[ident]))
    return found


def _state(states: set[str]) -> str:
    """Of one erasure, by its ops: a later one may have answered an earlier one that was stopped."""
    if "acked" in states:
        return ""
    return WAITS if states & {"new", "sent"} else REFUSED


def _worse(one: str, other: str) -> str:
    return max(one, other, key=("", WAITS, REFUSED).index)


# an erasure without an op came from the server; in a workspace that no server knows nobody else is to take it
_HERE = f"""
SELECT e.id, e.request, CASE WHEN a.mode = '{LOCAL}' THEN 'acked' ELSE coalesce(o.state, 'acked') END
FROM erasure AS e LEFT JOIN outbox AS o ON o.record = e.id AND o.type = '{TYPE}'
LEFT JOIN cursor AS a ON a.area = e.area WHERE NOT e.deleted
"""
# withdrawn, one is not in its table any more
_STOPPED = f"""
SELECT record, "set" ->> '$.request[1]', state FROM outbox WHERE state IN ('held', 'rejected') AND type = '{TYPE}'
"""
