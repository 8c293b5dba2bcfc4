"""Processes killed at their statements and at random: what was saved is there, once, on every side."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("who", "kills"),
    [(["laptop"], 10), (["server"], 6), (["server", "--postgresql"], 6)],
    ids=["laptop", "server", "server on PostgreSQL"],
)
def test_a_kill_loses_nothing_and_doubles_nothing(who: list[str], kills: int) -> None:
    # in a process of its own, because the processes that die are forks of it
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.dying", *who, "--kills", str(kills)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["kills"] > 1
    assert figures["saves"] > 0
