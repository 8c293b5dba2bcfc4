"""A file that appears whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from tui_app.errors import BadFile
from tui_app.refusals import why


@contextmanager
def whole_file(file: Path) -> Iterator[BinaryIO]:
    """Bytes to write; they get their name once all are there. Raises BadFile when it cannot be written."""
    part = file.with_name(file.name + ".part")
    try:
        with part.open("wb") as stream:
            yield stream
        part.replace(file)
    except OSError as error:
        raise BadFile("cli.cannot_write", file=str(file), reason=why(error)) from error
    finally:
        part.unlink(missing_ok=True)
