"""The queue of double records and a merge: ``python -m tests.bench.duplicates_bench HOME DOUBLES MERGES``.

Into the ward go so many second records of persons who are in it, each written otherwise in one of five ways that
people write. The queue must hold every one of them; how many other pairs it holds is told beside the figure.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from sync.protocol import Row
from tests.bench import ward
from tui_app.bootstrap import Workspace
from tui_app.clock import new_id
from tui_app.services.duplicates import merging
from tui_app.services.duplicates.comparing import FIRST, compare
from tui_app.services.duplicates.duplicates import candidates, candidates_of
from tui_app.store.rows import RecordRows, table
from tui_app.text import fold

CARDS = 50


def measure(place: Path, doubles: int, merges: int) -> dict[str, Any]:
    """Seconds of the queue and how much it found; milliseconds of a card's own doubles and of a merge."""
    workspace = ward.unlocked(place)
    try:
        planted = _plant(workspace, doubles)
        with workspace.store.read() as c:
            persons = int(c.execute("SELECT count(*) FROM person WHERE NOT deleted").fetchone()[0])
            began, worked = time.perf_counter(), time.process_time()
            found = candidates(c)
            queue, cpu = time.perf_counter() - began, time.process_time() - worked
            cards = [_timed(candidates_of, c, one) for one, _ in planted[:CARDS]]
        listed = {frozenset((pair.first.id, pair.second.id)) for pair in found}
        taken = [_timed(_merge, workspace, *pair) for pair in planted[:merges]]
        return {
            "persons": persons,
            "queue_s": queue,
            "queue_cpu_s": cpu,
            "planted": len(planted),
            "found": sum(frozenset(pair) in listed for pair in planted),
            "others": len(listed) - sum(frozenset(pair) in listed for pair in planted),
            "card_p95_ms": statistics.quantiles(cards, n=20)[18],
            "merge_p95_ms": statistics.quantiles(taken, n=20)[18],
        }
    finally:
        workspace.close()


def _plant(workspace: Workspace, count: int) -> list[tuple[str, str]]:
    with workspace.store.read() as c:
        found = [
            row
            for row in table("person").where(
                c, "national_id IS NOT NULL AND birth_date IS NOT NULL ORDER BY id"
            )
            if " " in row.body["full_name"]
        ][:count]
        doors = [row.id for row in table("household").where(c, "1 ORDER BY id")]
    made: list[Row] = []
    for number, row in enumerate(found):
        body, elsewhere = dict(row.body), doors[(number * 7) % len(doors)]
        match number % 5:
            case 0:  # a list in capitals without marks, with the number
                body |= {"full_name": fold(body["full_name"]).upper(), "household": elsewhere}
            case 1:  # typed twice at one door
                body.pop("national_id")
            case 2:  # the year alone, with the number
                body |= {
                    "birth_year": date.fromisoformat(body.pop("birth_date")).year,
                    "household": elsewhere,
                }
            case 3:  # an insurance card
                body.pop("national_id")
                body |= {"insurance_number": f"79{number:08d}", "household": elsewhere}
                row.body["insurance_number"] = f"GD47979{number:08d}"
                made.append(row)
            case _:  # known by name and day of birth alone
                body.pop("national_id")
                body |= {"household": elsewhere, "phone": None}
        made.append(Row(type="person", id=new_id(), commune=row.commune, area=row.area, seq=0, body=body))
    with workspace.store.write() as c:
        RecordRows().upsert(c, made)
    second = [row.id for row in made if row.seq == 0 and row.id not in {one.id for one in found}]
    return list(zip((row.id for row in found), second, strict=True))


def _merge(workspace: Workspace, kept: str, other: str) -> None:
    with workspace.store.read() as c:
        taken = {one.field: FIRST for one in compare(c, "person", kept, other).fields}
    merging.merge(workspace.store, ward.USER, "person", kept, other, taken)


def _timed(job: Any, *arguments: Any) -> float:
    began = time.perf_counter()
    job(*arguments)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
