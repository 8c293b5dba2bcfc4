"""Several threads need the same types for the first time at once, as the first screens do after the login."""

from __future__ import annotations

import subprocess
import sys

import pytest

ASKED = """
import sys, threading, msgspec
sys.setswitchinterval(1e-6)
{given}
start, read = threading.Barrier(8), []
def one():
    start.wait()
    read.append({asked})
threads = [threading.Thread(target=one) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(read)
"""
RULE_SETS = "from tui_app.services.judging.rule_sets import own_sets", "len(own_sets()) > 0"
SCOPE = (
    "from sync.protocol import Scope\n"
    "told = dict(device='d', user='u', role='chief', epoch=1, lease_days=14, areas=[])",
    "msgspec.convert(told, Scope).epoch == 1",
)


@pytest.mark.parametrize(("given", "asked"), [RULE_SETS, SCOPE])
def test_no_thread_meets_a_type_that_another_has_half_learnt(given: str, asked: str) -> None:
    """Where a thread was the first to need the type, most such starts ended with SIGSEGV, of the small one some."""
    script = ASKED.format(given=given, asked=asked)
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, f"{[True] * 8}\n"), said.stderr
