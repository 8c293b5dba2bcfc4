"""What a patient is given, day by day, with what the rules warn of before it is saved.

The program records and warns; it never proposes a medicine nor a dose. Who goes on against a warning says why, and both
are kept with the row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sync.protocol import Row
from tui_app.clock import VIETNAM, from_wire, show_date, show_moment, to_wire
from tui_app.errors import FieldProblem, GonhaError, InvalidFields, UserError
from tui_app.i18n import catalogue, language, t
from tui_app.records.treatment import Movement
from tui_app.rules.findings import Finding
from tui_app.rules.medicines import (
    GivenBefore,
    MedicineItem,
    caution_codes,
    duplicates,
    flags,
    items,
    too_long,
)
from tui_app.rules.rule_set import RuleSets
from tui_app.services.care.patient import patient, reading
from tui_app.services.judging.findings import open_findings
from tui_app.services.judging.rule_sets import rule_sets, rule_words
from tui_app.services.people.cards import live_row
from tui_app.services.treatment import stock
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.text import clean

FLAGS = ("contraindicated", "not_met", "ask", "duplicate", "too_long")
"""Kinds of warnings (`tui_app.rules.medicines`)."""


class Flagged(GonhaError):
    """The rules warn of this giving and nobody said why it is given all the same. Nothing was saved.

    ``flags``: what they warn of, to be shown.
    """

    def __init__(self, flags: tuple[Finding, ...]) -> None:
        super().__init__("medicine.flagged", count=len(flags))
        self.flags = flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Giving:
    """A medicine as somebody hands it over. ``item``: code of a kit or drug of the rule sets, or words for another;
    ``quantity`` in ``unit``; ``days``: how long it is to last, as the prescriber said, 0–90; ``breastfeeding``,
    ``cautions``: as asked now (codes of the rule sets), None when nobody asked; ``from_stock``: it leaves this station.
    """

    item: str
    quantity: float
    unit: str = ""
    days: int | None = None
    lot: str = ""
    prescribed_by: str = ""
    note: str = ""
    breastfeeding: bool | None = None
    cautions: frozenset[str] | None = None
    from_stock: bool = True


@dataclass(frozen=True, slots=True)
class Saved:
    """``flags``: what was shown and kept; ``left``: what the books say is left of it, None when it was no stock of
    ours or its books are not on this laptop."""

    dispense: str
    flags: tuple[Finding, ...]
    left: stock.Stock | None


@dataclass(frozen=True, slots=True)
class Given:
    """A giving that stands. ``on``: its day in Viet Nam; ``words``: of the item, in the language in use."""

    id: str
    at: str
    on: date
    item: str
    words: str
    quantity: float | None
    unit: str
    days: int | None
    lot: str
    prescribed_by: str
    flags: tuple[Finding, ...]
    flag_reason: str
    note: str
    who: str


def known_items(c: Any, day: date) -> tuple[MedicineItem, ...]:
    """The kits and drugs that the rule sets of a day name."""
    return items(rule_sets(c), day)


def item_words(c: Any, code: str, day: date) -> str:
    """The name of a kit or drug; words that are no code are their own."""
    found = next((one for one in known_items(c, day) if one.code == code), None)
    return found.words[language()] if found else code


def check_giving(c: Any, case: str, giving: Giving, at: datetime) -> tuple[Finding, ...]:
    """What the rules of the day warn of: contraindications, what was not asked and decides, the same
    thing given already, longer than a document allows. Nothing is saved.

    Raises NotFound, NotOpened, InvalidFields for a caution no document knows: a slip would pass for "no".
    """
    row = live_row(c, "case", case)
    day = at.astimezone(VIETNAM).date()
    sets = rule_sets(c)
    unknown = sorted((giving.cautions or frozenset()) - set(caution_codes(sets, day)))
    if unknown:
        raise InvalidFields([FieldProblem("drug_cautions", "care.unknown_code", code=", ".join(unknown))])
    seen = replace(
        reading(patient(c, row), at), breastfeeding=giving.breastfeeding, drug_cautions=giving.cautions
    )
    before = tuple(_before(one) for one in given(c, case) if one.on <= day)
    longer = too_long(sets, giving.item, giving.days, day)
    return (*flags(sets, giving.item, seen, before, day), *((longer,) if longer else ()))


def give(
    store: Store, who: str, case: str, giving: Giving, *, reason: str = "", at: datetime | None = None
) -> Saved:
    """Save a giving with its warnings and, from our stock, what leaves it, in one transaction.

    ``reason``: why it is given against a warning. Raises Flagged without one, NotFound, NotOpened, InvalidFields.
    """
    moment = at or store.clock()
    item = clean(giving.item)
    problems = []
    if not item:
        problems.append(FieldProblem("item", "problems.missing"))
    if giving.quantity <= 0:
        problems.append(FieldProblem("quantity", "medicine.quantity_positive"))
    if moment > store.clock():
        problems.append(FieldProblem("at", "problems.day_to_come"))
    if problems:
        raise InvalidFields(problems)
    with store.work(who) as work:
        row = live_row(work.connection, "case", case)
        found = check_giving(work.connection, case, replace(giving, item=item), moment)
        if found and not reason.strip():
            raise Flagged(found)
        fields = {
            "case": case,
            "person": row.body["person"],
            "at": to_wire(moment),
            "item": item,
            "quantity": giving.quantity,
            "unit": giving.unit,
            "days": giving.days,
            "lot": clean(giving.lot),
            "prescribed_by": giving.prescribed_by,
            "flags": [one.kept() for one in found] or None,
            "flag_reason": reason if found else None,
            "note": giving.note,
        }
        ident = work.create("dispense", fields, place=row)
        if giving.from_stock:
            stock.move(
                work,
                Movement.GIVEN,
                item,
                giving.quantity,
                place=row,
                lot=clean(giving.lot),
                dispense=ident,
                at=to_wire(moment),
            )
    if not giving.from_stock:
        return Saved(ident, found, None)
    with store.read() as c:
        left = stock.on_hand(c, item)
    return Saved(ident, found, left if left.known else None)


def take_back(store: Store, who: str, dispense: str, reason: str) -> str:
    """Say that a giving did not happen: an amending row of quantity 0, and the stock is as it was. Returns its id.

    Raises NotFound, NotOpened, InvalidFields without a reason, UserError for one that was taken back already.
    """
    if not reason.strip():
        raise InvalidFields([FieldProblem("reason", "problems.missing")])
    with store.work(who) as work:
        c = work.connection
        row = live_row(c, "dispense", dispense)
        if row.body.get("quantity") == 0 or any(table("dispense").where(c, "amends = ?", (dispense,))):
            raise UserError("medicine.taken_back_already")
        kept = {name: row.body.get(name) for name in ("case", "person", "at", "item", "unit", "lot")}
        fields = kept | {"quantity": 0, "note": reason, "amends": dispense}
        ident = work.create("dispense", fields, place=row)
        for moved in list(table("stock_movement").where(c, "dispense = ?", (dispense,))):
            stock.move(
                work,
                Movement(moved.body["movement"]),
                moved.body["item"],
                0,
                place=moved,
                lot=moved.body.get("lot", ""),
                dispense=dispense,
                note=reason,
                amends=moved.id,
                at=moved.body["at"],
            )
        return ident


def flags_words(sets: RuleSets, flags: Iterable[Finding]) -> list[str]:
    """Warnings for people, each with its kind, rule, value, limit and document; the same thing given on several days
    is one of them."""
    found: list[str] = []
    doubled: dict[tuple[str, str, str], list[Finding]] = {}
    for flag in flags:
        if flag.outcome == "duplicate":
            doubled.setdefault((flag.value["item"], flag.limit, flag.rule_set), []).append(flag)
        else:
            found.append(flag_words(sets, flag))
    return [*found, *(_doubled_words(sets, same) for same in doubled.values())]


def flag_words(sets: RuleSets, flag: Finding) -> str:
    """One warning for people."""
    if flag.outcome == "duplicate":
        return _doubled_words(sets, [flag])
    return f"{_kind_words(flag)}: {rule_words(sets, flag, language())}"


def _kind_words(flag: Finding) -> str:
    return t(f"medicine.flag_{flag.outcome}") if flag.outcome in FLAGS else flag.outcome


def _doubled_words(sets: RuleSets, same: Sequence[Finding]) -> str:
    first = same[0]
    if first.rule == "given_twice":
        return _twice_words(sets, same)
    code, days = first.value["item"], sorted({date.fromisoformat(flag.value["on"]) for flag in same})
    name = _item_name(sets, code, days[0])
    words = catalogue(language(), "medicine")
    shared = ", ".join(words.get(f"group_{group}", group) for group in first.limit.split(", "))
    said = t("medicine.duplicate", item=name, date=", ".join(map(show_date, days)))
    if first.limit not in (code, ""):
        said = f"{said} ({shared})"
    one = sets.sets.get(first.rule_set)
    source = one.document if one else t("medicine.by_name")
    unverified = "" if first.verified else t("rules.unverified")
    return " · ".join(filter(None, (f"{_kind_words(first)}: {said}", source, unverified)))


def _twice_words(sets: RuleSets, same: Sequence[Finding]) -> str:
    first = same[0]
    name = _item_name(sets, first.value["item"], date.fromisoformat(first.value["on"]))
    times = [show_moment(datetime.fromisoformat(one.value["at"])) for one in same if one.value["at"]]
    said = t("medicine.twice", item=name, times=", ".join(times) or "?", limit=first.limit)
    one = sets.sets.get(first.rule_set)
    unverified = "" if first.verified else t("rules.unverified")
    return " · ".join(
        filter(None, (f"{_kind_words(first)}: {said}", one.document if one else "", unverified))
    )


def _item_name(sets: RuleSets, code: str, day: date) -> str:
    item = next((one for one in items(sets, day) if one.code == code), None)
    return item.words[language()] if item else code


def given(c: Any, case: str) -> list[Given]:
    """What a patient was given and was not taken back, day by day. Raises NotFound, NotOpened.

    Two laptops that each gave the same thing could not be warned: the later one is flagged here.
    """
    live_row(c, "case", case)
    rows = table("dispense").where(
        c,
        '"case" = ? AND coalesce(quantity, 1) > 0 AND id NOT IN (SELECT amends FROM dispense'
        ' WHERE "case" = ? AND amends IS NOT NULL AND NOT deleted) ORDER BY at, id',
        (case, case),
    )
    sets = rule_sets(c)
    found: list[Given] = []
    for one in _given(c, rows):
        before = tuple(_before(earlier) for earlier in found)
        moment = from_wire(one.at)
        known = {_same_thing(flag) for flag in one.flags}
        new = [f for f in duplicates(sets, one.item, before, moment, one.on) if _same_thing(f) not in known]
        found.append(replace(one, flags=(*one.flags, *new)))
    return found


def _before(one: Given) -> GivenBefore:
    return GivenBefore(one.item, one.on, one.days, from_wire(one.at))


def _same_thing(flag: Finding) -> tuple[str, str, str]:
    value = flag.value if isinstance(flag.value, dict) else {}
    return flag.outcome, str(value.get("item")), str(value.get("on"))


def by_day(found: Iterable[Given]) -> dict[date, list[Given]]:
    """Day -> what was given on it, in order."""
    days: dict[date, list[Given]] = {}
    for one in found:
        days.setdefault(one.on, []).append(one)
    return days


def _given(c: Any, rows: Iterable[Row]) -> Iterable[Given]:
    for row in rows:
        body = row.body
        on = from_wire(body["at"]).astimezone(VIETNAM).date()
        yield Given(
            row.id,
            body["at"],
            on,
            body["item"],
            item_words(c, body["item"], on),
            body.get("quantity"),
            body.get("unit", ""),
            body.get("days"),
            body.get("lot", ""),
            body.get("prescribed_by", ""),
            tuple(open_findings(body.get("flags"))),
            body.get("flag_reason", ""),
            body.get("note", ""),
            row.who,
        )
