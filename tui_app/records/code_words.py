"""Words of lists and forms, and the codes they stand for: diseases, ethnic groups, risk groups, residence,
support.

Diseases: the twenty of domain/rules.md §2.9 (QĐ 4038/QĐ-BYT, Phụ lục 01); ethnic groups: the 54 of §3.6;
risk groups: list A of §1.1. All wordings are compared without case and marks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from tui_app.errors import FieldProblem
from tui_app.records.checked import Cell, Checked, cell_text, folded, refused, says_nothing

_ETHNIC_NAMES = """
Kinh, Tày, Thái, Hoa, Khơ-me, Mường, Nùng, HMông, Dao, Gia-rai, Ngái, Ê-đê, Ba na, Xơ-Đăng,
Sán Chay, Cơ-ho, Chăm, Sán Dìu, Hrê, Mnông, Ra-glai, Xtiêng, Bru-Vân Kiều, Thổ, Giáy, Cơ-tu,
Gié Triêng, Mạ, Khơ-mú, Co, Tà-ôi, Chơ-ro, Kháng, Xinh-mun, Hà Nhì, Chu ru, Lào, La Chí, La Ha,
Phù Lá, La Hủ, Lự, Lô Lô, Chứt, Mảng, Pà Thẻn, Co Lao, Cống, Bố Y, Si La, Pu Péo, Brâu, Ơ Đu,
Rơ măm, Người nước ngoài"""
ETHNIC_GROUPS: dict[str, str] = {
    f"{number:02d}": name.strip() for number, name in enumerate(_ETHNIC_NAMES.split(","), 1)
} | {"99": "Không rõ"}

_ETHNIC_ALIASES = {
    **dict.fromkeys(("viet",), "01"),
    **dict.fromkeys(("han", "nguoi hoa"), "04"),
    **dict.fromkeys(("khmer", "kho me", "khome", "kh'mer"), "05"),
    **dict.fromkeys(("mong", "h'mong", "h mong", "meo"), "08"),
    **dict.fromkeys(("man",), "09"),
    **dict.fromkeys(("jarai", "jrai", "gia lai"), "10"),
    **dict.fromkeys(("rhade", "ede", "e de"), "12"),
    **dict.fromkeys(("bahnar", "bana"), "13"),
    **dict.fromkeys(("sedang", "xo dang"), "14"),
    **dict.fromkeys(("cao lan", "san chi"), "15"),
    **dict.fromkeys(("k'ho", "koho", "kho", "lach", "chil"), "16"),
    **dict.fromkeys(("cham", "champa"), "17"),
    **dict.fromkeys(("m'nong", "m nong"), "20"),
    **dict.fromkeys(("stieng", "s'tieng", "xo tieng"), "22"),
    **dict.fromkeys(("van kieu", "bru"), "23"),
    **dict.fromkeys(("katu", "ca tu", "k'tu"), "26"),
    **dict.fromkeys(("co ho",), "16"),
    **dict.fromkeys(("pa co", "ta oi", "pako"), "31"),
    **dict.fromkeys(("nuoc ngoai", "ngoai quoc"), "55"),
    **dict.fromkeys(("khong ro", "khong biet"), "99"),
}


def _plain(text: str) -> str:
    return " ".join(folded(text).replace("-", " ").replace("’", "'").split())


_ETHNIC_CODES = {_plain(name): code for code, name in ETHNIC_GROUPS.items()} | _ETHNIC_ALIASES


@lru_cache(1024)
def _ethnic_code(text: str) -> str | None:
    plain = _plain(text).removeprefix("dan toc ").strip(" .")
    if plain.isdecimal() and f"{int(plain):02d}" in ETHNIC_GROUPS:
        return f"{int(plain):02d}"
    return _ETHNIC_CODES.get(plain)


def ethnicity(cell: Cell, field: str = "ethnicity") -> Checked[str]:
    """The code ``01``–``55`` or ``99`` of an ethnic group, from its code or a usual spelling of its name."""
    text = cell_text(cell)
    if not text or text in "-.?":
        return Checked()
    code = _ethnic_code(text)
    return Checked(code) if code else refused(field, "import.ethnicity_unknown")


# Order matters: the more exact wording first, because what it took is not looked at again.
_CONDITION_WORDS: tuple[tuple[str, str], ...] = (
    ("transplant", r"ghep (?:than|gan|tang|tuy|tim|phoi|te bao goc)\w*|sau ghep tang"),
    ("child_congenital", r"(?:benh )?tim bam sinh|tang ap (?:dong mach )?phoi|roi loan chuyen hoa di truyen"),
    (
        "cerebrovascular",
        r"tai bien(?: mach mau nao)?|dot quy|tbmmn|(?:benh )?mach mau nao|nhoi mau nao|xuat huyet nao",
    ),
    (
        "cardiac",
        r"suy tim|(?:benh )?mach vanh|(?:benh )?(?:ly )?tim mach|nhoi mau co tim|nmct|benh co tim|rung nhi",
    ),
    (
        "cardiac",
        r"hep van tim|ho van tim|thay van tim|dat stent|thieu mau co tim|tmctcb|tmct|tmcb|benh tim|btm",
    ),
    ("cardiac", r"roi loan nhip(?: tim)?"),
    ("diabetes", r"(?:benh )?(?:dai thao|tieu) duong(?: (?:type|typ|tuyp) ?(?:1|2|i{1,2}))?|dtd"),
    (
        "hypertension",
        r"(?:benh )?(?:tang|cao) huyet ap|huyet ap cao|benh huyet ap|tha|cha|cao ha|ha cao|len mau|cao mau",
    ),
    ("asthma", r"(?:benh )?hen(?: (?:phe quan|suyen|pq))?|hpq|suyen"),
    (
        "chronic_lung",
        r"copd|bptnmt|(?:benh )?phoi tac nghen(?: man tinh)?|benh phoi(?: man tinh)?|gian phe quan",
    ),
    ("chronic_lung", r"khi phe thung|viem phe quan man(?: tinh)?|xo phoi|tam phe man|lao phoi(?: cu)?"),
    (
        "cancer",
        r"ung thu|u ac tinh|leukemia|bach cau cap|k(?= (?:phoi|gan|vu|da day|dai trang|giap|co tu|vom))",
    ),
    (
        "chronic_kidney",
        r"suy than(?: man| do \d)?|(?:benh )?than man(?: tinh)?|chay than(?: nhan tao)?|loc mau|benh than",
    ),
    ("obesity", r"beo phi|thua can"),
    ("down_syndrome", r"(?:hoi chung |hc )?down"),
    ("hiv", r"hiv(?:/aids)?|aids"),
    (
        "neurological",
        r"sa sut tri tue|alzheimer|parkinson|dong kinh|(?:benh )?than kinh|lu lan|bai nao|tam than",
    ),
    ("haematological", r"thalassemia|hong cau hinh liem|tan mau(?: bam sinh)?|(?:benh )?huyet hoc"),
    ("immunodeficiency", r"(?:suy giam|thieu hut) mien dich"),
    ("liver", r"xo gan|viem gan(?: (?:b|c|sieu vi))*|benh gan|gan nhiem mo|vgb|vgc"),
    ("substance_use", r"nghien (?:ma tuy|ruou)|ma tuy|chat gay nghien|methadone"),
    ("immunosuppressants", r"corticoid|corticosteroid|thuoc uc che mien dich|uc che mien dich"),
    ("systemic", r"lupus(?: ban do)?|benh (?:ly )?he thong|xo cung bi"),
)
CONDITION_CODES: tuple[str, ...] = tuple(dict.fromkeys(code for code, _ in _CONDITION_WORDS))
_CONDITIONS = re.compile(
    "|".join(rf"(?P<c{n}>\b(?:{words})\b)" for n, (_, words) in enumerate(_CONDITION_WORDS))
)

_RISK_WORDS: tuple[tuple[str, str], ...] = (
    ("pregnant", r"(?:dang )?(?:mang|co) thai|thai phu|phu nu mang thai|pnmt|san phu"),
    ("disabled", r"(?:nguoi )?(?:khuyet|tan) tat|nkt"),
    ("orphan", r"(?:tre em )?mo coi"),
    ("no_support", r"(?:khong|ko) noi nuong tua|neo don|co don"),
    ("elderly", r"(?:nguoi )?cao tuoi|nct|nguoi gia"),
    ("ethnic_minority", r"(?:dong bao )?dan toc thieu so|dtts"),
    ("migrant_worker", r"(?:lao dong )?di cu|lao dong ngoai tinh|nhap cu"),
    ("underlying_condition", r"(?:nguoi )?(?:co |mac )?benh (?:ly )?nen"),
)
RISK_GROUP_CODES: tuple[str, ...] = tuple(code for code, _ in _RISK_WORDS)
_RISKS = re.compile("|".join(rf"(?P<r{n}>\b(?:{words})\b)" for n, (_, words) in enumerate(_RISK_WORDS)))

_PIECES = re.compile(r"[,;+/•\n\r]+|\bvà\b|&|\.\s+|\s[-–]\s|^\s*[-–]\s*")
_NEGATED = re.compile(r"^(?:khong|ko|chua|het|am tinh|loai tru|k co)\b(?! noi)")
_SAID_NONE = re.compile(
    r"(?:khong|ko|k|chua)(?: (?:co|phat hien|ghi nhan|mac))?(?: benh(?: (?:ly|nen|ly nen|gi))?)?"
)
_HEALTHY = frozenset(("khoe", "khoe manh", "binh thuong", "bt", "0", "-", "tot"))


@dataclass(frozen=True, slots=True)
class Condition:
    """A disease of the list; ``words`` is how it was written when that says more than the code."""

    code: str
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a free text about diseases says: coded diseases, risk groups named in it, the words no code holds.

    ``said_none``: the text says that there is no disease, which is not the same as an empty cell.
    """

    found: tuple[Condition, ...] = ()
    risk_groups: tuple[str, ...] = ()
    rest: str = ""
    said_none: bool = False


