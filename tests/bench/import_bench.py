"""Importing a list: ``python -m tests.bench.import_bench sample|PERSONS``. The comparison only reads its cells."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import openpyxl

from tests.bench import ward
from tui_app.intake.made_up import UNITS, make_big
from tui_app.services.lists.importing import import_list
from tui_app.services.station.demo import SAMPLE
from tui_app.settings import asset


def measure(size: str) -> dict[str, Any]:
    """Seconds from the file to the saved records, and of openpyxl reading the same file cell by cell."""
    with tempfile.TemporaryDirectory() as folder:
        path = asset(*SAMPLE)
        if size != "sample":
            path = Path(folder) / "danh_sach.xlsx"
            make_big(int(size), path)
        workspace = ward.empty(Path(folder) / "home", [f"0190-area-{number}" for number in range(len(UNITS))])
        try:
            started = time.perf_counter()
            report = import_list(workspace, path, area=UNITS[0])
            taken = time.perf_counter() - started
        finally:
            workspace.close()
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        started = time.perf_counter()
        cells = _read(path)
        reading = time.perf_counter() - started
    return {
        "seconds": taken,
        "rss_mib": most,
        "persons": report.persons,
        "records": report.records,
        "bad_rows": len(report.bad_rows),
        "openpyxl_s": reading,
        "cells": cells,
    }


def _read(path: Path) -> int:
    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    try:
        return sum(len(row) for sheet in book for row in sheet.iter_rows(values_only=True))
    finally:
        book.close()


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
