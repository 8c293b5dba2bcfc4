"""What Textual reads from the environment while it is imported, and so has to be said before."""

from __future__ import annotations

import os

FRAMES = 120
"""Frames a second at most. A key is painted with the next frame: with Textual's 60 that alone is up to 16.7 ms, and the
median of a key in the grid 16.5 ms; with 120 it is 8.2 ms (``python -m tests.bench --quick --only f0``). No frame is
painted while nothing changes."""


def say_before_import() -> None:
    """Set it, for this process and those it starts."""
    # with the Kitty protocol on, input methods' bursts arrive as key events out of order
    os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
    os.environ.setdefault("TEXTUAL_FPS", str(FRAMES))
