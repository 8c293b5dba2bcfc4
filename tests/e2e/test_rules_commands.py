"""`gonha rules` and `gonha server rules`: judging needs no workspace, a bad line stops nothing, installing asks."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.e2e.test_commands import Desk, desk
from tui_app.settings import asset

__all__ = ["desk"]  # the fixture

ADULT = {"birth_date": "1980-05-01", "sex": "male", "at": "2022-02-10T08:00", "conditions": []}


def ndjson(desk: Desk, *lines: object) -> str:
    """A file of readings; text stays as it is."""
    said = [line if isinstance(line, str) else msgspec.json.encode(line).decode() for line in lines]
    return desk.file("readings.ndjson", "\n".join(said))


def test_readings_are_judged_without_a_workspace(desk: Desk) -> None:
    file = ndjson(desk, ADULT | {"vitals": {"respiratory_rate": 20, "spo2": 96}, "symptoms": ["ho", "sốt"]})
    answer = desk("rules", "judge", "--json", file)
    assert (answer.code, answer.err) == (0, "")
    (line,) = answer.lines()
    assert (line["line"], line["age_months"]) == (1, 41 * 12 + 9)
    signs = [finding for finding in line["findings"] if finding["kind"] == "danger_sign"]
    assert signs == [
        {
            "kind": "danger_sign",
            "rule": "rr_adult",
            "rule_set": "qd-261",
            "field": "respiratory_rate",
            "value": 20,
            "limit": "≥ 20",
            "verified": True,
        },
        {
            "kind": "danger_sign",
            "rule": "spo2",
            "rule_set": "qd-261",
            "field": "spo2",
            "value": 96,
            "limit": "≤ 96",
            "verified": True,
        },
    ]
    assert "pulse" in line["missing"]
    assert not desk.home.exists()


def test_a_forced_set_judges_whatever_the_day(desk: Desk) -> None:
    file = ndjson(desk, ADULT | {"respiratory_rate": 20, "spo2": 96})
    (line,) = desk("rules", "judge", "--json", "--rule-set", "qd-4038", file).lines()
    assert line["findings"] == []  # 20 and 96 are no signs there
    file = ndjson(desk, ADULT | {"respiratory_rate": 21, "spo2": 95})
    (line,) = desk("rules", "judge", "--json", "--rule-set", "qd-4038", file).lines()
    assert {finding["rule_set"] for finding in line["findings"]} == {"qd-4038"}
    assert {"rr_adult", "spo2"} <= {finding["rule"] for finding in line["findings"]}
    unknown = desk("rules", "judge", "--rule-set", "qd-0", file)
    assert unknown.code == 1
    assert "qd-0" in unknown.err


def test_a_birth_year_that_crosses_an_edge_is_unsure(desk: Desk) -> None:
    file = ndjson(desk, {"birth_year": 2017, "at": "2022-02-10T08:00", "respiratory_rate": 35})
    (line,) = desk("rules", "judge", "--json", file).lines()
    assert line["age_months"] is None
    assert line["age_months_range"] == [49, 61]
    assert "qd-261/rr_5_to_12_years" in line["unsure"]
    assert "cần ngày sinh" in desk("rules", "judge", file).out.decode()


def test_a_bad_line_is_named_and_the_others_go_on(desk: Desk) -> None:
    file = ndjson(
        desk,
        "{no json",
        "[]",
        ADULT | {"spo2": 120},
        ADULT | {"symptoms": ["hum"]},
        {"spo2": 95},
        ADULT | {"birth_date": "2030-01-01"},
        ADULT | {"spo2": 95, "sp02": 91},
    )
    answer = desk("rules", "judge", "--json", file)
    assert answer.code == 4
    *bad, good = answer.lines()
    assert [line["line"] for line in bad] == [1, 2, 3, 4, 5, 6]
    for line, word in zip(bad, ("JSON", "JSON", "50 đến 100", "hum", "“at”", "birth_date"), strict=True):
        assert word in line["error"]
        assert f"dòng {line['line']}" in answer.err
    assert good["line"] == 7
    assert good["ignored"] == ["sp02"]
    assert desk("rules", "judge", ndjson(desk, "{")).code == 1


def test_what_was_not_read_in_a_document_says_so_in_words_and_json(desk: Desk) -> None:
    file = ndjson(desk, ADULT | {"at": "2022-06-01T08:00", "spo2": 96})
    (line,) = desk("rules", "judge", "--json", file).lines()
    (sign,) = [finding for finding in line["findings"] if finding["kind"] == "danger_sign"]
    assert (sign["verified"], sign["mark"]) == (False, "M-med")
    assert "chưa đối chiếu văn bản gốc" in desk("rules", "judge", file).out.decode()


def test_the_vaccine_may_be_said_as_doses(desk: Desk) -> None:
    doses = [{"given_on": "2021-10-01"}, {"given_on": "2021-11-01"}]
    risk = ADULT | {
        "birth_date": "1980-05-01",
        "spo2": 98,
        "respiratory_rate": 16,
        "pulse": 80,
        "symptoms": [],
        "first_positive_on": "2022-02-09",
        "vaccination": doses,
    }
    (line,) = desk("rules", "judge", "--json", ndjson(desk, risk)).lines()
    assert [f["outcome"] for f in line["findings"] if f["kind"] == "risk_class"] == ["low"]


def test_a_line_with_tests_says_whether_isolation_may_end_and_what_kind_of_case_it_is(desk: Desk) -> None:
    # QĐ 250: full 7 days and a negative rapid test watched by health staff (rules §2.7)
    test = {"on": "2022-02-17", "method": "antigen", "result": "negative", "supervised": True}
    told = {"at": "2022-02-17T08:00", "first_positive_on": "2022-02-10", "tests": [test], "vaccination": 2}
    file = ndjson(desk, ADULT | told, ADULT | told | {"at": "2022-02-16T08:00"}, ADULT | {"pcr": "positive"})
    ended, early, defined = desk("rules", "judge", "--json", file).lines()
    assert ended["release"] == {
        "may_end": True,
        "earliest": "2022-02-17",
        "day_number": 7,
        "convention": "first_positive_is_day_0",
    }
    assert early["release"]["may_end"] is False
    outcomes = {found["outcome"] for found in early["findings"] if found["kind"] == "release"}
    assert outcomes == {"days_not_reached", "test_missing"}
    assert "release" not in defined
    kinds = {(found["kind"], found["outcome"]) for found in defined["findings"] if "outcome" in found}
    assert ("case_definition", "confirmed") in kinds
    printed = desk("rules", "judge", file).out.decode()
    assert "ngày thứ 7: được kết thúc cách ly" in printed
    assert "sớm nhất 17/02/2022" in printed
    assert "định nghĩa ca → ca xác định" in printed


def test_the_list_and_a_set_say_how_sure_they_are(desk: Desk) -> None:
    listed = {entry["id"]: entry for entry in desk("rules", "list", "--json").lines()}
    assert listed["qd-261"]["verified"] is True
    assert listed["qd-5525"]["verified"] is False
    assert listed["qd-5525"]["unverified"] == listed["qd-5525"]["lines"]
    assert (listed["hcmc-8728"]["local"], listed["hcmc-8728"]["judges_today"]) == (True, False)
    shown = desk("rules", "show", "qd-3646").out.decode()
    assert "≤ 92" in shown
    assert "Chưa thống nhất" in shown
    assert desk("rules", "show", "qd-3646", "--json").json()["effective_from"] == "2021-07-31"


def test_installing_needs_a_yes_and_undoing_takes_it_back(desk: Desk, tmp_path: Path) -> None:
    desk.started()
    text = asset("rule_sets", "qd-604.toml").read_text(encoding="utf-8")
    file = desk.file("looser.toml", text.replace('op = "≤", limit = 96', 'op = "≤", limit = 93'))
    unsure = desk("rules", "install", file, login=True)
    assert unsure.code == 1
    assert "--yes" in unsure.err
    done = desk("rules", "install", file, "--yes", "--json", login=True)
    assert done.json() == {"cases": 0, "changed": 0, "counts": {}, "changes": [], "installed": "qd-604"}
    states = {entry["id"]: entry["state"] for entry in desk("rules", "list", "--json", login=True).lines()}
    assert states["qd-604"] == "replaced_own"
    reading = ndjson(desk, ADULT | {"at": "2022-06-01T08:00", "spo2": 95})
    (line,) = desk("rules", "judge", "--json", reading, login=True).lines()
    assert not [finding for finding in line["findings"] if finding["kind"] == "danger_sign"]
    assert desk("rules", "undo", "qd-604", login=True).code == 0
    (line,) = desk("rules", "judge", "--json", reading, login=True).lines()
    assert [finding["rule"] for finding in line["findings"] if finding["kind"] == "danger_sign"] == ["spo2"]


def test_a_wrong_file_is_refused_with_its_line(desk: Desk) -> None:
    desk.started()
    text = asset("rule_sets", "qd-604.toml").read_text(encoding="utf-8")
    file = desk.file("wrong.toml", text.replace("limit = 96", "limit = 960", 1))
    number = next(n for n, line in enumerate(text.splitlines(), 1) if "limit = 96 " in line)
    answer = desk("rules", "install", file, "--yes", login=True)
    assert answer.code == 1
    assert f"dòng {number}: ngưỡng 960" in answer.err
    assert desk("rules", "install", "no-such-set", "--yes", login=True).code == 1
    assert desk("rules", "install", str(desk.folder / "no.toml"), "--yes", login=True).code == 1


@pytest.mark.parametrize("name", ["qd-604"])
def test_the_server_publishes_a_set_and_withdraws_it(desk: Desk, tmp_path: Path, name: str) -> None:
    server = ["--dir", str(tmp_path / "server")]
    assert desk("server", "init", *server).code == 0
    assert desk("server", "areas", "import", str(asset("samples", "areas.csv")), *server).code in (0, 4)
    file = str(asset("rule_sets", f"{name}.toml"))
    published = desk("server", "rules", "publish", file, "--json", *server).json()
    assert published["rule_set"] == name
    assert published["changed"] > 1
    assert desk("server", "rules", "publish", desk.file("bad.toml", "id = 1"), *server).code == 1
    withdrawn = desk("server", "rules", "withdraw", name, "--json", *server).json()
    assert withdrawn["changed"] == published["changed"]
    assert desk("server", "rules", "withdraw", "qd-0", *server).code == 1
