"""Records of one type as a spreadsheet for people: words for fields and codes, real dates, the unit by its name."""

from __future__ import annotations

from datetime import date
from typing import Any, BinaryIO

from tui_app.bootstrap import Workspace
from tui_app.clock import from_wire, today
from tui_app.errors import NotFound
from tui_app.i18n import t
from tui_app.papers.letterhead import station_head
from tui_app.papers.sheets import Column, Kind, write_table
from tui_app.services.lists import exporting
from tui_app.services.people.values import field_word, kind_of, type_word, value_words
from tui_app.store.rows import table

FORMAT = "xlsx"
_WIDTHS: dict[Kind, int] = {"text": 18, "date": 12, "moment": 17, "number": 9}
_KINDS: dict[str, Kind] = {"date": "date", "moment": "moment", "number": "number"}


def write_records(workspace: Workspace, type_name: str | None, out: BinaryIO) -> int:
    """All live records of a type as xlsx, without restricted conditions; how many. Raises as `exporting.export`."""
    if type_name is None:
        raise NotFound("export.needs_type", format=FORMAT)
    exporting.note_export(workspace, type_name, FORMAT)
    with workspace.store.read() as c:
        lines = list(exporting.records(c, type_name))
        head = station_head(c, today(workspace.clock))
        areas = {row.id: row.body for row in table("area").where(c)}
    units = {ident: str(body.get("unit_name") or ident) for ident, body in areas.items()}
    known = table(type_name).fields
    names = [
        "id",
        "area",
        *known,
        *sorted({name for line in lines for name in line} - {"type", "id", "area", *known}),
    ]
    kinds = [_KINDS.get(kind_of(type_name, name), "text") for name in names]
    write_table(
        out,
        FORMAT,
        title=t("papers.records_title", what=type_word(type_name)),
        heading=head,
        columns=[
            Column(field_word(name, type_name), kind, _WIDTHS[kind])
            for name, kind in zip(names, kinds, strict=True)
        ],
        rows=(
            [
                _cell(type_name, name, kind, line.get(name), units)
                for name, kind in zip(names, kinds, strict=True)
            ]
            for line in lines
        ),
        notes=[t("papers.records_count", count=len(lines))],
    )
    return len(lines)


def _cell(type_name: str, name: str, kind: Kind, value: Any, units: dict[str, str]) -> Any:
    if value is None or name == "id":
        return value
    if name == "area":
        return units.get(value, value)
    if kind == "date" and isinstance(value, str):
        return date.fromisoformat(value)
    if kind == "moment" and isinstance(value, str):
        return from_wire(value)
    if kind == "number" and isinstance(value, int | float):
        return value
    return (
        value_words(type_name, name, value)
        if kind_of(type_name, name) in ("code", "yes_no", "list")
        else value
    )
