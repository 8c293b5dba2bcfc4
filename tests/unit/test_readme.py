"""The README tells the truth: its commands exist, its test command is the one that is run, the wheel holds the rest."""

from __future__ import annotations

import argparse
import re
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from tui_app import cli

ROOT = Path(__file__).resolve().parents[2]
TEST = (
    "python3 -m venv .venv && .venv/bin/pip install -q -c .ci/constraints.txt -e '.[dev]'"
    " && .venv/bin/python -m pytest -n 2"
)


@pytest.fixture(scope="module")
def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_test_command_of_the_readme_is_what_the_check_runs(readme: str) -> None:
    assert TEST in readme.splitlines()
    assert TEST in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


def test_nothing_in_them_depends_on_one_machine(readme: str) -> None:
    for text in (readme, *(p.read_text(encoding="utf-8") for p in (ROOT / ".ci").iterdir())):
        assert not re.search(r"--(extra-)?index|\bpypi\b|/(root|home)/\w", text)


def commands(parser: argparse.ArgumentParser, before: str = "gonha") -> Iterator[str]:
    """Every command with its actions, as typed."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, sub in action.choices.items():
                yield from commands(sub, f"{before} {name}")
            return
    yield before


def test_every_command_is_in_the_readme(readme: str) -> None:
    typed = sorted(set(commands(cli.parser())))
    assert len(typed) > 15
    missing = []
    for command in typed:
        *start, last = command.split()
        # several actions of one command may share a cell of the table
        shared = rf"{' '.join(start)} [^|\n]*?(?<![\w-]){last}(?![\w-])"
        if command not in readme and not re.search(shared, readme):
            missing.append(command)
    assert missing == []


def test_every_command_the_readme_names_exists(readme: str) -> None:
    known = set(commands(cli.parser()))
    starts = {command.split()[1] for command in known}
    named = set(re.findall(r"(?:^|`|bin/)gonha ([a-z0-9]+)", readme, re.MULTILINE))
    assert named
    assert named - starts == set()


def test_the_wheel_holds_the_program_and_its_assets() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel == {"packages": ["tui_app", "sync", "assets"]}, "whole folders, nothing left out"
    loaded = {path.parent for path in ROOT.glob("*/__init__.py")} - {ROOT / "tests"}
    assert {ROOT / name for name in wheel["packages"]} == loaded
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()  # the build leaves out what git does
    files = [path for name in wheel["packages"] for path in (ROOT / name).rglob("*") if path.is_file()]
    kept = [path for path in files if "__pycache__" not in path.parts]
    assert {path.suffix for path in kept} >= {".py", ".toml", ".tcss", ".xlsx", ".csv"}
    for path in kept:
        parts = path.relative_to(ROOT).parts
        hidden = [rule for rule in ignored if any(fnmatch(part, rule.strip("/")) for part in parts)]
        assert hidden == [], f"{path.name} would not be packed"
    assert project["project"]["scripts"] == {"gonha": "tui_app.__main__:main"}
    assert (ROOT / project["project"]["license-files"][0]).is_file()


def test_what_the_constraints_pin_covers_what_the_program_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *project["optional-dependencies"]["server"],
        *project["optional-dependencies"]["dev"],
    ]
    names = {re.split(r"[\[<>=; ]", line, maxsplit=1)[0].lower().replace("_", "-") for line in wanted} - {
        "gonha"
    }
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line
    }
    assert names - pinned == set()
