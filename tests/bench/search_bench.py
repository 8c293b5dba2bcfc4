"""How quickly a person is found: `measure_search` types realistic queries, key by key, in a made-up ward.

Run ``python -m tests.bench.search_bench [PERSONS ...]``. The comparison is the same queries as
``LIKE '%word%'`` over a folded column, in the same database and the same run.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlcipher3

from sync.protocol import Row
from tui_app.store import cipher, search
from tui_app.store.migrations import migrate
from tui_app.store.rows import table
from tui_app.text import fold, words

_FAMILIES = (
    "Nguyễn 31 Trần 11 Lê 10 Phạm 7 Hoàng 5 Huỳnh 5 Phan 5 Vũ 4 Võ 4 Đặng 3 Bùi 3 Đỗ 2 Hồ 2 Ngô 2 Dương 2 "
    "Lý 1 Trương 1 Đinh 1 Mai 1 Tô 1"
)
_MIDDLE = {
    "male": "Văn 8 Hữu 2 Đức 2 Minh 2 Quang 2 Công 1 Thành 1 Xuân 1 Ngọc 1 Đình 1 Bá 1",
    "female": "Thị 10 Ngọc 3 Thu 1 Kim 1 Thanh 1 Bích 1 Mỹ 1 Hồng 1 Minh 1",
}
_GIVEN = {
    "male": (
        "An Anh Bảo Bình Cường Chiến Công Dũng Duy Đạt Đức Giang Hải Hào Hiếu Hòa Hoàng Huy Hùng Hưng Khánh "
        "Khoa Kiên Lâm Lộc Long Lợi Minh Nam Nghĩa Nhân Phát Phong Phú Phúc Quân Quang Quốc Sơn Sang Tài "
        "Tâm Tân Thắng Thành Thiện Thịnh Tí Tiến Toàn Trí Trung Tú Tuấn Tùng Việt Vinh Vũ Bê Bền"
    ),
    "female": (
        "Anh Ánh Bé Bích Châu Chi Cúc Diễm Dung Duyên Đào Giang Hà Hạnh Hằng Hiền Hoa Hòa Hồng Huệ Hương "
        "Hường Lan Lành Liên Linh Loan Ly Mai Mỹ My Nga Ngân Ngọc Nguyệt Nhàn Nhi Nhung Oanh Phương "
        "Phượng Quyên Sen Tâm Thảo Thanh Thu Thúy Thủy Thương Tiên Trang Trâm Trinh Tuyết Tú Uyên Vân Vy Xuân Yến Bền"
    ),
}
_STREETS = [
    "Lê Lợi",
    "Trần Hưng Đạo",
    "Nguyễn Huệ",
    "Hai Bà Trưng",
    "Lý Thường Kiệt",
    "Nguyễn Trãi",
    "Quang Trung",
    "Phan Chu Trinh",
    "Lê Thánh Tôn",
    "Nguyễn Thị Minh Khai",
    "Điện Biên Phủ",
    "Võ Thị Sáu",
    "Cách Mạng Tháng Tám",
    "Ngô Quyền",
    "Đinh Tiên Hoàng",
    "Bà Triệu",
    "Kim Đồng",
    "Hoàng Hoa Thám",
    "Tô Hiến Thành",
    "Bạch Đằng",
]


def _weighted(text: str) -> list[str]:
    parts = text.split()
    return [name for name, weight in zip(parts[::2], parts[1::2], strict=True) for _ in range(int(weight))]


class MadeUpWard:
    """Persons and households that look like a ward's list; the same seed gives the same people."""

    def __init__(self, persons: int, seed: int = 20) -> None:
        self.random = random.Random(seed)
        self.areas = [self._id() for _ in range(max(1, persons // 700))]
        self.households: list[Row] = []
        self.persons: list[Row] = []
        families = _weighted(_FAMILIES)
        middle = {sex: _weighted(text) for sex, text in _MIDDLE.items()}
        given = {sex: text.split() for sex, text in _GIVEN.items()}
        pick = self.random.choice
        while len(self.persons) < persons:
            household, area = self._id(), pick(self.areas)
            family = pick(families)
            first = len(self.persons)
            for _ in range(min(self.random.choice((2, 3, 4, 4, 5, 6)), persons - first)):
                sex = pick(("male", "female"))
                own = family if self.random.random() < 0.7 else pick(families)
                name = f"{own} {pick(middle[sex])} {pick(given[sex])}"
                self.persons.append(self._person(household, area, name, sex))
            house = str(self.random.randint(1, 400)) + pick(("", "", "", "/2", "/15", "A"))
            body = {
                "code": f"{len(self.households) + 1:05d}",
                "address": f"{house} {pick(_STREETS)}",
                "alley": f"Tổ {self.random.randint(1, 60)}",
                "head": self.persons[first].id,
                "phone": self._phone(),
            }
            self.households.append(self._row("household", household, area, body))

    def _person(self, household: str, area: str, name: str, sex: str) -> Row:
        year = self.random.randint(1930, 2021)
        century = 0 if year < 2000 else 2
        body: dict[str, Any] = {
            "household": household,
            "full_name": name,
            "birth_date": f"{year}-{self.random.randint(1, 12):02d}-{self.random.randint(1, 28):02d}",
            "sex": sex,
            "national_id": f"079{century + (sex == 'female')}{year % 100:02d}{self._digits(6)}",
            "insurance_number": f"79{self._digits(8)}",
            "ethnicity": "01",
            "residence_type": "permanent",
        }
        if self.random.random() < 0.6:
            body["phone"] = self._phone()
        if self.random.random() < 0.02:
            body["moved_on"] = "2022-03-01"
        return self._row("person", self._id(), area, body)

    @staticmethod
    def _row(type_name: str, ident: str, area: str, body: dict[str, Any]) -> Row:
        at, device = "2022-03-01T02:05:00.000Z", "0190c0de-0000-7000-8000-000000000001"
        return Row(
            type=type_name,
            id=ident,
            commune="27211",
            area=area,
            seq=1,
            body=body,
            at=at,
            who="lan",
            device=device,
        )

    def _phone(self) -> str:
        return f"+849{self._digits(8)}"

    def _digits(self, count: int) -> str:
        return f"{self.random.randrange(10**count):0{count}d}"

    def _id(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128)))

    def queries(self, count: int) -> list[str]:
        """What someone types in a day: names with and without marks, addresses, numbers, a mix of them."""
        asked = []
        for number in range(count):
            person = self.random.choice(self.persons).body
            door = self.random.choice(self.households).body
            name, phone = person["full_name"], person.get("phone", "")
            asked.append(
                (
                    fold(name),
                    fold(name),
                    name,
                    fold(name.split()[-1]),
                    name.split()[-1] + " " + name.split()[0],
                    " ".join(word[: self.random.randint(1, 3)] for word in fold(name).split()),
                    fold(door["address"]),
                    door["code"],
                    phone[-4:] or fold(name),
                    "0" + phone[3:] if phone else name.lower(),
                    person["national_id"],
                    fold(name.split()[-1]) + " " + (phone[-4:] or fold(door["address"])),
                )[number % 12]
            )
        return asked


def opened(folder: Path) -> Any:
    """A new encrypted database as the program makes it."""
    c = cipher.open_database(folder / "bench.db", bytes(range(32)), create=True)
    c.row_factory = sqlcipher3.Row
    migrate(c, "2026-11-22T02:00:00.000Z", lambda: None)
    return c


def _prefixes(queries: list[str]) -> Iterator[str]:
    for query in queries:
        for end in range(1, len(query) + 1):
            yield query[:end]


def _percentiles(seconds: list[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(seconds, n=100)
    return round(cuts[49] * 1000, 2), round(cuts[94] * 1000, 2), round(max(seconds) * 1000, 2)


def _like(c: Any, query: str, limit: int) -> int:
    """The comparison: every word anywhere in the folded text, in name order."""
    wanted = [f"%{word}%" for word in words(fold(query))]
    condition = " AND ".join("folded LIKE ?" for _ in wanted) or "1"
    sql = f"SELECT id FROM plain_folded WHERE {condition} ORDER BY name_key LIMIT ?"
    return len(c.execute(sql, (*wanted, limit)).fetchall())


def measure_search(persons: int, queries: int = 200) -> dict[str, Any]:
    """Milliseconds from query to hits for every prefix of the queries, the LIKE scan beside it, and sizes."""
    ward = MadeUpWard(persons)
    with tempfile.TemporaryDirectory() as folder:
        c = opened(Path(folder))
        c.execute("BEGIN IMMEDIATE")
        table("household").upsert(c, ward.households)
        table("person").upsert(c, ward.persons)
        c.execute("COMMIT")
        before = c.execute("PRAGMA page_count").fetchone()[0]
        started = time.perf_counter()
        c.execute("BEGIN IMMEDIATE")
        search.index(c, "household", ward.households)
        search.index(c, "person", ward.persons)
        c.execute("COMMIT")
        built = time.perf_counter() - started
        after = c.execute("PRAGMA page_count").fetchone()[0]
        taken: list[float] = []
        worked: list[float] = []
        slow: list[tuple[float, str]] = []
        for query in _prefixes(ward.queries(queries)):
            started, worked_before = time.perf_counter(), time.process_time()
            search.find(c, query)
            worked.append(time.process_time() - worked_before)
            taken.append(time.perf_counter() - started)
            slow.append((round(taken[-1] * 1000, 1), query))
        p50, p95, most = _percentiles(taken)
        c.execute("CREATE TABLE plain_folded (id TEXT, name_key TEXT, folded TEXT)")
        c.execute(
            "INSERT INTO plain_folded SELECT id, name_key, words || numbers FROM search_entry"
            " ORDER BY name_key"
        )
        sample = list(_prefixes(ward.queries(queries)))
        sample = sample[:: max(1, len(sample) // 400)]
        like: list[float] = []
        for query in sample:
            started = time.perf_counter()
            _like(c, query, 100)
            like.append(time.perf_counter() - started)
        like_p50, like_p95, _ = _percentiles(like)
        c.close()
    return {
        "persons": persons,
        "households": len(ward.households),
        "prefixes": len(taken),
        "p50_ms": p50,
        "p95_ms": p95,
        "max_ms": most,
        "cpu_p95_ms": _percentiles(worked)[1],
        "like_p50_ms": like_p50,
        "like_p95_ms": like_p95,
        "index_seconds": round(built, 2),
        "index_bytes_per_person": round((after - before) * 4096 / persons),
        "records_bytes_per_person": round(before * 4096 / persons),
        "slowest": sorted(slow, reverse=True)[:8],
    }


if __name__ == "__main__":
    for size in [int(argument) for argument in sys.argv[1:]] or [15_000, 100_000]:
        print(json.dumps(measure_search(size), ensure_ascii=False))
