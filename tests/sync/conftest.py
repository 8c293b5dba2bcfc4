"""The server that the tests of this folder talk to, on each kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sync.server import admin
from tests.sync.cluster import Databases, databases
from tests.sync.meeting import Meeting
from tests.sync.ward import Ward

KINDS = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """A PostgreSQL with a prepared database to copy, for this worker."""
    with databases() as made:
        made.prepared = made.make()
        admin.init(made.prepared).close()
        yield made


@pytest.fixture
def postgres_url(postgres: Databases) -> Iterator[str]:
    """The address of a prepared database in which nothing is."""
    url = postgres.copy()
    yield url
    postgres.give_back(url)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a server keeps its database: a folder, or the address of a PostgreSQL."""
    if request.param == "sqlite":
        return tmp_path / "server"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
async def meeting(place: Path | str) -> AsyncIterator[Meeting]:
    """A prepared server with two communes, nobody enrolled yet."""
    server = Meeting(place)
    yield server
    await server.close()


@pytest.fixture
def ward(tmp_path: Path, place: Path | str) -> Iterator[Ward]:
    """A server with two units, no laptop yet."""
    made = Ward(tmp_path, place)
    yield made
    made.close()
