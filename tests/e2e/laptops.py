"""Real processes for end-to-end tests: a server on loopback and laptops driven by the command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e import forking

ROOT = Path(__file__).resolve().parents[2]
COMMUNE = "27211"
AREAS = (
    "commune_code,commune_name,unit_code,unit_name,aliases\n"
    "27211,Phường Hòa Bình,01,Khu phố 1,KP1\n27211,Phường Hòa Bình,02,Khu phố 2,KP2\n"
)
PASSWORD = "mật khẩu của đội"


def environment(home: Path) -> dict[str, str]:
    """This process's environment for one laptop."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GONHA_")}
    return {**kept, "GONHA_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


@dataclass
class Answer:
    """What a command printed and returned."""

    code: int
    out: bytes
    err: str

    def json(self) -> Any:
        """The one JSON object on stdout."""
        return json.loads(self.out)

    def lines(self) -> list[Any]:
        """The NDJSON lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


def gonha(home: Path, *arguments: str, expect: int | None = 0) -> Answer:
    """Run one command as a laptop; ``expect``: its exit code, None for any."""
    code, out, err = _run(arguments, environment(home), 120)
    answer = Answer(code, out, err.decode())
    assert expect is None or answer.code == expect, f"{arguments[:2]}: {answer.code}\n{answer.err}"
    return answer


def _started(arguments: Sequence[str], variables: dict[str, str], timeout: float) -> tuple[int, bytes, bytes]:
    """As `forking.run`, where no process can be forked."""
    done = subprocess.run(
        [sys.executable, "-m", "tui_app", *arguments],
        env=variables,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


_run = forking.run if sys.platform == "linux" else _started


class Server:
    """The server as its own process. ``now``: a moment its clock stands at."""

    def __init__(self, folder: Path, areas: str = AREAS, now: str = "") -> None:
        self.folder = folder
        gonha(folder, "server", "init", "--dir", str(folder))
        csv = folder / "areas.csv"
        csv.write_text(areas, encoding="utf-8")
        gonha(folder, "server", "areas", "import", str(csv), "--dir", str(folder))
        self.log = folder / "server.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tui_app", "server", "run", "--dir", str(folder), "--port", "0"],
                env=environment(folder) | ({"GONHA_NOW": now} if now else {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.url = self._told_url()

    def _told_url(self) -> str:
        give_up = time.monotonic() + 30
        while time.monotonic() < give_up and self.process.poll() is None:
            found = re.search(r"http://127\.0\.0\.1:\d+", self.log.read_text(encoding="utf-8"))
            if found:
                return found.group()
            time.sleep(0.02)
        raise AssertionError(self.log.read_text(encoding="utf-8"))

    def invite(self, user: str, areas: str = COMMUNE, role: str = "chief") -> str:
        """A one-time code."""
        arguments = ("server", "invite", "--user", user, "--role", role, "--areas", areas, "--json")
        return str(gonha(self.folder, *arguments, "--dir", str(self.folder)).json()["code"])

    def stop(self) -> None:
        """End it the way an operator does."""
        self.process.terminate()
        self.process.wait(15)


class Laptop:
    """One enrolled laptop."""

    def __init__(self, home: Path, user: str, server: Server) -> None:
        home.mkdir(mode=0o700)
        self.home, self.user = home, user
        self.secret = home.parent / f"{user}.secret"
        self.secret.write_text(PASSWORD + "\n", encoding="utf-8")
        code = server.invite(user)
        self.run("init", "--server", server.url, "--code", code)

    def run(self, *arguments: str, expect: int | None = 0) -> Answer:
        """A command by this laptop's user."""
        login = ("--user", self.user, "--password-file", str(self.secret))
        return gonha(self.home, *arguments, *login, expect=expect)
