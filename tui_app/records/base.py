"""What every record shares, and how a field declares its merge class.

A record type is an SQLModel table. Each column of its own says ``plain`` or ``clinical`` in its metadata; sync
reads that and nothing else. Field names follow the glossary in domain/rules.md §6.
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Dialect, Text, TypeDecorator
from sqlmodel import Field, SQLModel

from sync.registry import FieldClass, RecordType
from tui_app.records.words import words

COMMON = (
    "id",
    "area",
    "commune",
    "seq",
    "deleted",
    "extra",
    "changed_at",
    "changed_by",
    "changed_device",
)


class MomentText(TypeDecorator[datetime]):
    """An aware moment kept as ISO 8601 text in UTC with milliseconds: the same bytes on the wire and on disk."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def plain(default: Any = None, **options: Any) -> Any:
    """A field that merges by itself: the later value shows, the other stays listed.

    ``codes``: the StrEnum its values come from; ``required``: a new record must have it; other options are pydantic's.
    """
    return _classed(FieldClass.PLAIN, default, options)


def clinical(default: Any = None, **options: Any) -> Any:
    """A field no machine decides: two values stay side by side until a person chooses."""
    return _classed(FieldClass.CLINICAL, default, options)


def listing(kind: FieldClass, codes: type[StrEnum] | None = None) -> Any:
    """A field holding a list (of ``codes``, if given), kept as JSON."""
    info = {"merge": kind, "codes": codes, "required": False}
    return Field(default=None, sa_column=Column(JSON, nullable=True, info=info))


def objects(kind: FieldClass = FieldClass.PLAIN) -> Any:
    """A field holding a list of objects, kept as JSON."""
    return Field(default=None, sa_column=Column(JSON, nullable=True, info={"merge": kind}))


def moment(kind: FieldClass, **options: Any) -> Any:
    """A field holding an aware moment."""
    return _classed(kind, None, {"sa_type": MomentText, **options})


def _classed(kind: FieldClass, default: Any, options: dict[str, Any]) -> Any:
    info = {"merge": kind, "codes": options.pop("codes", None), "required": options.pop("required", False)}
    return Field(default=default, sa_column_kwargs={"info": info}, **options)


class Record(SQLModel):
    """The columns all synced types share.

    ``seq``: the area's counter when the server last wrote the row, 0 before that. ``extra``: fields this version
    does not know, kept and sent back untouched. ``changed_at``: UTC. ``journal``: the type notes what was done with
    records and is no work itself, so it is counted apart and left out of exports unless asked for.
    """

    append_only: ClassVar[bool] = False
    journal: ClassVar[bool] = False
    server_written: ClassVar[bool] = False
    erases: ClassVar[bool] = False
    severity: ClassVar[dict[str, tuple[object, ...]]] = {}

    id: str = Field(primary_key=True)
    area: str = Field(index=True)
    commune: str
    seq: int = 0
    deleted: bool = False
    extra: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    changed_at: datetime | None = Field(default=None, sa_type=MomentText)
    changed_by: str | None = None
    changed_device: str | None = None


def own_columns(record: type[SQLModel]) -> dict[str, FieldClass]:
    """The type's own fields with their merge class, in the order they were declared."""
    table = record.__table__  # type: ignore[attr-defined]
    return {c.name: c.info["merge"] for c in table.columns if c.name not in COMMON}


def describe(record: type[Record]) -> RecordType:
    """What sync may know of ``record``."""
    return RecordType(
        name=str(record.__tablename__),
        fields=own_columns(record),
        append_only=record.append_only,
        server_written=record.server_written,
        erases=record.erases,
        severity=record.severity or None,
        words=words(record),
    )
