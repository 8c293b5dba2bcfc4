"""Reading lists as they come: headings, merged cells, group titles, households, wrong rows, likeness."""

from __future__ import annotations

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from tui_app.errors import BadFile
from tui_app.intake.address import UnitIndex, parse_address, unit_key
from tui_app.intake.likeness import ExistingPerson, possible_duplicates
from tui_app.intake.lines import BadLine, read_ndjson
from tui_app.intake.listing import read_list, read_mapping
from tui_app.intake.plan import ImportPlan, PlannedTest
from tui_app.intake.wordings import KINDS, kind_of, kind_of_pair

TODAY = date(2026, 11, 22)


def workbook(
    path: Path, rows: list[list[Any]], merges: list[tuple[int, int, int, int]] | None = None
) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet("Danh sách")
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    for r0, c0, r1, c1 in merges or []:
        sheet.merge_range(r0, c0, r1, c1, "")
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(r, c, cell, day)
            elif cell is not None:
                sheet.write(r, c, cell)
    book.close()
    return path


def table(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def names(plan: ImportPlan) -> list[list[str]]:
    return [[person.fields["full_name"] for person in household.persons] for household in plan.households]


def bad(plan: ImportPlan) -> list[tuple[int, str, str]]:
    return [(row.row, row.cell, row.problem.key) for row in plan.bad_rows]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("STT", "ordinal"),
        ("HỌ VÀ TÊN", "full_name"),
        ("ho ten", "full_name"),
        ("Ngày, tháng, năm sinh", "birth_date"),
        ("Giới tính", "sex"),
        ("Số CCCD/CMND", "national_id"),
        ("Số thẻ BHYT", "insurance_number"),
        ("Địa chỉ (số nhà, đường, tổ, khu phố)", "address"),
        ("SĐT", "phone"),
        ("Bệnh nền", "conditions"),
        ("Nơi đang điều trị", "treated_at"),
        ("Số mũi đã tiêm", "reported_doses"),
        ("Lý do chưa tiêm", "unvaccinated_reason"),
        ("Tự đi lại được không?", "can_move"),
        ("Người sống chung / người chăm sóc", "carer"),
        ("XN (ngày, kết quả)", "test"),
        ("Ghi chú", "note"),
        ("Họ tên chủ hộ", "household_head"),
        ("Quan hệ với chủ hộ", "relation_to_head"),
        ("Hộ số", "household_code"),
        ("Dân tộc", "ethnicity"),
        ("Nghề nghiệp", "occupation"),
        ("Nhu cầu hỗ trợ", "support"),
        ("Hộ", "household_code"),
        ("Họ", "family_name"),
        ("SĐT người chăm sóc", "keep"),
        ("Màu cờ", None),
    ],
)
def test_usual_titles_of_forms_5_1_and_5_2(title: str, kind: str | None) -> None:
    assert kind_of(title) == kind


def test_year_and_male_are_told_apart_below_a_shared_title() -> None:
    assert kind_of_pair("Năm sinh", "Nam") == "male"
    assert kind_of_pair("Ngày sinh", "Năm") == "birth_year"
    assert kind_of_pair("Tiêm vắc xin", "Mũi 2") == "dose"
    assert kind_of_pair("Xét nghiệm", "Kết quả") == "test_result"


