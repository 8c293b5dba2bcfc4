"""server run: serving until told to stop."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from tui_app.commands import common
from tui_app.commands.common import Arguments, put_json, say
from tui_app.commands.server_common import finish, folder_of
from tui_app.i18n import t


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 1e9:
        raise ValueError(text)
    return value


def _count(text: str) -> int:
    return int(_positive(str(int(text))))


_LIMITS = {
    "rate": ("device_rate", _positive),
    "burst": ("device_burst", _count),
    "address-rate": ("address_rate", _positive),
    "address-burst": ("address_burst", _count),
    "max-requests": ("max_requests", _count),
    "max-connections": ("max_connections", _count),
    "tries": ("free_tries", _count),
    "body-seconds": ("body_seconds", _positive),
}


def add(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command of this module."""
    serve = actions.add_parser("run", help=t("cli.help_server_run"))
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8020)
    serve.add_argument("--certificate", type=Path, metavar="FILE", help=t("server.help_certificate"))
    serve.add_argument("--key", type=Path, metavar="FILE", help=t("server.help_key"))
    serve.add_argument(
        "--behind-proxy", nargs="?", const="", metavar="ADDRESSES", help=t("server.help_behind_proxy")
    )
    who = serve.add_mutually_exclusive_group()
    who.add_argument("--metrics-token-file", type=Path, metavar="FILE", help=t("server.help_metrics_token"))
    who.add_argument("--metrics-open", action="store_true", help=t("server.help_metrics_open"))
    for name, (field, kind) in _LIMITS.items():
        serve.add_argument(f"--{name}", type=kind, metavar="N", help=t(f"server.limit_{field}"))
    serve.add_argument("--stop-seconds", type=_positive, metavar="N", help=t("server.limit_stop_seconds"))
    common.add_json(serve)
    finish(serve, run_serve)


def run_serve(arguments: Arguments) -> int:
    """Serve until told to stop."""
    from sync.server import admin
    from sync.server.limits import Limits
    from sync.server.run import STOP_SECONDS, proxies
    from sync.server.run import run as serve
    from sync.server.watch import MetricsAccess
    from tui_app.records import REGISTRY

    given = {field: getattr(arguments, name.replace("-", "_")) for name, (field, _) in _LIMITS.items()}
    limits = Limits(**{field: value for field, value in given.items() if value is not None})
    trusted = proxies(arguments.behind_proxy) if arguments.behind_proxy is not None else None
    token = common.read_secret(arguments.metrics_token_file) if arguments.metrics_token_file else ""

    def ready(url: str, _stop: object) -> None:
        if arguments.json:
            put_json({"url": url})
        else:
            say("cli.serving", url=url)

    log = logging.getLogger("gonha.server")  # a line a request on stderr: figures, never a person
    log.setLevel(logging.INFO)
    database = admin.init(folder_of(arguments))
    log.addHandler(lines := logging.StreamHandler(sys.stderr))
    try:
        serve(
            database,
            REGISTRY,
            arguments.host,
            arguments.port,
            certificate=arguments.certificate,
            key=arguments.key,
            behind_proxy=trusted,
            limits=limits,
            metrics_access=MetricsAccess(arguments.metrics_open, token),
            stop_seconds=arguments.stop_seconds or STOP_SECONDS,
            on_ready=ready,
        )
    finally:
        log.removeHandler(lines)
        database.close()
    return 0
