"""A list from the national system beside the doses recorded here: who is who, what differs, and what is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tests.services.care_ward import CareWard
from tui_app.errors import BadFile, UserError
from tui_app.intake.dose_list import read_dose_list
from tui_app.services.lists.import_batches import undo_import
from tui_app.services.people import people
from tui_app.services.vaccination import reconciling, vaccination
from tui_app.services.vaccination.reconciling import Compared, Reconciliation

DAY = date(2022, 9, 14)
HEAD = (
    "STT",
    "Họ và tên",
    "Ngày sinh",
    "CCCD",
    "Điện thoại",
    "Mũi tiêm",
    "Ngày tiêm",
    "Loại vắc xin",
    "Số lô",
)
HANG = ("Lê Thị Hằng", "01/05/1980", "079180001234", "0903000011")


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[CareWard]:
    made = CareWard(tmp_path)
    made.at(DAY, 8)
    yield made
    made.close()


def sheet(folder: Path, *rows: tuple[Any, ...], head: tuple[str, ...] = HEAD) -> Path:
    """An XLSX as the national system writes it: a title, the heading, a row a dose."""
    path = folder / "he-thong.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet()
    page.write_string(0, 0, "DANH SÁCH NGƯỜI ĐÃ TIÊM VẮC XIN COVID-19")
    page.write_row(2, 0, head)
    days = book.add_format({"num_format": "dd/mm/yyyy"})
    for line, row in enumerate(rows, 3):
        for place, value in enumerate(row):
            page.write_datetime(line, place, value, days) if isinstance(value, date) else page.write(
                line, place, value
            )
    book.close()
    return path


def line(
    number: int, who: tuple[str, ...], dose: int, day: Any, product: str = "Pfizer", lot: str = ""
) -> tuple[Any, ...]:
    return (number, *who, dose, day, product, lot)


def compared(ward: CareWard, path: Path, **more: Any) -> Reconciliation:
    return reconciling.reconcile(ward.workspace, path, **more)


def one(found: Reconciliation, name: str) -> Compared:
    return next(row for row in found.rows if row.full_name == name)


def hang(ward: CareWard, **fields: Any) -> str:
    return ward.person("Lê Thị Hằng", national_id="079180001234", phone="+84903000011", **fields)


def record(ward: CareWard, who: str, day: str, **more: Any) -> str:
    fields = {"given_on": day, "product": "comirnaty", "dose_type": "basic", "source": "card", **more}
    return vaccination.add_dose(ward.store, ward.who, who, fields)


def test_rows_fall_into_five_kinds_and_nothing_is_written(ward: CareWard, tmp_path: Path) -> None:
    same, differs, here = (
        hang(ward),
        ward.person("Phạm Văn Tí", phone="+84903000022"),
        ward.person("Chỉ Ở Máy"),
    )
    twin = ward.person("Trần Hai", phone="+84903000099")
    record(ward, same, "2022-03-01")
    record(ward, differs, "2022-03-01")
    record(ward, here, "2022-03-01")
    path = sheet(
        tmp_path,
        line(1, HANG, 1, date(2022, 3, 1)),
        line(2, ("Phạm Văn Tí", "01/05/1980", "", "0903000022"), 1, "02/03/2022"),
        line(3, ("Người Lạ", "1970", "", "0903000033"), 1, date(2022, 3, 1)),
        line(4, ("Trần Hai", "01/05/1980", "", ""), 1, date(2022, 3, 1)),
    )
    before = ward.rows("vaccination_dose")
    found = compared(ward, path)
    states = {row.full_name: row.state for row in found.rows}
    assert states == {
        "Lê Thị Hằng": "matched",
        "Phạm Văn Tí": "differing",
        "Người Lạ": "only_there",
        "Trần Hai": "ambiguous",
        "Chỉ Ở Máy": "only_here",
    }
    assert [who.person for who in one(found, "Trần Hai").candidates] == [twin]
    assert ward.rows("vaccination_dose") == before


@pytest.mark.parametrize(
    ("listed", "state", "why"),
    [
        (HANG, "matched", ""),
        (("Hằng Lê", "01/05/1980", "079180001234", ""), "differing", ""),  # the number and the birth
        (("Lê Thị Hằng", "1980", "079180001234", ""), "matched", ""),
        (("Người Khác", "02/05/1981", "079180001234", ""), "ambiguous", "reconcile.why_number_other_person"),
        (("LE THI HANG", "01/05/1980", "", "0903000011"), "matched", ""),  # name, birth and telephone
        (
            ("Lê Thị Hằng", "01/05/1980", "079180009999", "0903000011"),
            "ambiguous",
            "reconcile.why_other_number",
        ),
        (("Lê Thị Hằng", "01/05/1980", "", "0903000012"), "ambiguous", "reconcile.why_name_only"),
        (("Lê Thị Hằng", "02/05/1980", "", "0903000011"), "only_there", ""),
    ],
)
def test_who_is_meant(ward: CareWard, tmp_path: Path, listed: tuple[str, ...], state: str, why: str) -> None:
    who = hang(ward)
    record(ward, who, "2022-03-01")
    found = compared(ward, sheet(tmp_path, line(1, listed, 1, date(2022, 3, 1))))
    row = found.rows[0]
    assert (row.state, row.why) == (state, why)


def test_a_number_kept_beside_the_person_finds_them_too(ward: CareWard, tmp_path: Path) -> None:
    who = ward.person("Lê Thị Hằng")
    ward._create("person_identifier", person=who, kind="national_id", number="079180001234")
    found = compared(ward, sheet(tmp_path, line(1, HANG, 1, date(2022, 3, 1))))
    assert found.rows[0].here is not None
    assert found.rows[0].here.person == who


@pytest.mark.parametrize("listed", ["7912345678", "GD4797912345678"])
def test_an_insurance_number_is_compared_by_its_last_ten_digits(
    ward: CareWard, tmp_path: Path, listed: str
) -> None:
    who = ward.person("Lê Thị Hằng", insurance_number="DN4797912345678")
    head = tuple("Số thẻ BHYT" if title == "CCCD" else title for title in HEAD)
    path = sheet(tmp_path, line(1, (*HANG[:2], listed, ""), 1, date(2022, 3, 1)), head=head)
    found = compared(ward, path).rows[0]
    assert found.here is not None, found.why
    assert (found.here.person, [one.kind for one in found.differences]) == (who, ["only_there"])


def test_a_twin_with_the_telephone_of_the_house_is_a_question(ward: CareWard, tmp_path: Path) -> None:
    ward.person("Nguyễn Văn Hùng", phone="+84903000011")
    twin = ("Nguyễn Văn Hưng", "01/05/1980", "", "0903000011")
    row = compared(ward, sheet(tmp_path, line(1, twin, 1, date(2022, 3, 1)))).rows[0]
    assert (row.state, row.why) == ("ambiguous", "reconcile.why_name_only")


def test_two_of_the_list_cannot_be_one_here(ward: CareWard, tmp_path: Path) -> None:
    hang(ward)
    found = compared(
        ward,
        sheet(
            tmp_path,
            line(1, HANG, 1, date(2022, 3, 1)),
            line(2, ("Lê Thị Hằng", "01/05/1980", "", "0903000011"), 2, date(2022, 4, 1)),
        ),
    )
    assert [(row.state, row.why) for row in found.rows] == [("ambiguous", "reconcile.why_twice")] * 2


def test_doses_are_compared_field_by_field_and_blank_cells_differ_from_nothing(
    ward: CareWard, tmp_path: Path
) -> None:
    who = hang(ward)
    record(ward, who, "2022-03-01", lot="A1")
    record(ward, who, "2022-04-01", number=2)
    record(ward, who, "2022-08-01", dose_type="booster")
    found = compared(
        ward,
        sheet(
            tmp_path,
            line(1, HANG, 1, date(2022, 3, 1), "AstraZeneca"),  # another product, no lot
            line(2, HANG, 2, date(2022, 4, 2)),  # another day of the same number
            line(3, HANG, 4, date(2022, 9, 1)),
        ),
    )
    row = found.rows[0]
    assert [(each.kind, dict(each.fields)) for each in row.differences] == [
        ("differs", {"product": ("comirnaty", "astrazeneca"), "number": (None, 1)}),
        ("differs", {"given_on": ("2022-04-01", "2022-04-02")}),
        (
            "only_there",
            {"given_on": (None, "2022-09-01"), "product": (None, "comirnaty"), "number": (None, 4)},
        ),
        (
            "only_here",
            {
                "given_on": ("2022-08-01", None),
                "product": ("comirnaty", None),
                "dose_type": ("booster", None),
            },
        ),
    ]


def test_accepting_writes_with_source_system_and_undo_brings_back_what_was(
    ward: CareWard, tmp_path: Path
) -> None:
    who = hang(ward)
    record(ward, who, "2022-03-01")
    record(ward, who, "2022-04-01", number=2)

    def kept() -> set[tuple[Any, ...]]:
        fields = ("given_on", "product", "number", "source", "dose_type")
        return {tuple(row.body.get(name) for name in fields) for row in ward.rows("vaccination_dose")}

    before = kept()
    path = sheet(
        tmp_path,
        line(1, HANG, 1, date(2022, 3, 1), "AstraZeneca"),
        line(2, HANG, 2, date(2022, 4, 2)),
        line(3, HANG, 3, date(2022, 9, 1)),
    )
    ward.at(DAY, 9)
    found = compared(ward, path)
    accepted = reconciling.accept(ward.workspace, found, [found.rows[0].key])
    assert kept() == {
        ("2022-03-01", "astrazeneca", 1, "system", "basic"),
        ("2022-04-02", "comirnaty", 2, "system", "basic"),
        ("2022-09-01", "comirnaty", 3, "system", None),
    }
    assert compared(ward, path).rows[0].state == "matched"
    ward.at(DAY, 10)
    undone = undo_import(ward.workspace, accepted.batch)
    assert (undone.removed, undone.kept) == (4, 0)
    assert kept() == before


def test_a_list_that_has_one_dose_twice_is_accepted_with_it_once(ward: CareWard, tmp_path: Path) -> None:
    """Two records of one day are one dose (rules/doses.py), and what they say differently is not taken over."""
    who = hang(ward)
    day = date(2022, 3, 1)
    path = sheet(
        tmp_path, line(1, HANG, 1, day, lot="A"), line(2, HANG, 2, day), line(3, HANG, 2, day, lot="A")
    )
    found = compared(ward, path)
    accepted = reconciling.accept(ward.workspace, found, [one(found, "Lê Thị Hằng").key])
    assert accepted.added == 1
    (dose,) = ward.rows("vaccination_dose")
    assert dose.body["person"] == who
    assert {name: dose.body.get(name) for name in ("given_on", "product", "lot", "number")} == {
        "given_on": "2022-03-01",
        "product": "comirnaty",
        "lot": "A",
        "number": None,
    }
    assert one(compared(ward, path), "Lê Thị Hằng").state == "matched"


def test_undo_keeps_what_somebody_corrected_since(ward: CareWard, tmp_path: Path) -> None:
    who = hang(ward)
    dose = record(ward, who, "2022-03-01")
    ward.at(DAY, 9)
    found = compared(ward, sheet(tmp_path, line(1, HANG, 1, date(2022, 3, 1), "AstraZeneca")))
    accepted = reconciling.accept(ward.workspace, found, ["4"])
    ward.at(DAY, 10)
    vaccination.change_dose(ward.store, ward.who, dose, {"product": "spikevax"})
    assert undo_import(ward.workspace, accepted.batch).kept == 1
    assert ward.row("vaccination_dose", dose).body["product"] == "spikevax"


def test_an_ambiguous_row_is_accepted_once_somebody_said_who_it_is(ward: CareWard, tmp_path: Path) -> None:
    first, second = ward.person("Trần Hai"), ward.person("Trần Hai")
    path = sheet(tmp_path, line(1, ("Trần Hai", "01/05/1980", "", "0903000077"), 1, date(2022, 3, 1)))
    found = compared(ward, path)
    assert {who.person for who in found.rows[0].candidates} == {first, second}
    with pytest.raises(UserError):
        reconciling.accept(ward.workspace, found, ["4"])
    chosen = compared(ward, path, chosen={"4": second})
    reconciling.accept(ward.workspace, chosen, ["4"])
    assert [row.body["person"] for row in ward.rows("vaccination_dose")] == [second]


def test_what_is_only_told_of_the_person_is_never_written(ward: CareWard, tmp_path: Path) -> None:
    who = ward.person("Lê Thị Hằng", national_id="079180001234")
    record(ward, who, "2022-03-01")
    found = compared(ward, sheet(tmp_path, line(1, HANG, 1, date(2022, 3, 1))))
    row = found.rows[0]
    assert [(each.kind, dict(each.fields)) for each in row.differences] == [
        ("person", {"phone": (None, "•••••••••011")}),
    ]
    assert row.to_write == ()
    reconciling.accept(ward.workspace, found, [row.key])
    assert "phone" not in ward.row("person", who).body


def test_a_day_that_cannot_be_read_is_named_by_its_cell_and_makes_no_dose(tmp_path: Path) -> None:
    path = sheet(
        tmp_path,
        line(1, HANG, 1, "31/02/2022"),
        line(2, HANG, 2, "15/09/2022"),
        line(3, HANG, 3, "01/03/2022"),
    )
    listed = read_dose_list(path, DAY)
    assert [(bad.cell, bad.problem.key) for bad in listed.bad_rows] == [
        ("G4", "import.date_impossible"),
        ("G5", "import.birth_future"),
    ]
    assert [dose.number for dose in listed.persons[0].doses] == [3]


def test_a_row_a_person_with_a_column_a_dose_and_a_mapping(tmp_path: Path) -> None:
    wide = (
        "Họ và tên",
        "Năm sinh",
        "CCCD",
        "Mũi 1 - Ngày tiêm",
        "Mũi 1 - Loại vắc xin",
        "Mũi 2 - Ngày tiêm",
        "Tiêm ở đâu",
    )
    path = sheet(
        tmp_path,
        ("Lê Thị Hằng", 1980, "079180001234", "01/03/2022", "Pfizer", "01/04/2022", "TYT"),
        head=wide,
    )
    mapping = tmp_path / "map.toml"
    mapping.write_text('"Tiêm ở đâu" = "place"\n', encoding="utf-8")
    (person,) = read_dose_list(path, DAY, mapping).persons
    assert [(dose.number, dose.given_on, dose.product) for dose in person.doses] == [
        (1, date(2022, 3, 1), "Pfizer"),
        (2, date(2022, 4, 1), None),
    ]
    mapping.write_text('"Tiêm ở đâu" = "weather"\n', encoding="utf-8")
    with pytest.raises(BadFile):
        read_dose_list(path, DAY, mapping)


def test_a_list_without_doses_is_refused(tmp_path: Path) -> None:
    head = ("Họ và tên", "Ngày sinh", "CCCD", "Điện thoại")
    with pytest.raises(BadFile, match="ngày tiêm"):
        read_dose_list(sheet(tmp_path, HANG, head=head), DAY)


def test_somebody_who_moved_away_is_only_in_the_list_and_that_is_said(ward: CareWard, tmp_path: Path) -> None:
    who = hang(ward)
    people.mark_moved(ward.store, ward.who, who, date(2022, 9, 1))
    row = compared(ward, sheet(tmp_path, line(1, HANG, 1, date(2022, 3, 1)))).rows[0]
    assert (row.state, row.why) == ("only_there", "reconcile.why_gone")
