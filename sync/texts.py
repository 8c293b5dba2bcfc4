"""Words that an erasure takes out of records that stay: a field of a record, as an erasure names it."""

from __future__ import annotations

from typing import Any

from sync.conflicts import CONFLICT, conflict_id

Key = tuple[str, str]  # type, id
Text = tuple[str, str, str]  # type, id, field
ErasedText = tuple[str, str, str, str]  # the same, and the erasure
ALL = "*"  # as the field: whatever is said of the record
DELETED_REASON = "deleted_reason"
REASON = "reason"  # as the field of a question whether a record is deleted: why, with each value it lists


def named_texts(listed: Any) -> set[Text]:
    """The fields that an erasure's ``texts`` names; whatever else stands in the list names none."""
    return {
        (one["type"], one["id"], one["field"])
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, dict) and all(isinstance(one.get(name), str) for name in ("type", "id", "field"))
    }


def question(text: Text) -> Key:
    """The conflict row that lists what was said of a field."""
    return CONFLICT, conflict_id(*text)


def along(text: Text) -> list[Text]:
    """What goes with a field: the question about it, and why a record was deleted also out of the question whether it
    is."""
    found = [(*question(text), ALL)]
    if text[2] == DELETED_REASON:
        found.append((*question((*text[:2], "deleted")), REASON))
    return found


def without_reasons(body: dict[str, Any]) -> dict[str, Any]:
    """The body of such a question without what anybody gave as a reason."""
    values = [{name: said for name, said in one.items() if name != REASON} for one in body.get("values", ())]
    return body | {"values": values}


def nothing_asked(text: Text) -> dict[str, Any]:
    """The body of that row once nothing of what it listed is left; a later question begins from it."""
    type_name, ident, field = text
    return {"record_type": type_name, "record": ident, "field": field, "state": "resolved", "values": []}
