"""The server that the tests of this folder talk to, on each kind of database."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from sync.server import admin
from sync.server.pages import accounts
from tests.sync.cluster import Databases, databases
from tests.sync.district import District
from tests.sync.meeting import Meeting
from tests.sync.ward import Laptop, Ward

KINDS = ("sqlite", "postgresql")
# A laptop cannot tell which database answers it, and its tests are many: they meet PostgreSQL in the simulation and in
# the tests with processes, and each of them where somebody's own PostgreSQL is named.
KINDS_FOR_LAPTOPS = KINDS if os.environ.get("TEST_DATABASE_URL") else KINDS[:1]


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
    return _place(request, tmp_path)


@pytest.fixture(params=KINDS_FOR_LAPTOPS)
def ward_place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """The same for tests of the laptop's side."""
    return _place(request, tmp_path)


def _place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
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
def ward(tmp_path: Path, ward_place: Path | str) -> Iterator[Ward]:
    """A server with two units, no laptop yet."""
    made = Ward(tmp_path, ward_place)
    yield made
    made.close()


@pytest.fixture
def lan(ward: Ward) -> Laptop:
    """A laptop of the ward that knows its units."""
    laptop = ward.laptop("lan")
    laptop.sync()
    return laptop


@pytest.fixture
def minh(ward: Ward, lan: Laptop) -> Laptop:
    """A second one, after the first."""
    laptop = ward.laptop("minh")
    laptop.sync()
    return laptop


@pytest.fixture
async def district(place: Path | str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[District]:
    """A server with three communes, whose passwords are checked quickly."""
    monkeypatch.setattr(accounts, "MEMORY_KIB", 64)
    server = District(place)
    yield server
    await server.close()