def test_a_plain_table_below_title_rows(tmp_path: Path) -> None:
    plan = read_list(
        table(
            tmp_path / "a.csv",
            "DANH SÁCH NGƯỜI THUỘC NHÓM NGUY CƠ;;;;;\n;;;;;\n"
            "STT;Họ và tên;Năm sinh;Giới tính;Địa chỉ;Màu cờ\n"
            "1;NGUYỄN VĂN AN;1954;Nam;12 Lê Lợi, KP2;đỏ\n"
            "2;Trần Thị Bé;12/3/1960;Nữ;12 Lê Lợi, KP2;\n"
            "3;Lê Công;1970;Nam;9 Lê Lợi, KP2;\n",
        ),
        TODAY,
    )
    assert plan.header_rows == {"a": [3]}
    assert names(plan) == [["Nguyễn Văn An", "Trần Thị Bé"], ["Lê Công"]]
    first = plan.households[0]
    assert (first.address, first.alley, first.unit_text) == ("12 Lê Lợi, KP2", "Lê Lợi", "KP2")
    assert [household.walk_order for household in plan.households] == [2, 1]  # house 9 comes before house 12
    person = first.persons[0]
    assert person.fields == {"full_name": "Nguyễn Văn An", "birth_year": 1954, "sex": "male"}
    assert person.note == "Màu cờ: đỏ"
    assert [column.title for column in plan.columns if column.kind is None] == ["Màu cờ"]
    assert first.persons[1].fields["birth_date"] == date(1960, 3, 12)


def test_titles_in_two_merged_rows_and_numbers_below(tmp_path: Path) -> None:
    rows = [
        ["Họ và tên", "Năm sinh", None, "Tiêm vắc xin", None, "Xét nghiệm", None],
        [None, "Nam", "Nữ", "Mũi 1", "Mũi 2", "Ngày", "Kết quả test nhanh"],
        ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"],
        ["Nguyễn Văn An", 1954, None, datetime(2021, 8, 12), "09/10/2021", "01/03/2022", "âm tính"],
        ["Trần Thị Bé", None, "12/3/1960", None, None, None, None],
        ["Lê Công", 1970, 1971, None, None, None, None],
    ]
    plan = read_list(
        workbook(tmp_path / "a.xlsx", rows, [(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4), (0, 5, 0, 6)]), TODAY
    )
    an, be = plan.persons
    assert (an.fields["sex"], an.fields["birth_year"], an.fields["reported_doses"]) == ("male", 1954, 2)
    assert an.note_rest == ["Tiêm vắc xin – Mũi 1: 12/08/2021", "Tiêm vắc xin – Mũi 2: 09/10/2021"]
    assert an.tests == [PlannedTest(date(2022, 3, 1), "antigen", "negative")]
    assert (be.fields["sex"], be.fields["birth_date"]) == ("female", date(1960, 3, 12))
    assert bad(plan) == [(6, "C6", "import.sex_both")]


def test_titles_in_two_rows_of_a_csv_without_merges(tmp_path: Path) -> None:
    plan = read_list(
        table(
            tmp_path / "a.csv",
            "STT,Họ tên,Ngày sinh,,,Giới tính\n,,Ngày,Tháng,Năm,\n1,Nguyễn Văn An,12,3,1954,Nam\n2,Trần Bé,,,1960,Nữ\n",
        ),
        TODAY,
    )
    an, be = plan.persons
    assert an.fields["birth_date"] == date(1954, 3, 12)
    assert be.fields["birth_year"] == 1960
    assert "birth_date" not in be.fields


def test_merged_address_and_number_make_a_household_across_a_page_break(tmp_path: Path) -> None:
    titles = ["STT", "Hộ số", "Họ và tên", "Năm sinh", "Quan hệ với chủ hộ", "Địa chỉ", "Điện thoại"]
    rows = [
        titles,
        [1, 7, "Nguyễn Văn An", 1954, "Chủ hộ", "12/3 hẻm 45 Lê Lợi", 903123456],
        [2, None, "Trần Thị Bé", 1956, "Vợ", None, None],
        [None],
        [None, None, "Trang 2"],
        titles,
        [3, 8, "Lê Công", 1970, "Chủ hộ", "14 Lê Lợi", None],
        [4, None, "Lê Dung", 1990, "Con", None, None],
    ]
    merges = [(1, 1, 2, 1), (1, 5, 2, 5), (1, 6, 2, 6), (6, 1, 7, 1), (6, 5, 7, 5)]
    plan = read_list(workbook(tmp_path / "a.xlsx", rows, merges), TODAY)
    assert names(plan) == [["Nguyễn Văn An", "Trần Thị Bé"], ["Lê Công", "Lê Dung"]]
    first, second = plan.households
    assert (first.code, first.head_index, first.phone) == ("7", 0, "+84903123456")
    assert "phone" not in first.persons[0].fields
    assert (first.alley, second.alley) == ("Hẻm 45 Lê Lợi", "Lê Lợi")
    assert plan.bad_rows == []


