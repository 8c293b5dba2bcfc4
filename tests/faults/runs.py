"""Many runs in one process."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from tests.faults.play import play
from tests.faults.world import World


def run_part(task: tuple[int, int, bool]) -> tuple[int, Counter[str], tuple[int, list[str]] | None]:
    """Play ``count`` seeds from ``first``. Returns runs done, figures, and the first failure."""
    first, count, light = task
    total: Counter[str] = Counter()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        world = World(Path(folder), light=light)
        try:
            for done, seed in enumerate(range(first, first + count)):
                outcome = play(world, seed)
                total += outcome.figures
                if outcome.wrong:
                    return done + 1, total, (seed, outcome.wrong)
        finally:
            world.close()
    return count, total, None
