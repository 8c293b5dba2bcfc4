"""Teams as rows: what each was given, did, follows, and what of it waits. A team is a name that work is given to, that
follows patients, or that wrote records of the day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from tui_app.services.command.approval import DayReview, State
from tui_app.services.command.day_work import READING, VISIT
from tui_app.services.command.numbers import Overview
from tui_app.text import natural_key

NOBODY = ""  # given to nobody, followed by nobody


@dataclass(slots=True)
class TeamLine:
    """Ids of records: ``given``, ``done``: households; ``visits``, ``readings``: of the day; ``followed``, ``late``,
    ``danger``: cases; ``undecided``, ``returned``: records of the day."""

    who: str
    given: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    visits: list[str] = field(default_factory=list)
    readings: list[str] = field(default_factory=list)
    followed: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    danger: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)


def teams(seen: Overview, review: DayReview) -> list[TeamLine]:
    """A line a team, those with danger signs and late half-days first; what nobody has comes last."""
    found: defaultdict[str, TeamLine] = defaultdict(lambda: TeamLine(NOBODY))
    for door, given_to in sorted(seen.doors.given.items()):
        for team in given_to:
            found[team].given.append(door)
            if door in seen.doors.done:
                found[team].done.append(door)
    home, late, danger = (frozenset(ids) for ids in (seen.look.home, seen.look.late, seen.look.danger))
    for case in seen.cases:
        line = found[case.followed_by]
        for ids, of in ((home, line.followed), (late, line.late), (danger, line.danger)):
            if case.case in ids:
                of.append(case.case)
    for reviewed in review.lines:
        done, line = reviewed.done, found[reviewed.done.who]
        if done.row.type == VISIT:
            line.visits.append(done.row.id)
        elif done.row.type == READING:
            line.readings.append(done.row.id)
        if reviewed.state.open:
            line.undecided.append(done.row.id)
        elif reviewed.state == State.RETURNED:
            line.returned.append(done.row.id)
    for who, line in found.items():
        line.who = who
    told = [line for line in found.values() if _says_something(line)]
    return sorted(
        told, key=lambda one: (one.who == NOBODY, -len(one.danger), -len(one.late), natural_key(one.who))
    )


def _says_something(line: TeamLine) -> bool:
    return any(
        (line.given, line.visits, line.readings, line.followed, line.danger, line.undecided, line.returned)
    )