def test_group_titles_set_the_unit_of_the_rows_below(tmp_path: Path) -> None:
    plan = read_list(
        table(
            tmp_path / "a.csv",
            "STT,Họ tên,Năm sinh,Địa chỉ\nI. KHU PHỐ 1,,,\nTổ 3,,,\n1,Nguyễn An,1954,12 Lê Lợi\nTổ 4 (25 hộ),,,\n"
            "2,Trần Bé,1956,12 Lê Lợi\nKHU PHỐ 2,,,\n3,Lê Công,1970,12 Lê Lợi\n",
        ),
        TODAY,
    )
    assert [household.unit_text for household in plan.households] == [
        "Tổ 3, KHU PHỐ 1",
        "Tổ 4, KHU PHỐ 1",
        "KHU PHỐ 2",
    ]


def test_totals_and_signatures_are_no_persons(tmp_path: Path) -> None:
    plan = read_list(
        table(
            tmp_path / "a.csv",
            "STT,Họ tên,Năm sinh,Địa chỉ\n1,Tống Văn Công,1954,12 Lê Lợi\nTổng cộng: 1 người,,,\n,,,\n"
            ',Người lập bảng,,"Hòa Bình, ngày 05 tháng 11 năm 2026"\n,Nguyễn Văn Ký,,\n',
        ),
        TODAY,
    )
    assert names(plan) == [["Tống Văn Công"]]
    assert [row.why for row in plan.skipped_rows] == ["total", "signature", "signature"]
    assert plan.bad_rows == []


def test_two_heads_at_one_address_are_two_households(tmp_path: Path) -> None:
    plan = read_list(
        table(
            tmp_path / "a.csv",
            "Họ tên,Năm sinh,Quan hệ với chủ hộ,Địa chỉ\nNguyễn An,1954,Chủ hộ,12 Lê Lợi\nTrần Bé,1956,Vợ,12 Lê Lợi\n"
            "Lê Công,1970,Chủ hộ,12 Lê Lợi\nLê Dung,1990,Con,\n",
        ),
        TODAY,
    )
    assert names(plan) == [["Nguyễn An", "Trần Bé"], ["Lê Công", "Lê Dung"]]


def test_the_column_of_heads_groups_and_finds_the_head(tmp_path: Path) -> None:
    plan = read_list(
        table(
            tmp_path / "a.csv",
            "Họ tên,Năm sinh,Chủ hộ,Địa chỉ\nTrần Bé,1956,Nguyễn An,12 Lê Lợi\nNguyễn An,1954,NGUYỄN AN,12 Lê Lợi\n"
            "Lê Công,1970,Lê Xa,14 Lê Lợi\n",
        ),
        TODAY,
    )
    assert names(plan) == [["Trần Bé", "Nguyễn An"], ["Lê Công"]]
    assert plan.households[0].head_index == 1
    assert plan.households[1].head_index is None
    assert plan.households[1].note == "Chủ hộ: Lê Xa"


def test_without_household_columns_a_missing_address_is_not_the_one_above(tmp_path: Path) -> None:
    plan = read_list(
        table(tmp_path / "a.csv", "Họ tên,Năm sinh,Địa chỉ\nNguyễn An,1954,12 Lê Lợi\nTrần Bé,1956,\n"), TODAY
    )
    assert names(plan) == [["Nguyễn An"], ["Trần Bé"]]
    assert [remark.problem.key for remark in plan.persons[1].warnings] == ["import.address_missing"]


