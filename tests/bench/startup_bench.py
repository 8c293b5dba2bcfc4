"""How soon the login screen is painted, against a hello-world Textual application in the same run.

Cold processes on a pseudo-terminal, one after the other in turn; the time is from the start of the process
to the arrival of the first words on the terminal. ``python -m tests.bench.startup_bench``
"""

from __future__ import annotations

import json
import os
import pty
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 1.3  # times the hello-world application (design/house.md §7)
HEAVY = ("sqlmodel", "sqlalchemy", "httpx", "sqlcipher3", "cryptography", "pydantic", "alembic", "fastapi")
HELLO = """
from textual.app import App
from textual.widgets import Static

class Hello(App):
    def compose(self):
        yield Static("Xin ch\\u00e0o")

Hello().run()
"""
LOGIN = "from tui_app.__main__ import main; main([])"
PROBE = """
import json, sys
from pathlib import Path
from tui_app.app import GonhaApp
from tui_app.settings import Places

class Probe(GonhaApp):
    def _after_first_paint(self):
        Path(sys.argv[2]).write_text(json.dumps(sorted(sys.modules)))
        self.exit()

Probe(Places(Path(sys.argv[1]))).run(headless=True, size=(80, 24))
"""


def make_home(folder: Path) -> Path:
    """A workspace with one user, for login screens."""
    from tui_app.settings import Places
    from tui_app.store import vault
    from tui_app.store.vault_file import Cost

    vault.create(Places(folder), "lan", "mot cau ngan", "chief", cost=Cost(1, 64, 1))
    return folder


def compiled_environment(bytecode: Path) -> dict[str, str]:
    """The environment for a compiled tree, wherever it comes from: bytecode is written to and read from
    here.
    """
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(bytecode)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def first_words(code: str, words: str, home: Path, patience: float = 30.0) -> float:
    """Seconds until a fresh interpreter running ``code`` shows ``words`` on a terminal of 80 by 24.

    Raises TimeoutError when they do not come within ``patience`` seconds.
    """
    ours, theirs = pty.openpty()
    environment = {
        **compiled_environment(home.parent / "bytecode"),
        "GONHA_HOME": str(home),
        "PYTHONPATH": str(ROOT),
        "TERM": "xterm-256color",
        "COLUMNS": "80",
        "LINES": "24",
    }
    started = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    )
    os.close(theirs)
    seen, wanted = b"", words.encode()
    try:
        while time.perf_counter() - started < patience:
            if select.select([ours], [], [], 0.1)[0]:
                seen += os.read(ours, 65536)
                if wanted in seen:
                    return time.perf_counter() - started
        raise TimeoutError(words)
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        os.close(ours)


def imported_by_first_paint(home: Path) -> list[str]:
    """Names of all modules a fresh interpreter has loaded when the login screen is painted."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "modules.json"
        subprocess.run(
            [sys.executable, "-c", PROBE, str(home), str(answer)],
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            timeout=60,
        )
        names: list[str] = json.loads(answer.read_text())
        return names


def heavy_among(modules: list[str]) -> list[str]:
    """Those that must not be there before the first paint."""
    return [name for name in modules if name.split(".")[0] in HEAVY]


def measure_startup(rounds: int = 9) -> dict[str, object]:
    """Medians in milliseconds, their ratio, and what was loaded too early."""
    with tempfile.TemporaryDirectory() as folder:
        home = make_home(Path(folder) / "home")
        for code, words in ((LOGIN, "Mật khẩu"), (HELLO, "Xin chào")):  # writes the bytecode
            first_words(code, words, home, patience=120)
        login, hello = [], []
        for _ in range(rounds):
            login.append(first_words(LOGIN, "Mật khẩu", home))
            hello.append(first_words(HELLO, "Xin chào", home))
        heavy = heavy_among(imported_by_first_paint(home))
    ratio = statistics.median(login) / statistics.median(hello)
    return {
        "login_ms": round(statistics.median(login) * 1000),
        "hello_ms": round(statistics.median(hello) * 1000),
        "ratio": round(ratio, 2),
        "limit": LIMIT,
        "heavy_before_paint": heavy,
        "rounds": rounds,
    }


if __name__ == "__main__":
    print(json.dumps(measure_startup(), indent=1))
