"""A workspace in a temporary folder, and a clock that moves by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from vault_home import HandClock, Home


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def home(tmp_path: Path, clock: HandClock) -> Home:
    return Home(tmp_path / "home", clock)
