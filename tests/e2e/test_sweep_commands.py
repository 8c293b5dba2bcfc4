"""A sweep from the command line: started, visited, seen, filed, and nobody left to file."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.e2e.test_commands import HEAD, Desk, desk

__all__ = ["desk"]
LIST = (
    HEAD
    + "Khu phố 1,Nguyễn Văn Đức,1961,Nam,12 Lê Lợi\nKhu phố 1,Trần Thị Thủy,1964,Nữ,12 Lê Lợi\n"
    + "Khu phố 1,Lê Thị Hằng,1955,Nữ,7 Hàn Hải Nguyên\n"
)


def visit(desk: Desk, household: dict[str, str], people: list[dict[str, str]]) -> None:
    """Everybody of a household is well, as lines that were exported elsewhere."""
    lines: list[dict[str, object]] = [
        {"type": "household_visit", "id": "0190aaaa-0000-7000-8000-000000000001", "area": household["area"]}
        | {"household": household["id"], "at": "2021-08-18T02:00:00.000Z", "outcome": "met", "asked": "all"}
    ]
    for place, person in enumerate(people):
        lines.append(
            {
                "type": "screening",
                "id": f"0190bbbb-0000-7000-8000-00000000000{place}",
                "area": household["area"],
            }
            | {
                "visit": lines[0]["id"],
                "person": person["id"],
                "wellbeing": "well",
                "symptoms": [],
                "asked": "all",
            }
        )
    file = desk.file("visit.ndjson", "\n".join(msgspec.json.encode(line).decode() for line in lines))
    assert desk("import", file, login=True).code == 0


def test_a_sweep_from_start_to_report(desk: Desk, tmp_path: Path, monkeypatch: object) -> None:
    desk.patch.setenv("GONHA_NOW", "2021-08-18T09:00")
    desk.started()
    assert desk("import", desk.file("list.csv", LIST), login=True).code == 0
    started = desk(
        "sweep", "start", "Rà soát 18/08", "--epidemic", "Đà Nẵng, Bắc Giang", "--json", login=True
    )
    answer = started.json()
    assert (answer["started_on"], answer["ended_on"], answer["due_at"]) == (
        "2021-08-18",
        "2021-08-18",
        "2021-08-19T03:00:00.000Z",
    )
    assert (answer["epidemic_areas"], answer["runs"], answer["beside"]) == (
        ["Đà Nẵng", "Bắc Giang"],
        True,
        [],
    )
    households = {h["address"]: h for h in desk("export", "--type", "household", login=True).lines()}
    persons = desk("export", "--type", "person", login=True).lines()
    swept = households["12 Lê Lợi"]
    visit(desk, swept, [p for p in persons if p["household"] == swept["id"]])

    listed = {line["address"]: line["state"] for line in desk("sweep", "show", "--json", login=True).lines()}
    assert listed == {"12 Lê Lợi": "met_all", "7 Hàn Hải Nguyên": "not_yet"}
    left = desk("sweep", "show", "rà soát 18/08", "--state", "not_yet", login=True).out.decode().splitlines()
    assert [line.split("  ")[1] for line in left] == ["7 Hàn Hải Nguyên"]
    journal = desk("access", "--json", login=True).lines()
    assert [(one["what"], one["detail"]) for one in journal[:2]] == [("export", "sweep")] * 2
    progress = desk("sweep", "progress", "--json", login=True).json()
    assert [(u["done"], u["households"], u["not_yet"]) for u in progress["units"]] == [(1, 2, 1)]
    assert (progress["teams"][0]["met"], progress["teams"][0]["asked"]) == (1, 2)

    waiting = desk("sweep", "missing", "--json", login=True)
    assert (waiting.code, waiting.lines()[0]["late"]) == (4, False)
    filed = desk("sweep", "file", "--json", login=True).json()
    assert (filed["version"], filed["not_yet"]) == (1, 1)
    assert desk("sweep", "missing", login=True).code == 0
    assert desk("sweep", "file", login=True).code == 1  # nothing new to say
    report = desk("sweep", "report", "--json", login=True).json()
    values = {figure["name"]: figure["value"] for figure in report["figures"]}
    assert (values["households"], values["persons"], values["asked_all"], values["not_asked"]) == (2, 3, 2, 1)
    assert values["suspected"] is None  # CV 1909 was not in force in 2021
    out = tmp_path / "report.xlsx"
    assert desk("sweep", "report", "--out", str(out), login=True).code == 0
    assert out.read_bytes()[:2] == b"PK"
    assert desk("sweep", "report", "--out", "report.doc", login=True).code == 1


def test_a_sweep_is_changed_called_off_and_listed(desk: Desk) -> None:
    desk.patch.setenv("GONHA_NOW", "2026-11-22T09:00")
    desk.started()
    key = desk(
        "sweep", "start", "Đợt 1", "--to", "24/11/2026", "--due", "16:00 25/11/2026", "--json", login=True
    ).json()
    assert key["due_at"] == "2026-11-25T09:00:00.000Z"
    changed = desk("sweep", "change", key["campaign"][-8:], "--to", "2026-11-26", "--json", login=True).json()
    assert (changed["ended_on"], changed["due_at"]) == ("2026-11-26", "2026-11-27T03:00:00.000Z")
    other = desk("sweep", "start", "Đợt 2", "--json", login=True).json()
    assert other["beside"] == [key["campaign"]]
    assert desk("sweep", "cancel", "Đợt 2", login=True).code == 0
    listed = {line["name"]: line["cancelled"] for line in desk("sweep", "list", "--json", login=True).lines()}
    assert listed == {"Đợt 1": False, "Đợt 2": True}
    assert desk("sweep", "cancel", "Đợt 2", "--undo", login=True).code == 0
    assert desk("sweep", "change", "Đợt 9", login=True).code == 1
    bad = desk("sweep", "start", "Đợt 3", "--due", "mai", login=True)
    assert (bad.code, "mai" in bad.err) == (1, True)
    assert desk("sweep", "show", "Đợt 1", "--state", "gone", login=True).code == 1
