"""The journal, the roles and the lock by commands: what is refused says so in a line, and is noted."""

from __future__ import annotations

from pathlib import Path

import pytest

from sync import outbox
from tests.e2e.test_commands import SAMPLE, Desk, desk
from tui_app.bootstrap import open_workspace
from tui_app.settings import Places

__all__ = ["desk"]  # the fixture

LONG_AGO = "2020-01-01T00:00:00.000Z"


@pytest.fixture
def ward(desk: Desk) -> Desk:
    """A workspace with the sample list, its chief lan, and the viewer minh."""
    desk.started()
    assert desk("import", SAMPLE, login=True).code in (0, 4)
    added = desk("user", "add", "minh", "--role", "viewer", "--new-password-file", desk.other, login=True)
    assert added.code == 0
    return desk


def as_viewer(desk: Desk, *arguments: str) -> tuple[int, bytes, str]:
    answer = desk(*arguments, "--user", "minh", "--password-file", desk.other)
    return answer.code, answer.out, answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["export"],
        ["export", "--type", "person", "--format", "csv"],
        ["conflicts", "--json"],
        ["import", SAMPLE, "--dry-run"],
        ["access", "--json"],
    ],
    ids=" ".join,
)
def test_a_viewer_is_refused_every_name_and_that_is_noted(ward: Desk, arguments: list[str]) -> None:
    code, out, err = as_viewer(ward, *arguments)
    assert (code, out) == (1, b"")
    assert "Nguyễn" not in err
    (noted, *_) = ward("access", "--json", login=True).lines()
    assert (noted["who"], noted["what"], noted["detail"]) == ("minh", "refused", "role")


def test_a_refused_export_leaves_no_file(ward: Desk, tmp_path: Path) -> None:
    file = tmp_path / "people.ndjson"
    assert as_viewer(ward, "export", "--out", str(file))[0] == 1
    assert not file.exists()


def test_the_journal_is_read_by_record_by_day_and_in_words(ward: Desk) -> None:
    assert ward("export", "--type", "household", login=True).code == 0
    (entry,) = ward("access", "--json", login=True).lines()
    assert entry.keys() == {"at", "who", "what", "record_type", "detail", "area"}
    assert (entry["who"], entry["what"], entry["record_type"], entry["detail"]) == (
        "lan", "export", "household", "ndjson",
    )  # fmt: skip
    words = ward("access", login=True).out.decode()
    assert "Xuất dữ liệu" in words
    assert ward("access", "--json", "--date", "2020-01-01", login=True).out == b""
    assert ward("access", "--json", "--record", "nobody", login=True).out == b""
    assert ward("access", "--json", "--date", "01/01/2020", login=True).out == b""
    wrong = ward("access", "--date", "31/02/2026", login=True)
    assert (wrong.code, wrong.out) == (1, b"")
    assert "2022-03-14" in wrong.err
    assert b"access_entry" not in ward("export", login=True).out


def test_a_locked_unit_is_not_exported_and_its_state_is_told(ward: Desk) -> None:
    workspace = open_workspace(Places(ward.home), "lan", Path(ward.secret).read_text("utf-8").strip())
    with workspace.store.write() as c:
        (area,) = c.execute("SELECT area FROM cursor").fetchone()
        outbox.hold_area(c, area, outbox.LOCAL, "write", LONG_AGO)
    workspace.close()
    refused = ward("export", login=True)
    assert (refused.code, refused.out) == (1, b"")
    assert "đang khóa" in refused.err
    (lease,) = ward("sync", "status", "--json", login=True).json()["leases"]
    assert (lease["state"], lease["days_left"]) == ("ended", 0)
    assert "đang khóa" in ward("sync", "status", login=True).out.decode()
