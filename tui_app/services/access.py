"""Who looked at what: identity and telephone numbers are masked until someone asks, and that is noted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tui_app.clock import to_wire
from tui_app.errors import NotFound
from tui_app.store.engine import Store
from tui_app.store.rows import table

MASKED = ("national_id", "citizen_id_old", "insurance_number", "phone")
SHOWN_DIGITS = 3


def masked(number: Any) -> str:
    """A number with all but its last three digits hidden."""
    text = str(number)
    return "•" * max(len(text) - SHOWN_DIGITS, 0) + text[-SHOWN_DIGITS:]


def mask_fields(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with every identity and telephone number masked."""
    return {name: masked(value) if name in MASKED else value for name, value in fields.items()}


def unmasked(store: Store, who: str, ident: str, type_name: str = "person") -> dict[str, str]:
    """The numbers of a person or household; showing them is logged in the same transaction. Raises
    NotFound.
    """
    with store.write() as c:
        row = table(type_name).read(c, [ident]).get(ident)
        if row is None or row.deleted:
            raise NotFound("errors.record_not_found", kind=type_name)
        log_access(c, who, to_wire(store.clock()), "unmask", type_name, ident)
        return {name: str(row.body[name]) for name in MASKED if row.body.get(name)}


def log_access(
    c: Any, who: str, at: str, what: str, type_name: str = "", record: str = "", detail: str = ""
) -> None:
    """Note that a named record was opened, shown, exported or refused."""
    c.execute(
        "INSERT INTO access_entry (at, who, what, type, record, detail) VALUES (?, ?, ?, ?, ?, ?)",
        (at, who, what, type_name, record, detail),
    )
