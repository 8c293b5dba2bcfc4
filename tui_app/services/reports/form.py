"""The blocks of the daily report (form 5.9, rules §5), counted for any period: what arose, how it stands, the running
totals, and the sums that must hold between them.

What the records cannot tell (F2 that nobody watches, who entered the country, central isolation, a blocked area,
samples that wait) has no value until somebody types it in. A running total that was filed is the next report's
opening; where the two and what arose between do not add up, that is a gap and is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from tui_app.clock import to_wire
from tui_app.i18n import t
from tui_app.records.cases import CaseOutcome, CasePlace
from tui_app.records.visits import TestOutcome
from tui_app.services.reports import seen
from tui_app.services.reports.cases import CountedCase, counted_cases
from tui_app.services.reports.choices import choices, cumulative_from, typed_in
from tui_app.services.reports.contacts import CountedContact, Watch, counted_contacts
from tui_app.services.reports.filed import Filed, latest
from tui_app.services.reports.kinds import Figure, Gap, Period
from tui_app.services.reports.periods import day_period

ENDED = {
    "recovered": CaseOutcome.RECOVERED,
    "hospital": CaseOutcome.HOSPITAL,
    "died": CaseOutcome.DIED,
    "moved_out": CaseOutcome.MOVED_OUT,
}
TEST_REASONS = ("f1", "f2", "blocked", "cough_fever", "other")
TEST_PARTS = ("negative", "positive", "invalid", "waiting")
BLOCKS: dict[str, tuple[str, ...]] = {
    "f0": (
        "before", "new", "treated", "treated_home", "treated_facility", "treated_hospital",
        *(part for name in ENDED for part in (f"{name}_new", name)), "total", "repositive_new", "repositive",
    ),
    "f1": ("before", "new", "watched", "completed", "became_case", "not_watched", "total"),
    "f2": ("before", "new", "watched", "completed", "became_case", "total"),
    "returned": ("before", "new", "watched", "completed", "total"),
    "entered": ("before", "new", "watched", "completed", "total"),
    "cough_fever": ("before", "new", "tested", "total"),
    **{f"tests_{reason}": ("before", "new", *TEST_PARTS, "total") for reason in TEST_REASONS},
    "quarantine": ("before", "new", "now", "completed", "moved", "total"),
}  # fmt: skip
"""The blocks in the order of the form, and the figures of each; a figure is called ``<block>_<figure>``."""
SUMS: dict[str, tuple[str, ...]] = {
    "f0_total": ("f0_treated", *(f"f0_{name}" for name in ENDED)),
    "f0_treated": ("f0_treated_home", "f0_treated_facility", "f0_treated_hospital"),
    "f1_total": ("f1_watched", "f1_completed", "f1_became_case", "f1_not_watched"),
    "f2_total": ("f2_watched", "f2_completed", "f2_became_case"),
    "returned_total": ("returned_watched", "returned_completed"),
    "entered_total": ("entered_watched", "entered_completed"),
    "quarantine_total": ("quarantine_now", "quarantine_completed", "quarantine_moved"),
    **{
        f"tests_{reason}_total": tuple(f"tests_{reason}_{part}" for part in TEST_PARTS)
        for reason in TEST_REASONS
    },
}
"""What must add up (form 5.9: đang + hoàn thành (+ chuyển) = lũy kế)."""
OPTIONAL = frozenset(f"tests_{reason}_waiting" for reason in TEST_REASONS)
"""Parts that nobody has to know: a sum holds without them."""
NAMES = tuple(f"{block}_{name}" for block, names in BLOCKS.items() for name in names)
NOTES = tuple(f"reports.convention_{name}" for name in ("case_day", "repositive", "contact", "cough"))
"""How the form counts where it does not say."""
TYPED = (
    "f2_watched",
    "f2_completed",
    "f2_became_case",
    *(
        f"{block}_{part}"
        for block in ("returned", "entered", "quarantine", "tests_blocked")
        for part in BLOCKS[block]
    ),
    *sorted(OPTIONAL - {"tests_blocked_waiting"}),
)
"""What somebody may type in, where the records do not tell it."""
CASE, CONTACT, SCREENING, TEST = "case", "contact", "screening", "test_result"


@dataclass
class Form:
    """The facts of a period and the figures made of them so far."""

    period: Period
    cases: list[CountedCase]
    contacts: list[CountedContact]
    looks: list[seen.Look]
    tests: list[seen.CountedTest]
    epidemic: tuple[str, ...]
    figures: dict[str, Figure] = field(default_factory=dict)

    def put(self, name: str, kind: str, ids: Iterable[str]) -> None:
        """A figure that counts these records."""
        found = tuple(sorted(ids))
        self.figures[name] = Figure(name, len(found), kind, found)


def facts(c: Any, period: Period, as_of: datetime) -> Form:
    """Everything the form counts, by the end of a period and as known at a moment."""
    held, since = choices(c, period.last), cumulative_from(c, period.last)
    begins = to_wire(day_period(date.fromisoformat(since), held).begins) if since else ""
    cases = counted_cases(c, period, as_of, held, since)
    contacts = counted_contacts(c, period, as_of, held, since)
    looks = [one for one in seen.looks(c, period, as_of) if one.at >= begins]
    ill: dict[str, list[str]] = defaultdict(list)
    for look in looks:
        if look.ill:
            ill[look.person].append(look.at)
    tests = [one for one in seen.tests(c, period, as_of, contacts, ill, held) if one.at >= begins]
    return Form(period, cases, contacts, looks, tests, seen.epidemic_areas(c))


def form_figures(c: Any, kind: str, period: Period, as_of: datetime, found: Form) -> tuple[Figure, ...]:
    """All figures of the form, in its order."""
    first = period.first.isoformat()
    _cases(found, first)
    _contacts(found, first)
    _seen(found, to_wire(period.begins))
    for name, (value, source) in typed_in(c, kind, period.last, as_of).items():
        known = found.figures.get(name)
        if name in NAMES and known is None:
            found.figures[name] = Figure(name, value, detail={"typed_in": source})
    before = latest(c, kind, "", period.first - timedelta(days=1), as_of)
    for block in BLOCKS:
        _opening(found, block, before)
    return tuple(found.figures.get(name, Figure(name, None)) for name in NAMES)


def form_gaps(figures: Sequence[Figure]) -> tuple[Gap, ...]:
    """The sums that do not hold, and the running totals that are not the opening and what arose."""
    values = {one.name: one.value for one in figures if one.unit is None}
    found = []
    running = {f"{block}_total": (f"{block}_before", f"{block}_new") for block in BLOCKS}
    for total, parts in (*SUMS.items(), *running.items()):
        value = values.get(total)
        said = [values.get(part) for part in parts if part not in OPTIONAL or values.get(part) is not None]
        if value is None or not said or any(one is None for one in said):
            continue
        together = sum(one for one in said if one is not None)
        if together != value:
            found.append(Gap(total, value, parts, together))
    return tuple(found)


def _cases(found: Form, first: str) -> None:
    cases = found.cases
    going_on = [one for one in cases if not one.ended_on]
    found.put("f0_new", CASE, (one.id for one in cases if one.on >= first))
    found.put("f0_total", CASE, (one.id for one in cases))
    found.put("f0_treated", CASE, (one.id for one in going_on))
    for place in CasePlace:
        found.put(f"f0_treated_{place}", CASE, (one.id for one in going_on if one.place == place))
    for name, outcome in ENDED.items():
        ended = [one for one in cases if one.ended_on and one.outcome == outcome]
        found.put(f"f0_{name}_new", CASE, (one.id for one in ended if one.ended_on >= first))
        found.put(f"f0_{name}", CASE, (one.id for one in ended))
    found.put("f0_repositive_new", CASE, (one.id for one in cases if one.again and one.on >= first))
    found.put("f0_repositive", CASE, (one.id for one in cases if one.again))


def _contacts(found: Form, first: str) -> None:
    for level in (1, 2):
        these = [one for one in found.contacts if one.level == level]
        found.put(f"f{level}_new", CONTACT, (one.id for one in these if one.on >= first))
        found.put(f"f{level}_total", CONTACT, (one.id for one in these))
        if level == 1:  # nobody watches the contact of a contact (services/contacts.py)
            for watch in Watch:
                found.put(f"f1_{watch}", CONTACT, (one.id for one in these if one.watch is watch))


def _seen(found: Form, begins: str) -> None:
    ill = _first_of_each([one for one in found.looks if one.ill])
    new = [one for one in ill if one.at >= begins]
    found.put("cough_fever_total", SCREENING, (one.id for one in ill))
    found.put("cough_fever_new", SCREENING, (one.id for one in new))
    tested = {one.person for one in found.tests if one.at >= begins}
    found.put("cough_fever_tested", SCREENING, (one.id for one in new if one.person in tested))
    if found.epidemic:
        came = [one for one in found.looks if any(place in one.came_from for place in found.epidemic)]
        came = _first_of_each(came)
        found.put("returned_total", SCREENING, (one.id for one in came))
        found.put("returned_new", SCREENING, (one.id for one in came if one.at >= begins))
    for reason in seen.REASONS:
        tests = [one for one in found.tests if one.reason == reason]
        found.put(f"tests_{reason}_total", TEST, (one.id for one in tests))
        found.put(f"tests_{reason}_new", TEST, (one.id for one in tests if one.at >= begins))
        for result in TestOutcome:
            found.put(f"tests_{reason}_{result}", TEST, (one.id for one in tests if one.result == result))


def _first_of_each(looks: list[seen.Look]) -> list[seen.Look]:
    """A person counts once, on the first day."""
    found: dict[str, seen.Look] = {}
    for one in looks:
        found.setdefault(one.person, one)
    return list(found.values())


def _opening(found: Form, block: str, before: Filed | None) -> None:
    """What the last version of the report before closed with; counted from the records where none was filed."""
    name = f"{block}_before"
    closed = before.figure(f"{block}_total") if before else None
    if before is not None and closed is not None and closed.value is not None:
        said = {"report": before.id, "version": before.version}
        found.figures[name] = replace(closed, name=name, ids=(), detail=said)
        return
    total, new = found.figures.get(f"{block}_total"), found.figures.get(f"{block}_new")
    if total is not None and new is not None and total.kind and new.kind:
        ids = tuple(sorted(set(total.ids) - set(new.ids)))
        found.figures.setdefault(name, Figure(name, len(ids), total.kind, ids, detail={"counted": True}))


def form_word(figure: Figure) -> str:
    """What a figure of the form is called beside its block."""
    return t(f"reports.part_{figure.name.removeprefix(f'{block_of(figure.name)}_')}")


def form_section(figure: Figure) -> str:
    """The block a figure of the form belongs to."""
    return t(f"reports.block_{block_of(figure.name)}")


def block_of(name: str) -> str:
    """The block of a figure; empty for one that is not of the form."""
    return _BLOCK.get(name, "")


_BLOCK = {f"{block}_{part}": block for block, parts in BLOCKS.items() for part in parts}
