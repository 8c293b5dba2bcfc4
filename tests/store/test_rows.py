"""Many rows written at once are the same rows as one by one: what none of them says is empty, whatever stood there."""

from __future__ import annotations

from typing import Any

import pytest

from sync.protocol import Row
from tests.conftest import AREA
from tui_app.records import BY_NAME
from tui_app.store.engine import Store
from tui_app.store.rows import MANY, table


def person(number: int, **body: Any) -> Row:
    return Row(
        type="person", id=f"p{number:04}", commune=AREA.commune, area=AREA.area, seq=number + 1, body=body
    )


def written(store: Store, rows: list[Row]) -> dict[str, Row]:
    with store.write() as c:
        table("person").upsert(c, rows)
        return table("person").read(c, [row.id for row in rows])


@pytest.mark.parametrize("count", [MANY - 1, MANY])
def test_each_row_keeps_what_it_says_and_nothing_of_what_it_replaces(store: Store, count: int) -> None:
    before = [
        person(n, full_name="Lê Văn Hai", phone="0912345678", birth_year=1950, later={"a": [1]})
        for n in range(count)
    ]
    assert written(store, before) == {row.id: row for row in before}
    after = [person(n, full_name=f"Trần Thị {n}") for n in range(count)]
    after[3].body |= {"mobility_limited": True, "from_a_newer_program": ["x"]}
    after[5].body |= {"sex": {"a newer": "shape"}}
    found = written(store, after)
    assert found["p0005"].body["sex"] == '{"a newer":"shape"}'
    after[5].body["sex"] = found["p0005"].body["sex"]
    assert found == {row.id: row for row in after}


def test_the_later_of_two_rows_of_a_record_stands(store: Store) -> None:
    rows = [person(n, full_name="Lê Văn Hai", phone="0912345678") for n in range(MANY)]
    last = person(7, full_name="Lê Văn Ba")
    assert written(store, [*rows, last])["p0007"] == last


def test_a_column_that_is_not_named_is_empty(store: Store) -> None:
    with store.read() as c:
        for name in BY_NAME:
            given = [found["dflt_value"] for found in c.execute(f'PRAGMA table_info("{name}")')]
            assert set(given) == {None}, name
