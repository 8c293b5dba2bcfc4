"""demo: a sample ward, a server, two laptops, and the app on the first."""

from __future__ import annotations

import argparse
import shlex
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tui_app.commands.common import Arguments, put, say
from tui_app.i18n import t

if TYPE_CHECKING:
    from tui_app.services.station.demo import Demo


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("demo", help=t("cli.help_demo"))
    parser.add_argument("--persons", type=int, metavar="N", help=t("cli.help_persons"))
    parser.add_argument("--no-app", action="store_true", help=t("cli.help_no_app"))
    parser.add_argument("--folder", type=Path, metavar="DIR", help=t("cli.help_folder"))
    parser.set_defaults(run=run)


def run(arguments: Arguments) -> int:
    """Prepare; then open the app and tidy up after it, or print how to go on."""
    from tui_app.services.station import demo

    terminal = all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))
    with_app = terminal and not arguments.no_app
    folder = (arguments.folder or Path(tempfile.mkdtemp(prefix="gonha-demo-"))).absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    say("cli.demo_preparing")
    ready = demo.prepare(folder, arguments.persons)
    try:
        say("cli.demo_ready", persons=ready.persons, skipped=ready.skipped)
        if with_app:
            return _open_app(ready)
        _explain(ready)
        return 0
    finally:
        ready.stop()
        if with_app and arguments.folder is None:
            shutil.rmtree(folder)


def _open_app(ready: Demo) -> int:
    from tui_app.services.station import demo
    from tui_app.settings import Places
    from tui_app.terminal import run_app

    hint = t("cli.demo_password", user=demo.USERS[0], password=demo.PASSWORD)
    return run_app(Places(ready.first), user=demo.USERS[0], hint=hint)


def _explain(ready: Demo) -> None:
    from tui_app.services.station import demo

    secret = ready.folder / "password.txt"
    secret.write_text(demo.PASSWORD + "\n", encoding="utf-8")
    put(t("cli.demo_homes", first=ready.first, second=ready.second))
    put(t("cli.demo_password", user=" / ".join(demo.USERS), password=demo.PASSWORD))
    put(t("cli.demo_next"))
    gonha = shlex.quote(sys.argv[0]) if Path(sys.argv[0]).name == "gonha" else "gonha"
    put(f"  {gonha} server run --dir {quote(ready.server_folder)} --port {ready.port} &")
    for home, user in zip((ready.first, ready.second), demo.USERS, strict=True):
        put(f"  GONHA_HOME={quote(home)} {gonha} sync --user {user} --password-file {quote(secret)}")
    put(f"  GONHA_HOME={quote(ready.first)} {gonha}")


def quote(path: Path) -> str:
    """A path as it is typed in a shell."""
    return shlex.quote(str(path))
