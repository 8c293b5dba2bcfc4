"""Exports: the same bytes on every laptop, nothing a spreadsheet would run, and a note of who took what."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from laptop_alone import area_id, exported, laptop, live, total

from sync.protocol import Row
from tui_app.bootstrap import Workspace
from tui_app.errors import NotFound
from tui_app.services.lists import exporting
from tui_app.store.rows import RecordRows


@pytest.fixture
def lan(tmp_path: Path) -> Iterator[Workspace]:
    made = laptop(tmp_path / "lan")
    yield made
    made.close()


def household(ident: str, seq: int = 1, deleted: bool = False, **body: Any) -> Row:
    return Row(
        type="household", id=ident, commune="27211", area=area_id(1), seq=seq, deleted=deleted, body=body,
        at="2026-11-01T00:00:00.000Z", who="minh",
    )  # fmt: skip


def holds(workspace: Workspace, *rows: Row) -> None:
    with workspace.store.write() as c:
        RecordRows().upsert(c, rows)


def test_lines_are_sorted_by_type_and_id_with_fields_in_their_order(lan: Workspace) -> None:
    person = Row(
        type="person", id="a", commune="27211", area=area_id(2), seq=0, body={"full_name": "Đỗ Thị Ơn"}
    )
    holds(
        lan, person, household("b", zebra=1, note="n", address="x", apple=[1]), household("a", deleted=True)
    )
    assert exported(lan).decode().splitlines() == [
        '{"type":"household","id":"b","area":"area-01","address":"x","note":"n","apple":[1],"zebra":1}',
        '{"type":"person","id":"a","area":"area-02","full_name":"Đỗ Thị Ơn"}',
    ]


def test_the_same_records_are_the_same_bytes_however_they_came(lan: Workspace, tmp_path: Path) -> None:
    minh = laptop(tmp_path / "minh", "minh")
    rows = [household(f"h{n}", n, note=str(n), address="x", later={"b": 1}) for n in range(20)]
    holds(lan, *rows)
    holds(minh, *[household("h3", 1, note="cũ")], *reversed(rows))
    assert exported(lan) == exported(minh)
    minh.close()


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("=1+1", "'=1+1"),
        ("=5", "'=5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+84903000001", "+84903000001"),
        ("-12", "-12"),
        ("-2+3+cmd|' /C calc'!A0", "'-2+3+cmd|' /C calc'!A0"),
        ("+1+1", "'+1+1"),
        ("＝1+1", "'＝1+1"),
        ("12 Lê Lợi, hẻm 3", "12 Lê Lợi, hẻm 3"),
        ('nói "được"', 'nói "được"'),
    ],
)
def test_a_spreadsheet_runs_nothing_that_somebody_typed(lan: Workspace, typed: str, written: str) -> None:
    holds(lan, household("h1", note=typed))
    text = exported(lan, "household", "csv").decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["note"] == written


def test_csv_has_a_column_a_field_and_those_of_newer_programs(lan: Workspace) -> None:
    holds(lan, household("h1", address="x", walk_order=3), household("h2", blood={"a": 1}, **{"=cmd": "y"}))
    (first, second) = csv.DictReader(io.StringIO(exported(lan, "household", "csv").decode("utf-8-sig")))
    assert list(first) == [
        "id", "area", "code", "address", "alley", "walk_order", "head", "phone", "location",
        "added_on", "note", "'=cmd", "blood",
    ]  # fmt: skip
    assert (first["walk_order"], first["blood"], second["blood"]) == ("3", "", '{"a":1}')


def test_yes_no_and_not_asked_are_three_things(lan: Workspace) -> None:
    rows = [
        Row(
            type="person",
            id=f"p{n}",
            commune="27211",
            area=area_id(1),
            seq=0,
            body={"mobility_limited": value},
        )
        for n, value in enumerate([True, False])
    ]
    holds(lan, *rows, Row(type="person", id="p2", commune="27211", area=area_id(1), seq=0))
    found = csv.DictReader(io.StringIO(exported(lan, "person", "csv").decode("utf-8-sig")))
    assert [row["mobility_limited"] for row in found] == ["yes", "no", ""]
    lines = [json.loads(line) for line in exported(lan, "person").splitlines()]
    assert [line.get("mobility_limited") for line in lines] == [True, False, None]


def test_each_export_is_noted(lan: Workspace) -> None:
    holds(lan, household("h1"))
    exported(lan)
    exported(lan, "household", "csv")
    with lan.store.read() as c:
        found = [
            tuple(row)
            for row in c.execute(
                "SELECT who, at, what, area, record_type, detail FROM access_entry ORDER BY id"
            )
        ]
    at = "2026-11-22T02:00:00.000Z"
    units = [area_id(number) for number in range(1, 7)]
    assert found == [("lan", at, "export", unit, None, "ndjson") for unit in units] + [
        ("lan", at, "export", unit, "household", "csv") for unit in units
    ], "a note in each unit"


def test_an_export_that_breaks_off_is_noted_too(lan: Workspace) -> None:
    class Full(io.BytesIO):
        def write(self, *_: Any) -> int:
            raise OSError("disk full")

    holds(lan, household("h1"))
    with pytest.raises(OSError, match="disk full"):
        exporting.export(lan, None, "ndjson", Full())
    assert total(lan, "access_entry WHERE what = 'export'") == 6, "one in each unit"


def test_what_cannot_be_exported_is_refused_before_anything_is_noted(lan: Workspace) -> None:
    with pytest.raises(NotFound, match="household"):
        exported(lan, "spaceship")
    with pytest.raises(NotFound):
        exported(lan, None, "csv")
    assert total(lan, "access_entry") == 0
    assert live(lan, "household") == []
