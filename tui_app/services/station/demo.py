"""A sample ward to try everything on: a real server on a free loopback port, two enrolled laptops, the sample list."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tui_app.errors import GonhaError
from tui_app.services.exchange import syncing
from tui_app.services.lists import importing
from tui_app.services.station import demo_doses, setup
from tui_app.settings import Places, asset

SAMPLE = ("samples", "danh_sach_phuong_mau.xlsx")
AREAS = ("samples", "areas.csv")
COMMUNE = "27211"
USERS = ("lan", "minh")
PASSWORD = "phuong-mau"  # of made-up data; shown on the screen
START_SECONDS = 30.0


@dataclass
class Demo:
    """A prepared demonstration. ``first``, ``second``: homes of the laptops; ``server_folder``: of the server."""

    folder: Path
    url: str
    port: int
    persons: int
    skipped: int
    server: subprocess.Popen[bytes]

    @property
    def server_folder(self) -> Path:
        """Where the server keeps its database."""
        return self.folder / "server"

    @property
    def first(self) -> Path:
        """Home of the laptop that imported the list."""
        return self.folder / "laptop-1"

    @property
    def second(self) -> Path:
        """Home of the other laptop."""
        return self.folder / "laptop-2"

    def stop(self) -> None:
        """End the server."""
        self.server.terminate()
        try:
            self.server.wait(10)
        except subprocess.TimeoutExpired:
            self.server.kill()
            self.server.wait()


def prepare(folder: Path, persons: int | None = None) -> Demo:
    """Make everything under ``folder``; ``persons``: size of a made-up ward instead of the sample list.

    Raises GonhaError when the server does not come up; what was started is ended then.
    """
    from sync.server import admin
    from sync.server.areas import areas_import
    from tui_app.records import REGISTRY

    database = admin.init(folder / "server")
    try:
        areas_import(database, REGISTRY, asset(*AREAS).read_text(encoding="utf-8").splitlines())
        codes = [admin.invite(database, user, "chief", COMMUNE).code for user in USERS]
    finally:
        database.close()
    port = _free_port()
    demo = Demo(folder, f"http://127.0.0.1:{port}", port, 0, 0, _start_server(folder, port))
    try:
        _wait_for(demo)
        for home, user, code in zip((demo.first, demo.second), USERS, codes, strict=True):
            _laptop(demo, home, user, code, persons)
    except BaseException:
        demo.stop()
        raise
    return demo


def _laptop(demo: Demo, home: Path, user: str, code: str, persons: int | None) -> None:
    workspace, _ = setup.init_server(Places(home), server=demo.url, code=code, user=user, password=PASSWORD)
    try:
        syncing.sync_now(workspace)
        if home == demo.first:
            report = importing.import_list(workspace, _list_file(demo.folder, persons))
            demo.persons, demo.skipped = report.persons, len(report.bad_rows)
            demo_doses.record_cards(workspace)
            syncing.sync_now(workspace)
    finally:
        workspace.close()


def _list_file(folder: Path, persons: int | None) -> Path:
    if persons is None:
        return asset(*SAMPLE)
    from tui_app.intake.made_up import make_big

    path = folder / "danh_sach.xlsx"
    make_big(persons, path)
    return path


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start_server(folder: Path, port: int) -> subprocess.Popen[bytes]:
    command = [
        sys.executable,
        "-m",
        "tui_app",
        "server",
        "run",
        "--dir",
        str(folder / "server"),
        "--port",
        str(port),
    ]
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment())


def _environment() -> dict[str, str]:
    """This process's environment, with the folder this program was loaded from first on the path."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


def _wait_for(demo: Demo) -> None:
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up:
        if demo.server.poll() is not None:
            break
        try:
            with urlopen(f"{demo.url}/healthz", timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    raise GonhaError("errors.demo_server", log=demo.folder / "server.log")
