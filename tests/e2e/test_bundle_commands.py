"""With real processes: one laptop online, one that only ever sees a stick, and the same end on both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.laptops import Laptop, Server, gonha

LIST = """Khu phố,Hộ số,Họ và tên,Năm sinh,Giới tính,CCCD,Địa chỉ,Điện thoại,Quan hệ với chủ hộ,Bệnh nền
Khu phố 1,1,Nguyễn Văn Đức,1961,Nam,079061123456,12 Lê Lợi,0903123456,Chủ hộ,THA
Khu phố 2,2,Lê Thị Hằng,1955,Nữ,,7 Hàn Hải Nguyên,0903765432,Chủ hộ,
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "server").mkdir()
    made = Server(tmp_path / "server")
    yield made
    made.stop()


def carried(server: Server, file: Path, *, expect: int = 0) -> tuple[Path, str]:
    """The stick at the server: the answer's file, and what the operator read."""
    answer = file.with_name(f"answer-{file.name}")
    told = gonha(
        server.folder, "server", "bundle", "in", str(file), "--out", str(answer), "--dir", str(server.folder),
        expect=expect,
    )  # fmt: skip
    return answer, told.err


def test_a_laptop_without_a_link_works_by_stick(server: Server, tmp_path: Path) -> None:
    """One test, because each process takes a second."""
    stick = tmp_path / "stick"
    stick.mkdir()
    far, near = Laptop(tmp_path / "far", "lan", server), Laptop(tmp_path / "near", "minh", server)
    its_first_load_comes_by_stick(server, far, stick)
    what_it_wrote_goes_out_and_the_answer_comes_back(server, far, near, stick)
    files_in_wrong_hands_are_refused_in_words(server, far, near, stick)
    a_revoked_laptops_file_is_refused(server, far, stick)
    assert {path.suffix for path in stick.iterdir()} <= {".gonha", ".csv"}, "nothing half-written is left"
    for found in ("Nguyễn", "Hằng", "903123456", "079061123456", "Lê Lợi"):
        for path in stick.glob("*.gonha"):
            assert found.encode() not in path.read_bytes()


def its_first_load_comes_by_stick(server: Server, far: Laptop, stick: Path) -> None:
    device = json.loads(
        gonha(server.folder, "server", "devices", "--json", "--dir", str(server.folder)).out.splitlines()[-1]
    )["id"]
    first = stick / "first.gonha"
    given = gonha(
        server.folder, "server", "bundle", "out", device, str(first), "--dir", str(server.folder), "--json"
    ).json()
    assert (given["user"], given["rows"]) == ("lan", 2)
    assert far.run("bundle", "in", str(first), "--json").json()["pulled"] == 2


def what_it_wrote_goes_out_and_the_answer_comes_back(
    server: Server, far: Laptop, near: Laptop, stick: Path
) -> None:
    listed = stick / "list.csv"
    listed.write_text(LIST, encoding="utf-8")
    report = far.run("import", str(listed), "--json").json()
    listed.unlink()
    out = far.run("bundle", "out", str(stick), "--json")
    written = out.json()
    assert (written["ops"], written["left"]) == (report["records"], 0)
    assert "vẫn được tính là chưa gửi" in out.err
    file = Path(written["file"])
    assert file.parent == stick
    assert far.run("sync", "status", "--json").json()["waiting"] == report["records"]
    answer, told = carried(server, file)
    assert f"{report['records']} thay đổi" in told
    back = far.run("bundle", "in", str(answer), "--json").json()
    assert (back["applied"], back["pending"], back["again"]) == (report["records"], 0, None)
    near.run("sync")
    assert far.run("export").out == near.run("export").out
    again, told = carried(server, file)
    assert "đã nhận lúc" in told
    assert far.run("bundle", "in", str(again), "--json").json()["pushed"] == 0
    assert "đã nhận lúc" in far.run("bundle", "in", str(again)).err


def files_in_wrong_hands_are_refused_in_words(server: Server, far: Laptop, near: Laptop, stick: Path) -> None:
    file = Path(far.run("bundle", "out", str(stick / "out.gonha"), "--json").json()["file"])
    answer, _ = carried(server, file)
    assert "dành cho máy khác" in near.run("bundle", "in", str(answer), expect=1).err
    assert "tệp gửi cho máy chủ" in far.run("bundle", "in", str(file), expect=1).err
    assert "tệp trả lời cho máy tính" in carried(server, answer, expect=1)[1]
    cut = stick / "cut.gonha"
    cut.write_bytes(answer.read_bytes()[:-10])
    assert "thiếu phần cuối" in far.run("bundle", "in", str(cut), expect=1).err
    assert "GONHA" not in far.run("bundle", "in", str(stick / "none.gonha"), expect=1).err
    far.run("bundle", "in", str(answer))


def a_revoked_laptops_file_is_refused(server: Server, far: Laptop, stick: Path) -> None:
    file = Path(far.run("bundle", "out", str(stick / "last.gonha"), "--json").json()["file"])
    devices = gonha(server.folder, "server", "devices", "--json", "--dir", str(server.folder)).lines()
    device = next(line["id"] for line in devices if line["user"] == "lan")
    gonha(server.folder, "server", "revoke", device, "--dir", str(server.folder))
    assert "đã bị thu hồi" in carried(server, file, expect=1)[1]
