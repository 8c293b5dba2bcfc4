"""Doses as people record, correct and take them back; and who is not to be vaccinated, for now or at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sync.protocol import Row
from tui_app.clock import today
from tui_app.errors import FieldProblem, InvalidFields
from tui_app.records.vaccination import dose_id
from tui_app.rules.rule_set import RuleSets
from tui_app.services.access import gate
from tui_app.services.judging.rule_sets import rule_sets
from tui_app.services.vaccination.dose_status import DoseStatus, dose_status
from tui_app.store.engine import Store
from tui_app.store.rows import table
from tui_app.store.work import Work
from tui_app.text import clean, fold

__all__ = [
    "DoseStatus",
    "add_dose",
    "change_dose",
    "clear",
    "contraindicate",
    "dose_status",
    "not_vaccinated",
    "postpone",
    "product_code",
    "put_dose",
    "remove_dose",
]

TYPE = "vaccination_dose"


def add_dose(store: Store, who: str, person: str, dose: Mapping[str, Any]) -> str:
    """Record a dose; returns its id, which is the same on every laptop for a dose of that day.

    Raises InvalidFields for a day that has not come or lies before the birth, a day that has a dose already, or a dose
    of which nothing is said; NotFound, NotOpened.
    """
    with store.work(who) as work:
        place = _person(work, person)
        fields = _checked(work, place, dose, today(store.clock))
        return put_dose(work, place, fields)


def put_dose(work: Work, person: Row, fields: Mapping[str, Any]) -> str:
    """Write a new dose in the caller's save. Raises InvalidFields for a day that has a dose already."""
    day = _day(fields.get("given_on"))
    values = {**fields, "person": person.id}
    if day is None:
        return work.create(TYPE, values, place=person)
    ident = dose_id(person.id, day)
    here = work.find(TYPE, ident)
    if here is not None and not here.deleted:
        raise InvalidFields([FieldProblem("given_on", "vaccination.day_taken")])
    work.ensure(TYPE, ident, {**_emptied(here), **values}, place=person)
    return ident


def change_dose(store: Store, who: str, dose: str, changes: Mapping[str, Any]) -> str:
    """Correct a dose; returns its id. One whose day is corrected becomes the dose of that day, and the old one goes.

    Raises as `add_dose`.
    """
    with store.work(who) as work:
        row = work.get(TYPE, dose)
        place = _person(work, str(row.body["person"]))
        now = {**row.body, **changes}
        fields = _checked(work, place, now, today(store.clock))
        day = _day(fields.get("given_on"))
        if day == _day(row.body.get("given_on")):
            work.change(TYPE, dose, {name: fields.get(name) for name in changes})
            return dose
        ident = put_dose(work, place, fields)
        work.delete(TYPE, dose, "day corrected")
        return ident


def remove_dose(store: Store, who: str, dose: str, reason: str) -> None:
    """Take a dose back that was never given. Raises InvalidFields without a reason; NotFound, NotOpened."""
    with store.work(who) as work:
        row = work.get(TYPE, dose)
        _person(work, str(row.body["person"]))
        work.delete(TYPE, dose, _reason(reason, "deleted_reason"))


def contraindicate(store: Store, who: str, person: str, reason: str) -> None:
    """Note that somebody is not to be vaccinated at all. Raises InvalidFields without a reason; NotFound, NotOpened."""
    with store.work(who) as work:
        _person(work, person)
        said = _reason(reason, "contraindication_reason")
        work.change("person", person, {"contraindicated": True, "contraindication_reason": said})


def postpone(store: Store, who: str, person: str, until: date, reason: str) -> None:
    """Note that no dose is to be given before a day. Raises InvalidFields for a day gone by or no reason;
    NotFound, NotOpened."""
    with store.work(who) as work:
        _person(work, person)
        if until <= today(store.clock):
            raise InvalidFields([FieldProblem("postponed_until", "vaccination.day_passed")])
        said = _reason(reason, "postponement_reason")
        work.change("person", person, {"postponed_until": until, "postponement_reason": said})


def not_vaccinated(store: Store, who: str, person: str, reason: str) -> None:
    """Note that somebody has had no dose at all, and why: known, not "not recorded". Raises InvalidFields without a
    reason or where a dose is recorded; NotFound, NotOpened."""
    with store.work(who) as work:
        _person(work, person)
        said = _reason(reason, "unvaccinated_reason")
        if next(table(TYPE).where(work.connection, "person = ?", (person,)), None) is not None:
            raise InvalidFields([FieldProblem("reported_doses", "vaccination.has_doses")])
        work.change("person", person, {"reported_doses": 0, "unvaccinated_reason": said})


def clear(store: Store, who: str, person: str) -> bool:
    """Somebody may be vaccinated after all; returns whether something stood against it. Raises NotFound, NotOpened."""
    with store.work(who) as work:
        row = _person(work, person)
        stood = row.body.get("contraindicated") or row.body.get("postponed_until")
        if stood:
            nothing = {"contraindication_reason": None, "postponed_until": None, "postponement_reason": None}
            work.change("person", person, {"contraindicated": False, **nothing})
        return bool(stood)


def product_code(sets: RuleSets, words: str | None, day: date) -> str | None:
    """The code of a product by any way of writing it that the set of the day knows; else the words as they are."""
    text = clean(words or "")
    held = sets.part("vaccine", day)
    wanted = _letters(text)
    for one in held.vaccine if held else ():
        if wanted in {_letters(name) for name in (one.id, one.vi, one.en, *one.names)}:
            return one.id
    return text or None


def _letters(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def _person(work: Work, person: str) -> Row:
    row = work.get("person", person)
    gate.check(work.connection, row.area, "person", person)
    return row


def _checked(work: Work, person: Row, dose: Mapping[str, Any], day: date) -> dict[str, Any]:
    """The fields with the product by its code. Raises InvalidFields."""
    fields = {name: value for name, value in dose.items() if name != "deleted_reason"}
    given = _day(fields.get("given_on"))
    if given is not None and given > day:
        raise InvalidFields([FieldProblem("given_on", "problems.day_to_come")])
    born = person.body.get("birth_date") or str(person.body.get("birth_year") or "")
    if given is not None and born and given.isoformat()[: len(born)] < born:
        raise InvalidFields([FieldProblem("given_on", "vaccination.before_birth")])
    fields["product"] = product_code(rule_sets(work.connection), fields.get("product"), given or day)
    if given is None and not (fields["product"] or fields.get("number") or fields.get("dose_type")):
        raise InvalidFields([FieldProblem("given_on", "vaccination.says_nothing")])
    return fields


def _emptied(here: Row | None) -> dict[str, Any]:
    """A dose that was taken back comes again without what it said before."""
    return {} if here is None else dict.fromkeys(name for name in here.body if name != "deleted_reason")


def _reason(reason: str, field: str) -> str:
    said = clean(reason)
    if not said:
        raise InvalidFields([FieldProblem(field, "problems.missing")])
    return said


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else value or None
