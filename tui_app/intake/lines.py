"""The lines that ``gonha export`` prints, read back: one JSON object a line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from tui_app.errors import BadFile
from tui_app.intake.sheet import MAX_BYTES

MAX_LINES_BYTES = 10 * MAX_BYTES


class BadLine(NamedTuple):
    """A line that was skipped. ``line``: from 1; ``key``: catalogue entry with the reason."""

    line: int
    key: str


def read_ndjson(path: Path) -> tuple[list[tuple[int, dict[str, Any]]], list[BadLine]]:
    """The records of the file with their line numbers, and the lines that hold none.

    A record has ``type`` and ``id`` as text; its fields are checked where records are written. Blank lines
    are nothing. Raises BadFile for a file that is missing, empty, too big or not UTF-8.
    """
    import msgspec

    try:
        if path.stat().st_size > MAX_LINES_BYTES:
            raise BadFile("import.file_too_big", name=path.name, limit=f"{MAX_LINES_BYTES // 1_000_000} MB")
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BadFile("import.file_missing", name=path.name) from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile("import.file_broken", name=path.name) from error
    if not text.strip():
        raise BadFile("import.file_empty", name=path.name)
    records: list[tuple[int, dict[str, Any]]] = []
    bad: list[BadLine] = []
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            record = msgspec.json.decode(line)
        except msgspec.DecodeError:
            record = None
        if not isinstance(record, dict):
            bad.append(BadLine(number, "import.line_not_json"))
            continue
        kind, identity = record.get("type"), record.get("id")
        if not (isinstance(kind, str) and kind and isinstance(identity, str) and identity):
            bad.append(BadLine(number, "import.line_no_type"))
        elif (kind, identity) in seen:
            bad.append(BadLine(number, "import.line_repeated"))
        else:
            seen.add((kind, identity))
            records.append((number, record))
    return records, bad
