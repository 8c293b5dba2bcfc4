"""Lists and exported lines coming in: what is good goes in at once, the rest is named, and all can be taken back."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from laptop_alone import UNITS, area_id, exported, laptop, live, total

from sync import outbox
from sync.protocol import Result, Row
from tests.make_sample import SPOILED, TARGET
from tui_app.bootstrap import Workspace
from tui_app.errors import BadFile, GonhaError, NotFound
from tui_app.i18n import set_language
from tui_app.intake.made_up import made_up_ward
from tui_app.records.identity import IdentifierKind
from tui_app.services.care import rejudging
from tui_app.services.cases import cases
from tui_app.services.cases.board import board
from tui_app.services.duplicates import merging
from tui_app.services.duplicates.comparing import FIRST
from tui_app.services.lists import import_batches, importing
from tui_app.services.people import identity, people
from tui_app.services.visits import visits
from tui_app.store.rows import RecordRows

HUNG = "Khu phố 1,3,Nguyễn Văn Hùng,{},Nam,,9 Lê Lợi,0903777888,,\n"
HUWNG = "Khu phố 1,3,Nguyễn Văn Hưng,{},Nam,,9 Lê Lợi,0903777888,,\n"
HEAD = "Khu phố,Hộ số,Họ và tên,Năm sinh,Giới tính,CCCD,Địa chỉ,Điện thoại,Quan hệ với chủ hộ,Bệnh nền\n"
DUC = "Khu phố 1,1,Nguyễn Văn Đức,1961,Nam,079061123456,12 Lê Lợi,0903123456,Chủ hộ,THA\n"
THUY = "Khu phố 1,1,Trần Thị Thủy,1964,Nữ,079164123456,12 Lê Lợi,,Vợ,\n"
HANG = "Khu phố 2,2,Lê Thị Hằng,1955,Nữ,,7 Hàn Hải Nguyên,0903765432,Chủ hộ,\n"


@pytest.fixture
def lan(tmp_path: Path) -> Iterator[Workspace]:
    made = laptop(tmp_path / "lan")
    yield made
    made.close()


def listed(folder: Path, *rows: str, name: str = "ds.csv") -> Path:
    file = folder / name
    file.write_text(HEAD + "".join(rows), encoding="utf-8")
    return file


def lines(folder: Path, *records: dict[str, Any] | str, name: str = "x.ndjson") -> Path:
    file = folder / name
    file.write_text(
        "".join((r if isinstance(r, str) else json.dumps(r)) + "\n" for r in records), encoding="utf-8"
    )
    return file


def person(workspace: Workspace, name: str) -> Row:
    (found,) = live(workspace, "person", "full_name = ?", name)
    return found


# -- the sample list ---------------------------------------------------------------------------------------------


def test_the_sample_goes_in_but_for_its_spoiled_rows(lan: Workspace) -> None:
    report = importing.import_list(lan, TARGET)
    ward = made_up_ward(300)
    written = sum(len(household.persons) for household in ward) + 3  # three are written twice
    assert (report.persons, report.households, report.households_met) == (
        written - len(SPOILED),
        len(ward) + 3,
        0,
    )
    assert (total(lan, "person"), total(lan, "household")) == (report.persons, report.households)
    assert total(lan, "outbox") == report.records == total(lan, "outbox WHERE state = 'new'")
    assert report.records == sum(
        total(lan, name)
        for name in (
            "person",
            "household",
            "person_condition",
            "risk_membership",
            "test_result",
            "support_need",
        )
    )
    with lan.store.read() as c:
        (batch,) = import_batches.batches(c)
    assert (batch.id, batch.who, batch.source, batch.undone_at) == (report.batch, "lan", TARGET.name, None)
    assert batch.counts["persons"] == report.persons


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_spoiled_row_is_listed_with_its_cell_and_reason(lan: Workspace, language: str) -> None:
    report = importing.import_list(lan, TARGET, dry_run=True)
    columns = "ABCDEFGHIJKLMNOPQRSTUV"
    # The cell beside the wrong one is named where the year stands in the column of the other sex.
    wanted = sorted(columns[column] for column, _ in SPOILED.values())
    assert sorted(bad.cell[0] for bad in report.bad_rows) == wanted
    set_language(language)
    try:
        for bad in report.bad_rows:
            assert bad.sheet == "Danh sách hộ"
            assert bad.cell == f"{bad.cell[0]}{bad.row}"
            assert len(str(bad.problem)) > 20
    finally:
        set_language("vi")


def test_a_dry_run_tells_the_same_and_writes_nothing(lan: Workspace) -> None:
    tried = importing.import_list(lan, TARGET, dry_run=True)
    assert (total(lan, "person"), total(lan, "outbox"), total(lan, "import_batch")) == (0, 0, 0)
    done = importing.import_list(lan, TARGET)
    assert tried.batch == ""
    assert (tried.persons, tried.households, len(tried.bad_rows)) == (
        done.persons,
        done.households,
        len(done.bad_rows),
    )


def test_each_unit_gets_its_own_households(lan: Workspace) -> None:
    importing.import_list(lan, TARGET)
    ward = made_up_ward(300)
    for number in range(1, len(UNITS) + 1):
        here = total(lan, f"household WHERE area = '{area_id(number)}'")
        written = sum(household.unit == number for household in ward)
        assert written <= here <= written + 3  # three persons stand in it a second time
    people = live(lan, "person")
    doors = {row.id: row.area for row in live(lan, "household")}
    assert all(row.area == doors[row.body["household"]] for row in people)


# -- twice, and back again ---------------------------------------------------------------------------------------


def test_the_same_file_is_refused_and_names_the_way_back(lan: Workspace, tmp_path: Path) -> None:
    first = importing.import_list(lan, listed(tmp_path, DUC))
    with pytest.raises(BadFile) as refused:
        importing.import_list(lan, listed(tmp_path, DUC, name="copy.csv"))
    assert f"gonha import --undo {first.batch}" in str(refused.value)
    assert total(lan, "person") == 1


def test_a_number_somebody_had_before_or_by_a_merged_record_is_theirs(lan: Workspace, tmp_path: Path) -> None:
    importing.import_list(lan, listed(tmp_path, DUC.replace("079061123456", "079061000001")))
    known = person(lan, "Nguyễn Văn Đức")
    identity.add_identifier(lan.store, lan.user, known.id, IdentifierKind.NATIONAL_ID, "079061123456")
    report = importing.import_list(lan, listed(tmp_path, DUC, name="old-number.csv"), dry_run=True)
    assert [one.fields["full_name"] for one in report.already_here] == ["Nguyễn Văn Đức"]
    other = people.save_person(
        lan.store,
        lan.user,
        {"full_name": "Nguyễn Văn Đức", "national_id": "079061777777"},
        household=known.body["household"],
    )
    merging.merge(lan.store, lan.user, "person", known.id, other, {"national_id": FIRST})
    again = DUC.replace("079061123456", "079061777777")
    report = importing.import_list(lan, listed(tmp_path, again, name="merged.csv"), dry_run=True)
    assert [one.fields["full_name"] for one in report.already_here] == ["Nguyễn Văn Đức"]


def test_persons_who_are_here_are_not_doubled(lan: Workspace, tmp_path: Path) -> None:
    importing.import_list(lan, listed(tmp_path, DUC))
    report = importing.import_list(lan, listed(tmp_path, DUC, THUY, HANG, name="more.csv"))
    assert (report.persons, report.households, report.households_met) == (2, 1, 1)
    assert [p.fields["full_name"] for p in report.already_here] == ["Nguyễn Văn Đức"]
    assert person(lan, "Trần Thị Thủy").body["household"] == person(lan, "Nguyễn Văn Đức").body["household"]
    assert total(lan, "household") == 2


SAU = "Khu phố 1,6,Lê Văn Sáu,1970,Nam,,12 Lê Lợi,0903999999,Chủ hộ,\n"
BAY = "Khu phố 1,6,Lê Thị Bảy,1974,Nữ,,12 Lê Lợi,,Vợ,\n"


@pytest.mark.parametrize("known_first", [True, False])
def test_two_families_behind_one_door_stay_two(lan: Workspace, tmp_path: Path, known_first: bool) -> None:
    """Each has its household number and its head: an address alone is no household (§1.1: the household that has such
    a person)."""
    rows = (DUC, THUY, SAU, BAY)
    if known_first:
        importing.import_list(lan, listed(tmp_path, DUC, THUY))
    tried = importing.import_list(lan, listed(tmp_path, *rows, name="2.csv"), dry_run=True)
    report = importing.import_list(lan, listed(tmp_path, *rows, name="2.csv"))
    assert (report.households, report.households_met) == ((1, 0) if known_first else (2, 0))
    assert (tried.households, tried.households_met) == (report.households, report.households_met)
    homes = {name: person(lan, name).body["household"] for name in ("Nguyễn Văn Đức", "Trần Thị Thủy")}
    assert len(set(homes.values())) == 1
    theirs = {person(lan, name).body["household"] for name in ("Lê Văn Sáu", "Lê Thị Bảy")}
    assert len(theirs) == 1
    assert theirs.isdisjoint(homes.values())
    more = "Khu phố 1,6,Lê Văn Tám,1999,Nam,,12 Lê Lợi,,Con,\n"
    importing.import_list(lan, listed(tmp_path, more, name="3.csv"))
    assert person(lan, "Lê Văn Tám").body["household"] in theirs
    child = "Khu phố 1,,Nguyễn Văn Chín,2001,Nam,,12 Lê Lợi,,Con,\n"
    importing.import_list(lan, listed(tmp_path, DUC.replace(",1,", ",,", 1), child, name="4.csv"))
    assert person(lan, "Nguyễn Văn Chín").body["household"] == homes["Nguyễn Văn Đức"]


def test_another_head_at_a_known_address_is_another_household(lan: Workspace, tmp_path: Path) -> None:
    importing.import_list(lan, listed(tmp_path, DUC.replace(",1,", ",,", 1)))
    report = importing.import_list(lan, listed(tmp_path, SAU.replace(",6,", ",,", 1), name="2.csv"))
    assert (report.households, report.households_met, total(lan, "household")) == (1, 0, 2)


def test_somebody_who_only_looks_alike_goes_in_and_is_pointed_at(lan: Workspace, tmp_path: Path) -> None:
    importing.import_list(lan, listed(tmp_path, DUC))
    other = "Khu phố 3,1,Nguyễn Văn Đức,1961,Nam,,80 Trần Phú,,Chủ hộ,\n"
    report = importing.import_list(lan, listed(tmp_path, other, name="more.csv"))
    assert (report.persons, report.already_here) == (1, [])
    assert [pair.second.fields["full_name"] for pair in report.likenesses] == ["Nguyễn Văn Đức"]
    assert total(lan, "person") == 2


@pytest.mark.parametrize(
    ("here", "listed_birth"),
    [
        ("1960", "1960"),  # twins, or cousins: Hùng is not Hưng
        ("1960", "1961"),  # brothers with the telephone of the house
        ("1960", "1960-11-20"),
    ],
)
def test_a_brother_whose_name_differs_by_its_marks_is_not_left_out(
    lan: Workspace, tmp_path: Path, here: str, listed_birth: str
) -> None:
    importing.import_list(lan, listed(tmp_path, HUNG.format(here)))
    again = listed(tmp_path, HUNG.format(here), HUWNG.format(listed_birth), name="2.csv")
    report = importing.import_list(lan, again)
    assert [one.fields["full_name"] for one in report.already_here] == ["Nguyễn Văn Hùng"]
    assert (
        person(lan, "Nguyễn Văn Hưng").body["household"] == person(lan, "Nguyễn Văn Hùng").body["household"]
    )
    third = importing.import_list(lan, listed(tmp_path, HUWNG.format(listed_birth), name="3.csv"))
    assert [one.fields["full_name"] for one in third.already_here] == ["Nguyễn Văn Hưng"]


def test_one_name_and_year_at_one_door_with_two_days_of_birth_are_two(lan: Workspace, tmp_path: Path) -> None:
    importing.import_list(lan, listed(tmp_path, HUNG.format("01/03/1960")))
    report = importing.import_list(lan, listed(tmp_path, HUNG.format("20/11/1960"), name="2.csv"))
    assert (report.persons, report.already_here, len(report.likenesses)) == (1, [], 1)


def test_an_import_nobody_touched_is_taken_back_whole_and_may_come_again(
    lan: Workspace, tmp_path: Path
) -> None:
    first = importing.import_list(lan, listed(tmp_path, DUC, THUY, HANG))
    lan.clock.forward(minutes=5)  # type: ignore[attr-defined]
    undone = import_batches.undo_import(lan, first.batch)
    assert (undone.removed, undone.kept) == (first.records, 0)
    assert [live(lan, name) for name in ("person", "household", "person_condition", "risk_membership")] == [
        []
    ] * 4
    assert total(lan, "person WHERE deleted") == 3, "the rows and their history stay"
    again = importing.import_list(lan, listed(tmp_path, DUC, THUY, HANG))
    assert (again.persons, again.records, again.already_here) == (3, first.records, [])
    with pytest.raises(GonhaError, match="rút lại từ trước"):
        import_batches.undo_import(lan, first.batch)
    with pytest.raises(NotFound):
        import_batches.undo_import(lan, "no such batch")


def visited(workspace: Workspace) -> None:
    door = str(person(workspace, "Nguyễn Văn Đức").body["household"])
    with workspace.store.read() as c:
        sheet = visits.visit_sheet(c, door, date(2026, 11, 22))
    visits.record_visit(workspace.store, "lan", sheet)


def edited(workspace: Workspace) -> None:
    with workspace.store.work("lan") as work:
        work.change("person", person(workspace, "Nguyễn Văn Đức").id, {"phone": "+84903999999"})


def edited_elsewhere(workspace: Workspace) -> None:
    """Everything was sent; another laptop changed the telephone, and that row came down."""
    with workspace.store.write() as c:
        ops = outbox.waiting(c, "this", 1000, 1 << 20)
        results = [(op, Result(op=op.id, n=op.n, result="applied", seq=op.n)) for op in ops]
        outbox.answer(c, RecordRows(), results, "2026-11-22T02:01:00.000Z")
        outbox.prune(c, "2027-01-01T00:00:00.000Z")
        row = RecordRows().read(c, "person", [person(workspace, "Nguyễn Văn Đức").id]).popitem()[1]
        body = {**row.body, "phone": "+84903888888"}
        changed = Row(
            type="person", id=row.id, commune=row.commune, area=row.area, seq=99, body=body,
            at="2026-11-22T02:03:00.000Z", who="minh", device="other",
        )  # fmt: skip
        outbox.apply(c, RecordRows(), [changed])


def condition_edited(workspace: Workspace) -> None:
    (condition,) = live(workspace, "person_condition")
    with workspace.store.work("lan") as work:
        work.change("person_condition", condition.id, {"stable": False})


def condition_added(workspace: Workspace) -> None:
    duc = person(workspace, "Nguyễn Văn Đức")
    with workspace.store.work("lan") as work:
        work.create("person_condition", {"person": duc.id, "condition": "diabetes"}, place=duc)


def member_added(workspace: Workspace) -> None:
    duc = person(workspace, "Nguyễn Văn Đức")
    with workspace.store.work("lan") as work:
        work.create("person", {"full_name": "Nguyễn Văn Bé", "household": duc.body["household"]}, place=duc)


def need_opened(workspace: Workspace) -> None:
    duc = person(workspace, "Nguyễn Văn Đức")
    with workspace.store.work("lan") as work:
        fields = {"household": duc.body["household"], "kind": "food", "status": "open"}
        work.create("support_need", fields, place=duc)


def number_scanned(workspace: Workspace) -> None:
    duc = person(workspace, "Nguyễn Văn Đức")
    identity.add_identifier(workspace.store, "lan", duc.id, IdentifierKind.PASSPORT, "B1234567")


def asked_about(workspace: Workspace) -> None:
    duc = person(workspace, "Nguyễn Văn Đức")
    with workspace.store.work("lan") as work:
        fields = {"person": duc.id, "kind": "access", "received_on": date(2026, 11, 22), "state": "open"}
        work.create("data_request", fields, place=duc)


def case_opened(workspace: Workspace) -> None:
    duc = person(workspace, "Nguyễn Văn Đức")
    day = date(2026, 11, 22)
    cases.open_case(workspace.store, "lan", duc.id, source="screening", started_on=day)


@pytest.mark.parametrize(
    "touch",
    [
        visited,
        edited,
        edited_elsewhere,
        condition_edited,
        condition_added,
        member_added,
        need_opened,
        case_opened,
        number_scanned,
        asked_about,
    ],
)
@pytest.mark.parametrize("minutes", [0, 5], ids=["at-once", "later"])
def test_a_household_somebody_worked_on_stays_whole(
    lan: Workspace, tmp_path: Path, touch: Any, minutes: int
) -> None:
    batch = importing.import_list(lan, listed(tmp_path, DUC, THUY, HANG)).batch
    lan.clock.forward(minutes=minutes)  # type: ignore[attr-defined]
    touch(lan)
    undone = import_batches.undo_import(lan, batch)
    assert {row.body["full_name"] for row in live(lan, "person")} >= {"Nguyễn Văn Đức", "Trần Thị Thủy"}
    assert [row.body["address"] for row in live(lan, "household")] == ["12 Lê Lợi"]
    assert "hypertension" in {row.body["condition"] for row in live(lan, "person_condition")}
    assert live(lan, "person", "full_name = 'Lê Thị Hằng'") == []
    assert undone.removed == 2  # Hằng and her door
    assert undone.kept > 3


# -- units -------------------------------------------------------------------------------------------------------


def test_a_row_of_a_unit_that_is_not_here_is_listed_and_the_others_go_in(tmp_path: Path) -> None:
    lan = laptop(tmp_path / "lan", units=(*UNITS[:1], "Tổ 7"))
    report = importing.import_list(lan, listed(tmp_path, DUC, THUY, HANG))
    assert report.persons == 2
    ((row, message),) = [(bad.row, str(bad.problem)) for bad in report.bad_rows]
    assert row == 4
    assert "Khu phố 1, Tổ 7" in message
    lan.close()


def test_a_list_that_names_no_unit_needs_one_named(lan: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "ds.csv"
    file.write_text("Họ và tên,Năm sinh,Giới tính,Địa chỉ\nLê Thị Hằng,1955,Nữ,7 Lê Lợi\n", encoding="utf-8")
    report = importing.import_list(lan, file)
    assert (report.persons, len(report.bad_rows)) == (0, 1)
    with pytest.raises(NotFound, match="Khu phố 9"):
        importing.import_list(lan, file, area="Khu phố 9")
    file.write_text(file.read_text(encoding="utf-8") + "Lê Văn Hai,1950,Nam,7 Lê Lợi\n", encoding="utf-8")
    for name in ("kp 2", "27211/03", area_id(4)):
        assert importing.import_list(lan, file, area=name, dry_run=True).persons == 2
    assert importing.import_list(lan, file, area="khu pho 3").persons == 2
    assert {row.area for row in live(lan, "person")} == {area_id(3)}


def test_the_only_unit_takes_every_row(tmp_path: Path) -> None:
    lan = laptop(tmp_path / "lan", units=("Phường Hòa Bình",))
    assert importing.import_list(lan, listed(tmp_path, DUC, HANG)).persons == 2
    lan.close()


# -- files that are none -----------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_a_list_says_so(lan: Workspace, tmp_path: Path) -> None:
    whole, letter = TARGET.read_bytes(), io.BytesIO()
    with zipfile.ZipFile(letter, "w") as packed:
        packed.writestr("word/document.xml", "<w:document/>")
    broken = {
        "cut.xlsx": whole[: len(whole) // 2],
        "empty.xlsx": b"",
        "empty.csv": b"",
        "text.xlsx": "Họ và tên,Năm sinh\n".encode(),
        "picture.csv": bytes(range(256)) * 20,
        "letter.csv": "Kính gửi trạm y tế phường\n".encode(),
        "letter.docx": letter.getvalue(),
        "letter.xlsx": letter.getvalue(),
        "list.pdf": b"%PDF-1.7\n",
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadFile) as refused:
            importing.import_list(lan, tmp_path / name)
        assert name in str(refused.value), name
        assert len(str(refused.value)) > len(name) + 15, name
    for missing in (tmp_path / "missing.xlsx", tmp_path):
        with pytest.raises(BadFile):
            importing.import_list(lan, missing)
    assert total(lan, "import_batch") == total(lan, "outbox") == 0


# -- exported lines ----------------------------------------------------------------------------------------------


def test_an_export_goes_into_another_laptop_and_comes_out_the_same(lan: Workspace, tmp_path: Path) -> None:
    importing.import_list(lan, TARGET)
    visited_door = live(lan, "household")[0].id
    with lan.store.read() as c:
        sheet = visits.visit_sheet(c, visited_door, date(2026, 11, 22))
    visits.record_visit(lan.store, "lan", sheet)
    (tmp_path / "all.ndjson").write_bytes(exported(lan))
    minh = laptop(tmp_path / "minh", "minh")
    tried = importing.import_records(minh, tmp_path / "all.ndjson", dry_run=True)
    assert total(minh, "outbox") == 0
    report = importing.import_records(minh, tmp_path / "all.ndjson")
    assert report.bad_rows == tried.bad_rows == []
    assert report.records == tried.records == len(exported(lan).splitlines())
    assert exported(minh) == exported(lan)
    again = importing.import_records(minh, tmp_path / "all.ndjson")
    assert (again.records, again.bad_rows, again.batch) == (0, [], "")
    assert total(minh, "outbox WHERE type <> 'access_entry'") == report.records
    minh.close()


def test_taken_back_lines_come_again(lan: Workspace, tmp_path: Path) -> None:
    door = {"type": "household", "id": "h1", "area": area_id(1), "address": "12 Lê Lợi"}
    visit = {"type": "household_visit", "id": "v1", "area": area_id(1), "household": "h9", "outcome": "absent",
             "at": "2026-11-20T02:00:00.000Z"}  # fmt: skip
    file = lines(tmp_path, door, visit)
    before = importing.import_records(lan, file)
    whole = exported(lan)
    import_batches.undo_import(lan, before.batch)
    assert exported(lan) == b""
    assert importing.import_records(lan, file).records == 2
    assert exported(lan) == whole


def test_taking_back_an_import_leaves_what_was_here_before_it(lan: Workspace, tmp_path: Path) -> None:
    old = Row(
        type="household", id="h1", commune="27211", area=area_id(1), seq=5, body={"address": "12 Lê Lợi"},
        at="2026-11-01T00:00:00.000Z", who="minh",
    )  # fmt: skip
    with lan.store.write() as c:
        outbox.apply(c, RecordRows(), [old])
    change = {"type": "household", "id": "h1", "area": area_id(1), "address": "12A Lê Lợi"}
    report = importing.import_records(lan, lines(tmp_path, change))
    assert report.records == 1
    undone = import_batches.undo_import(lan, report.batch)
    assert (undone.removed, undone.kept) == (0, 0)
    (row,) = live(lan, "household")
    assert row.body["address"] == "12A Lê Lợi"


@pytest.mark.parametrize("language", ["vi", "en"])
def test_wrong_lines_are_listed_with_their_reason_and_the_others_go_in(
    lan: Workspace, tmp_path: Path, language: str
) -> None:
    visit = {"type": "household_visit", "id": "v1", "area": area_id(1), "household": "h1", "outcome": "absent",
             "at": "2026-11-20T02:00:00.000Z"}  # fmt: skip
    door = {"type": "household", "id": "h1", "area": area_id(1), "address": "12 Lê Lợi"}
    records: list[dict[str, Any] | str] = [
        door,
        visit,
        {**visit, "id": "v2", "outcome": "vắng"},
        {**visit, "id": "v3", "at": "2026-11-20T02:00:00"},
        {**door, "id": "h2", "area": "somewhere else"},
        {**door, "id": "h3", "area": None},
        {**door, "id": "h 4"},
        {**door, "id": "h5", "walk_order": -1},
        {**door, "id": "h6", "seq": 7},
        {**door, "id": "h7", "Ghi chú": "x"},
        {"type": "area", "id": "a9", "area": area_id(1), "unit_name": "Khu phố 9"},
        {"type": "conflict", "id": "c1", "area": area_id(1), "state": "resolved"},
        {"type": "spaceship", "id": "s1", "area": area_id(1)},
        {"type": "person", "id": "p1", "area": area_id(1), "household": "h1"},
        {
            "type": "person",
            "id": "p2",
            "area": area_id(1),
            "household": "h1",
            "full_name": "A",
            "birth_date": 0,
        },
        "not json",
        '{"type": "household"}',
        door,
        {**door, "id": "h8", "unheard_of": {"deep": [1, None]}},
    ]
    set_language(language)
    try:
        report = importing.import_records(lan, lines(tmp_path, *records))
        shown = {bad.row: str(bad.problem) for bad in report.bad_rows}
    finally:
        set_language("vi")
    assert shown.keys() == {*range(3, 19)}
    assert all(len(text) > 15 for text in shown.values())
    assert report.records == 3
    (new,) = live(lan, "household", "id = 'h8'")
    assert new.body["unheard_of"] == {"deep": [1, None]}


def test_a_visit_that_is_here_with_other_content_is_refused(lan: Workspace, tmp_path: Path) -> None:
    visit = {"type": "household_visit", "id": "v1", "area": area_id(1), "household": "h1", "outcome": "absent",
             "at": "2026-11-20T02:00:00.000Z"}  # fmt: skip
    importing.import_records(lan, lines(tmp_path, visit))
    same = importing.import_records(lan, lines(tmp_path, {**visit, "at": "2026-11-20T09:00:00+07:00"}))
    assert (same.records, same.bad_rows) == (0, [])
    other = importing.import_records(lan, lines(tmp_path, {**visit, "outcome": "met"}))
    assert (other.records, [bad.row for bad in other.bad_rows]) == (0, [1])
    (row,) = live(lan, "household_visit")
    assert row.body["outcome"] == "absent"


def test_a_file_of_lines_that_is_none_says_so(lan: Workspace, tmp_path: Path) -> None:
    for name, content in {"a.ndjson": b"", "b.ndjson": b"\xff\xfe\x00", "c.ndjson": b" \n\n"}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(BadFile, match=name):
            importing.import_records(lan, tmp_path / name)
    with pytest.raises(BadFile):
        importing.import_records(lan, tmp_path / "missing.ndjson")


# -- one open case a person --------------------------------------------------------------------------------------


def case_line(workspace: Workspace, ident: str, whose: Row, **more: Any) -> dict[str, Any]:
    said = {"source": "transfer", "started_on": "2026-11-20", "place": "home"}
    return {"type": "case", "id": ident, "area": area_id(1), "person": whose.id, **said, **more}


def test_a_file_gives_nobody_a_second_open_case(lan: Workspace, tmp_path: Path) -> None:
    importing.import_list(lan, listed(tmp_path, DUC, THUY))
    duc, thuy = person(lan, "Nguyễn Văn Đức"), person(lan, "Trần Thị Thủy")
    here = cases.open_case(
        lan.store, lan.user, duc.id, source="screening", started_on=date(2026, 11, 20)
    ).case
    file = lines(
        tmp_path,
        case_line(lan, "c-1", duc),
        case_line(lan, "c-2", duc, outcome="recovered", ended_on="2026-11-21"),
        case_line(lan, "c-3", thuy),
        case_line(lan, "c-4", thuy),
    )
    report = importing.import_records(lan, file)
    assert [(bad.row, bad.problem.key) for bad in report.bad_rows] == [
        (1, "care.case_open"),
        (4, "care.case_open"),
    ]
    assert {row.id for row in live(lan, "case")} == {here, "c-2", "c-3"}
    ended = case_line(lan, "c-3", thuy, outcome="moved_out", ended_on="2026-11-21")
    assert importing.import_records(lan, lines(tmp_path, ended, case_line(lan, "c-4", thuy))).bad_rows == []
    reopened = lines(tmp_path, case_line(lan, "c-3", thuy, outcome=None, ended_on=None))
    assert [bad.problem.key for bad in importing.import_records(lan, reopened).bad_rows] == ["care.case_open"]


def test_a_case_from_a_file_is_known_from_when_it_came(lan: Workspace, tmp_path: Path) -> None:
    importing.import_list(lan, listed(tmp_path, DUC))
    duc, before = person(lan, "Nguyễn Văn Đức"), lan.clock()
    lan.clock.forward(hours=5)  # type: ignore[attr-defined]  # 14:00: the morning's round is over
    taken = importing.import_records(lan, lines(tmp_path, case_line(lan, "c-1", duc)))
    assert taken.types == {"case": 1, "case_event": 1}
    with lan.store.read() as c:
        assert [str(line.standing) for line in board(c, lan.clock())] == ["due"], "not the morning's arrears"
        assert board(c, lan.clock(), as_of=before) == []
    assert importing.import_records(lan, lines(tmp_path, case_line(lan, "c-1", duc))).types == {}
    import_batches.undo_import(lan, taken.batch)
    assert live(lan, "case_event") == []


def test_a_case_that_brings_its_events_is_known_from_then(lan: Workspace, tmp_path: Path) -> None:
    importing.import_list(lan, listed(tmp_path, DUC))
    event = {"type": "case_event", "id": "e-1", "area": area_id(1), "case": "c-1", "event": "opened"}
    event |= {"at": "2026-11-20T02:00:00Z", "on": "2026-11-20", "became": "home"}
    importing.import_records(
        lan, lines(tmp_path, case_line(lan, "c-1", person(lan, "Nguyễn Văn Đức")), event)
    )
    assert [row.id for row in live(lan, "case_event")] == ["e-1"]


def test_what_a_file_says_of_a_case_is_not_judged_again(lan: Workspace, tmp_path: Path) -> None:
    importing.import_list(lan, listed(tmp_path, DUC))
    duc = person(lan, "Nguyễn Văn Đức")
    importing.import_records(lan, lines(tmp_path, case_line(lan, "c-1", duc, risk_class="low")))
    with lan.store.work(lan.user) as work:
        work.change("person", duc.id, {"birth_date": "1930-01-01"})
        rejudging.corrected(work, duc.id, {"birth_date"})
    assert [row.body["risk_class"] for row in live(lan, "case")] == ["low"]
    assert [row.body["event"] for row in live(lan, "case_event")] == ["opened"]
