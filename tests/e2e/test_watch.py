"""``gonha sync --watch`` as a process: the server goes away and returns, nothing is lost, and waiting costs nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import pytest

from tests.e2e.laptops import ROOT, Laptop, Server, environment


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "server").mkdir()
    made = Server(tmp_path / "server")
    yield made
    made.stop()


class Watcher:
    """The running command."""

    def __init__(self, laptop: Laptop, *arguments: str) -> None:
        command = [sys.executable, str(ROOT / "tests" / "e2e" / "watching_quickly.py"), "sync", "--watch"]
        login = ("--user", laptop.user, "--password-file", str(laptop.secret))
        self.process = subprocess.Popen(
            [*command, *arguments, *login],
            env=environment(laptop.home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._lines: Queue[bytes] = Queue()
        stream = self.process.stdout if "--json" in arguments else self.process.stderr
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream: Any) -> None:
        for line in stream:
            self._lines.put(line)

    def line(self) -> str:
        """The next line."""
        try:
            return self._lines.get(timeout=90).decode()
        except Empty:
            raise AssertionError(f"it says nothing; it ended with {self.process.poll()}") from None

    def until(self, **figures: Any) -> dict[str, Any]:
        """The next answer that has these figures."""
        while True:
            answer: dict[str, Any] = json.loads(self.line())
            if figures.items() <= answer.items():
                return answer

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(60)

    def cpu(self) -> float:
        """Seconds of processor time so far, where the system tells."""
        if not Path("/proc/self/stat").exists():
            return 0.0
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def again(server: Server) -> None:
    """The same server at the same address."""
    port = server.url.rpartition(":")[2]
    with server.log.open("wb") as log:
        server.process = subprocess.Popen(
            [sys.executable, "-m", "tui_app", "server", "run", "--dir", str(server.folder), "--port", port],
            env=environment(server.folder),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def add_door(laptop: Laptop, folder: Path, address: str) -> None:
    file = folder / "door.csv"
    head = "Khu phố,Họ và tên,Năm sinh,Giới tính,Địa chỉ"
    file.write_text(f"{head}\nKhu phố 1,Lê Thị Hằng,1955,Nữ,{address}\n", encoding="utf-8")
    answer = laptop.run("import", str(file), expect=None)
    assert answer.code in (0, 4), answer.err


def test_it_syncs_when_the_server_returns_and_costs_nothing_meanwhile(server: Server, tmp_path: Path) -> None:
    lan = Laptop(tmp_path / "lan", "lan", server)
    watcher = Watcher(lan, "--json")
    try:
        assert watcher.until(ok=True)["pending"] == 0
        add_door(lan, tmp_path, "1 Lê Lợi")
        assert watcher.until(ok=True)["pushed"] >= 2
        before, began = watcher.cpu(), time.monotonic()
        time.sleep(2)
        assert watcher.cpu() - before < 0.1 * (time.monotonic() - began), "ten looks a second"
        server.stop()
        add_door(lan, tmp_path, "2 Hai Bà Trưng")
        lost = watcher.until(ok=False)
        assert (lost["error"], lost["pending"] >= 1) == ("link.no_link", True)
        again(server)
        back = watcher.until(ok=True)
        assert (back["pushed"] >= 1, back["pending"]) == (True, 0)
        assert lan.run("sync", "--json").json()["pending"] == 0, "another sync beside it is tolerated"
        assert watcher.process.poll() is None
    finally:
        assert watcher.stop() == 0


def test_two_of_them_live_side_by_side_and_ctrl_c_ends_one_with_success(
    server: Server, tmp_path: Path
) -> None:
    lan = Laptop(tmp_path / "lan", "lan", server)
    lan.run("sync")  # its unit is here before anybody writes into it
    one, two = Watcher(lan), Watcher(lan)
    try:
        for watcher in (one, two):
            assert "Ctrl+C" in watcher.line()
        add_door(lan, tmp_path, "1 Lê Lợi")
        assert "đã gửi" in one.line()
        assert "đã gửi" in two.line()
    finally:
        assert one.stop(signal.SIGINT) == 0
        assert two.stop() == 0
