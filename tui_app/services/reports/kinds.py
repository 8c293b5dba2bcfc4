"""What a kind of report is made of. One module a kind makes its `Kind`; `catalogue.KINDS` names them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from tui_app.i18n import t
from tui_app.rules.findings import Finding

Choices = Mapping[str, str]
"""The station's choices that hold on a day (`tui_app.services.station.station_values.CHOICES`), by their names."""


Due = tuple[datetime, Finding]
"""When something is due (aware), and by which rule."""


@dataclass(frozen=True, slots=True)
class Period:
    """What a report is about: the days ``first`` to ``last``, counted from ``begins`` (included) to ``ends``
    (excluded), both aware."""

    first: date
    last: date
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """``value``: None where it cannot be worked out, never 0 for that; ``kind``: the record type of ``ids``; ``unit``:
    the area it is of, None for all; ``listed``: False where a filed report had no room for the ids; ``detail``: more
    that is said of it (a rate's parts, a target), JSON values only."""

    name: str
    value: int | float | None
    kind: str = ""
    ids: tuple[str, ...] = ()
    unit: str | None = None
    listed: bool = True
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Figures that should add up and do not: ``total`` says ``value``, its ``parts`` together ``of_parts``."""

    total: str
    value: int | float
    parts: tuple[str, ...]
    of_parts: int | float
    unit: str | None = None

    @property
    def off(self) -> int | float:
        """How many the parts are more than the total (fewer when negative)."""
        return self.of_parts - self.value


def figure_word(figure: Figure) -> str:
    """What a figure is called: ``figure_<name>`` of the catalogue ``reports``."""
    return t(f"reports.figure_{figure.name}")


def say_word(name: str) -> str:
    """What a text that a person writes is called: ``say_<name>`` of the catalogue ``reports``."""
    return t(f"reports.say_{name}")


def no_section(figure: Figure) -> str:
    """For kinds whose figures stand in one list."""
    return ""


def no_note(figure: Figure) -> str:
    """For kinds whose figures say all by their value."""
    return ""


def no_gaps(figures: tuple[Figure, ...]) -> tuple[Gap, ...]:
    """For kinds whose figures are no sums."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of report.

    ``period``: the one that a day lies in; ``count(c, period, as_of, subject)``: its figures, in the order they are
    shown, by what was known at ``as_of`` (aware); ``due_kind``: its name in the rule sets (``report_due``);
    ``conventions``: the station's choices its figures depend on; ``narrative``: names of texts that a person must write
    before it is filed; ``wanted``: more texts that the figures ask for; ``subjects(c, period)``: (id, name) of what it
    can be about, where ``subject_needed``; ``rule_subjects``: of the rule sets that its figures rest on.

    ``word``, ``section``, ``note``: what a figure is called, the heading it stands under, what is said instead of its
    bare value, in the user's language; ``notes``: catalogue keys of how it counts, printed with it; ``typed``: figures
    that no record can tell, which somebody may type in; ``recounts``: whether it can be counted again as it was known
    at an earlier moment, or only looked at as it was filed; ``say_word(name)``: what a text is called;
    ``deadlines(c, period)``: subject -> when it is due and why, where that runs from a moment of each subject and not
    from the end of a period; such subjects stand on one line of the deadlines of a period, those that are not filed
    with their names.
    """

    name: str
    period: Callable[[date, Choices], Period]
    count: Callable[[Any, Period, datetime, str], tuple[Figure, ...]]
    due_kind: str
    subject_needed: bool = False
    gaps: Callable[[tuple[Figure, ...]], tuple[Gap, ...]] = no_gaps
    conventions: tuple[str, ...] = ()
    narrative: tuple[str, ...] = ()
    rule_subjects: tuple[str, ...] = ()
    subjects: Callable[[Any, Period], tuple[tuple[str, str], ...]] = field(default=lambda c, period: ())
    wanted: Callable[[tuple[Figure, ...]], tuple[str, ...]] = field(default=lambda figures: ())
    word: Callable[[Figure], str] = figure_word
    section: Callable[[Figure], str] = no_section
    notes: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    recounts: bool = True
    note: Callable[[Figure], str] = no_note
    say_word: Callable[[str], str] = say_word
    deadlines: Callable[[Any, Period], Mapping[str, Due]] | None = None