def test_a_wrong_row_is_skipped_with_every_cell_and_the_good_ones_stay(tmp_path: Path) -> None:
    plan = read_list(
        table(
            tmp_path / "a.csv",
            "STT,Họ tên,Ngày sinh,Điện thoại,Dân tộc\n1,Nguyễn An,31/02/1960,09O3123456,Kinh\n2,,1956,,Kinh\n"
            "3,Lê Công,1970,0903123456,Sao Hỏa\n",
        ),
        TODAY,
    )
    assert bad(plan) == [
        (2, "C2", "import.date_impossible"),
        (2, "D2", "import.phone_letters"),
        (3, "B3", "import.name_missing"),
    ]
    assert "31/02/1960" not in repr(plan.bad_rows)
    (cong,) = plan.persons
    assert cong.note == "Dân tộc: Sao Hỏa"
    assert cong.warnings[0].problem.key == "import.word_kept_in_note"


def test_diseases_place_groups_needs_and_reasons_go_where_they_belong(tmp_path: Path) -> None:
    plan = read_list(
        table(
            tmp_path / "a.csv",
            "Họ tên,Năm sinh,Bệnh nền,Nơi đang điều trị,Nhu cầu hỗ trợ,Lý do chưa tiêm,Người khuyết tật,XN,Số mũi\n"
            'Nguyễn An,1954,"THA, đau lưng",TYT phường,gạo,chống chỉ định: sốc,x,dương tính,0\n',
        ),
        TODAY,
    )
    (an,) = plan.persons
    assert [(c.code, c.note, c.treated_at) for c in an.conditions] == [("hypertension", None, "TYT phường")]
    assert an.risk_groups == ["underlying_condition", "disabled"]
    assert [(need.kind, need.words) for need in an.support] == [("food", "gạo")]
    assert an.fields["contraindicated"] is True
    assert an.fields["reported_doses"] == 0
    assert an.tests == []  # no day and no kind of test: nothing is invented
    assert an.note == "Bệnh nền: đau lưng; XN: dương tính"


@pytest.mark.parametrize(
    ("said", "contraindicated", "reason"),
    [
        *(
            ("x", True, None),
            ("có", True, None),
            ("sốc phản vệ", True, "sốc phản vệ"),
            ("K phổi", True, "K phổi"),
        ),
        *(("không", False, None), ("Không có", False, None), ("không chống chỉ định", False, None)),
        *(("KCCĐ", False, None), ("bình thường", False, None), ("chưa", False, None), ("-", False, None)),
        *(("chưa rõ", None, None), ("?", None, None), ("không biết", None, None), ("", None, None)),
    ],
)
def test_what_is_not_known_is_no_contraindication(
    tmp_path: Path, said: str, contraindicated: bool | None, reason: str | None
) -> None:
    path = table(tmp_path / "a.csv", f"Họ tên,Năm sinh,Chống chỉ định\nNguyễn An,1954,{said}\n")
    (an,) = read_list(path, TODAY).persons
    assert (an.fields.get("contraindicated"), an.fields.get("contraindication_reason")) == (
        contraindicated,
        reason,
    )


@pytest.mark.parametrize(
    ("said", "groups"),
    [
        *(("x", ["disabled"]), ("có", ["disabled"]), ("liệt nửa người", ["disabled"])),
        *(("không", []), ("Không có", []), ("không khuyết tật", []), ("chưa rõ", []), ("-", []), ("", [])),
    ],
)
def test_a_column_of_one_group_takes_no_denial_for_a_yes(
    tmp_path: Path, said: str, groups: list[str]
) -> None:
    path = table(tmp_path / "a.csv", f"Họ tên,Năm sinh,Người khuyết tật\nNguyễn An,1954,{said}\n")
    assert read_list(path, TODAY).persons[0].risk_groups == groups


