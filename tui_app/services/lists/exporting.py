"""Records as lines for other programs: NDJSON, CSV or FHIR, each export noted in the access log."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

import msgspec

from sync.protocol import Row
from tui_app.bootstrap import Workspace
from tui_app.clock import to_wire
from tui_app.errors import NotFound
from tui_app.records import BY_NAME, JOURNALS, RECORDS
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.services.access import gate
from tui_app.services.access.access import log_export
from tui_app.services.risk.open_words import names_restricted
from tui_app.services.station.units import held
from tui_app.store.rows import table

_FORMULA_SIGNS = frozenset("=@+-\t\r\n＝＠＋－")  # spreadsheets take the wide ones as well
FORMATS = ("ndjson", "csv", "fhir")
"""What `export` writes; a spreadsheet is a paper (`tui_app.papers.record_sheets`)."""
_CONDITIONS = "person_condition"
_FREE_WORDS = frozenset({"note", "reason", "needs", "treated_at", "occupation", "carer"})


def export(workspace: Workspace, type_name: str | None, file_format: str, out: BinaryIO) -> int:
    """Write all live records (of one type) to ``out``; returns how many. The export is logged before its first byte.

    ndjson: a line a record, {"type","id","area", fields...}, sorted by type and id; the same records give the same
    bytes on every laptop. csv: one type, a column a field. fhir: a bundle of all persons
    (`tui_app.services.lists.fhir`). Locked units are left out (`gate.locked` names them). Raises NotFound for an
    unknown type, NotOpened for a viewer or when every unit is locked.
    """
    if file_format == "fhir":
        from tui_app.services.lists.fhir import write_bundle

        note_export(workspace, "person", file_format)
        with workspace.store.read() as c:
            return write_bundle(c, workspace.clock(), out)
    if type_name is None and file_format == "csv":
        raise NotFound("export.needs_type", format=file_format)
    note_export(workspace, type_name, file_format)
    with workspace.store.read() as c:
        if file_format == "ndjson":
            return _ndjson(c, type_name, out)
        header, rows = _grid(c, type_name or "")
        grid_csv(header, rows, out)
        return len(rows)


def note_export(workspace: Workspace, type_name: str | None, file_format: str) -> None:
    """Note in each open unit that its records leave. Raises as `export` does, then nothing is noted."""
    if type_name is not None and type_name not in BY_NAME:
        raise NotFound("export.unknown_type", type=type_name, types=", ".join(sorted(BY_NAME)))
    with workspace.store.write() as c:
        areas = set(gate.open_only(c, (unit.id for unit in held(c))))
        if type_name in JOURNALS:
            gate.check_chief(c)
        units = [unit for unit in held(c) if unit.id in areas]
        log_export(c, workspace.user, to_wire(workspace.clock()), units, type_name or "", file_format)


def records(c: Any, type_name: str | None = None) -> Iterator[dict[str, Any]]:
    """Live records of the units that may be opened now as export lines, sorted by type and id.

    Areas are not exported, the server owns them; the journal of access only by its name; restricted conditions never,
    and no free words that name one.
    """
    kept_back = {str(r.__tablename__) for r in RECORDS if r.server_written or r.journal}
    names = [type_name] if type_name else sorted(BY_NAME.keys() - kept_back)
    shut = gate.closed(c)
    for name in names:
        order = {field: place for place, field in enumerate(table(name).fields)}
        for row in table(name).where(c, "1 ORDER BY id"):
            if row.area in shut or (
                name == _CONDITIONS and row.body.get("condition") in RESTRICTED_CONDITIONS
            ):
                continue
            yield {"type": name, "id": row.id, "area": row.area, **_ordered(row, order)}


def _ordered(row: Row, order: dict[str, int]) -> dict[str, Any]:
    last = len(order)
    fields = sorted(row.body.items(), key=lambda item: (order.get(item[0], last), item[0]))
    return {name: value for name, value in fields if not _names_restricted(name, value)}


def _names_restricted(field: str, value: Any) -> bool:
    """Whether that is somebody's own words, and they name a restricted condition."""
    own = field in _FREE_WORDS or field.endswith("_reason")
    return own and isinstance(value, str) and names_restricted(value)


def _ndjson(c: Any, type_name: str | None, out: BinaryIO) -> int:
    encoder = msgspec.json.Encoder()
    written = 0
    for line in records(c, type_name):
        out.write(encoder.encode(line) + b"\n")
        written += 1
    return written


def _grid(c: Any, type_name: str) -> tuple[list[str], list[list[Any]]]:
    lines = list(records(c, type_name))
    known = ["id", "area", *table(type_name).fields]
    unknown = sorted({name for line in lines for name in line} - {*known, "type"})
    header = known + unknown
    return header, [[_cell(line.get(name)) for name in header] for line in lines]


def _cell(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return msgspec.json.encode(value).decode()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


def grid_csv(header: list[str], rows: Iterable[Sequence[Any]], out: BinaryIO) -> None:
    """A grid as CSV that spreadsheets read as UTF-8; no cell is a formula."""
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(map(_inert, header))
    writer.writerows([_inert(value) for value in row] for row in rows)
    text.detach()


def formula(text: str) -> bool:
    """Whether a spreadsheet could take a text for a formula. Telephone numbers (+84…) are none."""
    return text[:1] in _FORMULA_SIGNS and not (text[0] in "+-" and text[1:].isdigit())


def _inert(value: Any) -> Any:
    """A text a spreadsheet would run as a formula, made plain text."""
    return "'" + value if isinstance(value, str) and formula(value) else value


def grid_xlsx(header: list[str], rows: list[list[Any]], out: BinaryIO) -> None:
    """A grid as one sheet; no cell is a formula."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, header, book.add_format({"bold": True}))
    for number, row in enumerate(rows, 1):
        sheet.write_row(number, 0, row)
    book.close()
