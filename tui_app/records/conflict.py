"""Two values that met: made by the server, decided by a person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from sync.registry import FieldClass
from tui_app.records.base import Record, clinical, plain


class Conflict(Record, table=True):
    """One field of one record with all its candidates.

    ``state``: open (a person must decide), settled (a plain field: the later value shows, the other is listed),
    resolved. ``values``: [{value, who, device, at, op}]; ``chosen``: the value a person took, as JSON.
    """

    __tablename__ = "conflict"

    record_type: str | None = plain()
    record: str | None = plain(index=True)
    field: str | None = plain()
    state: str | None = clinical()
    values: list[dict[str, Any]] | None = Field(
        default=None, sa_column=Column(JSON, nullable=True, info={"merge": FieldClass.PLAIN})
    )
    chosen: Any = Field(
        default=None, sa_column=Column(JSON, nullable=True, info={"merge": FieldClass.CLINICAL})
    )
