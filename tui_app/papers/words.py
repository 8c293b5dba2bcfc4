"""Values as papers say them: decimal commas, days and moments as people write them, a dash for what is not known."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tui_app.clock import show_date, show_moment
from tui_app.codes import alert_words, code_word
from tui_app.i18n import language, t
from tui_app.papers.pdf import MISSING
from tui_app.records.people import RESTRICTED_CONDITIONS
from tui_app.rules.age import Age
from tui_app.rules.findings import Finding
from tui_app.services.access.access import log_access
from tui_app.services.judging.rule_sets import rule_words
from tui_app.services.people.values import SHORT_ID, field_word
from tui_app.store.search_terms import national_phone
from tui_app.text import decimal, place_words


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Whose paper it is. ``above``: the commune, in capitals; ``office``: the station; ``place``: before the date;
    ``on``: the day of the paper, None where it is left to be written."""

    above: str
    office: str
    place: str
    on: date | None = None


def letterhead(area: Mapping[str, Any], managed_by: str = "", on: date | None = None) -> Letterhead:
    """The heading for a record of a unit. ``managed_by``: the station's own name where the case says it."""
    commune = area.get("commune_name", "")
    return Letterhead(commune.upper(), (managed_by or t("papers.station")).upper(), commune or "……………", on)


def short_code(ident: str) -> str:
    """The end of a record's id: enough to find it, names nobody."""
    return f"…{ident[-SHORT_ID:]}"


def remark(made: datetime, ident: str, name: str) -> str:
    """The foot of every page of a paper about one person, so that loose sheets find each other again."""
    return t("papers.made", at=moment_words(made), code=short_code(ident), name=name)


def day_words(day: Any) -> str:
    """A day as dd/mm/yyyy, or a dash."""
    return show_date(day) if day else MISSING


def moment_words(moment: str | datetime | None) -> str:
    """A moment in Viet Nam time, or a dash."""
    return show_moment(moment) if moment else MISSING


def number_words(value: float | int | None) -> str:
    """A number with a decimal comma, or a dash for one that is not there."""
    return MISSING if value is None else decimal(value)


def coded(field: str, code: str | None, of: str = "") -> str:
    """The word of a code, or a dash."""
    return code_word(field, code, of) if code else MISSING


def graded(field: str, case: Mapping[str, Any], unverified: Collection[str]) -> str:
    """The word of a grade or class of a case, saying so when it rests on a set nobody checked."""
    word = coded(field, case.get(field))
    return f"{word} ({t('rules.unverified')})" if field in unverified and word != MISSING else word


def said(value: bool | None) -> str:
    """Có, Không, or a dash when nobody asked."""
    return MISSING if value is None else t("codes.yes") if value else t("codes.no")


def birth_words(person: Mapping[str, Any], age: Age | None) -> str:
    """The birth day or year, with the age on the day of the paper."""
    born = (
        show_date(person["birth_date"]) if person.get("birth_date") else str(person.get("birth_year") or "")
    )
    return f"{born} ({age_words(age)})" if born and age else born or MISSING


def age_words(age: Age | None) -> str:
    """Completed years, a range when only the year is known, months below two years, or a dash."""
    if age is None:
        return MISSING
    if age.high_months < 24:
        low, high = age.low_months, age.high_months
        return t("papers.months", months=low if low == high else f"{low}–{high}")
    return t("papers.years", years=age.low if age.low == age.high else f"{age.low}–{age.high}")


def phone_words(phone: str | None) -> str:
    """A telephone as people write it; a masked one as it is."""
    if not phone:
        return MISSING
    digits = national_phone(phone)
    return f"{digits[:-6]} {digits[-6:-3]} {digits[-3:]}" if digits.isdigit() and len(digits) > 6 else phone


def address_words(household: Mapping[str, Any], area: Mapping[str, Any]) -> str:
    """Where somebody lives, the narrowest first."""
    parts = (
        household.get("address"),
        household.get("alley"),
        area.get("unit_name"),
        area.get("commune_name"),
    )
    return place_words(*parts) or MISSING


def risk_words(groups: Iterable[str], conditions: Iterable[str]) -> str:
    """Risk groups and conditions, never a restricted one."""
    named = [code for code in conditions if code not in RESTRICTED_CONDITIONS]
    return alert_words([*named, *groups]) or MISSING


def vital_word(field: str) -> str:
    """What a vital sign is called, with its unit."""
    return field_word(field, "observation")


def finding_words(sets: Any, findings: Iterable[Finding]) -> list[str]:
    """Each finding with its grade, rule, value, limit and document; an unverified set says so. Which of two values
    counted is left out: papers show both."""
    return [_finding(sets, one) for one in findings if one.kind != "measurement"]


def _finding(sets: Any, one: Finding) -> str:
    told = rule_words(sets, one, language())
    grade = _GRADES.get(one.kind)
    return f"{code_word(grade, one.outcome)} · {told}" if grade and one.outcome else told


_GRADES = {"severity": "severity_grade", "risk_class": "risk_class"}


def note_paper(c: Any, who: str, at: str, kind: str, type_name: str, record: str) -> None:
    """Note in the journal of access that a paper with names was made, within the caller's transaction."""
    log_access(c, who, at, "export", type_name, record, kind)
