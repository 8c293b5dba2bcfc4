"""conflicts, inbox and receipts without a terminal: what they print, what they change, and their exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_commands import Desk
from tests.screens.conflict_ward import fill_ward
from tui_app.bootstrap import open_workspace
from tui_app.clock import clock_from_environment
from tui_app.settings import Places

PASSWORD = "mật khẩu của đội"


@pytest.fixture
def desk(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("GONHA_NOW", "2026-11-22T09:05:00")
    made = Desk(tmp_path, capfdbinary, monkeypatch)
    made.started()
    workspace = open_workspace(Places(made.home), "lan", PASSWORD, clock=clock_from_environment())
    fill_ward(workspace)
    workspace.close()
    return made


def lines(answer: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer.out.splitlines()]


def conflicts(desk: Desk) -> dict[str, dict[str, Any]]:
    return {line["id"]: line for line in lines(desk("conflicts", "--json", "--all", login=True))}


def test_conflicts_are_listed_as_the_design_says(desk: Desk) -> None:
    answer = desk("conflicts", "--json", login=True)
    assert answer.code == 4
    one = next(line for line in lines(answer) if line["id"] == "c1")
    assert (one["type"], one["record"], one["field"], one["state"]) == ("person", "p1", "birth_year", "open")
    assert one["values"][0] == {
        "value": 1957,
        "who": "lan",
        "device": "device-aaa111",
        "at": "2026-11-21T03:30:00.000Z",
    }


def test_for_people_numbers_are_masked_and_nobody_is_named(desk: Desk) -> None:
    text = desk("conflicts", login=True).out.decode()
    assert "•••••••••321" in text
    assert "Hằng" not in text
    assert "0987 654 321" in desk("conflicts", "--show", login=True).out.decode()


@pytest.mark.parametrize(
    ("way", "chosen"),
    [(["--take", "2"], 1956), (["--value", "1955"], 1955), (["--take", "1"], 1957)],
    ids=["take-2", "value", "take-1"],
)
def test_a_conflict_is_resolved_and_asked_again(desk: Desk, way: list[str], chosen: int) -> None:
    answer = desk("conflicts", "resolve", "c1", *way, "--json", login=True)
    assert (answer.code, answer.json()["state"], answer.json()["chosen"]) == (0, "resolved", chosen)
    assert answer.json()["current"] == chosen
    again = desk("conflicts", "undo", "c1", "--json", login=True)
    assert (again.json()["state"], again.json()["current"]) == ("open", 1956)


def test_texts_are_joined_and_swapped(desk: Desk) -> None:
    swapped = desk("conflicts", "swap", "c2", "--json", login=True).json()
    assert (swapped["state"], swapped["current"]) == ("settled", "chó dữ")
    joined = desk("conflicts", "resolve", "c2", "--each", "--json", login=True).json()
    assert joined["current"] == "chó dữ; cổng sau"
    assert desk("conflicts", "resolve", "c1", "--ask", "xem sổ hộ khẩu", login=True).code == 0
    assert conflicts(desk)["c1"]["state"] == "open"


@pytest.mark.parametrize(
    "arguments",
    [
        ["resolve"],
        ["resolve", "c1"],
        ["resolve", "c1", "--take", "1", "--each"],
        ["resolve", "c1", "--take", "9"],
        ["resolve", "c1", "--value", "năm con gà"],
        ["resolve", "nothing", "--take", "1"],
        ["undo", "c1"],
        ["swap", "c1"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_decided_is_refused_in_words_and_changes_nothing(
    desk: Desk, arguments: list[str]
) -> None:
    before = conflicts(desk)
    answer = desk("conflicts", *arguments, login=True)
    assert (answer.code, answer.out) == (1, b"")
    assert answer.err.strip()
    assert conflicts(desk) == before


def inbox(desk: Desk, *more: str) -> dict[str, dict[str, Any]]:
    return {line["state"]: line for line in lines(desk("inbox", "--json", *more, login=True))}


def test_the_inbox_is_listed_and_waits_for_a_person(desk: Desk) -> None:
    answer = desk("inbox", "--json", login=True)
    assert answer.code == 4
    held = inbox(desk)["held"]
    assert (held["type"], held["record"], held["reason"]) == ("person", "p2", "read-only")
    assert held["set"]["birth_year"] == [1984, 1985]
    text = desk("inbox", login=True).out.decode()
    assert "đơn vị này chỉ được xem" in text
    assert "•••••••••009" in text


def test_what_tells_of_a_restricted_condition_is_in_no_answer(desk: Desk) -> None:
    workspace = open_workspace(Places(desk.home), "lan", PASSWORD, clock=clock_from_environment())
    with workspace.store.work("lan") as work:
        fields = {"person": "p1", "condition": "hiv", "note": "HIV từ 2015"}
        work.create("person_condition", fields, place=work.get("person", "p1"), ident="k1")
    with workspace.store.write() as c:
        c.execute(
            "UPDATE outbox SET state = 'held', result = 'held', reason = 'read-only' WHERE record = 'k1'"
        )
        c.execute(
            'INSERT INTO conflict (id, commune, area, seq, deleted, record_type, record, field, state, "values")'
            " SELECT 'c9', commune, area, 9, 0, 'person_condition', 'k1', 'note', 'open', ? FROM conflict LIMIT 1",
            (json.dumps([{"value": "HIV từ 2015", "who": "lan"}, {"value": "AIDS", "who": "minh"}]),),
        )
    workspace.close()
    for command in ("inbox", "conflicts"):
        for more in ([], ["--json"], ["--show"]):
            text = desk(command, *more, login=True).out.decode()
            assert "k1" in text or "--json" not in more
            assert [word for word in ("hiv", "aids") if word in text.casefold()] == []


def test_every_way_on_has_its_command(desk: Desk, tmp_path: Path) -> None:
    held, rejected = (str(inbox(desk)[state]["n"]) for state in ("held", "rejected"))
    assert desk("inbox", "withdraw", held, login=True).code == 1, "a reason is needed"
    assert desk("inbox", "again", held, "--json", login=True).json() == {
        "ok": True,
        "action": "again",
        "count": 1,
    }
    assert desk("inbox", "resend", rejected, "--set", "kind=gạo", login=True).code == 1
    assert desk("inbox", "resend", rejected, "--set", "kind=medicine", login=True).code == 0
    empty = desk("inbox", login=True)
    assert (empty.code, empty.out) == (0, b"")
    (done,) = lines(desk("inbox", "--settled", "--json", login=True))
    assert done["settled"]["how"] == "resent"


def test_changes_are_withdrawn_or_handed_over(desk: Desk, tmp_path: Path) -> None:
    held, rejected = (str(inbox(desk)[state]["n"]) for state in ("held", "rejected"))
    assert desk("inbox", "withdraw", rejected, "--reason", "không cần nữa", login=True).code == 0
    file = tmp_path / "ban-giao.ndjson"
    assert desk("inbox", "hand", held, "--to", "Minh", "--out", str(tmp_path / "x.pdf"), login=True).code == 1
    handed = desk("inbox", "hand", held, "--to", "Minh", "--out", str(file), login=True)
    assert (handed.code, "Cảnh báo" in handed.err) == (0, True)
    line = json.loads(file.read_text(encoding="utf-8"))
    assert (line["type"], line["id"], line["birth_year"]) == ("person", "p2", 1985)
    assert {one["settled"]["how"] for one in lines(desk("inbox", "--settled", "--json", login=True))} == {
        "withdrawn",
        "handed",
    }


@pytest.mark.parametrize(
    "arguments",
    [["withdraw"], ["again", "9999"], ["resend", "1", "2"], ["resend", "1", "--set", "x"]],
    ids=" ".join,
)
def test_what_cannot_be_settled_is_refused_in_words(desk: Desk, arguments: list[str]) -> None:
    answer = desk("inbox", *arguments, login=True)
    assert (answer.code, answer.out) == (1, b"")
    assert answer.err.strip()


def test_receipts_of_a_day_are_lines_an_object_or_a_sheet(desk: Desk, tmp_path: Path) -> None:
    text = desk("receipts", login=True).out.decode()
    assert "A1B2C3D4E5F6" in text
    assert "Hằng" not in text
    told = desk("receipts", "--date", "2026-11-22", "--json", login=True).json()
    assert (told["date"], told["complete"], told["totals"]["applied"]) == ("2026-11-22", True, 2)
    assert {one["receipts"][0] for one in told["deliveries"] if one["receipts"]} == {
        "A1B2C3D4E5F6",
        "0F1E2D3C4B5A",
    }
    sheet = tmp_path / "phieu.xlsx"
    assert desk("receipts", "--out", str(sheet), login=True).code == 0
    assert sheet.read_bytes()[:2] == b"PK"
    named = tmp_path / "phieu.csv"
    assert "Cảnh báo" in desk("receipts", "--out", str(named), "--names", login=True).err
    assert "Lê Thị Hằng" in named.read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    "arguments", [["--date", "hôm qua"], ["--out", "phieu.pdf"], ["--names"]], ids=" ".join
)
def test_a_sheet_that_cannot_be_made_says_why(desk: Desk, arguments: list[str]) -> None:
    answer = desk("receipts", *arguments, login=True)
    assert (answer.code, answer.out) == (1, b"")
    assert answer.err.strip()
