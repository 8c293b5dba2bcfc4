"""Who looked at named records: a journal that is never changed, kept beside the records it speaks of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sync.registry import FieldClass
from tui_app.records.base import Record, moment, plain


class Access(StrEnum):
    """What was done with a named record.

    ``open``: its card; ``search_identity``: looked for by an identity number (which is never noted);
    ``unmask``: its full numbers, or what only some may see; ``permit``: a user was let see that, or no longer;
    ``export``: records of a unit left as lines or a sheet; ``refused``: any of these, asked for and not given;
    ``merge``: found to be one with another record, or not, or that taken back.
    """

    OPEN = "open"
    SEARCH_IDENTITY = "search_identity"
    UNMASK = "unmask"
    PERMIT = "permit"
    EXPORT = "export"
    REFUSED = "refused"
    MERGE = "merge"


class AccessEntry(Record, table=True):
    """Who did what, when. ``record``: the named record, none for a whole export; ``detail``: kind of number,
    format, or why it was refused. The entry lies in the unit of its record."""

    __tablename__ = "access_entry"
    append_only: ClassVar[bool] = True
    journal: ClassVar[bool] = True

    at: datetime | None = moment(FieldClass.PLAIN, index=True, required=True)
    who: str | None = plain(required=True)
    what: str | None = plain(codes=Access, required=True)
    record_type: str | None = plain()
    record: str | None = plain(index=True)
    detail: str | None = plain()
