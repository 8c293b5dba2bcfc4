"""server run: serving until told to stop."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from tui_app.commands.common import Arguments, say
from tui_app.commands.server_common import finish, folder_of
from tui_app.i18n import t


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    serve = actions.add_parser("run", help=t("cli.help_server_run"))
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8020)
    serve.add_argument("--certificate", type=Path, metavar="FILE")
    serve.add_argument("--key", type=Path, metavar="FILE")
    finish(serve, run_serve)


def run_serve(arguments: Arguments) -> int:
    """Serve until told to stop."""
    from sync.server import admin
    from sync.server.run import run as serve
    from tui_app.records import REGISTRY

    log = logging.getLogger(
        "gonha.server"
    )  # a line a request on stderr: device, route and counts, never a person
    log.addHandler(logging.StreamHandler(sys.stderr))
    log.setLevel(logging.INFO)
    database = admin.init(folder_of(arguments))
    try:
        serve(
            database,
            REGISTRY,
            arguments.host,
            arguments.port,
            certificate=arguments.certificate,
            key=arguments.key,
            on_ready=lambda url, stop: say("cli.serving", url=url),
        )
    finally:
        database.close()
    return 0
