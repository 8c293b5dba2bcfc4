"""The index stays in step with saves, pulls and forgotten areas, and its quick ways answer like its slow one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from search_ward import ALLEY, HILL, Ward

from tests.bench.search_bench import MadeUpWard, measure_search
from tui_app.store import search, search_find
from tui_app.store.rows import RecordRows


@pytest.fixture
def ward() -> Ward:
    return Ward()


def test_a_change_of_name_and_number_is_found_and_the_old_one_is_not(ward: Ward) -> None:
    ward.person("Nguyễn Thị Bé", ident="p", phone="+84901234567")
    ward.person("Trần Thị Hoa", ident="p", phone="+84909999888")
    assert ward.found("be") == ward.found("4567") == []
    assert ward.found("hoa") == ward.found("9888") == ["p"]
    assert search.check(ward.c) == 0


def test_a_deleted_person_leaves_and_comes_back(ward: Ward) -> None:
    row = ward.person("Nguyễn Thị Bé", phone="+84901234567")
    ward.save(msgspec.structs.replace(row, deleted=True))
    assert ward.found("be") == ward.found("4567") == []
    assert search.check(ward.c) == 0
    ward.save(row)
    assert ward.found("be") == ["Nguyễn Thị Bé"]


def test_a_person_whose_record_went_to_another_area_leaves(ward: Ward) -> None:
    row = ward.person("Nguyễn Thị Bé")
    ward.save(msgspec.structs.replace(row, gone="moved", body={}))
    assert ward.found("be") == []
    assert search.check(ward.c) == 0


def test_a_death_moves_a_person_below_the_living(ward: Ward) -> None:
    ward.person("Nguyễn Thị An", ident="first")
    ward.person("Trần Thị An", ident="second")
    assert ward.found("an") == ["first", "second"]
    ward.person("Nguyễn Thị An", ident="first", died_on="2022-02-01")
    assert ward.found("an") == ["second", "first"]


def test_the_same_rows_twice_in_one_batch_count_once(ward: Ward) -> None:
    row = ward.person("Nguyễn Thị Bé", ident="p")
    later = msgspec.structs.replace(row, body={**row.body, "full_name": "Lê Thị Tư"})
    RecordRows().upsert(ward.c, [row, later])
    assert ward.found("tu") == ["p"]
    assert ward.found("be") == []
    assert search.check(ward.c) == 0


def test_other_types_are_ignored(ward: Ward) -> None:
    row = msgspec.structs.replace(ward.person("Nguyễn Thị Bé"), type="screening", id="s")
    search.index(ward.c, "screening", [row])
    assert search.check(ward.c) == 0


def test_forgetting_an_area_leaves_the_others(ward: Ward) -> None:
    ward.person("Nguyễn Thị Bé", area=ALLEY, phone="+84901234567")
    ward.person("Lê Văn Bê", area=HILL, phone="+84901234567")
    RecordRows().forget_area(ward.c, ALLEY)
    assert ward.found("be") == ward.found("4567") == ["Lê Văn Bê"]
    assert search.check(ward.c) == 0
    RecordRows().forget_area(ward.c, "never-held")
    assert ward.found("be") == ["Lê Văn Bê"]


def test_a_record_without_its_row_is_counted_and_not_shown(ward: Ward) -> None:
    ward.person("Nguyễn Thị Bé")
    ward.c.execute("DELETE FROM person")
    assert ward.found("be") == []
    assert search.check(ward.c) == 1


def test_check_counts_and_rebuild_repairs(ward: Ward) -> None:
    ward.household("h1", address="12 Lê Lợi", code="0712")
    for name in ("Nguyễn Thị Bé", "Trần Văn Hải", "Lê Thị Tư", "Phạm Văn Sáu"):
        ward.person(name, phone="+84901234567")
    assert search.check(ward.c) == 0
    ward.c.execute(
        "UPDATE person SET full_name = 'Ai Đó' WHERE id = 'Nguyễn Thị Bé'"
    )  # changed behind its back
    ward.c.execute(
        "DELETE FROM search_entry WHERE id = 'Trần Văn Hải'"
    )  # one row missing, its words left over
    held = ward.c.execute("SELECT n FROM search_entry WHERE id = 'Lê Thị Tư'").fetchone()["n"]
    ward.c.execute("INSERT INTO search_words (rowid, words) VALUES (?, 'stray')", (held,))
    assert search.check(ward.c) == 4
    search.rebuild(ward.c)
    assert search.check(ward.c) == 0
    assert ward.found("ai do") == ["Nguyễn Thị Bé"]
    assert ward.found("12 le loi") == ["h1"]


def test_a_save_that_is_rolled_back_leaves_the_index_as_it_was(ward: Ward) -> None:
    ward.person("Nguyễn Thị Bé", ident="p")
    ward.c.execute("BEGIN")
    ward.person("Trần Thị Hoa", ident="p")
    assert ward.found("hoa") == ["p"]
    ward.c.execute("ROLLBACK")
    assert ward.found("hoa") == []
    assert ward.found("be") == ["p"]
    assert search.check(ward.c) == 0


@pytest.fixture(scope="module")
def crowd() -> Iterator[tuple[Ward, MadeUpWard]]:
    ward, made_up = Ward(), MadeUpWard(1500)
    ward.c.execute("BEGIN")
    RecordRows().upsert(ward.c, [*made_up.households, *made_up.persons])
    ward.c.execute("COMMIT")
    yield ward, made_up
    ward.c.close()


def test_reading_in_name_order_answers_like_sorting_everything(
    crowd: tuple[Ward, MadeUpWard], monkeypatch: pytest.MonkeyPatch
) -> None:
    ward, made_up = crowd
    queries = {query[:end] for query in made_up.queries(36) for end in (1, 2, 4, len(query))}
    queries = {query for query in queries if not any(char.isdigit() for char in query)}
    assert len(queries) > 50
    for query in sorted(queries):
        monkeypatch.setattr(search_find, "FEW", 10**6)
        exact = ward.found(query, limit=60)
        for few in (0, 20):
            monkeypatch.setattr(search_find, "FEW", few)
            walked = ward.found(query, limit=60)
            assert len(walked) == len(exact), query
            assert _keys(ward, walked) == _keys(ward, exact), query


def test_every_fit_is_found_and_nothing_else(crowd: tuple[Ward, MadeUpWard]) -> None:
    ward, made_up = crowd
    for person in made_up.persons[:40]:
        name = person.body["full_name"]
        found = {hit.id for hit in search.find(ward.c, name, limit=2000) if hit.kind == "person"}
        same = {p.id for p in made_up.persons if p.body["full_name"] == name}
        assert same <= found
        assert person.id in ward.found(person.body["national_id"])


def test_no_more_than_the_limit(crowd: tuple[Ward, MadeUpWard]) -> None:
    ward, _ = crowd
    assert len(ward.found("n", limit=7)) == 7
    assert len(ward.found("nguyen", limit=100)) == 100


def _keys(ward: Ward, ids: list[str]) -> list[str]:
    """Sort keys: two persons of one name may stand in either order."""
    found = {r["id"]: r["name_key"] for r in ward.c.execute("SELECT id, name_key FROM search_entry")}
    return [found[ident] for ident in ids]


def test_the_search_is_measured_in_a_database_as_the_program_makes_it() -> None:
    found = measure_search(40, 2)
    assert found["persons"] == 40
