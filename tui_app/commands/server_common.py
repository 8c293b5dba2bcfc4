"""What the operator's commands share: where the server is, and its refusals in the operator's language."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tui_app.clock import VIETNAM, clock_from_environment
from tui_app.commands import common
from tui_app.commands.common import Arguments
from tui_app.errors import GonhaError
from tui_app.i18n import t

if TYPE_CHECKING:
    from sync.server.database import Database


def finish(parser: argparse.ArgumentParser, run: Callable[[Arguments], int]) -> None:
    """The options every operator's command has, and what it runs."""
    parser.add_argument("--dir", type=Path, default=None, help=t("cli.help_dir"))
    parser.add_argument("--database", metavar="URL", help=t("server.help_database"))
    parser.set_defaults(run=lambda arguments: _told(run, arguments))


def folder_of(arguments: Arguments) -> Path | str:
    """Where the server is: ``--database``, ``--dir`` or the usual folder."""
    return arguments.database or arguments.dir or common.places().home / "server"


def shown_place(arguments: Arguments) -> str:
    """Where the server is, for people: a database's address without user, password and options."""
    place = str(folder_of(arguments))
    kind, found, rest = place.partition("://")
    if not found or kind == "sqlite":
        return place
    return f"{kind}://{rest.rpartition('@')[2].partition('?')[0]}"


@contextmanager
def opened(arguments: Arguments) -> Iterator[Database]:
    """The server's database, which has to be there already."""
    from sync.server import admin

    database = admin.open_prepared(folder_of(arguments))
    try:
        yield database
    finally:
        database.close()


def now() -> datetime:
    """The moment of this command; ``GONHA_NOW`` pins it."""
    return clock_from_environment()()


def moment(text: str) -> datetime:
    """A moment as an operator writes it (ISO 8601); without an offset it is Viet Nam time. Raises GonhaError."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise GonhaError("server.bad_moment", value=text) from error
    return read if read.tzinfo else read.replace(tzinfo=VIETNAM)


def _told(run: Callable[[Arguments], int], arguments: Arguments) -> int:
    from sync.server.database import DatabaseBusy
    from sync.server.problems import AdminError

    try:
        return run(arguments)
    except AdminError as error:
        raise GonhaError(f"server.{error.code}", **error.params) from error
    except DatabaseBusy as error:
        raise GonhaError("server.database_busy") from error
    except ModuleNotFoundError as error:
        raise GonhaError("server.extra_missing", module=error.name) from error