def conditions(cell: Cell) -> Conditions:
    """Codes of §2.9 from text such as "THA, ĐTĐ type 2, hen PQ". Never refuses; "không ĐTĐ" gives no code."""
    raw = cell if isinstance(cell, str) else cell_text(cell)
    return _conditions_of(raw) if raw.strip() else Conditions()


@lru_cache(4096)
def _conditions_of(raw: str) -> Conditions:
    if (
        says_nothing(cell_text(raw))
        or _SAID_NONE.fullmatch(folded(cell_text(raw)))
        or folded(raw).strip() in _HEALTHY
    ):
        return Conditions(rest=cell_text(raw), said_none=True)
    found: dict[str, Condition] = {}
    groups: list[str] = []
    rest: list[str] = []
    for piece in _PIECES.split(raw):
        piece = cell_text(piece).strip(" .-:")
        plain = folded(piece)
        if not plain:
            continue
        matches = [] if _NEGATED.match(plain) else list(_CONDITIONS.finditer(plain))
        risks = [] if _NEGATED.match(plain) else list(_RISKS.finditer(plain))
        whole = any(match[0] == plain for match in matches + risks)
        for match in matches:
            code = _CONDITION_WORDS[int((match.lastgroup or "c0")[1:])][0]
            if code not in found or found[code].words is None:
                found[code] = Condition(code, None if whole else piece)
        groups += [_RISK_WORDS[int((match.lastgroup or "r0")[1:])][0] for match in risks]
        if not matches and not (risks and whole):
            rest.append(piece)
    return Conditions(tuple(found.values()), tuple(dict.fromkeys(groups)), "; ".join(rest))


