"""A small vault for the tests of keys, copies and restores: its passwords cost next to nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tui_app.settings import Places
from tui_app.store import cipher, vault
from tui_app.store.vault_file import Cost

CHEAP = Cost(passes=1, memory_kib=64, lanes=1)
LAN = "mật khẩu của Lan"
TAM = "con trâu đi trước"


class HandClock:
    """A clock that moves only by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Home:
    """A workspace with the chief ``lan``; `write` and `rows` go through the encrypted database."""

    def __init__(self, folder: Path, clock: HandClock) -> None:
        self.places = Places(folder)
        self.clock = clock
        self.opened, self.code = vault.create(self.places, "lan", LAN, "chief", clock, CHEAP)

    def add_tam(self, role: str = "member") -> None:
        vault.add_user(self.places, self.opened, "tâm", TAM, role)

    def unlock(self, user: str = "lan", password: str = LAN) -> vault.Opened:
        return vault.unlock(self.places, user, password, self.clock)

    def write(self, *names: str, key: bytes | None = None) -> None:
        connection = cipher.open_database(self.places.database, key or self.opened.data_key)
        connection.execute("CREATE TABLE IF NOT EXISTS person (name TEXT)")
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO person VALUES (?)", [(name,) for name in names])
        connection.execute("COMMIT")
        connection.close()

    def rows(self, key: bytes) -> list[str]:
        connection = cipher.open_database(self.places.database, key)
        try:
            return [row[0] for row in connection.execute("SELECT name FROM person ORDER BY rowid")]
        finally:
            connection.close()
