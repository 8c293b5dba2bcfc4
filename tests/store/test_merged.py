"""What follows from merge decisions is kept beside what was said: lists see the one, sync keeps the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sync import digests, outbox
from sync.protocol import Row
from tests.conftest import AREA, KEY
from tui_app.store import cipher, merged, migrations, search
from tui_app.store.engine import Store
from tui_app.store.rows import RecordRows, table

PEOPLE = ("pa", "pb", "pc")
AT = "2026-11-22T02:05:00.000Z"


def row(type_name: str, ident: str, seq: int = 1, area: str = AREA.area, **body: Any) -> Row:
    return Row(type=type_name, id=ident, commune="27211", area=area, seq=seq, body=body)


def decision(ident: str, other: str, kept: str, verdict: str = "same", **body: Any) -> Row:
    said = {"subject": "person", "verdict": verdict, "kept": kept, "merged": other, "at": AT, **body}
    return row("merge_decision", ident, **said)


def people() -> list[Row]:
    return [
        *(
            row("person", one, full_name=f"Nguyễn Thị {one}", household="h1", national_id=f"07915500{n}123")
            for n, one in enumerate(PEOPLE)
        ),
        row("household", "h1", address="12 Lê Lợi", head="pa"),
        *(row("screening", f"s-{one}", visit="v", person=one, wellbeing="well") for one in PEOPLE),
        *(row("risk_membership", f"m-{one}", person=one, risk_group="elderly") for one in PEOPLE[:2]),
    ]


@pytest.fixture
def c(store: Store) -> Iterator[Any]:
    with store.write() as connection:
        RecordRows().upsert(connection, people())
        yield connection


def screened(c: Any) -> list[tuple[str, str]]:
    return [tuple(found) for found in c.execute("SELECT id, person FROM screening ORDER BY id")]


def live(c: Any, type_name: str = "person") -> list[str]:
    return sorted(one.id for one in table(type_name).where(c))


def test_lists_see_the_one_and_sync_what_was_said(c: Any) -> None:
    RecordRows().upsert(c, [decision("d1", "pa", "pb")])
    assert live(c) == ["pb", "pc"]
    assert screened(c) == [("s-pa", "pb"), ("s-pb", "pb"), ("s-pc", "pc")]
    assert table("household").read(c, ["h1"])["h1"].body["head"] == "pb"
    said = {(one.type, one.id): one for one in people()}
    for type_name in ("person", "household", "screening", "risk_membership"):
        ids = [ident for kind, ident in said if kind == type_name]
        assert RecordRows().read(c, type_name, ids) == {ident: said[type_name, ident] for ident in ids}
    above = {(one.type, one.id): one for one in RecordRows().above(c, AREA.area, 0)}
    assert {key: above[key] for key in said} == said


def test_hidden_rows_count_for_the_digest_as_the_server_counts_them(c: Any) -> None:
    outbox.hold_area(c, AREA.area, "27211", "write")
    before = digests.counted(c, RecordRows(), AREA.area)
    d1 = decision("d1", "pa", "pb")
    RecordRows().upsert(c, [d1])
    with_decision = digests.counted(c, RecordRows(), AREA.area)
    c.execute("DELETE FROM merge_decision")
    merged.refresh(c)
    assert digests.counted(c, RecordRows(), AREA.area) == before != with_decision
    assert set(RecordRows().lives(c, "person", PEOPLE)) == set(PEOPLE)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_it_does_not_matter_what_comes_first(store: Store, order: tuple[int, int]) -> None:
    parts = [people(), [decision("d1", "pa", "pb"), decision("d2", "pb", "pc")]]
    with store.write() as c:
        for place in order:
            RecordRows().upsert(c, parts[place])
        assert live(c) == ["pc"]
        assert {person for _, person in screened(c)} == {"pc"}
        assert live(c, "risk_membership") == ["m-pa"], "of two that say the same one is shown"
        assert [hit.id for hit in search.find(c, "079155000123")] == ["pc"]
        assert search.check(c) == 0
        RecordRows().upsert(c, [decision("d3", "pb", "pc", "undone", undoes="d2")])
        assert live(c) == ["pb", "pc"]
        assert screened(c) == [("s-pa", "pb"), ("s-pb", "pb"), ("s-pc", "pc")]
        assert search.check(c) == 0


def test_a_row_that_comes_again_still_names_the_one_shown(c: Any) -> None:
    RecordRows().upsert(c, [decision("d1", "pa", "pb")])
    again = msgspec.structs.replace(people()[4], seq=7, body={**people()[4].body, "note": "sửa"})
    assert again.id == "s-pa"
    RecordRows().upsert(c, [again])
    assert screened(c)[0] == ("s-pa", "pb")
    assert RecordRows().read(c, "screening", ["s-pa"])["s-pa"] == again


def test_what_hangs_on_a_case_follows_whether_it_came_before_or_after(store: Store) -> None:
    case = row("case", "k", person="pa", source="screening", started_on="2026-11-20", place="home")
    seen = row("observation", "o", case="k", person="pa", at=AT)
    for order in ([case, seen], [seen, case]):
        with store.write() as c:
            for one in (*people(), decision("d1", "pa", "pb"), *order):
                RecordRows().upsert(c, [one])
            assert (
                c.execute('SELECT person FROM observation UNION ALL SELECT person FROM "case"').fetchall()[0][
                    0
                ]
                == "pb"
            )
            assert RecordRows().read(c, "observation", ["o"])["o"] == seen
            for name in ('"case"', "observation", "merge_decision"):
                c.execute(f"DELETE FROM {name}")
            merged.refresh(c)


def test_the_one_kept_left_this_laptop(c: Any) -> None:
    RecordRows().upsert(c, [decision("d1", "pa", "pb")])
    RecordRows().upsert(c, [msgspec.structs.replace(people()[1], gone="moved", seq=9, body={})])
    assert live(c) == ["pa", "pc"], "nobody is hidden behind a record that is not here"
    assert screened(c)[:2] == [("s-pa", "pa"), ("s-pb", "pa")]
    assert search.check(c) == 0


def test_an_area_taken_off_this_laptop_takes_its_decisions_along(c: Any) -> None:
    elsewhere = [
        row("person", "px", area="a2", full_name="Lê Thị X"),
        row("person", "py", area="a2", full_name="Lê Y"),
    ]
    RecordRows().upsert(
        c,
        [
            *elsewhere,
            decision("d1", "pa", "pb"),
            msgspec.structs.replace(decision("d2", "px", "py"), area="a2"),
        ],
    )
    assert live(c) == ["pb", "pc", "py"]
    RecordRows().forget_area(c, AREA.area)
    assert live(c) == ["py"]
    assert [tuple(one) for one in c.execute("SELECT id, kept FROM merged_into")] == [("px", "py")]
    assert c.execute("SELECT count(*) FROM said_of").fetchone()[0] == 0


def test_everything_is_made_anew_from_what_was_said(c: Any) -> None:
    RecordRows().upsert(c, [decision("d1", "pa", "pb")])
    c.execute("UPDATE person SET deleted = 0")  # as after a repair that took rows from an older copy
    c.execute("UPDATE screening SET person = 'pa' WHERE id = 's-pa'")
    merged.rebuild(c)
    assert live(c) == ["pb", "pc"]
    assert screened(c)[0] == ("s-pa", "pb")
    assert RecordRows().read(c, "screening", ["s-pa"])["s-pa"].body["person"] == "pa"


def test_an_edit_of_what_is_shown_says_nothing_about_whom_it_names(store: Store) -> None:
    with store.write() as c:
        RecordRows().upsert(c, [AREA, *people(), decision("d1", "pa", "pb")])
    with store.work("lan") as work:
        assert work.get("risk_membership", "m-pa").body["person"] == "pb"
        assert not work.change("risk_membership", "m-pa", {"person": "pb"})
        assert work.change("risk_membership", "m-pa", {"source": "sổ"})
    with store.read() as c:
        assert RecordRows().read(c, "risk_membership", ["m-pa"])["m-pa"].body["person"] == "pa"
        ((changes,),) = c.execute('SELECT "set" FROM outbox').fetchall()
    assert msgspec.json.decode(changes) == {"source": [None, "sổ"]}


def test_decisions_that_an_older_program_kept_whole_hold_after_the_update(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = cipher.open_database(tmp_path / "gonha.db", KEY, create=True)
    every = migrations.MIGRATIONS
    before = [step.__name__ for step in every].index("m0008_everyone_known_once")
    monkeypatch.setattr(migrations, "MIGRATIONS", every[:before])
    migrations.migrate(connection, AT, lambda: None)
    for one in people()[:3]:
        connection.execute(
            "INSERT INTO person (id, area, commune, seq, deleted, full_name) VALUES (?, ?, '27211', 1, 0, ?)",
            (one.id, one.area, one.body["full_name"]),
        )
    kept_whole = decision("d1", "pa", "pb")
    connection.execute(
        "INSERT INTO later_row (type, id, area, seq, deleted, row) VALUES ('merge_decision', 'd1', ?, 1, 0, ?)",
        (AREA.area, msgspec.json.encode(kept_whole).decode()),
    )
    monkeypatch.setattr(migrations, "MIGRATIONS", every)
    migrations.migrate(connection, AT, lambda: None)
    assert [
        ident for (ident,) in connection.execute("SELECT id FROM person WHERE NOT deleted ORDER BY id")
    ] == ["pb", "pc"]
    connection.close()
