"""What Textual is told before it is imported, asked in a fresh interpreter."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

ASKED = (
    "import sys; import tui_app.__main__ as start; assert 'textual' not in sys.modules;"
    " start.say_before_import(); from textual import constants; print(constants.MAX_FPS, constants.DISABLE_KITTY_KEY)"
)


@pytest.mark.parametrize(("own", "frames"), [(None, "120"), ("30", "30")])
def test_frames_are_as_many_as_the_person_says_else_ours(own: str | None, frames: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TEXTUAL")}
    if own is not None:
        environment["TEXTUAL_FPS"] = own
    said = subprocess.run(
        [sys.executable, "-c", ASKED], env=environment, capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == [frames, "True"]
