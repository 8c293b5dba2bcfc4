"""The application in this terminal: opened, run to its end, and a crash told without a value of anybody's record."""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_app.app import GonhaApp
    from tui_app.settings import Places


def run_app(places: Places | None = None, *, user: str | None = None, hint: str | None = None) -> int:
    """Open the application in this terminal. ``places``: another home; ``user``, ``hint``: for the login."""
    from tui_app.i18n import t
    from tui_app.settings import Places, home

    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):  # Textual paints on stderr
        sys.stderr.write(t("app.no_terminal") + "\n")
        return 1
    sys.excepthook = _excepthook
    os.umask(0o077)  # whatever the program writes is its owner's alone
    from tui_app.app import GonhaApp

    return run(GonhaApp(places or Places(home()), user=user, hint=hint))


def run(app: GonhaApp) -> int:
    """Run an application to its end and say the last words; returns the exit code."""
    app.run()
    if app.crash is not None:
        report_crash(app.crash)
        return 1
    sys.stdout.write(app.farewell + "\n")
    return app.return_code or 0


def report_crash(error: BaseException) -> None:
    """One line for the person, then where in the code it happened. Never values: they could be somebody's
    name.
    """
    from tui_app.i18n import t

    sys.stderr.write(t("app.crashed", kind=type(error).__name__) + "\n")
    for frame in traceback.extract_tb(error.__traceback__):
        place = frame.filename.replace(os.sep, "/").split("/site-packages/")[-1]
        sys.stderr.write(f"  {'/'.join(place.split('/')[-3:])}:{frame.lineno} {frame.name}\n")


def _excepthook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        sys.exit(130)
    report_crash(error.with_traceback(trace))
