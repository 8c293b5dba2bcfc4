"""The server that the tests of this folder talk to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.sync.meeting import Meeting


@pytest.fixture
async def meeting(tmp_path: Path) -> AsyncIterator[Meeting]:
    """A prepared server with two communes, nobody enrolled yet."""
    server = Meeting(tmp_path)
    yield server
    await server.close()
