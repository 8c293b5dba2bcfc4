"""The command ``gonha``: without arguments the application, else one of its commands.

Without arguments nothing of the command line is loaded: the login screen should be there at once.
"""

from __future__ import annotations

import os
import sys


def main(argv: list[str] | None = None) -> int:
    """Run; returns the exit code (0 done, 1 refused or failed, 2 usage, 3 no link, 4 something waits)."""
    # Textual reads it at import: with the Kitty protocol on, input methods' bursts arrive as key events out
    # of order
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    argv = sys.argv[1:] if argv is None else argv
    if argv:
        from tui_app.cli import main as cli_main

        return int(cli_main(argv) or 0)
    from tui_app.terminal import run_app

    return run_app()


if __name__ == "__main__":
    sys.exit(main())
