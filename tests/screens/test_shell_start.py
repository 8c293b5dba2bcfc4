"""The start and the end of the program in a real terminal: what is loaded, what a crash leaves behind."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
from pathlib import Path

from tests.bench.startup_bench import ROOT, heavy_among, imported_by_first_paint, make_home

LEAVES_SCREEN = b"\x1b[?1049l"
CONTROL = re.compile(rb"\x1b\[[0-9;?<>=]*[a-zA-Z]|\r")
CRASHING = """
import sys
from tui_app.__main__ import main
from tui_app.screens.frame.unlock import UnlockScreen

def submit(self):
    nguoi_benh = "Nguyen Van Bi Mat"
    raise ValueError(f"cannot handle {nguoi_benh}")

UnlockScreen.submit = submit
sys.exit(main([]))
"""


def run_on_a_terminal(code: str, home: Path, wait_for: str, keys: str) -> tuple[int, bytes, str]:
    """Run ``code``, type ``keys`` once ``wait_for`` is on the screen.

    Exit code, all terminal bytes, and what stands on the terminal after the application's own screen is gone.
    """
    ours, theirs = pty.openpty()
    environment = {**os.environ, "GONHA_HOME": str(home), "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    child = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    )
    os.close(theirs)
    seen, typed = b"", False
    while select.select([ours], [], [], 30)[0]:
        try:
            read = os.read(ours, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not read:
            break
        seen += read
        if not typed and wait_for.encode() in seen:
            os.write(ours, keys.encode())
            typed = True
    os.close(ours)
    return child.wait(30), seen, CONTROL.sub(b"", seen.split(LEAVES_SCREEN)[-1]).decode()


def test_nothing_heavy_is_loaded_before_the_login_is_painted(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    modules = imported_by_first_paint(home)
    assert "tui_app.screens.frame.unlock" in modules
    assert heavy_among(modules) == []
    assert [
        name for name in modules if name.startswith(("tui_app.records", "tui_app.services", "sync"))
    ] == []


def test_a_crash_leaves_the_terminal_sane_and_names_nobody(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    code, screen, said = run_on_a_terminal(CRASHING, home, "Mật khẩu", "x\r")
    assert code == 1
    lines = said.strip().splitlines()
    assert lines[0].startswith("Gõ Nhà gặp lỗi và phải dừng (ValueError). Những gì đã lưu vẫn còn nguyên.")
    assert "Bi Mat" not in said
    assert b"Bi Mat" not in screen
    assert "Traceback" not in said
    assert any(line.strip().startswith("<string>") or " submit" in line for line in lines[1:])
    assert LEAVES_SCREEN in screen
    assert b"\x1b[?25h" in screen  # the cursor is shown again


def test_leaving_from_the_login_ends_with_one_line(tmp_path: Path) -> None:
    home = make_home(tmp_path / "home")
    code, screen, said = run_on_a_terminal(
        "import sys; from tui_app.__main__ import main; sys.exit(main([]))", home, "Mật khẩu", "\x11"
    )
    assert code == 0
    assert LEAVES_SCREEN in screen
    assert said.strip() == "Đã thoát."


def test_without_a_terminal_it_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tui_app"],
        env={**os.environ, "GONHA_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "cần một cửa sổ dòng lệnh" in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []
