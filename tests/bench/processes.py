"""Processes of a measurement: fresh ones for each figure, what they used, and a line to talk over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 600.0
_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


class Failed(Exception):
    """A process of the measurement ended badly; its last lines are in the message."""


def environment() -> dict[str, str]:
    """This process's environment without any workspace of its user, importing from this tree."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GONHA_")}
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**kept, "PYTHONPATH": path, "PYTHONUTF8": "1"}


def fresh(module: str, *arguments: object) -> Any:
    """Run ``python -m module`` and return the JSON on the last line of its output. Raises Failed."""
    with Talk(module, *arguments) as talk:
        return talk.hear()


class Talk:
    """A Python module as a process of its own that answers a line of JSON for a line sent to it."""

    def __init__(self, module: str, *arguments: object) -> None:
        command = [sys.executable, "-m", module, *map(str, arguments)]
        self.name = module
        self.process = subprocess.Popen(
            command, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def say(self, line: str) -> None:
        """Send a line."""
        stdin: IO[str] = self.process.stdin  # type: ignore[assignment]
        stdin.write(line + "\n")
        stdin.flush()

    def hear(self) -> Any:
        """Wait for the next answer. Raises Failed when the process ended instead."""
        stdout: IO[str] = self.process.stdout  # type: ignore[assignment]
        for line in stdout:
            if line.startswith(("{", "[")):
                return json.loads(line)
        raise Failed(f"{self.name} ended with {self.process.wait()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.process.kill()
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.process.stdout is not None:
            self.process.stdout.close()
        code = self.process.wait(TIMEOUT)
        if kind is None and code != 0:
            raise Failed(f"{self.name} ended with {code}")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, all its threads. Linux; 10 ms steps."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def memory_mib(pid: int | str = "self", what: str = "VmRSS") -> float:
    """Memory in RAM now (``VmRSS``) or at the most so far (``VmHWM``), in MiB. Linux."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == what:
            return int(value.split()[0]) / 1024
    raise ValueError(f"no {what} for process {pid}")
