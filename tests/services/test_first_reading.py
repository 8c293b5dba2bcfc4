"""Several threads read their first rule sets at once, as the first screen does after the login."""

from __future__ import annotations

import subprocess
import sys

ASKED = """
import sys, threading
from tui_app.services.judging.rule_sets import own_sets
sys.setswitchinterval(1e-6)
start, read = threading.Barrier(8), []
def one():
    start.wait()
    read.append(len(own_sets()) > 0)
threads = [threading.Thread(target=one) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(read)
"""


def test_no_thread_meets_a_type_that_another_has_half_learnt() -> None:
    """Where a thread was the first to need the type, most such starts ended with SIGSEGV."""
    said = subprocess.run([sys.executable, "-c", ASKED], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout) == (0, f"{[True] * 8}\n"), said.stderr
