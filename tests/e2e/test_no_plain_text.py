"""No name, telephone or identity number of the sample stands in any file but the encrypted database (house.md §5)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.laptops import ROOT, Laptop, Server, environment
from tests.e2e.plain_text import found_in, leaks
from tui_app.intake.made_up import made_up_ward
from tui_app.settings import asset

NAME, NUMBER = "Nguyễn Thị Đào", "903000123"


def sample_words() -> list[str]:
    """What must not be seen: full names, the subscriber part of telephones, and every identity number."""
    words: set[str] = set()
    for household in made_up_ward(300):
        for person in household.persons:
            words.add(person.full_name)
            words |= {n for n in (person.national_id, person.insurance_number) if n}
            if person.phone:
                words.add(person.phone.removeprefix("0"))
    return sorted(words)


@pytest.mark.parametrize(
    "written",
    [
        lambda name: name.encode(),
        lambda name: unicodedata.normalize("NFD", name).encode(),
        lambda name: name.upper().encode(),
        lambda name: b"Nguyen Thi Dao",
        lambda name: b"\0" + name.encode("utf-16-le"),
        lambda name: name.encode("utf-16-be"),
        lambda name: json.dumps(name).encode(),
    ],
    ids=["composed", "decomposed", "capitals", "without-marks", "utf-16", "utf-16-be", "json-escapes"],
)
def test_the_search_finds_a_name_however_it_is_written(
    tmp_path: Path, written: Callable[[str], bytes]
) -> None:
    (tmp_path / "backups").mkdir()
    (tmp_path / "settings.toml").write_bytes(b'language = "vi"')
    (tmp_path / "backups" / "x.log").write_bytes(b"\x00\xff\x07" + written(NAME) + b"\x80...")
    assert leaks(tmp_path, [NAME, NUMBER]) == {"backups/x.log": {NAME}}


def test_the_search_finds_a_number_behind_its_country_code_and_a_name_of_a_file(tmp_path: Path) -> None:
    assert found_in(b"\xfe+84903000123;", [NAME, NUMBER]) == {NUMBER}
    (tmp_path / f"{NAME}.txt").write_bytes(b"")
    assert leaks(tmp_path, [NAME]) == {f"{NAME}.txt": {NAME}}


def test_no_file_of_a_laptop_and_no_log_shows_anybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = sample_words()
    assert len(words) > 600
    scratch = tmp_path / "scratch"  # where programs put temporary files
    scratch.mkdir()
    for variable in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(variable, str(scratch))
    (tmp_path / "server").mkdir()
    server = Server(tmp_path / "server", asset("samples", "areas.csv").read_text(encoding="utf-8"))
    told = []
    try:
        one, two = Laptop(tmp_path / "one", "lan", server), Laptop(tmp_path / "two", "minh", server)
        told.append(one.run("sync"))
        told.append(one.run("import", str(asset("samples", "danh_sach_phuong_mau.xlsx")), "--json", expect=4))
        told.append(one.run("sync"))
        told.append(two.run("sync"))
        one.run("backup", str(one.home / "copy.gonha"))
        crashed = died(one, words[0])
        assert crashed.returncode == -signal.SIGKILL
        log = one.home / "gonha.db-wal"
        assert log.stat().st_size > 100_000, "the save was killed before it reached the disk"
        assert leaks(one.home, words) == {}
    finally:
        server.stop()
    told.append(one.run("sync", expect=3))
    told.append(one.run("doctor"))
    (scratch / "looked-at").touch()
    for home in (one.home, two.home, scratch):
        assert leaks(home, words) == {}
    assert found_in(server.log.read_bytes(), words) == set()
    assert server.log.stat().st_size > 1000
    for answer in told:
        assert found_in(answer.out + answer.err.encode(), words) == set()
    assert found_in(crashed.stdout + crashed.stderr, words) == set()
    # What was looked for is there: once the key is given, the laptop knows everybody, and the kill took nothing.
    kept = one.run("export").out
    assert len(found_in(kept, words)) > 500
    assert b'"household_visit"' in kept
    assert len(one.run("export", "--type", "person").lines()) == len(
        two.run("export", "--type", "person").lines()
    )


def died(laptop: Laptop, name: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "tests.e2e.dying_laptop", laptop.user, str(laptop.secret), name],
        env=environment(laptop.home),
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
