"""Every command without a terminal: its exit code, its one JSON object, and words that say what to do."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.laptops import Answer, environment, gonha
from tui_app import cli
from tui_app.i18n import set_language
from tui_app.settings import Places, asset
from tui_app.store import vault
from tui_app.store.engine import Store
from tui_app.store.vault_file import Cost

PASSWORD, OTHER = "mật khẩu của đội", "con trâu đi trước"
SAMPLE = str(asset("samples", "danh_sach_phuong_mau.xlsx"))
HEAD = "Khu phố,Họ và tên,Năm sinh,Giới tính,Địa chỉ\n"


class Desk:
    """One laptop and its commands, run in this process; passwords cost next to nothing here."""

    def __init__(self, folder: Path, said: pytest.CaptureFixture[bytes], patch: pytest.MonkeyPatch) -> None:
        self.folder, self.said, self.patch = folder, said, patch
        patch.setattr(vault, "create", partial(vault.create, cost=Cost(passes=1, memory_kib=64, lanes=1)))
        self.secret, self.other = self.file("lan.secret", PASSWORD), self.file("other.secret", OTHER)
        self.at(folder / "home")

    def file(self, name: str, text: str) -> str:
        """A file of this desk."""
        (self.folder / name).write_text(text + "\n", encoding="utf-8")
        return str(self.folder / name)

    def at(self, home: Path) -> None:
        """Go on with another home."""
        self.home = home
        self.patch.setenv("GONHA_HOME", str(home))

    def __call__(self, *arguments: str, login: bool = False) -> Answer:
        """Run a command; with ``login`` as lan."""
        self.said.readouterr()
        asked = [*arguments, *(("--user", "lan", "--password-file", self.secret) if login else ())]
        try:
            code = cli.main(asked)
        except SystemExit as stopped:  # wrong usage
            code = int(stopped.code or 0)
        out, err = self.said.readouterr()
        return Answer(code, out, err.decode())

    def started(self) -> None:
        """A local workspace of lan."""
        assert self("init", "--local", "--commune", "Phường Hòa Bình", login=True).code == 0


@pytest.fixture
def desk(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.delenv("GONHA_NOW", raising=False)
    before = os.umask(0o077)
    yield Desk(tmp_path, capfdbinary, monkeypatch)
    os.umask(before)
    set_language("vi")


# -- usage -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["fly"],
        ["export", "--format", "pdf"],
        ["sync", "everything"],
        ["init"],
        ["init", "--local", "--server", "http://x"],
        ["user"],
        ["server"],
        ["server", "invite", "--user", "lan"],
        ["backup"],
        ["join", "--server", "http://x"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_two_and_prints_nothing_on_stdout(desk: Desk, arguments: list[str]) -> None:
    answer = desk(*arguments)
    assert (answer.code, answer.out) == (2, b"")
    assert "usage: gonha" in answer.err
    assert not desk.home.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["export"], ["sync"], ["sync", "status", "--json"], ["conflicts", "--json"], ["import", SAMPLE, "--json"],
        ["backup", "x.gonha"], ["user", "remove", "minh"], ["join", "--server", "http://x", "--code", "A"],
    ],
    ids=lambda arguments: arguments[0],
)  # fmt: skip
def test_without_a_workspace_each_command_says_so(desk: Desk, arguments: list[str]) -> None:
    answer = desk(*arguments, login=True)
    assert (answer.code, answer.out) == (1, b"")
    assert "gonha init" in answer.err
    assert not desk.home.exists()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_wrong_password_is_refused_in_a_line(desk: Desk, language: str) -> None:
    desk.started()
    (desk.home / "settings.toml").write_text(f'language = "{language}"\n', encoding="utf-8")
    answer = desk("export", "--user", "lan", "--password-file", desk.other)
    assert (answer.code, answer.out) == (1, b"")
    assert len(answer.err.splitlines()) == 1
    assert {"vi": "mật khẩu", "en": "password"}[language] in answer.err.lower()
    assert OTHER not in answer.err


def test_without_a_terminal_a_password_must_come_from_a_file(desk: Desk) -> None:
    desk.started()
    desk.patch.setattr(sys, "stdin", open(os.devnull))  # noqa: SIM115 - a stream that is no terminal
    answer = desk("export", "--user", "lan")
    assert answer.code == 1
    assert "--password-file" in answer.err
    empty = desk("export", "--user", "lan", "--password-file", desk.file("empty", ""))
    assert (empty.code, "empty" in empty.err) == (1, True)
    assert desk("export", "--user", "lan", "--password-file", str(desk.folder / "none")).code == 1


def test_a_clock_that_is_none_is_named(desk: Desk) -> None:
    desk.patch.setenv("GONHA_NOW", "hôm qua")
    answer = desk("user", "list")
    assert (answer.code, answer.out) == (1, b"")
    assert "hôm qua" in answer.err
    assert "GONHA_NOW" in answer.err


def test_a_fault_of_the_program_names_its_place_and_no_value(desk: Desk) -> None:
    def broken(*_: Any) -> None:
        raise KeyError("Nguyễn Văn Đức")

    desk.started()
    desk.patch.setattr("tui_app.services.lists.exporting.export", broken)
    answer = desk("export", login=True)
    assert answer.code == 1
    assert "KeyError" in answer.err
    assert "Đức" not in answer.err


def test_ctrl_c_is_no_crash(desk: Desk) -> None:
    def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    desk.started()
    desk.patch.setattr("tui_app.services.lists.exporting.export", stopped)
    answer = desk("export", login=True)
    assert (answer.code, "Traceback" in answer.err) == (1, False)


# -- users, copies, examination ----------------------------------------------------------------------------------


def test_users_come_go_and_change_their_passwords(desk: Desk) -> None:
    desk.started()
    added = desk("user", "add", "minh", "--role", "member", "--new-password-file", desk.other, login=True)
    assert (added.code, added.out) == (0, b"")
    assert desk("user", "list", "--json").lines() == [
        {"user": "lan", "role": "chief"},
        {"user": "minh", "role": "member"},
    ]
    assert desk("user", "list").out.decode() == "lan\tchief\nminh\tmember\n"
    assert "minh" in desk("export", "--password-file", desk.secret).err, "two could be meant"
    as_minh = ("--user", "minh", "--password-file")
    assert desk("export", *as_minh, desk.other).code == 0
    fresh = desk.file("fresh.secret", "trâu già không nệ cày sâu")
    assert desk("user", "password", *as_minh, desk.other, "--new-password-file", fresh).code == 0
    assert desk("export", *as_minh, desk.other).code == 1
    assert desk("export", *as_minh, fresh).code == 0
    assert desk("user", "add", "minh", "--new-password-file", desk.other, login=True).code == 1
    assert desk("user", "remove", "minh", login=True).code == 0
    assert desk("export", *as_minh, fresh).code == 1
    assert desk("export", login=True).code == 0
    assert desk("user", "remove", "lan", login=True).code == 1, "somebody must be left"


def test_a_forgotten_password_is_made_new_by_the_recovery_code(desk: Desk) -> None:
    told = desk("init", "--local", login=True)
    code = re.search(r"(?:[0-9A-Z]{4}-){7}[0-9A-Z]{4}", told.err)
    assert code is not None
    paper = desk.file("paper", code.group().lower())
    answer = desk(
        "user", "password", "--user", "lan", "--recovery-code-file", paper, "--new-password-file", desk.other
    )
    assert answer.code == 0, answer.err
    assert desk("export", "--user", "lan", "--password-file", desk.other).code == 0


def test_a_backup_comes_back(desk: Desk) -> None:
    desk.started()
    desk("import", SAMPLE, login=True)
    copy = str(desk.folder / "copy.gonha")
    assert desk("backup", copy, login=True).code == 0
    whole = desk("export", login=True).out
    desk("import", desk.file("more.csv", HEAD + ",Lê Văn Mới,1980,Nam,99 Trần Phú"), login=True)
    assert desk("export", login=True).out != whole
    restored = desk("restore", copy)
    assert restored.code == 0
    assert desk("export", login=True).out == whole
    desk.at(desk.folder / "another")
    assert desk("restore", copy).code == 0
    assert desk("export", login=True).out == whole
    assert desk("restore", desk.file("no-copy", "x")).code == 1
    assert desk("restore", str(desk.folder / "nothing")).code == 1


def test_the_doctor_says_what_is_well_and_what_is_bad(desk: Desk) -> None:
    desk.started()
    for login in (False, True):
        well = desk("doctor", "--json", login=login)
        assert (well.code, {line["level"] for line in well.lines()} <= {"ok", "warn"}) == (0, True)
    assert desk("doctor").out
    database = desk.home / "gonha.db"
    database.write_bytes(database.read_bytes()[:5000])
    bad = desk("doctor", "--json", "--user", "lan", "--password-file", desk.secret)
    assert bad.code == 1


def test_the_doctor_counts_wrong_sums_anew_when_asked(desk: Desk) -> None:
    desk.started()
    opened = vault.unlock(Places(desk.home), "lan", PASSWORD)
    with closing(Store(desk.home / "gonha.db", opened.data_key)) as store, store.write() as c:
        c.execute("UPDATE cursor SET digest = '1'")
    assert "vault.doctor_digests_wrong" in {
        line["key"] for line in desk("doctor", "--json", login=True).lines()
    }
    told = {line["key"] for line in desk("doctor", "--repair", "--json", login=True).lines()}
    assert "vault.doctor_recounted" in told
    assert "vault.doctor_digests_wrong" not in told
    assert "vault.doctor_digests" in {line["key"] for line in desk("doctor", "--json", login=True).lines()}


def test_the_receipts_of_one_record_are_told_also_without_a_server(desk: Desk) -> None:
    desk.started()
    listed = desk.file("ds.csv", HEAD + ",Lê Thị Hằng,1955,Nữ,7 Lê Lợi")
    assert desk("import", listed, login=True).code == 0
    ident = desk("export", "--type", "person", login=True).lines()[0]["id"]
    answer = desk("receipts", "--record", ident, "--json", login=True)
    told = answer.json()
    assert (answer.code, told["type"], told["asked"]) == (0, "person", "no_server")
    ((result, new, who),) = [(one["result"], one["new"], one["who"]) for one in told["changes"]]
    assert (result, new, who) == ("unsent", True, "lan")
    people = desk("receipts", "--record", ident, login=True)
    assert ("tạo hồ sơ" in people.out.decode(), "máy chủ" in people.err) == (True, True)
    assert "Hằng" not in people.out.decode() + answer.out.decode()
    assert desk("receipts", "--record", "nobody", login=True).code == 1
    assert desk("receipts", "--record", ident, "--out", "x.xlsx", login=True).code == 1
    assert desk("receipts", "--record", ident, "--date", "2026-11-22", login=True).code == 2


# -- lists -------------------------------------------------------------------------------------------------------


def test_importing_tells_one_object_and_waits_for_a_person_when_rows_were_skipped(desk: Desk) -> None:
    desk.started()
    tried = desk("import", SAMPLE, "--dry-run", "--json", login=True)
    assert (tried.code, tried.json()["id"], len(tried.json()["bad_rows"])) == (4, None, 6)
    assert desk("export", login=True).out == b""
    done = desk("import", SAMPLE, "--json", login=True)
    assert (done.code, done.json()["persons"]) == (4, tried.json()["persons"])
    assert {bad["cell"][0] for bad in done.json()["bad_rows"]} == set("CEFGK")
    assert f"--undo {done.json()['id']}" in done.err
    again = desk("import", SAMPLE, "--json", login=True)
    assert (again.code, again.out) == (1, b"")
    undone = desk("import", "--undo", done.json()["id"], "--json", login=True)
    assert (undone.code, undone.json()["removed"], undone.json()["kept"]) == (0, done.json()["records"], 0)
    assert desk("export", login=True).out == b""


def test_a_clean_list_is_done_and_a_dry_run_for_people_names_the_rows(desk: Desk) -> None:
    desk.started()
    listed = desk.file("ds.csv", HEAD + ",Lê Thị Hằng,1955,Nữ,7 Lê Lợi\n,Lê Văn Hai,32/13/1950,Nam,7 Lê Lợi")
    tried = desk("import", listed, "--dry-run", login=True)
    assert tried.code == 4
    assert "Lê Thị Hằng" in tried.out.decode()
    assert "C3" in tried.out.decode()
    clean = desk.file("ok.csv", HEAD + ",Lê Thị Hằng,1955,Nữ,7 Lê Lợi")
    assert desk("import", clean, login=True).code == 0
    assert desk("import", str(desk.folder / "none.csv"), login=True).code == 1
    for arguments in ([], [clean, "--undo", "x"]):
        assert desk("import", *arguments, login=True).code == 1
    assert desk("import", "--undo", "x", login=True).code == 1


def test_a_wrong_line_is_told_and_the_others_come(desk: Desk) -> None:
    desk.started()
    desk("import", desk.file("ok.csv", HEAD + ",Lê Thị Hằng,1955,Nữ,7 Lê Lợi"), login=True)
    lines = desk("export", login=True).out.decode()
    changed = lines.replace("7 Lê Lợi", "9 Lê Lợi") + "không phải JSON\n"
    for options, wanted in (([], "Dòng"), (["--json"], "import.line_not_json")):
        answer = desk("import", desk.file("x.ndjson", changed), *options, login=True)
        assert answer.code == 4
        assert wanted in answer.out.decode()
    assert b"9 L" in desk("export", login=True).out


def test_an_export_goes_to_stdout_or_whole_into_a_file(desk: Desk) -> None:
    desk.started()
    desk("import", SAMPLE, login=True)
    shown = desk("export", "--type", "person", login=True)
    assert shown.code == 0
    assert {line["type"] for line in shown.lines()} == {"person"}
    assert "access log" in shown.err or "nhật ký" in shown.err
    file = desk.folder / "persons.ndjson"
    assert desk("export", "--type", "person", "--out", str(file), login=True).out == b""
    assert file.read_bytes() == shown.out
    assert file.stat().st_mode & 0o077 == 0
    assert desk("export", "--type", "person", "--format", "xlsx", "--out", str(file), login=True).code == 0
    assert file.read_bytes()[:2] == b"PK"
    for wrong in (["--type", "spaceship"], ["--format", "csv"], ["--out", str(desk.folder / "no" / "where")]):
        refused = desk("export", *wrong, login=True)
        assert (refused.code, refused.out) == (1, b"")
    refused = desk("export", "--type", "spaceship", "--out", str(file), login=True)
    assert file.read_bytes()[:2] == b"PK", "a refused export leaves the file as it was"
    assert [path.name for path in desk.folder.iterdir() if path.name.endswith(".part")] == []


# -- server ------------------------------------------------------------------------------------------------------


def test_a_server_is_prepared_and_its_laptops_listed(desk: Desk) -> None:
    folder = str(desk.folder / "server")
    assert desk("server", "init", "--dir", folder).code == 0
    areas = str(asset("samples", "areas.csv"))
    assert desk("server", "areas", "import", areas, "--dir", folder).code == 0
    bad = desk.file(
        "bad.csv", "commune_code,commune_name,unit_code,unit_name\n27211,Phường,07,Khu phố 7\n,,,\n1,,,x"
    )
    assert desk("server", "areas", "import", bad, "--dir", folder).code == 4
    assert desk("server", "areas", "import", str(desk.folder / "none"), "--dir", folder).code == 1
    asked = ("server", "invite", "--user", "lan", "--role", "member", "--dir", folder, "--areas")
    invited = desk(*asked, "27211/01,27211/02", "--json")
    assert (invited.code, set(invited.json())) == (0, {"code", "user", "role", "areas", "expires"})
    assert re.search(r"\w{4}-\w{4}-\w{4}", desk(*asked, "27211").out.decode())
    unknown = desk(*asked, "99999")
    assert (unknown.code, unknown.out, "99999" in unknown.err) == (1, b"", True)
    assert desk("server", "devices", "--json", "--dir", folder).out == b""
    assert desk("server", "revoke", "nobody", "--dir", folder).code == 1
    assert desk("server", "run", "--dir", folder, "--host", "999.0.0.1").code == 1


def test_alone_nothing_is_sent_and_the_state_says_so(desk: Desk) -> None:
    desk.started()
    desk("import", desk.file("ok.csv", HEAD + ",Lê Thị Hằng,1955,Nữ,7 Lê Lợi"), login=True)
    refused = desk("sync", "--json", login=True)
    assert (refused.code, refused.json()) == (1, {"ok": False, "error": "link.no_server"})
    state = desk("sync", "status", "--json", login=True)
    assert (state.code, state.json()["server"], state.json()["waiting"]) == (0, None, 2)
    assert state.json()["waiting_by_type"] == {"household": 1, "person": 1}
    assert "2" in desk("sync", "status", login=True).out.decode()
    assert desk("conflicts", "--json", login=True).out == b""
    assert desk("conflicts", login=True).code == 0


def test_nobody_at_the_address_is_no_link(desk: Desk) -> None:
    answer = desk("init", "--server", "http://127.0.0.1:9", "--code", "AAAA-BBBB-CCCC", login=True)
    assert (answer.code, answer.out, desk.home.exists()) == (3, b"", False)
    desk.started()
    assert desk("join", "--server", "http://127.0.0.1:9", "--code", "AAAA-BBBB-CCCC", login=True).code == 3
    assert desk("sync", "status", "--json", login=True).json()["server"] is None


@pytest.mark.parametrize("needs", [["--server", "http://x"], ["--local"]], ids=["code", "user"])
def test_a_beginning_that_lacks_something_says_what(desk: Desk, needs: list[str]) -> None:
    login = needs[0] == "--server"
    answer = desk("init", *needs, login=login)
    assert answer.code == 1
    assert ("--code" if login else "--user") in answer.err


# -- the demonstration, as its reader follows it -----------------------------------------------------------------


def test_the_demo_without_the_app_leaves_two_laptops_that_sync_by_the_printed_commands(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "một thử"
    done = gonha(tmp_path / "home", "demo", "--no-app", "--folder", str(folder))
    commands = [line.strip() for line in done.out.decode().splitlines() if line.startswith("  ")]
    assert len(commands) == 4
    serve, *syncs, app = commands
    assert serve.endswith("&")
    server = subprocess.Popen(
        run_line(serve.removesuffix("&")), env=environment(tmp_path), stderr=subprocess.PIPE
    )
    try:
        assert server.stderr is not None
        while "http://127.0.0.1" not in (line := server.stderr.readline().decode()):
            assert line, "the server ended"
        listed = tmp_path / "thêm.csv"
        listed.write_text(HEAD + "Khu phố 1,Lê Văn Mới,1980,Nam,99 Trần Phú\n", encoding="utf-8")
        as_lan = ("--user", "lan", "--password-file", str(folder / "password.txt"))
        gonha(folder / "laptop-1", "import", str(listed), *as_lan)
        for line, moved in zip(syncs, [(2, 0), (0, 2)], strict=True):  # a door and a person, up and down
            home, *rest = run_line(line)
            answer = gonha(Path(home.removeprefix("GONHA_HOME=")), *rest[3:], "--json").json()
            assert (answer["ok"], answer["pending"]) == (True, 0)
            assert (answer["pushed"], answer["pulled"]) == moved
        exports = [exported(folder / name, user, folder / "password.txt") for name, user in
                   (("laptop-1", "lan"), ("laptop-2", "minh"))]  # fmt: skip
    finally:
        server.terminate()
        server.communicate(timeout=15)
    assert exports[0] == exports[1]
    assert exports[0].count(b'"type":"person"') == 297 + 1
    assert run_line(app)[0] == f"GONHA_HOME={folder / 'laptop-1'}"
    assert not (tmp_path / "home").exists(), "the reader's own home is left alone"


def run_line(line: str) -> list[str]:
    """A printed command with this checkout's program in the place of ``gonha``."""
    words = [word for word in shlex.split(line) if word]
    place = 1 if "=" in words[0] else 0
    assert words[place] == "gonha"
    return [*words[:place], sys.executable, "-m", "tui_app", *words[place + 1 :]]


def exported(home: Path, user: str, secret: Path) -> bytes:
    return gonha(home, "export", "--user", user, "--password-file", str(secret)).out
