"""``python -m tests.bench``: every figure with its comparison in the same run, as a table and as JSON."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.figures import GROUPS, Run
from tests.bench.sync_bench import DEFAULT_PEER
from tests.bench.table import Figure, lines
from tui_app.textual_settings import say_before_import


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write. Returns 1 when a limit is not met."""
    asked = _parser().parse_args(arguments)
    figures: list[Figure] = []
    began = datetime.now(UTC)
    loads = [_load()]
    with tempfile.TemporaryDirectory(prefix="gonha-bench-") as folder:
        run = Run(Path(folder), asked.quick, asked.peer, {})
        for name in asked.only or GROUPS:
            print(f"… {name}", file=sys.stderr, flush=True)
            figures += GROUPS[name](run)
            loads.append(_load())
    about = {
        "began": began.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - began).total_seconds(), 1),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": {"least": min(loads), "most": max(loads)},
        "quick": asked.quick,
    }
    print("\n".join(lines(figures)))
    print(f"\n{about['cores']} cores, load {min(loads):.1f} to {max(loads):.1f} while measuring", end="")
    print(f", Python {about['python']}{', quick' if asked.quick else ''}; written to {asked.json}")
    kept = {"about": about, "figures": [figure.as_json() for figure in figures], "measured": run.raw}
    asked.json.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return 1 if any(figure.met is False for figure in figures) else 0


def _load() -> float:
    """Processes that wanted a core in the last minute; figures above the number of cores are slow for that reason."""
    return os.getloadavg()[0]


def _parser() -> argparse.ArgumentParser:
    say_before_import()  # for the processes the figures are measured in
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=tuple(GROUPS), metavar="NAME", help=", ".join(GROUPS))
    parser.add_argument("--quick", action="store_true", help="fewer rounds, the smaller sizes")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), metavar="FILE")
    peer = Path(os.environ.get("GONHA_PEER") or DEFAULT_PEER)
    parser.add_argument("--peer", type=Path, default=peer, metavar="DIR", help="PouchDB peer (GONHA_PEER)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