@pytest.mark.parametrize(
    ("said", "doses"),
    [
        *(("0", 0), ("chưa tiêm", 0), ("Chưa", 0), ("không", 0), ("2 mũi", 2), ("mũi 3", 3)),
        *(("chưa rõ", None), ("không nhớ", None), ("chưa cập nhật", None), ("Không có thông tin", None)),
    ],
)
def test_doses_nobody_knows_are_not_none(tmp_path: Path, said: str, doses: int | None) -> None:
    """S1 §III.11: who is not recorded is looked for; who has none is not."""
    path = table(tmp_path / "a.csv", f"Họ tên,Năm sinh,Số mũi\nNguyễn An,1954,{said}\n")
    assert read_list(path, TODAY).persons[0].fields.get("reported_doses") == doses


@pytest.mark.parametrize(
    ("said", "contraindicated"),
    [
        ("chống chỉ định: sốc", True),
        ("CCĐ", True),
        ("không chống chỉ định, đi làm xa", None),
        ("hết CCĐ", None),
    ],
)
def test_a_reason_that_denies_a_contraindication_is_none(
    tmp_path: Path, said: str, contraindicated: bool | None
) -> None:
    path = table(tmp_path / "a.csv", f'Họ tên,Năm sinh,Lý do chưa tiêm\nNguyễn An,1954,"{said}"\n')
    assert read_list(path, TODAY).persons[0].fields.get("contraindicated") is contraindicated


