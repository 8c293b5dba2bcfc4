"""The records behind the figures of a report, small enough for one row on the wire.

A row travels as one line of at most 1 MiB. Ids are kept as they are while they are few; many are packed, 16 bytes a
UUID; what has no room even so, the longest lists first, is left out and said to be.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

PLAIN_IDS = 5_000
ROOM = 700_000  # letters of all lists of a report together


def kept_ids(
    lists: Mapping[str, Sequence[str]], *, plain: int = PLAIN_IDS, room: int = ROOM
) -> list[dict[str, Any]]:
    """[{"name", "ids"}], [{"name", "packed"}] where there are many, or [{"name", "left_out"}] with their number."""
    if sum(map(len, lists.values())) <= plain:
        return [{"name": name, "ids": list(ids)} for name, ids in lists.items() if ids]
    found: dict[str, dict[str, Any]] = {}
    left = room
    for name, ids in sorted(lists.items(), key=lambda one: len(one[1])):
        one = _packed(ids)
        size = len(one.get("packed", "")) or sum(len(ident) + 3 for ident in ids)
        if size > left:
            one = {"left_out": len(ids)}
        else:
            left -= size
        if ids:
            found[name] = {"name": name, **one}
    return [found[name] for name in lists if name in found]


def ids_of(kept: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...] | None]:
    """name -> the ids, None where they were left out."""
    found: dict[str, tuple[str, ...] | None] = {}
    for one in kept:
        if "left_out" in one:
            found[str(one["name"])] = None
        elif "packed" in one:
            data = base64.b64decode(one["packed"])
            found[str(one["name"])] = tuple(
                str(UUID(bytes=data[at : at + 16])) for at in range(0, len(data), 16)
            )
        else:
            found[str(one["name"])] = tuple(one.get("ids") or ())
    return found


def _packed(ids: Sequence[str]) -> dict[str, Any]:
    try:
        uuids = [UUID(ident) for ident in ids]
    except ValueError:
        return {"ids": list(ids)}
    if [str(uuid) for uuid in uuids] != list(ids):  # another way of writing them would not come back
        return {"ids": list(ids)}
    return {"packed": base64.b64encode(b"".join(uuid.bytes for uuid in uuids)).decode()}
