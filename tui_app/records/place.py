"""Areas and households: where people live and in which order they are visited."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from sync.registry import FieldClass
from tui_app.records.base import Record, listing, objects, plain


class Area(Record, table=True):
    """The smallest unit of access (thôn, tổ dân phố). Its id is opaque: government codes change (rules §3.7).

    ``former``: [{"commune_code", "commune_name", "unit_code", "unit_name", "valid_from", "valid_to", "document"}], what
    the unit was called before, for papers of that time.
    """

    __tablename__ = "area"
    server_written: ClassVar[bool] = True

    commune_code: str | None = plain()
    commune_name: str | None = plain()
    unit_code: str | None = plain()
    unit_name: str | None = plain()
    valid_from: date | None = plain()
    valid_to: date | None = plain()
    aliases: list[str] | None = listing(FieldClass.PLAIN)
    former: list[dict[str, Any]] | None = objects()


class Household(Record, table=True):
    """A door. ``walk_order``: place along the alley, from 1; ``head``: id of the head's person record;
    ``location``: ``latitude,longitude`` in degrees; ``added_on``: the day it was found at the door and typed in,
    None for one that came with a list."""

    __tablename__ = "household"

    code: str | None = plain()
    address: str | None = plain()
    alley: str | None = plain()
    walk_order: int | None = plain(ge=0)
    head: str | None = plain()
    phone: str | None = plain()
    location: str | None = plain()
    added_on: date | None = plain()
    note: str | None = plain()
