"""The server's key pairs: made once, matching, and never shown."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.server.admin import init
from sync.server.database import migrate
from sync.server.keys import PublicKeys, public_keys, server_keys
from sync.server.sqlite import SqliteDatabase


def test_preparing_makes_two_pairs_that_match_and_keeps_them(tmp_path: Path) -> None:
    first = init(tmp_path / "server")
    with first.read() as tx:
        told = public_keys(tx)
    first.close()
    again = init(tmp_path / "server")
    with again.read() as tx:
        assert public_keys(tx) == told
        private = server_keys(tx)
    again.close()
    assert private.sealing.public_key().public_bytes_raw() == base64.b64decode(told.sealing)
    Ed25519PublicKey.from_public_bytes(base64.b64decode(told.signing)).verify(
        private.signing.sign(b"answer"), b"answer"
    )


def test_two_servers_have_different_keys(tmp_path: Path) -> None:
    told: list[PublicKeys] = []
    for name in ("one", "two"):
        database = init(tmp_path / name)
        with database.read() as tx:
            told.append(public_keys(tx))
        database.close()
    assert len({key for keys in told for key in (keys.sealing, keys.signing)}) == 4


def test_an_older_database_gets_its_pairs_when_it_is_prepared_again(tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "gonha-server.db")
    migrate(database, "2026-11-22T02:00:00.000Z")
    with database.read() as tx, pytest.raises(LookupError):
        public_keys(tx)
    database.close()
    prepared = init(tmp_path)
    with prepared.read() as tx:
        assert len(base64.b64decode(public_keys(tx).sealing)) == 32
        assert "PrivateKey" not in repr(server_keys(tx))
    prepared.close()
