"""Cases, readings, alerts and the roster by commands: what they print, how they exit, what is noted."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.e2e.test_commands import PASSWORD, Answer, Desk, desk
from tui_app.bootstrap import open_workspace
from tui_app.settings import Places

__all__ = ["desk"]  # the fixture

HEAD = "Khu phố,Họ và tên,Ngày sinh,Giới tính,Địa chỉ\n"
PEOPLE = "1,Lê Thị Hằng,04/03/1951,Nữ,12 Lê Lợi\n1,Phạm Văn Tí,01/05/1980,Nam,12 Lê Lợi\n"
WELL = (
    "--spo2",
    "98",
    "--respiratory-rate",
    "18",
    "--temperature-c",
    "36,8",
    "--symptoms",
    "",
    "--signs",
    "",
)


class Ward:
    """A desk with two persons, at a pinned moment of February 2022."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.at("2022-02-20T08:00")
        desk.started()
        assert self("import", desk.file("ds.csv", HEAD + PEOPLE)).code == 0
        people = {line["full_name"]: line["id"] for line in self("export", "--type", "person").lines()}
        self.hang, self.ti = people["Lê Thị Hằng"], people["Phạm Văn Tí"]

    def __call__(self, *arguments: str) -> Answer:
        return self.desk(*arguments, login=True)

    def at(self, moment: str) -> None:
        self.desk.patch.setenv("GONHA_NOW", moment)

    def opened(self, person: str, *more: str) -> str:
        answer = self(
            "case",
            "open",
            person,
            "--source",
            "screening",
            "--first-positive-on",
            "2022-02-20",
            *more,
            "--json",
        )
        assert answer.code == 0, answer.err
        return str(answer.json()["case"])

    def roster(self, *more: str) -> dict[str, dict[str, Any]]:
        return {line["full_name"]: line for line in self("f0", "--json", *more).lines()}


@pytest.fixture
def ward(desk: Desk) -> Ward:
    return Ward(desk)


def test_a_case_is_opened_with_what_the_rules_say(ward: Ward) -> None:
    asked = ("--source", "screening", "--started-on", "2022-02-19", "--fact", "conditions_asked=yes")
    answer = ward("case", "open", ward.ti, *asked, *WELL, "--json")
    assert answer.code == 0
    said = answer.json()
    assert set(said) == {"case", "alert", "findings", "missing", "unsure"}
    assert "eligible" in {found.get("outcome") for found in said["findings"]}
    shown = ward("case", "show", said["case"], "--json").json()
    assert shown["fields"]["started_on"] == "2022-02-19"
    assert [event["event"] for event in shown["events"]][-1] == "opened"
    assert shown["observations"][0]["spo2"] == 98
    again = ward("case", "open", ward.ti, "--source", "screening")
    assert (again.code, again.out) == (1, b"")
    assert said["case"] in again.err


def test_a_case_goes_through_its_changes(ward: Ward) -> None:
    case = ward.opened(ward.ti, "--followed-by", "lan")
    for action in (
        ("place", case, "hospital", "--reason", "SpO2"),
        ("hand-over", case, "BV Quận 11"),
        ("follow", case, "minh"),
        ("grade", case, "moderate"),
        ("risk", case, "high"),
        ("no-answer", case),
    ):
        assert ward("case", *action).code == 0
    place = ward("case", "place", case[-8:], "home", "--json").json()
    assert ward("case", "undo", place["event"], "--reason", "nhầm").code == 0
    fields = ward("case", "show", case, "--json").json()["fields"]
    assert (fields["place"], fields["managed_by"], fields["followed_by"]) == (
        "hospital",
        "BV Quận 11",
        "minh",
    )
    assert (fields["severity_grade"], fields["risk_class"]) == ("moderate", "high")
    refused = ward("case", "end", case, "recovered")
    assert refused.code == 1
    assert "lý do" in refused.err
    assert ward("case", "end", case, "recovered", "--reason", "giấy ra viện").code == 0
    assert ward("case", "list", "--json").lines() == []
    (ended,) = ward("case", "list", "--ended", "--json").lines()
    assert (ended["id"], ended["outcome"], ended["full_name"]) == (case, "recovered", "Phạm Văn Tí")
    assert ward("case", "reopen", case, "--reason", "chưa khỏi").code == 0
    assert [line["id"] for line in ward("case", "list", "--person", ward.ti, "--json").lines()] == [case]


