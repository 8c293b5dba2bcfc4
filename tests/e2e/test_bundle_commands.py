"""With real processes: a laptop that after its enrolment only ever sees a stick."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.laptops import Answer, Laptop, Server, gonha

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


def at_server(server: Server, *arguments: str, expect: int = 0) -> Answer:
    """What the operator does while the server runs."""
    return gonha(server.folder, "server", *arguments, "--dir", str(server.folder), expect=expect)


def test_a_laptop_without_a_link_works_by_stick(server: Server, tmp_path: Path) -> None:
    """One test and few commands, because each process takes a second."""
    stick = tmp_path / "stick"
    stick.mkdir()
    far = Laptop(tmp_path / "far", "lan", server)
    device = json.loads(at_server(server, "devices", "--json").out)["id"]

    first = stick / "first.gonha"
    given = at_server(server, "bundle", "out", device, str(first), "--json").json()
    assert (given["user"], given["rows"]) == ("lan", 2)
    assert far.run("bundle", "in", str(first), "--json").json()["pulled"] == 2

    listed = tmp_path / "list.csv"
    listed.write_text(LIST, encoding="utf-8")
    records = far.run("import", str(listed), "--json").json()["records"]
    out = far.run("bundle", "out", str(stick), "--json")
    written = out.json()
    assert (written["ops"], written["left"]) == (records, 0)
    assert "vẫn được tính là chưa gửi" in out.err
    file = Path(written["file"])
    assert file.parent == stick
    assert "tệp gửi cho máy chủ" in far.run("bundle", "in", str(file), expect=1).err

    answer = stick / "answer.gonha"
    told = at_server(server, "bundle", "in", str(file), "--out", str(answer))
    assert f"{records} thay đổi" in told.err
    again = at_server(server, "bundle", "in", str(file), "--out", str(answer), "--json")
    assert again.json()["results"] == {"duplicate": records}
    assert "đã nhận lúc" in again.err
    back = far.run("bundle", "in", str(answer), "--json").json()
    assert (back["applied"], back["pending"], back["another_round"]) == (records, 0, False)

    at_server(server, "revoke", device)
    refused = at_server(server, "bundle", "in", str(file), "--out", str(stick), expect=1)
    assert "đã bị thu hồi" in refused.err
    assert {path.name for path in stick.iterdir()} == {first.name, file.name, answer.name}
    for found in ("Nguyễn", "Hằng", "903123456", "079061123456", "Lê Lợi"):
        for path in stick.iterdir():
            assert found.encode() not in path.read_bytes()