def test_a_restricted_condition_alone_puts_nobody_of_a_list_into_a_group(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", 'Họ tên,Năm sinh,Bệnh nền\nNguyễn An,1954,HIV\nLê Tám,1960,"HIV, THA"\n')
    an, tam = read_list(path, TODAY).persons
    assert ([one.code for one in an.conditions], an.risk_groups) == (["hiv"], [])
    assert tam.risk_groups == ["underlying_condition"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_of_csv(tmp_path: Path, encoding: str, separator: str) -> None:
    text = "Họ tên,Năm sinh,Giới tính\nNguyễn Thị Bé,1954,Nữ\n".replace(",", separator)
    plan = read_list(table(tmp_path / "a.csv", text, encoding), TODAY)
    assert names(plan) == [["Nguyễn Thị Bé"]]


def test_windows_1258_csv(tmp_path: Path) -> None:
    # ọ = o + 0xF2, ễ = ê + 0xDE, ị = i + 0xF2, ữ = ư + 0xDE, ớ = ơ + 0xEC in code page 1258
    content = b"Ho\xf2 t\xean,N\xe3m sinh,Gi\xf5\xeci ti\xecnh\nNguy\xea\xden Thi\xf2 B\xe9,1954,N\xfd\xde\n"
    (tmp_path / "a.csv").write_bytes(content)
    plan = read_list(tmp_path / "a.csv", TODAY)
    assert names(plan) == [["Nguyễn Thị Bé"]]
    assert plan.persons[0].fields["sex"] == "female"


def test_old_fonts_become_unicode(tmp_path: Path) -> None:
    tcvn3 = [
        ["Hä vµ tªn", "N¨m sinh", "Giíi tÝnh"],
        ["NguyÔn ThÞ BÐ", 1954, "N÷"],
        ["Hoµng V¨n Dòng", 1960, "Nam"],
    ]
    plan = read_list(workbook(tmp_path / "a.xlsx", tcvn3), TODAY)
    assert names(plan) == [["Nguyễn Thị Bé"], ["Hoàng Văn Dũng"]]
    assert [(one.sheet, one.column, one.font) for one in plan.conversions] == [
        ("Danh sách", "A", "TCVN3"),
        ("Danh sách", "B", "TCVN3"),
        ("Danh sách", "C", "TCVN3"),
    ]
    assert ("NguyÔn ThÞ BÐ", "Nguyễn Thị Bé") in plan.conversions[0].samples
    vni = [
        ["Hoï vaø teân", "Naêm sinh", "Giôùi tính"],
        ["Nguyeãn Thò Beù", 1954, "Nöõ"],
        ["Ñaëng Vaên Duõng", 1960, "Nam"],
    ]
    plan = read_list(workbook(tmp_path / "b.xlsx", vni), TODAY)
    assert names(plan) == [["Nguyễn Thị Bé"], ["Đặng Văn Dũng"]]
    assert {one.font for one in plan.conversions} == {"VNI"}


def test_a_mapping_file_names_columns(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", "Người dân,Tuổi tây,Ở đâu\nNguyễn An,1954,12 Lê Lợi\n")
    with pytest.raises(BadFile) as refused:
        read_list(path, TODAY)
    assert refused.value.key == "import.no_header"
    mapping = table(
        tmp_path / "m.toml", '"Người dân" = "full_name"\n"Tuổi tây" = "birth_date"\n"Ở đâu" = "address"\n'
    )
    plan = read_list(path, TODAY, read_mapping(mapping))
    assert plan.households[0].address == "12 Lê Lợi"
    assert plan.persons[0].fields == {"full_name": "Nguyễn An", "birth_year": 1954}
    for text, key in [
        ('"Người dân" = "ten"', "import.map_field"),
        ("không phải", "import.map_unreadable"),
        ('"Người dân" = "full_name"\n"Khác hẳn" = "note"', "import.map_column"),
    ]:
        with pytest.raises(BadFile) as refused:
            read_list(path, TODAY, read_mapping(table(tmp_path / "m.toml", text)))
        assert refused.value.key == key
    assert "full_name" in KINDS


def _cut(path: Path) -> bytes:
    content = workbook(path, [["Họ tên", "Năm sinh", "Giới tính"], ["Nguyễn An", 1954, "Nam"]]).read_bytes()
    return content[: len(content) // 2]


def _zipped(path: Path, sheet: str) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return path.read_bytes()


def _far_cell(path: Path) -> bytes:
    return _zipped(path, '<sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')


def _bomb(path: Path) -> bytes:
    return _zipped(path, " " * 3_000_000)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "import.file_empty"),
        (b"\n \n", "import.file_empty"),
        (b"%PDF-1.7 ...", "import.file_unknown"),
        (b"<html><table><tr><td>H</td></tr></table></html>", "import.file_web_page"),
        (b"PK\x03\x04 and then nothing", "import.file_broken"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "import.file_password",
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "import.file_broken"),
        (bytes(range(256)) * 4, "import.file_unknown"),
        ("Không có gì ở đây\nchỉ là chữ\n".encode(), "import.no_header"),
        (_cut, "import.file_broken"),
        (_far_cell, "import.file_too_big"),
        (_bomb, "import.file_too_big"),
    ],
    ids=[
        "empty",
        "blank",
        "pdf",
        "html",
        "no-zip",
        "password",
        "ole",
        "bytes",
        "text",
        "cut",
        "far-cell",
        "bomb",
    ],
)
def test_files_that_are_no_list_are_refused_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: Any, key: str
) -> None:
    monkeypatch.setattr("tui_app.intake.sheet.MAX_UNPACKED", 2_000_000)  # the real limit takes 10 s to pack
    path = tmp_path / "a.xlsx"
    path.write_bytes(content(tmp_path / "made.xlsx") if callable(content) else content)
    with pytest.raises(BadFile) as refused:
        read_list(path, TODAY)
    assert refused.value.key == key
    assert "a.xlsx" in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refused:
        read_list(tmp_path / "không có.xlsx", TODAY)
    assert refused.value.key == "import.file_missing"


