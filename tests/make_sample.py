"""Makes ``assets/samples/danh_sach_phuong_mau.xlsx``: a made-up ward list as messy as the real ones.

Run ``python -m tests.make_sample``. The same seed gives the same cells. What is wrong on purpose is in
`SPOILED`, and tests count on it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from tui_app.intake.made_up import LIST_DAY, UNITS, MadeUpHousehold, MadeUpPerson, made_up_ward

TARGET = Path(__file__).resolve().parent.parent / "assets" / "samples" / "danh_sach_phuong_mau.xlsx"
PERSONS = 300
SEED = 27211
PAGE_ROWS = 46

# Upper title, lower title, width of the column.
TITLES = (
    ("STT", "", 5),
    ("Hộ số", "", 6),
    ("Họ và tên", "", 24),
    ("Quan hệ với chủ hộ", "", 10),
    ("Năm sinh", "Nam", 11),
    ("Năm sinh", "Nữ", 11),
    ("Số CCCD/CMND", "", 15),
    ("Thẻ BHYT", "", 18),
    ("Địa chỉ", "Số nhà, đường (hẻm)", 26),
    ("Địa chỉ", "Tổ", 5),
    ("Điện thoại", "", 14),
    ("Dân tộc", "", 8),
    ("Bệnh nền", "", 22),
    ("Nơi đang điều trị", "", 16),
    ("Tiêm vắc xin", "Số mũi", 7),
    ("Tiêm vắc xin", "Ngày tiêm mũi cuối", 12),
    ("Lý do chưa tiêm", "", 16),
    ("Tự đi lại được không", "", 9),
    ("Người sống chung / chăm sóc", "", 12),
    ("XN (loại, ngày, kết quả)", "", 20),
    ("Nhu cầu hỗ trợ", "", 16),
    ("Ghi chú", "", 18),
)
# Ordinal of the person in the list -> (column, cell): one wrong cell a row.
SPOILED: dict[int, tuple[int, Any]] = {
    23: (4, "31/02/1961"),
    57: (2, None),
    98: (10, "09O3 000 12b"),
    131: (6, "7.90541E+10"),
    176: (5, "15/13/1988"),
    204: (4, 1889),
}


@dataclass
class _Styles:
    """Cell formats of the workbook."""

    title: Any
    plain: Any
    head: Any
    cell: Any
    date: Any
    unit: Any


@dataclass
class _ListSheet:
    """Writes the first sheet and remembers where it is. ``repeated``: persons of whom a second row is
    written."""

    sheet: Any
    styles: _Styles
    random: Random
    row: int = 0
    ordinal: int = 0
    since_heading: int = 0
    written: dict[int, tuple[MadeUpHousehold, MadeUpPerson]] = field(default_factory=dict)

    def titles(self) -> None:
        """The two title rows with their merges, and the row of column numbers."""
        top = self.row
        column = 0
        while column < len(TITLES):
            upper, lower, _ = TITLES[column]
            last = column
            while last + 1 < len(TITLES) and lower and TITLES[last + 1][0] == upper:
                last += 1
            if lower:
                self.sheet.merge_range(top, column, top, last, upper, self.styles.head)
                for index in range(column, last + 1):
                    self.sheet.write(top + 1, index, TITLES[index][1], self.styles.head)
            else:
                self.sheet.merge_range(top, column, top + 1, column, upper, self.styles.head)
            column = last + 1
        for index in range(len(TITLES)):
            self.sheet.write(top + 2, index, f"({index + 1})", self.styles.head)
        self.row += 3
        self.since_heading = 0

    def unit(self, text: str) -> None:
        """A row that names the unit of the rows below it."""
        self.sheet.merge_range(self.row, 0, self.row, len(TITLES) - 1, text, self.styles.unit)
        self.row += 1

    def page_break(self) -> None:
        """A blank row, the page number and the titles again."""
        self.row += 1
        self.sheet.write(self.row, len(TITLES) - 1, f"Trang {self.ordinal // 40 + 1}", self.styles.plain)
        self.row += 1
        self.titles()

    def household(self, household: MadeUpHousehold) -> None:
        """The rows of one household; its number and address are merged over them when there are several."""
        if self.since_heading + len(household.persons) > PAGE_ROWS:
            self.page_break()
        first = self.row
        for person in household.persons:
            self.ordinal += 1
            self.written[self.ordinal] = (household, person)
            cells = messy_cells(self.ordinal, household, person, self.random)
            if self.ordinal in SPOILED:
                column, cell = SPOILED[self.ordinal]
                if column in (4, 5):
                    cells[4] = cells[5] = None
                cells[column] = cell
            for column, cell in enumerate(cells):
                self._write(column, cell)
            self.row += 1
        self.since_heading += len(household.persons)
        for column, cell in ((1, household.code), (8, messy_address(household)), (9, household.group)):
            if len(household.persons) > 1:
                self.sheet.merge_range(first, column, self.row - 1, column, cell, self.styles.cell)
            else:
                self._write(column, cell, first)

    def _write(self, column: int, cell: Any, row: int | None = None) -> None:
        row = self.row if row is None else row
        if isinstance(cell, datetime):
            self.sheet.write_datetime(row, column, cell, self.styles.date)
        elif isinstance(cell, str):
            self.sheet.write_string(row, column, cell, self.styles.cell)
        elif cell is None:
            self.sheet.write_blank(row, column, None, self.styles.cell)
        else:
            self.sheet.write_number(row, column, cell, self.styles.cell)


def messy_name(person: MadeUpPerson, random: Random) -> str:
    """The name as it stands in lists: often in capitals, sometimes decomposed, sometimes with stray
    spaces."""
    style = random.random()
    if style < 0.3:
        return person.full_name.upper()
    if style < 0.42:
        return unicodedata.normalize("NFD", person.full_name)
    if style < 0.48:
        return f" {person.full_name.replace(' ', '  ', 1)} "
    return person.full_name


def messy_birth(person: MadeUpPerson, random: Random) -> Any:
    """A birth as a real date, text in several styles, or only the year (older people)."""
    born = person.born
    old = born.year < 1965
    styles: list[Callable[[], Any]] = [
        lambda: datetime(born.year, born.month, born.day),
        lambda: born.strftime("%d/%m/%Y"),
        lambda: f"{born.day}/{born.month}/{born.year}",
        lambda: born.strftime("%d-%m-%Y"),
        lambda: born.strftime("%d.%m.%Y"),
        lambda: born.year,
        lambda: str(born.year),
    ]
    weights = [6, 5, 4, 2, 1, 12 if old else 1, 6 if old else 0]
    return random.choices(styles, weights)[0]()


def messy_number(number: str | None, random: Random) -> Any:
    """A long number as text, as text with a stray sign, or as a float that lost its zeros."""
    if number is None:
        return None
    style = random.random()
    if style < 0.35 and number.isdigit():
        return float(number)
    return f"'{number}" if style < 0.4 else number


def messy_phone(person: MadeUpPerson, random: Random) -> Any:
    """A telephone in the styles of lists, at times two in a cell."""
    number = person.phone
    if number is None:
        return random.choice((None, None, None, "không"))
    style = random.random()
    if style < 0.25:
        return float(number)
    if style < 0.4:
        return f"{number[:4]} {number[4:7]} {number[7:]}"
    if style < 0.5:
        return f"{number[:4]}.{number[4:7]}.{number[7:]}"
    if style < 0.56:
        return f"{number} - 0{random.choice((903, 918, 976))}000{random.randrange(10**3):03d}"
    if style < 0.6:
        return f"+84{number[1:]}"
    if style < 0.63:
        return f"{number} (con gái)"
    return number


def messy_address(household: MadeUpHousehold) -> str:
    """House number and alley, with the word "Số" before some."""
    return f"Số {household.address}" if household.code % 3 == 0 else household.address


def messy_cells(ordinal: int, household: MadeUpHousehold, person: MadeUpPerson, random: Random) -> list[Any]:
    """The cells of a person in the order of `TITLES`; those of the household are written by the sheet."""
    born = messy_birth(person, random)
    male = person.sex == "male"
    diseases = ", ".join(person.conditions)
    if person.pregnant:
        diseases = "đang mang thai"
    test = None
    if random.random() < 0.12:
        day = f"{random.randint(1, 28):02d}/10/2026"
        test = random.choice(
            (f"test nhanh {day} âm tính", f"Test nhanh (-) {day}", "âm tính", f"PCR {day} (-)")
        )
    last_dose = person.last_dose_on
    return [
        ordinal,
        None,
        messy_name(person, random),
        person.relation,
        born if male else None,
        None if male else born,
        messy_number(person.national_id, random),
        person.insurance_number,
        None,
        None,
        messy_phone(person, random),
        person.ethnicity,
        diseases or (random.choice((None, None, "không", "Không")) if not person.conditions else None),
        person.treated_at,
        person.doses if random.random() < 0.85 else f"{person.doses} mũi",
        last_dose
        and (
            datetime(*last_dose.timetuple()[:3]) if random.random() < 0.5 else last_dose.strftime("%d/%m/%Y")
        ),
        person.unvaccinated_reason,
        "x" if person.can_move else random.choice(("không", "nằm liệt")),
        person.carer,
        test,
        person.support,
        random.choice(("đi làm xa, về cuối tuần", "tạm trú", "nhà có chó dữ"))
        if random.random() < 0.05
        else None,
    ]


FLAT_TITLES = (
    *("TT", "Họ tên người thuộc nhóm nguy cơ", "Ngày, tháng, năm sinh", "Giới tính", "CCCD"),
    *(
        "Địa chỉ (số nhà, đường, tổ, khu phố)",
        "Số điện thoại",
        "Bệnh nền",
        "Số mũi đã tiêm",
        "Người cao tuổi",
        "Ghi chú",
    ),
)


def write_flat_sheet(book: Any, styles: _Styles, households: list[MadeUpHousehold], random: Random) -> int:
    """The second sheet: a list of persons with whole addresses, one title row, no merges. Answers how many
    there are."""
    sheet = book.add_worksheet("KP6 nhóm nguy cơ")
    sheet.set_column(1, 1, 24)
    sheet.set_column(2, 10, 15)
    sheet.set_column(5, 5, 44)
    sheet.write(0, 0, "DANH SÁCH NGƯỜI DÂN VÀ NHÓM NGUY CƠ KHU PHỐ 6", styles.title)
    for column, title in enumerate(FLAT_TITLES):
        sheet.write(2, column, title, styles.head)
    row = 2
    for household in households:
        address = f"Số {household.number} {household.alley}, Tổ {household.group}, KP {household.unit}"
        for person in household.persons:
            row += 1
            old = (LIST_DAY - person.born).days >= 60 * 365.25
            cells = [
                row - 2,
                messy_name(person, random),
                messy_birth(person, random),
                "Nam" if person.sex == "male" else random.choice(("Nữ", "nữ", "Nu")),
                person.national_id,
                address,
                person.phone,
                "; ".join(person.conditions) or None,
                person.doses,
                "x" if old else None,
                "chủ hộ" if person.relation == "Chủ hộ" else None,
            ]
            for column, cell in enumerate(cells):
                if isinstance(cell, datetime):
                    sheet.write_datetime(row, column, cell, styles.date)
                elif cell is not None:
                    sheet.write(row, column, cell, styles.cell)
    sheet.write(row + 2, 1, f"Tổng cộng: {row - 2} người", styles.plain)
    return row - 2


def write_sample(path: Path = TARGET) -> None:
    """Write the sample list. The same cells every time."""
    random = Random(SEED)
    ward = made_up_ward(PERSONS, SEED)
    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"title": "Danh sách mẫu (dữ liệu minh họa)", "created": datetime(2026, 11, 5, 8)})
    base = {"font_name": "Times New Roman", "font_size": 11}
    box = {**base, "border": 1, "valign": "vcenter", "text_wrap": True}
    styles = _Styles(
        title=book.add_format({**base, "bold": True, "font_size": 13, "align": "center"}),
        plain=book.add_format({**base, "italic": True}),
        head=book.add_format({**box, "bold": True, "align": "center"}),
        cell=book.add_format(box),
        date=book.add_format({**box, "num_format": "dd/mm/yyyy"}),
        unit=book.add_format({**box, "bold": True, "bg_color": "#DDDDDD"}),
    )
    sheet = book.add_worksheet("Danh sách hộ")
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    for column, (_, _, width) in enumerate(TITLES):
        sheet.set_column(column, column, width)
    sheet.merge_range(0, 0, 0, 5, "UỶ BAN NHÂN DÂN", styles.title)
    sheet.merge_range(1, 0, 1, 5, "PHƯỜNG HÒA BÌNH", styles.title)
    sheet.merge_range(0, 10, 0, 21, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", styles.title)
    sheet.merge_range(1, 10, 1, 21, "Độc lập – Tự do – Hạnh phúc", styles.title)
    sheet.merge_range(3, 0, 3, 21, "DANH SÁCH HỘ GIA ĐÌNH VÀ NGƯỜI THUỘC NHÓM NGUY CƠ", styles.title)
    sheet.merge_range(
        4, 0, 4, 21, "(Dữ liệu minh họa, không có người thật. Lập ngày 05/11/2026)", styles.plain
    )
    listing = _ListSheet(sheet, styles, random, row=6)
    listing.titles()
    unit = 0
    for household in ward:
        if household.unit == len(UNITS):
            continue
        if household.unit != unit:
            unit = household.unit
            listing.unit(f"{('I', 'II', 'III', 'IV', 'V')[unit - 1]}. {UNITS[unit - 1].upper()}")
        listing.household(household)
    write_repeated(listing)
    sheet.write(listing.row + 1, 2, f"Tổng cộng: {listing.ordinal} người", styles.title)
    sheet.write(listing.row + 3, 16, "Hòa Bình, ngày 05 tháng 11 năm 2026", styles.plain)
    sheet.write(listing.row + 4, 2, "Người lập bảng", styles.title)
    sheet.write(listing.row + 4, 16, "TM. UỶ BAN NHÂN DÂN PHƯỜNG", styles.title)
    sheet.write(listing.row + 8, 2, "(Ký, ghi rõ họ tên)", styles.plain)
    write_flat_sheet(book, styles, [household for household in ward if household.unit == len(UNITS)], random)
    notes = book.add_worksheet("Hướng dẫn")
    notes.write(0, 0, "Ghi đầy đủ các cột; người mới chuyển đến ghi xuống cuối danh sách của khu phố.")
    book.close()


def write_repeated(listing: _ListSheet) -> None:
    """Three persons written a second time at another door, as happens when a list is put together by
    several hands.

    Two have the same personal number; the third has none and one letter less in the name.
    """
    found = [p for _, p in listing.written.values() if p.national_id and p.phone and p.born.year < 1990]
    twice = (found[4], found[40], replace(found[60], national_id=None, full_name=found[60].full_name[:-1]))
    doors = (("77", "Âu Cơ"), ("5A", "hẻm 15 Đội Cung"), ("230/9", "Minh Phụng"))
    for code, (person, (number, street)) in enumerate(zip(twice, doors, strict=True), 91):
        listing.household(MadeUpHousehold(5, 1, code, number, street, [person]))


if __name__ == "__main__":
    write_sample()
