"""The operator's commands against a PostgreSQL, as they are typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.sync.meeting import Meeting, names
from tui_app import cli


async def test_every_command_works_on_a_postgresql(
    tmp_path: Path,
    postgres_url: str,
    capfdbinary: pytest.CaptureFixture[bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.umask", lambda mask: mask)
    monkeypatch.setenv("GONHA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GONHA_NOW", "2026-11-22T09:00")  # 02:00 UTC, as the meeting's clock
    meeting = Meeting(postgres_url)
    one = await meeting.laptop("27211/01")
    await one.push(one.op("27211/01", meeting.new_id(), names({"full_name": "Vũ Thị Xa"})))
    await one.push(one.op("27211/02", meeting.new_id(), names({"full_name": "Vũ Thị Giữ"})))
    await one.pull({"nowhere": ("", 0)})
    await meeting.close()

    def run(*arguments: str, code: int = 0) -> list[Any]:
        capfdbinary.readouterr()
        assert cli.main(["server", *arguments, "--database", postgres_url, "--json"]) == code
        return [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]

    (invited,) = run("invite", "--user", "hoa", "--role", "chief", "--areas", "27211")
    assert len(invited["code"]) == 14
    assert run("grant", one.device, "--areas", "27211/02")[0]["granted"] == ["27211/02"]
    assert run("withdraw", one.device, "--areas", "27211/01")[0]["until"] == "2026-11-22T02:00:00.000Z"
    (device,) = run("devices")
    assert (device["id"], device["areas"]) == (one.device, 1)
    (held,) = run("held-ops", code=4)
    assert run("release-held", held["op"])[0]["result"] == "applied"
    (lost,) = run("held-by", one.device)
    assert (lost["count"], lost["notice"]["hours"]) == (
        1,
        72,
    )  # 27211/01 was handed over in the moment it was last here
    assert run("refusals")[0]["kind"] == "not-in-scope"
    (counted,) = run("stats")
    assert counted["ops"] == {"applied": 5}
    assert counted["bytes"] > 1_000_000
    assert run("revoke", one.device)[0]["revoked"] == [one.device]
    (info,) = run("backup", str(tmp_path / "a.backup"))
    assert (info["rows"]["record"], info["rows"]["op"]) == (5, 5)
    run("restore", str(tmp_path / "a.backup"), code=1)
    (restored,) = run("restore", str(tmp_path / "a.backup"), "--force")
    assert (restored["areas"], restored["rows"]) == (3, info["rows"])
