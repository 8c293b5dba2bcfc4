"""Putting a person into a risk group by hand and taking them out, with dates."""

from __future__ import annotations

from datetime import date
from typing import Any

from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.people import RESTRICTED_CONDITIONS, RiskGroup, membership_id
from tui_app.rules.rule_set import RuleSets
from tui_app.services.risk.open_words import names_restricted
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.text import clean

GROUP_LENGTH = 60
OFTEN_ENDS = "pregnant"
"""The group that ends by itself: its expected end is asked for."""


def groups_by_hand(sets: RuleSets, day: date) -> list[str]:
    """The groups somebody may be put into on a day: list A, and the place's own of the rule sets in force."""
    listed = [str(code) for code in RiskGroup]
    for one in sets.in_force("risk_group", day):
        listed += [rule.group for rule in one.risk_rule if rule.by == "membership"]
    return list(dict.fromkeys(listed))


def add_to_group(
    store: Store,
    who: str,
    person: str,
    group: str,
    *,
    started_on: date | None = None,
    ended_on: date | None = None,
    source: str = "",
) -> str:
    """Put a person into a group from a day (today) on; ``group``: a code, or a place's own words for one.

    Two laptops that do it write the same row. Returns its id. Raises InvalidFields, NotFound.
    """
    code, day = clean(group.replace(",", " ")), today(store.clock)  # forms keep codes with commas between
    start = started_on or day
    problems = []
    if not code or len(code) > GROUP_LENGTH:
        problems.append(FieldProblem("risk_group", "risk.bad_group", most=GROUP_LENGTH))
    elif code in RESTRICTED_CONDITIONS or names_restricted(code):
        problems.append(FieldProblem("risk_group", "risk.group_restricted"))
    if start > day:
        problems.append(FieldProblem("started_on", "problems.day_to_come"))
    if ended_on is not None and ended_on <= start:
        problems.append(FieldProblem("ended_on", "risk.ends_before"))
    if problems:
        raise InvalidFields(problems)
    with store.work(who) as work:
        place = work.get("person", person)
        ident = membership_id(person, code)
        fields: dict[str, Any] = {
            "person": person,
            "risk_group": code,
            "started_on": start.isoformat(),
            "ended_on": ended_on.isoformat() if ended_on else None,
        }
        if source:
            fields["source"] = source
        work.ensure("risk_membership", ident, fields, place=place)
        return ident


def end_group(store: Store, who: str, person: str, group: str, *, on: date | None = None) -> str:
    """Let a membership end: from that day (today) on it no longer counts. Returns the row's id.

    Raises NotFound for a group somebody is not in by hand, InvalidFields for an end before the start.
    """
    day = on or today(store.clock)
    with store.work(who) as work:
        row = work.get("risk_membership", membership_id(person, clean(group)))
        if (row.body.get("started_on") or "") > day.isoformat():
            raise InvalidFields([FieldProblem("ended_on", "risk.ends_before")])
        work.change("risk_membership", row.id, {"ended_on": day.isoformat()})
        return row.id


def days_of(c: Any, person: str, group: str) -> tuple[str | None, str | None] | None:
    """First day and end of a person's row of a group as they are written now; None when there is no row."""
    row = table("risk_membership").read(c, [membership_id(person, clean(group))])
    found = next((one for one in row.values() if not one.deleted), None)
    return None if found is None else (found.body.get("started_on"), found.body.get("ended_on"))


def put_back(
    store: Store, who: str, person: str, group: str, before: tuple[str | None, str | None] | None
) -> None:
    """Let a row of a group stand again as it did: with these days, or not at all. Raises NotFound."""
    with store.work(who) as work:
        ident = membership_id(person, clean(group))
        if before is None:
            work.delete("risk_membership", ident, "withdrawn")
        else:
            work.change("risk_membership", ident, {"started_on": before[0], "ended_on": before[1]})
