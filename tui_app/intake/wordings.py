"""What column titles of ward lists are called (forms 5.1 and 5.2 of domain/rules.md §5), without case and
marks.

Two pairs of words fall together when the marks go, and both matter here: *năm* (year) and *nam* (male),
*hộ* (household) and *họ* (family name). They are told apart before folding: ``yr`` and ``hh`` stand for
*năm* and *hộ*.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tui_app.text import fold, nfc

_HH = "(?:hh|ho)"
_YR = "(?:yr|nam)"
_BIRTH = rf"(?:(?:ngay|thang|{_YR})(?: thang)?(?: {_YR})? sinh|ntns|sinh {_YR}|sn|ns|dob|ngaysinh|{_YR}sinh)"
_PHONE = r"(?:dien thoai|dthoai|sdt|so dt|dt|dtdd|dt lien he|lien lac|phone|so lien he)"

# The first that matches wins. A pattern with ">" looks at "title above > title below".
_TITLES: tuple[tuple[str, str], ...] = (
    ("ordinal", r"(?:stt|tt|so tt|so thu tu|thu tu|s t t|no)$"),
    ("keep", r"(?:ngay|noi) cap\b"),
    ("keep", rf".*\b{_PHONE}\b.*(?:cham soc|nguoi than|giam ho|khao sat|dieu tra)"),
    ("household_phone", rf".*\b{_PHONE}\b.*\b(?:chu {_HH}|{_HH} gia dinh)"),
    ("phone", rf".*\b{_PHONE}\b"),
    ("keep", r".*\b(?:nguoi|can bo) (?:khao sat|dieu tra|lap|nhap)|ngay (?:khao sat|dieu tra)|ky ten|chu ky"),
    (
        "household_code",
        rf"(?:so (?:tt )?hh|so ho|ma {_HH}|hh so|ma so {_HH}|stt {_HH}|tt {_HH}|{_HH} gia dinh so)\b",
    ),
    ("household_code", rf"(?:so (?:thu tu )?{_HH}(?: khau| gia dinh)?|ma {_HH} gia dinh|so phieu|hh)$"),
    ("relation_to_head", rf"(?:moi )?(?:quan he|qh)\b.*|la gi (?:voi|cua) chu {_HH}"),
    (
        "household_head",
        rf"(?:(?:ho )?(?:va )?ten )?(?:cua )?chu {_HH}\b.*|ho (?:va )?ten chu {_HH}.*|{_HH} ong ba",
    ),
    ("carer", r".*(?:nguoi cham soc|nguoi song chung|song cung|song chung|nguoi nuoi duong|nguoi giam ho).*"),
    ("family_name", r"(?:ho (?:va )?(?:ten )?(?:dem|chu lot|lot|chu dem)|ho va ten lot|ho)$"),
    (
        "full_name",
        r"(?:ho (?:va )?ten|hoten)(?: (?:day du|khai sinh"
        r"|nguoi.*|nhan khau|thanh vien.*|cong dan|benh nhan))?$",
    ),
    (
        "full_name",
        r"(?:ten|ten nguoi.*|ten day du|full name|name|nhan khau"
        r"|thanh vien(?: .*)?|ho ten (?!cha|me|bo|vo|chong|con).*)$",
    ),
    ("birth_day", rf"{_BIRTH} > ngay$"),
    ("birth_month", rf"{_BIRTH} > thang$"),
    ("birth_year", rf"{_BIRTH} > yr$"),
    ("male", rf"(?:(?:{_BIRTH}|gioi.*|phai|tuoi.*) > )?nam(?: gioi)?$"),
    ("female", rf"(?:(?:{_BIRTH}|gioi.*|phai|tuoi.*) > )?nu(?: gioi)?$"),
    ("sex", r"(?:gioi|gioi tinh|phai|gt|sex|gender|nam nu|gioi tinh nam nu|gioi nam nu)$"),
    ("birth_date", rf".*\b{_BIRTH}\b.*"),
    ("age", r"(?:tuoi|so tuoi|do tuoi|age)$"),
    ("national_id", r".*\b(?:cccd|cmnd|cmt|cmtnd|dinh danh|can cuoc|giay to tuy than|so giay to)\b.*"),
    ("insurance_number", r".*\b(?:bhyt|bao hiem y te|bhxh|the bh)\b.*"),
    ("unvaccinated_reason", r".*\bly do\b.*\btiem\b.*|(?:tiem|vac ?xin|vaccine).* > ly do.*"),
    ("contraindicated", r".*\bchong chi dinh\b.*"),
    (
        "reported_doses",
        r"(?:.* > )?(?:tong )?so (?:mui|lieu)\b.*|(?:da tiem may mui|tinh trang tiem.*|da tiem)$",
    ),
    ("dose", r"(?:.* > )?(?:ngay (?:tiem )?)?(?:mui|lieu|lan)(?: (?:tiem|thu))? ?(?:so )?\d.*"),
    ("dose", r"(?:tiem|vac ?xin|vaccine|ngay tiem).* > \d$"),
    ("test_date", r"(?:xet nghiem|xn|test).* > (?:ngay|thoi gian).*|ngay (?:xet nghiem|xn|test|lay mau)\b.*"),
    ("test_result", r"(?:xet nghiem|xn|test).* > (?:ket qua|kq).*"),
    (
        "test_method",
        r"(?:xet nghiem|xn|test).* > (?:loai|phuong phap|hinh thuc).*|loai (?:xet nghiem|xn|test)$",
    ),
    ("test", r"(?:ket qua |kq )?(?:xet nghiem|xn|test)\b(?!.*>).*"),
    (
        "mobility_limited",
        r".*(?:(?:kho khan|han che|kho)\b.*\bdi lai|di lai (?:kho|han che)|nam liet|nam mot cho).*",
    ),
    ("can_move", r".*\bdi lai\b.*|kha nang van dong.*"),
    ("treated_at", r".*\b(?:noi|co so|benh vien)\b.*\b(?:dieu tri|kham|kcb|theo doi)\b.*|dieu tri tai.*"),
    (
        "conditions",
        r".*\bbenh (?:ly )?nen\b.*|(?:tien su )?(?:benh|benh "
        r"man tinh|benh ly|benh kem theo)$|tien su.*benh.*",
    ),
    ("conditions", r"tinh trang benh.*|benh (?:dang mac|man tinh|ly).*"),
    ("risk_pregnant", r".*\b(?:mang|co) thai\b.*|thai phu|pnmt"),
    ("risk_disabled", r".*\b(?:khuyet|tan) tat\b.*"),
    ("risk_orphan", r".*\bmo coi\b.*"),
    ("risk_no_support", r".*\b(?:noi nuong tua|neo don)\b.*"),
    ("risk_migrant_worker", r".*\b(?:di cu|ngoai tinh|nhap cu)\b.*"),
    ("risk_ethnic_minority", r".*\bdan toc thieu so\b.*|dtts"),
    ("risk_elderly", r".*\b(?:nguoi )?cao tuoi\b.*|(?:tu |tren )\d\d tuoi.*"),
    ("ethnicity", r"(?:dan toc|thanh phan dan toc|dt thieu so)\b.*"),
    ("occupation", r"(?:nghe nghiep|nghe|cong viec|viec lam)\b.*"),
    (
        "residence_type",
        rf"(?:tinh trang |loai |dien )(?:cu tru|{_HH} khau).*|(?:thuong|tam) tru (?:thuong|tam) tru.*|kt$",
    ),
    ("support", r".*\b(?:nhu cau|can ho tro|de nghi ho tro|ho tro)\b.*"),
    ("risk_group", r"(?:nhom|doi tuong|dien)\b.*"),
    ("house_number", r"(?:.* > )?so nha$"),
    (
        "street",
        r"(?:.* > )?(?:ten )?(?:duong|pho|hem|ngo|duong pho|duong hem|hem duong|duong hem ngo|ngo hem)$",
    ),
    ("group", r"(?:.* > )?(?:to|to so|so to|to dp|to dan pho|tdp|to nhan dan|to dan cu)$"),
    (
        "unit",
        r"(?:.* > )?(?:khu pho|kp|khu|khu vuc|thon|ap|ban|buon"
        r"|khom|xom|khu dan cu|dia ban)(?: (?:ap|thon|to|ban).*)?$",
    ),
    ("unit", r"(?:.* > )?(?:thon|ap|khu pho|to dan pho) .*(?:khu pho|to dan pho|ap|ban|khom)$"),
    (
        "keep",
        r"(?:.* > )?(?:phuong|xa|quan|huyen|tinh|thanh pho|phuong xa|xa phuong|quan huyen|tinh thanh pho)$",
    ),
    (
        "address",
        r"(?:dia chi|noi o|cho o|noi cu tru|noi thuong tru|noi tam tru|dc|so nha|address|hh khau)\b.*",
    ),
    ("note", r"(?:ghi chu|chu thich|luu y|note|ghi chu khac|khac)$"),
)
_COMPILED = tuple((kind, re.compile(pattern)) for kind, pattern in _TITLES)

KINDS: tuple[str, ...] = tuple(dict.fromkeys(kind for kind, _ in _TITLES))
"""Everything a column can be; ``--map`` uses these names. ``keep``: known, goes to the note with its
title."""

_YEAR_WORD = re.compile(r"\bnăm\b")
_HOUSEHOLD_WORD = re.compile(r"\bhộ\b")
_BRACKETS = re.compile(r"\([^)]*\)")
_NOT_WORDS = re.compile(r"[^\w>]+|_")


@lru_cache(4096)
def normal_title(title: str) -> str:
    """A title for comparing: small letters without marks and signs, ``yr`` for năm, ``hh`` for hộ, no
    brackets."""
    text = nfc(title).lower()
    text = _HOUSEHOLD_WORD.sub("hh", _YEAR_WORD.sub("yr", text))
    shorter = _BRACKETS.sub(" ", text)
    return " ".join(_NOT_WORDS.sub(" ", fold(shorter if shorter.strip() else text)).split())


@lru_cache(4096)
def kind_of(title: str) -> str | None:
    """The kind of a column from one title line, or None when no wording is known."""
    normal = normal_title(title)
    if not normal or len(normal) > 90:
        return None
    return next(
        (kind for kind, pattern in _COMPILED if pattern.fullmatch(normal) or pattern.match(normal)), None
    )


def kind_of_pair(above: str, below: str) -> str | None:
    """The kind of a column under a shared title: by both lines, by the lower alone, then by the upper
    alone."""
    pair = f"{normal_title(above)} > {normal_title(below)}"
    both = next((kind for kind, pattern in _COMPILED if ">" in pattern.pattern and pattern.match(pair)), None)
    return both or kind_of(below) or kind_of(above)


def dose_number(title: str) -> int | None:
    """The n of a title "Mũi n"."""
    digits = re.findall(r"\d", normal_title(title))
    return int(digits[-1]) if digits else None