def risk_groups(cell: Cell) -> tuple[tuple[str, ...], str]:
    """Codes of risk groups (§1.1 list A) named in a text, and the words that no code holds."""
    text = cell_text(cell)
    codes: list[str] = []
    rest: list[str] = []
    for piece in re.split(r"[,;+/]| - ", text):
        plain = folded(piece).strip(" .")
        if not plain or plain in ("x", "co", "khong"):
            continue
        found = [_RISK_WORDS[int((m.lastgroup or "r0")[1:])][0] for m in _RISKS.finditer(plain)]
        codes += found
        if not found:
            rest.append(piece.strip())
    return tuple(dict.fromkeys(codes)), "; ".join(rest)


_RESIDENCE = {
    **dict.fromkeys(("thuong tru", "kt1", "tt", "ho khau thuong tru", "permanent", "kt2"), "permanent"),
    **dict.fromkeys(("tam tru", "kt3", "kt4", "temporary", "tam tru dai han"), "temporary"),
    **dict.fromkeys(("luu tru", "vang lai", "stay", "o tam"), "stay"),
}


def residence_type(cell: Cell, field: str = "residence_type") -> Checked[str]:
    """``permanent``, ``temporary`` or ``stay`` from thường trú, tạm trú, lưu trú, KT1–KT4."""
    text = cell_text(cell)
    if says_nothing(text):
        return Checked()
    value = _RESIDENCE.get(folded(text).strip(" ."))
    return Checked(value) if value else refused(field, "import.residence_unknown")