def test_a_danger_sign_opens_an_alert_that_waits(ward: Ward) -> None:
    case = ward.opened(ward.hang)
    answer = ward("observe", case, "--spo2", "90", "--json")
    assert answer.code == 4, "it waits for a person"
    said = answer.json()
    assert [
        (found["rule_set"], found["limit"]) for found in said["findings"] if found["kind"] == "danger_sign"
    ] == [("qd-261", "≤ 96")]
    listed = ward("alerts", "--json")
    (alert,) = listed.lines()
    assert (listed.code, alert["id"], alert["full_name"], alert["late"]) == (
        4,
        said["alert"],
        "Lê Thị Hằng",
        False,
    )
    ward.at("2022-02-20T08:30")
    assert "QUÁ HẠN" in ward("alerts").out.decode()
    assert ward("alerts", "tell", alert["id"]).code == 1, "whom?"
    assert ward("alerts", "tell", alert["id"], "--to", "BS. Đức").code == 0
    assert ward("alerts", "--json").code == 0
    assert [one["state"] for one in ward("alerts", "--answered", "--json").lines()] == ["told"]
    assert ward("alerts", "reopen", alert["id"]).code == 0
    assert ward("case", "end", case, "hospital").code == 4, "an alert is left"
    assert ward("alerts", "close", alert["id"], "--reason", "đã chuyển viện").code == 0
    assert ward("alerts").code == 0


