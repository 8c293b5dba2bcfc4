"""Column mappings kept by name, and what an import says of a list with every kind of mistake."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from laptop_alone import laptop

from tui_app.bootstrap import Workspace
from tui_app.errors import BadFile, NotFound
from tui_app.services.lists import column_maps, importing
from tui_app.services.lists.column_maps import Meaning

ODD = "Người dân,Tuổi tây,Ở đâu\nNguyễn An,1954,12 Lê Lợi\n"
MAP = '"Người dân" = "full_name"\n"Tuổi tây" = "birth_date"\n"Ở đâu" = "address"\n'


@pytest.fixture
def lan(tmp_path: Path) -> Iterator[Workspace]:
    made = laptop(tmp_path / "lan", units=("Khu phố 1",))
    yield made
    made.close()


def text(path: Path, words: str) -> Path:
    path.write_text(words, encoding="utf-8")
    return path


def meaning(workspace: Workspace, asked: str) -> Meaning:
    with workspace.store.read() as c:
        return column_maps.meaning(c, asked)


def kept_as(workspace: Workspace, folder: Path, name: str = "Tổ 3") -> None:
    file = text(folder / "m.toml", MAP)
    report = importing.import_list(
        workspace, text(folder / "a.csv", ODD), mapping=meaning(workspace, str(file)), dry_run=True
    )
    assert column_maps.keep(workspace.store, workspace.user, name, report.plan.columns) == 3


def test_a_mapping_kept_by_name_reads_the_next_list_that_lacks_a_column(
    lan: Workspace, tmp_path: Path
) -> None:
    kept_as(lan, tmp_path)
    with pytest.raises(BadFile):
        importing.import_list(lan, text(tmp_path / "b.csv", ODD), dry_run=True)
    shorter = text(tmp_path / "c.csv", "Ở đâu,Người dân\n9 Lê Lợi,Trần Bé\n")
    report = importing.import_list(lan, shorter, mapping=meaning(lan, "Tổ 3"))
    assert (report.persons, report.households) == (1, 1)
    assert [column.kind for column in report.plan.columns] == ["address", "full_name"]


def test_mappings_are_listed_replaced_and_forgotten(lan: Workspace, tmp_path: Path) -> None:
    kept_as(lan, tmp_path)
    kept_as(lan, tmp_path)
    kept_as(lan, tmp_path, "Trạm")
    with lan.store.read() as c:
        found = column_maps.kept(c)
    assert [(one.name, one.who) for one in found] == [("Trạm", "lan"), ("Tổ 3", "lan")]
    assert found[0].titles == {"Người dân": "full_name", "Tuổi tây": "birth_date", "Ở đâu": "address"}
    column_maps.forget(lan.store, "Trạm")
    with pytest.raises(NotFound, match="Tổ 3"):
        meaning(lan, "Trạm")
    with pytest.raises(NotFound):
        column_maps.forget(lan.store, "Trạm")


def test_a_name_is_needed_and_something_understood(lan: Workspace) -> None:
    with pytest.raises(BadFile):
        column_maps.keep(lan.store, "lan", "x", [])


TITLES = ("Họ và tên", "Ngày sinh", "Giới tính", "CCCD", "CMND", "Thẻ BHYT", "Điện thoại", "Địa chỉ")
WRONG = (
    ("Nguyễn 123", "31/02/1960", "Đàn ông", "12345", "12", "XX1", "09o3123456", "1 Lê Lợi"),
    (None, "2090", "Nam/Nữ?", "9.03E+08", "1.2E+05", "12", "12", "2 Lê Lợi"),
    ("Trần Thị Bé", "01/01/1801", "Nữ", "001090123456", None, None, "0903123456", "3 Lê Lợi"),
)
EXPECTED = {
    "A2": ("import.name_signs", "chữ số hoặc ký hiệu lạ"),
    "B2": ("import.date_impossible", "không có ngày này"),
    "C2": ("import.sex_unknown_word", "Ghi Nam hoặc Nữ"),
    "D2": ("import.id_length", "có 5 chữ số"),
    "E2": ("import.id_length", "CMND đủ 9"),
    "F2": ("import.insurance_shape", "15 ký tự"),
    "G2": ("import.phone_letters", "có chữ lẫn trong số"),
    "A3": ("import.name_missing", "không có họ tên"),
    "B3": ("import.birth_future", "ở tương lai"),
    "C3": ("import.sex_unknown_word", "Ghi Nam hoặc Nữ"),
    "D3": ("import.digits_lost", "đã làm mất chữ số"),
    "E3": ("import.digits_lost", "đã làm mất chữ số"),
    "F3": ("import.insurance_shape", "15 ký tự"),
    "G3": ("import.phone_wrong", "không phải số điện thoại"),
    "B4": ("import.birth_too_old", "quá 120 tuổi"),
}


def test_three_rows_with_every_kind_of_mistake_explain_each_cell(lan: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "sai.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Danh sách")
        for number, row in enumerate([TITLES, *WRONG]):
            sheet.write_row(number, 0, row)
    report = importing.import_list(lan, path, dry_run=True)
    assert {bad.cell: bad.problem.key for bad in report.bad_rows} == {
        cell: key for cell, (key, _) in EXPECTED.items()
    }
    for bad in report.bad_rows:
        words = str(bad.problem)
        assert EXPECTED[bad.cell][1] in words
        assert words.endswith("."), "what to do stands last"
    assert report.persons == 0


def test_stages_are_told_in_order(lan: Workspace, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    words = "Họ tên,Năm sinh,Địa chỉ\n" + "".join(
        f"Nguyễn Văn An,{1920 + n % 80},{n} Lê Lợi\n" for n in range(1, 400)
    )
    importing.import_list(lan, text(tmp_path / "a.csv", words), progress=lambda *stage: told.append(stage))
    assert [stage for stage, _, _ in told] == ["reading", "comparing", "writing", "writing", "saving"]
    assert told[-1] == ("saving", 399, 399)
    assert told[3][1] == 200
