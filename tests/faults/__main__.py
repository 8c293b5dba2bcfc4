"""``python -m tests.faults --runs N --seed S``: many seeded runs; exit 1 and the failing seed if a word is lost.

Each run is a scenario of three laptops over the real client and server code (ASGI, encrypted stores that do not wait
for the disk). ``--light`` keeps all databases in memory and unencrypted: ten times as quick.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter

from tests.faults.runs import run_part

PART = 200  # runs at most for which one world is prepared
SHOWN = (
    "edits",
    "conflicts",
    "held",
    "rejected",
    "resolved",
    "cuts",
    "restores",
    "rescoped",
    "repaired",
    "files",
    "erased",
    "emptied",
    "lost",
)


def main(arguments: list[str] | None = None) -> int:
    """Parse, play, print. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1, help="the first run's; the others count up from it")
    parser.add_argument("--light", action="store_true", help="laptops in memory, unencrypted")
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args(arguments)
    began = time.monotonic()
    last = given.seed + given.runs
    part = max(1, min(PART, given.runs // (4 * given.workers)))
    tasks = [(first, min(part, last - first), given.light) for first in range(given.seed, last, part)]
    total: Counter[str] = Counter()
    runs, failed = 0, None
    with multiprocessing.get_context("spawn").Pool(given.workers) as pool:
        for done, figures, failure in pool.imap(run_part, tasks):
            runs += done
            total += figures
            if failure is not None:
                failed = failure
                pool.terminate()
                break
            if sys.stderr.isatty():
                print(f"\r{runs} runs, {runs / (time.monotonic() - began):.1f}/s", end="", file=sys.stderr)
    seconds = time.monotonic() - began
    print(f"runs {runs}  " + "  ".join(f"{name} {total[name]}" for name in SHOWN))
    print(f"{seconds:.1f} s, {runs / seconds:.1f} runs/s, {'light' if given.light else 'encrypted'} stores")
    if failed is not None:
        seed, wrong = failed
        again = "--light " if given.light else ""
        print(
            f"FAILED: seed {seed}; play it again with: python -m tests.faults --runs 1 {again}--seed {seed}"
        )
        for line in wrong[:20]:
            print(f"  {line}")
    return 1 if failed is not None or total["lost"] else 0


if __name__ == "__main__":
    sys.exit(main())
