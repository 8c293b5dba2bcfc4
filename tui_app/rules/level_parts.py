"""The parts of a rule set about a whole commune: scenarios, epidemic levels, colours, thresholds, capacity."""

from __future__ import annotations

from datetime import date
from typing import Literal

from tui_app.rules.parts import Part


class Band(Part, frozen=True, kw_only=True):
    """One step of a number. ``input``: which number; ``per``: so many inhabitants and week, None for the bare count;
    ``weeks``: over how many weeks it is averaged; ``outcome``: the step it gives, empty where the document has cut
    points that nobody has read.

    Where it begins is ``at_least`` (≥) or ``above`` (>), where it ends ``at_most`` (≤) or ``below`` (<), as the
    document writes it; None for no end on that side.
    """

    id: str
    vi: str
    en: str
    input: str
    outcome: str
    per: int | None = None
    weeks: int = 1
    at_least: int | None = None
    above: int | None = None
    at_most: int | None = None
    below: int | None = None


class LevelNeed(Part, frozen=True, kw_only=True):
    """Something a commune must have for a milder level: so many vaccinated, or a person's yes.

    ``dose``: what somebody must have, as in `Target`, None where a person answers; ``from_months`` and the groups: of
    whom; ``since``, ``until``: the days it is asked on (both included), None as long as the set holds.
    """

    id: str
    vi: str
    en: str
    dose: Literal["any", "basic"] | None = None
    from_months: int = 0
    below_months: int | None = None
    high_risk: bool = False
    risk_groups: tuple[str, ...] = ()
    op: Literal[">", "≥"] | None = None
    percent: int | None = None
    since: date | None = None
    until: date | None = None

    def asked(self, day: date) -> bool:
        """Whether it is asked on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


class Response(Part, frozen=True, kw_only=True):
    """A grade of how well a commune can answer, the best first: it has all the ``needs``. ``levels``: the level for
    each step of transmission, from the mildest."""

    id: str
    vi: str
    en: str
    needs: tuple[str, ...] = ()
    levels: tuple[str, ...]


class LevelRule(Part, frozen=True, kw_only=True):
    """What follows when any of the ``needs`` asked on the day is not met: the level is raised ``by`` so many, or may
    not be lower than the one before."""

    id: str
    vi: str
    en: str
    needs: tuple[str, ...]
    effect: Literal["raise", "no_lowering"]
    by: int = 1


class Colour(Part, frozen=True, kw_only=True):
    """A level of risk of a commune with its colour, the mildest first."""

    id: str
    vi: str
    en: str
    outcome: str


class ColourRaise(Part, frozen=True, kw_only=True):
    """By how many levels a border commune, or an inland one next to it, may be raised."""

    id: str
    vi: str
    en: str
    at_least: int
    at_most: int


class Threshold(Part, frozen=True, kw_only=True):
    """When cases since the beginning of a month or week (Monday) are an epidemic, or something to warn of.

    ``endemic``: for a disease that is usual in the commune or not. Usual: cases against the mean of the same period of
    ``years`` years, those with an epidemic left out, plus ``deviations`` standard deviations; ``up_to``: where the text
    gives a range, its upper end in deviations. Not usual: ``linked`` cases that belong together.
    """

    id: str
    vi: str
    en: str
    outcome: Literal["epidemic", "warning"]
    period: Literal["month", "week"]
    endemic: bool
    op: Literal[">", "≥"] = "≥"
    deviations: int | None = None
    up_to: int | None = None
    years: int = 5
    linked: int | None = None


class Capacity(Part, frozen=True, kw_only=True):
    """So many ``households`` with cases a ward must be able to care for, of each ``per`` households, rounded up."""

    id: str
    vi: str
    en: str
    households: int
    per: int


class DeathTarget(Part, frozen=True, kw_only=True):
    """Fewer than ``below`` deaths of each ``per`` inhabitants and week."""

    id: str
    vi: str
    en: str
    below: int
    per: int
