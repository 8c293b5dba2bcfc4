"""request, erase: a register run by commands alone, an erasure refused by the law and one that is done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.test_commands import Answer, Desk, desk

__all__ = ["desk"]  # the fixture

HEAD = "Khu phố,Họ và tên,Năm sinh,Giới tính,Địa chỉ\n"
PEOPLE = "1,Lê Thị Hằng,1951,Nữ,12 Lê Lợi\n1,Phạm Văn Tí,1990,Nam,12 Lê Lợi\n"
HANG, TI = "Lê Thị Hằng", "Phạm Văn Tí"


class Ward:
    """A desk with two persons, on Sunday 22/11/2026."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        desk.patch.setenv("GONHA_NOW", "2026-11-22T09:00")
        desk.started()
        assert self("import", desk.file("ds.csv", HEAD + PEOPLE)).code == 0
        self.ids = {line["full_name"]: line["id"] for line in self("export", "--type", "person").lines()}

    def __call__(self, *arguments: str) -> Answer:
        return self.desk(*arguments, login=True)

    def asked(self, name: str, kind: str, *more: str) -> str:
        return str(self("request", "add", self.ids[name], "--kind", kind, "--json", *more).json()["id"])


@pytest.fixture
def ward(desk: Desk) -> Ward:
    return Ward(desk)


def test_a_request_goes_through_its_steps_by_commands(ward: Ward) -> None:
    """NĐ 356/2025 (rules §4, duty 5): received Monday 16/11, a first answer by 18/11, correction by 26/11."""
    asked = ward.asked(TI, "correction", "--received", "2026-11-16", "--wording", "sai năm sinh")
    (line,) = ward("request", "list", "--json").lines()
    assert (line["answer"]["on"], line["answer"]["state"]) == ("2026-11-18", "overdue")
    assert (line["end"]["on"], line["end"]["state"], line["next_due"]) == ("2026-11-26", "due", "2026-11-18")
    assert "hạn trả lời 18/11/2026 (QUÁ HẠN)" in ward("request", "list").out.decode()
    assert ward("request", "answer", asked, "--on", "2026-11-17").code == 0
    assert ward("request", "done", asked, "--outcome", "đã sửa").code == 0
    assert ward("request", "refuse", asked, "--reason", "muộn").code == 1
    assert ward("request", "list", "--json").lines() == []
    (line,) = ward("request", "list", "--all", "--json").lines()
    assert (line["answer"]["state"], line["end"]["state"], line["outcome"]) == (
        "on_time",
        "on_time",
        "đã sửa",
    )


def test_erasing_is_tried_first_refused_by_the_law_and_done(ward: Ward) -> None:
    """TT 33/2025: a dose of 31/08/2021 is kept to 31/08/2031."""
    assert ward("vaccination", "add", ward.ids[HANG], "--on", "2021-08-31", "--product", "AZD1222").code == 0
    kept = ward.asked(HANG, "deletion")
    tried = ward("erase", ward.ids[HANG], "--request", kept, "--dry-run", "--json")
    assert tried.code == 1
    assert [(one["rule"], one["until"]) for one in tried.json()["kept_by"]] == [("ordinary", "2031-08-31")]
    refused = ward("erase", ward.ids[HANG], "--request", kept)
    assert refused.code == 1
    assert "31/08/2031" in refused.err
    overview = ward("request", "kept", "--json").json()
    assert (overview["rules"][0]["persons"], overview["free"]) == ([ward.ids[HANG]], [ward.ids[TI]])

    asked = ward.asked(TI, "deletion", "--wording", "xóa giúp tôi")
    assert ward("support", "add", "food", "--person", ward.ids[HANG], "--note", f"nhờ {TI}").code == 0
    tried = ward("erase", ward.ids[TI], "--request", asked, "--dry-run", "--json")
    assert (tried.code, tried.json()["undecided"]) == (1, 1)
    refused = ward("erase", ward.ids[TI], "--request", asked)
    assert refused.code == 1
    assert "ở 1 chỗ" in refused.err
    assert [(one["type"], one["about"], one["fields"]) for one in tried.json()["named_in"]] == [
        ("support_need", HANG, ["note"])
    ]
    (named,) = tried.json()["named_in"]
    assert (named["texts"], named["reached"]) == ({"note": f"nhờ {TI}"}, True)
    line = {"type": named["type"], "id": named["id"], "field": "note", "text": f"nhờ {TI}"}
    still = ward.desk.file("loi.ndjson", json.dumps(line))
    assert ward("erase", ward.ids[TI], "--request", asked, "--texts", still).code == 1, "names him again"
    broken = ward.desk.file("hong.ndjson", '{"type":"support_need"}')
    assert ward("erase", ward.ids[TI], "--request", asked, "--texts", broken).code == 1
    new = ward.desk.file("moi.ndjson", json.dumps(line | {"text": "nhờ cháu"}))
    shown = ward("erase", ward.ids[TI], "--request", asked, "--texts", new, "--dry-run").out.decode()
    assert "viết lại: nhờ cháu" in shown
    done = ward("erase", ward.ids[TI], "--request", asked, "--texts", new, "--json")
    assert (done.code, done.json()["named_in"]) == (0, [])
    (need,) = ward("export", "--type", "support_need").lines()
    assert need["note"] == "nhờ cháu"
    assert [line["full_name"] for line in ward("export", "--type", "person").lines()] == [HANG]
    assert "xóa giúp tôi" not in json.dumps(ward("request", "list", "--all", "--json").lines())


@pytest.mark.parametrize(
    ("options", "note"), [(("--remove-texts",), None), (("--leave-texts",), f"nhờ {TI}")]
)
def test_words_in_records_of_others_go_or_are_left_as_somebody_says(
    ward: Ward, options: tuple[str, ...], note: str | None
) -> None:
    asked = ward.asked(TI, "deletion")
    assert ward("support", "add", "food", "--person", ward.ids[HANG], "--note", f"nhờ {TI}").code == 0
    done = ward("erase", ward.ids[TI], "--request", asked, "--json", *options)
    assert (done.code, len(done.json()["named_in"])) == (0, int(note is not None))
    (need,) = ward("export", "--type", "support_need").lines()
    assert need.get("note") == note


def test_both_papers_are_written(ward: Ward, tmp_path: Path) -> None:
    for which in ("notice", "assessment"):
        file = tmp_path / f"{which}.pdf"
        assert ward("request", "paper", which, "--out", str(file), "--json").json() == {"file": str(file)}
        assert file.read_bytes().startswith(b"%PDF")


def test_who_asked_to_see_their_data_is_written_it(ward: Ward, tmp_path: Path) -> None:
    asked, file = ward.asked(TI, "access"), tmp_path / "ti.json"
    assert ward("request", "data", asked, "--out", str(tmp_path / "ti.txt")).code == 1
    assert ward("request", "data", asked, "--out", str(file)).code == 0
    assert json.loads(file.read_bytes())["records"]["person"][0]["full_name"] == TI
    assert ward("request", "data", ward.asked(TI, "deletion"), "--out", str(tmp_path / "x.pdf")).code == 1
