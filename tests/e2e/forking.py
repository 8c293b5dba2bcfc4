"""Commands in processes of their own that need not load the program: forks of one that has.

A started interpreter spends half a second on imports, and a test of two laptops runs forty commands. Each fork is a
process as any other, with its own environment, files and end; only its passwords cost next to nothing. What a start
does is told by the tests that start one (the servers, ``sync --watch``, the application in a terminal).
``python -m tests.e2e.forking N`` serves the socket of that number.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import random
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOADED = ("tui_app.commands", "tui_app.services", "tui_app.store", "sync.client", "sync.server")
MOST = 1 << 17  # bytes of one request


def run(arguments: Sequence[str], environment: dict[str, str], timeout: float) -> tuple[int, bytes, bytes]:
    """Run ``gonha`` with these arguments: exit code (negative: the signal), stdout, stderr.

    Raises TimeoutError after ``timeout`` seconds, and then the process was killed.
    """
    ours, theirs = socket.socketpair()
    with ours, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, open(os.devnull) as none:
        asked = json.dumps([list(arguments), environment]).encode()
        with theirs:
            fds = [theirs.fileno(), none.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(_server(), [asked], fds)
        with ours.makefile() as told:
            pid = int(told.readline())
            ours.settimeout(timeout)
            try:
                code = int(told.readline())
            except TimeoutError:
                os.kill(pid, signal.SIGKILL)
                raise
        for file in (out, err):
            file.seek(0)
        return code, out.read(), err.read()


@cache
def _server() -> socket.socket:
    """The process that forks. It ends with this one, whose end of the socket is then closed."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.forking", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=ROOT,
            env=os.environ | {"PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
        )
    return ours


def serve(asking: socket.socket) -> int:
    """Load the program, then fork for each request until nobody can ask any more. Returns the exit code, in the forks
    that of their command."""
    for name in LOADED:
        package = importlib.import_module(name)
        for module in pkgutil.iter_modules(package.__path__, f"{name}."):
            importlib.import_module(module.name)
    from tui_app.__main__ import main
    from tui_app.store import vault
    from tui_app.store.vault_file import Cost

    vault.create = partial(vault.create, cost=Cost(passes=1, memory_kib=64, lanes=1))
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        asked, fds, *_ = socket.recv_fds(asking, MOST, 4)
        if not asked:
            return 0
        if os.fork() == 0:
            asking.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _watch_over_a_fork(fds[0])
            for standard, fd in enumerate(fds[1:]):
                os.dup2(fd, standard)
            for fd in fds:
                os.close(fd)
            arguments, environment = json.loads(asked)
            os.environ.clear()
            os.environ.update(environment)
            sys.argv[1:] = arguments
            random.seed()
            return main()
        for fd in fds:
            os.close(fd)


def _watch_over_a_fork(answer: int) -> None:
    """Fork, and return in the new process only. The old one tells its number, and how it ended."""
    pid = os.fork()
    if pid:
        os.write(answer, f"{pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        os.write(answer, f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)


if __name__ == "__main__":
    sys.exit(serve(socket.socket(fileno=int(sys.argv[1]))))
