"""Vital signs on a real terminal: whole rows in one write, an alert that haste does not answer, a battery that dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_typing_pty import LEAVE, Terminal
from tests.screens.conftest import PASSWORD, USER
from tests.screens.f0_ward import MORNING
from tui_app.bootstrap import open_workspace
from tui_app.clock import pinned_clock
from tui_app.settings import Places

F12 = "\x1b[24~"
READY = "A đã báo cho ai"


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Terminal]]:
    """Opens the application at the grid, again and again over the same home."""
    monkeypatch.setenv("GONHA_HOME", str(tmp_path / "home"))
    terminals: list[Terminal] = []

    def start(mode: str) -> Terminal:
        terminals.append(Terminal(mode, "vitals_app.py"))
        terminals[-1].wait_for("ready")
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


def shows(terminal: Terminal, words: str) -> Callable[[], bool]:
    return lambda: any(words in line for line in terminal.screen.display)


def stored(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """What the encrypted file holds, after the application has ended."""
    clock = pinned_clock(MORNING)
    workspace = open_workspace(Places(home), USER, PASSWORD, clock=clock)
    try:
        with workspace.store.read() as c:
            return [tuple(row) for row in c.execute(sql)]
    finally:
        workspace.close()


VITALS = "SELECT temperature_c, pulse, respiratory_rate, spo2 FROM observation WHERE slot_on = '2022-02-20' ORDER BY id"


@pytest.mark.parametrize("mode", ["quick", "frozen"])
def test_three_rows_in_one_write_are_three_readings(
    opened: Callable[[str], Terminal], tmp_path: Path, mode: str
) -> None:
    terminal = opened(mode)
    terminal.send("37.5\t96\t18\t98\r37,1\t80\t17\t99\r36980\t16\t98\r")
    terminal.wait_for("ready", where=shows(terminal, "3/3 đã đo"))
    terminal.send(LEAVE)
    terminal.process.wait(30)
    assert stored(tmp_path / "home", VITALS) == [(37.5, 96, 18, 98), (37.1, 80, 17, 99), (36.9, 80, 16, 98)]


@pytest.mark.parametrize("mode", ["quick", "frozen"])
def test_a_burst_does_not_answer_the_alert_it_opens(
    opened: Callable[[str], Terminal], tmp_path: Path, mode: str
) -> None:
    terminal = opened(mode)
    terminal.send("375130\t18\t98\r\r\ra")
    terminal.wait_for("ready", where=shows(terminal, READY))
    terminal.send("a")
    terminal.wait_for("ready", where=shows(terminal, "Enter nhận"))
    terminal.send("BS Hà")
    terminal.wait_for("ready", where=shows(terminal, "BS Hà"))
    assert not shows(terminal, "Đã báo BS Hà")()
    terminal.send("\r")
    terminal.wait_for("ready", where=shows(terminal, "Đã báo BS Hà"))
    terminal.send(LEAVE)
    terminal.process.wait(30)
    assert stored(tmp_path / "home", "SELECT state, told_to FROM alert") == [("told", "BS Hà")]


def test_an_alert_left_by_ending_the_program_is_still_open(
    opened: Callable[[str], Terminal], tmp_path: Path
) -> None:
    terminal = opened("quick")
    terminal.send("375130\t18\t98\r\x1b\r a\r")
    terminal.wait_for("ready", where=shows(terminal, READY))
    terminal.send(LEAVE)
    terminal.process.wait(30)
    assert stored(tmp_path / "home", "SELECT state FROM alert") == [("open",)]


def test_a_half_typed_row_survives_a_kill(opened: Callable[[str], Terminal], tmp_path: Path) -> None:
    terminal = opened("quick")
    terminal.send("37588\t18")
    terminal.wait_for("ready", where=shows(terminal, "nháp"))
    terminal.send(F12)
    terminal.wait_for("settled")
    terminal.process.kill()
    terminal.process.wait(30)
    again = opened("quick")
    again.wait_for("ready", where=shows(again, "37,5    88   18"))
    again.send(LEAVE)
    again.process.wait(30)
    assert stored(tmp_path / "home", VITALS) == []