@pytest.mark.parametrize(
    ("address", "number", "alley", "units"),
    [
        ("Số 12/3 hẻm 45 Lê Lợi, Tổ 3, KP 2", "12/3", "Hẻm 45 Lê Lợi", ("Tổ 3", "KP 2")),
        ("45/12 Lê Lợi", "12", "Hẻm 45 Lê Lợi", ()),
        ("số 5 ngõ 12 ngách 3 phố Kim Mã", "5", "Ngõ 12 ngách 3 phố Kim Mã", ()),
        ("12A đường 3 tháng 2, P.5, Q.11", "12A", "Đường 3 tháng 2", ()),
        ("Thôn Nà Lùng", "", "Thôn Nà Lùng", ("Thôn Nà Lùng",)),
    ],
)
def test_addresses(address: str, number: str, alley: str, units: tuple[str, ...]) -> None:
    place = parse_address(address)
    assert (place.number, place.alley, place.units) == (number, alley, units)


def test_doors_are_walked_along_the_street_and_its_alleys() -> None:
    walked = [
        "9 Lê Lợi",
        "12 Lê Lợi",
        "12A Lê Lợi",
        "45/2 Lê Lợi",
        "12 hẻm 45 Lê Lợi",
        "12/3 hẻm 45 Lê Lợi",
        "100 Lê Lợi",
    ]
    assert sorted(walked[3:] + walked[:3], key=lambda address: parse_address(address).walk_key) == walked


def test_units_by_name_alias_and_code() -> None:
    assert unit_key("KP. 02") == unit_key("Khu phố 2") == "khu pho 2"
    assert unit_key("Bàn Văn Ba") is None  # a family name, not a bản
    index = UnitIndex(
        [
            ("a1", "01", "Khu phố 1", ["Tổ dân phố 1"]),
            ("a2", "02", "Khu phố 2", ["Tổ dân phố 2", "Tổ 9"]),
            ("a3", "03", "Khu phố 3", ["Tổ 9"]),
        ]
    )
    assert index.find("Tổ 3, KP 2") == "a2"
    assert index.find("TDP 1") == "a1"
    assert index.find("02") == "a2"
    assert index.find("Tổ 9") is None  # two areas are called so
    assert index.find("Khu phố 7") is None
    assert index.find(None) is None


def test_likeness_within_the_list_and_against_the_database(tmp_path: Path) -> None:
    plan = read_list(
        table(
            tmp_path / "a.csv",
            "Họ tên,Năm sinh,CCCD,Địa chỉ,Điện thoại\nNguyễn Thị Bé,1954,079154990001,12 Lê Lợi,0903000123\n"
            "NGUYEN THI BE,1954,,80 Lê Lợi,\nNguyễn Thị Bế,1954,079154990002,12 Lê Lợi,\n"
            "Trần Văn Công,1970,,14 Lê Lợi,0903000124\nTrần Văn Cộng,1985,,14 Lê Lợi,0903000124\n",
        ),
        TODAY,
    )
    assert [(like.first.row, like.second.row, like.reason) for like in plan.duplicates_in_file] == [
        (2, 3, "import.same_name_birth")
    ]
    kept = [
        ExistingPerson("p1", "Lê Thị Khác", 1990, national_id="079154990001"),
        ExistingPerson("p2", "Trần Văn Côn", 1970, phone="+84903000124"),
    ]
    found = possible_duplicates(plan.households, kept)
    assert [(like.first.id, like.second.row, like.reason) for like in found] == [
        ("p1", 2, "import.same_national_id"),
        ("p2", 5, "import.near_name_phone"),
    ]


def test_lines_of_an_export_are_read_back_line_by_line(tmp_path: Path) -> None:
    path = table(
        tmp_path / "a.ndjson",
        '{"type":"person","id":"1","full_name":"An"}\n\n{"type":"person","id":"1"}\n[1]\n{"id":"2"}\n{"type":\n',
    )
    records, bad_lines = read_ndjson(path)
    assert records == [(1, {"type": "person", "id": "1", "full_name": "An"})]
    assert bad_lines == [
        BadLine(3, "import.line_repeated"),
        BadLine(4, "import.line_not_json"),
        BadLine(5, "import.line_no_type"),
        BadLine(6, "import.line_not_json"),
    ]
