"""The command ``gonha``: without arguments the application, else one of its commands.

Without arguments nothing of the command line is loaded: the login screen should be there at once.
"""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui_app.app import GonhaApp
    from tui_app.settings import Places


def main(argv: list[str] | None = None) -> int:
    """Run; returns the exit code (0 done, 1 refused or failed, 2 usage, 3 no link, 4 something waits)."""
    # Textual reads it at import: with the Kitty protocol on, input methods' bursts arrive as key events out
    # of order
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    argv = sys.argv[1:] if argv is None else argv
    if argv:
        from tui_app.cli import main as cli_main

        return int(cli_main(argv) or 0)
    return run_app()


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


if __name__ == "__main__":
    sys.exit(main())
