"""Checks of numbers that stand for a person or a line: telephone, identity, insurance (domain/rules.md
§3.1, §3.3, §3.4).
"""

from __future__ import annotations

import re

from tui_app.errors import FieldProblem
from tui_app.records.checked import Cell, Checked, cell_text, refused, says_nothing, whole_number_text

# Eleven-digit mobile prefixes of before September 2018 and what they became (§3.4), both without the
# leading 0.
_OLD_MOBILE = {
    **{"120": "70", "121": "79", "122": "77", "126": "76", "128": "78"},
    **{"123": "83", "124": "84", "125": "85", "127": "81", "129": "82"},
    **{f"16{digit}": f"3{digit}" for digit in range(2, 10)},
    **{"186": "56", "188": "58", "199": "59"},
}
_MOBILE = re.compile(r"(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-46-9])\d{7}")
_LANDLINE = re.compile(r"2\d{9}")
_PLAIN_PHONE = re.compile(r"0\d{9}", re.ASCII)
_PLAIN_ID = re.compile(r"0\d{11}", re.ASCII)
_PHONE_SPLIT = re.compile(r"[/;,&|\n\r]+|\bhoặc\b|\bvà\b|\s-\s|\s{2,}")
_PHONE_RUN = re.compile(r"\+?\(?\d[\d\s.\-()]*")
_PHONE_LABEL = re.compile(
    r"^(?:sđt|đtdđ|đt|sdt|dtdd|dt|tel|zalo|dđ|đd|điện thoại)\s*[:.]?\s*(?=[\d+(])", re.I
)
_LETTER_IN_NUMBER = re.compile(r"\d[^\W\d_]|[^\W\d_]\d")
_NOT_DIGITS = re.compile(r"\D")
_SEPARATORS = re.compile(r"[\s.\-_]")
_PASSPORT = re.compile(r"[A-Z]{1,2}\d{6,8}")
_INSURANCE_CARD = re.compile(r"[A-Z]{2}[1-5]\d{12}")

# Codes of the 63 provinces inside the twelve digits, kept after the merger of 2025 (§3.1). Without the
# leading 0.
PROVINCES = frozenset(
    re.findall(
        r"\d\d",
        "01 02 04 06 08 10 11 12 14 15 17 19 20 22 24 25 26 "
        "27 30 31 33 34 35 36 37 38 40 42 44 45 46 48 49 51 52 "
        "54 56 58 60 62 64 66 67 68 70 72 74 75 77 79 80 82 83 84 86 87 89 91 92 93 94 95 96",
    )
)


def _significant(digits: str) -> tuple[str | None, bool]:
    """The number after +84, and whether it was an old eleven-digit one. None for no Vietnamese number."""
    if digits.startswith("0084"):
        digits = digits[4:]
    elif digits.startswith("84") and len(digits) in (11, 12):
        digits = digits[2:]
    digits = digits.removeprefix("0")
    old = len(digits) == 10 and digits[:3] in _OLD_MOBILE
    if old:
        digits = _OLD_MOBILE[digits[:3]] + digits[3:]
    return (digits if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits) else None), old


def _numbers_in(piece: str) -> tuple[list[str], str, bool]:
    """Telephone numbers of a piece of text, the words left over, and whether one was an old number."""
    found: list[str] = []
    left = piece
    any_old = False
    for run in _PHONE_RUN.findall(piece):
        digits = _NOT_DIGITS.sub("", run)
        number, old = _significant(digits)
        parts = [number]
        if number is None:
            for size in (10, 11):  # two numbers with only a space between them
                first, second = _significant(digits[:size]), _significant(digits[size:])
                if first[0] and second[0]:
                    parts, old = [first[0], second[0]], first[1] or second[1]
                    break
        if parts[0] is None:
            continue
        found += [part for part in parts if part]
        any_old = any_old or old
        left = left.replace(run, " ", 1)
    return found, " ".join(left.split()).strip(" .:-()"), any_old


def phone(cell: Cell, field: str = "phone") -> Checked[str]:
    """A telephone as E.164 (``+84…``): mobile of 9 or landline of 10 digits after +84.

    Takes a lost leading 0, spaces and dots, floats, +84/0084/84, and the eleven-digit mobiles of before
    2018. Of several numbers the first is the value; the others, and words beside them, are in ``rest``.
    Source: domain/rules.md §3.4.
    """
    if type(cell) is str and _PLAIN_PHONE.fullmatch(cell) and _MOBILE.fullmatch(cell, 1):
        return Checked("+84" + cell[1:])  # nearly every cell of a long list
    if isinstance(cell, str):
        raw = "\n".join(" ".join(line.split(" ")) for line in cell.splitlines()).strip()
    else:
        raw = cell_text(cell)
    if says_nothing(cell_text(raw)):
        return Checked()
    whole = whole_number_text(raw)
    if whole is None:
        return refused(field, "import.digits_lost")
    found: list[str] = []
    rest: list[str] = []
    warnings: list[FieldProblem] = []
    wrong = False
    for piece in _PHONE_SPLIT.split(whole):
        piece = _PHONE_LABEL.sub("", piece.strip())
        if not piece:
            continue
        numbers, left, old = _numbers_in(piece)
        found += numbers
        if old:
            warnings.append(FieldProblem(field, "import.phone_old_prefix"))
        wrong = wrong or any(char.isdigit() for char in left)
        if left:
            rest.append(left)
    if not found:
        letters = _LETTER_IN_NUMBER.search(whole) or not any(char.isdigit() for char in whole)
        return refused(field, "import.phone_letters" if letters else "import.phone_wrong")
    if wrong:
        warnings.append(FieldProblem(field, "import.phone_rest_wrong"))
    others = ["0" + number for number in dict.fromkeys(found[1:]) if number != found[0]]
    return Checked("+84" + found[0], None, tuple(warnings), "; ".join(others + rest))


