"""The pages' words, in Vietnamese (first) or English, from the catalogues in ``assets/locale``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("vi", "en")
VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")  # no daylight saving
ASSETS = Path(__file__).resolve().parents[3] / "assets"
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)  # what a page can be about
FORM = "reports"  # names the blocks and parts of the daily form
FIGURES = ("pages", "reports", "forms", "coverage", "sweep", "levels")
"""Catalogues that name figures, as ``figure_<name>``; the first that does counts."""


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that is said to a reader, in one language."""

    language: str = LANGUAGES[0]

    def __call__(self, key: str, **params: Any) -> str:
        """The words for a key of the pages' own catalogue. Raises KeyError."""
        words = catalogue(self.language, "pages")[key]
        return words.format(**params) if params else words

    def figure(self, name: str) -> str:
        """What a figure is called, with its block of the form; its own name where no catalogue says."""
        block, part = self.block(name), self.part(name)
        return f"{self.heading(block)}: {part}" if block else part

    def part(self, name: str) -> str:
        """What a figure is called within its block."""
        block, target = self.block(name), targets().get(name)
        if target:
            return target[self.language]
        if block in targets():
            return catalogue(self.language, "pages")[f"part_{name.rpartition(':')[2]}"]
        if block:
            return catalogue(self.language, FORM)[f"part_{name.removeprefix(f'{block}_')}"].removeprefix("… ")
        for subject in FIGURES:
            found = catalogue(self.language, subject).get(f"figure_{name}")
            if found:
                return found.removeprefix("… ")
        return name.replace("_", " ")

    def heading(self, block: str) -> str:
        """What a block of a form is called."""
        if block in targets():
            return targets()[block][self.language]
        return catalogue(self.language, FORM).get(f"block_{block}", block)

    def block(self, name: str) -> str:
        """The block of its form that a figure stands in, empty for none: ``f0`` for ``f0_new`` of the daily form, the
        group of age and dose for ``<rule set>/<target>:week`` of the weekly one of vaccination."""
        group, _, part = name.rpartition(":")
        if group in targets() and f"part_{part}" in catalogue(self.language, "pages"):
            return group
        words = catalogue(self.language, FORM)
        parts = name.split("_")
        for n in range(len(parts) - 1, 0, -1):
            block, part = "_".join(parts[:n]), "_".join(parts[n:])
            if f"block_{block}" in words and f"part_{part}" in words:
                return block
        return ""

    def number(self, value: float | None) -> str:
        """A figure as it is written in the language; ``?`` for an unknown one, which is no zero."""
        if value is None:
            return "?"
        text = f"{value:,.1f}" if isinstance(value, float) and not value.is_integer() else f"{value:,.0f}"
        return text if self.language == "en" else text.translate(_DECIMAL_COMMA)

    def rate(self, percent: float | None) -> str:
        """``84,2 %``; a dash for the share of nobody."""
        if percent is None:
            return "–"
        text = f"{percent:.1f} %"
        return text if self.language == "en" else text.translate(_DECIMAL_COMMA)

    def day(self, day: date) -> str:
        """``30/11/2026``."""
        return day.strftime("%d/%m/%Y")

    def moment(self, moment: datetime | None) -> str:
        """``16:05 30/11/2026`` in Viet Nam; nothing for None."""
        return moment.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y") if moment else ""

    def period(self, first: date, last: date) -> str:
        """The days a report is about."""
        if first == last:
            return self.day(last)
        begin = first.strftime("%d/%m" if first.year == last.year else "%d/%m/%Y")
        return f"{begin}–{self.day(last)}"


_DECIMAL_COMMA = str.maketrans(",.", ".,")


def words_in(language: str) -> Words:
    """The words of a language, of Vietnamese for one there is not."""
    return Words(language if language in LANGUAGES else LANGUAGES[0])


def local_day(moment: datetime) -> date:
    """The calendar day in Viet Nam."""
    return moment.astimezone(VIETNAM).date()


def aware(text: str) -> datetime | None:
    """The moment of a wire text, None for anything else: what a laptop sent is not trusted to be one, nor to lie in
    years that a clock of Viet Nam can show."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo and FIRST_DAY <= moment.date() <= LAST_DAY else None


def within_reach(day: date) -> date:
    """A day that a laptop sent, or the nearest that pages can be about: the calendar of a program has an end."""
    return min(max(day, FIRST_DAY), LAST_DAY)


@cache
def catalogue(language: str, subject: str) -> dict[str, str]:
    """All words of a subject; nothing where this program has no such catalogue."""
    file = ASSETS / "locale" / language / f"{subject}.toml"
    if not file.is_file():
        return {}
    words = tomllib.loads(file.read_text(encoding="utf-8"))
    return {key: value for key, value in words.items() if isinstance(value, str)}


@cache
def targets() -> dict[str, dict[str, str]]:
    """``<rule set>/<target>`` -> language -> what a target of vaccination is called, of every plan in this program."""
    found = {}
    for file in sorted((ASSETS / "rule_sets").glob("*.toml")):
        text = file.read_text(encoding="utf-8")
        if "[[coverage]]" in text:
            rules = tomllib.loads(text)
            for target in rules["coverage"]:
                named = {language: target[language] for language in LANGUAGES}
                found[f"{rules['id']}/{target['id']}"] = named
    return found
