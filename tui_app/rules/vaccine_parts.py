"""The parts of a rule set that speak about vaccination: products, who is in the programme, intervals, targets."""

from __future__ import annotations

from datetime import date
from typing import Literal

from tui_app.rules.parts import Part

NextDose = Literal["basic", "additional", "booster_1", "booster_2"]
"""Which dose comes next: a basic one, mũi bổ sung, mũi nhắc lại 1 (mũi 3), mũi nhắc lại 2 (mũi 4)."""


class Vaccine(Part, frozen=True, kw_only=True):
    """A product. ``basic_doses``: how many complete the basic schedule; ``basic_days``: least days between two of them,
    None where no document is known; ``names``: how papers and lists write it, folded before they are compared."""

    id: str
    vi: str
    en: str
    basic_doses: int
    basic_days: int | None = None
    names: tuple[str, ...] = ()


class Programme(Part, frozen=True, kw_only=True):
    """An age band that is vaccinated from ``since`` on. ``when_guided``: named by a plan, but only once the Ministry
    has guided it, so nobody of it is due."""

    id: str
    vi: str
    en: str
    from_months: int
    below_months: int | None = None
    since: date
    when_guided: bool = False


class DoseRule(Part, frozen=True, kw_only=True):
    """The least time between a dose and the one before it: ``months`` (the same day of the month, or its last day) or
    ``days``. ``conditions``: only who has one of them; ``document``: where the line comes from another one."""

    id: str
    vi: str
    en: str
    dose: NextDose
    from_months: int = 0
    below_months: int | None = None
    months: int | None = None
    days: int | None = None
    conditions: tuple[str, ...] = ()
    document: str = ""


class InfectionRule(Part, frozen=True, kw_only=True):
    """How long after an infection a dose waits. ``doses``: which, empty for all; ``counted_from``: ``infection`` is the
    first positive day; ``months``: the least; ``up_to_months``: where the text gives a range, its upper end."""

    id: str
    vi: str
    en: str
    doses: tuple[NextDose, ...] = ()
    from_months: int = 0
    below_months: int | None = None
    months: int
    up_to_months: int | None = None
    counted_from: Literal["infection", "recovery"] = "recovery"
    document: str = ""


class DoseWatch(Part, frozen=True, kw_only=True):
    """When a due dose is called overdue, and how many days ahead it is called."""

    id: str
    vi: str
    en: str
    overdue_after_days: int
    ahead_days: int


class Target(Part, frozen=True, kw_only=True):
    """A coverage figure of a plan.

    ``dose``: what somebody must have: ``any`` dose, the ``basic`` ones, basic and one ``more`` (additional or booster),
    two more (``fourth``), or a vaccination that is ``known`` here. ``from_months``, ``below_months``: of which age;
    ``high_risk``: also everybody of ``risk_groups`` or with a condition, each person once.
    ``op``, ``percent``: None for a figure without a target. ``without_contraindicated``, ``without_postponed``: whom
    the plan leaves out; ``when_due``: it counts only those whose turn has come ("đến lịch tiêm").
    ``denominator``: what the plan counts against; ``until``: by when; ``document``: of the line, if another one.
    """

    id: str
    vi: str
    en: str
    dose: Literal["known", "any", "basic", "more", "fourth"]
    from_months: int = 0
    below_months: int | None = None
    high_risk: bool = False
    risk_groups: tuple[str, ...] = ()
    op: Literal[">", "≥"] | None = None
    percent: int | None = None
    without_contraindicated: bool = False
    without_postponed: bool = False
    when_due: bool = False
    denominator_vi: str = ""
    denominator_en: str = ""
    until: date | None = None
    document: str = ""
