"""Seeded runs: nothing is lost, and sync with something missing does not pass them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.__main__ import main
from tests.faults.broken import BROKEN, bare_sequence
from tests.faults.play import play
from tests.faults.world import World

LIGHT_RUNS, FULL_RUNS, CONTROL_RUNS = 30, 4, 60


@pytest.fixture(scope="module")
def light(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("light"))
    yield world
    world.close()


def test_nothing_is_lost_in_many_short_runs(light: World) -> None:
    total: Counter[str] = Counter()
    for seed in range(1000, 1000 + LIGHT_RUNS):
        outcome = play(light, seed)
        assert outcome.wrong == [], f"seed {seed} (light)"
        total += outcome.figures
    assert total["lost"] == 0
    assert min(total[name] for name in ("edits", "conflicts", "cuts", "restores", "files")) > 0, total


def test_nothing_is_lost_with_encrypted_stores_over_http(tmp_path: Path) -> None:
    world = World(tmp_path, light=False)
    try:
        for seed in range(2000, 2000 + FULL_RUNS):
            outcome = play(world, seed)
            assert outcome.wrong == [], f"seed {seed}"
            assert outcome.figures["lost"] == 0
    finally:
        world.close()


@pytest.mark.parametrize("missing", BROKEN)
def test_sync_with_something_missing_does_not_pass(
    light: World, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    BROKEN[missing](monkeypatch)
    assert first_failure(light) is not None, f"{CONTROL_RUNS} runs without {missing} being noticed"


def test_a_row_that_a_cursor_has_passed_is_found_by_the_digests(
    light: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare_sequence(monkeypatch, repair=True)
    assert first_failure(light, runs=8) is None


def first_failure(world: World, runs: int = CONTROL_RUNS) -> int | None:
    return next((seed for seed in range(3000, 3000 + runs) if play(world, seed).wrong), None)


def test_the_command_prints_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--runs", "3", "--seed", "7", "--light"]) == 0
    printed = capsys.readouterr().out
    assert "runs 3 " in printed
    assert "lost 0" in printed
