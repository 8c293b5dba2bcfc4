"""scan and labels by command: whom a card means, what was garbled, a sheet that carries no name."""

from __future__ import annotations

from tests.e2e.test_commands import Desk, desk

__all__ = ["desk"]  # the fixture

LIST = (
    "Khu phố,Họ và tên,Ngày sinh,Giới tính,Địa chỉ,CCCD\n"
    "Khu phố 1,Trần Thúy Kiều,04/03/1968,Nữ,12 Lê Lợi,079168001234\n"
)
CARD = "079168001234|021234567|TRẦN THÚY KIỀU|04031968|Nữ|12 Lê Lợi|15042021"


def filled(desk: Desk) -> None:
    desk.started()
    assert desk("import", desk.file("list.csv", LIST), login=True).code == 0


def test_a_card_names_the_person_and_what_differs(desk: Desk) -> None:
    filled(desk)
    answer = desk("scan", CARD, "--json", login=True)
    told = answer.json()
    assert answer.code == 0, answer.err
    assert told["kind"] == "citizen_card"
    (who,) = told["persons"]
    assert (who["full_name"], who["by"], who["gone"]) == ("Trần Thúy Kiều", "national_id", False)
    assert who["differs"] == [{"field": "citizen_id_old", "card": "021234567", "record": ""}]
    noted = desk("access", "--json", login=True).lines()
    assert [(line["what"], line["detail"]) for line in noted] == [("search_identity", "national_id")]


def test_words_for_people_hold_no_number(desk: Desk) -> None:
    filled(desk)
    answer = desk("scan", CARD, login=True)
    assert "thẻ căn cước: Trần Thúy Kiều · 04/03/1968" in answer.out.decode()
    assert "079168001234" not in answer.out.decode() + answer.err


def test_a_garbled_line_says_why_and_is_refused(desk: Desk) -> None:
    filled(desk)
    answer = desk("scan", CARD.translate(str.maketrans("0123456789|", ")!@#$%^&*(\\")), login=True)
    assert answer.code == 1
    assert "kiểu US" in answer.err
    assert desk("scan", "không phải thẻ", "--json", login=True).json()["kind"] == "unknown"


def test_a_label_leads_back_to_its_household(desk: Desk) -> None:
    filled(desk)
    out = desk.folder / "labels.pdf"
    assert desk("labels", "--out", str(out), "--json", login=True).json() == {"file": str(out), "labels": 1}
    assert out.read_bytes().startswith(b"%PDF")
    assert desk("labels", "--out", str(desk.folder / "labels.txt"), login=True).code == 1
    assert desk("labels", "--persons", "--unit", "Khu phố 9", "--out", str(out), login=True).code == 1