def national_id(cell: Cell, field: str = "national_id") -> Checked[str]:
    """The twelve-digit personal number. Zeros that a spreadsheet lost are put back when the province then
    fits (warned).

    A passport-like text is left in ``rest`` with a warning. Source: domain/rules.md §3.1; there is no
    check digit.
    """
    text = cell_text(cell)
    if says_nothing(text):
        return Checked()
    whole = whole_number_text(text)
    if whole is None:
        return refused(field, "import.digits_lost")
    digits = _SEPARATORS.sub("", whole)
    if _PASSPORT.fullmatch(digits.upper()):
        return Checked(rest=text, warnings=(FieldProblem(field, "import.id_passport"),))
    if not (digits.isascii() and digits.isdigit()):
        return refused(field, "import.id_not_digits")
    if len(digits) in (10, 11):
        restored = digits.rjust(12, "0")
        if restored[1:3] in PROVINCES and restored[3] in "0123":
            return Checked(restored, warnings=(FieldProblem(field, "import.id_zero_restored"),))
    if len(digits) in (8, 9):
        return refused(field, "import.id_is_old_card")
    if len(digits) != 12:
        return refused(field, "import.id_length", count=len(digits))
    if digits[0] == "0" and digits[1:3] not in PROVINCES:
        return Checked(digits, warnings=(FieldProblem(field, "import.id_province"),))
    return Checked(digits)


def citizen_id_old(cell: Cell, field: str = "citizen_id_old") -> Checked[str]:
    """The nine-digit number of the identity card of before the personal number; one lost leading 0 is put
    back (warned).
    """
    text = cell_text(cell)
    if says_nothing(text):
        return Checked()
    whole = whole_number_text(text)
    if whole is None:
        return refused(field, "import.digits_lost")
    digits = _SEPARATORS.sub("", whole)
    if not (digits.isascii() and digits.isdigit()):
        return refused(field, "import.id_not_digits")
    if len(digits) == 8:
        return Checked("0" + digits, warnings=(FieldProblem(field, "import.id_zero_restored"),))
    return Checked(digits) if len(digits) == 9 else refused(field, "import.old_id_length", count=len(digits))


def identity(cell: Cell) -> list[tuple[str, Checked[str]]]:
    """The numbers of a column "CCCD/CMND", each with the field it belongs to: 12 digits are new, 9 are old.

    One cell may hold both, as ``079054001234 / 021234567``.
    """
    if type(cell) is str and _PLAIN_ID.fullmatch(cell) and cell[1:3] in PROVINCES:
        return [("national_id", Checked(cell))]  # nearly every cell of a long list
    text = cell_text(cell)
    if says_nothing(text):
        return []
    pieces = [piece for piece in re.split(r"[/;,|]+|\s+-\s+", text) if piece.strip()]
    if len(pieces) == 1:
        pieces = [text]
    found: list[tuple[str, Checked[str]]] = []
    for piece in pieces:
        whole = whole_number_text(piece.strip())
        old = (
            whole is not None
            and len(_SEPARATORS.sub("", whole)) in (8, 9)
            and not re.search(r"[^\d\s.\-]", whole)
        )
        found.append(
            ("citizen_id_old", citizen_id_old(piece)) if old else ("national_id", national_id(piece))
        )
    return found


def insurance_number(cell: Cell, field: str = "insurance_number") -> Checked[str]:
    """A health insurance number: the 15-character card, the 10-digit BHXH number, or the 12-digit personal
    number.

    Source: domain/rules.md §3.3. Compare two of them on their last 10 digits.
    """
    text = cell_text(cell)
    if says_nothing(text):
        return Checked()
    whole = whole_number_text(text)
    if whole is None:
        return refused(field, "import.digits_lost")
    number = _SEPARATORS.sub("", whole).upper()
    if _INSURANCE_CARD.fullmatch(number):
        return Checked(number)
    if not (number.isascii() and number.isdigit()):
        return refused(field, "import.insurance_shape")
    if len(number) == 9 or (len(number) == 11 and number[:2] in PROVINCES):
        return Checked("0" + number, warnings=(FieldProblem(field, "import.id_zero_restored"),))
    return Checked(number) if len(number) in (10, 12) else refused(field, "import.insurance_shape")


def identity_doubts(number: str | None, sex: str | None, birth_year: int | None) -> list[FieldProblem]:
    """Where sex or birth year inside a twelve-digit number differ from the ones given: a warning, never a
    refusal (§3.1).
    """
    if number is None or len(number) != 12 or not number.isdecimal():
        return []
    doubts = []
    century, yy = int(number[3]), int(number[4:6])
    if sex in ("male", "female") and (century % 2 == 0) != (sex == "male"):
        doubts.append(FieldProblem("national_id", "import.id_sex_differs"))
    if birth_year is not None and 1900 + 100 * (century // 2) + yy != birth_year:
        doubts.append(FieldProblem("national_id", "import.id_year_differs"))
    return doubts
