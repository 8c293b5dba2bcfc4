"""The conversion of communes on a server: what moves by itself, what waits, and that nothing is lost or done twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from sync.server import admin, conversion, rule_sets
from sync.server.area_table import Part, goes_whole, read_table
from sync.server.areas import areas_import
from sync.server.conversion import undecided
from sync.server.database import Database
from sync.server.deciding import NewUnit, assign, split
from sync.server.grants import grant, granted_places, resolved
from sync.server.problems import AdminError
from sync.server.units import all_units
from tests.sync.old_wards import NOW, OLD_AREAS, TABLE, TITLES, load, taken
from tui_app.records import REGISTRY


@pytest.fixture
def database(place: Path | str) -> Iterator[Database]:
    made = admin.init(place, NOW)
    load(made)
    yield made
    made.close()


def called(database: Database) -> dict[str, tuple[str, str]]:
    """place now -> name of unit and commune."""
    with database.read() as tx:
        return {
            unit.place: (str(unit.body["unit_name"]), str(unit.body["commune_name"]))
            for unit in all_units(tx)
        }


def body(database: Database, place: str) -> dict[str, Any]:
    with database.read() as tx:
        return next(unit.body for unit in all_units(tx) if unit.place == place)


def ids(database: Database) -> dict[str, str]:
    with database.read() as tx:
        return {unit.area: unit.home for unit in all_units(tx)}


# ---- the table


@pytest.mark.parametrize(
    ("note", "part"),
    [
        ("Nhập toàn bộ", Part.WHOLE),
        ("nhập  TOÀN BỘ ", Part.WHOLE),
        ("Nhập một phần", Part.PART),
        ("Nhập một phần diện tích", Part.LAND),
        ("Nhập một phần diện tích, toàn bộ dân số", Part.PEOPLE),
        ("Nhập một phần diện tích, một phần dân số", Part.PART),
        ("Nhập toàn bộ diện tích, một phần dân số", Part.PART),
        ("Nhập toàn bộ diện tích và dân số", Part.PEOPLE),
        ("Nhập một phần diện tích và dân số", Part.PART),
        ("Giữ nguyên", Part.KEPT),
        ("", Part.UNKNOWN),
        ("theo nghị quyết", Part.UNKNOWN),
    ],
)
def test_a_note_says_who_goes(note: str, part: Part) -> None:
    (pair,) = read_table([TITLES, f'Phường Phú Thọ,27226,Phường 11,27226,"{note}"']).pairs
    assert pair.part == part


@pytest.mark.parametrize(
    ("notes", "whole"),
    [
        (["Nhập toàn bộ"], 0),
        (["Giữ nguyên"], 0),
        (["Nhập một phần"], None),
        (["Nhập một phần", "Nhập một phần"], None),
        (["Nhập một phần diện tích", "Nhập một phần diện tích, toàn bộ dân số"], 1),
        (["Nhập một phần diện tích, toàn bộ dân số", "Nhập một phần"], None),
        (["Nhập toàn bộ", "Nhập toàn bộ"], None),
        (["Nhập một phần diện tích"], None),
        (["Nhập toàn bộ", "không rõ"], None),
    ],
)
def test_a_commune_goes_whole_only_where_everybody_goes_to_one_and_land_alone_elsewhere(
    notes: list[str], whole: int | None
) -> None:
    lines = [f'Mới {n},0000{n},Cũ,27226,"{note}"' for n, note in enumerate(notes, 1)]
    pairs = read_table([TITLES, *lines]).pairs
    assert goes_whole(pairs) == (None if whole is None else pairs[whole])


def test_titles_are_found_below_other_lines_with_marks_written_either_way_and_other_delimiters() -> None:
    import unicodedata

    plain = read_table(TABLE).pairs
    assert [(pair.old, pair.new) for pair in plain] == [
        ("27226", "27226"),
        ("27217", "27226"),
        ("27235", "27226"),
        ("27235", "27232"),
    ]
    decomposed = [unicodedata.normalize("NFD", line) for line in TABLE]
    assert read_table(decomposed).pairs == plain
    assert read_table([line.replace(",", ";") for line in TABLE]).pairs == plain
    english = ["old_code,new_code,new_name,note", "27217,27226,Phường Phú Thọ,Nhập toàn bộ"]
    assert read_table(english).pairs == [plain[1]]


def test_zeros_that_a_spreadsheet_ate_come_back() -> None:
    """00008 was Liễu Giai and is Ngọc Hà now (the national table, 01/07/2025)."""
    (pair,) = read_table([TITLES, "Phường Ngọc Hà,8,Phường Liễu Giai,8,Nhập toàn bộ"]).pairs
    assert (pair.old, pair.new) == ("00008", "00008")


def test_lines_that_cannot_be_used_are_listed_and_the_rest_counts() -> None:
    read = read_table(
        [
            TITLES,
            "Phường A,27226,Cũ,,Nhập toàn bộ",
            ",27226,Cũ,27217,Nhập toàn bộ",
            "Phường A,27226,Cũ,27/17,Nhập toàn bộ",
            "Phường A,27226,Cũ,27217,Nhập toàn bộ",
            "Phường A,27226,Cũ,27217,Nhập toàn bộ",
            "Phường A,27226,Cũ,27217,Nhập một phần",
            "Phường A,27226,Cũ,27220,chưa rõ",
        ]
    )
    assert read.problems == [
        (2, "missing", "old"),
        (3, "missing", "name"),
        (4, "bad_code", "27/17 27226"),
        (7, "told_twice", "27217 27226"),
        (8, "unknown_note", "chưa rõ"),
    ]
    assert [(pair.old, pair.part) for pair in read.pairs] == [("27217", Part.WHOLE), ("27220", Part.UNKNOWN)]


def test_a_file_without_the_four_columns_is_refused() -> None:
    with pytest.raises(AdminError) as refused:
        read_table(["Mã xã cũ,Mã xã mới,Ghi chú", "1,2,3"])
    assert refused.value.code == "conversion_columns"


# ---- whole merges


def test_whole_merges_move_by_themselves_and_split_ones_wait(database: Database) -> None:
    before = ids(database)
    done = taken(database)
    assert sorted((moved.was, moved.now) for moved in done.moved) == [
        ("27217/01", "27226/27217-01"),
        ("27226/01", "27226/01"),
        ("27226/02", "27226/02"),
    ]
    assert called(database) == {
        "27226/01": ("Khu phố 1 (Phường 11)", "Phường Phú Thọ"),
        "27226/02": ("Khu phố 2", "Phường Phú Thọ"),
        "27226/27217-01": ("Khu phố 1 (Phường 15)", "Phường Phú Thọ"),
        "27235/01": ("Khu phố Một", "Phường 8"),
        "27235/02": ("Khu phố Hai", "Phường 8"),
    }
    assert ids(database) == before  # the same ids at the same homes
    assert [(one.place, one.reason) for one in done.waiting] == [("27235/01", "split"), ("27235/02", "split")]
    assert done.waiting[0].targets == [
        ("27226", "Phường Phú Thọ", "Nhập một phần"),
        ("27232", "Phường Bình Thới", "Nhập một phần"),
    ]
    assert (done.before.communes, done.after.communes, done.after.units) == (3, 2, 5)
    moved = body(database, "27226/27217-01")
    assert moved["aliases"] == ["27217/01"]
    assert moved["valid_from"] == "2025-07-01"
    assert moved["former"] == [
        {
            "commune_code": "27217",
            "commune_name": "Phường 15",
            "unit_code": "01",
            "unit_name": "Khu phố 1",
            "valid_to": "2025-06-30",
            "document": "QĐ 19/2025/QĐ-TTg",
        }
    ]


def test_a_rehearsal_says_all_and_writes_nothing(database: Database) -> None:
    before = called(database)
    done = taken(database, dry_run=True)
    assert (len(done.moved), len(done.waiting), done.dry_run) == (3, 2, True)
    assert called(database) == before
    assert undecided(database) == []


def test_the_same_table_twice_moves_nothing_again(database: Database) -> None:
    taken(database)
    before = called(database)
    again = taken(database)
    assert (again.moved, again.same, len(again.waiting)) == ([], 3, 2)
    assert called(database) == before


def test_codes_that_change_places_are_not_moved_on(database: Database) -> None:
    """27217 becomes 27226, what was 27226 becomes 27232: by the code of the day before, also when read again."""
    table = (
        TITLES,
        "Phường Phú Thọ,27226,Phường 15,27217,Nhập toàn bộ",
        "Phường Bình Thới,27232,Phường 11,27226,Nhập toàn bộ",
    )
    for _ in range(2):
        taken(database, *table)
        with database.read() as tx:
            now = {unit.home: unit.code for unit in all_units(tx)}
        assert now == {"27226": "27232", "27217": "27226", "27235": "27235"}


def test_a_commune_that_stays_as_it_is_is_left_alone(database: Database) -> None:
    done = taken(database, TITLES, "Phường 11,27226,Phường 11,27226,Giữ nguyên")
    assert (done.moved, done.same) == ([], 2)
    assert "former" not in body(database, "27226/01")


def test_codes_the_table_does_not_have_are_listed_and_may_be_told_by_another_code(database: Database) -> None:
    """Phường 11 is 27217 in the one national table and 27226 in the other (rules §3.7)."""
    table = (TITLES, "Phường Phú Thọ,27299,Phường 15,27218,Nhập toàn bộ")
    done = taken(database, *table)
    assert {(one.place, one.reason) for one in done.waiting} == {
        ("27217/01", "missing"),
        ("27226/01", "missing"),
        ("27226/02", "missing"),
        ("27235/01", "missing"),
        ("27235/02", "missing"),
    }
    done = taken(database, *table, c27217="27218")
    assert [(moved.was, moved.now) for moved in done.moved] == [("27217/01", "27299/01")]
    assert "27299/01" not in {one.place for one in done.waiting}


def test_tables_for_other_communes_and_other_days_come_one_after_another(database: Database) -> None:
    taken(database, TITLES, TABLE[3])
    assert {one.reason for one in undecided(database)} == {"missing"}
    done = taken(database, TITLES, *TABLE[4:])
    assert [moved.was for moved in done.moved] == ["27217/01"]
    assert {(one.place, one.reason) for one in done.waiting} == {("27235/01", "split"), ("27235/02", "split")}
    later = taken(
        database, TITLES, "Phường Phú Thọ Mới,27500,Phường Phú Thọ,27226,Nhập toàn bộ", on=date(2026, 7, 1)
    )
    assert len(later.moved) == 3
    former = body(database, "27500/27217-01")["former"]
    assert [(one["commune_code"], one.get("valid_from"), one["valid_to"]) for one in former] == [
        ("27217", None, "2025-06-30"),
        ("27226", "2025-07-01", "2026-06-30"),
    ]
    again = taken(database)  # the first table, once more: nothing goes back
    assert again.moved == []
    assert called(database)["27500/01"][1] == "Phường Phú Thọ Mới"


def test_a_table_that_says_otherwise_than_what_was_done_waits_for_a_person(database: Database) -> None:
    taken(database)
    done = taken(database, TITLES, "Phường Bình Thới,27232,Phường 15,27217,Nhập toàn bộ")
    assert done.moved == []
    assert [(one.place, one.reason) for one in done.waiting if one.reason == "otherwise"] == [
        ("27226/27217-01", "otherwise")
    ]
    assign(database, REGISTRY, "27217/01", "27232", now=NOW)  # an old code finds it still
    assert called(database)["27232/01"] == ("Khu phố 1", "Phường Bình Thới")
    assert len(body(database, "27232/01")["former"]) == 1


def test_an_earlier_table_after_a_later_one_is_left_to_a_person(database: Database) -> None:
    taken(database, TITLES, TABLE[3], on=date(2026, 7, 1))
    done = taken(database)
    assert {one.place for one in done.waiting if one.reason == "later"} == {"27226/01", "27226/02"}
    assert [moved.was for moved in done.moved] == ["27217/01"]


def test_totals_that_differ_undo_everything(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    before, real, calls = called(database), conversion.totals, []

    def lossy(tx: Any, units: Any) -> Any:
        calls.append(1)
        return real(tx, list(units)[1:] if len(calls) > 1 else units)

    monkeypatch.setattr(conversion, "totals", lossy)
    with pytest.raises(AdminError) as refused:
        taken(database)
    assert refused.value.code == "conversion_totals"
    monkeypatch.undo()
    assert called(database) == before
    assert undecided(database) == []


# ---- what a person decides


def test_a_unit_of_a_split_commune_is_assigned_and_may_be_corrected(database: Database) -> None:
    taken(database)
    moved = assign(database, REGISTRY, "27235/01", "27226", now=NOW)
    assert (moved.was, moved.now, moved.commune) == ("27235/01", "27226/27235-01", "Phường Phú Thọ")
    assert [one.place for one in undecided(database)] == ["27235/02"]
    again = assign(database, REGISTRY, "27226/27235-01", "27232", now=NOW)
    assert (again.now, again.commune) == ("27232/01", "Phường Bình Thới")
    former = body(database, "27232/01")["former"]
    assert [(one["commune_name"], one["unit_code"]) for one in former] == [("Phường 8", "01")]


@pytest.mark.parametrize(
    ("unit", "code", "why"),
    [
        ("27235/09", "27226", "unknown_place"),
        ("27235/01", "27211", "not_a_target"),
        ("27226/01", "27232", "not_a_target"),
    ],
)
def test_a_unit_goes_to_one_of_its_targets_only(database: Database, unit: str, code: str, why: str) -> None:
    taken(database)
    with pytest.raises(AdminError) as refused:
        assign(database, REGISTRY, unit, code)
    assert refused.value.code == why


def test_without_a_table_nothing_is_assigned(database: Database) -> None:
    with pytest.raises(AdminError) as refused:
        assign(database, REGISTRY, "27235/01", "27226")
    assert refused.value.code == "not_converted"


def test_a_commune_the_table_does_not_have_needs_its_name(database: Database) -> None:
    taken(database, TITLES, TABLE[3])
    with pytest.raises(AdminError) as refused:
        assign(database, REGISTRY, "27235/01", "27232")
    assert refused.value.code == "commune_name_needed"
    assert (
        assign(database, REGISTRY, "27235/01", "27232", name="Phường Bình Thới").commune == "Phường Bình Thới"
    )


def test_a_unit_split_through_its_middle_ends_and_its_parts_are_new(database: Database) -> None:
    taken(database)
    home = ids(database)
    done = split(
        database,
        REGISTRY,
        "27235/02",
        [NewUnit("27226", "31", "Khu phố 31"), NewUnit("27232", "31")],
        now=NOW,
    )
    assert [place for place, _ in done.made] == ["27226/31", "27232/31"]
    assert body(database, "27235/02")["valid_to"] == "2025-06-30"
    names = called(database)
    assert names["27226/31"] == ("Khu phố 31", "Phường Phú Thọ")
    assert names["27232/31"] == ("Khu phố Hai (Phường Bình Thới)", "Phường Bình Thới")
    assert body(database, "27232/31")["former"][0]["unit_name"] == "Khu phố Hai"
    assert {ids(database)[area] for _, area in done.made} == {home[done.area]}
    assert [one.place for one in undecided(database)] == ["27235/01"]
    assert taken(database).moved == []
    with pytest.raises(AdminError) as refused:
        split(database, REGISTRY, "27235/01", [NewUnit("27226", "32"), NewUnit("27226", "32")])
    assert refused.value.code == "split_parts"


# ---- places and lists after a conversion


def test_laptops_keep_what_they_had_and_new_codes_are_given_home_by_home(database: Database) -> None:
    taken(database)
    with database.read() as tx:
        assert resolved(tx, "27226") == ["27217", "27226"]
        assert resolved(tx, "27226/27217-01") == resolved(tx, "27217/01")
        for gone, code in (
            ("27217", "former_commune"),
            ("99999", "unknown_place"),
            ("27217/09", "unknown_place"),
        ):
            with pytest.raises(AdminError) as refused:
                resolved(tx, gone)
            assert refused.value.code == code
    assign(database, REGISTRY, "27235/01", "27226", now=NOW)
    with database.read() as tx:
        homes = resolved(tx, "27226")
        assert homes[:2] == ["27217", "27226"]
        assert homes[2].startswith("27235/")  # the other unit of that home is still another commune's
        assert len(homes) == 3


def test_what_a_laptop_was_given_is_named_by_the_codes_of_now(database: Database) -> None:
    with database.write() as tx:
        tx.run(
            "INSERT INTO device (id, user_name, role, label, public_key, token_hash, scope_epoch, created, seen)"
            " VALUES ('d', 'lan', 'chief', '', '', 'x', 1, '', '')"
        )
    grant(database, "d", "27217", now=NOW)
    taken(database)
    with database.read() as tx:
        assert [one.place for one in granted_places(tx)["d"]] == ["27226/27217-01"]
    grant(database, "d", "27226", now=NOW)
    with database.read() as tx:
        assert [one.place for one in granted_places(tx)["d"]] == ["27226"]


def test_a_list_with_old_codes_makes_no_unit_twice_and_one_with_new_codes_keeps_former_names(
    database: Database,
) -> None:
    taken(database)
    before = called(database)
    done = areas_import(database, REGISTRY, OLD_AREAS, now=NOW)
    assert [problem[1:] for problem in done.problems] == [
        ("former_code", "27226/01"),
        ("former_code", "27226/02"),
        ("former_code", "27226/27217-01"),
    ]
    assert called(database) == before
    done = areas_import(
        database, REGISTRY, [OLD_AREAS[0], "27226,Phường Phú Thọ,27217-01,Khu phố 15A"], now=NOW
    )
    assert (done.changed, done.added) == (1, 0)
    unit = body(database, "27226/27217-01")
    assert (unit["unit_name"], unit["aliases"], unit["valid_from"]) == (
        "Khu phố 15A",
        ["27217/01"],
        "2025-07-01",
    )
    assert len(unit["former"]) == 1


def test_a_new_unit_never_lives_among_those_of_another_commune(database: Database) -> None:
    table = (TITLES, "Phường Bình Thới,27232,Phường 11,27226,Nhập toàn bộ")
    taken(database, *table)  # 27226 is a home, and all its units are another commune's now
    areas_import(database, REGISTRY, [OLD_AREAS[0], "27226,Phường Phú Thọ,01,Khu phố mới"], now=NOW)
    areas_import(database, REGISTRY, [OLD_AREAS[0], "27232,Phường Bình Thới,77,Khu phố 77"], now=NOW)
    with database.read() as tx:
        homes = {unit.place: unit.home for unit in all_units(tx)}
        assert resolved(tx, "27226") == ["27226.2"]
        assert resolved(tx, "27232") == ["27226", "27232"]
    assert homes["27226/01"] == "27226.2"
    assert homes["27232/77"] == "27232"


def test_the_parts_of_a_split_unit_have_the_published_rule_sets(database: Database) -> None:
    rule_sets.publish(database, REGISTRY, "qd-1", "một", now=NOW)
    taken(database)
    done = split(database, REGISTRY, "27235/02", [NewUnit("27226", "31"), NewUnit("27232", "31")], now=NOW)
    home = ids(database)
    with database.read() as tx:
        for _, area in done.made:
            assert [one.record.body["rule_set"] for one in rule_sets.held(tx, home[area], area)] == ["qd-1"]
