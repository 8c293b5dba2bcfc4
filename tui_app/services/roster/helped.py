"""Who is to be looked after besides the ill: doses at home, checks after a recovery, needs that are open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from tui_app.clock import show_date
from tui_app.rules.findings import Finding
from tui_app.rules.vaccine_facts import DoseState
from tui_app.services.cases import follow_ups
from tui_app.services.cases.board import Standing
from tui_app.services.risk.support_needs import OPEN
from tui_app.services.roster.lines import Reason, RosterLine, worse_of
from tui_app.services.roster.view import View
from tui_app.services.vaccination import vaccination_lists


def doses(c: Any, view: View) -> Iterator[RosterLine]:
    """Persons of the at-home list; overdue ones by the vaccination rules."""
    for one in vaccination_lists.at_home(c, view.day):
        due = one.status.next_due or view.day
        since = one.status.overdue_since if one.status.state is DoseState.OVERDUE else due
        yield RosterLine(
            "dose",
            one.person,
            Standing.OVERDUE if one.status.overdue else Standing.DUE,
            [Reason("dose", (since or due).isoformat(), one.status.findings, one.status.next_dose or "")],
            person=one.person,
            household=one.household,
        )


def checks(c: Any, view: View) -> Iterator[RosterLine]:
    """Recovered persons whose check is due, and those checked today. Each due date puts somebody on the roster for as
    long as the house says; who was not seen then is there again at the next one, and meanwhile on the list of all."""
    window = view.rules.look_back("check") or None
    said: dict[tuple[str, date], list[Reason]] = {}  # many recovered on one day
    recovered = follow_ups.checks(c, view.day, view.last, come_within=window, seen_since=view.starts)
    for one in recovered:
        due, state = one.due_on, Standing.DUE
        if one.last_at >= view.starts:
            due, state = date.fromisoformat(one.last) if one.last else view.day, Standing.DONE
        elif due is None or one.come is None or (window and one.come + window < view.day):
            continue
        elif due < view.day:
            state = Standing.OVERDUE
        why = said.get((one.recovered_on, due))
        if why is None:
            why = said[one.recovered_on, due] = [_check(view, one.recovered_on, due)]
        yield RosterLine("follow_up", one.person, state, list(why), person=one.person, record=one.case)


def _check(view: View, recovered_on: str, due: date) -> Reason:
    held = view.sets.part("follow_up", date.fromisoformat(recovered_on))
    if held is None:
        return Reason("follow_up", due.isoformat())
    rule = held.follow_up[0]
    finding = Finding(
        kind="follow_up",
        rule=rule.id,
        rule_set=held.id,
        field="recovered_on",
        value=recovered_on,
        limit=show_date(due),
        verified=held.sure(rule),
    )
    return Reason("follow_up", due.isoformat(), (finding,))


_NEEDS = """
SELECT id, kind, status, person, household, opened_on, closed_on, followed_by FROM support_need
WHERE NOT deleted AND (opened_on IS NULL OR opened_on <= ?1)
    AND (status IN ('open', 'in_progress') OR closed_on = ?1) ORDER BY opened_on, id
"""


def needs(c: Any, view: View) -> list[RosterLine]:
    """A line a person or household, with a reason a need; done where the last of them was met today."""
    found: dict[str, RosterLine] = {}
    for row in c.execute(_NEEDS, (view.day.isoformat(),)):
        subject = row["person"] or row["household"]
        if not subject:
            continue
        opened = date.fromisoformat(row["opened_on"]) if row["opened_on"] else view.day
        overdue_from = view.rules.overdue_from("open_need", opened)
        state = Standing.DONE
        if row["status"] in OPEN:
            state = Standing.OVERDUE if overdue_from and overdue_from <= view.day else Standing.DUE
        limit = f"< {show_date(overdue_from)}" if overdue_from else ""
        findings = view.rules.finding("open_need", "opened_on", opened.isoformat(), limit)
        reason = Reason("need", opened.isoformat(), findings, row["kind"] or "")
        line = found.get(subject)
        if line is None:
            line = found[subject] = RosterLine(
                "support",
                subject,
                state,
                [],
                person=row["person"] or "",
                household=row["household"] or "",
                record=row["id"],
            )
        elif state is not Standing.DONE and line.done:
            line.record, line.reasons = row["id"], []  # what was met today is not why one goes there
        elif state is Standing.DONE and not line.done:
            continue
        line.state = worse_of(line.state, state)
        line.followed_by = line.followed_by or row["followed_by"] or ""
        line.reasons.append(reason)
    return list(found.values())
