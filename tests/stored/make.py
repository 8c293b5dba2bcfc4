"""``python -m tests.stored.make FOLDER``: bodies and databases as this version writes them, for later versions to read.

Run it once when a schema is released, into a new folder; what is there is never written again. The laptop's database is
encrypted under the test key ``KEY``.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path

import httpx

from tests.sync.ward import Ward

PERSON = {"full_name": "Nguyễn Văn Đức", "household": "h1", "birth_year": 1961, "phone": "+84903123456"}


def make(folder: Path) -> None:
    """Write push.body, pull.body, laptop.db, server.db and what is in them, facts.json."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as temporary:
        ward = Ward(Path(temporary))
        one, other = ward.laptop("lan"), ward.laptop("minh")
        one.sync()
        other.sync()
        person = one.create("person", ident="01900000-0000-7000-8000-000000000001", **PERSON)
        one.create(
            "household_visit",
            ident="01900000-0000-7000-8000-000000000002",
            household="h1",
            at="2026-11-22T02:00:00.000Z",
            outcome="absent",
        )
        one.sync()
        push = next(b for path, b in zip(one.wire.asked, one.wire.sent, strict=True) if path == "/v1/push")
        other.sync()
        other.change("person", person, birth_year=1962, note="sửa trên máy kia")
        one.change("person", person, birth_year=1963)
        one.sync()
        other.sync()
        one.sync()
        one.change("person", person, note="chưa gửi")
        headers = {"Authorization": f"Bearer {one.token}", "Sync-Protocol": "1", "Accept-Encoding": "zstd"}
        asked = {"cursors": dict.fromkeys(ward.areas, ("", 0))}
        with (
            httpx.Client(transport=one.wire, base_url="http://server", headers=headers) as http,
            http.stream("POST", "/v1/pull", json=asked) as answer,
        ):
            pull = b"".join(answer.iter_raw())
        (folder / "push.body").write_bytes(push)
        (folder / "pull.body").write_bytes(pull)
        facts = {
            "device": one.device,
            "token": one.token,
            "areas": ward.areas,
            "person": person,
            "waiting": 1,
            "digests": one.digests(),
            "export": one.export().decode(),
        }
        (folder / "facts.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
        path = one.store.path
        ward.close()
        shutil.copyfile(path, folder / "laptop.db")
        with sqlite3.connect(Path(temporary) / "server" / "gonha-server.db") as source:
            source.execute("VACUUM INTO ?", (str(folder / "server.db"),))


if __name__ == "__main__":
    make(Path(sys.argv[1]))
