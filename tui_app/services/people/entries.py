"""The border of the forms: what was typed about a household or a person, made into record fields or into problems.

Pure: text in, checked values out. An emptied field becomes None; what a value could not hold goes to the note.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tui_app.clock import show_date
from tui_app.errors import FieldProblem
from tui_app.i18n import t
from tui_app.records import checks
from tui_app.records.checked import Checked
from tui_app.records.code_words import ETHNIC_GROUPS
from tui_app.store.search_terms import national_phone
from tui_app.text import clean

YES, NO = "yes", "no"
PERSON_TEXTS = ("relation_to_head", "occupation", "carer", "contraindication_reason")
HOUSEHOLD_TEXTS = ("code", "address", "alley")
LISTS = ("risk_groups", "conditions")


@dataclass(slots=True)
class Entry:
    """What a form said. ``fields``: record fields by name; ``warnings``: doubts that stop nobody."""

    fields: dict[str, Any] = field(default_factory=dict)
    problems: list[FieldProblem] = field(default_factory=list)
    warnings: list[FieldProblem] = field(default_factory=list)
    lists: dict[str, frozenset[str]] = field(default_factory=dict)
    _left_over: list[str] = field(default_factory=list)

    def take(self, name: str, checked: Checked[Any]) -> Any:
        """Keep a checked value under ``name``; answers the value."""
        self.warnings += checked.warnings
        if checked.problem is not None:
            self.problems.append(checked.problem)
            return None
        self.fields[name] = checked.value
        if checked.rest:
            self._left_over.append(f"{t(f'fields.{name}')}: {checked.rest}")
        return checked.value

    def take_note(self, typed: str | None, now: str) -> None:
        """Keep the note as typed (None: not in the form's changes), with what other fields could not hold."""
        if typed is None and not self._left_over:
            return
        note = clean(typed) if typed is not None else now
        parts = [part for part in (note, *self._left_over) if part]
        self.fields["note"] = "; ".join(dict.fromkeys(parts)) or None


def household_entry(typed: Mapping[str, str], *, note: str = "") -> Entry:
    """The fields of a household form that were typed. ``note``: the record's note when the form left it alone."""
    entry = Entry()
    for name in HOUSEHOLD_TEXTS:
        if name in typed:
            entry.fields[name] = clean(typed[name]) or None
    if "walk_order" in typed:
        _take_count(entry, "walk_order", typed["walk_order"])
    if "phone" in typed:
        entry.take("phone", checks.phone(typed["phone"]))
    entry.take_note(typed.get("note"), note)
    return entry


def person_entry(typed: Mapping[str, str], today: date, known: Mapping[str, Any], *, note: str = "") -> Entry:
    """The fields of a person form that were typed.

    ``known``: the record's fields beside them, for doubts about the identity number. ``birth_date`` may be a day
    or a year alone.
    """
    entry = Entry()
    if "full_name" in typed:
        name = entry.take("full_name", checks.full_name(typed["full_name"]))
        if name is None and not entry.problems:
            entry.problems.append(FieldProblem("full_name", "problems.missing"))
    if "birth_date" in typed:
        _take_birth(entry, checks.birth(typed["birth_date"], today))
    for name in ("sex", "residence_type"):
        if name in typed:
            entry.fields[name] = typed[name] or None
    for name, check in _NUMBERS.items():
        if name in typed:
            entry.take(name, check(typed[name]))
    if "ethnicity" in typed:
        entry.take("ethnicity", checks.ethnicity(typed["ethnicity"]))
    for name in PERSON_TEXTS:
        if name in typed:
            entry.fields[name] = clean(typed[name]) or None
    for name in ("mobility_limited", "contraindicated"):
        if name in typed:
            entry.fields[name] = {YES: True, NO: False}.get(typed[name])
    if "reported_doses" in typed:
        _take_count(entry, "reported_doses", typed["reported_doses"])
    for name in LISTS:
        if name in typed:
            entry.lists[name] = frozenset(filter(None, typed[name].split(",")))
    entry.take_note(typed.get("note"), note)
    entry.warnings += _doubts({**known, **entry.fields})
    return entry


_NUMBERS: dict[str, Callable[[str], Checked[str]]] = {
    "national_id": checks.national_id,
    "citizen_id_old": checks.citizen_id_old,
    "insurance_number": checks.insurance_number,
    "phone": checks.phone,
}


def household_values(fields: Mapping[str, Any]) -> dict[str, str]:
    """A household record as its form shows it."""
    shown = {name: str(fields.get(name) or "") for name in (*HOUSEHOLD_TEXTS, "note")}
    order = fields.get("walk_order")
    return {**shown, "walk_order": "" if order is None else str(order), "phone": _phone(fields.get("phone"))}


def person_values(
    fields: Mapping[str, Any], groups: frozenset[str], conditions: frozenset[str]
) -> dict[str, str]:
    """A person record as its form shows it."""
    names = (
        "full_name",
        "sex",
        "residence_type",
        "national_id",
        "citizen_id_old",
        "insurance_number",
        "note",
    )
    shown = {name: str(fields.get(name) or "") for name in (*names, *PERSON_TEXTS)}
    born, year, doses = fields.get("birth_date"), fields.get("birth_year"), fields.get("reported_doses")
    ethnicity = str(fields.get("ethnicity") or "")
    return {
        **shown,
        "birth_date": show_date(str(born)) if born else str(year or ""),
        "phone": _phone(fields.get("phone")),
        "ethnicity": ETHNIC_GROUPS.get(ethnicity, ethnicity),
        "reported_doses": "" if doses is None else str(doses),
        "mobility_limited": _yes_no(fields.get("mobility_limited")),
        "contraindicated": _yes_no(fields.get("contraindicated")),
        "risk_groups": ",".join(sorted(groups)),
        "conditions": ",".join(sorted(conditions)),
    }


def _take_birth(entry: Entry, checked: Checked[checks.Birth]) -> None:
    if checked.value is None:
        entry.take("birth_date", checked)
        if checked.problem is None:
            entry.fields["birth_year"] = None
        return
    entry.take("birth_date", Checked(checked.value.date, None, checked.warnings, checked.rest))
    born = entry.fields["birth_date"]
    entry.fields["birth_date"] = born.isoformat() if born else None
    entry.fields["birth_year"] = checked.value.year


def _take_count(entry: Entry, name: str, typed: str) -> None:
    text = typed.strip()
    if not text:
        entry.fields[name] = None
    elif text.isascii() and text.isdigit():
        entry.fields[name] = int(text)
    else:
        entry.problems.append(FieldProblem(name, "problems.integer"))


def _doubts(fields: Mapping[str, Any]) -> list[FieldProblem]:
    born = fields.get("birth_date")
    year = int(str(born)[:4]) if born else fields.get("birth_year")
    return checks.identity_doubts(fields.get("national_id"), fields.get("sex"), year)


def _phone(number: Any) -> str:
    return national_phone(str(number)) if number else ""


def _yes_no(value: bool | None) -> str:
    return "" if value is None else YES if value else NO
