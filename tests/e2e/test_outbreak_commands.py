"""An outbreak from the command line: declared, counted, printed, ended, with its deadlines."""

from __future__ import annotations

from pathlib import Path

import pypdf

from tests.e2e.test_commands import HEAD, Desk, desk

__all__ = ["desk"]
LIST = HEAD + "Khu phố 1,Nguyễn Văn Đức,1961,Nam,12 Lê Lợi\nKhu phố 1,Trần Thị Thủy,1964,Nữ,12 Lê Lợi\n"


def test_an_outbreak_from_declaring_to_its_end(desk: Desk, tmp_path: Path) -> None:
    """TT 15/2026/TT-BYT, Đ26: told within 24 hours after it was found, its end too."""
    desk.patch.setenv("GONHA_NOW", "2026-11-22T09:00")
    desk.started()
    assert desk("import", desk.file("list.csv", LIST), login=True).code == 0
    persons = desk("export", "--type", "person", login=True).lines()
    for person, day in zip(persons, ("2026-11-21", "2026-11-22"), strict=True):
        given = ("--source", "screening", "--started-on", day, "--first-positive-on", day)
        assert desk("case", "open", person["id"], *given, login=True).code == 0
    given = ("--units", "Khu phố 1", "--from", "21/11/2026", "--found", "2026-11-22T08:00")
    declared = desk("outbreak", "declare", "Chùm ca Lê Lợi", *given, "--json", login=True).json()
    assert (declared["started_on"], declared["goes_on"]) == ("2026-11-21", True)
    [due] = declared["deadlines"]
    assert (due["due_at"], due["state"]) == ("2026-11-23T01:00:00.000Z", "on_time")

    daily = desk("outbreak", "daily", "--json", login=True).json()
    assert [(day["date"], day["cases"]) for day in daily["days"]] == [("2026-11-21", 1), ("2026-11-22", 1)]
    assert (daily["of_day"]["cases"], daily["total"]["cases"]) == (1, 2)
    shown = desk("outbreak", "show", "chum ca le loi", login=True).out.decode()
    assert "Trong ngày 22/11/2026: mắc 1, tử vong 0, mẫu XN 0, dương tính 0" in shown
    form = tmp_path / "01.pdf"
    assert desk("outbreak", "form", "declared", "--out", str(form), login=True).code == 0
    assert form.read_bytes().startswith(b"%PDF")
    assert desk("outbreak", "form", "ended", "--out", str(tmp_path / "02.pdf"), login=True).code == 1

    desk.patch.setenv("GONHA_NOW", "2026-11-25T09:00")
    too_soon = desk("outbreak", "end", login=True)
    assert too_soon.code == 1
    assert "mới 3 ngày không có ca mới (quy định ≥ 8)" in too_soon.err
    desk.patch.setenv("GONHA_NOW", "2026-11-30T09:00")
    ended = desk("outbreak", "end", "--found", "2026-11-29T08:00", "--json", login=True).json()
    assert [one["state"] for one in ended["deadlines"]] == ["on_time", "late"]
    [line] = desk("outbreak", "list", "--json", login=True).lines()
    assert (line["id"], line["ended_on"], line["goes_on"]) == (declared["id"], "2026-11-30", False)


def test_an_outbreak_and_its_cases_are_reported_by_their_own_deadlines(desk: Desk, tmp_path: Path) -> None:
    """TT 15/2026, Đ26.1d: every day until it ends. QĐ 97/QĐ-PB: each case within 48 hours after its diagnosis."""
    desk.patch.setenv("GONHA_NOW", "2026-11-22T09:00")
    desk.started()
    assert desk("import", desk.file("list.csv", LIST), login=True).code == 0
    person = desk("export", "--type", "person", login=True).lines()[0]
    given = ("--source", "screening", "--started-on", "2026-11-22", "--first-positive-on", "2026-11-22")
    assert desk("case", "open", person["id"], *given, login=True).code == 0
    [case] = desk("case", "list", "--json", login=True).lines()
    outbreak = ("--units", "Khu phố 1", "--found", "2026-11-22T08:00")
    assert desk("outbreak", "declare", "Chùm ca", *outbreak, login=True).code == 0
    desk.patch.setenv("GONHA_NOW", "2026-11-23T09:00")
    filed = desk("report", "outbreak", "--date", "2026-11-22", "--file", "--json", login=True).json()
    first = {one["name"]: one["value"] for one in filed["figures"] if "unit" not in one}
    assert (first["cases"], first["cases_total"], first["samples"]) == (1, 1, 0)
    paper = tmp_path / "outbreak.pdf"
    shown = ("report", "outbreak", "--date", "2026-11-22", "--out", str(paper))
    assert desk(*shown, login=True).code == 0
    text = " ".join(pypdf.PdfReader(paper).pages[0].extract_text().split())
    assert "BÁO CÁO Ổ DỊCH HẰNG NGÀY Ngày 22/11/2026" in text
    assert "Cộng dồn từ 22/11/2026 1 0 0 0" in text

    desk.patch.setenv("GONHA_NOW", "2026-11-24T12:00")
    due = desk("report", "due", "--json", login=True).lines()
    said = {(one["kind"], one["last"]): (one["state"], one["due_at"][:16]) for one in due}
    assert {key: value for key, value in said.items() if key[0] in ("outbreak", "case_form")} == {
        ("outbreak", "2026-11-22"): ("on_time", "2026-11-23T23:59"),
        ("outbreak", "2026-11-23"): ("due", "2026-11-24T23:59"),
        ("outbreak", "2026-11-24"): ("due", "2026-11-25T23:59"),
        ("case_form", "2026-11-22"): ("missing", "2026-11-24T00:00"),  # no hour is known: from 00:00
    }
    late = ("report", "case-form", "--date", "2026-11-22", "--subject", case["id"], "--file", "--json")
    figures = desk(*late, login=True).json()
    assert [one["name"] for one in figures["figures"]] == ["filled", "not_recorded"]
    assert "Đức" not in desk("report", "due", login=True).out.decode()
    [again] = [
        one for one in desk("report", "due", "--json", login=True).lines() if one["kind"] == "case_form"
    ]
    assert again["state"] == "late"
    assert desk("case-form", case["id"], "--out", str(tmp_path / "case.pdf"), login=True).code == 0
