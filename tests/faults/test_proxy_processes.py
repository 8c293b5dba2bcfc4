"""``gonha sync`` as a process, the server as another one, and a link between them that fails every few kilobytes."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

from sync.server.admin import FILE_NAME
from tests.e2e.laptops import Laptop, Server
from tests.faults.proxy import PORTAL, Plan, Proxy

PEOPLE = 40


def test_a_list_goes_through_a_link_that_fails_all_the_time(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    server = Server(tmp_path / "server")
    proxy = Proxy(int(server.url.rpartition(":")[2]))
    random = Random(3)
    try:
        through: Any = SimpleNamespace(url=proxy.url, invite=server.invite)
        laptop = Laptop(tmp_path / "lan", "lan", through)
        laptop.run("sync")
        listed = tmp_path / "danh_sach.csv"
        lines = [f"Khu phố 1,{n},Nguyễn Văn Đức,19{n + 30},Nam,{n} Lê Lợi" for n in range(PEOPLE)]
        listed.write_text(
            "\n".join(["Khu phố,Hộ số,Họ và tên,Năm sinh,Giới tính,Địa chỉ", *lines]) + "\n", encoding="utf-8"
        )
        laptop.run("import", str(listed))
        proxy.plans = [PORTAL, Plan(cut_up=300), Plan(cut_down=500), Plan(half_close=200)]
        proxy.usual = lambda: Plan(
            cut_up=random.randrange(2000, 40_000), cut_down=random.randrange(2000, 40_000)
        )
        codes = []
        for _ in range(8):
            codes.append(laptop.run("sync", expect=None).code)
            if codes[-1] == 0:
                break
        assert codes[0] != 0
        assert codes[-1] == 0
        with sqlite3.connect(tmp_path / "server" / FILE_NAME) as there:
            results = {result for (result,) in there.execute("SELECT DISTINCT result FROM op")}
            persons = there.execute("SELECT count(*) FROM record WHERE type = 'person'").fetchone()[0]
        assert (results, persons) == ({"applied"}, PEOPLE)
    finally:
        proxy.close()
        server.stop()