def test_the_unverified_mark_is_shown(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    ward("observe", case, "--spo2", "100")
    ward.at("2022-02-20T15:00")
    ward("observe", case, "--spo2", "97")
    words = ward("f0").out.decode()
    assert "chưa đối chiếu" in words
    (why,) = ward.roster()["Phạm Văn Tí"]["why"]
    assert (why["rule"], why["verified"]) == ("spo2_fall", False)


def test_a_reading_that_cannot_be_is_refused_with_field_range_and_remedy(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    answer = ward("observe", case, "--spo2", "20")
    assert answer.code == 1
    assert {"SpO2", "50", "100"} <= set(answer.err.replace(".", " ").replace("(", " ").split())
    assert ward("export", "--type", "observation").lines() == []


def test_a_file_of_readings_is_saved_line_by_line(ward: Ward, tmp_path: Path) -> None:
    first, second = ward.opened(ward.hang), ward.opened(ward.ti)
    lines = [
        {"case": first, "at": "2022-02-20T07:30", "spo2": 90, "contacted": "telephone"},
        {"case": second, "temperature_c": 36.8, "blood_pressure": "120/80", "symptoms": ["cough"]},
        {"case": second, "spo2": 9},
        {"case": "nobody-knows", "spo2": 98},
    ]
    file = ward.desk.file("readings.ndjson", "\n".join(map(json.dumps, lines)))
    answer = ward("observe", file, "--json")
    assert answer.code == 4
    one, two, three, four = answer.lines()
    assert (one["line"], one["case"], one["alert"] is not None) == (1, first, True)
    assert (two["alert"], three["fields"], four["error"]) == (None, ["spo2"], "errors.record_not_found")
    kept = {line["case"]: line for line in ward("export", "--type", "observation").lines()}
    assert kept[first]["at"] == "2022-02-20T00:30:00.000Z"
    assert (kept[second]["systolic_bp"], kept[second]["symptoms"]) == (120, ["cough"])


def test_a_reading_is_corrected_and_taken_back(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    first = ward("observe", case, "--spo2", "90", "--json").json()["observation"]
    assert ward("observe", first, "--amend", "--spo2", "98").code == 1, "why?"
    second = ward("observe", first, "--amend", "--spo2", "98", "--reason", "gõ nhầm", "--json").json()[
        "observation"
    ]
    assert ward.roster()["Phạm Văn Tí"]["spo2"] == [98]
    assert ward("observe", second, "--withdraw", "--reason", "nhầm người").code == 0
    assert ward.roster()["Phạm Văn Tí"]["spo2"] == []


def test_the_roster_of_a_half_day_is_the_one_known_at_its_end(ward: Ward) -> None:
    ward.opened(ward.hang)
    case = ward.opened(ward.ti)
    ward("observe", case, *WELL)
    assert {name: line["standing"] for name, line in ward.roster().items()} == {
        "Lê Thị Hằng": "due",
        "Phạm Văn Tí": "done",
    }
    ward.at("2022-02-21T08:00")
    standing = {name: line["standing"] for name, line in ward.roster().items()}
    assert standing == {"Lê Thị Hằng": "missing", "Phạm Văn Tí": "missing"}
    morning = {
        name: line["standing"] for name, line in ward.roster("--date", "2022-02-20", "--slot", "am").items()
    }
    assert morning == {"Lê Thị Hằng": "overdue", "Phạm Văn Tí": "done"}
    early = ward.roster("--as-of", "2022-02-20T08:30")
    assert {line["standing"] for line in early.values()} == {"due", "done"}
    assert ward.roster("--as-of", "2022-02-19T08:00") == {}
    assert ward("f0", "--date", "2022-02-22").code == 1


def test_a_roster_leaves_as_a_sheet_and_that_is_noted(ward: Ward, tmp_path: Path) -> None:
    case = ward.opened(ward.ti)
    ward("observe", case, *WELL)
    file = tmp_path / "f0.xlsx"
    assert ward("f0", "--out", str(file)).code == 0
    header, row = load_workbook(file).active.iter_rows(values_only=True)
    cells = dict(zip(header, row, strict=True))
    assert (cells["Họ và tên"], cells["SpO2 (5 lần)"], cells["Trạng thái"]) == ("Phạm Văn Tí", "98", "Đã đo")
    noted = [line for line in ward("access", "--json").lines() if line["what"] == "export"]
    assert [(line["record_type"], line["detail"]) for line in noted[:1]] == [("case", "xlsx")]
    assert ward("f0", "--out", str(tmp_path / "f0.pdf")).code == 1


def test_a_shown_case_is_noted_as_opened(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    ward("case", "show", case)
    opened = [line for line in ward("access", "--json").lines() if line["what"] == "open"]
    assert [line["record"] for line in opened] == [ward.ti]


@pytest.mark.parametrize(
    "command", [("f0",), ("alerts",), ("case", "list"), ("case", "suggest")], ids=" ".join
)
def test_a_viewer_is_refused(ward: Ward, command: tuple[str, ...]) -> None:
    desk = ward.desk
    ward("user", "add", "minh", "--role", "viewer", "--new-password-file", desk.other)
    ward.opened(ward.ti)
    answer = desk(*command, "--json", "--user", "minh", "--password-file", desk.other)
    assert (answer.code, answer.out) == (1, b"")


def test_a_positive_test_suggests_a_case_and_a_recovery_its_visits(ward: Ward, tmp_path: Path) -> None:
    (area, *_) = {line["area"] for line in ward("export", "--type", "person").lines()}
    test = {"type": "test_result", "id": "test-1", "area": area, "person": ward.ti}
    test |= {"at": "2022-02-19T03:00:00Z", "result": "positive", "method": "antigen"}
    assert ward("import", ward.desk.file("tests.ndjson", json.dumps(test))).code == 0
    suggested = ward("case", "suggest", "--json")
    assert (suggested.code, [line["person"] for line in suggested.lines()]) == (4, [ward.ti])
    case = ward("case", "open", ward.ti, "--json").json()["case"]
    assert ward("case", "suggest", "--json").code == 0
    assert ward("case", "show", case, "--json").json()["fields"]["first_positive_on"] == "2022-02-19"
    ward("case", "end", case, "recovered", "--reason", "khỏi")
    dates = ward("case", "show", case, "--json").json()["follow_up_on"]
    ward.at(f"{dates[0]}T08:00")
    (due,) = ward("case", "follow-ups", "--json").lines()
    assert (due["case"], due["due_on"]) == (case, dates[0])
    assert ward("case", "follow-up", case, "--well", "yes").code == 0
    assert ward("case", "follow-ups", "--json").lines() == []


def test_exported_cases_come_back_and_a_bare_reading_is_judged(ward: Ward, tmp_path: Path) -> None:
    case = ward.opened(ward.ti)
    (area, *_) = {line["area"] for line in ward("export", "--type", "person").lines()}
    bare = {
        "type": "observation",
        "id": "obs-1",
        "area": area,
        "case": case,
        "at": "2022-02-20T01:00:00Z",
        "spo2": 91,
    }
    orphan = bare | {"id": "obs-2", "case": "nobody"}
    impossible = bare | {"id": "obs-3", "spo2": 20}
    file = ward.desk.file("in.ndjson", "\n".join(map(json.dumps, [bare, orphan, impossible])))
    tried = ward("import", file, "--dry-run", "--json")
    assert [row["cell"] for row in tried.json()["bad_rows"]] == ["case", "spo2"]
    assert ward("export", "--type", "observation").lines() == []
    taken = ward("import", file, "--json")
    assert taken.code == 4
    (kept,) = ward("export", "--type", "observation").lines()
    assert (kept["slot_on"], kept["slot"], kept["person"]) == ("2022-02-20", "am", ward.ti)
    assert "danger_sign" in {found["kind"] for found in kept["findings"]}
    (alert,) = ward("export", "--type", "alert").lines()
    assert alert["observation"] == "obs-1"
    whole = ward("export").out
    again = ward("import", ward.desk.file("again.ndjson", whole.decode()), "--json").json()
    assert (again["records"], again["bad_rows"]) == (0, [])
    undone = ward("import", "--undo", taken.json()["id"], "--json").json()
    assert undone["undone"]
    assert ward("export", "--type", "alert").lines() == []


def test_the_days_of_a_case_are_corrected_and_taken_back(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    refused = ward("case", "correct", case, "--first-positive-on", "17/02/2022")
    assert refused.code == 1, "no reason"
    corrected = ward(
        "case", "correct", case, "--first-positive-on", "17/02/2022", "--reason", "xem phiếu", "--json"
    )
    (event,) = corrected.json()["events"]
    assert ward("case", "show", case, "--json").json()["day"] == 3
    assert "20/02/2022 → 17/02/2022" in ward("case", "show", case).out.decode()
    assert ward("case", "undo", event).code == 0
    assert ward("case", "show", case, "--json").json()["day"] == 0
    ward("case", "correct", case, "--onset-on", "2022-02-18", "--reason", "hỏi")
    ward("case", "correct", case, "--onset-on", "", "--reason", "hỏi lại")
    assert "onset_on" not in ward("case", "show", case, "--json").json()["fields"]


def test_what_was_not_asked_at_entry_is_answered_later(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    answered = ward(
        "case", "answer", case, "--fact", "basic_doses=2", "--fact", "conditions_asked=yes", "--json"
    )
    assert answered.json() == {"ok": True, "fields": ["basic_doses", "conditions_asked"]}
    assert ward("case", "show", case, "--json").json()["fields"]["basic_doses"] == 2
    assert ward("case", "answer", case, "--fact", "basic_doses=2").code == 1
    ward.at("2022-02-20T09:00")
    assert ward("case", "answer", case, "--fact", "pregnant=no", "--fact", "basic_doses=0").code == 0


def test_the_history_says_what_was_judged_again_and_why(ward: Ward) -> None:
    ward.at("2022-03-20T08:00")
    case = ward.opened(ward.ti)  # QĐ 604: who cannot look after themselves and has no carer is not eligible
    ward.at("2022-03-20T09:00")
    assert ward("case", "answer", case, "--fact", "self_care=no", "--fact", "carer_able=no").code == 0
    (again, first) = (
        line
        for line in ward("case", "show", case).out.decode().splitlines()
        if "Xét điều kiện tại nhà" in line
    )
    assert "chưa rõ → không đủ điều kiện" in again
    assert "xét lại vì sửa: " in again
    assert "lấy lại" not in again + first


def test_a_call_nobody_answered_is_taken_back(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    assert ward("case", "no-answer", case).code == 0
    shown = ward("case", "show", case).out.decode()
    line = next(line for line in shown.splitlines() if "Gọi không nghe máy" in line)
    event = line.rsplit("(", 1)[1].rstrip(")")  # the end of its id, as the history prints it
    assert ward.roster()["Phạm Văn Tí"]["no_answer"] == 1
    assert ward("case", "undo", event, "--reason", "bấm nhầm").code == 0
    assert ward.roster()["Phạm Văn Tí"]["no_answer"] == 0
    back, call = (
        line for line in ward("case", "show", case).out.decode().splitlines() if "Gọi không nghe máy" in line
    )
    assert "lấy lại" in back
    assert "đã lấy lại" in call


def test_visits_after_a_recovery_are_noted_corrected_and_withdrawn(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    assert ward("case", "end", case, "recovered", "--reason", "giấy ra viện").code == 0
    ward.at("2022-03-20T08:00")  # a month after the recovery, the first due date of the house set
    assert [line["case"] for line in ward("case", "follow-ups", "--json").lines()] == [case]
    noted = ward("case", "follow-up", case, "--well", "no", "--symptoms", "Ho, mệt mỏi", "--json")
    visit = noted.json()["follow_up_visit"]
    (kept,) = ward("case", "show", case, "--json").json()["follow_ups"]
    assert (kept["due_on"], kept["symptoms"]) == ("2022-03-20", ["cough", "fatigue"])
    assert ward("case", "follow-ups", "--json").lines() == []
    better = ward("case", "follow-up", visit, "--amend", "--well", "yes", "--reason", "nghe nhầm", "--json")
    (kept,) = ward("case", "show", case, "--json").json()["follow_ups"]
    assert (kept["id"], kept["well"]) == (better.json()["follow_up_visit"], True)
    assert ward("case", "follow-up", kept["id"], "--withdraw").code == 1, "no reason"
    assert ward("case", "follow-up", kept["id"], "--withdraw", "--reason", "nhầm người").code == 0
    assert [line["case"] for line in ward("case", "follow-ups", "--json").lines()] == [case]
    assert "20/03/2022  hẹn khám sau khỏi bệnh, chưa khám" in ward("case", "show", case).out.decode()


def test_signs_are_typed_by_code_or_in_words_and_shown_in_words(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    assert ward("observe", case, "--symptoms", "Ho, đau họng", "--signs", "khó thở").code == 4
    (row,) = ward("export", "--type", "observation").lines()
    assert (row["symptoms"], row["signs"]) == (["cough", "sore_throat"], ["dyspnoea"])
    assert "ho, đau họng" in ward("case", "show", case).out.decode()
    refused = ward("observe", case, "--signs", "khó chịu")
    assert refused.code == 1
    assert "khó chịu" in refused.err


def test_a_line_with_a_name_nobody_knows_is_refused_whole(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    lines = [
        {"case": case, "spo2": 98, "respitory_rate": 40},
        {"case": case, "systolic_bp": 85, "diastolic_bp": 55},
    ]
    file = ward.desk.file("round.ndjson", "\n".join(map(json.dumps, lines)))
    answer = ward("observe", file, "--json")
    refused, taken = answer.lines()
    assert (answer.code, refused["error"]) == (4, "care.unknown_keys")
    assert "respitory_rate" in refused["problem"]
    assert {found["rule"] for found in taken["findings"] if found["kind"] == "danger_sign"} == {
        "systolic_low",
        "diastolic_low",
    }
    assert len(ward("export", "--type", "observation").lines()) == 1


def test_a_finding_says_what_it_is_about_and_what_follows(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    said = ward(
        "observe", case, "--spo2", "93", "--spo2-repeat", "97", "--spo2-repeat-after", "90"
    ).out.decode()
    assert "cách đo → không tính lần đo lại: SpO2 đo lại" in said
    assert "dấu hiệu nguy hiểm: SpO2 thấp" in said
    assert "mức độ bệnh → Nặng: SpO2 thấp" in said
    shown = ward("case", "show", case).out.decode()
    assert "kết thúc cách ly → chưa đủ ngày" in shown
    assert "ngày thứ 0: chưa được kết thúc; theo số ngày thì sớm nhất 27/02/2022" in shown


def test_an_age_that_is_not_known_well_enough_asks_for_the_birth_date(ward: Ward) -> None:
    """Four or five years old on 20/02/2022: a breathing rate of 35 is a sign of QĐ 261 from five years on."""
    people = "1,Nguyễn Bé Na,2017,Nữ,12 Lê Lợi\n"
    assert ward("import", ward.desk.file("na.csv", HEAD + people)).code == 0
    (na,) = (one["id"] for one in ward("export", "--type", "person").lines() if one.get("birth_year") == 2017)
    case = ward.opened(na)
    said = ward("observe", case, "--respiratory-rate", "35")
    assert said.code == 0
    assert "cần ngày sinh: Thở nhanh (5 đến dưới 12 tuổi) (Quyết định 261/QĐ-BYT" in said.out.decode()


def test_an_import_of_lines_says_what_came_type_by_type(ward: Ward) -> None:
    case = ward.opened(ward.ti)
    (area, *_) = {line["area"] for line in ward("export", "--type", "person").lines()}
    bare = {"type": "observation", "id": "obs-1", "area": area, "case": case, "at": "2022-02-20T01:00:00Z"}
    lines = (bare | {"spo2": 98}, bare | {"id": "obs-2", "spo2": 97})
    file = ward.desk.file("in.ndjson", "\n".join(map(json.dumps, lines)))
    tried = ward("import", file, "--dry-run").out.decode()
    assert "Sẽ thêm hay đổi 2 bản ghi (2 lần theo dõi); bỏ qua 0 ô sai" in tried
    said = ward("import", file)
    assert "Thêm hay đổi 2 bản ghi (2 lần theo dõi); bỏ qua 0 ô sai" in said.out.decode()
    assert "Đã nhập 2 bản ghi" in said.err
    assert "0 hộ" not in said.out.decode() + said.err
    (line,) = (one for one in ward("export", "--type", "case").lines() if one["id"] == case)
    wrong = ward.desk.file("wrong.ndjson", json.dumps(line | {"outcome": "cured"}))
    refused = ward("import", wrong).out.decode()
    assert "Kết quả lượt thăm" not in refused
    assert "Kết quả: " in refused


def test_two_open_cases_are_said_in_the_lists_with_the_way_out(ward: Ward) -> None:
    first = ward.opened(ward.ti)
    assert ward("case", "end", first, "moved_out", "--reason", "đã đi").code == 0
    second = ward.opened(ward.ti)
    assert ward("case", "list").err == ""
    here = open_workspace(Places(ward.desk.home), "lan", PASSWORD)
    with closing(here), here.store.work("minh") as work:
        work.change("case", first, {"ended_on": None, "outcome": None})  # as a sync may bring it
    for command in (("f0",), ("case", "list")):
        said = ward(*command)
        assert said.out.decode().count("⚠ 2 ca đang mở") == 2
        assert "gonha case end ID mistaken" in said.err
    assert {one["open_cases"] for one in ward("case", "list", "--json").lines()} == {2}
    assert ward("case", "end", second, "mistaken", "--reason", "trùng").code == 0
    assert "đang mở" not in ward("f0").out.decode() + ward("case", "list").out.decode()
