"""Two records side by side: what differs, what has to be chosen by a person, and what hangs on each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sync.protocol import Row
from sync.record import same
from sync.registry import FieldClass
from tui_app.errors import NotFound
from tui_app.records import BY_NAME
from tui_app.records.base import own_columns
from tui_app.records.sameness import Decided, standing
from tui_app.services.access import gate
from tui_app.services.people.severity import severest
from tui_app.store import merged
from tui_app.store.rows import table

FIRST, SECOND = 1, 2
_ABSENCE_SAYS = frozenset({"died_on", "moved_on", "contraindicated", "postponed_until"})
"""Clinical fields whose emptiness says something: alive, here, may be vaccinated."""
_LEFT_OUT = {"person": frozenset({"given_name"}), "household": frozenset[str]()}


@dataclass(frozen=True, slots=True)
class FieldPair:
    """A field whose values differ. ``proposed``: FIRST or SECOND, or None where a person has to choose."""

    field: str
    first: Any
    second: Any
    clinical: bool
    proposed: int | None


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two. ``records``: how many live records of each type name it; ``open_cases``: ids;
    ``behind``: records merged into it before; ``persons``: of a household, who is recorded there."""

    id: str
    body: Mapping[str, Any]
    area: str
    changed_at: str
    changed_by: str
    address: str
    unit: str
    records: Mapping[str, int]
    open_cases: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Against:
    """A standing decision that says the two are not the same."""

    id: str
    who: str
    at: str
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides, what differs between them, and what a person should know first.

    ``alike``: fields that say the same; ``two_cases``: each has an open case, so the person would have two;
    ``against``: who said that they are not the same; ``other_unit``: they live in different units.
    """

    subject: str
    first: Side
    second: Side
    fields: tuple[FieldPair, ...]
    alike: tuple[str, ...]
    against: tuple[Against, ...]
    other_unit: bool

    @property
    def two_cases(self) -> bool:
        """Whether the person would have two open cases."""
        return bool(self.first.open_cases and self.second.open_cases)


def compare(c: Any, subject: str, first: str, second: str) -> Comparison:
    """Two persons or households side by side; either may be hidden behind the other already.

    Raises NotFound, NotOpened.
    """
    one, other = _row(c, subject, first), _row(c, subject, second)
    if first == second:
        raise NotFound("duplicates.one_record")
    fields, alike = _fields(c, one, other)
    return Comparison(
        subject=subject,
        first=_side(c, one),
        second=_side(c, other),
        fields=fields,
        alike=alike,
        against=tuple(against(c, subject, first, second)),
        other_unit=one.area != other.area,
    )


def against(c: Any, subject: str, first: str, second: str) -> list[Against]:
    """The standing decisions that call the two, or those merged into them, not the same."""
    groups = [{ident, *merged.members(c, merged.shown_for(c, ident))} for ident in (first, second)]
    apart = {
        one.id
        for one in standing_decisions(c, subject)
        if one.verdict == "not_same" and all(one.pair & group for group in groups)
    }
    rows = table(merged.DECISION).read(c, apart).values()
    found = [Against(row.id, row.who, str(row.body["at"]), str(row.body.get("reason") or "")) for row in rows]
    return sorted(found, key=lambda one: (one.at, one.id))


def decisions(c: Any, subject: str) -> list[Decided]:
    """Every decision about persons or households, those that were taken back too."""
    found = c.execute(
        "SELECT id, verdict, kept, merged, undoes FROM merge_decision WHERE subject = ? AND NOT deleted"
        " AND kept IS NOT NULL AND merged IS NOT NULL",
        (subject,),
    )
    return [Decided(*row) for row in found]


def entries_of(row: Row, name: str, *needed: str) -> list[Mapping[str, Any]]:
    """The entries of a decision's ``fields`` or ``carried`` that say what is needed, whatever program wrote them."""
    found = row.body.get(name)
    return [
        one
        for one in (found if isinstance(found, list) else ())
        if isinstance(one, dict) and all(key in one for key in needed)
    ]


def standing_decisions(c: Any, subject: str) -> list[Decided]:
    """Those that nobody took back."""
    return standing(decisions(c, subject))


