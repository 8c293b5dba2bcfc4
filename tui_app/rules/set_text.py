"""What is wrong with the text of a rule set, and in which line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tui_app.errors import BadFile

Step = str | int


@dataclass(frozen=True, slots=True)
class SetProblem:
    """Something wrong in a line. ``key``: the catalogue entry that says what and what to do."""

    line: int
    key: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        from tui_app.i18n import t

        return t(self.key, **self.params)


class BadRuleSet(BadFile):
    """A rule set cannot be used; nothing was changed."""

    def __init__(self, name: str, problems: list[SetProblem]) -> None:
        super().__init__("rules.bad_set", file=name, count=len(problems))
        self.problems = tuple(problems)

    def __str__(self) -> str:
        from tui_app.i18n import t

        lines = [t("rules.bad_line", line=problem.line, problem=problem) for problem in self.problems]
        return "\n".join([super().__str__(), *lines])


_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.\-\"]+)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"^\s*([\w\-\"]+)\s*(?:\.\s*[\w\-\"]+\s*)*=")


class Place:
    """Where the values of a TOML text stand: a path of names and numbers to the line that holds it, from 1."""

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[Step, ...], int] = {}
        counts: dict[tuple[Step, ...], int] = {}
        table: tuple[Step, ...] = ()
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                names = tuple(name.strip('"') for name in header[2].split("."))
                if header[1] == "[[":
                    counts[names] = counts.get(names, -1) + 1
                    table = (*names, counts[names])
                else:
                    table = names
                self._lines.setdefault(table, number)
                self._lines.setdefault(names, number)
            elif key := _KEY.match(line):
                self._lines.setdefault((*table, key[1].strip('"')), number)

    def line(self, *path: Step) -> int:
        """The line of a path, or of the nearest thing around it."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return 1


_PATH = re.compile(r" - at `(?:key )?(?:in )?\$([^`]*)`$")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]|\[\.\.\.\]")
_MISSING = re.compile(r"Object missing required field `([^`]+)`")
_UNKNOWN = re.compile(r"Object contains unknown field `([^`]+)`")
_TYPE = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_CHOICE = re.compile(r"Invalid enum value '?([^']*)'?")


def schema_problem(text: str, message: str) -> SetProblem:
    """The line and words for what msgspec found wrong."""
    where = _PATH.search(message)
    path: tuple[Step, ...] = ()
    if where:
        path = tuple(int(number) if number else name for name, number in _STEP.findall(where[1]))
        path = tuple(step for step in path if step != "")
    place = Place(text)
    if found := _MISSING.match(message):
        return SetProblem(place.line(*path), "rules.field_missing", {"name": found[1]})
    if found := _UNKNOWN.match(message):
        return SetProblem(place.line(*path, found[1]), "rules.field_unknown", {"name": found[1]})
    if found := _TYPE.match(message):
        return SetProblem(place.line(*path), "rules.wrong_type", {"wanted": found[1], "got": found[2]})
    if found := _CHOICE.match(message):
        return SetProblem(place.line(*path), "rules.wrong_choice", {"value": found[1], "name": path[-1]})
    return SetProblem(place.line(*path), "rules.wrong_value", {"detail": message})


def syntax_problem(text: str, error: Exception) -> SetProblem:
    """The line and words for what is no TOML."""
    found = re.search(r"line (\d+)", str(error))
    line = int(found[1]) if found else text.count("\n") + 1
    return SetProblem(line, "rules.no_toml", {"detail": str(error)})
