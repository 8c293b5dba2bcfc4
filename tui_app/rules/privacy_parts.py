"""What a rule set may say about personal data: days off, deadlines of requests, how long records must be kept."""

from __future__ import annotations

from datetime import date
from typing import Literal

from tui_app.rules.parts import Part

Step = Literal["first_answer", "end"]


class Holiday(Part, frozen=True, kw_only=True):
    """Days nobody has to work: ``on`` to ``until`` (both included, one day without it); ``yearly``: on the same days
    of each year, whatever year ``on`` names."""

    id: str
    vi: str
    en: str
    on: date
    until: date | None = None
    yearly: bool = False


class RequestDue(Part, frozen=True, kw_only=True):
    """By when a request of a data subject needs its first answer, or its end. ``kinds``: of request, all when empty;
    ``third_parties``: only where others hold the data too; the day it came in is not counted."""

    id: str
    step: Step
    vi: str
    en: str
    document: str = ""
    kinds: tuple[str, ...] = ()
    third_parties: bool = False
    days: int
    working_days: bool = False


class Retention(Part, frozen=True, kw_only=True):
    """What must be kept although somebody asks for its deletion. ``types``: kinds of record; ``counted_from``: the
    newest of them, or the person's death; ``years``, ``months``: so long after that day; ``conditions``: underlying
    conditions that make it apply, whatever they are when empty."""

    id: str
    vi: str
    en: str
    document: str = ""
    types: tuple[str, ...]
    counted_from: Literal["last_record", "death"] = "last_record"
    years: int = 0
    months: int = 0
    conditions: tuple[str, ...] = ()