def _row(c: Any, subject: str, ident: str) -> Row:
    """A record that is shown, or hidden by a merge alone."""
    row = table(subject).said(c, [ident]).get(ident)
    if row is None or row.deleted:
        raise NotFound("errors.record_not_found", kind=subject)
    gate.check(c, row.area, subject, ident)
    return merged.as_shown(c, row)


def _fields(c: Any, one: Row, other: Row) -> tuple[tuple[FieldPair, ...], tuple[str, ...]]:
    worst = severest(c, [one.id, other.id])
    pairs: list[FieldPair] = []
    alike: list[str] = []
    for field, kind in own_columns(BY_NAME[one.type]).items():
        first, second = (worst.get((row.id, field), row.body.get(field)) for row in (one, other))
        if field in _LEFT_OUT[one.type] or (first is None and second is None):
            continue
        if field == "birth_year" and _date_says_year(one, other):
            continue
        if same(first, second):
            alike.append(field)
            continue
        clinical = kind is FieldClass.CLINICAL
        pairs.append(
            FieldPair(field, first, second, clinical, _proposed(field, first, second, clinical, one, other))
        )
    return tuple(sorted(pairs, key=lambda pair: not pair.clinical)), tuple(alike)


def _proposed(field: str, first: Any, second: Any, clinical: bool, one: Row, other: Row) -> int | None:
    """The only value there is; of two plain ones the later record's; of two clinical ones none."""
    if field in ("birth_date", "birth_year"):
        return _proposed_birth(field, one, other)
    if first is None or second is None:
        return None if field in _ABSENCE_SAYS else FIRST if second is None else SECOND
    if clinical:
        return None
    return SECOND if other.at > one.at else FIRST


def _proposed_birth(field: str, one: Row, other: Row) -> int | None:
    """A full date says more than its year; two that do not fit are for a person to choose."""
    first, second = (row.body.get(field) for row in (one, other))
    years = {birth_year(row.body) for row in (one, other)} - {None}
    if len(years) > 1 or (first is not None and second is not None):
        return None
    return FIRST if second is None else SECOND


def _date_says_year(one: Row, other: Row) -> bool:
    """Whether one has the full date of the year that the other has."""
    years = {birth_year(row.body) for row in (one, other)} - {None}
    return len(years) == 1 and any(row.body.get("birth_date") for row in (one, other))


def birth_year(body: Mapping[str, Any]) -> int | None:
    """The year of birth, by the full date where there is one."""
    born = body.get("birth_date")
    return date.fromisoformat(str(born)).year if born else body.get("birth_year")


def _side(c: Any, row: Row) -> Side:
    records: dict[str, int] = {}
    for type_name, fields in merged.references().items():
        if row.type in fields and type_name != "person":
            which = f'"{row.type}" = ?'
            if type_name in merged.by_case():
                which = '"case" IN (SELECT id FROM "case" WHERE person = ?)'
            (count,) = c.execute(
                f'SELECT count(*) FROM "{type_name}" WHERE {which} AND NOT deleted', (row.id,)
            ).fetchone()
            if count:
                records[type_name] = count
    cases = c.execute(
        'SELECT id FROM "case" WHERE person = ? AND ended_on IS NULL AND NOT deleted ORDER BY id', (row.id,)
    ).fetchall()
    house = (
        row
        if row.type == "household"
        else table("household").read(c, [d := str(row.body.get("household"))]).get(d)
    )
    persons = c.execute(
        "SELECT full_name FROM person WHERE household = ? AND NOT deleted ORDER BY id",
        (row.id if row.type == "household" else "",),
    ).fetchall()
    unit = c.execute("SELECT unit_name FROM area WHERE id = ?", (row.area,)).fetchone()
    return Side(
        id=row.id,
        body=row.body,
        area=row.area,
        changed_at=row.at,
        changed_by=row.who,
        address=str((house.body.get("address") or house.body.get("code") or "") if house else ""),
        unit=(unit[0] or "") if unit else "",
        records=records,
        open_cases=tuple(ident for (ident,) in cases),
        behind=tuple(merged.members(c, row.id)),
        persons=tuple(name or "" for (name,) in persons),
    )
