"""The documents both sides of the sync comparison carry, as records of this program.

Fields keep their values; where a record type has the field under its own name it gets that name, so that search
and lists work on it; every other field travels as it is. A document of the peer is about 565 bytes of JSON.
"""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from sync.protocol import Row

TYPES = {"household": "household", "person": "person", "observation": "screening"}
NAMES = {
    "household": {},
    "person": {"name": "full_name", "birth": "birth_date", "cccd": "national_id", "bhyt": "insurance_number"},
    "observation": {},
}
RESERVED = {"area": "unit_code", "type": "kind"}  # names with a meaning of their own in a record


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The documents of an NDJSON file."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def record(document: dict[str, Any], area: str, commune: str, who: str) -> Row:
    """A document as a new record of this laptop."""
    kind = document["type"]
    names = NAMES[kind] | RESERVED
    body = {names.get(name, name): value for name, value in document.items() if name not in ("_id", "type")}
    return Row(
        type=TYPES[kind],
        id=document["_id"],
        commune=commune,
        area=area,
        seq=0,
        body=body,
        at=document["created_at"],
        who=who,
    )


def write_made_up(path: Path, count: int, seed: int = 42) -> None:
    """Documents like the peer's, where it is not there to write its own: a tenth households, three tenths persons,
    the rest observations, about as long."""
    path.write_text("".join(f"{line}\n" for line in map(_line, _made_up(count, seed))), encoding="utf-8")


def _line(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _made_up(count: int, seed: int) -> Iterable[dict[str, Any]]:
    chance = random.Random(seed)
    names = ("An", "Bình", "Châu", "Dũng", "Hạnh", "Khánh", "Lan", "Mai", "Phúc", "Sơn", "Tâm", "Yến")
    doors: list[str] = []
    people: list[str] = []
    for number in range(count):
        ident = str(uuid.UUID(int=(number << 80) + (7 << 76) + (2 << 62) + chance.getrandbits(62)))
        at = f"2026-01-{1 + number % 28:02d}T{number % 24:02d}:{number % 60:02d}:00.000Z"
        document: dict[str, Any] = {"_id": ident, "area": "31.303.11302.01", "created_at": at}
        place = number % 10
        if place == 0:
            doors.append(ident)
            document |= {
                "type": "household",
                "code": f"HP-{chance.randrange(10**6):06d}",
                "address": f"Số {chance.randint(1, 400)}, tổ {chance.randint(1, 30)}, thôn {chance.choice(names)}",
                "phone": f"09{chance.randrange(10**8):08d}",
                "note": "Nhà gần trạm y tế, gọi trước khi đến, cổng xanh",
                "members": chance.randint(1, 9),
            }
        elif place <= 3:
            people.append(ident)
            document |= {
                "type": "person",
                "household": chance.choice(doors),
                "name": f"Nguyễn {chance.choice(names)} {chance.choice(names)}",
                "birth": f"{chance.randint(1930, 2024)}-0{chance.randint(1, 9)}-{chance.randint(10, 28)}",
                "sex": chance.choice(("nam", "nu")),
                "cccd": f"0{chance.randrange(10**11):011d}",
                "bhyt": f"GD431{chance.randrange(10**10):010d}",
                "conditions": [chance.choice(("tang_huyet_ap", "hen", "copd")), "khong"],
                "vaccine": [{"n": 1, "d": "2026-02-11", "v": "AZ"}, {"n": 2, "d": "2026-04-03", "v": "PF"}],
            }
        else:
            document |= {
                "type": "observation",
                "person": chance.choice(people),
                "observed_at": at,
                "spo2": chance.randint(85, 99),
                "pulse": chance.randint(55, 130),
                "temp": round(36 + chance.random() * 4, 1),
                "sys": chance.randint(90, 180),
                "dia": chance.randint(50, 110),
                "symptoms": [chance.choice(("ho", "sot", "dau_hong")), chance.choice(("met", "kho_tho"))],
                "advice": "Uống đủ nước, theo dõi SpO2 3 lần mỗi ngày, gọi trạm y tế khi khó thở",
                "action": chance.choice(("tiep_tuc", "bao_tram", "chuyen_vien")),
                "note": "",
            }
        yield document
