"""Typing on a real terminal: bytes as input methods, scanners and hasty fingers send them, in one write."""

from __future__ import annotations

import codecs
import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyte
import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widgets import Input

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 30.0  # seconds until a test gives up on something it waits for
BACK = "\x7f"
LEAVE = "\x11"

# What Unikey sends while "Nguyeenx Vawn DDuwcs" and "Truwowng Thij Huwowngf" are typed
NGUYEN_VAN_DUC_TELEX = f"Nguye{BACK}ên{BACK * 2}ễn Va{BACK}ăn D{BACK}Đu{BACK}ưc{BACK * 2}ức"
TRUONG_THI_HUONG_TELEX = f"Tru{BACK}ưo{BACK}ơng Thi{BACK}ị Hu{BACK}ưo{BACK}ơng{BACK * 3}ờng"
# and while "Nguyen64 Van8 D9uc71" and "Truong7 Thi5 Huong72" are
NGUYEN_VAN_DUC_VNI = f"Nguyen{BACK * 2}ên{BACK * 2}ễn Van{BACK * 2}ăn D{BACK}Đuc{BACK * 2}ưc{BACK * 2}ức"
TRUONG_THI_HUONG_VNI = f"Truong{BACK * 4}ương Thi{BACK}ị Huong{BACK * 4}ương{BACK * 3}ờng"
# made up; the fields of an identity card's code
SCANNED = (
    "001090123456|012345678|NGUYỄN VĂN A|01011990|Nam|Số 1 đường Lê Lợi, phường 12, tỉnh Lào Cai|15042021"
)


class Terminal:
    """A pty with an App in it, the screen it paints, and the lines it tells."""

    def __init__(self, mode: str, script: str = "typing_app.py") -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
        self.told_fd, told_by_app = os.pipe()
        self.screen = pyte.Screen(120, 24)
        self._stream = pyte.Stream(self.screen)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._unread = b""
        self.told: list[tuple[str, Any]] = []
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name(script)), str(told_by_app), mode],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            pass_fds=(told_by_app,),
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LANG": "C.UTF-8"},
        )
        os.close(slave)
        os.close(told_by_app)

    def send(self, keys: str | bytes) -> None:
        """All of it in one write."""
        burst = keys.encode() if isinstance(keys, str) else keys
        assert os.write(self.master, burst) == len(burst)

    def wait_for(self, what: str, said: Any = None, *, where: Callable[[], bool] | None = None) -> Any:
        """Read what the App paints and tells until it tells ``what``, and the screen is as ``where`` says."""
        until = time.monotonic() + LIMIT
        while True:
            for name, value in self.told:
                if name == what and said in (None, value) and (where is None or where()):
                    return value
            left = until - time.monotonic()
            assert left > 0, f"no {what}; told {self.told}; screen {self.screen.display[:4]}"
            assert self._read(left), f"the App ended; told {self.told}; screen {self.screen.display}"

    def _read(self, seconds: float) -> bool:
        readable, _, _ = select.select([self.master, self.told_fd], [], [], seconds)
        if self.master in readable:
            with suppress(OSError):  # the other end is closed: what was told is still read below
                self._stream.feed(self._decode(os.read(self.master, 65536)))
        if self.told_fd in readable:
            told = os.read(self.told_fd, 65536)
            *lines, self._unread = (self._unread + told).split(b"\n")
            self.told += [tuple(json.loads(line)) for line in lines]
            return bool(told)
        return True

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.told_fd)


@pytest.fixture
def terminal(request: pytest.FixtureRequest) -> Iterator[Terminal]:
    opened = Terminal(getattr(request, "param", "quick"))
    try:
        opened.wait_for("ready")
        yield opened
    finally:
        opened.close()


def submissions(terminal: Terminal) -> list[str]:
    return [said for what, said in terminal.told if what == "submitted"]


@pytest.mark.parametrize("terminal", ["quick", "frozen"], indirect=True)
def test_input_method_bursts_with_tab_and_enter_typed_ahead(terminal: Terminal) -> None:
    terminal.send(f"{NGUYEN_VAN_DUC_TELEX}\t{TRUONG_THI_HUONG_VNI}\r{NGUYEN_VAN_DUC_VNI}{LEAVE}")
    assert terminal.wait_for("values") == ["Nguyễn Văn Đức", "Trương Thị Hường", "Nguyễn Văn Đức"]
    assert submissions(terminal) == ["Trương Thị Hường"]


def test_bursts_key_by_key_show_on_the_screen(terminal: Terminal) -> None:
    for piece in TRUONG_THI_HUONG_TELEX.replace(BACK, "\0" + BACK).split("\0"):
        terminal.send(piece)
    shown = "Trương Thị Hường"
    terminal.wait_for("changed", shown, where=lambda: terminal.screen.display[0].strip() == shown)
    terminal.send(LEAVE)
    assert terminal.wait_for("values")[0] == shown


@pytest.mark.parametrize("terminal", ["quick", "slow", "frozen"], indirect=True)
def test_vitals_typed_ahead_land_in_their_fields(terminal: Terminal) -> None:
    terminal.send(f"37.5\t96\t88\t{LEAVE}")
    assert terminal.wait_for("values") == ["37.5", "96", "88"]


@pytest.mark.parametrize("terminal", ["quick", "frozen"], indirect=True)
@pytest.mark.parametrize("ending", ["\r", "\r\n", "\n"])
def test_a_scanner_line_arrives_whole_and_is_one_enter(terminal: Terminal, ending: str) -> None:
    assert len(SCANNED) >= 100
    terminal.send(f"{SCANNED}{ending}tiếp{LEAVE}")
    assert terminal.wait_for("values") == [SCANNED, "tiếp", ""]
    assert submissions(terminal) == [SCANNED]


def test_a_scanner_line_as_a_bracketed_paste(terminal: Terminal) -> None:
    terminal.send(f"\x1b[200~{SCANNED}\r\x1b[201~tiếp{LEAVE}")
    assert terminal.wait_for("values") == [SCANNED, "tiếp", ""]
    assert submissions(terminal) == [SCANNED]


def test_a_letter_split_between_two_writes(terminal: Terminal) -> None:
    first, second = "Đ".encode()
    terminal.send(b"A" + bytes([first]))
    terminal.wait_for("changed", "A")
    terminal.send(bytes([second]) + b"c")
    terminal.send(LEAVE)
    assert terminal.wait_for("values")[0] == "AĐc"


class StockInputs(App[None]):
    """The same three fields with Textual's own input and key order."""

    def compose(self) -> ComposeResult:
        yield from (Input(), Input(), Input())


@pytest.mark.parametrize(
    ("burst", "wanted"),
    [
        (NGUYEN_VAN_DUC_TELEX, ["Nguyễn Văn Đức", "", ""]),
        (TRUONG_THI_HUONG_VNI, ["Trương Thị Hường", "", ""]),
        ("37.5\t96\t88\t", ["37.5", "96", "88"]),
    ],
)
async def test_control_the_stock_input_does_not_survive_these_bursts(burst: str, wanted: list[str]) -> None:
    """Were this to fail, Textual has learned it and our own field may go."""
    app = StockInputs()
    names = {BACK: "backspace", "\t": "tab"}
    async with app.run_test() as pilot:
        for char in burst:
            app.post_message(events.Key(names.get(char, char), char))
        await pilot.pause()
        values = [field.value for field in app.query(Input)]
        assert values != wanted
        assert len("".join(values)) >= 8  # the letters did come, in the wrong order or place
