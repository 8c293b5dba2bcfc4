"""``gonha sync --watch`` that looks every fraction of a second instead of every few seconds."""

from __future__ import annotations

import sys

from tui_app import cli
from tui_app.services.exchange import watching

watching.LOOK, watching.FIRST_PROBE, watching.LAST_PROBE = 0.1, 0.2, 0.4

if __name__ == "__main__":
    sys.exit(cli.main(sys.argv[1:]))
