"""Checks at the border: what a keyboard or a file says about a person, made into the values that records
keep.

Pure functions, standard library only, used by the forms and by the import. Each answers a `Checked`: the
value, or the problem with its catalogue key, with doubts kept apart from refusals. What is not said stays
None.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from tui_app.errors import FieldProblem
from tui_app.records.checked import Cell, Checked, cell_text, folded, refused, says_nothing, tidy
from tui_app.records.code_words import (
    Condition,
    Conditions,
    conditions,
    ethnicity,
    residence_type,
    risk_groups,
    support_kind,
    yes_or_no,
)
from tui_app.records.numbers import (
    citizen_id_old,
    identity,
    identity_doubts,
    insurance_number,
    national_id,
    phone,
)

__all__ = [
    "Birth",
    "Cell",
    "Checked",
    "Condition",
    "Conditions",
    "age",
    "birth",
    "cell_text",
    "citizen_id_old",
    "conditions",
    "day",
    "ethnicity",
    "full_name",
    "identity",
    "identity_doubts",
    "insurance_number",
    "national_id",
    "phone",
    "residence_type",
    "risk_groups",
    "says_nothing",
    "sex",
    "support_kind",
    "yes_or_no",
]

OLDEST_YEAR = 1900
OLDEST_AGE = 120

_EXCEL_DAY_ZERO = date(1899, 12, 30)
_TIME_TAIL = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_YEAR_WORDS = re.compile(r"^(?:khoang|sinh nam|sinh|nam sinh|sn|nam|ns)\s*:?\s*")
_WRITTEN_DATE = re.compile(r"(?:ngay\s*)?(\d{1,2})\s*thang\s*(\d{1,2})\s*nam\s*(\d{4})")
_PLAIN_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.\-\s]\s*(\d{1,2})\s*[/.\-\s]\s*(\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{1,2})")
_MONTH_YEAR = re.compile(r"(?:thang\s*)?(\d{1,2})\s*[/.\-]\s*(\d{4})")
_AGE = re.compile(r"(\d{1,3})\s*(tuoi|t|th|thang|ngay)?")
_BRACKETED = re.compile(r"\s*[(\[]([^)\]]*)[)\]]")
_NUMBERING = re.compile(r"^\s*\d{1,4}\s*[.)/:-]\s*")
_NAME_REFUSED = re.compile(r"[\d@#$%^*=<>{}|\\_~+!?:;]")
_CASE_PIECE = re.compile(r"[^\W\d_]+")

_SEX_WORDS = {
    **dict.fromkeys(("nam", "male", "m", "1", "trai", "ong", "nam gioi"), "male"),
    **dict.fromkeys(("nu", "female", "f", "2", "gai", "ba", "nu gioi"), "female"),
    **dict.fromkeys(
        ("3", "khac", "chua xac dinh", "khong xac dinh", "khong ro", "unknown", "other"), "unknown"
    ),
}


class Birth(NamedTuple):
    """A birth day, or only its year when that is all that is known. Exactly one of the two is set."""

    date: date | None
    year: int | None

    @property
    def known_year(self) -> int:
        """The year of either form."""
        return self.date.year if self.date else self.year or 0


def full_name(cell: Cell, field: str = "full_name") -> Checked[str]:
    """A person's name: NFC, single spaces; all capitals (or all small) become capitals at each syllable.

    Mixed case is kept, so ``H' Hen Niê``, ``K'Brôi`` and ``Y Blok`` stay as written. Bracketed words are
    in ``rest``. At most 80 characters; digits and signs are refused. Missing answers a value of None,
    which callers refuse.
    """
    text = _NUMBERING.sub("", cell_text(cell))
    rest = "; ".join(part.strip() for part in _BRACKETED.findall(text) if part.strip())
    name = tidy(_BRACKETED.sub(" ", text)).strip(" .,;:-")
    if says_nothing(name):
        return Checked(rest=rest)
    if _NAME_REFUSED.search(name):
        return refused(field, "import.name_signs")
    if len(name) > 80:
        return refused(field, "import.name_long")
    if name.isupper() or name.islower():
        name = _CASE_PIECE.sub(lambda piece: piece[0].capitalize(), name)
    single = len(name.split()) == 1 and "'" not in name
    warnings = (FieldProblem(field, "import.name_single"),) if single else ()
    return Checked(name, None, warnings, rest)


def sex(cell: Cell, field: str = "sex") -> Checked[str]:
    """``male``, ``female`` or ``unknown`` from Nam, Nữ, nu, M, F, 1, 2, 3 (codes of QĐ 4210)."""
    text = cell_text(cell)
    if not text or text in "-.?":
        return Checked()
    value = _SEX_WORDS.get(folded(text).strip(" ."))
    return Checked(value) if value else refused(field, "import.sex_unknown_word")


def _judged(
    born: Birth, today: date, field: str, warnings: tuple[FieldProblem, ...], rest: str
) -> Checked[Birth]:
    if (born.date and born.date > today) or born.known_year > today.year:
        return refused(field, "import.birth_future")
    if born.known_year < OLDEST_YEAR or today.year - born.known_year > OLDEST_AGE:
        return refused(field, "import.birth_too_old", year=max(OLDEST_YEAR, today.year - OLDEST_AGE))
    return Checked(born, None, warnings, rest)


def _full_year(text: str, today: date, field: str) -> tuple[int, tuple[FieldProblem, ...]]:
    if len(text) == 4:
        return int(text), ()
    year = int(text)
    if year > today.year % 100:
        return 1900 + year, ()
    return today.year // 100 * 100 + year, (FieldProblem(field, "import.year_two_digits"),)


def _number_as_date_text(number: float) -> str | date:
    """A bare number of a date column: a year, a spreadsheet serial, or digits run together (12031954)."""
    whole = int(number)
    if 3000 <= whole < 100_000:
        return _EXCEL_DAY_ZERO + timedelta(days=whole)
    text = str(whole)
    if len(text) in (7, 8):
        text = text.rjust(8, "0")
        if 1900 <= int(text[4:]) <= 2100:
            return f"{text[:2]}/{text[2:4]}/{text[4:]}"
        return f"{text[6:]}/{text[4:6]}/{text[:4]}"
    return text


def _calendar_day(first: str, second: str, year: int) -> date | None:
    try:
        return date(year, int(second), int(first))
    except ValueError:
        return None


def birth(cell: Cell, today: date, field: str = "birth_date") -> Checked[Birth]:
    """A birth day or birth year, from 1900, at most 120 years ago, not after ``today``.

    Reads d/m/yyyy with / - . or spaces, d/m/yy, yyyy-mm-dd, "12 tháng 3 năm 1954", a year alone ("sn
    1954", "1954?", "00/00/1954"), month and year (the year is kept, the words go to ``rest``), a
    spreadsheet serial or date cell. An age is not a birth: see `age`.
    """
    if isinstance(cell, datetime):
        return _judged(Birth(cell.date(), None), today, field, (), "")
    if isinstance(cell, date):
        return _judged(Birth(cell, None), today, field, (), "")
    if type(cell) is str and (plain := _PLAIN_DATE.fullmatch(cell)):  # nearly every cell of a long list
        known = _calendar_day(plain[1], plain[2], int(plain[3]))
        if known is not None:
            return _judged(Birth(known, None), today, field, (), "")
    written = cell_text(cell)
    if says_nothing(written):
        return Checked()
    text = _YEAR_WORDS.sub("", folded(_TIME_TAIL.sub("", written)))
    unsure = text != text.strip(" ?~.") or written[:1] in "~?" or folded(written).startswith("khoang")
    text = text.strip(" ?~.,")
    if text.replace(".", "", 1).isdecimal() and (len(text) > 4 or len(text) < 4) and text.count(".") <= 1:
        as_date = _number_as_date_text(float(text))
        if isinstance(as_date, date):
            return _judged(Birth(as_date, None), today, field, (), "")
        text = as_date
    doubts: tuple[FieldProblem, ...] = (FieldProblem(field, "import.birth_unsure"),) if unsure else ()
    if text.isdecimal() and len(text) == 4:
        return _judged(Birth(None, int(text)), today, field, doubts, written if unsure else "")
    if match := _YEAR_FIRST.fullmatch(text):
        first, second, year = match[3], match[2], int(match[1])
    elif match := _WRITTEN_DATE.fullmatch(text) or _DAY_FIRST.fullmatch(text):
        first, second = match[1], match[2]
        year, more = _full_year(match[3], today, field)
        doubts += more
    elif match := _MONTH_YEAR.fullmatch(text):
        if int(match[1]) > 12:
            return refused(field, "import.date_impossible")
        rest = written if int(match[1]) else ""
        return _judged(Birth(None, int(match[2])), today, field, doubts, rest)
    else:
        return refused(field, "import.birth_shape")
    if int(first) == 0:
        if int(second) > 12:
            return refused(field, "import.date_impossible")
        return _judged(Birth(None, year), today, field, doubts, written if int(second) else "")
    born = _calendar_day(first, second, year)
    if born is None and 12 < int(second) <= 31 and int(first) <= 12:
        born = _calendar_day(second, first, year)
        doubts += (FieldProblem(field, "import.date_month_first"),)
    if born is None:
        return refused(field, "import.date_impossible")
    return _judged(Birth(born, None), today, field, doubts, written if unsure else "")


def day(cell: Cell, today: date, field: str) -> Checked[date]:
    """A whole calendar day that is not in the future (a test, a dose); a year alone is refused."""
    checked = birth(cell, today, field)
    if checked.problem:
        if checked.problem.key in ("import.birth_shape", "import.birth_too_old"):
            return refused(field, "import.day_shape")
        return Checked(problem=checked.problem)
    if checked.value is None:
        return Checked()
    if checked.value.date is None:
        return refused(field, "import.day_shape")
    return Checked(checked.value.date, None, checked.warnings)


def age(cell: Cell, on: date, field: str = "birth_year") -> Checked[Birth]:
    """A birth year from an age of 0–120 years ("67", "67t", "67 tuổi") or in months ("8 tháng") on the day
    ``on``.

    The year may be one too late, so a warning comes with it and ``rest`` keeps the words.
    """
    written = cell_text(cell)
    if says_nothing(written) and written != "0":
        return Checked()
    match = _AGE.fullmatch(folded(written).strip(" ."))
    if match is None or (int(match[1]) > OLDEST_AGE and match[2] not in ("thang", "th", "ngay")):
        return refused(field, "import.age_shape")
    years = int(match[1])
    if match[2] in ("thang", "th"):
        years = (years + 12 - on.month) // 12
    elif match[2] == "ngay":
        years = 0
    doubt: Any = FieldProblem(field, "import.birth_from_age")
    return Checked(Birth(None, on.year - years), None, (doubt,), written)
