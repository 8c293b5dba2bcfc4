"""A made-up ward: households and persons that never lived, for the sample list, the demo and the bench.

Names are put together at random; the subscriber part of every telephone begins with 000 and the last six
digits of every personal number with 99, so that none is likely to belong to anyone. The same seed gives
the same ward.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tui_app.intake import made_up_words as words

COMMUNE_CODE = "27211"
COMMUNE_NAME = "Phường Hòa Bình"
UNITS = tuple(f"Khu phố {number}" for number in range(1, 7))
LIST_DAY = date(2026, 11, 5)


@dataclass(slots=True)
class MadeUpPerson:
    """A person who never lived. ``relation``: to the head of the household, "Chủ hộ" for the head."""

    full_name: str
    sex: str
    born: date
    relation: str
    national_id: str | None = None
    insurance_number: str | None = None
    phone: str | None = None
    ethnicity: str = "Kinh"
    conditions: list[str] = field(default_factory=list)
    treated_at: str | None = None
    doses: int = 0
    last_dose_on: date | None = None
    unvaccinated_reason: str | None = None
    can_move: bool = True
    carer: str | None = None
    occupation: str | None = None
    support: str | None = None
    pregnant: bool = False


@dataclass(slots=True)
class MadeUpHousehold:
    """A made-up household. ``unit``: from 1, an index into `UNITS`; ``group``: number of its tổ;
    ``number``: house number.

    ``alley``: "hẻm 45 Lạc Long Quân" or the street.
    """

    unit: int
    group: int
    code: int
    number: str
    alley: str
    persons: list[MadeUpPerson]

    @property
    def address(self) -> str:
        """House number and alley, as people write it."""
        return f"{self.number} {self.alley}"


class _Maker:
    def __init__(self, seed: int, on: date) -> None:
        self.random = Random(seed)
        self.on = on
        self.numbers: set[str] = set()

    def pick(self, table: tuple[tuple[str, int], ...]) -> str:
        return self.random.choices([word for word, _ in table], [weight for _, weight in table])[0]

    def born(self, low: int, high: int) -> date:
        """A birth day that makes the person ``low`` to ``high`` completed years old."""
        return self.on - timedelta(days=self.random.randint(low * 365 + low // 4 + 1, (high + 1) * 365))

    def unique(self, start: str, digits: int) -> str:
        while True:
            number = start + str(self.random.randrange(10**digits)).rjust(digits, "0")
            if number not in self.numbers:
                self.numbers.add(number)
                return number

    def person(self, family: str, sex: str, born: date, relation: str, ethnicity: str) -> MadeUpPerson:
        random = self.random
        name = " ".join((family, random.choice(words.MIDDLE[sex]), random.choice(words.GIVEN[sex])))
        age = (self.on - born).days // 365
        made = MadeUpPerson(name, sex, born, relation, ethnicity=ethnicity)
        century = (0 if born.year < 2000 else 2) + (sex == "female")
        if age > 0 and random.random() < 0.93:
            made.national_id = self.unique(
                f"{random.choice(words.PROVINCES)}{century}{born.year % 100:02d}99", 4
            )
        if random.random() < 0.6:
            kind = "TE1" if age < 6 else "HS4" if age < 22 else random.choice(("DN4", "GD4", "HT3", "BT2"))
            made.insurance_number = kind + "79" + self.unique("79", 8)
        if age >= 15 and random.random() < 0.75:
            made.phone = self.unique("0" + random.choice(words.PHONE_PREFIXES) + "000", 4)
        self.health(made, age)
        return made

    def health(self, made: MadeUpPerson, age: int) -> None:
        random = self.random
        likely = 0.02 if age < 18 else 0.06 if age < 40 else 0.25 if age < 60 else 0.62
        if random.random() < likely:
            count = 1 if age < 60 else random.choices((1, 2, 3), (6, 3, 1))[0]
            said = ["hen PQ"] if age < 18 else [self.pick(words.DISEASES) for _ in range(count)]
            made.conditions = list(dict.fromkeys(said))
            if random.random() < 0.7:
                made.treated_at = random.choice(words.PLACES)
        made.doses = 0 if age < 5 else random.choices((0, 1, 2, 3, 4), (6, 4, 25, 45, 20))[0]
        if 5 <= age < 18:
            made.doses = min(made.doses, 3)
        if made.doses:
            made.last_dose_on = date(2021, 7, 20) + timedelta(
                days=200 * (made.doses - 1) + random.randrange(120)
            )
        elif age >= 5:
            made.unvaccinated_reason = random.choice(words.REASONS)
        if age >= 75 and random.random() < 0.35:
            made.can_move = False
            made.carer = random.choice(("con gái", "con trai", "con dâu", "cháu", "vợ/chồng"))
        made.pregnant = made.sex == "female" and 20 <= age <= 40 and random.random() < 0.04
        if 18 <= age < 65 and random.random() < 0.8:
            made.occupation = random.choice(words.JOBS)
        elif 6 <= age < 18:
            made.occupation = "Học sinh"
        if random.random() < 0.03:
            made.support = random.choice(words.NEEDS)

    def family(self) -> list[MadeUpPerson]:
        """One household: an elder alone, a couple, a family of two or three generations, or lodgers."""
        random = self.random
        name, other = (random.choices(words.FAMILY, words.FAMILY_WEIGHTS)[0] for _ in range(2))
        ethnicity = self.pick(words.ETHNIC)
        kind = random.choices(("alone", "couple", "family", "three", "lodgers"), (8, 14, 46, 26, 6))[0]

        def one(family: str, sex: str, low: int, high: int, relation: str) -> MadeUpPerson:
            return self.person(family, sex, self.born(low, high), relation, ethnicity)

        sexes = ("male", "female")
        if kind == "alone":
            return [one(name, random.choice(sexes), 62, 90, "Chủ hộ")]
        if kind == "lodgers":
            lodgers = [one(name, random.choice(sexes), 19, 40, "Chủ hộ")]
            for _ in range(random.randint(1, 3)):
                lodgers.append(one(random.choice(words.FAMILY), random.choice(sexes), 19, 40, "Ở trọ"))
            return lodgers
        low = {"couple": 50, "family": 31, "three": 55}[kind]
        household = [
            one(name, "male", low, low + 24, "Chủ hộ"),
            one(other, "female", low - 3, low + 18, "Vợ"),
        ]
        if kind == "family":
            for _ in range(random.choices((1, 2, 3, 4), (30, 48, 17, 5))[0]):
                household.append(one(name, random.choice(sexes), 0, 17, "Con"))
            if random.random() < 0.25:
                household.append(one(name if random.random() < 0.6 else other, "female", 62, 93, "Mẹ"))
        if kind == "three":
            household.append(one(name, "male", 26, 42, "Con"))
            household.append(one(random.choice(words.FAMILY), "female", 24, 40, "Con dâu"))
            for _ in range(random.choices((1, 2, 3), (45, 45, 10))[0]):
                household.append(one(name, random.choice(sexes), 0, 15, "Cháu"))
        return household


def made_up_households(seed: int = 27211, on: date = LIST_DAY) -> Iterator[MadeUpHousehold]:
    """Households without end, unit after unit in small lots; take as many as needed. ``on``: the day ages
    refer to."""
    maker = _Maker(seed, on)
    random = maker.random
    codes = [0] * len(UNITS)
    while True:
        for unit, streets in enumerate(words.STREETS, 1):
            for _ in range(12):
                codes[unit - 1] += 1
                street = random.choice(streets)
                number = str(random.randint(2, 480))
                alley = street
                style = random.random()
                if style < 0.45:
                    alley = f"hẻm {random.choice((15, 45, 62, 108, 171, 230))} {street}"
                    number = str(random.randint(1, 60)) + random.choice(
                        ("", "", "", "A", f"/{random.randint(1, 24)}")
                    )
                elif style < 0.7:
                    number = f"{random.choice((15, 45, 62, 108, 171, 230))}/{random.randint(1, 60)}"
                yield MadeUpHousehold(
                    unit, (codes[unit - 1] - 1) % 6 + 1, codes[unit - 1], number, alley, maker.family()
                )


def made_up_ward(persons: int, seed: int = 27211, on: date = LIST_DAY) -> list[MadeUpHousehold]:
    """Whole households until there are at least ``persons`` persons, sorted by unit, group and number of
    the list."""
    found: list[MadeUpHousehold] = []
    count = 0
    for household in made_up_households(seed, on):
        if count >= persons:
            break
        found.append(household)
        count += len(household.persons)
    found.sort(key=lambda household: (household.unit, household.group, household.code))
    return found


def list_row(ordinal: int, household: MadeUpHousehold, person: MadeUpPerson) -> list[Any]:
    """The cells of a person in the order of `BIG_TITLES`; the household's cells only in the row of its
    head."""
    first = person is household.persons[0]
    return [
        ordinal,
        household.code if first else None,
        person.full_name,
        person.relation,
        person.born.strftime("%d/%m/%Y"),
        "Nam" if person.sex == "male" else "Nữ",
        person.national_id,
        person.insurance_number,
        f"{household.address}, Tổ {household.group}, {UNITS[household.unit - 1]}" if first else None,
        person.phone,
        person.ethnicity,
        ", ".join([*person.conditions, *(["mang thai"] if person.pregnant else [])]) or None,
        person.treated_at,
        person.doses,
        person.unvaccinated_reason,
        None if person.can_move else "không",
        person.carer,
        person.occupation,
        person.support,
    ]


BIG_TITLES = (
    "STT",
    "Hộ số",
    "Họ và tên",
    "Quan hệ với chủ hộ",
    "Ngày sinh",
    "Giới tính",
    "Số CCCD",
    "Thẻ BHYT",
    "Địa chỉ",
    "Điện thoại",
    "Dân tộc",
    "Bệnh nền",
    "Nơi đang điều trị",
    "Số mũi đã tiêm",
    "Lý do chưa tiêm",
    "Tự đi lại được không",
    "Người chăm sóc",
    "Nghề nghiệp",
    "Nhu cầu hỗ trợ",
)


def make_big(persons: int, path: Path, seed: int = 27211) -> int:
    """Write a list of at least ``persons`` made-up persons, one group title a unit; answers how many there
    are.

    The file name tells the kind: ``.csv`` (five times as fast) or ``.xlsx``.
    """
    rows = _big_rows(made_up_ward(persons, seed))
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(rows)
    else:
        _write_workbook(path, rows)
    return int(rows[-1][0])


def _big_rows(ward: list[MadeUpHousehold]) -> list[list[Any]]:
    rows: list[list[Any]] = [
        [f"UBND {COMMUNE_NAME.upper()}"],
        ["DANH SÁCH HỘ GIA ĐÌNH (DỮ LIỆU MINH HỌA)"],
        [],
    ]
    rows.append(list(BIG_TITLES))
    ordinal = unit = 0
    for household in ward:
        if household.unit != unit:
            unit = household.unit
            rows.append([UNITS[unit - 1].upper()])
        for person in household.persons:
            ordinal += 1
            rows.append(list_row(ordinal, household, person))
    return rows


def _write_workbook(path: Path, rows: list[list[Any]]) -> None:
    import xlsxwriter

    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet("Danh sách")
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(row, column, cell)
            elif cell is not None:
                sheet.write_string(row, column, cell)
    book.close()