_YES = re.compile(
    r"x|v|co|yes|y|true|1|dung|duoc|\+|✓|✔|roi|co the|tu di duoc|di lai duoc|di duoc|binh thuong"
)
_NO = re.compile(r"khong|ko|k|no|n|false|0|-|khong duoc|khong the|kho khan|han che|kho")
_BEDRIDDEN = re.compile(
    r"\b(?:nam liet|liet giuong|nam mot cho|xe lan|liet|khong di lai|khong tu di|di lai kho)\b"
)


def yes_or_no(cell: Cell, field: str) -> Checked[bool]:
    """True or False from có/không, x, được, 1/0; text of another kind is refused."""
    text = cell_text(cell)
    plain = folded(text).strip(" .")
    if not plain:
        return Checked()
    if _YES.fullmatch(plain):
        return Checked(True)
    if _NO.fullmatch(plain):
        return Checked(False)
    return refused(field, "import.yes_no")


_NOT_KNOWN = re.compile(
    r"\?+|(?:chua|khong|ko) (?:ro|biet|nho|xac dinh|kham|hoi|khai|co thong tin|thong tin)\b.*"
)
_DENIED = re.compile(
    r"(?:khong|ko)(?! noi)\b.*|k co\b.*|kccd|chua(?: (?:co|phat hien|ghi nhan|mac|bi|mang)\b.*)?"
)


def has_it(cell: Cell) -> Checked[bool]:
    """Answer of a column that is about one thing (chống chỉ định, khuyết tật, thai): x and words of their own say yes,
    with the words in ``rest``; "không …" says no; "chưa rõ" says nothing, and what nobody knows is no yes."""
    text = cell_text(cell)
    plain = folded(text).strip(" .")
    if not plain or _NOT_KNOWN.fullmatch(plain):
        return Checked()
    if _NO.fullmatch(plain) or _DENIED.fullmatch(plain) or plain in _HEALTHY:
        return Checked(False)
    return Checked(True) if _YES.fullmatch(plain) else Checked(True, rest=text)


def can_move(cell: Cell, field: str = "mobility_limited") -> Checked[bool]:
    """Answer of a column "tự đi lại được không", turned round into ``mobility_limited``."""
    text = cell_text(cell)
    if _BEDRIDDEN.search(folded(text)):
        return Checked(True, rest=text)
    answer = yes_or_no(text, field)
    return answer if answer.value is None else Checked(not answer.value)


_SUPPORT_WORDS = (
    ("medicine", r"thuoc"),
    ("food", r"luong thuc|thuc pham|gao|an uong|mi goi|sua|nhu yeu pham"),
    ("referral", r"chuyen vien|nhap vien|di vien|cap cuu|kham benh|chuyen tuyen"),
    ("money", r"tien|kinh phi|tien mat|tro cap"),
)


def support_kind(text: str) -> str:
    """``medicine``, ``food``, ``referral``, ``money`` or ``other`` for the words of one need."""
    plain = folded(text)
    return next((kind for kind, words in _SUPPORT_WORDS if re.search(rf"\b(?:{words})\b", plain)), "other")


def support_needs(cell: Cell) -> list[tuple[str, str]]:
    """The needs of a cell "nhu cầu hỗ trợ", each as (kind, words); "không" is no need."""
    text = cell_text(cell)
    pieces = [piece.strip(" .") for piece in re.split(r"[,;+/]|\bvà\b", text)]
    return [(support_kind(piece), piece) for piece in pieces if piece and not says_nothing(piece)]


def unknown_word(field: str) -> FieldProblem:
    """A doubt for a word that no code holds and that was kept in the note instead."""
    return FieldProblem(field, "import.word_kept_in_note")
