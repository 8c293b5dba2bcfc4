"""The command ``gonha``: without arguments the application, else one of its commands.

Without arguments nothing of the command line is loaded: the login screen should be there at once.
"""

from __future__ import annotations

import sys

from tui_app.textual_settings import say_before_import


def main(argv: list[str] | None = None) -> int:
    """Run; returns the exit code (0 done, 1 refused or failed, 2 usage, 3 no link, 4 something waits)."""
    say_before_import()
    argv = sys.argv[1:] if argv is None else argv
    if argv:
        from tui_app.cli import main as cli_main

        return int(cli_main(argv) or 0)
    from tui_app.terminal import run_app

    return run_app()


if __name__ == "__main__":
    sys.exit(main())
