"""Fixtures every part shares: a pinned clock and an encrypted store in a temporary folder."""

from __future__ import annotations

import compileall
import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

os.environ.setdefault("TEXTUAL_DISABLE_KITTY_KEY", "1")

from sync import collector, outbox
from sync.protocol import Row
from tui_app.clock import pinned_clock
from tui_app.i18n import set_language
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows

NOW = datetime(2026, 11, 22, 2, 5, tzinfo=UTC)  # 09:05 in Viet Nam
KEY = bytes(range(32))
AREA = Row(
    type="area",
    id="0190-area-1",
    commune="27211",
    area="0190-area-1",
    seq=1,
    body={
        "commune_code": "27211",
        "commune_name": "Phường Hòa Bình",
        "unit_code": "01",
        "unit_name": "Khu phố 1",
    },
)


MEMORY, ENOUGH = Path("/dev/shm"), 2 << 30  # bytes


def pytest_addoption(parser: pytest.Parser) -> None:
    """How much of the ward's week is typed by keys; ``python -m tests.week`` asks for all of it."""
    group = parser.getgroup("week")
    group.addoption("--week-rows", type=int, default=6, help="patients of the ward's week who are typed")
    group.addoption("--week-half-days", type=int, default=14, help="half-days of the ward's week")


def pytest_configure(config: pytest.Config) -> None:
    """Compile the tree once: an installed program is compiled, and tests start it as a process dozens of times.

    Temporary files lie in memory where there is room and no other place was named: what is tested is what was written
    when a process dies, and no test can take the power away from a disk that it waits for some ten thousand times.
    """
    if not hasattr(config, "workerinput"):
        if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH:
            os.environ["TMPDIR"] = str(MEMORY)
            tempfile.tempdir = None
        for package in ("tui_app", "sync"):
            compileall.compile_dir(Path(__file__).resolve().parents[1] / package, quiet=2)


def pytest_collection_finish() -> None:
    """Garbage is looked for seldom and never in what was imported, which a process of tests has ten times as much of
    as the program: the search took a fifth of the time of the screens' tests.
    """
    collector.set_aside()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(autouse=True)
def vietnamese_again() -> Iterator[None]:
    """A language that a test chose ends with it."""
    yield
    set_language("vi")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty encrypted store that holds one area; the clock stands at 09:05 on 22/11/2026 (Viet Nam)."""
    made = Store(tmp_path / "gonha.db", KEY, clock=pinned_clock(NOW), create=True)
    with made.write() as c:
        RecordRows().upsert(c, [AREA])
        outbox.hold_area(c, AREA.area, AREA.commune, "write")
    yield made
    made.close()
